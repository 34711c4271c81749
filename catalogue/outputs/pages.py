"""catalogue -> pages. What each page gets is decided here; templates place it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, TemplateError, TemplateSyntaxError
from markupsafe import Markup, escape

from ..model import Catalogue, Outcome, Site, Source, Verdict
from ..problems import CatalogueError
from ..text import fold
from . import jsonld
from .changes import Week, facility_feed, recorded_words, slices, value_feed, weeks
from .contribute import edit_address, guide_view, key_view
from .curation import Kind, board
from .dates import day
from .facets import NOT_GIVEN, Facet, FacetValue, facets, sort_date
from .files import PAGE_LIMIT, File, json_text, page_path, relative, text_file
from .freshness import ages, as_of, banner
from .launch_views import OfferView, followed_words, looked_words, probed_words, readiness_counts
from .my_data import my_data_view
from .order import list_order
from .paging import LISTED, VALUES_LISTED, Part, parts
from .schemas import codes, described
from .shards import CARDS, is_wide
from .views import (
    FacilityView,
    LinkView,
    PlaceView,
    SoftwareView,
    contact_link,
    facility_views,
    is_sure,
    lighter,
    place_views,
    software_views,
    source_link,
    wish_link,
)

# For a figure of one, and of more.
OUTCOMES = {
    Outcome.PUBLISHED: ("entry", "entries"),
    Outcome.MERGED: ("merged", "merged"),
    Outcome.VERSION: ("older version", "older versions"),
    Outcome.LEFT_OUT: ("left out", "left out"),
    Outcome.WITHDRAWN: ("withdrawn", "withdrawn"),
}

# On the page of one value, so many others are linked; the rest are one page away.
OTHERS_SHOWN = 12


WRITTEN_KEPT = 50_000  # of what stands on many pages, as cards: some kilobytes each


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page before it is rendered. `address` is below the root and ends with `/`, but for 404.html.

    `asks` is the origin of a facility that a button of the page may ask, when it is pressed; `feeds` are Atom feeds of
    what the page is about. `at` is the facility at which its cards launch; without it, it is the best of each.
    """

    address: str
    template: str
    title: str
    description: str
    section: str = ""
    trail: tuple[LinkView, ...] = ()
    data: tuple[jsonld.Data, ...] = ()
    listed: bool = True
    forward: str | None = None
    asks: str | None = None
    feeds: tuple[LinkView, ...] = ()
    at: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pages that one function makes of these values, and of nothing else."""

    make: Callable[..., Iterable[Page]]
    values: tuple[object, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What tells its pages from those of all other groups."""
        return self.make.__qualname__, *self.values

    def pages(self) -> Iterable[Page]:
        """The pages, made anew."""
        return self.make(*self.values)


def _alone(page: Page) -> Group:
    return Group(make=_itself, values=(page,))


def _itself(page: Page) -> Iterable[Page]:
    return (page,)


