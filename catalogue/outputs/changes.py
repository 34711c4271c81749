"""What has changed: pages by week, Atom feeds for the whole catalogue and parts of it, and JSON."""

import html
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from feedgenerator import Atom1Feed

from ..changes import PAIRS, week
from ..model import LIMIT_LABELS, Catalogue, Change, ChangeKind, Event, EventSubject, Verdict
from ..text import as_sentence, cut, english_list, pluralize, strip_controls
from ..times import day, loose_date, when
from .addresses import facility_page, launch_page, software_page
from .facets import value_slug
from .files import File, json_file, text_file
from .launch_views import code_in_short
from .paging import Part, parts
from .views import FIELD_LABELS, LinkView, source_link

# How many of the newest events; more if that would leave out some that were recorded at the same time as the last.
IN_A_FEED, IN_JSON = 50, 1000
_NAMED_IN_TITLE = 2  # facilities: a longer list would leave no room for the reason
ALL = "feeds/all.atom"
JSON = "api/v1/changes.json"

_FACILITY_LABELS = {
    "name": "Name",
    "kind": "Kind",
    "url": "Address",
    "seen": "Seen working",
    "closed": "Closed",
    "summary": "Summary",
    "operator": "Operator",
    "interfaces": "Runs",
    "providers": "Takes code from",
    "login": "Login",
    **LIMIT_LABELS,
    "ports": "Open ports",
    "data": "Data",
    "contact": "Contact",
    "documentation": "Documentation",
    PAIRS: "What runs there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change as a sentence, with its source. `title` is the sentence for a title: it counts facilities if they are many.

    `facilities` are those whose verdict has changed.
    """

    what: ChangeKind
    text: str
    title: str
    source: LinkView
    facilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What changed at one entry or facility. `anchor` is its id on the page of its week; `about` is a link if it still exists."""

    at: str
    day: str
    anchor: str
    address: str
    about: LinkView
    what: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPage:
    """A page of a week: its part of the events by day, the newest first."""

    part: Part[Event]
    days: tuple[tuple[str, tuple[EventView, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The events of one week, on one or more pages; `href` is the address of the last, which has the newest events.

    Pages are filled from the oldest event on, so that events keep their addresses when others follow.
    """

    label: str
    href: str
    pages: tuple[WeekPage, ...]
    count: int

    @property
    def words(self) -> str:
        """The label as it is written within a sentence."""
        return self.label[0].lower() + self.label[1:]


def weeks(catalogue: Catalogue) -> tuple[Week, ...]:
    """The weeks with changes, the newest first."""
    names = _LinkTargets(catalogue)
    return tuple(_week(key, found, names) for key, found in sorted(names.weeks.items(), reverse=True))


def _week(key: str, found: tuple[Part[Event], ...], names: "_LinkTargets") -> Week:
    year, number = key.split("-w")
    return Week(
        label=f"Week {int(number)} of {year}",
        href=found[-1].address,
        pages=tuple(_week_page(part, names) for part in found),
        count=found[-1].total,
    )


def _week_page(part: Part[Event], names: "_LinkTargets") -> WeekPage:
    days: dict[str, list[EventView]] = defaultdict(list)
    for event in reversed(part.items):
        days[day(event.at)].append(_event_view(event, names))
    return WeekPage(part=part, days=tuple((label, tuple(views)) for label, views in days.items()))


def _in_weeks(newest_first: Iterable[Event]) -> dict[str, tuple[Part[Event], ...]]:
    """The events of each week, the oldest first, divided into pages."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in newest_first:
        found[week(event.at)].append(event)
    return {key: parts(reversed(events), f"changes/{key}/", bytes_of=_bytes) for key, events in found.items()}


def _bytes(event: Event) -> int:
    """The size of an event on its page, hardly ever too low. It depends on the event only, so that addresses do not change."""
    said = [
        (each.old, each.new, each.reason.text if each.reason else None, each.source.label, each.source.url)
        for each in event.changes
    ]
    texts = [event.name, event.name, *(text for each in said for text in each if text)]
    written = sum(len(html.escape(text).encode("utf-8", "replace")) for text in texts)
    return 800 + 400 * len(event.changes) + 100 * len(event.facilities) + written


class _LinkTargets:
    """What can be linked to: entries, facilities and pairs that exist now, and the pages of events."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.site = catalogue.site
        self.weeks = _in_weeks(catalogue.changes)
        every_part = [part for found in self.weeks.values() for part in found]
        self._pages = {_anchor(event): part.address for part in every_part for event in part.items}
        self.facilities = {each.slug: each.name for each in catalogue.facilities}
        every = (*catalogue.software, *catalogue.withdrawn)
        # An entry had another identity if it began in notebooks.yaml, where that is its slug, or Zenodo stated another concept.
        self.software = {former: each.slug for each in every for former in (*each.former_slugs, *each.former_dois)}
        self.software |= {each.identity: each.slug for each in every}
        self.pairs = {(each.software, each.facility) for each in catalogue.offers}

    def facilities_named(self, slugs: Iterable[str]) -> str:
        """Their names in a sentence; one that is no longer listed is called by its slug."""
        return english_list(self.facilities.get(each, each) for each in slugs)

    def page(self, event: Event) -> str | None:
        """The address of what an event is about; None if it no longer exists."""
        if event.about is EventSubject.FACILITY:
            return facility_page(event.slug) if event.slug in self.facilities else None
        if event.about is EventSubject.SOFTWARE and event.identity in self.software:
            return software_page(self.software[event.identity])
        return "" if event.about is EventSubject.CATALOGUE else None

    def address(self, event: Event) -> str:
        """The address of an event, on the page of its week."""
        return f"{self._pages[_anchor(event)]}#{_anchor(event)}"


def _anchor(event: Event) -> str:
    digits = "".join(letter for letter in event.at if letter.isdigit())
    return f"{event.about}-{event.slug}-{digits}"


def _event_view(event: Event, names: _LinkTargets) -> EventView:
    return EventView(
        at=event.at,
        day=day(event.at),
        anchor=_anchor(event),
        address=names.address(event),
        about=LinkView(label=event.name, href=names.page(event)),
        what={EventSubject.SOFTWARE: "", EventSubject.FACILITY: "facility", EventSubject.CATALOGUE: ""}[event.about],
        changes=tuple(_change_views(event, names)),
    )


def _change_views(event: Event, names: _LinkTargets) -> Iterator[ChangeView]:
    """A sentence for each change; facilities with the same change of verdict, for the same reason, share one."""
    verdicts: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in event.changes:
        if change.what is ChangeKind.VERDICT:
            verdicts[_verdict(change), _why(change)].append(change)
        else:
            text = _sentence(change, event, names)
            yield ChangeView(what=change.what, text=text, title=text, source=source_link(change.source, names.site))
    slug = names.software.get(event.identity, event.slug)
    for found in verdicts.values():
        places = tuple(each.facility or "" for each in found)
        known = all((slug, place) in names.pairs for place in places)
        href = launch_page(slug, places[0] if len(places) == 1 else "")
        text = _launch_sentence(found[0], names.facilities_named(places))
        many = len(places) > _NAMED_IN_TITLE
        yield ChangeView(
            what=ChangeKind.VERDICT,
            text=text,
            title=_launch_sentence(found[0], f"{len(places)} facilities") if many else text,
            source=LinkView(label=found[0].source.label, href=href if known else None),
            facilities=places,
        )


def _sentence(change: Change, event: Event, names: _LinkTargets) -> str:
    is_facility = event.about is EventSubject.FACILITY
    match change.what:
        case ChangeKind.OPENED:
            return f"The catalogue opened with {change.new}."
        case ChangeKind.MORE:
            return f"So much changed at once that {change.new} entries and facilities are not listed one by one."
        case ChangeKind.ADDED if is_facility:
            return f"New facility: {change.new}." if change.new else "New facility."
        case ChangeKind.ADDED | ChangeKind.RETURNED:
            new = "New in the catalogue" if change.what is ChangeKind.ADDED else "Back in the catalogue"
            sure = names.facilities_named(each for each in event.facilities if each not in event.unsure)
            maybe = names.facilities_named(event.unsure)
            launches = [f"launches at {sure}"] if sure else []
            launches += [f"may launch at {maybe}"] if maybe else []
            return f"{'; '.join([new, *launches])}."
        case ChangeKind.WITHDRAWN:
            return f"Withdrawn: {change.new}." if change.new else "Withdrawn."
        case ChangeKind.REMOVED:
            return "No longer listed."
        case ChangeKind.MOVED:
            return (
                f"Its address is {software_page(change.new or '')} now; {software_page(change.old or '')} leads there."
            )
        case ChangeKind.VERDICT:
            return _launch_sentence(change, names.facilities_named([change.facility or ""]))
        case ChangeKind.FIELD if is_facility and change.field == "closed" and change.new:
            return f"Closed since {loose_date(change.new)}."
    labels = _FACILITY_LABELS if is_facility else FIELD_LABELS
    label = labels.get(change.field or "", change.field or "")
    if change.old is None:
        return f"{label} added: {change.new}"
    if change.new is None:
        return f"{label} removed; it was: {change.old}"
    if change.old == change.new:
        return f"{label} changed, after the beginning: {change.new}"
    return f"{label}: {change.new} — before: {change.old}"


def _launch_sentence(change: Change, facilities: str) -> str:
    return f"{_verdict(change)} {facilities}{_why(change)}"


def _why(change: Change) -> str:
    """The end of a sentence about a verdict: if it is better, why it was not before; then why it is not better still."""
    better = change.new == Verdict.YES or (change.old, change.new) == (Verdict.NO, Verdict.MAYBE)
    before = code_in_short(change.old_reason or "") if better else ""
    ended = f" — before: {before}." if before else "."
    return f"{ended} {as_sentence(change.reason.text)}" if change.reason else ended


def _verdict(change: Change) -> str:
    if change.new == Verdict.YES:
        return "Now launches at"
    if change.new == Verdict.MAYBE:
        return "No longer sure to launch at" if change.old == Verdict.YES else "May now launch at"
    return "No longer launches at" if change.old == Verdict.YES else "Can no longer be tried at"


# --- feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of the catalogue that has a feed: the path of the feed, the page that it belongs to, and its events.

    `name` is that of the part, `label` the title of the feed. A feed that has `ended`, since no entry has the keyword any more,
    say, is kept for its subscribers. `facility` is the slug of the facility whose feed it is.
    """

    path: str
    name: str
    label: str
    page: str
    events: tuple[Event, ...]
    ended: bool = False
    facility: str | None = None


def facility_feed(slug: str) -> str:
    """The address of a facility's feed."""
    return f"feeds/facility/{slug}.atom"


def value_feed(key: str, slug: str) -> str:
    """The address of the feed of a platform or a keyword, by its slug."""
    return f"feeds/{key}/{slug}.atom"


def slices(catalogue: Catalogue) -> dict[str, tuple[Slice, ...]]:
    """The slices by kind: the whole catalogue, and each facility, platform and keyword that exists or has existed."""
    events = catalogue.changes
    title = catalogue.site.title
    everything = Slice(path=ALL, name=title, label=f"All changes: {title}", page="changes/", events=events)
    return {
        "all": (everything,),
        "facility": _facility_slices(catalogue),
        "platform": _value_slices(
            catalogue, "platform", lambda each: each.platforms, [each.runtimes for each in catalogue.software]
        ),
        "keyword": _value_slices(
            catalogue, "keyword", lambda each: each.keywords, [each.keywords for each in catalogue.software]
        ),
    }


def _facility_slices(catalogue: Catalogue) -> tuple[Slice, ...]:
    there = {each.slug: each.name for each in catalogue.facilities}
    names = {
        each.slug: each.name for each in reversed(catalogue.changes) if each.about is EventSubject.FACILITY
    } | there
    found: dict[str, list[Event]] = {slug: [] for slug in there}
    for event in catalogue.changes:
        for slug in event.facilities:
            found.setdefault(slug, []).append(event)
    return tuple(
        Slice(
            path=facility_feed(slug),
            name=names.get(slug, slug),
            label=f"Changes at {names.get(slug, slug)}",
            page=facility_page(slug) if slug in there else "changes/",
            events=tuple(events),
            ended=slug not in there,
            facility=slug,
        )
        for slug, events in found.items()
    )


def _value_slices(
    catalogue: Catalogue, key: str, of: Callable[[Event], tuple[str, ...]], values: Iterable[tuple[str, ...]]
) -> tuple[Slice, ...]:
    labels: dict[str, str] = {}
    for label in sorted({label for each in values for label in each}):
        labels.setdefault(value_slug(label), label)
    there = frozenset(labels)
    found: dict[str, list[Event]] = defaultdict(list)
    for event in catalogue.changes:
        for label in of(event):
            labels.setdefault(value_slug(label), label)
        for slug in dict.fromkeys(map(value_slug, of(event))):
            found[slug].append(event)
    return tuple(
        Slice(
            path=value_feed(key, slug),
            name=label,
            label=f"Changes for {label}",
            page=f"{key}/{slug}/" if slug in there else "changes/",
            events=tuple(found[slug]),
            ended=slug not in there,
        )
        for slug, label in sorted(labels.items())
    )


class _Feed(Atom1Feed):  # type: ignore[misc]
    """An Atom feed. `updated` is the time of its newest entry, not that of the build; `older` links to entries it no longer has."""

    def __init__(self, base: str, updated: str, older: str | None, **says: Any) -> None:
        super().__init__(**says)
        self._base, self._updated, self._older = base, updated, older

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xml:base": self._base}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        if self._older:
            handler.addQuickElement("link", "", {"rel": "archives", "type": "text/html", "href": self._older})

    def latest_post_date(self) -> datetime:
        return _moment(self._updated)


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def feed_files(catalogue: Catalogue) -> list[File]:
    """An Atom feed for each slice."""
    names = _LinkTargets(catalogue)
    return [_feed(each, catalogue, names) for found in slices(catalogue).values() for each in found]


def _newest(events: tuple[Event, ...], count: int) -> tuple[Event, ...]:
    """The `count` newest events, and all others that were recorded at the same time as the last: else no feed would ever have them."""
    if len(events) <= count:
        return events
    last = events[count - 1].at
    return events[:count] + tuple(takewhile(lambda each: each.at == last, events[count:]))


def _feed(part: Slice, catalogue: Catalogue, names: _LinkTargets) -> File:
    base = catalogue.site.base_url
    newest = _newest(part.events, IN_A_FEED)
    older = f"{base}changes/" if len(newest) < len(part.events) else None
    feed = _Feed(
        base,
        # An empty feed is as old as the oldest event, or the harvest.
        (newest or catalogue.changes[-1:])[0].at if catalogue.changes else catalogue.harvest.harvested,
        older,
        title=_text(part.label),
        link=f"{base}{part.page}",
        description=f"The newest changes. Those before them: {older}" if older else "",
        language="en",
        author_name=_text(catalogue.site.title),
        feed_url=f"{base}{part.path}",
        feed_guid=f"{base}{part.path}",
    )
    for event in newest:
        view = _event_view(event, names)
        feed.add_item(
            title=_text(_title(view, part.facility)),
            link=f"{base}{view.address}",
            unique_id=f"{base}{view.address}",
            description=_text(_markup(view, base)),
            pubdate=_moment(event.at),
            updateddate=_moment(event.at),
            categories=[_text(each) for each in (*event.platforms, *event.keywords)],
        )
    return text_file(part.path, feed.writeString("utf-8"))


def _text(text: str) -> str:
    return strip_controls(text)


def _title(view: EventView, facility: str | None) -> str:
    """The weightiest change, and how many more there are; `facility` is the one whose feed it is for."""
    rest = len(view.changes) - 1
    more = f" and {pluralize(rest, 'more change', 'more changes')}" if rest else ""
    lead = min(view.changes, key=lambda each: _weight(each, facility))
    first = cut(lead.title.rstrip("."), 120)
    return f"{first}{more}" if view.about.href == "" else f"{view.about.label}: {first}{more}"


def _weight(change: ChangeView, facility: str | None) -> int:
    """The rank of a change in a title, the lowest first: what came, went or moved, then verdicts, then fields."""
    match change.what:
        case ChangeKind.FIELD:
            return 3
        case ChangeKind.VERDICT:
            return 1 if facility in change.facilities else 2
    return 0


def _markup(view: EventView, base: str) -> str:
    """The changes as HTML, for feed readers."""
    items = []
    for change in view.changes:
        source = html.escape(change.source.label)
        if href := change.source.href:
            full = href if urlsplit(href).scheme in ("https", "http") else f"{base}{href}"
            source = f'<a href="{html.escape(full)}">{source}</a>'
        items.append(f"<li>{html.escape(change.text)} <small>({source})</small></li>")
    return f"<ul>{''.join(items)}</ul>"


# --- for programs


def changes_file(catalogue: Catalogue) -> File:
    """The newest events as JSON. The keys are written out, since others depend on them: some may be added, none removed."""
    base = catalogue.site.base_url
    names = _LinkTargets(catalogue)
    return json_file(
        JSON,
        {
            "title": catalogue.site.title,
            "recorded": catalogue.recorded,
            "events": [_event(each, base, names) for each in _newest(catalogue.changes, IN_JSON)],
        },
    )


def _event(event: Event, base: str, names: _LinkTargets) -> dict[str, Any]:
    return {
        "at": event.at,
        "about": event.about.value,
        "id": event.identity,
        "slug": event.slug,
        "name": event.name,
        "url": f"{base}{names.address(event)}",
        "platforms": list(event.platforms),
        "keywords": list(event.keywords),
        "facilities": list(event.facilities),
        "unsure": list(event.unsure),
        "changes": [
            {
                "what": change.what.value,
                "field": change.field,
                "facility": change.facility,
                "old": change.old,
                "new": change.new,
                "reason": {"code": change.reason.code, "text": change.reason.text} if change.reason else None,
                "old_reason": change.old_reason,
                "text": _sentence(change, event, names),
                "source": {
                    "label": change.source.label,
                    "url": change.source.url,
                    "place": str(change.source.place) if change.source.place else None,
                },
            }
            for change in event.changes
        ],
    }


def recorded_words(catalogue: Catalogue) -> str:
    """When changes were last recorded, as a sentence."""
    if catalogue.recorded is None:
        return "No changes have been recorded yet."
    return f"Changes were last recorded on {when(catalogue.recorded)}."
