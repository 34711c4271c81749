"""A reader in a real browser, who notices everything that should not happen."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

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

    def failed(request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            wrong.append(f"foreign: {request.url}")
        # A picture still on its way when the reader follows a link is aborted by the browser itself; and a browser
        # without scripts begins to load the modules that a page names, and stops.
        elif request.failure != "net::ERR_ABORTED" and (scripts or request.resource_type != "script"):
            wrong.append(f"failed: {request.url}")

    page.on("requestfailed", failed)
    page.on(
        "response",
        lambda response: wrong.append(f"{response.status}: {response.url}") if response.status >= 400 else None,
    )
    try:
        yield page, wrong
    finally:
        context.close()
