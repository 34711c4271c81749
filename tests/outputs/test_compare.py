"""What changes for readers from one site to another."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.outputs.api import ADDRESS
from catalogue.outputs.compare import BuiltSite, compared, read_built_site
from catalogue.outputs.site import MANIFEST
from catalogue.problems import CatalogueError
from tests.conftest import built
from tests.world import FACILITIES, catalogue, entry

TOOL = entry(1001, title="Sky tool", related=(("isSupplementTo", "https://github.com/o/sky"),))
STARS = "software:\n  - id: stars\n    name: Stars [x](y) @all\n    interfaces: [desktop]\n"


NOTHING = read_built_site({}, "old")


def texts(notebooks: str = "software: []\n", facilities: str = FACILITIES) -> dict[str, str]:
    files = built(catalogue(TOOL, notebooks=notebooks, facilities=facilities))
    return {each.path: each.text for each in files if each.path in (ADDRESS, MANIFEST)}


def site(notebooks: str = "software: []\n", facilities: str = FACILITIES) -> BuiltSite:
    return read_built_site(texts(notebooks, facilities), "site")


def test_two_equal_sites_differ_in_nothing() -> None:
    assert compared(site(), site()).splitlines() == [
        "## What changes for readers",
        "",
        "Pairs of software and facility: 0 yes (+0), 1 maybe (+0), 0 front page only (+0), 0 no (+0).",
        "",
        f"0 pages changed, {compared(NOTHING, site()).count('- ') - 2} in all.",
    ]


def test_an_entry_that_is_added_brings_its_pages_and_verdicts() -> None:
    text = compared(site(), site(STARS))
    assert "### Entries added\n\n- Stars \\[x\\]\\(y\\) @\u200ball (`stars`)\n" in text
    assert "- software/stars/\n" in text
    assert "Pairs of software and facility: 0 yes (+0), 1 maybe (+0), 0 front page only (+0), 1 no (+1)." in text
    assert "### Pages removed" not in text


def test_what_is_removed_or_edited_is_named() -> None:
    text = compared(site(STARS), site(STARS.replace("desktop", "notebook")))
    assert "### Entries edited\n\n- Stars \\[x\\]\\(y\\) @\u200ball: interfaces\n" in text
    text = compared(site(STARS), site())
    assert "### Entries removed\n\n- Stars" in text
    assert "### Pages removed\n" in text


def test_an_entry_whose_keyword_is_only_spelt_as_others_spell_it_is_not_edited() -> None:
    tagged = STARS + "    keywords: [Sky, map]\n"
    assert "edited" not in compared(site(tagged), site(tagged.replace("Sky", "sky")))
    assert ": keywords\n" in compared(site(tagged), site(tagged.replace("Sky", "skies")))


def test_a_verdict_that_changes_is_named() -> None:
    closed = FACILITIES + "    providers: [gl]\n"
    text = compared(site(), site(facilities=closed))
    assert "### Facilities edited\n\n- Binder: providers\n" in text
    assert "### Verdicts changed\n\n- `sky-tool` at `binder`: maybe → no\n" in text


FERMI = "software:\n  - {ossr: 10.5281/zenodo.1000, interfaces: [notebook], reads: [Fermi-LAT data]}\n"
SECOND = (
    "  - {id: second, name: Second @hub, kind: binderhub, url: 'https://second.example.org/', description: Two.%s}\n"
)
DATA = ", data: [Fermi-LAT data]"


def best(old: BuiltSite, new: BuiltSite) -> list[str]:
    """What is said of the best launches: headings and lines."""
    lines = compared(old, new).splitlines()
    sections = "\n".join(lines).split("### ")
    return [
        line
        for each in sections
        if each.startswith(("Launch button", "Best verdict"))
        for line in each.splitlines()
        if line.startswith("- ")
    ]


def two(second: str = "", first: str = "") -> BuiltSite:
    return site(FERMI, f"{FACILITIES}{first}{SECOND % second}")


def test_an_entry_whose_button_launches_it_elsewhere_is_named() -> None:
    text = compared(two(), two(DATA))
    assert (
        "### Facilities edited\n\n- Second @\u200bhub: data\n\n"
        "### Launch button leads elsewhere now\n\n- Sky tool: Binder → Second @\u200bhub\n\n"
        "Pairs of software and facility: 0 yes (+0), 2 maybe (+0), 0 front page only (+0), 0 no (+0).\n"
    ) in text
    assert best(two(DATA), two(DATA)) == []


def test_a_best_launch_that_comes_goes_or_is_less_sure_is_named_with_its_verdict() -> None:
    closed, renku = "    closed: 2026-01\n", "    providers: [gl]\n"
    assert best(two(), two(first=renku)) == ["- Sky tool: Binder → Second @\u200bhub"]
    assert best(site(FERMI), site(FERMI, f"{FACILITIES}{closed}")) == ["- Sky tool: Binder (maybe) → nowhere"]
    assert best(site(FERMI, f"{FACILITIES}{closed}"), site(FERMI)) == ["- Sky tool: nowhere → Binder (maybe)"]
    plain = FERMI.replace("reads", "needs_packages: false, reads")
    assert "### Best verdict changed\n\n- Sky tool: Binder (maybe) → Binder (yes)\n" in compared(
        site(FERMI), site(plain)
    )


def test_a_link_to_a_front_page_is_no_best_launch() -> None:
    page = FACILITIES.replace("kind: binderhub", "kind: website")
    assert best(site(FERMI), site(FERMI, page)) == ["- Sky tool: Binder (maybe) → nowhere"]
    text = compared(site(FERMI), site(FERMI, page))
    assert "- `sky-tool` at `binder`: maybe → front page only\n" in text
    assert "Pairs of software and facility: 0 yes (+0), 0 maybe (-1), 1 front page only (+1), 0 no (+0).\n" in text


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, "N0"), (2, "N0 and N1"), (5, "N0, N1, N2, N3 and N4"), (6, "N0, N1, N2, N3, N4 and 1 more")],
)
def test_entries_that_move_together_share_a_line_and_many_are_counted(count: int, names: str) -> None:
    notebooks = "software:\n" + "".join(
        f"  - {{id: n{n}, name: N{n}, interfaces: [notebook], repository: 'https://github.com/o/n{n}', reads: [x]}}\n"
        for n in range(count)
    )
    old, new = (site(notebooks, f"{FACILITIES}{SECOND % each}") for each in ("", ", data: [x]"))
    assert best(old, new) == [f"- {names}: Binder → Second @\u200bhub"]


def test_facilities_that_are_added_or_removed_are_named() -> None:
    assert "### Facilities added\n\n- Second @\u200bhub (`second`)\n" in compared(site(FERMI), two())
    assert "### Facilities removed\n\n- Second @\u200bhub (`second`)\n" in compared(two(), site(FERMI))
    assert best(two(DATA), site(FERMI)) == ["- Sky tool: Second @\u200bhub → Binder"]


@pytest.mark.case("S7", "H40")
def test_the_name_of_a_page_is_no_command_to_the_runner_and_no_markup() -> None:
    manifest = '{"sha256": {"extra/x\\n::error::[y](z)/index.html": "0"}}'
    new = read_built_site({**texts(), MANIFEST: manifest}, "site")
    assert "- extra/x ::error::\\[y\\]\\(z\\)/" in compared(NOTHING, new).splitlines()


def test_against_an_empty_folder_all_is_new() -> None:
    assert "### Entries added\n\n- Sky tool (`sky-tool`)\n" in compared(NOTHING, site())


@pytest.mark.parametrize("path", [ADDRESS, MANIFEST])
@pytest.mark.parametrize("text", ["", "<html>", "[]", "null", "{}", '{"software": 1}', "[" * 100_000])
def test_a_file_that_is_no_file_of_a_site_is_named_with_what_to_do(path: str, text: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_built_site({**texts(), path: text}, "old")
    assert str(caught.value) == (
        f"old/{path} is damaged, or of another version: build that site again with this version"
    )


@pytest.mark.parametrize("path", [ADDRESS, MANIFEST])
def test_a_file_that_is_cut_off_or_missing_is_named(path: str) -> None:
    whole = texts()
    with pytest.raises(CatalogueError, match=rf"^old/{path} is damaged"):
        read_built_site({**whole, path: whole[path][: len(whole[path]) // 2]}, "old")
    del whole[path]
    with pytest.raises(CatalogueError, match=rf"^old/{path} is missing: build that site again with this version$"):
        read_built_site(whole, "old")


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data.pop("software"),
        lambda data: data.pop("offers"),
        lambda data: data.update(facilities={"binder": {}}),
        lambda data: data.update(software=["sky-tool"]),
        lambda data: data["software"][0].pop("slug"),
        lambda data: data["software"][0].update(name=None),
        lambda data: data["facilities"][0].update(slug=["binder"]),
        lambda data: data["offers"][0].pop("verdict"),
        lambda data: data["offers"][0].update(software={"slug": "sky-tool"}),
        lambda data: data["offers"][0].pop("carries_software"),
        lambda data: data.update(facilities=[]),
    ],
)
def test_a_list_of_entries_in_another_form_is_refused(harm: Callable[[Any], object]) -> None:
    data = json.loads(texts()[ADDRESS])
    harm(data)
    with pytest.raises(CatalogueError, match=r"^old/api/v1/catalogue.json is damaged, or of another version: "):
        read_built_site({**texts(), ADDRESS: json.dumps(data)}, "old")
