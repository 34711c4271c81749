"""The pages of one entry: its own, its launch pages, tombstones, redirects from its former addresses; badges and CodeMeta."""

from collections.abc import Iterator
from dataclasses import replace

from ..model import Site, Verdict
from . import jsonld
from .addresses import launch_page, software_page
from .badges import WITHDRAWN, badge_files, entry_badge, pair_badge
from .facility_views import PlaceView
from .files import File, json_file, relative
from .my_data import my_data_view
from .page import HOME, Page
from .software_views import SoftwareView, shortened
from .views import LinkView

# The CodeMeta file of each entry, in the notation of `_headers`: `:software` stands for one folder.
CODEMETA_PATH = f"{software_page(':software')}codemeta.json"


def software_pages(
    view: SoftwareView, places: tuple[PlaceView, ...], site: Site, notebooks_file: str | None
) -> Iterator[Page | File]:
    """The page of an entry, its CodeMeta file, its launch pages and badges.

    `notebooks_file` is the URL at which `notebooks.yaml` is edited.
    """
    software = view.software
    data = jsonld.software_data(software, site.base_url)
    yield Page(
        address=view.href,
        template="software",
        title=software.name,
        description=software.summary or f"{software.name} in {site.title}: where it runs, how to cite it.",
        section="software",
        trail=(HOME, LinkView(label=software.name)),
        data=(data,),
        values={
            "view": view,
            "software": software,
            "places": places,
            "signposts": jsonld.signposts(data),
            "codemeta": _codemeta_address(software.slug),
            "notebooks_file": notebooks_file,
            "yes": tuple(row for row in view.offers if row.verdict is Verdict.YES),
            "maybe": tuple(row for row in view.offers if row.verdict is Verdict.MAYBE),
            "anywhere": view.best or view.own.verdict is not Verdict.NO,  # whether there is a place to choose
            "my_data": my_data_view(software, site.blank, any(row.url and row.carries for row in view.offers)),
        },
    )
    # A program follows no redirect of a page, so each former address has a copy.
    codemeta = jsonld.codemeta_data(software, site.base_url)
    for slug in (software.slug, *software.former_slugs):
        yield json_file(_codemeta_address(slug), codemeta)
    yield from _launch_pages(view, places)
    badge = entry_badge(view.offers, on_the_web=view.opens is not None)
    for go in _launch_addresses(view):
        yield from badge_files(go, badge, {row.facility: pair_badge(row) for row in view.offers})


def _codemeta_address(slug: str) -> str:
    return CODEMETA_PATH.replace(":software", slug)


def _launch_addresses(view: SoftwareView) -> tuple[str, ...]:
    """The launch addresses of an entry, present and former. An image follows no redirect of a page, so each has all badges."""
    return view.go, *(launch_page(slug) for slug in view.software.former_slugs)


def shortened_page(page: Page) -> Page:
    """The page of an entry with its lists cut short and without its description."""
    view = shortened(page.values["view"])
    data = (jsonld.software_data(view.software, view.site.base_url),)
    return replace(page, data=data, values={**page.values, "view": view, "software": view.software})


def _launch_pages(view: SoftwareView, places: tuple[PlaceView, ...]) -> Iterator[Page]:
    """The pages at the permanent launch addresses: the choice of a facility, and one page for each facility."""
    trail = (HOME, LinkView(label=view.software.name, href=view.href))
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
            forward=row.url if row.recommended else None,
            values={
                "view": view,
                "software": view.software,
                "row": row,
                "others": tuple(other for other in view.offers if other.url and other.facility != row.facility)[:3],
            },
        )


def tombstone_pages(view: SoftwareView, facilities: tuple[str, ...]) -> Iterator[Page | File]:
    """Tombstones and badges of a withdrawn entry at all of its addresses; `facilities` are the slugs of all facilities."""
    for address in (view.href, view.go, *(launch_page(view.software.slug, slug) for slug in facilities)):
        yield Page(
            address=address,
            template="gone",
            title=f"{view.software.name} (withdrawn)",
            description=f"{view.software.name} is not in the catalogue any more.",
            section="software",
            trail=(HOME, LinkView(label=view.software.name)),
            listed=False,
            values={"view": view, "software": view.software},
        )
    for go in _launch_addresses(view):
        yield from badge_files(go, WITHDRAWN, dict.fromkeys(facilities, WITHDRAWN))


def redirect_pages(view: SoftwareView, facilities: tuple[str, ...]) -> Iterator[Page]:
    """Redirects from the addresses with former slugs to the present ones; `facilities` are the slugs of all facilities."""
    for slug in view.software.former_slugs:
        moves = [(software_page(slug), view.href), (launch_page(slug), view.go)]
        moves += [(launch_page(slug, facility), launch_page(view.software.slug, facility)) for facility in facilities]
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
