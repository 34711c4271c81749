"""Citations, and BibTeX that any parser accepts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.model import Person
from catalogue.outputs.cite import bibtex, citation
from tests.world import repository, software

PAGE = "https://catalogue.example.org/software/tool/"


def person(name: str, sort_name: str | None = None) -> Person:
    return Person(name=name, sort_name=sort_name or name)


def test_an_entry_is_cited_with_version_doi_and_all_authors() -> None:
    tool = software(
        name="Sky & Tool",
        version="v1.0_b",
        published="2024-03-05",
        doi="10.5281/zenodo.7",
        authors=(person("Tamás Gál", "Gál, Tamás"), person("CTA Consortium")),
    )
    assert bibtex(tool, PAGE) == (
        "@software{tool,\n"
        "  author = {Gál, Tamás and {CTA Consortium}},\n"
        "  title = {{Sky \\& Tool}},\n"
        "  version = {v1.0\\_b},\n"
        "  year = {2024},\n"
        "  month = {3},\n"
        "  publisher = {Zenodo},\n"
        "  doi = {10.5281/zenodo.7},\n"
        "  url = {https://doi.org/10.5281/zenodo.7},\n"
        "}"
    )


def test_missing_facts_are_left_out_and_the_url_is_that_of_the_page() -> None:
    assert bibtex(software(), PAGE) == f"@software{{tool,\n  title = {{{{Tool}}}},\n  url = {{{PAGE}}},\n}}"


@pytest.mark.parametrize(
    ("known", "where"),
    [
        ({"doi": "10.5281/zenodo.7", "homepage": "https://tool.example.org/"}, "https://doi.org/10.5281/zenodo.7"),
        ({"homepage": "https://tool.example.org/", "repository": repository("https://github.com/o/tool")}, "https://tool.example.org/"),
        ({"repository": repository("https://github.com/o/tool")}, "https://github.com/o/tool"),
        ({}, PAGE),
    ],
)  # fmt: skip
def test_both_citations_have_the_same_url(known: dict[str, Any], where: str) -> None:
    tool = software(**known)
    assert citation(tool, PAGE) == f"Tool [Computer software]. {where}"
    assert f"url = {{{where}}}" in bibtex(tool, PAGE)


def test_a_long_list_of_authors_ends_with_and_others() -> None:
    tool = software(authors=tuple(person(f"Name {number}", f"Name, {number}") for number in range(201)))
    authors = bibtex(tool, PAGE).splitlines()[1]
    assert authors.endswith("Name, 199 and others},")
    assert authors.count(" and ") == 200


@pytest.mark.case("H27")
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_h27_no_name_breaks_out_of_its_braces(name: str, author: str) -> None:
    text = bibtex(software(name=name, authors=(person(author), person("A B", "B, A")), version=name), PAGE)
    bare = text.replace("\\\\", "")
    assert bare.count("{") == bare.count("}")
    depth = 0
    for line in text.split("\n"):
        depth += line.count("{") - line.count("}")
        assert depth in (0, 1)  # each line is one field, whole
    assert depth == 0
    assert text.split("\n")[1].endswith(" and B, A},")
