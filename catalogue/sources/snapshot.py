"""snapshot/: the last good harvest, one JSON file per entry, and `harvest.json` with the accounting of all records.

The files hold facts as Zenodo stated them, selected, ordered and normalised, so that a harvest without changes gives the
same bytes. Both of Zenodo's JSON formats give the same file, except for what only one of them has: the legacy format has
a single licence, by an id of its own, and neither family names, nor which authors are organisations, nor keywords from a
vocabulary. `ossr.py` interprets these facts.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from ..problems import CatalogueError
from ..text import slugify
from ..times import Day, Time
from .stored_json import SCHEMA, SchemaVersion, indented_json, read_stored
from .vocabulary import name_from_title

HARVEST_FILE = "harvest.json"
TOMBSTONE = timedelta(days=365)
# To recover identities and slugs from a file that is damaged elsewhere.
_IDENTITY = re.compile(r'^ "identity": "([^"\\]+)"', re.MULTILINE)
_SLUG = re.compile(r'^ "slug": "([a-z0-9-]+)"', re.MULTILINE)
_MERGED = re.compile(r'^   "identity": "([^"\\]+)",\n   "slug": "([a-z0-9-]+)"', re.MULTILINE)
_FORMER_IDENTITIES = re.compile(r'^ "former_identities": \[\n((?:  "[^"\\]+",?\n)+) \]', re.MULTILINE)


# Who may fetch the files of a record; unknown for one that only a list by OAI-PMH has described yet.
Access = Literal["open", "restricted", "embargoed", "unknown"]


class _Stored(BaseModel):
    # A file may be older than the program, and have fields that are no longer read.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Creator(_Stored):
    """An author as in the record; `family` is None if the record does not give the family name separately.

    `organisation` is whether the record says that the author is an organisation.
    """

    name: str
    family: str | None = None
    organisation: bool = False
    orcid: str | None = None
    affiliation: str | None = None


class Related(_Stored):
    """A related identifier, with its relation in Zenodo's legacy spelling (`isSupplementTo`).

    `codeRepository` is no relation of Zenodo's: it marks the repository URL among the record's fields on software.
    """

    relation: str
    identifier: str


class StoredFile(_Stored):
    """A file of a record; `size` in bytes, `checksum` as `md5:…`."""

    name: str
    size: int | None = None
    checksum: str | None = None


class Record(_Stored):
    """The facts of one record, which is one version of an entry. Only its number and DOI are always there.

    `more_creators` is the number of creators beyond those that were kept. `code_languages` are programming languages.
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
    code_languages: tuple[str, ...] = ()
    version: str | None = None
    published: str | None = None
    created: str | None = None
    kind: str = ""
    access: Access = "open"
    embargo_until: str | None = None
    files: tuple[StoredFile, ...] = ()

    @property
    def name(self) -> str:
        """The name of the software, from the record's title."""
        return name_from_title(self.title, self.version, (each.identifier for each in self.related))

    @property
    def stamp(self) -> str | None:
        """Its DOI and a digest, which changes with its files; None if these are not known.

        Zenodo lets authors exchange the files of a published record for some weeks, and the DOI stays.
        """
        files = repr([(each.name, each.size, each.checksum) for each in self.files])
        return f"{self.doi.lower()} {hashlib.sha256(files.encode()).hexdigest()[:16]}" if self.files else None


class OlderVersion(_Stored):
    """A version that a newer one has superseded."""

    doi: str
    version: str | None = None
    published: str | None = None


class Withdrawal(_Stored):
    """The day on which an entry was first found to be gone, and the reason if Zenodo gives one."""

    date: Day
    reason: str


class MergedEntry(_Stored):
    """An entry that has turned out to be a version of another one."""

    identity: str
    slug: str


