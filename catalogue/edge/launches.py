"""Launch counts from mybinder.org's public archive of events: the days not read yet, counted per repository."""

import io
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..observed import LaunchCount, Launches
from ..problems import UpstreamError
from ..repository import Repository, parse_repository
from .http import Client, parse_json
from .public_hosts import PublicHosts

ARCHIVE = "https://archive.analytics.mybinder.org/"
DAYS = 30
_INDEX_LIMIT, _DAY_LIMIT = 4 * 2**20, 32 * 2**20  # bytes; a day has about 5 MB
_BUDGET = 300.0  # seconds for all days of one run
# The archive rewrites the file of a day until the next morning: before that, its last launches may be missing.
_SETTLED = timedelta(hours=6)
_SCHEMA = "binderhub.jupyter.org/launch"
# Versions 2 to 6 only added fields: origin, ref, build_token, request_origin. A later one may change the existing fields.
_VERSIONS = range(1, 7)
# The counts of a day are rejected if more than this share of its lines is not understood.
_MAX_UNKNOWN_SHARE = 0.1
# The archive's name of a provider -> its name in a Binder link, which continues with the spec unchanged.
_PROVIDERS = {"GitHub": "gh", "GitLab": "gl", "Git": "git", "Gist": "gist", "Zenodo": "zenodo"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_launches(
    repositories: Collection[Repository],
    before: Launches,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    pace: float = 1.0,
    budget: float = _BUDGET,
    log: Callable[[str], None] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Launches:
    """`before` with the complete days of the last 30 that the archive has and that were not read yet.

    `log` is called for every day that could not be read; the next run retries it. Raises UpstreamError if the list of days
    cannot be read.
    """
    deadline = time.monotonic() + budget
    client = Client(
        agent, name="the archive of mybinder.org", pace=pace, attempts=2, max_retry_after=30.0, log=log, hosts=hosts
    )
    window = _window(now)
    index = _index(client.get(f"{ARCHIVE}index.jsonl", limit=_INDEX_LIMIT).body)
    wanted = sorted((index.keys() & window) - set(before.days), reverse=True)
    keys = {each.key for each in repositories}
    found: dict[str, Counter[str]] = {}
    for number, day in enumerate(wanted, 1):
        if progress:
            progress(f"launches of {day}, {number} of {len(wanted)} days")
        if time.monotonic() > deadline:
            _log(log, f"the archive of mybinder.org takes too long: {len(wanted) - number + 1} days are left for later")
            break
        try:
            response = client.get(f"{ARCHIVE}events-{day}.jsonl", limit=_DAY_LIMIT)
            found[day] = _launches(response.body, index[day], keys)
        except UpstreamError as error:
            _log(log, f"{day}: {error}: tried again the next time")
        except ValueError as error:
            _log(log, f"{day}: the archive of mybinder.org {error}: tried again the next time")
    return _merged(before, found, window, keys)


def _log(log: Callable[[str], None] | None, text: str) -> None:
    if log:
        log(text)


def _window(now: str) -> set[str]:
    """The last 30 days whose files are final."""
    last = (datetime.fromisoformat(now) - _SETTLED).date() - timedelta(days=1)
    return {(last - timedelta(days=back)).isoformat() for back in range(DAYS)}


def _index(body: bytes) -> dict[str, int]:
    """The number of launches per day of the archive. Raises UpstreamError if the list has no days."""
    days: dict[str, int] = {}
    for line in _lines(body):
        match line:
            case {"date": str(day), "name": str(name), "count": int() | str() as count}:
                # The count comes from the metadata of the storage, where every value is text.
                if _DAY.fullmatch(day) and name == f"events-{day}.jsonl" and re.fullmatch(r"\d{1,9}", str(count)):
                    days[day] = int(count)
    if not days:
        raise UpstreamError("the archive of mybinder.org has no list of its days where it was")
    return days


def _launches(body: bytes, least: int, keys: Collection[str]) -> Counter[str]:
    """The launches of a day per repository. Raises ValueError if the file is incomplete or in an unknown format."""
    seen: Counter[str] = Counter()
    known: dict[tuple[str, str], str | None] = {}
    total = unknown = 0
    for line in _lines(body):
        total += 1
        match line:
            case {"schema": schema, "version": int(version), "provider": str(provider), "spec": str(spec)} if (
                schema == _SCHEMA and version in _VERSIONS
            ):
                if line.get("status") == "success":
                    if (provider, spec) not in known:
                        known[provider, spec] = _key(provider, spec)
                    if (key := known[provider, spec]) in keys and key:
                        seen[key] += 1
            case _:
                unknown += 1
    if total < least:
        raise ValueError(f"sent {total:,} of {least:,} launches")
    if unknown > total * _MAX_UNKNOWN_SHARE:
        raise ValueError(f"sent {unknown:,} of {total:,} lines that are not understood")
    return seen


def _lines(body: bytes) -> Iterator[Any]:
    """The value of each line of JSON, None for a malformed one; empty lines are skipped."""
    for line in io.BytesIO(body):
        if line.strip():
            try:
                yield parse_json(line)
            except ValueError:
                yield None


def _key(provider: str, spec: str) -> str | None:
    """The key of the repository that was launched; None if the catalogue could not list it."""
    if provider not in _PROVIDERS:
        return None
    found = parse_repository(f"https://mybinder.org/v2/{_PROVIDERS[provider]}/{spec}", ref="HEAD")
    return found.key if isinstance(found, Repository) else None


def _merged(before: Launches, found: dict[str, Counter[str]], window: set[str], keys: Collection[str]) -> Launches:
    """The counts within the window for each repository of the catalogue, each with the day since which it is counted."""
    days = tuple(sorted(window & ({*before.days} | found.keys())))
    if not found:
        return replace(
            before, days=days, counts=tuple(_within(each, window) for each in before.counts if each.repository in keys)
        )
    old = {each.repository: each for each in before.counts}
    counts = []
    for key in sorted(keys):
        known = old.get(key)
        since = _since(known, days, found)
        if since is None:
            continue
        seen = {day: counter[key] for day, counter in found.items() if counter[key]}
        in_days = {**dict(known.days if known else ()), **seen}
        counts.append(
            LaunchCount(
                repository=key,
                since=since,
                days=tuple(sorted((day, count) for day, count in in_days.items() if day in window and day >= since)),
                last=max((day for day in (known.last if known else None, *seen) if day), default=None),
            )
        )
    return Launches(days=days, counts=tuple(counts))


def _since(known: LaunchCount | None, days: Iterable[str], found: Collection[str]) -> str | None:
    """The first day since which a repository was counted on all known `days`, of which `found` were read in this run.

    None if it was not counted on the newest day. A day that is read late does not count for a new repository: the later
    days were read before the repository was in the catalogue.
    """
    first = known.since if known else None
    for day in sorted(days, reverse=True):
        if day not in found and (known is None or day < known.since):
            break
        first = min(first or day, day)
    return first


def _within(count: LaunchCount, window: set[str]) -> LaunchCount:
    return replace(count, days=tuple((day, number) for day, number in count.days if day in window))
