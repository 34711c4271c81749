"""What templates place: values that are ready to be shown. Templates decide nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from ..launch.kinds import KINDS
from ..launch.offers import MANY, PROVIDER_NAMES
from ..model import (
    Catalogue,
    Facility,
    Interface,
    Limits,
    Offer,
    Person,
    Reason,
    Site,
    Software,
    Source,
    State,
    Verdict,
)
from ..repository import Provider
from ..text import english_list, unique
from .facets import INTERFACE_LABELS, LOGIN_LABELS, facet_values, sort_date, subjects, value_slug

VERDICT_LABELS = {Verdict.YES: "Should run here", Verdict.MAYBE: "May run here", Verdict.NO: "Not here"}
AUTHORS_SHOWN, AUTHORS_LISTED = 20, 200

# For a cell of the matrix, where a sentence has no room; the sentence stands on the software's page.
_SHORT_REASONS = {
    "interface": "another kind of software",
    "no-repository": "no repository known",
    "provider": "code on another host",
    "restricted": "restricted files",
    "commit": "pinned to a commit",
    "library": "library",
    "interface-unknown": "use not stated",
    "front-page": "front page only",
    "software-list": "software list only",
    "image": "image untried",
    "contents": "not held there",
    "closed": "closed",
    "letters": "letters in its address",
    "gist-ref": "a gist at a branch",
    "git-only": "not in Git",
    "short-commit": "pinned to a commit",
    "no-notebook": "no notebook named",
}

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
    "notebooks": "Notebooks",
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
_UNSHOWN_FIELDS = frozenset({"record_url", "state", "former_slugs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A word that leads somewhere; `href` is an address below the root or a full one, None for plain text."""

    label: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """One row of a launch block, or one cell of the matrix."""

    software: str
    software_name: str
    software_href: str
    facility: str
    facility_name: str
    facility_href: str
    facility_kind: str
    verdict: Verdict
    verdict_label: str
    action: str
    url: str | None
    go: str
    opens: str
    ref: str
    reasons: tuple[str, ...]
    short_reason: str
    notes: tuple[str, ...]
    login_label: str
    warnings: tuple[str, ...]
    carries: bool
    forwards: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceView:
    """Where one field of an entry comes from."""

    label: str
    source: LinkView
    instead_of: tuple[tuple[LinkView, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareView:
    """Everything that a page or a card shows of an entry."""

    software: Software
    href: str
    go: str
    state_label: str
    interface_labels: tuple[LinkView, ...]
    platform_links: tuple[LinkView, ...]
    keyword_links: tuple[LinkView, ...]
    licence_link: LinkView | None
    licence_note: str | None
    authors: tuple[Person, ...]
    more_authors: tuple[Person, ...]
    affiliations: tuple[str, ...]
    short_authors: str
    date: str
    sort_date: str
    repository_label: str
    citation: str
    description: Markup | None
    elsewhere: tuple[LinkView, ...]
    offers: tuple[OfferView, ...]
    best: tuple[OfferView, ...]
    refusals: tuple[OfferView, ...]
    provenance: tuple[ProvenanceView, ...]
    related: tuple[LinkView, ...]
    edit: LinkView | None
    facets: dict[str, str]

    @property
    def runs(self) -> bool:
        """Whether it is sure to run somewhere."""
        return any(row.verdict is Verdict.YES for row in self.best)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityView:
    """Everything that a page shows of a facility."""

    facility: Facility
    href: str
    kind_label: str
    does: str
    runs: str
    takes: str
    login_label: str
    limits: tuple[tuple[str, str], ...]
    contact: LinkView | None
    edit: LinkView
    seen: str
    warnings: tuple[str, ...]
    yes: tuple[OfferView, ...]
    maybe: tuple[OfferView, ...]
    visits: tuple[OfferView, ...]
    no: tuple[OfferView, ...]


def when(iso: str) -> str:
    """`2026-11-22T03:41:00Z` as `22 November 2026, 03:41 UTC`; a plain date without the time."""
    moment = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    day = f"{moment.day} {moment:%B %Y}"
    return f"{day}, {moment:%H:%M} UTC" if "T" in iso else day


def loose_date(stated: str | None) -> str:
    """Zenodo's date, as precise as it is: a day, a month, a year; anything else as it stands."""
    text = stated or ""
    try:
        match text.count("-"):
            case 2:
                return when(text)
            case 1:
                return f"{datetime.fromisoformat(f'{text}-01'):%B %Y}"
    except ValueError:
        pass
    return text


def software_views(catalogue: Catalogue) -> tuple[SoftwareView, ...]:
    """The views of all entries, in the catalogue's order."""
    by_software: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        by_software[offer.software].append(offer)
    facilities = {each.slug: each for each in catalogue.facilities}
    names = {each.slug: each.name for each in catalogue.software}
    related = dict(catalogue.related)
    facets = {each.software.slug: facet_values(each) for each in subjects(catalogue)}
    return tuple(
        _software_view(
            each, by_software[each.slug], facilities, names, related, catalogue.site, facets.get(each.slug, {})
        )
        for each in (*catalogue.software, *catalogue.withdrawn)
    )


def _software_view(
    software: Software,
    offers: Iterable[Offer],
    facilities: dict[str, Facility],
    names: dict[str, str],
    related: dict[str, tuple[str, ...]],
    site: Site,
    facets: dict[str, str],
) -> SoftwareView:
    rows = tuple(offer_view(each, software, facilities[each.facility]) for each in offers)
    interfaces = [each for each in Interface if each in software.interfaces]
    licence = software.licence
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
        licence_link=LinkView(label=licence.label, href=f"licence/{value_slug(licence.label)}/") if licence else None,
        licence_note=f"stated as “{licence.stated}”"
        if licence and licence.spdx and licence.stated and licence.stated.casefold() != licence.spdx.casefold()
        else None,
        authors=software.authors[:AUTHORS_SHOWN],
        more_authors=software.authors[AUTHORS_SHOWN:AUTHORS_LISTED],
        affiliations=unique(each.affiliation or "" for each in software.authors[:AUTHORS_LISTED]),
        short_authors=short_authors(software.authors),
        date=loose_date(software.published or software.created),
        sort_date=sort_date(software),
        repository_label=_repository_label(software),
        citation=citation(software),
        # A description that is no more than the summary need not be read twice.
        description=None if str(software.description) == f"<p>{escape(software.summary)}</p>" else software.description,
        elsewhere=_elsewhere(software, site.blank),
        offers=rows,
        best=tuple(row for row in rows if row.verdict is not Verdict.NO)[:2],
        refusals=tuple(row for row in rows if row.verdict is Verdict.NO),
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
        facets=facets,
    )


def warnings(facility: Facility) -> tuple[str, ...]:
    """What a reader must see before going to a facility."""
    told = (
        ("Closed", facility.closed is not None),
        ("Never checked", facility.closed is None and facility.seen is None),
        ("Plain http", facility.insecure),
    )
    return tuple(label for label, applies in told if applies)


def _elsewhere(software: Software, blank: str | None) -> tuple[LinkView, ...]:
    """Where to go with software that no facility is sure to run, best first."""
    links = []
    if software.homepage:
        links.append(LinkView(label="its home page", href=software.homepage))
    links += [LinkView(label="its documentation", href=each) for each in software.documentation[:1]]
    if software.repository:
        links.append(LinkView(label="its repository", href=software.repository.page))
    if Interface.LIBRARY in software.interfaces and blank:
        links.append(LinkView(label="a blank notebook, to install it in", href=f"go/{blank}/"))
    return tuple(links)


def source_link(source: Source, site: Site) -> LinkView:
    """Who said it, with the address where one can look: the record, or the line in our repository."""
    if source.place:
        return LinkView(
            label=source.label, href=f"{site.repository}/blob/{site.branch}/{source.place.file}#L{source.place.line}"
        )
    return LinkView(label=source.label, href=source.url)


def offer_view(offer: Offer, software: Software, facility: Facility) -> OfferView:
    """One pair, ready to be shown."""
    first = offer.reasons[0] if offer.reasons else None
    return OfferView(
        software=software.slug,
        software_name=software.name,
        software_href=f"software/{software.slug}/",
        facility=facility.slug,
        facility_name=facility.name,
        facility_href=f"facilities/{facility.slug}/",
        facility_kind=KINDS[facility.kind].LABEL,
        verdict=offer.verdict,
        verdict_label=VERDICT_LABELS[offer.verdict],
        action=_action(offer),
        url=offer.url,
        go=f"go/{software.slug}/{facility.slug}/",
        opens=offer.opens,
        # Of what a facility holds already nobody here knows the version.
        ref=_ref_label(software) if offer.carries and software.slug not in facility.options.holds else "",
        reasons=tuple(_sentence(each) for each in offer.reasons),
        short_reason=_SHORT_REASONS.get(first.code, first.text) if first else "",
        notes=tuple(_sentence(each) for each in offer.notes),
        login_label=LOGIN_LABELS[offer.login],
        warnings=warnings(facility),
        carries=offer.carries,
        # Where there is something to be told first, nobody is sent on unasked.
        forwards=offer.verdict is Verdict.YES and not warnings(facility),
    )


def _action(offer: Offer) -> str:
    """The word on the button: a link to a front page is no launch."""
    if offer.verdict is Verdict.YES:
        return "Launch"
    return "Try it" if offer.carries else "Visit"


def _sentence(reason: Reason) -> str:
    return reason.text[0].upper() + reason.text[1:] + ("" if reason.text.endswith((".", "!", "?")) else ".")


def short_authors(authors: tuple[Person, ...]) -> str:
    """Up to three authors, and how many more there are."""
    names = [each.name for each in authors[:3]]
    return "; ".join(names) + (f" and {len(authors) - 3} more" if len(authors) > 3 else "")


def citation(software: Software) -> str:
    """One line to cite it by: authors, year, name, version, DOI or address."""
    authors = "; ".join(each.name for each in software.authors[:AUTHORS_SHOWN])
    if len(software.authors) > AUTHORS_SHOWN:
        authors += " et al"
    year = (software.published or software.created or "n.d.")[:4]
    title = software.name + (f" ({software.version})" if software.version else "")
    where = f"https://doi.org/{software.doi}" if software.doi else software.homepage or ""
    if not where and software.repository:
        where = software.repository.url
    return " ".join(part for part in (authors, f"({year}).", f"{title} [Computer software].", where) if part)


def _repository_label(software: Software) -> str:
    repository = software.repository
    if repository is None:
        return ""
    if repository.provider is Provider.ZENODO:
        return f"Zenodo record {repository.path}"
    return f"{repository.host}/{repository.path}"


def _ref_label(software: Software) -> str:
    """Which state of the code a link opens, beside the version that the page is about."""
    repository = software.repository
    if repository is None:
        return ""
    if repository.provider is Provider.ZENODO:
        return "the archived version"
    if repository.ref:
        return repository.ref
    return f"today’s code, not version {software.version}" if software.version else "today’s code"


def facility_views(catalogue: Catalogue) -> tuple[FacilityView, ...]:
    """The views of all facilities, in the catalogue's order."""
    software = {each.slug: each for each in catalogue.software}
    offers: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        offers[offer.facility].append(offer)
    return tuple(_facility_view(each, offers[each.slug], software, catalogue.site) for each in catalogue.facilities)


def _facility_view(facility: Facility, offers: list[Offer], software: dict[str, Software], site: Site) -> FacilityView:
    kind = KINDS[facility.kind]
    rows = sorted(
        (offer_view(each, software[each.software], facility) for each in offers),
        key=lambda row: software[row.software].sort_key,
    )
    takes = [PROVIDER_NAMES[each] for each in Provider if each in facility.providers]
    return FacilityView(
        facility=facility,
        href=f"facilities/{facility.slug}/",
        kind_label=kind.LABEL,
        does=kind.DOES,
        runs=english_list([MANY[each] for each in Interface if each in facility.interfaces]) or "not stated",
        takes=english_list(takes),
        login_label=LOGIN_LABELS[facility.login],
        limits=_limits(facility.limits),
        contact=contact_link(facility.contact),
        edit=LinkView(
            label="Edit this facility",
            href=f"{site.repository}/blob/{site.branch}/{facility.place.file}#L{facility.place.line}",
        ),
        seen=_state(facility),
        warnings=warnings(facility),
        yes=tuple(row for row in rows if row.verdict is Verdict.YES),
        maybe=tuple(row for row in rows if row.verdict is Verdict.MAYBE and row.carries),
        visits=tuple(row for row in rows if row.url and not row.carries),
        no=tuple(row for row in rows if row.verdict is Verdict.NO),
    )


def _state(facility: Facility) -> str:
    if facility.closed:
        return f"Closed since {loose_date(facility.closed)}"
    return f"At work in {loose_date(facility.seen)}" if facility.seen else "Nobody has checked whether it still answers"


def _limits(limits: Limits) -> tuple[tuple[str, str], ...]:
    known = (
        ("Memory", limits.memory),
        ("Processors", limits.processors),
        ("Length of a session", limits.session),
        ("Ends when idle for", limits.idle),
        ("Storage", limits.storage),
    )
    return tuple((label, value) for label, value in known if value)


def contact_link(contact: str | None) -> LinkView | None:
    """A contact as a link: an address on the web, a mail address, or plain words."""
    if not contact:
        return None
    if contact.startswith(("https://", "http://")):
        return LinkView(label=contact.partition("://")[2].rstrip("/"), href=contact)
    return LinkView(label=contact, href=f"mailto:{contact}" if "@" in contact and " " not in contact else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    """Where a reader asks for software that is not there: an address, and its parameters for title and text."""

    href: str
    title: str = ""
    text: str = ""


def wish_link(site: Site) -> WishView | None:
    """The form for a new issue where the repository's host is known to have one, else the contact; None without either."""
    host = urlsplit(site.repository).hostname or ""
    if host == "github.com":
        return WishView(href=f"{site.repository}/issues/new", title="title", text="body")
    if host.startswith("gitlab."):
        return WishView(href=f"{site.repository}/-/issues/new", title="issue[title]", text="issue[description]")
    contact = contact_link(site.contact)
    if contact is None or contact.href is None:
        return None
    mail = contact.href.startswith("mailto:")
    return WishView(href=contact.href, title="subject" if mail else "", text="body" if mail else "")
