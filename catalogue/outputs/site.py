"""All outputs on one screen: catalogue, templates and assets in, files out."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from ..problems import CatalogueError
from .api import age_file, api_file, launch_files, schema_file
from .assets import asset_files, needed
from .carried import Carried, Earlier
from .changes import changes_file, feed_files
from .cite import badge_file
from .colours import colour_sheet
from .curation import board, csv_files
from .files import File, Standing, json_file
from .pages import Renderer, groups
from .search import ONE_FILE_AT_MOST, RULES_MODULE, rules_module, search_files, searched
from .shards import cards_folder
from .sitemap import root_files


def site_files(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    extra: Mapping[str, bytes] | None = None,
    index_at_most: int = ONE_FILE_AT_MOST,
    earlier: Earlier | None = None,
) -> Iterator[File | Standing]:
    """Every file of the site, one by one, `build.json` last. The same catalogue gives the same bytes.

    A page is made when it is asked for, and a large site need never be in memory as a whole. An index of more than
    `index_at_most` bytes, compressed, is divided. With `earlier` builds, what would come out as it is published is not made
    but named; the bytes are those of a build without. `extra` are files that others made, by path, published
    as they are. Raises CatalogueError where one of them would take the place of a file of ours.
    """
    digests: dict[str, str] = {}
    for file in _ours(catalogue, templates, assets, index_at_most, earlier):
        digests[file.path] = file.digest
        yield file
    if taken := sorted(_taken(extra or {}, {MANIFEST, *digests})):
        raise CatalogueError(
            f"extra/{taken[0]} would take the place of a file of the site: move it into a folder of its own"
        )
    for path, content in (extra or {}).items():
        file = File(path, content)
        digests[path] = file.digest
        yield file
    yield manifest(digests)


def _ours(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    index_at_most: int,
    earlier: Earlier | None,
) -> Iterator[File | Standing]:
    assets = {**assets, RULES_MODULE: rules_module(), **colour_sheet(catalogue.site)}
    folder, served = asset_files(assets)
    render = Renderer(catalogue, templates, folder, partial(needed, assets=assets))
    carried = Carried(earlier, folder, render.shared) if earlier else None
    index, *shards = _search(searched(catalogue), index_at_most, carried)
    yield from (*served, index, *shards)
    listed: list[str] = []
    for group in groups(catalogue, index.path, cards_folder(index.path) if shards else None):
        listed += group.listed
        yield from carried.files(group.key, partial(render.files, group)) if carried else render.files(group)
    yield from root_files(catalogue, listed, f"{folder}img/mark.svg")
    yield badge_file(catalogue.site)
    yield age_file(catalogue)
    yield api_file(catalogue)
    yield schema_file(catalogue)
    yield from launch_files(catalogue)
    yield changes_file(catalogue)
    yield from feed_files(catalogue)
    yield from csv_files(board(catalogue), catalogue.site.base_url)


def _search(catalogue: Catalogue, index_at_most: int, carried: Carried | None) -> Iterable[File | Standing]:
    """The files of the search, which stand where all that they are made of is as it was."""
    make = partial(search_files, catalogue, index_at_most)
    return carried.files(("search", catalogue, index_at_most), make) if carried else make()


def _taken(extra: Iterable[str], ours: set[str]) -> set[str]:
    """Which of these files would stand where a file or a folder of ours is, or be hidden and not be published."""
    folders = {path[:place] for path in ours for place, letter in enumerate(path) if letter == "/"}
    return {
        path
        for path in extra
        if path in ours or path in folders or path.startswith(".") or path.partition("/")[0] in ours
    }


MANIFEST = "build.json"


def manifest(digests: Mapping[str, str]) -> File:
    """`build.json`: the digest of every file by path, which also marks a folder as made by this program."""
    return json_file(MANIFEST, {"generator": f"esap-catalogue {__version__}", "sha256": digests})
