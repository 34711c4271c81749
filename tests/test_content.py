"""The files of this checkout, whatever they list: read as the build reads them, and as a contributor would change them.

Nothing here knows what is listed: who adds a facility, or begins the catalogue of another community, need change no test.
"""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalogue.cli import main
from catalogue.edge import checkout
from catalogue.model import Catalogue, Outcome, Verdict
from catalogue.pipeline import Inputs, build_catalogue
from catalogue.problems import as_text, errors
from catalogue.sources.guides import FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE
from catalogue.sources.snapshot import read_snapshot

from .conftest import PROJECT, WORLD_2026

NO_NOTEBOOKS = "software: []\n"


@pytest.fixture(params=["as it is", "with an entry more", "split", "of another community"])
def inputs(request: pytest.FixtureRequest, tmp_path: Path) -> Inputs:
    """What is in this checkout, or would be."""
    if request.param == "of another community":
        begun = ["init", str(tmp_path), "--community", "stars", "--title", "Stars"]
        assert CliRunner().invoke(main, begun).exit_code == 0
        return checkout.read_inputs(tmp_path)
    here = checkout.read_inputs(PROJECT)
    if request.param == "as it is":
        return here
    if request.param == "split":
        return replace(
            here,
            facilities={f"facilities/{Path(path).name}": text for path, text in here.facilities.items()},
            notebooks={f"notebooks/{Path(path).name}": text for path, text in here.notebooks.items()},
        )
    # Not the ids of the examples: somebody may have pasted these.
    facility = FACILITY_EXAMPLE.replace("id: my-hub", "id: hub-that-only-this-test-adds")
    notebook = NOTEBOOK_EXAMPLE.replace("id: my-notebook", "id: notebook-that-only-this-test-adds")
    return replace(
        here,
        facilities={**here.facilities, "facilities/more.yaml": f"facilities:\n{facility}"},
        notebooks={**here.notebooks, "notebooks/more.yaml": f"software:\n{notebook}"},
    )


@pytest.fixture
def catalogue(inputs: Inputs) -> Catalogue:
    found, problems = build_catalogue(inputs)
    assert found is not None, as_text(problems)
    return found


def test_the_files_have_no_errors(inputs: Inputs) -> None:
    _, problems = build_catalogue(inputs)
    assert as_text(errors(problems)) == ""


def test_an_address_stays_for_ever(catalogue: Catalogue) -> None:
    every = {each.identity: each for each in (*catalogue.software, *catalogue.withdrawn)}
    first, _ = build_catalogue(checkout.read_inputs(WORLD_2026))
    assert first is not None
    for old in first.software:
        if now := every.get(old.identity):  # an entry may have learned its concept DOI since
            assert old.slug in (now.slug, *now.former_slugs)


def test_every_record_that_was_seen_is_accounted_for_once(catalogue: Catalogue, inputs: Inputs) -> None:
    lines = [each for each in catalogue.accounts if each.source == "harvest"]
    count = Counter(each.outcome for each in lines)
    assert set(count) <= {Outcome.PUBLISHED, Outcome.VERSION, Outcome.LEFT_OUT}
    assert sum(count.values()) == catalogue.harvest.seen
    entries = read_snapshot(inputs.snapshot).entries
    assert count[Outcome.PUBLISHED] + len(catalogue.harvest.not_seen) + len(catalogue.withdrawn) == len(entries)
    assert len({each.identity for each in lines}) == len(lines)


def test_b10_what_has_no_code_repository_is_published_all_the_same(catalogue: Catalogue, inputs: Inputs) -> None:
    settings = re.sub(r"(?m)^blank: .*$", "", inputs.site or "")  # its entry is a local one
    alone, problems = build_catalogue(replace(inputs, site=settings, notebooks={"notebooks.yaml": NO_NOTEBOOKS}))
    assert alone is not None, as_text(problems)
    entries = read_snapshot(inputs.snapshot).entries
    assert {each.slug for each in (*alone.software, *alone.withdrawn)} == {each.slug for each in entries}
    for found in (alone, catalogue):
        without = {each.slug for each in found.software if each.repository is None}
        offers = [each for each in found.offers if each.software in without]
        assert len(offers) == len(without) * len(found.facilities)
        assert [each for each in offers if each.verdict is Verdict.YES or not each.reasons] == []


def test_no_mail_address_is_published_with_an_author(catalogue: Catalogue) -> None:
    mail = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
    people = [person for each in catalogue.software for person in each.authors]
    assert [each for each in people if mail.search(f"{each.name} {each.affiliation}")] == []


def test_nothing_of_tex_is_left_in_what_readers_see(real_catalogue: Catalogue) -> None:
    shown = [person.affiliation or "" for each in real_catalogue.software for person in each.authors]
    assert [text for text in shown if "\\" in text] == []
