"""Validates the YAML files with models: reports all mistakes at once, each with its place and what is allowed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from ..launch.rosetta import UUID_PATTERN
from ..problems import Place, Problem, Severity
from ..repository import Repository, is_public_name, parse_repository
from ..text import DEVICE_NAMES, strip_controls
from .yaml_text import SPACE_AFTER_DASH, Path, YamlDocument, read_yaml

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")


class Entry(BaseModel):
    """A mapping in a YAML file: only declared keys, no type coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def hint_for_unknown_key(cls, key: str, written: str, item: Mapping[str, object]) -> str | None:
        """Advice about an unknown key of `item` that belongs elsewhere, None if there is none; `written` is its value as given."""
        return None

    @classmethod
    def dependent_models(cls, item: Mapping[str, object]) -> Mapping[str, type[BaseModel]]:
        """The models of those keys whose form depends on other keys of `item`, which may have mistakes."""
        return {}


def _one_line(text: str) -> str:
    """The text in NFC."""
    composed = unicodedata.normalize("NFC", text)
    if composed != strip_controls(text).strip() or "\n" in text:
        raise ValueError("must be one line, without spaces at its ends and without control characters")
    return composed


def _one_line_as_it_is(text: str) -> str:
    _one_line(text)
    return text


def url_host(text: str) -> str:
    """The host of a URL, empty if it has none. Raises ValueError that says what is wrong with the URL."""
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


def public_url(text: str) -> str:
    """The text itself, if it is a URL on the public web. Raises ValueError that says what is wrong with it."""
    if len(text) > 1000:
        raise ValueError("must have 1000 letters at most")
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https://")
    host = url_host(text)
    if not is_public_name(host):
        raise ValueError(f"must name a public host, not {host!r}" if host else "has no host name")
    return text


def _not_reserved(text: str) -> str:
    if text in DEVICE_NAMES:
        raise ValueError(f"{text!r} is a reserved name on Windows: choose a longer one")
    return text


def _contact(text: str) -> str:
    return public_url(text) if text.startswith("https://") else text


def bare_doi(text: str) -> str:
    """A DOI without the `doi:` or the URL before it; any other text as it is."""
    return re.sub(f"^{_DOI_PREFIX}", "", text)


def _no_record(value: object) -> object:
    """The value itself. Raises ValueError with the DOI if it is the number or a page of a Zenodo record."""
    text = str(value)
    found = parse_repository(f"https://zenodo.org/records/{text}" if text.isdecimal() else text)
    if (text.isdecimal() or "zenodo.org/" in text) and isinstance(found, Repository):
        raise ValueError(f"{text!r} is a record of Zenodo, not its DOI: write {found.path}")
    return value


SLUG_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
# An https URL, or an e-mail address that means itself in a mailto: link: there, %, &, ? and # would begin something else.
_CONTACT_PATTERN = (
    r"^(?:https://[^\s]+|[A-Za-z0-9.!$'*+/=^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])$"
)
_DOI_PREFIX = r"(?:[Dd][Oo][Ii]: ?|https?://(?:dx\.|www\.)?doi\.org/)"
DOI_PATTERN = rf"^{_DOI_PREFIX}?10\.\d{{4,9}}/[A-Za-z0-9._;()/:-]+$"
_LINE = StringConstraints(min_length=1, max_length=300)
Line = Annotated[str, _LINE, AfterValidator(_one_line)]
PathLine = Annotated[str, _LINE, AfterValidator(_one_line_as_it_is)]  # a file may have a name in NFD
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=60), AfterValidator(_not_reserved)]
PublicUrl = Annotated[str, AfterValidator(public_url)]
Contact = Annotated[str, StringConstraints(pattern=_CONTACT_PATTERN, max_length=300), AfterValidator(_contact)]
Doi = Annotated[
    str,
    StringConstraints(pattern=DOI_PATTERN, max_length=200),
    AfterValidator(bare_doi),
    BeforeValidator(_no_record),
]


# An empty list would mean the same as none: what the kind of facility or the record says.
NonEmptyList = Annotated[list[Item], Field(min_length=1)]


def required(description: str, **more: Any) -> Any:
    """A required field."""
    return Field(description=description, **more)


def optional(description: str, default: Any = None, **more: Any) -> Any:
    """An optional field."""
    return Field(default, description=description, **more)


