"""Hits in Zenodo's two formats -> the facts that are kept. Values of the wrong type are dropped and reported."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from catalogue.sources.snapshot import Creator, HarvestedRecord, LeftOut, Record, Related, Repaired, StoredFile
from catalogue.sources.zenodo import communities_of, read_hit

from ..edge.zenodo_double import Work, inveniordm, legacy, md5

SHAPES = [pytest.param(legacy, id="legacy"), pytest.param(inveniordm, id="InvenioRDM")]
Shape = Callable[[Work], dict[str, Any]]
WORK = Work(
    number=105,
    title="stars/comet: v2",
    concept=101,
    version="v2",
    index=1,
    revision=3,
    licences=("mit", "apache-2.0"),
    creators={"Ada Example": "Observatory", "Bea Example": "Planetarium"},
    files={"z.txt": b"", "a/b.zip": b"PK"},
)
RECORD = Record(
    id="105",
    doi="10.5281/zenodo.105",
    title="stars/comet: v2",
    description="<p>stars/comet: v2 reads light curves.</p>",
    creators=(
        Creator(name="Ada Example", orcid="0000-0002-1825-0097", affiliation="Observatory"),
        Creator(name="Bea Example", affiliation="Planetarium"),
    ),
    keywords=("light curves", "jupyter-notebook"),
    licences=("mit",),
    related=(Related(relation="isSupplementTo", identifier="https://github.com/stars/105"),),
    version="v2",
    published="2026-01-01",
    created="2026-01-01T00:00:45.000000+00:00",
    kind="software",
    files=(
        StoredFile(name="a/b.zip", size=2, checksum=md5(b"PK")),
        StoredFile(name="z.txt", checksum=md5(b"")),
    ),
)
ALL_LICENCES = RECORD.model_copy(update={"licences": WORK.licences})


def read(hit: object) -> tuple[Record, tuple[str, ...]]:
    """The record in a hit, and what was reported about it."""
    found, repaired = read_hit(hit, "hit 1 of page 1")
    assert isinstance(found, HarvestedRecord)
    assert all(line.id == found.record.id for line in repaired)
    return found.record, tuple(line.text for line in repaired)


def test_either_shape_gives_the_same_facts_but_for_licences_after_the_first() -> None:
    assert read(legacy(WORK)) == (RECORD, ())
    assert read(inveniordm(WORK)) == (ALL_LICENCES, ())


@pytest.mark.parametrize("shape", SHAPES)
def test_files_are_in_the_order_of_their_names_and_cut_after_that(shape: Shape) -> None:
    names = [f"{number:03}.dat" for number in range(502)]
    record, repaired = read(shape(Work(number=105, title="Comet", files=dict.fromkeys(reversed(names), b""))))
    assert [file.name for file in record.files] == names[:500]
    assert repaired == ("files has 502 items, of which 500 were kept",)


def test_the_number_of_a_version_is_read_in_either_shape() -> None:
    assert read_hit(legacy(WORK), "") == (HarvestedRecord(RECORD, "10.5281/zenodo.101", revision=3, index=1), ())
    assert read_hit(inveniordm(WORK), "") == (
        HarvestedRecord(ALL_LICENCES, "10.5281/zenodo.101", revision=3, index=2),
        (),
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_communities_are_read_from_either_shape(shape: Shape) -> None:
    assert communities_of(shape(WORK)) == {"stars"}


@pytest.mark.parametrize("hit", [None, 5, {}, {"metadata": {"communities": [None, {"id": 5.5}]}, "parent": []}])
def test_communities_of_what_is_no_record_raise_nothing(hit: object) -> None:
    assert communities_of(hit) <= {"5.5"}


def test_the_family_name_is_kept_where_the_record_says_which_it_is() -> None:
    hit = inveniordm(WORK)
    hit["metadata"]["creators"][0]["person_or_org"]["family_name"] = "Example"
    assert read(hit)[0].creators[0].family == "Example"


def test_an_author_is_an_organisation_where_the_record_says_so() -> None:
    hit = inveniordm(WORK)
    hit["metadata"]["creators"][0]["person_or_org"]["type"] = "personal"
    hit["metadata"]["creators"][1]["person_or_org"]["type"] = "organizational"
    assert [each.organisation for each in read(hit)[0].creators] == [False, True]


CODE = {
    "code:codeRepository": "https://github.com/stars/comet",
    "code:programmingLanguage": [{"id": "python", "title": {"en": "Python"}}, {"id": "c++"}, {"title": {"de": "Rost"}}],
    "code:developmentStatus": {"id": "active", "title": {"en": "Active"}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fields_on_software_are_read_from_either_shape(shape: Shape) -> None:
    record, repaired = read(shape(Work(number=105, title="Comet", code=CODE)))
    assert record.related[-1] == Related(relation="codeRepository", identifier="https://github.com/stars/comet")
    assert (record.code_languages, repaired) == (("Python", "c++"), ())


@pytest.mark.parametrize(
    ("doi", "concept"),
    [
        ("10.5281/zenodo.105", "10.5281/zenodo.101"),
        ("10.5072/zenodo.105", "10.5072/zenodo.101"),
        ("10.1051/0004-6361/202037850", None),
        ("10.1051/zenodo.105.b", None),
    ],
)
def test_a_concept_known_by_number_only_has_the_prefix_of_the_records_own_doi(doi: str, concept: str | None) -> None:
    old, new = legacy(WORK), inveniordm(WORK)
    old["doi"] = new["pids"]["doi"]["identifier"] = doi
    del old["conceptdoi"], new["parent"]["pids"]
    for hit in (old, new):
        found, _ = read_hit(hit, "")
        assert isinstance(found, HarvestedRecord)
        assert (found.record.doi, found.concept_doi) == (doi, concept)


def test_the_doi_in_the_metadata_serves_where_the_one_above_is_malformed() -> None:
    assert read({**legacy(WORK), "doi": 'javascript:"><b>'})[0] == RECORD


@pytest.mark.parametrize(
    ("hit", "left_out"),
    [
        (None, LeftOut(id="hit 1 of page 1", title="", reason="not a record: the answer holds something else in its place")),
        ([], LeftOut(id="hit 1 of page 1", title="", reason="not a record: the answer holds something else in its place")),
        ({}, LeftOut(id="hit 1 of page 1", title="", reason="it has no number")),
        ({"metadata": {"title": "Comet"}}, LeftOut(id="hit 1 of page 1", title="Comet", reason="it has no number")),
        ({"id": "../x"}, LeftOut(id="hit 1 of page 1", title="", reason="its number is malformed")),
        ({"id": 5, "doi": "10.5281/<b>"}, LeftOut(id="5", title="", reason="it has no DOI")),
        ({"id": 5, "tombstone": {}}, LeftOut(id="5", title="", reason="it has been withdrawn")),
        ({"id": "5", "pids": {}, "deletion_status": {"is_deleted": True}}, LeftOut(id="5", title="", reason="it has been withdrawn")),
    ],
)  # fmt: skip
def test_a_hit_from_which_no_record_can_be_read(hit: object, left_out: LeftOut) -> None:
    assert read_hit(hit, "hit 1 of page 1") == (left_out, ())


@pytest.mark.case("U38")
def test_a_record_with_only_a_number_and_a_doi_is_a_record() -> None:
    assert read({"id": 5, "doi": "10.5281/zenodo.5"}) == (Record(id="5", doi="10.5281/zenodo.5"), ())
    bare = {"id": "5", "pids": {"doi": {"identifier": "10.5281/zenodo.5"}}}
    assert read(bare) == (Record(id="5", doi="10.5281/zenodo.5"), ())


@pytest.mark.case("U38")
@pytest.mark.parametrize("shape", SHAPES)
def test_null_is_the_same_as_missing(shape: Shape) -> None:
    hit = shape(WORK)
    hit["metadata"] = dict.fromkeys(hit["metadata"])
    hit["files"] = hit["created"] = hit["title"] = None
    assert read(hit) == (Record(id="105", doi="10.5281/zenodo.105"), ())


@pytest.mark.case("U38")
@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("title", ["x"], "metadata.title is not text and was left out"),
        ("description", 5, "metadata.description is not text and was left out"),
        ("creators", "Ada", "metadata.creators is not a list and was left out"),
        ("creators", [{"name": "Ada"}, "Bob"], "metadata.an item of creators is not a mapping and was left out"),
        ("keywords", "a, b", "metadata.keywords is not a list and was left out"),
        ("keywords", ["a", {"b": 1}, None], "metadata.an item of keywords is not text and was left out"),
        ("related_identifiers", {}, "metadata.related_identifiers is not a list and was left out"),
        ("license", "mit", "metadata.license is not a mapping and was left out"),
        ("version", True, "metadata.version is not text and was left out"),
        ("publication_date", "yesterday", "metadata.publication_date is not a date and was left out"),
        ("publication_date", {"y": 1}, "metadata.publication_date is not text and was left out"),
        ("resource_type", [], "metadata.resource_type is not a mapping and was left out"),
        ("custom", [], "metadata.custom is not a mapping and was left out"),
        ("custom", {"code:codeRepository": ["x"]}, "metadata.custom.code:codeRepository is not text and was left out"),
        (
            "custom",
            {"code:programmingLanguage": ["Python"]},
            "metadata.custom.an item of code:programmingLanguage is not a mapping and was left out",
        ),
        ("keywords", ["word"] * 201, "metadata.keywords has 201 items, of which 200 were kept"),
        ("description", "x" * 65_537, "metadata.description has 65,537 letters, of which 65,536 were kept"),
    ],
)
def test_a_part_of_the_wrong_type_is_left_out_and_said(key: str, value: object, text: str) -> None:
    hit = legacy(WORK)
    hit["title"] = None
    hit["metadata"][key] = value
    record, repaired = read(hit)
    assert repaired == (text,)
    assert record.doi == "10.5281/zenodo.105"


@pytest.mark.case("U38")
@pytest.mark.parametrize("value", [None, 5, -1, 1.5, True, "", "text", [], [None], ["x"], [[]], {}, {"x": None}])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_value_in_any_place_raises(shape: Shape, value: object) -> None:
    def spoilt(data: Any) -> list[Any]:
        """The data with one part at a time, at every depth, replaced by the value."""
        if isinstance(data, dict):
            return [value, *({**data, key: part} for key in data for part in spoilt(data[key]))]
        if isinstance(data, list):
            return [value, *([*data[:i], part, *data[i + 1 :]] for i in range(len(data)) for part in spoilt(data[i]))]
        return [value]

    for hit in spoilt(shape(replace(WORK, code=CODE))):
        found, repaired = read_hit(hit, "hit 1 of page 1")
        assert isinstance(found, HarvestedRecord | LeftOut)
        assert all(isinstance(line, Repaired) for line in repaired)
        communities_of(hit)


def test_foreign_names_are_cleaned_where_they_are_said_to_be_wrong() -> None:
    hit = inveniordm(WORK)
    hit["files"]["entries"] = {"\ud800\x00" + "n" * 500: 5}
    (text,) = read(hit)[1]
    assert text.encode("utf-8").startswith(b"files.entries.nnn")
    assert len(text) < 160


@pytest.mark.case("U41")
@pytest.mark.parametrize(
    ("said", "access", "until"),
    [
        ({"access_right": "open"}, "open", None),
        ({"access_right": "restricted"}, "restricted", None),
        ({"access_right": "closed"}, "restricted", None),
        ({"access_right": "embargoed", "embargo_date": "2030-01-01"}, "embargoed", "2030-01-01"),
        ({"access_right": "open", "embargo_date": "2020-01-01"}, "open", None),
    ],
)
def test_access(said: dict[str, str], access: str, until: str | None) -> None:
    hit = legacy(WORK)
    hit["metadata"].update(said)
    record, _ = read(hit)
    assert (record.access, record.embargo_until) == (access, until)


def test_an_embargo_in_the_other_shape() -> None:
    hit = inveniordm(WORK)
    hit["access"].update(status="embargoed", embargo={"active": True, "until": "2030-01-01"})
    record, _ = read(hit)
    assert (record.access, record.embargo_until) == ("embargoed", "2030-01-01")


@pytest.mark.parametrize("date", ["2019", "2019-05", "2019-05-31", "2019/2021", "2019-05-31/2019-06"])
def test_a_date_is_as_precise_as_it_is_given(date: str) -> None:
    hit = legacy(WORK)
    hit["metadata"]["publication_date"] = date
    assert read(hit)[0].published == date


def test_of_all_that_is_wrong_with_a_record_twenty_parts_are_named() -> None:
    entries = {f"f{n}": "no mapping" for n in range(1000)}
    _, many = read({**inveniordm(WORK), "files": {"entries": entries}})
    assert many[0] == "files.entries.f0 is not a mapping and was left out"
    assert (len(many), many[20]) == (21, "981 more of its parts were left out")
