"""Factories for tests: each makes one domain object from a few arguments, with plain defaults for the rest."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from catalogue.launch.kinds import KINDS
from catalogue.launch.refs import editions, wanted_refs
from catalogue.model import Catalogue, Facility, Interface, Limits, Login, Provenance, Software, Source, Statement
from catalogue.observed import Look, Observed, SeenNotebook, SeenRepository
from catalogue.pipeline import Inputs, build_catalogue
from catalogue.problems import Place, as_text
from catalogue.repository import Repository, parse_repository
from catalogue.sources.facilities import with_slash
from catalogue.sources.snapshot import Creator, Entry, Harvest, Record, Related, Snapshot, StoredFile, write_snapshot
from catalogue.text import slugify

SITE = """\
title: Small catalogue
tagline: Two tools and a hub.
base_url: https://catalogue.example.org/
community: small
community_title: Small community
community_url: https://zenodo.org/communities/small
contact: help@example.org
repository: https://github.com/small/catalogue
"""
FACILITIES = """\
facilities:
  - id: binder
    name: Binder
    kind: binderhub
    url: https://binder.example.org/
    description: Builds and opens. For everyone.
"""
NO_FACILITIES = "facilities: []\n"
NO_NOTEBOOKS = "software: []\n"

CODE_OF_TOOL = (("isSupplementTo", "https://github.com/owner/tool"),)

NOTEBOOK = frozenset({Interface.NOTEBOOK})
LIBRARY = frozenset({Interface.LIBRARY})
DESKTOP = frozenset({Interface.DESKTOP})
COMMAND_LINE = frozenset({Interface.COMMAND_LINE})


def repository(address: str, **says: Any) -> Repository:
    """The repository at a URL."""
    found = parse_repository(address, **says)
    assert isinstance(found, Repository), found
    return found


READY = ("requirements.txt",)
LOOKED = "2026-01-01T03:41:00Z"
COMMIT = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"


def look(ref: str | None = None, files: Iterable[str] = READY, notebooks: Iterable[str] = (), **says: Any) -> Look:
    """The observed state of a ref; by default it has an environment file."""
    seen = tuple(SeenNotebook(path=path) for path in notebooks)
    commit = hashlib.sha1(ref.encode(), usedforsecurity=False).hexdigest() if ref else COMMIT
    return Look(**{"seen": LOOKED, "ref": ref, "commit": commit, "files": tuple(files), "notebooks": seen, **says})


def seen(address: str, *looks: Look, **says: Any) -> SeenRepository:
    """An inspected repository; by default only its default branch was inspected."""
    return SeenRepository(**{"repository": address, "asked": LOOKED, "looks": looks or (look(),), **says})


def observed(*repositories: SeenRepository, **says: Any) -> Observed:
    """Observations of these repositories."""
    return Observed(**{"inspected": LOOKED if repositories else None, "repositories": repositories, **says})


def software(slug: str = "tool", **says: Any) -> Software:
    """A piece of software; its repository may be given as a URL, and the observed state of that as `seen`.

    By default all refs were inspected, and have an environment file and the notebooks that are named; `seen=None` means
    that the repository was not inspected.
    """
    if isinstance(says.get("repository"), str):
        says["repository"] = repository(says["repository"])
    known = says.pop("seen", ...)
    found = Software(**{"identity": slug, "slug": slug, "name": slug.title(), **says})
    if found.repository is None or found.editions:
        return found
    if known is ...:
        named = [path for path in (found.repository.file, *(each.path for each in found.notebooks)) if path]
        known = seen(found.repository.url, *(look(ref, notebooks=named) for ref in wanted_refs(found)))
    return replace(found, editions=editions(found, {known.repository: known} if known else {}))


def notebook(slug: str = "tool", **says: Any) -> Software:
    """A notebook on GitHub."""
    return software(slug, **{"interfaces": NOTEBOOK, "repository": f"https://github.com/owner/{slug}", **says})


def facility(kind: str = "binderhub", slug: str = "hub", **says: Any) -> Facility:
    """A facility with the defaults of its kind; `options` as in facilities.yaml."""
    module = KINDS[kind]
    url = with_slash(says.pop("url", f"https://{slug}.example.org/"))
    plain: dict[str, Any] = {
        "name": slug.title(),
        "insecure": url.startswith("http:"),
        "seen": "2026-01",
        "closed": None,
        "summary": "",
        "description": Markup(),
        "operator": None,
        "interfaces": module.INTERFACES,
        "providers": module.PROVIDERS,
        "login": Login.NONE,
        "limits": Limits(),
        "ports": (),
        "data": (),
        "contact": None,
        "documentation": None,
        "place": Place(file="facilities.yaml", line=2, column=5),
    }
    options = module.OPTIONS.model_validate(says.pop("options", {}))
    return Facility(slug=slug, kind=kind, url=url, options=options, **(plain | says))


def statement(label: str = "OSSR record", **says: Any) -> Statement:
    """A statement of a source called `label`; the first statement of an entry needs a slug."""
    if isinstance(says.get("repository"), str):
        says["repository"] = repository(says["repository"])
    return Statement(**{"identity": "10.5281/zenodo.1000", "source": Source(label=label), **says})


def entry(number: int = 1001, **says: Any) -> Entry:
    """An entry of the snapshot with record `number`, whose concept is the number before it.

    Creators are given as names, related identifiers as pairs, files as names. Arguments that are fields of an entry are set
    there, all others in the record.
    """
    of_entry = {name: says.pop(name) for name in [*says] if name in Entry.model_fields}
    says["creators"] = tuple(Creator(name=name) for name in says.get("creators", ()))
    says["related"] = tuple(Related(relation=relation, identifier=found) for relation, found in says.get("related", ()))
    says["files"] = tuple(StoredFile(name=name) for name in says.get("files", ()))
    record = Record(
        **{"id": str(number), "doi": f"10.5281/zenodo.{number}", "title": "Tool", "kind": "software", **says}
    )
    concept = f"10.5281/zenodo.{number - 1}"
    slug = slugify(record.name, f"record-{number}")
    return Entry(**{"identity": concept, "concept_doi": concept, "slug": slug, "record": record, **of_entry})


def snapshot(*entries: Entry, **harvest: Any) -> Snapshot:
    """A snapshot of these entries, from a harvest that saw one record of each except the withdrawn ones."""
    plain: dict[str, Any] = {"api": "https://zenodo.org/api", "community": "small", "harvested": "2026-01-02T03:04:05Z"}
    seen = sum(each.withdrawn is None for each in entries) + len(harvest.get("left_out", ()))
    return Snapshot(tuple(sorted(entries, key=lambda each: each.slug)), Harvest(**{**plain, "seen": seen, **harvest}))


def files(*entries: Entry, **harvest: Any) -> Mapping[str, str]:
    """The texts of that snapshot's files by name."""
    return write_snapshot(snapshot(*entries, **harvest))


