"""What a reader needs is at hand: in sight while it has the focus, beside what it belongs to, large enough, and on paper, too."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import served
from tests.test_golden import small_catalogue

from .visit import reader

# In the browser: whether the middle of what has the focus is to be seen, or something else stands before it.
IN_SIGHT = """() => {
  const focused = document.activeElement;
  const [{ left, top, width, height }] = focused.getClientRects(); // its first line
  const seen = document.elementFromPoint(left + width / 2, top + height / 2);
  return focused.contains(seen) ? "" : focused.outerHTML.slice(0, 200);
}"""


def top(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("each => each.getBoundingClientRect().top"))


def bottom(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("each => each.getBoundingClientRect().bottom"))


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    """A page on a small phone, or in a window of 1280 pixels at 400 %."""
    with reader(browser, width=320) as (page, wrong):
        yield page
        assert wrong == []


@pytest.mark.parametrize("width", [1280, 768, 320])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_in_the_matrix_nothing_that_stays_hides_what_has_the_focus(
    browser: Browser, site: str, width: int, key: str
) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.goto(f"{site}matrix/")
        page.set_viewport_size({"width": width, "height": 640})
        if key == "Tab":
            page.locator(".matrix-scroll").focus()
        else:
            page.locator("tbody a").last.focus()
        for _ in range(120):
            page.keyboard.press(key)
            assert page.evaluate(IN_SIGHT) == ""
        assert wrong == []


def test_in_a_narrow_matrix_each_reason_stands_below_its_link(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}matrix/")
    gaps = narrow.locator(".cell-maybe").evaluate_all(
        "all => all.map(each => each.children[1].getBoundingClientRect().top - each.children[0].getBoundingClientRect().top)"
    )
    assert len(gaps) > 100
    assert max(gaps) <= 24  # the height of the link


def test_the_numbers_of_a_facility_lead_to_the_lists_that_they_count(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}facilities/")
        page.get_by_role("link", name="do not at JIVE BinderHub").click()
        expect(page).to_have_url(f"{site}facilities/jive/#no-title")
        expect(page.locator("#no-title")).to_be_in_viewport()
        links = page.locator(".tally a.verdict")
        assert links.count() > 1
        for place in range(links.count()):
            target = (links.nth(place).get_attribute("href") or "").partition("#")[2]
            number = links.nth(place).inner_text().partition(" ")[0]
            assert page.locator(f"#{target} .count").inner_text() == number
        assert wrong == []


@pytest.mark.parametrize("address", ["facilities/", "facilities/renkulab/"])
def test_that_nobody_checked_a_facility_is_said_once(browser: Browser, site: str, address: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(site + address)
        for place in page.locator(".facility-card, .entry-head").all():
            assert place.inner_text().count("Never checked") <= 1
        assert "Never checked" in page.locator("main").inner_text()
        assert wrong == []


def test_a_list_of_where_it_does_not_run_says_so_once(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        for address in ("software/topcat/", "go/topcat/"):
            page.goto(site + address)
            assert page.locator("main").inner_text().count("Not here") == 1
        assert wrong == []


def test_a_facility_that_is_preferred_shows_it_by_more_than_a_colour(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/mybinder/")
        sign = "each => getComputedStyle(each, '::before').content"
        button = page.get_by_role("button", name="Prefer this facility", exact=True)
        assert button.evaluate(sign) == "none"
        button.click()
        page.reload()
        assert "✓" in button.evaluate(sign)
        assert wrong == []


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_a_phone_the_main_links_share_a_row(browser: Browser, site: str, width: int) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.goto(f"{site}facilities/")
        tops = page.locator(".top .menu a").evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
        assert len(tops) == 5
        assert len(set(tops)) == 1
        assert wrong == []


def test_on_a_narrow_page_the_citation_and_the_facts_are_one_link_away(narrow: Page, site: str) -> None:
    for address, name, target in (
        ("software/mocpy/", "Citation and facts", "#cite-title"),
        ("facilities/jive/", "Address and facts", "#facts"),
    ):
        narrow.goto(site + address)
        expect(narrow.locator(target)).not_to_be_in_viewport()
        narrow.get_by_role("link", name=name).click()
        expect(narrow.locator(target)).to_be_in_viewport()
    narrow.set_viewport_size({"width": 1280, "height": 900})  # they stand beside the rest
    assert narrow.locator(".to-side:visible").count() == 0


def test_on_a_narrow_card_the_reason_has_a_line_of_its_own(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}interface/library/")
    card = "[data-slug=gammapy] .card-act"
    assert top(narrow, f"{card} .why") >= bottom(narrow, f"{card} .button")


def test_on_a_narrow_page_of_a_facility_the_reasons_are_as_wide_as_the_page(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}facilities/jive/")
    widths = narrow.locator(".runs .quiet").evaluate_all("all => all.map(each => each.getBoundingClientRect().width)")
    assert min(widths) > 270


def test_a_narrow_table_of_the_sources_says_what_its_cells_are(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}status/")
    told = narrow.locator(".ages tbody tr:first-child td").evaluate_all(
        "all => all.map(each => getComputedStyle(each, '::before').content)"
    )
    assert ["Last read" in told[0], "Kept from before" in told[1]] == [True, True]


def test_with_large_letters_the_numbers_of_a_facility_stay_in_the_window_and_short_ones_on_a_line(
    narrow: Page, site: str
) -> None:
    narrow.goto(f"{site}facilities/")
    narrow.evaluate("document.documentElement.style.fontSize = '24px'")
    assert narrow.evaluate("document.documentElement.scrollWidth") == 320
    for each in narrow.locator(".tally a:not([href$='#visits-title'])").all():
        assert each.evaluate("each => each.getBoundingClientRect().height") == 36


def test_links_that_stand_alone_are_large_enough_for_a_finger(narrow: Page, site: str) -> None:
    for address, links in (
        ("software/agnpy/", "a.tag, .side-links a, .to-side"),
        ("facilities/jive/", ".tally a, .side-links > a"),
        ("matrix/", ".cell a"),
    ):
        narrow.goto(site + address)
        heights = narrow.locator(links).evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
        assert len(heights) > 2
        assert min(heights) >= 24


def test_the_age_of_the_data_stands_clear_of_what_is_above_it(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with served(small_catalogue(), tmp_path_factory.mktemp("small")) as address, reader(browser) as (page, wrong):
        page.goto(f"{address}facilities/")
        assert top(page, ".age .note") - bottom(page, ".top") >= 8
        assert wrong == []


def test_paper_has_what_can_be_read_and_nothing_to_press(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.emulate_media(media="print")
        for address in ("", "software/mocpy/", "interface/notebook/", "curation/"):
            page.goto(site + address)
            assert (
                page.locator("button:visible, .button:visible:not(.card-act *), input:visible, select:visible").count()
                == 0
            )
            as_of = re.compile("^ESCAPE OSSR records as of [0-9]+ June 2026[.]$")
            expect(page.locator(".as-of")).to_have_text(as_of, use_inner_text=True)
        page.goto(f"{site}software/mocpy/")
        assert top(page, ".entry-side") - bottom(page, ".entry-main") >= 8
        page.goto(f"{site}matrix/")
        page.set_viewport_size({"width": 718, "height": 900})  # a sheet of A4 with margins of a centimetre
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        page.goto(f"{site}software/mocpy/")
        for each in page.locator(".offer").all():  # no row begins on one sheet and ends on the next
            assert each.evaluate("each => getComputedStyle(each).breakInside") == "avoid"
        assert wrong == []


def test_a_list_on_paper_says_by_what_it_is_filtered_and_which_entries_are_launched(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}?interface=notebook&interface=service")
        expect(page.locator(".chip")).to_have_count(2)
        page.emulate_media(media="print")
        assert page.locator("#chosen").inner_text().split("\n") == ["Kind: Notebook", "Kind: Service"]
        words = page.locator(".card-act .button:visible").evaluate_all("all => all.map(each => each.firstChild.data)")
        assert set(words) == {"Launch", "Try it", "Why not here"}
        assert page.locator(".card-act .button").first.evaluate("each => getComputedStyle(each).borderStyle") == "none"
        assert wrong == []


def test_paper_shows_where_else_it_may_run_and_leaves_out_what_was_left_folded(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/agnpy/")
        page.emulate_media(media="print")
        for each in page.locator("#run > details > .offers > .offer").all():
            box = each.bounding_box()
            assert box and box["height"] > 40
        for selector in (".offer details", ".mend", "#my-data"):
            assert page.locator(selector).count() > 0
            assert page.locator(f"{selector}:visible").count() == 0
        page.locator(".mend").first.evaluate("each => { each.open = true }")
        expect(page.locator("#bibtex")).to_be_visible()
        assert wrong == []


def test_what_a_button_of_a_facility_has_said_moves_no_button(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/mybinder/")
        other = page.get_by_role("button", name="Is it reachable now?")
        before = other.bounding_box()
        page.get_by_role("button", name="Prefer this facility", exact=True).click()
        expect(page.locator("#chosen")).to_contain_text("remembers")
        after = other.bounding_box()
        assert before and after
        assert (before["y"], abs(after["x"] - before["x"]) < 40) == (after["y"], True)  # a mark is added to the first
        assert wrong == []


@pytest.mark.parametrize("address", ["software/mocpy/", "status/"])
def test_a_narrow_table_has_all_its_columns_in_the_window(narrow: Page, site: str, address: str) -> None:
    narrow.goto(site + address)
    narrow.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    tables = narrow.locator("table:visible").all()
    assert tables
    for each in tables:
        box = each.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320
        assert each.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_where_nothing_is_launched_the_state_of_the_facility_is_not_the_reason(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}go/topcat/cscs-cta/")
        assert "Desktop program: this facility runs notebooks." in page.locator("main").inner_text()
        assert page.locator("p:has(.verdict-no) .warn").count() == 0
        assert wrong == []


def test_the_head_of_a_page_is_one_row_where_it_fits(browser: Browser, site: str) -> None:
    with reader(browser, width=980) as (page, wrong):
        page.goto(f"{site}facilities/")
        assert bottom(page, ".top nav") <= bottom(page, ".top-search") + 8
        assert wrong == []


def test_where_the_head_takes_two_rows_the_search_fills_the_first_and_the_links_begin_the_second(
    browser: Browser, site: str
) -> None:
    with reader(browser, width=768) as (page, wrong):
        page.goto(f"{site}facilities/")
        search = page.locator(".top-search").bounding_box()
        brand = page.locator(".brand").bounding_box()
        links = page.locator(".top nav").bounding_box()
        assert search and brand and links
        assert links["y"] > search["y"] + search["height"]
        assert links["x"] == brand["x"]
        assert search["x"] + search["width"] == 768 - brand["x"]
        assert wrong == []


def test_the_outline_of_a_field_among_the_filters_is_whole(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        room = page.locator(".facet-find:visible").first.evaluate(
            """each => {
              const [field, box] = [each, each.closest(".filters")].map((one) => one.getBoundingClientRect());
              return Math.min(field.left - box.left, box.left + each.closest(".filters").clientWidth - field.right);
            }"""
        )
        assert room >= 5  # the outline and its distance
        assert wrong == []


MIDDLES = """all => all.map(each => {
  const words = document.createRange();
  words.selectNodeContents(each.firstChild);
  const [inner, outer] = [words, each].map(one => one.getBoundingClientRect());
  return (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
})"""


def test_words_stand_in_the_middle_of_what_is_around_them(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        for address, selector in (
            ("software/agnpy/", "a.tag"),
            ("software/agnpy/", ".plain-button"),
            ("facilities/", ".tally a"),
        ):
            page.goto(site + address)
            off = page.locator(selector).evaluate_all(MIDDLES)
            assert off
            assert max(map(abs, off)) <= 0.75  # a browser puts letters on whole pixels
        assert wrong == []


def test_the_heading_of_the_filters_is_level_with_that_of_the_list(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        bottoms = [
            page.locator(selector).evaluate(
                """each => {
                  const words = document.createRange();
                  words.selectNodeContents(each.firstChild);
                  return words.getBoundingClientRect().bottom;
                }"""
            )
            for selector in (".filter-panel > summary", "#results-title")
        ]
        assert abs(bottoms[0] - bottoms[1]) <= 2
        assert wrong == []


def test_where_an_entry_runs_nowhere_no_place_is_to_be_chosen(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/zooniverse-advanced-project-building/")
        expect(page.get_by_text("No facility of this catalogue can run it")).to_be_visible()
        assert page.locator("#place").count() == 0
        page.goto(f"{site}software/topcat/")  # it may run at one
        expect(page.locator("#place")).to_be_visible()
        assert wrong == []


def test_an_author_is_sent_to_the_checklist_only_where_it_has_something_to_do(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        link = page.get_by_role("link", name="What its author can do")
        page.goto(f"{site}software/ctlearn/")
        expect(link).to_have_count(1)
        page.goto(f"{site}software/aladin-lite/")  # a library, whose repository is ready
        expect(page.locator("#ready .check").first).to_be_visible()
        expect(link).to_have_count(0)
        assert wrong == []


def test_the_table_of_sources_has_a_column_for_what_was_overridden_only_where_something_was(
    browser: Browser, site: str
) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        for address, heads in (
            ("software/agnpy/", ["Fact", "Source"]),
            ("software/mocpy/", ["Fact", "Source", "Instead of"]),
        ):
            page.goto(site + address)
            assert page.locator(".sources thead th").all_text_contents() == heads
            cells = page.locator(".sources tbody tr").evaluate_all("all => all.map(each => each.cells.length)")
            assert {*cells} == {len(heads)}
        assert wrong == []


def test_in_a_narrow_row_the_button_stands_clear_of_what_is_above_it(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}software/agnpy/")
    offer = narrow.locator("#at-jive")
    above = offer.locator(".offer-head").bounding_box()
    button = offer.locator(".offer-act .button").bounding_box()
    assert above and button
    assert button["y"] - above["y"] - above["height"] >= 8


def test_in_a_narrow_matrix_a_facility_and_its_state_take_three_lines_at_most(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}matrix/")
    heights = narrow.locator(".cell").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert len(heights) > 200
    assert max(heights) < 75


def test_on_a_phone_what_enter_does_is_for_those_who_hear_the_page(narrow: Page, site: str) -> None:
    narrow.goto(site)
    hint = narrow.locator("#q-hint").bounding_box()
    assert hint and (hint["width"], hint["height"]) == (1, 1)
    expect(narrow.locator("#q")).to_have_accessible_description("Enter opens the only result or an exact name")


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_order_stands_beside_the_heading_of_the_list(browser: Browser, site: str, width: int) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.goto(site)
        heading, order, count = (page.locator(each).bounding_box() for each in ("#results-title", "#sort", "#count"))
        assert heading and order and count
        assert order["y"] < heading["y"] + heading["height"]
        assert order["x"] + order["width"] == width - heading["x"]
        assert count["y"] >= order["y"] + order["height"]
        assert wrong == []


def test_the_address_of_a_home_page_is_short_enough_for_its_place(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/agnpy/")
        link = page.get_by_role("link", name="agnpy.readthedocs.io/en/latest", exact=True)
        expect(link).to_have_attribute("href", "https://agnpy.readthedocs.io/en/latest/")
        assert wrong == []


def test_the_mark_of_an_orcid_stands_on_the_line_of_its_name(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/cds-tutorials/")
        gaps = page.locator(".people .orcid").evaluate_all(
            """all => all.map(each => {
              const name = [...each.previousElementSibling.getClientRects()].at(-1);
              return each.getBoundingClientRect().left - name.right;
            })"""
        )
        assert len(gaps) > 5
        assert 0 < min(gaps) <= max(gaps) < 12
        assert wrong == []


def test_what_an_author_has_to_do_has_no_marks_of_a_language_in_it(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}software/cds-tutorials/")
        said = page.locator("#ready").inner_text()
        assert "as “repository” in notebooks.yaml" in said
        assert "`" not in said
        assert wrong == []


def test_a_narrow_page_of_results_still_has_its_heading_for_those_who_hear_it(narrow: Page, site: str) -> None:
    narrow.goto(f"{site}?q=gamma")
    expect(narrow.locator("#status")).to_contain_text("for “")
    expect(narrow.get_by_role("heading", level=1)).to_have_count(1)  # what is not shown at all has no role
    assert bottom(narrow, "h1") - top(narrow, "h1") <= 1
