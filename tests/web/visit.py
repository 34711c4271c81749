"""A reader in a real browser, who notices everything that should not happen."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request, Response

FORWARD = '<meta http-equiv="refresh"'  # what a page has that leads on to another

# In the browser: a function that imports one of the site's own modules.
MODULE = """(name) => {
  const home = document.querySelector("script[src$='/js/home.js']").src;
  return import(home.replace(/home\\.js$/, name));
}"""


@contextmanager
def reader(
    browser: Browser, *, scripts: bool = True, width: int = 1280, zoom: float = 1
) -> Iterator[tuple[Page, list[str]]]:
    """A page to walk on, and the list of what went wrong: console errors, CSP violations, foreign or failed requests.

    The browser of the tests finds no other host, so what is asked of one fails.
    """
    context = browser.new_context(
        viewport={"width": int(width / zoom), "height": 900},
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))

    def is_foreign(url: str) -> bool:
        return urlsplit(url).hostname not in ("127.0.0.1", None)

    def asked(request: Request) -> None:
        if is_foreign(request.url):
            wrong.append(f"foreign: {request.url}")

    def answered(response: Response) -> None:
        if is_foreign(response.url):
            wrong.remove(f"foreign: {response.url}")  # the test has answered it: nobody else can
        elif response.status >= 400:
            wrong.append(f"{response.status}: {response.url}")

    def failed(request: Request) -> None:
        # A picture still on its way when the reader follows a link is aborted by the browser itself; and a browser
        # without scripts begins to load the modules that a page names, and stops.
        is_ours = request.failure != "net::ERR_ABORTED" and (scripts or request.resource_type != "script")
        if is_ours and not is_foreign(request.url):
            wrong.append(f"failed: {request.url}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("requestfailed", failed)
    try:
        yield page, wrong
    finally:
        context.close()


@contextmanager
def quiet(browser: Browser, address: str) -> Iterator[Page]:
    """A page at an address to walk on, on which nothing may go wrong."""
    with reader(browser) as (page, wrong):
        page.goto(address)
        yield page
        assert wrong == []


STILL = 4  # looks, a tenth of a second each


def come_to(target: Locator) -> Locator:
    """What stands below a list, once it has its place: cards on the way there are laid out as they come near the window.

    A reader who scrolls is slower than that. Whatever clicks at once may click where it was.
    """
    places: list[object] = []
    while len(places) < STILL or any(each != places[-1] for each in places[-STILL:]):
        target.scroll_into_view_if_needed()
        target.page.wait_for_timeout(100)
        places.append(target.bounding_box())
    return target
