"""The commands that build, check, compare and serve the site."""

import gc
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from ..edge import checkout, search_check
from ..edge.build_cache import CACHE_FOLDER, BuildCache
from ..edge.publish import publish
from ..edge.published import UnreadableSite, fetch_published, published, read_site_file
from ..edge.serve import serve as serve_site
from ..edge.workers import files_from_workers
from ..model import Catalogue, Verdict
from ..outputs import guards
from ..outputs.check import SiteCheck
from ..outputs.compare import BuiltSite, compared, read_built_site
from ..outputs.incremental import PreviousBuild
from ..outputs.site import site_files
from ..problems import CatalogueError, GuardError
from ..text import pluralize
from .common import checked_web_root, read_catalogue, read_settings


@click.command()
@click.option("--site", type=click.Path(path_type=Path), help="Where to write the site.  [default: site/]")
@click.option(
    "--base-url",
    metavar="URL",
    callback=checked_web_root,
    help="Where it will be published, instead of what site.yaml says.",
)
@click.option("--allow-shrink", is_flag=True, help="Accept, this once, a site that has lost much of what is published.")
@click.option(
    "--published",
    "saved",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What is published, as saved by `build.py published`; without it, the present site or the last commit says so.",
)
@click.option("--full", is_flag=True, help="Make every page anew; by default, pages that would not change are kept.")
@click.pass_obj
def build(
    root: Path,
    site: Path | None = None,
    base_url: str | None = None,
    allow_shrink: bool = False,
    saved: Path | None = None,
    full: bool = False,
) -> None:
    """Build the site from the files of this checkout; no network."""
    catalogue = read_catalogue(root, base_url)
    gc.freeze()  # the catalogue lives until the end: do not traverse it again
    extra = checkout.extra_files(root)
    folder = site or root / "site"
    tally = guards.Tally()
    program = checkout.program_digest()

    def task_cache(name: str) -> BuildCache:
        """The cache of one task of the build."""
        return BuildCache(root / CACHE_FOLDER / f"{name}.sqlite", program, fresh=full)

    old = partial(read_site_file, folder)
    previous = PreviousBuild(cache=task_cache, published=old)
    checked: list[SiteCheck] = []
    run = partial(files_from_workers, on_result=checked.append)
    files = site_files(catalogue, checkout.templates(), checkout.assets(), extra, previous=previous, run=run)
    publish(
        guards.tallied(files, tally, old, extra),
        folder,
        catalogue.site.base_url,
        extra,
        guard=lambda new_site: _guard(
            catalogue,
            tally,
            partial(published, root, folder, catalogue.harvest.community, saved),
            new_site,
            allow_shrink,
        ),
        checked=checked,
        spare=root / CACHE_FOLDER / "site",
    )
    pairs = Counter(each.launch_verdict for each in catalogue.offers)
    click.echo(
        f"{pluralize(len(catalogue.software), 'entry', 'entries')}, "
        f"{pluralize(len(catalogue.facilities), 'facility', 'facilities')}, "
        f"{pluralize(pairs[Verdict.YES], 'launch link', 'launch links')} ({pairs[Verdict.MAYBE]} more that may work), "
        f"{pluralize(tally.pages, 'page', 'pages')} in {click.format_filename(folder)}"
        + (f", {tally.unchanged} of them as they were" if tally.unchanged else "")
    )


def _guard(
    catalogue: Catalogue,
    tally: guards.Tally,
    before: Callable[[], guards.Figures | None],
    new_site: Path,
    allow_shrink: bool,
) -> None:
    """Raises GuardError if the new site is unfit, or has lost too much of what was published `before` and that is not allowed."""
    defects = guards.always_refused(catalogue, tally)
    if search_failure := search_check.search_failure(new_site, guards.sampled_entries(catalogue)):
        defects.append(search_failure)
    new, doubts = guards.figures(catalogue), []
    try:
        old = before()
    except UnreadableSite as error:
        old = None
        doubts.append(f"{error}, and so nothing says that it is not much more")
    if old:
        doubts += guards.refusals(new, old)
    if defects or (doubts and not allow_shrink):
        remedy = "" if defects else "\nIf that is right, build once with --allow-shrink"
        lines = "\n".join(f"- {each}" for each in [*defects, *doubts])
        raise GuardError(f"the new site is not published, the old one stays:\n{lines}{remedy}")
    for doubt in doubts:
        click.echo(f"allowed by --allow-shrink: {doubt}", err=True)
    for line in guards.remarks(catalogue, new, old) if old else []:
        click.echo(line, err=True)
    if tally.changed_share > 0.5:
        click.echo(
            f"warning: {tally.changed_share:.0%} of what the pages say is new; look at them if nothing of the code is",
            err=True,
        )


@click.command("published")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def get_published(root: Path, file: Path) -> None:
    """Write to FILE which entries the published site has, for `build --published FILE`; needs a network.

    If nothing is published yet, FILE is removed.
    """
    settings = read_settings(root, "where the site is")
    found = fetch_published(settings)
    try:
        if found is None:
            file.unlink(missing_ok=True)
            click.echo(f"Nothing is published at {settings.base_url} yet")
            return
        file.write_bytes(found)
    except OSError as error:
        raise CatalogueError(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"{settings.base_url} is published, and {click.format_filename(file)} says what it has")


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "sarif"]),
    help="How mistakes are reported: as text, as GitHub annotations, or as SARIF.  [default: text, on GitHub github]",
)
@click.pass_obj
def check(root: Path, form: str | None) -> None:
    """Check the YAML files, without building; no network."""
    catalogue = read_catalogue(root, form=form)
    click.echo(
        f"No errors in the YAML files or in snapshot/: {pluralize(len(catalogue.software), 'entry', 'entries')}",
        err=form == "sarif",
    )


@click.command()
@click.argument("old", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.argument("new", type=click.Path(file_okay=False, exists=True, path_type=Path))
def compare(old: Path, new: Path) -> None:
    """Print as Markdown what changes for readers between two built sites.

    OLD may be an empty folder: then everything in NEW is new.
    """
    click.echo(compared(_built_site(old, may_be_empty=True), _built_site(new)), nl=False)


def _built_site(folder: Path, *, may_be_empty: bool = False) -> BuiltSite:
    texts = checkout.built_site_texts(folder)
    if not texts and not (may_be_empty and all(path.name.startswith(".") for path in folder.iterdir())):
        raise click.UsageError(f"{folder} does not hold a built site: build one there with `build.py build --site`")
    return read_built_site(texts, str(folder))


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on this machine; 0 takes a free one.",
)
@click.option("--site", type=click.Path(path_type=Path), help="Where to write the site.  [default: site/]")
@click.pass_obj
def serve(root: Path, port: int, site: Path | None) -> None:
    """Show the site on this machine, and rebuild it whenever a file changes."""
    serve_site(root, site or root / "site", port)
