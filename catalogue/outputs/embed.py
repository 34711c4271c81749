"""A facility's list to be framed on other sites: the page, and the line of HTML that frames it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import escape

from ..model import Facility, Site
from .addresses import facility_page
from .facility_views import FacilityView
from .launch_views import OfferView, WarningView
from .page import Page
from .paging import LISTED
from .software_views import SoftwareView

# Every page that other sites may frame, in the notation of `_headers`: `:facility` stands for one folder.
FRAMED = f"{facility_page(':facility')}embed/"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedView:
    """What the list says of its facility: nothing that changes with each check of it. `closed` is a sentence, or empty.

    `summaries` are those of the entries that may be shown, by slug.
    """

    name: str
    href: str
    login_label: str
    warnings: tuple[WarningView, ...]
    closed: str
    yes: tuple[OfferView, ...]
    maybe: tuple[OfferView, ...]
    visits: tuple[OfferView, ...]
    summaries: Mapping[str, str]


def embed_pages(places: Iterable[FacilityView], entries: Iterable[SoftwareView]) -> Iterator[Page]:
    """The list of each facility, a bare page; these are the entries of the catalogue."""
    summaries = {view.software.slug: view.software.summary for view in entries}
    return (_embed_page(place, summaries) for place in places)


def _embed_page(place: FacilityView, summaries: Mapping[str, str]) -> Page:
    facility = place.facility
    shown = (*place.yes[:LISTED], *place.maybe[:LISTED])
    return Page(
        address=embed_address(facility),
        canonical=place.href,
        template="embed",
        title=_title(facility),
        description=f"Software that should or may run at {facility.name}, to be shown on other sites.",
        listed=False,
        values={
            "view": EmbedView(
                name=facility.name,
                href=place.href,
                login_label=place.login_label,
                warnings=place.warnings,
                closed=place.health.sentence if facility.closed else "",
                yes=place.yes,
                maybe=place.maybe,
                visits=place.visits,
                summaries={row.software: summaries[row.software] for row in shown},
            ),
            "most": LISTED,
            "listed": f"facility/{facility.slug}/",
        },
    )


def frame_html(facility: Facility, site: Site) -> str:
    """The line of HTML that shows the list of a facility on another site."""
    return (
        f'<iframe src="{escape(site.base_url + embed_address(facility))}" title="{escape(_title(facility))}" loading="lazy" '
        'style="width: 100%; height: 30rem; border: 0; color-scheme: light"></iframe>'
    )


def embed_address(facility: Facility) -> str:
    """The address of the list of a facility, below the root."""
    return FRAMED.replace(":facility", facility.slug)


def _title(facility: Facility) -> str:
    return f"Software to run at {facility.name}"
