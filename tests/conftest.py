"""Shared fixtures: a frozen real catalogue, its site on a local server, a real browser; and the options `--bless` and `--case`."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from catalogue.edge import checkout
from catalogue.edge.publish import publish
from catalogue.edge.serve import server
from catalogue.model import Catalogue
from catalogue.outputs.files import File
from catalogue.outputs.search import ONE_FILE_AT_MOST
from catalogue.outputs.site import site_files
from catalogue.pipeline import build_catalogue
from catalogue.sources import facilities, local, synonyms
from catalogue.sources.site import FILE as SITE_FILE
from catalogue.sources.site import read_site

from .find_browser import launch

PROJECT = Path(__file__).parents[1]
WORLD_2026 = Path(__file__).parent / "world_2026"
# The YAML files, each with the folder into which it may be split.
YAML_FILES = {
    facilities.FILE: facilities.FOLDER,
    local.FILE: local.FOLDER,
    SITE_FILE: None,
    synonyms.FILE: None,
}


def our_texts(file: str) -> dict[str, str]:
    """The texts of one of this checkout's YAML files and of the files in its folder, by path."""
    return checkout.yaml_texts(PROJECT, file, YAML_FILES[file])[0]


# No deadlines, and a long timeout: tests must not fail because a machine is busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
expect.set_options(timeout=15_000)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than there are cores, six at most: tests wait for browsers, servers and processes as long as they compute."""
    return min(4, len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1) + 2


def pytest_configure(config: pytest.Config) -> None:
    """Share a bytecode cache among the hundred or so processes that tests start: compiling takes a third of a start."""
    if "PYTEST_XDIST_WORKER" in os.environ or "PYTHONPYCACHEPREFIX" in os.environ:
        return
    folder = tempfile.TemporaryDirectory(prefix="compiled-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder.name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="accept the golden site as it is made now; read the diff then"
    )
    parser.addoption("--case", action="append", help="run the tests of a case of docs/cases.md only, as in `--case U3`")


# Tests are distributed by file. Files that take minutes go first, so that no worker is left alone with one at the end.
LONG = ("test_workflows.py", "test_process.py", "web", "edge")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (item.path.name not in LONG, item.path.parent.name not in LONG))
    wanted = set(config.getoption("--case") or ())
    if not wanted:
        return
    chosen = [item for item in items if any(wanted & set(mark.args) for mark in item.iter_markers("case"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.fixture(scope="session")
def real_catalogue() -> Catalogue:
    """A frozen copy of the catalogue of June 2026, which no harvest changes.

    It has today's synonyms, unless this checkout is that of another community.
    """
    inputs, ours = checkout.read_inputs(WORLD_2026), checkout.read_inputs(PROJECT)
    settings, own = read_site(inputs.site or "")[0], read_site(ours.site or "")[0]
    if settings and own and settings.community == own.community:
        inputs = replace(inputs, synonyms=ours.synonyms)
    catalogue, problems = build_catalogue(inputs)
    assert catalogue is not None, problems
    return catalogue


# Shared, so that templates are compiled once for all sites.
TEMPLATES = checkout.templates()


def built(catalogue: Catalogue, index_at_most: int = ONE_FILE_AT_MOST) -> list[File]:
    """The files of a catalogue's site, sorted by path. `index_at_most=0` shards any index."""
    made = site_files(catalogue, TEMPLATES, checkout.assets(), index_at_most=index_at_most)
    return sorted((file for file in made if isinstance(file, File)), key=lambda file: file.path)


@pytest.fixture(scope="session")
def real_files(real_catalogue: Catalogue) -> list[File]:
    """The files of that catalogue's site."""
    return built(real_catalogue)


@contextmanager
def served(catalogue: Catalogue, folder: Path, index_at_most: int = ONE_FILE_AT_MOST) -> Iterator[str]:
    """Serve a catalogue's site under a subpath on this machine; gives its URL."""
    http = server(folder, 0)
    address = f"http://127.0.0.1:{http.server_port}/some/path/"
    here = replace(catalogue, site=replace(catalogue.site, base_url=address))
    publish(built(here, index_at_most), folder / "some" / "path", address)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield address
    http.shutdown()


@pytest.fixture(scope="session")
def site(real_catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of that catalogue's site."""
    with served(real_catalogue, tmp_path_factory.mktemp("host")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()
