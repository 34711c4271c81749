"""The search index: in the serialised form of lunr.py, to be searched by lunr.js in the browser.

Text is split into words by our own rules (`words.py`); lunr's stemmer, stop words and trimmer are not used.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ..model import Catalogue, HarvestReport, Offer, Software
from ..text import cut, plain
from ..words import (
    RULES,
    SMALL,
    identifier,
    is_east_asian,
    neighbours,
    parts,
    singular,
    tokens,
    tokens_with_singulars,
    with_singulars,
)
from .facets import INTERFACE_LABELS, licence_label
from .files import File, json_text, text_file
from .inverted_index import Words, index_parts, number_terms, term_weights
from .order import list_order
from .packed import DIGITS, LEVELS
from .shards import TITLE, shard_files

# The weight of a match in each field.
BOOSTS = {
    "name": 20,
    "author": 10,
    "platform": 10,
    "interface": 10,
    "keyword": 8,
    "data": 8,
    "alias": 4,
    "licence": 4,
    "synonym": 2,
    "text": 1,
    "affiliation": 1,
}
TEXT_LENGTH = 400
LENGTH_COUNTS = 0.3  # lunr's (and BM25's) b: how much less a word weighs in a long field, from 0 to 1

Groups = tuple[tuple[str, ...], ...]


def fields(software: Software, synonyms: Groups = ()) -> dict[str, list[str]]:
    """The searchable words of an entry, by field."""
    host = [software.repository.path.rpartition("/")[2]] if software.repository else []
    said = {
        "name": [software.name],
        "author": [person.name for person in software.authors],
        "platform": [*software.runtimes],
        "interface": [f"{each} {INTERFACE_LABELS[each]}" for each in sorted(software.interfaces)],
        "keyword": [*software.keywords],
        "data": [*software.reads],
        "alias": [*software.alternate_names, software.slug, *software.former_slugs, *host],
        "licence": [licence_label(software)],
        "text": [cut(f"{software.summary} {plain(software.description)}", TEXT_LENGTH)],
    }
    # No synonyms for affiliations: they say nothing about the software.
    said_elsewhere = {"synonym": _synonyms(said.values(), synonyms), "affiliation": _affiliations(software)}
    return {field: said_elsewhere[field] if field in said_elsewhere else _words(said[field], field) for field in BOOSTS}


def _affiliations(software: Software) -> list[str]:
    """The words of the authors' affiliations, without numbers, single letters and small words."""
    stated = dict.fromkeys(each.affiliation for each in software.authors if each.affiliation)
    return [word for text in stated for word in tokens(text) if word.isalpha() and len(word) > 1 and word not in SMALL]


def _words(texts: Iterable[str], field: str) -> list[str]:
    return [word for text in texts for word in (tokens_with_singulars(text) if field == "text" else _said(text, field))]


# Names of people, keywords and licences occur in many entries; running text does not.
_remembered = lru_cache(maxsize=20_000)


@_remembered
def _said(text: str, field: str) -> tuple[str, ...]:
    if field == "author":
        # Without singulars: Tamás is not a plural. 山田 太郎 is also written 山田太郎.
        return (*tokens(text), *filter(is_east_asian, neighbours(text)))
    # Names may be typed as one word or as two. In running text, joined words would only make the index larger.
    joined = neighbours(text) if field in ("name", "keyword", "alias", "data", "synonym") else ()
    return (*tokens_with_singulars(text), *with_singulars(joined))


def _synonyms(said: Iterable[list[str]], groups: Groups) -> list[str]:
    """The words of the members of synonym groups that an entry does not have, if it has another member of the group."""
    text = "".join(_phrase(each) for texts in said for each in texts)
    words = frozenset(text.split())
    missing: list[str] = []
    for group, first_words in _with_first_words(groups):
        # The first words rule out most groups, without a search through the text.
        if not words.isdisjoint(first_words) and any(phrase in text for _, phrase in group):
            missing += [each for each, phrase in group if phrase not in text]
    return _words(missing, "synonym")


@lru_cache(maxsize=1)
def _with_first_words(groups: Groups) -> list[tuple[list[tuple[str, str]], frozenset[str]]]:
    """The members of each group with their phrases, and the first words of all its phrases."""
    found = [[(each, _phrase(each)) for each in group] for group in groups]
    return [(group, frozenset(word for _, phrase in group for word in phrase.split()[:1])) for group in found]


@_remembered
def _phrase(text: str) -> str:
    """The words of a text in the singular with blanks around each, so that `notebook` is found in `Notebooks`."""
    return f" {' '.join(map(singular, parts(text)))} "


def identifiers(software: Software) -> dict[str, str]:
    """The DOIs, URLs and ORCIDs by which an entry is found, each with what it is. The first meaning of an identifier wins."""
    found: dict[str, str] = {}

    def add(address: str | None, what: str) -> None:
        if address and (key := identifier(address)):
            found.setdefault(key, what)

    add(software.doi, "its DOI")
    add(software.concept_doi, "the DOI of all its versions")
    for doi in software.former_dois:
        add(doi, "an earlier DOI of it")
    for version in software.versions:
        add(
            version.doi,
            f"the DOI of its version {version.version}" if version.version else "the DOI of an older version",
        )
    add(software.record_url, "its record")
    if software.repository:
        add(software.repository.url, "its repository")
    add(software.homepage, "its home page")
    for each in software.documentation:
        add(each, "its documentation")
    for person in software.authors:
        add(person.orcid, f"the ORCID of its author {person.name}")
    return found


