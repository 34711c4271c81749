"""site.yaml -> what the site is called, where it lives, and which community it shows."""

import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from ..model import SIZE_LIMIT, Site
from ..problems import Place, Problem, Severity
from .entry import (
    COLOUR_PATTERN,
    COMMUNITY_PATTERN,
    Contact,
    Entry,
    Line,
    PublicUrl,
    Slug,
    optional,
    read_documents,
    required,
    url_host,
    validated,
)
from .facilities import with_slash
from .yaml_text import read_yaml

FILE = "site.yaml"


def web_root(text: str) -> str:
    """The base URL without trailing slashes; non-ASCII characters of its path are percent-encoded.

    Raises ValueError that says what is wrong.
    """
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    if "?" in text or "#" in text:
        raise ValueError("must have no ? or #")
    if not url_host(text):
        raise ValueError("has no host name")
    parts = urlsplit(text)
    if {".", ".."} & {*parts.path.split("/")}:
        raise ValueError("must have no . or .. in its path")
    path = re.sub(r"[^\x00-\x7f]+", lambda letters: quote(letters[0]), parts.path)
    return f"{parts.scheme}://{parts.netloc}{path}".rstrip("/")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read_on(paper: str, wanted: str) -> Callable[[str], str]:
    def check(colour: str) -> str:
        found = contrast(colour, paper)
        if found < CONTRAST:
            raise ValueError(
                f"{colour!r} has a contrast of {found:.2f} with the background {paper}, and {CONTRAST} is needed "
                f"to read it: choose a {wanted} colour"
            )
        return colour

    return check


# The least contrast of links and buttons, and what they have the least contrast with: the grey of code blocks, light and dark.
CONTRAST, LIGHT_BACKGROUND, DARK_BACKGROUND = 4.5, "#f1f3f8", "#1d2431"
Colour = Annotated[str, StringConstraints(pattern=COLOUR_PATTERN)]


class ColoursEntry(Entry):
    """The colours of links and buttons."""

    light: Annotated[Colour, AfterValidator(_read_on(LIGHT_BACKGROUND, "darker"))] = required(
        "On light pages, as in '#24479c', in quotes; dark enough to be read on light grey."
    )
    dark: Annotated[Colour, AfterValidator(_read_on(DARK_BACKGROUND, "lighter"))] = required(
        "On dark pages, as in '#9dbcff', in quotes; light enough to be read on dark grey."
    )


class SiteEntry(Entry):
    """The settings of a catalogue."""

    title: Line = required("What the catalogue is called.")
    tagline: Line = required("One sentence for its front page.")
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$"), AfterValidator(web_root)] = required(
        "Where it is published, with its path; needed for the sitemap and for machine-readable data."
    )
    community: Annotated[str, StringConstraints(pattern=COMMUNITY_PATTERN, max_length=100)] = required(
        "The Zenodo community that is harvested: the last part of its URL."
    )
    community_title: Line = required("What the community is called on the pages.")
    community_url: PublicUrl = required("The community's page.")
    api: Annotated[str, StringConstraints(pattern=r"^https://[^\s?#]+$"), AfterValidator(web_root)] = optional(
        "The address of the Zenodo or InvenioRDM API.", "https://zenodo.org/api"
    )
    kinds: list[Line] = optional("Resource types of the community that are software.", ["software", "workflow"])
    contact: Contact = required("Where readers can ask: an e-mail address, or a URL that begins with https://.")
    repository: PublicUrl = required("Where these files are kept, for the links that edit an entry.")
    branch: Line = optional("The branch that is published.", "main")
    community_short: Line = optional("The community in one word, used to say where a value comes from.", "OSSR")
    local_title: Line | None = optional("Whose entries those of notebooks.yaml are, in a word or two.")
    examples: list[Line] = optional("Searches that the front page offers; the most frequent keywords otherwise.", [])
    colours: ColoursEntry | None = optional("The colours of links and buttons, if they should differ from the default.")
    blank: Slug | None = optional("The entry behind “Start with a blank notebook”, by its slug.")
    size_limit: Annotated[int, Field(ge=1)] = optional(
        "How many megabytes the host takes: a site that is larger is not published. GitHub Pages takes 1,000.",
        SIZE_LIMIT,
    )


# The example settings of a new catalogue.
PLACEHOLDERS = {
    "base_url": "https://owner.example.org/catalogue/",
    "repository": "https://github.com/owner/catalogue",
    "contact": "owner@example.org",
}
_MEANT = {
    "base_url": "the address where the site is published",
    "repository": "the repository that holds these files",
    "contact": "an address where readers can ask",
}


def placeholders(site: Site, text: str) -> dict[str, Problem]:
    """By key, the settings that are still as a new catalogue begins with them; `text` is the file's."""
    return {
        key: Problem(
            place_of(key, text), f"{key}: is still the example, and readers see it: set it to {meant}", Severity.WARNING
        )
        for key, meant in _MEANT.items()
        if getattr(site, key) == PLACEHOLDERS[key]
    }


def place_of(key: str, text: str) -> Place:
    """The place of a key's value in the text of site.yaml."""
    document = read_yaml(text, FILE)
    return document.place if isinstance(document, Problem) else document.place((key,))


def read_site(text: str, file: str = FILE) -> tuple[Site | None, list[Problem]]:
    """The settings in a file, and everything that is wrong with it."""
    documents, problems = read_documents({file: text})
    if not documents:
        return None, problems
    entry = validated(SiteEntry, documents[0])
    if isinstance(entry, list):
        return None, [*problems, *entry]
    says = entry.model_dump()
    says["base_url"] = with_slash(says["base_url"])
    says["repository"] = re.sub(r"(?:\.git)?/*$", "", says["repository"])
    says["colours"] = (entry.colours.light.lower(), entry.colours.dark.lower()) if entry.colours else None
    return Site(**{**says, "kinds": tuple(says["kinds"]), "examples": tuple(says["examples"])}), problems
