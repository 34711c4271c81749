"""Whether a new site may replace the published one: guards against losing what readers had.

A site can be valid and still be wrong, such as one with only the three records that upstream listed during an outage. It is
compared with the figures of the published site; if those cannot be read, it is refused, too, unless that is allowed.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lunr.index import Index
from lunr.query import QueryPresence

from ..model import Catalogue, Software, Verdict
from ..words import tokens
from .addresses import facility_page
from .files import File, UnchangedFile
from .order import list_order
from .shards import finds, is_manifest

KEPT_SHARE = 0.8  # of the published entries: with fewer, a site is refused
COMPLETENESS = 20  # percentage points by which the share of entries with a description, a licence or authors may fall
GROWTH, MANY = 10, 20_000  # growth by this factor is reported, and refused if it makes more than MANY entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is compared between two sites: names of entries and facilities by slug, numbers of entries with each field, of launch links.

    `community` is the one that was harvested.
    """

    community: str
    entries: Mapping[str, str]
    facilities: Mapping[str, str]
    described: int
    licensed: int
    authored: int
    launching: int


def figures(catalogue: Catalogue) -> Figures:
    """The figures of a catalogue."""
    return Figures(
        community=catalogue.harvest.community,
        entries={each.slug: each.name for each in catalogue.software},
        facilities={each.slug: each.name for each in catalogue.facilities},
        described=sum(bool(each.description or each.summary) for each in catalogue.software),
        licensed=sum(each.licence is not None for each in catalogue.software),
        authored=sum(bool(each.authors) for each in catalogue.software),
        launching=sum(each.launch_verdict is not Verdict.NO for each in catalogue.offers),
    )


