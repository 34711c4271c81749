"""The harvest: a Zenodo community, read page by page -> a new snapshot, or an UpstreamError; then the old one is kept."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urljoin

from pydantic import JsonValue

from ..problems import UpstreamError
from ..sources.datacite import ListedRecord
from ..sources.ossr import codemeta_facts, site_of
from ..sources.snapshot import (
    Entry,
    HarvestedRecord,
    HarvestResult,
    LeftOut,
    Omission,
    Record,
    Repaired,
    Snapshot,
    StoredFile,
    Withdrawal,
    by_doi,
    missing_entries,
    newest_versions,
    next_snapshot,
    with_known_concepts,
)
from ..sources.zenodo import communities_of, read_hit
from ..text import clean, without_email
from ..times import days_between
from .http import Client, JsonResponse, parse_json, same_origin
from .oai import list_records

PAGE_SIZE, PAGE_SIZE_WITH_TOKEN = 25, 100  # Zenodo's limits since November 2025
_SEARCH_WINDOW = 10_000  # the most records that Zenodo's search lists
_MAX_PASSES = 4  # through all pages, until totals and records agree
KEPT_SHARE = 0.8  # the least share of the previous entries that a harvest must find
_MAX_COMPLETENESS_LOSS = 20  # percentage points that the share of records with a field may fall by
_COMPLETENESS: dict[str, Callable[[Record], bool]] = {
    "a description": lambda record: bool(record.description),
    "a licence": lambda record: bool(record.licences),
    "authors": lambda record: bool(record.creators),
}
_CODEMETA_LIMIT = 2**20
_LISTED_NIGHTLY = 15_000  # records that OAI-PMH lists in 300 requests: twelve minutes
_LISTED_DAYS = 7  # from one reading of a longer list to the next
_MAX_DETAILS = 250  # records requested one by one in a harvest, after OAI-PMH listed them without details
_MAX_FILES = 100  # requested in a harvest: four minutes
_MAX_DISAPPEARED = 25  # requests about entries that have disappeared, in a harvest
_FAILURE_BUDGET = 120.0  # seconds that failing best-effort requests may take

_T = TypeVar("_T")


class TooManyRecords(UpstreamError):
    """The community has more records than the search lists: use OAI-PMH."""


def harvest(
    client: Client,
    *,
    api: str,
    community: str,
    kinds: Collection[str],
    before: Snapshot,
    now: str,
    page_size: int | None = None,
    progress: Callable[[str], None] | None = None,
    allow_shrink: bool = False,
    reserved: Collection[str] = (),
) -> Snapshot:
    """The present snapshot of a community; `before` itself if nothing has changed.

    Raises UpstreamError unless every record was read; if `before` is of another community or API; and, without
    `allow_shrink`, if more than a fifth of the entries, or much of their metadata, would be lost. Failing requests for
    CodeMeta files, or about entries that have disappeared, do not fail the harvest. `reserved` are slugs that no new entry
    may get.
    """
    progress = progress or (lambda _: None)
    api = api.rstrip("/")
    _check_same_community(before, api, community)
    size = page_size or (PAGE_SIZE_WITH_TOKEN if client.sends_token_to(api) else PAGE_SIZE)
    hits = _search(client, api, community, size, progress)
    read = _read_hits(hits, community, before)
    read = replace(read, seen=with_known_concepts(read.seen, before))
    if not allow_shrink:
        _check_plausible(client, community, len(hits), read.seen, kinds, before)
    best_effort = _BestEffortRequests(client, api, progress)
    before = _with_concepts_learnt(best_effort, read.seen, before)
    result = _harvest_result(best_effort, read, kinds, before, now)
    return next_snapshot(result, before, kinds=kinds, api=api, community=community, now=now, reserved=reserved)


def harvest_by_oai(
    client: Client,
    *,
    api: str,
    community: str,
    kinds: Collection[str],
    before: Snapshot,
    now: str,
    looked: str | None = None,
    changes_only: bool = False,
    progress: Callable[[str], None] | None = None,
    allow_shrink: bool = False,
    reserved: Collection[str] = (),
) -> Snapshot:
    """The same through OAI-PMH, for a community that is too large for the search.

    `looked` is the time of the last complete harvest. With `changes_only`, only records that have changed since the day
    before are listed, and all others stay as they are; `is_whole_list_due` says when that is not enough. DataCite's XML
    lacks files and more, so up to `_MAX_DETAILS` records are requested from the API: the newest version of each entry if it
    is new or has changed, then those that earlier harvests did not get. Until it is read there, a known record stays as it
    was, and a new one has the metadata of the list.
    """
    progress = progress or (lambda _: None)
    api = api.rstrip("/")
    _check_same_community(before, api, community)
    # A time in the future comes from a clock that was wrong.
    times = (before.harvest.harvested, looked or "") if before.harvest else ()
    last_read = max((time for time in times if time <= now), default="")
    since = last_read if changes_only else None
    best_effort = _BestEffortRequests(client, api, progress)
    found = _list_by_oai(client, api, community, before, since, last_read, progress)
    if not (found or since or before.entries):
        raise UpstreamError(
            f"{client.name} lists no records of the community {community!r} by OAI-PMH: check `community` in site.yaml"
        )
    read = _read_list(found)
    if since:
        read = _with_unchanged(read, found.keys(), before)
    changed = {number for number, each in found.items() if not each.as_before}
    # First: an older version whose concept only the snapshot knows is not taken for an entry of its own, which lacks details.
    read = replace(read, seen=with_known_concepts(read.seen, before))
    read = _with_details(best_effort, read, changed, kinds, before, now)
    if not allow_shrink:
        _check_plausible(client, community, len(read.seen), read.seen, kinds, before)
    result = _harvest_result(best_effort, read, kinds, before, now)
    return next_snapshot(result, before, kinds=kinds, api=api, community=community, now=now, reserved=reserved)


def is_whole_list_due(before: Snapshot, looked: str | None, listed: str | None, now: str) -> bool:
    """Whether OAI-PMH has to list all records, and not only what has changed since the last complete harvest at `looked`.

    Zenodo's list of changes does not show which records were deleted or have left the community, nor older ones that have
    joined it. A list of up to `_LISTED_NIGHTLY` records is read as a whole every night; a longer one, `_LISTED_DAYS` days
    after it was last `listed`.
    """
    if before.harvest is None or before.harvest.seen <= _LISTED_NIGHTLY:
        return True
    # A time in the future comes from a clock that was wrong.
    if not looked or looked > now or not listed or listed > now:
        return True
    return days_between(listed[:10], now[:10]) >= _LISTED_DAYS


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of the community: its records, what is wrong with them, and the ids of deleted ones."""

    seen: tuple[HarvestedRecord, ...]
    left_out: tuple[LeftOut, ...]
    repaired: tuple[Repaired, ...]
    deleted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _ReducedRecord:
    """One record of a list: `found` is None if it is deleted; `as_before` if it has not changed."""

    found: HarvestedRecord | LeftOut | None
    repaired: tuple[Repaired, ...] = ()
    as_before: bool = False


