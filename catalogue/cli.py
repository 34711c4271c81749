"""The command line: what `build.py` can do. The only place that prints."""

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from urllib.parse import urlsplit

import click

from . import __version__, pipeline
from .changes import changes, shown
from .edge import ask_the_search, checkout
from .edge.ahead import made_beside
from .edge.describe import address, describe
from .edge.http import Client, user_agent
from .edge.inspection import Inspected, inspected
from .edge.inspection import inspect as inspect_repositories
from .edge.launches import read_launches
from .edge.links import follow
from .edge.night import night
from .edge.observed import update_observed
from .edge.probe import probe as probe_facilities
from .edge.public_hosts import PublicHosts
from .edge.publish import publish
from .edge.published import Unreadable, fetched, old_file, published
from .edge.remembered import CACHE, Remembered
from .edge.serve import serve as serve_site
from .edge.snapshot_files import Texts, load, save
from .edge.zenodo import TooManyRecords, harvest_by_oai
from .edge.zenodo import harvest as harvest_community
from .explain import explanation
from .launch.refs import subjects
from .links import not_asked, not_asked_words, outward_links
from .model import Catalogue, Facility, Site, Software, State, Verdict
from .nights import as_json, as_markdown, news, read_nights, troubles, write_nights
from .observed import Health, Launches, LinkState, Probe
from .outputs import guards
from .outputs.carried import Earlier
from .outputs.check import Reading
from .outputs.compare import compared
from .outputs.dates import days_between
from .outputs.site import site_files
from .problems import CatalogueError, GuardError, Place, Problem, UpstreamError, as_sarif, errors
from .sources.beginnings import new_catalogue
from .sources.changes import RECORDED, read_changes, write_changes
from .sources.drafts import facility_draft, harvested, notebook_draft, override_draft
from .sources.facilities import FILE as FACILITIES_FILE
from .sources.facilities import FOLDER as FACILITIES_FOLDER
from .sources.facilities import KEY as FACILITIES_KEY
from .sources.facilities import read_facilities, read_facility_files
from .sources.local import FILE as NOTEBOOKS_FILE
from .sources.local import FOLDER as NOTEBOOKS_FOLDER
from .sources.local import KEY as NOTEBOOKS_KEY
from .sources.local import read_local_files
from .sources.observed import HARVEST as OBSERVED_HARVEST
from .sources.observed import read_observed
from .sources.observed import read_what_is_readable as read_readable_observed
from .sources.schemas import FOLDER as SCHEMAS_FOLDER
from .sources.schemas import schema_line, schemas
from .sources.site import FILE as SITE_FILE
from .sources.site import PLACEHOLDERS, read_site, web_root
from .sources.snapshot import HARVEST_FILE, Snapshot, read_snapshot, read_what_is_readable, snapshot_texts
from .text import english_list

PROJECT = Path(__file__).parents[1]


