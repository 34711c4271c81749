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

_LINKING = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action", "use": "href"}
_LINKS = ",".join(f"{element}[{attribute}]" for element, attribute in _LINKING.items())
_ELSEWHERE = {"https", "http", "mailto", "data"}
_ORIGIN = "https://site.invalid"
_NO_FRAGMENT = "whose fragment is not on that page"
_REFRESH = re.compile(r"^\s*\d+\s*;\s*url=(?P<url>.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Nowhere:
    why: str


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What is read on a page: its ids, where its links lead on other pages, and what is wrong with it alone.

    `places` are as in `software/x/#run`, once each; `links` are the first ones that lead there: element and target.
    """

    ids: Sequence[str]
    places: Sequence[str]
    links: Sequence[tuple[str, str]]
    problems: Sequence[Problem] = ()


def is_page(path: str) -> bool:
    """Whether a file is a page, which is read before it is published."""
    return path.endswith(".html")


class Reading:
    """What was read on pages, which are not kept: where each link leads is asked when all of them are known."""

    def __init__(self) -> None:
        self.ids: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []
        self.links: dict[str, tuple[str, str, str]] = {}  # of each place a link that leads there: page, element, target
        self.pages = Counter[str]()  # how many have a link to a place
        self._names: dict[str, str] = {}  # most ids are on many pages, and one string serves all

    def add(self, path: str, page: ReadPage) -> None:
        """One page more."""
        self.ids[path] = tuple([self._names.setdefault(each, each) for each in page.ids])
        self.problems += page.problems
        self.pages.update(page.places)
        if new := set(page.places).difference(self.links):
            every = zip(page.places, page.links, strict=True)
            self.links |= {place: (path, *link) for place, link in every if place in new}

    def add_all(self, other: "Reading") -> None:
        """The pages that somebody else has read; in whatever order they come, the same is known after the last."""
        self.ids |= other.ids
        self.problems += other.problems
        self.pages.update(other.pages)
        for place, link in other.links.items():
            if (known := self.links.get(place)) is None or link < known:
                self.links[place] = link


def site_problems(
    files: Iterable[File], base_url: str, others: Collection[str] = (), read: Iterable[Reading] = ()
) -> list[Problem]:
    """Everything that keeps a site from being published: parse errors, wrong headings, repeated ids, dangling links.

    `read` is what is known already of some pages. `files` are all others, which are read one by one and not kept.
    `others` are paths of files that others made, as `extra/` holds them: our pages may lead there, and they are not judged.
    """
    root = urlsplit(base_url).path
    every = Reading()
    for each in read:
        every.add_all(each)
    for file in files:
        if is_page(file.path) and file.path not in others:
            every.add(file.path, page_of(file, root))
        else:
            every.ids[file.path] = ()
    if not every.ids:
        return [Problem(Place(file="site"), "there is nothing to publish")]
    problems = every.problems
    for place, (page, element, target) in every.links.items():
        if why := _dangling(place, every.ids, others):
            count = every.pages[place] - 1
            more = f"; {count} other page{'s lead' if count > 1 else ' leads'} there, too" if count else ""
            problems.append(Problem(Place(file=page), f"{element} leads to {target}, {why}{more}"))
    return sorted(problems)


def page_of(file: File, root: str) -> ReadPage:
    """What there is to be read on a page of a site at this path of its host."""
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
    places: dict[str, tuple[str, str]] = {}
    for element, target in dict.fromkeys(_links(document)):
        if target.startswith("#") and target[1:] in ids and "%" not in target:
            continue  # on the page itself, as most of what begins so
        led = _led(file.path, target, root)
        if isinstance(led, str) and page_path(unquote(led.partition("#")[0])) == file.path:
            led = _here(led, ids)
        if isinstance(led, _Nowhere):
            problems.append(Problem(place, f"{element} leads to {target}, {led.why}"))
        elif led:
            places.setdefault(led, (element, target))
    return ReadPage([*ids], [*places], [*places.values()], problems)


def _here(place: str, ids: Collection[str]) -> _Nowhere | None:
    """A link to the page itself leads somewhere, if its fragment is there."""
    fragment = unquote(place.partition("#")[2])
    return _Nowhere(_NO_FRAGMENT) if fragment and fragment not in ids else None


def _links(document: Document) -> Iterator[tuple[str, str]]:
    for element in document.select(_LINKS):
        if (attribute := _LINKING[element.tag]) in element.attrs:
            yield element.tag, str(element.attrs[attribute])
    for element in document.select("meta[http-equiv=refresh i]"):
        match = _REFRESH.match(str(element.attrs.get("content", "")))
        yield "meta refresh", match["url"] if match else ""


def _dangling(place: str, ids: Mapping[str, Collection[str]], others: Collection[str]) -> str | None:
    """Why an internal link leads nowhere; None for a good one."""
    address, _, fragment = place.partition("#")
    path = page_path(unquote(address))
    if path not in ids:
        return "which is not in the site"
    if fragment and is_page(path) and path not in others and unquote(fragment) not in ids[path]:
        return _NO_FRAGMENT
    return None


def _led(path: str, target: str, root: str) -> str | _Nowhere | None:
    if target.startswith(("https://", "http://")):
        return None
    depth = path.count("/")
    # A link that goes up to the root leads to the same place from every page of this depth, so one answer serves all.
    return _place("x/" * depth if depth and target.startswith("../" * depth) else path, target, root)


@lru_cache(maxsize=100_000)
def _place(path: str, target: str, root: str) -> str | _Nowhere | None:
    """Where on the site a link of a page leads, below the root and as links write it; None for elsewhere."""
    before, colon, _ = target.partition(":")
    try:
        # The scheme alone: some addresses that a browser follows are refused by `urlsplit` as a whole.
        if urlsplit(before + colon).scheme in _ELSEWHERE:
            return None
        parts = urlsplit(urljoin(f"{_ORIGIN}{root}{path}", target))
    except ValueError:
        return _Nowhere("which is no address")
    if not target:
        return _Nowhere("which is empty")
    if f"{parts.scheme}://{parts.netloc}" != _ORIGIN or not parts.path.startswith(root):
        return _Nowhere("which is outside the site")
    return parts.path.removeprefix(root) + (f"#{parts.fragment}" if parts.fragment else "")
