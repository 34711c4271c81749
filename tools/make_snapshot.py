"""Make `snapshot/` from a file of facts about OSSR records, as the harvester would have written it.

    python -m tools.make_snapshot PATH/records.yaml snapshot/

The first real harvest replaces its output. The facts are about single versions of records; some versions are known
completely, others by little more than their number. Nothing is made up: what is unknown of the newest version is either
taken from the newest version that is known completely, which the snapshot's note says, or left out.
"""

import argparse
import html
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue

from catalogue.launch.readiness import environment_paths
from catalogue.observed import Look, Observed, SeenRepository
from catalogue.repository import Repository, parse_repository
from catalogue.sources.observed import write_observed
from catalogue.sources.ossr import codemeta_facts
from catalogue.sources.snapshot import (
    Creator,
    Entry,
    Harvest,
    HarvestedRecord,
    LeftOut,
    OlderVersion,
    Record,
    Related,
    Snapshot,
    StoredFile,
    newest_versions,
    write_snapshot,
)
from catalogue.text import slugify

API = "https://zenodo.org/api"
COMMUNITY = "escape2020"
KINDS = ("software", "workflow")
HARVESTED = "2026-06-03T00:00:00Z"  # the newest observation in the facts, a listing of the community
NOTE = (
    "This snapshot was made by hand from facts about records that were seen between June 2024 and June 2026 "
    "(some older versions in 2021), with descriptions in our own words. Where little is known of the newest version, as of "
    "eOSSR, Gammapy and MOCPy, the version before speaks for it. The first nightly harvest replaces it."
)

# Two versions whose concept the facts do not state: 19981311 is the eossr of the day on which eossr 2.3.1 was built,
# 4601451 has gLike's name and repository.
CONCEPTS = {19981311: "10.5281/zenodo.5524912", 4601451: "10.5281/zenodo.3967385"}

# The parts that a version known only by its number takes from the newest one known completely. Version, dates and files are
# not among them, since they differ from version to version.
CARRIED_OVER = ("title", "description", "creators", "keywords", "licences", "related", "kind", "access")
_CODE_RELATIONS = ("isSupplementTo", "isDerivedFrom")
_COMMIT = re.compile(r"/(?:blob|tree|commit)/([0-9a-f]{7,40})(?:/|$)")
_HOOK_TITLE = re.compile(r"(?P<project>[\w.-]+/[\w.-]+): .*")


