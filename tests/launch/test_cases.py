"""The 63 launch cases: right answers, byte for byte, for every kind of facility."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalogue.launch.kinds import KINDS
from catalogue.launch.link import Link
from catalogue.model import Facility, Limits, Login, Software
from catalogue.problems import Place
from catalogue.repository import NoRepository, Repository, parse_repository
from catalogue.sources.facilities import with_slash

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))["cases"]


def facility(kind: str, url: str, **says: Any) -> Facility:
    options: dict[str, Any] = {}
    match kind:
        case "binderhub" if "environment" in says:
            options["environment"] = says["environment"]
        case "jupyterhub":
            options["nbgitpuller"] = says.get("nbgitpuller", True)
        case "rosetta" if "container" in says:
            options["containers"] = {"software": says["container"]}
        case "jupyterlite":
            options["software"] = ["software"]
    module = KINDS[kind]
    return Facility(
        slug="facility", name="Facility", kind=kind, url=with_slash(url), insecure=url.startswith("http:"),
        summary="", description=__import__("markupsafe").Markup(), operator=None, interfaces=module.INTERFACES,
        providers=module.PROVIDERS, login=Login.NONE, limits=Limits(), ports=(), data=(),
        options=module.OPTIONS.model_validate(options), contact=None, documentation=None, place=Place(file="test"),
    )  # fmt: skip


def launch_url(case: dict[str, Any]) -> str | None:
    found = parse_repository(case["source_url"], ref=case["ref"], file=case["path"])
    place = facility(**case["facility"])
    repository = found if isinstance(found, Repository) else None
    software = Software(identity="x", slug="software", name="Software", repository=repository)
    if isinstance(found, NoRepository) and place.kind != "rosetta":
        return None
    if repository and repository.provider not in place.providers:
        return None
    link = KINDS[place.kind].launch_url(software, place)
    return link.url if isinstance(link, Link) else None


def test_there_are_63_cases() -> None:
    assert len(CASES) == 63


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_launch_case(case: dict[str, Any]) -> None:
    assert launch_url(case) == case["expected_url"], case["why"]