class _Failure(click.ClickException):
    """A run that cannot go on, said in one message, with its exit code."""

    def __init__(self, error: CatalogueError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the error, which says what kind of failure it was."""
        return self.error.exit_code


class _Commands(click.Group):
    """Turns what went wrong into one clear message, and that somebody stopped the run, too."""

    def invoke(self, ctx: click.Context) -> object:
        stopped_by = [signal.SIGINT]

        def stop(number: int, _frame: object) -> None:
            stopped_by[0] = signal.Signals(number)
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGTERM, stop) if current_thread() is main_thread() else None
        try:
            return super().invoke(ctx)
        except CatalogueError as error:
            raise _Failure(error) from None
        except KeyboardInterrupt:
            click.echo("\nStopped: nothing is half-written.", err=True)
            # As a shell counts it.
            ctx.exit(128 + stopped_by[0])
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)


class ContributorError(CatalogueError):
    """Something in a file that people write is wrong."""

    exit_code = 3


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=PROJECT,
    help="The folder with site.yaml, facilities.yaml, notebooks.yaml and snapshot/.  [default: the project]",
)
@click.version_option(__version__)
@click.pass_context
def main(ctx: click.Context, root: Path) -> None:
    """Build a static catalogue of research software that a reader can run.

    Without a command it builds the site. Exit codes: 0 done, 1 defect, 2 wrong usage, 3 a mistake in a file that people
    write, 4 upstream could not be read completely (the snapshot stays), 5 the new site is unfit (the old one stays), 130
    and 143 stopped (Ctrl-C, SIGTERM).
    """
    ctx.obj = root
    if ctx.invoked_subcommand is None:
        ctx.invoke(build)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _latest_day(now: datetime) -> str:
    """The newest date that anybody on Earth can write now: 14 hours ahead of UTC it is tomorrow already."""
    return (now + timedelta(hours=14)).date().isoformat()


def _built() -> str | None:
    """The time of the build, if the environment says one (SOURCE_DATE_EPOCH); else the snapshot's time is shown."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}: it must be a number of seconds since 1970") from None


def _show(problems: tuple[Problem, ...], form: str | None = None) -> None:
    """Show problems as text, as annotations (the default on GitHub), or as SARIF, which is one document."""
    if form == "sarif":
        click.echo(as_sarif(problems, __version__))
        return
    annotate = form == "github" or (form is None and os.environ.get("GITHUB_ACTIONS") == "true")
    for problem in sorted(problems):
        click.echo(problem.annotation if annotate else str(problem), err=not annotate)


def _catalogue(root: Path, base_url: str | None = None, form: str | None = None) -> Catalogue:
    """The catalogue of a checkout; problems are shown, and errors end the run."""
    latest = _latest_day(datetime.now(UTC))
    try:
        inputs = checkout.read_inputs(root, base_url=base_url, built=_built(), not_after=latest)
        catalogue, problems = pipeline.read(inputs)
    except CatalogueError as error:
        # A snapshot that is harmed hides no mistake of a contributor's, and SARIF is a document whatever happens.
        found = pipeline.mistakes(checkout.read_written(root, not_after=latest))
        harmed = Problem(Place(file=f"{checkout.SNAPSHOT}/{HARVEST_FILE}"), str(error))
        _show((*found, harmed) if form == "sarif" else found, form)
        raise
    _show(problems, form)
    wrong = errors(problems)
    if wrong or catalogue is None:
        count = f"{len(wrong)} error{'s' if len(wrong) != 1 else ''}"
        where = "above" if form != "sarif" else "that people write"
        raise ContributorError(f"{count} in the files {where}: nothing was built")
    return catalogue


def _settings(root: Path, says: str) -> Site:
    """What site.yaml says; problems are shown, and end the run."""
    texts, unread = checkout.written(root, SITE_FILE)
    settings, problems = read_site(texts[SITE_FILE]) if texts else (None, [])
    _show((*unread, *problems))
    if settings is None:
        raise ContributorError(f"{SITE_FILE} says {says}, and it has errors: nothing was asked")
    return settings


def _written(root: Path, file: str, folder: str) -> dict[str, str]:
    """The texts of files that people write; `check` shows what is wrong with them. Where none can be read the run ends."""
    texts, unread = checkout.written(root, file, folder)
    if unread and not texts:
        _show(tuple(unread))
        raise ContributorError(f"{file} cannot be read: nothing was done")
    return texts


def _listed(root: Path) -> list[Facility]:
    """The facilities that are right as they stand; `check` shows what is wrong with the others."""
    return read_facility_files(_written(root, FACILITIES_FILE, FACILITIES_FOLDER))[0]


def _web_root(_ctx: click.Context, _parameter: click.Parameter, address: str | None) -> str | None:
    """An option's address, checked as site.yaml's are."""
    try:
        return address if address is None else web_root(address)
    except ValueError as error:
        raise click.BadParameter(f"{address!r} {error}") from None


# How many objects a build makes before cycles of them are looked for, and how many of these looks go deeper. As Python is set,
# it would look at a whole catalogue again and again, which is a third of the time that its views take.
COLLECTED = 50_000, 20, 20


@main.command()
@click.option("--site", type=click.Path(path_type=Path), help="Where to write the site.  [default: site/]")
@click.option(
    "--base-url",
    metavar="URL",
    callback=_web_root,
    help="Where it will be published, instead of what site.yaml says.",
)
@click.option("--allow-shrink", is_flag=True, help="Accept, this once, a site that has lost much of what is published.")
@click.option(
    "--published",
    "told",
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
    told: Path | None = None,
    full: bool = False,
) -> None:
    """Build the site from the files of this checkout; no network."""
    gc.set_threshold(*COLLECTED)
    catalogue = _catalogue(root, base_url)
    gc.freeze()  # all of it is needed to the end
    others = checkout.others(root)
    folder = site or root / "site"
    passed = guards.Passed()
    program = checkout.program()

    def memory(name: str) -> Remembered:
        """That of one process, of those that make the site."""
        return Remembered(root / CACHE / f"{name}.sqlite", program, anew=full)

    old = partial(old_file, folder)
    earlier = Earlier(memory=memory, published=old)
    read: list[Reading] = []
    beside = partial(made_beside, done=read.append)
    files = site_files(catalogue, checkout.templates(), checkout.assets(), others, earlier=earlier, beside=beside)
    publish(
        guards.passing(files, passed, old, others),
        folder,
        catalogue.site.base_url,
        others,
        guard=lambda new_site: _guard(
            catalogue, passed, partial(published, root, folder, told), new_site, allow_shrink
        ),
        read=read,
        spare=root / CACHE / "site",
    )
    pairs = {verdict: sum(offer.verdict is verdict for offer in catalogue.offers) for verdict in Verdict}
    click.echo(
        f"{len(catalogue.software)} entries, {len(catalogue.facilities)} facilities, "
        f"{pairs[Verdict.YES]} launch links ({pairs[Verdict.MAYBE]} more that may work), "
        f"{passed.pages} pages in {click.format_filename(folder)}"
        + (f", {passed.standing} of them as they were" if passed.standing else "")
    )


def _guard(
    catalogue: Catalogue,
    passed: guards.Passed,
    before: Callable[[], guards.Figures | None],
    new_site: Path,
    allow_shrink: bool,
) -> None:
    """Ends the run where the new site would take from readers what they had `before`, unless that is allowed."""
    wrong = guards.always_refused(catalogue, passed)
    if silent := ask_the_search.refusal(new_site, guards.asked_for(catalogue)):
        wrong.append(silent)
    new, doubts = guards.figures(catalogue), []
    try:
        old = before()
    except Unreadable as error:
        old = None
        doubts.append(f"{error}, and so nothing says that it is not much more")
    if old:
        doubts += guards.refusals(new, old)
    if wrong or (doubts and not allow_shrink):
        remedy = "" if wrong else "\nIf that is right, build once with --allow-shrink"
        lines = "\n".join(f"- {each}" for each in [*wrong, *doubts])
        raise GuardError(f"the new site is not published, the old one stays:\n{lines}{remedy}")
    for doubt in doubts:
        click.echo(f"allowed by --allow-shrink: {doubt}", err=True)
    for line in guards.remarks(catalogue, new, old) if old else []:
        click.echo(line, err=True)
    if passed.share > 0.5:
        click.echo(
            f"warning: {passed.share:.0%} of what the pages say is new; look at them if nothing of the code is",
            err=True,
        )


@main.command("published")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def get_published(root: Path, file: Path) -> None:
    """Write to FILE which entries the published site has, for `build --published FILE`; needs a network.

    If nothing is published yet, FILE is removed.
    """
    settings = _settings(root, "where the site is")
    found = fetched(settings)
    if found is None:
        file.unlink(missing_ok=True)
        click.echo(f"Nothing is published at {settings.base_url} yet")
        return
    file.write_bytes(found)
    click.echo(f"{settings.base_url} is published, and {click.format_filename(file)} says what it has")


@main.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "sarif"]),
    help="How mistakes are reported: as text, as GitHub annotations, or as SARIF.   [default: text, on GitHub github]",
)
@click.pass_obj
def check(root: Path, form: str | None) -> None:
    """Check the files that people write, without building; no network."""
    catalogue = _catalogue(root, form=form)
    click.echo(
        f"No errors in the files that people write or in snapshot/: {len(catalogue.software)} entries",
        err=form == "sarif",
    )


