"""The domain types, shared by every part of the catalogue. All are frozen."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from .observed import UP, Failure, LaunchCount, Observed, Probe
from .problems import Place, Problem
from .repository import Provider, Repository
from .text import fold
from .times import Time
from .words import is_east_asian


class Interface(StrEnum):
    """How a person uses a piece of software."""

    NOTEBOOK = "notebook"
    DESKTOP = "desktop"
    COMMAND_LINE = "command-line"
    LIBRARY = "library"
    WEB = "web"
    SERVICE = "service"


class State(StrEnum):
    """Whether the software of an entry is still available."""

    CURRENT = "current"
    RESTRICTED = "restricted"
    WITHDRAWN = "withdrawn"


class Login(StrEnum):
    """Whether a facility requires a login."""

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
    """An author: the name as given, the name to sort by (`Family, Given`), the ORCID as sixteen digits with hyphens.

    `organisation` is whether it is no person but, for example, a collaboration.
    """

    name: str
    sort_name: str
    orcid: str | None = None
    affiliation: str | None = None
    organisation: bool = False

    @property
    def display_name(self) -> str:
        """The name as `Given Family`: records have both `Gál, Tamás` and `Tamás Gál`, and pages show one form.

        A name in Han, Kana or Hangul has its family name first: `山田, 太郎` is `山田 太郎`.
        """
        family, comma, given = self.name.partition(", ")
        if not comma or "," in given or self.organisation:
            return self.name
        return f"{family} {given}" if is_east_asian(fold(f"{family}{given}".replace(" ", ""))) else f"{given} {family}"

    @property
    def family_and_given(self) -> tuple[str, str] | None:
        """The family name and the given name, without titles; None for any other name, such as that of a collaboration."""
        if self.organisation:
            return None
        family, _, given = (part.strip() for part in self.sort_name.partition(","))
        is_whole = not family or not given or "," in given or re.search(r"\band\b", self.sort_name, re.IGNORECASE)
        return None if is_whole else (family, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """An SPDX expression, None if unknown, and the licence as the source stated it."""

    spdx: str | None
    stated: str | None = None

    @property
    def label(self) -> str:
        """The text to display and to filter by."""
        return self.spdx or self.stated or ""


def _licence_names(spdx: str | None) -> set[str]:
    """The licences in an SPDX expression, without `-only` and `-or-later`, which a licence file does not distinguish."""
    words = re.findall(r"[\w.+-]+", spdx or "")
    return {re.sub(r"(?:-only|-or-later|\+)$", "", word).casefold() for word in words} - {"and", "or", "with"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook in a repository, by its path from the top."""

    path: str
    title: str | None = None


