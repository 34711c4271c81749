"""What the nightly run observed: repositories, facilities, launches, links. Frozen values, stored in `snapshot/observed/`.

Their field names are the keys of those files.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .times import Day, Time, days_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed inspection: since when it fails, and why at the last attempt, as a sentence.

    `tried` is false if the repository itself was not requested, because its host had failed before or time was up.
    `waiting` is true if there was no time left for it, so that a later run inspects it.
    """

    since: Time
    why: str
    tried: bool = True
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNotebook:
    """A notebook in a repository; `title` is its first heading, None if it was not read or has none."""

    path: str
    title: str | None = None


#: The texts of a CodeMeta file by key: one, or several.
CodemetaFacts = tuple[tuple[str, str | tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The state of a repository at one ref, as inspected; `ref` None means the default branch.

    `seen` is when this state was first observed. `commit` is the full hash, None for a Zenodo record. `found` is false if
    there is no such ref. `files` are the sorted paths that determine the environment: files at the top level with a name
    that the builder knows, the folders `binder/` and `.binder/`, and the files in these, whatever their names; if there
    are too many, those with known names are kept first. `runtime` is the text of `runtime.txt`. `pyproject` names which
    of the tables `project`, `build-system` and `tool.poetry` are in `pyproject.toml`; it is empty if that could not be
    read. `more_notebooks` counts the notebooks beyond those kept. `large_files` is whether Git LFS is used. `cut` is
    whether the host listed only a part of the files. `codemeta` is what is read of the `codemeta.json` at the top.
    """

    seen: Time
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
    codemeta: CodemetaFacts = ()


class Presence(StrEnum):
    """Whether a repository is publicly accessible."""

    THERE = "there"
    GONE = "gone"
    EMPTY = "empty"
    NOT_ONE_ZIP = "not one zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRepository:
    """One repository, inspected at all refs that links of the catalogue use.

    `repository` is its https URL. `asked` is when its host last answered something new; if `failing` is set, when the
    host last answered at all, or for a host that never did, when it was first asked. `moved_to` is the URL that the host
    redirects to. `licence` is the SPDX id of the licence file that the host detected. `stamp` changes with every push, or
    with the files of a record, and `etag` is for conditional requests; both are for the inspector only. `missing` holds
    the days on which the host said that there is no such repository, since it was last there.
    """

    repository: str
    asked: Time
    presence: Presence = Presence.THERE
    archived: bool = False
    moved_to: str | None = None
    licence: str | None = None
    looks: tuple[Look, ...] = ()
    stamp: str | None = None
    etag: str | None = None
    failing: Failure | None = None
    missing: tuple[Day, ...] = ()

    def at(self, ref: str | None) -> Look | None:
        """What was observed at a ref, None if it was not inspected."""
        return next((look for look in self.looks if look.ref == ref), None)


class Health(StrEnum):
    """The result of checking a facility."""

    HEALTHY = "healthy"  # it reports so itself
    REACHABLE = "reachable"  # it answers as its kind does, or with a login page, and reports no health
    UNHEALTHY = "unhealthy"  # it reports so itself, or does not answer as its kind does
    SILENT = "silent"  # it does not answer
    REFUSING = "refusing"  # it has refused checks for so long that its last state says nothing any more; never stored


#: The states in which a facility is usable.
UP = frozenset({Health.HEALTHY, Health.REACHABLE})

#: After more days than these without a good answer, a facility needs attention; so old a state is no longer believed.
FACILITY_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The result of the last check of a facility.

    `url` is the front page that was checked: a facility with a new URL starts from scratch. `asked` is the time of the
    check and `health` its result, with `detail` in words if something was wrong; a check that the facility refused is not
    counted. `up` is the last check at which it was usable, `since` the first check after that at which it was not.
    `versions` and `providers` (as its kind names them) are from the last good answer; they are empty and None if it never
    gave any. `history` holds those of the last 30 days on which it was checked, oldest first.
    """

    facility: str
    url: str
    asked: Time
    health: Health
    detail: str = ""
    up: Time | None = None
    since: Time | None = None
    versions: tuple[tuple[str, str], ...] = ()
    providers: tuple[str, ...] | None = None
    history: tuple[tuple[Day, Health], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCount:
    """The launches of one repository (by its `Repository.key`), day by day.

    Since the day `since` the repository was counted on every day that was read. `days` holds the days from then on that
    had launches, with their number. `last` is the last day with a launch, None if there was never one.
    """

    repository: str
    since: Day
    days: tuple[tuple[Day, int], ...] = ()
    last: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launches:
    """The contents of an archive of launches: which of the last 30 days were read, and a count for each repository of the catalogue."""

    days: tuple[Day, ...] = ()
    counts: tuple[LaunchCount, ...] = ()


class LinkState(StrEnum):
    """The result of following a link."""

    THERE = "there"
    MISSING = "missing"  # its host says that there is no such page, or the host name does not exist
    UNKNOWN = "unknown"  # any other answer, or none: the page may be there or not


#: After so many days missing, with no day in between on which it was there, a page counts as dead and a repository as gone.
STRIKES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLink:
    """The result of following one link.

    `asked` is the time of the last check, `state` its result, with `detail` in words if the page was not there. `there` is
    when it last was. `missing` holds the days on which it was not, oldest first (the first and the last few of them); a
    day on which the page is there clears them, and an unknown result leaves them as they are.
    """

    url: str
    asked: Time
    state: LinkState
    detail: str = ""
    there: Time | None = None
    missing: tuple[Day, ...] = ()

    @property
    def dead(self) -> bool:
        """Whether it was missing on so many days that it will hardly come back."""
        return len(self.missing) >= STRIKES


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Everything observed. `inspected`, `probed` and `followed` are the times of the last runs.

    `looked` is when a harvest last read the whole community, whether it found changes or not; `listed`, when OAI-PMH last
    listed all of it, and not only what had changed.
    """

    looked: Time | None = None
    listed: Time | None = None
    inspected: Time | None = None
    repositories: tuple[SeenRepository, ...] = ()
    probed: Time | None = None
    probes: tuple[Probe, ...] = ()
    launches: Launches = Launches()
    followed: Time | None = None
    links: tuple[SeenLink, ...] = ()

    @property
    def current_probes(self) -> tuple[Probe, ...]:
        """The probes as of the last run: a facility that has refused every check for more than FACILITY_DAYS is REFUSING."""
        return tuple(map(self._current, self.probes))

    def _current(self, probe: Probe) -> Probe:
        # Any other outcome of a check would have changed `asked`.
        if self.probed is None or days_between(probe.asked, self.probed) <= FACILITY_DAYS:
            return probe
        return replace(probe, health=Health.REFUSING, detail="", since=probe.since or probe.asked)