@main.command()
@click.option("--api", metavar="URL", callback=_web_root, help="The API to ask, instead of what site.yaml says.")
@click.option("--community", metavar="NAME", help="The community to harvest, instead of what site.yaml says.")
@click.option("--allow-shrink", is_flag=True, help="Accept a harvest that has lost more than a fifth of the entries.")
@click.option(
    "--via",
    type=click.Choice(["search", "oai"]),
    help="How to ask: by the search, or by OAI-PMH.  [default: by OAI-PMH if there are more records than the search lists]",
)
@click.option("--whole", is_flag=True, help="With --via oai, read the whole list, not only what has changed.")
@click.pass_obj
def harvest(
    root: Path, api: str | None, community: str | None, allow_shrink: bool, via: str | None, whole: bool
) -> None:
    """Bring snapshot/ up to date from Zenodo.

    Nothing is written unless the whole community was read. Files of the present snapshot that cannot be read are fetched
    again, and keep their addresses. ZENODO_TOKEN, if set, is sent to that host only and allows larger pages; it is not
    needed.
    """
    settings = _settings(root, "what to harvest")
    local, _ = read_local_files(
        _written(root, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER)
    )  # build and check show what is wrong with it
    folder = root / checkout.SNAPSHOT
    address = api or settings.api
    now = _now()
    client = Client(
        user_agent(settings.repository),
        token=os.environ.get("ZENODO_TOKEN"),
        token_host=urlsplit(address).netloc,
        tell=lambda text: click.echo(text, err=True),
    )
    seen, unseen = read_readable_observed(Texts(root / checkout.OBSERVED))
    for name in unseen:
        what = "it is written anew" if name == OBSERVED_HARVEST else "it is left as it is"
        click.echo(f"{checkout.OBSERVED}/{name} cannot be read: {what}", err=True)
    before, unread, expected = _readable(root)
    if unread:
        every = _names(f"{folder.name}/{name}" for name in unread)
        click.echo(f"{every} cannot be read: what is listed is asked for anew, and keeps its address", err=True)
    wanted: dict[str, Any] = {
        "api": address,
        "community": community or settings.community,
        "kinds": settings.kinds,
        "before": before,
        "now": now,
        "progress": _progress,
        "allow_shrink": allow_shrink,
        "reserved": {slug for each in local for slug in (each.slug, *(each.former_slugs or ())) if slug},
    }
    by_oai = partial(harvest_by_oai, client, since=None if whole or unread else seen.looked, **wanted)
    try:
        found = by_oai() if via == "oai" else harvest_community(client, **wanted)
    except TooManyRecords as error:
        if via:
            raise
        click.echo(f"{error}: asking by OAI-PMH", err=True)
        found = by_oai()
    _progress("")
    current = sum(entry.withdrawn is None for entry in found.entries)
    # The harvest itself has compared with those entries only that could be read.
    if unread and 5 * current < 4 * expected and not allow_shrink:
        raise UpstreamError(
            f"there are {current} entries, where {folder.name}/ had {expected} with those that cannot be read: "
            "that is too few to be believed, nothing was changed"
        )
    changed = save(folder, snapshot_texts(found))
    update_observed(root, looked=now)
    if lost := unread.keys() - {HARVEST_FILE, *(f"{entry.slug}.json" for entry in found.entries)}:
        every = _names(f"{folder.name}/{name}" for name in sorted(lost))
        click.echo(f"{every} could not be read, and no record has its address: removed", err=True)
    what = f"{len(changed)} files of {folder.name}/ changed" if changed else "no news"
    click.echo(f"{found.harvest.seen if found.harvest else 0} records seen, {current} entries: {what}")


