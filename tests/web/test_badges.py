"""Badges in a real browser: as files on a disk, without a network, and on the page of an entry."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from catalogue.outputs.badges import WITHDRAWN, Badge, badge_files
from catalogue.outputs.files import File

from .visit import reader

NAMES = [
    "MyBinder",
    "A & B <script>alert(1)</script> \"'",
    "iiiiilllll IIIII",
    "WWWWWMMMMM@@@@@",
    "Sternwarte Größenwahn",
    "国立天文台データ解析システム",
    "مرصد القاهرة الفلكي",
    "x\u0301\u0302" * 20,
]


def test_a_badge_renders_from_a_file_without_a_network_in_its_size(
    browser: Browser, real_files: list[File], tmp_path: Path
) -> None:
    every = {file.content for file in real_files if file.path.endswith("badge.svg")}
    every |= {
        next(badge_files("", each, {})).content
        for each in (WITHDRAWN, *(Badge(name, "ready", "#177a47") for name in NAMES))
    }
    assert len(every) > 20
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for number, content in enumerate(sorted(every)):
        path = tmp_path / f"{number}.svg"
        path.write_bytes(content)
        page.goto(path.as_uri())
        # Each text ends where its part of the badge does, less the padding: the text neither overflows nor leaves a gap.
        seen = page.evaluate("""() => {
          const box = (each) => { const { x, width } = each.getBoundingClientRect(); return [x, x + width]; };
          const root = document.documentElement;
          return {
            size: [root.width.baseVal.value, root.height.baseVal.value],
            parts: [document.querySelector("path"), document.querySelector("rect")].map(box),
            texts: [...document.querySelectorAll("text")].map(box),
          };
        }""")
        (_, middle), (_, end) = seen["parts"]
        assert seen["size"] == [end, 20]
        for (left, right), (begins, ends) in zip(seen["texts"], ((0, middle), (middle, end)), strict=True):
            assert abs(left - begins - 6) <= 2
            assert abs(ends - 6 - right) <= 2
        assert asked.pop() == path.as_uri()
        assert asked == []
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_author_sees_the_badge_of_the_entry_and_that_of_its_best_facility(
    browser: Browser, site: str, scripts: bool
) -> None:
    with reader(browser, scripts=scripts, width=320) as (page, wrong):
        page.goto(f"{site}software/cds-tutorials/")
        summary = page.locator("summary", has_text="Badge for a README")
        summary.focus()
        page.keyboard.press("Enter")
        shown = page.locator(".badge img")
        expect(shown).to_have_count(2)
        for each, words, go in zip(
            shown.all(), ("run it: at ", "MyBinder: should run"), ("", "mybinder/"), strict=True
        ):
            each.scroll_into_view_if_needed()
            page.wait_for_function("(each) => each.complete && each.naturalWidth > 50", arg=each.element_handle())
            assert each.evaluate("each => each.naturalHeight") == 20
            assert (each.get_attribute("alt") or "").startswith(words)
            assert each.locator("..").evaluate("link => link.href") == f"{site}go/cds-tutorials/{go}"
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        assert wrong == []
