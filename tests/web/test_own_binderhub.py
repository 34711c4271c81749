"""The browser makes the launch addresses of a BinderHub that a reader names as the build makes those that are listed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from catalogue.launch.binderhub import launch_url
from catalogue.launch.link import Link
from catalogue.launch.offers import own_binderhub
from catalogue.model import Software
from catalogue.outputs.views import software_views
from catalogue.repository import NoRepository, Repository, parse_repository
from tests.launch.test_cases import CASES
from tests.world import catalogue, software

from .visit import quiet

HUB = "https://hub.example.org/prefix/"
BINDER_CASES = [
    case for case in CASES if case["facility"]["kind"] == "binderhub" and "environment" not in case["facility"]
]


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    with quiet(browser, site) as page:
        yield page


def in_browser(page: Page, function: str, arguments: list[list[Any]]) -> list[Any]:
    """What a function of launch.js gives for each list of arguments."""
    found: list[Any] = page.evaluate(
        """async ([name, calls]) => {
            const place = document.querySelector("script[src$='/place.js']").src;
            const module = await import(place.replace("place.js", "launch.js"));
            return calls.map((given) => module[name](...given));
        }""",
        [function, arguments],
    )
    return found


def code(of: Software) -> dict[str, Any]:
    """What stands in the page for the script."""
    [view] = software_views_of(of)
    return dict(json.loads(view.own.code)) if view.own.code else {}


def software_views_of(of: Software) -> Any:
    from dataclasses import replace

    return software_views(replace(catalogue(), software=(of,), offers=(), related=()))


def built(of: Software, base: str = HUB) -> str | None:
    found = launch_url(of, own_binderhub(base))
    return found.url if isinstance(found, Link) else None


def test_there_are_cases_of_every_provider() -> None:
    assert len(BINDER_CASES) >= 30


def test_the_launch_cases_of_a_binderhub_hold_in_the_browser_too(page: Page) -> None:
    asked, expected = [], []
    for case in BINDER_CASES:
        found = parse_repository(case["source_url"], ref=case["ref"], file=case["path"])
        if isinstance(found, NoRepository):
            assert case["expected_url"] is None
            continue
        base = case["facility"]["url"]
        asked.append([base if base.endswith("/") else f"{base}/", code(software("tool", repository=found))])
        expected.append(case["expected_url"])
    assert len(asked) >= 25
    assert in_browser(page, "binderhubUrl", asked) == expected


NAMES = st.text(st.sampled_from("aB1-_. é#?%\\+&~!*'()[]|{}\"<>:;=@$,日"), min_size=1, max_size=12).filter(
    lambda name: name.strip(". ") and name == name.strip()
)
REPOSITORIES = st.builds(
    Repository,
    host=st.sampled_from(["github.com", "gitlab.com", "git.example.org", "git.example.org:8443"]),
    path=st.builds("/".join, st.lists(NAMES, min_size=2, max_size=4)),
    ref=st.none() | NAMES | st.sampled_from(["v1", "feature/x", "1a2b3c4", "a" * 40, "1234567", "deadbee"]),
    file=st.none() | st.builds("/".join, st.lists(NAMES, min_size=1, max_size=3)),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(REPOSITORIES, min_size=20, max_size=20))
def test_any_repository_has_one_address_in_both(page: Page, repositories: list[Repository]) -> None:
    entries = [software("tool", repository=each, seen=None) for each in repositories]
    calls = [
        [HUB, {"provider": of.provider, "path": of.path, "ref": of.ref, "file": of.file, "url": of.url}]
        for of in repositories
    ]
    assert in_browser(page, "binderhubUrl", calls) == [built(each) for each in entries]


@pytest.mark.parametrize(
    ("typed", "hub"),
    [
        ("https://hub.example.org", "https://hub.example.org/"),
        ("  hub.example.org/binder ", "https://hub.example.org/binder/"),
        ("https://hub.example.org/binder/v2/gh/o/r/HEAD?urlpath=lab#x", "https://hub.example.org/binder/"),
        ("http://localhost:8585", "http://localhost:8585/"),
        ("javascript:alert(1)", None),
        ("javascript://example.org/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("https://user:password@hub.example.org/", None),
        ("file:///etc/passwd", None),
        ("", None),
        ("not an address", None),
    ],
)
def test_what_a_reader_types_is_a_hub_or_nothing(page: Page, typed: str, hub: str | None) -> None:
    assert in_browser(page, "hubAddress", [[typed]]) == [hub]
