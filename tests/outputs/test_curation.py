"""The board: each kind of finding with a link to where it is corrected, the same counts everywhere, and safe CSV."""

import codecs
import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import pipeline
from catalogue.model import Catalogue, Verdict
from catalogue.observed import LinkState, Observed, Presence, SeenLink
from catalogue.outputs.curation import Kind, board, csv_files
from catalogue.outputs.files import File, csv_text
from catalogue.outputs.launch_views import readiness_counts
from catalogue.sources.observed import write_observed
from tests.world import CODE_OF_TOOL, FACILITIES, catalogue, entry, inputs, look, observed, reworded, seen

RECORD = ("Edit record 1001", "https://zenodo.org/uploads/1001")


def line(number: int) -> tuple[str, str]:
    return (
        f"Edit notebooks.yaml:{number}",
        f"https://github.com/small/catalogue/blob/main/notebooks.yaml#L{number}",
    )


def rows(found: Catalogue, key: str) -> list[tuple[str, str, tuple[str, str | None]]]:
    kind = next(each for each in board(found) if each.key == key)
    return [(each.about.label, each.text, (each.fix.label, each.fix.href)) for each in kind.findings]


def counts(found: Catalogue) -> Mapping[str, int]:
    return {kind.key: len(kind.findings) for kind in board(found)}


FULL = """\
software:
  - ossr: 10.5281/zenodo.1000
    platforms: [Python]
    interfaces: [library]
"""


def test_a_complete_entry_is_on_the_board_only_for_where_it_runs() -> None:
    facilities = f"{FACILITIES}    interfaces: [library]\n"
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL, licences=("mit-license",)), notebooks=FULL, facilities=facilities
    )
    assert {key for key, count in counts(found).items() if count} == set()


def test_a_missing_fact_is_added_to_the_record() -> None:
    found = catalogue(entry(1001))
    assert rows(found, "no-repository") == [("Tool", "No source says where its code is.", RECORD)]
    assert rows(found, "no-licence") == [("Tool", "No source states its licence.", RECORD)]
    assert rows(found, "no-platform") == [
        ("Tool", "No source says in which language it is written or what it runs on.", RECORD)
    ]
    assert rows(found, "no-kind") == [("Tool", "No source says how it is used.", RECORD)]


def test_a_missing_fact_of_a_local_entry_is_added_on_its_line() -> None:
    found = catalogue(notebooks="software:\n  - id: mine\n    name: Mine\n")
    assert rows(found, "no-licence") == [("Mine", "No source states its licence.", line(2))]


def test_an_unreadable_repository_url_is_reported_with_the_reason() -> None:
    found = catalogue(entry(1001, related=(("isSupplementTo", "https://github.com/owner"),)))
    ((_, text, fix),) = rows(found, "no-repository")
    assert text.startswith("Its record names https://github.com/owner (isSupplementTo): ")
    assert fix == RECORD


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("MIT", ""),
        (None, ""),
        ("GPL-3.0-only", "We show MIT (OSSR record 10.5281/zenodo.1001); other sources say “GPL-3.0-only” (the licence file of its repository)."),
    ],
)  # fmt: skip
def test_a_licence_that_differs_between_record_and_repository_names_both(file: str | None, text: str) -> None:
    there = observed(seen("https://github.com/owner/tool", licence=file))
    found = catalogue(entry(1001, licences=("mit-license",), related=CODE_OF_TOOL), observed=write_observed(there))
    assert rows(found, "other-licence") == ([("Tool", text, RECORD)] if text else [])


def test_a_licence_file_does_not_distinguish_only_from_or_later_and_is_named_if_no_licence_is_stated() -> None:
    there = write_observed(observed(seen("https://github.com/owner/tool", licence="GPL-3.0-only")))
    found = catalogue(entry(1001, licences=("GPL-3.0-or-later",), related=CODE_OF_TOOL), observed=there)
    assert rows(found, "other-licence") == []
    text = "No source states its licence. The licence file in its repository is GPL-3.0-only."
    assert rows(catalogue(entry(1001, related=CODE_OF_TOOL), observed=there), "no-licence") == [("Tool", text, RECORD)]


def test_a_licence_that_differs_between_record_and_codemeta_names_both() -> None:
    found = catalogue(
        entry(1001, licences=("mit-license",), codemeta={"license": "https://spdx.org/licenses/GPL-3.0-only"})
    )
    shown = "We show MIT (OSSR record 10.5281/zenodo.1001); other sources say “GPL-3.0-only” (CodeMeta file of 10.5281/zenodo.1001)."
    assert rows(found, "other-licence") == [("Tool", shown, RECORD)]


