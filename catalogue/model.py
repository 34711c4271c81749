"""The nouns. Frozen values that every part of the catalogue speaks in."""

from dataclasses import dataclass, field
from enum import StrEnum

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version of an OSSR entry; `published` is a date as precise as Zenodo has it."""

    doi: str
    version: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says a thing: `label` for people; an address, or a place in a file of ours, where one can look."""

    label: str
    url: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one source said of a field, as text."""

    source: Source
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the value of one field comes from, and what other sources said that was not taken."""

    field: str
    source: Source
    instead_of: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of one piece of software; None is a field that it says nothing of.

    `identity` names the entry it speaks of. `places` names, for single fields, a source more exact than `source`.
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
    licence: Licence | None = None
    version: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    repository: Repository | None = None
    ref: str | None = None
    no_repository: str | None = None
    notebooks: tuple[Notebook, ...] | None = None
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

    Every field but identity, slug and name may be empty: nothing is made up where nobody said anything.
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
    licence: Licence | None = None
    version: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    repository: Repository | None = None
    no_repository: str | None = None
    notebooks: tuple[Notebook, ...] = ()
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

    @property
    def sort_key(self) -> tuple[str, str]:
        """A total order: name, then identity."""
        return fold(self.name), self.identity

    @property
    def target(self) -> Repository | None:
        """The repository with the file to open: the one its address names, else the first notebook."""
        if self.repository is None or self.repository.file or not self.notebooks:
            return self.repository
        return self.repository.at(None, self.notebooks[0].path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a session at a facility may use, in the operator's words; None where it is not known."""

    memory: str | None = None
    processors: str | None = None
    session: str | None = None
    idle: str | None = None
    storage: str | None = None


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

    `seen` is the month or day at which somebody last saw it at work, None where nobody has; `closed` is when it ended.
    """

    slug: str
    name: str
    kind: str
    url: str
    insecure: bool
    seen: str | None
    closed: str | None
    summary: str
    description: Markup
    operator: str | None
    interfaces: frozenset[Interface]
    providers: frozenset[Provider]
    login: Login
    limits: Limits
    ports: tuple[int, ...]
    data: tuple[str, ...]
    options: Options
    contact: str | None
    documentation: str | None
    place: Place

    @property
    def preference(self) -> tuple[bool, int, bool, str, str]:
        """The better one first: seen at work, least login, encrypted; then the name, in a total order."""
        return (
            self.closed is not None or self.seen is None,
            list(Login).index(self.login),
            self.insecure,
            fold(self.name),
            self.slug,
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is: a code for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a facility can do for a piece of software.

    `url` is None exactly when the verdict is no. `reasons` say why the verdict is not better; `notes` say what to
    expect of the launch. `opens` is what the reader sees first. `carries` is whether the link carries the software
    there, and does not lead to a page of the facility only.
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

    `harvested` is the ISO time in UTC at which the snapshot last changed; `repaired` holds record numbers with what was
    left out of them.
    """

    api: str
    community: str
    harvested: str
    note: str | None
    seen: int
    not_seen: tuple[str, ...]
    repaired: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the whole site is called and where it lives. `base_url` ends with `/`."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that the pages are made of. Software and facilities are in a total order, offers best first within a software."""

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
    synonyms: tuple[tuple[str, ...], ...] = ()
