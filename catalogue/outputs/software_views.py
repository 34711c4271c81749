"""What pages and cards show of an entry, ready for display."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from itertools import zip_longest
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from ..launch.offers import Notes, offer_for, own_binderhub
from ..model import Catalogue, Interface, Offer, Person, Pin, Site, Software, State, Verdict, Version
from ..repository import Provider
from ..text import as_sentence, clean_markdown, unique
from ..times import loose_date
from .addresses import launch_page, software_page
from .badges import BadgeView, badge_views
from .cite import bibtex, citation
from .contribute import override_draft
from .facets import INTERFACE_LABELS, Subject, authors, facet_values, sort_date, subjects, value_slug
from .launch_views import (
    OfferView,
    ReadinessView,
    RefusalView,
    action,
    edition_label,
    facility_facts,
    launched_words,
    offer_view,
    readiness_view,
    refusals,
)
from .similar import similar_entries
from .views import FIELD_LABELS, LinkView, source_link, url_link

AUTHORS_SHOWN, AUTHORS_LISTED = 20, 200

_UNSHOWN_FIELDS = frozenset({"record_url", "state", "former_slugs", "archive"})
_STATE_LABELS = {State.RESTRICTED: "Restricted", State.WITHDRAWN: "Withdrawn", State.CURRENT: ""}


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
class SimilarView:
    """A similar entry: `shared` are keywords and data that both have; `runs` is as in SoftwareView."""

    label: str
    href: str
    shared: tuple[str, ...]
    runs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHubView:
    """What a script needs to launch an entry at the reader's own BinderHub, and the verdict on that.

    `path` is what follows the URL of the hub, empty if no BinderHub can open the entry. `ref` says which state of the code opens.
    `reason` says why the verdict is not yes.
    """

    verdict: Verdict
    action: str
    path: str
    opens: str
    ref: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SoftwareView:
    """Everything that pages and cards show of an entry.

    It depends on its fields alone, so an incremental build can tell from them whether pages would change. What is shown is
    derived from them when it is first needed: most pages need little of it, and unchanged pages next to nothing.

    `offers` are the launches at all facilities, best first; `facets` its values, as `facet_values` gives them; `author_pages`
    the addresses of the pages that list the entries of its first authors; `launched` says how often it was launched, if known.
    `notebooks_at_most` is how many notebooks are shown, None for all.
    """

    software: Software
    site: Site
    offers: tuple[OfferView, ...]
    facets: Mapping[str, str]
    author_pages: tuple[str, ...]
    related: tuple[LinkView, ...]
    similar: tuple[SimilarView, ...]
    launched: str
    notebooks_at_most: int | None = None

    @property
    def href(self) -> str:
        """The address of its page."""
        return software_page(self.software.slug)

    @property
    def go(self) -> str:
        """The permanent address of its launches."""
        return launch_page(self.software.slug)

    @property
    def _page_url(self) -> str:
        return f"{self.site.base_url}{self.href}"

    @property
    def state_label(self) -> str:
        """Empty for a current entry."""
        return _STATE_LABELS[self.software.state]

    @cached_property
    def interface_labels(self) -> tuple[LinkView, ...]:
        """The kinds of software that it is."""
        kinds = [each for each in Interface if each in self.software.interfaces]
        return tuple(LinkView(label=INTERFACE_LABELS[each], href=f"interface/{each}/") for each in kinds)

    @cached_property
    def platform_links(self) -> tuple[LinkView, ...]:
        """Its languages and platforms."""
        return _value_links("platform", self.software.runtimes)

    @cached_property
    def keyword_links(self) -> tuple[LinkView, ...]:
        """Its keywords."""
        return _value_links("keyword", self.software.keywords)

    @cached_property
    def reads_links(self) -> tuple[LinkView, ...]:
        """The data that it reads."""
        return _value_links("data", self.software.reads)

    @cached_property
    def licence_link(self) -> LinkView | None:
        """Its licence, None if none is given."""
        licence = self.software.licence
        return _value_links("licence", [licence.label])[0] if licence else None

    @property
    def licence_note(self) -> str | None:
        """How the record states the licence, if that is not its SPDX identifier."""
        licence = self.software.licence
        if licence and licence.spdx and licence.stated and licence.stated.casefold() != licence.spdx.casefold():
            return f"stated as “{licence.stated}”"
        return None

    @property
    def licence_file_note(self) -> str | None:
        """What the licence file in its repository is, if its licence does not say that."""
        seen = self.software.conflicting_licence_file
        return f"The licence file in its repository is {seen}." if seen else None

    @cached_property
    def _authors(self) -> tuple[AuthorView, ...]:
        listed = self.software.authors[:AUTHORS_LISTED]
        return tuple(
            AuthorView(name=each.display_name, orcid=each.orcid, href=page)
            for each, page in zip_longest(listed, self.author_pages[: len(listed)])
        )

    @property
    def authors(self) -> tuple[AuthorView, ...]:
        """The authors that are always shown."""
        return self._authors[:AUTHORS_SHOWN]

    @property
    def more_authors(self) -> tuple[AuthorView, ...]:
        """The authors that are shown on request."""
        return self._authors[AUTHORS_SHOWN:]

    @property
    def count_of_more_authors(self) -> int:
        """How many authors are not always shown, with those that are not listed."""
        return len(self.more_authors) + self.unlisted_authors

    @property
    def unlisted_authors(self) -> int:
        """How many authors the record names, but the page does not."""
        return len(self.software.authors) + self.software.more_authors - len(self._authors)

    @cached_property
    def affiliations(self) -> tuple[str, ...]:
        """The affiliations of all authors that are listed."""
        return unique(each.affiliation or "" for each in self.software.authors[:AUTHORS_LISTED])

    @cached_property
    def short_authors(self) -> str:
        """The first authors, and how many more there are."""
        return short_authors(self.software.authors, self.software.more_authors)

    @property
    def date(self) -> str:
        """When it was published."""
        return loose_date(self.software.published or self.software.created)

    @property
    def sort_date(self) -> str:
        """The date to sort by."""
        return sort_date(self.software)

    @property
    def repository_label(self) -> str:
        """The repository without the scheme of its URL and without `.git`; empty if none is known."""
        repository = self.software.repository
        if repository is None:
            return ""
        if repository.provider is Provider.ZENODO:
            return f"Zenodo record {repository.path}"
        return f"{repository.host}/{repository.path}".removesuffix(".git")

    @property
    def homepage_link(self) -> LinkView | None:
        """Its home page, None if none is given."""
        return url_link(self.software.homepage) if self.software.homepage else None

    @property
    def documentation_links(self) -> tuple[LinkView, ...]:
        """Its documentation."""
        return tuple(map(url_link, self.software.documentation))

    @cached_property
    def citation(self) -> str:
        """The citation in one line."""
        return citation(self.software, self._page_url)

    @property
    def bibtex(self) -> str:
        """The citation as BibTeX."""
        return bibtex(self.software, self._page_url)

    @property
    def badges(self) -> tuple[BadgeView, ...]:
        """The badges for a README: its own, and that of its best facility."""
        return badge_views(self.offers, self.best, self.site, self.go, on_the_web=self.opens is not None)

    @property
    def summary(self) -> str:
        """What lists say of it: its summary, or why it has none."""
        without = (
            "Its description only says what has changed." if self.software.description else "No description given."
        )
        return self.software.summary or without

    @cached_property
    def description(self) -> Markup | None:
        """The description; None if it only repeats the summary."""
        return None if _repeats(self.software.description, self.software.summary) else self.software.description

    @cached_property
    def elsewhere(self) -> tuple[LinkView, ...]:
        """Where else to go if no facility is sure to run it, best first."""
        return _elsewhere(self.software, self.site.blank)

    @cached_property
    def best(self) -> tuple[OfferView, ...]:
        """The two best launches."""
        return tuple(row for row in self.offers if row.verdict is not Verdict.NO)[:2]

    @cached_property
    def opens(self) -> LinkView | None:
        """The page of a web application."""
        url = self.software.runs_at
        return LinkView(label=urlsplit(url).hostname or "", href=url) if url else None

    @property
    def runs(self) -> bool:
        """Whether it is sure to run at a facility, or is a web application."""
        return self.opens is not None or any(row.verdict is Verdict.YES for row in self.best)

    @property
    def versions(self) -> tuple[tuple[Version, str], ...]:
        """The older versions, each with its date in words, if it is known."""
        return tuple((each, loose_date(each.published)) for each in self.software.versions)

    @cached_property
    def refusals(self) -> tuple[RefusalView, ...]:
        """Why it cannot run at some facilities."""
        return refusals(self.offers)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The reasons that all facilities share; they are shown once."""
        return _shared_reasons(self.offers)

    @cached_property
    def readiness(self) -> ReadinessView | None:
        """What was found in its repository; None if it has none."""
        return readiness_view(self.software)

    @cached_property
    def _notebooks(self) -> tuple[NotebookView, ...]:
        return _notebook_views(self.software, self.offers)

    @property
    def notebooks(self) -> tuple[NotebookView, ...]:
        """The notebooks that are shown."""
        return self._notebooks[: self.notebooks_at_most]

    @property
    def more_notebooks(self) -> int:
        """How many notebooks are not shown."""
        uncounted = self.software.readiness.more_notebooks if self.software.readiness else 0
        return uncounted + len(self._notebooks) - len(self.notebooks)

    @cached_property
    def exact(self) -> ExactView | None:
        """The launch of exactly the cited version, at the best facility that has one."""
        return _exact(self.offers, self.citation, f"{self.site.base_url}{self.go}")

    @cached_property
    def own(self) -> OwnHubView:
        """The launch at the reader's own BinderHub."""
        return _own_hub_view(self.software)

    @cached_property
    def provenance(self) -> tuple[ProvenanceView, ...]:
        """The source of each field that is shown."""
        return tuple(
            ProvenanceView(
                label=FIELD_LABELS[each.field],
                source=source_link(each.source, self.site),
                instead_of=tuple((source_link(said.source, self.site), said.value) for said in each.instead_of),
            )
            for each in self.software.provenance
            if each.field not in _UNSHOWN_FIELDS
        )

    @cached_property
    def edit(self) -> LinkView | None:
        """Where to edit it, if it is in a file of ours."""
        source = self.software.local_source
        return LinkView(label="Edit this entry", href=source_link(source, self.site).href) if source else None

    @property
    def override(self) -> str | None:
        """The beginning of an entry that corrects its record, if there is none yet."""
        doi = self.software.concept_doi
        return override_draft(doi, self.software.slug) if doi and not self.software.local_source else None

    @cached_property
    def card_size(self) -> int:
        """The size of its card, about, in bytes."""
        return _card_size(self)


