"""Walks of readers who launch: what a link promises, and what the page says that it rests on."""

from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, expect

from .visit import reader


def test_a_facility_that_is_down_tonight_is_marked_and_offered_behind_the_others(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/")
        card = page.locator(".facility-card", has_text="SKAO BinderHub")
        assert card.locator(".warn").inner_text() == "Unhealthy since 1 June"
        page.goto(f"{site}software/mocpy/")
        order = page.locator("[data-offers] > .offer").evaluate_all("rows => rows.map(row => row.dataset.facility)")
        assert (order[0], order[-2:]) == ("mybinder", ["cscs-cta", "skao-binderhub"])
        row = page.locator("#at-skao-binderhub")
        row.locator("summary").click()
        assert "Unhealthy at the last check:" in row.inner_text()
        assert row.get_by_role("link", name="Launch MOCPy at SKAO BinderHub").is_visible()
        page.goto(f"{site}go/mocpy/skao-binderhub/")
        assert page.url == f"{site}go/mocpy/skao-binderhub/"  # nobody is sent on unasked
        assert "The last good answer was on 31 May 2026" in page.locator("main").inner_text()
        assert wrong == []


def test_an_author_asks_why_there_is_no_button_and_is_told_the_file_and_the_fix(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/gammalearn/")
        refusal = page.locator(".refusals li:has(#at-mybinder)")
        assert "there is a folder binder and a folder .binder: remove one of them" in refusal.inner_text()
        check = page.locator(".check-bad")
        assert check.inner_text().replace("\n", "") == (
            "✗problem:Its environment cannot be built: there is a folder binder and a folder .binder. To do: remove one of them."
        )
        page.goto(f"{site}software/ctlearn/")
        assert "add binder/requirements.txt" in page.locator("#ready").inner_text()
        assert wrong == []


def test_the_citation_that_is_copied_with_its_launch_link_is_of_one_version(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}software/cds-tutorials/")
        page.get_by_role("button", name="Copy it with the launch link").click()
        page.locator("#copied", has_text="Citation and launch link copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        cited, launch, others = copied.split("\n")
        assert "(v1.0.3)" in cited
        assert launch == "Launch this version: https://mybinder.org/v2/gh/cds-astro/tutorials/v1.0.3?urlpath=lab"
        assert others.endswith("/go/cds-tutorials/")
        assert wrong == []


def test_an_author_takes_bibtex_and_a_badge_along(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}software/cds-tutorials/")
        for name, begins, has in (
            ("BibTeX", "@software{cds-tutorials,\n", "  version = {v1.0.3},\n"),
            ("Badge", "[![Run it: ", "/go/cds-tutorials/)"),
        ):
            page.locator("summary", has_text=name).click()
            page.get_by_role("button", name=f"Copy the {name}").click()
            page.locator("#copied", has_text=f"{name} copied").wait_for()
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied.startswith(begins)
            assert has in copied
        assert page.get_by_role("img", name="Run it").evaluate("each => each.naturalWidth") > 100
        assert wrong == []


@pytest.mark.parametrize("width", [320, 1280])
def test_that_something_is_copied_is_said_at_its_button_and_nothing_moves(
    browser: Browser, site: str, width: int
) -> None:
    with reader(browser, width=width) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}software/cds-tutorials/")
        for summary in ("BibTeX", "Badge", "A cell that fetches"):
            page.locator("summary", has_text=summary).click()
        box = "(element) => JSON.parse(JSON.stringify(element.getBoundingClientRect()))"
        for button in page.locator("[data-copy], [data-copy-of]").all():
            name = (button.text_content() or "").strip()
            for edge in ("start", "end"):  # of the window
                button.evaluate("(each, block) => each.scrollIntoView({ block })", edge)
                before, height = button.evaluate(box), page.evaluate("document.documentElement.scrollHeight")
                button.click()
                said = button.locator(".copy-said")
                expect(said).to_have_text(button.get_attribute("data-done") or "")
                expect(said).to_be_in_viewport(ratio=1)
                place = said.evaluate(box)
                assert min(abs(place["top"] - before["bottom"]), abs(place["bottom"] - before["top"])) < 10
                assert button.evaluate(box) == before
                assert page.evaluate("document.documentElement.scrollHeight") == height
                assert page.evaluate("document.documentElement.scrollWidth") == width
                expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()  # its name stays
        expect(page.get_by_role("status").filter(has_text="copied")).to_have_text("Badge copied")
        expect(page.locator(".copy-said")).to_have_count(0)
        expect(page.locator("#copied")).to_have_text("")
        assert wrong == []


def test_the_lines_that_a_contributor_copies_are_those_that_are_shown(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}add/facility/")
        page.get_by_role("button", name="Copy").click()
        page.locator("#copied", has_text="Lines copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#example").text_content()
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
        page.get_by_role("button", name="Copy").click()
        page.locator("#copied", has_text="Selected: copy it now").wait_for()
        assert page.evaluate("getSelection().toString()").startswith("  - id: my-hub")
        assert wrong == []


def test_beside_the_version_that_is_cited_todays_code_can_be_launched_and_says_so(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}software/cds-tutorials/")
        row = page.locator("#at-mybinder")
        assert "(v1.0.3, the cited version)" in row.inner_text()
        other = row.get_by_role("link", name="today’s code, not version v1.0.3 of CDS tutorials at MyBinder")
        assert other.get_attribute("href") == "https://mybinder.org/v2/gh/cds-astro/tutorials/HEAD?urlpath=lab"
        assert wrong == []


def test_every_notebook_can_be_opened_at_every_facility_that_opens_files_without_scripts(
    browser: Browser, site: str
) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}software/cds-tutorials/")
        for item in page.locator(".notebooks > li").all():
            path = item.locator("code").inner_text()
            links = item.locator("a")
            assert links.count() == 4
            for link in links.all():
                href = link.get_attribute("href") or ""
                assert unquote(unquote(href)).endswith(f"/v1.0.3?urlpath=lab/tree/{path}")
        assert wrong == []


def test_how_often_it_was_launched_is_said_where_it_is_known(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}software/mocpy/")
        assert page.locator(".launched").all_inner_texts() == [
            "Launched 14 times in the last 30 days on mybinder.org, last on 1 June 2026."
        ]
        page.goto(f"{site}software/agnpy/")
        assert page.locator(".launched").all_inner_texts() == [
            "No launch seen on mybinder.org in the last 30 days; the last was on 2 March 2026."
        ]
