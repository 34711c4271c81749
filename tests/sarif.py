"""Validates a report against SARIF 2.1.0 (OASIS, with its errata of 2023) and the further requirements of code scanning.

Only what our reports use is known here: a property that is not named below is a fault, until somebody has looked it up.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema

TEXT = {"type": "string", "minLength": 1}
COUNTED = {"type": "integer", "minimum": 1}  # lines and columns count from 1 (3.30.5, 3.30.6)


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


_MESSAGE = _object(("text",), text=TEXT)  # 3.11
_RULE = _object(("id",), id=TEXT, shortDescription=_MESSAGE)  # 3.49
_ARTIFACT = _object(("uri", "uriBaseId"), uri=TEXT, uriBaseId=TEXT)  # 3.4
_REGION = _object(("startLine",), startLine=COUNTED, startColumn=COUNTED)  # 3.30
_LOCATION = _object(  # 3.28, 3.29
    ("physicalLocation",),
    physicalLocation=_object(("artifactLocation", "region"), artifactLocation=_ARTIFACT, region=_REGION),
)
_RESULT = _object(  # 3.27
    ("ruleId", "level", "message", "locations"),
    ruleId=TEXT,
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations={"type": "array", "items": _LOCATION, "minItems": 1, "maxItems": 1},
)
_DRIVER = _object(  # 3.19
    ("name", "version", "rules"),
    name=TEXT,
    version=TEXT,
    rules={"type": "array", "items": _RULE, "uniqueItems": True, "minItems": 1},
)
_RUN = _object(  # 3.14
    ("tool", "results", "columnKind", "originalUriBaseIds"),
    tool=_object(("driver",), driver=_DRIVER),  # 3.18
    originalUriBaseIds={"type": "object", "additionalProperties": _object((), description=_MESSAGE)},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": _RESULT},
)
_REPORT = _object(  # 3.13
    ("$schema", "version", "runs"),
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={"type": "array", "items": _RUN, "minItems": 1},
)
_RELATIVE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+")  # RFC 3986, without a colon


def faults(report: Any) -> list[str]:
    """All that is wrong with a report, each with where it stands."""
    found = [
        f"{each.json_path}: {each.message}" for each in jsonschema.Draft202012Validator(_REPORT).iter_errors(report)
    ]
    return found or [*_dangling(report)]


def _dangling(report: Any) -> Iterator[str]:
    for run in report["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        if len({*rules}) != len(rules):
            yield "two rules have one id"
        for number, result in enumerate(run["results"]):
            if result["ruleId"] not in rules:
                yield f"results[{number}]: there is no rule {result['ruleId']!r}"
            if not result["message"]["text"].strip():
                yield f"results[{number}]: the message is empty"
            artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
            if artifact["uriBaseId"] not in run["originalUriBaseIds"]:
                yield f"results[{number}]: there is no base {artifact['uriBaseId']!r}"
            uri = artifact["uri"]
            if not _RELATIVE.fullmatch(uri) or urlsplit(uri).scheme or uri.startswith("/"):
                yield f"results[{number}]: {uri!r} is no relative address"
            if ".." in unquote(uri).split("/"):
                yield f"results[{number}]: {uri!r} leads out of its base"
