"""The frame of pages, and the addresses that have a page."""

import pytest
import turbohtml

from catalogue.outputs.files import File
from tests.conftest import built
from tests.test_golden import small_catalogue

BASE = "https://catalogue.example.org/"


@pytest.fixture(scope="module")
def pages() -> dict[str, File]:
    return {file.path: file for file in built(small_catalogue())}


def said(page: File) -> dict[str, str]:
    """The metadata of the page for link previews."""
    found = turbohtml.parse(page.text).select("meta[property]")
    return {str(each.attrs["property"]).removeprefix("og:"): str(each.attrs["content"]) for each in found}


@pytest.mark.parametrize(
    ("address", "title", "description"),
    [
        ("", "Small catalogue", "Two tools and a hub."),
        ("software/sky/", "sky", "Draws the sky. And more."),
        ("go/sky/", "Run sky", "Where sky can run, best first."),
    ],
)
def test_a_chat_can_preview_a_link(pages: dict[str, File], address: str, title: str, description: str) -> None:
    found = said(pages[f"{address}index.html"])
    image = found.pop("image").removeprefix(BASE)
    assert pages[image].content.startswith(b"\x89PNG")
    assert found == {
        "type": "website",
        "site_name": "Small catalogue",
        "url": BASE + address,
        "title": title,
        "description": description,
    }


def test_programs_without_svg_get_an_icon(pages: dict[str, File]) -> None:
    icons = turbohtml.parse(pages["index.html"].text).select("link[rel*=icon]")
    assert [str(each.attrs["href"]).rpartition("/")[2] for each in icons] == ["mark.ico", "mark.svg", "mark-180.png"]
    assert all(str(each.attrs["href"]) in pages for each in icons)


@pytest.mark.parametrize(("address", "to"), [("software/", "../"), ("go/", "../a-z/"), ("feeds/", "../changes/#feeds")])
def test_a_folder_without_a_page_redirects(pages: dict[str, File], address: str, to: str) -> None:
    page = turbohtml.parse(pages[f"{address}index.html"].text)
    [forward] = page.select("meta[http-equiv=refresh]")
    assert forward.attrs["content"] == f"0; url={to}"
    assert page.select(f"main a[href='{to}']")


def test_every_guide_is_listed_at_their_common_parent(pages: dict[str, File]) -> None:
    links = turbohtml.parse(pages["add/index.html"].text).select("main li a")
    assert [each.attrs["href"] for each in links][-2:] == ["../add/facility/", "../add/notebook/"]


def test_the_404_page_links_to_all_entries_and_to_how_one_is_added(pages: dict[str, File]) -> None:
    links = [each.attrs["href"] for each in turbohtml.parse(pages["404.html"].text).select("main a")]
    assert {"/a-z/", "/add/"} <= {*links}