def _readable(root: Path) -> tuple[Snapshot, dict[str, str], int]:
    """What can be read of the snapshot, which files cannot be and why, and how many entries there were in all."""
    texts, notes = Texts(root / checkout.SNAPSHOT), Texts(root / checkout.CHANGES)
    found, unread = read_what_is_readable(texts)
    expected = sum(entry.withdrawn is None for entry in found.entries)
    if not unread:
        return found, unread, expected
    try:
        recorded, _ = read_changes({RECORDED: notes[RECORDED]} if RECORDED in notes else {})
    except CatalogueError:
        recorded = None
    known = {each.slug: each for each in recorded.software} if recorded else {}
    found, unread = read_what_is_readable(texts, {slug: each.identity for slug, each in known.items()})
    gone = {f"{slug}.json" for slug, each in known.items() if each.gone}
    return found, unread, expected + len(unread.keys() - {HARVEST_FILE} - gone)


def _names(names: Iterable[str], most: int = 10) -> str:
    """The names, or as many of them as a line has room for."""
    every = list(names)
    return english_list([*every[:most], *([f"{len(every) - most} more"] if len(every) > most else [])])


@main.command()
@click.option("--loopback", metavar="HOST=127.0.0.1:PORT", multiple=True, hidden=True)
@click.pass_obj
def inspect(root: Path, loopback: tuple[str, ...]) -> None:
    """Inspect each repository at the refs that its links use, without running it, and keep what was seen in snapshot/.

    A repository that cannot be asked keeps its last answer. GITHUB_TOKEN, if set, is sent to GitHub's API only and
    allows more requests; it is not needed.
    """
    catalogue = _catalogue(root)
    found = inspect_repositories(
        subjects(catalogue.software),
        read_observed(load(root / checkout.OBSERVED)),
        now=_now(),
        agent=user_agent(catalogue.site.repository),
        hosts=_hosts(loopback),
        github_token=os.environ.get("GITHUB_TOKEN"),
        tell=lambda text: click.echo(text, err=True),
        progress=_progress,
    )
    _progress("")
    result = inspected(found)
    if result.nothing:
        raise UpstreamError(f"no repository could be asked{_whys(result)}: nothing was changed")
    update_observed(root, inspected=found.inspected, repositories=found.repositories)
    click.echo(
        f"{len(found.repositories)} repositories: {result.anew} inspected anew, {result.unchanged} unchanged, "
        f"{len(result.failing)} could not be asked{_whys(result)}"
        + (f", {result.waiting} wait for another night" if result.waiting else "")
    )


