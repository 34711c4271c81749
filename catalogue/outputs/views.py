"""The values that templates show, ready for display. Templates decide nothing."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import zip_longest
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from ..launch.binderhub import KIND as BINDERHUB
from ..launch.kinds import KINDS
from ..launch.offers import PLURAL, PROVIDER_NAMES, Notes, offer_for, own_binderhub
from ..model import (
    Catalogue,
    Facility,
    Interface,
    Offer,
    Person,
    Pin,
    Site,
    Software,
    Source,
    State,
    Verdict,
)
from ..repository import Provider
from ..text import clean_markdown, english_list, unique
from .cite import badge_markdown, bibtex, citation
from .contribute import line_address, override_draft
from .dates import loose_date
from .facets import INTERFACE_LABELS, Subject, authors, facet_values, sort_date, subjects, value_slug
from .launch_views import (
    LOGIN_LABELS,
    HealthView,
    OfferView,
    ReadinessView,
    Told,
    WarningView,
    action,
    health_view,
    launched_words,
    limits_rows,
    offer_view,
    readiness_view,
    sentence,
    told,
    warnings,
)

AUTHORS_SHOWN, AUTHORS_LISTED = 20, 200

FIELD_LABELS = {
    "former_slugs": "Earlier addresses",
    "name": "Name",
    "alternate_names": "Also known as",
    "summary": "Summary",
    "description": "Description",
    "interfaces": "How it is used",
    "runtimes": "Languages and platforms",
    "keywords": "Keywords",
    "authors": "Authors",
    "licence": "Licence",
    "version": "Version",
    "doi": "DOI",
    "concept_doi": "DOI of all versions",
    "repository": "Repository",
    "no_repository": "Why there is no repository",
    "archive": "Archived copy",
    "notebooks": "Notebooks",
    "ports": "Ports that it needs",
    "needs_packages": "Needs packages",
    "homepage": "Home page",
    "documentation": "Documentation",
    "published": "Published",
    "created": "Record created",
    "versions": "Older versions",
    "reads": "Data it reads",
    "record_url": "Record",
    "state": "State",
    "state_note": "About its state",
}
_UNSHOWN_FIELDS = frozenset({"record_url", "state", "former_slugs", "archive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link; `href` is an address below the root or a full URL, None for plain text. `note` is text after the link."""

    label: str
    href: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorView:
    """An author of an entry; `href` is the page that lists all entries of this author, or None."""

    name: str
    orcid: str | None
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceView:
    """The source of one field of an entry; `instead_of` are sources that state other values, with these."""

    label: str
    source: LinkView
    instead_of: tuple[tuple[LinkView, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookView:
    """A notebook of an entry, with a link for each facility that can open it, best first.

    `note` says what is special about it, such as that launch links open it, or that it is missing; it may be empty.
    """

    title: str | None
    path: str
    note: str
    links: tuple[LinkView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactView:
    """A launch of exactly the cited version: the facility, the version, and `text` with citation and links, to be copied.

    `doubts` are sentences about this version, in addition to those about the offer.
    """

    facility: str
    url: str
    label: str
    text: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """Why an entry cannot run, and the facilities at which it cannot for these reasons."""

    reasons: str
    rows: tuple[OfferView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHubView:
    """What a script needs to launch an entry at the reader's own BinderHub, and the verdict on that.

    `path` is what follows the URL of the hub, empty if no BinderHub can open the entry. `reason` says why the verdict is not
    yes.
    """

    verdict: Verdict
    action: str
    path: str
    opens: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareView:
    """Everything that pages and cards show of an entry. `card_size` is the approximate size of its card in bytes."""

    software: Software
    href: str
    go: str
    state_label: str
    interface_labels: tuple[LinkView, ...]
    platform_links: tuple[LinkView, ...]
    keyword_links: tuple[LinkView, ...]
    reads_links: tuple[LinkView, ...]
    licence_link: LinkView | None
    licence_note: str | None
    authors: tuple[AuthorView, ...]
    more_authors: tuple[AuthorView, ...]
    affiliations: tuple[str, ...]
    short_authors: str
    date: str
    sort_date: str
    repository_label: str
    citation: str
    bibtex: str
    badge: str
    description: Markup | None
    elsewhere: tuple[LinkView, ...]
    offers: tuple[OfferView, ...]
    best: tuple[OfferView, ...]
    opens: LinkView | None
    refusals: tuple[RefusalView, ...]
    readiness: ReadinessView | None
    said: tuple[str, ...]
    launched: str
    notebooks: tuple[NotebookView, ...]
    more_notebooks: int
    exact: ExactView | None
    own: OwnHubView
    provenance: tuple[ProvenanceView, ...]
    related: tuple[LinkView, ...]
    edit: LinkView | None
    override: str | None
    facets: dict[str, str]
    card_size: int

    @property
    def runs(self) -> bool:
        """Whether it is sure to run at a facility, or is a web application."""
        return is_sure(self.best) or self.opens is not None


def is_sure(best: Iterable[OfferView]) -> bool:
    """Whether the verdict on one of these offers is yes."""
    return any(row.verdict is Verdict.YES for row in best)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityView:
    """Everything that a page shows of a facility."""

    facility: Facility
    href: str
    kind_label: str
    does: str
    runs: str
    takes: str
    asked_live: bool
    login_label: str
    limits: tuple[tuple[str, str], ...]
    contact: LinkView | None
    edit: LinkView
    health: HealthView
    warnings: tuple[WarningView, ...]
    yes: tuple[OfferView, ...]
    maybe: tuple[OfferView, ...]
    visits: tuple[OfferView, ...]
    no: tuple[OfferView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A facility in the menu from which readers choose where to launch."""

    slug: str
    name: str
    doubts: str


def software_views(catalogue: Catalogue) -> tuple[SoftwareView, ...]:
    """The views of all entries, in the catalogue's order."""
    by_software: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        by_software[offer.software].append(offer)
    facilities = {each.slug: (each, told(each)) for each in catalogue.facilities}
    names = {each.slug: each.name for each in catalogue.software}
    related = dict(catalogue.related)
    subject_of = {each.software.slug: each for each in subjects(catalogue)}
    return tuple(
        _software_view(each, by_software[each.slug], facilities, names, related, catalogue, subject_of.get(each.slug))
        for each in (*catalogue.software, *catalogue.withdrawn)
    )


def _software_view(
    software: Software,
    offers: Iterable[Offer],
    facilities: dict[str, tuple[Facility, Told]],
    names: dict[str, str],
    related: dict[str, tuple[str, ...]],
    catalogue: Catalogue,
    subject: Subject | None,
) -> SoftwareView:
    site, observed = catalogue.site, catalogue.observed
    offers = tuple(offers)
    rows = tuple(
        offer_view(each, software, facility, observed, site.base_url, known)
        for each in offers
        for facility, known in [facilities[each.facility]]
    )
    facets = facet_values(subject) if subject else {}
    listed = _authors(software, subject)
    page = f"{site.base_url}software/{software.slug}/"
    cited = citation(software, page)
    interfaces = [each for each in Interface if each in software.interfaces]
    licence = software.licence
    by = short_authors(software.authors, software.more_authors)
    own = _own_hub_view(software)
    best = tuple(row for row in rows if row.verdict is not Verdict.NO)[:2]
    return SoftwareView(
        software=software,
        href=f"software/{software.slug}/",
        go=f"go/{software.slug}/",
        state_label={State.RESTRICTED: "Restricted", State.WITHDRAWN: "Withdrawn", State.CURRENT: ""}[software.state],
        interface_labels=tuple(
            LinkView(label=INTERFACE_LABELS[each], href=f"interface/{each}/") for each in interfaces
        ),
        platform_links=tuple(LinkView(label=each, href=f"platform/{value_slug(each)}/") for each in software.runtimes),
        keyword_links=tuple(LinkView(label=each, href=f"keyword/{value_slug(each)}/") for each in software.keywords),
        reads_links=tuple(LinkView(label=each, href=f"data/{value_slug(each)}/") for each in software.reads),
        licence_link=LinkView(label=licence.label, href=f"licence/{value_slug(licence.label)}/") if licence else None,
        licence_note=f"stated as “{licence.stated}”"
        if licence and licence.spdx and licence.stated and licence.stated.casefold() != licence.spdx.casefold()
        else None,
        authors=listed[:AUTHORS_SHOWN],
        more_authors=listed[AUTHORS_SHOWN:],
        affiliations=unique(each.affiliation or "" for each in software.authors[:AUTHORS_LISTED]),
        short_authors=by,
        date=loose_date(software.published or software.created),
        sort_date=sort_date(software),
        repository_label=_repository_label(software),
        citation=cited,
        bibtex=bibtex(software, page),
        badge=badge_markdown(software, site),
        readiness=readiness_view(software),
        said=_shared_reasons(rows),
        launched=launched_words(software, observed),
        notebooks=_notebook_views(software, rows),
        more_notebooks=software.readiness.more_notebooks if software.readiness else 0,
        exact=_exact(software, offers, rows, cited, site.base_url),
        own=own,
        # A description that only repeats the summary is not shown.
        description=None if _repeats(software.description, software.summary) else software.description,
        elsewhere=_elsewhere(software, site.blank),
        offers=rows,
        best=best,
        opens=LinkView(label=urlsplit(software.runs_at).hostname or "", href=software.runs_at)
        if software.runs_at
        else None,
        refusals=_refusals(rows),
        provenance=tuple(
            ProvenanceView(
                label=FIELD_LABELS[each.field],
                source=source_link(each.source, site),
                instead_of=tuple((source_link(said.source, site), said.value) for said in each.instead_of),
            )
            for each in software.provenance
            if each.field not in _UNSHOWN_FIELDS
        ),
        related=tuple(LinkView(label=names[slug], href=f"software/{slug}/") for slug in related.get(software.slug, ())),
        edit=next(
            (
                LinkView(label="Edit this entry", href=source_link(each, site).href)
                for each in reversed(software.sources)
                if each.place
            ),
            None,
        ),
        override=override_draft(software.concept_doi)
        if software.concept_doi and not any(each.place for each in software.sources)
        else None,
        facets=facets,
        card_size=_card_size(software, by, own, best[0].url if best else None, facets),
    )


def _authors(software: Software, subject: Subject | None) -> tuple[AuthorView, ...]:
    pages = [f"author/{slug}/" for slug, _ in authors(subject)] if subject else []
    return tuple(
        AuthorView(name=each.display_name, orcid=each.orcid, href=href)
        for each, href in zip_longest(software.authors[:AUTHORS_LISTED], pages)
        if each
    )


def _card_size(software: Software, by: str, own: OwnHubView, url: str | None, facets: dict[str, str]) -> int:
    others = [software.summary, software.version, by, own.path, own.opens, own.reason, url, *software.runtimes]
    licence = software.licence.label if software.licence else None
    every = (*others, licence, *facets.values())
    return 1_000 + 6 * _size(software.name) + _size("".join(each for each in every if each))


def _size(text: str) -> int:
    return len(escape(text).encode())


_FEW = 20  # items of each list that are kept on the page of an entry that would be too large
_TOO_LONG = clean_markdown("There is more of it than a page can hold; its record has all.")


def shortened(view: SoftwareView, site: Site) -> SoftwareView:
    """A view without the description and with short lists, so that one huge record does not make the site unfit to publish."""
    software = view.software
    few = replace(
        software,
        authors=tuple(replace(each, affiliation=None) for each in software.authors[: 2 * _FEW]),
        more_authors=software.more_authors + len(software.authors[2 * _FEW :]),
        alternate_names=software.alternate_names[:_FEW],
        keywords=software.keywords[:_FEW],
        runtimes=software.runtimes[:_FEW],
        reads=software.reads[:_FEW],
        documentation=software.documentation[:3],
        versions=software.versions[:_FEW],
    )
    return replace(
        view,
        software=few,
        authors=view.authors[:_FEW],
        more_authors=view.more_authors[:_FEW],
        affiliations=(),
        bibtex=bibtex(few, f"{site.base_url}software/{few.slug}/"),
        description=_TOO_LONG,
        notebooks=view.notebooks[:_FEW],
        more_notebooks=view.more_notebooks + len(view.notebooks[_FEW:]),
        keyword_links=view.keyword_links[:_FEW],
        reads_links=view.reads_links[:_FEW],
        platform_links=view.platform_links[:_FEW],
        related=view.related[:_FEW],
        provenance=tuple(replace(each, instead_of=()) for each in view.provenance),
    )


def _shared_reasons(rows: Iterable[OfferView]) -> tuple[str, ...]:
    """The reasons that all facilities share that would run the software, if there are several facilities: they are shown once."""
    reasons = [row.reasons for row in rows if row.carries]
    if len(reasons) < 2:
        return ()
    return tuple(each for each in reasons[0] if all(each in others for others in reasons))


def _refusals(rows: Iterable[OfferView]) -> tuple[RefusalView, ...]:
    """The refusals with the same reasons, grouped."""
    at: dict[str, list[OfferView]] = defaultdict(list)
    for row in rows:
        if row.verdict is Verdict.NO:
            at[" ".join(row.reasons)].append(row)
    return tuple(RefusalView(reasons=reasons, rows=tuple(each)) for reasons, each in at.items())


def _notebook_views(software: Software, rows: Iterable[OfferView]) -> tuple[NotebookView, ...]:
    """Every notebook that is named or was seen. The links of an only one are those of the entry."""
    every = software.all_notebooks
    target = software.target
    opened = target.file if target else None
    missing = software.readiness.missing if software.readiness else frozenset()
    links: dict[str, list[LinkView]] = defaultdict(list)
    for row in rows:
        told = ", ".join(each.words for each in row.warnings)
        for each in row.notebooks:
            links[each.path].append(LinkView(label=row.facility_name, href=each.url, note=told))

    def note(path: str) -> str:
        if path in missing:
            return "not in the repository any more"
        if len(every) > 1 and links and not links[path]:
            return "its name has letters that no facility here opens: open the folder around it"
        return "Launch opens it" if path == opened else ""

    return tuple(
        NotebookView(title=each.title, path=each.path, note=note(each.path), links=tuple(links[each.path]))
        for each in every
    )


def _exact(
    software: Software, offers: Iterable[Offer], rows: Iterable[OfferView], cited: str, base_url: str
) -> ExactView | None:
    """The launch of exactly the cited version at the best facility that has one."""
    for offer, row in zip(offers, rows, strict=True):
        launches: list[tuple[str | None, str | None, str, tuple[str, ...]]] = [(offer.pin, offer.url, row.ref, ())]
        launches += [(each.pin, each.url, each.label, each.doubts) for each in row.editions]
        for pin, url, label, doubts in launches:
            if pin == Pin.CITED and url:
                other = f"Other places to run it: {base_url}go/{software.slug}/"
                text = f"{cited}\nLaunch this version: {url}\n{other}"
                return ExactView(facility=row.facility_name, url=url, label=label, text=text, doubts=doubts)
    return None


_OWN = own_binderhub()
_OWN_NOTES = Notes(_OWN)


def _own_hub_view(software: Software) -> OwnHubView:
    one = replace(software, editions=software.editions[:1]) if len(software.editions) > 1 else software
    offer = offer_for(one, _OWN, _OWN_NOTES)
    return OwnHubView(
        verdict=offer.verdict,
        action=action(offer),
        path=(offer.url or "").removeprefix(_OWN.url),
        opens=offer.opens,
        reason=" ".join(sentence(each) for each in offer.reasons),
    )


def _elsewhere(software: Software, blank: str | None) -> tuple[LinkView, ...]:
    """Where else to go for software that no facility is sure to run, best first."""
    links = []
    if software.homepage and not software.runs_at:
        links.append(LinkView(label="its home page", href=software.homepage))
    links += [LinkView(label="its documentation", href=each) for each in software.documentation[:1]]
    if software.repository:
        links.append(LinkView(label="its repository", href=software.repository.page))
    if Interface.LIBRARY in software.interfaces and blank:
        links.append(LinkView(label="a blank notebook to install it in", href=f"go/{blank}/"))
    return tuple(links)


def source_link(source: Source, site: Site) -> LinkView:
    """A source, linked to where readers can verify it: the record, or the line in our repository."""
    if source.place:
        return LinkView(label=source.label, href=line_address(site, source.place))
    return LinkView(label=source.label, href=source.url)


def short_authors(authors: tuple[Person, ...], more: int = 0) -> str:
    """Up to three authors, and how many more there are; `more` are not among `authors`."""
    names = [each.display_name for each in authors[:3]]
    more += len(authors) - len(names)
    return "; ".join(names) + (f" and {more:,} more" if more else "")


def _repeats(description: Markup | None, summary: str) -> bool:
    """Whether a description only repeats the summary, apart from whitespace and escaping."""
    return f"<p>{summary}</p>".split() == unescape(description or "").split()


def _repository_label(software: Software) -> str:
    repository = software.repository
    if repository is None:
        return ""
    if repository.provider is Provider.ZENODO:
        return f"Zenodo record {repository.path}"
    return f"{repository.host}/{repository.path}"


def facility_views(catalogue: Catalogue, entries: Iterable[SoftwareView]) -> tuple[FacilityView, ...]:
    """The views of all facilities, in the catalogue's order, with the offers for these entries."""
    rows: dict[str, list[OfferView]] = defaultdict(list)
    for view in sorted(entries, key=lambda view: view.software.sort_key):
        for row in view.offers:
            rows[row.facility].append(row)
    return tuple(_facility_view(each, rows[each.slug], catalogue) for each in catalogue.facilities)


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


def _facility_view(facility: Facility, rows: Sequence[OfferView], catalogue: Catalogue) -> FacilityView:
    site = catalogue.site
    kind = KINDS[facility.kind]
    takes = [PROVIDER_NAMES[each] for each in Provider if each in facility.providers]
    return FacilityView(
        facility=facility,
        href=f"facilities/{facility.slug}/",
        kind_label=kind.LABEL,
        does=kind.DOES,
        runs=english_list([PLURAL[each] for each in Interface if each in facility.interfaces]) or "not stated",
        takes=english_list(takes),
        asked_live=facility.kind == BINDERHUB and not facility.closed and _PLAIN_ORIGIN.match(facility.url) is not None,
        login_label=LOGIN_LABELS[facility.login],
        limits=limits_rows(facility.limits),
        contact=contact_link(facility.contact) if facility.contact else None,
        edit=LinkView(label="Edit this facility", href=line_address(site, facility.place)),
        health=health_view(facility),
        warnings=warnings(facility),
        yes=tuple(row for row in rows if row.verdict is Verdict.YES),
        maybe=tuple(row for row in rows if row.verdict is Verdict.MAYBE and row.carries),
        visits=tuple(row for row in rows if row.url and not row.carries),
        no=tuple(row for row in rows if row.verdict is Verdict.NO),
    )


def contact_link(contact: str) -> LinkView:
    """A contact, which is an https URL or an e-mail address, as a link."""
    return LinkView(label=contact.removeprefix("https://").rstrip("/"), href=_contact_url(contact))


def _contact_url(contact: str) -> str:
    return contact if contact.startswith("https://") else f"mailto:{contact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    """Where readers ask for missing software: a URL, and the names of its parameters for title and text, if it has them."""

    href: str
    title: str = ""
    text: str = ""


def wish_link(site: Site) -> WishView:
    """The form for a new issue if the repository's host is known to have one, else the contact."""
    host = urlsplit(site.repository).hostname or ""
    if host == "github.com":
        return WishView(href=f"{site.repository}/issues/new", title="title", text="body")
    if host.startswith("gitlab."):
        return WishView(href=f"{site.repository}/-/issues/new", title="issue[title]", text="issue[description]")
    href = _contact_url(site.contact)
    mail = href.startswith("mailto:")
    return WishView(href=href, title="subject" if mail else "", text="body" if mail else "")