class _Facts(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class RelatedFact(_Facts):
    """A related identifier of a record."""

    relation: str
    identifier: str


class RecordFact(_Facts):
    """The facts about one version of a record. `name` is ours, `title` is Zenodo's."""

    id: int | None = None
    state: Literal["full", "partial"]
    membership: str
    name: str
    title: str = ""
    doi: str = ""
    concept_doi: str | None = None
    version: str | None = None
    publication_date: str | None = None
    created: str | None = None
    resource_type: str = "software"
    license: str | None = None
    license_spdx: str | None = None
    repository_license: str | None = None
    keywords: tuple[str, ...] = ()
    authors: tuple[Creator, ...] = ()
    repository: str | None = None
    repository_from: str | None = None
    documentation: tuple[str, ...] = ()
    related_identifiers: tuple[RelatedFact, ...] = ()
    programming_languages: tuple[str, ...] = ()
    runtime_platform: tuple[str, ...] = ()
    codemeta_file_in_record: bool = False
    files: tuple[StoredFile, ...] = ()
    description: str = ""
    binder_files: tuple[str, ...] = ()
    notebooks_in_repository: int | None = None
    facts_from: str = ""

    @property
    def concept(self) -> str | None:
        """The concept DOI, which all versions share; None if unknown."""
        return self.concept_doi or CONCEPTS.get(self.id or 0)

    @property
    def unusable(self) -> str | None:
        """Why it cannot be in a snapshot, None if it can."""
        if self.membership.startswith("unproven"):
            return f"not shown to be in the community: {self.membership.removeprefix('unproven').strip(' ()')}"
        return None if self.id else "its number on Zenodo is not known"


class Unidentified(_Facts):
    """Records seen in the community of which only the numbers are known."""

    ids: tuple[int, ...]


class Facts(_Facts):
    """The file of facts."""

    records: tuple[RecordFact, ...]
    unidentified: Unidentified


def record_of(fact: RecordFact) -> Record:
    """The facts of one version as a record of the snapshot."""
    files = list(fact.files)
    if fact.codemeta_file_in_record and not any(file.name.endswith("codemeta.json") for file in files):
        files.append(StoredFile(name="codemeta.json"))
    licence = fact.license or (fact.license_spdx or "").lower()
    return Record(
        id=str(fact.id),
        doi=fact.doi,
        title=fact.title or fact.name,
        description=f"<p>{html.escape(fact.description.strip(), quote=False)}</p>" if fact.description else "",
        creators=fact.authors,
        keywords=fact.keywords,
        licences=(licence,) if licence else (),
        related=_related(fact),
        version=fact.version,
        published=fact.publication_date,
        created=fact.created,
        kind=fact.resource_type,
        files=tuple(files),
    )


def _related(fact: RecordFact) -> tuple[Related, ...]:
    """The related identifiers of the record; for a record known in part, inferred from what is known of the project."""
    if fact.related_identifiers or fact.state == "full":
        return tuple(Related(relation=each.relation, identifier=each.identifier) for each in fact.related_identifiers)
    code = [Related(relation="isSupplementTo", identifier=fact.repository)] if fact.repository else []
    return (*code, *(Related(relation="isDocumentedBy", identifier=address) for address in fact.documentation))


def codemeta_of(fact: RecordFact) -> dict[str, JsonValue] | None:
    """The known facts of a record's CodeMeta file; None if it has no such file, or nothing is known of it.

    A repository known from another source is left out, since the file may not have it.
    """
    if not fact.codemeta_file_in_record:
        return None
    known = {
        "programmingLanguage": list(fact.programming_languages),
        "runtimePlatform": list(fact.runtime_platform),
        "license": fact.repository_license,
        "codeRepository": None if fact.repository_from else fact.repository,
    }
    return codemeta_facts({key: value for key, value in known.items() if value}) or None


def carried_over(newest: Record, complete: Record) -> Record:
    """The newest version with the parts that an earlier one states about the project."""
    parts = {name: value for name in CARRIED_OVER if (value := getattr(complete, name))}
    # A title such as `owner/repo: Release v1` and a URL such as `…/tree/v1` hold for the project only without the tag.
    parts["title"] = _HOOK_TITLE.sub(r"\g<project>", complete.title)
    parts["related"] = tuple(each.model_copy(update={"identifier": _without_tag(each)}) for each in complete.related)
    return newest.model_copy(update=parts)


def _without_tag(related: Related) -> str:
    found = parse_repository(related.identifier) if related.relation in _CODE_RELATIONS else None
    return found.url if isinstance(found, Repository) and found.ref else related.identifier


def entry_of(seen: HarvestedRecord, older: list[HarvestedRecord], facts: Mapping[str, RecordFact]) -> Entry:
    """The entry of the newest version, with the older ones as its history."""
    fact = facts[seen.record.id]
    history = [each.record for each in older if each.concept_doi and each.concept_doi == seen.concept_doi]
    complete = next((record for record in history if facts[record.id].state == "full"), None)
    record = seen.record
    if fact.state == "partial" and complete:
        record = carried_over(record, complete)
    return Entry(
        identity=seen.concept_doi or record.doi,
        concept_doi=seen.concept_doi,
        # The slug never changes, so it is made from the project's own name rather than from an odd title.
        slug=slugify(fact.name, f"record-{record.id}"),
        record=record,
        codemeta=codemeta_of(fact),
        versions=tuple(OlderVersion(doi=past.doi, version=past.version, published=past.published) for past in history),
    )


def snapshot_of(facts: Facts, harvested: str = HARVESTED) -> Snapshot:
    """The snapshot of everything that was seen in the community; each record is published or accounted for."""
    usable = {str(fact.id): fact for fact in facts.records if fact.unusable is None}
    # Zenodo's version index is known for some records only, but record numbers grow with time.
    seen = [HarvestedRecord(record_of(fact), fact.concept, index=fact.id or 0) for fact in usable.values()]
    newest, older, left_out = newest_versions(seen, KINDS)
    left_out += [
        LeftOut(id=str(number), title="", reason="only its number is known, from a list of the community of 2021")
        for number in facts.unidentified.ids
    ]
    entries = sorted((entry_of(each, older, usable) for each in newest.values()), key=lambda entry: entry.slug)
    harvest = Harvest(
        api=API,
        community=COMMUNITY,
        harvested=harvested,
        note=NOTE,
        seen=len(entries) + len(left_out),
        left_out=tuple(sorted(left_out, key=lambda line: (line.id, line.reason))),
    )
    return Snapshot(tuple(entries), harvest)


def observed_of(facts: Facts, seen: str = HARVESTED) -> Observed:
    """The known states of repositories: at the default branch in 2026, the files that determine the environment.

    Only the number of notebooks is known. A repository with a lone `pyproject.toml` is left out: its contents would decide.
    """
    looks: dict[str, SeenRepository] = {}
    for fact in facts.records:
        found = parse_repository(fact.repository) if fact.repository else None
        files = environment_paths(fact.binder_files)
        if not isinstance(found, Repository) or not files or files == ("pyproject.toml",):
            continue
        commit = _COMMIT.search(fact.facts_from)
        look = Look(
            seen=seen,
            commit=commit[1] if commit else None,
            files=files,
            more_notebooks=fact.notebooks_in_repository or 0,
            cut=fact.notebooks_in_repository is None,
        )
        plain = replace(found, ref=None, file=None)
        looks.setdefault(plain.url, SeenRepository(repository=plain.url, asked=seen, looks=(look,)))
    return Observed(inspected=seen if looks else None, repositories=tuple(looks.values()))


def main() -> None:
    """Read the facts, write the folder, print what became of each record."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("facts", type=Path, help="the file of facts, records.yaml")
    arguments.add_argument("folder", type=Path, help="the folder to write, whose other JSON files are removed")
    arguments.add_argument("--harvested", default=HARVESTED, help=f"time of the newest observation ({HARVESTED})")
    given = arguments.parse_args()
    facts = Facts.model_validate(yaml.safe_load(given.facts.read_text("utf-8")))
    snapshot = snapshot_of(facts, given.harvested)
    files = write_snapshot(snapshot)
    given.folder.mkdir(exist_ok=True)
    for old in given.folder.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (given.folder / name).write_text(text, "utf-8", newline="\n")
    seen = write_observed(observed_of(facts, given.harvested))
    (given.folder / "observed").mkdir(exist_ok=True)
    for name, text in seen.items():
        (given.folder / "observed" / name).write_text(text, "utf-8", newline="\n")
    _report(snapshot, facts)


def _report(snapshot: Snapshot, facts: Facts) -> None:
    older = sum(len(entry.versions) for entry in snapshot.entries)
    lines = snapshot.harvest.left_out if snapshot.harvest else ()
    print(f"{len(snapshot.entries)} entries, {older} older versions, {len(lines) - older} left out:")
    for line in lines:
        if not line.reason.startswith("older version"):
            print(f"  {line.id} {line.title}: {line.reason}")
    unusable = [fact for fact in facts.records if fact.unusable]
    print(f"{len(unusable)} facts not used, as no harvest would have brought them:")
    for fact in unusable:
        print(f"  {fact.name}: {fact.unusable}")


if __name__ == "__main__":
    main()
