"""The snapshot: it survives a round trip through its files, and a new harvest continues the last one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.problems import CatalogueError
from catalogue.sources.snapshot import (
    Creator,
    Entry,
    Harvest,
    HarvestedRecord,
    HarvestResult,
    LeftOut,
    MergedEntry,
    OlderVersion,
    Omission,
    Record,
    Related,
    Repaired,
    Snapshot,
    StoredFile,
    Withdrawal,
    by_doi,
    missing_entries,
    newest_versions,
    next_snapshot,
    read_snapshot,
    recover_snapshot,
    with_known_concepts,
    write_snapshot,
)

EMPTY = Snapshot((), None)
HARVEST = Harvest(api="https://zenodo.example/api", community="stars", harvested="2026-11-22T03:00:00Z", seen=1)


def doi(number: int) -> str:
    return f"10.5281/zenodo.{number}"


def seen(
    number: int, title: str = "Comet", concept: int | None = 100, revision: int = 0, index: int = 0, **says: Any
) -> HarvestedRecord:
    """A record as harvested."""
    record = Record(id=str(number), doi=doi(number), title=title, **{"kind": "software", **says})
    return HarvestedRecord(record, doi(concept) if concept else None, revision, index)


def result(*records: HarvestedRecord, **more: Any) -> HarvestResult:
    return HarvestResult(seen=records, **{"codemeta": {}, "withdrawn": {}, **more})


def take(
    *records: HarvestedRecord, before: Snapshot = EMPTY, now: str = "2026-11-22T03:00:00Z", **more: Any
) -> Snapshot:
    return next_snapshot(
        result(*records, **more), before, kinds=["software"], api=HARVEST.api, community=HARVEST.community, now=now
    )


def accounts(snapshot: Snapshot) -> Harvest:
    assert snapshot.harvest is not None
    return snapshot.harvest


FULL = Entry(
    identity=doi(100),
    concept_doi=doi(100),
    slug="comet",
    record=Record(
        id="101",
        doi=doi(101),
        title="Comet “Gál”",
        creators=(Creator(name="Ada Example", family="Example", orcid="0000-0002-1825-0097"),),
        access="embargoed",
        embargo_until="2030",
        files=(StoredFile(name="codemeta.json", size=5, checksum="md5:1"),),
    ),
    codemeta={"name": "Comet", "keywords": ["a", "b"]},
    versions=(OlderVersion(doi=doi(99), version="0.9"),),
    merged=(MergedEntry(identity=doi(99), slug="comet-zero"),),
    withdrawn=Withdrawal(date="2026-11-22", reason="gone"),
)


# Files

RESTORE = "restore the file from the repository's history, or harvest again"
OTHER_VERSION = "is of another version of this program (this one reads schema 1): use that version, or " + RESTORE


def test_what_is_written_is_read_again() -> None:
    harvest = HARVEST.model_copy(
        update={
            "left_out": (
                LeftOut(id="1", title="x", reason="y"),
                LeftOut(id="2", title="x", reason="y", code=Omission.OLDER_VERSION),
            ),
            "repaired": (Repaired(id="1", text="z"), Repaired(id="2", text="z", codemeta=True)),
            "not_seen": (doi(100),),
        }
    )
    snapshot = Snapshot((FULL,), harvest)
    assert read_snapshot(write_snapshot(snapshot)) == snapshot


@pytest.mark.case("D6")
def test_the_same_facts_give_the_same_bytes() -> None:
    one = take(seen(101, "Comet", 100), seen(103, "Nova", 102))
    other = take(seen(103, "Nova", 102), seen(101, "Comet", 100))
    assert write_snapshot(one) == write_snapshot(other)


def test_a_file_holds_what_is_known_and_nothing_else() -> None:
    files = write_snapshot(take(seen(101, "Gál")))
    assert sorted(files) == ["gal.json", "harvest.json"]
    assert files["gal.json"] == (
        '{\n "concept_doi": "10.5281/zenodo.100",\n "identity": "10.5281/zenodo.100",\n "record": {\n'
        '  "doi": "10.5281/zenodo.101",\n  "id": "101",\n  "kind": "software",\n  "title": "Gál"\n },\n'
        ' "schema_version": 1,\n "slug": "gal"\n}\n'
    )


def test_a_field_that_is_no_longer_read_does_no_harm() -> None:
    files = write_snapshot(take(seen(101)))
    old = files["comet.json"].replace('"kind": "software"', '"kind": "software", "language": "eng"')
    assert old != files["comet.json"]
    assert read_snapshot({**files, "comet.json": old}) == read_snapshot(files)


def test_no_files_are_an_empty_snapshot() -> None:
    assert read_snapshot({}) == EMPTY


@pytest.mark.case("B14")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"comet.json": "{"},
            f"snapshot/comet.json: the file: invalid json: eof while parsing an object at line 1 column 1: {RESTORE}",
        ),
        (
            {"comet.json": '{"identity": "x", "slug": "comet", "record": {"id": "1"}}'},
            f"snapshot/comet.json: record.doi: field required: {RESTORE}",
        ),
        (
            {"harvest.json": '{"schema_version": 2}'},
            f"snapshot/harvest.json {OTHER_VERSION}",
        ),
        (
            {
                "harvest.json": write_snapshot(Snapshot((FULL,), HARVEST))["harvest.json"].replace(
                    HARVEST.harvested, "2026-13-45T99:00:00Z"
                )
            },
            "snapshot/harvest.json: harvested: value error, '2026-13-45t99:00:00z' is no time, as in "
            "2026-11-22t03:41:00z: " + RESTORE,
        ),
        (
            {"other.json": write_snapshot(Snapshot((FULL,), None))["comet.json"]},
            "snapshot/other.json: holds the entry 'comet': restore the file or harvest again",
        ),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(change: dict[str, str], message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_snapshot({**write_snapshot(Snapshot((FULL,), HARVEST)), **change})
    assert str(caught.value) == message


def test_entries_without_their_accounting_are_refused() -> None:
    with pytest.raises(CatalogueError) as caught:
        read_snapshot(write_snapshot(Snapshot((FULL,), None)))
    assert str(caught.value) == "snapshot/harvest.json is missing: restore it or harvest again"


# Choosing


@pytest.mark.case("U31")
def test_of_one_record_the_higher_revision_is_taken() -> None:
    newest, older, left_out = newest_versions(
        [seen(101, "a", revision=1), seen(101, "b", revision=2), seen(101, "c")], ["software"]
    )
    assert [each.record.title for each in newest.values()] == ["b"]
    assert (older, left_out) == ([], [])


@pytest.mark.case("D4", "U35")
def test_of_one_concept_the_newest_version_is_taken_and_the_order_does_not_matter() -> None:
    records = [seen(105, index=0), seen(103, index=2), seen(104, index=1)]
    for order in (records, records[::-1]):
        newest, older, left_out = newest_versions(order, ["software"])
        assert [each.record.id for each in newest.values()] == ["103"]
        assert [each.record.id for each in older] == ["104", "105"]
        assert left_out == [
            LeftOut(id="104", title="Comet", reason="older version of 10.5281/zenodo.103", code=Omission.OLDER_VERSION),
            LeftOut(id="105", title="Comet", reason="older version of 10.5281/zenodo.103", code=Omission.OLDER_VERSION),
        ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("dataset", "not software: dataset"),
        ("publication/softwaredocumentation", "not software: publication, softwaredocumentation"),
        ("", "not software: of no stated kind"),
    ],
)
def test_other_kinds_are_left_out_with_the_reason(kind: str, reason: str) -> None:
    snapshot = take(seen(101, kind=kind))
    assert snapshot.entries == ()
    assert accounts(snapshot).left_out == (LeftOut(id="101", title="Comet", reason=reason, code=Omission.OTHER_KIND),)


def test_a_kind_within_a_wanted_kind_is_wanted() -> None:
    assert len(take(seen(101, kind="software/computationalnotebook")).entries) == 1


# Accounting


def test_the_sums_add_up_to_what_was_seen() -> None:
    before = take(seen(201, "Old", 200), seen(203, "Older", 202))
    snapshot = take(
        seen(101, index=0),
        seen(102, index=1),
        seen(104, "Nova", 103),
        seen(104, "Nova", 103, revision=2),
        seen(106, "Data", 105, kind="dataset"),
        before=before,
        left_out=(LeftOut(id="hit 5 of page 1", title="", reason="it has no number"),),
        withdrawn={doi(200): Withdrawal(date="2026-11-22", reason="gone")},
    )
    harvest = accounts(snapshot)
    published = [
        entry.slug for entry in snapshot.entries if not entry.withdrawn and entry.identity not in harvest.not_seen
    ]
    assert published == ["comet", "nova"]
    assert [line.id for line in harvest.left_out] == ["101", "106", "hit 5 of page 1"]
    assert harvest.seen == len(published) + len(harvest.left_out) == 5
    assert harvest.not_seen == (doi(202),)
    assert [entry.slug for entry in snapshot.entries if entry.withdrawn] == ["old"]


# Continuing


def test_a_slug_is_chosen_from_the_name_and_stays_when_the_title_changes() -> None:
    code = Related(relation="isSupplementTo", identifier="https://github.com/stars/comet/tree/v1")
    before = take(seen(101, "stars/comet: v1", related=(code,)))
    after = take(seen(101, "Great Comet"), before=before)
    assert [entry.slug for entry in before.entries] == ["comet"]
    assert [(entry.slug, entry.record.title) for entry in after.entries] == [("comet", "Great Comet")]


@pytest.mark.parametrize(
    ("titles", "slugs"),
    [
        (["Comet", "Comet"], ["comet", "comet-103"]),
        (["Comet", "COMET", "comet!"], ["comet", "comet-103", "comet-105"]),
        (["Comet 103", "Comet", "Comet"], ["comet", "comet-103", "comet-105"]),
        (["Comet 103", "Comet 103"], ["comet-103", "comet-103-103"]),
        (["", "彗星"], ["record-101", "record-103"]),
        (["Harvest"], ["harvest-101"]),
        (["CON"], ["con-record-101"]),
    ],
)
def test_every_entry_has_an_address_of_its_own(titles: list[str], slugs: list[str]) -> None:
    records = [seen(101 + 2 * place, title, 100 + 2 * place) for place, title in enumerate(titles)]
    snapshot = take(*records)
    assert [entry.slug for entry in snapshot.entries] == slugs
    assert len(write_snapshot(snapshot)) == len(titles) + 1


def test_a_new_entry_takes_no_reserved_address_and_an_old_one_keeps_its_own() -> None:
    def take_reserved(*records: HarvestedRecord, before: Snapshot) -> list[str]:
        found = next_snapshot(
            result(*records),
            before,
            kinds=["software"],
            api=HARVEST.api,
            community=HARVEST.community,
            now=HARVEST.harvested,
            reserved=["comet", "nova"],
        )
        return [entry.slug for entry in found.entries]

    assert take_reserved(seen(101), seen(103, "Nova", 102), before=EMPTY) == ["comet-101", "nova-103"]
    assert take_reserved(seen(101), seen(103, "Nova", 102), before=take(seen(101))) == ["comet", "nova-103"]


def test_the_slug_of_a_withdrawn_entry_is_not_given_away() -> None:
    before = take(seen(101), withdrawn={})
    before = take(before=before, withdrawn={doi(100): Withdrawal(date="2026-11-22", reason="gone")})
    after = take(seen(103, "Comet", 102), before=before)
    assert [(entry.slug, bool(entry.withdrawn)) for entry in after.entries] == [("comet", True), ("comet-103", False)]


def test_history_grows_with_each_version() -> None:
    first = take(seen(101, version="1", published="2026-01-01"))
    second = take(seen(102, version="2", published="2026-02-01"), before=first)
    third = take(seen(103, version="3", published="2026-03-01"), before=second)
    (entry,) = third.entries
    assert (entry.slug, entry.record.version) == ("comet", "3")
    assert entry.versions == (
        OlderVersion(doi=doi(102), version="2", published="2026-02-01"),
        OlderVersion(doi=doi(101), version="1", published="2026-01-01"),
    )
    assert take(seen(103, version="3", published="2026-03-01"), before=third) is third


def test_a_night_without_news_returns_what_was_there() -> None:
    before = take(seen(101), seen(103, "Nova", 102))
    assert take(seen(103, "Nova", 102), seen(101), before=before, now="2026-11-23T03:00:00Z") is before


def test_a_night_with_news_has_a_new_time() -> None:
    before = take(seen(101))
    after = take(seen(101), seen(103, "Nova", 102), before=before, now="2026-11-23T03:00:00Z")
    assert accounts(after).harvested == "2026-11-23T03:00:00Z"


def test_an_entry_first_known_by_its_version_is_recognised_when_its_concept_becomes_known() -> None:
    before = take(seen(101, concept=None))
    assert [entry.identity for entry in before.entries] == [doi(101)]
    after = take(seen(101, "Renamed"), before=before)
    assert [(entry.identity, entry.concept_doi, entry.slug) for entry in after.entries] == [
        (doi(100), doi(100), "comet")
    ]


def test_an_entry_keeps_its_concept_for_a_night_in_which_the_record_does_not_name_it() -> None:
    before = take(seen(101), seen(103, "Nova", 102))
    assert take(seen(101, concept=None), seen(103, "Nova", 102), before=before) is before
    assert with_known_concepts([seen(101, concept=None), seen(105, concept=None)], before) == (
        seen(101),
        seen(105, concept=None),
    )


def test_two_records_that_both_claim_an_entry_do_not_share_its_file() -> None:
    before = take(seen(102), before=take(seen(101)))
    after = take(seen(101, "Elsewhere", concept=90), seen(102), before=before)
    assert len({entry.slug for entry in after.entries}) == len(after.entries) == 2


def test_a_version_that_leaves_its_entry_does_not_take_the_slug_along() -> None:
    before = take(seen(102), before=take(seen(101)))
    after = take(seen(101, "Elsewhere", concept=90), seen(102), before=before)
    assert [(entry.slug, entry.record.doi) for entry in after.entries] == [("comet", doi(102)), ("elsewhere", doi(101))]


def test_an_entry_that_disappears_is_not_merged_into_the_one_that_it_was_once_a_version_of() -> None:
    before = take(seen(102), before=take(seen(101)))
    apart = take(seen(101, "Elsewhere", concept=90), seen(102), before=before)
    gone = Withdrawal(date="2026-11-22", reason="gone")
    after = take(seen(102), before=apart, withdrawn={doi(90): gone})
    assert [(entry.slug, entry.merged, entry.withdrawn) for entry in after.entries] == [
        ("comet", (), None),
        ("elsewhere", (), gone),
    ]


def merged_comets() -> Snapshot:
    """Two entries, one with a history, after the harvest that found them to be versions of one concept."""
    before = take(seen(101, concept=None), seen(103, "Comet two", concept=None))
    first = before.entries[0].model_copy(update={"versions": (OlderVersion(doi=doi(99)),)})
    return take(seen(101), seen(103, "Comet two"), before=replace(before, entries=(first, before.entries[1])))


def test_entries_that_are_versions_of_one_concept_become_one_with_the_slugs_and_history_of_both() -> None:
    (entry,) = merged_comets().entries
    assert (entry.slug, entry.former_slugs) == ("comet-two", ("comet",))
    assert [each.doi for each in entry.versions] == [doi(101), doi(99)]
    assert entry.dois == {doi(99), doi(100), doi(101), doi(103)}
    assert accounts(merged_comets()).not_seen == ()


def test_a_merged_entry_stays_merged_and_its_slug_is_not_given_away() -> None:
    before = read_snapshot(write_snapshot(merged_comets()))
    assert take(seen(101), seen(103, "Comet two"), before=before) == before
    after = take(seen(103, "Comet two"), seen(201, "Comet", concept=200), before=before)
    assert [(entry.slug, entry.former_slugs) for entry in after.entries] == [
        ("comet-201", ()),
        ("comet-two", ("comet",)),
    ]


def test_an_entry_keeps_its_slug_if_its_concept_changes_in_a_night_with_a_new_version() -> None:
    before = take(seen(101))
    (entry,) = take(seen(101, concept=200), seen(102, "Nova", concept=200), before=before).entries
    assert (entry.identity, entry.slug, entry.former_slugs) == (doi(200), "comet", ())


def test_an_entry_is_known_by_all_identities_that_it_had() -> None:
    first = take(seen(101))
    second = take(seen(101, concept=200), before=first)
    third = read_snapshot(write_snapshot(take(seen(101, concept=300), before=second)))
    assert [(entry.identity, entry.slug, entry.former_dois) for entry in third.entries] == [
        (doi(300), "comet", (doi(100), doi(200)))
    ]
    back = take(seen(101), before=third)
    assert [(entry.identity, entry.former_dois) for entry in back.entries] == [(doi(100), (doi(200), doi(300)))]
    nova = take(seen(101), seen(401, "Nova", concept=400), before=back)
    (entry,) = take(seen(101, concept=400), seen(401, "Nova", concept=400), before=nova).entries
    assert {doi(100), doi(200), doi(300)} <= set(entry.former_dois)


def test_a_concept_that_another_entry_has_now_is_no_former_identity() -> None:
    before = take(seen(101, concept=200), before=take(seen(101)))
    after = take(seen(101, concept=200), seen(301, "Nova", concept=100), before=before)
    assert [(entry.slug, entry.former_dois) for entry in after.entries] == [("comet", ()), ("nova", ())]
    assert by_doi(after)[doi(100)].slug == "nova"
    missed = take(seen(301, "Nova", concept=100), before=after)
    assert [entry.slug for entry in missed.entries] == ["comet", "nova"]


def test_an_entry_in_a_damaged_file_keeps_what_it_was_known_by() -> None:
    before = take(seen(103, "Comet two", concept=400), before=merged_comets())
    files = write_snapshot(before)
    files["comet-two.json"] = files["comet-two.json"].replace('"record": {', '"record": <<<<<<< HEAD {')
    found, unread = recover_snapshot(files)
    assert (found.entries, list(unread)) == ((), ["comet-two.json"])
    after = take(seen(103, "Comet two", concept=400), seen(201, "Comet", concept=200), before=found)
    old, new = before.entries[0], after.entries[1]
    assert (new.slug, new.merged, new.former_identities) == (old.slug, old.merged, old.former_identities)
    assert [each.slug for each in after.entries] == ["comet-201", "comet-two"]


def test_what_had_been_merged_into_an_entry_goes_along_when_that_is_merged() -> None:
    nova = take(seen(301, "Nova", concept=300), before=merged_comets())
    assert len(nova.entries) == 2
    after = take(seen(103, "Comet two", concept=300), seen(302, "Nova", concept=300), before=nova)
    assert [(entry.slug, entry.former_slugs) for entry in after.entries] == [("nova", ("comet-two", "comet"))]
    assert doi(100) in after.entries[0].dois


NIGHTS = st.lists(
    st.dictionaries(st.integers(101, 106), st.tuples(st.sampled_from([None, 90, 91, 92]), st.sampled_from("AB"))),
    min_size=2,
    max_size=5,
)


@given(NIGHTS)
def test_whatever_concepts_a_harvest_states_no_slug_or_doi_is_lost_and_no_slug_belongs_to_two_entries(
    nights: list[dict[int, tuple[int | None, str]]],
) -> None:
    before = EMPTY
    for night in nights:
        after = take(*(seen(number, title, concept) for number, (concept, title) in night.items()), before=before)
        slugs, earlier = (
            [slug for entry in each.entries for slug in (entry.slug, *entry.former_slugs)] for each in (after, before)
        )
        assert len(set(slugs)) == len(slugs)
        assert set(earlier) <= set(slugs)
        assert {doi for entry in before.entries for doi in entry.dois} <= by_doi(after).keys()
        before = read_snapshot(write_snapshot(after))


def test_what_is_not_seen_again_is_known_by_every_doi_of_its() -> None:
    before = take(seen(102), before=take(seen(101)))
    assert missing_entries([], before) == list(before.entries)
    assert missing_entries([seen(101, concept=None)], before) == []
    assert missing_entries([seen(999)], before) == []


def test_an_entry_not_seen_again_is_kept_and_said_to_be() -> None:
    before = take(seen(101), seen(103, "Nova", 102))
    after = take(seen(103, "Nova", 102), before=before)
    assert after.entries == before.entries
    assert accounts(after).not_seen == (doi(100),)


def test_a_withdrawn_entry_stays_as_it_was_and_is_not_counted_again() -> None:
    gone = Withdrawal(date="2026-11-22", reason="gone")
    before = take(seen(101), seen(103, "Nova", 102))
    after = take(seen(103, "Nova", 102), before=before, withdrawn={doi(100): gone})
    assert [(entry.slug, entry.withdrawn) for entry in after.entries] == [("comet", gone), ("nova", None)]
    assert missing_entries([], after) == [after.entries[1]]
    assert take(seen(103, "Nova", 102), before=after, now="2027-01-01T00:00:00Z") is after


def test_the_codemeta_file_is_the_one_with_the_shortest_path() -> None:
    files = ("comet.zip", "a/codemeta.json", "codemeta.json", "not-codemeta.json")
    found = seen(101, files=tuple(StoredFile(name=name) for name in files)).codemeta_file
    assert found == StoredFile(name="codemeta.json")
