"""A facility that the catalogue can only link to: none of its URLs takes a piece of software along."""

from ..model import Facility, Interface, Options, Reason, Software
from ..repository import GIT_PROVIDERS
from .link import Link

KIND = "website"
LABEL = "Web site"
DOES = "is linked to only: it takes no software through a link"
INTERFACES: frozenset[Interface] = frozenset()
WITHOUT_CODE: frozenset[Interface] = frozenset()
PROVIDERS = GIT_PROVIDERS
PAGES: tuple[str, ...] = ()
NOTES: tuple[Reason, ...] = ()
OPTIONS = Options


def launch_url(software: Software, facility: Facility) -> Link | Reason:
    """A link to the facility's front page, with the doubt that it is no more than that."""
    return Link(
        url=facility.url,
        opens="the facility's front page",
        carries=False,
        doubts=(
            Reason(
                "front-page",
                "the link opens the front page: add the repository's address to a project there yourself",
            ),
        ),
    )
