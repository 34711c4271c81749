"""A catalogue of more entries than stand on one page: light at first, whole once it is searched, and readable without scripts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from bench.worlds import synthetic_catalogue, write_site
from catalogue.model import Catalogue, Licence
from catalogue.outputs.order import list_order
from catalogue.outputs.paging import LISTED

from .front import few, front_files, hosted
from .visit import come_to, reader

COUNT = 2 * LISTED + 20


@pytest.fixture(scope="module")
def long_catalogue() -> Catalogue:
    return synthetic_catalogue(COUNT)


@pytest.fixture(scope="module")
def long_site(long_catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hosted(long_catalogue, tmp_path_factory.mktemp("long")) as address:
        yield address


def cards(page: Page) -> int:
    return page.locator("#cards > li").count()


def absent(page: Page, catalogue: Catalogue) -> str:
    """The name of an entry that the first part of the list does not have."""
    here = set(page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)"))
    return next(each.name for each in reversed(catalogue.software) if each.slug not in here)


def test_the_rest_of_the_list_comes_when_it_is_searched_and_not_before(
    browser: Browser, long_site: str, long_catalogue: Catalogue
) -> None:
    with reader(browser) as (page, wrong):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(long_site, wait_until="networkidle")
        assert cards(page) == LISTED
        assert not [url for url in asked if "/page/" in url or "/search/" in url]
        name = absent(page, long_catalogue)
        box = page.get_by_role("searchbox", name="Search software by name")
        box.fill(name)
        expect(page.locator("#status")).to_have_text(re.compile(f"^1 of {COUNT} entries for “{name}”$"))
        assert cards(page) == COUNT
        expect(page.locator(".pager")).to_have_count(0)
        link = page.locator("#cards > li:visible h3 a")
        expect(link).to_have_text(name)
        expect(box).to_have_value(name)
        link.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.go_back()
        expect(page.locator("#status")).to_have_text(re.compile(f"^1 of {COUNT} entries for “{name}”$"))
        assert wrong == []


def test_a_filter_that_is_chosen_first_counts_the_whole_list(
    browser: Browser, long_site: str, long_catalogue: Catalogue
) -> None:
    notebooks = sum("notebook" in each.interfaces for each in long_catalogue.software)
    author = max(long_catalogue.software, key=lambda each: each.slug).authors[0]
    with reader(browser) as (page, wrong):
        page.goto(long_site)
        page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
        expect(page.locator("#count")).to_have_text(f"{notebooks} of {COUNT} entries")
        expect(page).to_have_url(f"{long_site}?interface=notebook")
        page.get_by_role("button", name="Clear the filters").click()
        page.locator("details[data-facet=author]").evaluate("each => { each.open = true }")
        page.get_by_role("textbox", name="Find in Author").fill(author.name)
        choice = page.locator("[data-facet=author] .choice:visible", has_text=author.name)
        having = sum(author in each.authors for each in long_catalogue.software)
        expect(choice.locator(".count")).to_have_text(str(having))
        choice.locator("input").check()
        expect(page.locator("#count")).to_have_text(re.compile(f"^{having} of {COUNT} entr"))
        assert wrong == []


def test_a_copied_address_of_a_search_begins_with_the_whole_list(browser: Browser, long_site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{long_site}?interface=library&sort=name")
        expect(page.locator("#count")).to_contain_text(f"of {COUNT} entries")
        names = page.locator("#cards > li:visible").evaluate_all(
            "all => all.map(card => card.dataset.name.toLowerCase())"
        )
        assert names == sorted(names)
        assert wrong == []


def test_the_chosen_facility_is_followed_by_what_comes_later(browser: Browser, long_site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(long_site)
        page.locator("form.place select").select_option("jive")
        said = page.locator("#place-said")
        expect(said).to_contain_text(f"of {COUNT} entries should run at JIVE BinderHub")  # as the filters count
        page.get_by_role("searchbox", name="Search software by name").focus()
        expect(page.locator("#cards > li")).to_have_count(COUNT)
        expect(page.locator("[data-where]").last).to_have_text("at JIVE BinderHub")
        assert wrong == []


def test_a_list_that_does_not_come_is_said_and_the_pages_stay(browser: Browser, long_site: str) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="no")

    with reader(browser) as (page, _):
        page.route("**/page/2/", refuse)
        page.goto(long_site)
        box = page.get_by_role("searchbox", name="Search software by name")
        box.fill("nova")
        expect(page.locator("#failed")).to_contain_text(
            "The whole list could not be loaded, so it cannot be searched. It goes on from page to page."
        )
        assert page.locator("#cards > li:visible").count() == LISTED
        expect(page.get_by_role("navigation", name="Pages of all software")).to_be_visible()
        page.unroute("**/page/2/")
        page.get_by_role("button", name="Reload the page").click()
        expect(page.locator("#failed")).to_be_hidden()
        box.fill("zzzz")
        expect(page.locator("#status")).to_contain_text(f"0 of {COUNT} entries")


def fewer(catalogue: Catalogue) -> Catalogue:
    """Ten entries of the first page are gone: what stood on the second has moved up."""
    return few(catalogue, *(each.slug for each in list_order(catalogue)[10:]))


def with_a_new_licence(catalogue: Catalogue) -> Catalogue:
    """As many entries, of which the last one has a licence that the filter of the older page does not know."""
    last = list_order(catalogue)[-1].slug
    other = Licence(spdx="0BSD")
    software = (replace(each, licence=other) if each.slug == last else each for each in catalogue.software)
    return replace(catalogue, software=tuple(software))


@pytest.mark.case("C6")
@pytest.mark.parametrize("rebuilt", [fewer, with_a_new_licence])
def test_a_list_whose_other_pages_are_of_a_newer_site_is_not_mixed_and_offers_to_reload(
    browser: Browser, long_catalogue: Catalogue, tmp_path: Path, rebuilt: Callable[[Catalogue], Catalogue]
) -> None:
    newer = rebuilt(long_catalogue)
    with hosted(long_catalogue, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        write_site(front_files(newer), tmp_path)
        box = page.get_by_role("searchbox", name="Search software by name")
        box.fill("python")
        expect(page.locator("#failed")).to_contain_text("The whole list could not be loaded, so it cannot be searched.")
        expect(page.locator("#count")).to_have_text(f"{COUNT} entries, runnable ones first")
        assert cards(page) == LISTED
        expect(page.get_by_role("navigation", name="Pages of all software")).to_be_visible()
        assert wrong == ["exception: the search index: gone"]
        page.get_by_role("button", name="Reload the page").click()
        expect(page.locator("#count")).to_have_text(re.compile(f" of {len(newer.software)} entries for “python”$"))
        box.fill("")
        page.get_by_role("checkbox", name=re.compile("^Notebook")).check()
        notebooks = sum("notebook" in each.interfaces for each in newer.software)
        expect(page.locator("#count")).to_have_text(f"{notebooks} of {len(newer.software)} entries")
        expect(page.locator("#failed")).to_be_hidden()
        assert len(wrong) == 1


def test_a_list_whose_search_does_not_start_is_not_called_complete(browser: Browser, long_site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/js/home.js", lambda route: route.abort())
        page.goto(long_site)
        expect(page.locator("#failed-text")).to_have_text("The search could not be started: a script did not load.")
        expect(page.locator("#failed-list")).to_be_hidden()
        expect(page.get_by_role("navigation", name="Pages of all software")).to_be_visible()


def test_thousands_of_entries_are_counted_with_separators(browser: Browser, tmp_path: Path) -> None:
    many = 2010
    with hosted(synthetic_catalogue(many, alike=True), tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        page.locator("form.place select").select_option("jive")
        expect(page.locator("#place-said")).to_contain_text("of 2,010 entries should run at JIVE BinderHub")
        page.get_by_label("Sort by").select_option("name")
        expect(page.locator("#more")).to_have_text("Show 50 more of 2,010")
        expect(page.locator("#show-results")).to_have_text("Show 2,010 entries")
        page.get_by_role("searchbox", name="Search software by name").fill("a")
        expect(page.locator("#count")).to_have_text(re.compile("^1,[0-9]{3} of 2,010 entries for “a”$"))
        assert wrong == []


@pytest.mark.case("C4")
def test_without_scripts_every_entry_is_reached_from_page_to_page(
    browser: Browser, long_site: str, long_catalogue: Catalogue
) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(long_site)
        found: list[str] = []
        while True:
            found += page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)")
            onward = page.get_by_role("link", name="Next", exact=True)
            if not onward.count():
                break
            come_to(onward).click()
            page.wait_for_load_state()
        assert sorted(found) == sorted(each.slug for each in long_catalogue.software)
        expect(page).to_have_title(f"Software, page 3 of 3 · {long_catalogue.site.title}")
        assert wrong == []