def _whys(result: Inspected, most: int = 5) -> str:
    """Which repositories could not be asked, and why, in brackets."""
    whys = [f"{seen.repository}: {seen.failing.why}" for seen in result.failing[:most] if seen.failing]
    more = [f"and {len(result.failing) - most} more"] if len(result.failing) > most else []
    return f" ({'; '.join([*whys, *more])})" if whys else ""


@main.command()
@click.option("--days", type=click.IntRange(1), default=14, show_default=True, help="The most days that are allowed.")
@click.pass_obj
def age(root: Path, days: int) -> None:
    """Say how long ago the community was last read completely; exit code 4 if that is too long ago.

    A nightly job without news from upstream would stay green for ever: this turns it red.
    """
    harvest = read_snapshot(load(root / checkout.SNAPSHOT)).harvest
    looked = read_observed(load(root / checkout.OBSERVED)).looked
    if harvest is None:
        raise UpstreamError("there is no snapshot yet: run `python build.py harvest` first")
    since = looked or harvest.harvested
    words = f"{harvest.community} was last read completely on {since}"
    if looked is None and harvest.note:
        step = read_nights(load(root / checkout.NIGHTS)).get("harvest")
        if step is None:
            click.echo(f"snapshot/ was made by hand, on {harvest.harvested[:10]}, and no harvest has renewed it yet")
            return
        since = step.failing_since or step.tried
        words = f"{harvest.community} was never read completely, although nightly runs have tried since {since}"
    old = days_between(since, _now())
    words += f", {old} day{'' if old == 1 else 's'} ago"
    if old > days:
        raise UpstreamError(f"{words}; {days} are allowed: see why the nightly harvest fails")
    click.echo(words)


def _progress(text: str) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)


def _hosts(values: Sequence[str]) -> PublicHosts:
    """The public network, with a port of this machine instead of each host of `HOST=127.0.0.1:PORT`."""
    pairs = [value.partition("=") for value in values]
    if wrong := [value for value, pair in zip(values, pairs, strict=True) if not (pair[0] and pair[2])]:
        raise click.UsageError(f"--loopback takes HOST=127.0.0.1:PORT, not {wrong[0]!r}")
    return PublicHosts({host: address for host, _, address in pairs})


@main.command()
@click.option("--no-launches", is_flag=True, help="Do not ask mybinder.org's archive of launches.")
@click.option("--loopback", multiple=True, hidden=True, metavar="HOST=127.0.0.1:PORT")
@click.pass_obj
def probe(root: Path, no_launches: bool, loopback: tuple[str, ...]) -> None:
    """Check each facility, and ask mybinder.org's archive what was launched; needs a network.

    At most three requests to a facility, and none that starts anything. The answers are kept in snapshot/observed/.
    """
    hosts = _hosts(loopback)
    catalogue = _catalogue(root)
    before = read_observed(load(root / checkout.OBSERVED))
    now, agent = _now(), user_agent(catalogue.site.repository)
    # A JupyterLite of the site itself is not there before it is published: that its files are is checked.
    asked = [each for each in catalogue.facilities if not each.url.startswith(catalogue.site.base_url)]
    silent: UpstreamError | None = None
    seen = before
    renewed: dict[str, Any] = {}
    try:
        seen = probe_facilities(asked, before, now=now, agent=agent, hosts=hosts, progress=_progress)
        renewed |= {"probed": seen.probed, "probes": seen.probes}
    except UpstreamError as error:
        silent = error
    _progress("")
    probes = {each.facility: each for each in seen.probes}
    for facility in asked:
        click.echo(f"{facility.name}: {_state(facility, probes.get(facility.slug), now)}")
    if not no_launches:
        try:
            launches = read_launches(
                [software.repository for software in catalogue.software if software.repository],
                before.launches,
                now=now,
                agent=agent,
                hosts=hosts,
                tell=lambda text: click.echo(text, err=True),
                progress=_progress,
            )
            renewed["launches"] = launches
        except UpstreamError as error:
            launches = before.launches
            click.echo(f"{error}; what was known of launches stays", err=True)
        _progress("")
        click.echo(f"Launches at mybinder.org: {_sum(launches, before.launches)}")
    if renewed:
        update_observed(root, **renewed)
    if silent:
        raise UpstreamError(f"{silent}; what was known of facilities stays")


