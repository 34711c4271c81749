"""Problems: what is wrong with data, and where. They are collected and shown together, never raised. Errors end a run."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote


class CatalogueError(Exception):
    """The run cannot continue. The message tells the user why and what to do."""

    exit_code = 1


class UpstreamError(CatalogueError):
    """Upstream could not be read completely; the snapshot stays as it was."""

    exit_code = 4


class GuardError(CatalogueError):
    """The new site must not be published; the old one stays."""

    exit_code = 5


class Severity(StrEnum):
    """An error stops a build, a warning is listed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A place in a file. Lines and columns count from 1; 0 means none."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it."""

    place: Place
    text: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.text}"

    @property
    def annotation(self) -> str:
        """The problem as a GitHub workflow command (`::error file=…,line=…::text`)."""
        # https://docs.github.com/actions/reference/workflow-commands: these five must be escaped.
        fold = {"%": "%25", "\r": "%0D", "\n": "%0A"}
        text = "".join(fold.get(letter, letter) for letter in self.text)
        file = "".join((fold | {":": "%3A", ",": "%2C"}).get(letter, letter) for letter in self.place.file)
        where = f",line={self.place.line}" if self.place.line else ""
        where += f",col={self.place.column}" if self.place.column else ""
        return _as_unicode(f"::{self.severity} file={file}{where}::{text}")


def as_sarif(problems: Iterable[Problem], version: str) -> str:
    """The problems as SARIF 2.1.0, the JSON format of code scanning and editors."""
    rule = "what-people-write"
    results = [
        {
            "ruleId": rule,
            "level": problem.severity.value,
            "message": {"text": _as_unicode(problem.text)},
            "locations": [{"physicalLocation": _sarif_location(problem.place)}],
        }
        for problem in sorted(problems)
    ]
    driver = {
        "name": "esap-catalogue",
        "version": version,
        "rules": [{"id": rule, "shortDescription": {"text": "A YAML file of the catalogue"}}],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that holds site.yaml"}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
        indent=1,
        ensure_ascii=False,
    )


# The name that code scanning has for the root of a checkout.
_ROOT = "%SRCROOT%"


def _sarif_location(place: Place) -> dict[str, object]:
    # A problem of a whole file goes to its first line: code scanning shows nothing that has no line.
    region = {"startLine": place.line or 1, **({"startColumn": place.column} if place.column else {})}
    # A file name may hold bytes that are not UTF-8.
    uri = quote(place.file, errors="surrogateescape")
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}


def _as_unicode(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def as_text(problems: Iterable[Problem]) -> str:
    """One line per problem, in the order of their places."""
    return "\n".join(str(problem) for problem in sorted(problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
