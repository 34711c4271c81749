"""All outputs on one screen: catalogue, templates and assets in, files out."""

import hashlib
from collections.abc import Iterable, Mapping

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from ..problems import CatalogueError
from .api import api_file, launch_files, schema_file
from .assets import asset_files
from .colours import colour_sheet
from .files import File, json_file
from .pages import pages, render
from .search import search_file
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
    folder, served = asset_files({**assets, **colour_sheet(catalogue.site)})
    index = search_file(catalogue)
    every = list(pages(catalogue))
    files = [
        *served,
        index,
        api_file(catalogue),
        schema_file(catalogue),
        *launch_files(catalogue),
        *root_files(catalogue, every),
        *(render(page, catalogue, templates, folder, index.path) for page in every),
    ]
    if taken := sorted({file.path for file in files} & set(extra or ())):
        raise CatalogueError(
            f"extra/{taken[0]} would take the place of a file of the site: move it into a folder of its own"
        )
    files += [File(path, content) for path, content in (extra or {}).items()]
    return sorted([*files, manifest(files)], key=lambda file: file.path)


MANIFEST = "build.json"


def manifest(files: Iterable[File]) -> File:
    """`build.json`: the digest of every file, which also marks a folder as made by this program."""
    digests = {file.path: hashlib.sha256(file.content).hexdigest() for file in files}
    return json_file(MANIFEST, {"generator": f"esap-catalogue {__version__}", "sha256": digests})
