"""An entry of the snapshot -> statements about the software: one from the OSSR record, one from its CodeMeta file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pydantic import JsonValue

from ..model import Interface, Licence, Source, State, Statement, Version
from ..repository import NoRepository, Provider, Repository, is_paper, parse_repository
from ..text import clean, clean_html, clean_markdown, plain, summary_of, unique, without_pictures
from ..times import loose_date, when
from .snapshot import Entry, Record
from .vocabulary import interfaces, keywords, licence, people, runtimes, zenodo_licence

# From the most exact: the first often names a tag, the last a repository as a whole.
_CODE_RELATIONS = ("isSupplementTo", "isDerivedFrom", "isSourceOf", "isCompiledBy", "codeRepository")
_CUSTOM_FIELDS = {"repository": "code:codeRepository", "runtimes": "code:programmingLanguage"}


def statements(entry: Entry, site: str = "https://zenodo.org", community: str = "OSSR") -> tuple[Statement, ...]:
    """The statements about an entry, the weaker one first: its CodeMeta file, if any, then the record itself."""
    record = _record(entry, site, community)
    if not entry.codemeta:
        return (record,)
    source = Source(label=f"CodeMeta file of {entry.record.doi}", url=record_url(entry.record, site))
    return codemeta_statement(entry.identity, entry.codemeta, source), record


def site_of(api: str) -> str:
    """The URL of the site that an API belongs to: `https://zenodo.org/api` -> `https://zenodo.org`."""
    return api.rstrip("/").removesuffix("/api").rstrip("/")


def record_url(record: Record, site: str) -> str:
    """The URL of a record's page."""
    return f"{site}/records/{record.id}"


def _record(entry: Entry, site: str, community: str) -> Statement:
    record = entry.record
    source = Source(label=f"{community} record {record.doi}", url=record_url(record, site))
    name = record.name or f"Untitled record {record.id}"
    description = clean_html(record.description)
    pictureless = without_pictures(record.description)
    summary = summary_of(description if pictureless == record.description else clean_html(pictureless)) or None
    repository, no_repository, relation = _repository(record)
    languages = runtimes(record.code_languages)
    words = keywords(record.keywords)
    found = interfaces(words, record.title)
    if record.kind.endswith("computationalnotebook"):
        found |= {Interface.NOTEBOOK}
    state, note = State.CURRENT, None
    if entry.withdrawn:
        state, note = State.WITHDRAWN, f"{entry.withdrawn.reason} (noticed on {when(entry.withdrawn.date)})"
    elif record.access in ("restricted", "embargoed"):
        state = State.RESTRICTED
        until = f" until {loose_date(record.embargo_until)}" if record.embargo_until else ""
        note = f"the files of its record are {record.access}{until}"
    concluded = {"name": name != record.title, "summary": bool(summary), "interfaces": bool(found)}
    derived = {field: _derived(source) for field, is_so in concluded.items() if is_so}
    of_software = {"repository": relation == "codeRepository", "runtimes": bool(languages)}
    custom = {
        field: replace(source, label=f"{source.label} ({_CUSTOM_FIELDS[field]})")
        for field, is_so in of_software.items()
        if is_so
    }
    return Statement(
        identity=entry.identity,
        source=source,
        places=tuple(sorted({**derived, **custom}.items())),
        slug=entry.slug,
        former_slugs=entry.former_slugs or None,
        name=name,
        summary=summary,
        description=description if plain(description) else None,
        interfaces=found or None,
        runtimes=languages or None,
        keywords=words or None,
        authors=people(vars(each) for each in record.creators) or None,
        more_authors=record.more_creators or None,
        licence=_licence(record.licences),
        version=record.version,
        doi=record.doi,
        concept_doi=entry.concept_doi,
        former_dois=entry.former_dois or None,
        repository=repository,
        no_repository=no_repository,
        archive=_archive(record) if record.access == "open" else None,
        documentation=_documentation(record) or None,
        published=record.published,
        created=(record.created or "")[:10] or None,
        versions=tuple(Version(doi=v.doi, version=v.version, published=v.published) for v in entry.versions) or None,
        record_url=record_url(record, site),
        state=state,
        state_note=note,
    )


def _derived(source: Source) -> Source:
    """The source of a value that we infer from what it states."""
    return replace(source, label=f"derived from {source.label}", derived=True)


def _licence(stated: Iterable[str]) -> Licence | None:
    """The first licence; or if several of them are known to SPDX, all of these as one expression with AND."""
    known = [found for each in stated if (found := zenodo_licence(each))]
    several = unique(f"({each.spdx})" if " OR " in (each.spdx or "") else each.spdx or "" for each in known)
    if len(several) > 1 and (joined := licence(" AND ".join(several))) and joined.spdx:
        return joined
    return known[0] if known else None


