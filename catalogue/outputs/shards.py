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
from itertools import accumulate, islice

from ..model import Catalogue, Software
from ..text import fold
from ..words import PREFIX_FROM, SIMILAR_FROM, parts
from .facets import Facet, FacetValue, facet_values, facets, sort_date, subjects
from .files import File, json_text, text_file
from .inverted_index import Document, weighed
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

# Where a file stands below the folder of its build, and what it holds.
Body = tuple[str, dict[str, object]]


@dataclass(slots=True)
class _Postings:
    """The entries that have a term, and for each the fields that have it with the level of its weight."""

    places: "array[int]" = field(default_factory=lambda: array("I"))
    codes: "array[int]" = field(default_factory=lambda: array("I"))

    def add(self, place: int, fields: int, weight: int = 0) -> None:
        self.places.append(place)
        self.codes.append(fields * len(DIGITS) + weight)


@dataclass(slots=True)
class _Spots:
    """Where in names a term stands: for each entry, in its name and in its other names."""

    own: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    other: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def shard_files(
    catalogue: Catalogue,
    documents: Iterable[Document],
    boosts: Mapping[str, int],
    *,
    b: float,
    identifiers: Callable[[Software], Mapping[str, str]],
) -> Iterator[File]:
    """All files but those of the cards; the first is the manifest, which the pages name.

    `documents` are the words of the entries, in the order of the list.
    """
    entries = list_order(catalogue)
    manifest: dict[str, object] = {
        "total": len(entries),
        "cards": CARDS,
        "fields": list(boosts),
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

    terms, rows = _terms(entries, documents, boosts, b)
    manifest["terms"] = keep_ranges("terms", _term_ranges(terms, rows, boosts))
    manifest["near"] = keep_ranges("near", _near_ranges(terms, rows))
    manifest["tails"] = keep_ranges("tails", _tail_ranges(terms, rows))
    manifest["identifiers"] = keep_ranges("identifiers", _identifier_ranges(entries, identifiers))
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
    build = digest.hexdigest()[:12]
    yield _file(f"search/{build}.json", build, head)
    for name, text in bodies:
        yield _file(f"search/{build}/{name}.json", build, text)


def _file(path: str, build: str, text: str) -> File:
    # The page knows the name of its build; a file that says another was made by another.
    return text_file(path, f'{{"build":"{build}",{text[1:]}')


def cards_folder(manifest: str) -> str:
    """Where the files of cards stand, of the manifest at this path."""
    return f"{manifest.removesuffix('.json')}/cards/"


def is_wide(facet: Facet) -> bool:
    """Whether the values of a facet are too many to stand in the page. A value that an entry may have is looked for there."""
    return len(facet.values) > VALUES_AT_MOST and not facet.has_maybe


def is_manifest(file: File) -> bool:
    """Whether a file says where the files of a divided index begin."""
    return re.fullmatch(r"search/[0-9a-f]+\.json", file.path) is not None and b'"terms":[' in file.content


# ---- terms


def _terms(
    entries: Sequence[Software], documents: Iterable[Document], boosts: Mapping[str, int], b: float
) -> tuple[list[str], dict[str, tuple[_Postings, _Spots | None]]]:
    """All terms in their order, and of each where it is."""
    names, rows = weighed(documents, boosts, b=b)
    postings = [_Postings() for _ in names]
    number_of = {term: number for number, term in enumerate(names)}
    spots: dict[str, _Spots] = defaultdict(_Spots)
    for place, (software, row) in enumerate(zip(entries, rows, strict=True)):
        titles = _note_spots(software, place, spots)
        for title in titles:
            number = number_of.setdefault(title, len(postings))
            if number == len(postings):
                postings.append(_Postings())
            fields, weight = row.get(number, (0, 0))
            row[number] = (fields | 1 << TITLE, weight)
        for number, (fields, weight) in row.items():
            postings[number].add(place, fields, level(weight))
    found = {term: (postings[number], spots.get(term)) for term, number in number_of.items()}
    return sorted(found, key=sort_key), found


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


def _term_ranges(
    terms: Sequence[str], rows: Mapping[str, tuple[_Postings, _Spots | None]], boosts: Mapping[str, int]
) -> Iterator[tuple[str, dict[str, object]]]:
    own, other = (1 << list(boosts).index(each) for each in ("name", "alias"))

    def placed(term: str) -> tuple[str, list[int], str, str]:
        postings, spots = rows[term]
        fields = [code // len(DIGITS) for code in postings.codes]
        weights = "".join(DIGITS[code % len(DIGITS)] for code in postings.codes)
        stood: list[int] = []
        for place, mask in zip(postings.places, fields, strict=True):
            if mask & own:
                stood.append(spots.own.get(place, 0) if spots else 0)
            if mask & other:
                stood.append(spots.other.get(place, 0) if spots else 0)
        return rising(postings.places), fields, weights, numbers(stood)

    made = ((term, placed(term)) for term in terms)
    for begin, run in ranges(made, lambda term, row: len(term) + len(row[0]) + 2 * len(row[1]) + len(row[3]), RANGE):
        # What stands in files is a number for each combination of fields that occurs in it, frequent ones first.
        masks = Counter(mask for _, (_, fields, _, _) in run for mask in fields)
        table = {mask: number for number, (mask, _) in enumerate(masks.most_common())}
        yield (
            begin,
            {
                "terms": words(term for term, _ in run),
                "counts": numbers(len(fields) for _, (_, fields, _, _) in run),
                "places": "".join(places for _, (places, _, _, _) in run),
                "masks": list(table),
                "fields": numbers(table[mask] for _, (_, fields, _, _) in run for mask in fields),
                "weights": "".join(weights for _, (_, _, weights, _) in run),
                "spots": "".join(stood for _, (_, _, _, stood) in run),
            },
        )


def read_terms(text: str) -> dict[str, list[tuple[int, int]]]:
    """What a file of terms says: for each term the places of the entries that have it, with the fields as bits."""
    data = json.loads(text)
    places, fields = iter(read_numbers(data["places"])), iter(read_numbers(data["fields"]))
    found = {}
    for term, count in zip(read_words(data["terms"]), read_numbers(data["counts"]), strict=True):
        where = accumulate(islice(places, count), lambda last, step: last + step + 1)
        found[term] = [(place, data["masks"][next(fields)]) for place in where]
    return found


def finds(files: Mapping[str, File], manifest: str, term: str) -> frozenset[int]:
    """The places of the entries that an index finds by a term."""
    begins = json.loads(files[manifest].content)["terms"]
    number = max(place for place, begin in enumerate(begins) if sort_key(begin) <= sort_key(term))
    where = read_terms(files[f"{manifest.removesuffix('.json')}/terms/{number}.json"].text).get(term, [])
    return frozenset(place for place, fields in where if fields & ~(1 << TITLE))


# ---- what a misspelt word may have meant

SEARCHED, IN_NAME, IS_NAME = 1, 2, 4


def _flags(row: tuple[_Postings, _Spots | None]) -> int:
    postings, spots = row
    title = 1 << TITLE
    masks = {code // len(DIGITS) for code in postings.codes}
    return (
        SEARCHED * any(mask & ~title for mask in masks)
        | IN_NAME * (spots is not None)
        | IS_NAME * any(mask & title for mask in masks)
    )


def _near_ranges(
    terms: Iterable[str], rows: Mapping[str, tuple[_Postings, _Spots | None]]
) -> Iterator[tuple[str, dict[str, object]]]:
    """All terms that are long enough, with what they are good for."""
    flagged = ((term, _flags(rows[term])) for term in terms if len(term) >= PREFIX_FROM)
    for begin, run in ranges(flagged, lambda term, _: len(term), LONG_RANGE):
        yield begin, {"terms": words(term for term, _ in run), "flags": numbers(flags for _, flags in run)}


def _tail_ranges(
    terms: Iterable[str], rows: Mapping[str, tuple[_Postings, _Spots | None]]
) -> Iterator[tuple[str, dict[str, object]]]:
    """What stands after the first letter of terms, with the letters: the first letter is what seldom is misspelt."""
    tails: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        if len(term) >= SIMILAR_FROM - 1 and _flags(rows[term]) & SEARCHED:
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
