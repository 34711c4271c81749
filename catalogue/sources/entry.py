"""Files that people write, as models: all errors at once, each with its place and what is allowed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from ..problems import Place, Problem
from ..text import DEVICE_NAMES, strip_controls
from .yaml_text import Marked, Path, read_yaml

Model = TypeVar("Model", bound=BaseModel)


class Entry(BaseModel):
    """A mapping in a file of ours: no keys but those that are declared, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def belongs(cls, key: str, written: str, item: Mapping[str, object]) -> str | None:
        """What to do with a key of an item that is known elsewhere and not here; None where it is not known at all."""
        return None


def _one_line(text: str) -> str:
    if text != strip_controls(text).strip() or "\n" in text:
        raise ValueError("must be one line, without spaces at its ends and without control characters")
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
        raise ValueError("must not contain a user name or password")
    if not text.isprintable() or any(letter in ' <>"`\\' for letter in text):
        raise ValueError("must not contain spaces, quotes or control characters")
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
        raise ValueError(f"must name a public host, not {host!r}" if host else "has no host name")
    return text


def _no_device(text: str) -> str:
    if text in DEVICE_NAMES:
        raise ValueError(f"{text!r} is a reserved name on Windows: choose a longer one")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60), AfterValidator(_no_device)
]
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
    part = _part(document, path)
    found: list[Mapping[str, Any]] = []
    try:
        sound = model.model_validate(part)
    except ValidationError as error:
        found += error.errors(include_url=False)
    named = {each["loc"] for each in found}
    found += ({"type": "empty", "loc": loc, "input": None} for loc in _empty(model, part) if loc not in named)
    if not found:
        return sound
    meant = {_meant(model, each) for each in found if each["type"] == "extra_forbidden"}
    return [
        _problem(model, document, path, each) for each in found if each["type"] != "missing" or each["loc"] not in meant
    ]


def _part(document: Marked, path: Path) -> Any:
    """The value at a path of a document."""
    part: Any = document.data
    for step in path:
        part = part[step]
    return part