class Renderer:
    """Makes files of the pages of one catalogue. Links are relative, so the site works under any address; but 404.html's.

    What all pages have around their content is made once for each depth and section, of `shared`. A template is given that,
    and what its page has, and nothing else.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        templates: Environment,
        assets: str,
        needed: Callable[[Sequence[str]], Sequence[str]],
    ) -> None:
        """`assets` is the address of their folder, `needed` gives the modules that scripts import."""
        self.templates = templates
        self.assets = assets
        self.needed = needed
        self.site = catalogue.site
        self.root = urlsplit(catalogue.site.base_url).path
        self.shared = {
            "site": catalogue.site,
            "banner": banner(catalogue),
            "contact": contact_link(catalogue.site.contact),
        }
        self.around: dict[object, dict[str, Markup]] = {}
        self.written: dict[object, Markup] = {}

    def files(self, group: Group) -> Iterator[File]:
        """The pages of a group as files."""
        return map(self, group.pages())

    def __call__(self, page: Page) -> File:
        """One page as a file; that of an entry is made anew where it is too large to be published.

        Raises CatalogueError where a template cannot make it.
        """
        file = self._file(page)
        is_too_large = page.template == "software" and len(file.content) > PAGE_LIMIT
        return self._file(_lighter(page, self.site)) if is_too_large else file

    def _file(self, page: Page) -> File:
        to = self._links(page)
        around = self._around(page, to)
        text = self._made(page, to, around)
        return replace(text_file(page_path(page.address), text), listed=page.listed)

    def _made(self, page: Page, to: Callable[[str], str], around: Mapping[str, Markup]) -> str:
        def once(macro: str, key: tuple[object, ...], *given: object) -> Markup:
            """What a macro makes of what the key stands for, which is the same on all pages of one depth."""
            known = (macro, to(""), *key)
            if known not in self.written:
                self.written[known] = getattr(self._macros, macro)(*given, to)
            return self.written[known]

        def terms(row: OfferView, said: tuple[str, ...]) -> Markup:
            """What a row says of a launch: the page of an entry and that of its choice, which follows it, say the same."""
            key = ("terms", to(""), row.address, said)
            known = self.written.pop(key, None)
            if known is None:
                known = self.written[key] = self._macros.terms(row, said, to)
            return known

        values = {
            "site": self.site,
            "page": page,
            "part": None,
            "to": to,
            "asset": lambda path: to(self.assets + path),
            "scripts": lambda *paths: self._scripts(paths, to),
            "place": lambda places: once("place", places, places),
            "siblings": lambda facet, others: once(
                "siblings", (facet.href, *(each.href for each in others)), facet, others
            ),
            "terms": terms,
            "card": lambda view, level=3: self._card(view, page.at, to, level),
            "data": page.data or (jsonld.page_data(page.title, page.description, page.address, self.site.base_url),),
            **page.values,
        }
        name = f"pages/{page.template}.html"
        try:
            return self.templates.get_template(name).render(values, around=around)
        except (TemplateError, AttributeError) as error:
            at = f" line {error.lineno} of {error.name}:" if isinstance(error, TemplateSyntaxError) else ""
            why = error.message if isinstance(error, TemplateError) else error
            raise CatalogueError(
                f"templates/{name} cannot make {page_path(page.address)}:{at} {why}; the old site is untouched"
            ) from error

    def _links(self, page: Page) -> Callable[[str], str]:
        up = self.root if page.address == "404.html" else relative(page.address, "").removeprefix("./")

        def to(address: str) -> str:
            if address.startswith(("https://", "http://", "mailto:", "#")):
                return address
            return up + address or "./"

        return to

    def _card(self, view: SoftwareView, at: str | None, to: Callable[[str], str], level: int) -> Markup:
        """One entry in a list. It stands in many lists, and looks the same in all of one depth, but for its launch."""
        best, opens = (_best_at(at, view), None) if at else (view.best, view.opens)
        if len(self.written) >= WRITTEN_KEPT:
            self.written.clear()
        about = (to(""), level, view.href)
        if about not in self.written:
            self.written[about] = self._macros.about(view, to, level)
        act = (to(""), view.href, opens, *(row.facility for row in best))
        if act not in self.written:
            self.written[act] = self._macros.act(view, best, is_sure(best), to, opens)
        return self.written[about] + self.written[act]

    def _scripts(self, paths: Sequence[str], to: Callable[[str], str]) -> Markup:
        """The elements of the head that load scripts, and at the same time all that they import."""
        key = ("scripts", to(""), *paths)
        if key not in self.written:
            ours, others = ([to(self.assets + path) for path in each] for each in (paths, self.needed(paths)))
            self.written[key] = self._macros.scripts(ours, others).rstrip()
        return self.written[key]

    @cached_property
    def _macros(self) -> Any:
        return self.templates.get_template("parts/macros.html").module

    def _around(self, page: Page, to: Callable[[str], str]) -> dict[str, Markup]:
        here = page.address if page.address in _IN_MENU else None
        key = (to(""), page.section, here, page.template == "home")
        if key not in self.around:
            values = {
                **self.shared,
                "to": to,
                "assets": self.assets,
                "asset": lambda path: to(self.assets + path),
                "scripts": lambda *paths: self._scripts(paths, to),
                "section": page.section,
                "here": here,
                "is_home": page.template == "home",
                "menu": MENU,
            }
            self.around[key] = {
                part: escape(self.templates.get_template(f"parts/{part}.html").make_module(values)).rstrip()
                for part in ("head", "top", "bottom")
            }
        return self.around[key]


# The sections of the site: what pages name them by, what readers see, where they begin.
MENU = (
    ("software", "Software", ""),
    ("facilities", "Facilities", "facilities/"),
    ("matrix", "Matrix", "matrix/"),
    ("status", "Status", "status/"),
    ("about", "About", "about/"),
)
_IN_MENU = frozenset(address for _, _, address in MENU)


class Shown:
    """What the pages of one catalogue show, and the pages in groups: those of one entry, of one value, and each of the others alone."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Makes the views that pages share."""
        self.catalogue = catalogue
        self.views = software_views(catalogue)
        self._current = self.views[: len(catalogue.software)]
        self._places = facility_views(catalogue, self._current)
        self._menu = place_views(self._places)
        self._facets = facets(catalogue)

    def first(self, index: str, cards: str | None = None) -> Iterator[Group]:
        """The front page with its list, and what the search shows. `index` is its file, `cards` the folder of the files of
        cards, where it needs them."""
        in_order = _in_list_order(self.catalogue, self._current)
        every = home_pages(self.catalogue, in_order, self._menu, self._facets, index, cards)
        yield from map(_alone, every)
        if cards:
            yield from map(_alone, card_pages(in_order, self._facets, cards))

    def entries(self) -> Iterator[Group]:
        """The pages of each entry, and those at addresses that entries had."""
        site = self.catalogue.site
        guides = self.catalogue.guides
        notebooks = next((edit_address(site, each.file) for each in guides if each.what == "notebook"), None)
        slugs = tuple(place.facility.slug for place in self._places)
        for number, view in enumerate(self.views):
            if number < len(self._current):
                yield Group(make=_software, values=(view, self._menu, site, notebooks))
            else:
                yield Group(make=_gone, values=(view, slugs))
            if view.software.former_slugs:
                yield Group(make=_moved, values=(view,))

    def values(self) -> Iterator[Group]:
        """The lists of the entries that have a value of a facet. Those of a long list stand alone: most stay where one changes."""
        having = _having(self._current)
        for facet in self._facets:
            for value in facet.values:
                sure = having[facet.key, value.slug]
                known = {view.software.slug for view in sure}
                maybe = [view for view in having[f"maybe-{facet.key}", value.slug] if view.software.slug not in known]
                others = [each for each in facet.values[: OTHERS_SHOWN + 1] if each.slug != value.slug][:OTHERS_SHOWN]
                group = Group(
                    make=_facet_pages,
                    values=(replace(facet, values=()), facet.typed, value, others, sure, maybe, self._menu),
                )
                if len(sure) + len(maybe) > LISTED:
                    yield from map(_alone, group.pages())
                else:
                    yield group

    def others(self) -> Iterator[Group]:
        """All other pages."""
        return map(_alone, _others(self.catalogue, self._current, self._places, self._facets))


