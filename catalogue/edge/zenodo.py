"""The harvest: a Zenodo community, asked page by page -> a new snapshot, or an UpstreamError and the old one stays."""

import hashlib
import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urljoin

from pydantic import JsonValue

from ..problems import UpstreamError
from ..sources.datacite import Listed
from ..sources.ossr import codemeta_facts, site_of
from ..sources.snapshot import (
    Entry,
    LeftOut,
    Omission,
    Record,
    Repaired,
    Seen,
    Snapshot,
    Stock,
    StoredFile,
    Withdrawal,
    by_doi,
    newest_of_each,
    not_seen_again,
    take_stock,
    with_known_concepts,
)
from ..sources.zenodo import communities_of, read_hit
from ..text import clean, without_email
from .http import Client, JsonResponse, parse_json, same_origin
from .oai import listed

PAGE_SIZE, PAGE_SIZE_WITH_TOKEN = 25, 100  # Zenodo's ceilings since November 2025
_WINDOW = 10_000  # records that Zenodo's search gives at most
_PASSES = 4
KEPT_SHARE = 0.8  # of the entries known before that a harvest must bring
_COMPLETENESS = 20  # points that the share of records which say something may fall by
_SAYS: dict[str, Callable[[Record], bool]] = {
    "a description": lambda record: bool(record.description),
    "a licence": lambda record: bool(record.licences),
    "authors": lambda record: bool(record.creators),
}
_CODEMETA_LIMIT = 2**20
_FACTS = 250  # records that are asked for one by one in one night, where a list says too little of them
_FILES = 100  # that are asked for in one night: with the pages, that is less than five minutes
_QUESTIONS = 25  # about entries not seen again, in one night
_WASTE = 120.0  # seconds that failed errands may cost

_T = TypeVar("_T")


class TooManyRecords(UpstreamError):
    """The community has more records than the search lists: they can be had by OAI-PMH only."""


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
    """The snapshot of a community as it is now; `before` itself where there is no news.

    Raises UpstreamError unless every record was seen, where `before` is of another community or API, and where more
    than a fifth of the entries would be lost and nobody said that this is right (`allow_shrink`). A file or a question
    that fails costs no more than its answer. `reserved` holds address names that no new entry is given.
    """
    report = progress or (lambda _: None)
    api = api.rstrip("/")
    _same_place(before, api, community)
    size = page_size or (PAGE_SIZE_WITH_TOKEN if client.sends_token_to(api) else PAGE_SIZE)
    hits = _hits(client, api, community, size, report)
    read = _read_hits(hits, community)
    read = replace(read, seen=with_known_concepts(read.seen, before))
    if not allow_shrink:
        _guard(client, community, len(hits), read.seen, kinds, before)
    errands = _Errands(client, api, report)
    before = _with_concepts_learnt(errands, read.seen, before)
    stock = _stock(errands, read, kinds, before, now)
    return take_stock(stock, before, kinds=kinds, api=api, community=community, now=now, reserved=reserved)


