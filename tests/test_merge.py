"""Merging several statements about one entry: for each field the last one wins, and provenance keeps the others."""

from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from catalogue.merge import FIELDS, combine, display_text
from catalogue.model import (
    Interface,
    Licence,
    Notebook,
    Person,
    Provenance,
    Software,
    Source,
    State,
    StatedValue,
    Version,
)
from catalogue.problems import CatalogueError, Place
from catalogue.repository import Repository
from catalogue.sources.local import read_local
from catalogue.sources.ossr import statements
from tests.world import entry, statement

RECORD, CODEMETA = Source(label="OSSR record"), Source(label="CodeMeta")


def provenance(software: Software) -> dict[str, Provenance]:
    return {each.field: each for each in software.provenance}


def test_each_field_is_taken_from_the_last_source_that_states_it() -> None:
    software = combine(
        [
            statement("CodeMeta", name="One", summary="From CodeMeta.", runtimes=("Python",)),
            statement("OSSR record", slug="one", name="Two", summary="From the record."),
            statement("notebooks.yaml:7", name="Three"),
        ]
    )
    assert (software.name, software.summary, software.runtimes) == ("Three", "From the record.", ("Python",))
    said = provenance(software)
    assert {name: each.source.label for name, each in said.items()} == {
        "name": "notebooks.yaml:7",
        "summary": "OSSR record",
        "runtimes": "CodeMeta",
    }


def test_what_others_said_and_was_not_taken_is_kept_with_its_source() -> None:
    software = combine(
        [
            statement("CodeMeta", slug="one", name="One", licence=Licence(spdx="MIT", stated="https://spdx.org/licenses/MIT")),
            statement("OSSR record", name="One", licence=Licence(spdx="CC-BY-4.0", stated="cc-by-4.0")),
        ]
    )  # fmt: skip
    said = provenance(software)
    assert said["licence"] == Provenance(
        field="licence", source=RECORD, instead_of=(StatedValue(source=CODEMETA, value="MIT"),)
    )
    # a source that states the same value overrides nothing
    assert said["name"] == Provenance(field="name", source=RECORD, also=(CODEMETA,))


def test_a_source_more_exact_than_the_whole_is_named_for_its_field() -> None:
    line = Source(label="notebooks.yaml:9", place=Place(file="notebooks.yaml", line=9, column=5))
    software = combine(
        [
            statement("OSSR record", slug="one", name="One", summary="Old."),
            statement("notebooks.yaml:7", summary="New.", places=(("summary", line),)),
            statement("again", keywords=("x",)),
        ]
    )
    assert provenance(software)["summary"] == Provenance(
        field="summary", source=line, instead_of=(StatedValue(source=RECORD, value="Old."),)
    )
    assert [each.label for each in software.sources] == ["OSSR record", "notebooks.yaml:7", "again"]


def test_an_entry_keeps_its_address_and_identity_whoever_speaks_of_it() -> None:
    software = combine([statement(slug="first", name="One"), statement("notebooks.yaml:7", slug="other", name="Two")])
    assert (software.slug, software.identity, software.name) == ("first", "10.5281/zenodo.1000", "Two")


def test_an_entry_that_nobody_gives_an_address_cannot_be_shown() -> None:
    with pytest.raises(CatalogueError, match=r"^no source gives a slug to '10\.5281/zenodo\.1000'$"):
        combine([statement(name="One")])


def test_b5_a_record_with_only_a_title_becomes_software() -> None:
    software = combine(statements(entry(title="Tool")))
    assert software == Software(
        identity="10.5281/zenodo.1000",
        slug="tool",
        name="Tool",
        doi="10.5281/zenodo.1001",
        concept_doi="10.5281/zenodo.1000",
        record_url="https://zenodo.org/records/1001",
        state=State.CURRENT,
        sources=software.sources,
        provenance=software.provenance,
    )
    assert (software.summary, software.description, software.authors, software.licence) == ("", Markup(), (), None)
    assert {each.field for each in software.provenance} == {"name", "doi", "concept_doi", "record_url", "state"}