def _others(
    catalogue: Catalogue,
    current: tuple[SoftwareView, ...],
    places: tuple[FacilityView, ...],
    all_facets: tuple[Facet, ...],
) -> Iterator[Page]:
    """The pages that are not those of one entry or one value."""
    yield _facilities(places)
    for place in places:
        yield _facility(place, catalogue)
    for facet in all_facets:
        yield from _values_pages(facet)
    yield from _alphabet(current)
    yield from _newest(current)
    yield from _matrix(current, places)
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
    yield from _shortened()
    yield Page(
        address="api/",
        template="api",
        title="For programs",
        description="The whole catalogue as JSON, with a schema; launch addresses that stay; descriptions in the pages.",
        section="about",
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


_HOME = LinkView(label="Software", href="")

# Folders without a list of their own, to which an address is shortened, and the page that has what is in them.
_SHORTENED = {
    "software/": ("All software", ""),
    "go/": ("All software from A to Z", "a-z/"),
    "feeds/": ("Feeds", "changes/#feeds"),
}


def _shortened() -> Iterator[Page]:
    """What stands at addresses of which somebody took the end away: they lead on."""
    for address, (label, target) in _SHORTENED.items():
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
    """How to add each kind of entry, and which kinds there are."""
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


def _in_parts(
    page: Page,
    items: Iterable[Any],
    shown: Callable[[Part[Any]], dict[str, Any]],
    bytes_of: Callable[[Any], int] = lambda _: 0,
) -> Iterator[Page]:
    """A page for each part of a list; `shown` gives what the templates get of one, beside the part itself."""
    for part in parts(items, page.address, bytes_of=bytes_of):
        yield _of_part(page, part, shown(part))


def _of_part(page: Page, part: Part[Any], values: dict[str, Any]) -> Page:
    return replace(
        page,
        address=part.address,
        title=f"{page.title}{part.title}",
        values={**page.values, "part": part, **values},
    )


def _in_list_order(catalogue: Catalogue, current: Iterable[SoftwareView]) -> tuple[SoftwareView, ...]:
    views = {view.software.slug: view for view in current}
    return tuple(views[each.slug] for each in list_order(catalogue))


def home_pages(
    catalogue: Catalogue,
    current: tuple[SoftwareView, ...],
    places: tuple[PlaceView, ...],
    all_facets: tuple[Facet, ...],
    index: str,
    cards: str | None,
) -> Iterator[Page]:
    """The front page, and the rest of its list where that is long."""
    first, *others = parts(current, "", bytes_of=lambda view: view.card_size)
    blank = next((view for view in current if view.software.slug == catalogue.site.blank), None)
    yield Page(
        address="",
        template="home",
        title=catalogue.site.title,
        description=catalogue.site.tagline,
        section="software",
        data=tuple(jsonld.site_data(catalogue)),
        values={
            "part": first,
            "software": first.items,
            "total": len(catalogue.software),
            "places": places,
            "doubts": {("facility", place.slug): place.doubts for place in places if place.doubts},
            "index": index,
            "facets": all_facets,
            "cards": cards,
            "wide": tuple(facet.key for facet in all_facets if cards and is_wide(facet)),
            # The filters of a long list find their values where those are listed anyway.
            "lists": {
                facet.key: [part.address for part in parts(facet.values, facet.href, VALUES_LISTED)]
                for facet in all_facets
            },
            "blank": blank,
            "examples": catalogue.site.examples or _frequent(catalogue),
            "launchable": sum(view.runs for view in current),
            "wish": wish_link(catalogue.site),
        },
    )
    listed = Page(
        address="",
        template="list",
        title="Software",
        description="All entries of the catalogue, runnable ones first.",
        section="software",
        trail=(_HOME, LinkView(label="All entries")),
        values={"places": places},
    )
    for part in others:
        yield _of_part(listed, part, {"software": part.items})


def card_pages(current: tuple[SoftwareView, ...], all_facets: Iterable[Facet], folder: str) -> Iterator[Page]:
    """The cards of a large catalogue for the search, a few in a file, in the order of the list."""
    labels = {facet.key: {each.slug: each.label for each in facet.values} for facet in all_facets if is_wide(facet)}

    def said(view: SoftwareView) -> str:
        """What the page cannot say to a script: the other names, and the values of facets that have too many for it."""
        values = {key: [of[slug] for slug in view.facets[key].split()] for key, of in labels.items()}
        return json_text({"names": view.software.alternate_names, **values})

    for number, first in enumerate(range(0, len(current), CARDS)):
        views = current[first : first + CARDS]
        yield Page(
            address=f"{folder}{number}.html",
            template="cards",
            title=f"Entries {first + 1} to {first + len(views)}",
            description="",
            listed=False,
            values={
                "build": folder.split("/")[-3],
                "first": first,
                "software": [(view, said(view)) for view in views],
            },
        )


def _frequent(catalogue: Catalogue) -> tuple[str, ...]:
    """The three keywords that most entries have."""
    uses = Counter(word for each in catalogue.software for word in each.keywords)
    return tuple(sorted(uses, key=lambda word: (-uses[word], word))[:3])


def _software(
    view: SoftwareView, places: tuple[PlaceView, ...], site: Site, notebooks_file: str | None
) -> Iterator[Page]:
    """The page of an entry, and its launch addresses."""
    software = view.software
    yield Page(
        address=view.href,
        template="software",
        title=software.name,
        description=software.summary or f"{software.name} in {site.title}: where it runs, how to cite it.",
        section="software",
        trail=(_HOME, LinkView(label=software.name)),
        data=(jsonld.software_data(software, site.base_url),),
        values={
            "view": view,
            "software": software,
            "places": places,
            "notebooks_file": notebooks_file,
            "yes": tuple(row for row in view.offers if row.verdict is Verdict.YES),
            "maybe": tuple(row for row in view.offers if row.verdict is Verdict.MAYBE),
            "my_data": my_data_view(software, site.blank, any(row.url and row.carries for row in view.offers)),
        },
    )
    yield from _go(view, places)


def _lighter(page: Page, site: Site) -> Page:
    """The page of an entry with the first of each list and without its description."""
    view = lighter(page.values["view"], site)
    data = (jsonld.software_data(view.software, site.base_url),)
    return replace(page, data=data, values={**page.values, "view": view, "software": view.software})


def _go(view: SoftwareView, places: tuple[PlaceView, ...]) -> Iterator[Page]:
    """The launch addresses that the catalogue owns: the choice, and one page for each pair."""
    trail = (_HOME, LinkView(label=view.software.name, href=view.href))
    yield Page(
        address=view.go,
        template="go",
        title=f"Run {view.software.name}",
        description=f"Where {view.software.name} can run, best first.",
        section="software",
        trail=(*trail, LinkView(label="Run")),
        listed=False,
        values={"view": view, "software": view.software, "places": places},
    )
    for row in view.offers:
        yield Page(
            address=row.go,
            template="go_pair",
            title=f"{view.software.name} at {row.facility_name}",
            description=f"Whether and how {view.software.name} runs at {row.facility_name}.",
            section="software",
            trail=(*trail, LinkView(label="Run", href=view.go), LinkView(label=row.facility_name)),
            listed=False,
            forward=row.url if row.forwards else None,
            values={
                "view": view,
                "software": view.software,
                "row": row,
                "others": tuple(other for other in view.offers if other.url and other.facility != row.facility)[:3],
            },
        )


def _gone(view: SoftwareView, facilities: tuple[str, ...]) -> Iterator[Page]:
    """Tombstones, at every address that the entry had."""
    for address in (view.href, view.go, *(f"{view.go}{slug}/" for slug in facilities)):
        yield Page(
            address=address,
            template="gone",
            title=f"{view.software.name} (withdrawn)",
            description=f"{view.software.name} is not in the catalogue any more.",
            section="software",
            trail=(_HOME, LinkView(label=view.software.name)),
            listed=False,
            values={"view": view, "software": view.software},
        )


def _moved(view: SoftwareView) -> Iterator[Page]:
    """Pages at earlier addresses, which lead to the present ones."""
    for slug in view.software.former_slugs:
        moves = [(f"software/{slug}/", view.href), (f"go/{slug}/", view.go)]
        moves += [(f"go/{slug}/{row.facility}/", row.go) for row in view.offers]
        for address, target in moves:
            yield Page(
                address=address,
                template="moved",
                title=f"{view.software.name} has moved",
                description="This page has another address now.",
                listed=False,
                forward=relative(address, target),
                values={"target": LinkView(label=view.software.name, href=target)},
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
        },
    )


