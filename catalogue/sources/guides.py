"""The reference of the YAML files, generated from their models, for the pages that explain how to contribute."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ..launch.kinds import KINDS
from ..model import EXAMPLE_SUMMARY, Guide, GuideKind, Key
from .facilities import FacilityEntry
from .local import SoftwareEntry
from .schemas import model_schema

FACILITY_EXAMPLE = """\
  - id: my-hub
    name: My Hub
    kind: binderhub
    url: https://hub.example.org/
    login: required
    description: BinderHub of My Institute, open to everybody with an institute account.
"""
NOTEBOOK_EXAMPLE = f"""\
  - id: my-notebook
    name: My notebook
    interfaces: [notebook]
    platforms: [Python]
    repository: https://github.com/owner/my-notebook
    notebooks: [{{path: first look.ipynb, title: A first look}}]
    summary: {EXAMPLE_SUMMARY}
"""
EXAMPLE_IDS = frozenset(re.findall(r"- id: (\S+)", FACILITY_EXAMPLE + NOTEBOOK_EXAMPLE))
SYNONYM_EXAMPLE = """\
  - words: [light curve, time series]
    note: why they belong together (may be left out)
"""


def guides(facilities_file: str, notebooks_file: str) -> tuple[Guide, ...]:
    """The guides for contributors: how to add a facility, and how to add a notebook, each to the given file."""
    kinds = tuple(
        GuideKind(name=name, label=kind.LABEL, does=kind.DOES, options=_keys(kind.OPTIONS))
        for name, kind in KINDS.items()
    )
    return (
        Guide(what="facility", file=facilities_file, example=FACILITY_EXAMPLE, keys=_keys(FacilityEntry), kinds=kinds),
        Guide(what="notebook", file=notebooks_file, example=NOTEBOOK_EXAMPLE, keys=_keys(SoftwareEntry)),
    )


def _keys(model: type[BaseModel]) -> tuple[Key, ...]:
    return _keys_of(model_schema(model))


def _keys_of(schema: Mapping[str, Any]) -> tuple[Key, ...]:
    required = schema.get("required", ())
    return tuple(_key(name, part, name in required) for name, part in schema.get("properties", {}).items())


def _key(name: str, part: Mapping[str, Any], required: bool) -> Key:
    value = next((each for each in part.get("anyOf", ()) if each.get("type") != "null"), part)
    item = value.get("items", value)
    return Key(
        name=name,
        description=part.get("description", ""),
        required=required,
        values=tuple(item.get("enum", ())),
        inside=_keys_of(item),
    )
