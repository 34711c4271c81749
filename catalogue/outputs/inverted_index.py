"""The index that lunr.js loads, written directly: the same bytes as lunr.py serialises, in a fraction of its time.

lunr.py keeps an object for each token and a dictionary for each posting, most of which only lead to its own queries. Here
each term has a number and each posting is one, and the serialised form is written from them. The formula is that of
lunr.py 0.8.0 (`Builder._create_field_vectors`, `idf.py`), operation by operation, since floats must come out equal.
"""

import gc
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from json.encoder import encode_basestring
from operator import itemgetter

from lunr.builder import Builder

from .files import json_text

# The version whose serialised form this module knows; with another one lunr.py itself builds the index.
KNOWN = "0.8.0"
_JAVASCRIPT = "2.3.9"  # the version of lunr.js that it serialises for
_K1 = 1.2

Document = tuple[str, Mapping[str, Sequence[str]]]


def index_text(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    """The serialised index of lunr.js as compact JSON with sorted keys.

    `documents` are pairs of a reference, which no two may share, and the words of each field that is in `boosts`. There
    must be at least one: lunr would divide by their number. Words are taken as they are, but for capital letters.
    """
    if version("lunr") != KNOWN:
        return by_lunr(documents, boosts, b=b)
    with _uncollected():
        return _direct(documents, boosts, b=b)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles, of which there are none here: it would look at all postings again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def by_lunr(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
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
class _Words:
    """The words of documents as numbers: their references, the rows of each field, the number of each term, and in how
    many fields of documents each term is."""

    refs: Sequence[str]
    rows: Mapping[str, Sequence[_Row]]
    numbers: Mapping[str, int]
    having: Sequence[int]


def _numbered(documents: Iterable[Document], fields: Iterable[str]) -> _Words:
    refs: list[str] = []
    rows: dict[str, list[_Row]] = {field: [] for field in fields}
    numbers = _Numbers()
    for ref, words in documents:
        refs.append(ref)
        for field, of_field in rows.items():
            given = [numbers[word] for word in words[field]]
            terms = tuple(sorted(set(given)))
            of_field.append((len(given), terms, _ONCE if len(terms) == len(given) else Counter(given)))
    having = [0] * len(numbers.of_terms)
    for of_field in rows.values():
        for _, terms, _ in of_field:
            for number in terms:
                having[number] += 1  # a document counts in each field that has the term
    return _Words(refs, rows, numbers.of_terms, having)


def weighed(
    documents: Iterable[Document], boosts: Mapping[str, int], *, b: float
) -> tuple[list[str], Iterator[dict[int, tuple[int, int]]]]:
    """All terms, and for each document the terms that it has by their numbers, each with the fields that have it, as bits in
    the order of `boosts`, and the sum of what it weighs in them, in thousandths: what `index_text` says, in numbers."""
    with _uncollected():
        words = _numbered(documents, boosts)
    return list(words.numbers), _weighed(words, boosts, b)


def _weighed(words: _Words, boosts: Mapping[str, int], b: float) -> Iterator[dict[int, tuple[int, int]]]:
    rarities = [_rarity(len(words.refs), having) for having in words.having]
    columns = [
        (1 << place, boosts[field], _average(of_field), of_field)
        for place, (field, of_field) in enumerate(words.rows.items())
    ]
    for number in range(len(words.refs)):
        found: dict[int, tuple[int, int]] = {}
        for bit, boost, average, of_field in columns:
            length, terms, often = of_field[number]
            norm = _norm(length, average, b) if terms else 0
            for term in terms:
                fields, weight = found.get(term, (0, 0))
                more = round(_weight(often.get(term, 1), norm, rarities[term], boost) * 1000)
                found[term] = (fields | bit, weight + more)
        yield found


def _direct(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    words = _numbered(documents, boosts)
    refs, rows, having = words.refs, words.rows, words.having
    postings = {field: _postings(refs, of_field) for field, of_field in rows.items()}
    vectors = [_vectors(field, refs, of_field, having, boosts[field], b) for field, of_field in rows.items()]
    return (
        '{"fieldVectors":['
        + ",".join(text for of_document in zip(*vectors, strict=True) for text in of_document)
        + f'],"fields":{json_text(list(boosts))},"invertedIndex":['
        + ",".join(_inverted(words.numbers, postings))
        + f'],"pipeline":[],"version":"{_JAVASCRIPT}"}}'
    )


def _postings(refs: Sequence[str], rows: Sequence[_Row]) -> Mapping[int, list[str]]:
    """For each term of a field the documents that have it, as they are written, in the order of their references."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for ref, (_, terms, _) in sorted(zip(refs, rows, strict=True), key=itemgetter(0)):
        key = f"{encode_basestring(ref)}:{{}}"
        for number in terms:
            found[number].append(key)
    return found


class _Weights(dict[int, str]):
    """What a term weighs that stands so many times in a field of such a norm, by how many documents have it; written."""

    def __init__(self, frequency: int, norm: float, documents: int, boost: int) -> None:
        self.frequency, self.norm, self.documents, self.boost = frequency, norm, documents, boost

    def __missing__(self, having: int) -> str:
        text = self[having] = repr(_weight(self.frequency, self.norm, _rarity(self.documents, having), self.boost))
        return text


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + abs((documents - having + 0.5) / (having + 0.5)))


def _weight(frequency: int, norm: float, rarity: float, boost: int) -> float:
    return round(rarity * ((_K1 + 1) * frequency) / (norm + frequency) * boost, 3)


def _average(rows: Sequence[_Row]) -> float:
    return sum(length for length, _, _ in rows) / len(rows)


def _norm(length: int, average: float, b: float) -> float:
    return _K1 * (1 - b + b * (length / average))


def _vectors(
    field: str, refs: Sequence[str], rows: Sequence[_Row], having: Sequence[int], boost: int, b: float
) -> Iterator[str]:
    """The weights of the terms of a field, for each document."""
    average = _average(rows)

    @cache
    def weights(length: int, frequency: int) -> _Weights:
        return _Weights(frequency, _norm(length, average, b), len(refs), boost)

    for ref, (length, terms, often) in zip(refs, rows, strict=True):
        if often:
            parts = [f"{number},{weights(length, often[number])[having[number]]}" for number in terms]
        elif terms:
            known = weights(length, 1)
            parts = [f"{number},{known[having[number]]}" for number in terms]
        else:
            parts = []
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
