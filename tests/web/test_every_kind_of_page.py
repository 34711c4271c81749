"""What every kind of page must be: accessible, quiet, and whole at 320 pixels."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import served
from tests.test_golden import small_catalogue

from .visit import reader

PAGES = [
    "",
    "?q=gamma&interface=notebook",
    "?q=xqzzyplugh",
    "?q=topcat+xqzzyplugh&interface=notebook&licence=mit&platform=cobol",
    "?q=gamapy&sort=name&maybe=1&facility=jive",
    "software/hcg-16-pipeline/",
    "software/topcat/",
    "software/r3broot/",
    "facilities/",
    "facilities/jive/",
    "facilities/mybinder/",
    "facilities/skao-binderhub/",
    "facilities/jive/embed/",
    "facilities/renkulab/embed/",
    "software/cds-tutorials/",
    "software/gammalearn/",
    "software/eossr/",
    "software/ctlearn/",
    "facilities/renkulab/",
    "matrix/",
    "go/mocpy/",
    "go/topcat/",
    "go/mocpy/jive/",
    "go/topcat/mybinder/",
    "interface/notebook/",
    "facility/jive/",
    "author/",
    "a-z/",
    "newest/",
    "status/",
    "curation/",
    "changes/",
    "changes/2026-w24/",
    "about/",
    "add/",
    "add/facility/",
    "add/notebook/",
    "api/",
    "404.html",
]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# What a narrow window can change: what is hidden in it, how large things are, what has to be scrolled.
OF_WIDTH = {
    "type": "rule",
    "values": [
        "aria-hidden-focus", "button-name", "label", "landmark-one-main", "link-name", "region", "scrollable-region-focusable",
        "skip-link", "target-size",
    ],
}  # fmt: skip
# Under 24 × 24 pixels a target is hard to hit (WCAG 2.5.8); links in text and browser-drawn boxes are excepted there.
SMALL_TARGETS = """all => all.filter(each => each.getBoundingClientRect().height < 24).map(each => each.outerHTML)"""


# What stands in a long list is alike: the first ten stand for the others. So are filters of which none is chosen.
REST = [f"{each}:nth-child(n + 11)" for each in ("#cards > li", "main li", ".choice", "tbody tr")]
CLOSED = "[data-facet]:not(:has(:checked))"


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[tuple[str, str]]:
    options = {"runOnly": rules, "resultTypes": ["violations"]}  # what is right need not be told of each element
    left_out = [*REST, CLOSED] if "?" in page.url else REST
    context = {"exclude": [[each] for each in left_out]}
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the small world's site, which has pages that the real catalogue has not."""
    with served(small_catalogue(), tmp_path_factory.mktemp("small")) as address:
        yield address


@pytest.mark.parametrize(
    "address",
    [
        "software/gone-tool/",
        "go/gone-tool/",
        "software/only-a-title/",
        "facilities/rosetta/",
        "facilities/rosetta/embed/",
    ],
)
def test_a_rare_page_is_accessible_too(browser: Browser, small_site: str, address: str) -> None:
    look(browser, small_site + address)


@pytest.mark.case("B19")
def test_an_earlier_address_leads_to_the_present_one(browser: Browser, small_site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{small_site}software/tables/")
        page.wait_for_url(f"{small_site}software/table-tool/")
        assert wrong == []


@pytest.mark.case("C1", "C2", "C7", "C8")
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_quiet_and_whole_at_every_width(browser: Browser, site: str, address: str) -> None:
    look(browser, site + address)


# Whatever says something by its background or colour only: in colours that the reader's system forces it has a border.
BARE = """all => all.filter(each => {
  const { borderTopStyle, borderTopWidth } = getComputedStyle(each);
  return borderTopStyle === "none" || parseFloat(borderTopWidth) < 1;
}).map(each => each.outerHTML.slice(0, 200))"""


@pytest.mark.case("C7")
@pytest.mark.parametrize(
    "address", ["", "?q=gamma&interface=notebook", "software/agnpy/", "matrix/", "facilities/jive/"]
)
def test_in_forced_colours_nothing_is_told_by_a_background_alone(browser: Browser, site: str, address: str) -> None:
    with reader(browser) as (page, wrong):
        page.emulate_media(forced_colors="active")
        page.goto(site + address)
        if "?q=" in address:
            expect(page.locator("#status")).to_contain_text("for “")
            assert page.locator("mark:visible").count() > 0
        signs = page.locator(
            ":is(.button, .tag, .chip, .verdict, .dot, .cell-yes a, .sign, button:not(.link-button), mark):visible"
        )
        assert signs.count() > 0
        assert signs.evaluate_all(BARE) == []
        assert wrong == []


@pytest.mark.case("C7")
def test_where_the_reader_wants_no_motion_nothing_moves(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        moving = "[...document.querySelectorAll('body *')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
        for address in ("", "software/mocpy/", "matrix/"):
            page.emulate_media(reduced_motion="no-preference")
            page.goto(site + address)
            assert page.evaluate(moving) > 0
            page.emulate_media(reduced_motion="reduce")
            assert page.evaluate(moving) == 0
            assert page.evaluate("document.getAnimations().length") == 0
        assert wrong == []


def look(browser: Browser, address: str) -> None:
    """Look at a page wide, at 200 % and narrow, and at its colours in the dark, with everything that can be opened open."""
    with reader(browser) as (page, wrong):
        page.goto(address)
        if "?q=" in address:
            expect(page.locator("#status")).to_contain_text("for “")
        page.locator("details:not([open])").evaluate_all("all => all.forEach(each => { each.open = true })")
        # axe takes what has no background for white, and a browser in the dark paints it dark.
        page.evaluate("document.documentElement.style.backgroundColor = 'Canvas'")
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, COLOURS) == []
        page.emulate_media(color_scheme="light")
        # 640 pixels are a window of 1280 at 200 %; 320 are a small phone, or that window at 400 %.
        for width in (1280, 640, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, OF_WIDTH) == []
        assert page.locator("button:visible, .button:visible").evaluate_all(SMALL_TARGETS) == []
        assert wrong == []