def test_a_licence_in_two_spellings_does_not_differ() -> None:
    found = catalogue(entry(1001, licences=("mit-license",), codemeta={"license": "MIT"}))
    assert rows(found, "other-licence") == []


def test_a_missing_environment_file_is_added_to_the_repository() -> None:
    nothing = observed(seen("https://github.com/owner/tool", look(files=())))
    found = catalogue(entry(1001, related=CODE_OF_TOOL), observed=write_observed(nothing))
    ((_, text, fix),) = rows(found, "no-environment")
    assert "no environment file at the top: add binder/requirements.txt" in text
    assert fix == ("Its repository", "https://github.com/owner/tool")


def test_a_repository_that_is_gone_is_corrected_where_it_is_stated() -> None:
    gone = observed(seen("https://github.com/owner/tool", presence=Presence.GONE))
    notebooks = "software:\n  - ossr: 10.5281/zenodo.1000\n    repository: https://github.com/owner/tool\n"
    found = catalogue(entry(1001), notebooks=notebooks, observed=write_observed(gone))
    text = "There is no such public repository on github.com: give its present address"
    assert rows(found, "broken") == [("Tool", f"{text}.", line(3))]
    assert rows(found, "nowhere") == [("Tool", f"{text} (at 1 of 1 facility).", line(3))]


def test_an_entry_that_launches_nowhere_is_listed_with_the_most_common_reason() -> None:
    web = "  - {id: web, name: Web, kind: website, interfaces: [web], url: 'https://web.org/', description: A.}\n"
    empty = "software:\n  - id: mine\n    name: Mine\n    repository: https://github.com/o/mine\n    interfaces: [notebook]\n"
    found = catalogue(
        notebooks=f"{empty}  - id: mine-2\n    name: Other\n    interfaces: [desktop]\n",
        facilities=f"{FACILITIES}{web}",
        observed=write_observed(observed(seen("https://github.com/o/mine", presence=Presence.EMPTY))),
    )
    assert rows(found, "nowhere") == [
        (
            "Mine",
            "The repository is empty: put the code into it (at 1 of 2 facilities).",
            ("Its repository", "https://github.com/o/mine"),
        ),
        # What is wrong is the kind, not the code.
        ("Other", "Desktop program: this facility runs notebooks (at 1 of 2 facilities).", line(8)),
    ]


def test_entries_of_one_repository_and_of_one_name_are_probable_duplicates_of_each_other() -> None:
    notebooks = """\
software:
  - id: mine
    name: TÓOL
    repository: https://github.com/owner/tool.git
"""
    found, _ = pipeline.build_catalogue(inputs(entry(1001, related=CODE_OF_TOOL), notebooks=notebooks))
    assert found is not None
    assert rows(found, "duplicates") == [
        ("Tool", "May be the same as TÓOL (the same repository and the same name).", RECORD),
        ("TÓOL", "May be the same as Tool (the same repository and the same name).", line(2)),
    ]


def test_two_notebooks_of_one_repository_are_no_duplicates() -> None:
    notebooks = "software:" + "".join(
        f"""
  - id: {slug}
    name: {slug.title()}
    repository: https://github.com/owner/notebooks{in_it}
"""
        for slug, in_it in [
            ("one", "\n    notebooks: [{path: one.ipynb}]"),
            ("two", "/blob/main/two.ipynb"),
            ("both", "\n    notebooks: [{path: one.ipynb}, {path: two.ipynb}]"),
        ]
    )
    found = catalogue(notebooks=notebooks)
    assert {name: text for name, text, _ in rows(found, "duplicates")} == {
        "Both": "May be the same as One (the same repository) and Two (the same repository).",
        "One": "May be the same as Both (the same repository).",
        "Two": "May be the same as Both (the same repository).",
    }


def test_of_many_entries_that_may_be_the_same_a_few_are_named() -> None:
    items = (f"  - id: copy-{number}\n    name: Copy\n" for number in range(30))
    found = catalogue(notebooks="".join(["software:\n", *items]))
    texts = [text for _, text, _ in rows(found, "duplicates")]
    assert len(texts) == 30
    assert all(text.count("(the same name)") == 5 and text.endswith(" and 24 more.") for text in texts)


def test_a_web_application_is_launched_where_it_runs() -> None:
    notebooks = "software:\n  - id: mine\n    name: Mine\n    interfaces: [web]\n    homepage: https://a.org/\n"
    assert rows(catalogue(notebooks=notebooks), "nowhere") == []


