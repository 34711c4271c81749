"""mybinder.org's archive of launches: the days that have not been read yet, counted for the catalogue's repositories."""

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
_INDEX_LIMIT, _DAY_LIMIT = 4 * 2**20, 32 * 2**20  # bytes; a day has some five million
_BUDGET = 300.0  # seconds for all days of a night
# The archive writes a day anew until the morning after: what is read before that may lack its last launches.
_SETTLED = timedelta(hours=6)
_SCHEMA = "binderhub.jupyter.org/launch"
# Versions 2 to 6 only added fields: origin, ref, build_token, request_origin. Another may change what is there.
_VERSIONS = range(1, 7)
# A day of which more lines than this part are not understood would be counted wrong.
_NOT_UNDERSTOOD = 0.1
# What the archive calls a provider -> what it is called in a Binder link, whose rest is the spec as it stands.
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
    """What was known before, with the whole days of the last 30 that the archive has and that were not read yet.

    `log` hears of every day that could not be read, which the next night tries again. Raises UpstreamError where the
    list of days cannot be had.
    """
    until = time.monotonic() + budget
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
        if time.monotonic() > until:
            _say(log, f"the archive of mybinder.org takes too long: {len(wanted) - number + 1} days are left for later")
            break
        try:
            reply = client.get(f"{ARCHIVE}events-{day}.jsonl", limit=_DAY_LIMIT)
            found[day] = _launches(reply.body, index[day], keys)
        except UpstreamError as error:
            _say(log, f"{day}: {error}: tried again the next time")
        except ValueError as error:
            _say(log, f"{day}: the archive of mybinder.org {error}: tried again the next time")
    return _together(before, found, window, keys)


def _say(log: Callable[[str], None] | None, text: str) -> None:
    if log:
        log(text)


def _window(now: str) -> set[str]:
    """The last 30 days that are over, and settled."""
    last = (datetime.fromisoformat(now) - _SETTLED).date() - timedelta(days=1)
    return {(last - timedelta(days=back)).isoformat() for back in range(DAYS)}


def _index(body: bytes) -> dict[str, int]:
    """The number of launches of each day that the archive has. Raises UpstreamError where it is not such a list."""
    days: dict[str, int] = {}
    for line in _lines(body):
        match line:
            case {"date": str(day), "name": str(name), "count": int() | str() as count}:
                # The count is what the storage keeps beside the file, and that is text.
                if _DAY.fullmatch(day) and name == f"events-{day}.jsonl" and re.fullmatch(r"\d{1,9}", str(count)):
                    days[day] = int(count)
    if not days:
        raise UpstreamError("the archive of mybinder.org has no list of its days where it was")
    return days


def _launches(body: bytes, least: int, keys: Collection[str]) -> Counter[str]:
    """The launches of a day for each of the repositories. Raises ValueError that says why it is not the whole day."""
    seen: Counter[str] = Counter()
    known: dict[tuple[str, str], str | None] = {}
    total = not_understood = 0
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
                not_understood += 1
    if total < least:
        raise ValueError(f"sent {total:,} of {least:,} launches")
    if not_understood > total * _NOT_UNDERSTOOD:
        raise ValueError(f"sent {not_understood:,} of {total:,} lines that are not understood")
    return seen


def _lines(body: bytes) -> Iterator[Any]:
    """The value of each line that is not empty, None where it is no JSON."""
    for line in io.BytesIO(body):
        if line.strip():
            try:
                yield parse_json(line)
            except ValueError:
                yield None


def _key(provider: str, spec: str) -> str | None:
    """The repository that was launched, None where the catalogue could not hold it."""
    if provider not in _PROVIDERS:
        return None
    found = parse_repository(f"https://mybinder.org/v2/{_PROVIDERS[provider]}/{spec}", ref="HEAD")
    return found.key if isinstance(found, Repository) else None


def _together(before: Launches, found: dict[str, Counter[str]], window: set[str], keys: Collection[str]) -> Launches:
    """The counts of the window's days for each repository of the catalogue, with the day from which it was counted on."""
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
    """The day from which on a repository was counted on all `days` that are known, of which `found` were read tonight.

    None where the newest of them was not counted. A day that is read late says nothing of the days after it: those were read
    before a new repository was in the catalogue.
    """
    first = known.since if known else None
    for day in sorted(days, reverse=True):
        if day not in found and (known is None or day < known.since):
            break
        first = min(first or day, day)
    return first


def _within(count: LaunchCount, window: set[str]) -> LaunchCount:
    return replace(count, days=tuple((day, number) for day, number in count.days if day in window))
