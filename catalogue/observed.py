"""What was seen out there: in repositories, at facilities, in the archive of launches. Frozen values, kept in `snapshot/observed/`.

Moments are ISO times in UTC, to the second and with `Z`; days are ISO dates.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """That a thing could not be looked at: since when, and why at the last try, as a sentence.

    `tried` is false where it was not tried itself, since its host was left alone or the time was up. `waiting` is whether
    there was no time for it, so that another run looks.
    """

    since: str
    why: str
    tried: bool = True
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNotebook:
    """A notebook in a repository; `title` is its first heading, None where it was not read or has none."""

    path: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a repository at one ref; `ref` None is the default branch.

    `seen` is when it was first seen like this. `commit` is the full commit, None for a record of Zenodo. `found` is
    false where there is no such ref. `files` are the paths that decide about the environment, in order: those at the
    top whose name means something to a builder, the folders `binder/` and `.binder/`, and what lies in these, whatever its
    name, of very much the part with such names first. `runtime` is the text of `runtime.txt`; `pyproject` names the
    tables that decide about `pyproject.toml`, of `project`, `build-system` and `tool.poetry`, and is empty where it could
    not be read. `more_notebooks` counts those beyond what is kept. `cut` is
    whether the host did not list all files.
    """

    seen: str
    ref: str | None = None
    commit: str | None = None
    found: bool = True
    files: tuple[str, ...] = ()
    runtime: str | None = None
    pyproject: tuple[str, ...] = ()
    notebooks: tuple[SeenNotebook, ...] = ()
    more_notebooks: int = 0
    large_files: bool = False
    cut: bool = False


class Presence(StrEnum):
    """Whether a repository is there for everybody."""

    THERE = "there"
    GONE = "gone"
    EMPTY = "empty"
    NOT_ONE_ZIP = "not one zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRepository:
    """One repository, at all refs that links of the catalogue use.

    `repository` is its https address. `asked` is when its host last answered something new; where `failing` is set it
    is when the host last answered at all, and for one that never did when it was first asked. `moved_to` is the address
    that its host sends on to. `licence` is the SPDX id of the licence file that its host found. `stamp` changes whenever something was pushed, and `etag` is the host's own mark for a
    conditional question; both mean something to the inspector only. `missing` has the days on which its host said that
    there is no such repository, without having shown it in between.
    """

    repository: str
    asked: str
    presence: Presence = Presence.THERE
    archived: bool = False
    moved_to: str | None = None
    licence: str | None = None
    looks: tuple[Look, ...] = ()
    stamp: str | None = None
    etag: str | None = None
    failing: Failure | None = None
    missing: tuple[str, ...] = ()

    def at(self, ref: str | None) -> Look | None:
        """What was seen at a ref, None where nobody looked."""
        return next((look for look in self.looks if look.ref == ref), None)


class Health(StrEnum):
    """How a facility was at a check."""

    HEALTHY = "healthy"  # it says so itself
    REACHABLE = "reachable"  # it answers as its kind does, or asks who you are, and says nothing of its health
    UNHEALTHY = "unhealthy"  # it says so itself, or does not answer as its kind does
    SILENT = "silent"  # it does not answer


#: Health at which a facility is of use.
UP = frozenset({Health.HEALTHY, Health.REACHABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a facility last answered.

    `url` is the front page that was asked, so that a facility that has moved begins anew. `asked` is the last check and
    `health` what it showed, with `detail` in words where something was wrong. `up` is the last check at which it was of
    use, `since` the first check of those since then at which it was not. `versions` and `providers` (as its kind names
    them) are from the last good answer, empty and None where it never told. `history` has the days of the last 30 on which
    it was asked, oldest first.
    """

    facility: str
    url: str
    asked: str
    health: Health
    detail: str = ""
    up: str | None = None
    since: str | None = None
    versions: tuple[tuple[str, str], ...] = ()
    providers: tuple[str, ...] | None = None
    history: tuple[tuple[str, Health], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCount:
    """The launches of one repository (its address without a ref, as `Repository.key`), by day.

    `since` is the first day from which on they were counted on every day that was read, and `days` begin with it. `last` is
    the last on which one was ever seen, None for never.
    """

    repository: str
    since: str
    days: tuple[tuple[str, int], ...] = ()
    last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launches:
    """What an archive of launches says: the days of the last 30 that were read, and a count for each repository of the catalogue."""

    days: tuple[str, ...] = ()
    counts: tuple[LaunchCount, ...] = ()


class LinkState(StrEnum):
    """What an address on the web answered."""

    THERE = "there"
    MISSING = "missing"  # it said that nothing is there, or its host has no such name
    UNKNOWN = "unknown"  # it answered something else, or nothing: that says nothing of the page


#: Days on which a page or repository was missing, without being there in between, after which it is called dead or gone.
STRIKES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLink:
    """What one address answered.

    `asked` is the last check, `state` what it showed, `detail` in words where the page was not there. `there` is the last
    time at which it was. `missing` are the days on which it was not, oldest first, of which the first and the last few
    are kept; one on which it was there ends them, and one on which it did not tell changes nothing.
    """

    url: str
    asked: str
    state: LinkState
    detail: str = ""
    there: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def dead(self) -> bool:
        """Whether it was missing so often that it will hardly come back."""
        return len(self.missing) >= STRIKES


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that was seen, each by what it is about; `inspected`, `probed` and `followed` are the times of the last runs.

    `looked` is the time at which a harvest last read the whole community, with news or without.
    """

    looked: str | None = None
    inspected: str | None = None
    repositories: tuple[SeenRepository, ...] = ()
    probed: str | None = None
    probes: tuple[Probe, ...] = ()
    launches: Launches = Launches()
    followed: str | None = None
    links: tuple[SeenLink, ...] = ()
