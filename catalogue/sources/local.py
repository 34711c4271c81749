"""notebooks.yaml -> statements about software: local entries, and overrides of harvested entries."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ..model import Interface, Notebook, Source, State, Statement
from ..problems import Place, Problem, Severity
from ..repository import NoRepository, Repository, parse_repository
from ..text import clean_markdown, first_sentences, plain, unique
from .entry import (
    Doi,
    Entry,
    Line,
    NonEmptyList,
    PathLine,
    Prose,
    PublicUrl,
    Slug,
    bare_doi,
    has_key,
    optional,
    read_documents,
    required,
    validated_items,
)
from .vocabulary import licence, meant_runtime, orcid, people, runtimes, similar_licences
from .yaml_text import Path, YamlDocument

FILE, FOLDER, KEY = "notebooks.yaml", "notebooks", "software"


def _repository_address(text: str) -> str:
    found = parse_repository(text)
    if isinstance(found, NoRepository):
        raise ValueError(found.why)
    return text


def _ref(text: str) -> str:
    found = parse_repository("https://github.com/owner/name", ref=text)
    if isinstance(found, NoRepository):
        raise ValueError(found.why)
    if text.endswith(","):
        raise ValueError(f"the ref {text!r} ends with a comma")
    return text


def _path(text: str) -> str:
    if "://" in text:
        found = parse_repository(text)
        inside = found.file if isinstance(found, Repository) else None
        raise ValueError(f"is a URL: write the path inside the repository{f', as in {inside!r}' if inside else ''}")
    if "\\" in text:
        raise ValueError("has a backslash in it: write `/` between folders, even on Windows")
    found = parse_repository("https://github.com/owner/name", file=text)
    if isinstance(found, NoRepository) or found.file != text:
        raise ValueError("must be a path inside the repository, without `/` before or after it and without `..`")
    if text == "None":
        raise ValueError("`None` would be the name of a file: leave the key out if there is no notebook to name")
    return text


def _orcid(text: str) -> str:
    if orcid(text) is None:
        raise ValueError(f"{text!r} is not an ORCID: check its sixteen digits")
    return text


def _spdx(text: str) -> str:
    found = licence(text)
    if found is None or found.spdx is None:
        raise ValueError(f"{text!r} is not an SPDX licence: {_licence_remedy(text)}")
    return text


def _licence_remedy(text: str) -> str:
    parts = [licence(part) for part in re.split(r"\s*[/,;|&]\s*|\s+\+\s+", text)]
    ids = [each.spdx for each in parts if each and each.spdx]
    if len(ids) == len(parts) > 1:
        return f"write {' OR '.join(ids)!r} if one may choose, {' AND '.join(ids)!r} if all of them apply"
    near = " or ".join(repr(each) for each in similar_licences(text))
    return f"did you mean {near}?" if near else "see https://spdx.org/licenses/, or leave it out if there is none"


class AuthorEntry(Entry):
    """An author."""

    name: Line = required("The name as it should be shown.")
    orcid: Annotated[str, AfterValidator(_orcid)] | None = optional("ORCID, sixteen digits with hyphens.")
    affiliation: Line | None = optional("Where they work.")


class NotebookEntry(Entry):
    """A notebook inside the repository."""

    path: Annotated[PathLine, AfterValidator(_path)] = required("Path from the top of the repository.")
    title: Line | None = optional("What it shows.")


class SoftwareEntry(Entry):
    """A local entry (with `id`), or an override of a harvested entry (with `ossr`)."""

    id: Slug | None = optional(
        "A local entry: its slug, the part of its URLs that names it, `/software/<id>/`. Never change it."
    )
    ossr: Doi | None = optional(
        "An entry of the harvest: its concept DOI, which means all versions, as it is or as a URL. The other keys then override what its record says."
    )
    formerly: NonEmptyList[Slug] | None = optional("Earlier slugs, whose URLs redirect to the present one.")
    name: Line | None = optional("The name that readers know it by.")
    also_known_as: NonEmptyList[Line] | None = optional("Other names, found by the search.")
    summary: Line | None = optional("One or two sentences; taken from the description if it is left out.")
    description: Prose | None = optional("What it does and for whom, in Markdown.")
    interfaces: NonEmptyList[Annotated[Interface, Field(strict=False)]] | None = optional("How it is used.")
    platforms: NonEmptyList[Line] | None = optional("Languages and platforms, as in Python, C++, Java, Docker.")
    keywords: NonEmptyList[Line] | None = optional("Words that it should be found by.")
    authors: NonEmptyList[AuthorEntry] | None = optional("Who wrote it.")
    licence: Annotated[str, AfterValidator(_spdx)] | None = optional("Its licence as an SPDX expression.")
    repository: Annotated[str, AfterValidator(_repository_address)] | None = optional(
        "Where its code is: any spelling of a Git repository, a Zenodo DOI or a gist."
    )
    ref: Annotated[str, AfterValidator(_ref)] | None = optional("Branch, tag or commit; HEAD for the default branch.")
    notebooks: NonEmptyList[NotebookEntry] | None = optional("Its notebooks; links open the first.")
    ports: NonEmptyList[Annotated[int, Field(ge=1, le=65535)]] | None = optional(
        "Outgoing TCP ports that it needs beyond 80 and 443, as in [21] for ftp."
    )
    needs_packages: bool | None = optional(
        "Say false if it needs nothing but Python: then no environment file is required."
    )
    homepage: PublicUrl | None = optional("Its page on the web; of a web application, where it runs.")
    documentation: NonEmptyList[PublicUrl] | None = optional("Its handbooks.")
    reads: NonEmptyList[Line] | None = optional(
        "Data collections, formats and protocols that it reads. A facility whose `data` has one of them, spelt alike, is offered first, before others with the same verdict and health."
    )
    left_out: Line | None = optional(
        "Why this catalogue does not (or no longer) list the entry, as in `not software`: its pages say so, and nothing is launched."
    )

    # A key that these depend on is missing from `info.data` if it has a mistake, which is reported already.
    @field_validator("ref")
    @classmethod
    def _ref_of_url(cls, ref: str | None, info: ValidationInfo) -> str | None:
        address = info.data.get("repository")
        if not ref or not address:
            return ref
        found, stated = parse_repository(address), parse_repository(address, ref=ref)
        if isinstance(found, Repository) and isinstance(stated, Repository) and found.ref:
            # Without the stated ref, one with slashes in it would end at the first of them.
            named = "/".join(filter(None, (found.ref, found.file)))
            if not f"{named}/".startswith(f"{stated.ref or 'HEAD'}/"):
                raise ValueError(f"is {ref!r}, and the URL of the repository names {found.ref!r}: leave one out")
        return ref

    @field_validator("notebooks")
    @classmethod
    def _notebook_of_url(
        cls, notebooks: list[NotebookEntry] | None, info: ValidationInfo
    ) -> list[NotebookEntry] | None:
        address = info.data.get("repository") if "ref" in info.data else None
        found = parse_repository(address, ref=info.data["ref"]) if notebooks and address else None
        if notebooks and isinstance(found, Repository) and found.file not in (None, notebooks[0].path):
            raise ValueError(
                f"the list begins with {notebooks[0].path!r}, and the URL of the repository names {found.file!r}, which would "
                "be opened: leave one out"
            )
        return notebooks


def read_local(text: str, file: str = FILE) -> tuple[list[Statement], list[Problem]]:
    """The statements in a file, in its order, and everything that is wrong with it."""
    return read_local_files({file: text})


def read_local_files(texts: Mapping[str, str]) -> tuple[list[Statement], list[Problem]]:
    """The statements in files by name, in their order, and everything that is wrong with them."""
    documents, unreadable = read_documents(texts)
    entries, problems = validated_items(SoftwareEntry, documents, KEY)
    nameless = {(document.file, path): problem for document in documents for path, problem in _unidentified(document)}
    entries = [each for each in entries if (each[0].file, each[1]) not in nameless]
    problems.extend(nameless.values())
    seen: dict[str, Place] = {}
    for document in documents:
        for path, item in _items(document):
            if "id" in item and item.get("ref") and not has_key(SoftwareEntry, item, "repository"):
                text = "ref: a ref needs a `repository`: add one, or leave the ref out"
                problems.append(Problem(document.place((*path, "ref")), text))
            if isinstance(doi := item.get("ossr"), str):
                place = document.place((*path, "ossr"))
                if (first := seen.setdefault(bare_doi(doi).casefold(), place)) != place:
                    text = f"ossr: {doi!r} is given twice, first at {first}: put both into one entry"
                    problems.append(Problem(place, text))
    for document, path, entry in entries:
        for index, each in enumerate(entry.platforms or ()):
            for name in runtimes([each]):
                if meant := meant_runtime(name):
                    text = f"platforms: unknown name {name!r}; did you mean {meant!r}?"
                    problems.append(Problem(document.place((*path, "platforms", index)), text, Severity.WARNING))
    return [_statement(entry, path, document) for document, path, entry in entries], [*unreadable, *problems]


def _items(document: YamlDocument) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """The entries of a document, with and without mistakes, by path."""
    items = document.data.get(KEY) if isinstance(document.data, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (KEY, index), item


def _unidentified(document: YamlDocument) -> Iterator[tuple[Path, Problem]]:
    """The entries that have neither `id` nor `ossr`, or both, or an `id` without a name, by path; each with its problem."""
    for path, item in _items(document):
        if ("id" in item) == ("ossr" in item):
            ways = "`id` (a local entry) or `ossr` (an OSSR entry's concept DOI)"
            text = f"give either {ways}, not both" if "id" in item else f"give either {ways}"
            yield path, Problem(document.place(path), f"id: {text}")
        elif "id" in item and not has_key(SoftwareEntry, item, "name"):
            yield path, Problem(document.place(path), "name: is missing")


def _statement(entry: SoftwareEntry, at: Path, document: YamlDocument) -> Statement:
    found = parse_repository(entry.repository, ref=entry.ref) if entry.repository else None
    description = clean_markdown(entry.description) if entry.description else None
    keys = {
        "also_known_as": "alternate_names",
        "platforms": "runtimes",
        "formerly": "former_slugs",
        "left_out": "state_note",
    }
    places = {
        keys.get(key, key): Source(
            label=f"{document.file}:{document.key_place((*at, key)).line}",
            place=document.key_place((*at, key)),
        )
        for key in entry.model_fields_set
    }
    if entry.description and not entry.summary:
        places["summary"] = places["description"]
    place = document.place(at)
    return Statement(
        identity=entry.ossr or entry.id or "",
        source=Source(label=f"{document.file}:{place.line}", place=place),
        places=tuple(sorted(places.items())),
        slug=entry.id,
        former_slugs=tuple(entry.formerly) if entry.formerly else None,
        name=entry.name,
        alternate_names=unique(entry.also_known_as) if entry.also_known_as else None,
        summary=entry.summary or (first_sentences(plain(description)) if description else None),
        description=description,
        interfaces=frozenset(entry.interfaces) if entry.interfaces else None,
        runtimes=runtimes(entry.platforms) if entry.platforms else None,
        keywords=unique(entry.keywords) if entry.keywords else None,
        authors=people(each.model_dump() for each in entry.authors) if entry.authors else None,
        licence=licence(entry.licence),
        repository=found if isinstance(found, Repository) else None,
        ref=entry.ref if not entry.repository else None,
        notebooks=tuple(Notebook(path=each.path, title=each.title) for each in entry.notebooks)
        if entry.notebooks
        else None,
        ports=tuple(sorted(set(entry.ports))) if entry.ports else None,
        needs_packages=entry.needs_packages,
        homepage=entry.homepage,
        documentation=tuple(entry.documentation) if entry.documentation else None,
        reads=unique(entry.reads) if entry.reads else None,
        state=State.WITHDRAWN if entry.left_out else None,
        state_note=f"this catalogue leaves it out: {entry.left_out.rstrip('.')}" if entry.left_out else None,
    )
