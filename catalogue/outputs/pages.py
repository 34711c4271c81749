"""catalogue -> pages. This module, `list_pages.py`, `entry_pages.py` and `embed.py` decide what each page shows; templates place it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from urllib.parse import urlsplit

from ..model import AccountSource, Catalogue, Outcome, Source
from ..times import day
from . import jsonld
from .changes import Week, facility_feed, recorded_words, slices, weeks
from .contribute import edit_address, guide_view, key_view
from .curation import Kind, board
from .embed import embed_address, embed_pages, frame_html
from .entry_pages import redirect_pages, software_pages, tombstone_pages
from .facets import Facet, facets
from .facility_views import FacilityView, PlaceView, facility_views, holders_of_data, place_views
from .files import relative
from .freshness import ages, as_of
from .launch_views import followed_words, looked_words, probed_words, readiness_counts
from .list_pages import (
    alphabet_pages,
    entries_by_value,
    facet_pages,
    home_pages,
    home_parts,
    in_list_order,
    matrix_pages,
    newest_pages,
    values_pages,
)
from .page import Page, PageGroup, group_of_one, page_of_part, paginated
from .paging import LISTED, VALUES_LISTED
from .schemas import codes, described
from .software_views import SoftwareView, software_views
from .views import LinkView, contact_link, source_link

# Singular and plural, after a number.
OUTCOMES = {
    Outcome.PUBLISHED: ("entry", "entries"),
    Outcome.MERGED: ("merged", "merged"),
    Outcome.VERSION: ("older version", "older versions"),
    Outcome.LEFT_OUT: ("left out", "left out"),
    Outcome.WITHDRAWN: ("withdrawn", "withdrawn"),
}

# The same for pairs of software and facility; the keys are parts of FacilityView.
PAIRS = {
    "yes": ("pair should run", "pairs should run"),
    "maybe": ("may run", "may run"),
    "visits": ("is opened by a front page only", "are opened by a front page only"),
    "no": ("does not", "do not"),
}

# How many other values of its facet the page of a value links to, besides the list of all.
OTHERS_SHOWN = 12

# Addresses that readers get by cutting the end off another address, and the page to which each redirects.
_PARENT_REDIRECTS = {
    "software/": ("All software", ""),
    "go/": ("All software from A to Z", "a-z/"),
    "feeds/": ("Feeds", "changes/#feeds"),
}


class SitePages:
    """All pages of a catalogue, in groups: those of one entry with its badges, those of one facet value, each other page by itself."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Computes the views that several pages share."""
        self.catalogue = catalogue
        self.views = software_views(catalogue)
        self._current = self.views[: len(catalogue.software)]
        self._places = facility_views(catalogue, self._current)
        self._menu = place_views(self._places)
        self._facets = facets(catalogue)
        self._in_order = in_list_order(catalogue, self._current)

    def home(self, index: str, cards: str | None = None) -> Iterator[PageGroup]:
        """The front page with its list; see `home_pages`."""
        every = home_pages(self.catalogue, self._in_order, self._menu, self._facets, index, cards)
        yield from map(group_of_one, every)

    def cards(self) -> tuple[Sequence[SoftwareView], int, tuple[Facet, ...], tuple[PlaceView, ...]]:
        """The arguments of `card_files`, without the renderer."""
        return self._in_order, len(home_parts(self._in_order)[0].items), self._facets, self._menu

    def entries(self) -> Iterator[PageGroup]:
        """The pages and badges of each entry, tombstones of withdrawn ones, and redirects from former addresses."""
        site = self.catalogue.site
        guides = self.catalogue.guides
        notebooks = next((edit_address(site, each.file) for each in guides if each.what == "notebook"), None)
        slugs = tuple(place.facility.slug for place in self._places)
        for number, view in enumerate(self.views):
            if number < len(self._current):
                yield PageGroup(make=software_pages, values=(view, self._menu, site, notebooks))
            else:
                yield PageGroup(make=tombstone_pages, values=(view, slugs))
            if view.software.former_slugs:
                yield PageGroup(make=redirect_pages, values=(view, slugs))

    def values(self) -> Iterator[PageGroup]:
        """The lists of the entries with each facet value. Each page of a long list is a group: most do not change with one entry."""
        with_value = entries_by_value(self._current)
        holders = holders_of_data(self._places)
        for facet in self._facets:
            about, typed = replace(facet, values=()), facet.typed
            first = facet.values[: OTHERS_SHOWN + 1]
            for value in facet.values:
                sure = with_value[facet.key, value.slug]
                maybe = with_value.get((f"maybe-{facet.key}", value.slug), [])
                if maybe:
                    slugs = {view.software.slug for view in sure}
                    maybe = [view for view in maybe if view.software.slug not in slugs]
                others = [each for each in first if each.slug != value.slug][:OTHERS_SHOWN]
                held_at = holders.get(value.slug, ()) if facet.key == "data" else ()
                group = PageGroup(
                    make=facet_pages, values=(about, typed, value, others, sure, maybe, self._menu, held_at)
                )
                if len(sure) + len(maybe) > LISTED:
                    yield from map(group_of_one, group.pages())
                else:
                    yield group

    def others(self) -> Iterator[PageGroup]:
        """All other pages."""
        return map(group_of_one, _others(self.catalogue, self._current, self._places, self._facets))


