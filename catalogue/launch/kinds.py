"""The kinds of facility. To add one: a module like the others here, a line below, a table of examples in its test."""

from fnmatch import fnmatchcase
from typing import Protocol

from ..model import Facility, Interface, Options, Reason, Software
from ..repository import Provider
from . import binderhub, jupyterhub, jupyterlite, rosetta, website
from .link import Link


class Kind(Protocol):
    """The interface of the modules in this package that describe a kind of facility."""

    @property
    def KIND(self) -> str: ...
    @property
    def LABEL(self) -> str: ...
    @property
    def DOES(self) -> str: ...
    @property
    def INTERFACES(self) -> frozenset[Interface]: ...
    @property
    def WITHOUT_CODE(self) -> frozenset[Interface]: ...
    @property
    def PROVIDERS(self) -> frozenset[Provider]: ...
    @property
    def PAGES(self) -> tuple[str, ...]:
        """The paths of its pages, below its front page; `*` is any text."""
        ...

    @property
    def NOTES(self) -> tuple[Reason, ...]: ...
    @property
    def OPTIONS(self) -> type[Options]: ...

    def launch_url(self, software: Software, facility: Facility, /) -> Link | Reason:
        """A link that launches the software there, or why there is none."""
        ...


_ALL: tuple[Kind, ...] = (binderhub, jupyterhub, rosetta, jupyterlite, website)

KINDS: dict[str, Kind] = {kind.KIND: kind for kind in _ALL}


def page_path(path: str) -> str:
    """The end of a URL's path that belongs to a page of a facility, as in `/hub/login`; empty if all of it may be a front page's."""
    steps = path.strip("/").split("/")
    ends = ("/".join(steps[at:]) for at in range(len(steps)))
    return next((f"/{end}" for end in ends if _is_page(end.lower())), "")


def _is_page(path: str) -> bool:
    return any(fnmatchcase(path, page) for kind in KINDS.values() for page in kind.PAGES)
