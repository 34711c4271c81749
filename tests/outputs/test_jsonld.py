"""Structured data (JSON-LD) in the pages."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import turbohtml

from catalogue.model import Catalogue, Licence, Person
from catalogue.outputs.files import File
from catalogue.outputs.jsonld import codemeta_data, facility_data, signposts, software_data
from catalogue.pipeline import build_catalogue
from catalogue.repository import Repository
from catalogue.text import clean_html
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import catalogue, entry, facility, inputs, software

BASE = "https://catalogue.example.org/"


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


def test_the_home_page_offers_its_search_and_its_data_in_files_that_exist(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    site, catalogue = blocks(next(file for file in real_files if file.path == "index.html"))
    base = real_catalogue.site.base_url
    assert site["potentialAction"]["target"]["urlTemplate"] == f"{base}?q={{search_term_string}}"  # type: ignore[index]
    downloads = [each["contentUrl"] for each in catalogue["dataset"]["distribution"]]  # type: ignore[index]
    assert downloads == [f"{base}api/v1/catalogue.json", f"{base}api/v1/software.csv"]
    assert {each.removeprefix(base) for each in downloads} <= {file.path for file in real_files}


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


def test_a_zenodo_record_is_no_repository() -> None:
    record = Repository(host="zenodo.org", path="10.5281/zenodo.1001")
    assert "codeRepository" not in software_data(software(repository=record), "https://catalogue.example.org/")


def test_codemeta_has_the_whole_description_where_the_summary_was_cut() -> None:
    description = clean_html(f"<p>{'word ' * 100}end.</p>")
    cut_short = software(summary="word word …", description=description)
    assert codemeta_data(cut_short, "https://catalogue.example.org/")["description"].endswith("word end.")
    alone = software(summary="And so on …")
    assert codemeta_data(alone, "https://catalogue.example.org/")["description"] == "And so on …"
    whole = software(summary="Does it.", description=description)
    assert codemeta_data(whole, "https://catalogue.example.org/")["description"] == "Does it."


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


# --- CodeMeta

# Terms of the context of CodeMeta 3.0 for software, people and organisations. Source: https://w3id.org/codemeta/3.0
# It gives no meaning to any other key, and programs that read JSON-LD drop what has no meaning.
_TERMS = """
    @context @id @type address affiliation applicationCategory applicationSubCategory author buildInstructions
    citation codeRepository continuousIntegration contributor copyrightHolder copyrightYear creator dateCreated
    dateModified datePublished description developmentStatus downloadUrl editor email embargoEndDate encoding
    familyName fileFormat fileSize funder funding givenName hasPart hasSourceCode identifier installUrl
    isAccessibleForFree isPartOf isSourceCodeOf issueTracker keywords license maintainer memoryRequirements name
    operatingSystem permissions position processorRequirements producer programmingLanguage provider publisher
    readme referencePublication relatedLink releaseNotes review runtimePlatform sameAs softwareHelp
    softwareRequirements softwareSuggestions softwareVersion sponsor storageRequirements supportingData
    targetProduct url version
"""
TERMS = frozenset(_TERMS.split())
TYPES = {"SoftwareSourceCode", "Person", "Organization", "schema:CreativeWork"}
# Those whose values are identifiers, not texts.
IDENTIFIERS = ("@id", "codeRepository", "identifier", "license", "sameAs", "url")


def nodes(data: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value."""
    if isinstance(data, dict):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from nodes(each)


def codemeta_files(files: list[File]) -> dict[str, dict[str, Any]]:
    return {file.path: json.loads(file.text) for file in files if file.path.endswith("/codemeta.json")}


@pytest.fixture(scope="module", params=["real", "small"])
def files(request: pytest.FixtureRequest, real_files: list[File]) -> list[File]:
    """The real site, and a small one with a withdrawn entry and one that has moved."""
    return real_files if request.param == "real" else built(small_catalogue())


def test_every_key_and_type_of_a_codemeta_file_means_something_in_its_context(files: list[File]) -> None:
    every = codemeta_files(files)
    assert every
    for data in every.values():
        assert data["@context"] == "https://w3id.org/codemeta/3.0"
        assert data["@type"] == "SoftwareSourceCode"
        assert data["name"]
        for node in nodes(data):
            assert node.keys() <= TERMS
            assert node.get("@type", "Person") in TYPES
            for key in IDENTIFIERS:
                values = node.get(key, [])
                for value in values if isinstance(values, list) else [values]:
                    assert isinstance(value, dict) or re.fullmatch(r"https?://\S+", value)


