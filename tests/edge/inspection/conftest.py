"""Fixtures of the inspection: fake forges, and a sequence of nightly runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.edge.inspection import InspectionLimits, inspect
from catalogue.launch.refs import Subject, subjects
from catalogue.observed import Observed, SeenRepository
from catalogue.repository import doi_url
from catalogue.sources.snapshot import Entry, StoredFile, file_stamps
from tests.world import entry, repository, snapshot, software

from ..zenodo_double import md5
from .forges import Forges, running


@pytest.fixture
def forges(tmp_path: Path) -> Iterator[Forges]:
    """Fake forges without a repository."""
    root = tmp_path / "git"
    root.mkdir()
    with running(root) as double:
        yield double


def subject(address: str, *refs: str | None) -> Subject:
    return Subject(repository=repository(address), refs=refs or (None,))


def harvested_entry(number: int, forges: Forges) -> Entry:
    """The entry of a record on the fake Zenodo, with its files."""
    found = entry(number)
    files = tuple(
        StoredFile(name=name, size=len(body), checksum=md5(body))
        for name, body in sorted(forges.records[number].items())
    )
    return found.model_copy(update={"record": found.record.model_copy(update={"files": files})})


def harvested(number: int, forges: Forges) -> Subject:
    """A record on the fake Zenodo, with what the harvest knows of its files."""
    known = harvested_entry(number, forges)
    stamps = file_stamps(snapshot(known))
    assert stamps
    (found,) = subjects([software(repository=doi_url(known.record.doi))], stamps)
    return found


class Nights:
    """A sequence of inspections of the same subjects, a day apart."""

    def __init__(self, forges: Forges, *subjects: Subject, **limits: Any) -> None:
        self.forges, self.subjects = forges, subjects
        self.limits = InspectionLimits(**{"pace": 0.0, "deadline": 5.0, **limits})
        self.token: str | None = None
        self.observed = Observed()
        self.day = 9
        self.heard: list[str] = []

    @property
    def now(self) -> str:
        return f"2026-02-{self.day:02}T03:00:00Z"

    def inspect(self) -> Observed:
        """Run the next inspection; the recorded requests of earlier ones are cleared."""
        self.day += 1
        self.forges.asked.clear()
        self.observed = inspect(
            self.subjects,
            self.observed,
            now=self.now,
            agent="stars/1",
            hosts=self.forges.hosts,
            github_token=self.token,
            limits=self.limits,
            log=self.heard.append,
        )
        return self.observed

    def see(self) -> SeenRepository:
        """Run the next inspection, and return its only repository."""
        (seen,) = self.inspect().repositories
        return seen
