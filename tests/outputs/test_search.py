"""The search index: what it has of an entry, its name and its size."""

import gzip
import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from catalogue.model import Catalogue, Interface, Licence, Person, Version
from catalogue.outputs.files import File
from catalogue.outputs.packed import DIGITS, LEVELS
from catalogue.outputs.search import BOOSTS, fields, identifiers, rules_module, search_file, withdrawn
from catalogue.outputs.shards import TITLE
from catalogue.words import RULES, identifier, tokens
from tests.world import repository, software

LIMIT = 100_000  # compressed


def test_everything_that_a_reader_would_type_is_in_a_field_of_its_own() -> None:
    found = fields(
        software(
            "aperture-tool",
            name="Aper.tif Tools",
            alternate_names=("Old Tool",),
            former_slugs=("before",),
            authors=(
                Person(name="Gál, Tamás", sort_name="Gál, Tamás", affiliation="Univ. of Łódź, 90-131 CLI"),
                Person(name="Gál, T.", sort_name="Gál, T.", affiliation="Univ. of Łódź, 90-131 CLI"),
                Person(name="Gál, E.", sort_name="Gál, E.", affiliation="ECAP, Institute for gravitational wave"),
            ),
            runtimes=("C++",),
            interfaces=frozenset({Interface.COMMAND_LINE}),
            keywords=("radio astronomy",),
            licence=Licence(spdx="MIT"),
            summary="Looks at maps.",
            repository="https://github.com/owner/viewer",
            reads=("Apertif DR1",),
        ),
        (("command line", "CLI"), ("wave", "GW")),
    )
    assert found == {
        "name": ["apertif", "aper", "tif", "tools", "tool", "apertif", "tiftools", "tiftool"],
        "author": ["gal", "tamas", "gal", "t", "gal", "e"],
        "platform": ["cplusplus"],
        "interface": ["commandline", "command", "line", "commandline", "command", "line", "tool"],
        "keyword": ["radio", "astronomy", "radioastronomy"],
        "data": ["apertif", "dr1", "apertifdr1"],
        "alias": ["old", "tool", "oldtool", "aperturetool", "aperture", "tool", "aperturetool", "before", "viewer"],
        "licence": ["mit"],
        "synonym": ["cli"],
        "text": ["looks", "look", "at", "maps", "map"],
        # Each once, without numbers and small words; no synonym follows from it.
        "affiliation": ["univ", "lodz", "cli", "ecap", "institute", "gravitational", "wave"],
    }
    assert list(found) == list(BOOSTS)


@pytest.mark.case("Y23")
@pytest.mark.parametrize("name", ["山田 太郎", "김 철수"])
def test_an_author_is_found_with_and_without_a_space_between_their_names(name: str) -> None:
    author = Person(name=name, sort_name=name)
    assert fields(software("x", authors=(author,)))["author"] == [*tokens(name), *tokens(name.replace(" ", ""))[:1]]


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ("Reads notebooks.", ["jupyter", "ipynb"]),
        ("Reads a Jupyter file.", ["notebook", "ipynb"]),
        ("Notebook for Jupyter.", ["ipynb"]),
        ("Reads JupyterHub logs.", []),
        ("", []),
    ],
)
def test_an_entry_with_one_word_of_a_group_is_found_by_the_others(summary: str, words: list[str]) -> None:
    assert fields(software(summary=summary), (("notebook", "Jupyter", "ipynb"),))["synonym"] == words


def test_a_phrase_of_a_group_is_found_as_a_phrase_only() -> None:
    groups = (("virtual observatory", "VO"),)
    assert fields(software(summary="A Virtual-Observatory client."), groups)["synonym"] == ["vo"]
    assert fields(software(summary="An observatory in virtual reality."), groups)["synonym"] == []
    assert fields(software(summary="Virtual.", keywords=("observatory",)), groups)["synonym"] == []


def test_an_entry_is_found_by_each_of_its_identifiers_with_what_it_is() -> None:
    assert identifiers(
        software(
            doi="10.3847/1538-3881/AAB123",
            concept_doi="10.5281/zenodo.1",
            former_dois=("10.5281/zenodo.9",),
            versions=(Version(doi="10.5281/zenodo.2", version="v1"), Version(doi="10.5281/zenodo.4")),
            record_url="https://zenodo.org/records/3",
            repository="https://gitlab.in2p3.fr/a/b/c/-/blob/main/x.ipynb",
            homepage="https://www.example.org/tool/",
            documentation=("https://docs.example.org/tool", "https://example.org/tool"),
            authors=(Person(name="A B", sort_name="B, A", orcid="0000-0002-1825-0097"),),
        )
    ) == {
        "10.3847/1538-3881/aab123": "its DOI",
        "10.5281/zenodo.1": "the DOI of all its versions",
        "10.5281/zenodo.9": "an earlier DOI of it",
        "10.5281/zenodo.2": "the DOI of its version v1",
        "10.5281/zenodo.4": "the DOI of an older version",
        "10.5281/zenodo.3": "its record",
        "gitlab.in2p3.fr/a/b/c": "its repository",
        "example.org/tool": "its home page",
        "docs.example.org/tool": "its documentation",
        "orcid.org/0000-0002-1825-0097": "the ORCID of its author A B",
    }


