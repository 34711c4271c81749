"""The commands for adding and correcting entries, and for starting a new catalogue."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import click

from .. import pipeline
from ..edge import checkout
from ..edge.describe import checked_url, describe
from ..edge.http import user_agent
from ..edge.snapshot_files import load
from ..explain import explanation
from ..model import Facility, Software, State
from ..outputs.addresses import software_page
from ..outputs.contribute import override_draft
from ..problems import CatalogueError
from ..sources.drafts import facility_draft, harvested_entry, notebook_draft
from ..sources.facilities import FILE as FACILITIES_FILE
from ..sources.facilities import FOLDER as FACILITIES_FOLDER
from ..sources.facilities import KEY as FACILITIES_KEY
from ..sources.facilities import read_facilities, read_facility_files
from ..sources.local import FILE as NOTEBOOKS_FILE
from ..sources.local import FOLDER as NOTEBOOKS_FOLDER
from ..sources.local import KEY as NOTEBOOKS_KEY
from ..sources.local import read_local_files
from ..sources.scaffold import new_catalogue
from ..sources.schemas import FOLDER as SCHEMAS_FOLDER
from ..sources.schemas import schema_line, schemas
from ..sources.site import FILE as SITE_FILE
from ..sources.site import PLACEHOLDERS, read_site
from ..sources.snapshot import read_snapshot
from ..words import identifier
from . import clock
from .common import loopback_option, public_hosts, read_catalogue, read_settings, yaml_texts

_write_facility_option = click.option(
    "--write", is_flag=True, help="Write it to the end of facilities.yaml, or into facilities/."
)


@click.group()
def new() -> None:
    """Draft an entry from a URL alone; no network."""


@new.command("facility")
@click.argument("url")
@_write_facility_option
@click.pass_obj
def new_facility(root: Path, url: str, write: bool) -> None:
    """Print an entry for the end of facilities.yaml. `describe-facility` asks the facility and knows more."""
    listed = _listed(root)
    taken = {each.slug for each in listed}
    _draft_facility(root, lambda: facility_draft(url, taken), listed, write)


@new.command("notebook")
@click.argument("url")
@click.option(
    "--id",
    "slug",
    metavar="NAME",
    help="Its slug, the part of its URLs that names it, instead of one made from its name.",
)
@click.option("--write", is_flag=True, help="Write it to the end of notebooks.yaml, or into notebooks/.")
@click.pass_obj
def new_notebook(root: Path, url: str, slug: str | None, write: bool) -> None:
    """Print an entry for the end of notebooks.yaml, from any URL of a notebook or a repository.

    For the DOI of a harvested entry, the draft is about that entry (`ossr`), unless an --id is given.
    """
    local, _ = read_local_files(yaml_texts(root, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER))
    snapshot = read_snapshot(load(root / checkout.SNAPSHOT))
    settings, _ = read_site(checkout.yaml_texts(root, SITE_FILE)[0].get(SITE_FILE, ""))
    community = settings.community_short if settings else "OSSR"
    listed, _ = pipeline.merged(snapshot, local, community)
    names = {name: each.name for each in listed for name in (each.slug, *each.former_slugs)}
    if slug in names:
        raise click.BadParameter(f"{slug!r} is the slug of {names[slug]!r}: choose another", param_hint="--id")
    entry = None if slug else harvested_entry(url, snapshot)
    existing = next((each for each in local if entry and each.identity in entry.dois), None)
    if entry and existing:
        raise click.UsageError(f"{existing.source.label} is about {names[entry.slug]!r} already: edit it there")

    def warn(text: str) -> None:
        ((new,), _) = read_local_files({NOTEBOOKS_FILE: f"{NOTEBOOKS_KEY}:\n{text}"})
        if entry:
            what = f"the {community} entry {names[entry.slug]!r} is listed already, at /{software_page(entry.slug)}"
            click.echo(f"{what}: this draft says more about it", err=True)
        for each in listed:
            is_shown = each.state is not State.WITHDRAWN or each.local_source
            if is_shown and each.repository and new.repository and each.repository.key == new.repository.key:
                click.echo(_listed_already(each, community), err=True)

    draft = partial(override_draft, entry.identity, entry.slug) if entry else partial(notebook_draft, url, names, slug)
    _draft(root, draft, warn, write, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER, NOTEBOOKS_KEY)


def _listed_already(software: Software, community: str) -> str:
    """The message that an entry has the same repository, and what to write if the draft is about that entry."""
    ours = software.local_source
    if ours and software.identity == software.slug:
        return f"{ours.label} is already about this repository: {software.name}"
    remedy = f"edit {ours.label}" if ours else f"write `ossr: {software.identity}` in the place of `id`"
    what = (
        f"the {community} entry {software.name!r} is already about this repository, at /{software_page(software.slug)}"
    )
    return f"{what}; to say more about it, {remedy}"


def _draft(
    root: Path, draft: Callable[[], str], warn: Callable[[str], None], write: bool, file: str, folder: str, key: str
) -> None:
    """Print a draft, or append it to its file or folder; `warn` tells the user about similar entries."""
    try:
        text = draft()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    warn(text)
    if not write:
        click.echo(text, nl=False)
        return
    place = checkout.append_item(root, file, folder, key, text, schema_line)
    click.echo(f"{place}: edit it, then run `python build.py check`")


@click.command("describe-facility")
@click.argument("url")
@_write_facility_option
@loopback_option
@click.pass_obj
def describe_facility(root: Path, url: str, write: bool, loopback: tuple[str, ...]) -> None:
    """Ask the server at a URL what it is, and print an entry for the end of facilities.yaml; needs a network.

    Nothing is launched, and nobody is logged in.
    """
    hosts = public_hosts(loopback)
    settings = read_settings(root, "who asks")
    listed = _listed(root)
    try:
        given = checked_url(url)
    except ValueError as error:
        raise click.BadParameter(f"{url!r} {error}", param_hint="URL") from None
    text = describe(
        given,
        today=clock.now()[:10],
        agent=user_agent(settings.repository),
        hosts=hosts,
        taken={each.slug for each in listed},
    )
    _draft_facility(root, lambda: text, listed, write)


def _listed(root: Path) -> list[Facility]:
    """The facilities without errors; `check` reports the others."""
    return read_facility_files(yaml_texts(root, FACILITIES_FILE, FACILITIES_FOLDER))[0]


def _draft_facility(root: Path, draft: Callable[[], str], listed: list[Facility], write: bool) -> None:
    """Print the draft of a facility, or append it to its file or folder, and say if its URL is `listed` already."""

    def warn(text: str) -> None:
        (found,), _ = read_facilities(f"{FACILITIES_KEY}:\n{text}")
        for facility in listed:
            if facility.url == found.url:
                click.echo(f"{FACILITIES_FILE} has this address already: {facility.slug}", err=True)

    _draft(root, draft, warn, write, FACILITIES_FILE, FACILITIES_FOLDER, FACILITIES_KEY)


@click.command()
@click.argument("slug")
@click.pass_obj
def explain(root: Path, slug: str) -> None:
    """Print which source said what about one entry, and where it runs; SLUG is its slug, as in /software/SLUG/, or a DOI of it."""
    catalogue = read_catalogue(root)
    every = (*catalogue.software, *catalogue.withdrawn)
    software = next((each for each in every if identifier(slug) in _slugs_and_dois(each)), None)
    if software is None:
        near = get_close_matches(slug, [each.slug for each in every], n=3)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise click.UsageError(f"there is no entry {slug!r}{hint}")
    click.echo(explanation(software, catalogue))


def _slugs_and_dois(software: Software) -> set[str]:
    """The slugs of an entry and the DOIs of its record and all versions, and earlier ones, in their canonical spelling."""
    versions = (each.doi for each in software.versions)
    dois = (software.identity, software.doi, software.concept_doi, *versions, *software.former_dois)
    return {software.slug, *software.former_slugs, *(identifier(each) for each in dois if each)}


@click.command("schemas")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a schema does not match the models.")
@click.pass_obj
def write_schemas(root: Path, only_check: bool) -> None:
    """Write schemas/, with which editors complete and explain the YAML files."""
    folder = root / SCHEMAS_FOLDER
    old = {name: (folder / name).read_text("utf-8") if (folder / name).is_file() else None for name in schemas()}
    changed = [name for name, text in schemas().items() if old[name] != text]
    if only_check and changed:
        raise CatalogueError(f"{SCHEMAS_FOLDER}/{changed[0]} does not match the models: run `python build.py schemas`")
    for name in changed:
        checkout.write_atomically(folder / name, schemas()[name].encode("utf-8"))
    click.echo(f"{len(old)} schemas, {len(changed)} changed")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--community", metavar="NAME", required=True, help="The Zenodo community to harvest: the last part of its URL."
)
@click.option("--title", required=True, help="What the catalogue is called.")
@click.option(
    "--base-url", metavar="URL", default=PLACEHOLDERS["base_url"], help="Where it will be published; can be set later."
)
@click.option(
    "--repository",
    metavar="URL",
    default=PLACEHOLDERS["repository"],
    help="Where its files are kept; can be set later.",
)
@click.option(
    "--contact",
    metavar="ADDRESS",
    default=PLACEHOLDERS["contact"],
    help="Where its readers can ask; can be set later.",
)
def init(folder: Path, community: str, title: str, base_url: str, repository: str, contact: str) -> None:
    """Start a catalogue of another community in a folder. No file that is there is overwritten."""
    try:
        files = new_catalogue(
            title=title, community=community, base_url=base_url, repository=repository, contact=contact, now=clock.now()
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    checkout.create_files(folder, files)
    given = {"base_url": base_url, "repository": repository, "contact": contact}
    unset = [key for key, value in given.items() if value == PLACEHOLDERS[key]]
    words = f"python build.py --root {click.format_filename(folder)}"
    settle = f"set {', '.join(unset)} in {SITE_FILE}, then " if unset else ""
    click.echo(f"{len(files)} files written. Next: {settle}{words} harvest, then {words} build")
