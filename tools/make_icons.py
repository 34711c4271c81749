"""Render `templates/static/img/mark.svg` as icons for programs that accept no SVG, with the browser of the tests.

    python -m tools.make_icons

Run by hand when the mark has changed.
"""

import re
import struct
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.find_browser import launch

IMAGES = Path(__file__).parents[1] / "templates" / "static" / "img"
ICO_SIZE, TOUCH_SIZE = 32, 180  # pixels, as browsers and phones expect


def main() -> None:
    """Write both icons next to the mark."""
    mark = (IMAGES / "mark.svg").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        (IMAGES / "mark.ico").write_bytes(ico(drawn(browser, mark, ICO_SIZE)))
        # Phones round the corners themselves, and show transparency as black.
        whole = re.sub(r'(<rect [^>]*?) rx="\d+"', r"\1", mark, count=1)
        (IMAGES / "mark-180.png").write_bytes(drawn(browser, whole, TOUCH_SIZE))
        browser.close()


def drawn(browser: Browser, svg: str, size: int) -> bytes:
    """The drawing as a PNG of `size` × `size` pixels, with its transparency."""
    page = browser.new_page(viewport={"width": size, "height": size})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{svg}")
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


def ico(png: bytes) -> bytes:
    """An .ico file with one image, stored as PNG.

    Source: https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
    """
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", ICO_SIZE, ICO_SIZE, 0, 0, 1, 32, len(png), len(head) + 16)
    return head + entry + png


if __name__ == "__main__":
    main()
