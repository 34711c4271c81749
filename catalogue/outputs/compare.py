"""Two built sites -> what changes for readers, as Markdown for the summary of a pull request."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..problems import CatalogueError
from ..text import inert_markdown
from .api import ADDRESS
from .site import MANIFEST

MOST = 50  # lines of one list


def compared(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What changes from one site to another, given the texts of `api/v1/catalogue.json` and `build.json` of each by path.

    A site that there is not yet has no texts.
    """
    before, after = _data(old, ADDRESS), _data(new, ADDRESS)
    pages_before, pages_after = _pages(_data(old, MANIFEST)), _pages(_data(new, MANIFEST))
    parts = [
        *_named("Entries", _by_slug(before, "software"), _by_slug(after, "software")),
        *_named("Facilities", _by_slug(before, "facilities"), _by_slug(after, "facilities")),
        *_verdicts(before, after),
        *_list("Pages added", map(inert_markdown, sorted(pages_after.keys() - pages_before.keys()))),
        *_list("Pages removed", map(inert_markdown, sorted(pages_before.keys() - pages_after.keys()))),
    ]
    other = sum(pages_before[page] != pages_after[page] for page in pages_before.keys() & pages_after.keys())
    parts.append(f"{other} page{'s' if other != 1 else ''} changed, {len(pages_after)} in all.")
    return "\n".join(["## What changes for readers", "", *parts, ""])


def _data(site: Mapping[str, str], path: str) -> dict[str, Any]:
    if path not in site:
        return {}
    try:
        data = json.loads(site[path])
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise CatalogueError(f"{path} cannot be read: build that site again")
    return data


def _pages(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The address and digest of every page; launch addresses follow from their entries and are left out."""
    digests = manifest.get("sha256", {})
    return {
        path.removesuffix("index.html"): digest
        for path, digest in digests.items()
        if path.endswith("index.html") and not path.startswith("go/")
    }


def _by_slug(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {each["slug"]: each for each in data.get(key, ()) if each.get("state") != "withdrawn"}


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    added = [f"{inert_markdown(new[slug]['name'])} (`{slug}`)" for slug in sorted(new.keys() - old.keys())]
    gone = [f"{inert_markdown(old[slug]['name'])} (`{slug}`)" for slug in sorted(old.keys() - new.keys())]
    edited = []
    for slug in sorted(old.keys() & new.keys()):
        # Line numbers move when something is added above; readers see no difference.
        fields = [key for key in new[slug] if key != "provenance" and old[slug].get(key) != new[slug][key]]
        if fields:
            edited.append(f"{inert_markdown(new[slug]['name'])}: {', '.join(fields)}")
    return [
        *_list(f"{what} added", added),
        *_list(f"{what} removed", gone),
        *_list(f"{what} edited", edited),
    ]


def _verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old = {(each["software"], each["facility"]): each["verdict"] for each in before.get("offers", ())}
    new = {(each["software"], each["facility"]): each["verdict"] for each in after.get("offers", ())}
    changed = [pair for pair in sorted(old.keys() & new.keys()) if old[pair] != new[pair]]
    lines = _list(
        "Verdicts changed", [f"`{one}` at `{other}`: {old[one, other]} → {new[one, other]}" for one, other in changed]
    )
    tally = {verdict: sum(each == verdict for each in new.values()) for verdict in ("yes", "maybe", "no")}
    was = {verdict: sum(each == verdict for each in old.values()) for verdict in tally}
    figures = ", ".join(f"{tally[verdict]} {verdict} ({tally[verdict] - was[verdict]:+})" for verdict in tally)
    return [*lines, f"Pairs of software and facility: {figures}.", ""]


def _list(title: str, lines: Iterable[str]) -> list[str]:
    every = list(lines)
    if not every:
        return []
    shown = [f"- {line}" for line in every[:MOST]]
    more = [f"- … and {len(every) - MOST} more"] if len(every) > MOST else []
    return [f"### {title}", "", *shown, *more, ""]
