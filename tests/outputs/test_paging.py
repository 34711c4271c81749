"""Long lists in parts: each item on one page, in order, and every page reachable by links."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.worlds import synthetic_catalogue
from catalogue.outputs import page as one_page
from catalogue.outputs import pages as all_pages
from catalogue.outputs.check import site_problems
from catalogue.outputs.facets import Facet, FacetValue, value_slug
from catalogue.outputs.files import PAGE_LIMIT, File
from catalogue.outputs.list_pages import values_pages
from catalogue.outputs.page import Page
from catalogue.outputs.pages import SitePages
from catalogue.outputs.paging import CARDS_SIZE, LISTED, VALUES_LISTED, Part, parts
from catalogue.outputs.software_views import software_views
from catalogue.pipeline import build_catalogue
from catalogue.problems import as_text
from tests.conftest import built
from tests.world import CODE_OF_TOOL, entry, inputs


@given(st.integers(0, 90), st.integers(1, 12))
def test_the_parts_are_the_list_and_each_leads_to_the_next(count: int, size: int) -> None:
    found = parts(range(count), "x/", size)
    assert [item for part in found for item in part.items] == list(range(count))
    assert all(0 < len(part.items) <= size for part in found) or count == 0
    assert [part.address for part in found] == ["x/", *(f"x/page/{n}/" for n in range(2, len(found) + 1))]
    for number, part in enumerate(found):
        assert part.previous == (found[number - 1].address if number else None)
        assert part.next == (found[number + 1].address if part is not found[-1] else None)
        assert set(part.more) == {each.address for each in found if each is not part}
        assert part.address in [each.href for each in part.pages if each]
        if count:
            assert list(part.items) == list(range(count))[part.first - 1 : part.last]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1 2 3 … 20"),
        (4, "1 2 3 4 5 6 … 20"),
        (10, "1 … 8 9 10 11 12 … 20"),
        (20, "1 … 18 19 20"),
    ],
)
def test_of_many_pages_the_first_the_last_and_the_nearest_are_linked(number: int, shown: str) -> None:
    part = parts(range(100), "x/", 5)[number - 1]
    assert " ".join(each.label if each else "…" for each in part.pages) == shown


def test_a_part_says_which_items_it_has() -> None:
    first, second, third = parts(range(3412), "", 1500)
    assert (first.words, second.words, third.words) == (
        "1–1,500 of 3,412",
        "1,501–3,000 of 3,412",
        "3,001–3,412 of 3,412",
    )
    assert (first.title, second.title) == ("", ", page 2 of 3")
    assert parts(range(3), "")[0].words == ""


@given(st.lists(st.integers(0, CARDS_SIZE + 9), max_size=60), st.integers(1, 12))
def test_a_part_takes_no_more_bytes_than_a_page_can_hold_unless_one_item_does(sizes: list[int], most: int) -> None:
    found = parts(sizes, "x/", most, bytes_of=lambda each: each)
    assert [item for part in found for item in part.items] == sizes
    assert [(part.first, part.last) for part in found if sizes] == [
        (sum(len(each.items) for each in found[:number]) + 1, sum(len(each.items) for each in found[: number + 1]))
        for number in range(len(found) if sizes else 0)
    ]
    for part in found:
        assert len(part.items) <= most
        assert sum(part.items) <= CARDS_SIZE or len(part.items) == 1
    for one, next_one in pairwise(found):
        assert len(one.items) == most or sum(one.items) + next_one.items[0] > CARDS_SIZE


@pytest.mark.case("U39", "P9")
@pytest.mark.parametrize("letter", ["<", "😀"])
def test_a_list_of_large_entries_has_more_pages(letter: str) -> None:
    words = letter * 990
    records = [
        entry(
            1001 + number,
            title=f"Flood {number} {words[:280]}",
            description=f"<p>{words}</p>",
            creators=tuple(f"Author {each} {words[:180]}" for each in range(3)),
            keywords=("flood",),
        )
        for number in range(100)
    ]
    found, problems = build_catalogue(inputs(*records))
    assert found is not None
    files = built(found)
    assert as_text([*problems, *site_problems(files, found.site.base_url)]) == ""
    views = {view.software.name.split()[1]: view for view in software_views(found)}
    home = next(file.text for file in files if file.path == "index.html")
    assert 0 < home.count('<li class="card"') < len(records)
    cards = re.findall(r'<li class="card".*?\n</li>', home, re.DOTALL)
    assert len(cards) == home.count('<li class="card"')
    for card in cards:
        number = re.search(r"Flood (\d+)", card)
        assert number
        view = views[number[1]]
        assert 0.5 * view.card_size < len(card.encode()) < view.card_size


@pytest.fixture(scope="module")
def long_site() -> list[File]:
    """A site with more entries than fit on one page."""
    return built(synthetic_catalogue(2 * LISTED + 20))


@pytest.mark.case("B16")
def test_a_long_list_is_a_valid_site_of_small_pages(long_site: list[File]) -> None:
    assert [str(each) for each in site_problems(long_site, "https://catalogue.example.org/")] == []
    assert max(len(file.content) for file in long_site if file.path.endswith(".html")) < 1_000_000


def test_a_matrix_of_many_facilities_has_more_pages() -> None:
    kinds = "".join(
        f"  - name: Facility {number}\n    kind: binderhub\n    url: https://hub{number}.example.org/\n    summary: Runs.\n"
        for number in range(40)
    )
    records = [entry(1001 + number, title=f"Tool {number}", related=CODE_OF_TOOL) for number in range(LISTED)]
    found, _ = build_catalogue(inputs(*records, facilities=f"facilities:\n{kinds}"))
    assert found is not None
    pages = [file for file in built(found) if file.path.startswith("matrix/")]
    assert sum(file.text.count('<th scope="row">') for file in pages) == LISTED
    assert max(len(file.content) for file in pages) < 0.7 * PAGE_LIMIT


@pytest.mark.parametrize(
    ("first", "mark"),
    [
        ("", 'class="card" data-slug='),
        ("interface/notebook/", 'class="card" data-slug='),
        ("a-z/", '/" dir="auto">'),
        ("newest/", '/" dir="auto">'),
        ("matrix/", '<th scope="row">'),
    ],
)
def test_every_entry_of_a_long_list_is_on_one_of_its_pages(long_site: list[File], first: str, mark: str) -> None:
    catalogue = synthetic_catalogue(2 * LISTED + 20)
    expected = {
        each.slug for each in catalogue.software if first != "interface/notebook/" or "notebook" in each.interfaces
    }
    by_path = {file.path: file.text for file in long_site if file.path.endswith(".html")}
    found: list[str] = []
    address: str | None = first
    while address is not None:
        html = by_path[f"{address}index.html"]
        main = html[html.index("<main") :]
        here = [slug for slug in expected if f'/software/{slug}/"' in main or f'"software/{slug}/"' in main]
        assert 0 < len(here) <= LISTED
        assert mark in main
        found += here
        address = next_of(address, html)
    assert sorted(found) == sorted(expected)


def keywords(labels: Iterable[str]) -> Facet:
    values = [
        FacetValue(slug=(slug := value_slug(each)), label=each, count=1, href=f"keyword/{slug}/") for each in labels
    ]
    values[-1] = replace(values[-1], shown=False)
    every = {"key": "keyword", "label": "Keyword", "every": "All keywords", "href": "keyword/"}
    return Facet(**every, values=tuple(values), unfolded=False, has_maybe=False)


def letters_of(page: Page) -> dict[str, str]:
    """The letters of a page, and where each leads."""
    return {each.label: each.href for each in page.values["begins"]}


def test_many_values_are_listed_under_their_first_letters() -> None:
    [page] = values_pages(keywords(["Élan", "日本", "value", "eta", "3D", "not given", "Zeta"]))
    assert [(id, letter, [value.label for value in values]) for id, letter, values in page.values["letters"]] == [
        ("letter-0", "0–9", ["3D"]),
        ("letter-1", "E", ["Élan", "eta"]),
        ("letter-2", "N", ["not given"]),
        ("letter-3", "V", ["value"]),
        ("letter-4", "Z", ["Zeta"]),
        ("letter-5", "Other", ["日本"]),  # its slug is a hash
    ]
    assert letters_of(page) == {letter: f"#{id}" for id, letter, _ in page.values["letters"]}


def test_each_page_of_a_long_list_of_values_leads_to_every_letter() -> None:
    one, two = values_pages(keywords([*(f"a{n}" for n in range(VALUES_LISTED - 1)), *(f"b{n}" for n in range(9)), "c"]))
    assert letters_of(one) == {"A": "#letter-0", "B": "#letter-1", "C": "keyword/page/2/#letter-2"}
    assert letters_of(two) == {"A": "keyword/#letter-0", "B": "keyword/#letter-1", "C": "#letter-2"}
    assert [(letter, len(values)) for _, letter, values in two.values["letters"]] == [("B", 8), ("C", 1)]


def test_few_values_are_listed_in_the_order_of_the_filter_without_letters() -> None:
    facet = keywords(["zeta", "alpha"])
    [page] = values_pages(replace(facet, values=tuple(replace(each, shown=True) for each in facet.values)))
    assert letters_of(page) == {}
    assert [value.label for _, _, values in page.values["letters"] for value in values] == ["zeta", "alpha"]


def test_the_letters_of_authors_lead_to_headings(real_files: list[File]) -> None:
    html = next(file.text for file in real_files if file.path == "author/index.html")
    row = re.search(r'<nav aria-label="Letters">(.*?)</nav>', html)
    assert row
    ids = re.findall(r'<h2 id="(letter-\d+)" dir="auto">(?:[A-Z]|0–9|Other)</h2>', html)
    assert re.findall(r'href="#([^"]+)"', row[1]) == ids
    assert len(ids) > 15


def next_of(address: str, html: str) -> str | None:
    """The address of the next part, from its page."""
    found = re.search(r'<link rel="next" href="[^"]*page/(\d+)/">', html)
    return f"{address.partition('page/')[0]}page/{found[1]}/" if found else None


def test_a_list_of_one_page_has_no_page_numbers(real_files: list[File]) -> None:
    assert [file.path for file in real_files if "/page/" in file.path] == []
    assert not any('class="pager"' in file.text for file in real_files if file.path.endswith(".html"))


def test_the_table_of_many_records_has_pages_of_its_own(monkeypatch: pytest.MonkeyPatch, real_catalogue: Any) -> None:
    def others() -> list[Page]:
        return [
            page for group in SitePages(real_catalogue).others() for page in group.pages() if isinstance(page, Page)
        ]

    assert "status/records/" not in [page.address for page in others()]
    monkeypatch.setattr(all_pages, "LISTED", 10)
    monkeypatch.setattr(one_page, "parts", lambda items, address, size=10, **more: parts(items, address, size, **more))
    found = [page for page in others() if page.address.startswith("status/records/")]
    shown = [line for page in found for _, lines in page.values["tables"] for line in lines]
    assert sorted(shown, key=str) == sorted(real_catalogue.accounts, key=str)
    part = found[0].values["part"]
    assert isinstance(part, Part)
    assert len(found) == part.count > 3
