"""The search index of a large catalogue, divided into many small files (shards), of which a query fetches few.

Sorted by key and divided into ranges are: terms with their posting lists, identifiers, terms to correct misspelt words with,
and the values of facets with many values. A manifest has the first key of each file. A facet with few values, and each order of the
list, is a file with one number for each entry. Entries are numbered by their places in the list of the front page. What the
numbers mean is defined in `rank.js` and `narrow.js`, which work alike on both kinds of index; docs/search.md gives the sizes.
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
from ..words import PREFIX_FROM, SIMILAR_FROM, is_unspaced, parts
from .facets import Facet, FacetValue, facet_values, facets, sort_date, subjects
from .files import File, json_text, text_file
from .inverted_index import FIELDS, gc_paused
from .order import list_order
from .packed import DIGITS, deltas, gaps, level, numbers, ranges, read_numbers, read_words, sort_key, words

# Characters in a file, about; a third of that compressed. A prefix query may need several files.
RANGE = 60_000
# The same for files that are seldom fetched, and then one or two of them.
LONG_RANGE = 120_000
# A facet with more values has files that are fetched when it is used; with fewer, all values are in the page.
VALUES_AT_MOST = 60
# Cards in a file: a page of results fetches little more than it shows.
CARDS = 5

# A bit above those of the fields: the term is a whole name or alternate name, written as one word.
TITLE = 12
# Positions of a term in the name, as bits: bit 1 is the first word, and bit 0 is set if the term is the last word. Positions in
# the alternate names: bit 0 is the first word of the first one, and a bit is left out between two names.
_LAST_BIT = 30

# A posting is one number: the place of the entry, the fields that have the term as bits, and the level of its weight.
_LEVEL_BITS = (len(DIGITS) - 1).bit_length()
_LEVELS = (1 << _LEVEL_BITS) - 1
_FIELDS = (1 << TITLE + 1) - 1
_PLACE = _LEVEL_BITS + TITLE + 1


@dataclass(slots=True)
class _Spots:
    """The positions of a term as bits: by place of the entry, in its name and in its alternate names."""

    own: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    other: dict[int, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class _Term:
    """A term with its posting list, and its positions in names if it is in any."""

    text: str
    postings: "array[int]"
    spots: _Spots | None

    def fields(self) -> int:
        """The fields that have it in any entry, as bits."""
        return reduce(or_, self.postings) >> _LEVEL_BITS & _FIELDS


def shard_files(
    catalogue: Catalogue,
    known: Sequence[str],
    rows: Iterable[dict[int, int]],
    fields: Sequence[str],
    identifiers: Callable[[Software], Mapping[str, str]],
    withdrawn: Mapping[str, list[tuple[str, str]]],
) -> Iterator[File]:
    """All files except those of the cards. The first is the manifest, which the pages name.

    `known` are the terms in the order of their numbers; `rows` is what `term_weights` gives for the entries, in the order of the list.
    """
    build, head, bodies = _bodies(catalogue, known, rows, fields, identifiers, withdrawn)
    yield _file(f"search/{build}.json", build, head)
    for name, text in bodies:
        yield _file(f"search/{build}/{name}.json", build, text)


@gc_paused()
def _bodies(
    catalogue: Catalogue,
    known: Sequence[str],
    rows: Iterable[dict[int, int]],
    fields: Sequence[str],
    identifiers: Callable[[Software], Mapping[str, str]],
    withdrawn: Mapping[str, list[tuple[str, str]]],
) -> tuple[str, str, list[tuple[str, str]]]:
    """The hash that names the build, the manifest, and the other files by path; the hash is not in the texts yet."""
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
    del terms  # the largest object in memory, not needed any more
    manifest["near"] = keep_ranges("near", _near_ranges(flagged))
    manifest["tails"] = keep_ranges("tails", _tail_ranges(flagged))
    manifest["identifiers"] = keep_ranges("identifiers", _identifier_ranges(entries, identifiers))
    # Searched if nothing else is found. Most catalogues have no withdrawn entries, and no file for them.
    manifest["withdrawn"] = keep_ranges("withdrawn", _withdrawn_ranges(withdrawn)) if withdrawn else []
    asked = {each.software.slug: each for each in subjects(catalogue)}
    in_order = [asked[each.slug] for each in entries]
    found = facets(catalogue)
    stated = [facet_values(each) for each in in_order]
    wide = {}
    for facet in found:
        if is_wide(facet):
            postings = _value_postings(facet, stated)
            wide[facet.key] = keep_ranges(f"values-{facet.key}", _value_ranges(facet, postings))
            keep(f"values-{facet.key}/shown", _shown(facet, postings))
        else:
            keep(f"facet-{facet.key}", _column(facet, stated))
    manifest["wide"] = wide
    keep("order-name", _order([sort_key(each.sort_key[0]) for each in entries]))
    keep("order-newest", _order([sort_date(each) for each in entries], descending=True))
    head = json_text(manifest)
    digest.update(head.encode())
    return digest.hexdigest()[:12], head, bodies


def _file(path: str, build: str, text: str) -> File:
    # A page knows the hash of its build; a file with another one belongs to another build.
    return text_file(path, f'{{"build":"{build}",{text[1:]}')


def is_wide(facet: Facet) -> bool:
    """Whether a facet has too many values for the page. Never one with values that an entry may have: scripts read these there."""
    return len(facet.values) > VALUES_AT_MOST and not facet.has_maybe


def is_manifest(file: File) -> bool:
    """Whether a file is the manifest of a sharded index."""
    return re.fullmatch(r"search/[0-9a-f]+\.json", file.path) is not None and b'"terms":[' in file.content


# ---- terms


class _Coded(dict[int, int]):
    """Converts a number of `term_weights` to fields and level of a posting. A cache, since few numbers differ."""

    def __missing__(self, found: int) -> int:
        coded = self[found] = (found & _FIELDS) << _LEVEL_BITS | level(found >> FIELDS)
        return coded


def _terms(entries: Sequence[Software], known: Sequence[str], rows: Iterable[dict[int, int]]) -> list[_Term]:
    """All terms, sorted."""
    number_of = {term: number for number, term in enumerate(known)}
    postings = [array("Q") for _ in known]
    spots: dict[str, _Spots] = defaultdict(_Spots)
    coded = _Coded()
    for place, (software, row) in enumerate(zip(entries, rows, strict=True)):
        for title in _note_spots(software, place, spots):
            number = number_of.setdefault(title, len(postings))
            if number == len(postings):
                postings.append(array("Q"))
            row[number] = row.get(number, 0) | 1 << TITLE
        entry = place << _PLACE
        for number, found in row.items():
            postings[number].append(entry | coded[found])
    return [_Term(term, postings[number_of[term]], spots.get(term)) for term in sorted(number_of, key=sort_key)]


def _note_spots(software: Software, place: int, spots: dict[str, _Spots]) -> set[str]:
    """Add the positions of the words of an entry's names to `spots`; gives the names, each written as one word."""
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
        places = [each >> _PLACE for each in term.postings]
        masks = [each >> _LEVEL_BITS & _FIELDS for each in term.postings]
        weights = "".join([DIGITS[each & _LEVELS] for each in term.postings])
        stood: list[int] = []
        if term.fields() & (own | other):
            for place, mask in zip(places, masks, strict=True):
                if mask & own:
                    stood.append(term.spots.own.get(place, 0) if term.spots else 0)
                if mask & other:
                    stood.append(term.spots.other.get(place, 0) if term.spots else 0)
        return gaps(places), masks, weights, numbers(stood)

    made = ((term.text, placed(term)) for term in terms)
    for begin, run in ranges(made, lambda term, row: len(term) + len(row[0]) + 2 * len(row[1]) + len(row[3]), RANGE):
        # Each combination of fields that occurs in a file gets a number, the frequent ones small numbers.
        every = Counter(chain.from_iterable(masks for _, (_, masks, _, _) in run))
        table = {mask: number for number, (mask, _) in enumerate(every.most_common())}
        yield (
            begin,
            {
                "terms": words(term for term, _ in run),
                "masks": list(table),
                # One text for each term, so that the browser decodes only those that a query needs.
                "places": [places for _, (places, _, _, _) in run],
                "fields": [numbers(table[mask] for mask in masks) for _, (_, masks, _, _) in run],
                "weights": [weights for _, (_, _, weights, _) in run],
                "spots": [stood for _, (_, _, _, stood) in run],
            },
        )


