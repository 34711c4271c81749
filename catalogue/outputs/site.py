"""All outputs on one screen: catalogue, templates and assets in, files out."""

import hashlib
from collections.abc import Iterable, Mapping

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from ..problems import CatalogueError
from .api import api_file, launch_files, schema_file
from .assets import asset_files
from .changes import changes_file, feed_files
from .colours import colour_sheet
from .curation import board, csv_files
from .files import File, json_file
from .pages import Renderer, pages
from .search import RULES_MODULE, rules_module, search_file
from .sitemap import root_files


def site_files(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    extra: Mapping[str, bytes] | None = None,
) -> list[File]:
    """Every file of the site, in the order of their paths. The same catalogue gives the same bytes.

    `extra` are files that others made, by path, published as they are. Raises CatalogueError where one of them would
    take the place of a file of ours.
    """
    folder, served = asset_files({**assets, RULES_MODULE: rules_module(), **colour_sheet(catalogue.site)})
    index = search_file(catalogue)
    every = list(pages(catalogue))
    files = [
        *served,
        index,
        api_file(catalogue),
        schema_file(catalogue),
        *launch_files(catalogue),
        changes_file(catalogue),
        *feed_files(catalogue),
        *csv_files(board(catalogue), catalogue.site.base_url),
        *root_files(catalogue, every, f"{folder}img/mark.svg"),
        *map(Renderer(catalogue, templates, folder, index.path), every),
    ]
    if taken := sorted(_taken(extra or {}, {MANIFEST, *(file.path for file in files)})):
        raise CatalogueError(
            f"extra/{taken[0]} would take the place of a file of the site: move it into a folder of its own"
        )
    files += [File(path, content) for path, content in (extra or {}).items()]
    return sorted([*files, manifest(files)], key=lambda file: file.path)


def _taken(extra: Iterable[str], ours: set[str]) -> set[str]:
    """Which of these files would stand where a file or a folder of ours is, or be hidden and not be published."""
    folders = {path[:place] for path in ours for place, letter in enumerate(path) if letter == "/"}
    return {
        path
        for path in extra
        if path in ours or path in folders or path.startswith(".") or path.partition("/")[0] in ours
    }


MANIFEST = "build.json"


def manifest(files: Iterable[File]) -> File:
    """`build.json`: the digest of every file, which also marks a folder as made by this program."""
    digests = {file.path: hashlib.sha256(file.content).hexdigest() for file in files}
    return json_file(MANIFEST, {"generator": f"esap-catalogue {__version__}", "sha256": digests})