@pytest.mark.parametrize("interface", Interface)
def test_b11_every_kind_of_software_keeps_its_full_name(interface: Interface) -> None:
    name = "An unabridged name of a " + interface + " that is much longer than thirty letters " + "and more " * 20
    software = combine([statement(slug="one", name=name, interfaces=frozenset({interface}))])
    assert (software.name, software.interfaces) == (name, frozenset({interface}))


# --- the repository, in the order of who knows better


def ossr(**says: Any) -> Software:
    return combine(statements(entry(**says)))


CODE = {"codeRepository": "https://gitlab.com/group/tool"}
RELATED = [("isSupplementTo", "https://github.com/owner/tool/tree/v1.0")]


@pytest.mark.parametrize("related", [[], [("isSupplementTo", "https://example.org/page")]])
def test_codemeta_gives_the_repository_where_the_record_does_not(related: list[tuple[str, str]]) -> None:
    software = ossr(codemeta=CODE, related=related)
    assert software.repository == Repository(host="gitlab.com", path="group/tool")
    assert software.no_repository is None
    assert provenance(software)["repository"].source.label == "CodeMeta file of 10.5281/zenodo.1001"


def test_the_records_related_identifier_is_taken_before_codemeta() -> None:
    software = ossr(codemeta=CODE, related=RELATED)
    assert software.repository == Repository(host="github.com", path="owner/tool", ref="v1.0")
    (other,) = provenance(software)["repository"].instead_of
    assert (other.source.label, other.value) == (
        "CodeMeta file of 10.5281/zenodo.1001",
        "https://gitlab.com/group/tool",
    )


def local(*lines: str) -> Software:
    """The entry with a repository on GitHub, after the overrides in these lines of notebooks.yaml."""
    text = "software:\n  - ossr: 10.5281/zenodo.1000\n" + "".join(f"    {line}\n" for line in lines)
    said, problems = read_local(text)
    assert problems == []
    return combine([*statements(entry(codemeta=CODE, related=RELATED)), *said])


def test_what_is_said_locally_is_taken_before_both() -> None:
    software = local("repository: https://codeberg.org/owner/tool")
    assert software.repository == Repository(host="codeberg.org", path="owner/tool")
    said = provenance(software)["repository"]
    assert said.source.label == "notebooks.yaml:3"
    assert [each.value for each in said.instead_of] == [
        "https://gitlab.com/group/tool",
        "https://github.com/owner/tool/tree/v1.0",
    ]


@pytest.mark.parametrize(("ref", "becomes"), [("main", "main"), ("feature/x", "feature/x"), ("HEAD", None)])
def test_a_ref_that_is_said_locally_moves_the_repository_that_is_known(ref: str, becomes: str | None) -> None:
    software = local(f"ref: {ref}")
    assert software.repository == Repository(host="github.com", path="owner/tool", ref=becomes)
    said = provenance(software)["repository"]
    assert said.source.label == "notebooks.yaml:3"
    assert [(each.source.label, each.value) for each in said.instead_of] == [
        ("CodeMeta file of 10.5281/zenodo.1001", "https://gitlab.com/group/tool"),
        ("OSSR record 10.5281/zenodo.1001", "https://github.com/owner/tool/tree/v1.0"),
    ]


def test_of_several_refs_the_last_one_counts() -> None:
    record = statement("OSSR record", slug="one", name="One", repository="https://github.com/o/one", ref="v1")
    moved = combine([record, statement("notebooks.yaml:7", ref="v2")]).repository
    assert moved == Repository(host="github.com", path="o/one", ref="v2")


def test_a_ref_that_is_the_known_one_changes_nothing() -> None:
    said = provenance(local("ref: v1.0"))["repository"]
    assert said.source.label == "OSSR record 10.5281/zenodo.1001"
    assert [each.value for each in said.instead_of] == ["https://gitlab.com/group/tool"]