# Facets whose values have feeds.
_FOLLOWED = frozenset({"platform", "keyword"})


Having = Mapping[tuple[str, str], list[SoftwareView]]


def _facet_pages(
    facet: Facet,
    typed: bool,
    value: FacetValue,
    others: Sequence[FacetValue],
    sure: Sequence[SoftwareView],
    maybe: Sequence[SoftwareView],
    places: tuple[PlaceView, ...],
) -> Iterator[Page]:
    """The entries that have a value, and those that may have it; `others` are the first values of the facet."""
    page = Page(
        address=value.href,
        template="facet",
        title=f"{facet.label}: {value.label}",
        description=f"All {value.count} entries of the catalogue with {facet.label.lower()} {value.label}.",
        section="software",
        trail=(_HOME, LinkView(label=facet.label, href=facet.href), LinkView(label=value.label)),
        # A list of one is no page to find in a search engine: the entry is.
        listed=value.count > 1 or not typed,
        feeds=(LinkView(label=f"Changes for {value.label}", href=value_feed(facet.key, value.slug)),)
        if facet.key in _FOLLOWED and value.slug != NOT_GIVEN
        else (),
        at=value.slug if facet.key == "facility" else None,
        values={
            "facet": facet,
            "value": value,
            "heading": f"{facet.label}: {value.label}",
            "sure": len(sure),
            "unsure": len(maybe),
            "places": places,
            "choice": facet.key != "facility",
            "others": others,
            "about": LinkView(label=f"About {value.label}", href=f"facilities/{value.slug}/")
            if facet.key == "facility"
            else None,
        },
    )
    marked = [*((True, view) for view in sure), *((False, view) for view in maybe)]
    yield from _in_parts(
        page,
        marked,
        lambda part: {
            "software": [view for is_sure, view in part.items if is_sure],
            "maybe": [view for is_sure, view in part.items if not is_sure],
        },
        lambda marked: marked[1].card_size,
    )


