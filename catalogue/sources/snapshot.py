"""snapshot/: the last good harvest, one JSON file an entry, and `harvest.json` with the accounting.

The files hold facts as Zenodo stated them, chosen, ordered and put into one shape, so that a night without news gives the
same bytes. Either of its serialisations gives the same file but for what only one of them says: the legacy one has a
single licence, by an id of its own, and neither family names nor keywords from a vocabulary. Reading the files into what
the catalogue says is `ossr.py`'s task.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ..problems import CatalogueError
from ..text import slugify
from .times import Day, Time
from .vocabulary import name_from_title

SCHEMA = 1
HARVEST_FILE = "harvest.json"
TOMBSTONE = timedelta(days=365)
# What a file says that can no longer be read as a whole.
_IDENTITY = re.compile(r'^ "identity": "([^"\\]+)"', re.MULTILINE)
_SLUG = re.compile(r'^ "slug": "([a-z0-9-]+)"', re.MULTILINE)


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Creator(_Stored):
    """An author as the record gives them; `family` only where the record says which part of the name it is."""

    name: str
    family: str | None = None
    orcid: str | None = None
    affiliation: str | None = None


class Related(_Stored):
    """A related identifier, its relation in Zenodo's legacy spelling (`isSupplementTo`)."""

    relation: str
    identifier: str


class StoredFile(_Stored):
    """A file of a record; `size` in bytes, `checksum` as `md5:…`."""

    name: str
    size: int | None = None
    checksum: str | None = None


class Record(_Stored):
    """The facts of one version of one record. Only its number and DOI are always there.

    `more_creators` is how many it names beyond those that were kept.
    """

    id: str
    doi: str
    title: str = ""
    description: str = ""
    creators: tuple[Creator, ...] = ()
    more_creators: int = 0
    keywords: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    version: str | None = None
    published: str | None = None
    created: str | None = None
    language: str | None = None
    kind: str = ""
    access: Literal["open", "restricted", "embargoed"] = "open"
    embargo_until: str | None = None
    files: tuple[StoredFile, ...] = ()

    @property
    def name(self) -> str:
        """The name in its title."""
        return name_from_title(self.title, self.version, (each.identifier for each in self.related))


class OlderVersion(_Stored):
    """A version that has been followed by another."""

    doi: str
    version: str | None = None
    published: str | None = None


class Withdrawal(_Stored):
    """When an entry was first not found any more, and why as far as Zenodo says."""

    date: Day
    reason: str


class Entry(_Stored):
    """One file of the snapshot: an OSSR entry with its newest record.

    `identity` is the concept DOI, or the record's own DOI where no concept was known. `slug` was chosen once and stays.
    `kept` names, for single parts, the DOI of the earlier version that they were kept from.
    """

    schema_version: Literal[1] = 1
    identity: str
    concept_doi: str | None = None
    slug: str
    record: Record
    codemeta: dict[str, JsonValue] | None = None
    kept: dict[str, str] = Field(default_factory=dict)
    versions: tuple[OlderVersion, ...] = ()
    withdrawn: Withdrawal | None = None

    @property
    def dois(self) -> frozenset[str]:
        """Every DOI that means this entry: its own, its concept's, and those of all versions."""
        return frozenset({self.identity, self.record.doi, *(each.doi for each in self.versions)})


class Omission(StrEnum):
    """Why a record is not in the catalogue."""

    UNREADABLE = "unreadable"  # nothing that makes an entry is known of it
    OTHER_KIND = "other kind"
    OLDER_VERSION = "older version"
    OTHER_COMMUNITY = "other community"


class LeftOut(_Stored):
    """A record that was seen and is not in the catalogue, and why: a code for programs, a sentence for people."""

    id: str
    title: str
    reason: str
    code: Omission = Omission.UNREADABLE


class Repaired(_Stored):
    """A part of a record that could not be used and was left out; `codemeta` is whether that is its CodeMeta file."""

    id: str
    text: str
    codemeta: bool = False


