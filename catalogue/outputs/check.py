"""Whether a built site is fit to be published: every page sound HTML, every internal link leads somewhere."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from justhtml import JustHTML

from ..problems import Place, Problem
from .files import File, page_path

_LINKING = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action", "use": "href"}
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
    document = JustHTML(file.text, sanitize=False, collect_errors=True, scripting_enabled=False)
    problems.extend(
        Problem(Place(file=file.path, line=error.line or 0, column=error.column or 0), f"HTML: {error.code}")
        for error in document.errors[:5]
    )
    counts: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    links = []
    for element in document.query("*"):
        counts[element.name] += 1
        attributes = element.attrs or {}
        if identity := attributes.get("id"):
            ids[identity] += 1
        if (attribute := _LINKING.get(element.name)) and (target := attributes.get(attribute)) is not None:
            links.append((element.name, target))
        if element.name == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            match = _REFRESH.match(attributes.get("content") or "")
            links.append(("meta refresh", match["url"] if match else ""))
    if counts["h1"] != 1:
        problems.append(Problem(place, f"the page has {counts['h1']} h1 elements: it needs exactly one"))
    title = next((node.to_text().strip() for node in document.query("title")), "")
    if not title:
        problems.append(Problem(place, "the page has no title"))
    problems.extend(Problem(place, f"the id {name!r} is given {n} times") for name, n in sorted(ids.items()) if n > 1)
    if len(file.content) > _PAGE_LIMIT:
        problems.append(Problem(place, f"the page has {len(file.content):,} bytes: {_PAGE_LIMIT:,} at most"))
    return _Parsed(frozenset(ids), tuple(links))


def _dangling(path: str, target: str, root: str, files: dict[str, File], pages: dict[str, _Parsed]) -> str | None:
    """Why an internal link leads nowhere; None for a good one or one to elsewhere."""
    before, colon, _ = target.partition(":")
    try:
        # The scheme alone: some addresses that a browser follows are refused by `urlsplit` as a whole.
        if urlsplit(before + colon).scheme in _ELSEWHERE:
            return None
        parts = urlsplit(urljoin(f"{_ORIGIN}{root}{path}", target))
    except ValueError:
        return "which is no address"
    if not target and path != "":
        return "which is empty"
    if f"{parts.scheme}://{parts.netloc}" != _ORIGIN or not parts.path.startswith(root):
        return "which is outside the site"
    found = page_path(unquote(parts.path.removeprefix(root)))
    if found not in files:
        return "which is not in the site"
    if parts.fragment and found in pages and unquote(parts.fragment) not in pages[found].ids:
        return "whose fragment is not on that page"
    return None
