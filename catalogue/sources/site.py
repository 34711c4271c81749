"""site.yaml -> what the site is called, where it lives, and which community it shows."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from ..model import Site
from ..problems import Problem
from .entry import Entry, Line, Slug, WebAddress, address_host, optional, required, validated
from .facilities import with_slash
from .yaml_text import read_yaml

FILE = "site.yaml"


def web_root(text: str) -> str:
    """An address below which others are made, without slashes at its end. Raises ValueError that says what is wrong."""
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    if "?" in text or "#" in text:
        raise ValueError("must have no ? or #")
    if not address_host(text):
        raise ValueError("names no host")
    return text.rstrip("/")


class SiteEntry(Entry):
    """The settings of a catalogue."""

    title: Line = required("What the catalogue is called.")
    tagline: Line = required("One sentence for its front page.")
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$"), AfterValidator(web_root)] = required(
        "Where it is published, with its path; needed for the sitemap and for machine-readable data."
    )
    community: Slug = required("The Zenodo community that is harvested, by its short name.")
    community_title: Line = required("What the community is called on the pages.")
    community_url: WebAddress = required("The community's page.")
    api: Annotated[str, StringConstraints(pattern=r"^https://[^\s?#]+$"), AfterValidator(web_root)] = optional(
        "The address of the Zenodo or InvenioRDM API.", "https://zenodo.org/api"
    )
    kinds: list[Line] = optional("Resource types of the community that are software.", ["software", "workflow"])
    contact: Line = required("Where readers can ask: an address on the web, or a mail address.")
    repository: WebAddress = required("Where these files are kept, for the links that edit an entry.")
    branch: Line = optional("The branch that is published.", "main")
    blank: Slug | None = optional("The entry behind “Start with a blank notebook”, by its address name.")


def read_site(text: str, file: str = FILE) -> tuple[Site | None, list[Problem]]:
    """The settings in a file, and everything that is wrong with it."""
    document = read_yaml(text, file)
    if isinstance(document, Problem):
        return None, [document]
    entry = validated(SiteEntry, document)
    if isinstance(entry, list):
        return None, entry
    says = entry.model_dump()
    says["base_url"] = with_slash(says["base_url"])
    says["repository"] = re.sub(r"(?:\.git)?/*$", "", says["repository"])
    return Site(**{**says, "kinds": tuple(says["kinds"])}), []
