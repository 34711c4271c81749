"""A curator's Monday, walked in a real browser: what changed, what is missing, and the list to work through."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.worlds import synthetic_catalogue
from catalogue.outputs.paging import LISTED
from tests.conftest import served
from tests.world import catalogue, entry

from .front import hosted
from .visit import reader


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    with reader(browser, scripts=request.param) as (page, wrong):
        page.goto(f"{site}status/")
        yield page
        assert wrong == []


def rows(page: Page, kind: str) -> int:
    return page.locator(f"#{kind} tbody tr:visible").count()


def test_from_this_weeks_changes_to_the_csv_of_what_has_no_licence(visit: Page, site: str) -> None:
    visit.get_by_role("link", name="What has changed").click()
    expect(visit).to_have_url(f"{site}changes/")
    visit.get_by_role("link", name="Week 24 of 2026").first.click()
    expect(visit.get_by_role("heading", level=1)).to_have_text("Changes in week 24 of 2026")
    changes = visit.locator(".events ul > li")
    assert changes.count() > 5
    for place in range(changes.count()):
        assert changes.nth(place).locator(".quiet a").count() == 1  # who says so
    visit.get_by_role("link", name="curation board").click()
    visit.locator(".board-kinds").get_by_role("link", name="No licence").click()
    expect(visit).to_have_url(f"{site}curation/#no-licence")
    board = rows(visit, "no-licence")
    link = visit.locator("#no-licence").get_by_role("link", name="CSV").get_attribute("href") or ""
    text = visit.request.get(f"{site}curation/{link}").text()
    assert len(list(csv.reader(io.StringIO(text, newline="")))) - 1 == board > 0
    visit.locator("#no-licence").get_by_role("link", name="the same entries as a list").click()
    expect(visit.locator(".card")).to_have_count(board)


def test_the_board_is_narrowed_by_kind_and_by_words_and_says_how_much_is_left(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}curation/")
        said = page.locator("#board-said")
        total = page.locator(".board tbody tr").count()
        page.get_by_label("Show").select_option("no-licence")
        expect(page.locator(".board:visible")).to_have_count(1)
        expect(said).to_have_text(f"{rows(page, 'no-licence')} of {total} findings")
        page.get_by_label("with").fill("topcat")
        expect(said).to_have_text(f"1 of {total} findings")
        # A link to another kind leads there all the same, also for the second time.
        for _ in range(2):
            page.locator(".board-kinds").get_by_role("link", name="Change lists").click()
            expect(page.locator("#change-lists")).to_be_in_viewport()
            expect(said).to_have_text("")
            page.get_by_label("Show").select_option("no-licence")
            expect(page.locator("#change-lists")).to_be_hidden()
        assert wrong == []


def test_a_kind_with_more_findings_than_are_shown_keeps_its_count_and_says_what_is_searched(
    browser: Browser, tmp_path: Path
) -> None:
    many = LISTED + 1000
    found = synthetic_catalogue(many, alike=True)
    bare = replace(found, software=tuple(replace(each, licence=None) for each in found.software))
    with hosted(bare, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(f"{address}curation/")
        section = page.locator("#no-licence")
        heading, said = section.get_by_role("heading"), page.locator("#board-said")
        told = heading.inner_text()
        assert re.sub(r"\D", "", told) == str(many)
        expect(said).to_have_text("")
        every = sum(int(each.get_attribute("data-count") or "") for each in page.locator("[data-count]").all())
        page.get_by_label("Show").select_option("no-licence")
        expect(said).to_have_text(f"{many:,} of {every:,} findings")
        rows_shown = page.locator(".board tbody tr").count()
        name = section.locator("tbody th").first.inner_text()
        page.get_by_label("with").fill(name)
        expect(heading).to_have_text("No licence 1 among those shown")
        expect(said).to_have_text(f"1 among the {rows_shown:,} findings shown here")
        page.get_by_label("Show").select_option("")
        page.get_by_label("with").fill("e")
        expect(said).to_contain_text(f"among the {rows_shown:,} findings shown here")
        page.get_by_label("with").fill("")
        expect(said).to_have_text("")
        expect(heading).to_have_text(told)
        assert section.locator("tbody tr:visible").count() == LISTED
        assert wrong == []


def test_the_board_takes_letters_for_one_another_as_the_search_does(browser: Browser, tmp_path: Path) -> None:
    world = catalogue(entry(1001, title="Løvås"), entry(1003, title="Groß"))
    with served(world, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(f"{address}curation/")
        for typed, name in (("lovas", "Løvås"), ("LØVÅS", "Løvås"), ("gross", "Groß")):
            page.get_by_label("with").fill(typed)
            shown = page.locator("#no-licence tbody tr:visible")
            expect(shown).to_have_count(1)
            expect(shown).to_contain_text(name)
        assert wrong == []


def test_a_facility_says_how_its_changes_are_followed(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}facilities/jive/")
        link = page.get_by_role("link", name="Changes at JIVE BinderHub")
        expect(link).to_have_attribute("href", "../../feeds/facility/jive.atom")
        feed = page.request.get(f"{site}feeds/facility/jive.atom")
        assert feed.ok
        assert re.findall(r"<title>(agnpy[^<]*)", feed.text())
        assert wrong == []


@pytest.mark.parametrize("width", [320, 1280])
def test_each_field_of_the_board_has_its_label_beside_it(browser: Browser, site: str, width: int) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.goto(f"{site}curation/")
        for field in page.locator("#board-filter :is(select, input)").all():
            name = page.locator(f"label[for={field.get_attribute('id')}]")
            at, label = field.bounding_box(), name.bounding_box()
            assert at and label
            assert at["y"] <= label["y"] + label["height"] / 2 <= at["y"] + at["height"]
            assert 0 <= at["x"] - (label["x"] + label["width"]) < 40
            assert at["x"] + at["width"] <= width - 16
        assert wrong == []


# How many lines of a text are broken into several, as the browser shows them.
BROKEN = """each => {
  const lines = each.textContent.replace(/\\n$/, "").split("\\n");
  const shown = Math.round(each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight));
  return shown - lines.length;
}"""


@pytest.mark.parametrize("address", ["add/facility/", "add/notebook/", "api/"])
def test_lines_to_be_copied_are_shown_as_they_are_on_a_small_phone_and_can_be_read_with_the_keyboard(
    browser: Browser, site: str, address: str
) -> None:
    with reader(browser, width=320) as (page, wrong):
        page.goto(site + address)
        page.locator("details:not([open])").evaluate_all("all => all.forEach(each => { each.open = true })")
        blocks = page.locator("pre.lines")
        assert blocks.count() > 0
        for block in blocks.all():
            block.locator("code").evaluate("each => { each.style.display = 'block' }")
            assert block.locator("code").evaluate(BROKEN) == 0
            hidden = block.evaluate("each => each.scrollWidth - each.clientWidth")
            if hidden:
                block.focus()
                page.keyboard.press("ArrowRight")
                page.wait_for_function("each => each.scrollLeft > 0", arg=block.element_handle())
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        assert wrong == []