def _others(
    catalogue: Catalogue,
    current: tuple[SoftwareView, ...],
    places: tuple[FacilityView, ...],
    all_facets: tuple[Facet, ...],
) -> Iterator[Page]:
    """The pages that are not about one entry or one facet value."""
    yield _facilities(places)
    for place in places:
        yield _facility(place, catalogue)
    yield from embed_pages(places, current)
    for facet in all_facets:
        yield from values_pages(facet)
    yield from alphabet_pages(current)
    yield from newest_pages(current)
    yield from matrix_pages(current, places)
    kinds = board(catalogue)
    yield from _status(catalogue, current, places, kinds)
    yield _curation(catalogue, kinds)
    yield from _changes(catalogue)
    yield Page(
        address="about/",
        template="about",
        title="About",
        description="What this catalogue is, what a launch does, and how to get software or a facility listed.",
        section="about",
        values={"note": catalogue.harvest.note, "contact": contact_link(catalogue.site.contact)},
    )
    yield from _add(catalogue)
    yield from _parent_redirects()
    yield Page(
        address="api/",
        template="api",
        title="API and exports",
        description="The whole catalogue as JSON, with a schema; launch addresses that stay; descriptions in the pages.",
        section="about",
        trail=(LinkView(label="About", href="about/"), LinkView(label="API and exports")),
        values={
            "facilities": [place.facility.slug for place in places],
            "exports": [key_view(each) for each in described()],
            "codes": [key_view(each) for each in codes()],
        },
    )
    yield Page(
        address="404.html",
        template="404",
        title="Page not found",
        description="There is no page at this address.",
        listed=False,
    )


def _parent_redirects() -> Iterator[Page]:
    """Redirects from folders that have no page of their own."""
    for address, (label, target) in _PARENT_REDIRECTS.items():
        yield Page(
            address=address,
            template="moved",
            title=label,
            description="This page has another address.",
            listed=False,
            forward=relative(address, target),
            values={"target": LinkView(label=label, href=target)},
        )


def _add(catalogue: Catalogue) -> Iterator[Page]:
    """The instructions for adding each kind of entry, and the list of kinds."""
    yield Page(
        address="add/",
        template="guides",
        title="Add to the catalogue",
        description="How to add software or a facility to the catalogue.",
        section="about",
        trail=(LinkView(label="About", href="about/"), LinkView(label="Add")),
        values={"guides": catalogue.guides},
    )
    for guide in catalogue.guides:
        yield Page(
            address=f"add/{guide.what}/",
            template="add",
            title=f"Add a {guide.what}",
            description=f"What to write into {guide.file}, every key of it, and what happens next.",
            section="about",
            trail=(
                LinkView(label="About", href="about/"),
                LinkView(label="Add", href="add/"),
                LinkView(label=f"Add a {guide.what}"),
            ),
            values={"guide": guide_view(guide, catalogue.site)},
        )


def _facilities(places: tuple[FacilityView, ...]) -> Page:
    return Page(
        address="facilities/",
        template="facilities",
        title="Facilities",
        description="Where software of the catalogue can run: what each place is, who may use it, what runs there.",
        section="facilities",
        trail=(LinkView(label="Facilities"),),
        values={"facilities": places},
    )


def _facility(place: FacilityView, catalogue: Catalogue) -> Page:
    return Page(
        address=place.href,
        template="facility",
        title=place.facility.name,
        description=place.facility.summary,
        section="facilities",
        trail=(LinkView(label="Facilities", href="facilities/"), LinkView(label=place.facility.name)),
        data=(jsonld.facility_data(place.facility, catalogue.site.base_url),),
        asks=f"https://{urlsplit(place.facility.url).netloc}" if place.asked_live else None,
        feeds=(LinkView(label=f"Changes at {place.facility.name}", href=facility_feed(place.facility.slug)),),
        values={
            "view": place,
            "facility": place.facility,
            "most": LISTED,
            "listed": f"facility/{place.facility.slug}/",
            "embed": embed_address(place.facility),
            "frame": frame_html(place.facility, catalogue.site),
        },
    )


