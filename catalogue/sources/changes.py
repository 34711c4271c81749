"""snapshot/changes/: the last recorded state of the catalogue, and all changes since it opened, one file per week."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ..changes import RecordedItem, RecordedState, newest_first, week
from ..model import Event, Source
from ..times import Time
from .stored_json import SCHEMA, SchemaVersion, diffable_json, read_stored

RECORDED = "recorded.json"
_WEEK = re.compile(r"\d{4}-w\d{2}\.json")


class _Week(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_version: SchemaVersion
    events: tuple[Event, ...]


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_version: SchemaVersion
    at: Time
    software: tuple[RecordedItem, ...]
    facilities: tuple[RecordedItem, ...]


def read_changes(files: Mapping[str, str]) -> tuple[RecordedState | None, tuple[Event, ...]]:
    """The last recorded state, None if there is none, and all stored events, newest first.

    Raises CatalogueError for a file that is damaged or has another schema version.
    """
    events: list[Event] = []
    for name in sorted(files):
        if _WEEK.fullmatch(name):
            events += _read(_Week, name, files[name]).events
    if RECORDED not in files:
        return None, newest_first(events)
    found = _read(_Recorded, RECORDED, files[RECORDED])
    recorded = RecordedState(at=found.at, software=found.software, facilities=found.facilities)
    return recorded, newest_first(events)


def _read(model: type[Any], name: str, text: str) -> Any:
    return read_stored(model, f"snapshot/changes/{name}", text, "restore it from the repository's history")


def write_changes(recorded: RecordedState, events: Iterable[Event]) -> dict[str, str]:
    """The texts of the files by name. Each entry and each event has its own line, so that a diff shows what is new."""
    weeks: dict[str, list[Event]] = defaultdict(list)
    for event in newest_first(events):
        weeks[week(event.at)].append(event)
    files = {f"{name}.json": _text({"events": _lines(Event, found)}) for name, found in weeks.items()}
    shown = {
        "software": _lines(RecordedItem, (_bare(each) for each in recorded.software)),
        "facilities": _lines(RecordedItem, (_bare(each) for each in recorded.facilities)),
    }
    files[RECORDED] = _text(shown, at=recorded.at)
    return files


def _bare(shown: RecordedItem) -> RecordedItem:
    """The item as it is stored: of sources only what is compared later, of reasons only the codes, and no earlier slugs."""
    facts = tuple(
        replace(each, source=Source(label=each.source.label, derived=each.source.derived)) for each in shown.facts
    )
    return replace(shown, facts=facts, reasons=(), formerly=())


def _lines(model: type[Any], values: Iterable[Any]) -> Iterable[object]:
    adapter = TypeAdapter(model)
    return [adapter.dump_python(each, mode="json", exclude_defaults=True) for each in values]


def _text(lists: Mapping[str, Iterable[object]], **values: str) -> str:
    return diffable_json(lists, schema_version=SCHEMA, **values)
