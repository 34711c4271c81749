"""The search index: built in the form of lunr.py, lunr.js answers from it in the browser.

Words are made by our own rules (`words.py`); lunr gets them ready-made, without stemmer, stop words or trimmer.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ..model import Catalogue, HarvestReport, Offer, Software
from ..text import cut, plain
from ..words import RULES, SMALL, identifier, neighbours, parts, singular, tokens, tokens_with_singulars, with_singulars
from .facets import INTERFACE_LABELS, licence_label
from .files import File, json_text, text_file
from .inverted_index import Words, index_parts, numbered, weighed
from .order import list_order
from .packed import DIGITS, LEVELS
from .shards import TITLE, shard_files

# What a match in a field weighs.
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
LENGTH_COUNTS = 0.3  # how much less a word weighs in a long field, from 0 to 1: lunr's b

Groups = tuple[tuple[str, ...], ...]


def fields(software: Software, synonyms: Groups = ()) -> dict[str, list[str]]:
    """What is searched of an entry, as words by field."""
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
    # Where its authors work says nothing of it: no synonym follows from that.
    said_elsewhere = {"synonym": _synonyms(said.values(), synonyms), "affiliation": _affiliations(software)}
    return {field: said_elsewhere[field] if field in said_elsewhere else _words(said[field], field) for field in BOOSTS}


def _affiliations(software: Software) -> list[str]:
    """Where the authors work, without house numbers and postcodes, which nobody searches for."""
    stated = dict.fromkeys(each.affiliation for each in software.authors if each.affiliation)
    return [word for text in stated for word in tokens(text) if word.isalpha() and len(word) > 1 and word not in SMALL]


def _words(texts: Iterable[str], field: str) -> list[str]:
    return [word for text in texts for word in (tokens_with_singulars(text) if field == "text" else _said(text, field))]


# People, keywords, licences come again; running text does not.
_remembered = lru_cache(maxsize=20_000)


@_remembered
def _said(text: str, field: str) -> tuple[str, ...]:
    if field == "author":
        return tuple(tokens(text))  # Tamás is no plural
    # Names are typed in one word and in two; in running text that would only make the index larger.
    joined = neighbours(text) if field in ("name", "keyword", "alias", "data", "synonym") else ()
    return (*tokens_with_singulars(text), *with_singulars(joined))


def _synonyms(said: Iterable[list[str]], groups: Groups) -> list[str]:
    """The words of every group of which the entry says one, but for those that it says itself."""
    text = "".join(_phrase(each) for texts in said for each in texts)
    words = frozenset(text.split())
    missing: list[str] = []
    for group, first_words in _with_first_words(groups):
        # Most groups are told by their first words alone, and no text need be looked through for them.
        if not words.isdisjoint(first_words) and any(phrase in text for _, phrase in group):
            missing += [each for each, phrase in group if phrase not in text]
    return _words(missing, "synonym")


@lru_cache(maxsize=1)
def _with_first_words(groups: Groups) -> list[tuple[list[tuple[str, str]], frozenset[str]]]:
    """The members of each group with their phrases, and the first words of these."""
    found = [[(each, _phrase(each)) for each in group] for group in groups]
    return [(group, frozenset(word for _, phrase in group for word in phrase.split()[:1])) for group in found]


@_remembered
def _phrase(text: str) -> str:
    """The words of a text in the singular between blanks, to look for it in another: `notebook` in `Notebooks`."""
    return f" {' '.join(map(singular, parts(text)))} "


def identifiers(software: Software) -> dict[str, str]:
    """The DOIs, addresses and ORCIDs by which an entry is found, each with what it is; the better reason stays."""
    found: dict[str, str] = {}

    def add(address: str | None, what: str) -> None:
        if address and (key := identifier(address)):
            found.setdefault(key, what)

    add(software.doi, "its DOI")
    add(software.concept_doi, "the DOI of all its versions")
    for version in software.versions:
        add(
            version.doi,
            f"the DOI of its version {version.version}" if version.version else "the DOI of an older version",
        )
    add(software.record_url, "its record")
    if software.repository:
        add(software.repository.url, "its repository")
        add(software.repository.page, "its repository")
    add(software.homepage, "its home page")
    for each in software.documentation:
        add(each, "its documentation")
    for person in software.authors:
        add(person.orcid, f"the ORCID of its author {person.name}")
    return found


def withdrawn(catalogue: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """The address names and names of the entries that were withdrawn, by their DOIs and their names, each as one word."""
    found: dict[str, list[tuple[str, str]]] = {}
    for software in catalogue.withdrawn:
        names = ("".join(parts(each)) for each in (software.name, *software.alternate_names))
        dois = (key for key in identifiers(software) if key.startswith("10."))
        for key in dict.fromkeys((*names, *dois)):
            if key:
                found.setdefault(key, []).append((software.slug, software.name))
    return found


# Up to so much, compressed, the index is one file, which is had at once and answers every query. A larger one is divided.
ONE_FILE_AT_MOST = 300_000
_LEVEL = 9  # of the compression by which it is weighed
# No entry takes less than a tenth of a kilobyte of it: of more entries the one file need not be made to be weighed.
_ENTRIES_AT_MOST = 10 * ONE_FILE_AT_MOST // 1000


def searched(catalogue: Catalogue) -> Catalogue:
    """The catalogue with what its search is made of alone: what is told of a launch, and of the night, is none of it."""
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
    """What the search of a catalogue fetches, but for the cards. The first file is the one that its pages name.

    There is one file up to `at_most` bytes of it, compressed, and for a catalogue without entries; beyond, there are many.
    """
    words = _numbered(catalogue)
    if len(catalogue.software) <= _ENTRIES_AT_MOST and (whole := _whole(catalogue, words, at_most)):
        yield whole
        return
    rows = weighed(words, (each.slug for each in list_order(catalogue)), BOOSTS, b=LENGTH_COUNTS)
    files = shard_files(catalogue, list(words.numbers), rows, list(BOOSTS), identifiers, withdrawn(catalogue))
    del words  # large, and once the rows are read nobody needs them
    yield from files


def search_file(catalogue: Catalogue) -> File:
    """The index with what a query needs beside it, in a file that is named by its content and knows that name.

    Without entries there is no index: lunr would divide by their number.
    """
    return _file(catalogue, _index_parts(catalogue, _numbered(catalogue)))


def _numbered(catalogue: Catalogue) -> Words:
    return numbered(((each.slug, fields(each, catalogue.synonyms)) for each in catalogue.software), BOOSTS)


def _whole(catalogue: Catalogue, words: Words, at_most: int) -> File | None:
    """The index in one file; None where it has more than `at_most` bytes, compressed.

    Most that have more are seen to have 2 % more long before they are whole, and are not made any further: nothing that
    follows makes less of what was compressed. What stands before the index is made last, since it is the smaller part.
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
    """That file, of the text of its index."""
    known: dict[str, list[list[str]]] = {}
    for software in catalogue.software:
        for key, what in identifiers(software).items():
            known.setdefault(key, []).append([software.slug, what])
    names = {each.slug: [each.name, *each.alternate_names] for each in catalogue.software}
    # The index is written as it is: to read it back, only to write it once more, would take as long as to build it.
    end = f',"names":{json_text(names)},"synonyms":{json_text(catalogue.synonyms)},"withdrawn":{json_text(withdrawn(catalogue))}}}'
    body = "".join([f'{{"identifiers":{json_text(known)},"index":', *index, end])
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()[:12]
    # The page knows the name of its index; a file that says another is of another build.
    return text_file(f"search/{digest}.json", f'{{"build":"{digest}",{body[1:]}')


RULES_MODULE = "js/rules.js"


def rules_module() -> bytes:
    """The rules of `words.py` as a module of JavaScript, so that the browser makes the same words; and how numbers are packed."""
    rules = {**RULES, "digits": DIGITS, "levels": LEVELS, "title": TITLE}
    return f"// Made by the build from catalogue/words.py and packed.py.\nexport default {json_text(rules)};\n".encode()
