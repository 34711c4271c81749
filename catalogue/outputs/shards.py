"""The search of a catalogue whose index is too large to be fetched whole: many small files, of which a query needs few.

A manifest says where each file begins. Terms with the entries that have them, identifiers, terms by which misspelt words are
guessed, and the values of facets that have many stand in files by ranges of keys; facets that have few, and the orders of
the list, in a file each with a number for every entry. Entries have numbers, too: their places in the list of the front page.
What the numbers mean is in `rank.js` and `narrow.js`, whose rules are the same whichever index they read; docs/search.md says
what it weighs.
"""

import hashlib
import json
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate, chain
from operator import or_

from ..model import Catalogue, Software
from ..text import fold
from ..words import PREFIX_FROM, SIMILAR_FROM, parts
from .facets import Facet, FacetValue, facet_values, facets, sort_date, subjects
from .files import File, json_text, text_file
from .inverted_index import FIELDS, uncollected
from .order import list_order
from .packed import DIGITS, changing, level, numbers, ranges, read_numbers, read_words, rising, sort_key, words

# So many letters a file has about, a third of that compressed: the beginning of a word often needs a few files.
RANGE = 60_000
# Files that are seldom asked for, and then one or two of them.
LONG_RANGE = 120_000
# A facet with more values has files of them, asked for when it is used; of one with fewer, all values stand in the page.
VALUES_AT_MOST = 60
# So many cards are in a file: a page of results fetches little more than it shows.
CARDS = 5

# A bit of no field: the term is the whole of a name, or of another name, written as one word.
TITLE = 12
# Which words of the name a term is, as bits: the first word is bit 1, and bit 0 is set where the last is among them. Which
# words of the other names it is: the first is bit 0, and between two names is a gap.
_LAST_BIT = 30

# An entry that has a term is one number: its place, the fields that have the term as bits, and the level of its weight.
_LEVEL_BITS = (len(DIGITS) - 1).bit_length()
_LEVELS = (1 << _LEVEL_BITS) - 1
_FIELDS = (1 << TITLE + 1) - 1
_PLACE = _LEVEL_BITS + TITLE + 1

# Where a file stands below the folder of its build, and what it holds.
Body = tuple[str, dict[str, object]]


@dataclass(slots=True)
class _Spots:
    """Where in names a term stands: for each entry, in its name and in its other names."""

    own: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    other: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class _Term:
    """A term, the entries that have it, and where it stands in their names."""

    text: str
    having: "array[int]"
    spots: _Spots | None

    def fields(self) -> int:
        """All fields that have it in some entry."""
        return reduce(or_, self.having) >> _LEVEL_BITS & _FIELDS


def shard_files(
    catalogue: Catalogue,
    known: Sequence[str],
    rows: Iterable[dict[int, int]],
    fields: Sequence[str],
    identifiers: Callable[[Software], Mapping[str, str]],
    withdrawn: Mapping[str, list[tuple[str, str]]],
) -> Iterator[File]:
    """All files but those of the cards; the first is the manifest, which the pages name.

    `rows` are what `weighed` gives of the entries, in the order of the list, `known` the terms that it numbers.
    """
    build, head, bodies = _bodies(catalogue, known, rows, fields, identifiers, withdrawn)
    yield _file(f"search/{build}.json", build, head)
    for name, text in bodies:
        yield _file(f"search/{build}/{name}.json", build, text)