def reworded(found: Catalogue) -> Catalogue:
    """The catalogue with the labels of all sources changed: they are for people, and nothing must depend on them."""

    def other(source: Source) -> Source:
        return replace(source, label=f"«{source.label}»")

    def told(each: Provenance) -> Provenance:
        return replace(each, source=other(each.source), also=tuple(map(other, each.also)))

    software = (replace(each, provenance=tuple(map(told, each.provenance))) for each in found.software)
    return replace(found, software=tuple(software))


def inputs(*entries: Entry, **says: Any) -> Inputs:
    """The inputs of a build: these entries, one BinderHub, no local entries; a file may be given as its text."""
    harvest = {name: says.pop(name) for name in [*says] if name in Harvest.model_fields}
    plain: dict[str, Any] = {
        "site": SITE,
        "facilities": FACILITIES,
        "notebooks": NO_NOTEBOOKS,
        "snapshot": files(*entries, **harvest),
    }
    made = plain | says
    for name, file in (("facilities", "facilities.yaml"), ("notebooks", "notebooks.yaml")):
        if isinstance(made[name], str):
            made[name] = {file: made[name]}
    return Inputs(**made)


def catalogue(*entries: Entry, **says: Any) -> Catalogue:
    """The catalogue of such a build, which must have no problems."""
    found, problems = build_catalogue(inputs(*entries, **says))
    assert as_text(problems) == ""
    assert found is not None
    return found