def test_a_ref_without_any_repository_says_nothing() -> None:
    software = combine([statement(slug="one", name="One"), statement("notebooks.yaml:7", ref="main")])
    assert software.repository is None
    assert [each.field for each in software.provenance] == ["name"]


def test_authors_beyond_the_limit_are_counted_only_beside_the_authors_of_the_same_source() -> None:
    ada, bea = ((Person(name=name, sort_name=name),) for name in ("Ada", "Bea"))
    record = statement("OSSR record", slug="one", name="One", authors=ada, more_authors=900)
    assert combine([record]).more_authors == 900
    assert combine([record, statement("notebooks.yaml:7", authors=bea)]).more_authors == 0
    assert combine([replace(record, authors=None)]).more_authors == 0


def test_an_overridden_value_is_shown_without_tags_and_cut_but_compared_whole() -> None:
    same = "word " * 80
    record, line = (Markup(f"<p>{same}{end}</p>") for end in ("old", "new"))
    found = combine([
        statement("OSSR record", slug="x", name="X", description=record),
        statement("notebooks.yaml:1", description=line),
    ])  # fmt: skip
    assert [each.value for each in provenance(found)["description"].instead_of] == ["word " * 59 + "word …"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("  some \n text ", "some text"),
        ("word " * 100, "word " * 99 + "word"),
        (False, "no"),
        (("b", "a"), "b, a"),
        (frozenset({Interface.WEB, Interface.DESKTOP}), "desktop, web"),
        (Licence(spdx=None, stated="other"), "other"),
        (Repository(host="github.com", path="o/r", ref="main", file="a.py"), "https://github.com/o/r/blob/main/a.py"),
        ((Person(name="Jane Doe", sort_name="Doe, Jane"),), "Jane Doe"),
        (
            (Person(name="Jane Doe", sort_name="Doe, Jane", orcid="0000-0002-1825-0097"),),
            "Jane Doe (0000-0002-1825-0097)",
        ),
        ((Notebook(path="a.ipynb", title="A"),), "a.ipynb"),
        ((Version(doi="10.5281/zenodo.1", version="1"),), "10.5281/zenodo.1"),
        (Markup("<p>a <em>b</em></p>\n<p>c</p>"), "a b c"),
        (("a, b", "c"), "a, b; c"),
        (State.CURRENT, "current"),
    ],
)
def test_values_are_compared_in_words(value: object, words: str) -> None:
    assert display_text(value) == words


def test_every_field_of_a_statement_is_one_of_software() -> None:
    assert set(FIELDS) <= set(Software.__dataclass_fields__)


def test_who_would_give_the_same_value_is_known_so_that_an_override_can_be_found_that_changes_nothing() -> None:
    said = provenance(
        combine(
            [
                statement("CodeMeta", slug="one", name="One", summary="S.", licence=Licence(spdx="MIT", stated="mit")),
                statement("OSSR record", name="Two", summary="S.", licence=Licence(spdx="MIT", stated="mit-license")),
                statement("notebooks.yaml:7", name="One", summary="S.", licence=Licence(spdx="MIT", stated="MIT")),
            ]
        )
    )
    assert {name: [source.label for source in each.also] for name, each in said.items()} == {
        "name": [],  # without the override the record's would be taken, not CodeMeta's
        "summary": ["OSSR record", "CodeMeta"],
        "licence": ["OSSR record", "CodeMeta"],
    }


@pytest.mark.parametrize(("ref", "also"), [("HEAD", ["CodeMeta", "notebooks.yaml:7"]), ("v1", [])])
def test_a_ref_that_moves_the_repository_nowhere_is_known_too(ref: str, also: list[str]) -> None:
    said = provenance(
        combine(
            [
                statement("CodeMeta", repository="https://github.com/o/one"),
                statement(slug="one", name="One", repository="https://github.com/o/one"),
                statement("notebooks.yaml:7", ref=ref),
            ]
        )
    )
    assert [source.label for source in said["repository"].also] == also
