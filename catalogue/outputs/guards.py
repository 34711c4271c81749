"""Whether a new site may take the place of the one that is published: guards against losing what readers had.

A site can be sound and still be wrong, as one of the three records that upstream listed in a bad hour. What was published
before is known by its figures; where they cannot be read, nothing says that a small site is right.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lunr.index import Index
from lunr.query import QueryPresence

from ..model import Catalogue, Software, Verdict
from ..words import tokens
from .files import File, Standing
from .order import list_order
from .shards import finds, is_manifest

KEPT_SHARE = 0.8  # of the entries that were published
COMPLETENESS = 20  # points that the share of entries with a description, a licence, authors may fall by
GROWTH, MANY = 10, 20_000  # times as many entries are said, and refused from this many on


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is compared of two sites: the names of entries by address, how many say what, how many links launch."""

    entries: Mapping[str, str]
    described: int
    licensed: int
    authored: int
    launching: int


def figures(catalogue: Catalogue) -> Figures:
    """The figures of a catalogue."""
    return Figures(
        entries={each.slug: each.name for each in catalogue.software},
        described=sum(bool(each.description or each.summary) for each in catalogue.software),
        licensed=sum(each.licence is not None for each in catalogue.software),
        authored=sum(bool(each.authors) for each in catalogue.software),
        launching=sum(each.url is not None and each.verdict is not Verdict.NO for each in catalogue.offers),
    )


