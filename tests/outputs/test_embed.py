"""A facility's list for frames on other sites: what is in it, and the line of HTML that frames it."""

from dataclasses import replace
from typing import Any

import turbohtml
from turbohtml import Document

from catalogue.launch.offers import offers
from catalogue.model import Catalogue
from catalogue.outputs.embed import frame_html
from catalogue.outputs.files import File
from catalogue.outputs.paging import LISTED
from tests.conftest import built
from tests.world import catalogue, entry, facility, notebook

# The parts of a facility's page, and where their entries are in its list for frames.
PARTS = {"yes": "main > .runs", "maybe": "main > details .runs"}


def hub(count: int = 1, **says: Any) -> Catalogue:
    """A catalogue of so many notebooks and one hub."""
    every = tuple(notebook(f"tool-{number}", summary=f"What {number} is for.") for number in range(count))
    places = (facility(slug="hub", name="Hub", **says),)
    return replace(
        catalogue(entry(1001)), software=every, facilities=places, offers=offers(every, places), related=(), accounts=()
    )


def page_and_embedded(files: list[File], slug: str = "hub") -> tuple[Document, Document]:
    """The page of a facility, and its list for frames."""
    by_path = {file.path: file for file in files}
    page, embed = (by_path[f"facilities/{slug}/{name}index.html"] for name in ("", "embed/"))
    return turbohtml.parse(page.text), turbohtml.parse(embed.text)


def embedded(found: Catalogue) -> Document:
    """The list of the hub."""
    return page_and_embedded(built(found))[1]


def launches(page: Document, within: str) -> list[tuple[str, str]]:
    """The name and the launch link of each entry in a part of a page."""
    names, links = page.select(f"{within} > li > div > a"), page.select(f"{within} > li > a")
    return [(name.text, str(link.attrs["href"])) for name, link in zip(names, links, strict=True)]


def test_it_has_the_entries_of_the_facility_s_page_with_the_same_launches(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    seen = set()
    for slug in (each.slug for each in real_catalogue.facilities):
        page, embed = page_and_embedded(real_files, slug)
        for part, where in PARTS.items():
            of_page = launches(page, f"[aria-labelledby={part}-title] .runs")
            assert launches(embed, where) == of_page, (slug, part)
            seen |= {part} if of_page else set()
        visited = [each.text for each in page.select("section > .inline-list a")]
        assert [each.text for each in embed.select(".inline-list a")] == visited
        seen |= {"visits"} if visited else set()
    assert seen == {*PARTS, "visits"}


def test_each_entry_has_its_summary_and_a_link_to_its_page() -> None:
    [row] = embedded(hub()).select(".runs > li")
    assert [each.text for each in row.select(".summary")] == ["What 0 is for."]
    assert [str(each.attrs["href"]) for each in row.select("div > a")] == ["../../../software/tool-0/"]


def test_what_may_run_is_folded_up_only_below_what_should() -> None:
    both = hub(2)
    first, second = both.software
    unknown = replace(second, editions=tuple(replace(each, readiness=None) for each in second.editions))
    for every, is_open in (((first, unknown), False), ((unknown,), True)):
        found = replace(both, software=every, offers=offers(every, both.facilities))
        [folded] = embedded(found).select("details")
        assert ("open" in folded.attrs) is is_open
        assert folded.select("summary")[0].text == "May run here 1"


def test_a_long_list_is_cut_and_leads_to_the_whole_one() -> None:
    page = embedded(hub(LISTED + 3))
    assert len(page.select(".runs > li")) == LISTED
    [rest] = [each for each in page.select("p.quiet") if "The first" in each.text]
    assert rest.text == f"The first {LISTED} of {LISTED + 3}; all are in its list."
    assert rest.select("a")[0].attrs["href"] == "../../../facility/hub/"


def test_a_closed_facility_says_so_and_lists_nothing() -> None:
    page, embed = page_and_embedded(built(hub(closed="2026-01")))
    [body] = embed.select("body")
    assert " ".join(body.text.split()) == (
        "Software to run at Hub Closed since January 2026. Other facilities From Small catalogue. More about Hub"
    )
    assert page.select("#frame, [data-choose]") == []  # neither the line nor the choice is offered any more


def test_it_is_a_bare_page_that_search_engines_do_not_list() -> None:
    page = embedded(hub())
    assert page.select("header, nav, form, script[src], noscript") == []
    assert [each.attrs["target"] for each in page.select("base")] == ["_top"]
    assert [each.attrs["content"] for each in page.select("meta[name=robots]")] == ["noindex"]
    of_facility = "https://catalogue.example.org/facilities/hub/"
    assert [each.attrs["href"] for each in page.select("link[rel=canonical]")] == [of_facility]
    assert [each.attrs["content"] for each in page.select("meta[property='og:url']")] == [of_facility]


def test_the_line_of_html_on_the_page_of_the_facility_is_the_one_that_frames_it() -> None:
    found = hub()
    named = replace(found.facilities[0], name='A "Hub" & <more>')
    line = frame_html(named, found.site)
    assert "\n" not in line
    [frame] = turbohtml.parse(line).select("iframe")
    assert frame.attrs["src"] == "https://catalogue.example.org/facilities/hub/embed/"
    assert frame.attrs["title"] == 'Software to run at A "Hub" & <more>'
    page, _ = page_and_embedded(built(replace(found, facilities=(named,))))
    assert [each.text for each in page.select("#frame")] == [line]