DEAD = SeenLink(
    url="https://a.org/",
    asked="2026-01-09T00:00:00Z",
    state=LinkState.MISSING,
    detail="answered 404 Not Found",
    there="2025-12-24T00:00:00Z",
    missing=("2026-01-07", "2026-01-08", "2026-01-09"),
)


def test_a_dead_link_is_corrected_where_it_is_stated() -> None:
    notebooks = "software:\n  - id: mine\n    name: Mine\n    homepage: https://a.org/\n"
    facilities = f"{FACILITIES}    documentation: https://a.org/\n"
    found = catalogue(
        notebooks=notebooks,
        facilities=facilities,
        observed=write_observed(Observed(followed=DEAD.asked, links=(DEAD,))),
    )
    since = "answered 404 Not Found, missing since 7 January 2026, last there on 24 December 2025."
    assert rows(found, "dead-links") == [
        ("Mine", f"Home page https://a.org/: {since}", line(4)),
        (
            "Binder",
            f"Documentation https://a.org/: {since}",
            ("Edit facilities.yaml:2", "https://github.com/small/catalogue/blob/main/facilities.yaml#L2"),
        ),
    ]


def test_a_dead_link_in_a_description_is_quoted_and_corrected_where_the_description_is_stated() -> None:
    notebooks = """\
software:
  - id: mine
    name: Mine
    description: |
      Reads the sky.

      See the [guide](https://a.org/).
"""
    facilities = FACILITIES.replace("For everyone.", "For <https://a.org/>.")
    found = catalogue(
        entry(1001, description='<p>See <a href="https://a.org/#top">its <em>pages</em></a>.</p>'),
        notebooks=notebooks,
        facilities=facilities,
        observed=write_observed(Observed(followed=DEAD.asked, links=(DEAD,))),
    )
    since = "answered 404 Not Found, missing since 7 January 2026, last there on 24 December 2025."
    at_facility = ("Edit facilities.yaml:2", "https://github.com/small/catalogue/blob/main/facilities.yaml#L2")
    assert sorted(rows(found, "dead-links")) == [
        ("Binder", f"Description, link https://a.org/: {since}", at_facility),
        ("Mine", f"Description, link “guide” https://a.org/: {since}", line(4)),
        ("Tool", f"Description, link “its pages” https://a.org/: {since}", RECORD),
    ]


def test_a_link_that_is_missing_for_the_second_time_is_not_dead() -> None:
    notebooks = "software:\n  - id: mine\n    name: Mine\n    homepage: https://a.org/\n"
    twice = replace(DEAD, missing=DEAD.missing[:2])
    found = catalogue(notebooks=notebooks, observed=write_observed(Observed(followed=DEAD.asked, links=(twice,))))
    assert rows(found, "dead-links") == []


@pytest.mark.parametrize(
    ("published", "stale"),
    [
        ("2023-01-01", True),
        ("2023-01-03", False),
        ("2022-12", True),
        ("2023-01", False),
        ("2022", True),
        ("2023", False),
        (None, False),
    ],
)
def test_a_version_is_stale_after_three_years_counted_from_the_snapshot(published: str | None, stale: bool) -> None:
    assert bool(rows(catalogue(entry(1001, published=published)), "stale")) is stale


def test_a_derived_fact_is_not_recognised_by_the_name_of_its_source() -> None:
    notebooks = "software:\n  - ossr: 10.5281/zenodo.1000\n    summary: A tool.\n"
    found = reworded(catalogue(entry(1001, description="A tool."), notebooks=notebooks))
    words = "The same without this line: Summary, «derived from OSSR record 10.5281/zenodo.1001»."
    assert [each[1] for each in rows(found, "redundant")] == [words]


def test_an_override_that_no_longer_differs_from_upstream_is_listed_for_removal_at_its_line() -> None:
    notebooks = """\
software:
  - ossr: 10.5281/zenodo.1000
    name: Tool
    licence: MIT
    keywords: [other]
"""
    found = catalogue(entry(1001, licences=("mit-license",), keywords=("sky",)), notebooks=notebooks)
    assert rows(found, "redundant") == [
        ("Tool", "The same without this line: Name, from OSSR record 10.5281/zenodo.1001.", line(3)),
        ("Tool", "The same without this line: Licence, from OSSR record 10.5281/zenodo.1001.", line(4)),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "owner/tool: v1.0",
        "owner/tool",
        "v1.2.3",
        "Release 2.0",
        "some/one: 3.1",
        "Version 1.0: faster",
        "Bump numpy",
        "Fix typo",
    ],
)
def test_a_title_that_is_a_list_of_changes_is_found(title: str) -> None:
    ((_, text, fix),) = rows(catalogue(entry(1001, title=title, related=CODE_OF_TOOL)), "change-lists")
    assert text.startswith(f"Its record is called “{title}”")
    assert fix == RECORD