@uncollected()
def _bodies(
    catalogue: Catalogue,
    known: Sequence[str],
    rows: Iterable[dict[int, int]],
    fields: Sequence[str],
    identifiers: Callable[[Software], Mapping[str, str]],
    withdrawn: Mapping[str, list[tuple[str, str]]],
) -> tuple[str, str, list[tuple[str, str]]]:
    """The name of the build, the manifest, and the other files by their names; none says the build yet."""
    entries = list_order(catalogue)
    manifest: dict[str, object] = {
        "total": len(entries),
        "cards": CARDS,
        "fields": fields,
        "synonyms": catalogue.synonyms,
    }
    bodies: list[tuple[str, str]] = []
    digest = hashlib.sha256()

    def keep(name: str, data: Mapping[str, object]) -> None:
        text = json_text(data)
        digest.update(f"{name}\n{text}\n".encode())
        bodies.append((name, text))

    def keep_ranges(name: str, made: Iterable[tuple[str, dict[str, object]]]) -> list[str]:
        begins = []
        for number, (begin, data) in enumerate(made):
            begins.append(begin)
            keep(f"{name}/{number}", data)
        return begins

    terms = _terms(entries, known, rows)
    manifest["terms"] = keep_ranges("terms", _term_ranges(terms, fields))
    flagged = [(term.text, _flags(term)) for term in terms]
    del terms  # the largest of all that is in memory, and done with
    manifest["near"] = keep_ranges("near", _near_ranges(flagged))
    manifest["tails"] = keep_ranges("tails", _tail_ranges(flagged))
    manifest["identifiers"] = keep_ranges("identifiers", _identifier_ranges(entries, identifiers))
    # Asked where nothing else is found; most catalogues have none, and no file for it.
    manifest["withdrawn"] = keep_ranges("withdrawn", _withdrawn_ranges(withdrawn)) if withdrawn else []
    asked = {each.software.slug: each for each in subjects(catalogue)}
    in_order = [asked[each.slug] for each in entries]
    found = facets(catalogue)
    stated = [facet_values(each) for each in in_order]
    wide = {}
    for facet in found:
        if is_wide(facet):
            having = _having(facet, stated)
            wide[facet.key] = keep_ranges(f"values-{facet.key}", _value_ranges(facet, having))
            keep(f"values-{facet.key}/shown", _shown(facet, having))
        else:
            keep(f"facet-{facet.key}", _column(facet, stated))
    manifest["wide"] = wide
    keep("order-name", _order([sort_key(fold(each.name)) for each in entries]))
    keep("order-newest", _order([sort_date(each) for each in entries], descending=True))
    head = json_text(manifest)
    digest.update(head.encode())
    return digest.hexdigest()[:12], head, bodies


def _file(path: str, build: str, text: str) -> File:
    # The page knows the name of its build; a file that says another was made by another.
    return text_file(path, f'{{"build":"{build}",{text[1:]}')


def is_wide(facet: Facet) -> bool:
    """Whether the values of a facet are too many to stand in the page. A value that an entry may have is looked for there."""
    return len(facet.values) > VALUES_AT_MOST and not facet.has_maybe


def is_manifest(file: File) -> bool:
    """Whether a file says where the files of a divided index begin."""
    return re.fullmatch(r"search/[0-9a-f]+\.json", file.path) is not None and b'"terms":[' in file.content


# ---- terms


class _Coded(dict[int, int]):
    """The fields and the level of what `weighed` says; few of them differ."""

    def __missing__(self, found: int) -> int:
        coded = self[found] = (found & _FIELDS) << _LEVEL_BITS | level(found >> FIELDS)
        return coded


def _terms(entries: Sequence[Software], known: Sequence[str], rows: Iterable[dict[int, int]]) -> list[_Term]:
    """All terms in their order."""
    number_of = {term: number for number, term in enumerate(known)}
    having = [array("Q") for _ in known]
    spots: dict[str, _Spots] = defaultdict(_Spots)
    coded = _Coded()
    for place, (software, row) in enumerate(zip(entries, rows, strict=True)):
        for title in _note_spots(software, place, spots):
            number = number_of.setdefault(title, len(having))
            if number == len(having):
                having.append(array("Q"))
            row[number] = row.get(number, 0) | 1 << TITLE
        entry = place << _PLACE
        for number, found in row.items():
            having[number].append(entry | coded[found])
    return [_Term(term, having[number_of[term]], spots.get(term)) for term in sorted(number_of, key=sort_key)]


def _note_spots(software: Software, place: int, spots: dict[str, _Spots]) -> set[str]:
    """Note where the words of an entry's names stand; gives the names written as one word each."""
    name, *others = ([part.lower() for part in parts(each)] for each in (software.name, *software.alternate_names))
    for number, part in enumerate(name, 1):
        if number <= _LAST_BIT:
            spots[part].own[place] |= 1 << number | (number == len(name))
    gap = 0
    for other in others:
        for number, part in enumerate(other, gap):
            if number <= _LAST_BIT:
                spots[part].other[place] |= 1 << number
        gap += len(other) + 1
    return {"".join(each) for each in (name, *others) if each}


