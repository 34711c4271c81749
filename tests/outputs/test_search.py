"""The words of the index, and what it holds of an entry."""

import json
from dataclasses import replace

import pytest

from catalogue.model import Catalogue, Interface, Person
from catalogue.outputs.search import BOOSTS, SYMBOLS, fields, search_file, tokens
from catalogue.text import LETTERS
from tests.world import software

# The browser must make the same words of the same text: tests/web/test_words.py runs this table there.
WORDS = [
    ("Gammapy", ["gammapy"]),
    ("gamma-ray", ["gammaray", "gamma", "ray"]),
    ("Tamás Gál", ["tamas", "gal"]),
    ("François-Xavier", ["francoisxavier", "francois", "xavier"]),
    ("C++ and C#", ["cplusplus", "and", "csharp"]),
    ("C++17", ["cplusplus", "17"]),
    ("Aper.tif", ["apertif", "aper", "tif"]),
    ("Łódź Straße Ærø Þór", ["lodz", "strasse", "aero", "thor"]),
    ("HCG-16 (v1.2)", ["hcg16", "hcg", "16", "v12", "v1", "2"]),
    ("e\u0301te\u0301", ["ete"]),
    ("аstropy 王彦昭", ["аstropy", "王彦昭"]),
    ("… — * ~", []),
    ("İstanbul", ["istanbul"]),
]


@pytest.mark.case("H24", "Y23")
@pytest.mark.parametrize(("text", "words"), WORDS)
def test_a_text_becomes_these_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_everything_that_a_reader_would_type_is_in_a_field_of_its_own() -> None:
    found = fields(
        software(
            "aperture-tool",
            name="Aper.tif Tool",
            alternate_names=("Old Tool",),
            authors=(Person(name="Gál, Tamás", sort_name="Gál, Tamás"),),
            runtimes=("C++",),
            interfaces=frozenset({Interface.COMMAND_LINE}),
            keywords=("radio astronomy",),
            summary="Looks at maps.",
            repository="https://github.com/owner/apertif-viewer",
            reads=("Apertif DR1",),
        )
    )
    assert found == {
        "name": ["apertif", "aper", "tif", "tool"],
        "author": ["gal", "tamas"],
        "platform": ["cplusplus"],
        "kind": ["commandline", "command", "line"],
        "keyword": ["radio", "astronomy"],
        "alias": [
            "old",
            "tool",
            "aperturetool",
            "aperture",
            "tool",
            "apertifviewer",
            "apertif",
            "viewer",
            "apertif",
            "dr1",
        ],
        "text": ["looks", "at", "maps"],
    }
    assert list(found) == list(BOOSTS)


def test_the_index_is_named_by_its_content_and_knows_every_entry(real_catalogue: Catalogue) -> None:
    file = search_file(real_catalogue)
    data = json.loads(file.text)
    vectors = {name.partition("/")[2] for name, _ in data["index"]["fieldVectors"]}
    assert vectors == {each.slug for each in real_catalogue.software}
    assert data["count"] == len(real_catalogue.software)
    assert file == search_file(real_catalogue)
    assert len(file.path) == len("search/0123456789ab.json")


def test_a_catalogue_without_entries_has_the_tables_and_no_index(real_catalogue: Catalogue) -> None:
    file = search_file(replace(real_catalogue, software=()))
    assert json.loads(file.text) == {"letters": LETTERS, "symbols": SYMBOLS, "count": 0, "index": None}
