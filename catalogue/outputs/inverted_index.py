"""The index that lunr.js loads, written directly: the same bytes as lunr.py serialises, in a fraction of its time.

lunr.py creates an object for each token and a dictionary for each posting, mostly for its own queries. Here terms and postings
are integers, from which the serialised form is written. The formula is that of lunr.py 0.8.0
(`Builder._create_field_vectors`, `idf.py`), operation by operation, since floats must come out equal.
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

# The version of lunr.py whose serialised form this module writes; with any other version lunr.py itself builds the index.
LUNR_VERSION = "0.8.0"
_JAVASCRIPT = "2.3.9"  # the version of lunr.js that it serialises for
_K1 = 1.2

T = TypeVar("T")
Document = tuple[str, Mapping[str, Sequence[str]]]


def index_text(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    """The serialised index of lunr.js as compact JSON with sorted keys.

    `documents` are pairs of a unique reference and the words of each field in `boosts`. There must be at least one, since
    lunr divides by their number. Words are indexed as they are, in lower case. `b` is that of BM25: how much the length of a
    field counts, from 0 to 1.
    """
    return "".join(index_parts(number_terms(documents, boosts), boosts, b=b))


def index_parts(words: "Words", boosts: Mapping[str, int], *, b: float) -> Iterator[str]:
    """`index_text` in pieces, so that a caller can stop when it becomes too long."""
    if version("lunr") == LUNR_VERSION:
        yield from _direct(words, boosts, b)
    else:
        yield index_text_by_lunr(words.documents(), boosts, b=b)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector while many objects without cycles are created: it would scan them all again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def index_text_by_lunr(documents: Iterable[Document], boosts: Mapping[str, int], *, b: float) -> str:
    """The same index, built by lunr.py itself: the reference implementation that `index_text` is tested against."""
    builder = Builder()
    builder.ref("ref")
    for field, boost in boosts.items():
        builder.field(field, boost=boost)
    builder.b(b)
    for ref, words in documents:
        builder.add({"ref": ref, **{field: list(words[field]) for field in boosts}})
    return json_text(builder.build().serialize())


class _TermNumbers(dict[str, int]):
    """The number of the term of each word. A term is a word in lower case; a new one gets the next number."""

    def __init__(self) -> None:
        self.of_terms: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = self.of_terms.setdefault(word.lower(), len(self.of_terms))
        return number


# One field of one document: its number of words, its terms by their sorted numbers, and the frequencies of its terms; the
# frequencies are left out if all are 1.
_Row = tuple[int, tuple[int, ...], Mapping[int, int]]
_ONCE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of documents as numbers: references, rows by field, numbers by term.

    `document_frequencies` has that of each term by number; a document counts once for each field that has it.
    """

    refs: Sequence[str]
    rows: Mapping[str, Sequence[_Row]]
    numbers: Mapping[str, int]
    document_frequencies: Sequence[int]

    def documents(self) -> Iterator[Document]:
        """Documents that give the same index: the same frequencies in each field, new terms in the order of their numbers."""
        terms = list(self.numbers)
        for place, ref in enumerate(self.refs):
            said = ((field, rows[place]) for field, rows in self.rows.items())
            yield ref, {field: [terms[each] for each in row for _ in range(often.get(each, 1))] for field, (_, row, often) in said}  # fmt: skip


def number_terms(documents: Iterable[Document], fields: Iterable[str]) -> Words:
    """The words of these fields as numbers, from which the single index and the shards are made."""
    refs: list[str] = []
    rows: dict[str, list[_Row]] = {field: [] for field in fields}
    numbers = _TermNumbers()
    with gc_paused():
        for ref, words in documents:
            refs.append(ref)
            for field, of_field in rows.items():
                given = list(map(numbers.__getitem__, words[field]))
                terms = tuple(sorted(set(given)))
                of_field.append((len(given), terms, _ONCE if len(terms) == len(given) else Counter(given)))
    document_frequencies = [0] * len(numbers.of_terms)
    for of_field in rows.values():
        for _, terms, _ in of_field:
            for number in terms:
                document_frequencies[number] += 1  # a document counts in each field that has the term
    return Words(refs, rows, numbers.of_terms, document_frequencies)


# How many fields there can be: in the numbers of `term_weights`, so many low bits are fields, and the bits above are a weight.
FIELDS = 16