def harvest_by_oai(
    client: Client,
    *,
    api: str,
    community: str,
    kinds: Collection[str],
    before: Snapshot,
    now: str,
    since: str | None = None,
    progress: Callable[[str], None] | None = None,
    allow_shrink: bool = False,
    reserved: Collection[str] = (),
) -> Snapshot:
    """The same by OAI-PMH, for a community that is too large for the search.

    With `since`, the time at which the community was last read, only what has changed since the day before is asked for,
    and everything else stays as it is known. DataCite's XML has no files: a record that is new or has changed is asked for
    by the API, as many as `_FACTS` in one night; others have the facts of the list, and the files that were known.
    """
    report = progress or (lambda _: None)
    api = api.rstrip("/")
    _same_place(before, api, community)
    # A time to come was written by a clock that was wrong: nobody knows then since when there may be news.
    since = since if before.harvest and since and since <= now else None
    looked = before.harvest.harvested if before.harvest and before.harvest.harvested <= now else ""
    errands = _Errands(client, api, report)
    found = _all_listed(client, api, community, before, since, looked, report)
    read = _completed(errands, found, kinds, before)
    if since:
        read = _with_the_rest(read, found.keys(), before)
    read = replace(read, seen=with_known_concepts(read.seen, before))
    if not allow_shrink:
        _guard(client, community, len(read.seen), read.seen, kinds, before)
    stock = _stock(errands, read, kinds, before, now)
    return take_stock(stock, before, kinds=kinds, api=api, community=community, now=now, reserved=reserved)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of the community, whichever way: its records, what is wrong with them, and the numbers of deleted ones."""

    seen: tuple[Seen, ...]
    left_out: tuple[LeftOut, ...]
    repaired: tuple[Repaired, ...]
    deleted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Listed:
    """What was read from one record of a list: nothing where it is deleted; `as_before` where it is the one that is known."""

    found: Seen | LeftOut | None
    repaired: tuple[Repaired, ...] = ()
    as_before: bool = False


def _all_listed(
    client: Client,
    api: str,
    community: str,
    before: Snapshot,
    since: str | None,
    looked: str,
    report: Callable[[str], None],
) -> dict[str, _Listed]:
    """The records of the list by number: all of them, or those that changed since the day before the time `since`.

    What has not changed since the time `looked` is as it was `before`.
    """
    day = (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat() if since else None
    reduced = partial(_reduced, known=_known(before), looked=looked[:10])
    return listed(client, site_of(api), community, day, report, reduced)


def _known(before: Snapshot) -> dict[str, Entry]:
    """The entries that are not withdrawn, by the number of their record."""
    return {entry.record.id: entry for entry in before.entries if entry.withdrawn is None}


def _reduced(each: Listed, *, known: Mapping[str, Entry], looked: str) -> _Listed:
    """What is kept of a record, so that no page is held longer than it is read; `looked` is the day of what is known."""
    old = known.get(each.id)
    if each.deleted:
        return _Listed(None)
    if old and each.changed[:10] < looked:
        return _Listed(Seen(old.record, old.concept_doi), as_before=True)
    return _Listed(*read_hit(each.hit, each.id))


def _same_place(before: Snapshot, api: str, community: str) -> None:
    """Refuses to go on from the snapshot of another community or API, whose entries would all seem withdrawn."""
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
    """What was read from one hit; the hit itself, ten times as large, is not kept."""

    id: str
    communities: frozenset[str]
    found: Seen | LeftOut
    repaired: tuple[Repaired, ...]


def _hit(data: Any, place: str) -> _Hit:
    number = data.get("id") or data.get("recid") if isinstance(data, dict) else None
    found, repaired = read_hit(data, place)
    return _Hit(str(number) if isinstance(number, int | str) else place, communities_of(data), found, repaired)


def _hits(client: Client, api: str, community: str, size: int, report: Callable[[str], None]) -> list[_Hit]:
    """All hits of a walk through the pages in which every page gave one total and as many records were seen."""
    begun = client.request_count
    for _ in range(_PASSES):
        hits: list[_Hit] = []
        totals = set()
        for total, page, more in _pages(client, api, community, size):
            hits += page
            totals.add(total)
            seen = len({hit.id for hit in hits})
            most = _PASSES * -(-total // max(1, min(size, len(page))))
            if seen < total and client.request_count - begun >= most:
                raise _never_the_same(client, totals, seen)
            report(f"{seen} of {total} records")
            # A total can be wrong: where a next page is named, that page says whether there is more.
            if seen >= total and not more:
                break
        if totals == {seen}:
            return hits
    raise _never_the_same(client, totals, seen)


def _never_the_same(client: Client, totals: Collection[int], seen: int) -> UpstreamError:
    stated = " or ".join(f"{total:,}" for total in sorted(totals))
    return UpstreamError(
        f"{client.name} says that the community has {stated} records and lists {seen:,}, however often it is asked: "
        "nothing was changed"
    )


def _pages(client: Client, api: str, community: str, size: int) -> Iterator[tuple[int, list[_Hit], bool]]:
    """Page after page with the total that it states and whether it names a next one, up to the first empty one."""
    first = f"{api}/communities/{quote(community, safe='')}/records"
    asked: set[str] = set()
    number, most = 1, 1
    url = f"{first}?{urlencode({'size': size, 'page': number, 'sort': 'newest'})}"
    while True:
        if url in asked or number > most:
            raise UpstreamError(f"{client.name} gives page after page and comes to no end: nothing was changed")
        asked.add(url)
        answer = client.get_json(url)
        if answer.status != 200:
            raise UpstreamError(f"{client.name} has no community {community!r}: check `community` in site.yaml")
        total, hits = _page(client, answer)
        if number == 1:
            most = -(-total // max(1, min(size, len(hits)))) + 3
        links = answer.data.get("links")
        link = links.get("next") if isinstance(links, dict) else None
        named = isinstance(link, str) and bool(link)
        yield total, [_hit(hit, f"hit {index} of page {number}") for index, hit in enumerate(hits, 1)], named
        if not hits:
            return
        number += 1
        if isinstance(link, str) and named:
            if not same_origin(url, link):
                raise UpstreamError(f"{client.name} names a next page in another place, {clean(link, 100)}: not asked")
            url = urljoin(url, link)
        else:
            url = f"{first}?{urlencode({'size': size, 'page': number, 'sort': 'newest'})}"


def _page(client: Client, answer: JsonResponse) -> tuple[int, list[Any]]:
    """The total that a page states, and its hits."""
    envelope = answer.data.get("hits") if isinstance(answer.data, dict) else None
    hits = envelope.get("hits") if isinstance(envelope, dict) else None
    if not isinstance(envelope, dict) or not isinstance(hits, list):
        raise UpstreamError(f"{client.name} answered with something else than a page of records: nothing was changed")
    total = envelope.get("total")
    if isinstance(total, dict):
        total = total.get("value")
    if isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 20:
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise UpstreamError(f"{client.name} does not say how many records there are: nothing was changed")
    if total > _WINDOW:
        raise TooManyRecords(
            f"{client.name} says that there are {total:,} records, and its search lists {_WINDOW:,} at most"
        )
    return total, hits


def _read_hits(hits: Collection[_Hit], community: str) -> _Read:
    """The records in the hits, the hits that hold none or are not of the community, and what was wrong with them."""
    seen: list[Seen] = []
    left_out: dict[str, LeftOut] = {}
    repaired: dict[Repaired, None] = {}
    # A community can be renamed, and then no record names it as it is asked for.
    is_named = any(community in hit.communities for hit in hits)
    for hit in hits:
        found = hit.found
        repaired |= dict.fromkeys(hit.repaired)
        if isinstance(found, LeftOut):
            left_out[found.id] = found
        elif is_named and hit.communities and community not in hit.communities:
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


def _guard(
    client: Client, community: str, hits: int, seen: Iterable[Seen], kinds: Collection[str], before: Snapshot
) -> None:
    """Refuses a harvest that would lose too much of what there was: entries, or what they say."""
    newest, _, _ = newest_of_each(seen, kinds)
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
    for what, says in _SAYS.items():
        was, is_now = (round(100 * sum(map(says, each)) / len(each)) if each else 0 for each in (known, records))
        if is_now < was - _COMPLETENESS:
            raise UpstreamError(
                f"{is_now} % of the records have {what}, where {was} % had: that is too few to be believed, "
                "nothing was changed"
            )


@dataclass(slots=True)
class _Errands:
    """Lesser questions, each of which may fail; once failures have cost two minutes no more are asked.

    What became of a record is asked once, and of no more than 25 records in one night; of files, 100 are asked for, and
    the facts of 250 records.
    """

    client: Client
    api: str
    report: Callable[[str], None]
    wasted: float = 0.0
    files: int = 0
    listed: int = 0
    records: dict[str, JsonResponse | UpstreamError] = field(default_factory=dict)

    def file(self, record: Record, name: str) -> bytes:
        """The content of a record's file."""
        if self.files == _FILES:
            raise UpstreamError(f"it was not asked for, since {_FILES} others had been; another night asks")
        self.files += 1
        url = f"{self.api}/records/{record.id}/files/{quote(name, safe='/')}/content"
        return self._run(
            f"{name} of {clean(record.title, 80)}", lambda: self.client.get_file(url, limit=_CODEMETA_LIMIT)
        )

    def record(self, record: Record) -> JsonResponse:
        """What is said now of a record that was known before."""
        if record.id not in self.records:
            if len(self.records) == _QUESTIONS:
                raise UpstreamError("it was not asked for, since enough others had been")
            url = f"{self.api}/records/{record.id}"
            try:
                answer = self._run(f"what became of {clean(record.title, 80)}", lambda: self.client.get_json(url))
            except UpstreamError as error:
                self.records[record.id] = error
            else:
                self.records[record.id] = answer
        known = self.records[record.id]
        if isinstance(known, UpstreamError):
            raise known
        return known

    def facts(self, record: Record) -> Seen | None:
        """What the API says of a record of which a list says less; None where that cannot be learnt."""
        if self.listed == _FACTS:
            return None
        self.listed += 1
        url = f"{self.api}/records/{record.id}"
        try:
            answer = self._run(f"the record {record.id}", lambda: self.client.get_json(url))
        except UpstreamError:
            return None
        found, _ = read_hit(answer.data, record.id)
        return found if isinstance(found, Seen) and found.record.id == record.id else None

    def _run(self, what: str, question: Callable[[], _T]) -> _T:
        if self.wasted > _WASTE:
            raise UpstreamError("it was not asked for, since too much time had been lost with others")
        self.report(what)
        start = time.monotonic()
        try:
            return question()
        except UpstreamError:
            self.wasted += time.monotonic() - start
            raise


