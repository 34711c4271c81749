"""The cards of a large catalogue: their launches, and their hashed paths."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from bench.worlds import synthetic_catalogue
from catalogue.model import Catalogue
from catalogue.outputs.files import HASHED_PATH, File
from catalogue.outputs.paging import LISTED
from tests.conftest import built

KEYS = ("verdict", "url", "action", "carries_software", "reason", "in_short")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """More entries than the front page shows."""
    return synthetic_catalogue(LISTED + 20, alike=True)


@pytest.fixture(scope="module")
def site(catalogue: Catalogue) -> dict[str, File]:
    """Its site with a divided index."""
    return {file.path: file for file in built(catalogue, 0)}


def launches_of(site: dict[str, File]) -> dict[str, dict[str, dict[str, object]]]:
    """By entry, the launches on its card by facility."""
    cards = [file for path, file in site.items() if re.fullmatch(r"search/\w+/cards/\d+\.html", path)]
    said = re.compile(r'data-slug="([^"]+)"[^>]* data-launches="([^"]*)"')
    return {slug: json.loads(unescape(found)) for file in cards for slug, found in said.findall(file.text)}


def test_a_card_has_the_same_launches_as_the_file_of_each_facility(catalogue: Catalogue, site: dict[str, File]) -> None:
    said = launches_of(site)
    assert said.keys() == {each.slug for each in catalogue.software}
    for facility in catalogue.facilities:
        pairs = json.loads(site[f"api/v1/launch/{facility.slug}.json"].text)["pairs"]
        for slug, launches in said.items():
            found, pair = launches.get(facility.slug), pairs[slug]
            if facility.closed:
                assert found is None
                continue
            assert found is not None
            keys = KEYS if pair["carries_software"] else ("url", "reason")
            assert found == {key: pair[key] for key in keys if pair[key]}


def test_the_launches_of_the_first_entries_are_in_a_file_for_each_facility_with_the_counts_of_all(
    catalogue: Catalogue, site: dict[str, File]
) -> None:
    said = launches_of(site)
    shown = re.findall(r'<li class="card" data-slug="([^"]+)"', site["index.html"].text)
    assert len(shown) == LISTED
    for facility in catalogue.facilities:
        (found,) = (
            file for path, file in site.items() if re.fullmatch(rf"search/\w+/launches/{facility.slug}\.json", path)
        )
        known = json.loads(site[f"api/v1/launch/{facility.slug}.json"].text)
        verdicts = [pair["verdict"] for pair in known["pairs"].values() if pair["carries_software"]]
        assert json.loads(found.text) == {
            "counts": {"yes": verdicts.count("yes"), "maybe": verdicts.count("maybe"), "of": len(catalogue.software)},
            "warnings": known["warnings"],
            "pairs": {slug: said[slug][facility.slug] for slug in shown},
        }


def test_a_changed_card_has_another_path_although_the_index_is_the_same(
    catalogue: Catalogue, site: dict[str, File]
) -> None:
    """Such a file is served as immutable: a browser would cache an outdated launch link for a year."""
    changed = next(each for each in catalogue.offers if each.url and each.carries)
    moved = replace(changed, url="https://hub.example.org/v2/gh/a/b/HEAD")
    now = replace(catalogue, offers=tuple(moved if each is changed else each for each in catalogue.offers))
    after = {file.path: file for file in built(now, 0)}
    manifests = [{path for path in files if re.fullmatch(r"search/\w+\.json", path)} for files in (site, after)]
    assert manifests[0] == manifests[1]
    assert any("/cards/" in path for path in after.keys() - site.keys())
    kept = [path for path in after.keys() & site.keys() if HASHED_PATH.fullmatch(path)]
    assert kept
    assert [path for path in kept if site[path].content != after[path].content] == []