def _state(facility: Facility, seen: Probe | None, now: str) -> str:
    if facility.closed:
        return f"closed in {facility.closed}, not asked"
    if facility.insecure:
        return "plain http, not asked"
    if seen is None:
        return "did not answer, never checked"
    if seen.asked != now:
        return f"did not answer, last checked {seen.asked}"
    match seen.health:
        case Health.UNHEALTHY:
            return f"not healthy: {seen.detail}"
        case Health.SILENT:
            return f"not answering since {seen.since}: {seen.detail}"
    return str(seen.health)


def _sum(launches: Launches, before: Launches) -> str:
    total = sum(count for each in launches.counts for _, count in each.days)
    new = len({*launches.days} - {*before.days})
    return (
        f"{total} of {sum(bool(each.days) for each in launches.counts)} repositories on the {len(launches.days)} days "
        f"that are known, {new} of them new"
    )


@main.command()
@click.option("--loopback", multiple=True, hidden=True, metavar="HOST=127.0.0.1:PORT")
@click.pass_obj
def links(root: Path, loopback: tuple[str, ...]) -> None:
    """Follow each link to another site, and keep what it answered in snapshot/observed/; needs a network.

    A report for curators, which blocks nothing: a page that is missing on three days is called dead, and an answer that
    says nothing about the page, such as 403 or none at all, is not counted. Links that a run had no time for are
    followed in the next one. It fails only if no host answers at all.
    """
    hosts = _hosts(loopback)
    catalogue = _catalogue(root)
    before = read_observed(load(root / checkout.OBSERVED))
    now, agent = _now(), user_agent(catalogue.site.repository)
    every = outward_links(catalogue)
    try:
        seen = follow(every, before, now=now, agent=agent, hosts=hosts, progress=_progress)
    except UpstreamError as error:
        raise UpstreamError(f"{error}; what was known of links stays") from None
    finally:
        _progress("")
    update_observed(root, followed=now, links=seen)
    for each in seen:
        if each.state is LinkState.MISSING:
            times = len(each.missing)
            what = "dead" if each.dead else f"missing on {times} day{'s' if times > 1 else ''}"
            click.echo(f"{each.url}: {what}: {each.detail}")
    tonight = [each for each in seen if each.asked == now]
    states = Counter(each.state for each in tonight)
    dead = sum(each.dead for each in tonight)
    out = not_asked(every)
    waiting = len(every) - out.total() - len(tonight)
    followed = (
        f"{len(tonight):,} link{'' if len(tonight) == 1 else 's'} followed: {states[LinkState.THERE]:,} there, "
        f"{states[LinkState.MISSING]:,} missing ({dead:,} dead), {states[LinkState.UNKNOWN]:,} unclear"
    )
    later = f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for another time" if waiting else ""
    click.echo("; ".join(filter(None, (followed, later, not_asked_words(out)))))


@main.command()
@click.pass_obj
def record(root: Path) -> None:
    """Note in snapshot/changes/ what has changed in the catalogue since it was last recorded; no network.

    The pages and feeds of changes are made from these notes. If nothing has changed, nothing is written.
    """
    catalogue = _catalogue(root)
    folder = root / checkout.CHANGES
    before, events = read_changes(load(folder))
    after = shown(catalogue, _now())
    found = changes(before, after)
    if before and not found:
        click.echo(f"no changes since {before.at}, nothing was written")
        return
    save(folder, write_changes(after, (*found, *events)))
    count = sum(len(each.changes) for each in found)
    since = f"since {before.at}" if before else "so far: the catalogue has opened"
    click.echo(f"{count} change{'' if count == 1 else 's'} {since}")


@main.command("night")
@click.option("--api", metavar="URL", hidden=True)
@click.option("--community", metavar="NAME", hidden=True)
@click.option("--loopback", multiple=True, hidden=True, metavar="HOST=127.0.0.1:PORT")
@click.pass_obj
def run_night(root: Path, api: str | None, community: str | None, loopback: tuple[str, ...]) -> None:
    """Harvest, inspect, probe, follow links once a week, and record what has changed; keep in snapshot/ how it went.

    Each step is run even if another has failed.

    What a failed step would have renewed stays as it is, and `health` says when that has gone on for too long. How it
    went is saved after each step: a night that is stopped keeps what it has done.
    """
    of_harvest = [*(["--api", api] if api else []), *(["--community", community] if community else [])]
    elsewhere = [word for pair in loopback for word in ("--loopback", pair)]
    folder = root / checkout.NIGHTS
    before = read_nights(load(folder))
    steps = dict(before)
    done: list[str] = []
    words = {"harvest": of_harvest, "inspect": elsewhere, "probe": elsewhere, "links": elsewhere}
    try:
        for name, step in night(root, before, now=_now(), words=words, tell=click.echo):
            steps[name] = step
            if not step.failing_since:
                done.append(name)
            save(folder, write_nights(steps))
    except KeyboardInterrupt:
        if done:
            click.echo(f"\nWhat the night has done before it was stopped stays: {', '.join(done)}.", err=True)
        raise
    for name, step in steps.items():
        if step.failing_since:
            click.echo(f"{name} failed: {step.why}")


