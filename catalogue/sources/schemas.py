"""JSON Schemas of the YAML files, generated from their models: with them editors complete, explain and validate."""

import json
from typing import Any

from pydantic import BaseModel

from ..launch.kinds import KINDS
from .facilities import FILE as FACILITIES_FILE
from .facilities import KEY as FACILITIES_KEY
from .facilities import FacilityEntry
from .local import FILE as NOTEBOOKS_FILE
from .local import KEY as NOTEBOOKS_KEY
from .local import SoftwareEntry
from .site import FILE as SITE_FILE
from .site import SiteEntry
from .synonyms import FILE as SYNONYMS_FILE
from .synonyms import KEY as SYNONYMS_KEY
from .synonyms import SynonymsEntry

FOLDER = "schemas"

Schema = dict[str, Any]


def schema_name(file: str) -> str:
    """The name of a file's schema: `facilities.schema.json` for `facilities.yaml`."""
    return f"{file.removesuffix('.yaml')}.schema.json"


def schema_line(file: str, above: str = "") -> str:
    """The comment by which an editor finds the schema of a file; `above` is the relative path to the folder of `site.yaml`."""
    return f"# yaml-language-server: $schema={above}{FOLDER}/{schema_name(file)}"


def schemas() -> dict[str, str]:
    """The texts of all schemas by file name."""
    made = {
        FACILITIES_FILE: _list_of(FACILITIES_KEY, _facility(), "Where software can run."),
        NOTEBOOKS_FILE: _list_of(
            NOTEBOOKS_KEY, _software(), "Software that is not in the harvest, and corrections to what is."
        ),
        SITE_FILE: model_schema(SiteEntry),
        SYNONYMS_FILE: _list_of(SYNONYMS_KEY, model_schema(SynonymsEntry), "Words that the search treats as the same."),
    }
    heads = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return {
        schema_name(file): json.dumps(heads | schema, indent=1, ensure_ascii=False) + "\n"
        for file, schema in made.items()
    }


def _facility() -> Schema:
    """The schema of a facility, whose `options` depend on its kind."""
    schema = model_schema(FacilityEntry)
    schema["properties"]["options"] = {"description": schema["properties"]["options"]["description"], "type": "object"}
    schema["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"properties": {"options": model_schema(kind.OPTIONS)}},
        }
        for name, kind in KINDS.items()
    ]
    return schema


def _software() -> Schema:
    schema = model_schema(SoftwareEntry)
    schema["oneOf"] = [{"required": ["id", "name"]}, {"required": ["ossr"]}]
    return schema


def _list_of(key: str, item: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key],
        "properties": {key: {"description": description, "type": ["array", "null"], "items": item}},
    }


def model_schema(model: type[BaseModel]) -> Schema:
    """The schema of a model, with all references inlined, and without the titles that only repeat a key.

    An optional key must have a value if it is given, as in the check: its schema does not allow null.
    """
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def inlined(value: Any, *, named: bool = False) -> Any:
        if isinstance(value, list):
            return [inlined(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get("anyOf", [])[1:] == [{"type": "null"}] and not named:
            return inlined({**value["anyOf"][0], **{key: each for key, each in value.items() if key != "anyOf"}})
        if "$ref" in value and not named:
            part = parts[value["$ref"].removeprefix("#/$defs/")]
            return inlined({**part, **{key: each for key, each in value.items() if key != "$ref"}})
        return {
            key: inlined(each, named=key == "properties")
            for key, each in value.items()
            if named or key not in ("title", "default")
        }

    made: Schema = inlined(schema)
    return made