def validated(
    model: type[Model], document: YamlDocument, path: Path = (), context: Mapping[str, object] | None = None
) -> Model | list[Problem]:
    """The part of a document at a path as a model, or all problems in it; `context` is what its validators are told."""
    part = _value_at(document, path)
    found: list[Mapping[str, Any]] = []
    try:
        sound = model.model_validate(part, context=context)
    except ValidationError as error:
        found += error.errors(include_url=False)
    named = {each["loc"] for each in found}
    found += ({"type": "empty", "loc": loc, "input": None} for loc in _empty_keys(model, part) if loc not in named)
    inside = _dependent_problems(model, document, path)
    if not found and not inside:
        return sound
    meant = {_intended(model, each) for each in found if each["type"] == "extra_forbidden"}
    told = (each for each in found if each["type"] != "missing" or each["loc"] not in meant)
    return [*(_problem(model, document, path, each) for each in told), *inside]


def _dependent_problems(model: type[BaseModel], document: YamlDocument, path: Path) -> list[Problem]:
    """The problems in those mappings whose model depends on other keys; a value that is no mapping is not one of these."""
    part = _value_at(document, path)
    if not isinstance(part, dict) or not issubclass(model, Entry):
        return []
    problems = []
    for key, dependent in model.dependent_models(part).items():
        if isinstance(part.get(key), dict):
            found = validated(dependent, document, (*path, key))
            problems += found if isinstance(found, list) else []
    return problems


def _value_at(document: YamlDocument, path: Path) -> Any:
    """The value at a path of a document."""
    part: Any = document.data
    for step in path:
        part = part[step]
    return part


