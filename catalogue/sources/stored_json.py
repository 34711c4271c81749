"""The JSON files in snapshot/: written so that a diff shows what has changed, and read with a remedy in each error."""

import json
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ..problems import CatalogueError

# The version of their format, which each file states as `schema_version`.
SCHEMA: Final = 1
SchemaVersion = Literal[1]

Model = TypeVar("Model", bound=BaseModel)


def read_stored(model: type[Model], path: str, text: str, remedy: str) -> Model:
    """The file at `path` as its model. Raises CatalogueError with the first error and the remedy if it is damaged."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["loc"][:1] == ("schema_version",):  # the first key of each model: other keys may differ, too
            raise CatalogueError(
                f"{path} is of another version of this program (this one reads schema {SCHEMA}): use that version, or {remedy}"
            ) from None
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise CatalogueError(f"{path}: {where}: {first['msg'].lower()}: {remedy}") from None


def indented_json(data: object) -> str:
    """A JSON file with each value on its own line."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def diffable_json(lists: Mapping[str, Iterable[object]], **values: str | int) -> str:
    """A JSON file of these values, followed by these lists with each item on its own line."""
    parts = [f'"{name}": {_compact(value)}' for name, value in values.items()]
    for name, items in lists.items():
        parts.append(f'"{name}": [\n' + ",\n".join(map(_compact, items)) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False)