@pytest.mark.parametrize(
    "page",
    [
        "https://github.com/o/tool/blob/main/a.ipynb",
        "https://gitlab.example.org/a/b/tool/-/tree/main/notebooks",
        "https://codeberg.org/o/tool/src/branch/main/a.ipynb",
    ],
)
def test_an_entry_is_found_by_each_page_of_its_repository(page: str) -> None:
    code = repository(page)
    assert code.page == page
    assert identifiers(software(repository=code)) == {identifier(page): "its repository"}


def test_an_entry_is_found_by_each_link_that_launches_its_code(real_catalogue: Catalogue) -> None:
    known = {each.slug: identifiers(each) for each in real_catalogue.software}
    links = [(each.software, each.url) for each in real_catalogue.offers if each.url and "/v2/" in each.url]
    assert len(links) > 100
    assert [link for slug, link in links if identifier(link) not in known[slug]] == []
    pulled = "git-pull?repo=https%3A%2F%2Fgithub.com%2Fu%2Fcontent&branch=main&urlpath=lab%2Ftree%2Fcontent%2Fx.ipynb"
    for link in (
        f"https://hub.example.org/hub/user-redirect/{pulled}",
        f"https://mybinder.org/v2/gh/o/env/main?urlpath={quote(pulled, safe='')}",
    ):
        assert identifier(link) == "github.com/u/content"


def test_a_withdrawn_entry_is_found_by_its_names_and_dois_only(real_catalogue: Catalogue) -> None:
    gone = software(
        "gone",
        name="Gone-Tool",
        alternate_names=("Old tool", "…", "Gone tool"),
        doi="10.5281/zenodo.3",
        versions=(Version(doi="10.5281/zenodo.2"),),
        record_url="https://zenodo.org/records/3",
        repository="https://github.com/owner/gone",
        authors=(Person(name="A B", sort_name="B, A", orcid="0000-0002-1825-0097"),),
    )
    also = software("also", name="Old tool")
    assert withdrawn(replace(real_catalogue, withdrawn=(gone, also))) == {
        "gonetool": [("gone", "Gone-Tool")],
        "oldtool": [("gone", "Gone-Tool"), ("also", "Old tool")],
        "10.5281/zenodo.3": [("gone", "Gone-Tool")],
        "10.5281/zenodo.2": [("gone", "Gone-Tool")],
    }


def test_the_index_has_the_hash_of_its_content_in_path_and_file_and_has_every_entry(real_catalogue: Catalogue) -> None:
    file = search_file(real_catalogue)
    data = json.loads(file.text)
    vectors = {name.partition("/")[2] for name, _ in data["index"]["fieldVectors"]}
    assert vectors == {each.slug for each in real_catalogue.software} == set(data["names"])
    assert file.path == f"search/{data['build']}.json"
    assert len(data["build"]) == 12
    assert file == search_file(real_catalogue)
    renamed = replace(real_catalogue.software[0], name="Another name")
    assert search_file(replace(real_catalogue, software=(renamed, *real_catalogue.software[1:]))).path != file.path


def test_a_catalogue_without_entries_has_no_index(real_catalogue: Catalogue) -> None:
    data = json.loads(search_file(replace(real_catalogue, software=(), synonyms=())).text)
    assert {key: value for key, value in data.items() if key != "build"} == {
        "names": {},
        "identifiers": {},
        "synonyms": [],
        "withdrawn": {},
        "index": None,
    }


def test_the_browser_gets_the_rules_of_the_build() -> None:
    module = rules_module().decode()
    packing = {"digits": DIGITS, "levels": LEVELS, "title": TITLE}
    assert json.loads(module.partition("export default ")[2].rstrip(";\n")) == json.loads(
        json.dumps({**RULES, **packing})
    )


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def test_the_index_of_the_bundled_catalogue_is_light(real_catalogue: Catalogue) -> None:
    assert weight(search_file(real_catalogue).content) <= LIMIT


def test_the_front_page_with_all_that_it_fetches_before_the_search_is_light(real_files: list[File]) -> None:
    first = [
        file
        for file in real_files
        if file.path == "index.html" or (file.path.startswith("assets/") and "/vendor/" not in file.path)
    ]
    assert {file.path.rpartition(".")[2] for file in first} == {"html", "css", "js", "svg", "ico", "png"}
    assert sum(weight(file.content) for file in first) <= LIMIT
