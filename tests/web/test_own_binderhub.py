"""A BinderHub that a reader names gets the launch addresses that the build makes for those that are listed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from catalogue.launch import binderhub, jupyterhub
from catalogue.launch.offers import offer_for, offers, own_binderhub
from catalogue.model import Edition, Pin, Readiness, Software, Strength
from catalogue.repository import Repository, parse_repository
from tests.conftest import served
from tests.launch.test_cases import CASES
from tests.world import COMMIT, LOOKED, NOTEBOOK, catalogue, repository, software

from .visit import MODULE, quiet, reader

HUB = "https://hub.example.org/prefix/"
BINDER_CASES = [
    case for case in CASES if case["facility"]["kind"] == "binderhub" and "environment" not in case["facility"]
]


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    with quiet(browser, site) as page:
        yield page


def entry(slug: str, code: Repository, pin: Pin = Pin.NAMED, **seen: bool) -> Software:
    """A notebook whose repository was looked at where something is said of it."""
    found = None
    if seen:
        found = Readiness(
            strength=Strength.READY,
            environment="requirements.txt",
            ref=code.ref,
            commit=COMMIT,
            asked=LOOKED,
            seen=LOOKED,
            checks=(),
            rstudio=seen["rstudio"],
        )
    editions = (Edition(pin=pin, repository=code, readiness=found),)
    return replace(software(slug, name=slug, repository=code, interfaces=NOTEBOOK), editions=editions)


def entries() -> tuple[Software, ...]:
    """One for each launch case that has a repository, and some whose address follows from what was seen in theirs."""
    of_cases = (
        (case["id"], parse_repository(case["source_url"], ref=case["ref"], file=case["path"])) for case in BINDER_CASES
    )
    git = "git+https://git.example.org/owner/code"
    return (
        *(entry(slug, code) for slug, code in of_cases if isinstance(code, Repository)),
        entry("cited-tag", repository(git, ref="v1"), Pin.CITED, rstudio=False),
        entry("shortened-commit", repository(git, ref="1a2b3c4")),
        entry("rstudio", repository("https://github.com/owner/r"), rstudio=True),
        entry("letters", repository("https://github.com/owner/odd", file="a ~!'()*/é&+#1/x.ipynb")),
    )


def test_a_hub_of_ones_own_opens_what_the_build_says(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    every = entries()
    world = catalogue()
    world = replace(world, software=every, offers=offers(every, world.facilities), related=())
    by_the_build = {each.slug: offer_for(each, own_binderhub(HUB)).url for each in every}
    assert len(every) >= 29
    assert by_the_build["cited-tag"] == (
        f"{HUB}v2/git/https%3A%2F%2Fgit.example.org%2Fowner%2Fcode/{COMMIT}?urlpath=lab"
    )
    assert by_the_build["shortened-commit"] is None
    with served(world, tmp_path_factory.mktemp("own")) as address, reader(browser) as (page, wrong):
        page.goto(address)
        before = hrefs(page)
        page.evaluate("hub => localStorage.setItem('place', JSON.stringify({ own: hub }))", HUB)
        page.goto(address)
        page.locator("#place-said", has_text="entries should run at hub.example.org").wait_for()
        assert hrefs(page) == {slug: by_the_build[slug] or before[slug] for slug in before}
        assert hrefs(page).keys() == by_the_build.keys()

        page.goto(f"{address}software/cited-tag/")
        mine = page.locator("[data-own-offer] a.button")
        mine.wait_for()
        assert mine.get_attribute("href") == by_the_build["cited-tag"]
        assert wrong == []


def hrefs(page: Page) -> dict[str, str]:
    """Where the button of each entry leads."""
    found: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".card")].map(
            (card) => [card.dataset.slug, card.querySelector("a.button").getAttribute("href")]))"""
    )
    return found


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
    found = page.evaluate(f"async (typed) => (await ({MODULE})('remembered.js')).hubAddress(typed)", typed)
    assert found == hub


def test_the_front_page_of_a_hub_is_found_from_any_of_its_pages(page: Page) -> None:
    for pattern in (*binderhub.PAGES, *jupyterhub.PAGES):
        typed = f"{HUB}{pattern.replace('*', 'a/b')}"
        assert page.evaluate(f"async (typed) => (await ({MODULE})('remembered.js')).hubAddress(typed)", typed) == HUB
    for typed in (
        "https://hub.example.org/hub/",
        "https://hub.example.org/hub/jupyter/",
        "https://hub.example.org/users/x/",
    ):
        assert page.evaluate(f"async (typed) => (await ({MODULE})('remembered.js')).hubAddress(typed)", typed) == typed