class Entry(_Stored):
    """One file of the snapshot: a harvested entry with its newest record.

    `identity` is the concept DOI, or the record's own DOI if no concept was known. `slug` is chosen once and never changes.
    `merged` holds the entries that were merged into this one, whose slugs redirect here. `former_identities` are the other
    identities that it had, before Zenodo stated another concept.
    """

    schema_version: SchemaVersion = SCHEMA
    identity: str
    concept_doi: str | None = None
    slug: str
    record: Record
    codemeta: dict[str, JsonValue] | None = None
    versions: tuple[OlderVersion, ...] = ()
    merged: tuple[MergedEntry, ...] = ()
    former_identities: tuple[str, ...] = ()
    withdrawn: Withdrawal | None = None

    @property
    def dois(self) -> frozenset[str]:
        """All DOIs of this entry: its identity, that of its record, those of all versions, and the former ones."""
        return frozenset({self.identity, self.record.doi, *(each.doi for each in self.versions), *self.former_dois})

    @property
    def former_dois(self) -> tuple[str, ...]:
        """DOIs that its software was identified by before, and that are none of it now: former identities, those of merged entries."""
        former = {*self.former_identities, *(each.identity for each in self.merged)}
        return tuple(sorted(former - {self.identity, self.record.doi, *(each.doi for each in self.versions)}))

    @property
    def former_slugs(self) -> tuple[str, ...]:
        """The slugs of the entries that were merged into this one."""
        return tuple(each.slug for each in self.merged)


class Omission(StrEnum):
    """Why a record is not an entry of the catalogue."""

    UNREADABLE = "unreadable"  # it lacks what an entry needs, such as its number or DOI
    OTHER_KIND = "other kind"
    OLDER_VERSION = "older version"
    OTHER_COMMUNITY = "other community"


class LeftOut(_Stored):
    """A record that the harvest saw and left out, and why: a code for programs, a sentence for people."""

    id: str
    title: str
    reason: str
    code: Omission = Omission.UNREADABLE


class Repaired(_Stored):
    """A part of a record that was unusable and dropped; `codemeta` is whether it is the CodeMeta file.

    `details` is whether that part is one that only Zenodo's API states: then a later harvest asks for it again.
    """

    id: str
    text: str
    codemeta: bool = False
    details: bool = False