def _completed(errands: _Errands, found: Mapping[str, _Listed], kinds: Collection[str], before: Snapshot) -> _Read:
    """What was listed, each record that is new or has changed as the API has it, as far as it could be asked."""
    known = _known(before)
    seen: list[Seen] = []
    left_out: list[LeftOut] = []
    repaired: list[Repaired] = []
    for number, each in found.items():
        match each.found:
            case LeftOut() as nothing:
                left_out.append(nothing)
            case Seen() as of_list:
                is_enough = each.as_before or of_list.record.kind.partition("/")[0] not in kinds
                whole = of_list if is_enough else errands.facts(of_list.record)
                if whole is None:
                    whole, lacking = _with_known_files(of_list, known.get(number))
                    repaired += [*each.repaired, *lacking]
                seen.append(whole)
    deleted = frozenset(number for number, each in found.items() if each.found is None)
    return _Read(tuple(seen), tuple(left_out), tuple(repaired), deleted)


def _with_known_files(of_list: Seen, old: Entry | None) -> tuple[Seen, list[Repaired]]:
    """A record as the list has it, which names no files, with those that were known; and that there are none."""
    files = old.record.files if old else ()
    record = of_list.record.model_copy(update={"files": files})
    lacking = []
    if not files and record.access == "open":
        text = "its files are not known: Zenodo's list does not name them"
        lacking = [Repaired(id=record.id, text=text)]
    return replace(of_list, record=record), lacking


