"""Finds a browser for the tests. As a program it prints which, or an error, with exit code 1."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

# The headless shell first: a full Chromium opens a window for each context even if headless, which takes a third of its time.
_ON_PATH = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = ("/Applications/Chromium.app/Contents/MacOS/Chromium",)
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # tests reach no other host
)


def launch(playwright: Playwright) -> Browser:
    """Launch a browser: the one of BROWSER_PATH, else Playwright's own, else Chrome or Edge, else the system's Chromium.

    Raises RuntimeError if there is none: tests that need a browser fail then, and are never skipped.
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
