"""The catalogue for programs."""

import json

import jsonschema

from catalogue.model import Catalogue
from catalogue.outputs.api import catalogue_v1, schema_file
from catalogue.outputs.files import File


def test_the_published_catalogue_is_right_by_its_published_schema(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    by_path = {file.path: file for file in real_files}
    schema = json.loads(by_path["api/v1/catalogue.schema.json"].text)
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads(by_path["api/v1/catalogue.json"].text)
    jsonschema.validate(data, schema)
    assert data["schema"] == schema["$id"] == f"{real_catalogue.site.base_url}api/v1/catalogue.schema.json"


def test_the_schema_names_every_key_that_is_published(real_catalogue: Catalogue) -> None:
    schema = json.loads(schema_file(real_catalogue).text)["properties"]
    data = catalogue_v1(real_catalogue)
    for part in ("software", "facilities", "offers"):
        assert set(schema[part]["items"]["properties"]) == set(data[part][0]), part


def test_every_pair_is_in_it_once_with_its_verdict_and_a_reason_for_each_that_is_not_yes(
    real_catalogue: Catalogue,
) -> None:
    data = catalogue_v1(real_catalogue)
    pairs = [(each["software"], each["facility"]) for each in data["offers"]]
    assert len(pairs) == len(set(pairs)) == data["counts"]["software"] * data["counts"]["facilities"]
    for each in data["offers"]:
        assert (each["url"] is None) == (each["verdict"] == "no")
        assert bool(each["reasons"]) == (each["verdict"] != "yes")


def test_its_accounts_add_up_to_the_records_seen(real_catalogue: Catalogue) -> None:
    harvest = catalogue_v1(real_catalogue)["harvest"]
    assert sum(each["source"] == "harvest" for each in harvest["accounts"]) == harvest["records_seen"]
