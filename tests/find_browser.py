"""Find a real browser for the tests. Run as a program it prints which, or says that there is none and exits 1."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

# A shell opens no windows, which a whole Chromium does for each reader even without a screen: a third of its time.
_ON_PATH = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = ("/Applications/Chromium.app/Contents/MacOS/Chromium",)
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no test asks anybody else
)


def launch(playwright: Playwright) -> Browser:
    """A browser: what BROWSER_PATH names, else Playwright's own, else Chrome or Edge, else Chromium of the system.

    Raises RuntimeError where there is none; a test that needs a browser fails then, and is never skipped.
    """
    arguments = [*_ARGUMENTS]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root with its sandbox
    said = os.environ.get("BROWSER_PATH")
    paths = [said] if said else [path for name in _ON_PATH if (path := shutil.which(name))]
    paths += [] if said else [path for path in _ON_MACOS if Path(path).is_file()]
    if not said:
        for options in ({}, {"channel": "chrome"}, {"channel": "msedge"}):
            try:
                return playwright.chromium.launch(args=arguments, **options)  # type: ignore[arg-type]
            except PlaywrightError:
                continue
    for path in paths:
        return playwright.chromium.launch(executable_path=path, args=arguments)
    raise RuntimeError("there is no browser: install Chromium, or set BROWSER_PATH")


if __name__ == "__main__":
    try:
        with sync_playwright() as found:
            browser = launch(found)
            sys.stdout.write(f"browser: {browser.browser_type.name} {browser.version}\n")
            browser.close()
    except (RuntimeError, PlaywrightError, OSError) as error:
        sys.exit(str(error))
