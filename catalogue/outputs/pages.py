"""catalogue -> pages. What each page gets is decided here; templates place it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, TemplateError, TemplateSyntaxError

from ..model import Catalogue, Outcome, Source, Verdict
from ..problems import CatalogueError
from ..text import fold
from . import jsonld
from .changes import Week, facility_feed, recorded_words, slices, value_feed, weeks
from .contribute import edit_address, guide_view
from .curation import board
from .dates import day, days_between, when
from .facets import NOT_GIVEN, Facet, FacetValue, facets, sort_date
from .files import File, page_path, relative, text_file
from .freshness import ages
from .launch_views import followed_words, looked_words, probed_words, readiness_counts
from .views import (
    FacilityView,
    LinkView,
    SoftwareView,
    contact_link,
    facility_views,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page before it is rendered. `address` is below the root and ends with `/`, but for 404.html.

    `asks` is the origin of a facility that a button of the page may ask, when it is pressed; `feeds` are Atom feeds of
    what the page is about.
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
    values: dict[str, Any] = field(default_factory=dict)


def render(page: Page, catalogue: Catalogue, templates: Environment, assets: str, index: str) -> File:
    """One page as a file. Its links are relative, so the site works under any address; those of 404.html are not."""
    root = urlsplit(catalogue.site.base_url).path

    def to(address: str) -> str:
        if address.startswith(("https://", "http://", "mailto:", "#")):
            return address
        return root + address if page.address == "404.html" else relative(page.address, address)

    values = dict(
        page=page,
        site=catalogue.site,
        to=to,
        asset=lambda path: to(assets + path),
        index=to(index),
        data=page.data or (jsonld.page_data(page.title, page.description, page.address, catalogue.site.base_url),),
        # A snapshot that was made by hand has a day; a harvest has an hour.
        as_of=when(catalogue.harvest.harvested[: 10 if catalogue.harvest.note else None]),
        note=catalogue.harvest.note,
        age=_age(catalogue),
        contact=contact_link(catalogue.site.contact),
        total=len(catalogue.software),
        **page.values,
    )
    name = f"pages/{page.template}.html"
    try:
        html = templates.get_template(name).render(values)
    except TemplateError as error:
        at = f" line {error.lineno} of {error.name}:" if isinstance(error, TemplateSyntaxError) else ""
        raise CatalogueError(
            f"templates/{name} cannot make {page_path(page.address)}:{at} {error.message}; the old site is untouched"
        ) from error
    return text_file(page_path(page.address), html)


@dataclass(frozen=True, slots=True)
class Age:
    """When the data was last renewed, for the banner that says that it could not be since.

    `old` is whether that was so at the time of the build, where one was given; the reader's browser knows a later one.
    """

    looked: str
    words: str
    most: int
    old: bool


OLD = 3  # days without a whole harvest, after which the pages say so


def _age(catalogue: Catalogue) -> Age | None:
    """None where nobody harvested yet: a snapshot that was made by hand is shown as one, and upstream has not failed."""
    looked = catalogue.harvest.looked or (None if catalogue.harvest.note else catalogue.harvest.harvested)
    if looked is None:
        return None
    return Age(looked, when(looked), OLD, days_between(looked, catalogue.built) > OLD)


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """All pages, in a fixed order."""
    every = software_views(catalogue)
    current = every[: len(catalogue.software)]
    gone = every[len(catalogue.software) :]
    places = facility_views(catalogue)
    all_facets = facets(catalogue)
    yield _home(catalogue, current, places, all_facets)
    for view in current:
        yield _software(view, catalogue, places)
        yield from _go(view, places)
    for view in gone:
        yield from _gone(view, places)
    for view in every:
        yield from _moved(view)
    yield _facilities(places)
    for place in places:
        yield _facility(place, catalogue)
    for facet in all_facets:
        yield _values_page(facet)
        yield from (_facet_page(facet, value, current, places) for value in facet.values)
    yield _alphabet(current)
    yield _newest(current)
    yield _matrix(current, places)
    yield _status(catalogue, current, places)
    yield _curation(catalogue)
    yield from _changes(catalogue)
    yield Page(
        address="about/",
        template="about",
        title="About",
        description="What this catalogue is, what a launch does, and how to get software or a facility listed.",
        section="about",
        values={"facilities": places},
    )
    yield from _add(catalogue)
    yield Page(
        address="api/",
        template="api",
        title="For programs",
        description="The whole catalogue as JSON, with a schema; launch addresses that stay; descriptions in the pages.",
        section="about",
        values={"facilities": places},
    )
    yield Page(
        address="404.html",
        template="404",
        title="Page not found",
        description="There is no page at this address.",
        listed=False,
    )


_HOME = LinkView(label="Software", href="")


def _add(catalogue: Catalogue) -> Iterator[Page]:
    """How to add each kind of entry."""
    for guide in catalogue.guides:
        yield Page(
            address=f"add/{guide.what}/",
            template="add",
            title=f"Add a {guide.what}",
            description=f"What to write into {guide.file}, every key of it, and what happens next.",
            section="about",
            trail=(LinkView(label="About", href="about/"), LinkView(label=f"Add a {guide.what}")),
            values={"guide": guide_view(guide, catalogue.site)},
        )


def _home(
    catalogue: Catalogue,
    current: tuple[SoftwareView, ...],
    places: tuple[FacilityView, ...],
    all_facets: tuple[Facet, ...],
) -> Page:
    blank = next((view for view in current if view.software.slug == catalogue.site.blank), None)
    return Page(
        address="",
        template="home",
        title=catalogue.site.title,
        description=catalogue.site.tagline,
        section="software",
        data=tuple(jsonld.site_data(catalogue)),
        values={
            "software": sorted(current, key=lambda view: (not view.runs, view.software.sort_key)),
            "facilities": places,
            "facets": all_facets,
            "blank": blank,
            "examples": catalogue.site.examples or _frequent(catalogue),
            "launchable": sum(view.runs for view in current),
            "wish": wish_link(catalogue.site),
        },
    )


def _frequent(catalogue: Catalogue) -> tuple[str, ...]:
    """The three keywords that most entries have."""
    uses = Counter(word for each in catalogue.software for word in each.keywords)
    return tuple(sorted(uses, key=lambda word: (-uses[word], word))[:3])


def _software(view: SoftwareView, catalogue: Catalogue, places: tuple[FacilityView, ...]) -> Page:
    software = view.software
    return Page(
        address=view.href,
        template="software",
        title=software.name,
        description=software.summary or f"{software.name} in {catalogue.site.title}: where it runs, how to cite it.",
        section="software",
        trail=(_HOME, LinkView(label=software.name)),
        data=(jsonld.software_data(software, catalogue.site.base_url),),
        values={
            "view": view,
            "software": software,
            "facilities": places,
            "notebooks_file": next(
                (edit_address(catalogue.site, each.file) for each in catalogue.guides if each.what == "notebook"), None
            ),
            "yes": tuple(row for row in view.offers if row.verdict is Verdict.YES),
            "maybe": tuple(row for row in view.offers if row.verdict is Verdict.MAYBE),
        },
    )


def _go(view: SoftwareView, places: tuple[FacilityView, ...]) -> Iterator[Page]:
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
        values={"view": view, "software": view.software, "facilities": places},
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


def _gone(view: SoftwareView, places: tuple[FacilityView, ...]) -> Iterator[Page]:
    """Tombstones, at every address that the entry had."""
    for address in (view.href, view.go, *(f"{view.go}{place.facility.slug}/" for place in places)):
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
        },
    )


# Facets whose values have feeds.
_FOLLOWED = frozenset({"platform", "keyword"})


def _facet_page(
    facet: Facet, value: FacetValue, current: Iterable[SoftwareView], places: tuple[FacilityView, ...]
) -> Page:
    current = tuple(current)
    listed = _having(current, facet.key, value)
    maybe = _having(current, f"maybe-{facet.key}", value) if facet.has_maybe else ()
    maybe = tuple(view for view in maybe if view not in listed)
    if facet.key == "facility":
        listed, maybe = (tuple(_launched_at(value.slug, view) for view in views) for views in (listed, maybe))
    others = [other for other in facet.values if other.slug != value.slug]
    return Page(
        address=value.href,
        template="facet",
        title=f"{facet.label}: {value.label}",
        description=f"All {value.count} entries of the catalogue with {facet.label.lower()} {value.label}.",
        section="software",
        trail=(_HOME, LinkView(label=facet.label, href=facet.href), LinkView(label=value.label)),
        # A list of one is no page to find in a search engine: the entry is.
        listed=value.count > 1 or not facet.typed,
        feeds=(LinkView(label=f"Changes for {value.label}", href=value_feed(facet.key, value.slug)),)
        if facet.key in _FOLLOWED and value.slug != NOT_GIVEN
        else (),
        values={
            "facet": facet,
            "value": value,
            "software": listed,
            "facilities": places,
            "maybe": maybe,
            "choice": facet.key != "facility",
            "others": others[:OTHERS_SHOWN],
            "about": LinkView(label=f"About {value.label}", href=f"facilities/{value.slug}/")
            if facet.key == "facility"
            else None,
        },
    )


def _having(current: Iterable[SoftwareView], key: str, value: FacetValue) -> tuple[SoftwareView, ...]:
    return tuple(view for view in current if value.slug in view.facets[key].split())


def _launched_at(facility: str, view: SoftwareView) -> SoftwareView:
    """The entry, with this facility as the first choice: who looks at what runs there wants it to run there."""
    here = tuple(row for row in view.offers if row.facility == facility)
    others = tuple(row for row in view.best if row.facility != facility)
    return replace(view, best=(*here, *others)[: max(1, len(view.best))])


def _values_page(facet: Facet) -> Page:
    """All values of a facet, in the order of the alphabet where there are many; authors by their family names."""
    ordered = sorted(facet.values, key=lambda value: value.slug) if facet.typed else facet.values
    return Page(
        address=facet.href,
        template="values",
        title=facet.every,
        description=f"{facet.every}, with the number of entries of each.",
        section="software",
        trail=(_HOME, LinkView(label=facet.label)),
        values={"facet": facet, "ordered": ordered},
    )


def _alphabet(current: Iterable[SoftwareView]) -> Page:
    """All entries by their names, under the letter that each begins with."""
    letters: dict[str, list[SoftwareView]] = {}
    for view in current:
        first = next((letter for letter in fold(view.software.name) if letter.isalnum()), "")
        letters.setdefault(first.upper() if first.isalpha() else "0–9", []).append(view)
    return Page(
        address="a-z/",
        template="alphabet",
        title="All software from A to Z",
        description="Every entry of the catalogue by its name.",
        section="software",
        trail=(_HOME, LinkView(label="A–Z")),
        values={
            "letters": [(f"letter-{number}", letter, views) for number, (letter, views) in enumerate(letters.items())]
        },
    )


def _newest(current: Iterable[SoftwareView]) -> Page:
    """All entries, the newest first, under their years."""
    years: dict[str, list[SoftwareView]] = {}
    for view in sorted(current, key=lambda view: sort_date(view.software), reverse=True):
        years.setdefault(sort_date(view.software)[:4] or "Without a date", []).append(view)
    return Page(
        address="newest/",
        template="newest",
        title="Newest software",
        description="Every entry of the catalogue, the newest first.",
        section="software",
        trail=(_HOME, LinkView(label="Newest")),
        values={"years": [*years.items()]},
    )


def _matrix(current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...]) -> Page:
    rows = tuple(
        (view, tuple({row.facility: row for row in view.offers}[place.facility.slug] for place in places))
        for view in current
    )
    return Page(
        address="matrix/",
        template="matrix",
        title="Software × facility",
        description="Every entry at every facility: whether it runs there, with the launch link or the reason.",
        section="matrix",
        trail=(LinkView(label="Software × facility"),),
        values={"rows": rows, "facilities": places},
    )


def _status(catalogue: Catalogue, current: tuple[SoftwareView, ...], places: tuple[FacilityView, ...]) -> Page:
    accounts = catalogue.accounts
    of_harvest = [each for each in accounts if each.source == "harvest"]
    counts = [(outcome, sum(each.outcome is outcome for each in of_harvest)) for outcome in Outcome]
    pairs = {verdict: sum(offer.verdict is verdict for offer in catalogue.offers) for verdict in Verdict}
    names = {view.software.slug: view.href for view in current}
    kinds = board(catalogue)
    return Page(
        address="status/",
        template="status",
        title="Status",
        description="How the catalogue is: what the last harvest brought, what became of each record, what is in doubt.",
        section="status",
        trail=(LinkView(label="Status"),),
        values={
            "harvest": catalogue.harvest,
            "counts": [(OUTCOMES[outcome][count != 1], count) for outcome, count in counts if count],
            "accounted": len(of_harvest),
            "harvested": of_harvest,
            "kept": [each for each in accounts if each.source == "kept"],
            "local": [each for each in accounts if each.source == "local"],
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


def _curation(catalogue: Catalogue) -> Page:
    kinds = board(catalogue)
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
            "followed": followed_words(catalogue),
            "missing": [link for link in links if link.missing and not link.dead],
        },
    )


def _changes(catalogue: Catalogue) -> Iterator[Page]:
    """What has changed: the newest week with all that can be followed, and a page for each week."""
    every = weeks(catalogue)
    parts = slices(catalogue)
    feeds = {key: [LinkView(label=_followed(each.label), href=each.path) for each in parts[key]] for key in parts}
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
        yield _week(each, others[number - 1] if number else None, others[number + 1 : number + 2])


def _followed(label: str) -> str:
    return label.removeprefix("Changes at ").removeprefix("Changes for ")


def _week(week: Week, later: LinkView | None, earlier: Iterable[LinkView]) -> Page:
    return Page(
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
