"""Texts in, catalogue out: all problems are reported at once, nothing is lost, and order does not matter."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from catalogue.changes import changes, current_state
from catalogue.model import Account, AccountSource, Catalogue, ChangeKind, Interface, Outcome, State, Verdict
from catalogue.observed import Health, LaunchCount, Launches, Observed, Probe
from catalogue.outputs.contribute import override_draft
from catalogue.outputs.launch_views import health_sentence, health_view, warnings
from catalogue.outputs.search import identifiers
from catalogue.pipeline import Inputs, build_catalogue, file_problems
from catalogue.problems import CatalogueError, Place, Problem, Severity, as_text
from catalogue.sources.changes import write_changes
from catalogue.sources.guides import FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE
from catalogue.sources.observed import write_observed
from catalogue.sources.snapshot import (
    Entry,
    Harvest,
    LeftOut,
    MergedEntry,
    OlderVersion,
    Omission,
    Repaired,
    Snapshot,
    Withdrawal,
    write_snapshot,
)
from tests.conftest import built
from tests.world import FACILITIES, NO_FACILITIES, SITE, catalogue, entry, inputs

ONE = entry(1001, title="One", related=[("isSupplementTo", "https://github.com/owner/one")])
TWO = entry(2001, title="Two")
LOCAL = """\
software:
  - id: own
    name: Own
    interfaces: [notebook]
    repository: https://github.com/owner/own/blob/main/own.ipynb
  - ossr: 10.5281/zenodo.1000
    name: The One
    keywords: [SKA]
