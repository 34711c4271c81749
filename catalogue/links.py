"""The catalogue's links to pages elsewhere, where each of them stands, and which of them are asked.

Records, addresses of repositories, and the front pages of facilities are not among them: the harvest, the inspection and
the probe ask those.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from .model import Catalogue, Facility, Software
from .text import cut, english_list, links_in

_MOST_WORDS = 60  # letters of a link's words that are told
# BinderHub launches what is asked for below build/ (and v2/ leads there); JupyterHub starts a server below the others.
_STARTS = re.compile(r"/(?:build|v2|spawn|user|user-redirect|tmplogin)(?:/|$)")


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
        found[without_fragment(url)].append(mention)
    return {url: tuple(found[url]) for url in sorted(found)}


def without_fragment(url: str) -> str:
    """The address that a server is asked for: without the fragment, which stays in the browser."""
    return url.partition("#")[0]


def why_not_followed(url: str) -> str:
    """What keeps an address from being asked, in words that end “1 is …”; empty where it is asked."""
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
    """Whether the mere asking for an address may start something."""
    return bool(_STARTS.search(unquote(urlsplit(url).path).lower()))


def count_not_followed(urls: Iterable[str]) -> Counter[str]:
    """How many of these addresses are not asked, by why."""
    return Counter(filter(None, map(why_not_followed, urls)))


def not_followed_text(counts: Counter[str]) -> str:
    """The same as a sentence without its end; empty where all are asked."""
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
    """Each link of a description once, and what it is called: by its words, where they say more than its address."""
    return dict.fromkeys((without_fragment(url), _called(url, words)) for url, words in links_in(description))


def _called(url: str, words: str) -> str:
    if not words or words.removeprefix("https://").rstrip("/") == url.removeprefix("https://").rstrip("/"):
        return "description, link"
    return f"description, link “{cut(words, _MOST_WORDS)}”"