def _having(current: Iterable[SoftwareView]) -> Having:
    """The entries that have each value of each facet."""
    found: dict[tuple[str, str], list[SoftwareView]] = defaultdict(list)
    for view in current:
        for key, values in view.facets.items():
            for value in values.split():
                found[key, value].append(view)
    return found


def _best_at(facility: str, view: SoftwareView) -> tuple[OfferView, ...]:
    """Where to launch an entry, first at this facility: who looks at what runs there wants it to run there."""
    here = tuple(row for row in view.offers if row.facility == facility)
    others = tuple(row for row in view.best if row.facility != facility)
    return (*here, *others)[: max(1, len(view.best))]


def _values_pages(facet: Facet) -> Iterator[Page]:
    """All values of a facet, in the order of the alphabet where there are many; authors by their family names."""
    ordered = sorted(facet.values, key=lambda value: value.slug) if facet.typed else facet.values
    page = Page(
        address=facet.href,
        template="values",
        title=facet.every,
        description=f"{facet.every}, with the number of entries of each.",
        section="software",
        trail=(_HOME, LinkView(label=facet.label)),
        values={"facet": replace(facet, values=())},
    )
    for part in parts(ordered, page.address, VALUES_LISTED):
        yield _of_part(page, part, {"ordered": part.items})