def _term_ranges(terms: Iterable[_Term], fields: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    own, other = (1 << fields.index(each) for each in ("name", "alias"))

    def placed(term: _Term) -> tuple[str, list[int], str, str]:
        places = [each >> _PLACE for each in term.having]
        masks = [each >> _LEVEL_BITS & _FIELDS for each in term.having]
        weights = "".join([DIGITS[each & _LEVELS] for each in term.having])
        stood: list[int] = []
        if term.fields() & (own | other):
            for place, mask in zip(places, masks, strict=True):
                if mask & own:
                    stood.append(term.spots.own.get(place, 0) if term.spots else 0)
                if mask & other:
                    stood.append(term.spots.other.get(place, 0) if term.spots else 0)
        return rising(places), masks, weights, numbers(stood)

    made = ((term.text, placed(term)) for term in terms)
    for begin, run in ranges(made, lambda term, row: len(term) + len(row[0]) + 2 * len(row[1]) + len(row[3]), RANGE):
        # What stands in files is a number for each combination of fields that occurs in it, frequent ones first.
        every = Counter(chain.from_iterable(masks for _, (_, masks, _, _) in run))
        table = {mask: number for number, (mask, _) in enumerate(every.most_common())}
        yield (
            begin,
            {
                "terms": words(term for term, _ in run),
                "masks": list(table),
                # For each term, so that only those that are asked for need be read.
                "places": [places for _, (places, _, _, _) in run],
                "fields": [numbers(table[mask] for mask in masks) for _, (_, masks, _, _) in run],
                "weights": [weights for _, (_, _, weights, _) in run],
                "spots": [stood for _, (_, _, _, stood) in run],
            },
        )


def read_terms(text: str) -> dict[str, list[tuple[int, int]]]:
    """What a file of terms says: for each term the places of the entries that have it, with the fields as bits."""
    data = json.loads(text)
    having = zip(read_words(data["terms"]), data["places"], data["fields"], strict=True)
    return {term: _read_places(places, fields, data["masks"]) for term, places, fields in having}


def _read_places(places: str, fields: str, masks: Sequence[int]) -> list[tuple[int, int]]:
    rising = accumulate(read_numbers(places), lambda last, gap: last + gap + 1)
    return [(place, masks[number]) for place, number in zip(rising, read_numbers(fields), strict=True)]


def finds(files: Mapping[str, File], manifest: str, term: str) -> frozenset[int]:
    """The places of the entries that an index finds by a term. Of its file no more is read than what says that."""
    begins = json.loads(files[manifest].content)["terms"]
    number = max(place for place, begin in enumerate(begins) if sort_key(begin) <= sort_key(term))
    data = json.loads(files[f"{manifest.removesuffix('.json')}/terms/{number}.json"].text)
    terms = [*read_words(data["terms"])]
    if term not in terms:
        return frozenset()
    at = terms.index(term)
    where = _read_places(data["places"][at], data["fields"][at], data["masks"])
    return frozenset(place for place, mask in where if mask & ~(1 << TITLE))


# ---- what a misspelt word may have meant

SEARCHED, IN_NAME, IS_NAME = 1, 2, 4


def _flags(term: _Term) -> int:
    fields, title = term.fields(), 1 << TITLE
    return SEARCHED * (fields & ~title != 0) | IN_NAME * (term.spots is not None) | IS_NAME * (fields & title != 0)


def _near_ranges(flagged: Iterable[tuple[str, int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """All terms that are long enough, with what they are good for."""
    long = ((term, flags) for term, flags in flagged if len(term) >= PREFIX_FROM)
    for begin, run in ranges(long, lambda term, _: len(term), LONG_RANGE):
        yield begin, {"terms": words(term for term, _ in run), "flags": numbers(flags for _, flags in run)}


def _tail_ranges(flagged: Iterable[tuple[str, int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """What stands after the first letter of terms, with the letters: the first letter is what seldom is misspelt."""
    tails: dict[str, list[str]] = defaultdict(list)
    for term, flags in flagged:
        if len(term) >= SIMILAR_FROM - 1 and flags & SEARCHED:
            tails[term[1:]].append(term[0])
    ordered = ((tail, "".join(tails[tail])) for tail in sorted(tails, key=sort_key))
    for begin, run in ranges(ordered, lambda tail, letters: len(tail) + len(letters), LONG_RANGE):
        yield begin, {"tails": words(tail for tail, _ in run), "letters": [letters for _, letters in run]}


# ---- identifiers


def _identifier_ranges(
    entries: Iterable[Software], identifiers: Callable[[Software], Mapping[str, str]]
) -> Iterator[tuple[str, dict[str, object]]]:
    known: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, software in enumerate(entries):
        for key, what in identifiers(software).items():
            known[key].append((place, what))
    ordered = ((key, known[key]) for key in sorted(known, key=sort_key))

    def weight(key: str, found: Sequence[tuple[int, str]]) -> int:
        return len(key) + sum(10 + len(what) for _, what in found)

    for begin, run in ranges(ordered, weight, LONG_RANGE):
        yield begin, {"known": run}


def _withdrawn_ranges(withdrawn: Mapping[str, list[tuple[str, str]]]) -> Iterator[tuple[str, dict[str, object]]]:
    ordered = ((key, withdrawn[key]) for key in sorted(withdrawn, key=sort_key))

    def weight(key: str, found: Sequence[tuple[str, str]]) -> int:
        return len(key) + sum(10 + len(slug) + len(name) for slug, name in found)

    for begin, run in ranges(ordered, weight, LONG_RANGE):
        yield begin, {"known": run}


# ---- facets


def _column(facet: Facet, stated: Iterable[Mapping[str, str]]) -> dict[str, object]:
    """For each entry the number of the set of values that it has, and may have; values have the numbers of their order."""
    number_of = {value.slug: number for number, value in enumerate(facet.values)}

    def values(text: str) -> tuple[int, ...]:
        return tuple(sorted(number_of[slug] for slug in text.split()))

    sets: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    column = [
        sets.setdefault((values(each[facet.key]), values(each.get(f"maybe-{facet.key}", ""))), len(sets))
        for each in stated
    ]
    return {"sets": list(sets), "column": numbers(column)}


def _having(facet: Facet, stated: Iterable[Mapping[str, str]]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(stated):
        for slug in each[facet.key].split():
            found[slug].append(place)
    return found


def _value(number: int, value: FacetValue, having: Mapping[str, list[int]]) -> tuple[int, str, str, str]:
    return number, value.slug, value.label, rising(having[value.slug])


def _shown(facet: Facet, having: Mapping[str, list[int]]) -> dict[str, object]:
    """The values that the page has, with the entries that have them."""
    return {
        "values": [_value(number, value, having) for number, value in enumerate(facet.values) if value.shown],
    }


def _value_ranges(facet: Facet, having: Mapping[str, list[int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """The values by each of their words, and by the first part of their address names, by which an address finds them."""
    by_word: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    for number, value in enumerate(facet.values):
        for word in {*parts(value.label), value.slug.partition("-")[0]}:
            by_word[word].append(_value(number, value, having))
    ordered = ((word, by_word[word]) for word in sorted(by_word, key=sort_key))

    def weight(word: str, found: Sequence[tuple[int, str, str, str]]) -> int:
        return len(word) + sum(len(slug) + len(label) + len(where) + 15 for _, slug, label, where in found)

    for begin, run in ranges(ordered, weight, LONG_RANGE):
        yield begin, {"words": run}


# ---- orders


def _order(keys: Sequence[object], *, descending: bool = False) -> dict[str, object]:
    """For each entry where it comes in another order, equal ones at the same place."""
    distinct = sorted(set(keys), reverse=descending)  # type: ignore[type-var]
    rank = {key: number for number, key in enumerate(distinct)}
    return {"ranks": changing(rank[key] for key in keys)}
