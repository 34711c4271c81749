"""The 63 launch cases: the expected links, byte for byte, for every kind of facility."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalogue.launch.kinds import KINDS
from catalogue.launch.link import Link
from catalogue.model import Facility
from catalogue.repository import NoRepository, parse_repository
from tests.world import facility, software

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))["cases"]


def place(kind: str, url: str, **says: Any) -> Facility:
    options: dict[str, Any] = {}
    match kind:
        case "binderhub" if "environment" in says:
            options["environment"] = says["environment"]
        case "jupyterhub":
            options["nbgitpuller"] = says.get("nbgitpuller", True)
        case "rosetta" if "container" in says:
            options["containers"] = {"tool": says["container"]}
        case "jupyterlite":
            options["software"] = ["tool"]
    return facility(kind, url=url, options=options)


def launch_url(case: dict[str, Any]) -> str | None:
    found = parse_repository(case["source_url"], ref=case["ref"], file=case["path"])
    at = place(**case["facility"])
    repository = None if isinstance(found, NoRepository) else found
    if repository is None and at.kind != "rosetta":
        return None
    if repository and repository.provider not in at.providers:
        return None
    link = KINDS[at.kind].launch_url(software("tool", repository=repository), at)
    return link.url if isinstance(link, Link) else None


def test_there_are_63_cases() -> None:
    assert len(CASES) == 63


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_launch_case(case: dict[str, Any]) -> None:
    assert launch_url(case) == case["expected_url"], case["why"]


def test_a_link_with_nbgitpuller_is_read_back_as_what_it_pulls() -> None:
    pulling = [case for case in CASES if "git-pull" in (case["expected_url"] or "")]
    assert len(pulling) == 9
    for case in pulling:
        pulled = parse_repository(case["source_url"], ref=case["ref"], file=case["path"])
        assert parse_repository(case["expected_url"]) == pulled