def _repository(record: Record) -> tuple[Repository | None, str | None, str | None]:
    """The repository in the related identifiers, else the record itself if it is a single zip; why there is none; the relation."""
    why = None
    for relation in _CODE_RELATIONS:
        for each in record.related:
            if each.relation != relation:
                continue
            found = parse_repository(each.identifier)
            if isinstance(found, Repository) and found.provider is not Provider.ZENODO:
                return found, None, relation
            # To supplement a paper is no mistake.
            if isinstance(found, NoRepository) and each.identifier.startswith("http") and not is_paper(each.identifier):
                shown = re.sub(r"//[^/]*@", "//", clean(each.identifier, 120))  # never with a password
                why = why or f"its record names {shown} ({relation}): {found.why}"
    return (None, why, None) if (archive := _archive(record)) is None else (archive, None, None)


def _archive(record: Record) -> Repository | None:
    """The record as a repository, None unless it is a single zip: builders unpack nothing else."""
    if len(record.files) == 1 and record.files[0].name.endswith(".zip") and record.doi.startswith("10.5281/zenodo."):
        return Repository(host="zenodo.org", path=record.doi)
    return None


def _documentation(record: Record) -> tuple[str, ...]:
    return unique(
        each.identifier
        for each in record.related
        if each.relation == "isDocumentedBy" and _is_public_address(each.identifier)
    )


def _is_public_address(text: str) -> bool:
    """Whether the text is an http or https URL without a user name or password."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


_BY_NAME, _BY_ADDRESS = ("name", "url", "@id"), ("url", "@id", "name")
_ADDRESSES = frozenset(["codeRepository", "license"])  # what their objects are called says less than where they are
_LICENCE_FILE = re.compile(r"\.{0,2}/.*|(?:licen[cs]e|copying|copyright)(?:\.\w+)?", re.IGNORECASE)


def _words(codemeta: Mapping[str, object], key: str) -> list[str]:
    """The texts in a value of a CodeMeta file."""
    return _texts(codemeta.get(key), is_address=key in _ADDRESSES)


def _texts(value: object, is_address: bool, depth: int = 5) -> list[str]:
    """The texts in a text, an object, or a list of these; lists nested more than `depth` deep are ignored.

    Of an object its name is taken, else its URL or id; of one with an address, all of these, the name last.
    """
    if isinstance(value, dict):
        given = [value[key] for key in (_BY_ADDRESS if is_address else _BY_NAME) if value.get(key)]
        value = given if is_address else given[:1]
    if isinstance(value, list):
        return [word for item in value for word in _texts(item, is_address, depth - 1)] if depth else []
    words = clean(value, 5000)
    return [words] if words else []


def _first_known(stated: Iterable[str]) -> Licence | None:
    """The first licence that SPDX knows, else the first; a file in the repository is none."""
    found = [each for words in stated if not _LICENCE_FILE.fullmatch(words) and (each := licence(words))]
    return next((each for each in found if each.spdx), next(iter(found), None))


def codemeta_statement(identity: str, codemeta: Mapping[str, object], source: Source) -> Statement:
    """The statement of a CodeMeta file about the software with this identity."""

    def first(values: Iterable[Any]) -> Any:
        return next(iter(values), None)

    repository = first(
        found
        for address in _words(codemeta, "codeRepository")
        if isinstance(found := parse_repository(address), Repository) and found.provider is not Provider.ZENODO
    )
    categories = [
        word
        for key in ("applicationCategory", "applicationSubCategory", "runtimePlatform")
        for word in _words(codemeta, key)
    ]
    stated = codemeta.get("keywords")
    words = keywords(stated.split(",") if isinstance(stated, str) else _words(codemeta, "keywords"))
    platforms = runtimes([*_words(codemeta, "programmingLanguage"), *_words(codemeta, "runtimePlatform")])
    description = clean_markdown(first(_words(codemeta, "description")) or "")
    summary = summary_of(description) or None
    used = interfaces([*categories, *words]) or None
    concluded = {"summary": summary, "interfaces": used}
    return Statement(
        identity=identity,
        source=source,
        places=tuple((field, _derived(source)) for field in sorted(concluded) if concluded[field]),
        name=clean(first(_words(codemeta, "name"))) or None,
        summary=summary,
        description=description if plain(description) else None,
        interfaces=used,
        runtimes=platforms or None,
        keywords=words or None,
        licence=_first_known(_words(codemeta, "license")),
        repository=repository,
    )


CODEMETA_KEYS = frozenset([
    "name", "description", "license", "codeRepository", "programmingLanguage", "runtimePlatform", "keywords",
    "applicationCategory", "applicationSubCategory",
])  # fmt: skip


def codemeta_facts(data: object) -> dict[str, JsonValue] | None:
    """The part of a CodeMeta file that the snapshot keeps, which is what is read here; None if it is not a JSON object."""
    if not isinstance(data, dict):
        return None
    kept: dict[str, JsonValue] = {}
    for key in sorted(CODEMETA_KEYS & data.keys()):
        words = [word[:2000] for word in _words(data, key)][:200]
        if words:
            kept[key] = list(words) if len(words) > 1 or isinstance(data[key], list) else words[0]
    return kept
