"""Badges: what they say, at which addresses, and that any name fits in."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import turbohtml

from catalogue.launch.offers import offers
from catalogue.model import Catalogue, Facility, Software, Verdict
from catalogue.observed import Health, Observed, Probe
from catalogue.outputs.badges import (
    WITHDRAWN,
    Badge,
    badge_files,
    badge_markdown,
    catalogue_badge,
    entry_badge,
    pair_badge,
)
from catalogue.outputs.files import File
from catalogue.outputs.launch_views import OfferView, offer_view
from catalogue.sources.facilities import read_facilities
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import catalogue, entry, facility, notebook, software

BASE = "https://catalogue.example.org/"
GREEN, AMBER, GREY = "#177a47", "#8a5a00", "#5f6a80"
SVG = "{http://www.w3.org/2000/svg}"

READY = notebook()
DOUBTFUL = notebook(seen=None)
DESKTOP_PROGRAM = software()
HUB, OTHER_HUB, CLOSED = facility(name="My Hub"), facility(slug="other"), facility(slug="old", closed="2026-01")


def rows(tool: Software, *facilities: Facility) -> list[OfferView]:
    """What the page of an entry shows of these facilities."""
    by_slug = {each.slug: each for each in facilities}
    made = offers([tool], facilities)
    return [offer_view(each, tool, by_slug[each.facility], Observed(), BASE) for each in made]


def texts(svg: str) -> list[str]:
    """The texts that an SVG draws."""
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def message(file: File) -> str:
    """What an SVG says on its right."""
    return texts(file.text)[1]


def drawn(badge: Badge) -> str:
    """A badge as SVG."""
    return next(badge_files("", badge, {})).text


@pytest.mark.parametrize(
    ("tool", "facilities", "on_the_web", "says", "colour"),
    [
        (READY, [HUB], False, "at 1 facility", GREEN),
        (READY, [HUB, OTHER_HUB, CLOSED], False, "at 2 facilities", GREEN),
        (DOUBTFUL, [HUB], False, "maybe at 1 facility", AMBER),
        (DOUBTFUL, [HUB, OTHER_HUB, CLOSED], False, "maybe at 2 facilities", AMBER),
        (READY, [HUB], True, "on the web", GREEN),
        (DESKTOP_PROGRAM, [], True, "on the web", GREEN),
        (READY, [CLOSED], False, "nowhere yet", GREY),
        (READY, [], False, "nowhere yet", GREY),
    ],
)
def test_the_badge_of_an_entry_says_where_it_runs(
    tool: Software, facilities: list[Facility], on_the_web: bool, says: str, colour: str
) -> None:
    assert entry_badge(rows(tool, *facilities), on_the_web=on_the_web) == Badge("run it", says, colour)


@pytest.mark.parametrize(
    ("tool", "at", "badge"),
    [
        (READY, HUB, Badge("My Hub", "should run", GREEN)),
        (DOUBTFUL, HUB, Badge("My Hub", "may run", AMBER)),
        (READY, replace(HUB, closed="2026-01"), Badge("My Hub", "not here", GREY)),
    ],
)
def test_the_badge_of_a_pair_gives_the_verdict_and_turns_grey_with_no(
    tool: Software, at: Facility, badge: Badge
) -> None:
    assert [pair_badge(each) for each in rows(tool, at)] == [badge]


@pytest.mark.parametrize("health", Health)
def test_a_facility_that_is_down_changes_no_badge(health: Health) -> None:
    asked = Probe(facility="hub", url=HUB.url, health=health, asked="2026-06-01T03:41:00Z")
    [row] = rows(READY, replace(HUB, probe=asked))
    assert (row.verdict, pair_badge(row).message) == (Verdict.YES, "should run")


def test_a_badge_is_the_same_bytes_in_each_build() -> None:
    own = Badge("run it", "at 1 facility", GREEN)
    [image, data, svg] = badge_files("go/tool/", own, {"hub": Badge("My Hub", "ready", GREEN)})
    assert svg.path == "go/tool/hub/badge.svg"
    assert svg.text == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="20" viewBox="0 0 99 20" role="img" '
        'aria-label="My Hub: ready"><title>My Hub: ready</title><rect width="99" height="20" rx="3" fill="#177a47"/>'
        '<path d="M3 0h51v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#3b4252"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        '<text x="6" y="14" textLength="42" lengthAdjust="spacingAndGlyphs">My Hub</text>'
        '<text x="60" y="14" textLength="33" lengthAdjust="spacingAndGlyphs">ready</text></g></svg>\n'
    )
    assert (image.path, texts(image.text)) == ("go/tool/badge.svg", ["run it", "at 1 facility"])
    assert data.path == "go/tool/badge.json"
    assert data.text == '{"color":"177a47","label":"run it","message":"at 1 facility","schemaVersion":1}\n'
    assert not any(each.listed for each in (image, data, svg))


@pytest.mark.case("H28")
@pytest.mark.parametrize(
    "name",
    [
        "A & B <script>alert(1)</script> \"'",
        "]]> --> <!-- &amp; &#0;",
        'x" onload="alert(1)',
        "Sternwarte Größenwahn",
        "国立天文台データ解析システム",
        "مرصد القاهرة الفلكي",
        "מצפה הכוכבים",
        "หอดูดาวแห่งชาติ",
        "x\u0301" * 20,
        "👩‍🔬 Lab",
        "M" * 300,
        "a word " * 40 + "end",
    ],
)
def test_any_name_of_a_facility_is_text_in_a_badge(name: str) -> None:
    written = f"facilities:\n  - {{id: hub, name: {json.dumps(name, ensure_ascii=False)}, kind: binderhub, url: 'https://hub.example.org/', description: A}}\n"
    [found], problems = read_facilities(written)
    assert problems == []
    badge = pair_badge(rows(READY, found)[0])
    svg = drawn(badge)
    root = ElementTree.fromstring(svg)
    label, message = texts(svg)
    assert (label, message) == (badge.label, "should run")
    assert label == found.name if len(found.name) <= 40 else (label.endswith(" …") and len(label) <= 42)
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == f"{label}: {message}"
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {"svg", "title", "rect", "path", "g", "text"}
    assert not re.search(r"\b(?:href|src|style|url\(|on\w+=\")", re.sub(r">[^<]*<|aria-label=\"[^\"]*\"", "", svg))
    ends = [int(each.get("x", "")) + int(each.get("textLength", "")) for each in root.iter(f"{SVG}text")]
    assert 0 < ends[0] < ends[1] < int(root.get("width", "")) < 550


def test_text_has_enough_contrast_on_every_part_of_every_badge(real_files: list[File]) -> None:
    fills = {
        fill
        for file in (*real_files, *badge_files("", WITHDRAWN, {}))
        if file.path.endswith("badge.svg")
        for fill in re.findall(r'fill="(#[0-9a-f]{6})"', file.text)
    }
    assert {GREEN, AMBER, GREY} < fills
    assert {fill for fill in fills if 1.05 / (_luminance(fill) + 0.05) < 4.5} == set()


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(scope="module", params=["real", "small"])
def files(request: pytest.FixtureRequest, real_files: list[File]) -> dict[str, File]:
    """The real site, and a small one with a tombstone and an entry that has moved."""
    every = real_files if request.param == "real" else built(small_catalogue())
    return {file.path: file for file in every}


def test_every_launch_page_has_a_badge_beside_it_and_no_other_page_has_one(files: dict[str, File]) -> None:
    pages = {path.removesuffix("index.html") for path in files if re.fullmatch(r"go/.+/index\.html", path)}
    assert pages
    images, data = (
        {path.removesuffix(name) for path in files if path.rpartition("/")[2] == name}
        for name in ("badge.svg", "badge.json")
    )
    assert images == pages | {""}
    assert data == {path for path in pages if path.count("/") == 2}


def test_a_badge_as_json_says_what_the_image_says(files: dict[str, File]) -> None:
    for path, file in files.items():
        if path.endswith("badge.json"):
            said = json.loads(file.text)
            svg = files[path.replace(".json", ".svg")].text
            assert texts(svg) == [said["label"], said["message"]]
            assert f'fill="#{said["color"]}"' in svg
            assert {**said, "label": "", "message": "", "color": ""} == {
                "schemaVersion": 1, "label": "", "message": "", "color": "",
            }  # fmt: skip


def test_badges_say_what_the_pages_say(files: dict[str, File]) -> None:
    for path, file in files.items():
        if not re.fullmatch(r"software/[^/]+/index\.html", path) or 'http-equiv="refresh"' in file.text:
            continue
        go = f"go/{path.split('/')[1]}/"
        page = turbohtml.parse(file.text)
        ready = [str(each.attrs["data-facility"]) for each in page.select("#run .offer-yes")]
        unsure = {
            str(each.attrs["data-facility"]): each.select(".button")[0].text
            for each in page.select("#run .offer-maybe")
        }
        may_run = [slug for slug, button in unsure.items() if not button.startswith("Visit")]
        visits = [slug for slug in unsure if slug not in may_run]
        not_here = [str(each.attrs["id"]).removeprefix("at-") for each in page.select("#run .refusals [id]")]
        if page.select(".note-warn") and not page.select("#run"):
            assert message(files[f"{go}badge.svg"]) == "withdrawn"
            continue
        said = message(files[f"{go}badge.svg"])
        if page.select("#run .opens"):
            assert said == "on the web"
        elif ready or may_run:
            count = len(ready or may_run)
            assert said == f"{'' if ready else 'maybe '}at {count} facilit{'y' if count == 1 else 'ies'}"
        else:
            assert said == "nowhere yet"
        for words, slugs in (
            ("should run", ready),
            ("may run", may_run),
            ("front page only", visits),
            ("not here", not_here),
        ):
            assert {message(files[f"{go}{slug}/badge.svg"]) for slug in slugs} <= {words}


def test_what_an_entry_offers_for_a_readme_leads_to_files_that_exist(files: dict[str, File]) -> None:
    offered = 0
    for path, file in files.items():
        if re.fullmatch(r"software/[^/]+/index\.html", path):
            page = turbohtml.parse(file.text)
            for code in page.select("#badge, #badge-at"):
                found = re.fullmatch(r"\[!\[.+\]\((?P<image>\S+)\)\]\((?P<page>\S+)\)", code.text)
                assert found
                base = found["page"].partition("go/")[0]
                assert found["image"] == f"{found['page']}badge.svg"
                assert found["image"].removeprefix(base) in files
                assert f"{found['page'].removeprefix(base)}index.html" in files
                offered += 1
    assert offered > 4


def test_a_badge_at_a_former_address_is_a_copy_since_images_follow_no_page(files: dict[str, File]) -> None:
    if "go/tables/index.html" not in files:
        return
    copies = [path for path in files if path.startswith("go/tables/") and "badge." in path]
    assert len(copies) == 2 + 3
    assert [files[path].content for path in copies] == [
        files[path.replace("go/tables/", "go/table-tool/")].content for path in copies
    ]


def test_all_badges_of_a_withdrawn_entry_say_so_also_at_its_former_addresses() -> None:
    own = "software:\n  - id: a\n    formerly: [b]\n    name: A\n    left_out: nobody keeps it up any more\n"
    found = {file.path: file for file in built(catalogue(entry(), notebooks=own))}
    for go in ("go/a/", "go/a/binder/", "go/b/", "go/b/binder/"):
        assert texts(found[f"{go}badge.svg"].text) == ["run it", "withdrawn"]
        assert f'fill="{GREY}"' in found[f"{go}badge.svg"].text


def test_badges_turn_grey_when_the_facility_closes() -> None:
    def badges(of: Catalogue) -> dict[str, str]:
        return {file.path: message(file) for file in built(of) if re.fullmatch(r"go/sky/.*\.svg", file.path)}

    open_one = small_catalogue()
    places = [replace(each, closed="2026-01") for each in open_one.facilities]
    closed = replace(open_one, facilities=tuple(places), offers=offers(open_one.software, places))
    assert badges(open_one)["go/sky/old-hub/badge.svg"] == "should run"
    assert badges(closed) == {
        "go/sky/badge.svg": "nowhere yet",
        **{f"go/sky/{each.slug}/badge.svg": "not here" for each in places},
    }


def test_the_badge_of_the_whole_catalogue_stays_at_its_address() -> None:
    file = catalogue_badge(replace(catalogue().site, title="A <b> & c"))
    assert file.path == "badge.svg"
    assert texts(file.text) == ["run it", "A <b> & c"]


def test_a_badge_as_markdown_is_an_image_that_links_to_the_launch_page() -> None:
    assert badge_markdown("Run it: The [best]", f"{BASE}go/tool/") == (
        rf"[![Run it: The \[best\]]({BASE}go/tool/badge.svg)]({BASE}go/tool/)"
    )