def _list_by_oai(
    client: Client,
    api: str,
    community: str,
    before: Snapshot,
    since: str | None,
    last_read: str,
    progress: Callable[[str], None],
) -> dict[str, _ReducedRecord]:
    """The listed records by id: all, or those changed since the day before `since`.

    Records that have not changed since `last_read` are taken from `before`.
    """
    day = (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat() if since else None
    known = _current_by_id(before)
    reduce = partial(_reduce, known=known, notes=_by_id(_notes(before)), last_read=last_read[:10])
    return list_records(client, site_of(api), community, day, progress, reduce)


def _current_by_id(before: Snapshot) -> dict[str, Entry]:
    """The entries that are not withdrawn, by the id of their record."""
    return {entry.record.id: entry for entry in before.entries if entry.withdrawn is None}


def _notes(before: Snapshot) -> list[Repaired]:
    """The repairs of the last snapshot, except what is noted anew in each harvest: CodeMeta files, and details that lack."""
    repaired = before.harvest.repaired if before.harvest else ()
    return [note for note in repaired if not (note.codemeta or note.details)]


def _by_id(notes: Iterable[Repaired]) -> dict[str, list[Repaired]]:
    found: dict[str, list[Repaired]] = defaultdict(list)
    for note in notes:
        found[note.id].append(note)
    return found


def _reduce(
    each: ListedRecord, *, known: Mapping[str, Entry], notes: Mapping[str, Iterable[Repaired]], last_read: str
) -> _ReducedRecord:
    """The part of a listed record that is kept; `last_read` is the date of the known entries, `notes` are theirs by id."""
    old = known.get(each.id)
    if each.deleted:
        return _ReducedRecord(None)
    if old and each.changed[:10] < last_read:
        return _ReducedRecord(
            HarvestedRecord(old.record, old.concept_doi), tuple(notes.get(each.id, ())), as_before=True
        )
    return _ReducedRecord(*read_hit(each.hit, each.id))


def _check_same_community(before: Snapshot, api: str, community: str) -> None:
    """Raises UpstreamError for a snapshot of another community or API: all of its entries would seem withdrawn."""
    known = before.harvest
    if known is None:
        return
    if (known.community, known.api.rstrip("/").casefold()) != (community, api.casefold()):
        raise UpstreamError(
            f"the snapshot holds the community {known.community!r} of {known.api}; "
            f"use another --root (or remove snapshot/) to harvest {community!r} of {api}"
        )


@dataclass(frozen=True, slots=True)
class _Hit:
    """The parsed content of one hit; the hit itself, ten times as large, is not kept."""

    id: str
    communities: frozenset[str]
    found: HarvestedRecord | LeftOut
    repaired: tuple[Repaired, ...]


def _parse_hit(data: Any, place: str) -> _Hit:
    number = data.get("id") or data.get("recid") if isinstance(data, dict) else None
    found, repaired = read_hit(data, place)
    return _Hit(str(number) if isinstance(number, int | str) else place, communities_of(data), found, repaired)


def _search(client: Client, api: str, community: str, size: int, progress: Callable[[str], None]) -> list[_Hit]:
    """All hits of the community, from a pass in which every page stated the same total and that many records were listed."""
    requests_before = client.request_count
    for _ in range(_MAX_PASSES):
        hits: list[_Hit] = []
        totals = set()
        for total, page, more in _pages(client, api, community, size):
            hits += page
            totals.add(total)
            seen = len({hit.id for hit in hits})
            most = _MAX_PASSES * -(-total // max(1, min(size, len(page))))
            if seen < total and client.request_count - requests_before >= most:
                raise _inconsistent(client, totals, seen)
            progress(f"{seen} of {total} records")
            # The total can be too low: if a next page is linked, only that page tells whether there are more.
            if seen >= total and not more:
                break
        if totals == {seen}:
            return hits
    raise _inconsistent(client, totals, seen)


def _inconsistent(client: Client, totals: Collection[int], seen: int) -> UpstreamError:
    stated = " or ".join(f"{total:,}" for total in sorted(totals))
    return UpstreamError(
        f"{client.name} says that the community has {stated} records and lists {seen:,}, however often it is asked: "
        "nothing was changed"
    )


def _pages(client: Client, api: str, community: str, size: int) -> Iterator[tuple[int, list[_Hit], bool]]:
    """The pages up to the first empty one: the total that each states, its hits, and whether it links to a next page."""
    first = f"{api}/communities/{quote(community, safe='')}/records"
    asked: set[str] = set()
    number, most = 1, 1
    url = f"{first}?{urlencode({'size': size, 'page': number, 'sort': 'newest'})}"
    while True:
        if url in asked or number > most:
            raise UpstreamError(f"{client.name} lists page after page without end: nothing was changed")
        asked.add(url)
        response = client.get_json(url)
        if response.status != 200:
            raise UpstreamError(f"{client.name} has no community {community!r}: check `community` in site.yaml")
        total, hits = _page(client, response)
        if number == 1:
            most = -(-total // max(1, min(size, len(hits)))) + 3
        links = response.data.get("links")
        link = links.get("next") if isinstance(links, dict) else None
        named = isinstance(link, str) and bool(link)
        yield total, [_parse_hit(hit, f"hit {index} of page {number}") for index, hit in enumerate(hits, 1)], named
        if not hits:
            return
        number += 1
        if isinstance(link, str) and named:
            if not same_origin(url, link):
                raise UpstreamError(f"{client.name} names a next page in another place, {clean(link, 100)}: not asked")
            url = urljoin(url, link)
        else:
            url = f"{first}?{urlencode({'size': size, 'page': number, 'sort': 'newest'})}"


def _page(client: Client, response: JsonResponse) -> tuple[int, list[Any]]:
    """The total that a page states, and its hits. Raises UpstreamError if it is not a page of records."""
    envelope = response.data.get("hits") if isinstance(response.data, dict) else None
    hits = envelope.get("hits") if isinstance(envelope, dict) else None
    if not isinstance(envelope, dict) or not isinstance(hits, list):
        raise UpstreamError(f"{client.name} answered with something other than a page of records: nothing was changed")
    total = envelope.get("total")
    if isinstance(total, dict):
        total = total.get("value")
    if isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 20:
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise UpstreamError(f"{client.name} does not say how many records there are: nothing was changed")
    if total > _SEARCH_WINDOW:
        raise TooManyRecords(
            f"{client.name} says that there are {total:,} records, and its search lists {_SEARCH_WINDOW:,} at most"
        )
    return total, hits


def _read_hits(hits: Collection[_Hit], community: str, before: Snapshot) -> _Read:
    """The records in the hits, the hits that are left out, and the repairs.

    A new record whose list of communities lacks this one is left out. A known one is not: the list may name only
    communities that were asked for, and a record that leaves the community is no longer among the hits.
    """
    known = by_doi(before)
    seen: list[HarvestedRecord] = []
    left_out: dict[str, LeftOut] = {}
    repaired: dict[Repaired, None] = {}
    # After a community was renamed, no record may name it as it was requested.
    is_named = any(community in hit.communities for hit in hits)
    for hit in hits:
        found = hit.found
        repaired |= dict.fromkeys(hit.repaired)
        if isinstance(found, LeftOut):
            left_out[found.id] = found
        elif (
            is_named
            and hit.communities
            and community not in hit.communities
            and not {found.record.doi, found.concept_doi} & known.keys()
        ):
            left_out[found.record.id] = LeftOut(
                id=found.record.id,
                title=found.record.title,
                reason=f"not of the community {community}",
                code=Omission.OTHER_COMMUNITY,
            )
        else:
            seen.append(found)
    numbers = {each.record.id for each in seen}
    return _Read(tuple(seen), tuple(each for each in left_out.values() if each.id not in numbers), tuple(repaired))


def _check_plausible(
    client: Client, community: str, hits: int, seen: Iterable[HarvestedRecord], kinds: Collection[str], before: Snapshot
) -> None:
    """Raises UpstreamError for a harvest that would lose too many entries, or too much of their metadata."""
    newest, _, _ = newest_versions(seen, kinds)
    records = [each.record for each in newest.values()]
    found = len(records)
    if before.entries and not hits:
        raise UpstreamError(
            f"{client.name} says that the community {community!r} is empty, and it was not before: nothing was changed"
        )
    current = sum(entry.withdrawn is None for entry in before.entries)
    if found < KEPT_SHARE * current:
        raise UpstreamError(
            f"{client.name} lists {found} entries in the community {community!r}, where there were {current}: "
            "that is too few to be believed, nothing was changed"
        )
    known = [entry.record for entry in before.entries if entry.withdrawn is None]
    for what, says in _COMPLETENESS.items():
        was, is_now = (round(100 * sum(map(says, each)) / len(each)) if each else 0 for each in (known, records))
        if is_now < was - _MAX_COMPLETENESS_LOSS:
            raise UpstreamError(
                f"{is_now} % of the records have {what}, where {was} % had: that is too few to be believed, "
                "nothing was changed"
            )


@dataclass(slots=True)
class _BestEffortRequests:
    """Requests that may fail without failing the harvest; after two minutes of failures none is sent any more.

    At most 100 files, the details of 250 records, and the present state of 25 records that have disappeared are requested.
    """

    client: Client
    api: str
    progress: Callable[[str], None]
    failed_seconds: float = 0.0
    files: int = 0
    details: int = 0
    records: dict[str, JsonResponse | UpstreamError] = field(default_factory=dict)

    def file(self, record: Record, name: str) -> bytes:
        """The content of a file of a record."""
        if self.files == _MAX_FILES:
            raise UpstreamError(f"it was not asked for, since {_MAX_FILES} others had been; another night asks")
        self.files += 1
        url = f"{self.api}/records/{record.id}/files/{quote(name, safe='/')}/content"
        return self._attempt(
            f"{name} of {clean(record.title, 80)}", lambda: self.client.get_file(url, limit=_CODEMETA_LIMIT)
        )

    def record(self, record: Record) -> JsonResponse:
        """The present response for a record that has disappeared from the list; requested once."""
        if record.id not in self.records:
            if len(self.records) == _MAX_DISAPPEARED:
                raise UpstreamError("it was not asked for, since enough others had been")
            url = f"{self.api}/records/{record.id}"
            try:
                response = self._attempt(f"what became of {clean(record.title, 80)}", lambda: self.client.get_json(url))
            except UpstreamError as error:
                self.records[record.id] = error
            else:
                self.records[record.id] = response
        known = self.records[record.id]
        if isinstance(known, UpstreamError):
            raise known
        return known

    def full_record(self, record: Record) -> tuple[HarvestedRecord, tuple[Repaired, ...]] | None:
        """The full metadata of a listed record and its repairs; None if it cannot be read."""
        if self.details == _MAX_DETAILS:
            return None
        self.details += 1
        url = f"{self.api}/records/{record.id}"
        try:
            response = self._attempt(f"the record {record.id}", lambda: self.client.get_json(url))
        except UpstreamError:
            return None
        found, repaired = read_hit(response.data, record.id)
        return (found, repaired) if isinstance(found, HarvestedRecord) and found.record.id == record.id else None

    def _attempt(self, what: str, request: Callable[[], _T]) -> _T:
        if self.failed_seconds > _FAILURE_BUDGET:
            raise UpstreamError("it was not asked for, since too much time had been lost with others")
        self.progress(what)
        start = time.monotonic()
        try:
            return request()
        except UpstreamError:
            self.failed_seconds += time.monotonic() - start
            raise


def _read_list(found: Mapping[str, _ReducedRecord]) -> _Read:
    """The listed records."""
    return _Read(
        seen=tuple(each.found for each in found.values() if isinstance(each.found, HarvestedRecord)),
        left_out=tuple(each.found for each in found.values() if isinstance(each.found, LeftOut)),
        repaired=tuple(note for each in found.values() for note in each.repaired),
        deleted=frozenset(number for number, each in found.items() if each.found is None),
    )


def _with_unchanged(read: _Read, listed: Collection[str], before: Snapshot) -> _Read:
    """What is in a list of changes, together with the known records of the rest, and the notes about them.

    Records that the last harvest did not see are not among them: what became of them is still to be asked.
    """
    account = before.harvest
    not_seen = frozenset(account.not_seen if account else ())
    rest = {
        number: HarvestedRecord(entry.record, entry.concept_doi)
        for number, entry in _current_by_id(before).items()
        if number not in listed and entry.identity not in not_seen
    }
    touched = {*listed, *rest}
    left_out = [line for line in (account.left_out if account else ()) if line.id not in touched]
    repaired = [note for note in _notes(before) if note.id not in listed]
    return _Read(
        seen=(*read.seen, *rest.values()),
        left_out=(*read.left_out, *left_out),
        repaired=(*read.repaired, *repaired),
        deleted=read.deleted,
    )


def _with_details(
    best_effort: _BestEffortRequests,
    read: _Read,
    changed: Container[str],
    kinds: Collection[str],
    before: Snapshot,
    now: str,
) -> _Read:
    """The same, where the newest version of each entry has the metadata of the API, as far as it is known or can be read.

    It is requested for versions that are new or `changed`; then for those that earlier harvests could not request, in an
    order that differs each day.
    """
    known, notes, known_notes = _current_by_id(before), _by_id(read.repaired), _by_id(_notes(before))
    lacked = {note.id for note in (before.harvest.repaired if before.harvest else ()) if note.details}
    seen = [_with_index(each) for each in read.seen]
    newest, _, _ = newest_versions(seen, kinds)
    wanted = [
        each
        for each in newest.values()
        if each.record.id in changed or each.record.id in lacked or not each.record.created
    ]
    wanted.sort(key=lambda each: "" if each.record.id in changed else _daily_order(each.record.id, now))
    found: dict[str, tuple[HarvestedRecord, Iterable[Repaired]]] = {}
    for each in wanted:
        number = each.record.id
        old = known.get(number)
        if full := best_effort.full_record(each.record):
            found[number] = full
        elif old and old.record.created:
            kept = HarvestedRecord(old.record, old.concept_doi)
            found[number] = kept, [*known_notes[number], Repaired(id=number, text=_NOT_RENEWED, details=True)]
        else:
            found[number] = each, [*notes[number], Repaired(id=number, text=_NO_DETAILS, details=True)]
    return replace(
        read,
        seen=tuple(_with_index(found[number][0]) if (number := each.record.id) in found else each for each in seen),
        repaired=(
            *(note for note in read.repaired if note.id not in found),
            *(note for _, its in found.values() for note in its),
        ),
    )


_NO_DETAILS = "its files are not known, nor what else Zenodo's list does not state: a later harvest asks again"
_NOT_RENEWED = "its changes could not be read, and it stays as it was: a later harvest asks again"


def _with_index(each: HarvestedRecord) -> HarvestedRecord:
    """The record with its number as its index: neither a list nor the snapshot states the index among the versions.

    Zenodo's numbers grow with time.
    """
    number = each.record.id
    return replace(each, index=int(number) if number.isdecimal() else 0)


def _harvest_result(
    best_effort: _BestEffortRequests, read: _Read, kinds: Collection[str], before: Snapshot, now: str
) -> HarvestResult:
    """What was read, with the CodeMeta files, and the reasons why entries have disappeared."""
    newest, older, _ = newest_versions(read.seen, kinds)
    codemeta, failed = _codemeta(best_effort, newest, before, now)
    return HarvestResult(
        seen=read.seen,
        left_out=read.left_out,
        repaired=(*read.repaired, *failed),
        codemeta=codemeta,
        withdrawn=_withdrawn(best_effort, read, [*newest.values(), *older], before, now),
    )


def _codemeta(
    best_effort: _BestEffortRequests, newest: Mapping[str, HarvestedRecord], before: Snapshot, now: str
) -> tuple[dict[str, dict[str, JsonValue]], list[Repaired]]:
    """The content of the CodeMeta files by record id, and notes on those that cannot be used.

    A file whose checksum has not changed is not requested. The order differs each day, so that files that always fail do
    not use up the limits for the same others every time.
    """
    facts: dict[str, dict[str, JsonValue]] = {}
    failed = []
    entries = by_doi(before)
    for identity, seen in sorted(newest.items(), key=lambda each: _daily_order(each[0], now)):
        record, file = seen.record, seen.codemeta_file
        if file is None:
            continue
        old = entries.get(identity) or entries.get(record.doi)
        kept = old.codemeta if old and _same_file(old, record, file) else None
        found: dict[str, JsonValue] | str | None = kept
        if kept is None or not file.checksum:
            found = _codemeta_file(best_effort, record, file)
        if isinstance(found, str):
            instead = "was left out" if kept is None else "is kept from before"
            failed.append(Repaired(id=record.id, text=f"its codemeta.json {instead}: {found}", codemeta=True))
            found = kept
        if found is not None:
            facts[record.id] = found
    return facts, failed


def _daily_order(identity: str, now: str) -> str:
    return hashlib.sha256(f"{now[:10]} {identity}".encode()).hexdigest()


def _codemeta_file(best_effort: _BestEffortRequests, record: Record, file: StoredFile) -> dict[str, JsonValue] | str:
    """The content of a CodeMeta file, or why it cannot be used."""
    try:
        body = best_effort.file(record, file.name)
    except UpstreamError as error:
        return str(error)
    kind, _, digest = (file.checksum or "").partition(":")
    if kind == "md5" and hashlib.md5(body, usedforsecurity=False).hexdigest() != digest.lower():
        return "it is not the file that its checksum was made of"
    try:
        facts = codemeta_facts(parse_json(body))
    except ValueError:
        return "it is not JSON"
    return "it is not a CodeMeta file" if facts is None else facts


def _same_file(old: Entry, record: Record, file: StoredFile) -> bool:
    known = HarvestedRecord(old.record, None).codemeta_file
    same = known is not None and (known.name, known.checksum) == (file.name, file.checksum)
    return same and old.record.doi == record.doi


def _with_concepts_learnt(
    best_effort: _BestEffortRequests, seen: Iterable[HarvestedRecord], before: Snapshot
) -> Snapshot:
    """The last snapshot, with the concept DOI of entries that had none and whose record now has newer versions.

    Otherwise the new version would become a second entry with another slug, and the first one would seem withdrawn.
    """
    concepts = {each.concept_doi for each in seen}
    learnt: dict[str, dict[str, str | None]] = {}
    for entry in missing_entries(seen, before):
        if entry.concept_doi is not None:
            continue
        try:
            response = best_effort.record(entry.record)
        except UpstreamError:
            continue
        found, _ = read_hit(response.data, entry.record.id)
        if response.status == 200 and isinstance(found, HarvestedRecord) and found.concept_doi in concepts:
            learnt[entry.identity] = {"identity": found.concept_doi, "concept_doi": found.concept_doi}
    if not learnt:
        return before
    entries = (entry.model_copy(update=learnt.get(entry.identity, {})) for entry in before.entries)
    return replace(before, entries=tuple(entries))


def _withdrawn(
    best_effort: _BestEffortRequests, read: _Read, wanted: Iterable[HarvestedRecord], before: Snapshot, now: str
) -> dict[str, Withdrawal]:
    """The withdrawals of entries that match no wanted record, as far as the reason is known."""
    gone = {}
    reason: str | None
    of_no_record = {entry.identity for entry in missing_entries(read.seen, before)}
    of_no_kind = {entry.identity for entry in missing_entries((each for each in read.seen if each.record.kind), before)}
    unreadable = {each.id for each in read.left_out if each.code is not Omission.OTHER_COMMUNITY}
    for entry in missing_entries(wanted, before):
        if entry.identity not in of_no_kind:
            reason = "its record is no longer of a kind that is listed here"
        elif entry.identity not in of_no_record:
            continue
        else:
            reason = _withdrawal_reason(best_effort, entry.record, read, unreadable)
        if reason:
            gone[entry.identity] = Withdrawal(date=now[:10], reason=reason)
    return gone


def _withdrawal_reason(
    best_effort: _BestEffortRequests, record: Record, read: _Read, unreadable: Container[str]
) -> str | None:
    """Why a record has disappeared; None if that is unknown, or if the record is still listed but cannot be read."""
    try:
        response = best_effort.record(record)
    except UpstreamError:
        return "Zenodo has withdrawn it" if record.id in read.deleted else None
    if response.status == 200 and record.id in unreadable:
        return None
    return _reason(response)


def _reason(response: JsonResponse) -> str:
    """Why a record has disappeared, from Zenodo's response for it (200, 404 or 410)."""
    if response.status == 200:
        return "it is no longer part of the community"
    if response.status == 404:
        return "Zenodo does not have it any more"
    tombstone = response.data.get("tombstone") if isinstance(response.data, dict) else None
    tombstone = tombstone if isinstance(tombstone, dict) else {}
    why = tombstone.get("removal_reason")
    why = why.get("id") if isinstance(why, dict) else why
    said = [without_email(clean(words)) for words in (why, tombstone.get("note"))]
    return ": ".join(["Zenodo has withdrawn it", *filter(None, said)])