class Strength(StrEnum):
    """How well a repository specifies the environment to build."""

    READY = "ready"  # an environment file lists what to install
    DOCKERFILE = "dockerfile"  # a Dockerfile, which need not start Jupyter
    BARE = "bare"  # no environment file: plain Python
    BROKEN = "broken"  # the build fails, or there is nothing to build


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One item of a repository's readiness checklist. `ok` is None for information that prevents no launch.

    `fix` tells the author what to do; it is empty if there is nothing to do.
    """

    code: str
    ok: bool | None
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What an inspection found in a repository at the ref that launch links use, and what follows for launching it.

    `environment` is the path of the file that defines the environment. `asked` is when the host last answered, `seen`
    when this state was first observed (ISO, UTC); `failing` says why later inspections failed. `rstudio` is whether
    RStudio opens instead of JupyterLab. `missing` holds the paths of notebooks that a source names and that are not there.
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
        """The first check that rules out a launch, None if none does."""
        return next((each for each in self.checks if each.ok is False), None)


class Pin(StrEnum):
    """Which state of the code a link opens."""

    CITED = "cited"  # the version that the page shows and that its DOI identifies
    LATEST = "latest"  # the head of the default branch
    NAMED = "named"  # a branch, tag or commit that a source names


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One launchable state of the code: the repository at a ref, and its readiness, None if it was not inspected."""

    pin: Pin
    repository: Repository
    readiness: Readiness | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for a verdict: a code for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version of an OSSR entry; `published` is a date as precise as Zenodo gives it."""

    doi: str
    version: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value comes from: a `label` for people, and a URL or a place in one of our files to look it up.

    `derived` means that the catalogue infers the value from the source, `in_repository` that it is a file in the repository
    of the software.
    """

    label: str
    url: str | None = None
    place: Place | None = None
    derived: bool = False
    in_repository: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedValue:
    """The value that one source states for a field, as text."""

    source: Source
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The source of one field's value, and the differing values of other sources that it overrides (`instead_of`).

    `also` holds the sources that would give the same value if this one did not state it.
    """

    field: str
    source: Source
    instead_of: tuple[StatedValue, ...] = ()
    also: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source states about one piece of software. A field is None if the source does not state it.

    `identity` names the entry. `more_authors` counts the authors beyond those that were kept. `places` gives, for some
    fields, a more exact source than `source`.
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
    former_dois: tuple[str, ...] | None = None
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

    Every field but identity, slug and name may be empty: what no source states is not made up.

    `more_authors` counts the authors of its record beyond those that were kept. `former_dois` are those that it was
    identified by before Zenodo stated another concept of it, or joined it with another entry. `no_repository` says why no
    repository could be read. `archive` is its Zenodo record as a repository, if the record is a single zip. `ports` are the outgoing
    TCP ports that it needs beyond 80 and 443. `needs_packages` is false if a source says that it needs nothing but Python.
    `editions` are the launchable states of its code; links open the first. `launched` counts its launches in the archive
    of mybinder.org, None if that was not read. `licence_file` is the SPDX id of the licence file that was seen in its
    repository.
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
    former_dois: tuple[str, ...] = ()
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
    licence_file: str | None = None

    @property
    def sort_key(self) -> tuple[str, str]:
        """A total order: name, from its first letter or digit on, then identity."""
        name = fold(self.name)
        return next((name[at:] for at, letter in enumerate(name) if letter.isalnum()), name), self.identity

    @property
    def local_source(self) -> Source | None:
        """The lines about it in our YAML files; None if there are none."""
        return next((each for each in reversed(self.sources) if each.place), None)

    @property
    def readiness(self) -> Readiness | None:
        """The readiness of its repository at the ref that links open, None if it was not inspected."""
        return self.editions[0].readiness if self.editions else None

    @property
    def conflicting_licence_file(self) -> str | None:
        """The licence file that was seen in its repository, if its licence does not name that; None if they agree."""
        stated = _licence_names(self.licence.spdx if self.licence else None)
        return None if stated & _licence_names(self.licence_file) else self.licence_file

    @property
    def pin(self) -> Pin | None:
        """Which state of the code its links open, None if no repository is known."""
        return self.editions[0].pin if self.editions else None

    @property
    def runs_at(self) -> str | None:
        """The home page of a web application, where it runs; None for other software."""
        return self.homepage if Interface.WEB in self.interfaces else None

    @property
    def all_notebooks(self) -> tuple[Notebook, ...]:
        """Its notebooks: first those that a source names, in their order, then the others found in the repository."""
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
        """The repository with the file to open, None if no repository is known.

        The file is the one in the repository's URL, else the first notebook that a source names, else the default notebook
        of those found in the repository. A notebook that is known to be missing is not opened.
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
    """The notebook to open if no source names one: the only one, `index.ipynb`, or the only one at the top level."""
    known = tuple(paths)
    top = [path for path in known if "/" not in path]
    if len(known) == 1:
        return known[0]
    if "index.ipynb" in known:
        return "index.ipynb"
    return top[0] if len(top) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a session at a facility may use, and how many there may be, in the operator's words; None if unknown."""

    memory: str | None = None
    processors: str | None = None
    session: str | None = None
    idle: str | None = None
    storage: str | None = None
    users: str | None = None


#: The labels on pages, in display order.
LIMIT_LABELS = {
    "memory": "Memory",
    "processors": "Processors",
    "session": "Length of a session",
    "idle": "Ends when idle for",
    "storage": "Storage",
    "users": "At the same time",
}


class Options(BaseModel):
    """The `options` of a facility; each kind has its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def holds(self) -> frozenset[str]:
        """Slugs of the entries that the facility already has, and need not fetch."""
        return frozenset()

    @property
    def equipped_for(self) -> frozenset[str]:
        """Slugs of the entries that were seen running in the facility's own environment."""
        return frozenset()

    def renamed(self, now: Mapping[str, str]) -> Self:
        """The options with the present slugs of entries; `now` has them by former slug."""
        return self


