"""The pages that list entries: the front page, by facet value, by name, by date, and the matrix of entries and facilities."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from ..model import Catalogue
from ..text import fold, is_hashed_slug, pluralize
from . import jsonld
from .addresses import facility_page
from .changes import value_feed
from .facets import NOT_GIVEN, Facet, FacetValue, sort_date
from .facility_views import FacilityView, PlaceView
from .launch_views import OfferView
from .order import list_order
from .page import HOME, Page, page_of_part, paginated
from .paging import LISTED, VALUES_LISTED, Part, parts
from .shards import is_wide
from .software_views import SoftwareView
from .views import LinkView, wish_link

T = TypeVar("T")

# Facets whose values have feeds.
_WITH_FEEDS = frozenset({"platform", "keyword"})
# Facets whose values are facilities: the buttons of their pages lead there, where a link does.
_OF_FACILITIES = frozenset({"facility", "held-at"})
_CELL_SIZE = 300  # bytes of an average cell of the matrix

# By facet key and slug of a value.
EntriesByValue = Mapping[tuple[str, str], list[SoftwareView]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterView:
    """The filter by a facet: `choices` are the values on the page, each with what is wrong with it, if it is a facility.

    A script adds the other values: those of a `wide` facet from the search index when they are typed, else those on the
    pages `lists`.
    """

    facet: Facet
    choices: tuple[tuple[FacetValue, str], ...]
    wide: bool
    lists: tuple[str, ...]


def home_pages(
    catalogue: Catalogue,
    current: tuple[SoftwareView, ...],
    places: tuple[PlaceView, ...],
    all_facets: tuple[Facet, ...],
    index: str,
    cards: str | None,
) -> Iterator[Page]:
    """The front page, and further pages if its list is long.

    `index` is the path of the search index; `cards` is the folder of the cards of a large catalogue, with `/`, or None.
    """
    first, *others = home_parts(current)
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
            "index": index,
            "facets": all_facets,
            "cards": cards,
            "filters": tuple(
                _filter_view(facet, places, is_long=bool(first.more), cards=cards) for facet in all_facets
            ),
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
        trail=(HOME, LinkView(label="All software")),
        values={"places": places},
    )
    for part in others:
        yield page_of_part(listed, part, {"software": part.items})


def _filter_view(facet: Facet, places: Iterable[PlaceView], *, is_long: bool, cards: str | None) -> FilterView:
    wide = cards is not None and is_wide(facet)
    lists = parts(facet.values, facet.href, VALUES_LISTED) if facet.typed and is_long and cards is None else ()
    doubts = {place.slug: place.doubts for place in places} if facet.key == "facility" else {}
    choices = ((value, doubts.get(value.slug, "")) for value in facet.values)
    return FilterView(
        facet=facet,
        choices=tuple(each for each in choices if each[0].shown or each[1] or not (wide or lists)),
        wide=wide,
        lists=tuple(part.address for part in lists),
    )


def home_parts(current: Iterable[SoftwareView]) -> tuple[Part[SoftwareView], ...]:
    """The list of the front page, which shows the first part."""
    return parts(current, "", bytes_of=lambda view: view.card_size)


def _frequent(catalogue: Catalogue) -> tuple[str, ...]:
    """The three most frequent keywords."""
    uses = Counter(word for each in catalogue.software for word in each.keywords)
    return tuple(sorted(uses, key=lambda word: (-uses[word], word))[:3])


def in_list_order(catalogue: Catalogue, current: Iterable[SoftwareView]) -> tuple[SoftwareView, ...]:
    """The views in the order of the front page."""
    views = {view.software.slug: view for view in current}
    return tuple(views[each.slug] for each in list_order(catalogue))


def facet_pages(
    facet: Facet,
    typed: bool,
    value: FacetValue,
    others: Sequence[FacetValue],
    sure: Sequence[SoftwareView],
    maybe: Sequence[SoftwareView],
    places: tuple[PlaceView, ...],
    holders: tuple[LinkView, ...],
) -> Iterator[Page]:
    """The entries that have a facet value, and those that may have it.

    `typed`: the facet has so many values that readers look for them by typing; `others` are other values to link to;
    `holders` are the facilities that hold the data of this name.
    """
    page = Page(
        address=value.href,
        template="facet",
        title=f"{facet.label}: {value.label}",
        description=f"{pluralize(value.count, 'entry', 'entries')} of the catalogue: {facet.label.lower()} {value.label}.",
        section="software",
        trail=(HOME, LinkView(label=facet.label, href=facet.href), LinkView(label=value.label)),
        # A list of one entry is of no use in a search engine: the page of the entry is.
        listed=value.count > 1 or not typed,
        feeds=(LinkView(label=f"Changes for {value.label}", href=value_feed(facet.key, value.slug)),)
        if facet.key in _WITH_FEEDS and value.slug != NOT_GIVEN
        else (),
        at=value.slug if facet.key in _OF_FACILITIES else None,
        values={
            "facet": facet,
            "value": value,
            "heading": f"{facet.label}: {value.label}",
            "sure": len(sure),
            "unsure": len(maybe),
            "places": places,
            "choice": facet.key not in _OF_FACILITIES,
            "others": others,
            "about": LinkView(label=f"About {value.label}", href=facility_page(value.slug))
            if facet.key in _OF_FACILITIES
            else None,
            "holders": holders,
        },
    )
    marked = [*((True, view) for view in sure), *((False, view) for view in maybe)]
    yield from paginated(
        page,
        marked,
        lambda part: {
            "software": [view for is_sure, view in part.items if is_sure],
            "maybe": [view for is_sure, view in part.items if not is_sure],
        },
        lambda marked: marked[1].card_size,
    )


def entries_by_value(current: Iterable[SoftwareView]) -> EntriesByValue:
    """The entries that have each value of each facet; under `maybe-` and the key of a facet, those that may have it."""
    found: dict[tuple[str, str], list[SoftwareView]] = defaultdict(list)
    for view in current:
        for key, values in view.facets.items():
            for value in values.split():
                found[key, value].append(view)
    return found


def values_pages(facet: Facet) -> Iterator[Page]:
    """All values of a facet; if there are many, in alphabetical order under their first letters, authors by family name."""
    page = Page(
        address=facet.href,
        template="values",
        title=facet.every,
        description=f"{facet.every}, with the number of entries of each.",
        section="software",
        trail=(HOME, LinkView(label=facet.label)),
        values={"facet": replace(facet, values=()), "begins": ()},
    )
    if facet.typed:
        ordered = sorted(facet.values, key=lambda value: (is_hashed_slug(value.slug), value.slug))
        yield from _pages_by_letter(page, ordered, _letter_of_value, VALUES_LISTED)
        return
    for part in parts(facet.values, page.address, VALUES_LISTED):
        yield page_of_part(page, part, {"letters": [("", "", part.items)]})


def _letter_of_value(value: FacetValue) -> str:
    return "Other" if is_hashed_slug(value.slug) else _letter(value.slug)


def _letter(text: str) -> str:
    """The first letter of a text; a digit counts as `0–9`."""
    first = next((letter for letter in fold(text) if letter.isalnum()), "")
    return first.upper() if first.isalpha() else "0–9"


def alphabet_pages(current: Iterable[SoftwareView]) -> Iterator[Page]:
    """All entries by name, under their first letters."""
    page = Page(
        address="a-z/",
        template="alphabet",
        title="All software from A to Z",
        description="Every entry of the catalogue by its name.",
        section="software",
        trail=(HOME, LinkView(label="A–Z")),
    )
    yield from _pages_by_letter(page, current, lambda view: _letter(view.software.name), LISTED)


def _pages_by_letter(page: Page, items: Iterable[T], letter_of: Callable[[T], str], size: int) -> Iterator[Page]:
    """The pages of a list under the first letters of its items, with a link to each letter on all of them."""
    by_letter: dict[str, list[T]] = defaultdict(list)
    for item in items:
        by_letter[letter_of(item)].append(item)
    ids = {letter: f"letter-{number}" for number, letter in enumerate(by_letter)}
    every = [(letter, item) for letter, of_letter in by_letter.items() for item in of_letter]
    made = parts(every, page.address, size)
    begins = {letter: part.address for part in reversed(made) for letter, _ in part.items}
    for part in made:
        here = {letter: "" if at == part.address else at for letter, at in begins.items()}
        values = {
            "begins": [LinkView(label=letter, href=f"{here[letter]}#{id}") for letter, id in ids.items()],
            "letters": [(ids[letter], letter, of_letter) for letter, of_letter in _grouped(part.items)],
        }
        yield page_of_part(page, part, values)


def newest_pages(current: Iterable[SoftwareView]) -> Iterator[Page]:
    """All entries by year, the newest first."""
    newest = sorted(current, key=lambda view: sort_date(view.software), reverse=True)
    page = Page(
        address="newest/",
        template="newest",
        title="Newest software",
        description="Every entry of the catalogue, the newest first.",
        section="software",
        trail=(HOME, LinkView(label="Newest")),
    )
    every = [(sort_date(view.software)[:4] or "Without a date", view) for view in newest]
    yield from paginated(page, every, lambda part: {"years": _grouped(part.items)})


def _grouped(pairs: Iterable[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    """The values under each key, of pairs that are sorted by key."""
    return [(key, [value for _, value in group]) for key, group in groupby(pairs, key=itemgetter(0))]


def matrix_pages(current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...]) -> Iterator[Page]:
    """The matrix: every entry at every facility."""

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
    yield from paginated(
        page,
        current,
        lambda part: {"rows": [row(view) for view in part.items]},
        lambda _: _CELL_SIZE * len(places),
    )
