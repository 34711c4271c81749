"""The search as a reader meets it: while typing, with filters, by keyboard, with nothing found, with an index that fails."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route, expect

from bench.worlds import synthetic_catalogue
from catalogue.edge.publish import publish
from catalogue.model import Catalogue
from tests.conftest import built, served

from .front import few, hosted
from .test_walks import count, followed_and_back, settled, shown, unfold
from .visit import come_to, quiet, reader


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The front page; nothing may go wrong on it."""
    with quiet(browser, site) as page:
        yield page


def field(page: Page) -> Any:
    return page.get_by_role("searchbox", name="Search software by name")


def why(page: Page) -> list[str]:
    shown(page)  # the list is there to its end
    return page.locator("#cards > li:visible .matched").all_text_contents()


# ---- while typing


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("mocp", "mocpy"),  # the only one
        ("gammapy", "gammapy"),  # one of several, by its name
        ("10.5281/zenodo.10652381", "eossr"),
        ("https://github.com/cds-astro/mocpy", "mocpy"),
    ],
)
def test_enter_opens_what_is_meant_without_a_doubt_and_back_comes_again_to_the_words(
    page: Page, site: str, typed: str, slug: str
) -> None:
    field(page).fill(typed)
    field(page).press("Enter")
    page.wait_for_url(f"{site}software/{slug}/")
    page.go_back()
    expect(field(page)).to_have_value(typed)
    expect(field(page)).to_be_focused()
    expect(page.locator("#count")).to_contain_text(f"of 37 entries for “{typed}”")


@pytest.mark.parametrize(
    "typed", ["gamm", "python", "zoniverse muon", "tools for topcat", "https://github.com/cds-astro", "+"]
)
def test_enter_leads_to_the_list_where_several_may_be_meant_or_something_was_guessed(
    page: Page, site: str, typed: str
) -> None:
    field(page).fill(typed)
    field(page).press("Enter")
    expect(page.locator("#results-title")).to_be_focused()
    assert page.url.startswith(f"{site}?q=")