@pytest.mark.parametrize(
    "title", ["Gammapy", "TCP/IP: an introduction", "Fixpoint solver", "3D viewer", "Versioned tables"]
)
def test_a_title_that_is_a_name_is_not(title: str) -> None:
    assert rows(catalogue(entry(1001, title=title)), "change-lists") == []


@pytest.mark.parametrize(
    ("description", "is_list"),
    [("<h2>What's Changed</h2><ul><li>x</li></ul>", True), ("<p>Fixed a bug.</p>", True), ("<p>Adds stars.</p>", False),
     ("<p>Addresses of stars.</p>", False), ("<p>A library.</p>", False)],
)  # fmt: skip
def test_a_description_that_is_a_list_of_changes_is_found(description: str, is_list: bool) -> None:
    assert bool(rows(catalogue(entry(1001, description=description)), "change-lists")) is is_list


# --- the same counts everywhere


def test_the_counts_of_the_board_are_those_of_the_catalogue_and_of_the_lists(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    found = counts(real_catalogue)
    software = real_catalogue.software
    assert found["no-repository"] == sum(each.repository is None for each in software)
    assert found["no-licence"] == sum(each.licence is None for each in software) > 0
    assert found["no-platform"] == sum(not each.runtimes for each in software) > 0
    assert found["no-kind"] == sum(not each.interfaces for each in software) > 0
    assert found["no-environment"] == {kind: count for kind, _, count in readiness_counts(software)}["bare"]
    sent = {each.software for each in real_catalogue.offers if each.verdict is not Verdict.NO and each.carries}
    assert found["nowhere"] == len({each.slug for each in software} - sent)
    by_path = {file.path: file for file in real_files}
    for kind in board(real_catalogue):
        if kind.href:
            page = by_path[f"{kind.href}index.html"].text
            assert len(re.findall(r'<li class="card"', page)) == len(kind.findings)


def test_the_board_the_csv_of_each_kind_and_of_all_have_the_same_rows(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    by_path = {file.path: file for file in real_files}
    page = by_path["curation/index.html"].text
    total = 0
    for kind in board(real_catalogue):
        table = read(by_path[kind.csv].content)
        assert len(table) - 1 == len(kind.findings)
        section = page.partition(f'data-kind="{kind.key}"')[2].partition("</section>")[0]
        assert section.count("<tr>") == (len(kind.findings) + 1 if kind.findings else 0)
        total += len(kind.findings)
    every = read(by_path["curation/all.csv"].content)
    assert len(every) - 1 == total > 0
    assert all(len(row) == 6 for row in every)
    assert all(row[5].startswith("https://") for row in every[1:])


# --- CSV


def read(said: str | bytes) -> list[list[str]]:
    text = said.decode("utf-8-sig") if isinstance(said, bytes) else said
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.case("H26")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert read(csv_text([[f'{start}HYPERLINK("https://evil.example")']])) == [
        [f'\'{start}HYPERLINK("https://evil.example")']
    ]


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), min_size=1), min_size=1))
def test_any_rows_survive_a_round_trip(rows: list[list[str]]) -> None:
    def guarded(cell: str) -> str:
        return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠") and cell else cell

    assert read(csv_text(rows)) == [[guarded(cell) for cell in row] for row in rows]


def test_a_hostile_name_stays_text_in_every_file() -> None:
    found = catalogue(notebooks="software:\n  - id: mine\n    name: '=1+1\"; <b>'\n")
    (file,) = [each for each in csv_files(board(found), "https://x.org/") if each.path == "curation/no-licence.csv"]
    assert read(file.content)[1][1] == "'=1+1\"; <b>"
    assert file.content.endswith(b"\r\n")


def test_every_file_begins_with_one_byte_order_mark() -> None:
    found = catalogue(notebooks="software:\n  - id: mine\n    name: Gál’s\n")
    for file in csv_files(board(found), "https://x.org/"):
        assert file.content.startswith(codecs.BOM_UTF8 + b'"kind","entry",'), file.path
        assert file.content.count(codecs.BOM_UTF8) == 1


def test_a_kind_without_findings_has_a_file_with_the_header_only() -> None:
    nothing: Any = Kind(key="k", label="K", why="", findings=())
    assert [each.content.count(b"\r\n") for each in csv_files([nothing], "https://x.org/")] == [1, 1]
