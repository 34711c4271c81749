"""JupyterLite: runs notebooks in the reader's own browser, from the files of a static site.

Grammar: `{lite}lab/index.html?path=DIR%2FFILE.ipynb`, encoded once. Source: jupyterlite 0.8.6.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Self

from pydantic import Field

from ..model import Facility, Interface, Options, Reason, Software
from ..repository import GIT_PROVIDERS
from .link import Link, query_value

KIND = "jupyterlite"
LABEL = "JupyterLite"
DOES = "runs notebooks in your own browser, without a server"
INTERFACES = frozenset({Interface.NOTEBOOK})
WITHOUT_CODE: frozenset[Interface] = frozenset()
PROVIDERS = GIT_PROVIDERS
PAGES = ("index.html", *(f"{app}/index.html" for app in ("lab", "notebooks", "repl", "tree")))
NOTES = (Reason("in-browser", "only what Pyodide includes is installed; your changes stay in this browser"),)


class JupyterLiteOptions(Options):
    """The options of a JupyterLite."""

    software: frozenset[str] = Field(
        frozenset(),
        strict=False,
        description="Slugs of the entries whose notebooks this JupyterLite holds.",
    )

    @property
    def holds(self) -> frozenset[str]:
        return self.software

    def renamed(self, now: Mapping[str, str]) -> Self:
        return self.model_copy(update={"software": frozenset(now.get(slug, slug) for slug in self.software)})


OPTIONS = JupyterLiteOptions


#: The URL of a JupyterLite that is a folder of this site.
SITE_FOLDER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/")


def is_on_this_site(facility: Facility) -> bool:
    """Whether it is a JupyterLite on the catalogue's own site, whose URL is its folder there, as in `lite/`."""
    return facility.kind == KIND and SITE_FOLDER.fullmatch(facility.url) is not None


def with_full_url(facility: Facility, base_url: str) -> Facility:
    """The facility with its full URL, if it is a folder of the site at `base_url`; else unchanged."""
    return replace(facility, url=f"{base_url}{facility.url}") if is_on_this_site(facility) else facility


def launch_url(software: Software, facility: Facility) -> Link | Reason:
    """A link that opens the notebook among the facility's own files, or why there is none."""
    if software.slug not in facility.options.holds:
        return Reason("contents", "this facility holds a few chosen notebooks only, and this is not one of them")
    target = software.target
    if target is None or not target.file:
        return Reason("no-notebook", "no notebook is named for it, and only files can be opened here")
    if any(letter in target.file for letter in "#?%"):
        return Reason("letters", "JupyterLite does not open files with # ? or % in their names")
    return Link(
        url=f"{facility.url}lab/index.html?path={query_value(target.file)}",
        opens=f"JupyterLab, the notebook {target.file}",
        file=target.file,
    )