"""


def problems(given: Inputs) -> str:
    return as_text(build_catalogue(given)[1])


# --- what is wrong


@pytest.mark.case("Y12")
def test_y12_the_problems_of_all_files_are_told_at_once() -> None:
    found, wrong = build_catalogue(
        inputs(
            ONE,
            site=SITE + "colour: red\n",
            facilities=FACILITIES + "    login: maybe\n",
            notebooks="software:\n  - id: a\n  - ossr: 10.5281/zenodo.77\n",
        )
    )
    assert found is None
    assert as_text(wrong) == (
        "facilities.yaml:7:12: error: login: unknown value 'maybe'; one of none, unknown, required\n"
        "notebooks.yaml:2:5: error: name: is missing\n"
        "notebooks.yaml:3:5: error: ossr: '10.5281/zenodo.77' is not in the last harvest: check the concept DOI, or give it an `id`\n"
        "site.yaml:9:1: error: colour: unknown key; did you mean 'colours'?"
    )


def test_a_catalogue_is_given_with_the_problems_that_it_can_be_shown_with() -> None:
    found, wrong = build_catalogue(inputs(ONE, facilities=FACILITIES + "    login: maybe\n"))
    assert found is not None
    assert found.problems == wrong
    assert ([each.slug for each in found.software], found.facilities) == (["one"], ())


@pytest.mark.case("Y14")
def test_y14_an_override_of_an_unknown_entry_is_named_with_its_place_and_the_nearest() -> None:
    assert problems(inputs(ONE, notebooks="software:\n  - ossr: 10.5281/zenodo.1100\n")) == (
        "notebooks.yaml:2:5: error: ossr: '10.5281/zenodo.1100' is not in the last harvest: "
        "check the concept DOI, or give it an `id`; did you mean '10.5281/zenodo.1000'?"
    )


@pytest.mark.case("Y14")
@pytest.mark.parametrize(
    ("site", "facilities", "problem"),
    [
        (
            SITE + "blank: onne\n",
            FACILITIES,
            "site.yaml:9:8: error: blank: there is no entry 'onne'; did you mean 'one'?",
        ),
        (
            SITE + "blank: zzz\n",
            FACILITIES,
            "site.yaml:9:8: error: blank: there is no entry 'zzz': give the slug of an entry, as in its URL /software/<slug>/",
        ),
        (
            SITE,
            FACILITIES.replace("binderhub", "jupyterlite") + "    options: {software: [one, tow]}\n",
            "facilities.yaml:7:31: warning: options of binder: there is no entry 'tow'; did you mean 'two'?",
        ),
        (
            SITE,
            FACILITIES.replace("binderhub", "rosetta")
            + "    options: {containers: {gone: 3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f}}\n",
            "facilities.yaml:7:28: warning: options of binder: there is no entry 'gone'; did you mean 'one'?",
        ),
        (
            SITE,
            FACILITIES + "    options: {tested: [one, tow]}\n",
            "facilities.yaml:7:29: warning: options of binder: there is no entry 'tow'; did you mean 'two'?",
        ),
    ],
)
def test_y14_a_reference_to_an_unknown_entry_is_named(site: str, facilities: str, problem: str) -> None:
    assert problems(inputs(ONE, TWO, site=site, facilities=facilities)) == problem


UUID = "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"


def test_a_reference_by_a_former_slug_is_followed_where_a_build_needs_it_and_named_with_the_new_one() -> None:
    local = "software:\n  - id: empty\n    name: Empty\n    formerly: [void]\n    interfaces: [notebook]\n"
    lite = FACILITIES.replace("binderhub", "jupyterlite") + "    options: {software: [void]}\n"
    given = inputs(ONE, site=SITE + "blank: void\n", facilities=lite, notebooks=local)
    assert problems(given).splitlines() == [
        "facilities.yaml:7:26: warning: options of binder: the slug of the entry 'void' is 'empty' now",
        "site.yaml:9:8: warning: blank: the slug of the entry 'void' is 'empty' now",
    ]
    found, _ = build_catalogue(given)
    assert found
    assert found.site.blank == "empty"
    assert [each.options.holds for each in found.facilities] == [{"empty"}]
    # A container under the present slug counts for more than one under a former slug.
    for containers in (f"void: {UUID}", f"empty: {UUID}, void: {'4' + UUID[1:]}"):
        rosetta = FACILITIES.replace("binderhub", "rosetta") + f"    options: {{containers: {{{containers}}}}}\n"
        found, _ = build_catalogue(inputs(facilities=rosetta, notebooks=local))
        assert found
        assert [UUID in (each.url or "") for each in found.offers] == [True]
    tested = FACILITIES + "    options: {tested: [void]}\n"
    found, _ = build_catalogue(inputs(facilities=tested, notebooks=local))
    assert found
    assert [each.options.equipped_for for each in found.facilities] == [{"empty"}]


def test_an_option_is_found_in_the_entry_that_it_stands_in_however_it_is_written() -> None:
    rosetta = (
        FACILITIES.replace("binderhub", "rosetta")
        + "    options:\n      containers:\n        {}: 3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f\n"
    )
    other = rosetta.partition("\n")[2].replace("binder", "other")
    text = rosetta.format("one") + other.format("nope")
    assert problems(inputs(ONE, facilities=text)).splitlines()[-1] == (
        "facilities.yaml:17:9: warning: options of other: there is no entry 'nope': give the slug of an entry, as in its URL /software/<slug>/"
    )


@pytest.mark.case("Y14")
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("[Radio, Apertif DR 1]", "19: warning: data: no software reads 'Apertif DR 1'; did you mean 'Apertif DR1'?"),
        ("[Apertiff DR1]", "12: warning: data: no software reads 'Apertiff DR1'; did you mean 'Apertif DR1'?"),
        ("[APERTIFF DR1]", "12: warning: data: no software reads 'APERTIFF DR1'; did you mean 'Apertif DR1'?"),
        ("[Apertif-D-R1]", "12: warning: data: no software reads 'Apertif-D-R1'; did you mean 'Apertif DR1'?"),
        # Case and punctuation are ignored where the two are joined.
        ("[apertif-DR1]", ""),
        # Data that nothing reads yet: of another number, or of another telescope.
        ("[Apertif DR2]", ""),
        ("[simulated SKA data]", ""),
        ("[LOFAR surveys]", ""),
    ],
)
def test_y14_data_of_a_facility_spelt_almost_as_software_reads_them_are_told(data: str, problem: str) -> None:
    reader = "software:\n  - ossr: 10.5281/zenodo.1000\n    reads: [Apertif DR1, simulated CTA data]\n"
    found = problems(inputs(ONE, facilities=f"{FACILITIES}    data: {data}\n", notebooks=reader))
    assert found == (f"facilities.yaml:7:{problem}" if problem else "")


def test_where_a_file_could_not_be_read_nothing_is_said_to_be_missing_that_may_be_in_it() -> None:
    lite = FACILITIES.replace("binderhub", "jupyterlite") + "    options: {software: [two]}\n"
    unread = Problem(Place(file="notebooks.yaml"), "cannot be read")
    given = replace(inputs(ONE, site=SITE + "blank: two\n", facilities=lite), unread=(unread,))
    assert problems(given) == "notebooks.yaml: error: cannot be read"


@pytest.mark.case("Y12")
def test_y12_what_people_wrote_is_checked_without_a_snapshot_too() -> None:
    given = replace(
        inputs(facilities=FACILITIES + "    login: maybe\n", notebooks="software:\n  - id: a\n"), snapshot={}
    )
    assert as_text(file_problems(given)) == (
        "facilities.yaml:7:12: error: login: unknown value 'maybe'; one of none, unknown, required\n"
        "notebooks.yaml:2:5: error: name: is missing"
    )


def test_an_entry_with_a_mistake_is_not_said_to_be_missing_too() -> None:
    text = "software:\n  - id: empty\n    nam: Empty\n"
    assert problems(inputs(ONE, site=SITE + "blank: empty\n", notebooks=text)) == (
        "notebooks.yaml:3:5: error: nam: unknown key; did you mean 'name'?"
    )


@pytest.mark.parametrize("doi", ["10.3847/1538-3881/AAB123", "10.3847/1538-3881/aab123"])
def test_an_override_names_its_entry_in_whatever_case(doi: str) -> None:
    own = entry(1001, title="One", doi="10.3847/1538-3881/AAB123")
    found = catalogue(own, notebooks=f"software:\n  - {{ossr: {doi}, name: The One}}\n")
    assert [each.name for each in found.software] == ["The One"]
    assert found.accounts[-1].identity == doi


def test_a_doi_that_is_given_twice_is_reported_once() -> None:
    text = "software:\n  - ossr: 10.5281/zenodo.1000\n  - ossr: 10.5281/ZENODO.1000\n"
    assert problems(inputs(ONE, notebooks=text)) == (
        "notebooks.yaml:3:11: error: ossr: '10.5281/ZENODO.1000' is given twice, first at notebooks.yaml:2:11: "
        "put both into one entry"
    )


def test_overrides_of_entries_that_a_harvest_has_made_one_both_count_and_are_a_warning() -> None:
    one = entry(1001, title="The One", merged=(MergedEntry(identity="10.5281/zenodo.1001", slug="old-one"),))
    text = (
        "software:\n  - ossr: 10.5281/zenodo.1000\n    keywords: [sky]\n"
        "  - ossr: 10.5281/zenodo.1001\n    platforms: [Java]\n"
    )
    given = inputs(one, notebooks=text)
    assert problems(given).startswith("notebooks.yaml:4:5: warning: ossr: ")
    found, _ = build_catalogue(given)
    assert found
    assert [(each.keywords, each.runtimes) for each in found.software] == [(("sky",), ("Java",))]


def test_two_overrides_by_dois_that_a_harvest_may_have_made_one_both_apply() -> None:
    text = (
        "software:\n  - ossr: 10.5281/zenodo.1000\n    name: Uno\n  - ossr: 10.5281/zenodo.1001\n    platforms: [Ada]\n"
    )
    found, _ = build_catalogue(inputs(ONE, notebooks=text))
    assert found is not None
    assert [(each.name, each.runtimes) for each in found.software] == [("Uno", ("Ada",))]
    assert problems(inputs(ONE, notebooks=text)) == (
        "notebooks.yaml:4:5: warning: ossr: '10.5281/zenodo.1001' and '10.5281/zenodo.1000' are the same entry: put both into one"
    )


def test_a_local_id_must_not_be_the_address_of_an_ossr_entry_even_of_a_withdrawn_one() -> None:
    gone = entry(1005, title="Gone", withdrawn={"date": "2026-01-02", "reason": "it was asked for"})
    text = "software:\n  - id: one\n    name: Local one\n  - id: gone\n    name: Local two\n"
    assert problems(inputs(ONE, gone, notebooks=text)) == (
        "notebooks.yaml:2:5: error: id: 'one' is the slug of the OSSR entry 10.5281/zenodo.1000: choose another\n"
        "notebooks.yaml:4:5: error: id: 'gone' is the slug of the OSSR entry 10.5281/zenodo.1004: choose another"
    )


WHERE_ONE = "repository: is that of the OSSR entry 'One', and readers see both: if they are the same, "


@pytest.mark.parametrize(
    "repository", ["https://github.com/OWNER/one.git", "10.5281/zenodo.1000", "10.5281/zenodo.1001"]
)
def test_an_entry_of_ones_own_for_the_code_of_a_harvested_one_is_told(repository: str) -> None:
    text = f"software:\n  - id: mine\n    name: Mine\n    repository: {repository}\n"
    assert problems(inputs(ONE, TWO, notebooks=text)) == (
        f"notebooks.yaml:4:5: warning: {WHERE_ONE}"
        "write `ossr: 10.5281/zenodo.1000` in the place of `id`, and put the id under `formerly`"
    )
    assert problems(inputs(ONE, notebooks=f"{text}  - ossr: 10.5281/zenodo.1000\n    name: One\n")) == (
        f"notebooks.yaml:4:5: warning: {WHERE_ONE}add to notebooks.yaml:5 what it lacks, and put the id under `formerly`"
    )


@pytest.mark.parametrize("of_it", ["/blob/main/a.ipynb", "/tree/main/examples", "\n    notebooks: [{path: a.ipynb}]"])
def test_an_entry_for_a_notebook_or_a_folder_of_a_harvested_repository_is_one_of_its_own(of_it: str) -> None:
    text = f"software:\n  - id: mine\n    name: Mine\n    repository: https://github.com/owner/one{of_it}\n"
    assert problems(inputs(ONE, notebooks=text)) == ""


def test_the_code_of_a_withdrawn_entry_may_be_listed_by_hand() -> None:
    gone = ONE.model_copy(update={"withdrawn": Withdrawal(date="2026-01-02", reason="it was asked for")})
    text = "software:\n  - id: mine\n    name: Mine\n    repository: https://github.com/owner/one\n"
    assert problems(inputs(gone, notebooks=text)) == ""


@pytest.mark.case("B19")
def test_an_earlier_address_leads_to_one_entry_and_not_to_itself() -> None:
    text = "software:\n  - id: a\n    name: A\n    formerly: [a, old]\n  - id: b\n    name: B\n    formerly: [old]\n"
    assert problems(inputs(ONE, notebooks=text)) == (
        "notebooks.yaml:4:5: error: formerly: 'a' is already the slug of this entry: remove it here\n"
        "notebooks.yaml:7:5: error: formerly: 'old' is already a former slug of 'A': remove it here"
    )


def test_what_was_copied_from_the_guides_is_told() -> None:
    why = "is that of the example, and would stay in its addresses for ever: choose another"
    summary = "summary: is that of the example, and readers would see it: write another, or remove the line"
    found = inputs(ONE, notebooks=f"software:\n{NOTEBOOK_EXAMPLE}", facilities=f"facilities:\n{FACILITY_EXAMPLE}")
    assert problems(found) == (
        f"facilities.yaml:2:5: warning: id: 'my-hub' {why}\nnotebooks.yaml:2:5: warning: id: 'my-notebook' {why}\n"
        f"notebooks.yaml:8:5: warning: {summary}"
    )
    override = override_draft("10.5281/zenodo.1000", "one").replace("# summary", "summary")
    assert problems(inputs(ONE, notebooks=f"software:\n{override}")) == f"notebooks.yaml:5:5: warning: {summary}"


@pytest.mark.case("B14")
@pytest.mark.parametrize(
    ("entries", "seen", "words"),
    [
        ([ONE], 2, "its harvest saw 2 records, and 1 are accounted for"),
        ([ONE, TWO], 1, "its harvest saw 1 records, and 2 are accounted for"),
    ],
)
def test_a_snapshot_with_a_file_too_few_or_too_many_is_noticed(entries: list[Entry], seen: int, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        build_catalogue(inputs(*entries, seen=seen))


def test_an_earlier_address_cannot_be_that_of_another_entry() -> None:
    text = "software:\n  - id: own\n    name: Own\n    formerly: [one, old]\n"
    assert problems(inputs(ONE, notebooks=text)) == (
        "notebooks.yaml:4:5: error: formerly: 'one' is already the slug of 'One': remove it here"
    )


def test_without_a_snapshot_the_remedy_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"^there is no snapshot yet: run `python build\.py harvest` first$"):
        build_catalogue(replace(inputs(), snapshot={}))


# --- what comes out


def test_entries_of_all_sources_are_merged_and_stand_in_the_order_of_their_names() -> None:
    found = catalogue(TWO, ONE, notebooks=LOCAL)
    assert [(each.name, each.slug, each.identity) for each in found.software] == [
        ("Own", "own", "own"),
        ("The One", "one", "10.5281/zenodo.1000"),
        ("Two", "two", "10.5281/zenodo.2000"),
    ]
    assert [(each.software, each.facility) for each in found.offers] == [
        ("own", "binder"), ("one", "binder"), ("two", "binder")
    ]  # fmt: skip


@pytest.mark.case("Y20")
@pytest.mark.parametrize("doi", ["10.5281/zenodo.1000", "10.5281/zenodo.1001", "10.5281/zenodo.900"])
def test_an_override_may_name_the_concept_or_any_version(doi: str) -> None:
    one = entry(1001, title="One", versions=(OlderVersion(doi="10.5281/zenodo.900"),))
    found = catalogue(one, notebooks=f"software:\n  - ossr: {doi}\n    name: Better\n")
    assert [(each.name, each.identity) for each in found.software] == [("Better", "10.5281/zenodo.1000")]


@pytest.mark.case("Y20")
def test_b3_two_notebooks_in_one_repository_are_two_entries_that_name_each_other() -> None:
    text = "software:\n" + "".join(
        f"  - id: {name}\n    name: {name}\n    interfaces: [notebook]\n"
        f"    repository: https://github.com/{owner}/one/blob/main/{name}.ipynb\n"
        for name, owner in [("a", "owner"), ("b", "OWNER")]
    )
    alone = entry(3001, title="Alone", related=[("isSupplementTo", "https://github.com/owner/alone")])
    found = catalogue(ONE, TWO, alone, notebooks=text)
    assert found.related == (("a", ("b", "one")), ("b", ("a", "one")), ("one", ("a", "b")))
    urls = {offer.software: offer.url for offer in found.offers}
    assert urls["a"] == "https://binder.example.org/v2/gh/owner/one/main?urlpath=lab%2Ftree%2Fa.ipynb"
    assert urls["b"] == "https://binder.example.org/v2/gh/OWNER/one/main?urlpath=lab%2Ftree%2Fb.ipynb"


def test_b5_a_record_with_only_a_title_is_shown() -> None:
    found = catalogue(entry(1001, title="Bare"))
    (bare,) = found.software
    assert (bare.name, bare.summary, bare.keywords, bare.authors) == ("Bare", "", (), ())
    assert [offer.verdict for offer in found.offers] == [Verdict.NO]


@pytest.mark.case("Y19")
def test_b10_a_record_without_a_repository_is_listed_marked_and_accounted_for() -> None:
    found = catalogue(TWO)
    (two,) = found.software
    (offer,) = found.offers
    assert (two.repository, offer.verdict) == (None, Verdict.NO)
    assert [reason.text for reason in offer.reasons] == [
        "no code repository is known: name one in the record's related identifiers (isSupplementTo)"
    ]
    assert outcomes(found) == {Outcome.PUBLISHED: 1}


def test_b11_every_kind_of_software_is_shown() -> None:
    text = "software:\n" + "".join(
        f"  - id: {kind}\n    name: A {kind} of more than thirty letters in all\n    interfaces: [{kind}]\n"
        for kind in Interface
    )
    found = catalogue(notebooks=text)
    assert sorted(each.name for each in found.software) == sorted(
        f"A {kind} of more than thirty letters in all" for kind in Interface
    )


def test_a_withdrawn_entry_has_left_the_list_and_its_offers() -> None:
    gone = entry(1001, title="Gone", withdrawn=Withdrawal(date="2026-01-02", reason="Removed by its owner"))
    found = catalogue(gone, TWO)
    assert [each.slug for each in found.software] == ["two"]
    assert [(each.slug, each.state, each.state_note) for each in found.withdrawn] == [
        ("gone", State.WITHDRAWN, "Removed by its owner (noticed on 2 January 2026)")
    ]
    assert {offer.software for offer in found.offers} == {"two"}


@pytest.mark.parametrize(("looked", "slugs"), [("2026-01-09T04:00:00Z", ["gone"]), ("2026-01-11T04:00:00Z", [])])
def test_the_year_of_a_tombstone_ends_although_the_snapshot_has_not_changed_since(
    looked: str, slugs: list[str]
) -> None:
    gone = entry(1001, title="Gone", withdrawn=Withdrawal(date="2025-01-10", reason="Removed by its owner"))
    found = catalogue(gone, observed=write_observed(Observed(looked=looked)))
    assert [each.slug for each in found.withdrawn] == slugs


def test_an_entry_that_people_leave_out_has_a_page_that_says_why_and_is_in_no_list() -> None:
    spam = "software:\n  - ossr: 10.5281/zenodo.1000\n    left_out: advertises a shop.\n"
    found = catalogue(ONE, TWO, notebooks=spam)
    assert [each.slug for each in found.software] == ["two"]
    assert {offer.software for offer in found.offers} == {"two"}
    note = "this catalogue leaves it out: advertises a shop"
    assert [(each.slug, each.state_note) for each in found.withdrawn] == [("one", note)]
    assert [(each.identity, each.outcome, each.detail) for each in found.accounts if each.slug == "one"] == [
        ("10.5281/zenodo.1000", Outcome.LEFT_OUT, note),
        ("10.5281/zenodo.1000", Outcome.MERGED, "notebooks.yaml:2 into One"),
    ]
    pages = {file.path: file.text for file in built(found) if file.path.endswith(".html")}
    assert note in pages["software/one/index.html"]
    assert "software/one/" not in pages["index.html"]


def test_an_entry_of_ones_own_can_be_left_out_too_and_its_addresses_stay() -> None:
    own = "software:\n  - id: a\n    name: A\n    left_out: nobody keeps it up any more\n"
    found = catalogue(ONE, notebooks=own)
    assert [each.slug for each in found.software] == ["one"]
    note = "this catalogue leaves it out: nobody keeps it up any more"
    assert [(each.slug, each.state_note) for each in found.withdrawn] == [("a", note)]
    pages = {file.path: file.text for file in built(found) if file.path.endswith(".html")}
    assert note in pages["software/a/index.html"]
    assert note in pages["go/a/index.html"]
    assert note in pages["go/a/binder/index.html"]


def test_every_former_address_of_an_entry_that_is_left_out_leads_to_its_tombstone() -> None:
    own = "software:\n  - id: a\n    formerly: [b]\n    name: A\n    left_out: nobody keeps it up any more\n"
    found = built(catalogue(ONE, notebooks=own))
    pages = {file.path: file.text for file in found if file.path.endswith(".html")}
    for kind, up in (("software/%s/", "../../"), ("go/%s/", "../../"), ("go/%s/binder/", "../../../")):
        assert f'content="0; url={up}{kind % "a"}"' in pages[f"{kind % 'b'}index.html"]
        assert "nobody keeps it up any more" in pages[f"{kind % 'a'}index.html"]


OLD = "  - id: old\n    name: Old\n    kind: binderhub\n    url: https://old.example.org/\n    description: Old.\n"
TWO_HUBS = f"{FACILITIES}{OLD}"
OWN = "software:\n  - id: a\n    name: A\n"


def recorded(given: Inputs) -> dict[str, str]:
    found, _ = build_catalogue(given)
    assert found is not None
    return write_changes(current_state(found, "2026-01-05T04:00:00Z"), ())


@pytest.mark.parametrize(
    ("facilities", "notebooks", "said"),
    [
        (
            FACILITIES,
            OWN,
            "facilities.yaml: error: id: 'old' was published, and its addresses must stay: put 'Old' back",
        ),
        (
            TWO_HUBS,
            "software: []\n",
            "notebooks.yaml: error: id: 'a' was published, and its addresses must stay: put it under",
        ),
        (TWO_HUBS, "software:\n  - id: b\n    name: A\n    formerly: [a]\n", ""),
        (TWO_HUBS, "software:\n  - ossr: 10.5281/zenodo.1000\n    formerly: [a]\n", ""),
        (TWO_HUBS, f"{OWN}    left_out: nobody keeps it up\n", ""),
        (f"{TWO_HUBS}    closed: 2026-01\n", OWN, ""),
        # A mistake is reported once: an unreadable entry does not count as removed.
        (TWO_HUBS, OWN.replace("name", "nane"), "notebooks.yaml:3:5: error: nane: unknown key"),
    ],
)
def test_what_was_published_is_not_taken_away_without_a_word(facilities: str, notebooks: str, said: str) -> None:
    before = recorded(inputs(ONE, facilities=TWO_HUBS, notebooks=OWN))
    now = replace(inputs(ONE, facilities=facilities, notebooks=notebooks), changes=before)
    wrong = problems(now)
    assert wrong.startswith(said) if said else wrong == ""
    assert wrong.count("error:") == bool(said)


def test_a_harvested_entry_that_the_snapshot_has_lost_is_no_mistake_in_a_yaml_file() -> None:
    before = recorded(inputs(ONE, TWO))
    assert problems(replace(inputs(ONE), changes=before)) == ""


@pytest.mark.case("H25")
def test_h25_keywords_that_differ_in_case_are_spelt_as_most_do() -> None:
    found = catalogue(
        entry(1001, title="A", keywords=["jupyter", "VO"]),
        entry(2001, title="B", keywords=["Jupyter", "vo"]),
        entry(3001, title="C", keywords=["Jupyter"]),
    )
    assert [each.keywords for each in found.software] == [("Jupyter", "VO"), ("Jupyter", "VO"), ("Jupyter",)]


@pytest.mark.case("D3")
def test_the_time_shown_is_that_of_the_snapshot_unless_another_is_given() -> None:
    assert catalogue(ONE).built == "2026-01-02T03:04:05Z"
    assert catalogue(ONE, built="2026-05-06T00:00:00Z").built == "2026-05-06T00:00:00Z"


def test_the_base_address_may_be_given_and_ends_with_a_slash() -> None:
    assert catalogue(ONE).site.base_url == "https://catalogue.example.org/"
    assert catalogue(ONE, base_url="http://127.0.0.1:8000/a").site.base_url == "http://127.0.0.1:8000/a/"


@pytest.mark.case("B16")
def test_without_entries_and_facilities_there_is_still_a_catalogue() -> None:
    found = catalogue(facilities=NO_FACILITIES)
    assert (found.software, found.facilities, found.offers, found.related, found.accounts) == ((), (), (), (), ())


# --- the accounting


def outcomes(found: Catalogue) -> dict[Outcome, int]:
    return dict(Counter(line.outcome for line in found.accounts))


def test_everything_that_was_seen_is_accounted_for_and_the_sums_add_up() -> None:
    left_out = (
        LeftOut(id="900", title="One 0.9", reason="followed by 10.5281/zenodo.1001", code=Omission.OLDER_VERSION),
        LeftOut(id="55", title="A poster", reason="not software: poster", code=Omission.OTHER_KIND),
    )
    found = catalogue(
        ONE,
        TWO,
        entry(3001, title="Three"),
        entry(4001, title="Four", withdrawn=Withdrawal(date="2026-01-02", reason="Spam")),
        notebooks=LOCAL,
        left_out=left_out,
        seen=4,
        not_seen=("10.5281/zenodo.3000",),
        repaired=(Repaired(id="2001", text="creators: not a list"),),
    )
    assert found.accounts == (
        Account(identity="10.5281/zenodo.4000", title="Four", source=AccountSource.KEPT, outcome=Outcome.WITHDRAWN, detail="Spam (noticed on 2 January 2026)", slug="four"),
        Account(identity="10.5281/zenodo.1000", title="The One", source=AccountSource.HARVEST, outcome=Outcome.PUBLISHED, detail="record 1001", slug="one"),
        Account(identity="10.5281/zenodo.3000", title="Three", source=AccountSource.KEPT, outcome=Outcome.PUBLISHED, detail="record 3001, kept from before: the last harvest did not list it", slug="three"),
        Account(identity="10.5281/zenodo.2000", title="Two", source=AccountSource.HARVEST, outcome=Outcome.PUBLISHED, detail="record 2001", slug="two"),
        Account(identity="900", title="One 0.9", source=AccountSource.HARVEST, outcome=Outcome.VERSION, detail="followed by 10.5281/zenodo.1001"),
        Account(identity="55", title="A poster", source=AccountSource.HARVEST, outcome=Outcome.LEFT_OUT, detail="not software: poster"),
        Account(identity="own", title="Own", source=AccountSource.LOCAL, outcome=Outcome.PUBLISHED, detail="notebooks.yaml:2", slug="own"),
        Account(identity="10.5281/zenodo.1000", title="The One", source=AccountSource.LOCAL, outcome=Outcome.MERGED, detail="notebooks.yaml:6 into The One", slug="one"),
    )  # fmt: skip
    assert sum(line.source is AccountSource.HARVEST for line in found.accounts) == found.harvest.seen == 4
    published = sum(line.outcome is Outcome.PUBLISHED for line in found.accounts)
    assert published == len(found.software) == 4
    assert found.harvest.not_seen == ("10.5281/zenodo.3000",)
    assert found.harvest.repaired == (("2001", "creators: not a list"),)


MERGED = entry(1001, title="One", merged=(MergedEntry(identity="10.5281/zenodo.700", slug="uno"),))


def test_a_merged_entry_is_accounted_for_and_its_slug_and_doi_lead_to_the_other() -> None:
    found = catalogue(MERGED, notebooks="software:\n  - {ossr: 10.5281/zenodo.700, name: The One, formerly: [eins]}\n")
    assert [(each.name, each.slug, each.former_slugs) for each in found.software] == [
        ("The One", "one", ("uno", "eins"))
    ]
    assert found.accounts[0].detail == "record 1001, merged with what was listed as uno"
    assert identifiers(found.software[0])["10.5281/zenodo.700"] == "an earlier DOI of it"


def test_the_feed_says_that_a_merged_entry_has_moved() -> None:
    before = current_state(catalogue(entry(1001, title="One"), entry(700, title="Uno")), "2026-11-22T03:00:00Z")
    after = current_state(catalogue(MERGED), "2026-11-23T03:00:00Z")
    (event,) = changes(before, after)
    assert [(each.what, each.old, each.new) for each in event.changes] == [(ChangeKind.MOVED, "uno", "one")]


def test_no_local_entry_takes_the_slug_of_a_merged_one() -> None:
    assert problems(inputs(MERGED, notebooks="software:\n  - {id: uno, name: Uno}\n")) == (
        "notebooks.yaml:2:5: error: id: 'uno' is a former slug of the OSSR entry 10.5281/zenodo.1000: choose another"
    )


# --- order


def without_places(found: Catalogue) -> object:
    """The catalogue without the line numbers of its sources."""

    def bare(entries: object) -> list[object]:
        assert isinstance(entries, tuple)
        return [replace(each, sources=(), provenance=()) for each in entries]

    return (
        bare(found.software), bare(found.withdrawn), found.offers, found.related, found.site,
        [replace(each, place=Place(file="somewhere")) for each in found.facilities],
        sorted((line.identity, line.title, line.outcome) for line in found.accounts),
    )  # fmt: skip


@pytest.mark.case("Y22")
def test_y22_the_order_of_entries_in_the_files_changes_nothing() -> None:
    places = [
        f"  - id: {name}\n    name: Same\n    kind: binderhub\n    url: https://{name}.example.org/\n    description: X.\n"
        for name in ("a", "b", "c")
    ]
    own = [
        f"  - id: {name}\n    name: Own\n    keywords: [{word}]\n    interfaces: [notebook]\n    repository: https://github.com/o/r\n"
        for name, word in [("x", "Radio"), ("y", "radio"), ("z", "VO")]
    ] + ["  - ossr: 10.5281/zenodo.1000\n    name: Own\n"]

    def built(order: int) -> Catalogue:
        given = inputs(
            ONE,
            TWO,
            facilities="facilities:\n" + "".join(places[::order]),
            notebooks="software:\n" + "".join(own[::order]),
        )
        found, problems = build_catalogue(given)
        assert {each.severity for each in problems} == {Severity.WARNING}  # of one name for several facilities
        assert found is not None
        return found

    assert without_places(built(1)) == without_places(built(-1))
    assert [each.slug for each in built(-1).software] == ["one", "x", "y", "z", "two"]
    assert [offer.facility for offer in built(-1).offers[:3]] == ["a", "b", "c"]


@pytest.mark.case("D4")
def test_the_order_of_the_snapshots_files_changes_nothing() -> None:
    given = inputs(ONE, TWO, notebooks=LOCAL)
    turned = replace(given, snapshot=dict(reversed([*given.snapshot.items()])))
    assert build_catalogue(given) == build_catalogue(turned)


def test_the_texts_of_a_snapshot_are_read_back_as_they_were() -> None:
    harvest = Harvest(api="https://zenodo.org/api", community="small", harvested="2026-01-02T03:04:05Z", seen=1)
    given = replace(inputs(), snapshot=write_snapshot(Snapshot((ONE,), harvest)))
    found, _ = build_catalogue(given)
    assert found is not None
    assert (found.harvest.api, found.harvest.community, found.harvest.seen) == ("https://zenodo.org/api", "small", 1)


@pytest.mark.case("B19")
def test_an_entry_that_the_ossr_took_in_is_reached_at_its_old_address() -> None:
    text = "software:\n  - ossr: 10.5281/zenodo.1000\n    formerly: [local-one]\n"
    [one] = catalogue(ONE, notebooks=text).software
    assert (one.slug, one.former_slugs) == ("one", ("local-one",))


# --- what was seen out there

PROBED = "2026-01-02T03:41:00Z"


def asked(*, probed: str = PROBED, **says: Any) -> dict[str, str]:
    """The stored result of probing a facility."""
    plain = {"facility": "binder", "url": "https://binder.example.org/", "asked": PROBED, "health": Health.HEALTHY}
    return dict(write_observed(Observed(probed=probed, probes=(Probe(**(plain | says)),))))


def offered(address: str, **says: Any) -> tuple[Verdict, list[str]]:
    [offer] = catalogue(entry(1001, related=(("isSupplementTo", address),)), **says).offers
    return offer.verdict, [each.text for each in offer.reasons]


def test_what_a_facility_says_that_it_takes_code_from_enters_the_verdict() -> None:
    git = "https://gitlab.in2p3.fr/group/tool"
    assert offered(git, observed=asked(providers=("gh", "gl", "ckan")))[0] is Verdict.NO
    assert offered(git, observed=asked(providers=("gh", "gl")))[1] == [
        "its code is on gitlab.in2p3.fr, and this facility takes code only from GitHub and gitlab.com"
    ]
    assert offered(git, observed=asked(providers=("gh", "git")))[0] is Verdict.MAYBE
    assert offered(git, observed=asked(providers=None))[0] is Verdict.MAYBE


def test_what_another_address_answered_says_nothing_of_a_facility_that_has_moved() -> None:
    [moved] = catalogue(observed=asked(url="https://old.example.org/")).facilities
    assert moved.probe is None
    [here] = catalogue(observed=asked()).facilities
    assert here.probe is not None


def test_a_facility_that_has_refused_every_check_for_two_weeks_is_no_longer_known_to_be_up() -> None:
    [after_two_weeks] = catalogue(observed=asked(up=PROBED, probed="2026-01-16T03:41:00Z")).facilities
    assert (after_two_weeks.down, warnings(after_two_weeks)) == (False, ())
    [later] = catalogue(observed=asked(up=PROBED, probed="2026-11-28T03:41:00Z")).facilities
    assert later.down
    assert [each.label for each in warnings(later)] == ["Refusing checks since 2 January 2026"]
    assert health_sentence(later) == (
        "Has refused every check since the one on 2 January 2026: whether it is up is not known. "
        "The last good answer was on 2 January 2026, 03:41 UTC."
    )
    assert health_view(later).days == ()


def test_how_often_a_repository_was_launched_is_known_by_its_address_however_it_is_spelt() -> None:
    count = LaunchCount(
        repository="github.com/o/tool", since="2026-01-01", days=(("2026-01-01", 2),), last="2026-01-01"
    )
    files = write_observed(Observed(launches=Launches(days=("2026-01-01",), counts=(count,))))
    found = catalogue(entry(1001, related=(("isSupplementTo", "git@github.com:O/Tool.git"),)), observed=files).software[
        0
    ]
    assert found.launched == count
