"""The commands of the nightly run: its steps, which update snapshot/; all of them in turn; and reports on past runs."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from ..changes import changes, current_state
from ..edge import checkout
from ..edge.http import Client, user_agent
from ..edge.inspection import inspect as inspect_repositories
from ..edge.inspection import summary
from ..edge.launches import read_launches
from ..edge.links import check_links
from ..edge.night import run_steps
from ..edge.observed import update_observed
from ..edge.probe import probe as probe_facilities
from ..edge.snapshot_files import FolderTexts, fingerprint, load, save, snapshot_lock
from ..edge.zenodo import KEPT_SHARE, TooManyRecords, harvest_by_oai, is_whole_list_due
from ..edge.zenodo import harvest as harvest_community
from ..launch.refs import subjects
from ..links import count_not_followed, not_followed_text, outward_links
from ..model import Facility
from ..nights import PARTS, as_json, as_markdown, new_troubles, read_nights, troubles, write_nights
from ..observed import Health, Launches, LinkState, Observed, Probe, SeenRepository
from ..outputs import freshness
from ..problems import CatalogueError, UpstreamError
from ..sources.changes import RECORDED, read_changes, write_changes
from ..sources.local import FILE as NOTEBOOKS_FILE
from ..sources.local import FOLDER as NOTEBOOKS_FOLDER
from ..sources.local import read_local_files
from ..sources.observed import HARVEST as OBSERVED_HARVEST
from ..sources.observed import read_observed, recover_observed
from ..sources.snapshot import HARVEST_FILE, Snapshot, file_stamps, read_snapshot, recover_snapshot, snapshot_texts
from ..text import english_list, pluralize
from ..times import days_between
from . import clock
from .common import (
    checked_web_root,
    loopback_option,
    progress,
    public_hosts,
    read_catalogue,
    read_settings,
    yaml_texts,
)


@click.command()
@click.option("--api", metavar="URL", callback=checked_web_root, help="The API to ask, instead of what site.yaml says.")
@click.option("--community", metavar="NAME", help="The community to harvest, instead of what site.yaml says.")
@click.option("--allow-shrink", is_flag=True, help="Accept a harvest that has lost more than a fifth of the entries.")
@click.option(
    "--via",
    type=click.Choice(["search", "oai"]),
    help="How to ask: by the search, or by OAI-PMH.  [default: by OAI-PMH if there are more records than the search lists]",
)
@click.option("--whole", is_flag=True, help="By OAI-PMH, read the whole list even if only changes are due.")
@click.pass_obj
def harvest(
    root: Path, api: str | None, community: str | None, allow_shrink: bool, via: str | None, whole: bool
) -> None:
    """Bring snapshot/ up to date from Zenodo.

    Nothing is written unless the whole community was read, and no other command has written snapshot/ meanwhile. Files of
    the present snapshot that cannot be read are fetched again, and keep their slugs. ZENODO_TOKEN, if set, is sent to that
    host only and allows larger pages; it is not needed.
    """
    settings = read_settings(root, "what to harvest")
    # `build` and `check` report what is wrong with this file.
    local, _ = read_local_files(yaml_texts(root, NOTEBOOKS_FILE, NOTEBOOKS_FOLDER))
    folder = root / checkout.SNAPSHOT
    address = api or settings.api
    now = clock.now()
    client = Client(
        user_agent(settings.repository),
        token=os.environ.get("ZENODO_TOKEN"),
        token_host=urlsplit(address).netloc,
        log=lambda text: click.echo(text, err=True),
    )
    observed, unreadable_observed = recover_observed(FolderTexts(root / checkout.OBSERVED))
    for name in unreadable_observed:
        what = "it is written anew" if name == OBSERVED_HARVEST else "it is left as it is"
        click.echo(f"{checkout.OBSERVED}/{name} cannot be read: {what}", err=True)
    fingerprint_before = fingerprint(folder)
    before, unreadable, expected = _readable_snapshot(root)
    if unreadable:
        every = _names(f"{folder.name}/{name}" for name in unreadable)
        click.echo(f"{every} cannot be read: what is listed is asked for anew, and keeps its slug", err=True)
    options: dict[str, Any] = {
        "api": address,
        "community": community or settings.community,
        "kinds": settings.kinds,
        "before": before,
        "now": now,
        "progress": progress,
        "allow_shrink": allow_shrink,
        "reserved": {slug for each in local for slug in (each.slug, *(each.former_slugs or ())) if slug},
    }
    changes_only = not (whole or unreadable or is_whole_list_due(before, observed.looked, observed.listed, now))
    by_oai = partial(harvest_by_oai, client, looked=observed.looked, changes_only=changes_only, **options)
    is_by_oai = via == "oai"
    try:
        found = by_oai() if is_by_oai else harvest_community(client, **options)
    except TooManyRecords as error:
        if via:
            raise
        click.echo(f"{error}: asking by OAI-PMH", err=True)
        found, is_by_oai = by_oai(), True
    progress("")
    current = sum(entry.withdrawn is None for entry in found.entries)
    # The harvest itself has only compared with the entries that could be read.
    if unreadable and current < KEPT_SHARE * expected and not allow_shrink:
        raise UpstreamError(
            f"there are {current} entries, where {folder.name}/ had {expected} with those that cannot be read: "
            "that is too few to be believed, nothing was changed"
        )
    # A harvest takes minutes, too long to hold the lock. If another command has written meanwhile, its result is kept.
    with snapshot_lock(root, checkout.SNAPSHOT):
        if fingerprint(folder) != fingerprint_before:
            raise CatalogueError(
                f"another command has written {folder.name}/ since this harvest began: nothing was changed; harvest again"
            )
        changed = save(folder, snapshot_texts(found))
    listed = {"listed": now} if is_by_oai and not changes_only else {}
    update_observed(root, observed, looked=now, **listed)
    if lost := unreadable.keys() - {HARVEST_FILE, *(f"{entry.slug}.json" for entry in found.entries)}:
        every = _names(f"{folder.name}/{name}" for name in sorted(lost))
        click.echo(f"{every} could not be read, and no record has its slug: removed", err=True)
    what = f"{len(changed)} files of {folder.name}/ changed" if changed else "no news"
    click.echo(f"{found.harvest.seen if found.harvest else 0} records seen, {current} entries: {what}")


def _readable_snapshot(root: Path) -> tuple[Snapshot, dict[str, str], int]:
    """The readable part of the snapshot, the unreadable files with the reasons, and the number of entries in both."""
    texts, notes = FolderTexts(root / checkout.SNAPSHOT), FolderTexts(root / checkout.CHANGES)
    found, unread = recover_snapshot(texts)
    expected = sum(entry.withdrawn is None for entry in found.entries)
    if not unread:
        return found, unread, expected
    try:
        recorded, _ = read_changes({RECORDED: notes[RECORDED]} if RECORDED in notes else {})
    except CatalogueError:
        recorded = None
    known = {each.slug: each for each in recorded.software} if recorded else {}
    found, unread = recover_snapshot(texts, {slug: each.identity for slug, each in known.items()})
    gone = {f"{slug}.json" for slug, each in known.items() if each.gone}
    return found, unread, expected + len(unread.keys() - {HARVEST_FILE} - gone)


def _names(names: Iterable[str], most: int = 10) -> str:
    """The names as a list in English, cut after `most` of them."""
    every = list(names)
    return english_list([*every[:most], *([f"{len(every) - most} more"] if len(every) > most else [])])


def _update(root: Path, before: Observed, **parts: Any) -> None:
    """Update these parts of snapshot/observed/, and say so if they were merged with the results of another command."""
    if update_observed(root, before, **parts):
        click.echo(
            f"another command has updated {checkout.OBSERVED}/ since this one began: the results of both were merged",
            err=True,
        )


@click.command()
@loopback_option
@click.pass_obj
def inspect(root: Path, loopback: tuple[str, ...]) -> None:
    """Inspect each repository at the refs that its links use, without running it, and keep what was seen in snapshot/.

    A repository that cannot be asked keeps its last answer. GITHUB_TOKEN, if set, is sent to GitHub's API only and
    allows more requests; it is not needed.
    """
    catalogue = read_catalogue(root)
    before = read_observed(load(root / checkout.OBSERVED))
    stamps = file_stamps(read_snapshot(load(root / checkout.SNAPSHOT)))
    found = inspect_repositories(
        subjects(catalogue.software, stamps),
        before,
        now=clock.now(),
        agent=user_agent(catalogue.site.repository),
        hosts=public_hosts(loopback),
        github_token=os.environ.get("GITHUB_TOKEN"),
        log=lambda text: click.echo(text, err=True),
        progress=progress,
    )
    progress("")
    result = summary(found)
    failed = _by_reason(result.failing)
    for why, repositories in failed.items():
        click.echo(f"{why}: {_names(repositories, most=5)}", err=True)
    if result.all_failed:
        whys = [*list(failed)[:_MAX_REASONS], *(["and others"] if len(failed) > _MAX_REASONS else [])]
        raise UpstreamError(
            f"no repository could be asked, out of {len(result.failing)} ({'; '.join(whys)}): nothing was changed"
        )
    _update(root, before, inspected=found.inspected, repositories=found.repositories)
    click.echo(
        f"{len(found.repositories)} repositories: {result.changed} inspected anew, {result.unchanged} unchanged, "
        f"{len(result.failing)} could not be asked"
        + (f", {result.waiting} wait for another night" if result.waiting else "")
    )


_MAX_REASONS = 2  # in the last line, which a nightly run stores as the reason of a failed step


def _by_reason(failing: Iterable[SeenRepository]) -> dict[str, list[str]]:
    """The repositories that could not be inspected, by reason, the most frequent first."""
    found: dict[str, list[str]] = defaultdict(list)
    for seen in failing:
        if seen.failing:
            found[seen.failing.why].append(seen.repository)
    return dict(sorted(found.items(), key=lambda each: -len(each[1])))


@click.command()
@click.option("--no-launches", is_flag=True, help="Do not ask mybinder.org's archive of launches.")
@loopback_option
@click.pass_obj
def probe(root: Path, no_launches: bool, loopback: tuple[str, ...]) -> None:
    """Check each facility, and ask mybinder.org's archive what was launched; needs a network.

    At most three requests to a facility, and none that starts anything. The answers are kept in snapshot/observed/.
    """
    hosts = public_hosts(loopback)
    catalogue = read_catalogue(root)
    before = read_observed(load(root / checkout.OBSERVED))
    now, agent = clock.now(), user_agent(catalogue.site.repository)
    # A JupyterLite that is part of this site does not exist before it is published; the build checks its files.
    probed = [each for each in catalogue.facilities if not each.url.startswith(catalogue.site.base_url)]
    offline: UpstreamError | None = None
    seen = before
    updates: dict[str, Any] = {}
    try:
        seen = probe_facilities(probed, before, now=now, agent=agent, hosts=hosts, progress=progress)
        updates |= {"probed": seen.probed, "probes": seen.probes}
    except UpstreamError as error:
        offline = error
    progress("")
    probes = {each.facility: each for each in seen.probes}
    for facility in probed:
        click.echo(f"{facility.name}: {_state_text(facility, probes.get(facility.slug), now)}")
    if not no_launches:
        try:
            launches = read_launches(
                [software.repository for software in catalogue.software if software.repository],
                before.launches,
                now=now,
                agent=agent,
                hosts=hosts,
                log=lambda text: click.echo(text, err=True),
                progress=progress,
            )
            updates["launches"] = launches
        except UpstreamError as error:
            launches = before.launches
            click.echo(f"{error}; what was known of launches stays", err=True)
        progress("")
        click.echo(f"Launches at mybinder.org: {_launches_summary(launches, before.launches)}")
    if updates:
        _update(root, before, **updates)
    if offline:
        raise UpstreamError(f"{offline}; what was known of facilities stays")


def _state_text(facility: Facility, seen: Probe | None, now: str) -> str:
    if facility.closed:
        return f"closed in {facility.closed}, not asked"
    if facility.insecure:
        return "plain http, not asked"
    if seen is None:
        return "no usable answer, never checked"
    if seen.asked != now:
        return f"no usable answer, last checked on {seen.asked}"
    match seen.health:
        case Health.UNHEALTHY:
            return f"not healthy: {seen.detail}"
        case Health.SILENT:
            return f"not answering since {seen.since}: {seen.detail}"
    return str(seen.health)


def _launches_summary(launches: Launches, before: Launches) -> str:
    total = sum(count for each in launches.counts for _, count in each.days)
    new = len({*launches.days} - {*before.days})
    return (
        f"{total} of {sum(bool(each.days) for each in launches.counts)} repositories on the {len(launches.days)} days "
        f"that are known, {new} of them new"
    )


@click.command()
@loopback_option
@click.pass_obj
def links(root: Path, loopback: tuple[str, ...]) -> None:
    """Follow each link to another site, and keep what it answered in snapshot/observed/; needs a network.

    A report for curators, which blocks nothing: a page that is missing on three days is called dead, and an answer that
    says nothing about the page, such as 403 or none at all, is not counted. Links that a run had no time for are
    followed in the next one. It fails only if no host answers at all.
    """
    hosts = public_hosts(loopback)
    catalogue = read_catalogue(root)
    before = read_observed(load(root / checkout.OBSERVED))
    now, agent = clock.now(), user_agent(catalogue.site.repository)
    every = outward_links(catalogue)
    try:
        seen = check_links(every, before, now=now, agent=agent, hosts=hosts, progress=progress)
    except UpstreamError as error:
        raise UpstreamError(f"{error}; what was known of links stays") from None
    finally:
        progress("")
    _update(root, before, followed=now, links=seen)
    for each in seen:
        if each.state is LinkState.MISSING:
            what = "dead" if each.dead else f"missing on {pluralize(len(each.missing), 'day', 'days')}"
            click.echo(f"{each.url}: {what}: {each.detail}")
    tonight = [each for each in seen if each.asked == now]
    states = Counter(each.state for each in tonight)
    dead = sum(each.dead for each in tonight)
    out = count_not_followed(every)
    waiting = len(every) - out.total() - len(tonight)
    followed = (
        f"{pluralize(len(tonight), 'link', 'links')} followed: {states[LinkState.THERE]:,} there, "
        f"{states[LinkState.MISSING]:,} missing ({dead:,} dead), {states[LinkState.UNKNOWN]:,} unclear"
    )
    later = f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for another time" if waiting else ""
    click.echo("; ".join(filter(None, (followed, later, not_followed_text(out)))))


@click.command()
@click.pass_obj
def record(root: Path) -> None:
    """Note in snapshot/changes/ what has changed in the catalogue since it was last recorded; no network.

    The pages and feeds of changes are made from these notes. If nothing has changed, nothing is written. A new
    reason for the same verdict is no change to report; it is noted all the same, for the next change of that verdict.
    Before the first complete harvest nothing is written: or that harvest would announce every entry as new.
    """
    catalogue = read_catalogue(root)
    if freshness.looked(catalogue) is None:
        click.echo("no harvest was complete yet, nothing was written")
        return
    folder = root / checkout.CHANGES
    with snapshot_lock(root, checkout.CHANGES):
        stored = load(folder)
        before, events = read_changes(stored)
        after = current_state(catalogue, clock.now())
        found = changes(before, after)
        if before and write_changes(replace(after, at=before.at), (*found, *events)) == stored:
            click.echo(f"no changes since {before.at}, nothing was written")
            return
        save(folder, write_changes(after, (*found, *events)))
    count = sum(len(each.changes) for each in found)
    since = f"since {before.at}" if before else "so far: the catalogue has opened"
    click.echo(f"{pluralize(count, 'change', 'changes')} {since}")


@click.command("night")
@click.option("--api", metavar="URL", hidden=True)
@click.option("--community", metavar="NAME", hidden=True)
@loopback_option
@click.pass_obj
def run_night(root: Path, api: str | None, community: str | None, loopback: tuple[str, ...]) -> None:
    """Harvest, inspect, probe, follow links once a week, and record what has changed; keep in snapshot/ how it went.

    Each step is run even if another has failed.

    What a failed step would have updated stays as it is, and `health` says when that has gone on for too long. How it
    went is saved after each step: a night that is stopped keeps what it has done.
    """
    harvest_options = [*(["--api", api] if api else []), *(["--community", community] if community else [])]
    network_options = [word for pair in loopback for word in ("--loopback", pair)]
    folder = root / checkout.NIGHTS
    before = read_nights(load(folder))
    steps = dict(before)
    done: list[str] = []
    arguments = {
        "harvest": harvest_options,
        "inspect": network_options,
        "probe": network_options,
        "links": network_options,
    }
    try:
        for name, step in run_steps(root, before, now=clock.now(), arguments=arguments, log=click.echo):
            steps[name] = step
            if not step.failing_since:
                done.append(name)
            # Without the lock: no other command writes to this folder, and the run must not fail while another one holds it.
            save(folder, write_nights(steps))
    except KeyboardInterrupt:
        if done:
            click.echo(f"\nWhat the night has done before it was stopped stays: {', '.join(done)}.", err=True)
        raise
    for name, step in steps.items():
        if step.failing_since:
            click.echo(f"{name} failed: {step.why}")


@click.command()
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown, as the text of an issue.")
@click.option("--failed", type=click.Choice(PARTS), multiple=True, help="A part of tonight's run that failed.")
@click.option(
    "--since",
    "reported",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Print only what is not yet in the issue whose text is in FILE, as a comment on it.",
)
@click.pass_obj
def health(root: Path, form: str | None, failed: tuple[str, ...], reported: Path | None) -> None:
    """List what has been wrong for too long; no network."""
    observed = read_observed(load(root / checkout.OBSERVED))
    found = troubles(read_nights(load(root / checkout.NIGHTS)), observed, clock.now(), failed)
    if reported:
        click.echo(new_troubles(found, reported.read_text("utf-8", errors="replace")), nl=False)
        return
    match form:
        case "json":
            click.echo(as_json(found))
        case "markdown":
            click.echo(as_markdown(found), nl=False)
        case _:
            click.echo("\n".join(each.text for each in found) or "All is well.")


@click.command()
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
    old = days_between(since, clock.now())
    words += f", {pluralize(old, 'day', 'days')} ago"
    if old > days:
        raise UpstreamError(f"{words}; {days} are allowed: see why the nightly harvest fails")
    click.echo(words)