def _alphabet(current: Iterable[SoftwareView]) -> Iterator[Page]:
    """All entries by their names, under the letter that each begins with."""
    letters: dict[str, list[SoftwareView]] = {}
    for view in current:
        first = next((letter for letter in fold(view.software.name) if letter.isalnum()), "")
        letters.setdefault(first.upper() if first.isalpha() else "0–9", []).append(view)
    ids = {letter: f"letter-{number}" for number, letter in enumerate(letters)}
    every = [(letter, view) for letter, views in letters.items() for view in views]
    begins = {letter: part.address for part in reversed(parts(every, "a-z/")) for letter, _ in reversed(part.items)}
    page = Page(
        address="a-z/",
        template="alphabet",
        title="All software from A to Z",
        description="Every entry of the catalogue by its name.",
        section="software",
        trail=(_HOME, LinkView(label="A–Z")),
    )

    def shown(part: Part[tuple[str, SoftwareView]]) -> dict[str, Any]:
        here = {letter: "" if begins[letter] == part.address else begins[letter] for letter in letters}
        return {
            "begins": [LinkView(label=letter, href=f"{here[letter]}#{ids[letter]}") for letter in letters],
            "letters": [(ids[letter], letter, views) for letter, views in _grouped(part.items)],
        }

    yield from _in_parts(page, every, shown)