def published_figures(catalogue_json: bytes) -> Figures | None:
    """The figures of a site from its api/v1/catalogue.json; None if it cannot be read."""
    try:
        data = json.loads(catalogue_json)
        current = [each for each in data["software"] if each["state"] != "withdrawn"]
        return Figures(
            community=str(data["harvest"]["community"]),
            entries={str(each["slug"]): str(each["name"]) for each in current},
            facilities={str(each["slug"]): str(each["name"]) for each in data["facilities"]},
            described=sum(bool(each["description_html"] or each["summary"]) for each in current),
            licensed=sum(each["licence"] is not None for each in current),
            authored=sum(bool(each["authors"]) for each in current),
            launching=sum(each["carries_software"] and each["verdict"] != "no" for each in data["offers"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def refusals(new: Figures, old: Figures) -> list[str]:
    """Why a site with the `new` figures must not replace one with the `old` ones, unless that is allowed explicitly."""
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
class Tally:
    """What is counted while the files of a site go by; the files of the search index are kept.

    `unchanged` pages are those taken from the published site. `compared_size` is the size of all pages that the published site
    has, too, `changed_size` that of their lines that it does not have; sizes are in bytes.
    """

    pages: int = 0
    unchanged: int = 0
    size: int = 0
    search: list[File] = field(default_factory=list)
    compared_size: int = 0
    changed_size: int = 0

    @property
    def changed_share(self) -> float:
        """How much of the pages in both sites has changed, from 0 to 1."""
        return self.changed_size / self.compared_size if self.compared_size else 0.0


def tallied(
    files: Iterable[File | UnchangedFile], tally: Tally, old: Callable[[str], bytes | None], extra: Collection[str] = ()
) -> Iterator[File | UnchangedFile]:
    """The same files, one by one, counted in `tally`.

    `old` gives the published file at a path, or None; `extra` are paths of third-party files, which do not count as pages.
    """
    for file in files:
        tally.size += file.size
        if file.path.startswith("search/") and file.path.endswith(".json") and "/launches/" not in file.path:
            tally.search.append(file if isinstance(file, File) else File(file.path, old(file.path) or b""))
        if file.path.endswith(".html") and file.path not in extra:
            tally.pages += 1
            if isinstance(file, UnchangedFile):
                tally.unchanged += 1
                tally.compared_size += file.size
            elif (before := old(file.path)) is not None:
                tally.compared_size += file.size
                tally.changed_size += _changed_size(file.content, before)
        yield file


def always_refused(catalogue: Catalogue, tally: Tally) -> list[str]:
    """Why a site must not be published, whatever it replaces and whatever is allowed."""
    words = []
    # Before its first harvest, a new catalogue has no entries; its note says so.
    if not catalogue.software and not catalogue.harvest.note:
        words.append("it has no entry")
    if tally.size > catalogue.site.size_limit * 10**6:
        words.append(
            f"it has {tally.size / 10**6:,.0f} MB: at most {catalogue.site.size_limit:,} MB are allowed by size_limit in site.yaml"
        )
    if missing := not_found(catalogue, tally.search):
        words.append(f"its search index does not find {', '.join(repr(each) for each in missing[:3])} by name")
    return words


def remarks(catalogue: Catalogue, new: Figures, old: Figures) -> list[str]:
    """Lines for the report of a build: entries that are no longer listed, with the reason, lost facilities, and unusual growth.

    A lost facility is only told. It may be one that was never published: somebody who drafts an entry changes its id.
    """
    gone = {each.slug: each.state_note or "withdrawn" for each in catalogue.withdrawn}
    lines = [
        f"no longer listed: {old.entries[slug]}{f': {gone[slug]}' if slug in gone else ''}"
        for slug in sorted(old.entries.keys() - new.entries.keys())
    ]
    lines += [
        f"warning: the facility {old.facilities[slug]!r} is gone, and so are /{facility_page(slug)} and its launch addresses: "
        "if they were published, put it back into facilities.yaml and say when it `closed`"
        for slug in sorted(old.facilities.keys() - new.facilities.keys())
    ]
    if old.entries and len(new.entries) >= GROWTH * len(old.entries):
        lines.append(f"warning: {len(new.entries):,} entries, but {len(old.entries):,} are published")
    return lines


def sampled_entries(catalogue: Catalogue, most: int = 12) -> list[Software]:
    """About `most` entries, evenly spaced, that the search must find by name; not those without a word in their names."""
    step = max(1, len(catalogue.software) // most)
    return [each for each in catalogue.software[::step] if tokens(each.name)]


def not_found(catalogue: Catalogue, files: Iterable[File]) -> list[str]:
    """The names of sampled entries that the search index in these files does not find.

    The query is that of the browser: all words of the name are required.
    """
    search = {file.path: file for file in files if file.path.startswith("search/")}
    sample = sampled_entries(catalogue)
    if manifest := next((path for path, file in search.items() if is_manifest(file)), None):
        order = {each.slug: place for place, each in enumerate(list_order(catalogue))}
        return [each.name for each in sample if not _shards_find(search, manifest, each, order[each.slug])]
    indexes = [found for file in search.values() for found in _indexes(file)]
    return [each.name for each in sample if not any(_finds(index, each) for index in indexes)]


def _shards_find(files: Mapping[str, File], manifest: str, software: Software, place: int) -> bool:
    try:
        return all(place in finds(files, manifest, word) for word in tokens(software.name))
    except Exception:  # noqa: BLE001 - a damaged index may raise anything, and finds nothing
        return False


def _finds(index: Index, software: Software) -> bool:
    query = index.create_query()
    for word in tokens(software.name):
        query.term(word, presence=QueryPresence.REQUIRED, use_pipeline=False)
    try:
        return any(hit["ref"] == software.slug for hit in index.query(query))
    except Exception:  # noqa: BLE001 - a damaged index may raise anything, and finds nothing
        return False


def _indexes(file: File) -> list[Index]:
    """The lunr indexes in a JSON file, at whatever depth."""
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
            except Exception:  # noqa: BLE001, S112 - a damaged index may raise anything, and finds nothing
                continue
        elif isinstance(data, dict):
            todo.extend(data.values())
    return found


def _changed_size(new: bytes, old: bytes) -> int:
    """The bytes of a page on lines that the old one does not have."""
    before = set(old.splitlines())
    return sum(len(line) for line in new.splitlines() if line not in before)