def software_views(catalogue: Catalogue) -> tuple[SoftwareView, ...]:
    """The views of all entries, in the catalogue's order, and of those that have been withdrawn."""
    by_software: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        by_software[offer.software].append(offer)
    facilities = {each.slug: (each, facility_facts(each)) for each in catalogue.facilities}
    names = {each.slug: each.name for each in catalogue.software}
    related = dict(catalogue.related)
    similar = dict(similar_entries(catalogue.software))
    ready = {offer.software for offer in catalogue.offers if offer.verdict is Verdict.YES}
    ready |= {each.slug for each in catalogue.software if each.runs_at}
    subject_of = {each.software.slug: each for each in subjects(catalogue)}
    site, observed = catalogue.site, catalogue.observed

    def view(software: Software) -> SoftwareView:
        subject = subject_of.get(software.slug)
        return SoftwareView(
            software=software,
            site=site,
            offers=tuple(
                offer_view(each, software, facility, observed, site.base_url, facts)
                for each in by_software[software.slug]
                for facility, facts in [facilities[each.facility]]
            ),
            facets=facet_values(subject) if subject else {},
            author_pages=_author_pages(subject) if subject else (),
            related=tuple(
                LinkView(label=names[slug], href=software_page(slug)) for slug in related.get(software.slug, ())
            ),
            similar=tuple(
                SimilarView(label=names[slug], href=software_page(slug), shared=shared, runs=slug in ready)
                for slug, shared in similar.get(software.slug, ())
            ),
            launched=launched_words(software, observed),
        )

    return tuple(map(view, (*catalogue.software, *catalogue.withdrawn)))


