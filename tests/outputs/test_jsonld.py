"""Structured data (JSON-LD) in the pages."""

import json
import re

import pytest
import turbohtml

from catalogue.model import Catalogue, Licence
from catalogue.outputs.files import File
from catalogue.outputs.jsonld import facility_data, software_data
from catalogue.pipeline import build_catalogue
from tests.conftest import built
from tests.world import entry, facility, inputs, software


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


SPDX = "https://spdx.org/licenses"
OWN = {"@type": "CreativeWork", "name": "LicenseRef-scancode-public-domain"}


@pytest.mark.parametrize(
    ("spdx", "said"),
    [
        ("MIT", f"{SPDX}/MIT"),
        ("MIT OR Apache-2.0", [f"{SPDX}/MIT", f"{SPDX}/Apache-2.0"]),
        ("(MIT OR ISC) AND Zlib", [f"{SPDX}/MIT", f"{SPDX}/ISC", f"{SPDX}/Zlib"]),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            [f"{SPDX}/GPL-2.0-only", f"{SPDX}/Classpath-exception-2.0"],
        ),
        ("LicenseRef-scancode-public-domain", OWN),
        ("MIT AND LicenseRef-scancode-public-domain", [f"{SPDX}/MIT", OWN]),
        (None, None),
    ],
)
def test_each_licence_of_an_expression_has_its_url_or_if_spdx_has_none_its_name(spdx: str | None, said: object) -> None:
    data = software_data(software(licence=Licence(spdx=spdx, stated="as stated")), "https://catalogue.example.org/")
    assert data.get("license") == said


def test_the_version_is_in_the_property_of_software_source_code() -> None:
    data = software_data(software(version="1.2"), "https://catalogue.example.org/")
    assert data["version"] == "1.2"
    assert "softwareVersion" not in data


def test_a_facility_is_a_service_with_who_provides_it_and_where_it_is_explained() -> None:
    documentation = "https://docs.example.org/"
    place = facility(summary="Builds and opens.", operator="An institute", documentation=documentation)
    assert facility_data(place, "https://catalogue.example.org/") == {
        "@context": "https://schema.org",
        "@type": "Service",
        "@id": "https://catalogue.example.org/facilities/hub/",
        "name": "Hub",
        "description": "Builds and opens.",
        "url": "https://hub.example.org/",
        "serviceType": "Compute facility",
        "provider": {"@type": "Organization", "name": "An institute"},
        "subjectOf": {"@type": "CreativeWork", "url": documentation},
    }


@pytest.mark.case("H14")
@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "<!-- <script>", "\u2028 and \u2029", '"}'])
def test_a_hostile_title_cannot_end_its_block(hostile: str) -> None:
    catalogue, _ = build_catalogue(inputs(entry(1001, title=f"Tool {hostile}", slug="tool")))
    assert catalogue is not None
    page = next(file for file in built(catalogue) if file.path == "software/tool/index.html")
    [data] = blocks(page)
    assert data["name"] == catalogue.software[0].name
    # Each script is one of the page's own, or the block itself.
    own = r'<script (?:type="module" src=|type="application/ld\+json">)'
    assert len(re.findall("<script", page.text)) == len(re.findall(own, page.text))
