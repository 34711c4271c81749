"""Compares two recorded states of the catalogue: what pages showed then and show now -> events, field by field.

The health of a facility is not compared: it varies from night to night, and the facility's page shows it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from .merge import display_text
from .model import (
    LIMIT_LABELS,
    Catalogue,
    Change,
    ChangeKind,
    Event,
    EventSubject,
    Facility,
    Offer,
    Reason,
    Software,
    Source,
    State,
    Verdict,
)
from .text import cut, fold, pluralize, unique

MOST_EVENTS = 300  # in one night; more of them mean that something has changed the whole catalogue
_VALUE_LIMIT = 200
_HERE = Source(label="decided by this catalogue")
# Fields that pages do not show by themselves, or that only repeat that there is a new version.
_NOT_COMPARED = frozenset(
    {"former_slugs", "former_dois", "archive", "record_url", "versions", "created", "state", "state_note"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The value shown for one field. If it is cut, `digest` is a hash of the whole text."""

    field: str
    value: str
    source: Source
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedItem:
    """What pages showed of an entry or a facility.

    `verdicts` pairs the slug of a facility with the verdict there. It is `no` if the link leads only to a page of the facility:
    nothing is launched by that. `codes` pairs it with the code of the reason why the verdict is not better. `reasons` are
    the same in full.

    `formerly` holds the earlier slugs of an entry. It is not stored, and neither is `reasons`.
    """

    identity: str
    slug: str
    name: str
    gone: bool = False
    platforms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, Reason], ...] = ()
    formerly: tuple[Fact, ...] = ()

    def facilities_with(self, *verdicts: Verdict) -> tuple[str, ...]:
        """The slugs of the facilities with one of these verdicts."""
        return tuple(slug for slug, verdict in self.verdicts if verdict in verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedState:
    """What pages showed of all entries and facilities `at` a time (ISO, UTC)."""

    at: str
    software: tuple[RecordedItem, ...]
    facilities: tuple[RecordedItem, ...]


# --- the current state


def current_state(catalogue: Catalogue, now: str) -> RecordedState:
    """What the catalogue shows at the time `now`, ordered by identity."""
    offers: dict[str, list[Offer]] = {}
    for offer in sorted(catalogue.offers, key=lambda each: each.facility):
        offers.setdefault(offer.software, []).append(offer)
    every = (*catalogue.software, *catalogue.withdrawn)
    return RecordedState(
        at=now,
        software=tuple(
            _software(each, offers.get(each.slug, ())) for each in sorted(every, key=lambda each: each.identity)
        ),
        facilities=tuple(
            _facility(each, catalogue) for each in sorted(catalogue.facilities, key=lambda each: each.slug)
        ),
    )


def _software(software: Software, offers: Sequence[Offer]) -> RecordedItem:
    facts = [
        _fact(each.field, getattr(software, each.field), each.source)
        for each in software.provenance
        if each.field not in _NOT_COMPARED
    ]
    state = next((each.source for each in software.provenance if each.field == "state"), software.sources[-1])
    reasons = tuple((each.facility, _reason(each)) for each in offers if each.reasons)
    return RecordedItem(
        identity=software.identity,
        slug=software.slug,
        name=software.name,
        gone=software.state is State.WITHDRAWN,
        platforms=software.runtimes,
        keywords=software.keywords,
        facts=(*facts, _fact("state", _state(software), state))
        if software.state is not State.CURRENT
        else tuple(facts),
        verdicts=tuple((each.facility, each.launch_verdict) for each in offers),
        codes=tuple((slug, reason.code) for slug, reason in reasons),
        reasons=reasons,
        formerly=tuple(
            _fact(each.field, slug, each.source)
            for each in software.provenance
            if each.field == "former_slugs"
            for slug in software.former_slugs
        ),
    )


def _reason(offer: Offer) -> Reason:
    """Why it does not launch, or may not. If the link leads only to a page of the facility, that is the last of the reasons."""
    return offer.reasons[0 if offer.carries else -1]


def _state(software: Software) -> str:
    return f"{software.state}: {software.state_note}" if software.state_note else str(software.state)


_OF_A_FACILITY = (
    "closed", "name", "kind", "url", "seen", "summary", "operator", "interfaces", "providers", "login", "ports", "data",
    "contact", "documentation",
)  # fmt: skip
PAIRS = "pairs"
_DECIDING = frozenset({"kind", "closed", "interfaces", "providers", "ports"})  # on these, verdicts depend


def _facility(facility: Facility, catalogue: Catalogue) -> RecordedItem:
    place = Source(label=f"{facility.place.file}:{facility.place.line}", place=facility.place)
    has_reported = facility.probe is not None and facility.probe.providers is not None
    counts = Counter(each.launch_verdict for each in catalogue.offers if each.facility == facility.slug)
    values = [(name, getattr(facility, name)) for name in _OF_A_FACILITY]
    values += [(name, getattr(facility.limits, name)) for name in LIMIT_LABELS]
    facts = [
        _fact(
            name,
            value,
            Source(label="told by the facility", url=facility.url) if has_reported and name == "providers" else place,
        )
        for name, value in values
        if value
    ]
    pairs = f"{pluralize(counts[Verdict.YES], 'entry', 'entries')} should run there, {counts[Verdict.MAYBE]} may"
    return RecordedItem(
        identity=facility.slug,
        slug=facility.slug,
        name=facility.name,
        facts=(*facts, Fact(field=PAIRS, value=pairs, source=_HERE)),
    )


def _fact(field: str, value: object, source: Source) -> Fact:
    words = display_text(value)
    digest = hashlib.sha256(_compared(field, words).encode()).hexdigest()[:12] if len(words) > _VALUE_LIMIT else ""
    return Fact(field=field, value=cut(words, _VALUE_LIMIT), source=source, digest=digest)


def _compared(field: str, words: str) -> str:
    """A value as it is compared: of keywords, the catalogue shows the spelling that is most frequent among all entries."""
    return words.casefold() if field == "keywords" else words


# --- the comparison


def changes(before: RecordedState | None, after: RecordedState) -> tuple[Event, ...]:
    """What has changed: facilities first, then software, each by name. Without a state before there is one event, the opening."""
    if before is None:
        current = sum(not each.gone for each in after.software)
        new = (
            f"{pluralize(current, 'entry', 'entries')} and {pluralize(len(after.facilities), 'facility', 'facilities')}"
        )
        return (_of_the_catalogue(after.at, Change(what=ChangeKind.OPENED, source=_HERE, new=new)),)
    facilities = [*_of_facilities(before, after)]
    touched = {each.slug for each in facilities if may_change_verdicts(each)}
    found = sorted(facilities, key=_order) + sorted(_of_software(before, after, touched), key=_order)
    if len(found) > MOST_EVENTS:
        rest = Change(what=ChangeKind.MORE, source=_HERE, new=f"{len(found) - MOST_EVENTS} more")
        return (*found[:MOST_EVENTS], _of_the_catalogue(after.at, rest))
    return tuple(found)


def may_change_verdicts(event: Event) -> bool:
    """Whether this is an event of a facility after which the verdicts there may be others, of which entries have no event."""
    return event.about is EventSubject.FACILITY and any(
        each.what is not ChangeKind.FIELD or each.field in _DECIDING for each in event.changes
    )


def _order(event: Event) -> tuple[str, str]:
    return fold(event.name), event.identity


def _of_the_catalogue(at: str, change: Change) -> Event:
    return Event(
        at=at, about=EventSubject.CATALOGUE, identity="catalogue", slug="catalogue", name="Catalogue", changes=(change,)
    )


def _of_facilities(before: RecordedState, after: RecordedState) -> Iterator[Event]:
    then, now = ({each.identity: each for each in state.facilities} for state in (before, after))
    for identity in sorted(then.keys() | now.keys()):
        old, new = then.get(identity), now.get(identity)
        if new is None and old is not None:
            source = old.facts[0].source if old.facts else _HERE
            found = [Change(what=ChangeKind.REMOVED, source=source)]
        elif old is None and new is not None:
            runs = next((each.value for each in new.facts if each.field == PAIRS), None)
            found = [Change(what=ChangeKind.ADDED, source=new.facts[0].source, new=runs)]
        elif old is not None and new is not None:
            found = [*_of_facts(old, new)]
            if all(each.field == PAIRS for each in found):  # the events of the entries report it
                found = []
        item = new or old
        if found and item:
            yield Event(
                at=after.at,
                about=EventSubject.FACILITY,
                identity=identity,
                slug=item.slug,
                name=item.name,
                changes=tuple(found),
                facilities=(item.slug,),
            )


def _of_software(before: RecordedState, after: RecordedState, touched: set[str]) -> Iterator[Event]:
    """The events of entries. Changes of verdicts at the `touched` facilities, where something has changed on which verdicts
    depend, are left out: their own events report them.

    A missing entry whose slug is now an earlier slug of another entry has moved there; it was not removed.
    """
    then, now = ({each.identity: each for each in state.software} for state in (before, after))
    listed = {each.identity for each in before.facilities} & {each.identity for each in after.facilities}
    lost = {each.slug: each for each in then.values() if each.identity not in now}
    for each in now.values():  # the same entry, of which Zenodo now states another concept
        if each.identity not in then and (known := lost.pop(each.slug, None)):
            then[each.identity] = then.pop(known.identity)
    moves = {each.identity: [fact for fact in each.formerly if fact.value in lost] for each in now.values()}
    moved = {lost[fact.value].identity for facts in moves.values() for fact in facts}
    for identity in sorted((then.keys() - moved) | now.keys()):
        new, here = now.get(identity), moves.get(identity, [])
        was = [*([then[identity]] if identity in then else []), *(lost[fact.value] for fact in here)]
        old = was[0] if was else None
        found, facilities, unsure = _of_entry(old, new, listed - touched)
        if new is not None and not new.gone:
            found = [*_of_moves((fact for fact in here if not lost[fact.value].gone), new), *found]
        item = new or old
        if found and item:
            yield Event(
                at=after.at,
                about=EventSubject.SOFTWARE,
                identity=identity,
                slug=item.slug,
                name=item.name,
                changes=tuple(found),
                platforms=unique(label for each in (item, *was) for label in each.platforms),
                keywords=unique(label for each in (item, *was) for label in each.keywords),
                facilities=facilities,
                unsure=unsure,
            )


def _of_entry(
    old: RecordedItem | None, new: RecordedItem | None, listed: set[str]
) -> tuple[list[Change], tuple[str, ...], tuple[str, ...]]:
    """The changes of an entry, and the `facilities` and `unsure` of their event.

    Changes of verdicts are those at the `listed` facilities.
    """
    shown_then, shown_now = (item if item and not item.gone else None for item in (old, new))
    if shown_then and shown_now:
        verdicts = [*_of_verdicts(shown_then, shown_now, listed)]
        facilities = tuple(each.facility for each in verdicts if each.facility)
        return [*_of_facts(shown_then, shown_now), *verdicts], facilities, ()
    if shown_then:
        return [_end(shown_then, new)], shown_then.facilities_with(Verdict.YES, Verdict.MAYBE), ()
    if shown_now:
        what = ChangeKind.ADDED if old is None else ChangeKind.RETURNED
        change = Change(what=what, source=_source_of_name(shown_now))
        unsure = shown_now.facilities_with(Verdict.MAYBE)
        return [change], shown_now.facilities_with(Verdict.YES, Verdict.MAYBE), unsure
    return [], (), ()


def _of_moves(facts: Iterable[Fact], new: RecordedItem) -> Iterator[Change]:
    for fact in facts:
        yield Change(what=ChangeKind.MOVED, source=fact.source, old=fact.value, new=new.slug)


def _end(old: RecordedItem, new: RecordedItem | None) -> Change:
    state = next((each for each in new.facts if each.field == "state"), None) if new else None
    if state is None:
        return Change(what=ChangeKind.REMOVED, source=_source_of_name(old))
    return Change(what=ChangeKind.WITHDRAWN, source=state.source, new=state.value.partition(": ")[2] or None)


def _source_of_name(item: RecordedItem) -> Source:
    return next((each.source for each in item.facts if each.field == "name"), _HERE)


def _of_facts(old: RecordedItem, new: RecordedItem) -> Iterator[Change]:
    then, now = ({each.field: each for each in item.facts} for item in (old, new))
    fields = dict.fromkeys((*now, *then))
    changed = [each for each in fields if _text(then.get(each)) != _text(now.get(each))]
    for field in changed:
        before, after = then.get(field), now.get(field)
        fact = after or before
        # A derived summary is the beginning of the description, whose change is reported already.
        if fact and not (field == "summary" and "description" in changed and fact.source.derived):
            yield Change(
                what=ChangeKind.FIELD,
                field=field,
                source=fact.source,
                old=before.value if before else None,
                new=after.value if after else None,
            )


def _text(fact: Fact | None) -> tuple[str, str] | None:
    return (_compared(fact.field, fact.value), fact.digest) if fact else None


def _of_verdicts(old: RecordedItem, new: RecordedItem, listed: set[str]) -> Iterator[Change]:
    then, now = dict(old.verdicts), dict(new.verdicts)
    codes, reasons = dict(old.codes), dict(new.reasons)
    for facility in sorted(then.keys() & now.keys() & listed):
        before, after = then[facility], now[facility]
        if before is after:
            continue
        yield Change(
            what=ChangeKind.VERDICT,
            facility=facility,
            source=_HERE,
            old=str(before),
            new=str(after),
            reason=reasons.get(facility),
            old_reason=codes.get(facility),
        )


def week(at: str) -> str:
    """The ISO week of a time, as `2026-w48`."""
    year, number, _ = date.fromisoformat(at[:10]).isocalendar()
    return f"{year}-w{number:02}"


def newest_first(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events, latest first; those of one time keep their order."""
    return tuple(sorted(events, key=lambda each: each.at, reverse=True))