def test_each_page_of_software_links_to_its_codemeta_file_which_says_what_the_page_says(files: list[File]) -> None:
    every = codemeta_files(files)
    pages = [file for file in files if re.fullmatch(r"software/[^/]+/index\.html", file.path) and file.listed]
    assert pages
    for page in pages:
        found = turbohtml.parse(page.text)
        codemeta = every[page.path.replace("index.html", "codemeta.json")]
        slug = page.path.split("/")[1]
        [link] = found.select("head link[rel=describedby]")
        assert link.attrs == {
            "rel": ["describedby"],
            "type": "application/ld+json",
            "href": f"../../software/{slug}/codemeta.json",
        }
        assert found.select_one(f".side-links a[href='{link.attrs['href']}']")
        [block] = blocks(page)
        for author in codemeta.get("author", []):
            author.pop("familyName", None)
            author.pop("givenName", None)
        same = block.keys() - {"@context", "alternateName", "license"}
        assert {key: codemeta.get(key) for key in same} == {key: block[key] for key in same}
        assert codemeta.keys() - block.keys() <= {"softwareHelp"}
        assert ("license" in codemeta) == ("license" in block)


def test_a_codemeta_file_is_also_at_former_addresses_and_not_there_for_what_is_withdrawn() -> None:
    found = small_catalogue()
    every = codemeta_files(built(found))
    assert every["software/tables/codemeta.json"] == every["software/table-tool/codemeta.json"]
    assert set(every) == {
        f"software/{slug}/codemeta.json" for each in found.software for slug in (each.slug, *each.former_slugs)
    }
    assert found.withdrawn


def test_an_entry_as_codemeta() -> None:
    tool = software(
        name="Tool",
        alternate_names=("Great tool",),
        licence=Licence(spdx="MIT OR LicenseRef-own"),
        documentation=("https://docs.example.org/",),
        authors=(
            Person(name="Gál, Éva", sort_name="Gál, Éva", orcid="0000-0002-1825-0097", affiliation="An institute"),
            Person(name="CTA Consortium", sort_name="CTA Consortium", organisation=True),
        ),
    )
    assert codemeta_data(tool, BASE) == {
        "@context": "https://w3id.org/codemeta/3.0",
        "@id": f"{BASE}software/tool/",
        "@type": "SoftwareSourceCode",
        "name": "Tool",
        "url": f"{BASE}software/tool/",
        "author": [
            {
                "@type": "Person",
                "@id": "https://orcid.org/0000-0002-1825-0097",
                "name": "Éva Gál",
                "familyName": "Gál",
                "givenName": "Éva",
                "affiliation": {"@type": "Organization", "name": "An institute"},
            },
            {"@type": "Organization", "name": "CTA Consortium"},
        ],
        "license": [f"{SPDX}/MIT", {"@type": "schema:CreativeWork", "name": "LicenseRef-own"}],
        "softwareHelp": ["https://docs.example.org/"],
        "isPartOf": {"@id": BASE},
    }


@pytest.mark.case("H15")
@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "\u2028 and \u2029", '"}', "@id", "x\\"])
def test_a_hostile_title_is_text_in_a_codemeta_file(hostile: str) -> None:
    found = catalogue(entry(1001, title=f"Tool {hostile}", slug="tool"))
    [data] = codemeta_files(built(found)).values()
    assert data["name"] == found.software[0].name


# --- typed links in the head


def person(number: int, orcid: str | None = "0000-0002-1825-0097") -> Person:
    return Person(name=f"Name {number}", sort_name=f"{number}, Name", orcid=orcid)


TYPED = (("type", "https://schema.org/SoftwareSourceCode"), ("type", "https://schema.org/AboutPage"))


@pytest.mark.parametrize(
    ("known", "links"),
    [
        ({}, ()),
        ({"doi": "10.5281/zenodo.7"}, (("describes", "https://doi.org/10.5281/zenodo.7"),)),
        ({"licence": Licence(spdx="MIT")}, (("license", f"{SPDX}/MIT"),)),
        ({"licence": Licence(spdx="MIT OR ISC")}, ()),
        ({"licence": Licence(spdx="LicenseRef-own")}, ()),
        ({"licence": Licence(spdx=None, stated="free")}, ()),
        ({"authors": (person(1), person(2, None))}, (("author", "https://orcid.org/0000-0002-1825-0097"),)),
    ],
)
def test_the_typed_links_of_a_page_say_what_is_known_and_nothing_else(known: dict[str, Any], links: object) -> None:
    assert signposts(software_data(software(**known), BASE)) == (*links, *TYPED)  # type: ignore[misc]


def test_a_page_links_to_24_authors_at_most() -> None:
    every = signposts(software_data(software(authors=tuple(map(person, range(1000)))), BASE))
    assert [relation for relation, _ in every].count("author") == 24


def test_the_head_of_every_page_of_software_has_its_typed_links_and_no_cite_as(files: list[File]) -> None:
    found = 0
    for page in files:
        head = turbohtml.parse(page.text).select_one("head") if page.path.endswith(".html") else None
        if head is None:
            continue
        typed = head.select("link[rel=describes], link[rel=author], link[rel=license], link[rel=type]")
        [block, *_] = blocks(page)
        if block["@type"] == "SoftwareSourceCode":
            links = [(" ".join(each.attrs["rel"] or ()), each.attrs["href"]) for each in typed]
            assert links == [*signposts(block)]
            found += 1
        else:
            assert typed == []
        assert not head.select("link[rel='cite-as']")
    assert found >= 4
