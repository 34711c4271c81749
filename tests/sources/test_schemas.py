"""The schemas for editors: the committed ones match the models, and accept exactly what the check accepts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from catalogue.problems import Problem
from catalogue.sources.facilities import read_facilities
from catalogue.sources.local import read_local
from catalogue.sources.schemas import schema_line, schemas
from catalogue.sources.site import read_site
from catalogue.sources.synonyms import read_synonyms
from catalogue.sources.yaml_text import YamlDocument, read_yaml
from tests.conftest import PROJECT, YAML_FILES, our_texts
from tests.world import FACILITIES, SITE

NOTEBOOKS = "software:\n  - id: a\n    name: A\n"


READERS: dict[str, Callable[[str], tuple[object, list[Problem]]]] = {
    "facilities.yaml": read_facilities,
    "notebooks.yaml": read_local,
    "site.yaml": read_site,
    "synonyms.yaml": read_synonyms,
}


def validator(file: str) -> Any:
    schema = json.loads(schemas()[f"{Path(file).stem}.schema.json"])
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def data(text: str) -> object:
    found = read_yaml(text, "f.yaml")
    assert isinstance(found, YamlDocument), found
    return found.data


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_committed_schema_is_that_of_the_models(name: str) -> None:
    committed = (PROJECT / "schemas" / name).read_text("utf-8")
    assert committed == schemas()[name], "run `python build.py schemas`"


@pytest.mark.parametrize("file", YAML_FILES)
def test_our_own_file_begins_with_the_line_by_which_editors_find_its_schema_and_agrees_with_it(file: str) -> None:
    for path, text in our_texts(file).items():
        assert text.splitlines()[0] == schema_line(file, "../" * path.count("/")), path
        assert ((PROJECT / path).parent / text.splitlines()[0].partition("$schema=")[2]).is_file()
        assert [error.message for error in validator(file).iter_errors(data(text))] == [], path


def test_in_a_folder_the_line_leads_one_up() -> None:
    assert schema_line("notebooks.yaml", "../") == ("# yaml-language-server: $schema=../schemas/notebooks.schema.json")


@pytest.mark.parametrize(
    ("file", "text", "line", "is_right"),
    [
        ("facilities.yaml", FACILITIES, "    limits: {memory: 2 GB}", True),
        ("facilities.yaml", FACILITIES, "    options: {environment: https://github.com/o/r}", True),
        ("facilities.yaml", FACILITIES, "    options: {nbgitpuller: true}", False),  # another kind's
        ("facilities.yaml", FACILITIES, "    urll: x", False),
        ("facilities.yaml", FACILITIES, "    limits: {memry: 2 GB}", False),
        ("facilities.yaml", FACILITIES, "    login: maybe", False),
        ("facilities.yaml", FACILITIES, "    ports: [0]", False),
        ("facilities.yaml", FACILITIES, "    providers: []", False),
        ("facilities.yaml", FACILITIES, "    operator: 1.10", False),
        ("facilities.yaml", FACILITIES, "    seen: next week", False),
        ("facilities.yaml", FACILITIES, "software: []", False),
        ("facilities.yaml", "facilities:", "", True),
        ("notebooks.yaml", NOTEBOOKS, "    notebooks: [{path: a b.ipynb}]", True),
        ("notebooks.yaml", NOTEBOOKS, "    notebooks: [{title: A}]", False),
        ("notebooks.yaml", NOTEBOOKS, "    interfaces: [notebok]", False),
        ("notebooks.yaml", NOTEBOOKS, "    ossr: 10.5281/zenodo.1", False),
        ("notebooks.yaml", NOTEBOOKS, "  - ossr: 10.5281/zenodo.1", True),
        ("notebooks.yaml", NOTEBOOKS, "  - ossr: https://doi.org/10.5281/zenodo.1", True),
        ("notebooks.yaml", NOTEBOOKS, "  - ossr: https://zenodo.org/records/1", False),
        ("notebooks.yaml", NOTEBOOKS, "  - id: b", False),
        ("notebooks.yaml", NOTEBOOKS, "  - name: b", False),
        ("site.yaml", SITE, "branch: trunk", True),
        ("site.yaml", SITE, "brunch: trunk", False),
        ("site.yaml", SITE, "kinds: software", False),
        ("site.yaml", SITE, "blank:", False),
        ("site.yaml", SITE.replace("help@example.org", "https://example.org/ask"), "", True),
        ("site.yaml", SITE.replace("help@example.org", "the help desk"), "", False),
        ("facilities.yaml", FACILITIES, "    operator:", False),
        ("facilities.yaml", FACILITIES, "    limits: {memory: }", False),
        ("facilities.yaml", FACILITIES, "    seen: 2026-13", False),
        ("synonyms.yaml", "synonyms:", "  - words: [a, b]", True),
        ("synonyms.yaml", "synonyms:", "  - word: [a, b]", False),
    ],
)
def test_schema_and_check_are_of_one_mind(file: str, text: str, line: str, is_right: bool) -> None:
    whole = f"{text.rstrip()}\n{line}\n"
    problems = READERS[file](whole)[1]
    assert (not problems, validator(file).is_valid(data(whole))) == (is_right, is_right)


def test_every_key_is_explained_to_the_editor() -> None:
    def unexplained(schema: Any, at: str = "") -> list[str]:
        found = []
        for key, each in schema.get("properties", {}).items():
            found += [] if "description" in each or at.endswith("options") else [f"{at}.{key}"]
            found += unexplained(each, f"{at}.{key}")
        return found + (unexplained(schema["items"], at) if isinstance(schema.get("items"), dict) else [])

    assert [each for text in schemas().values() for each in unexplained(json.loads(text))] == []


def test_an_ordinary_reader_of_yaml_reads_our_files_as_ours_does() -> None:
    for text in (text for file in YAML_FILES for text in our_texts(file).values()):
        assert json.loads(json.dumps(yaml.safe_load(text), default=str)) == json.loads(json.dumps(data(text)))