def _with_the_rest(read: _Read, changed: Collection[str], before: Snapshot) -> _Read:
    """What has changed, with all that is known of the rest: its records, and the account of it."""
    known = _known(before)
    account = before.harvest
    touched = {*changed, *known}
    seen = [Seen(entry.record, entry.concept_doi) for number, entry in known.items() if number not in changed]
    left_out = [line for line in (account.left_out if account else ()) if line.id not in touched]
    repaired = [
        line
        for line in (account.repaired if account else ())
        # The CodeMeta files of the rest are looked at anew, too.
        if line.id not in changed and not line.codemeta
    ]
    return _Read(
        seen=(*read.seen, *seen),
        left_out=(*read.left_out, *left_out),
        repaired=(*read.repaired, *repaired),
        deleted=read.deleted,
    )


def _stock(errands: _Errands, read: _Read, kinds: Collection[str], before: Snapshot, now: str) -> Stock:
    """What was read, with what is asked for beside it: CodeMeta files, and what became of entries not seen again."""
    newest, older, _ = newest_of_each(read.seen, kinds)
    codemeta, failed = _codemeta(errands, newest, before, now)
    return Stock(
        seen=read.seen,
        left_out=read.left_out,
        repaired=(*read.repaired, *failed),
        codemeta=codemeta,
        withdrawn=_withdrawn(errands, read, [*newest.values(), *older], before, now),
    )


