"""snapshot/observed/: the time of the last harvest and the results of inspect, probe and links, as JSON files that diff well."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ..observed import Launches, LinkState, Observed, Probe, SeenLink, SeenRepository
from ..problems import CatalogueError
from ..times import Day, Time
from .stored_json import SCHEMA, SchemaVersion, diffable_json, indented_json, read_stored

HARVEST, REPOSITORIES, FACILITIES = "harvest.json", "repositories.json", "facilities.json"
LAUNCHES, LINKS = "launches.json", "links.json"
_REMEDY = "remove the file, and the next run looks anew"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_version: SchemaVersion = SCHEMA


class _Harvest(_File):
    looked: Time
    listed: Time | None = None


class _Repositories(_File):
    inspected: Time
    repositories: tuple[SeenRepository, ...]


class _Facilities(_File):
    probed: Time
    facilities: tuple[Probe, ...]


class _Launches(_File):
    mybinder: Launches


class _Link(BaseModel):
    """A link as stored: if its page is there, as for nearly all, the line has only the URL and the time of the check."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str
    asked: Time
    state: LinkState = LinkState.THERE
    detail: str = ""
    there: Time | None = None
    missing: tuple[Day, ...] = ()


class _Links(_File):
    followed: Time
    links: tuple[_Link, ...]


_MODELS = {
    HARVEST: _Harvest,
    REPOSITORIES: _Repositories,
    FACILITIES: _Facilities,
    LAUNCHES: _Launches,
    LINKS: _Links,
}


def read_observed(files: Mapping[str, str]) -> Observed:
    """The observations, from the texts of the files by name. A missing file means that nothing was observed.

    Raises CatalogueError for a file that is damaged or has another schema version.
    """
    found, unread = recover_observed(files)
    for why in unread.values():
        raise CatalogueError(why)
    return found


def recover_observed(files: Mapping[str, str]) -> tuple[Observed, dict[str, str]]:
    """The observations, with unreadable files treated as missing; and the names of those files, each with the reason."""
    read: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for name, model in _MODELS.items():
        try:
            read[name] = _read(model, name, files)
        except CatalogueError as error:
            unread[name] = str(error)
    harvest, repositories, facilities, launches, links = map(read.get, _MODELS)
    found = Observed(
        looked=harvest.looked if harvest else None,
        listed=harvest.listed if harvest else None,
        inspected=repositories.inspected if repositories else None,
        repositories=repositories.repositories if repositories else (),
        probed=facilities.probed if facilities else None,
        probes=facilities.facilities if facilities else (),
        launches=launches.mybinder if launches else Launches(),
        followed=links.followed if links else None,
        links=tuple(map(_seen_link, links.links)) if links else (),
    )
    return found, unread


def _seen_link(kept: _Link) -> SeenLink:
    there = kept.asked if kept.state is LinkState.THERE else kept.there
    return SeenLink(**(dict(kept) | {"there": there}))


def _stored_link(seen: SeenLink) -> _Link:
    there = None if seen.state is LinkState.THERE else seen.there
    return _Link(**(asdict(seen) | {"there": there}))


def _read(model: type[Any], name: str, files: Mapping[str, str]) -> Any:
    if name not in files:
        return None
    return read_stored(model, f"snapshot/observed/{name}", files[name], _REMEDY)


def write_observed(observed: Observed) -> dict[str, str]:
    """The texts of the files by name. Equal observations give equal texts; a step that never ran has no file."""
    files = {}
    if observed.looked:
        files[HARVEST] = _text(_Harvest(looked=observed.looked, listed=observed.listed))
    if observed.inspected:
        seen = tuple(sorted(observed.repositories, key=lambda each: each.repository))
        files[REPOSITORIES] = _text(_Repositories(inspected=observed.inspected, repositories=seen))
    if observed.probed:
        probes = tuple(sorted(observed.probes, key=lambda each: each.facility))
        files[FACILITIES] = _text(_Facilities(probed=observed.probed, facilities=probes))
    if observed.launches != Launches():
        files[LAUNCHES] = _text(_Launches(mybinder=observed.launches))
    if observed.followed:
        links = map(_stored_link, sorted(observed.links, key=lambda each: each.url))
        lines = (each.model_dump(mode="json", exclude_defaults=True) for each in links)
        files[LINKS] = diffable_json({"links": lines}, schema_version=SCHEMA, followed=observed.followed)
    return files


def _text(model: BaseModel) -> str:
    data = {"schema_version": SCHEMA, **TypeAdapter(type(model)).dump_python(model, mode="json", exclude_defaults=True)}
    return indented_json(data)
