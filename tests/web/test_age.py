"""Old data says so by the reader's clock: the build may not run any more, so it cannot say it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import served
from tests.test_golden import small_catalogue

from .visit import come_to, reader

LOOKED = "2026-11-22T03:00:00Z"


@pytest.fixture(scope="module")
def fresh_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose data was new when it was built."""
    small = small_catalogue()
    fresh = replace(small, built=LOOKED, harvest=replace(small.harvest, harvested=LOOKED, looked=LOOKED, note=None))
    with served(fresh, tmp_path_factory.mktemp("fresh")) as address:
        yield address


@pytest.mark.case("P7", "B8")
@pytest.mark.parametrize(
    ("now", "old"),
    [
        ("2026-11-22T03:00:01Z", False),
        ("2026-11-25T03:00:00Z", False),
        ("2026-11-25T03:00:01Z", True),
        ("2036-11-22T03:00:00Z", True),
        ("2016-11-22T03:00:00Z", False),  # a wrong clock: no age is negative
    ],
)
@pytest.mark.parametrize("address", ["", "software/table-tool/"])
def test_three_days_after_the_last_harvest_every_page_says_that_its_data_is_old(
    browser: Browser, fresh_site: str, address: str, now: str, old: bool
) -> None:
    with reader(browser) as (page, wrong):
        page.clock.set_fixed_time(now)
        page.goto(fresh_site + address)
        page.wait_for_load_state("load")
        banner = page.get_by_role("complementary", name="Age of the data")
        if old:
            expect(banner).to_contain_text(
                "Data of 22 November 2026, 03:00 UTC: Zenodo has not been read since, and records there may have changed."
            )
            expect(banner.locator("time")).to_have_attribute("datetime", LOOKED)
        else:
            expect(banner).to_be_hidden()
        expect(page.get_by_role("contentinfo")).to_contain_text("records as of 22 November 2026, 03:00 UTC.")
        assert wrong == []


def test_a_page_whose_age_cannot_be_read_is_as_it_was(browser: Browser, fresh_site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/age.json", lambda route: route.fulfill(body="<p>no JSON"))
        page.goto(fresh_site)
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("contentinfo")).to_contain_text("records as of the last harvest.")
        expect(page.get_by_role("complementary", name="Age of the data")).to_be_hidden()


@pytest.mark.case("P7", "C4")
def test_without_scripts_it_is_the_build_that_says_so(browser: Browser, fresh_site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(fresh_site)
        expect(page.locator(".age")).to_be_hidden()
        expect(page.get_by_role("contentinfo")).to_contain_text("records as of the last harvest.")
        come_to(page.get_by_role("link", name="What the harvest brought")).click()
        expect(page.get_by_role("main")).to_contain_text("as of 22 November 2026, 03:00 UTC")
        assert wrong == []
