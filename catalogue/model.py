"""The nouns. Frozen values that every part of the catalogue speaks in."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from .observed import UP, Failure, LaunchCount, Observed, Probe
from .problems import Place, Problem
from .repository import Provider, Repository
from .text import fold


class Interface(StrEnum):
    """How a person uses a piece of software."""

    NOTEBOOK = "notebook"
    DESKTOP = "desktop"
    COMMAND_LINE = "command-line"
    LIBRARY = "library"
    WEB = "web"
    SERVICE = "service"


class State(StrEnum):
    """Whether what an entry describes can still be had."""

    CURRENT = "current"
    RESTRICTED = "restricted"
    WITHDRAWN = "withdrawn"


class Login(StrEnum):
    """Whether a facility asks who you are."""

    NONE = "none"
    UNKNOWN = "unknown"
    REQUIRED = "required"


class Verdict(StrEnum):
    """Whether a piece of software runs at a facility."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author: name as given, name to sort by (`Family, Given`), ORCID as sixteen digits with hyphens."""

    name: str
    sort_name: str
    orcid: str | None = None
    affiliation: str | None = None

    @property
    def display_name(self) -> str:
        """The name as it is said: records have `Gál, Tamás` and `Tamás Gál`, and readers should see one form."""
        family, comma, given = self.name.partition(", ")
        return f"{given} {family}" if comma and "," not in given else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """An SPDX expression where one is known, beside what the source said in its own words."""

    spdx: str | None
    stated: str | None = None

    @property
    def label(self) -> str:
        """What to show and to filter by."""
        return self.spdx or self.stated or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook inside the repository."""

    path: str
    title: str | None = None


class Strength(StrEnum):
    """How much is known to be installed where a repository is built."""

    READY = "ready"  # a file says what
    DOCKERFILE = "dockerfile"  # a Dockerfile does, which need not start Jupyter
    BARE = "bare"  # nothing does: plain Python
    BROKEN = "broken"  # the build fails, or there is nothing to build


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the list that an author can work through. `ok` is None for what is worth knowing and stops nothing.

    `fix` is what to do about it, empty where there is nothing to do.
    """

    code: str
    ok: bool | None
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What was seen in a repository at the ref that links use, and what follows from it.

    `environment` is the path of the file that decides. `asked` is when its host last answered, `seen` when it was first
    seen like this (ISO, UTC), `failing` why it cannot be asked since then. `rstudio` is whether RStudio is what
    opens. `missing` are notebooks that somebody named and that are not there.
    """

    strength: Strength
    environment: str | None
    ref: str | None
    commit: str | None
    asked: str
    seen: str
    checks: tuple[Check, ...]
    notebooks: tuple[Notebook, ...] = ()
    more_notebooks: int = 0
    rstudio: bool = False
    missing: frozenset[str] = frozenset()
    failing: Failure | None = None

    @property
    def broken(self) -> Check | None:
        """What rules a launch out, None where nothing does."""
        return next((each for each in self.checks if each.ok is False), None)


class Pin(StrEnum):
    """Which state of the code a link opens."""

    CITED = "cited"  # the version that the page shows and that its DOI means
    LATEST = "latest"  # the newest code there is
    NAMED = "named"  # a branch, tag or commit that somebody named


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One state of the code that can be launched: the repository at its ref, and what was seen there, None where nobody looked."""

    pin: Pin
    repository: Repository
    readiness: Readiness | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is: a code for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version of an OSSR entry; `published` is a date as precise as Zenodo has it."""

    doi: str
    version: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says a thing: `label` for people; an address, or a place in a file of ours, where one can look.

    `derived` is whether we conclude it from what is said there, `kept` whether an earlier version of the record says it and
    the newest is silent.
    """

    label: str
    url: str | None = None
    place: Place | None = None
    derived: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedValue:
    """What one source said of a field, as text."""

    source: Source
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the value of one field comes from, and what other sources said that was not taken.

    `also` are the sources that would give the same value if this one were silent.
    """

    field: str
    source: Source
    instead_of: tuple[StatedValue, ...] = ()
    also: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of one piece of software; None is a field that it says nothing of.

    `identity` names the entry it speaks of. `more_authors` counts those whom the source names and that were not kept. `places` names, for single fields, a source more exact than `source`.
    """

    identity: str
    source: Source
    slug: str | None = None
    former_slugs: tuple[str, ...] | None = None
    name: str | None = None
    alternate_names: tuple[str, ...] | None = None
    summary: str | None = None
    description: Markup | None = None
    interfaces: frozenset[Interface] | None = None
    runtimes: tuple[str, ...] | None = None
    keywords: tuple[str, ...] | None = None
    authors: tuple[Person, ...] | None = None
    more_authors: int | None = None
    licence: Licence | None = None
    version: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    repository: Repository | None = None
    ref: str | None = None
    no_repository: str | None = None
    archive: Repository | None = None
    notebooks: tuple[Notebook, ...] | None = None
    ports: tuple[int, ...] | None = None
    needs_packages: bool | None = None
    homepage: str | None = None
    documentation: tuple[str, ...] | None = None
    published: str | None = None
    created: str | None = None
    versions: tuple[Version, ...] | None = None
    reads: tuple[str, ...] | None = None
    record_url: str | None = None
    state: State | None = None
    state_note: str | None = None
    places: tuple[tuple[str, Source], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """One piece of software. Its identity is the concept DOI of an OSSR entry or the `id` of a local one.

    `more_authors` are authors that its record names beyond those that are kept. `archive` is its record as a thing that can be fetched, where that is one zip. `ports` are outgoing TCP ports that it
    needs beyond those of the web. `needs_packages` is false where somebody said that it needs nothing but Python. `editions` are the states of its code
    that can be launched, the one that links open first. `launched` is what the archive of mybinder.org says of its
    repository, None where that was not read. Every field but identity, slug and name may be empty:
    nothing is made up where nobody said anything.
    """

    identity: str
    slug: str
    name: str
    former_slugs: tuple[str, ...] = ()
    alternate_names: tuple[str, ...] = ()
    summary: str = ""
    description: Markup = field(default_factory=Markup)
    interfaces: frozenset[Interface] = frozenset()
    runtimes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    authors: tuple[Person, ...] = ()
    more_authors: int = 0
    licence: Licence | None = None
    version: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    repository: Repository | None = None
    no_repository: str | None = None
    archive: Repository | None = None
    notebooks: tuple[Notebook, ...] = ()
    ports: tuple[int, ...] = ()
    needs_packages: bool = True
    homepage: str | None = None
    documentation: tuple[str, ...] = ()
    published: str | None = None
    created: str | None = None
    versions: tuple[Version, ...] = ()
    reads: tuple[str, ...] = ()
    record_url: str | None = None
    state: State = State.CURRENT
    state_note: str | None = None
    sources: tuple[Source, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    editions: tuple[Edition, ...] = ()
    launched: LaunchCount | None = None

    @property
    def sort_key(self) -> tuple[str, str]:
        """A total order: name, then identity."""
        return fold(self.name), self.identity

    @property
    def readiness(self) -> Readiness | None:
        """What was seen in its repository at the ref of its links, None where nobody looked."""
        return self.editions[0].readiness if self.editions else None

    @property
    def pin(self) -> Pin | None:
        """Which state of the code its links open, None where no code is known."""
        return self.editions[0].pin if self.editions else None

    @property
    def runs_at(self) -> str | None:
        """Where a web application runs by itself, which is its home page; None for what is no web application."""
        return self.homepage if Interface.WEB in self.interfaces else None

    @property
    def all_notebooks(self) -> tuple[Notebook, ...]:
        """Its notebooks: those that somebody named, in their order, then those that were seen in the repository."""
        seen = {each.path: each for each in (self.readiness.notebooks if self.readiness else ())}
        if not seen:
            return self.notebooks
        named = tuple(
            each if each.title or each.path not in seen else replace(each, title=seen[each.path].title)
            for each in self.notebooks
        )
        known = {each.path for each in named}
        return (*named, *(each for each in seen.values() if each.path not in known))

    @property
    def target(self) -> Repository | None:
        """The repository with the file to open.

        It is the one that its address names, else the first notebook that somebody named, else the only one that was
        seen, `index.ipynb`, or the only one at the top. A notebook that is known not to be there is not opened.
        """
        if self.repository is None:
            return None
        seen = self.readiness
        found = self.repository.file or next((each.path for each in self.notebooks), None)
        if seen and found and found.endswith(".ipynb") and found in seen.missing:
            found = None
        if seen and not found:
            found = default_notebook(each.path for each in seen.notebooks)
        return self.repository if found == self.repository.file else replace(self.repository, file=found)

    def at(self, edition: Edition) -> "Software":
        """The same software at another state of its code."""
        return replace(self, repository=edition.repository, editions=(edition,))


def default_notebook(paths: Iterable[str]) -> str | None:
    """The notebook to open where nobody named one: the only one, `index.ipynb`, or the only one at the top."""
    known = tuple(paths)
    top = [path for path in known if "/" not in path]
    if len(known) == 1:
        return known[0]
    if "index.ipynb" in known:
        return "index.ipynb"
    return top[0] if len(top) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a session at a facility may use, in the operator's words; None where it is not known."""

    memory: str | None = None
    processors: str | None = None
    session: str | None = None
    idle: str | None = None
    storage: str | None = None


#: What readers call them, in the order in which they are shown.
LIMIT_LABELS = {
    "memory": "Memory",
    "processors": "Processors",
    "session": "Length of a session",
    "idle": "Ends when idle for",
    "storage": "Storage",
}


class Options(BaseModel):
    """What a facility's record may say beyond what all facilities have; each kind declares its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def holds(self) -> frozenset[str]:
        """Address names of the entries that the facility has already and need not fetch."""
        return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A place where software can run. `url` ends with `/`; `insecure` means plain http, said on purpose.

    `seen` is the month or day at which somebody last saw it at work, None where nobody has; `closed` is when it ended. `probe` is what it last answered,
    None where it was never asked.
    """

    slug: str
    name: str
    kind: str
    url: str
    insecure: bool
    seen: str | None = None
    closed: str | None = None
    summary: str = ""
    description: Markup = field(default_factory=Markup)
    operator: str | None = None
    interfaces: frozenset[Interface]
    providers: frozenset[Provider]
    login: Login
    limits: Limits = field(default_factory=Limits)
    ports: tuple[int, ...] = ()
    data: tuple[str, ...] = ()
    options: Options
    contact: str | None = None
    documentation: str | None = None
    place: Place
    probe: Probe | None = None

    @property
    def down(self) -> bool:
        """Whether it was of no use at the last check."""
        return self.probe is not None and self.probe.health not in UP

    @property
    def checked(self) -> bool:
        """Whether a probe or a person has ever found it at work."""
        return self.seen is not None or (self.probe is not None and self.probe.up is not None)

    @property
    def preference(self) -> tuple[int, int, bool, str, str]:
        """The better one first: at work, never checked, down, closed; least login; encrypted; then the name, in a total order."""
        return (
            3 if self.closed else 2 if self.down else 0 if self.checked else 1,
            list(Login).index(self.login),
            self.insecure,
            fold(self.name),
            self.slug,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchLink:
    """One address that launches, beside the one of the offer: another state of the code, or another notebook."""

    url: str
    opens: str
    pin: Pin | None
    ref: str | None
    notebook: Notebook | None = None
    doubts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a facility can do for a piece of software.

    `url` is None exactly when the verdict is no. `reasons` say why the verdict is not better; `notes` say what to
    expect of the launch. `opens` is what the reader sees first. `carries` is whether the link carries the software
    there, and does not lead to a page of the facility only. `pin` and `ref` say which state of the code it opens;
    `editions` are links to other states, `notebooks` one link for each notebook where the facility can open a file.
    """

    software: str
    facility: str
    verdict: Verdict
    url: str | None
    reasons: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    opens: str
    ref: str | None
    login: Login
    carries: bool
    pin: Pin | None = None
    editions: tuple[LaunchLink, ...] = ()
    notebooks: tuple[LaunchLink, ...] = ()


class Outcome(StrEnum):
    """What became of something that a source stated."""

    PUBLISHED = "published"
    MERGED = "merged"
    VERSION = "older version"
    LEFT_OUT = "left out"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the accounting: what was seen, where, and what became of it."""

    identity: str
    title: str
    source: str
    outcome: Outcome
    detail: str = ""
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestReport:
    """What the last harvest brought: how many records were seen, and of which entries it saw nothing.

    `harvested` is the ISO time in UTC at which the snapshot last changed, `looked` that at which a harvest last read the
    whole community, None where none has; `repaired` holds record numbers with what was left out of them; `titles` holds,
    by identity, what each record calls itself.
    """

    api: str
    community: str
    harvested: str
    looked: str | None = None
    note: str | None
    seen: int
    not_seen: tuple[str, ...]
    repaired: tuple[tuple[str, str], ...]
    titles: tuple[tuple[str, str], ...] = ()


class ChangeKind(StrEnum):
    """What happened to an entry, a facility or the catalogue."""

    OPENED = "opened"
    ADDED = "added"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    MOVED = "moved"  # from one address name to another
    FIELD = "field"
    VERDICT = "verdict"
    MORE = "more"  # changes of a night that had too many of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, and who says so: of a `field` or of the verdict at a `facility`, from `old` to `new`; None is nothing."""

    what: ChangeKind
    source: Source
    field: str | None = None
    facility: str | None = None
    old: str | None = None
    new: str | None = None


class EventSubject(StrEnum):
    """What a change is about."""

    CATALOGUE = "catalogue"
    FACILITY = "facility"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """All that changed at one entry or facility from one record of the catalogue to the next, which was made `at` a time.

    `platforms` and `keywords` are those that the entry has or had; `facilities` are address names of those at which
    something about it has changed.
    """

    at: str
    about: EventSubject
    identity: str
    slug: str
    name: str
    changes: tuple[Change, ...]
    platforms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()


SIZE_LIMIT = 900  # megabytes of a site; GitHub Pages takes a gigabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the whole site is called and where it lives. `base_url` ends with `/`; `colours` are for light and for dark.

    `size_limit` is how many megabytes its host takes.
    """

    title: str
    tagline: str
    base_url: str
    community: str
    community_title: str
    community_url: str
    api: str
    kinds: tuple[str, ...]
    contact: str
    repository: str
    branch: str
    blank: str | None
    community_short: str = "OSSR"
    local_title: str | None = None
    examples: tuple[str, ...] = ()
    colours: tuple[str, str] | None = None
    size_limit: int = SIZE_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a file that people write, explained; `values` are those that are allowed, where they are few."""

    name: str
    description: str
    required: bool
    values: tuple[str, ...]
    inside: tuple["Key", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideKind:
    """A kind of facility, with the options that only it has."""

    name: str
    label: str
    does: str
    options: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How to add a `facility` or a `notebook`: the file that it goes to, an example, and every key."""

    what: str
    file: str
    example: str
    keys: tuple[Key, ...]
    kinds: tuple[GuideKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that the pages are made of. Software and facilities are in a total order, offers best first within a software.

    `changes` are the newest first, `recorded` is when the last of them were noticed.
    """

    site: Site
    software: tuple[Software, ...]
    withdrawn: tuple[Software, ...]
    facilities: tuple[Facility, ...]
    offers: tuple[Offer, ...]
    related: tuple[tuple[str, tuple[str, ...]], ...]
    harvest: HarvestReport
    accounts: tuple[Account, ...]
    problems: tuple[Problem, ...]
    built: str
    observed: Observed = field(default_factory=Observed)
    synonyms: tuple[tuple[str, ...], ...] = ()
    recorded: str | None = None
    changes: tuple[Event, ...] = ()
    guides: tuple[Guide, ...] = ()