class Harvest(_Stored):
    """`harvest.json`: the accounting of a harvest.

    `harvested` is when the snapshot last changed (ISO, UTC). `seen` counts the records that the harvest saw. `not_seen`
    holds the identities of entries that it did not see, and that are not known to be withdrawn.
    """

    schema_version: SchemaVersion = SCHEMA
    api: str
    community: str
    harvested: Time
    note: str | None = None
    seen: int
    left_out: tuple[LeftOut, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    not_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LostEntry:
    """What is known of an entry whose file could not be read: fields of `Entry`."""

    identity: str
    slug: str
    merged: tuple[MergedEntry, ...] = ()
    former_identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The entries, sorted by slug, and the accounting; `harvest` is None before the first harvest.

    `lost` are the entries whose files could not be read, as far as their identities and slugs are known.
    """

    entries: tuple[Entry, ...]
    harvest: Harvest | None
    lost: tuple[LostEntry, ...] = ()


def read_snapshot(files: Mapping[str, str]) -> Snapshot:
    """The snapshot from the texts of its files by name.

    Raises CatalogueError for a file that is damaged or has another schema version: no catalogue is built from partial data.
    """
    found, unread = recover_snapshot(files)
    for why in unread.values():
        raise CatalogueError(why)
    return found


def recover_snapshot(
    files: Mapping[str, str], recorded: Mapping[str, str] | None = None
) -> tuple[Snapshot, dict[str, str]]:
    """The readable part of a snapshot, for the next harvest to continue from; and the names of unreadable files, with the reason.

    The entry in an unreadable file keeps its slug, which is in the file or its name. Its identity comes from the file, or
    from `recorded` (identities by slug).
    """
    harvest = None
    entries: dict[str, Entry] = {}
    unread: dict[str, str] = {}
    lost: list[LostEntry] = []
    for name in sorted(files):
        text = ""
        try:
            text = files[name]
            if name == HARVEST_FILE:
                harvest = _decoded(Harvest, name, text)
            else:
                entry = _stored_entry(name, text)
                entries[entry.slug] = entry
        except CatalogueError as error:
            unread[name] = str(error)
            slug = found[1] if (found := _SLUG.search(text)) else name.removesuffix(".json")
            identity = found[1] if (found := _IDENTITY.search(text)) else (recorded or {}).get(slug)
            if identity:
                former = "".join(_FORMER_IDENTITIES.findall(text))
                lost.append(
                    LostEntry(
                        identity=identity,
                        slug=slug,
                        merged=tuple(MergedEntry(identity=each, slug=its) for each, its in _MERGED.findall(text)),
                        former_identities=tuple(re.findall(r'"(.+)"', former)),
                    )
                )
    if files and HARVEST_FILE not in files:
        unread[HARVEST_FILE] = f"snapshot/{HARVEST_FILE} is missing: restore it or harvest again"
    missing = tuple(each for each in lost if each.slug not in entries)
    return Snapshot(tuple(entries[slug] for slug in sorted(entries)), harvest, missing), unread


def _stored_entry(name: str, text: str) -> Entry:
    entry: Entry = _decoded(Entry, name, text)
    if name != f"{entry.slug}.json":
        raise CatalogueError(f"snapshot/{name}: holds the entry {entry.slug!r}: restore the file or harvest again")
    return entry


def _decoded(model: type[Any], name: str, text: str) -> Any:
    remedy = "restore the file from the repository's history, or harvest again"
    return read_stored(model, f"snapshot/{name}", text, remedy)


def write_snapshot(snapshot: Snapshot) -> dict[str, str]:
    """The texts of the snapshot's files by name. Equal snapshots give equal texts."""
    return dict(snapshot_texts(snapshot))


def snapshot_texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The names and texts of the snapshot's files, one at a time: together they may take as much memory as everything else."""
    for entry in snapshot.entries:
        yield f"{entry.slug}.json", _encoded(entry)
    if snapshot.harvest is not None:
        yield HARVEST_FILE, _encoded(snapshot.harvest)


def _encoded(model: BaseModel) -> str:
    data = {"schema_version": SCHEMA, **model.model_dump(mode="json", exclude_defaults=True)}
    return indented_json(data)


@dataclass(frozen=True, slots=True)
class HarvestedRecord:
    """A record as harvested: its facts, its concept DOI if stated, its revision, and its `index` among the versions (0: unknown)."""

    record: Record
    concept_doi: str | None
    revision: int = 0
    index: int = 0

    @property
    def codemeta_file(self) -> StoredFile | None:
        """The `codemeta.json` of the record, None if it has none; of several the one with the shortest path."""
        found = [file for file in self.record.files if file.name.rpartition("/")[2] == "codemeta.json"]
        return min(found, key=lambda file: (len(file.name), file.name), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestResult:
    """The result of reading a whole community: records, what was dropped from them, and which entries were withdrawn.

    `codemeta` is by record number, `withdrawn` by identity. `left_out` holds hits that no record could be read from.
    """

    seen: tuple[HarvestedRecord, ...]
    left_out: tuple[LeftOut, ...] = ()
    repaired: tuple[Repaired, ...] = ()
    codemeta: Mapping[str, dict[str, JsonValue]]
    withdrawn: Mapping[str, Withdrawal]


def newest_versions(
    seen: Iterable[HarvestedRecord], kinds: Iterable[str]
) -> tuple[dict[str, HarvestedRecord], list[HarvestedRecord], list[LeftOut]]:
    """The newest record of each entry by identity, the older records, and all that is left out: these, and other kinds.

    A record that was listed more than once counts once, with its highest revision.
    """
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
    """A sort key, greater for a newer version: Zenodo's version index, then the time of creation, then the number."""
    return seen.index, seen.record.created or "", _number(seen.record.id), seen.record.id


def _number(name: str) -> int:
    """The number at the end of a DOI or record id. Zenodo's numbers grow with time, whatever dates are stated."""
    digits = re.search(r"\d{0,18}$", name)
    return int(digits[0] or 0) if digits else 0


def has_tombstone(entry: Entry, latest: str) -> bool:
    """Whether a withdrawn entry still has a tombstone page at the ISO time `latest`, when the community was last read.

    The page stays for a year. The entry stays in the snapshot for ever, so that its slug is never given to another.
    """
    if entry.withdrawn is None:
        return False
    try:
        until = date.fromisoformat(entry.withdrawn.date) + TOMBSTONE
    except (ValueError, OverflowError):
        return True
    return latest[:10] <= until.isoformat()


def by_doi(snapshot: Snapshot) -> dict[str, Entry]:
    """The entries of a snapshot by each of their DOIs; if several have the same DOI, that whose identity it is, else the first."""
    found = {doi: entry for entry in reversed(snapshot.entries) for doi in entry.dois}
    return found | {entry.identity: entry for entry in snapshot.entries}


def by_folded_doi(snapshot: Snapshot) -> dict[str, Entry]:
    """The same with DOIs in lower case, to look up those that people write."""
    return {doi.casefold(): entry for doi, entry in by_doi(snapshot).items()}


def file_stamps(snapshot: Snapshot) -> dict[str, str]:
    """The stamps of the records that the last harvest saw and whose files are known, by their DOIs in lower case."""
    not_seen = frozenset(snapshot.harvest.not_seen if snapshot.harvest else ())
    return {
        entry.record.doi.lower(): stamp
        for entry in snapshot.entries
        if entry.withdrawn is None and entry.identity not in not_seen and (stamp := entry.record.stamp)
    }


def with_known_concepts(seen: Iterable[HarvestedRecord], before: Snapshot) -> tuple[HarvestedRecord, ...]:
    """The records, with missing concept DOIs filled in from the last snapshot.

    Otherwise an entry would change its identity for a night, and its local overrides would be lost.
    """
    known = {doi: entry.concept_doi for entry in before.entries if entry.concept_doi for doi in entry.dois}
    return tuple(each if each.concept_doi else replace(each, concept_doi=known.get(each.record.doi)) for each in seen)


def missing_entries(seen: Iterable[HarvestedRecord], before: Snapshot) -> list[Entry]:
    """The entries of the last snapshot that are not withdrawn and that no record of this harvest belongs to."""
    dois = {doi for each in seen for doi in (each.record.doi, each.concept_doi) if doi}
    return [entry for entry in before.entries if entry.withdrawn is None and not entry.dois & dois]


def next_snapshot(
    result: HarvestResult,
    before: Snapshot,
    *,
    kinds: Iterable[str],
    api: str,
    community: str,
    now: str,
    reserved: Collection[str] = (),
) -> Snapshot:
    """The new snapshot: the newest record of each concept, older ones as its history, and an account of every record.

    `before` provides slugs, history, and the entries that this harvest did not see. If several of its entries turn out to
    be versions of one concept, one of them continues, and the others are merged into it. New entries get none of the
    `reserved` slugs. If nothing but the time differs from `before`, `before` itself is returned, so that a night without
    changes leaves the files as they are.
    """
    newest, older, left_out = newest_versions(with_known_concepts(result.seen, before), kinds)
    lines = [*left_out, *result.left_out]
    entries: list[Entry] = []
    lost = {each.identity: each for each in before.lost}
    taken = {*_taken_slugs(before), *reserved}
    known = by_doi(before)
    identities = {entry.identity for entry in before.entries}
    continued = set()
    holders: dict[str, int] = {}  # by DOI, the place of the entry whose harvested records have it
    history: dict[str | None, list[HarvestedRecord]] = defaultdict(list)
    for each in older:
        history[each.concept_doi].append(each)
    # First those that are known by their identity: a version that has left its entry must not take the slug along.
    for identity in sorted(newest, key=lambda each: (each not in identities, _age(newest[each]))):
        dois = (identity, newest[identity].record.doi, *(each.record.doi for each in history[identity]))
        claimed = (known[doi] for doi in dois if doi in known)
        old = next((each for each in claimed if each.slug not in continued), None)
        entry = _entry(identity, newest[identity], history[identity], result, old or lost.pop(identity, None), taken)
        holders |= dict.fromkeys(dois, len(entries))
        continued.add(entry.slug)
        taken.add(entry.slug)
        entries.append(entry)
    rest = [entry for entry in before.entries if entry.slug not in continued]
    entries, not_seen = _with_rest(entries, holders, rest, result.withdrawn)
    harvest = Harvest(
        api=api,
        community=community,
        harvested=now,
        seen=len(newest) + len(lines),
        left_out=tuple(sorted(lines, key=lambda line: (line.id, line.reason))),
        repaired=tuple(sorted(result.repaired, key=lambda line: (line.id, line.text))),
        not_seen=tuple(sorted(not_seen)),
    )
    ordered = tuple(sorted(_without_identities_in_use(entries), key=lambda entry: entry.slug))
    if before.harvest and before.entries == ordered:
        same_time = {"harvested": before.harvest.harvested, "note": before.harvest.note}
        if before.harvest == harvest.model_copy(update=same_time):
            return before
    return Snapshot(ordered, harvest)


def _taken_slugs(before: Snapshot) -> Iterator[str]:
    """The slugs that no new entry may get."""
    yield HARVEST_FILE.removesuffix(".json")  # an entry with this slug would overwrite the accounting
    for entry in before.entries:
        yield from (entry.slug, *entry.former_slugs)
    for lost in before.lost:
        yield from (lost.slug, *(other.slug for other in lost.merged))


def _with_rest(
    seen: Iterable[Entry], holders: Mapping[str, int], rest: Iterable[Entry], withdrawn: Mapping[str, Withdrawal]
) -> tuple[list[Entry], list[str]]:
    """The `seen` entries with the `rest` of the last snapshot, and the identities of those whose fate is not known.

    An entry of the rest is merged into a seen one that has a DOI of it; `holders` gives the places of these by DOI.
    """
    entries = [*seen]
    not_seen = []
    for entry in rest:
        if held := holders.keys() & entry.dois:
            into = min(holders[doi] for doi in held)
            entries[into] = _with_merged(entries[into], entry)
            continue
        gone = entry.withdrawn or withdrawn.get(entry.identity)
        entries.append(entry.model_copy(update={"withdrawn": gone}))
        if gone is None:
            not_seen.append(entry.identity)
    return entries, not_seen


def _without_identities_in_use(entries: Collection[Entry]) -> Iterator[Entry]:
    """The entries without those former identities that an entry has now, since these are nobody's former ones."""
    present = {entry.identity for entry in entries}
    for entry in entries:
        if present.isdisjoint(entry.former_identities):
            yield entry
        else:
            others = tuple(each for each in entry.former_identities if each not in present)
            yield entry.model_copy(update={"former_identities": others})


def _entry(
    identity: str,
    seen: HarvestedRecord,
    older: Sequence[HarvestedRecord],
    result: HarvestResult,
    known: Entry | LostEntry | None,
    taken: Collection[str],
) -> Entry:
    record = seen.record
    old = known if isinstance(known, Entry) else None
    slug = known.slug if known else slugify(record.name, f"record-{record.id}")
    while known is None and slug in taken:
        slug = f"{slug}-{record.id}"
    past = [*(old.versions if old else ()), *(_version(each.record) for each in older)]
    return Entry(
        identity=identity,
        concept_doi=seen.concept_doi,
        slug=slug,
        record=record,
        codemeta=result.codemeta.get(record.id),
        versions=_history(record, [*past, *([_version(old.record)] if old else [])]),
        merged=known.merged if known else (),
        former_identities=tuple(sorted({known.identity, *known.former_identities})) if known else (),
    )


def _with_merged(entry: Entry, other: Entry) -> Entry:
    """An entry with the history and the slugs of another one of the same software."""
    return entry.model_copy(
        update={
            "versions": _history(entry.record, [*other.versions, _version(other.record), *entry.versions]),
            "former_identities": tuple(sorted({*entry.former_identities, *other.former_identities})),
            "merged": (*entry.merged, MergedEntry(identity=other.identity, slug=other.slug), *other.merged),
        }
    )


def _version(record: Record) -> OlderVersion:
    return OlderVersion(doi=record.doi, version=record.version, published=record.published)


def _history(record: Record, past: Iterable[OlderVersion]) -> tuple[OlderVersion, ...]:
    """The past versions of a record, the newest first; of several with the same DOI, the last."""
    versions = {each.doi: each for each in past if each.doi != record.doi}
    return tuple(sorted(versions.values(), key=lambda each: _number(each.doi), reverse=True))
