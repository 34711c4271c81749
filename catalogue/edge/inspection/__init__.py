"""The inspection: each repository that launch links open, examined without running its code -> what was seen.

A repository that cannot be inspected keeps its last result.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ...launch.refs import Subject
from ...observed import STRIKES, Failure, Observed, Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import Provider
from ...text import clean
from ..http import NoResponse, TooManyRequests
from ..public_hosts import PublicHosts
from . import git, github, gitlab, zenodo_zip
from .session import InspectionLimits, OutOfTime, Session

__all__ = ["InspectionLimits", "Summary", "inspect", "summary"]

# A host is skipped in this run after so many repositories without a response, none in between with one.
_MAX_FAILURES = 3
_DEFAULT_LIMITS = InspectionLimits()


def inspect(
    subjects: Iterable[Subject],
    before: Observed,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    github_token: str | None = None,
    zenodo_api: str = zenodo_zip.API,
    limits: InspectionLimits = _DEFAULT_LIMITS,
    log: Callable[[str], None] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Observed:
    """`before` with the present state of the repositories; those that are no longer among the subjects are left out.

    A repository that cannot be inspected keeps its last result, with the time and reason of the failure. New repositories
    come first, then those that have waited longest for their turn, then the others in an order that differs each day. So
    each is inspected eventually, even if a run has no time for all of them, a host limits the rate, or the requests to
    other repositories on the same host always fail. The token is sent to GitHub's API only.
    """
    known = {seen.repository: seen for seen in before.repositories}
    session = Session(agent=agent, hosts=hosts, now=now, limits=limits, github_token=github_token, log=log)
    breaker = _CircuitBreaker()
    found = []

    def priority(subject: Subject) -> tuple[bool, str, str]:
        url = subject.repository.url
        return _priority(known.get(url), url, now)

    for subject in sorted(subjects, key=priority):
        url, host = subject.repository.url, subject.repository.host
        old = known.get(url)
        if progress:
            progress(url)
        tried = False
        try:
            session.begin_repository()
            breaker.check(host)
            tried = True
            new = _confirmed(_inspect(session, subject, old, zenodo_api), subject, old, before.inspected, now)
            breaker.answered(host)
        except UpstreamError as error:
            breaker.failed(host, error)
            failure = Failure(
                since=now,
                why=str(error),
                tried=tried and not isinstance(error, TooManyRequests),
                waiting=isinstance(error, OutOfTime),
            )
            new = _with_failure(subject, old, before.inspected, now, failure)
        found.append(new)
    return replace(before, inspected=now, repositories=tuple(sorted(found, key=lambda seen: seen.repository)))


def _inspect(session: Session, subject: Subject, before: SeenRepository | None, zenodo_api: str) -> SeenRepository:
    match subject.repository.provider:
        case Provider.GITHUB:
            return github.inspect(session, subject, before)
        case Provider.ZENODO:
            return zenodo_zip.inspect(session, subject, before, zenodo_api)
        case Provider.GITLAB:
            return gitlab.inspect(session, subject, before)
    if not subject.repository.is_gitlab:
        return git.inspect(session, subject, before)
    # Some hosts serve Git but restrict the API. What worked last time is tried first, so that a repository without changes
    # costs one request.
    methods = [gitlab.inspect, git.inspect]
    if before and (before.stamp or "").startswith(git.STAMP):
        methods.reverse()
    try:
        return methods[0](session, subject, before)
    except TooManyRequests:
        raise
    except UpstreamError:
        return methods[1](session, subject, before)


def _confirmed(
    new: SeenRepository, subject: Subject, old: SeenRepository | None, last: str | None, now: str
) -> SeenRepository:
    """The new state, but a known repository counts as gone only after its host has said so on STRIKES different days."""
    if new.presence is not Presence.GONE or old is None or not old.looks:
        return replace(new, missing=())
    missing = (*old.missing, *([] if now[:10] in old.missing else [now[:10]]))
    if len(missing) >= STRIKES:
        return new
    why = f"{subject.repository.host} has no such public repository, which is believed after {STRIKES} days"
    return replace(_with_failure(subject, old, last, now, Failure(since=now, why=why)), missing=missing)


def _priority(seen: SeenRepository | None, url: str, now: str) -> tuple[bool, str, str]:
    """The sort key: first new repositories, then those that were not tried, by time; the others in a daily shuffled order."""
    if seen is None:
        return False, "", ""
    if seen.failing and not seen.failing.tried:
        return False, seen.failing.since, ""
    return True, "", hashlib.sha256(f"{now[:10]} {url}".encode()).hexdigest()


def _with_failure(
    subject: Subject, old: SeenRepository | None, last: str | None, now: str, failure: Failure
) -> SeenRepository:
    """The last result of a repository that could not be inspected, or an empty one, with the failure added."""
    since = old.failing.since if old and old.failing else now
    failure = replace(failure, since=since, why=clean(failure.why, 300))
    if old is None:
        return SeenRepository(repository=subject.repository.url, asked=now, failing=failure)
    return replace(old, asked=old.asked if old.failing else last or old.asked, failing=failure)


@dataclass(slots=True)
class _CircuitBreaker:
    """Skips a host for the rest of the run once it limits the rate or repeatedly does not respond."""

    reasons: dict[str, str] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    def check(self, host: str) -> None:
        """Raises UpstreamError with the reason if the host is to be skipped."""
        if host in self.reasons:
            raise UpstreamError(self.reasons[host])

    def answered(self, host: str) -> None:
        """Reset the count of consecutive failures."""
        self.failures[host] = 0

    def failed(self, host: str, error: UpstreamError) -> None:
        """Count a failure of the host."""
        if isinstance(error, TooManyRequests):
            self.reasons.setdefault(host, f"{host} allows no more questions for now")
        # Error responses do not count: they may concern single repositories only.
        elif isinstance(error, NoResponse):
            self.failures[host] = self.failures.get(host, 0) + 1
            if self.failures[host] == _MAX_FAILURES:
                self.reasons[host] = (
                    f"{host} had not answered {_MAX_FAILURES} times one after the other, and was left alone"
                )


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of an inspection: how many repositories are new or have changed, how many have not, and which failed.

    `waiting` counts those that the run had no time for; they are not in `failing`. `all_failed`: no host gave a usable
    response, so the network of this machine is the likely cause.
    """

    changed: int
    unchanged: int
    failing: tuple[SeenRepository, ...]
    waiting: int
    all_failed: bool


def summary(observed: Observed) -> Summary:
    """The outcome of the last inspection."""
    waiting = sum(bool(seen.failing and seen.failing.waiting) for seen in observed.repositories)
    failing = tuple(seen for seen in observed.repositories if seen.failing and not seen.failing.waiting)
    changed = sum(seen.asked == observed.inspected for seen in observed.repositories if not seen.failing)
    answered = (
        seen for seen in observed.repositories if seen.missing or not (seen.failing or zenodo_zip.may_be_unasked(seen))
    )
    return Summary(
        changed=changed,
        unchanged=len(observed.repositories) - len(failing) - waiting - changed,
        failing=failing,
        waiting=waiting,
        all_failed=bool(failing) and not changed and not any(answered),
    )
