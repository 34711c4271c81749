"""Files that people write, as models: all errors at once, each with its place and what is allowed."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ..problems import Place, Problem
from ..text import strip_controls
from .yaml_text import Marked, Path, read_yaml

Model = TypeVar("Model", bound=BaseModel)


class Entry(BaseModel):
    """A mapping in a file of ours: no keys but those that are declared, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _one_line(text: str) -> str:
    if text != strip_controls(text).strip() or "\n" in text:
        raise ValueError("must be one line, without blanks around it and without control characters")
    return text


def address_host(text: str) -> str:
    """The host that an address names, empty where it names none. Raises ValueError that says what is wrong with it."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("is not an address: its host or port is malformed") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if not text.isprintable() or any(letter in ' <>"`\\' for letter in text):
        raise ValueError("must not hold blanks, quotes or control characters")
    return host


def web_address(text: str) -> str:
    """An address on the public web, as it was given. Raises ValueError that says what is wrong with it."""
    if len(text) > 1000:
        raise ValueError("must have 1000 letters at most")
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https://")
    host = address_host(text)
    if (
        "." not in host
        or host.rpartition(".")[2].isdigit()
        or host.endswith((".local", ".internal", ".localhost"))
        or ":" in host
    ):
        raise ValueError(f"must name a public host, not {host or 'none'!r}")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Doi = Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/[A-Za-z0-9._;()/:-]+$", max_length=200)]


def required(description: str, **more: Any) -> Any:
    """A field that must be there."""
    return Field(description=description, **more)


def optional(description: str, default: Any = None, **more: Any) -> Any:
    """A field that may be left out."""
    return Field(default, description=description, **more)


def validated(model: type[Model], document: Marked, path: Path = ()) -> Model | list[Problem]:
    """The part of a document at a path as a model, or everything that is wrong with it."""
    part: Any = document.data
    for step in path:
        part = part[step]
    try:
        return model.model_validate(part)
    except ValidationError as error:
        return [_problem(model, document, path, found) for found in error.errors(include_url=False)]


def each_validated(
    model: type[Model], documents: Iterable[Marked], key: str
) -> tuple[list[tuple[Marked, Path, Model]], list[Problem]]:
    """Every sound entry of files that are each one list under `key`, with its file and path, and all that is wrong."""
    entries: list[tuple[Marked, Path, Model]] = []
    problems: list[Problem] = []
    ids: list[tuple[object, Place]] = []
    for document in documents:
        data = document.data
        if not isinstance(data, dict) or not isinstance(data.get(key, ""), list | None):
            problems.append(
                Problem(document.place(()), f"the file must be a list under the key {key!r}, as in `{key}:`")
            )
            continue
        problems.extend(
            Problem(document.key_place((other,)), f"{other}: unknown key; the only one is {key!r}")
            for other in data
            if other != key
        )
        for index, item in enumerate(data[key] or ()):
            read = validated(model, document, (key, index))
            if isinstance(read, list):
                problems.extend(read)
            else:
                entries.append((document, (key, index), read))
            if isinstance(item, dict) and "id" in item:
                ids.append((item["id"], document.place((key, index, "id"))))
    return entries, [*problems, *_same_id_twice(ids)]


def read_documents(texts: Mapping[str, str]) -> tuple[list[Marked], list[Problem]]:
    """The documents in files, by the order of their names, and what keeps the others from being one."""
    found = [read_yaml(text, file) for file, text in sorted(texts.items())]
    return [each for each in found if isinstance(each, Marked)], [each for each in found if isinstance(each, Problem)]


def _problem(model: type[BaseModel], document: Marked, path: Path, found: Mapping[str, Any]) -> Problem:
    where: Path = (
        *path,
        *(step for step in found["loc"] if not (isinstance(step, str) and step.startswith("function-"))),
    )
    key = where[-1] if where else ""
    name = _field(where, path)
    given = found.get("input")
    allowed = _field_names(model, found["loc"][:-1])
    match found["type"]:
        case "extra_forbidden":
            near = get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(allowed)}"
            return Problem(document.key_place(where), f"{name}: unknown key; {hint}")
        case "missing":
            return Problem(document.place(where[:-1]), f"{name}: is missing")
        case "enum" | "literal_error":
            words = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return Problem(document.place(where), f"{name}: {unknown(str(given), words)}")
        case "string_type" if isinstance(given, int | float):
            return Problem(document.place(where), f"{name}: put it in quotes: '{document.scalars.get(where, given)}'")
        case "string_pattern_mismatch":
            return Problem(
                document.place(where),
                f"{name}: {given!r} {_PATTERNS.get(found['ctx']['pattern'], 'has the wrong form')}",
            )
        case "value_error":
            return Problem(document.place(where), f"{name}: {found['ctx']['error']}")
        case kind if kind in _MUST_BE:
            return Problem(document.place(where), f"{name or 'the file'}: must be {_MUST_BE[kind]}")
    return Problem(document.place(where), f"{name or 'the file'}: {found['msg'].lower()}")


def _field(where: Path, path: Path) -> str:
    """The keys that lead from an entry to a value, joined by dots; of an item of a file's list that is no entry, the list."""
    inside = where[2:] if len(path) > 1 and isinstance(path[1], int) else where
    return ".".join(str(step) for step in inside or where if isinstance(step, str))


_MUST_BE = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list, as in `[one, two]`",
    "frozen_set_type": "a list, as in `[one, two]`",
    "dict_type": "keys with values",
    "model_type": "keys with values",
}
COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"
_PATTERNS = {
    COLOUR_PATTERN: "is not a colour: write it as '#24479c', in quotes",
    r"^\d{4}-\d{2}(?:-\d{2})?$": "is not a month or a day: write 2026-08 or 2026-08-31",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$": "must be small letters, digits and single hyphens, as it becomes part of an address",
    r"^10\.\d{4,9}/[A-Za-z0-9._;()/:-]+$": "is not a DOI: write 10.5281/zenodo.…",
    r"^https://[^\s?#]+$": "must begin with https:// and have no ?, # or blank",
    r"^https?://[^\s?#]+$": "must begin with https:// or http:// and have no ?, # or blank",
}


def unknown(given: str, allowed: list[str]) -> str:
    """The words for a value that is not one of those allowed."""
    near = get_close_matches(given, allowed, n=1)
    return f"unknown value {given!r}; one of {', '.join(allowed)}" + (f"; did you mean {near[0]!r}?" if near else "")


def _field_names(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The names that are allowed at a place inside a model."""
    current: Any = model
    for step in loc:
        if isinstance(step, int) or current is None:
            continue
        field = current.model_fields.get(step)
        current = _model_in(field.annotation) if field else None
    return list(current.model_fields) if current else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _model_in(part))), None)


def _same_id_twice(entries: list[tuple[object, Place]]) -> list[Problem]:
    first: dict[str, Place] = {}
    problems = []
    for name, place in entries:
        if not isinstance(name, str):
            continue
        if name.casefold() in first:
            problems.append(Problem(place, f"id: {name!r} is given twice, first at {first[name.casefold()]}"))
        first.setdefault(name.casefold(), place)
    return problems