def _grouped(pairs: Iterable[tuple[str, SoftwareView]]) -> list[tuple[str, list[SoftwareView]]]:
    """Pairs that stand in the order of their keys, under each key."""
    return [(key, [view for _, view in group]) for key, group in groupby(pairs, key=itemgetter(0))]


def _newest(current: Iterable[SoftwareView]) -> Iterator[Page]:
    """All entries, the newest first, under their years."""
    newest = sorted(current, key=lambda view: sort_date(view.software), reverse=True)
    page = Page(
        address="newest/",
        template="newest",
        title="Newest software",
        description="Every entry of the catalogue, the newest first.",
        section="software",
        trail=(_HOME, LinkView(label="Newest")),
    )
    every = [(sort_date(view.software)[:4] or "Without a date", view) for view in newest]
    yield from _in_parts(page, every, lambda part: {"years": _grouped(part.items)})


def _matrix(current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...]) -> Iterator[Page]:
    def row(view: SoftwareView) -> tuple[SoftwareView, list[OfferView]]:
        at = {offer.facility: offer for offer in view.offers}
        return view, [at[place.facility.slug] for place in places]

    page = Page(
        address="matrix/",
        template="matrix",
        title="Software × facility",
        description="Every entry at every facility: whether it runs there, with the launch link or the reason.",
        section="matrix",
        trail=(LinkView(label="Software × facility"),),
        values={
            "columns": [
                (LinkView(label=place.facility.name, href=place.href), [each.words for each in place.warnings])
                for place in places
            ]
        },
    )
    yield from _in_parts(page, current, lambda part: {"rows": [row(view) for view in part.items]})


def _status(
    catalogue: Catalogue, current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...], kinds: tuple[Kind, ...]
) -> Iterator[Page]:
    """How the catalogue is; what became of each record stands on pages of its own where that is much."""
    accounts = catalogue.accounts
    of_harvest = [each for each in accounts if each.source == "harvest"]
    counts = [(outcome, sum(each.outcome is outcome for each in of_harvest)) for outcome in Outcome]
    pairs = {verdict: sum(offer.verdict is verdict for offer in catalogue.offers) for verdict in Verdict}
    names = {view.software.slug: view.href for view in current}
    tables = [
        ("Every record of the community", of_harvest),
        ("Not listed by the last harvest, kept or withdrawn", [each for each in accounts if each.source == "kept"]),
        ("Every local entry", [each for each in accounts if each.source == "local"]),
    ]
    every = [(label, each) for label, lines in tables for each in lines]
    is_long = len(every) > LISTED
    yield Page(
        address="status/",
        template="status",
        title="Status",
        description="How the catalogue is: what the last harvest brought, what became of each record, what is in doubt.",
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
            "pairs": pairs,
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
        yield from _in_parts(
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
        description="What is missing or doubtful in the catalogue, each with the link that mends it.",
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
    """What has changed: the newest week with all that can be followed, and a page for each week."""
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
            "recorded": recorded_words(catalogue),
        },
    )
    for number, each in enumerate(every):
        yield from _week(each, others[number - 1] if number else None, others[number + 1 : number + 2])


def _week(week: Week, later: LinkView | None, earlier: Iterable[LinkView]) -> Iterator[Page]:
    page = Page(
        address=week.href,
        template="week",
        title=f"Changes in {week.label[0].lower()}{week.label[1:]}",
        description=f"What changed in the catalogue in {week.label[0].lower()}{week.label[1:]}, and who says so.",
        section="status",
        trail=(
            LinkView(label="Status", href="status/"),
            LinkView(label="Changes", href="changes/"),
            LinkView(label=week.label),
        ),
        values={"week": week, "later": later, "earlier": next(iter(earlier), None)},
    )
    for shown in week.pages:
        yield _of_part(page, shown.part, {"shown": shown})
