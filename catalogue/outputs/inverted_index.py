"""The index that lunr.js loads, written directly: the same bytes as lunr.py serialises, in a fraction of its time.

lunr.py keeps an object for each token and a dictionary for each posting, most of which only lead to its own queries. Here
each term has a number and each posting is one, and the serialised form is written from them. The formula is that of
lunr.py 0.8.0 (`Builder._create_field_vectors`, `idf.py`), operation by operation, since floats must come out equal.
"""

import gc
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from json.encoder import encode_basestring
from operator import itemgetter
from typing import TypeVar

from lunr.builder import Builder

from .files import json_text

# The version whose serialised form this module knows; with another one lunr.py itself builds the index.
LUNR_VERSION = "0.8.0"
_JAVASCRIPT = "2.3.9"  # the version of lunr.js that it serialises for
_K1 = 1.2

T = TypeVar("T")
Document = tuple[str, Mapping[str, Sequence[str]]]


def index_text(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    """The serialised index of lunr.js as compact JSON with sorted keys.

    `documents` are pairs of a reference, which no two may share, and the words of each field that is in `boosts`. There
    must be at least one: lunr would divide by their number. Words are taken as they are, but for capital letters.
    """
    return "".join(index_parts(numbered(documents, boosts), boosts, b=b))


def index_parts(words: "Words", boosts: Mapping[str, int], *, b: float) -> Iterator[str]:
    """The same piece by piece: who sees that it becomes too long need not have it all."""
    if version("lunr") == LUNR_VERSION:
        yield from _direct(words, boosts, b)
    else:
        yield index_text_by_lunr(words.documents(), boosts, b=b)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Without the search for cycles, where none are made: it would look at all postings again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def index_text_by_lunr(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    """The same, by lunr.py itself: what `index_text` is held against."""
    builder = Builder()
    builder.ref("ref")
    for field, boost in boosts.items():
        builder.field(field, boost=boost)
    builder.b(b)
    for ref, words in documents:
        builder.add({"ref": ref, **{field: list(words[field]) for field in boosts}})
    return json_text(builder.build().serialize())


class _Numbers(dict[str, int]):
    """The number of the term of each word as it is given; a new term gets the next one."""

    def __init__(self) -> None:
        self.of_terms: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = self.of_terms.setdefault(word.lower(), len(self.of_terms))
        return number


# Of one field of one document: how many words it has, the numbers of its terms in their order, and how often it has those
# that it has more than once.
_Row = tuple[int, tuple[int, ...], Mapping[int, int]]
_ONCE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of documents as numbers: their references, the rows of each field, the number of each term, and in how
    many fields of documents each term is."""

    refs: Sequence[str]
    rows: Mapping[str, Sequence[_Row]]
    numbers: Mapping[str, int]
    having: Sequence[int]

    def documents(self) -> Iterator[Document]:
        """The documents of which the numbers come out the same: each word as often, new ones in the order in which they came."""
        terms = list(self.numbers)
        for place, ref in enumerate(self.refs):
            said = ((field, rows[place]) for field, rows in self.rows.items())
            yield ref, {field: [terms[each] for each in row for _ in range(often.get(each, 1))] for field, (_, row, often) in said}  # fmt: skip


def numbered(documents: Iterable[Document], fields: Iterable[str]) -> Words:
    """The words of these fields as numbers, of which both kinds of index are made."""
    refs: list[str] = []
    rows: dict[str, list[_Row]] = {field: [] for field in fields}
    numbers = _Numbers()
    with gc_paused():
        for ref, words in documents:
            refs.append(ref)
            for field, of_field in rows.items():
                given = list(map(numbers.__getitem__, words[field]))
                terms = tuple(sorted(set(given)))
                of_field.append((len(given), terms, _ONCE if len(terms) == len(given) else Counter(given)))
    having = [0] * len(numbers.of_terms)
    for of_field in rows.values():
        for _, terms, _ in of_field:
            for number in terms:
                having[number] += 1  # a document counts in each field that has the term
    return Words(refs, rows, numbers.of_terms, having)


# So many fields there may be: what stands above their bits is a weight.
FIELDS = 16


def weighed(words: Words, refs: Iterable[str], boosts: Mapping[str, int], *, b: float) -> Iterator[dict[int, int]]:
    """What `index_text` says, in numbers: for each of these documents its terms, by their numbers.

    Of each the lower `FIELDS` bits are the fields that have it, in the order of `boosts`, and what stands above them is
    the sum of what it weighs in these, in thousandths.
    """
    place_of = {ref: place for place, ref in enumerate(words.refs)}

    def made(field: int) -> Callable[[float], int]:
        return lambda weight: round(weight * 1000) << FIELDS | 1 << field

    columns = [
        (words.rows[field], _weights(words, field, boost, b, made(number)))
        for number, (field, boost) in enumerate(boosts.items())
    ]
    having = words.having
    for ref in refs:
        found: dict[int, int] = {}
        for rows, weights in columns:
            length, terms, often = rows[place_of[ref]]
            known = weights(length, 1)
            for term in terms:
                if often:
                    known = weights(length, often[term])
                found[term] = found.get(term, 0) + known[having[term]]
        yield found


def _direct(words: Words, boosts: Mapping[str, int], b: float) -> Iterator[str]:
    vectors = [_vectors(words, field, boost, b) for field, boost in boosts.items()]
    yield '{"fieldVectors":['
    for number, of_document in enumerate(zip(*vectors, strict=True)):
        yield f"{',' if number else ''}{','.join(of_document)}"
    yield f'],"fields":{json_text(list(boosts))},"invertedIndex":['
    with gc_paused():
        postings = {field: _postings(words.refs, of_field) for field, of_field in words.rows.items()}
        inverted = ",".join(_inverted(words.numbers, postings))
    yield f'{inverted}],"pipeline":[],"version":"{_JAVASCRIPT}"}}'


def _postings(refs: Sequence[str], rows: Sequence[_Row]) -> Mapping[int, list[str]]:
    """For each term of a field the documents that have it, as they are written, in the order of their references."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for ref, (_, terms, _) in sorted(zip(refs, rows, strict=True), key=itemgetter(0)):
        key = f"{encode_basestring(ref)}:{{}}"
        for number in terms:
            found[number].append(key)
    return found


class _Weights(dict[int, T]):
    """What a term weighs that stands so many times in a field of such a norm, by how many documents have it; as it is made."""

    def __init__(self, frequency: int, norm: float, documents: int, boost: int, made: Callable[[float], T]) -> None:
        self.frequency, self.norm, self.documents, self.boost, self.made = frequency, norm, documents, boost, made

    def __missing__(self, having: int) -> T:
        weight = _weight(self.frequency, self.norm, _rarity(self.documents, having), self.boost)
        found = self[having] = self.made(weight)
        return found


def _weights(
    words: Words, field: str, boost: int, b: float, made: Callable[[float], T]
) -> Callable[[int, int], _Weights[T]]:
    """What terms weigh in a field, by how many words it has and how often it has the term."""
    rows = words.rows[field]
    average = sum(length for length, _, _ in rows) / len(rows)

    @cache
    def weights(length: int, frequency: int) -> _Weights[T]:
        norm = _K1 * (1 - b + b * (length / average)) if length else 0
        return _Weights(frequency, norm, len(rows), boost, made)

    return weights


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + abs((documents - having + 0.5) / (having + 0.5)))


def _weight(frequency: int, norm: float, rarity: float, boost: int) -> float:
    return round(rarity * ((_K1 + 1) * frequency) / (norm + frequency) * boost, 3)


def _vectors(words: Words, field: str, boost: int, b: float) -> Iterator[str]:
    """The weights of the terms of a field, for each document."""
    weights = _weights(words, field, boost, b, repr)
    having = words.having
    for ref, (length, terms, often) in zip(words.refs, words.rows[field], strict=True):
        if often:
            parts = [f"{number},{weights(length, often[number])[having[number]]}" for number in terms]
        else:
            known = weights(length, 1)
            parts = [f"{number},{known[having[number]]}" for number in terms]
        yield f"[{encode_basestring(f'{field}/{ref}')},[{','.join(parts)}]]"


def _inverted(numbers: Mapping[str, int], postings: Mapping[str, Mapping[int, Sequence[str]]]) -> Iterator[str]:
    """The documents that have each term, by field."""
    # The number of a term stands among its fields, where the letters of `_index` put it.
    keys = sorted([*postings, "_index"])
    empty = [f"{encode_basestring(key)}:{{}}" for key in keys]
    own = keys.index("_index")
    having: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for field, found in postings.items():
        place = keys.index(field)
        start = encode_basestring(field)
        for number, where in found.items():
            having[number].append((place, f"{start}:{{{','.join(where)}}}"))
    for term, number in sorted(numbers.items()):
        parts = empty.copy()
        parts[own] = f'"_index":{number}'
        for place, text in having[number]:
            parts[place] = text
        yield f"[{encode_basestring(term)},{{{','.join(parts)}}}]"