def published_figures(catalogue_json: bytes) -> Figures | None:
    """The figures of a site from its api/v1/catalogue.json; None where that cannot be understood."""
    try:
        data = json.loads(catalogue_json)
        current = [each for each in data["software"] if each["state"] != "withdrawn"]
        return Figures(
            entries={str(each["slug"]): str(each["name"]) for each in current},
            described=sum(bool(each["description_html"] or each["summary"]) for each in current),
            licensed=sum(each["licence"] is not None for each in current),
            authored=sum(bool(each["authors"]) for each in current),
            launching=sum(each["url"] is not None and each["verdict"] != "no" for each in data["offers"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def refusals(new: Figures, old: Figures) -> list[str]:
    """Why a site with these figures must not follow one with those, unless somebody says that it is right."""
    words = []
    before, now = len(old.entries), len(new.entries)
    if now < KEPT_SHARE * before:
        words.append(f"it has {now} entries, but {before} are published: that is less than {KEPT_SHARE:.0%}")
    for what, had, has in [
        ("a description", old.described, new.described),
        ("a licence", old.licensed, new.licensed),
        ("authors", old.authored, new.authored),
    ]:
        share_before, share = (round(100 * count / max(1, of)) for count, of in ((had, before), (has, now)))
        if share < share_before - COMPLETENESS:
            words.append(f"{share} % of its entries have {what}, but {share_before} % had before")
    if old.launching and not new.launching:
        words.append(f"it has no launch link, but {old.launching} are published")
    if before and now >= GROWTH * before and now > MANY:
        words.append(f"it has {now:,} entries, but {before:,} are published: at most {MANY:,} are believed")
    return words


@dataclass(slots=True)
class Passed:
    """What is known of the files of a site when all have gone by: the search files, and figures of the others.

    `standing` pages are those that are published already. `share` of the bytes of pages, of those in both sites, stands on lines that only the new site has.
    """

    pages: int = 0
    standing: int = 0
    size: int = 0
    search: list[File] = field(default_factory=list)
    in_both: int = 0
    differing: int = 0

    @property
    def share(self) -> float:
        return self.differing / self.in_both if self.in_both else 0.0


def passing(
    files: Iterable[File | Standing], passed: Passed, old: Callable[[str], bytes | None], others: Collection[str] = ()
) -> Iterator[File | Standing]:
    """The files, one by one, with what is needed of them noted. `old` gives the file that is published at a path.

    `others` are paths of files that others made.
    """
    for file in files:
        passed.size += file.size
        if file.path.startswith("search/") and file.path.endswith(".json"):
            passed.search.append(file if isinstance(file, File) else File(file.path, old(file.path) or b""))
        if file.path.endswith(".html") and file.path not in others:
            passed.pages += 1
            if isinstance(file, Standing):
                passed.standing += 1
                passed.in_both += file.size
            elif (before := old(file.path)) is not None:
                passed.in_both += file.size
                passed.differing += _differing(file.content, before)
        yield file


def always_refused(catalogue: Catalogue, passed: Passed) -> list[str]:
    """Why a site is not published, whatever was there before."""
    words = []
    # Before its first harvest a new catalogue has none, and its note says so.
    if not catalogue.software and not catalogue.harvest.note:
        words.append("it has no entry")
    if passed.size > catalogue.site.size_limit * 10**6:
        words.append(
            f"it has {passed.size / 10**6:,.0f} MB: at most {catalogue.site.size_limit:,} MB are allowed by size_limit in site.yaml"
        )
    if silent := unanswered(catalogue, passed.search):
        words.append(f"its search index does not find {', '.join(repr(each) for each in silent[:3])} by name")
    return words


def remarks(catalogue: Catalogue, new: Figures, old: Figures) -> list[str]:
    """What is worth a look in the report of a build: entries that went, with the reason, and a great growth."""
    gone = {each.slug: each.state_note or "withdrawn" for each in catalogue.withdrawn}
    lines = [
        f"no longer listed: {old.entries[slug]}{f': {gone[slug]}' if slug in gone else ''}"
        for slug in sorted(old.entries.keys() - new.entries.keys())
    ]
    if old.entries and len(new.entries) >= GROWTH * len(old.entries):
        lines.append(f"warning: {len(new.entries):,} entries, but {len(old.entries):,} are published")
    return lines


def asked_for(catalogue: Catalogue, most: int = 12) -> list[Software]:
    """Some entries, the first to the last, that the search must find by name; a name without a letter is no question."""
    step = max(1, len(catalogue.software) // most)
    return [each for each in catalogue.software[::step] if tokens(each.name)]


def unanswered(catalogue: Catalogue, files: Iterable[File]) -> list[str]:
    """Of those entries the names that the index that is published does not lead to.

    The question is that of the browser: every word of the name must be met.
    """
    every = {file.path: file for file in files if file.path.startswith("search/")}
    asked = asked_for(catalogue)
    if divided := next((path for path, file in every.items() if is_manifest(file)), None):
        order = {each.slug: place for place, each in enumerate(list_order(catalogue))}
        return [each.name for each in asked if not _is_divided_found(every, divided, each, order[each.slug])]
    indexes = [found for file in every.values() for found in _indexes(file)]
    return [each.name for each in asked if not any(_finds(index, each) for index in indexes)]


def _is_divided_found(files: Mapping[str, File], manifest: str, software: Software, place: int) -> bool:
    try:
        return all(place in finds(files, manifest, word) for word in tokens(software.name))
    except Exception:  # noqa: BLE001 - an index that raises does not answer, whatever it raises
        return False


def _finds(index: Index, software: Software) -> bool:
    query = index.create_query()
    for word in tokens(software.name):
        query.term(word, presence=QueryPresence.REQUIRED, use_pipeline=False)
    try:
        return any(hit["ref"] == software.slug for hit in index.query(query))
    except Exception:  # noqa: BLE001 - an index that raises does not answer, whatever it raises
        return False


def _indexes(file: File) -> list[Index]:
    """The indexes of lunr in a JSON file, wherever they stand in it."""
    try:
        todo: list[Any] = [json.loads(file.content)]
    except ValueError:
        return []
    found = []
    while todo:
        data = todo.pop()
        if isinstance(data, dict) and {"invertedIndex", "fieldVectors", "fields"} <= data.keys():
            try:
                found.append(Index.load(data))
            except Exception:  # noqa: BLE001, S112 - an index that cannot be loaded does not answer
                continue
        elif isinstance(data, dict):
            todo.extend(data.values())
    return found


def _differing(new: bytes, old: bytes) -> int:
    """How many bytes of a page stand on lines that the old one has not."""
    before = set(old.splitlines())
    return sum(len(line) for line in new.splitlines() if line not in before)
