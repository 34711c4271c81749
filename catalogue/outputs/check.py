"""Whether a built site is fit to be published: every page sound HTML, every internal link leads somewhere."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

from ..problems import Place, Problem
from ..text import read_html
from .files import File, page_path

_LINKING = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action", "use": "href"}
_LINKS = ",".join(f"{element}[{attribute}]" for element, attribute in _LINKING.items())
_ELSEWHERE = {"https", "http", "mailto", "data"}
_ORIGIN = "https://site.invalid"
_REFRESH = re.compile(r"^\s*\d+\s*;\s*url=(?P<url>.+)$", re.IGNORECASE)
_PAGE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class _Parsed:
    ids: frozenset[str]
    links: tuple[tuple[str, str], ...]


def site_problems(files: Iterable[File], base_url: str, others: Collection[str] = ()) -> list[Problem]:
    """Everything that keeps a site from being published: parse errors, wrong headings, repeated ids, dangling links.

    `others` are paths of files that others made, as `extra/` holds them: our pages may lead there, and they are not judged.
    """
    every = {file.path: file for file in files}
    if not every:
        return [Problem(Place(file="site"), "there is nothing to publish")]
    problems: list[Problem] = []
    pages: dict[str, _Parsed] = {}
    for path, file in every.items():
        if path.endswith(".html") and path not in others:
            pages[path] = _parse(file, problems)
    root = urlsplit(base_url).path
    for path, parsed in pages.items():
        problems.extend(
            Problem(Place(file=path), f"{element} leads to {target}, {why}")
            for element, target in parsed.links
            if (why := _dangling(path, target, root, every, pages))
        )
    return sorted(problems)


def _parse(file: File, problems: list[Problem]) -> _Parsed:
    place = Place(file=file.path)
    document, faults = read_html(file.text)
    problems.extend(
        Problem(Place(file=file.path, line=fault.line, column=fault.column), f"HTML: {fault.text}")
        for fault in faults[:5]
    )
    headings = len(document.select("h1"))
    if headings != 1:
        problems.append(Problem(place, f"the page has {headings} h1 elements: it needs exactly one"))
    title = document.select_one("head > title")
    if title is None or not title.text.strip():
        problems.append(Problem(place, "the page has no title"))
    ids = Counter(str(element.attrs["id"]) for element in document.select("[id]"))
    problems.extend(Problem(place, f"the id {name!r} is given {n} times") for name, n in sorted(ids.items()) if n > 1)
    if len(file.content) > _PAGE_LIMIT:
        problems.append(Problem(place, f"the page has {len(file.content):,} bytes: {_PAGE_LIMIT:,} at most"))
    links = [
        (element.tag, str(element.attrs[attribute]))
        for element in document.select(_LINKS)
        if (attribute := _LINKING[element.tag]) in element.attrs
    ]
    for element in document.select("meta[http-equiv=refresh i]"):
        match = _REFRESH.match(str(element.attrs.get("content", "")))
        links.append(("meta refresh", match["url"] if match else ""))
    return _Parsed(frozenset(ids), tuple(links))


def _dangling(path: str, target: str, root: str, files: Mapping[str, File], pages: Mapping[str, _Parsed]) -> str | None:
    """Why an internal link leads nowhere; None for a good one or one to elsewhere."""
    depth = path.count("/")
    # A link that goes up to the root leads to the same place from every page of this depth, so one answer serves all.
    found = _place("x/" * depth if depth and target.startswith("../" * depth) else path, target, root)
    if found is None:
        return None
    if isinstance(found, _Nowhere):
        return found.why
    if found.path not in files:
        return "which is not in the site"
    if found.fragment and found.path in pages and found.fragment not in pages[found.path].ids:
        return "whose fragment is not on that page"
    return None


@dataclass(frozen=True, slots=True)
class _Nowhere:
    why: str


@dataclass(frozen=True, slots=True)
class _Spot:
    path: str
    fragment: str


@lru_cache(maxsize=100_000)
def _place(path: str, target: str, root: str) -> _Spot | _Nowhere | None:
    """Where on the site a link of a page leads; None for elsewhere."""
    before, colon, _ = target.partition(":")
    try:
        # The scheme alone: some addresses that a browser follows are refused by `urlsplit` as a whole.
        if urlsplit(before + colon).scheme in _ELSEWHERE:
            return None
        parts = urlsplit(urljoin(f"{_ORIGIN}{root}{path}", target))
    except ValueError:
        return _Nowhere("which is no address")
    if not target and path != "":
        return _Nowhere("which is empty")
    if f"{parts.scheme}://{parts.netloc}" != _ORIGIN or not parts.path.startswith(root):
        return _Nowhere("which is outside the site")
    return _Spot(page_path(unquote(parts.path.removeprefix(root))), unquote(parts.fragment))
