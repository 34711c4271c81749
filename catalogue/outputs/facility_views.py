"""What pages show of facilities, ready for display."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..launch.binderhub import KIND as BINDERHUB
from ..launch.kinds import KINDS
from ..launch.offers import PLURAL, PROVIDER_NAMES
from ..model import Catalogue, Facility, Interface, Verdict
from ..repository import Provider
from ..text import english_list, pluralize
from .addresses import facility_page
from .contribute import line_address
from .facets import value_slug
from .launch_views import (
    LOGIN_LABELS,
    HealthView,
    OfferView,
    RefusalView,
    WarningView,
    health_view,
    limits_rows,
    refusals,
    warnings,
)
from .paging import LISTED
from .software_views import SoftwareView
from .views import LinkView, contact_link, url_link


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityView:
    """Everything that a page shows of a facility.

    `data` is what it holds; the link is to the entries that read it, if any. `refusals` are the first of `no`, by their
    reasons, up to as many as one page lists.
    """

    facility: Facility
    href: str
    kind_label: str
    does: str
    runs: str
    takes: str
    asked_live: bool
    login_label: str
    limits: tuple[tuple[str, str], ...]
    address: LinkView
    documentation: LinkView | None
    data: tuple[LinkView, ...]
    contact: LinkView | None
    edit: LinkView
    health: HealthView
    warnings: tuple[WarningView, ...]
    yes: tuple[OfferView, ...]
    maybe: tuple[OfferView, ...]
    visits: tuple[OfferView, ...]
    no: tuple[OfferView, ...]
    refusals: tuple[RefusalView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A facility in the menu from which readers choose where to launch."""

    slug: str
    name: str
    doubts: str


def facility_views(catalogue: Catalogue, entries: Iterable[SoftwareView]) -> tuple[FacilityView, ...]:
    """The views of all facilities, in the catalogue's order, with the offers for these entries."""
    rows: dict[str, list[OfferView]] = defaultdict(list)
    readers = Counter[str]()
    for view in sorted(entries, key=lambda view: view.software.sort_key):
        readers.update({value_slug(each) for each in view.software.reads})
        for row in view.offers:
            rows[row.facility].append(row)
    return tuple(_facility_view(each, rows[each.slug], readers, catalogue) for each in catalogue.facilities)


def holders_of_data(places: Iterable[FacilityView]) -> dict[str, tuple[LinkView, ...]]:
    """The facilities that hold data, by the slug of what they hold; without closed ones."""
    found: dict[str, list[LinkView]] = defaultdict(list)
    for place in places:
        if not place.facility.closed:
            for slug in sorted(set(map(value_slug, place.facility.data))):
                found[slug].append(LinkView(label=place.facility.name, href=place.href))
    return {slug: tuple(links) for slug, links in found.items()}


def _data_link(label: str, readers: int) -> LinkView:
    if not readers:
        return LinkView(label=label)
    note = f"{pluralize(readers, 'entry reads', 'entries read')} it"
    return LinkView(label=label, href=f"data/{value_slug(label)}/", note=note)


def place_views(places: Iterable[FacilityView]) -> tuple[PlaceView, ...]:
    """The menu of these facilities, without closed ones."""
    return tuple(
        PlaceView(
            slug=each.facility.slug,
            name=each.facility.name,
            doubts=", ".join(warning.words for warning in each.warnings),
        )
        for each in places
        if not each.facility.closed
    )


# An origin that can be in a Content Security Policy without escaping.
_PLAIN_ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?/")


def _facility_view(
    facility: Facility, rows: Sequence[OfferView], readers: Mapping[str, int], catalogue: Catalogue
) -> FacilityView:
    site = catalogue.site
    kind = KINDS[facility.kind]
    takes = [PROVIDER_NAMES[each] for each in Provider if each in facility.providers]
    no = tuple(row for row in rows if row.verdict is Verdict.NO)
    return FacilityView(
        facility=facility,
        href=facility_page(facility.slug),
        kind_label=kind.LABEL,
        does=kind.DOES,
        runs=english_list([PLURAL[each] for each in Interface if each in facility.interfaces]) or "not stated",
        takes=english_list(takes),
        asked_live=facility.kind == BINDERHUB and not facility.closed and _PLAIN_ORIGIN.match(facility.url) is not None,
        login_label=LOGIN_LABELS[facility.login],
        limits=limits_rows(facility.limits),
        data=tuple(_data_link(each, readers.get(value_slug(each), 0)) for each in facility.data),
        address=url_link(facility.url),
        documentation=url_link(facility.documentation) if facility.documentation else None,
        contact=contact_link(facility.contact) if facility.contact else None,
        edit=LinkView(label="Edit this facility", href=line_address(site, facility.place)),
        health=health_view(facility),
        warnings=warnings(facility),
        yes=tuple(row for row in rows if row.verdict is Verdict.YES),
        maybe=tuple(row for row in rows if row.verdict is Verdict.MAYBE and row.carries),
        visits=tuple(row for row in rows if row.url and not row.carries),
        no=no,
        refusals=refusals(no[:LISTED]),
    )