def _author_pages(subject: Subject) -> tuple[str, ...]:
    return tuple(f"author/{slug}/" for slug, _ in authors(subject))


def _value_links(facet: str, labels: Iterable[str]) -> tuple[LinkView, ...]:
    return tuple(LinkView(label=each, href=f"{facet}/{value_slug(each)}/") for each in labels)


def _card_size(view: SoftwareView) -> int:
    software, own = view.software, view.own
    others = (software.summary, software.version, view.short_authors, own.path, own.opens, own.ref, own.reason)
    licence = software.licence.label if software.licence else None
    url = view.best[0].url if view.best else None
    every = (*others, url, *software.runtimes, licence, *view.facets.values())
    return 1_000 + 6 * _size(software.name) + _size("".join(each for each in every if each))


def _size(text: str) -> int:
    return len(escape(text).encode())


_FEW = 20  # items of each list that are kept on the page of an entry that would be too large
_TOO_LONG = clean_markdown("There is more of it than a page can hold; its record has all.")


def shortened(view: SoftwareView) -> SoftwareView:
    """A view without the description and with short lists, so that one huge record does not make the site unfit to publish."""
    software = view.software
    few = replace(
        software,
        description=_TOO_LONG,
        authors=tuple(replace(each, affiliation=None) for each in software.authors[: 2 * _FEW]),
        more_authors=software.more_authors + len(software.authors[2 * _FEW :]),
        alternate_names=software.alternate_names[:_FEW],
        keywords=software.keywords[:_FEW],
        runtimes=software.runtimes[:_FEW],
        reads=software.reads[:_FEW],
        documentation=software.documentation[:3],
        versions=software.versions[:_FEW],
        provenance=tuple(replace(each, instead_of=()) for each in software.provenance),
    )
    return replace(view, software=few, related=view.related[:_FEW], notebooks_at_most=_FEW)


