"""The bundled files: the real snapshot, facilities, notebooks and settings, read as the build reads them.

Every night a harvest may change the snapshot, so what is said here holds of any: facts are of what we wrote ourselves.
"""

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from catalogue.edge import checkout
from catalogue.model import Catalogue, Offer, Outcome, Software, Verdict
from catalogue.pipeline import read
from catalogue.problems import as_text, errors
from catalogue.sources.snapshot import Entry, read_snapshot

from .conftest import PROJECT, WORLD_2026

INPUTS = checkout.read_inputs(PROJECT)
NO_NOTEBOOKS = "software: []\n"

# What ESAP itself listed in 2022, by the names that its users know.
ESAPS_OWN = [
    "CSIC-IAA HCG-16 workflow",
    "CDS MOCPy",
    "ASTRON VO Apertif",
    "Apertif Visualization",
    "Zooniverse Muon Hunters",
    "CTA gammapy Example",
    "TOPCAT",
    "HESS DR3 analysis with gammapy",
    "Empty Binder",
]


@cache
def catalogue() -> Catalogue:
    found, _ = read(INPUTS)
    assert found is not None
    return found


@cache
def entries() -> tuple[Entry, ...]:
    return read_snapshot(INPUTS.snapshot).entries


def software(slug: str) -> Software:
    return next(each for each in catalogue().software if each.slug == slug)


def offer(slug: str, facility: str) -> Offer:
    return next(each for each in catalogue().offers if (each.software, each.facility) == (slug, facility))


def test_the_bundled_files_have_no_errors() -> None:
    _, problems = read(INPUTS)
    assert as_text(errors(problems)) == ""


def test_there_are_esaps_seven_facilities_each_of_its_true_kind() -> None:
    assert {each.slug: each.kind for each in catalogue().facilities} == {
        "mybinder": "binderhub",
        "jive": "binderhub",
        "skao-binderhub": "binderhub",
        "rosetta-inaf": "rosetta",
        "skao-dlaas": "jupyterhub",
        "cscs-cta": "binderhub",
        "renkulab": "website",
    }


def test_only_the_facility_with_plain_http_is_marked_insecure() -> None:
    assert [each.slug for each in catalogue().facilities if each.insecure] == ["jive"]


@pytest.mark.parametrize("name", ESAPS_OWN)
def test_what_esap_listed_is_found_by_its_name(name: str) -> None:
    every = (*catalogue().software, *catalogue().withdrawn)
    assert [each.slug for each in every if name in (each.name, *each.alternate_names)] != []


def test_an_entry_that_is_known_from_esap_waits_for_its_record() -> None:
    assert software("zooniverse-advanced-project-building").name == "Zooniverse: Advanced Project Building"


def test_every_entry_of_our_own_has_a_summary() -> None:
    own = [each for each in catalogue().software if all(source.place for source in each.sources)]
    assert own != []
    assert [each.slug for each in own if not each.summary] == []


def test_an_address_stays_for_ever() -> None:
    every = {each.identity: each for each in (*catalogue().software, *catalogue().withdrawn)}
    first, _ = read(checkout.read_inputs(WORLD_2026))
    assert first is not None
    for old in first.software:
        if now := every.get(old.identity):  # an entry may have learned its concept DOI since
            assert old.slug in (now.slug, *now.former_slugs)


def test_every_record_that_was_seen_is_accounted_for_once() -> None:
    lines = [each for each in catalogue().accounts if each.source == "harvest"]
    count = Counter(each.outcome for each in lines)
    assert set(count) <= {Outcome.PUBLISHED, Outcome.VERSION, Outcome.LEFT_OUT}
    assert sum(count.values()) == catalogue().harvest.seen
    assert count[Outcome.PUBLISHED] + len(catalogue().harvest.not_seen) + len(catalogue().withdrawn) == len(entries())
    assert len({each.identity for each in lines}) == len(lines)


def test_what_was_kept_from_an_earlier_version_names_one_that_there_is() -> None:
    for entry in entries():
        assert set(entry.kept.values()) <= {version.doi for version in entry.versions}, entry.slug
        assert not {"version", "published", "created", "files"} & set(entry.kept), entry.slug


def test_b1_the_blank_notebook_opens_itself() -> None:
    assert catalogue().site.blank == "blank-notebook"
    blank = offer("blank-notebook", "mybinder")
    assert blank.verdict is Verdict.YES
    assert blank.url == "https://mybinder.org/v2/gh/ESAP-WP5/binder-empty/HEAD?urlpath=lab"


def test_b2_a_notebook_in_a_folder_keeps_its_path() -> None:
    assert offer("cta-gammapy-example", "mybinder").url == (
        "https://mybinder.org/v2/git/https%3A%2F%2Fgit.astron.nl%2Fastron-sdc%2Fescape-wp5%2Fworkflows%2Fcta-example/master"
        "?urlpath=lab%2Ftree%2Fgammapy-tutorials%2Fnotebooks-0.18.2%2Fcta.ipynb"
    )


def test_a_desktop_program_is_refused_by_mybinder_with_the_reason() -> None:
    refused = offer("topcat", "mybinder")
    assert (refused.verdict, refused.url) == (Verdict.NO, None)
    assert [reason.text for reason in refused.reasons] == ["desktop program: this facility runs notebooks"]


def test_b10_what_has_no_code_repository_is_published_all_the_same() -> None:
    alone, _ = read(replace(INPUTS, notebooks={"notebooks.yaml": NO_NOTEBOOKS}))
    assert alone is not None
    assert {each.slug for each in (*alone.software, *alone.withdrawn)} == {each.slug for each in entries()}
    for found in (alone, catalogue()):
        without = {each.slug for each in found.software if each.repository is None}
        offers = [each for each in found.offers if each.software in without]
        assert len(offers) == len(without) * len(found.facilities)
        assert [each for each in offers if each.verdict is Verdict.YES or not each.reasons] == []
    assert software("topcat").repository is None


def test_no_mail_address_is_published_with_an_author() -> None:
    mail = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
    people = [person for each in catalogue().software for person in each.authors]
    assert [each for each in people if mail.search(f"{each.name} {each.affiliation}")] == []


def test_nothing_of_tex_is_left_in_what_readers_see(real_catalogue: Catalogue) -> None:
    shown = [person.affiliation or "" for each in real_catalogue.software for person in each.authors]
    assert [text for text in shown if "\\" in text] == []