class OwnEnvironmentOptions(Options):
    """The options of a facility that pulls software into an environment of its own, where nothing is installed for it."""

    tested: frozenset[str] = Field(
        frozenset(),
        strict=False,
        description="Slugs of the entries that somebody has run in its environment; of all others readers are told that packages may be missing.",
    )

    @property
    def equipped_for(self) -> frozenset[str]:
        return self.tested

    def renamed(self, now: Mapping[str, str]) -> Self:
        return self.model_copy(update={"tested": frozenset(now.get(slug, slug) for slug in self.tested)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A place where software can run. `url` ends with `/`; `insecure` means that plain http is intended.

    `seen` is the month or day on which somebody last saw it working, None if nobody has; `closed` is when it closed.
    `probe` is the result of the last check, None if it was never checked.
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
        """Whether it was unusable at the last check, or has refused checks for so long that it may be."""
        return self.probe is not None and self.probe.health not in UP

    @property
    def checked(self) -> bool:
        """Whether a probe or a person has ever found it working."""
        return self.seen is not None or (self.probe is not None and self.probe.up is not None)

    @property
    def preference(self) -> tuple[int, int, bool, str, str]:
        """The sort key, best first: working, never checked, down, closed; least login; encrypted; then name and slug."""
        return (
            3 if self.closed else 2 if self.down else 0 if self.checked else 1,
            list(Login).index(self.login),
            self.insecure,
            fold(self.name),
            self.slug,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchLink:
    """A launch link beside the main one of an offer: to another state of the code, or to another notebook."""

    url: str
    opens: str
    pin: Pin | None
    ref: str | None
    notebook: Notebook | None = None
    doubts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Whether and how a piece of software runs at a facility; both by their slugs.

    `url` is None exactly if the verdict is no. `reasons` say why the verdict is not better, `notes` what to expect of the
    launch. `opens` says what the reader sees first, and `file` is its path if it is a file. `carries` is whether the link
    takes the software along, rather than leading only to a page of the facility. `pin` and `ref` say which state of the code
    it opens; `editions` are links to other states, `notebooks` one link for each notebook if the facility can open a file.
    `data` is what of the data that the software reads is held at the facility.
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
    file: str | None = None
    pin: Pin | None = None
    editions: tuple[LaunchLink, ...] = ()
    notebooks: tuple[LaunchLink, ...] = ()
    data: tuple[str, ...] = ()

    @property
    def launch_verdict(self) -> Verdict:
        """The verdict on launching the software by this link: no if it leads only to a page of the facility."""
        return self.verdict if self.carries else Verdict.NO


class AccountSource(StrEnum):
    """Where a record or an entry was seen."""

    HARVEST = "harvest"
    KEPT = "kept"
    LOCAL = "local"


class Outcome(StrEnum):
    """What became of a record or an entry of a source."""

    PUBLISHED = "published"
    MERGED = "merged"
    VERSION = "older version"
    LEFT_OUT = "left out"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the harvest's accounting: what was seen, in which source, and what became of it."""

    identity: str
    title: str
    source: AccountSource
    outcome: Outcome
    detail: str = ""
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestReport:
    """The result of the last harvest: how many records it saw, and which entries it did not see (`not_seen`).

    `harvested` is the ISO time in UTC at which the snapshot last changed, `looked` when a harvest last read the whole
    community, None if none has. `repaired` holds pairs of record number and what was dropped from the record; `titles`
    holds pairs of identity and the record's own title.
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
    MOVED = "moved"  # from one slug to another
    FIELD = "field"
    VERDICT = "verdict"
    MORE = "more"  # the number of changes beyond the limit of one night


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change and its source: of a `field`, or of the verdict at a `facility`, from `old` to `new`; None means no value.

    `reason` says why the new verdict is not better; `old_reason` is the code of why the old one was not. Either is None if
    there was no reason, or it is not known.
    """

    what: ChangeKind
    source: Source
    field: str | None = None
    facility: str | None = None
    old: str | None = None
    new: str | None = None
    reason: Reason | None = None
    old_reason: str | None = None


class EventSubject(StrEnum):
    """What an event is about."""

    CATALOGUE = "catalogue"
    FACILITY = "facility"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """All changes to one entry or facility between two recorded states of the catalogue; `at` is the time of the second.

    `platforms` and `keywords` are those that the entry has or had; `facilities` holds the slugs of those where something
    about it has changed. If it is new or back, these are all at which it should or may run; `unsure` are those at which it may.
    """

    at: Time
    about: EventSubject
    identity: str
    slug: str
    name: str
    changes: tuple[Change, ...]
    platforms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


SIZE_LIMIT = 900  # megabytes of a site; GitHub Pages takes a gigabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The settings of the site. `base_url` ends with `/`; `colours` are those of the light and the dark theme.

    `size_limit` is the largest size in megabytes that its host accepts.
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
    """One key of a YAML file or of an export, explained; `values` are the allowed ones if the key is an enumeration."""

    name: str
    description: str
    required: bool
    values: tuple[str, ...]
    inside: tuple["Key", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideKind:
    """A kind of facility, with its own options."""

    name: str
    label: str
    does: str
    options: tuple[Key, ...]


# Stands where a summary belongs in what contributors copy. The check warns if it is left there.
EXAMPLE_SUMMARY = "What it does, in a sentence."


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How to add a `facility` or a `notebook`: the file to edit, an example, and every key."""

    what: str
    file: str
    example: str
    keys: tuple[Key, ...]
    kinds: tuple[GuideKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that pages and exports are made from.

    Software and facilities are in a total order; the offers of each software follow it, best first. `changes` are newest
    first; `recorded` is the time of the last recorded state. `related` pairs a slug with those of the same repository.
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