def late(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(300)
    route.continue_()


def test_enter_at_once_opens_what_was_typed_and_not_what_the_letter_before_gave(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/search/*.json", late)
        page.goto(site)
        field(page).press_sequentially("topcat")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}software/topcat/")


def test_enter_with_nothing_found_leads_to_what_can_be_done(page: Page, site: str) -> None:
    field(page).fill("xqzzyplugh")
    field(page).press("Enter")
    expect(page.locator("#nothing")).to_be_focused()
    expect(page).to_have_url(f"{site}?q=xqzzyplugh")


def test_the_button_leads_to_the_list_and_opens_nothing(page: Page, site: str) -> None:
    field(page).fill("gamm")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#results-title")).to_be_focused()
    expect(page).to_have_url(f"{site}?q=gamm")


@pytest.mark.parametrize(
    ("typed", "reason", "marked"),
    [
        ("gamm", "Name starts with gamm", ["Gammapy", "gamma-ray"]),
        ("Gammapy", "Exact name", ["Gammapy"]),
        ("ESFRI science analysis platform", "Also known as ESFRI Science Analysis Platform", ["science", "platform"]),
        (
            "cherenkov telescope array",
            "Cherenkov Telescope Array is another word for CTA · Keyword: Ground telescopes",
            ["Cherenkov-telescope"],
        ),
        ("zaldivar", "Author: Bryan Zaldívar", []),
        ("彦昭", "Author: Yanzhao Wang (王彦昭)", []),
        ("fisica madrid", "Affiliation contains fisica · Affiliation contains madrid", []),
        ("desktop java", "Keyword: desktop · Language or platform: Java", ["Desktop"]),
        ("zoniverse muon", "Similar spelling: zooniverse · Name contains muon", ["Zooniverse", "Muon", "Muon"]),
        ("10.5281/zenodo.10652381", "The DOI of its version v2.1.0", []),
        ("https://github.com/cds-astro/mocpy", "Its repository", []),
        ("apertif dr1", "Name starts with apertif · Data it reads: Apertif DR1", ["Apertif", "Apertif"]),
    ],
)
def test_the_first_result_says_why_it_is_there_and_marks_the_words(
    page: Page, typed: str, reason: str, marked: list[str]
) -> None:
    field(page).fill(typed)
    expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
    assert why(page)[0] == reason
    first = page.locator("#cards > li:visible").first
    assert first.locator("mark").all_inner_texts() == marked
    field(page).fill("")
    settled(page, "37 entries, runnable ones first")
    assert page.locator("mark, .matched").count() == 0


@pytest.mark.parametrize(
    ("typed", "names", "reason"),
    [
        ("https://github.com/cds-astro", ["Aladin Lite", "CDS tutorials", "MOC Lib Rust", "MOCPy"], "Its repository is below this address"),
        ("https://github.com/cds-astro/mocpy/some/new/page", ["MOCPy"], "A page below its repository"),
        ("0000-0001-8375-1907 miener", ["gLike"], ""),
        ("https://github.com/nobody/nothing", [], ""),
    ],
)  # fmt: skip
def test_an_address_gives_what_is_below_it_or_what_it_is_below(
    page: Page, typed: str, names: list[str], reason: str
) -> None:
    field(page).fill(typed)
    expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
    assert sorted(shown(page), key=str.casefold) == names
    if reason:
        assert set(why(page)) == {reason}


def test_every_result_says_why(page: Page) -> None:
    for typed in ("python", "jupyter-notebook", "vo", "cli", "garcia eossr", "gamapy", "mit library"):
        field(page).fill(typed)
        expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
        reasons = why(page)
        assert len(reasons) == len(shown(page)) > 0
        assert all(reasons), typed


def test_marking_leaves_every_text_as_it_was(page: Page) -> None:
    texts = "() => [...document.querySelectorAll('#cards > li')].sort((a, b) => a.dataset.slug < b.dataset.slug ? -1 : 1).map((card) => card.querySelector('h3 a').textContent + card.querySelector('.summary').textContent)"
    before = page.evaluate(texts)
    for typed in ("c++", "a", "gamma-ray", "o", "HCG-16", "13 tev"):
        field(page).fill(typed)
        expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
        assert page.evaluate(texts) == before


def note_spoken(page: Page) -> None:
    """Keep what a screen reader is told from now on, in `window.spoken`."""
    page.evaluate(
        """() => {
          window.spoken = [];
          const status = document.getElementById("status");
          new MutationObserver(() => window.spoken.push(status.textContent)).observe(status, { childList: true });
        }"""
    )


@pytest.mark.case("C8")
def test_the_count_is_spoken_once_for_each_pause(page: Page) -> None:
    note_spoken(page)
    field(page).focus()
    page.wait_for_timeout(600)
    page.evaluate("window.spoken = []")
    field(page).press_sequentially("mocpy", delay=40)
    settled(page, "1 of 37 entries for “mocpy”")
    assert page.evaluate("window.spoken") == ["1 of 37 entries for “mocpy”"]


def test_small_words_that_nobody_has_are_left_out_and_that_is_said(page: Page) -> None:
    field(page).fill("tools for dark matter")
    settled(page, "2 of 37 entries for “tools for dark matter”, without “tools”, “for”")


def test_signs_that_are_no_word_are_said_to_be_none(page: Page) -> None:
    field(page).fill("+ - ^ *")
    settled(page, "37 entries: “+ - ^ *” has no letter or digit to search for")
    assert len(shown(page)) == 37


HOSTILE = [
    "fits~100",
    "interferometry~6",
    "name:",
    "name:gammapy",
    "*",
    "+ - ^ \"",
    "x " * 10_000,
    "a" * 1_000_000,
    "<img src=x onerror=window.__pwned=1>",
    "שלום עולם",
    "\u202eabc\u202c",
    "😀 🔭",
    "__proto__ constructor hasOwnProperty",
    "10.5281/zenodo.9999999999",
    "https://github.com/",
    "http://[::1",
    "%",
    "\\",
    "(((((((((((",
    "//////////",
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(browser: Browser, site: str) -> Iterator[Page]:
    """A front page for all odd queries, one after the other: none may leave it in another state."""
    with quiet(browser, site) as page:
        yield page


@pytest.mark.case("H35", "H36")
@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_an_odd_query_is_answered_as_text(odd: Page, typed: str) -> None:
    kept = typed[:500].strip()
    odd.evaluate(
        "(text) => { const q = document.getElementById('q'); q.value = text; q.dispatchEvent(new Event('input')); }",
        typed,
    )
    expect(odd.locator("#count")).to_contain_text(re.compile(r"^(?:\d+ of )?37 entries"))
    odd.wait_for_timeout(100)
    assert odd.evaluate("window.__pwned") is None
    if not shown(odd):
        said = odd.locator("#nothing-text").text_content() or ""
        assert kept[:79].rstrip() in said
    assert odd.locator("main img").count() == 0
    field(odd).fill("topcat")
    settled(odd, "1 of 37 entries for “topcat”")


def test_words_from_right_to_left_do_not_turn_the_sentence_around_them(page: Page) -> None:
    field(page).fill("שלום")
    settled(page, "0 of 37 entries for “\u2068שלום\u2069”")


# ---- filters


def test_chosen_values_are_chips_that_take_themselves_away(page: Page, site: str) -> None:
    page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
    page.get_by_role("checkbox", name=re.compile("^Python")).check()
    chips = page.get_by_role("list", name="Chosen filters")
    expect(chips.get_by_role("button")).to_have_text(["Kind: Notebook×", "Language or platform: Python×"])
    with_both = shown(page)
    chips.get_by_role("button", name="Remove the filter Kind: Notebook").press("Enter")
    expect(chips.get_by_role("button")).to_have_text(["Language or platform: Python×"])
    expect(chips.get_by_role("button", name="Remove the filter Language or platform: Python")).to_be_focused()
    expect(page).to_have_url(f"{site}?platform=python")
    assert set(with_both) < set(shown(page))
    page.keyboard.press("Enter")
    expect(page.locator("#chosen")).to_be_hidden()
    expect(page.locator("#results-title")).to_be_focused()
    expect(page.get_by_role("checkbox", name=re.compile("^Python"))).not_to_be_checked()


def top_of(target: Any) -> float:
    return float(target.evaluate("(element) => element.getBoundingClientRect().top"))


def far_down(page: Page) -> None:
    shown(page)
    page.evaluate("scrollTo(0, 3000)")
    page.wait_for_timeout(300)
    assert top_of(page.locator("#count")) < -900


@pytest.mark.parametrize(
    ("value", "answer"), [("web", ".card:visible"), ("service", ".card:visible"), ("desktop", "#nothing")]
)
def test_an_answer_that_became_short_is_in_the_window_and_the_filter_stays_under_the_pointer(
    page: Page, site: str, value: str, answer: str
) -> None:
    if answer == "#nothing":
        page.goto(f"{site}?platform=python")
    far_down(page)
    tick = page.locator(f"input[name=interface][value={value}]")
    before = top_of(tick)
    tick.check()
    expect(page.locator(answer).first).to_be_in_viewport(ratio=0.9)
    expect(page.locator("#count")).to_be_in_viewport()
    assert abs(top_of(tick) - before) < 2
    expect(tick).to_be_focused()


def test_a_chip_that_is_removed_far_down_or_another_order_leads_to_the_answer(page: Page, site: str) -> None:
    page.goto(f"{site}?platform=python")
    reorder = "(sort) => { sort.value = 'name'; sort.dispatchEvent(new Event('change', { bubbles: true })); }"
    for spot, act in (("#sort", reorder), (".chip", "(chip) => chip.click()")):
        far_down(page)
        page.locator(spot).evaluate(act)
        expect(page.locator("#count")).to_be_in_viewport()


def test_where_the_filters_stand_above_the_list_a_choice_moves_nothing_under_the_finger(
    browser: Browser, site: str
) -> None:
    with reader(browser, width=360) as (page, wrong):
        page.goto(site)
        page.locator(".filter-panel > summary").click()
        for value in ("notebook", "library", "desktop"):
            tick = page.locator(f"input[name=interface][value={value}]")
            tick.scroll_into_view_if_needed()
            before = top_of(tick)
            tick.check()
            expect(page.locator("#filter-count")).to_contain_text("chosen")
            page.wait_for_timeout(100)
            assert top_of(tick) == before
        assert wrong == []


def test_a_value_without_entries_is_greyed_and_stays_where_it_is(page: Page) -> None:
    places = "() => [...document.querySelectorAll('[data-facet=interface] .choice')].map((each) => each.dataset.value)"
    before = page.evaluate(places)
    field(page).fill("topcat")
    settled(page, "1 of 37 entries for “topcat”")
    assert page.evaluate(places) == before
    assert count(page, "interface", "notebook") == 0
    expect(page.locator("[data-facet=interface] [data-value=notebook]")).to_have_class("choice is-empty")
    expect(page.locator("[data-facet=interface] [data-value=desktop]")).to_have_class("choice")


def test_where_it_may_run_is_counted_when_it_is_asked_for(page: Page, site: str, real_catalogue: Catalogue) -> None:
    offers = [each for each in real_catalogue.offers if each.facility == "jive"]
    sure = {each.software for each in offers if each.verdict == "yes"}
    may = {each.software for each in offers if each.verdict != "no"}
    page.get_by_role("checkbox", name=re.compile("^JIVE BinderHub")).check()
    expect(page.locator("#count")).to_have_text(f"{len(sure)} of 37 entries")
    page.get_by_role("checkbox", name="Also where it may run").check()
    expect(page.locator("#count")).to_have_text(f"{len(may)} of 37 entries")
    expect(page).to_have_url(f"{site}?facility=jive&maybe=1")
    assert sure < may


def test_an_author_is_found_by_typing_whatever_the_marks(page: Page, site: str) -> None:
    unfold(page, "author")
    facet = page.locator("[data-facet=author]")
    assert facet.locator(".choice:visible").count() == 7
    facet.get_by_role("textbox", name="Find in Author").fill("zaldi")
    expect(facet.locator(".choice:visible")).to_have_text([re.compile("Bryan Zaldívar 1")])
    facet.get_by_role("checkbox", name=re.compile("Zaldívar")).check()
    expect(page).to_have_url(f"{site}?author=zaldivar-bryan")
    assert shown(page) == ["mlfermilatdwarfs"]
    facet.get_by_role("textbox").fill("")
    expect(facet.get_by_role("checkbox", name=re.compile("Zaldívar"))).to_be_checked()
    facet.get_by_role("textbox").fill("qqq")
    expect(facet.locator(".facet-hint")).to_have_text("None found")


def test_a_name_spelt_in_two_ways_is_one_author(page: Page, real_catalogue: Catalogue) -> None:
    spelt = {each.name for entry in real_catalogue.software for each in entry.authors if "Vuillaume" in each.name}
    assert spelt == {"Thomas Vuillaume", "Vuillaume, Thomas"}
    assert page.locator("[data-facet=author] [data-value^=vuillaume]").count() == 1


@pytest.mark.case("D5")
@pytest.mark.parametrize("sort", ["newest", "name"])
def test_a_list_is_sorted_as_asked_with_words_and_without(
    page: Page, site: str, real_catalogue: Catalogue, sort: str
) -> None:
    for typed in ("", "python"):
        field(page).fill(typed)
        page.get_by_label("Sort by").select_option(sort)
        expect(page).to_have_url(f"{site}?{'q=python&' if typed else ''}sort={sort}")
        expect(page.locator("#count")).to_contain_text(f"for “{typed}”" if typed else "37 entries")
        cards = page.locator("#cards > li:visible")
        if sort == "newest":
            dates = cards.evaluate_all("all => all.map(card => card.dataset.date)")
            assert dates == sorted(dates, reverse=True)
            assert len(set(dates)) > 5
        else:
            names = shown(page)
            # As Python sorts them.
            every = sorted(real_catalogue.software, key=lambda each: each.sort_key)
            assert names == [each.name for each in every if each.name in names]


def test_a_long_list_is_shown_in_parts_and_all_of_it_is_reachable(browser: Browser, tmp_path: Path) -> None:
    with hosted(synthetic_catalogue(120), tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        expect(page.locator("#cards > li:visible")).to_have_count(50)
        come_to(page.get_by_role("button", name="Show 50 more of 120")).click()
        expect(page.locator("#cards > li:visible")).to_have_count(100)
        assert (
            page.evaluate("[...document.querySelectorAll('#cards > li')].indexOf(document.activeElement.closest('li'))")
            == 50
        )
        come_to(page.get_by_role("button", name="Show 20 more of 120")).click()
        expect(page.locator("#cards > li:visible")).to_have_count(120)
        expect(page.locator("#more")).to_be_hidden()
        assert wrong == []


# ---- while the page comes


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_moves_when_the_scripts_come_late(browser: Browser, site: str, width: int) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.add_init_script("""
          window.moved = 0;
          const add = (list) => list.getEntries().forEach(({ value }) => { window.moved += value; });
          new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
        """)
        page.route("**/home.js", late)
        page.goto(site)
        assert page.locator(".filter-panel").evaluate("(panel) => panel.open") is (width > 900)
        expect(page.locator("#filters")).to_be_visible(visible=width > 900)
        page.wait_for_timeout(100)  # what moves is told a frame later
        assert page.evaluate("window.moved") == 0
        assert wrong == []


def test_whoever_asked_for_the_filters_before_the_scripts_came_gets_them(browser: Browser, site: str) -> None:
    with reader(browser, width=320) as (page, wrong):
        held: list[Route] = []
        page.route("**/home.js", lambda route: held.append(route))
        page.goto(site, wait_until="commit")
        page.locator(".filter-panel > summary").click()
        expect(page.locator("#filters")).to_be_hidden()
        held[0].continue_()
        expect(page.locator("#filters")).to_be_visible()
        assert wrong == []


def test_what_was_chosen_before_the_scripts_came_counts(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        held: list[Route] = []
        page.route("**/home.js", lambda route: held.append(route))
        page.goto(site, wait_until="commit")
        page.get_by_role("checkbox", name=re.compile("^Library")).check()
        field(page).fill("mocpy")
        page.wait_for_function("performance.getEntriesByType('resource').length > 0")
        held[0].continue_()
        expect(page.locator("#count")).to_have_text("1 of 37 entries for “mocpy”")
        expect(page).to_have_url(f"{site}?q=mocpy&interface=library")
        expect(page.get_by_role("checkbox", name=re.compile("^Library"))).to_be_checked()
        assert wrong == []


def test_what_nobody_sees_of_the_list_is_not_laid_out_and_is_found_and_reached_all_the_same(
    browser: Browser, site: str
) -> None:
    with reader(browser, width=320) as (page, wrong):
        page.goto(site)
        last = page.locator("#cards > li h3 a").last
        seen = "(link) => link.checkVisibility({ contentVisibilityAuto: true })"
        assert not last.evaluate(seen)
        assert page.evaluate("(text) => window.find(text)", last.text_content())
        page.wait_for_function(seen, arg=last.element_handle())
        page.evaluate("scrollTo(0, 0)")
        page.get_by_role("link", name="All software from A to Z").focus()
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.closest('#cards > li:last-child') !== null")
        assert page.evaluate("document.activeElement.checkVisibility({ contentVisibilityAuto: true })")
        assert wrong == []


# ---- on a phone

KEYBOARD = 300  # pixels that it takes of a small window


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    """The front page in a small window; nothing may go wrong on it."""
    with reader(browser, width=360) as (page, wrong):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(site)
        yield page
        assert wrong == []


def test_on_a_phone_the_first_hit_is_in_sight_while_typing_and_nothing_moves_on(phone: Page) -> None:
    field(phone).click()
    places = set()
    for typed in ("p", "py", "pyt", "pyth", "python", "python not", "zoniverse", "gamma-ray instrument response"):
        field(phone).fill(typed)
        expect(phone.locator("#count")).to_contain_text(f"for “{typed}”")
        hit = phone.locator("#cards > li:visible").first
        if hit.is_visible():
            places.add((top_of(field(phone)), top_of(hit)))
    [(of_field, of_hit)] = places
    assert 0 < of_field < of_hit < 740 - KEYBOARD - 200  # a whole card
    filters, order = phone.locator(".filter-panel > summary"), phone.get_by_label("Sort by")
    assert abs(top_of(filters) - top_of(order)) < 20  # one row
    assert phone.locator("form.place").is_hidden()
    filters.click()
    expect(phone.locator("form.place")).to_be_visible()
    phone.get_by_role("link", name=re.compile("^Show 1 entry")).click()
    expect(phone.locator("#cards > li:visible h3").first).to_be_in_viewport()


def test_on_a_phone_an_emptied_field_stays_where_it_is_and_all_comes_back(phone: Page) -> None:
    field(phone).press_sequentially("cta")
    expect(phone.locator("#count")).to_contain_text("for “cta”")
    expect(phone.locator("h1")).to_have_css("position", "absolute")  # for those who hear it: it takes no room
    before = top_of(field(phone))
    field(phone).fill("")
    settled(phone, "37 entries, runnable ones first")
    expect(phone.locator("h1")).to_have_css("position", "static")
    expect(phone.locator("form.place")).to_be_visible()
    assert abs(top_of(field(phone)) - before) < 2
    field(phone).fill("cta")
    expect(phone.locator("#count")).to_contain_text("for “cta”")
    assert abs(top_of(field(phone)) - before) < 2


def test_on_a_phone_back_and_a_shared_address_have_the_answer_near_the_field_too(phone: Page, site: str) -> None:
    phone.goto(f"{site}?q=cta")
    expect(phone.locator("#count")).to_contain_text("for “cta”")
    assert phone.evaluate("scrollY") == 0
    assert top_of(phone.locator("#cards > li:visible").first) < 740 - KEYBOARD
    phone.locator("#cards > li:visible h3 a").first.click()
    phone.wait_for_url("**/software/**")
    phone.go_back()
    expect(phone.locator("#count")).to_contain_text("for “cta”")
    expect(phone.locator("h1")).to_have_css("position", "absolute")  # for those who hear it: it takes no room


def test_a_wide_window_and_a_page_without_scripts_keep_their_heading(browser: Browser, site: str) -> None:
    for scripts, width in ((True, 1280), (False, 360)):
        with reader(browser, scripts=scripts, width=width) as (page, _):
            page.goto(f"{site}?q=cta")
            if scripts:
                expect(page.locator("#count")).to_contain_text("for “cta”")
                assert page.locator("form.place").is_visible()
            assert page.locator("h1").is_visible()


# ---- the address


def test_a_copied_address_gives_the_same_list_in_another_browser(browser: Browser, page: Page) -> None:
    field(page).fill("gamma-ray")
    page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
    unfold(page, "licence")
    page.locator("input[name=licence][value=not-given]").check()
    page.get_by_label("Sort by").select_option("name")
    page.get_by_role("checkbox", name="Also where it may run").check()
    expect(page).to_have_url(re.compile("q=gamma-ray&interface=notebook&licence=not-given&maybe=1&sort=name$"))
    with reader(browser) as (other, wrong):
        other.goto(page.url)
        expect(other.locator("#count")).to_contain_text("for “gamma-ray”")
        assert shown(other) == shown(page) != []
        expect(other.get_by_label("Sort by")).to_have_value("name")
        expect(other.locator("input[name=licence][value=not-given]")).to_be_checked()
        assert wrong == []


@pytest.mark.case("C5")
def test_back_and_forward_restore_list_focus_and_scroll(page: Page, site: str) -> None:
    before = followed_and_back(page, site, 9)
    page.get_by_role("checkbox", name=re.compile("^Library")).check()
    fewer = shown(page)
    page.go_back()
    expect(page.get_by_role("checkbox", name=re.compile("^Library"))).not_to_be_checked()
    assert shown(page) == before
    page.go_forward()
    expect(page.get_by_role("checkbox", name=re.compile("^Library"))).to_be_checked()
    assert shown(page) == fewer


@pytest.mark.case("C5")
def test_a_page_that_the_browser_keeps_whole_is_left_as_it_is(page: Page) -> None:
    """Chromium lets go of a kept page whose address is written as it is left, and Back would begin it anew."""
    expect(page.locator(".filter-panel.is-ready")).to_be_attached()
    assert (
        page.evaluate("""() => {
      history.replaceState("as it was", "");
      dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
      return history.state;
    }""")
        == "as it was"
    )


@pytest.mark.case("C5")
def test_where_the_reader_was_is_known_when_a_kept_page_is_let_go(page: Page, site: str) -> None:
    page.add_init_script("addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { capture: true })")
    followed_and_back(page, site, 9)
    page.evaluate("scrollTo(0, 123)")
    page.wait_for_timeout(1000)
    assert page.evaluate("history.state.scroll") == 123


def test_a_filter_that_is_not_in_the_catalogue_is_left_out_and_said(page: Page, site: str) -> None:
    page.goto(f"{site}?platform=cobol&facility=__proto__&interface=desktop")
    expect(page.locator("#ignored")).to_have_text(
        "Not in this catalogue, and left out of the filters: Can be launched at “__proto__”, Language or platform “cobol”."
    )
    assert shown(page) == ["TOPCAT"]


@pytest.mark.case("H35")
def test_an_address_with_thousands_of_filters_is_read_up_to_a_hundred_of_each_kind(page: Page, site: str) -> None:
    page.goto(f"{site}?{'&'.join(f'keyword={number}' for number in range(4000))}&interface=desktop&q=topcat")
    expect(page.locator("#ignored")).to_contain_text("Keyword “99”.")
    assert page.locator("#ignored").inner_text().count("Keyword") == 100
    assert shown(page) == ["TOPCAT"]


# ---- nothing found


@pytest.fixture(scope="module", params=["one file", "divided"])
def either(
    request: pytest.FixtureRequest,
    browser: Browser,
    real_catalogue: Catalogue,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The front page of the real catalogue, with either kind of index."""
    at_most = 10**9 if request.param == "one file" else 0
    with hosted(real_catalogue, tmp_path_factory.mktemp("host"), at_most) as address, quiet(browser, address) as page:
        yield page


@pytest.fixture
def front(either: Page) -> Page:
    """That page as it comes, without words and filters."""
    either.goto(urlsplit(either.url)._replace(path="/", query="").geturl())
    return either


def ways(page: Page) -> list[str]:
    """The ways out of an empty answer."""
    expect(page.locator("#nothing")).to_be_visible()
    return page.locator("#nothing-instead li:visible").all_text_contents()


def test_nothing_found_says_which_names_come_near(page: Page, site: str) -> None:
    field(page).fill("gammapi xqzzyplugh")
    expect(page.locator("#count")).to_have_text("0 of 37 entries for “gammapi xqzzyplugh”")
    nothing = page.locator("#nothing")
    expect(nothing).to_contain_text("Nothing found for “gammapi xqzzyplugh”.")
    expect(nothing.locator("#nothing-near a").first).to_have_text("Gammapy")
    assert nothing.locator("#nothing-near a").first.get_attribute("href") == f"{site}software/gammapy/"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        # Words that no entry has are left out, also several, also between others.
        ("import mocpy", ["1 entry without “import”"]),
        ("pip install mocpy", ["1 entry without “pip install”", "4 entries without “install mocpy”"]),
        ("python how to gamma xqzzyplugh", ["7 entries without “xqzzyplugh”"]),
        # If entries have each of the words, but none has all, the fewest are left out; a long word says more than a short one.
        ("gammapy topcat", ["3 entries without “topcat”", "1 entry without “gammapy”"]),
        ("gamma python topcat", ["7 entries without “topcat”", "1 entry without “gamma python”"]),
        ("conda install -c conda-forge gammapy", ["3 entries without “conda install -c conda-forge”", "2 entries without “conda install”, “conda-forge gammapy”"]),
        # Small words are left out without a word, or with their neighbours.
        ("how do I open FITS", ["5 entries without “how do I”, “FITS”", "1 entry without “I open FITS”"]),
        # A misspelt word is guessed as in any query, and that is said.
        ("gammapyy km3", ["1 entry without “gammapyy”", "3 entries without “km3”, by similar spelling"]),
        ("zoniverse xqzzyplugh", ["2 entries without “xqzzyplugh”, by similar spelling"]),
        ("mocpy" + " xqzzyplugh" * 5, ["1 entry without “xqzzyplugh xqzzyplugh xqzzyplugh xqzzyp…”"]),
        ("xqzzyplugh abcdefgh", []),
        ("xqzzyplugh", []),
    ],
)  # fmt: skip
def test_nothing_found_says_what_is_found_with_the_words_that_entries_have_together(
    front: Page, typed: str, offered: list[str]
) -> None:
    field(front).fill(typed)
    expect(front.locator("#count")).to_have_text(f"0 of 37 entries for “{typed}”")
    assert ways(front) == offered


_NO_ANSWER = (
    "pip+install+mocpy",
    "gammapyy+km3",
    "gamma+python+topcat+xqzzyplugh",
    "topcat",
    "mybinder",
    "licence:MIT",
    "",
)


@pytest.mark.parametrize(
    ("filters", "queries"),
    [
        ("", _NO_ANSWER),
        ("licence=mit", _NO_ANSWER[:2]),
        ("interface=notebook&platform=java", _NO_ANSWER[2:4]),
        ("facility=mybinder&maybe=1", _NO_ANSWER[3:5]),
        ("licence=mit&keyword=jupyter", _NO_ANSWER[5:]),
    ],
)
def test_each_way_out_of_an_empty_answer_shows_as_many_entries_as_it_says(
    either: Page, filters: str, queries: tuple[str, ...]
) -> None:
    """Whatever is chosen besides."""
    home = urlsplit(either.url)._replace(path="/", query="").geturl()
    followed = 0
    for words in queries:
        either.goto(f"{home}?q={words}&{filters}")
        expect(either.locator("#count")).to_have_text(re.compile(r"^\d+ (of \d+ )?entr"))
        shown(either)
        links = either.locator("#nothing-instead:visible a, #nothing-elsewhere:visible a[href*='?']").evaluate_all(
            "all => all.map((link) => [link.textContent, link.href])"
        )
        for said, address in links:
            either.goto(address)
            expect(either.locator("#count")).to_have_text(re.compile(r"^(\d+ of )?37 entr"))
            assert len(shown(either)) == int(said.split()[0]), (words, said)
            followed += 1
    assert followed > 0


def test_with_filters_the_words_are_those_that_entries_have_which_pass_them(front: Page) -> None:
    front.goto(f"{front.url}?q=mocpy+topcat&platform=java")
    expect(front.locator("#nothing")).to_contain_text("Nothing found for “mocpy topcat”.")
    assert ways(front) == ["1 entry without “mocpy”"]


def test_if_no_entry_with_these_filters_has_any_of_the_words_they_are_left_out_too(front: Page) -> None:
    home = front.url
    front.goto(f"{home}?q=xqzzyplugh+topcat&interface=notebook&sort=name")
    expect(front.locator("#nothing")).to_contain_text("Nothing found for “xqzzyplugh topcat”.")
    assert ways(front) == ["1 entry without “xqzzyplugh” and the filter Kind: Notebook"]
    front.locator("#nothing-instead a").click()
    expect(front.locator("#count")).to_have_text("1 of 37 entries for “topcat”")
    expect(front).to_have_url(f"{home}?q=topcat&sort=name")
    expect(front.locator("#chosen")).to_be_hidden()


def test_with_the_keyboard_a_way_out_is_the_first_thing_after_the_note_and_leads_back_to_the_field(front: Page) -> None:
    home = front.url
    field(front).fill("pip install mocpy")
    field(front).press("Enter")
    expect(front.locator("#nothing")).to_be_focused()
    front.keyboard.press("Tab")
    expect(front.get_by_role("link", name="1 entry without “pip install”")).to_be_focused()
    front.keyboard.press("Enter")
    settled(front, "1 of 37 entries for “mocpy”")
    expect(field(front)).to_be_focused()
    expect(field(front)).to_have_value("mocpy")
    expect(front).to_have_url(f"{home}?q=mocpy")
    front.go_back()
    expect(field(front)).to_have_value("pip install mocpy")


def test_a_screen_reader_hears_of_the_first_way_out_once(front: Page) -> None:
    note_spoken(front)
    field(front).fill("pip install mocpy")
    settled(front, "0 of 37 entries for “pip install mocpy”; 1 entry without “pip install”")
    front.wait_for_timeout(600)
    assert front.evaluate("window.spoken.filter((text) => !text.startsWith('Loading'))") == [
        "0 of 37 entries for “pip install mocpy”; 1 entry without “pip install”"
    ]
    expect(front.locator("#count")).to_have_text("0 of 37 entries for “pip install mocpy”")


@pytest.mark.parametrize(
    ("typed", "names", "reason", "said"),
    [
        ("see https://doi.org/10.5281/zenodo.10652381", ["eossr"], "The DOI of its version v2.1.0", "identifier"),
        ("Vuillaume et al., (doi: 10.5281/zenodo.10652381).", ["eossr"], "The DOI of its version v2.1.0", "identifier"),
        ("see https://github.com/gammapy/gammapy", ["Gammapy"], "Its repository", "identifier"),
        ("git clone git@github.com:cds-astro/mocpy.git", ["MOCPy"], "Its repository", "identifier"),
        # At the end of a citation, after the last word that a query has.
        ("A. Aa, B. Bb, C. Cc, D. Dd, E. Ee, F. Ff, G. Gg, H. Hh 2024 https://github.com/cds-astro/mocpy", ["MOCPy"], "Its repository", "identifier"),
        # Two of different entries.
        ("https://github.com/cds-astro/mocpy and doi:10.5281/zenodo.10652381", ["MOCPy", "eossr"], "", "identifiers"),
    ],
)  # fmt: skip
def test_an_identifier_is_looked_up_whatever_stands_around_it(
    front: Page, typed: str, names: list[str], reason: str, said: str
) -> None:
    field(front).fill(typed)
    expect(front.locator("#count")).to_contain_text(re.compile(f"^{len(names)} of 37 .*, by the {said} in it$"))
    assert sorted(shown(front)) == names
    if reason:
        assert why(front) == [reason]


def test_words_that_the_entry_has_narrow_an_identifier_as_ever(front: Page) -> None:
    field(front).fill("https://github.com/cds-astro mocpy")
    expect(front.locator("#count")).to_have_text("1 of 37 entries for “https://github.com/cds-astro mocpy”")


def test_a_long_query_is_shortened_where_it_is_quoted_and_whole_in_field_and_address(front: Page) -> None:
    typed = "🔭" * 200 + " xqzzyplugh"
    field(front).fill(typed)
    short = f"“{'🔭' * 79}…”"
    settled(front, f"0 of 37 entries for {short}")
    expect(front.locator("#count")).to_have_text(f"0 of 37 entries for {short}")
    expect(front.locator("#nothing-text")).to_have_text(f"Nothing found for {short}.")
    assert front.title() == f"{'🔭' * 79}… · ESAP Software Catalogue"
    expect(field(front)).to_have_value(typed)
    expect(front).to_have_url(re.compile("xqzzyplugh$"))


@pytest.mark.parametrize(
    ("typed", "filtered"),
    [
        ("licence:MIT", "Licence: MIT"),
        ("Licence: mit", "Licence: MIT"),
        ("platform:c++", "Language or platform: C++"),
        ("Language or platform:C++", "Language or platform: C++"),
        ("facility:mybinder", "Can be launched at: MyBinder"),
        ("licence:", None),
        ("licence:xqzzyplugh", None),
        ("xqzzyplugh:MIT", None),
    ],
)
def test_a_filter_that_is_written_out_is_offered(front: Page, typed: str, filtered: str | None) -> None:
    home = front.url
    field(front).fill(typed)
    expect(front.locator("#count")).to_contain_text(f"for “{typed}”")
    offered = front.locator("#nothing-instead a:visible", has_text=re.compile(" with "))
    if filtered is None:
        expect(offered).to_have_count(0)
        return
    expect(offered).to_have_text(re.compile(f"^\\d+ entr(y|ies) with {re.escape(filtered)}$"))
    number = (offered.text_content() or "").split()[0]
    offered.click()
    expect(front.locator("#count")).to_contain_text(f"{number} of 37 entr")
    expect(front.locator("#chips")).to_contain_text(filtered)
    expect(front.locator("#results-title")).to_be_focused()
    expect(field(front)).to_have_value("")
    assert front.url.startswith(f"{home}?") and "q=" not in front.url


@pytest.mark.parametrize(("typed", "note"), [("mybinder", "#nothing-elsewhere"), ("jive", "#elsewhere")])
def test_the_name_of_a_facility_leads_to_what_launches_there_too(front: Page, typed: str, note: str) -> None:
    home = front.url
    front.goto(f"{home}?q={typed}&platform=python&maybe=1")
    launching = front.locator(f"{note} a", has_text=re.compile("^[0-9]+ entries launch there$"))
    number = (launching.text_content() or "").split()[0]
    launching.click()
    expect(front.locator("#count")).to_have_text(f"{number} of 37 entries")
    assert len(shown(front)) == int(number)
    expect(front).to_have_url(f"{home}?facility={typed}")
    expect(front.locator(f"input[name=facility][value={typed}]")).to_be_checked()
    expect(front.locator("#results-title")).to_be_focused()
    expect(front.locator("#elsewhere")).to_be_hidden()
    front.go_back()
    expect(front).to_have_url(f"{home}?q={typed}&platform=python&maybe=1")


@pytest.mark.parametrize(
    ("typed", "facility", "address"),
    [
        ("mybinder", "MyBinder", "mybinder"),
        ("my binder", "MyBinder", "mybinder"),
        ("mybinder.org", "MyBinder", "mybinder"),
        ("rosetta", "Rosetta @ INAF OATS", "rosetta-inaf"),
        ("oats rosetta", "Rosetta @ INAF OATS", "rosetta-inaf"),
        ("JIVE BinderHub", "JIVE BinderHub", "jive"),
    ],
)
def test_the_name_of_a_facility_leads_to_its_page_where_no_entry_is_found(
    page: Page, site: str, typed: str, facility: str, address: str
) -> None:
    field(page).fill(typed)
    settled(page, f"0 of 37 entries for “{typed}”; there is a page about the facility {facility}")
    link = page.locator("#nothing-elsewhere").get_by_role("link", name=f"the facility {facility}", exact=True)
    expect(page.locator("#nothing-elsewhere li")).to_have_count(1)
    expect(page.locator("#elsewhere")).to_be_hidden()
    link.click()
    page.wait_for_url(f"{site}facilities/{address}/")


@pytest.mark.parametrize(
    ("typed", "facilities"),
    [
        ("renkulab", ["the facility RenkuLab"]),
        ("renku", []),  # the beginning of a word is not yet a name
        ("jive", ["the facility JIVE BinderHub"]),
        ("CTA", []),  # in the middle of a name it means something else
        ("a", []),
    ],
)
def test_the_first_words_of_a_facility_lead_to_its_page_above_the_entries_that_say_them(
    page: Page, typed: str, facilities: list[str]
) -> None:
    field(page).fill(typed)
    expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
    expect(page.locator("#count")).not_to_contain_text(re.compile("^0 "))
    expect(page.locator("#elsewhere li a:first-child")).to_have_text(facilities)


@pytest.fixture(scope="module", params=["one file", "divided"])
def without_one(
    request: pytest.FixtureRequest,
    browser: Browser,
    real_catalogue: Catalogue,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The front page of the real catalogue from which gLike has been withdrawn, with either kind of index."""
    there = [each.slug for each in real_catalogue.software if each.name != "gLike"]
    withdrawn = tuple(each for each in real_catalogue.software if each.name == "gLike")
    catalogue = replace(few(real_catalogue, *there), withdrawn=withdrawn)
    at_most = 10**9 if request.param == "one file" else 0
    with hosted(catalogue, tmp_path_factory.mktemp("host"), at_most) as address, quiet(browser, address) as page:
        yield page


@pytest.mark.parametrize("typed", ["gLike", "g-like", "10.5281/zenodo.4601451", "https://doi.org/10.5281/ZENODO.7342721", "zenodo.org/records/4601451", "see https://doi.org/10.5281/zenodo.4601451."])  # fmt: skip
def test_the_name_or_doi_of_a_withdrawn_entry_leads_to_the_page_that_says_so(without_one: Page, typed: str) -> None:
    field(without_one).fill(typed)
    expect(without_one.locator("#count")).to_have_text(f"0 of 36 entries for “{typed}”")
    link = without_one.locator("#nothing-elsewhere a")
    expect(link).to_have_text("gLike, which was withdrawn (the page says why)")
    assert urlsplit(link.evaluate("each => each.href")).path == "/software/glike/"


def test_no_entry_is_proposed_for_a_doi_that_none_has(without_one: Page) -> None:
    field(without_one).fill("10.5281/zenodo.99")
    settled(without_one, "0 of 36 entries for “10.5281/zenodo.99”")
    expect(without_one.locator("#nothing-near")).to_be_hidden()
    expect(without_one.locator("#nothing-elsewhere")).to_be_hidden()


def test_nothing_found_says_which_filter_to_drop_and_what_that_gains(page: Page, site: str) -> None:
    page.goto(f"{site}?q=topcat&interface=notebook&platform=java")
    nothing = page.locator("#nothing")
    expect(nothing).to_contain_text("Nothing matches “topcat” with these filters.")
    assert ways(page) == ["1 entry without the filter Kind: Notebook", "1 entry without the filters"]
    nothing.get_by_role("link", name="1 entry without the filter Kind: Notebook").click()
    settled(page, "1 of 37 entries for “topcat”")
    expect(page).to_have_url(f"{site}?q=topcat&platform=java")


def test_nothing_found_offers_to_ask_for_it_with_the_words_filled_in(page: Page, site: str) -> None:
    page.goto(f"{site}?q=x+%26+<b>&licence=mit")
    wish = page.get_by_role("link", name="Tell us what is missing")
    parts = urlsplit(wish.get_attribute("href") or "")
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://github.com/esap-catalogue/catalogue/issues/new"
    said = parse_qs(parts.query)
    assert said["title"] == ["Missing from the catalogue: x & <b>"]
    assert "I searched for “x & <b>” and found nothing." in said["body"][0]
    assert "Filters: Licence: MIT" in said["body"][0]


# ---- an index that fails


def whole(route: Route) -> bytes:
    with urlopen(route.request.url, timeout=10) as answer:
        return bytes(answer.read())


def cut(route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body=whole(route)[:20_000])


def of_another_build(route: Route) -> None:
    data = json.loads(whole(route))
    route.fulfill(status=200, content_type="application/json", body=json.dumps({**data, "build": "0123456789ab"}))


def of_another_shape(route: Route) -> None:
    data = json.loads(whole(route))
    route.fulfill(status=200, content_type="application/json", body=json.dumps({"build": data["build"]}))


@pytest.mark.case("C3")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda route: route.abort(), "The search index could not be loaded."),
        (lambda route: route.fulfill(status=503, body="no"), "The search index could not be loaded."),
        (lambda route: route.fulfill(status=404, body="no"), "This page is older than the catalogue, whose search index has changed."),
        (cut, "The search index did not arrive whole."),
        (lambda route: route.fulfill(status=200, body="<html>"), "The search index did not arrive whole."),
        (lambda route: route.fulfill(status=200, body="null"), "The search index is of another build of this site."),
        (of_another_build, "The search index is of another build of this site."),
        (of_another_shape, "The search index did not arrive whole."),
    ],
    ids=["aborted", "refused", "missing", "cut", "no JSON", "null", "another build", "another shape"],
)  # fmt: skip
def test_an_index_that_fails_is_said_the_list_stays_and_a_new_try_mends_it(
    browser: Browser, site: str, answer: Any, said: str
) -> None:
    with reader(browser) as (page, wrong):
        page.route("**/search/*.json", answer)
        page.goto(f"{site}?interface=desktop")
        field(page).fill("topcat")
        expect(page.locator("#failed-text")).to_have_text(said)
        assert shown(page) == ["TOPCAT"]
        expect(page.locator("#count")).to_have_text("1 of 37 entries, not searched")
        page.get_by_role("checkbox", name=re.compile("^Desktop")).uncheck()
        assert len(shown(page)) == 37
        expect(page.locator("#count")).to_have_text("37 entries, not searched")
        page.unroute("**/search/*.json")
        page.get_by_role("button", name="Try again").click()
        settled(page, "1 of 37 entries for “topcat”")
        expect(page.locator("#failed")).to_be_hidden()
        expect(field(page)).to_be_focused()
        assert [each for each in wrong if "exception" in each] == []


@pytest.mark.case("C3")
def test_an_index_that_is_slow_is_waited_for_in_words_and_the_list_stays(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        waiting: list[Route] = []
        page.route("**/search/*.json", lambda route: waiting.append(route))
        page.goto(site)
        field(page).fill("topcat")
        expect(page.locator("#count")).to_have_text("Loading the search index …")
        expect(page.locator("#cards > li:visible")).to_have_count(37)
        waiting[0].continue_()
        settled(page, "1 of 37 entries for “topcat”")
        assert shown(page) == ["TOPCAT"]
        assert wrong == []


A_FEW = ("topcat", "aladin-lite", "gammapy")


def built_anew(catalogue: Catalogue, address: str, folder: Path, word: str) -> None:
    """Publish the catalogue at its address once more, with another keyword, and so with another index."""
    first, *others = catalogue.software
    newer = replace(
        catalogue,
        site=replace(catalogue.site, base_url=address),
        software=(replace(first, keywords=(*first.keywords, word)), *others),
    )
    publish(built(newer), folder / "some" / "path", address)


@pytest.mark.case("C6")
def test_a_page_that_was_open_while_a_new_site_came_still_searches(
    browser: Browser, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    small = few(real_catalogue, *A_FEW)
    with served(small, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        built_anew(small, address, tmp_path, "novelty")
        field(page).fill("topcat")
        settled(page, "1 of 3 entries for “topcat”")
        assert shown(page) == ["TOPCAT"]
        assert wrong == []


@pytest.mark.case("C6")
def test_a_page_that_is_older_than_the_index_offers_to_reload_and_keeps_what_was_asked(
    browser: Browser, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    small = few(real_catalogue, *A_FEW)
    with served(small, tmp_path) as address, reader(browser) as (page, _):
        page.goto(f"{address}?interface=desktop")
        for word in ("novelty", "another"):  # of the site before the last one nothing is left
            built_anew(small, address, tmp_path, word)
        page.route(
            "**/vendor/lunr.js", lambda route: route.fulfill(status=404)
        )  # nor, after a change of scripts, of them
        field(page).fill("topcat")
        expect(page.locator("#failed-text")).to_have_text(
            "This page is older than the catalogue, whose search index has changed."
        )
        page.unroute("**/vendor/lunr.js")
        page.get_by_role("button", name="Reload the page").click()
        settled(page, "1 of 3 entries for “topcat”")
        expect(field(page)).to_have_value("topcat")
        assert shown(page) == ["TOPCAT"]
        expect(page.get_by_role("checkbox", name=re.compile("^Desktop"))).to_be_checked()
        expect(page.locator("#failed")).to_be_hidden()


@pytest.mark.case("C3")
@pytest.mark.parametrize("module", ["home", "words"])
def test_a_search_that_does_not_start_is_said_and_the_query_stays_in_the_field(
    browser: Browser, site: str, module: str
) -> None:
    with reader(browser) as (page, wrong):
        page.route(f"**/js/{module}.js", lambda route: route.fulfill(status=404))
        page.goto(f"{site}?q=top&interface=desktop")
        expect(page.locator("#failed")).to_have_text(
            "The search could not be started: a script did not load. The list below is complete. Reload the page Try again"
        )
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        expect(field(page)).to_have_value("top")
        field(page).fill("topcat")
        page.unroute(f"**/js/{module}.js")
        page.get_by_role("button", name="Reload the page").click()
        settled(page, "1 of 37 entries for “topcat”")
        assert shown(page) == ["TOPCAT"]
        expect(page.locator("#failed")).to_be_hidden()
        assert [each for each in wrong if "exception" in each] == []


@pytest.mark.case("C3")
def test_a_search_that_starts_late_has_not_failed(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        waiting: list[Route] = []
        for late in ("**/js/words.js", "**/vendor/lunr.js"):
            page.route(late, lambda route: waiting.append(route))
        with page.expect_request("**/js/words.js"):
            page.goto(f"{site}?q=topcat", wait_until="commit")
        expect(page.locator("#failed")).to_be_hidden()
        waiting[0].continue_()
        page.wait_for_load_state()
        expect(page.locator("#count")).to_have_text("Loading the search index …")
        expect(page.locator("#failed")).to_be_hidden()
        waiting[1].continue_()
        settled(page, "1 of 37 entries for “topcat”")
        expect(page.locator("#failed")).to_be_hidden()
        assert wrong == []


@pytest.mark.case("C3")
def test_an_index_of_this_build_that_fails_offers_no_reload(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/search/*.json", cut)
        page.goto(site)
        field(page).fill("topcat")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        expect(page.get_by_role("button", name="Reload the page")).to_be_hidden()


# ---- keys, the browser's bar, pages of values


def test_control_k_and_slash_lead_to_the_search_of_any_page_and_the_slash_can_be_switched_off(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        for address, name in (("", "Search software by name"), ("facilities/", "Search the catalogue")):
            page.goto(site + address)
            box = page.get_by_role("searchbox", name=name)
            for key in ("Control+k", "Meta+k", "/"):
                page.locator("body").click(position={"x": 2, "y": 2})
                expect(box).not_to_be_focused()
                page.keyboard.press(key)
                expect(box).to_be_focused()
                expect(box).to_have_value("")
            page.keyboard.type("a/b")
            expect(box).to_have_value("a/b")
        switch = page.get_by_role("checkbox", name="/ jumps there too")
        switch.uncheck()
        page.goto(site)
        expect(page.get_by_role("checkbox", name="/ jumps there too")).not_to_be_checked()
        page.locator("body").click(position={"x": 2, "y": 2})
        page.keyboard.press("/")
        expect(field(page)).not_to_be_focused()
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
        assert wrong == []


def test_a_page_of_a_value_carries_the_filter_into_the_search(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}platform/python/")
        page.get_by_role("searchbox", name="Search these entries").fill("zooniverse")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}?platform=python&q=zooniverse")
        settled(page, "2 of 37 entries for “zooniverse”")
        expect(page.get_by_role("checkbox", name=re.compile("^Python"))).to_be_checked()
        assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        ["All languages and platforms", "Java", "TOPCAT"],
        ["All facilities by what runs there", "JIVE BinderHub", "MOCPy"],
        ["All authors", "Bryan Zaldívar", "mlfermilatdwarfs"],
        ["All keywords", "citizen science", "Zooniverse Muon Hunters"],
        ["All licences", "GPL-2.0-or-later", "Jupyter-CASA"],
        ["All data", "Fermi-LAT data", "mlfermilatdwarfs"],
        ["Launches with and without a login", "Login needed", "MOCPy"],
        ["All software from A to Z", "TOPCAT"],
        ["Newest software", "TOPCAT"],
    ],
    ids=lambda path: path[0],
)
def test_without_scripts_every_entry_is_reached_by_links_through_each_facet(
    browser: Browser, site: str, path: list[str]
) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(site)
        come_to(page.locator("#browse").get_by_role("link", name=path[0], exact=True)).click()
        for name in path[1:]:
            page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator("h1")).to_have_text(path[-1])
        assert wrong == []


def test_the_page_of_a_facility_lists_what_runs_there_and_then_what_may(
    browser: Browser, site: str, real_catalogue: Catalogue
) -> None:
    offers = [each for each in real_catalogue.offers if each.facility == "jive"]
    with reader(browser, scripts=False) as (page, _):
        page.goto(f"{site}facility/jive/")
        lists = page.locator("ol.cards")
        slugs = "all => all.map(card => card.dataset.slug).sort()"
        for number, verdict in enumerate(("yes", "maybe")):
            assert lists.nth(number).locator("> li").evaluate_all(slugs) == sorted(
                each.software for each in offers if each.verdict == verdict
            )


def test_the_buttons_on_the_page_of_a_facility_launch_there(
    browser: Browser, site: str, real_catalogue: Catalogue
) -> None:
    links = {offer.software: offer.url for offer in real_catalogue.offers if offer.facility == "jive"}
    with reader(browser) as (page, _):
        page.goto(site)
        page.locator("form.place select").select_option("mybinder")  # what was chosen elsewhere does not count here
        page.goto(f"{site}facility/jive/")
        buttons = page.locator(".card-act a.button-main, .card-act a.button-second")
        assert buttons.count() > 5
        for button in buttons.all():
            card = button.locator("xpath=ancestor::li")
            link = links[card.get_attribute("data-slug") or ""]
            assert link
            assert button.get_attribute("href") == link
            assert card.locator("[data-where]").inner_text() == "at JIVE BinderHub"


# ---- states at random

ATTRIBUTES = """() => Object.fromEntries([...document.querySelectorAll("#cards > li")].map((card) => [card.dataset.slug,
  Object.fromEntries(card.getAttributeNames().filter((name) => name.startsWith("data-")).map((name) => [name.slice(5), card.getAttribute(name).split(" ")]))]))"""
SHOWN = "() => [...document.querySelectorAll('#cards > li:not([hidden])')].map((card) => card.dataset.slug)"
COUNTS = """() => [...document.querySelectorAll("[data-facet]")].flatMap((facet) =>
  [...facet.querySelectorAll(".choice[data-value]:not([hidden])")].map((choice) =>
    [facet.dataset.facet, choice.dataset.value, Number(choice.querySelector(".count").textContent), choice.querySelector("input").checked]))"""
ACT = """([kind, value]) => {
  const input = kind === "q" ? document.getElementById("q") : kind === "maybe" ? document.getElementById("maybe")
    : kind === "sort" ? document.getElementById("sort") : document.querySelector(`input[name="${kind}"][value="${value}"]`);
  if (kind === "q" || kind === "sort") input.value = value;
  else input.checked = !input.checked;
  input.dispatchEvent(new Event(kind === "q" ? "input" : "change", { bubbles: true }));
}"""
WORDS = ["", "python", "gamma", "notebook", "vuillaume", "c++", "escape data", "cta", "zoniverse", "xqzzyplugh", "mit"]


def listed(page: Page) -> list[str]:
    """The slugs of the entries in the list, once it is complete."""
    expect(page.locator("#cards")).not_to_have_attribute("aria-busy", "true")
    return page.evaluate(SHOWN)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def walking(browser: Browser, site: str) -> Iterator[tuple[Page, dict[str, Any], Any]]:
    """A page to walk on, what its cards say, and a function that gives what words alone find."""
    with reader(browser) as (page, wrong), reader(browser) as (other, _):
        page.goto(site)

        @cache
        def found(words: str) -> frozenset[str]:
            other.goto(f"{site}?q={words.replace('+', '%2B')}")
            expect(other.locator("#count")).to_contain_text(f"for “{words}”" if words else "37 entries")
            return frozenset(listed(other))

        yield page, page.evaluate(ATTRIBUTES), found
        assert wrong == []


def test_on_any_state_the_counts_are_those_of_the_list(walking: tuple[Page, dict[str, Any], Any], site: str) -> None:
    page, cards, found = walking
    values = [(facet, value) for facet, value, _, _ in page.evaluate(COUNTS)]
    steps = st.one_of(
        st.tuples(st.just("q"), st.sampled_from(WORDS)),
        st.sampled_from(values),
        st.sampled_from(values),
        st.just(("maybe", "")),
        st.tuples(st.just("sort"), st.sampled_from(["relevance", "newest", "name"])),
    )

    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
    @given(walk=st.lists(steps, min_size=1, max_size=8))
    def walked(walk: list[tuple[str, str]]) -> None:
        page.goto(site)
        words, maybe = "", False
        chosen: set[tuple[str, str]] = set()
        for kind, value in walk:
            page.evaluate(ACT, [kind, value])
            words = value if kind == "q" else words
            maybe ^= kind == "maybe"
            if kind not in ("q", "maybe", "sort"):
                chosen ^= {(kind, value)}
        expect(page.locator("#count")).to_contain_text(f"for “{words}”" if words else "37 entries")
        if not words:
            expect(page.locator("#count")).not_to_contain_text("for “")
        facets = {facet for facet, _ in values}

        def has(slug: str, facet: str, value: str) -> bool:
            card = cards[slug]
            return value in card.get(facet, []) or (maybe and value in card.get(f"maybe-{facet}", []))

        def fits(slug: str, but: str = "") -> bool:
            wanted = {facet: {value for each, value in chosen if each == facet} for facet in facets - {but}}
            return slug in found(words) and all(
                not of_facet or any(has(slug, facet, value) for value in of_facet) for facet, of_facet in wanted.items()
            )

        assert set(listed(page)) == {slug for slug in cards if fits(slug)}
        for facet, value, said, checked in page.evaluate(COUNTS):
            assert said == sum(fits(slug, facet) and has(slug, facet, value) for slug in cards), (facet, value)
            assert checked == ((facet, value) in chosen)
        shown_first = page.locator("#count").inner_text().split()[0]
        assert shown_first == str(len(listed(page)))

    walked()


# ---- large text


@pytest.mark.case("C7")
@pytest.mark.parametrize("width", [1280, 640, 320])
@pytest.mark.parametrize(
    "address", ["?q=gamma&interface=notebook", "?q=xqzzyplugh+gammapy", "author/", "a-z/", "facility/jive/"]
)
def test_with_text_of_twice_the_size_nothing_is_cut(browser: Browser, site: str, address: str, width: int) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.goto(site + address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.locator("details:not([open])").evaluate_all("all => all.forEach(each => { each.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert wrong == []


def test_a_catalogue_without_entries_says_so_and_finds_nothing(
    browser: Browser, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    empty = replace(real_catalogue, software=(), offers=(), related=())
    with served(empty, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        field(page).fill("gammapy")
        settled(page, "0 of 0 entries for “gammapy”")
        assert wrong == []
