"""Two built sites -> what changes for readers, as Markdown for the summary of a pull request."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..problems import CatalogueError
from ..text import english_list, inert_markdown, pluralize
from .api import ADDRESS
from .site import MANIFEST

MOST = 50  # lines of one list
_NAMED = 5  # entries of one line
_FRONT_PAGE = "front page only"

_T = TypeVar("_T")
_Objects = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """What is compared: entries and facilities by slug, verdicts by pair of slugs, and digests of pages by path.

    For a link that leads only to a page of the facility, `verdicts` has _FRONT_PAGE: that is no launch. `best` is the facility
    that buttons launch an entry at, by its slug; one that is launched nowhere is not in it.
    """

    software: _Objects
    facilities: _Objects
    verdicts: dict[tuple[str, str], str]
    best: dict[str, str]
    pages: dict[str, str]

    def best_launch(self, slug: str, with_verdict: bool) -> str:
        """Where an entry runs best, by the name of the facility, for Markdown."""
        if slug not in self.best:
            return "nowhere"
        facility = self.best[slug]
        name = inert_markdown(self.facilities[facility]["name"])
        return f"{name} ({inert_markdown(self.verdicts[slug, facility])})" if with_verdict else name


def read_built_site(texts: Mapping[str, str], name: str) -> BuiltSite:
    """The site whose `api/v1/catalogue.json` and `build.json` have these texts, by path; an empty one without texts.

    Raises CatalogueError with the path below the folder `name` of a file that is missing or has another form.
    """
    if not texts:
        return BuiltSite({}, {}, {}, {}, {})
    return BuiltSite(*_parsed(texts, ADDRESS, name, _catalogue), _parsed(texts, MANIFEST, name, _pages))


def _parsed(texts: Mapping[str, str], path: str, name: str, read: Callable[[Any], _T]) -> _T:
    remedy = "build that site again with this version"
    if path not in texts:
        raise CatalogueError(f"{name}/{path} is missing: {remedy}")
    try:
        return read(json.loads(texts[path]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CatalogueError(f"{name}/{path} is damaged, or of another version: {remedy}") from None


def _catalogue(data: Any) -> tuple[_Objects, _Objects, dict[tuple[str, str], str], dict[str, str]]:
    verdicts = {
        (_text(each["software"]), _text(each["facility"])): _verdict(_text(each["verdict"]), each["carries_software"])
        for each in data["offers"]
    }
    first = {each["software"]: each for each in reversed(data["offers"])}  # those of each entry are listed best first
    best = {slug: each["facility"] for slug, each in first.items() if each["carries_software"]}
    facilities = _by_slug(data["facilities"])
    if not facilities.keys() >= {*best.values()}:
        raise LookupError
    return _by_slug(data["software"]), facilities, verdicts, best


def _verdict(verdict: str, carries_software: bool) -> str:
    return verdict if carries_software or verdict == "no" else _FRONT_PAGE


def _by_slug(found: Iterable[dict[str, Any]]) -> _Objects:
    current = [each for each in found if each.get("state") != "withdrawn"]
    return {_text(each["slug"]): {**each, "name": _text(each["name"])} for each in current}


def _pages(manifest: Any) -> dict[str, str]:
    """The address and digest of every page; launch addresses follow from their entries and are left out."""
    return {
        path.removesuffix("index.html"): _text(digest)
        for path, digest in manifest["sha256"].items()
        if path.endswith("index.html") and not path.startswith("go/")
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def compared(old: BuiltSite, new: BuiltSite) -> str:
    """What changes for readers from one site to another, as Markdown."""
    parts = [
        *_named("Entries", old.software, new.software),
        *_named("Facilities", old.facilities, new.facilities),
        *_best_launches(old, new),
        *_verdicts(old.verdicts, new.verdicts),
        *_list("Pages added", map(inert_markdown, sorted(new.pages.keys() - old.pages.keys()))),
        *_list("Pages removed", map(inert_markdown, sorted(old.pages.keys() - new.pages.keys()))),
    ]
    other = sum(old.pages[page] != new.pages[page] for page in old.pages.keys() & new.pages.keys())
    parts.append(f"{pluralize(other, 'page', 'pages')} changed, {len(new.pages):,} in all.")
    return "\n".join(["## What changes for readers", "", *parts, ""])


def _named(what: str, old: _Objects, new: _Objects) -> list[str]:
    added = [f"{inert_markdown(new[slug]['name'])} (`{slug}`)" for slug in sorted(new.keys() - old.keys())]
    gone = [f"{inert_markdown(old[slug]['name'])} (`{slug}`)" for slug in sorted(old.keys() - new.keys())]
    edited = []
    for slug in sorted(old.keys() & new.keys()):
        fields = [key for key in new[slug] if _differs(key, old[slug].get(key), new[slug][key])]
        if fields:
            edited.append(f"{inert_markdown(new[slug]['name'])}: {', '.join(fields)}")
    return [
        *_list(f"{what} added", added),
        *_list(f"{what} removed", gone),
        *_list(f"{what} edited", edited),
    ]


def _differs(key: str, old: object, new: object) -> bool:
    """Whether a reader would call it a change.

    Line numbers move when something is added above, and keywords take the spelling that most entries use.
    """
    if key == "keywords" and isinstance(old, list) and isinstance(new, list):
        return [str(each).casefold() for each in old] != [str(each).casefold() for each in new]
    return key != "provenance" and old != new


def _best_launches(old: BuiltSite, new: BuiltSite) -> list[str]:
    """The entries whose button launches them elsewhere now, or whose verdict there is another: one line for each such change.

    It has the verdicts only if they differ.
    """
    elsewhere: dict[str, list[str]] = defaultdict(list)
    verdicts: dict[str, list[str]] = defaultdict(list)
    for slug in sorted(old.software.keys() & new.software.keys()):
        was, now = (site.verdicts.get((slug, site.best.get(slug, ""))) for site in (old, new))
        change = " → ".join(site.best_launch(slug, with_verdict=was != now) for site in (old, new))
        name = inert_markdown(new.software[slug]["name"])
        if old.best.get(slug) != new.best.get(slug):
            elsewhere[change].append(name)
        elif was != now:
            verdicts[change].append(name)
    return [
        *_list(
            "Launch button leads elsewhere now",
            (f"{_first_of(names)}: {change}" for change, names in elsewhere.items()),
        ),
        *_list("Best verdict changed", (f"{_first_of(names)}: {change}" for change, names in verdicts.items())),
    ]


def _first_of(names: Sequence[str]) -> str:
    """The names as a list in a sentence; of many, the first few and how many more there are."""
    if len(names) <= _NAMED:
        return english_list(names)
    return english_list([*names[:_NAMED], f"{len(names) - _NAMED} more"])


def _verdicts(old: Mapping[tuple[str, str], str], new: Mapping[tuple[str, str], str]) -> list[str]:
    changed = [pair for pair in sorted(old.keys() & new.keys()) if old[pair] != new[pair]]
    lines = _list(
        "Verdicts changed", [f"`{one}` at `{other}`: {old[one, other]} → {new[one, other]}" for one, other in changed]
    )
    tally = {verdict: sum(each == verdict for each in new.values()) for verdict in ("yes", "maybe", _FRONT_PAGE, "no")}
    was = {verdict: sum(each == verdict for each in old.values()) for verdict in tally}
    figures = ", ".join(f"{tally[verdict]:,} {verdict} ({tally[verdict] - was[verdict]:+,})" for verdict in tally)
    return [*lines, f"Pairs of software and facility: {figures}.", ""]


def _list(title: str, lines: Iterable[str]) -> list[str]:
    every = list(lines)
    if not every:
        return []
    shown = [f"- {line}" for line in every[:MOST]]
    more = [f"- … and {len(every) - MOST} more"] if len(every) > MOST else []
    return [f"### {title}", "", *shown, *more, ""]