def _read_places(places: str, fields: str, masks: Sequence[int]) -> list[tuple[int, int]]:
    decoded = accumulate(read_numbers(places), lambda last, gap: last + gap + 1)
    return [(place, masks[number]) for place, number in zip(decoded, read_numbers(fields), strict=True)]


def finds(files: Mapping[str, File], manifest: str, term: str) -> frozenset[int]:
    """The places of the entries that have a term in a field. Of the file of the term, only its posting list is decoded."""
    begins = json.loads(files[manifest].content)["terms"]
    number = max(place for place, begin in enumerate(begins) if sort_key(begin) <= sort_key(term))
    data = json.loads(files[f"{manifest.removesuffix('.json')}/terms/{number}.json"].text)
    terms = [*read_words(data["terms"])]
    if term not in terms:
        return frozenset()
    at = terms.index(term)
    where = _read_places(data["places"][at], data["fields"][at], data["masks"])
    return frozenset(place for place, mask in where if mask & ~(1 << TITLE))


# ---- corrections of misspelt words

SEARCHED, IN_NAME, IS_NAME = 1, 2, 4


def _flags(term: _Term) -> int:
    fields, title = term.fields(), 1 << TITLE
    return SEARCHED * (fields & ~title != 0) | IN_NAME * (term.spots is not None) | IS_NAME * (fields & title != 0)


