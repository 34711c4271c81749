"""Whether a built site is fit to be published: every page sound HTML, every internal link leads somewhere."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

from turbohtml import Document

from ..problems import Place, Problem
from ..text import read_html
from .files import PAGE_LIMIT, File, page_path

_LINK_ATTRIBUTES = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action", "use": "href"}
_LINKS = ",".join(f"{element}[{attribute}]" for element, attribute in _LINK_ATTRIBUTES.items())
_EXTERNAL_SCHEMES = {"https", "http", "mailto", "data"}
_ORIGIN = "https://site.invalid"
_NO_FRAGMENT = "whose fragment is not on that page"
# What follows the way up to the root in most links: it is the target, without anything to resolve.
_PLAIN = re.compile(r"(?:[\w-]+/)*(?:[\w-]+\.\w+)?(?:#[\w-]+)?", re.ASCII)
_REFRESH = re.compile(r"^\s*\d+\s*;\s*url=(?P<url>.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _BadLink:
    why: str


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What was found on one page: its ids, the targets of its links on other pages, and its own problems.

    `targets` are as in `software/x/#run`, without repetition; `links` has the first link to each of them: the element and
    the address as written.
    """

    ids: Sequence[str]
    targets: Sequence[str]
    links: Sequence[tuple[str, str]]
    problems: Sequence[Problem] = ()


def is_page(path: str) -> bool:
    """Whether a file is a page, which is checked before it is published."""
    return path.endswith(".html")


class SiteCheck:
    """What was found on many pages. Whether link targets exist is checked when all pages are known; the pages are not kept."""

    def __init__(self) -> None:
        self.ids: dict[str, tuple[str, ...]] = {}  # by path; empty for files that are no pages
        self.problems: list[Problem] = []
        self.links: dict[str, tuple[str, str, str]] = {}  # by target, one link to it: page, element, address as written
        self.pages = Counter[str]()  # by target, the number of pages with a link to it
        self._interned: dict[str, str] = {}  # most ids are on many pages, which share one string

    def add(self, path: str, page: PageCheck) -> None:
        """Add what was found on a page."""
        self.ids[path] = tuple([self._interned.setdefault(each, each) for each in page.ids])
        self.problems += page.problems
        self.pages.update(page.targets)
        if new := set(page.targets).difference(self.links):
            links = zip(page.targets, page.links, strict=True)
            self.links |= {target: (path, *link) for target, link in links if target in new}

    def merge(self, other: "SiteCheck") -> None:
        """Add what was found on other pages. The order in which checks are merged makes no difference."""
        self.ids |= other.ids
        self.problems += other.problems
        self.pages.update(other.pages)
        for target, link in other.links.items():
            if (known := self.links.get(target)) is None or link < known:
                self.links[target] = link


def site_problems(
    files: Iterable[File], base_url: str, extra: Collection[str] = (), checked: Collection[SiteCheck] = ()
) -> list[Problem]:
    """Everything that keeps a site from being published: parse errors, wrong headings, repeated ids, dangling links.

    `checked` has the pages that are checked already; `files` are all others, which are read one by one and not kept.
    `extra` are paths of third-party files, those of `extra/`: our pages may link to them, and they are not checked.
    """
    root = urlsplit(base_url).path
    site = SiteCheck()
    for each in checked:
        site.merge(each)
    for file in files:
        if is_page(file.path) and file.path not in extra:
            site.add(file.path, check_page(file, root))
        else:
            site.ids[file.path] = ()
    if not site.ids:
        return [Problem(Place(file="site"), "there is nothing to publish")]
    problems = site.problems
    for target, (page, element, address) in site.links.items():
        if why := _dangling(target, site.ids, extra):
            count = site.pages[target] - 1
            more = f"; {count} other page{'s lead' if count > 1 else ' leads'} there, too" if count else ""
            problems.append(Problem(Place(file=page), f"{element} leads to {address}, {why}{more}"))
    return sorted(problems)


