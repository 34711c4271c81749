"""Descriptions of the pages for programs that read pages."""

import json
import re

import pytest
import turbohtml

from catalogue.model import Catalogue, Licence
from catalogue.outputs.files import File
from catalogue.outputs.jsonld import software_data
from catalogue.pipeline import read
from tests.conftest import built
from tests.world import entry, inputs, software


def blocks(file: File) -> list[dict[str, object]]:
    found = turbohtml.parse(file.text).select("script[type='application/ld+json']")
    return [json.loads(each.text) for each in found]


def test_every_page_describes_itself(real_files: list[File]) -> None:
    pages = [file for file in real_files if file.path.endswith(".html")]
    assert pages
    assert [file.path for file in pages if not blocks(file)] == []


def test_a_page_of_software_says_who_wrote_it_where_its_code_is_and_what_its_doi_is(real_files: list[File]) -> None:
    file = next(file for file in real_files if file.path == "software/agnpy/index.html")
    [data] = blocks(file)
    assert data["@type"] == "SoftwareSourceCode"
    assert data["@id"] == "https://doi.org/10.5281/zenodo.7633553"
    assert data["license"] == "https://spdx.org/licenses/BSD-3-Clause"
    assert data["codeRepository"] == "https://github.com/cosimoNigro/agnpy"
    assert data["author"][0]["name"] == "Cosimo Nigro"  # type: ignore[index]


def test_the_home_page_offers_its_search_and_its_data(real_catalogue: Catalogue, real_files: list[File]) -> None:
    site, catalogue = blocks(next(file for file in real_files if file.path == "index.html"))
    base = real_catalogue.site.base_url
    assert site["potentialAction"]["target"]["urlTemplate"] == f"{base}?q={{search_term_string}}"  # type: ignore[index]
    assert catalogue["dataset"]["distribution"]["contentUrl"] == f"{base}api/v1/catalogue.json"  # type: ignore[index]


@pytest.mark.parametrize(
    ("licence", "address"),
    [
        ("MIT", "https://spdx.org/licenses/MIT"),
        ("MIT OR Apache-2.0", None),
        ("GPL-2.0-only WITH Classpath-exception-2.0", None),
    ],
)
def test_a_licence_has_an_address_and_an_expression_of_several_has_none(licence: str, address: str | None) -> None:
    data = software_data(software(licence=Licence(spdx=licence)), "https://catalogue.example.org/")
    assert data.get("license") == address


@pytest.mark.case("H14")
@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "<!-- <script>", "\u2028 and \u2029", '"}'])
def test_a_hostile_title_cannot_end_its_block(hostile: str) -> None:
    catalogue, _ = read(inputs(entry(1001, title=f"Tool {hostile}", slug="tool")))
    assert catalogue is not None
    page = next(file for file in built(catalogue) if file.path == "software/tool/index.html")
    [data] = blocks(page)
    assert data["name"] == catalogue.software[0].name
    # Each script is one of the page's own, or the block itself.
    own = r'<script (?:type="module" src=|type="application/ld\+json">)'
    assert len(re.findall("<script", page.text)) == len(re.findall(own, page.text))