def _near_ranges(flagged: Iterable[tuple[str, int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """All terms that are long enough to correct a word with, and their flags."""
    long = ((term, flags) for term, flags in flagged if len(term) >= PREFIX_FROM)
    for begin, run in ranges(long, lambda term, _: len(term), LONG_RANGE):
        yield begin, {"terms": words(term for term, _ in run), "flags": numbers(flags for _, flags in run)}


def _tail_ranges(flagged: Iterable[tuple[str, int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """Terms without their first letters, each with the letters that occur there: for words whose first letter is wrong."""
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
    """The sets of values that entries have and may have, by the numbers of the values; for each entry, the number of its set."""
    number_of = {value.slug: number for number, value in enumerate(facet.values)}

    def values(text: str) -> tuple[int, ...]:
        return tuple(sorted(number_of[slug] for slug in text.split()))

    sets: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    column = [
        sets.setdefault((values(each[facet.key]), values(each.get(f"maybe-{facet.key}", ""))), len(sets))
        for each in stated
    ]
    return {"sets": list(sets), "column": numbers(column)}


def _value_postings(facet: Facet, stated: Iterable[Mapping[str, str]]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(stated):
        for slug in each[facet.key].split():
            found[slug].append(place)
    return found


def _value(number: int, value: FacetValue, postings: Mapping[str, list[int]]) -> tuple[int, str, str, str]:
    return number, value.slug, value.label, gaps(postings[value.slug])


def _shown(facet: Facet, postings: Mapping[str, list[int]]) -> dict[str, object]:
    """The values that the page shows, with the entries that have them."""
    return {
        "values": [_value(number, value, postings) for number, value in enumerate(facet.values) if value.shown],
    }


def _value_ranges(facet: Facet, postings: Mapping[str, list[int]]) -> Iterator[tuple[str, dict[str, object]]]:
    """The values by each of their words, and by the first part of their slugs, to look up the slugs in an address.

    A word of an unspaced script is found from any of its letters on: the second half of 山田太郎 is a name, too.
    """
    by_word: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    for number, value in enumerate(facet.values):
        own = parts(value.label)
        ends = (word[at:] for word in own if is_unspaced(word) for at in range(1, len(word)))
        for word in {*own, *ends, value.slug.partition("-")[0]}:
            by_word[word].append(_value(number, value, postings))
    ordered = ((word, by_word[word]) for word in sorted(by_word, key=sort_key))

    def weight(word: str, found: Sequence[tuple[int, str, str, str]]) -> int:
        return len(word) + sum(len(slug) + len(label) + len(where) + 15 for _, slug, label, where in found)

    for begin, run in ranges(ordered, weight, LONG_RANGE):
        yield begin, {"words": run}


# ---- orders


def _order(keys: Sequence[object], *, descending: bool = False) -> dict[str, object]:
    """For each entry, its rank in another order; equal keys have the same rank."""
    distinct = sorted(set(keys), reverse=descending)  # type: ignore[type-var]
    rank = {key: number for number, key in enumerate(distinct)}
    return {"ranks": deltas(rank[key] for key in keys)}
