"""The committed icons for programs that accept no SVG."""

import struct

from playwright.sync_api import Browser

from catalogue.edge.checkout import assets
from tools.make_icons import ICO_SIZE, TOUCH_SIZE, drawn, ico

PNG = b"\x89PNG\r\n\x1a\n"


def sides(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_committed_icons_have_the_sizes_that_are_asked_for_and_are_small() -> None:
    icon, touch = assets()["img/mark.ico"], assets()["img/mark-180.png"]
    assert sides(touch) == (TOUCH_SIZE, TOUCH_SIZE)
    png = icon[icon.index(PNG) :]
    assert sides(png) == (ICO_SIZE, ICO_SIZE)
    assert ico(png) == icon
    assert len(icon) + len(touch) < 8_000


def test_a_mark_is_drawn_in_the_size_that_is_asked_for(browser: Browser) -> None:
    assert sides(drawn(browser, assets()["img/mark.svg"].decode(), 16)) == (16, 16)
