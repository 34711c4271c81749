"""Walks of readers in a real browser, on the site of the real records of June 2026, under a subpath."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from catalogue.model import Catalogue

from .visit import come_to, reader

MOCPY_AT_JIVE = "http://jupyter.jive.nl/binderhub/v2/gh/cds-astro/mocpy/HEAD?urlpath=lab"


def shown(page: Page) -> list[str]:
    """The names of the entries in the list, in their order."""
    expect(page.locator("#cards")).not_to_have_attribute("aria-busy", "true")  # the list is there to its end
    return page.locator("#cards > li:visible").evaluate_all("cards => cards.map(card => card.dataset.name)")  # type: ignore[no-any-return]


def count(page: Page, facet: str, value: str) -> int:
    return int(page.locator(f"[data-facet={facet}] [data-value='{value}'] .count").inner_text())


def unfold(page: Page, facet: str) -> None:
    page.locator(f"[data-facet={facet}] > summary").click()


def settled(page: Page, text: str) -> None:
    expect(page.locator("#status")).to_have_text(text)


def followed_and_back(page: Page, site: str, number: int) -> list[str]:
    """Search, follow a result far down the list, and come back: list, focus and scroll are as they were. Gives the list."""
    page.goto(f"{site}?q=python")
    expect(page.locator("#count")).to_contain_text("for “python”")
    before = shown(page)
    card = page.locator("#cards > li:visible h3 a").nth(number)
    card.focus()
    card.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 300
    place = place_in_window(card)
    name = card.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/software/**")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("for “python”")
    assert shown(page) == before
    link = page.get_by_role("link", name=name, exact=True).first
    expect(link).to_be_focused()
    assert abs(place_in_window(link) - place) < 5
    return before


def place_in_window(link: Locator) -> float:
    """How far from the top of the window it stands, once what came into the window is laid out."""
    frames = "new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"
    return float(link.evaluate(f"async (link) => {{ await {frames}; return link.getBoundingClientRect().top; }}"))


@pytest.mark.case("C5")
def test_whoever_types_before_back_has_found_the_place_stays_in_the_field(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        followed_and_back(page, site, 9)
        page.keyboard.press("Enter")
        page.wait_for_url("**/software/**")
        held: list[Route] = []
        page.route("**/search/*.json", lambda route: held.append(route))
        page.go_back(wait_until="commit")
        expect(page.locator(".filter-panel.is-ready")).to_be_attached()
        box = page.get_by_role("searchbox", name="Search software")
        box.fill("moc")
        for each in held:
            each.continue_()
        settled(page, "2 of 37 entries for “moc”")
        page.keyboard.type("py")
        settled(page, "1 of 37 entries for “mocpy”")
        expect(box).to_be_focused()
        assert page.evaluate("scrollY") == 0
        assert len(held) == 1
        assert wrong == []


def test_a_reader_types_half_a_name_follows_it_and_sees_the_exact_launch_address(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("searchbox", name="Search software").fill("mocp")
        settled(page, "1 of 37 entries for “mocp”")
        assert shown(page) == ["MOCPy"]
        page.get_by_role("link", name="MOCPy", exact=True).click()
        expect(page).to_have_url(f"{site}software/mocpy/")
        launch = page.get_by_role("link", name="Launch MOCPy at JIVE BinderHub")
        assert launch.get_attribute("href") == MOCPY_AT_JIVE
        assert wrong == []


@pytest.mark.case("C4")
def test_the_same_walk_works_without_scripts_through_links(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(site)
        expect(page.get_by_role("searchbox")).to_have_count(0)
        come_to(page.locator("#browse").get_by_role("link", name="Notebook", exact=True)).click()
        expect(page).to_have_url(f"{site}interface/notebook/")
        page.get_by_role("link", name="MOCPy", exact=True).click()
        launch = page.get_by_role("link", name="Launch MOCPy at JIVE BinderHub")
        assert launch.get_attribute("href") == MOCPY_AT_JIVE
        assert wrong == []


def test_every_entry_is_in_the_html_before_any_script_runs(
    browser: Browser, site: str, real_catalogue: Catalogue
) -> None:
    with reader(browser, scripts=False) as (page, _):
        page.goto(site)
        assert sorted(shown(page)) == sorted(each.name for each in real_catalogue.software)


def test_b6_words_and_all_facets_combine_and_all_results_are_reachable(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("searchbox").fill("gamma")
        expect(page.locator("#status")).to_have_text(re.compile("for “gamma”"))
        words_alone = shown(page)
        page.get_by_role("checkbox", name=re.compile("^Library")).check()
        page.get_by_role("checkbox", name=re.compile("^Command-line tool")).check()
        unfold(page, "licence")
        page.get_by_role("checkbox", name=re.compile("^MIT")).check()
        expect(page.locator("#filter-count")).to_have_text("3 chosen")
        both = shown(page)
        assert set(both) < set(words_alone)
        cards = page.locator("#cards > li:visible")
        for place in range(cards.count()):
            kinds = (cards.nth(place).get_attribute("data-interface") or "").split()
            assert {"library", "command-line"} & set(kinds)
            assert cards.nth(place).get_attribute("data-licence") == "mit"
        assert count(page, "licence", "mit") == len(both)
        assert wrong == []


def test_counts_are_those_of_the_list_that_a_choice_gives(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}?q=python")
        expect(page.locator("#status")).to_have_text(re.compile("for “python”"))
        said = count(page, "interface", "notebook")
        page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
        expect(page.locator("#filter-count")).to_have_text("1 chosen")
        assert len(shown(page)) == said > 0


@pytest.mark.case("C5")
def test_the_state_is_in_the_address_and_back_restores_it(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("searchbox").fill("cta")
        page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
        expect(page).to_have_url(f"{site}?q=cta&interface=notebook")
        expect(page.locator("#status")).to_have_text(re.compile("for “cta”"))
        before = shown(page)
        page.locator("#cards > li:visible h3 a").first.click()
        page.wait_for_url("**/software/**")
        page.go_back()
        expect(page.get_by_role("searchbox")).to_have_value("cta")
        expect(page.locator("#status")).to_have_text(re.compile("for “cta”"))
        assert shown(page) == before
        with reader(browser) as (other, _):
            other.goto(f"{site}?q=cta&interface=notebook")
            expect(other.locator("#status")).to_have_text(re.compile("for “cta”"))
            assert shown(other) == before
        assert wrong == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("zaldivar", "mlfermilatdwarfs"),
        ("francois-xavier pineau", "MOC Lib Rust"),
        ("topcat", "TOPCAT"),
        ("aper.tif", "Apertif Visualization"),
        ("Zooniverse: Advanced", "Zooniverse: Advanced Project Building"),
        ("CSIC-IAA", "HCG-16 pipeline"),
    ],
)
def test_names_authors_and_other_names_are_found_whatever_their_marks_and_signs(
    browser: Browser, site: str, typed: str, first: str
) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("searchbox").fill(typed)
        expect(page.locator("#status")).to_have_text(re.compile(f"for “{re.escape(typed)}”"))
        assert first in shown(page)[:2]
        assert wrong == []


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("gammapy", ["Gammapy"]),  # before the notebooks that use it
        ("gamapy", ["Gammapy"]),
        ("aladin lite", ["Aladin Lite"]),
        ("hcg 16", ["HCG-16 pipeline"]),
        ("CTA", ["CTA gammapy Example"]),
        ("gamm", ["GammaLearn", "Gammapy"]),
        ("MOC", ["MOC Lib Rust", "MOCPy"]),
    ],
)
def test_a_name_that_is_the_query_or_begins_with_it_stands_first(
    browser: Browser, site: str, typed: str, names: list[str]
) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}?q={typed}")
        expect(page.locator("#status")).to_have_text(re.compile(f"for “{typed}”"))
        assert sorted(shown(page)[: len(names)]) == names


def test_a_language_with_signs_is_that_language(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}?q=C%2B%2B")
        expect(page.locator("#status")).to_have_text(re.compile("for “C"))
        assert {"FairMQ", "R3BRoot", "gLike"} <= set(shown(page))
        assert not {"agnpy", "eossr"} & set(shown(page))


def test_a_mistyped_word_is_found_and_said_to_be_a_guess(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}?q=zoniverse")
        expect(page.locator("#status")).to_have_text("2 of 37 entries for “zoniverse”, by similar spelling")
        assert set(shown(page)) == {"Zooniverse: Advanced Project Building", "Zooniverse Muon Hunters"}


@pytest.mark.case("H35")
def test_nothing_found_repeats_the_words_as_text_and_offers_a_way_on(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("searchbox").fill("<img src=x onerror=alert(1)> xqzzyplugh")
        settled(page, "0 of 37 entries for “<img src=x onerror=alert(1)> xqzzyplugh”")
        expect(page.locator("#nothing")).to_contain_text("Nothing found for “<img src=x onerror=alert(1)> xqzzyplugh”")
        page.get_by_role("button", name="See all 37 entries").click()
        settled(page, "37 entries, runnable ones first")
        expect(page.get_by_role("searchbox")).to_be_focused()
        assert wrong == []


def test_words_that_only_the_filters_hide_are_not_said_to_be_nowhere(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}?q=topcat&interface=notebook")
        expect(page.locator("#nothing")).to_contain_text("Nothing matches “topcat” with these filters.")
        page.get_by_role("link", name="1 entry without the filter Kind: Notebook").click()
        settled(page, "1 of 37 entries for “topcat”")
        expect(page).to_have_url(f"{site}?q=topcat")
        expect(page).to_have_title("topcat · ESAP Software Catalogue")
        page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
        page.get_by_role("button", name="Clear the filters").click()
        expect(page.get_by_role("checkbox", name=re.compile("^Notebook"))).not_to_be_checked()
        assert wrong == []


@pytest.mark.case("C3")
def test_an_index_that_cannot_be_fetched_is_said_and_the_list_stays(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/search/*.json", lambda route: route.fulfill(status=503, body="no"))
        page.goto(site)
        page.get_by_role("searchbox").fill("mocpy")
        expect(page.locator("#failed")).to_be_visible()
        assert len(shown(page)) == 37
        page.unroute("**/search/*.json")
        page.get_by_role("button", name="Try again").click()
        settled(page, "1 of 37 entries for “mocpy”")
        expect(page.locator("#failed")).to_be_hidden()


def test_the_index_and_lunr_are_fetched_only_when_the_search_is_used(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site, wait_until="networkidle")
        assert not [url for url in asked if "/search/" in url or "lunr" in url]
        with page.expect_request("**/search/*.json"), page.expect_request("**/vendor/lunr.js"):
            page.get_by_role("searchbox").focus()
        page.get_by_role("searchbox").fill("mocpy")
        settled(page, "1 of 37 entries for “mocpy”")
        assert len([url for url in asked if "/search/" in url]) == 1
        assert len([url for url in asked if "lunr" in url]) == 1


def test_the_search_of_another_page_leads_to_the_answer(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/jive/")
        page.get_by_role("searchbox", name="Search the catalogue").fill("topcat")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}?q=topcat")
        settled(page, "1 of 37 entries for “topcat”")
        assert wrong == []


@pytest.mark.case("C8")
def test_a_reader_with_the_keyboard_only_reaches_a_launch_link(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("mocpy")
        settled(page, "1 of 37 entries for “mocpy”")
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.closest('.card') !== null"):
                break
        expect(page.get_by_role("link", name="MOCPy", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}software/mocpy/")
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").startswith("Launch"):
                break
        focused = page.locator(":focus")
        assert focused.get_attribute("href") == "https://mybinder.org/v2/gh/cds-astro/mocpy/HEAD?urlpath=lab"
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        assert wrong == []


def test_the_catalogues_own_launch_address_forwards_when_it_runs(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        with page.expect_event("requestfailed", lambda request: "mybinder.org" in request.url):
            page.goto(f"{site}go/mocpy/mybinder/", wait_until="commit")
        assert "foreign: https://mybinder.org/v2/gh/cds-astro/mocpy/HEAD?urlpath=lab" in wrong


@pytest.mark.parametrize(
    "address", ["go/mocpy/jive/", "go/mocpy/cscs-cta/", "go/topcat/mybinder/", "go/gammapy/mybinder/", "go/mocpy/"]
)
def test_it_stays_where_the_reader_has_to_be_told_something(browser: Browser, site: str, address: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site + address)
        page.wait_for_timeout(300)
        expect(page).to_have_url(site + address)
        assert wrong == []


def test_b1_the_blank_notebook_is_one_click_from_the_front_page(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.get_by_role("link", name="Start with a blank notebook").click()
        launch = page.get_by_role("link", name="Launch Blank notebook at MyBinder")
        assert launch.get_attribute("href") == "https://mybinder.org/v2/gh/ESAP-WP5/binder-empty/HEAD?urlpath=lab"
        assert wrong == []


@pytest.mark.case("B12")
def test_a_page_that_is_not_there_leads_on_at_any_depth(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/no/such/thing/", wait_until="networkidle")
        page.get_by_role("link", name="All software, with search").click()
        expect(page).to_have_url(site)
        assert wrong == [f"404: {site}software/no/such/thing/", *[each for each in wrong if "404 (" in each]]


def test_a_switch_shows_what_was_chosen_last_when_a_reader_comes_back_to_a_page(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        switch = page.get_by_role("checkbox", name="/ jumps there too")
        switch.uncheck()
        switch.check()  # a browser keeps what was touched, and restores it
        page.goto(f"{site}facilities/")
        switch.uncheck()
        page.go_back()
        page.wait_for_load_state("load")
        expect(switch).not_to_be_checked()
        page.reload()
        page.wait_for_load_state("load")
        expect(switch).not_to_be_checked()
        assert wrong == []
