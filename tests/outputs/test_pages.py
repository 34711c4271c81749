"""The frame of pages, and the addresses that have a page."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
import turbohtml

from catalogue.observed import Failure
from catalogue.outputs.files import File
from catalogue.outputs.paging import LISTED, VALUES_LISTED
from catalogue.sources.observed import write_observed
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import catalogue, entry, observed, seen

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


def test_a_catalogue_of_one_entry_says_so_and_an_entry_of_one_fact() -> None:
    found = catalogue(entry(1001))
    [only] = found.software
    of_one_fact = replace(only, provenance=tuple(each for each in only.provenance if each.field == "name"))
    found = replace(found, software=(of_one_fact,))
    files = {file.path: file.text for file in built(found) if file.path.endswith(".html")}
    assert "<summary>1 fact, with its source</summary>" in files[f"software/{only.slug}/index.html"]
    assert '<p class="lead">1 entry of ' in files["index.html"]
    assert "See the only entry" in files["index.html"]
    assert ": 1 record seen, 1 accounted for." in files["status/index.html"]
    assert "<strong>0</strong> pairs should run" in files["status/index.html"]
    assert "<strong>1</strong> does not<" in files["status/index.html"]


def test_the_status_page_counts_the_verdicts_of_the_export_and_front_pages_apart(real_files: list[File]) -> None:
    pages = {file.path: file for file in real_files}
    figures = [each.text for each in turbohtml.parse(pages["status/index.html"].text).select(".figures p")]
    offers = json.loads(pages["api/v1/catalogue.json"].text)["offers"]
    counts = Counter((each["verdict"], each["carries_software"]) for each in offers)
    assert all(counts[kind] for kind in (("yes", True), ("maybe", True), ("maybe", False), ("no", False)))
    assert [each for each in figures if re.search("run|page|do", each)] == [
        f"{counts['yes', True]} pairs should run",
        f"{counts['maybe', True]} may run",
        f"{counts['maybe', False]} are opened by a front page only",
        f"{counts['no', False]} do not",
    ]


def test_a_name_is_listed_under_its_first_letter_or_digit() -> None:
    names = ("“Quasar” fitter", "(py)thing", "Alpha", "3D view", "αβ")
    found = catalogue(*(entry(1001 + number, title=name) for number, name in enumerate(names)))
    assert [each.name for each in found.software] == ["3D view", "Alpha", "(py)thing", "“Quasar” fitter", "αβ"]
    page = next(file.text for file in built(found) if file.path == "a-z/index.html")
    assert re.findall(r'<h2 id="letter-\d" dir="auto">(.*?)</h2>', page) == ["0–9", "A", "P", "Q", "Α"]


@pytest.mark.case("B16")
def test_a_forge_that_is_down_does_not_make_the_status_page_too_large() -> None:
    down = Failure(since="2026-01-01T00:00:00Z", why="answered 503 Service Unavailable")
    repositories = (seen(f"https://github.com/owner/tool-{n}", failing=down) for n in range(LISTED + 2))
    text = write_observed(observed(*repositories))
    page = next(file.text for file in built(catalogue(entry(1001), observed=text)) if file.path == "status/index.html")
    assert page.count('<li><code dir="auto">https://github.com/owner/tool-') == LISTED
    assert "<li>and 2 more, in <code>snapshot/observed/repositories.json</code></li>" in page


def test_the_page_of_changes_lists_as_many_feeds_as_a_page_of_values() -> None:
    records = [
        entry(1001 + 2 * n, slug=f"tool-{n}", keywords=tuple(f"word {n} {k}" for k in range(60))) for n in range(10)
    ]
    page = next(file.text for file in built(catalogue(*records)) if file.path == "changes/index.html")
    assert page.count('href="../feeds/keyword/') == VALUES_LISTED
    assert "and 100 more: the page of each value links to its feed" in page
