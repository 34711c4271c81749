"""JSON for files that are committed every night: one item per line, so that a diff shows what is new."""

import json
from collections.abc import Iterable, Mapping


def diffable_json(lists: Mapping[str, Iterable[object]], **values: str | int) -> str:
    """A JSON object of these values, followed by these lists with each item on its own line."""
    parts = [f'"{name}": {_json(value)}' for name, value in values.items()]
    for name, items in lists.items():
        parts.append(f'"{name}": [\n' + ",\n".join(map(_json, items)) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False)
