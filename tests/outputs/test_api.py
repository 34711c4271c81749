"""The catalogue for programs."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import turbohtml

from catalogue.launch.offers import offers
from catalogue.model import Catalogue
from catalogue.outputs.api import catalogue_v1
from catalogue.outputs.files import File
from catalogue.outputs.schemas import codes
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import catalogue, facility, notebook

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("uri", raises=ValueError)
def is_address(value: object) -> bool:
    """Whether it is an absolute URI by RFC 3986: a scheme, a host, ASCII only."""
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    is_plain = value.isascii() and not re.search(r"[\s<>]", value)
    return parts.scheme in ("https", "http") and bool(parts.netloc) and is_plain


@pytest.fixture(scope="module", params=["real", "small"])
def files(request: pytest.FixtureRequest, real_files: list[File]) -> dict[str, File]:
    """The real site, and a small one with recorded changes."""
    every = real_files if request.param == "real" else built(small_catalogue())
    return {file.path: file for file in every}


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas inside it."""
    yield schema
    for inside in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inside, dict):
            yield from parts(inside)


def published(files: dict[str, File], name: str) -> list[Any]:
    """The exports of a schema."""
    paths = {"build": r"build\.json", "launch": r"api/v1/launch/.*\.json"}
    return [
        json.loads(file.text)
        for path, file in files.items()
        if re.fullmatch(paths.get(name, rf"api/v1/{name}\.json"), path)
    ]


@pytest.mark.parametrize("name", ["catalogue", "launch", "changes", "age", "build"])
def test_every_export_is_valid_by_its_schema_which_has_every_published_key(files: dict[str, File], name: str) -> None:
    schema = json.loads(files[f"api/v1/{name}.schema.json"].text)
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in parts(schema):
        if "properties" in each:
            each["additionalProperties"] = False  # a new key has to be in the schema, too
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    exports = published(files, name)
    assert exports
    for export in exports:
        assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(export)] == []


def test_every_part_of_every_schema_is_explained(files: dict[str, File]) -> None:
    schemas = [json.loads(file.text) for path, file in files.items() if path.endswith(".schema.json")]
    assert len(schemas) == 5
    for schema in schemas:
        assert [each for each in parts(schema) if not each.get("description")] == []


def test_every_schema_key_and_code_is_explained_on_the_page(files: dict[str, File]) -> None:
    page = turbohtml.parse(files["api/index.html"].text)
    links = {each.attrs["href"] for each in page.select("main dd a")}
    told = {each.text for each in page.select("dl.keys dt code")}
    for path, file in files.items():
        if path.endswith(".schema.json"):
            assert f"../{path}" in links
            assert {key for each in parts(json.loads(file.text)) for key in each.get("properties", {})} <= told
    assert {each.name for table in codes() for each in table.inside} <= told
    values = page.select_one("#keys-catalogue")
    assert values is not None
    assert "yes: it should run there, and the link opens the right thing; maybe:" in values.text


def test_the_catalogue_names_its_schema(real_catalogue: Catalogue) -> None:
    base = real_catalogue.site.base_url
    assert catalogue_v1(real_catalogue)["schema"] == f"{base}api/v1/catalogue.schema.json"


def test_every_pair_has_one_offer_with_a_verdict_and_reasons_unless_it_is_yes(
    real_catalogue: Catalogue,
) -> None:
    data = catalogue_v1(real_catalogue)
    pairs = [(each["software"], each["facility"]) for each in data["offers"]]
    assert len(pairs) == len(set(pairs)) == data["counts"]["software"] * data["counts"]["facilities"]
    for each in data["offers"]:
        assert (each["url"] is None) == (each["verdict"] == "no")
        assert bool(each["reasons"]) == (each["verdict"] != "yes")


def test_an_offer_says_which_data_that_the_software_reads_are_at_the_facility() -> None:
    tool = notebook(reads=("Apertif DR1", "FITS"))
    places = (facility(slug="near", data=("apertif-dr1", "LoTSS")), facility(slug="far"))
    of = replace(catalogue(), software=(tool,), facilities=places, offers=offers([tool], places))
    assert [(each["facility"], each["data"]) for each in catalogue_v1(of)["offers"]] == [
        ("near", ["Apertif DR1"]),
        ("far", []),
    ]


def test_its_accounts_add_up_to_the_records_seen(real_catalogue: Catalogue) -> None:
    harvest = catalogue_v1(real_catalogue)["harvest"]
    assert sum(each["source"] == "harvest" for each in harvest["accounts"]) == harvest["records_seen"]
