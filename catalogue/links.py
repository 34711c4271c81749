"""The catalogue's links to pages elsewhere, and where each of them stands.

Addresses of repositories, and the front pages of facilities, are not among them: the inspection and the probe ask those.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from .model import Catalogue, Facility, Software


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """That an entry or a facility links to an address: `field` of its statement, `words` for what it is there."""

    field: str
    words: str
    software: Software | None = None
    facility: Facility | None = None


def outward_links(catalogue: Catalogue) -> dict[str, tuple[Mention, ...]]:
    """Every address that pages of the catalogue lead to, in order, with who mentions it."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for url, mention in _mentions(catalogue):
        found[asked_as(url)].append(mention)
    return {url: tuple(found[url]) for url in sorted(found)}


def asked_as(url: str) -> str:
    """The address that a server is asked for: without the fragment, which stays in the browser."""
    try:
        return urlunsplit(urlsplit(url)._replace(fragment=""))
    except ValueError:
        return url


def _mentions(catalogue: Catalogue) -> Iterator[tuple[str, Mention]]:
    for each in catalogue.software:
        if each.homepage:
            yield each.homepage, Mention(field="homepage", words="home page", software=each)
        for address in each.documentation:
            yield address, Mention(field="documentation", words="documentation", software=each)
        if each.record_url:
            yield each.record_url, Mention(field="record_url", words="record", software=each)
    for facility in catalogue.facilities:
        for field, words in (("documentation", "documentation"), ("contact", "contact")):
            address = getattr(facility, field)
            if address and address.startswith(("https://", "http://")):
                yield address, Mention(field=field, words=words, facility=facility)
