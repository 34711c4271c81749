"""snapshot/observed/: when a harvest last looked, what inspection and probe saw, in four JSON files that a diff can show."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from ..observed import Launches, Observed, Probe, SeenRepository
from ..problems import CatalogueError

HARVEST, REPOSITORIES, FACILITIES, LAUNCHES = "harvest.json", "repositories.json", "facilities.json", "launches.json"
SCHEMA = 1
_ASIDE = "remove the file, and the next run looks anew"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_version: int = SCHEMA


class _Harvest(_File):
    looked: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]


class _Repositories(_File):
    inspected: str
    repositories: tuple[SeenRepository, ...]


class _Facilities(_File):
    probed: str
    facilities: tuple[Probe, ...]


class _Launches(_File):
    mybinder: Launches


def read_observed(files: Mapping[str, str]) -> Observed:
    """What was seen, from the texts of the files by name; a file that is not there saw nothing.

    Raises CatalogueError for a file that is damaged or of another schema.
    """
    harvest = _read(_Harvest, HARVEST, files)
    repositories = _read(_Repositories, REPOSITORIES, files)
    facilities = _read(_Facilities, FACILITIES, files)
    launches = _read(_Launches, LAUNCHES, files)
    return Observed(
        looked=harvest.looked if harvest else None,
        inspected=repositories.inspected if repositories else None,
        repositories=repositories.repositories if repositories else (),
        probed=facilities.probed if facilities else None,
        probes=facilities.facilities if facilities else (),
        launches=launches.mybinder if launches else Launches(),
    )


def _read(model: type[Any], name: str, files: Mapping[str, str]) -> Any:
    if name not in files:
        return None
    try:
        found = model.model_validate_json(files[name])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise CatalogueError(f"snapshot/observed/{name}: {where}: {first['msg'].lower()}: {_ASIDE}") from None
    if found.schema_version != SCHEMA:
        raise CatalogueError(f"snapshot/observed/{name} is of another version of this program: {_ASIDE}")
    return found


def write_observed(observed: Observed) -> dict[str, str]:
    """The texts of the files by name. Equal observations give equal texts; what was never looked for has no file."""
    files = {}
    if observed.looked:
        files[HARVEST] = _text(_Harvest(looked=observed.looked))
    if observed.inspected:
        seen = tuple(sorted(observed.repositories, key=lambda each: each.repository))
        files[REPOSITORIES] = _text(_Repositories(inspected=observed.inspected, repositories=seen))
    if observed.probed:
        probes = tuple(sorted(observed.probes, key=lambda each: each.facility))
        files[FACILITIES] = _text(_Facilities(probed=observed.probed, facilities=probes))
    if observed.launches != Launches():
        files[LAUNCHES] = _text(_Launches(mybinder=observed.launches))
    return files


def _text(model: BaseModel) -> str:
    data = {"schema_version": SCHEMA, **TypeAdapter(type(model)).dump_python(model, mode="json", exclude_defaults=True)}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
