"""All outputs on one screen: catalogue, templates and assets in, files out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from ..problems import CatalogueError
from .api import age_file, api_file, launch_files
from .assets import asset_files, imported_modules
from .badges import catalogue_badge
from .cards import card_files, cards_folder
from .changes import changes_file, feed_files
from .colours import colour_sheet
from .curation import board, csv_files
from .files import File, Files, UnchangedFile, json_file
from .incremental import NO_PREVIOUS_BUILD, IncrementalBuild, PreviousBuild, ReusableFiles
from .page import PageGroup
from .pages import SitePages
from .renderer import Renderer
from .schemas import schema_files
from .search import ONE_FILE_AT_MOST, RULES_MODULE, rules_module, search_files, searched
from .sitemap import root_files

# The pages of entries, and those of facet values, are divided into up to so many tasks, each of at least so many groups.
_MAX_TASKS, _MIN_GROUPS = 4, 500


def site_files(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    extra: Mapping[str, bytes] | None = None,
    index_at_most: int = ONE_FILE_AT_MOST,
    previous: PreviousBuild = NO_PREVIOUS_BUILD,
    run: Callable[[Iterable[Files]], Files] = chain.from_iterable,
) -> Iterator[File | UnchangedFile]:
    """Every file of the site, one by one, `build.json` last. The same catalogue gives the same bytes.

    Files are made lazily: a large site is never in memory as a whole. A search index of more than `index_at_most` bytes,
    compressed, is divided into shards. After a `previous` build, a file that would come out as published is not made again
    but given as an UnchangedFile; the site is the same as that of a full build. `run` gives the files of several independent
    tasks, in any order; it may run them in parallel. After a previous build, each task returns a SiteCheck of its pages.
    `extra` are third-party files by path, published as they are. Raises CatalogueError if one of them is hidden, or in
    the place of a generated file.
    """
    digests: dict[str, str] = {}
    listed: list[str] = []
    for file in _generated(catalogue, templates, assets, index_at_most, previous, run, listed):
        digests[file.path] = file.digest
        if file.listed:
            listed.append(file.path.removesuffix("index.html"))
        yield file
    if conflicts := sorted(_conflicts(extra or {}, {MANIFEST, *digests})):
        raise CatalogueError(
            f"extra/{conflicts[0]} would take the place of a file of the site: move it into a folder of its own"
        )
    for path, content in (extra or {}).items():
        file = File(path, content)
        digests[path] = file.digest
        yield file
    yield manifest(digests)


def _generated(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    index_at_most: int,
    previous: PreviousBuild,
    run: Callable[[Iterable[Files]], Files],
    listed: Iterable[str],
) -> Iterator[File | UnchangedFile]:
    """All files but the extra ones. The caller adds to `listed` the addresses of pages for the sitemap, which is made last."""
    assets = {**assets, RULES_MODULE: rules_module(), **colour_sheet(catalogue.site)}
    folder, served = asset_files(assets)
    render = Renderer(catalogue, templates, folder, partial(imported_modules, assets=assets))
    yield from served
    yield from run(_tasks(catalogue, render, index_at_most, previous))
    yield from root_files(catalogue, listed, f"{folder}img/mark.svg")
    yield catalogue_badge(catalogue.site)
    yield age_file(catalogue)


def _tasks(catalogue: Catalogue, render: Renderer, index_at_most: int, previous: PreviousBuild) -> Iterator[Files]:
    """Independent tasks that make the files. The first needs no views, so it can run while they are made."""
    yield _exports(catalogue)
    site_pages = SitePages(catalogue)
    build = IncrementalBuild(previous, render.root, (render.assets, render.shared), site_pages.views)

    def pages(groups: Iterable[PageGroup], reusable: ReusableFiles) -> Iterator[File | UnchangedFile]:
        for group in groups:
            yield from reusable.get_or_make(group.key, partial(render.files, group))

    def search_and_home(reusable: ReusableFiles) -> Iterator[File | UnchangedFile]:
        """The search index, the cards of a large catalogue, and the pages that name their files."""
        of = searched(catalogue)
        index, *shards = reusable.get_or_make(("search", of, index_at_most), partial(search_files, of, index_at_most))
        yield from (index, *shards)
        folder = None
        if shards:
            of_cards = site_pages.cards()
            cards = reusable.get_or_make(("cards", *of_cards), partial(card_files, *of_cards, render))
            yield from cards
            folder = cards_folder(cards)
        yield from pages(site_pages.home(index.path, folder), reusable)

    yield build.task("first", search_and_home)
    yield build.task("others", partial(pages, site_pages.others()))
    for name, groups in (("values", site_pages.values()), ("entries", site_pages.entries())):
        for number, part in enumerate(_divided([*groups])):
            yield build.task(f"{name}-{number}", partial(pages, part))


def _divided(groups: Sequence[PageGroup]) -> Iterator[Sequence[PageGroup]]:
    size = max(_MIN_GROUPS, -(-len(groups) // _MAX_TASKS))
    return (groups[begin : begin + size] for begin in range(0, len(groups), size))


def _exports(catalogue: Catalogue) -> Iterator[File]:
    """The machine-readable files."""
    yield api_file(catalogue)
    yield from schema_files(catalogue.site.base_url)
    yield from launch_files(catalogue)
    yield changes_file(catalogue)
    yield from feed_files(catalogue)
    yield from csv_files(board(catalogue), catalogue.site.base_url)


def _conflicts(extra: Iterable[str], generated: set[str]) -> set[str]:
    """The extra files that would replace a generated file or folder, need a generated file to be a folder, or are hidden."""
    folders = {folder for path in generated for folder in _folders(path)}
    return {
        path
        for path in extra
        if path in generated or path in folders or path.startswith(".") or not generated.isdisjoint(_folders(path))
    }


def _folders(path: str) -> Iterator[str]:
    """All folders that a file is in."""
    return (path[:place] for place, letter in enumerate(path) if letter == "/")


MANIFEST = "build.json"


def manifest(digests: Mapping[str, str]) -> File:
    """`build.json`: the digest of every file by path. It also marks a folder as made by this program."""
    return json_file(MANIFEST, {"generator": f"esap-catalogue {__version__}", "sha256": digests})