def _empty_keys(model: type[BaseModel], part: object, loc: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of keys without a value. These are mistakes, unlike keys left out: a value may have been lost."""
    if isinstance(part, dict):
        known = _field_names(model, loc)
        for key, value in part.items():
            if value is not None:
                yield from _empty_keys(model, value, (*loc, key))
            elif key in known:
                yield (*loc, key)
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _empty_keys(model, value, (*loc, index))


def has_key(model: type[BaseModel], item: Iterable[str], key: str) -> bool:
    """Whether an item has a key, or an unknown one that is probably a misspelling of it and reported as such."""
    known = model.model_fields
    return any(each == key or (each not in known and _near(each, list(known)) == [key]) for each in item)


def _intended(model: type[BaseModel], found: Mapping[str, Any]) -> tuple[Any, ...]:
    """The location of the key that an unknown one is probably a misspelling of; empty if none is similar."""
    *above, key = found["loc"]
    near = _near(str(key), _field_names(model, tuple(above)))
    return (*above, *near) if near else ()


def validated_items(
    model: type[Model], documents: Iterable[YamlDocument], key: str, context: Mapping[str, object] | None = None
) -> tuple[list[tuple[YamlDocument, Path, Model]], list[Problem]]:
    """The valid items of files that each hold a list under `key`, with their documents and paths, and all problems."""
    entries: list[tuple[YamlDocument, Path, Model]] = []
    problems: list[Problem] = []
    ids: list[tuple[object, Place]] = []
    for document in documents:
        data = document.data
        if isinstance(data, dict) and isinstance(data.get(key), dict):
            first = next(iter(data[key]), "id")
            text = f"the keys of each item begin with `- `, as in `- {first}: …`"
            text = SPACE_AFTER_DASH if first.startswith("-") else text
            problems.append(Problem(document.place((key,)), f"{key}: {text}"))
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
            read = validated(model, document, (key, index), context)
            if isinstance(read, list):
                problems.extend(read)
            else:
                entries.append((document, (key, index), read))
            if isinstance(item, dict) and "id" in item:
                ids.append((item["id"], document.place((key, index, "id"))))
    return entries, [*problems, *_duplicate_ids(ids)]


def read_documents(texts: Mapping[str, str]) -> tuple[list[YamlDocument], list[Problem]]:
    """The documents in files, ordered by file name, one problem for each file that is not valid YAML, and warnings of texts cut off."""
    found = [read_yaml(text, file) for file, text in sorted(texts.items())]
    documents = [each for each in found if isinstance(each, YamlDocument)]
    cut = (_cut_off(document, path) for document in documents for path in document.comments)
    return documents, [*(each for each in found if isinstance(each, Problem)), *cut]


def _cut_off(document: YamlDocument, path: Path) -> Problem:
    text = f"the text ends before {document.comments[path]!r}, which begins a comment: put the text in quotes, or a space after the #"
    return Problem(document.place(path), f"{_field_name(path, path[:2])}: {text}", Severity.WARNING)


def _problem(model: type[BaseModel], document: YamlDocument, path: Path, found: Mapping[str, Any]) -> Problem:
    """A validation error as a problem with its place."""
    where: Path = (
        *path,
        *(step for step in found["loc"] if not (isinstance(step, str) and step.startswith("function-"))),
    )
    match found["type"]:
        case "extra_forbidden":
            place = document.key_place(where)
        case "missing":
            place = document.place(where[:-1])
        case _:
            place = document.place(where)
    text = _what_is_wrong(model, document, where, path, found)
    return Problem(place, f"{_field_name(where, path) or 'the file'}: {text}")


def _what_is_wrong(
    model: type[BaseModel], document: YamlDocument, where: Path, path: Path, found: Mapping[str, Any]
) -> str:
    """What is wrong with the value or key at `where`, and what is allowed there."""
    given = found.get("input")
    match found["type"]:
        case "extra_forbidden":
            hint = _hint_for_unknown_key(model, document, where, found) or _allowed_keys(model, found)
            return f"unknown key; {hint}"
        case "missing":
            return "is missing"
        case "enum" | "literal_error":
            words = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return _unknown_value(document.scalars.get(where, str(given)), words)
        case _ if given is None and len(where) > len(path):
            return f"is empty: {_or_leave_out(model, found)} (a value that begins with # must be in quotes)"
        case "string_type" if isinstance(given, bool):
            return f"must be text: if it is meant as text, put it in quotes: '{document.scalars.get(where, given)}'"
        case "string_type" if isinstance(given, int | float):
            return f"put it in quotes: '{document.scalars.get(where, given)}'"
        case "string_type" if isinstance(given, dict) and isinstance(where[-1], str):
            return "must be one text, not keys with values"
        case "string_type" if isinstance(given, dict):
            return "must be text: a value with `: ` in it must be in quotes"
        case "string_type" if isinstance(given, list):
            return "must be one text, not a list"
        case "string_too_long" | "too_long" if isinstance(given, str):
            return f"must have at most {found['ctx']['max_length']:,} letters, and has {len(str(given)):,}"
        case "string_too_short" | "too_short":
            return f"is empty: {_or_leave_out(model, found)}"
        case "greater_than_equal" | "less_than_equal":
            bound = f"at least {found['ctx']['ge']}" if "ge" in found["ctx"] else f"at most {found['ctx']['le']}"
            return f"must be {bound}"
        case "int_type" if isinstance(given, str) and given.isdecimal():
            return "must be a whole number: leave out the quotes"
        case "model_type" if part := _model_at(model, found["loc"]):
            return f"must be keys with values, as in `{_example(part, given)}`"
        case "list_type" if _first_text(given).startswith("-"):
            return f"must be a list: {SPACE_AFTER_DASH}"
        case "list_type" if part := _model_at(model, found["loc"]):
            return f"must be a list, as in `[{_example(part, given)}]`"
        case "list_type" | "frozen_set_type" if _fits_as_item(model, found["loc"], document.scalars.get(where, "")):
            return f"must be a list, as in `[{document.scalars[where]}]`"
        case "string_pattern_mismatch":
            return f"{given!r} {_PATTERNS.get(found['ctx']['pattern'], 'has the wrong form')}"
        case "value_error":
            return str(found["ctx"]["error"])
        case kind if kind in _MUST_BE:
            return f"must be {_MUST_BE[kind]}"
    return str(found["msg"]).lower()


def _first_text(given: object) -> str:
    """The text that a value begins with: its first key, or the value itself."""
    return str(next(iter(given), "") if isinstance(given, dict) else given)


def _allowed_keys(model: type[BaseModel], found: Mapping[str, Any]) -> str:
    """The key that an unknown one is probably a misspelling of, else the allowed ones."""
    if intended := _intended(model, found):
        return f"did you mean {intended[-1]!r}?"
    allowed = _field_names(model, found["loc"][:-1])
    if not allowed:
        return "no key is allowed here"
    return f"{'allowed are' if len(allowed) > 1 else 'the only one is'} {', '.join(allowed)}"


def _hint_for_unknown_key(
    model: type[BaseModel], document: YamlDocument, where: Path, found: Mapping[str, Any]
) -> str | None:
    """The advice about an unknown key from the model that it is in."""
    above = _model_at(model, found["loc"][:-1])
    if above is None or not issubclass(above, Entry):
        return None
    given = found["input"]
    shown = "{…}" if isinstance(given, dict) else "[…]" if isinstance(given, list) else "…"
    written = document.scalars.get(where) or shown
    return above.hint_for_unknown_key(str(where[-1]), written, _value_at(document, where[:-1]))


def _example(model: type[BaseModel], given: object) -> str:
    """An item with its first required key, or its first key if none is required; with the given value if it is valid there."""
    first = next((key for key, field in model.model_fields.items() if field.is_required()), "")
    if (
        isinstance(given, str)
        and _LIST_ITEMS.fullmatch(given)
        and "," not in given
        and _is_valid(model, {first: given})
    ):
        return f"{{{first}: {given}}}"
    return f"{{{first or next(iter(model.model_fields))}: …}}"


def _or_leave_out(model: type[BaseModel], found: Mapping[str, Any]) -> str:
    above = _model_at(model, found["loc"][:-1])
    field = above.model_fields.get(str(found["loc"][-1])) if above else None
    return "give it a value" if field is None or field.is_required() else "give it a value, or leave the key out"


def _field_name(where: Path, path: Path) -> str:
    """The keys on the path from an entry to a value, joined by dots; for an item that is not a mapping, the key of the list."""
    inside = where[2:] if len(path) > 1 and isinstance(path[1], int) else where
    return ".".join(str(step) for step in inside or where if isinstance(step, str))


# A value that can be put between the brackets of a list as it is.
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
MOMENT_PATTERN = r"^\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$"
_PATTERNS = {
    COMMUNITY_PATTERN: "must be the last part of the community's address: letters, digits, - and _",
    _CONTACT_PATTERN: "must be an e-mail address, as in help@example.org, or a URL that begins with https://",
    COLOUR_PATTERN: "is not a colour: write it as '#24479c', in quotes",
    MOMENT_PATTERN: "is not a month or a day: write 2026-08 or 2026-08-31",
    SLUG_PATTERN: "is not a slug: use lower-case letters, digits and single hyphens only, since it becomes part of a URL",
    DOI_PATTERN: "is not a DOI: write 10.5281/zenodo.…",
    UUID_PATTERN: "is not a UUID: copy the 32 digits with their hyphens from the address of the container's page",
    r"^https://[^\s?#]+$": "must begin with https:// and have no ?, # or space",
    r"^https?://[^\s?#]+$": "must begin with https:// or http:// and have no ?, # or space",
}


# Other names that people use for the allowed values.
_ALIASES = {"github": "gh", "gitlab": "gl", "app": "desktop", "gui": "desktop", "cli": "command-line"}


def _near(given: str, allowed: list[str]) -> list[str]:
    """The allowed word that is most similar to the given one, ignoring case; empty if none is similar."""
    return get_close_matches(given.lower(), allowed, n=1)


def _unknown_value(given: str, allowed: list[str]) -> str:
    """The message about a value that is not allowed, with a suggestion if there is a similar one."""
    near = [_ALIASES[given.lower()]] if _ALIASES.get(given.lower()) in allowed else _near(given, allowed)
    return f"unknown value {given!r}; one of {', '.join(allowed)}" + (f"; did you mean {near[0]!r}?" if near else "")


def _field_names(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The names of the fields at a location inside a model."""
    current = _model_at(model, loc)
    return list(current.model_fields) if current else []


def _fits_as_item(model: type[BaseModel], loc: tuple[Any, ...], written: str) -> bool:
    """Whether a list with this value as its only item would be valid there."""
    above = _model_at(model, loc[:-1])
    if above is None or loc[-1] not in above.model_fields or not _LIST_ITEMS.fullmatch(written):
        return False
    return _is_valid(above.model_fields[loc[-1]].rebuild_annotation(), [written])


def _is_valid(annotation: Any, value: object) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def _model_at(model: type[BaseModel], loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The nested model at a location inside a model, None if there is none."""
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


def _duplicate_ids(entries: list[tuple[object, Place]]) -> list[Problem]:
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