def _codemeta(
    errands: _Errands, newest: Mapping[str, Seen], before: Snapshot, now: str
) -> tuple[dict[str, dict[str, JsonValue]], list[Repaired]]:
    """What the CodeMeta files say, by record number, and which could not be used; an unchanged one is not asked for.

    The order is another one each day: files that always fail hold up others for one night only.
    """
    facts: dict[str, dict[str, JsonValue]] = {}
    failed = []
    entries = by_doi(before)
    for identity, seen in sorted(newest.items(), key=lambda each: _turn(each[0], now)):
        record, file = seen.record, seen.codemeta_file
        if file is None:
            continue
        old = entries.get(identity) or entries.get(record.doi)
        kept = old.codemeta if old and _same_file(old, record, file) else None
        found: dict[str, JsonValue] | str | None = kept
        if kept is None or not file.checksum:
            found = _codemeta_file(errands, record, file)
        if isinstance(found, str):
            instead = "was left out" if kept is None else "is kept from before"
            failed.append(Repaired(id=record.id, text=f"its codemeta.json {instead}: {found}", codemeta=True))
            found = kept
        if found is not None:
            facts[record.id] = found
    return facts, failed


def _turn(identity: str, now: str) -> str:
    return hashlib.sha256(f"{now[:10]} {identity}".encode()).hexdigest()


def _codemeta_file(errands: _Errands, record: Record, file: StoredFile) -> dict[str, JsonValue] | str:
    """What a CodeMeta file says, or why that is not known."""
    try:
        body = errands.file(record, file.name)
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
    known = Seen(old.record, None).codemeta_file
    same = known is not None and (known.name, known.checksum) == (file.name, file.checksum)
    return same and old.record.doi == record.doi


def _with_concepts_learnt(errands: _Errands, seen: Iterable[Seen], before: Snapshot) -> Snapshot:
    """The last snapshot, with the concept of an entry that had none where its record turns out to have been followed.

    Otherwise the new version would be a second entry, at another address, and the first one would seem withdrawn.
    """
    concepts = {each.concept_doi for each in seen}
    learnt: dict[str, dict[str, str | None]] = {}
    for entry in not_seen_again(seen, before):
        if entry.concept_doi is not None:
            continue
        try:
            answer = errands.record(entry.record)
        except UpstreamError:
            continue
        found, _ = read_hit(answer.data, entry.record.id)
        if answer.status == 200 and isinstance(found, Seen) and found.concept_doi in concepts:
            learnt[entry.identity] = {"identity": found.concept_doi, "concept_doi": found.concept_doi}
    if not learnt:
        return before
    entries = (entry.model_copy(update=learnt.get(entry.identity, {})) for entry in before.entries)
    return replace(before, entries=tuple(entries))


def _withdrawn(
    errands: _Errands, read: _Read, wanted: Iterable[Seen], before: Snapshot, now: str
) -> dict[str, Withdrawal]:
    """What became of the entries that no wanted record means, as far as that could be learnt."""
    gone = {}
    reason: str | None
    of_no_record = {entry.identity for entry in not_seen_again(read.seen, before)}
    of_no_kind = {entry.identity for entry in not_seen_again((each for each in read.seen if each.record.kind), before)}
    unreadable = {each.id for each in read.left_out if each.code is not Omission.OTHER_COMMUNITY}
    for entry in not_seen_again(wanted, before):
        if entry.identity not in of_no_kind:
            reason = "its record is no longer of a kind that is listed here"
        elif entry.identity not in of_no_record:
            continue
        else:
            reason = _fate(errands, entry.record, read, unreadable)
        if reason:
            gone[entry.identity] = Withdrawal(date=now[:10], reason=reason)
    return gone


def _fate(errands: _Errands, record: Record, read: _Read, unreadable: Container[str]) -> str | None:
    """What became of a record that was not seen again; None where that could not be learnt, or where it is still listed."""
    try:
        answer = errands.record(record)
    except UpstreamError:
        return "Zenodo has withdrawn it" if record.id in read.deleted else None
    if answer.status == 200 and record.id in unreadable:
        return None
    return _what_became(answer)


def _what_became(answer: JsonResponse) -> str:
    """Why a record is no longer seen, as Zenodo answers when it is asked for it."""
    if answer.status == 200:
        return "it is no longer part of the community"
    if answer.status == 404:
        return "Zenodo does not have it any more"
    tombstone = answer.data.get("tombstone") if isinstance(answer.data, dict) else None
    tombstone = tombstone if isinstance(tombstone, dict) else {}
    why = tombstone.get("removal_reason")
    why = why.get("id") if isinstance(why, dict) else why
    said = [without_email(clean(words)) for words in (why, tombstone.get("note"))]
    return ": ".join(["Zenodo has withdrawn it", *filter(None, said)])
