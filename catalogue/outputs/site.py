"""All outputs on one screen: catalogue, templates and assets in, files out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from jinja2 import Environment

from .. import __version__
from ..model import Catalogue
from ..problems import CatalogueError
from .api import age_file, api_file, launch_files
from .assets import asset_files, needed
from .cards import card_files, cards_folder
from .carried import NOTHING_EARLIER, Carried, Carrying, Earlier
from .changes import changes_file, feed_files
from .cite import badge_file
from .colours import colour_sheet
from .curation import board, csv_files
from .files import File, Files, Standing, json_file
from .page import Group
from .pages import Shown
from .renderer import Renderer
from .schemas import schema_files
from .search import ONE_FILE_AT_MOST, RULES_MODULE, rules_module, search_files, searched
from .sitemap import root_files

# Groups of pages are divided among so many makers at most, so many groups for each at least.
_MAKERS, _GROUPS = 4, 500


def site_files(
    catalogue: Catalogue,
    templates: Environment,
    assets: Mapping[str, bytes],
    extra: Mapping[str, bytes] | None = None,
    index_at_most: int = ONE_FILE_AT_MOST,
    earlier: Earlier = NOTHING_EARLIER,
    beside: Callable[[Iterable[Files]], Files] = chain.from_iterable,
) -> Iterator[File | Standing]:
    """Every file of the site, one by one, `build.json` last. The same catalogue gives the same bytes.

    A page is made when it is asked for, and a large site need never be in memory as a whole. An index of more than
    `index_at_most` bytes, compressed, is divided. With `earlier` builds, what would come out as it is published is not made
    but named; the bytes are those of a build without. `beside` gives the files of several makers, in any order; they may work
    at the same time, each in a process of its own, and with `earlier` builds return what they have read of their pages.
    `extra` are files that others made, by path, published as they are. Raises CatalogueError where one of them would take
    the place of a file of ours.
    """
    digests: dict[str, str] = {}
    listed: list[str] = []
    for file in _ours(catalogue, templates, assets, index_at_most, earlier, beside, listed):
        digests[file.path] = file.digest
        if file.listed:
            listed.append(file.path.removesuffix("index.html"))
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
    earlier: Earlier,
    beside: Callable[[Iterable[Files]], Files],
    listed: Iterable[str],
) -> Iterator[File | Standing]:
    """The files that are not extra; `listed` are, when the pages have been made, the addresses of those to be found."""
    assets = {**assets, RULES_MODULE: rules_module(), **colour_sheet(catalogue.site)}
    folder, served = asset_files(assets)
    render = Renderer(catalogue, templates, folder, partial(needed, assets=assets))
    yield from served
    yield from beside(_makers(catalogue, render, index_at_most, earlier))
    yield from root_files(catalogue, listed, f"{folder}img/mark.svg")
    yield badge_file(catalogue.site)
    yield age_file(catalogue)


def _makers(catalogue: Catalogue, render: Renderer, index_at_most: int, earlier: Earlier) -> Iterator[Files]:
    """Those who make the files, each without the others. The first needs no views, and can work while these are made."""
    yield _exports(catalogue)
    shown = Shown(catalogue)
    carrying = Carrying(earlier, render.root, (render.assets, render.shared), shown.views)

    def pages(groups: Iterable[Group], carried: Carried) -> Iterator[File | Standing]:
        for group in groups:
            yield from carried.files(group.key, partial(render.files, group))

    def first(carried: Carried) -> Iterator[File | Standing]:
        """The search, and the pages that name its files."""
        of = searched(catalogue)
        index, *shards = carried.files(("search", of, index_at_most), partial(search_files, of, index_at_most))
        yield from (index, *shards)
        folder = None
        if shards:
            of_cards = shown.cards()
            cards = carried.files(("cards", *of_cards), partial(card_files, *of_cards, render))
            yield from cards
            folder = cards_folder(cards)
        yield from pages(shown.first(index.path, folder), carried)

    yield carrying.maker("first", first)
    yield carrying.maker("others", partial(pages, shown.others()))
    for name, groups in (("values", shown.values()), ("entries", shown.entries())):
        for number, share in enumerate(_shares([*groups])):
            yield carrying.maker(f"{name}-{number}", partial(pages, share))


def _shares(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    size = max(_GROUPS, -(-len(groups) // _MAKERS))
    return (groups[begin : begin + size] for begin in range(0, len(groups), size))


def _exports(catalogue: Catalogue) -> Iterator[File]:
    """What programs read."""
    yield api_file(catalogue)
    yield from schema_files(catalogue.site.base_url)
    yield from launch_files(catalogue)
    yield changes_file(catalogue)
    yield from feed_files(catalogue)
    yield from csv_files(board(catalogue), catalogue.site.base_url)


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