def withdrawn(catalogue: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """Slug and name of the withdrawn entries, by their DOIs, and by their names written as one word."""
    found: dict[str, list[tuple[str, str]]] = {}
    for software in catalogue.withdrawn:
        names = ("".join(parts(each)) for each in (software.name, *software.alternate_names))
        dois = (key for key in identifiers(software) if key.startswith("10."))
        for key in dict.fromkeys((*names, *dois)):
            if key:
                found.setdefault(key, []).append((software.slug, software.name))
    return found


# An index of up to so many bytes, compressed, is one file, from which every query is answered. A larger one is divided.
ONE_FILE_AT_MOST = 300_000
_LEVEL = 9  # of the compression with which its size is measured
# An entry takes at least a tenth of a kilobyte of the index: with more entries, the single file is not even tried.
_ENTRIES_AT_MOST = 10 * ONE_FILE_AT_MOST // 1000


def searched(catalogue: Catalogue) -> Catalogue:
    """The catalogue reduced to what the search depends on: nothing about single launches or the last nightly run.

    It is the cache key of the search: what it does not have can change without a new index.
    """
    harvest = HarvestReport(api="", community="", harvested="", note=None, seen=0, not_seen=(), repaired=())
    return Catalogue(
        site=catalogue.site,
        software=catalogue.software,
        withdrawn=catalogue.withdrawn,
        facilities=tuple(replace(each, probe=None) for each in catalogue.facilities),
        offers=tuple(
            Offer(
                software=each.software,
                facility=each.facility,
                verdict=each.verdict,
                url=None,
                reasons=(),
                notes=(),
                opens="",
                ref=None,
                login=each.login,
                carries=each.carries,
                data=each.data,
            )
            for each in catalogue.offers
        ),
        related=(),
        harvest=harvest,
        accounts=(),
        problems=(),
        built="",
        synonyms=catalogue.synonyms,
    )


def search_files(catalogue: Catalogue, at_most: int = ONE_FILE_AT_MOST) -> Iterator[File]:
    """The files of the search index, without the cards. The pages name the first file.

    It is one file if that has up to `at_most` bytes, compressed, or there are no entries; else there are many.
    """
    words = _numbered_terms(catalogue)
    if len(catalogue.software) <= _ENTRIES_AT_MOST and (whole := _whole(catalogue, words, at_most)):
        yield whole
        return
    rows = term_weights(words, (each.slug for each in list_order(catalogue)), BOOSTS, b=LENGTH_COUNTS)
    files = shard_files(catalogue, list(words.numbers), rows, list(BOOSTS), identifiers, withdrawn(catalogue))
    del words  # large: to be freed as soon as the rows are read
    yield from files


def search_file(catalogue: Catalogue) -> File:
    """The index and everything else that queries need, in one file; the hash of its content is in its path and in the file.

    Without entries the index is null: lunr would divide by their number.
    """
    return _file(catalogue, _index_parts(catalogue, _numbered_terms(catalogue)))


def _numbered_terms(catalogue: Catalogue) -> Words:
    return number_terms(((each.slug, fields(each, catalogue.synonyms)) for each in catalogue.software), BOOSTS)


def _whole(catalogue: Catalogue, words: Words, at_most: int) -> File | None:
    """The index in one file; None if that has more than `at_most` bytes, compressed.

    The index is compressed piece by piece, and given up once it exceeds the limit by 2 %, since what follows cannot make it
    smaller. The other parts of the file are made last: they are small.
    """
    compressing = zlib.compressobj(_LEVEL)
    size = 0
    parts = []
    for part in _index_parts(catalogue, words):
        parts.append(part)
        size += len(compressing.compress(part.encode("utf-8")))
        if size > 1.02 * at_most and catalogue.software:
            return None
    whole = _file(catalogue, parts)
    return whole if len(gzip.compress(whole.content, _LEVEL)) <= at_most or not catalogue.software else None


def _index_parts(catalogue: Catalogue, words: Words) -> Iterable[str]:
    return index_parts(words, BOOSTS, b=LENGTH_COUNTS) if catalogue.software else ["null"]


def _file(catalogue: Catalogue, index: Iterable[str]) -> File:
    """The file of `search_file`, from its serialised index."""
    known: dict[str, list[list[str]]] = {}
    for software in catalogue.software:
        for key, what in identifiers(software).items():
            known.setdefault(key, []).append([software.slug, what])
    names = {each.slug: [each.name, *each.alternate_names] for each in catalogue.software}
    # The serialised index is inserted as it is: parsing it to serialise it again would take as long as building it.
    end = f',"names":{json_text(names)},"synonyms":{json_text(catalogue.synonyms)},"withdrawn":{json_text(withdrawn(catalogue))}}}'
    body = "".join([f'{{"identifiers":{json_text(known)},"index":', *index, end])
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()[:12]
    # A page knows the hash of its index; a file with another one belongs to another build.
    return text_file(f"search/{digest}.json", f'{{"build":"{digest}",{body[1:]}')


RULES_MODULE = "js/rules.js"


def rules_module() -> bytes:
    """The rules of `words.py` as a JavaScript module, so that the browser splits text alike, and the digits of `packed.py`."""
    rules = {**RULES, "digits": DIGITS, "levels": LEVELS, "title": TITLE}
    return f"// Made by the build from catalogue/words.py and packed.py.\nexport default {json_text(rules)};\n".encode()
