"""All software as CSV and as BibTeX: the same entries and values as the JSON and the pages have."""

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
import turbohtml

from catalogue.launch.offers import offers
from catalogue.model import Catalogue, Facility, Licence, Person, Software
from catalogue.outputs.files import File
from catalogue.outputs.software_files import COLUMNS, software_bib, software_csv
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import catalogue, facility, notebook, software

BASE = "https://catalogue.example.org/"


def rows(file: File) -> list[dict[str, str]]:
    """The rows as a program reads them."""
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), strict=True))


def of(*every: Software, facilities: tuple[Facility, ...] = ()) -> Catalogue:
    """A catalogue of this software."""
    return replace(catalogue(), software=every, facilities=facilities, offers=offers(every, facilities))


@pytest.fixture(scope="module", params=["real", "small"])
def files(request: pytest.FixtureRequest, real_files: list[File]) -> dict[str, File]:
    """The real site, and a small one with a withdrawn entry."""
    every = real_files if request.param == "real" else built(small_catalogue())
    return {file.path: file for file in every}


def test_the_table_has_the_rows_and_values_of_the_json(files: dict[str, File]) -> None:
    data = json.loads(files["api/v1/catalogue.json"].text)
    found = rows(files["api/v1/software.csv"])
    assert len(found) == data["counts"]["software"]
    current = [each for each in data["software"] if each["state"] != "withdrawn"]
    best: dict[str, Any] = {}
    for each in data["offers"]:
        best.setdefault(each["software"], each)
    for row, entry in zip(found, current, strict=True):
        assert tuple(row) == COLUMNS
        for key in (
            "slug",
            "name",
            "version",
            "doi",
            "concept_doi",
            "homepage",
            "published",
            "url",
            "launch_url",
            "summary",
            "state",
        ):
            assert row[key] == (entry[key] or "")
        for key in ("interfaces", "platforms", "keywords"):
            assert row[key] == "; ".join(entry[key])
        assert len(row["authors"].split("; ")) == max(1, len(entry["authors"]))
        assert row["repository"] == (entry["repository"] or {"url": ""})["url"]
        licence = entry["licence"] or {"spdx": None, "stated": None}
        assert row["licence"] == (licence["spdx"] or licence["stated"] or "")
        offer = best[entry["slug"]]
        assert row["verdict"] == offer["verdict"]
        assert row["facility"] == (offer["facility"] if offer["carries_software"] else "")


def test_a_row_of_the_table() -> None:
    tool = notebook(
        name="Sky; tool",
        version="1.0",
        doi="10.5281/zenodo.2",
        concept_doi="10.5281/zenodo.1",
        licence=Licence(spdx=None, stated="my own"),
        runtimes=("Python", "R"),
        keywords=("a, b", 'the "c"; d'),
        authors=(Person(name="Gál, Éva", sort_name="Gál, Éva"), Person(name="CTA Consortium", sort_name="CTA Consortium")),
        homepage="https://sky.example.org/",
        published="2026-02",
    )  # fmt: skip
    [row] = rows(software_csv(of(tool, facilities=(facility(),))))
    assert row == {
        "slug": "tool",
        "name": "Sky; tool",
        "version": "1.0",
        "doi": "10.5281/zenodo.2",
        "concept_doi": "10.5281/zenodo.1",
        "licence": "my own",
        "interfaces": "notebook",
        "platforms": "Python; R",
        "keywords": 'a, b; the "c", d',
        "authors": "Éva Gál; CTA Consortium",
        "repository": "https://github.com/owner/tool",
        "homepage": "https://sky.example.org/",
        "published": "2026-02",
        "verdict": "yes",
        "facility": "hub",
        "url": f"{BASE}software/tool/",
        "launch_url": f"{BASE}go/tool/",
        "more_authors": "0",
        "summary": "",
        "state": "current",
    }


@pytest.mark.parametrize(
    ("facilities", "verdict", "at"),
    [
        ((), "", ""),
        ((facility(closed="2026-01"),), "no", ""),
        ((facility(closed="2026-01"), facility(slug="other")), "yes", "other"),
        ((facility("website"),), "maybe", ""),
    ],
)
def test_a_facility_is_named_only_if_it_may_run_the_software(
    facilities: tuple[Facility, ...], verdict: str, at: str
) -> None:
    [row] = rows(software_csv(of(notebook(), facilities=facilities)))
    assert (row["verdict"], row["facility"]) == (verdict, at)


@pytest.mark.case("H26")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_no_value_of_the_table_is_a_formula(start: str) -> None:
    hostile = f'{start}HYPERLINK("https://evil.example")'
    tool = software(name=hostile, version=hostile, keywords=(hostile,), runtimes=(hostile,), licence=Licence(spdx=None, stated=hostile))  # fmt: skip
    [row] = rows(software_csv(of(tool)))
    assert [row[key] for key in ("name", "version", "keywords", "platforms", "licence")] == [f"'{hostile}"] * 5
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_the_bibliography_is_the_bibtex_of_all_pages(files: dict[str, File]) -> None:
    listed = json.loads(files["api/v1/catalogue.json"].text)["software"]
    slugs = [each["slug"] for each in listed if each["state"] != "withdrawn"]
    pages = [turbohtml.parse(files[f"software/{slug}/index.html"].text) for slug in slugs]
    shown = [found.text for page in pages if (found := page.select_one("#bibtex"))]
    assert len(shown) == len(slugs)
    assert files["api/v1/software.bib"].text == "\n\n".join(shown) + "\n"
    keys = re.findall(r"^@software\{(.*),$", files["api/v1/software.bib"].text, re.MULTILINE)
    assert keys == slugs


@pytest.mark.case("H27")
def test_a_hostile_entry_does_not_change_how_the_next_one_is_read() -> None:
    hostile = software("one", name="}} @comment{ \n\n@software{two,", version="\\}{", authors=(Person(name="{", sort_name="}"),))  # fmt: skip
    text = software_bib(of(hostile, software("two"))).text
    first, second = text.split("\n\n")
    assert first.count("{") == first.count("}")
    assert second == f"@software{{two,\n  title = {{{{Two}}}},\n  url = {{{BASE}software/two/}},\n}}\n"


def test_a_catalogue_without_software_has_a_header_and_no_reference() -> None:
    assert software_csv(of()).content == ("\ufeff" + ",".join(f'"{each}"' for each in COLUMNS) + "\r\n").encode()
    assert software_bib(of()).text == "\n"


def test_the_same_software_gives_the_same_bytes() -> None:
    assert software_csv(small_catalogue()) == software_csv(small_catalogue())
    assert software_bib(small_catalogue()) == software_bib(small_catalogue())
