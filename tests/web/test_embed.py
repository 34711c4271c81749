"""A facility's list in a frame on the site of its operator, in a real browser."""

import threading
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from catalogue.edge.serve import server
from tests.host_rules import HOSTS, sent

from .visit import reader


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Publishes a page with these elements on a site of its own, another origin than the catalogue; gives its URL."""
    http = server(tmp_path, 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()

    def publish(elements: str, style: str = "") -> str:
        text = f"<!doctype html><html lang=en><title>Our hub</title><style>{style}</style><h1>Our hub</h1>{elements}"
        (tmp_path / "index.html").write_text(text, "utf-8")
        return f"http://127.0.0.1:{http.server_port}/"

    yield publish
    http.shutdown()


def line(page: Page, site: str, slug: str) -> str:
    """The line of HTML, copied from the page of a facility."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}facilities/{slug}/")
    page.locator("summary", has_text="Show this list on your site").click()
    page.get_by_role("button", name="Copy the line of HTML").click()
    page.locator("#copied", has_text="Line copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def frame(page: Page, name: str) -> FrameLocator:
    return page.frame_locator(f"iframe[title='Software to run at {name}']")


def test_the_copied_line_shows_the_list_on_another_site_and_a_launch_leaves_it(
    browser: Browser, site: str, operator: Callable[[str], str]
) -> None:
    with reader(browser) as (page, wrong):
        address = operator(line(page, site, "mybinder"))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address, wait_until="networkidle")
        shown = frame(page, "MyBinder")
        expect(shown.get_by_role("heading", level=1)).to_have_text("Software to run at MyBinder")
        launch = shown.get_by_role("link", name="Launch MOCPy at MyBinder")
        expect(launch).to_be_visible()
        # The page, the page in the frame, and its style sheet: no script, and no other host.
        assert [url.rpartition("/")[2] for url in asked] == ["", "", "site.css"]
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc, urlsplit(site).netloc}
        assert page.context.cookies() == []
        page.route("https://mybinder.org/**", lambda route: route.fulfill(body="Binder", content_type="text/html"))
        launch.click()
        page.wait_for_url("https://mybinder.org/v2/**")
        assert len(page.frames) == 1
        page.go_back()
        frame(page, "MyBinder").get_by_role("link", name="MOCPy", exact=True).click()
        page.wait_for_url(f"{site}software/mocpy/")
        assert wrong == []


def test_it_needs_no_script_and_works_in_a_frame_of_240_pixels(
    browser: Browser, site: str, operator: Callable[[str], str]
) -> None:
    with reader(browser) as (page, _):
        copied = line(page, site, "jive")
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(operator(f'<div style="width: 240px">{copied}</div>'))
        shown = frame(page, "JIVE BinderHub")
        shown.locator("summary").click()
        launch = shown.locator("details .button").last
        launch.scroll_into_view_if_needed()
        expect(launch).to_be_visible()
        widths = "element => [element.scrollWidth, element.clientWidth]"
        wide, window = shown.locator("html").evaluate(widths)
        assert wide <= window <= 240
        assert wrong == []


def test_in_a_sandbox_its_links_leave_the_frame_if_it_contains_what_the_page_of_the_facility_names(
    browser: Browser, site: str, operator: Callable[[str], str]
) -> None:
    with reader(browser) as (page, _):  # the browser reports the scripts with which the test looks into the frame
        copied = line(page, site, "jive")
        needed = page.locator("code", has_text="allow-").inner_text()
        page.goto(operator(copied.replace("<iframe", f'<iframe sandbox="{needed}"')))
        frame(page, "JIVE BinderHub").get_by_role("link", name="agnpy", exact=True).click()
        page.wait_for_url(f"{site}software/agnpy/")


@pytest.mark.parametrize(
    ("style", "text"),
    [("", "rgb(22, 27, 38)"), (":root { color-scheme: dark; background: #123 }", "rgb(233, 237, 245)")],
)
def test_it_is_light_or_dark_as_the_line_says_and_lies_on_the_background_of_the_page(
    browser: Browser, site: str, operator: Callable[..., str], style: str, text: str
) -> None:
    with reader(browser) as (page, _):
        copied = line(page, site, "mybinder")
    with reader(browser) as (page, wrong):
        page.emulate_media(color_scheme="null")  # what the browser is asked to emulate goes before what the page says
        assert copied.count("color-scheme: light") == 1
        scheme = "color-scheme: dark" if "dark" in style else "color-scheme: light"
        page.goto(operator(copied.replace("color-scheme: light", scheme), style), wait_until="networkidle")
        body = frame(page, "MyBinder").locator("body")
        assert body.evaluate("each => getComputedStyle(each).color") == text
        assert body.evaluate("each => getComputedStyle(each).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert wrong == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_reads_headers_lets_other_sites_frame_the_list_and_no_other_page(
    browser: Browser, site: str, operator: Callable[[str], str], host: str
) -> None:
    with reader(browser) as (page, _):
        rules = page.request.get(f"{site}_headers").text()

        def as_that_host(route: Route) -> None:
            answer = route.fetch()
            headers = sent(rules, urlsplit(route.request.url).path, host)
            route.fulfill(response=answer, headers={**answer.headers, **headers})

        copied = line(page, site, "mybinder")
        address = operator(f'{copied}<iframe src="{escape(site)}facilities/mybinder/" title="Whole page"></iframe>')
        listed = frame(page, "MyBinder").locator("h1")
        whole = page.frame_locator("iframe[title='Whole page']").locator("h1")
        page.goto(address)
        expect(listed).to_have_text("Software to run at MyBinder")
        expect(whole).to_have_text("MyBinder")  # this server sends no headers
        page.route(f"{site}**", as_that_host)
        page.goto(address, wait_until="networkidle")
        expect(listed).to_have_text("Software to run at MyBinder")
        expect(whole).to_have_count(0)
