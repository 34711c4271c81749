"""The front page of a catalogue on a local server, without all that its readers do not come to: a whole site takes long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from bench.worlds import write_site
from catalogue.edge import checkout
from catalogue.edge.serve import server
from catalogue.model import Catalogue
from catalogue.outputs.api import age_file, launch_files
from catalogue.outputs.assets import asset_files, imported_modules
from catalogue.outputs.cards import card_files, cards_folder
from catalogue.outputs.files import File
from catalogue.outputs.pages import SitePages
from catalogue.outputs.renderer import Renderer
from catalogue.outputs.search import ONE_FILE_AT_MOST, RULES_MODULE, rules_module, search_files
from tests.conftest import TEMPLATES

# What a reader of the front page comes to, and the curation board; thousands of pages of values are none of it.
SHOWN = {"home", "list", "values", "software", "curation"}


def front_files(catalogue: Catalogue, index_at_most: int = ONE_FILE_AT_MOST) -> Iterator[File]:
    """The front page of a catalogue, with what is reached from it."""
    assets = {**checkout.assets(), RULES_MODULE: rules_module()}
    place, files = asset_files(assets)
    index, *shards = search_files(catalogue, index_at_most)
    render = Renderer(catalogue, TEMPLATES, place, partial(imported_modules, assets=assets))
    shown = SitePages(catalogue)
    cards = card_files(*shown.cards(), render) if shards else []
    every = shown.home(index.path, cards_folder(cards) if cards else None), shown.entries(), shown.others()
    made = (
        each for group in chain(*every) for each in group.pages() if isinstance(each, File) or each.template in SHOWN
    )
    yield from (
        *files,
        index,
        *shards,
        *cards,
        *(each if isinstance(each, File) else render(each) for each in made),
        *launch_files(catalogue),
        age_file(catalogue),
    )


@contextmanager
def hosted(catalogue: Catalogue, folder: Path, index_at_most: int = ONE_FILE_AT_MOST) -> Iterator[str]:
    """The address of these files on a local server."""
    write_site(front_files(catalogue, index_at_most), folder)
    http = server(folder, 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/"
    http.shutdown()


def few(catalogue: Catalogue, *slugs: str) -> Catalogue:
    """A catalogue with these entries of another one, for what has to be published whole."""
    return replace(
        catalogue,
        software=tuple(each for each in catalogue.software if each.slug in slugs),
        offers=tuple(each for each in catalogue.offers if each.software in slugs),
        related=tuple((slug, others) for slug, others in catalogue.related if slug in slugs),
        withdrawn=(),
        accounts=(),
        site=replace(catalogue.site, blank=None),
    )