@main.command()
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown, as the text of an issue.")
@click.option("--failed", metavar="PART", multiple=True, help="A part of tonight's run that failed, such as `build`.")
@click.option(
    "--since",
    "told",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Print only what is not yet in the issue whose text is in FILE, as a comment on it.",
)
@click.pass_obj
def health(root: Path, form: str | None, failed: tuple[str, ...], told: Path | None) -> None:
    """List what has been wrong for too long; no network."""
    observed = read_observed(load(root / checkout.OBSERVED))
    found = troubles(read_nights(load(root / checkout.NIGHTS)), observed, _now(), failed)
    if told:
        click.echo(news(found, told.read_text("utf-8", errors="replace")), nl=False)
        return
    match form:
        case "json":
            click.echo(as_json(found))
        case "markdown":
            click.echo(as_markdown(found), nl=False)
        case _:
            click.echo("\n".join(each.text for each in found) or "All is well.")


@main.command()
@click.argument("old", type=click.Path(file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(file_okay=False, exists=True, path_type=Path))
def compare(old: Path, new: Path) -> None:
    """Print as Markdown what changes for readers between two built sites."""
    click.echo(compared(checkout.site_texts(old), checkout.site_texts(new)), nl=False)


@main.command("describe-facility")
@click.argument("url")
@click.option("--loopback", multiple=True, hidden=True, metavar="HOST=127.0.0.1:PORT")
@click.pass_obj
def describe_facility(root: Path, url: str, loopback: tuple[str, ...]) -> None:
    """Ask the server at a URL what it is, and print an entry for the end of facilities.yaml; needs a network.

    Nothing is launched, and nobody is logged in.
    """
    hosts = _hosts(loopback)
    settings = _settings(root, "who asks")
    listed = _listed(root)
    try:
        given = address(url)
    except ValueError as error:
        raise click.BadParameter(f"{url!r} {error}", param_hint="URL") from None
    text = describe(
        given,
        today=_now()[:10],
        agent=user_agent(settings.repository),
        hosts=hosts,
        taken={each.slug for each in listed},
    )
    _say_if_listed(text, listed)
    click.echo(text, nl=False)


def _say_if_listed(draft: str, listed: list[Facility]) -> None:
    (found,), _ = read_facilities(f"facilities:\n{draft}")
    for facility in listed:
        if facility.url == found.url:
            click.echo(f"{FACILITIES_FILE} has this address already: {facility.slug}", err=True)


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--community", metavar="NAME", required=True, help="The Zenodo community to harvest, by its short name.")
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
            title=title, community=community, base_url=base_url, repository=repository, contact=contact, now=_now()
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    checkout.create(folder, files)
    given = {"base_url": base_url, "repository": repository, "contact": contact}
    unset = [key for key, value in given.items() if value == PLACEHOLDERS[key]]
    words = f"python build.py --root {click.format_filename(folder)}"
    settle = f"set {', '.join(unset)} in {SITE_FILE}, then " if unset else ""
    click.echo(f"{len(files)} files written. Next: {settle}{words} harvest, then {words} build")


@main.group()
def new() -> None:
    """Draft an entry from a URL alone; no network."""


@new.command("facility")
@click.argument("url")
@click.option("--write", is_flag=True, help="Write it to the end of facilities.yaml, or into facilities/.")
@click.pass_obj
def new_facility(root: Path, url: str, write: bool) -> None:
    """Print an entry for the end of facilities.yaml. `describe-facility` asks the facility and knows more."""
    listed = _listed(root)
    taken = {each.slug for each in listed}
    tell = partial(_say_if_listed, listed=listed)
    _draft(root, lambda: facility_draft(url, taken), tell, write, FACILITIES_FILE, FACILITIES_FOLDER, FACILITIES_KEY)


@new.command("notebook")
@click.argument("url")
@click.option("--id", "slug", metavar="NAME", help="Its short name in URLs, instead of one made from its name.")
@click.option("--write", is_flag=True, help="Write it to the end of notebooks.yaml, or into notebooks/.")
@click.pass_obj
def new_notebook(root: Path, url: str, slug: str | None, write: bool) -> None:
    """Print an entry for the end of notebooks.yaml, from any URL of a notebook or a repository.

    For the DOI of a harvested entry, the draft is about that entry (`ossr`), unless an --id is given.
    """
    local, _ = read_local_files(_written(root, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER))
    snapshot = read_snapshot(load(root / checkout.SNAPSHOT))
    settings, _ = read_site(checkout.written(root, SITE_FILE)[0].get(SITE_FILE, ""))
    community = settings.community_short if settings else "OSSR"
    listed, _ = pipeline.merged(snapshot, local, community)
    names = {name: each.name for each in listed for name in (each.slug, *each.former_slugs)}
    if slug in names:
        raise click.BadParameter(f"{slug!r} is the address of {names[slug]!r}: choose another", param_hint="--id")
    entry = None if slug else harvested(url, snapshot)
    said = next((each for each in local if entry and each.identity in entry.dois), None)
    if entry and said:
        raise click.UsageError(f"{said.source.label} is about {names[entry.slug]!r} already: edit it there")

    def tell(text: str) -> None:
        ((new,), _) = read_local_files({NOTEBOOKS_FILE: f"{NOTEBOOKS_KEY}:\n{text}"})
        if entry:
            what = f"the {community} entry {names[entry.slug]!r} is listed already, at /software/{entry.slug}/"
            click.echo(f"{what}: this draft says more about it", err=True)
        for each in listed:
            is_shown = each.state is not State.WITHDRAWN or each.sources[-1].place
            if is_shown and each.repository and new.repository and each.repository.key == new.repository.key:
                click.echo(_listed_already(each, community), err=True)

    draft = partial(override_draft, entry) if entry else partial(notebook_draft, url, names, slug)
    _draft(root, draft, tell, write, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER, NOTEBOOKS_KEY)


def _listed_already(software: Software, community: str) -> str:
    """Who is about the same repository, and what to write where the two are one."""
    label = software.sources[-1].label
    if software.identity == software.slug:
        return f"{label} is already about this repository: {software.name}"
    remedy = (
        f"edit {label}" if software.sources[-1].place else f"write `ossr: {software.identity}` in the place of `id`"
    )
    what = f"the {community} entry {software.name!r} is already about this repository, at /software/{software.slug}/"
    return f"{what}; to say more about it, {remedy}"


def _draft(
    root: Path, draft: Callable[[], str], tell: Callable[[str], None], write: bool, file: str, folder: str, key: str
) -> None:
    """Print a draft, or write it to the file or folder where its like are kept; `tell` says what is there already."""
    try:
        text = draft()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    tell(text)
    if not write:
        click.echo(text, nl=False)
        return
    place = checkout.add(root, file, folder, key, text, schema_line)
    click.echo(f"{place}: edit it, then run `python build.py check`")


@main.command("schemas")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a schema does not match the models.")
@click.pass_obj
def write_schemas(root: Path, only_check: bool) -> None:
    """Write schemas/, with which editors complete and explain the files that people write."""
    folder = root / SCHEMAS_FOLDER
    old = {name: (folder / name).read_text("utf-8") if (folder / name).is_file() else None for name in schemas()}
    changed = [name for name, text in schemas().items() if old[name] != text]
    if only_check and changed:
        raise CatalogueError(f"{SCHEMAS_FOLDER}/{changed[0]} does not match the models: run `python build.py schemas`")
    folder.mkdir(exist_ok=True)
    for name in changed:
        (folder / name).write_text(schemas()[name], encoding="utf-8")
    click.echo(f"{len(old)} schemas, {len(changed)} changed")


@main.command()
@click.argument("slug")
@click.pass_obj
def explain(root: Path, slug: str) -> None:
    """Print which source said what about one entry, and where it runs; SLUG is the name in its address, or its DOI."""
    catalogue = _catalogue(root)
    every = (*catalogue.software, *catalogue.withdrawn)
    software = next((each for each in every if slug in (each.slug, each.identity, *each.former_slugs)), None)
    if software is None:
        near = get_close_matches(slug, [each.slug for each in every], n=3)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        raise click.UsageError(f"there is no entry {slug!r}{hint}")
    click.echo(explanation(software, catalogue))


@main.command()
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
