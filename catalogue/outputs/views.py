"""Values that several kinds of pages show, ready for display. Templates decide nothing."""

from dataclasses import dataclass

from ..model import Site, Source
from ..text import url_label
from .contribute import line_address, repository_of

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
    "former_dois": "Earlier DOIs",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link; `href` is an address below the root or a full URL, None for plain text. `note` is text after the link."""

    label: str
    href: str | None = None
    note: str = ""


def source_link(source: Source, site: Site) -> LinkView:
    """A source, linked to where readers can verify it: the record, or the line in our repository."""
    if source.place:
        return LinkView(label=source.label, href=line_address(site, source.place))
    return LinkView(label=source.label, href=source.url)


def url_link(url: str) -> LinkView:
    """A link that shows its URL."""
    return LinkView(label=url_label(url), href=url)


def contact_link(contact: str) -> LinkView:
    """A contact, which is an https URL or an e-mail address, as a link."""
    return LinkView(label=url_label(contact), href=_contact_url(contact))


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
    forge = repository_of(site)
    if forge and forge.host == "github.com":
        return WishView(href=f"{site.repository}/issues/new", title="title", text="body")
    if forge and forge.is_gitlab:
        return WishView(href=f"{site.repository}/-/issues/new", title="issue[title]", text="issue[description]")
    href = _contact_url(site.contact)
    mail = href.startswith("mailto:")
    return WishView(href=href, title="subject" if mail else "", text="body" if mail else "")
