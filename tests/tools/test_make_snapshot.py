"""A made-up file of facts becomes a snapshot in the harvester's format."""

import sys
from pathlib import Path

import pytest

from catalogue.edge.snapshot_files import load
from catalogue.observed import Look
from catalogue.sources.observed import read_observed
from catalogue.sources.snapshot import LeftOut, OlderVersion, Omission, Snapshot, read_snapshot
from tools.make_snapshot import main

FACTS = """\
records:
  - id: 1001
    state: full
    membership: listed in the community
    name: Comet
    title: 'stars/comet: Release v1'
    doi: 10.5281/zenodo.1001
    concept_doi: 10.5281/zenodo.1000
    version: v1
    publication_date: '2025-01-02'
    license: mit
    description: Follows <comets>.
    authors: [{name: 'Löve, Ada', orcid: 0000-0002-1825-0097}]
    related_identifiers:
      - {relation: isSupplementTo, identifier: 'https://github.com/stars/comet/tree/v1'}
  - id: 1003
    state: partial
    membership: listed in the community
    name: Comet
    doi: 10.5281/zenodo.1003
    concept_doi: 10.5281/zenodo.1000
    version: v2
  - id: 1005
    state: partial
    membership: listed in the community
    name: Nova
    doi: 10.5281/zenodo.1005
    license_spdx: Apache-2.0
    repository: https://github.com/stars/nova
    binder_files: [environment.yml, Dockerfile, sub/setup.cfg]
    notebooks_in_repository: 3
    facts_from: https://github.com/stars/nova/blob/1a2b3c4/codemeta.json
    codemeta_file_in_record: true
    programming_languages: [Rust]
  - id: 1007
    state: full
    membership: listed in the community
    name: Slides
    doi: 10.5281/zenodo.1007
    resource_type: presentation
  - {id: 1009, state: full, membership: unproven (seen elsewhere), name: Elsewhere}
  - {state: partial, membership: listed in the community, name: Nameless}
unidentified:
  ids: [11, 13]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder written from these facts, over an older file."""
    made = tmp_path / "snapshot"
    made.mkdir()
    (made / "old.json").write_text("{}")
    (tmp_path / "records.yaml").write_text(FACTS, "utf-8")
    monkeypatch.setattr(sys, "argv", ["make_snapshot", str(tmp_path / "records.yaml"), str(made)])
    main()
    return made


@pytest.fixture
def snapshot(folder: Path) -> Snapshot:
    """The snapshot in it."""
    return read_snapshot(load(folder))


def test_each_piece_of_software_is_one_entry_with_what_is_known_of_it(snapshot: Snapshot) -> None:
    comet, nova = snapshot.entries
    assert (comet.slug, comet.identity, comet.record.doi) == ("comet", "10.5281/zenodo.1000", "10.5281/zenodo.1003")
    assert comet.versions == (OlderVersion(doi="10.5281/zenodo.1001", version="v1", published="2025-01-02"),)
    assert (nova.slug, nova.identity, nova.concept_doi) == ("nova", "10.5281/zenodo.1005", None)
    assert nova.record.licences == ("apache-2.0",)
    assert [each.identifier for each in nova.record.related] == ["https://github.com/stars/nova"]
    assert nova.codemeta is not None


def test_what_is_unknown_of_the_newest_version_is_taken_from_the_last_known_one_without_its_tag(
    snapshot: Snapshot,
) -> None:
    comet = snapshot.entries[0]
    assert (comet.record.title, comet.record.version, comet.record.published) == ("stars/comet", "v2", None)
    assert comet.record.description == "<p>Follows &lt;comets&gt;.</p>"
    assert [each.identifier for each in comet.record.related] == ["https://github.com/stars/comet"]


def test_every_record_that_was_seen_is_an_entry_or_left_out_with_its_reason(snapshot: Snapshot) -> None:
    assert snapshot.harvest is not None
    number_only = "only its number is known, from a list of the community of 2021"
    assert snapshot.harvest.left_out == (
        LeftOut(
            id="1001",
            title="stars/comet: Release v1",
            reason="older version of 10.5281/zenodo.1003",
            code=Omission.OLDER_VERSION,
        ),
        LeftOut(id="1007", title="Slides", reason="not software: presentation", code=Omission.OTHER_KIND),
        LeftOut(id="11", title="", reason=number_only),
        LeftOut(id="13", title="", reason=number_only),
    )
    assert snapshot.harvest.seen == len(snapshot.entries) + len(snapshot.harvest.left_out) == 6


def test_what_became_of_the_facts_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert (
        capsys.readouterr().out
        == """\
2 entries, 1 older versions, 3 left out:
  1007 Slides: not software: presentation
  11 : only its number is known, from a list of the community of 2021
  13 : only its number is known, from a list of the community of 2021
2 facts not used, as no harvest would have brought them:
  Elsewhere: not shown to be in the community: seen elsewhere
  Nameless: its number on Zenodo is not known
"""
    )


def test_the_folder_holds_nothing_else_and_twice_gives_the_same_bytes(folder: Path) -> None:
    first = contents(folder)
    assert sorted(first) == ["comet.json", "harvest.json", "nova.json", "repositories.json"]
    main()
    assert contents(folder) == first


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_known_of_a_repository_is_said_to_be_of_its_default_branch(folder: Path) -> None:
    [nova] = read_observed(load(folder / "observed")).repositories
    assert (nova.repository, nova.asked) == ("https://github.com/stars/nova", "2026-06-03T00:00:00Z")
    assert nova.looks == (
        Look(
            seen="2026-06-03T00:00:00Z",
            commit="1a2b3c4",
            files=("Dockerfile", "environment.yml"),
            more_notebooks=3,
        ),
    )
