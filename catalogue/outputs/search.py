"""The search index: built in the form of lunr.py, lunr.js answers from it in the browser.

Words are made by our own rules (`words.py`); lunr gets them ready-made, without stemmer, stop words or trimmer.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..model import Catalogue, HarvestReport, Offer, Software
from ..text import cut, plain
from ..words import RULES, identifier, neighbours, parts, remembered, singular, tokens, with_singulars
from .facets import INTERFACE_LABELS, licence_label
from .files import File, json_text, text_file
from .inverted_index import index_text
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
    return {
        field: list(_synonyms(said.values(), synonyms)) if field == "synonym" else _words(said[field], field)
        for field in BOOSTS
    }


def _words(texts: Iterable[str], field: str) -> list[str]:
    # Names are typed in one word and in two; in running text that would only make the index larger.
    joined = field in ("name", "keyword", "alias", "data", "synonym")
    found = (word for text in texts for word in (*tokens(text), *(neighbours(text) if joined else ())))
    return list(found) if field == "author" else with_singulars(found)  # Tamás is no plural


def _synonyms(said: Iterable[list[str]], groups: Groups) -> Iterator[str]:
    """The words of every group of which the entry says one, but for those that it says itself."""
    text = "".join(_phrase(each) for texts in said for each in texts)
    for group in groups:
        if any(_phrase(each) in text for each in group):
            yield from _words((each for each in group if _phrase(each) not in text), "synonym")


@remembered
def _phrase(text: str) -> str:
    """The words of a text in the singular between blanks, to look for it in another: `notebook` in `Notebooks`."""
    return f" {' '.join(singular(word) for word in parts(text))} "


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


# Up to so much, compressed, the index is one file, which is had at once and answers every query. A larger one is divided.
ONE_FILE_AT_MOST = 300_000
# No entry takes less than a tenth of a kilobyte of it: of more entries the one file need not be made to be weighed.
_ENTRIES_AT_MOST = 10 * ONE_FILE_AT_MOST // 1000


def searched(catalogue: Catalogue) -> Catalogue:
    """The catalogue with what its search is made of alone: what is told of a launch, and of the night, is none of it."""
    harvest = HarvestReport(api="", community="", harvested="", note=None, seen=0, not_seen=(), repaired=())
    return Catalogue(
        site=catalogue.site,
        software=catalogue.software,
        withdrawn=(),
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
    if len(catalogue.software) <= _ENTRIES_AT_MOST:
        whole = search_file(catalogue)
        if len(gzip.compress(whole.content)) <= at_most or not catalogue.software:
            yield whole
            return
    documents = ((each.slug, fields(each, catalogue.synonyms)) for each in list_order(catalogue))
    yield from shard_files(catalogue, documents, BOOSTS, b=LENGTH_COUNTS, identifiers=identifiers)


def search_file(catalogue: Catalogue) -> File:
    """The index with what a query needs beside it, in a file that is named by its content and knows that name.

    Without entries there is no index: lunr would divide by their number.
    """
    known: dict[str, list[list[str]]] = {}
    for software in catalogue.software:
        for key, what in identifiers(software).items():
            known.setdefault(key, []).append([software.slug, what])
    names = {each.slug: [each.name, *each.alternate_names] for each in catalogue.software}
    documents = ((each.slug, fields(each, catalogue.synonyms)) for each in catalogue.software)
    index = index_text(documents, BOOSTS, b=LENGTH_COUNTS) if catalogue.software else "null"
    # The index is written as it is: to read it back, only to write it once more, would take as long as to build it.
    body = (
        f'{{"identifiers":{json_text(known)},"index":{index},"names":{json_text(names)},'
        f'"synonyms":{json_text(catalogue.synonyms)}}}'
    )
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()[:12]
    # The page knows the name of its index; a file that says another is of another build.
    return text_file(f"search/{digest}.json", f'{{"build":"{digest}",{body[1:]}')


RULES_MODULE = "js/rules.js"


def rules_module() -> bytes:
    """The rules of `words.py` as a module of JavaScript, so that the browser makes the same words; and how numbers are packed."""
    rules = {**RULES, "digits": DIGITS, "levels": LEVELS, "title": TITLE}
    return f"// Made by the build from catalogue/words.py and packed.py.\nexport default {json_text(rules)};\n".encode()