def check_page(file: File, root: str) -> PageCheck:
    """What is found on a page; `root` is the path of the site on its host."""
    place = Place(file=file.path)
    document, faults = read_html(file.text)
    problems = [
        Problem(Place(file=file.path, line=fault.line, column=fault.column), f"HTML: {fault.text}")
        for fault in faults[:5]
    ]
    headings = len(document.select("h1"))
    if headings != 1:
        problems.append(Problem(place, f"the page has {headings} h1 elements: it needs exactly one"))
    title = document.select_one("head > title")
    if title is None or not title.text.strip():
        problems.append(Problem(place, "the page has no title"))
    ids = Counter(str(element.attrs["id"]) for element in document.select("[id]"))
    problems.extend(Problem(place, f"the id {name!r} is given {n} times") for name, n in sorted(ids.items()) if n > 1)
    if len(file.content) > PAGE_LIMIT:
        problems.append(Problem(place, f"the page has {len(file.content):,} bytes: {PAGE_LIMIT:,} at most"))
    targets: dict[str, tuple[str, str]] = {}
    for element, address in dict.fromkeys(_links(document)):
        if address.startswith("#") and address[1:] in ids and "%" not in address:
            continue  # on the page itself: the most common link of this form, so it is not resolved
        target = _target(file.path, address, root)
        if isinstance(target, str) and _is_on(target, file.path):
            target = _missing_fragment(target, ids)
        if isinstance(target, _BadLink):
            problems.append(Problem(place, f"{element} leads to {address}, {target.why}"))
        elif target:
            targets.setdefault(target, (element, address))
    return PageCheck([*ids], [*targets], [*targets.values()], problems)


def _is_on(target: str, path: str) -> bool:
    """Whether the target of a link is the page at this path, or a part of it."""
    if "%" not in target and not target.startswith(path.removesuffix("index.html")):
        return False  # as almost all
    return page_path(unquote(target.partition("#")[0])) == path


def _missing_fragment(target: str, ids: Collection[str]) -> _BadLink | None:
    """What is wrong with a link to the page that it is on: its fragment may be missing."""
    fragment = unquote(target.partition("#")[2])
    return _BadLink(_NO_FRAGMENT) if fragment and fragment not in ids else None


def _links(document: Document) -> Iterator[tuple[str, str]]:
    """The links of a page: element, and address as written."""
    for element in document.select(_LINKS):
        if (attribute := _LINK_ATTRIBUTES[element.tag]) in element.attrs:
            yield element.tag, str(element.attrs[attribute])
    for element in document.select("meta[http-equiv=refresh i]"):
        match = _REFRESH.match(str(element.attrs.get("content", "")))
        yield "meta refresh", match["url"] if match else ""


def _dangling(target: str, ids: Mapping[str, Collection[str]], extra: Collection[str]) -> str | None:
    """Why the target of an internal link does not exist; None if it does."""
    address, _, fragment = target.partition("#")
    path = page_path(unquote(address))
    if path not in ids:
        return "which is not in the site"
    if fragment and is_page(path) and path not in extra and unquote(fragment) not in ids[path]:
        return _NO_FRAGMENT
    return None


def _target(path: str, address: str, root: str) -> str | _BadLink | None:
    """The target of a link on the page at `path`, relative to the root of the site; None for an external link."""
    if address.startswith(("https://", "http://")):
        return None
    depth = path.count("/")
    up = "../" * depth
    if not depth or not address.startswith(up):
        return _resolved(path, address, root)
    if _PLAIN.fullmatch(address, len(up)):
        return address[len(up) :]
    # A link that goes up to the root has the same target on every page of this depth, so all of them share a cache entry.
    return _resolved("x/" * depth, address, root)


@lru_cache(maxsize=100_000)
def _resolved(path: str, address: str, root: str) -> str | _BadLink | None:
    before, colon, _ = address.partition(":")
    try:
        # Only the scheme is parsed: `urlsplit` refuses some external addresses that a browser follows.
        if urlsplit(before + colon).scheme in _EXTERNAL_SCHEMES:
            return None
        parts = urlsplit(urljoin(f"{_ORIGIN}{root}{path}", address))
    except ValueError:
        return _BadLink("which is not a valid address")
    if not address:
        return _BadLink("which is empty")
    if f"{parts.scheme}://{parts.netloc}" != _ORIGIN or not parts.path.startswith(root):
        return _BadLink("which is outside the site")
    return parts.path.removeprefix(root) + (f"#{parts.fragment}" if parts.fragment else "")
