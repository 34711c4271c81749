"""facilities.yaml -> facilities."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from ..launch import jupyterlite, website
from ..launch.kinds import KINDS, page_path
from ..model import Facility, Interface, Limits, Login
from ..problems import Place, Problem, Severity
from ..repository import Provider
from ..text import clean_markdown, first_sentences, plain, unique
from .entry import (
    MOMENT_PATTERN,
    Contact,
    Entry,
    Line,
    NonEmptyList,
    Prose,
    PublicUrl,
    Slug,
    optional,
    public_url,
    read_documents,
    required,
    validated_items,
)
from .yaml_text import Path, YamlDocument, read_yaml

FILE, FOLDER, KEY = "facilities.yaml", "facilities", "facilities"


def _kind(text: str) -> str:
    if text not in KINDS:
        raise PydanticCustomError("enum", "unknown kind", {"expected": ", ".join(KINDS)})
    return text


def _front_page_or_folder(text: str) -> str:
    return text if jupyterlite.SITE_FOLDER.fullmatch(text) else public_url(text)


def _real_date(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        raise ValueError(f"{text!r} is not a real date: write 2026-08 or 2026-08-31") from None
    return text


# The end of a draft's description. The check only warns of it: a draft from a URL alone must pass, but readers should not
# see this.
DRAFT_NOTICE = "its operator should say here what it is and for whom."


def _number_as_text(value: object) -> object:
    """A number or a Boolean as text, so that the message is about the date: quotes would not make a month of a year."""
    return str(value).lower() if isinstance(value, int) else value


Moment = Annotated[
    str, StringConstraints(pattern=MOMENT_PATTERN), AfterValidator(_real_date), BeforeValidator(_number_as_text)
]


class LimitsEntry(Entry):
    """What a session may use, in words for a reader."""

    memory: Line | None = optional("Memory of a session, as in `1 to 2 GB`.")
    processors: Line | None = optional("Processor cores of a session.")
    session: Line | None = optional("How long a session may last.")
    idle: Line | None = optional("How long a session may be idle before it ends.")
    storage: Line | None = optional("Disk space, and whether it stays.")
    users: Line | None = optional(
        "How many people may use it at the same time, as in `at most 100 people per repository`."
    )


class FacilityEntry(Entry):
    """A place where software can run."""

    id: Slug = required("Its slug, the part of its URLs that names it: `/facilities/<id>/`. Never change it.")
    name: Line = required("The name that readers know it by.")
    kind: Annotated[str, AfterValidator(_kind)] = required(
        f"What it is, which decides its addresses: {', '.join(KINDS)}.",
        json_schema_extra={"enum": list(KINDS)},
    )
    description: Prose = required("What it is and for whom, in Markdown. Lists show its first sentence.")
    insecure: bool = optional("Say true if the address is plain http: readers are told.", False)
    url: Annotated[str, AfterValidator(_front_page_or_folder)] = required(
        "Its front page. Plain http needs `insecure: true`. For a JupyterLite of this site its folder, as in `lite/`."
    )
    operator: Line | None = optional("Who runs it.")
    seen: Moment | None = optional(
        "When somebody last saw it working, as 2026-08 or 2026-08-31; without it, readers are told that nobody has."
    )
    closed: Moment | None = optional("When it closed: its pages stay, and lead to the others.")
    login: Login = optional("Whether it needs a login.", Login.UNKNOWN, strict=False)
    interfaces: NonEmptyList[Annotated[Interface, Field(strict=False)]] | None = optional(
        "What it runs, if that differs from its kind."
    )
    providers: NonEmptyList[Annotated[Provider, Field(strict=False)]] | None = optional(
        "Where it takes code from, if that differs from its kind."
    )
    limits: LimitsEntry = optional("What a session may use.", LimitsEntry())
    ports: list[Annotated[int, Field(ge=1, le=65535)]] = optional(
        "Outgoing TCP ports that a session may use, if others are blocked.", []
    )
    data: list[Line] = optional(
        "Data collections that it holds. Software whose `reads` has one of them, spelt alike, is offered here first, "
        "before other facilities with the same verdict and health.",
        [],
    )
    contact: Contact | None = optional("Where to ask: an e-mail address, or a URL that begins with https://.")
    documentation: PublicUrl | None = optional("Its handbook.")
    options: dict[str, object] = optional("Settings of its kind; see the kinds.", {})

    @classmethod
    def hint_for_unknown_key(cls, key: str, written: str, item: Mapping[str, object]) -> str | None:
        """Advice about a key that is an option of some kind of facility."""
        kinds = [name for name, kind in KINDS.items() if key in kind.OPTIONS.model_fields]
        kind = item.get("kind")
        if kinds and kind in tuple(KINDS) and kind not in kinds:
            return f"it is an option of {' and '.join(kinds)}, and this is a {kind}: leave it out"
        return f"put it under options: `options: {{{key}: {written}}}`" if kinds else None

    @classmethod
    def dependent_models(cls, item: Mapping[str, object]) -> Mapping[str, type[BaseModel]]:
        """The model of the options, if the kind of facility is known."""
        kind = item.get("kind")
        return {"options": KINDS[kind].OPTIONS} if isinstance(kind, str) and kind in KINDS else {}

    @field_validator("seen", "closed")
    @classmethod
    def _not_in_future(cls, moment: str | None, info: ValidationInfo) -> str | None:
        today = (info.context or {}).get("today")
        if moment and today and moment > (latest := today[: len(moment)]):
            what = "when somebody last saw it working" if info.field_name == "seen" else "when it closed, once it has"
            raise ValueError(f"{moment} is in the future: write {what}, {latest} at the latest")
        return moment

    @field_validator("url")
    @classmethod
    def _front_page(cls, url: str, info: ValidationInfo) -> str:
        # A key that the address depends on is missing here if it has a mistake, which is reported already.
        if jupyterlite.SITE_FOLDER.fullmatch(url):
            if info.data.get("kind", jupyterlite.KIND) != jupyterlite.KIND:
                raise ValueError("must begin with https://: only a JupyterLite can be a folder of this site")
            return url
        page = page_path(urlsplit(url).path) if info.data.get("kind", website.KIND) != website.KIND else ""
        if page:
            what = f"{page!r} and what follows it" if "?" in url or "#" in url else repr(page)
            raise ValueError(f"must be the address of the front page: leave out {what}")
        if "?" in url or "#" in url:
            raise ValueError("must be the address of the front page, without ? or #")
        insecure = info.data.get("insecure")
        if url.startswith("http:") and insecure is False:
            raise ValueError("plain http is not encrypted: use https, or add `insecure: true`, and readers are told")
        if url.startswith("https:") and insecure:
            raise ValueError("the address is https: leave `insecure` out")
        return url


def with_slash(url: str) -> str:
    """The URL of a front page with the final slash that launch links are built on."""
    return url if url.endswith("/") else f"{url}/"


def read_facilities(text: str, file: str = FILE) -> tuple[list[Facility], list[Problem]]:
    """The facilities in a file, the preferred ones first, and everything that is wrong with it."""
    return read_facility_files({file: text})


def read_facility_files(texts: Mapping[str, str], today: str | None = None) -> tuple[list[Facility], list[Problem]]:
    """The facilities in files by name, the preferred ones first, and everything that is wrong with any of them.

    If `today` is given, an ISO date, later dates are mistakes.
    """
    documents, unreadable = read_documents(texts)
    entries, problems = validated_items(FacilityEntry, documents, KEY, {"today": today})
    problems.extend(_duplicates(entries))
    for document, path, entry in entries:
        if DRAFT_NOTICE in entry.description.casefold():
            text = "description: replace the words of the draft with your own: readers see them"
            problems.append(Problem(document.place((*path, "description")), text, Severity.WARNING))
    facilities = [_facility(entry, path, document) for document, path, entry in entries]
    return sorted(facilities, key=lambda each: each.preference), [*unreadable, *problems]


def place_of_word(facility: Facility, key: str, word: str, texts: Mapping[str, str]) -> Place:
    """The place of a word under a key of a facility, as a key or as a value; if it is not there, that of the facility."""
    document = read_yaml(texts.get(facility.place.file, ""), facility.place.file)
    if isinstance(document, Problem):
        return facility.place
    inside = (path for path in (*document.keys, *document.scalars) if path[2:3] == (key,) and len(path) > 3)
    ours = (path for path in inside if document.place(path[:2]) == facility.place)
    found = next((path for path in ours if word in (path[-1], document.scalars.get(path))), None)
    return document.key_place(found) if found else facility.place


def _duplicates(entries: Iterable[tuple[YamlDocument, Path, FacilityEntry]]) -> Iterator[Problem]:
    """Warns of facilities with the same URL or name, except closed ones."""
    first: dict[tuple[str, str], tuple[FacilityEntry, Place]] = {}
    for document, path, entry in entries:
        if entry.closed:
            continue
        for key, value, remedy in (
            ("url", with_slash(entry.url), "readers see both: keep one entry"),
            ("name", entry.name, "readers cannot tell them apart: change one of them"),
        ):
            place = document.place((*path, key))
            other, where = first.setdefault((key, value.casefold()), (entry, place))
            if other.id != entry.id:
                text = f"{key}: is also that of {other.id!r}, at {where}, and {remedy}"
                yield Problem(place, text, Severity.WARNING)


def _facility(entry: FacilityEntry, at: Path, document: YamlDocument) -> Facility:
    kind = KINDS[entry.kind]
    description = clean_markdown(entry.description)
    return Facility(
        slug=entry.id,
        name=entry.name,
        kind=entry.kind,
        url=with_slash(entry.url),
        insecure=entry.insecure,
        seen=entry.seen,
        closed=entry.closed,
        summary=first_sentences(plain(description)),
        description=description,
        operator=entry.operator,
        interfaces=frozenset(entry.interfaces) if entry.interfaces else kind.INTERFACES,
        providers=frozenset(entry.providers) if entry.providers else kind.PROVIDERS,
        login=entry.login,
        limits=Limits(**entry.limits.model_dump()),
        ports=tuple(entry.ports),
        data=tuple(sorted(unique(entry.data))),
        options=kind.OPTIONS.model_validate(entry.options),
        contact=entry.contact,
        documentation=entry.documentation,
        place=document.place(at),
    )
