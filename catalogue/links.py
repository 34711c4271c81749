"""The catalogue's links to other sites, which entries contain them, and which of them are followed.

Records, repositories and the front pages of facilities are not among them: the harvest, the inspection and the probe
request those.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from .model import Catalogue, Facility, Software
from .text import cut, english_list, links_in, url_label

_LINK_TEXT_LIMIT = 60  # characters
# A request below build/ makes a BinderHub launch (v2/ redirects there); below the others a JupyterHub starts a server.
_LAUNCHES = re.compile(r"/(?:build|v2|spawn|user|user-redirect|tmplogin)(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An entry or a facility that links to a URL: in which `field`, and how to call the link there."""

    field: str
    words: str
    software: Software | None = None
    facility: Facility | None = None


def outward_links(catalogue: Catalogue) -> dict[str, tuple[Mention, ...]]:
    """Every URL that pages of the catalogue link to, sorted, with its mentions."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for url, mention in _mentions(catalogue):
        found[without_fragment(url)].append(mention)
    return {url: tuple(found[url]) for url in sorted(found)}


def without_fragment(url: str) -> str:
    """The URL without its fragment, which is never sent to a server."""
    return url.partition("#")[0]


def why_not_followed(url: str) -> str:
    """Why a URL is never followed, in words that complete “1 is …”; empty if it is followed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "no address"
    if not host or port == 0:
        return "no address"
    if parts.scheme != "https":
        return "plain http"
    if "@" in parts.netloc:
        return "with a user's name"
    return "of a kind that may start something" if may_launch(url) else ""


def may_launch(url: str) -> bool:
    """Whether a mere GET request for a URL may start a build or a server."""
    return bool(_LAUNCHES.search(unquote(urlsplit(url).path).lower()))


def count_not_followed(urls: Iterable[str]) -> Counter[str]:
    """How many of these URLs are never followed, by reason."""
    return Counter(filter(None, map(why_not_followed, urls)))


def not_followed_text(counts: Counter[str]) -> str:
    """These counts as a sentence without its full stop; empty if all are followed."""
    if not (total := counts.total()):
        return ""
    whys = english_list(f"{count:,} {why}" for why, count in sorted(counts.items()))
    return f"{total:,} {'is' if total == 1 else 'are'} never followed: {whys}"


def _mentions(catalogue: Catalogue) -> Iterator[tuple[str, Mention]]:
    for each in catalogue.software:
        if each.homepage:
            yield each.homepage, Mention(field="homepage", words="home page", software=each)
        for address in each.documentation:
            yield address, Mention(field="documentation", words="documentation", software=each)
        for address, words in _in_description(each.description):
            yield address, Mention(field="description", words=words, software=each)
    for facility in catalogue.facilities:
        for field, words in (("documentation", "documentation"), ("contact", "contact")):
            address = getattr(facility, field)
            if address and address.startswith(("https://", "http://")):
                yield address, Mention(field=field, words=words, facility=facility)
        for address, words in _in_description(facility.description):
            yield address, Mention(field="description", words=words, facility=facility)


def _in_description(description: Markup) -> Iterable[tuple[str, str]]:
    """Each link of a description once, as URL and name; the name has the link text if that says more than the URL."""
    return dict.fromkeys((without_fragment(url), _called(url, words)) for url, words in links_in(description))


def _called(url: str, words: str) -> str:
    if not words or url_label(words) == url_label(url):
        return "description, link"
    return f"description, link “{cut(words, _LINK_TEXT_LIMIT)}”"
