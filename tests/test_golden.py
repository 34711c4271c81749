"""The site of a small world, file by file. `pytest --bless` accepts a change; read its diff as a reader of the site would."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalogue.changes import changes, current_state
from catalogue.model import Catalogue
from catalogue.outputs.files import File
from catalogue.pipeline import build_catalogue
from catalogue.sources.snapshot import Entry

from .conftest import built
from .world import SITE, entry, inputs

GOLDEN = Path(__file__).parent / "golden"

FACILITIES = """\
facilities:
  - id: binder
    name: Binder
    kind: binderhub
    url: https://binder.example.org/
    seen: 2026-01-02
    login: none
    description: Builds and opens. For everyone.
    limits: {memory: 2 GB}
  - id: old-hub
    name: Old Hub
    kind: jupyterhub
    url: http://hub.example.org/jupyter
    insecure: true
    description: A hub for members, with *nbgitpuller*.
    options: {nbgitpuller: true, tested: [sky]}
  - id: rosetta
    name: Rosetta
    kind: rosetta
    url: https://rosetta.example.org/
    login: required
    description: Containers.
    options: {containers: {table-tool: 3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f}}
"""
NOTEBOOKS = """\
software:
  - id: blank-notebook
    name: Blank notebook
    interfaces: [notebook]
    repository: https://github.com/small/empty
    summary: An empty environment.
  - id: table-tool
    formerly: [tables]
    name: Table tool
    interfaces: [desktop]
    platforms: [Java]
    homepage: http://www.example.org/~someone/tables/
    authors: [{name: Ada Löve}]
    licence: MIT
    summary: Looks at tables.
  - ossr: 10.5281/zenodo.1000
    also_known_as: [Old name]
    interfaces: [notebook]
    notebooks: [{path: notebooks/first look.ipynb, title: A first look}]
"""


def small_catalogue() -> Catalogue:
    """A catalogue with everything that the bundled one lacks: a tombstone, a redirect, a container, a hub."""
    entries = (
        entry(
            1001,
            title="owner/sky: v1.0",
            description="<p>Draws <b>the sky</b>. <script>alert(1)</script>And <a href='https://example.org'>more</a>.</p>",
            creators=("Gál, Éva", "Someone Else"),
            keywords=("gamma-ray; VO",),
            licences=("mit-license",),
            related=(("isSupplementTo", "https://github.com/owner/sky/tree/v1.0"),),
            version="v1.0",
            published="2026-01-01",
            created="2026-01-02T00:00:00+00:00",
        ),
        entry(1003, title="Only a title"),
        entry(1005, title="Gone tool", withdrawn={"date": "2026-01-02", "reason": "the author asked for it"}),
    )
    return _read(*entries, facilities=FACILITIES, notebooks=NOTEBOOKS)


def _read(*entries: Entry, **says: Any) -> Catalogue:
    """The catalogue of these entries, with the changes since it opened without some of them."""
    before, _ = build_catalogue(
        inputs(
            entry(1001, title="owner/sky: v1.0", version="v0.9"),
            entry(1005, title="Gone tool"),
            site=f"{SITE}blank: blank-notebook\n",
            facilities=FACILITIES.partition("  - id: rosetta")[0],
            notebooks=NOTEBOOKS.partition("  - id: table-tool")[0],
        )
    )
    after, problems = build_catalogue(inputs(*entries, site=f"{SITE}blank: blank-notebook\n", **says))
    assert problems == ()
    assert before is not None
    assert after is not None
    opened = current_state(before, "2026-01-01T04:00:00Z")
    now = current_state(after, "2026-01-09T04:00:00Z")
    return replace(after, recorded=now.at, changes=(*changes(opened, now), *changes(None, opened)))


def small_world() -> Mapping[str, File]:
    """Its files by path, as text."""
    # Style sheets, scripts and their digest change often, and are not what this test is about.
    return {
        each.path: File(each.path, each.content)
        for each in built(small_catalogue())
        if not each.path.startswith("assets/") and each.path != "build.json"
    }


def test_the_site_of_a_small_world_is_as_it_was_accepted(request: pytest.FixtureRequest) -> None:
    made = {path: _without_digests(file) for path, file in small_world().items()}
    if request.config.getoption("--bless"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for path, text in made.items():
            (GOLDEN / path).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / path).write_bytes(text.encode("utf-8"))
    accepted = {
        path.relative_to(GOLDEN).as_posix(): path.read_bytes().decode("utf-8")  # a CSV has CRLF line ends
        for path in sorted(GOLDEN.rglob("*"))
        if path.is_file()
    }
    assert sorted(made) == sorted(accepted), "pages came or went; `pytest --bless` accepts that"
    for path, text in made.items():
        assert text == accepted[path], f"{path} has changed; `pytest --bless` accepts that"


def _without_digests(file: File) -> str:
    """The text without the digest of the assets, which would change on every page with each change of a style sheet."""
    import re

    return re.sub(r"assets/[0-9a-f]{12}/", "assets/DIGEST/", file.text)


def test_an_address_of_a_withdrawn_entry_stays_when_its_facility_is_closed() -> None:
    small = small_catalogue()
    closed = replace(small, facilities=tuple(replace(each, closed="2026-01") for each in small.facilities))
    paths = {file.path for file in built(closed)}
    for gone in closed.withdrawn:
        for place in closed.facilities:
            assert f"go/{gone.slug}/{place.slug}/index.html" in paths
    assert closed.withdrawn
    assert closed.facilities
