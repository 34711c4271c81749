"""Exports in a real browser: how people and programs get from a page to the files."""

import csv
import io

import pytest
from playwright.sync_api import Browser

from .visit import reader


@pytest.mark.parametrize("scripts", [True, False])
def test_an_archivist_gets_from_the_page_of_an_entry_to_its_codemeta_file(
    browser: Browser, site: str, scripts: bool
) -> None:
    with reader(browser, scripts=scripts, width=320) as (page, wrong):
        page.goto(f"{site}software/gammapy/")
        described_by = page.locator("head link[rel=describedby]").get_attribute("href")
        link = page.get_by_role("link", name="CodeMeta (JSON)", exact=True)
        assert link.get_attribute("href") == described_by
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}software/gammapy/codemeta.json")
        said = page.request.get(page.url).json()
        assert (said["name"], said["url"]) == ("Gammapy", f"{site}software/gammapy/")
        assert wrong == []


def test_a_curator_finds_the_table_and_the_bibliography_at_api(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}api/")
        found = {}
        for name in ("api/v1/software.csv", "api/v1/software.bib"):
            address = page.get_by_role("link", name=name, exact=True).evaluate("link => link.href")
            assert address == f"{site}{name}"
            found[name] = page.request.get(address).body().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(found["api/v1/software.csv"], newline=""), strict=True))
        assert len(rows) == found["api/v1/software.bib"].count("@software{")
        assert {row["verdict"] for row in rows} == {"yes", "maybe", "no"}
        assert wrong == []