def _empty(model: type[BaseModel], part: object, loc: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a key is given without a value. A key left out and an empty one are not the same: a value may be lost."""
    if isinstance(part, dict):
        known = _field_names(model, loc)
        for key, value in part.items():
            if value is not None:
                yield from _empty(model, value, (*loc, key))
            elif key in known:
                yield (*loc, key)
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _empty(model, value, (*loc, index))


def misspelt(model: type[BaseModel], item: Iterable[str], key: str) -> bool:
    """Whether one of the keys of an item is an unknown one that is probably meant to be `key`."""
    known = model.model_fields
    return any(each not in known and _near(each, list(known)) == [key] for each in item)


def _meant(model: type[BaseModel], found: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where the key stands that an unknown one was probably meant to be; nowhere if none is like it."""
    *above, key = found["loc"]
    near = _near(str(key), _field_names(model, tuple(above)))
    return (*above, *near) if near else ()


def each_validated(
    model: type[Model], documents: Iterable[Marked], key: str
) -> tuple[list[tuple[Marked, Path, Model]], list[Problem]]:
    """Every sound entry of files that are each one list under `key`, with its file and path, and all that is wrong."""
    entries: list[tuple[Marked, Path, Model]] = []
    problems: list[Problem] = []
    ids: list[tuple[object, Place]] = []
    for document in documents:
        data = document.data
        if isinstance(data, dict) and isinstance(data.get(key), dict):
            text = f"{key}: the keys of each item begin with `- `, as in `- {next(iter(data[key]), 'id')}: …`"
            problems.append(Problem(document.place((key,)), text))
            continue
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
    name = _field(where, path)
    given = found.get("input")
    allowed = _field_names(model, found["loc"][:-1])
    match found["type"]:
        case "extra_forbidden":
            meant = _meant(model, found)
            hint = (
                f"did you mean {meant[-1]!r}?"
                if meant
                else f"{'allowed are ' if len(allowed) > 1 else 'the only one is ' if allowed else 'no key is allowed here'}{', '.join(allowed)}"
            )
            hint = _belongs(model, document, where, found) or hint
            return Problem(document.key_place(where), f"{name}: unknown key; {hint}")
        case "missing":
            return Problem(document.place(where[:-1]), f"{name}: is missing")
        case "enum" | "literal_error":
            words = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            written = document.scalars.get(where, str(given))
            return Problem(document.place(where), f"{name}: {unknown(written, words)}")
        case _ if given is None and len(where) > len(path):
            text = f"is empty: {_or_leave_out(model, found)} (a value that begins with # must be in quotes)"
            return Problem(document.place(where), f"{name}: {text}")
        case "string_type" if isinstance(given, bool):
            text = f"must be text: if it is meant as text, put it in quotes: '{document.scalars.get(where, given)}'"
            return Problem(document.place(where), f"{name}: {text}")
        case "string_type" if isinstance(given, int | float):
            return Problem(document.place(where), f"{name}: put it in quotes: '{document.scalars.get(where, given)}'")
        case "string_type" if isinstance(given, dict):
            text = "must be text: a value with `: ` in it must be in quotes"
            return Problem(document.place(where), f"{name}: {text}")
        case "string_type" if isinstance(given, list):
            return Problem(document.place(where), f"{name}: must be one text, not a list")
        case "string_too_long" | "too_long" if isinstance(given, str):
            text = f"must have at most {found['ctx']['max_length']:,} letters, and has {len(str(given)):,}"
            return Problem(document.place(where), f"{name}: {text}")
        case "string_too_short":
            return Problem(document.place(where), f"{name}: is empty: {_or_leave_out(model, found)}")
        case "greater_than_equal" | "less_than_equal":
            bound = f"at least {found['ctx']['ge']}" if "ge" in found["ctx"] else f"at most {found['ctx']['le']}"
            return Problem(document.place(where), f"{name}: must be {bound}")
        case "int_type" if isinstance(given, str) and given.isdecimal():
            return Problem(document.place(where), f"{name}: must be a whole number: leave out the quotes")
        case "model_type" if part := _model_at(model, found["loc"]):
            text = f"must be keys with values, as in `{_example(part)}`"
            return Problem(document.place(where), f"{name or 'the file'}: {text}")
        case "list_type" if part := _model_at(model, found["loc"]):
            return Problem(document.place(where), f"{name}: must be a list, as in `[{_example(part)}]`")
        case "list_type" | "frozen_set_type" if _is_item(model, found["loc"], document.scalars.get(where, "")):
            return Problem(document.place(where), f"{name}: must be a list, as in `[{document.scalars[where]}]`")
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


def _belongs(model: type[BaseModel], document: Marked, where: Path, found: Mapping[str, Any]) -> str | None:
    """What the model in which an unknown key stands says of it."""
    above = _model_at(model, found["loc"][:-1])
    if above is None or not issubclass(above, Entry):
        return None
    given = found["input"]
    shown = "{…}" if isinstance(given, dict) else "[…]" if isinstance(given, list) else "…"
    written = document.scalars.get(where) or shown
    return above.belongs(str(where[-1]), written, _part(document, where[:-1]))


def _example(model: type[BaseModel]) -> str:
    """The first key that an item must have, as it is written; of those that it may have where it must have none."""
    first = next((key for key, field in model.model_fields.items() if field.is_required()), "")
    return f"{{{first or next(iter(model.model_fields))}: …}}"


def _or_leave_out(model: type[BaseModel], found: Mapping[str, Any]) -> str:
    above = _model_at(model, found["loc"][:-1])
    field = above.model_fields.get(str(found["loc"][-1])) if above else None
    return "give it a value" if field is None or field.is_required() else "give it a value, or leave the key out"


def _field(where: Path, path: Path) -> str:
    """The keys that lead from an entry to a value, joined by dots; of an item of a file's list that is no entry, the list."""
    inside = where[2:] if len(path) > 1 and isinstance(path[1], int) else where
    return ".".join(str(step) for step in inside or where if isinstance(step, str))


# What stands as it is between the brackets of a list.
_LIST_ITEMS = re.compile(r"[\w.][^\[\]{}#:'\"`\\\n]{0,60}(?:://[\w./~%-]{1,60})?")
_MUST_BE = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list, as in `[one, two]`",
    "frozen_set_type": "a list, as in `[one, two]`",
    "dict_type": "keys with values",
    "model_type": "keys with values",
}
COMMUNITY_PATTERN = r"^[A-Za-z0-9_-]+$"
COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"
# An https URL, or an e-mail address that means itself in a mailto: link: there, %, & and ? would begin something else.
CONTACT_PATTERN = (
    r"^(?:https://[^\s]+|[A-Za-z0-9.!#$'*+/=^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])$"
)
MOMENT_PATTERN = r"^\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$"
_PATTERNS = {
    COMMUNITY_PATTERN: "must be the last part of the community's address: letters, digits, - and _",
    CONTACT_PATTERN: "must be an e-mail address, as in help@example.org, or a URL that begins with https://",
    COLOUR_PATTERN: "is not a colour: write it as '#24479c', in quotes",
    MOMENT_PATTERN: "is not a month or a day: write 2026-08 or 2026-08-31",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$": "must be lower-case letters, digits and single hyphens, since it becomes part of an address",
    r"^10\.\d{4,9}/[A-Za-z0-9._;()/:-]+$": "is not a DOI: write 10.5281/zenodo.…",
    r"^https://[^\s?#]+$": "must begin with https:// and have no ?, # or space",
    r"^https?://[^\s?#]+$": "must begin with https:// or http:// and have no ?, # or space",
}


# What people call what we call otherwise.
_OTHER_WORDS = {"github": "gh", "gitlab": "gl", "app": "desktop", "gui": "desktop", "cli": "command-line"}


def _near(given: str, allowed: list[str]) -> list[str]:
    """The allowed word that is most like a given one in its letters, whatever their case."""
    return get_close_matches(given.lower(), allowed, n=1)


def unknown(given: str, allowed: list[str]) -> str:
    """The words for a value that is not one of those allowed."""
    near = [_OTHER_WORDS[given.lower()]] if _OTHER_WORDS.get(given.lower()) in allowed else _near(given, allowed)
    return f"unknown value {given!r}; one of {', '.join(allowed)}" + (f"; did you mean {near[0]!r}?" if near else "")


def _field_names(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The names that are allowed at a place inside a model."""
    current = _model_at(model, loc)
    return list(current.model_fields) if current else []


def _is_item(model: type[BaseModel], loc: tuple[Any, ...], written: str) -> bool:
    """Whether a list with this as its only item would be right there."""
    above = _model_at(model, loc[:-1])
    if above is None or loc[-1] not in above.model_fields or not _LIST_ITEMS.fullmatch(written):
        return False
    try:
        TypeAdapter(above.model_fields[loc[-1]].rebuild_annotation()).validate_python([written])
    except ValidationError:
        return False
    return True


def _model_at(model: type[BaseModel], loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model that describes a place inside a model, None where none does."""
    current: Any = model
    for step in loc:
        if isinstance(step, int) or current is None:
            continue
        field = current.model_fields.get(step)
        current = _model_in(field.annotation) if field else None
    found: type[BaseModel] | None = current
    return found


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
            problems.append(
                Problem(place, f"id: {name!r} is given twice, first at {first[name.casefold()]}: change one of them")
            )
        first.setdefault(name.casefold(), place)
    return problems