def _shared_reasons(rows: Iterable[OfferView]) -> tuple[str, ...]:
    """The reasons that all facilities share that would run the software, if there are several facilities: they are shown once."""
    reasons = [row.reasons for row in rows if row.carries]
    if len(reasons) < 2:
        return ()
    return tuple(each for each in reasons[0] if all(each in others for others in reasons))


def _notebook_views(software: Software, rows: Iterable[OfferView]) -> tuple[NotebookView, ...]:
    """Every notebook that is named or was seen. The links of an only one are those of the entry."""
    every = software.all_notebooks
    missing = software.readiness.missing if software.readiness else frozenset()
    links: dict[str, list[LinkView]] = defaultdict(list)
    opened = set()
    for row in rows:
        opened.add(row.file)
        doubts = ", ".join(each.words for each in row.warnings)
        for each in row.notebooks:
            links[each.path].append(LinkView(label=row.facility_name, href=each.url, note=doubts))

    linked = frozenset(links)

    def note(path: str) -> str:
        if path in missing:
            return "not in the repository any more"
        if linked and path not in linked:
            return "its name has letters that no facility here opens: open the folder around it"
        return "Launch opens it" if path in opened else ""

    return tuple(
        NotebookView(title=each.title, path=each.path, note=note(each.path), links=tuple(links[each.path]))
        for each in every
    )


def _exact(rows: Iterable[OfferView], cited: str, launches_url: str) -> ExactView | None:
    for row in rows:
        launches: list[tuple[str | None, str | None, str, tuple[str, ...]]] = [(row.pin, row.url, row.ref, ())]
        launches += [(each.pin, each.url, each.label, each.doubts) for each in row.editions]
        for pin, url, label, doubts in launches:
            if pin == Pin.CITED and url:
                text = f"{cited}\nLaunch this version: {url}\nOther places to run it: {launches_url}"
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
        ref=edition_label(software, offer.pin, offer.ref),
        reason=" ".join(as_sentence(each.text) for each in offer.reasons),
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
        links.append(LinkView(label="a blank notebook to install it in", href=launch_page(blank)))
    return tuple(links)


def short_authors(authors: tuple[Person, ...], more: int = 0) -> str:
    """Up to three authors, and how many more there are; `more` are not among `authors`."""
    names = [each.display_name for each in authors[:3]]
    more += len(authors) - len(names)
    return "; ".join(names) + (f" and {more:,} more" if more else "")


def _repeats(description: Markup | None, summary: str) -> bool:
    """Whether a description only repeats the summary, apart from whitespace and escaping."""
    return f"<p>{summary}</p>".split() == unescape(str(description or "")).split()
