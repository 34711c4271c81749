"""All outputs on one screen: catalogue, templates and assets in, files out."""

import hashlib
from collections.abc import Iterable, Mapping

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from .api import api_file, schema_file
from .assets import asset_files
from .files import File, json_file
from .pages import pages, render
from .search import RULES_MODULE, rules_module, search_file
from .sitemap import root_files


def site_files(catalogue: Catalogue, templates: Environment, assets: Mapping[str, bytes]) -> list[File]:
    """Every file of the site, in the order of their paths. The same catalogue gives the same bytes."""
    folder, served = asset_files({**assets, RULES_MODULE: rules_module()})
    index = search_file(catalogue)
    every = list(pages(catalogue))
    files = [
        *served,
        index,
        api_file(catalogue),
        schema_file(catalogue),
        *root_files(catalogue, every, f"{folder}img/mark.svg"),
        *(render(page, catalogue, templates, folder, index.path) for page in every),
    ]
    return sorted([*files, manifest(files)], key=lambda file: file.path)


MANIFEST = "build.json"


def manifest(files: Iterable[File]) -> File:
    """`build.json`: the digest of every file, which also marks a folder as made by this program."""
    digests = {file.path: hashlib.sha256(file.content).hexdigest() for file in files}
    return json_file(MANIFEST, {"generator": f"esap-catalogue {__version__}", "sha256": digests})