class Harvest(_Stored):
    """`harvest.json`. `harvested` is the time at which the snapshot last changed, ISO in UTC; `seen` counts records."""

    schema_version: Literal[1] = 1
    api: str
    community: str
    harvested: Time
    note: str | None = None
    seen: int
    left_out: tuple[LeftOut, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    not_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole harvest: its entries in the order of their slugs, and the accounting; no harvest before the first one.

    `addresses` are the identity and the slug of each entry whose file could not be read, as far as they are known.
    """

    entries: tuple[Entry, ...]
    harvest: Harvest | None
    addresses: tuple[tuple[str, str], ...] = ()


def read_snapshot(files: Mapping[str, str]) -> Snapshot:
    """The snapshot from the texts of its files by name.

    Raises CatalogueError for a file that is damaged or of another schema: a catalogue without its data is not built.
    """
    found, unread = recover_snapshot(files)
    for why in unread.values():
        raise CatalogueError(why)
    return found


def recover_snapshot(
    files: Mapping[str, str], recorded: Mapping[str, str] | None = None
) -> tuple[Snapshot, dict[str, str]]:
    """What a new harvest can go on from, and the names of the files that are damaged or missing, with the reason.

    What such a file holds is unknown, but its address stays: the file is named after it, and says whose it is, or what was
    `recorded` does (identities by slug).
    """
    harvest = None
    entries: dict[str, Entry] = {}
    unread: dict[str, str] = {}
    lost: dict[str, str] = {}
    for name in sorted(files):
        text = ""
        try:
            text = files[name]
            if name == HARVEST_FILE:
                harvest = _with_codes(_decoded(Harvest, name, text))
            else:
                entry = _stored_entry(name, text)
                entries[entry.slug] = entry
        except CatalogueError as error:
            unread[name] = str(error)
            slug = found[1] if (found := _SLUG.search(text)) else name.removesuffix(".json")
            identity = found[1] if (found := _IDENTITY.search(text)) else (recorded or {}).get(slug)
            if identity:
                lost[slug] = identity
    if files and HARVEST_FILE not in files:
        unread[HARVEST_FILE] = f"snapshot/{HARVEST_FILE} is missing: restore it or harvest again"
    addresses = tuple((identity, slug) for slug, identity in lost.items() if slug not in entries)
    return Snapshot(tuple(entries[slug] for slug in sorted(entries)), harvest, addresses), unread


def _stored_entry(name: str, text: str) -> Entry:
    entry: Entry = _decoded(Entry, name, text)
    if name != f"{entry.slug}.json":
        raise CatalogueError(f"snapshot/{name}: holds the entry {entry.slug!r}: restore the file or harvest again")
    return entry


def _decoded(model: type[Any], name: str, text: str) -> Any:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        if first["loc"][:1] == ("schema_version",):
            raise CatalogueError(
                f"snapshot/{name} is of another version of this program (this one reads schema {SCHEMA}): "
                "use that version, or harvest again"
            ) from None
        raise CatalogueError(
            f"snapshot/{name}: {where}: {first['msg'].lower()}: restore the file from the repository's history, or harvest again"
        ) from None


# Until November 2026 these had no code beside the sentence, which began so.
_OLD_REASONS = {
    "not software: ": Omission.OTHER_KIND,
    "older version of ": Omission.OLDER_VERSION,
    "not of the community ": Omission.OTHER_COMMUNITY,
}
_OLD_CODEMETA = "its codemeta.json "


def _with_codes(harvest: Harvest) -> Harvest:
    """The accounting, with the codes that one from before says in its sentences only."""
    left_out = (
        line if "code" in line.model_fields_set else line.model_copy(update={"code": _old_code(line.reason)})
        for line in harvest.left_out
    )
    repaired = (
        line.model_copy(update={"codemeta": True}) if line.text.startswith(_OLD_CODEMETA) else line
        for line in harvest.repaired
    )
    return harvest.model_copy(update={"left_out": tuple(left_out), "repaired": tuple(repaired)})


def _old_code(reason: str) -> Omission:
    return next((code for words, code in _OLD_REASONS.items() if reason.startswith(words)), Omission.UNREADABLE)


def write_snapshot(snapshot: Snapshot) -> dict[str, str]:
    """The texts of the snapshot's files by name. Equal snapshots give equal texts."""
    return dict(snapshot_texts(snapshot))


def snapshot_texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The names and texts of the snapshot's files, one after the other: together they may be as large as all else."""
    for entry in snapshot.entries:
        yield f"{entry.slug}.json", _encoded(entry)
    if snapshot.harvest is not None:
        yield HARVEST_FILE, _encoded(snapshot.harvest)


def _encoded(model: BaseModel) -> str:
    data = {"schema_version": SCHEMA, **model.model_dump(mode="json", exclude_defaults=True)}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class HarvestedRecord:
    """A record as it came in the harvest: its facts, its concept's DOI where given, and which revision of it this is."""

    record: Record
    concept_doi: str | None
    revision: int = 0
    index: int = 0

    @property
    def codemeta_file(self) -> StoredFile | None:
        """The file `codemeta.json` of the record, the one with the shortest path where there are several."""
        found = [file for file in self.record.files if file.name.rpartition("/")[2] == "codemeta.json"]
        return min(found, key=lambda file: (len(file.name), file.name), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestResult:
    """What a whole harvest brought: records, what was left out of them, and what became of entries not seen again.

    `codemeta` is by record number; `withdrawn` is by identity. `left_out` holds hits that no record could be read from.
    """

    seen: tuple[HarvestedRecord, ...]
    left_out: tuple[LeftOut, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    codemeta: Mapping[str, dict[str, JsonValue]]
    withdrawn: Mapping[str, Withdrawal]


def newest_versions(
    seen: Iterable[HarvestedRecord], kinds: Iterable[str]
) -> tuple[dict[str, HarvestedRecord], list[HarvestedRecord], list[LeftOut]]:
    """The newest record of each identity, the older ones, and what is not of the wanted kinds; each record once."""
    once: dict[str, HarvestedRecord] = {}
    for each in seen:
        other = once.get(each.record.id)
        if other is None or each.revision > other.revision:
            once[each.record.id] = each
    wanted = frozenset(kinds)
    newest: dict[str, HarvestedRecord] = {}
    older: list[HarvestedRecord] = []
    left_out = []
    for each in sorted(once.values(), key=_age, reverse=True):
        if each.record.kind.partition("/")[0] not in wanted:
            what = each.record.kind.replace("/", ", ") or "of no stated kind"
            left_out.append(_left_out(each, Omission.OTHER_KIND, f"not software: {what}"))
        elif (identity := each.concept_doi or each.record.doi) in newest:
            older.append(each)
            reason = f"older version of {newest[identity].record.doi}"
            left_out.append(_left_out(each, Omission.OLDER_VERSION, reason))
        else:
            newest[identity] = each
    return newest, older, left_out


def _left_out(seen: HarvestedRecord, code: Omission, reason: str) -> LeftOut:
    return LeftOut(id=seen.record.id, title=seen.record.title, reason=reason, code=code)


def _age(seen: HarvestedRecord) -> tuple[int, str, int, str]:
    """Later for a newer version: Zenodo's own count first, then its creation, then its number; a total order."""
    return seen.index, seen.record.created or "", _number(seen.record.id), seen.record.id


def _number(name: str) -> int:
    """The number at the end of a DOI or record: Zenodo counts upwards, whatever the stated dates."""
    digits = re.search(r"\d{0,18}$", name)
    return int(digits[0] or 0) if digits else 0


def has_tombstone(entry: Entry, latest: str) -> bool:
    """Whether an entry that was withdrawn still has its page when the community was last read at the ISO time `latest`.

    The page stays a year. The entry stays in the snapshot, so that nothing else is ever found at its address.
    """
    if entry.withdrawn is None:
        return False
    try:
        until = date.fromisoformat(entry.withdrawn.date) + TOMBSTONE
    except (ValueError, OverflowError):
        return True
    return latest[:10] <= until.isoformat()


def by_doi(snapshot: Snapshot) -> dict[str, Entry]:
    """The entries of a snapshot by every DOI that means them; the first of several."""
    return {doi: entry for entry in reversed(snapshot.entries) for doi in entry.dois}


def entry_of(dois: Iterable[str], snapshot: Snapshot) -> Entry | None:
    """The entry of a snapshot that one of these DOIs means."""
    wanted = {doi for doi in dois if doi}
    return next((entry for entry in snapshot.entries if entry.dois & wanted), None)


def with_known_concepts(seen: Iterable[HarvestedRecord], before: Snapshot) -> tuple[HarvestedRecord, ...]:
    """The records, each that does not name its concept with the one that the last snapshot knows for it.

    Otherwise an entry would change its identity for a night, and what is said of it locally would be lost.
    """
    known = {doi: entry.concept_doi for entry in before.entries if entry.concept_doi for doi in entry.dois}
    return tuple(each if each.concept_doi else replace(each, concept_doi=known.get(each.record.doi)) for each in seen)


def missing_entries(stock_seen: Iterable[HarvestedRecord], before: Snapshot) -> list[Entry]:
    """The entries of the last snapshot that are not withdrawn and that no record of this harvest means."""
    dois = {doi for each in stock_seen for doi in (each.record.doi, each.concept_doi) if doi}
    return [entry for entry in before.entries if entry.withdrawn is None and not entry.dois & dois]


def next_snapshot(
    stock: HarvestResult,
    before: Snapshot,
    *,
    kinds: Iterable[str],
    api: str,
    community: str,
    now: str,
    reserved: Collection[str] = (),
) -> Snapshot:
    """The new snapshot: the newest record of each concept, older ones as history, and an account of every record seen.

    `before` gives addresses, history, and entries that were not seen again; `reserved` holds address names that no new
    entry is given. Where nothing but the time differs from `before`, `before` itself is the answer, so that a night
    without news changes nothing.
    """
    newest, older, left_out = newest_versions(with_known_concepts(stock.seen, before), kinds)
    lines = [*left_out, *stock.left_out]
    entries: list[Entry] = []
    addresses = dict(before.addresses)
    taken = {
        HARVEST_FILE.removesuffix(".json"),  # such an entry would be written over the accounting
        *reserved,
        *(entry.slug for entry in before.entries),
        *addresses.values(),
    }
    known = by_doi(before)
    continued = set()
    history: dict[str | None, list[HarvestedRecord]] = defaultdict(list)
    for each in older:
        history[each.concept_doi].append(each)
    for identity in sorted(newest, key=lambda each: _age(newest[each])):
        old = known.get(identity) or known.get(newest[identity].record.doi)
        if old and old.slug in continued:  # two records say that they are of one entry
            old = None
        slug = old.slug if old else addresses.pop(identity, None)
        entry = _entry(identity, newest[identity], history[identity], stock, old, slug, taken)
        continued.add(entry.slug)
        taken.add(entry.slug)
        entries.append(entry)
    met = {doi for entry in entries for doi in entry.dois}
    not_seen = []
    for entry in before.entries:
        if entry.dois & met:
            continue
        gone = entry.withdrawn or stock.withdrawn.get(entry.identity)
        entries.append(entry.model_copy(update={"withdrawn": gone}))
        if gone is None:
            not_seen.append(entry.identity)
    harvest = Harvest(
        api=api,
        community=community,
        harvested=now,
        seen=len(newest) + len(lines),
        left_out=tuple(sorted(lines, key=lambda line: (line.id, line.reason))),
        repaired=tuple(sorted(stock.repaired, key=lambda line: (line.id, line.text))),
        not_seen=tuple(sorted(not_seen)),
    )
    ordered = tuple(sorted(entries, key=lambda entry: entry.slug))
    if before.harvest and before.entries == ordered:
        same_time = {"harvested": before.harvest.harvested, "note": before.harvest.note}
        if before.harvest == harvest.model_copy(update=same_time):
            return before
    return Snapshot(ordered, harvest)


def _entry(
    identity: str,
    seen: HarvestedRecord,
    older: Sequence[HarvestedRecord],
    stock: HarvestResult,
    old: Entry | None,
    known_slug: str | None,
    taken: Collection[str],
) -> Entry:
    record = seen.record
    slug = known_slug or slugify(record.name, f"record-{record.id}")
    while known_slug is None and slug in taken:
        slug = f"{slug}-{record.id}"
    history = {each.doi: each for each in (old.versions if old else ())}
    for past in [
        *(each.record for each in older),
        *([old.record] if old else []),
    ]:
        history[past.doi] = OlderVersion(doi=past.doi, version=past.version, published=past.published)
    history.pop(record.doi, None)
    return Entry(
        identity=identity,
        concept_doi=seen.concept_doi,
        slug=slug,
        record=record,
        codemeta=stock.codemeta.get(record.id),
        versions=tuple(sorted(history.values(), key=lambda each: _number(each.doi), reverse=True)),
    )
