"""Queries with their expected answers, and what is wrong with an answer. bench/ measures other searches by the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalogue.model import Catalogue

HERE = Path(__file__).parent
# The first file was given with the task, and its expectations are never changed. The second is ours.
FILES = ("queries.yaml", "more_queries.yaml")
# Queries that once failed. Other searches are not measured by these, since our rules were fixed for them.
MISSED = "missed_queries.yaml"
KEYS = {"q", "class", "why", "first", "contains", "contains_only", "absent", "label", "same_set_as", "empty"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a search: slugs, best first, and whether it guessed the spelling."""

    slugs: tuple[str, ...]
    similar: bool


def queries(*names: str) -> list[dict[str, Any]]:
    """All queries of these files, by default of `FILES`. Raises ValueError for unknown keys and for one that expects nothing."""
    found = [each for name in names or FILES for each in yaml.safe_load((HERE / name).read_text("utf-8"))]
    for each in found:
        if unknown := set(each) - KEYS:
            raise ValueError(f"{each['q']}: unknown {', '.join(sorted(unknown))}")
        if len(set(each) - {"q", "class", "why"}) == 0:
            raise ValueError(f"{each['q']}: expects nothing")
    return found


def slugs_by_name(catalogue: Catalogue) -> Mapping[str, str]:
    """The slugs of entries by their names and other names; a name that two entries have is left out."""
    owners: dict[str, set[str]] = {}
    for software in catalogue.software:
        for name in (software.name, *software.alternate_names):
            owners.setdefault(name, set()).add(software.slug)
    return {name: next(iter(slugs)) for name, slugs in owners.items() if len(slugs) == 1}


def misses(query: Mapping[str, Any], answers: Mapping[str, Answer], slugs: Mapping[str, str]) -> list[str]:
    """What is wrong with the answer to a query, in words; empty if it is as expected."""
    answer = answers[query["q"]]
    got = list(answer.slugs)
    wrong = []

    def named(key: str) -> list[str]:
        return [slugs[name] for name in query.get(key, ())]

    if first := set(named("first")):
        head = got[: len(first)]
        if set(head) != first:
            wrong.append(f"first come {_list(head)}, not {_list(sorted(first))}")
    wrong += [f"{slug} is not found" for slug in named("contains") if slug not in got]
    wrong += [f"{slug} is found" for slug in named("absent") if slug in got]
    if "contains_only" in query and set(got) != set(named("contains_only")):
        wrong.append(f"found are {_list(got)}, not {_list(named('contains_only'))}")
    if "same_set_as" in query and set(got) != set(answers[query["same_set_as"]].slugs):
        other = set(answers[query["same_set_as"]].slugs)
        wrong.append(f"differs from {query['same_set_as']!r} in {_list(sorted(set(got) ^ other))}")
    if query.get("empty") and got:
        wrong.append(f"found are {_list(got)}, not nothing")
    if query.get("label") == "similar spelling" and not answer.similar:
        wrong.append("is not said to be a similar spelling")
    return wrong


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
