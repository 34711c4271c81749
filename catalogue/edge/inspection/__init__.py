"""The inspection: each repository that links open, looked at and not run -> what was seen, with the last answer of those
that could not be asked."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ...launch.refs import Subject
from ...observed import STRIKES, Failure, Observed, Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import Provider
from ...text import clean
from ..http import NoAnswer, TooManyRequests
from ..public_hosts import PublicHosts
from . import git, github, gitlab, zenodo_zip
from .asking import Asking, Bounds, NoTime

__all__ = ["Bounds", "Inspected", "inspect", "inspected"]

_STRIKES = 3  # times that a host does not answer, one after the other, after which it is not asked any more
_USUAL = Bounds()


def inspect(
    subjects: Iterable[Subject],
    before: Observed,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    github_token: str | None = None,
    zenodo_api: str = zenodo_zip.API,
    bounds: Bounds = _USUAL,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Observed:
    """All that was seen, with the repositories as they are now; a repository that is no subject any more is left out.

    A repository that cannot be asked keeps its last answer, and since when and why that is so. Those that nobody looked at
    yet come first, then those that have waited longest, and then the others in another order each night: so everyone gets
    a turn where there is no time for all in one night, where a host allows few questions, or where others at it never
    answer. The token is sent to GitHub's API alone.
    """
    known = {seen.repository: seen for seen in before.repositories}
    asking = Asking(agent=agent, hosts=hosts, now=now, bounds=bounds, github_token=github_token, tell=tell)
    stopped = _Stopped()
    found = []
    for subject in sorted(subjects, key=lambda each: _turn(known.get(each.repository.url), each.repository.url, now)):
        url, host = subject.repository.url, subject.repository.host
        old = known.get(url)
        if progress:
            progress(url)
        tried = False
        try:
            asking.begin()
            stopped.check(host)
            tried = True
            new = _settled(_look(asking, subject, old, zenodo_api), subject, old, before.inspected, now)
            stopped.answered(host)
        except UpstreamError as error:
            stopped.failed(host, error)
            new = _failing(
                subject,
                old,
                before.inspected,
                now,
                Failure(
                    since=now,
                    why=str(error),
                    tried=tried and not isinstance(error, TooManyRequests),
                    waiting=isinstance(error, NoTime),
                ),
            )
        found.append(new)
    return replace(before, inspected=now, repositories=tuple(sorted(found, key=lambda seen: seen.repository)))


def _look(asking: Asking, subject: Subject, before: SeenRepository | None, zenodo_api: str) -> SeenRepository:
    match subject.repository.provider:
        case Provider.GITHUB:
            return github.look(asking, subject, before)
        case Provider.ZENODO:
            return zenodo_zip.look(asking, subject, before, zenodo_api)
        case Provider.GITLAB:
            return gitlab.look(asking, subject, before)
    if not subject.repository.is_gitlab:
        return git.look(asking, subject, before)
    # An API can be closed where the code is open. What answered the last time is asked first: a quiet night costs one
    # question.
    ways = [gitlab.look, git.look]
    if before and (before.stamp or "").startswith(git.STAMP):
        ways.reverse()
    try:
        return ways[0](asking, subject, before)
    except TooManyRequests:
        raise
    except UpstreamError:
        return ways[1](asking, subject, before)


def _settled(
    new: SeenRepository, subject: Subject, old: SeenRepository | None, last: str | None, now: str
) -> SeenRepository:
    """What is believed: a repository that was seen is gone when its host has said so on three days, not in one bad hour."""
    if new.presence is not Presence.GONE or old is None or not old.looks:
        return replace(new, missing=())
    missing = (*old.missing, *([] if now[:10] in old.missing else [now[:10]]))
    if len(missing) >= STRIKES:
        return new
    why = f"{subject.repository.host} has no such public repository, which is believed after {STRIKES} days"
    return replace(_failing(subject, old, last, now, Failure(since=now, why=why)), missing=missing)


def _turn(seen: SeenRepository | None, url: str, now: str) -> tuple[bool, str, str]:
    """Earlier for a repository that was not tried for longer; among the others by chance, another one each day."""
    if seen is None:
        return False, "", ""
    if seen.failing and not seen.failing.tried:
        return False, seen.failing.since, ""
    return True, "", hashlib.sha256(f"{now[:10]} {url}".encode()).hexdigest()


def _failing(
    subject: Subject, old: SeenRepository | None, last: str | None, now: str, failure: Failure
) -> SeenRepository:
    """The last answer of a repository that could not be asked, or that there is none."""
    since = old.failing.since if old and old.failing else now
    failure = replace(failure, since=since, why=clean(failure.why, 300))
    if old is None:
        return SeenRepository(repository=subject.repository.url, asked=now, failing=failure)
    return replace(old, asked=old.asked if old.failing else last or old.asked, failing=failure)


@dataclass(slots=True)
class _Stopped:
    """The hosts that are not asked any more in this run, each with the reason."""

    why: dict[str, str] = field(default_factory=dict)
    strikes: dict[str, int] = field(default_factory=dict)

    def check(self, host: str) -> None:
        """Raises UpstreamError for a host that is not to be asked."""
        if host in self.why:
            raise UpstreamError(self.why[host])

    def answered(self, host: str) -> None:
        """Note that a host is well."""
        self.strikes[host] = 0

    def failed(self, host: str, error: UpstreamError) -> None:
        """Note a failure, which may be the one after which a host is left alone."""
        if isinstance(error, TooManyRequests):
            self.why.setdefault(host, f"{host} allows no more questions for now")
        # Not for wrong answers: those may come from the repositories that are asked first, and others may be well.
        elif isinstance(error, NoAnswer):
            self.strikes[host] = self.strikes.get(host, 0) + 1
            if self.strikes[host] == _STRIKES:
                self.why[host] = f"{host} had not answered {_STRIKES} times one after the other, and was left alone"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspection came to: how many repositories are looked at anew, how many are as they were, which failed.

    `waiting` is how many of those that failed there was no time for: another night looks at them. `nothing` is whether nobody at all gave an answer, which says more of this machine than of the repositories.
    """

    anew: int
    unchanged: int
    failing: tuple[SeenRepository, ...]
    waiting: int
    nothing: bool


def inspected(observed: Observed) -> Inspected:
    """What the last inspection came to."""
    waiting = sum(bool(seen.failing and seen.failing.waiting) for seen in observed.repositories)
    failing = tuple(seen for seen in observed.repositories if seen.failing and not seen.failing.waiting)
    anew = sum(seen.asked == observed.inspected for seen in observed.repositories if not seen.failing)
    answered = (
        seen for seen in observed.repositories if seen.missing or not (seen.failing or zenodo_zip.is_final(seen))
    )
    return Inspected(
        anew=anew,
        unchanged=len(observed.repositories) - len(failing) - waiting - anew,
        failing=failing,
        waiting=waiting,
        nothing=bool(failing) and not anew and not any(answered),
    )