def _status(
    catalogue: Catalogue, current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...], kinds: tuple[Kind, ...]
) -> Iterator[Page]:
    """The status page; if there are many records, the tables of what became of each are on pages of their own."""
    accounts = catalogue.accounts
    of_harvest = [each for each in accounts if each.source is AccountSource.HARVEST]
    counts = [(outcome, sum(each.outcome is outcome for each in of_harvest)) for outcome in Outcome]
    pairs = [(words, sum(len(getattr(place, part)) for place in places)) for part, words in PAIRS.items()]
    names = {view.software.slug: view.href for view in current}
    tables = [
        ("Every record of the community", of_harvest),
        (
            "Not listed by the last harvest, kept or withdrawn",
            [each for each in accounts if each.source is AccountSource.KEPT],
        ),
        ("Every local entry", [each for each in accounts if each.source is AccountSource.LOCAL]),
    ]
    every = [(label, each) for label, lines in tables for each in lines]
    is_long = len(every) > LISTED
    yield Page(
        address="status/",
        template="status",
        title="Status",
        description="The state of the catalogue: what the last harvest brought, what became of each record, what is in doubt.",
        section="status",
        trail=(LinkView(label="Status"),),
        values={
            "as_of": as_of(catalogue),
            "harvest": catalogue.harvest,
            "counts": [(OUTCOMES[outcome][count != 1], count) for outcome, count in counts if count],
            "accounted": len(of_harvest),
            "tables": [] if is_long else [(label, lines) for label, lines in tables if lines],
            "records": "status/records/" if is_long else None,
            "hrefs": names,
            "pairs": [(words[count != 1], count) for words, count in pairs],
            "problems": [
                (source_link(Source(label=str(problem.place), place=problem.place), catalogue.site), problem.text)
                for problem in catalogue.problems
            ],
            "looked": looked_words(catalogue),
            "readiness": readiness_counts(catalogue.software),
            "failing": [
                {"repository": each.repository, "since": day(each.failing.since), "why": each.failing.why}
                for each in catalogue.observed.repositories
                if each.failing
            ],
            "probed": probed_words(catalogue),
            "facilities": places,
            "ages": ages(catalogue),
            "kinds": kinds,
            "findings": sum(len(kind.findings) for kind in kinds),
            "listed": LISTED,
        },
    )
    if is_long:
        page = Page(
            address="status/records/",
            template="records",
            title="What became of each record",
            description="Every record and every local entry, and what became of it.",
            section="status",
            trail=(LinkView(label="Status", href="status/"), LinkView(label="Records")),
            values={"hrefs": names},
        )
        yield from paginated(
            page,
            every,
            lambda part: {
                "tables": [
                    (label, [each for _, each in lines]) for label, lines in groupby(part.items, key=itemgetter(0))
                ]
            },
        )


def _curation(catalogue: Catalogue, kinds: tuple[Kind, ...]) -> Page:
    links = catalogue.observed.links
    return Page(
        address="curation/",
        template="curation",
        title="Curation board",
        description="What is missing or doubtful in the catalogue, each with a link to correct it.",
        section="status",
        trail=(LinkView(label="Status", href="status/"), LinkView(label="Curation board")),
        values={
            "kinds": kinds,
            "findings": sum(len(kind.findings) for kind in kinds),
            "most": LISTED,
            "followed": followed_words(catalogue),
            "missing": [link for link in links if link.missing and not link.dead],
        },
    )


def _changes(catalogue: Catalogue) -> Iterator[Page]:
    """What has changed: the newest week with all feeds, and the pages of each week."""
    every = weeks(catalogue)
    parts = slices(catalogue)
    feeds = {
        key: [LinkView(label=each.name, href=each.path) for each in found if not each.ended]
        for key, found in parts.items()
    }
    others = [LinkView(label=each.label, href=each.href) for each in every]
    trail = (LinkView(label="Status", href="status/"), LinkView(label="Changes"))
    yield Page(
        address="changes/",
        template="changes",
        title="Changes",
        description="What has changed in the catalogue, week by week, field by field, and who says so.",
        section="status",
        trail=trail,
        values={
            "week": every[0] if every else None,
            "weeks": list(zip(others, (each.count for each in every), strict=True)),
            "feeds": feeds,
            "listed": VALUES_LISTED,
            "recorded": recorded_words(catalogue),
        },
    )
    for number, each in enumerate(every):
        yield from _week(each, others[number - 1] if number else None, others[number + 1 : number + 2])


def _week(week: Week, later: LinkView | None, earlier: Iterable[LinkView]) -> Iterator[Page]:
    page = Page(
        address=week.href,
        template="week",
        title=f"Changes in {week.words}",
        description=f"What changed in the catalogue in {week.words}, and who says so.",
        section="status",
        trail=(
            LinkView(label="Status", href="status/"),
            LinkView(label="Changes", href="changes/"),
            LinkView(label=week.label),
        ),
        values={"week": week, "later": later, "earlier": next(iter(earlier), None)},
    )
    for shown in week.pages:
        yield page_of_part(page, shown.part, {"shown": shown})