def term_weights(words: Words, refs: Iterable[str], boosts: Mapping[str, int], *, b: float) -> Iterator[dict[int, int]]:
    """The contents of `index_text` as numbers: for each of these documents, its terms by number.

    The low `FIELDS` bits of a value are the fields that have the term, in the order of `boosts`; the bits above are the sum of
    its weights in these fields, in thousandths.
    """
    place_of = {ref: place for place, ref in enumerate(words.refs)}

    def made(field: int) -> Callable[[float], int]:
        return lambda weight: round(weight * 1000) << FIELDS | 1 << field

    columns = [
        (words.rows[field], _weights(words, field, boost, b, made(number)))
        for number, (field, boost) in enumerate(boosts.items())
    ]
    document_frequencies = words.document_frequencies
    for ref in refs:
        found: dict[int, int] = {}
        for rows, weights in columns:
            length, terms, often = rows[place_of[ref]]
            known = weights(length, 1)
            for term in terms:
                if often:
                    known = weights(length, often[term])
                found[term] = found.get(term, 0) + known[document_frequencies[term]]
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
    """The posting list of each term of a field: the documents that have it, serialised, sorted by reference."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for ref, (_, terms, _) in sorted(zip(refs, rows, strict=True), key=itemgetter(0)):
        key = f"{encode_basestring(ref)}:{{}}"
        for number in terms:
            found[number].append(key)
    return found


class _Weights(dict[int, T]):
    """The weights of terms with one frequency in fields of one length, by document frequency, each converted by `made`."""

    def __init__(self, frequency: int, norm: float, documents: int, boost: int, made: Callable[[float], T]) -> None:
        self.frequency, self.norm, self.documents, self.boost, self.made = frequency, norm, documents, boost, made

    def __missing__(self, document_frequency: int) -> T:
        weight = _weight(self.frequency, self.norm, _idf(self.documents, document_frequency), self.boost)
        found = self[document_frequency] = self.made(weight)
        return found


def _weights(
    words: Words, field: str, boost: int, b: float, made: Callable[[float], T]
) -> Callable[[int, int], _Weights[T]]:
    """The weights of terms in a field, by the number of its words and the frequency of the term."""
    rows = words.rows[field]
    average = sum(length for length, _, _ in rows) / len(rows)

    @cache
    def weights(length: int, frequency: int) -> _Weights[T]:
        norm = _K1 * (1 - b + b * (length / average)) if length else 0
        return _Weights(frequency, norm, len(rows), boost, made)

    return weights


def _idf(documents: int, document_frequency: int) -> float:
    return math.log(1 + abs((documents - document_frequency + 0.5) / (document_frequency + 0.5)))


def _weight(frequency: int, norm: float, idf: float, boost: int) -> float:
    return round(idf * ((_K1 + 1) * frequency) / (norm + frequency) * boost, 3)


def _vectors(words: Words, field: str, boost: int, b: float) -> Iterator[str]:
    """The vector of each document for a field: its terms and their weights, serialised."""
    weights = _weights(words, field, boost, b, repr)
    document_frequencies = words.document_frequencies
    for ref, (length, terms, often) in zip(words.refs, words.rows[field], strict=True):
        if often:
            parts = [f"{number},{weights(length, often[number])[document_frequencies[number]]}" for number in terms]
        else:
            known = weights(length, 1)
            parts = [f"{number},{known[document_frequencies[number]]}" for number in terms]
        yield f"[{encode_basestring(f'{field}/{ref}')},[{','.join(parts)}]]"


def _inverted(numbers: Mapping[str, int], postings: Mapping[str, Mapping[int, Sequence[str]]]) -> Iterator[str]:
    """The inverted index: for each term, its posting lists by field, serialised."""
    # The number of a term is among its fields, under the key `_index`; keys are sorted.
    keys = sorted([*postings, "_index"])
    empty = [f"{encode_basestring(key)}:{{}}" for key in keys]
    own = keys.index("_index")
    by_term: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for field, found in postings.items():
        place = keys.index(field)
        start = encode_basestring(field)
        for number, where in found.items():
            by_term[number].append((place, f"{start}:{{{','.join(where)}}}"))
    for term, number in sorted(numbers.items()):
        parts = empty.copy()
        parts[own] = f'"_index":{number}'
        for place, text in by_term[number]:
            parts[place] = text
        yield f"[{encode_basestring(term)},{{{','.join(parts)}}}]"
