"""What changes for readers from one site to another."""

from collections.abc import Mapping

import pytest

from catalogue.outputs.api import ADDRESS
from catalogue.outputs.compare import compared
from catalogue.outputs.site import MANIFEST
from catalogue.problems import CatalogueError
from tests.conftest import built
from tests.world import FACILITIES, catalogue, entry

TOOL = entry(1001, title="Sky tool", related=(("isSupplementTo", "https://github.com/o/sky"),))
STARS = "software:\n  - id: stars\n    name: Stars [x](y) @all\n    interfaces: [desktop]\n"


def texts(notebooks: str = "software: []\n", facilities: str = FACILITIES) -> Mapping[str, str]:
    files = built(catalogue(TOOL, notebooks=notebooks, facilities=facilities))
    return {each.path: each.text for each in files if each.path in (ADDRESS, MANIFEST)}


def test_two_equal_sites_differ_in_nothing() -> None:
    assert compared(texts(), texts()).splitlines() == [
        "## What changes for readers",
        "",
        "Pairs of software and facility: 0 yes (+0), 1 maybe (+0), 0 no (+0).",
        "",
        f"0 pages changed, {compared({}, texts()).count('- ') - 2} in all.",
    ]


def test_an_entry_that_is_added_brings_its_pages_and_verdicts() -> None:
    text = compared(texts(), texts(STARS))
    assert "### Entries added\n\n- Stars \\[x\\]\\(y\\) @\u200ball (`stars`)\n" in text
    assert "- software/stars/\n" in text
    assert "Pairs of software and facility: 0 yes (+0), 1 maybe (+0), 1 no (+1)." in text
    assert "### Pages removed" not in text


def test_what_is_removed_or_edited_is_named() -> None:
    text = compared(texts(STARS), texts(STARS.replace("desktop", "notebook")))
    assert "### Entries edited\n\n- Stars \\[x\\]\\(y\\) @\u200ball: interfaces\n" in text
    text = compared(texts(STARS), texts())
    assert "### Entries removed\n\n- Stars" in text
    assert "### Pages removed\n" in text


def test_a_verdict_that_changes_is_named() -> None:
    closed = FACILITIES + "    providers: [gl]\n"
    text = compared(texts(), texts(facilities=closed))
    assert "### Facilities edited\n\n- Binder: providers\n" in text
    assert "### Verdicts changed\n\n- `sky-tool` at `binder`: maybe → no\n" in text


@pytest.mark.case("S7", "H40")
def test_the_name_of_a_page_is_no_command_to_the_runner_and_no_markup() -> None:
    manifest = '{"sha256": {"extra/x\\n::error::[y](z)/index.html": "0"}}'
    assert "- extra/x ::error::\\[y\\]\\(z\\)/" in compared({}, {MANIFEST: manifest}).splitlines()


def test_against_no_site_all_is_new_and_what_is_no_site_is_refused() -> None:
    assert "### Entries added\n\n- Sky tool (`sky-tool`)\n" in compared({}, texts())
    for text in ("<html>", "[]", "null", "[" * 100_000):
        with pytest.raises(CatalogueError, match="cannot be read: build that site again"):
            compared({ADDRESS: text}, texts())
