"""README and CONTRIBUTING are true: their examples run, and their tables are complete."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalogue.cli import main
from catalogue.launch.jupyterhub import JupyterHubOptions
from catalogue.launch.kinds import KINDS
from catalogue.problems import as_text
from catalogue.sources.facilities import FacilityEntry, read_facilities
from catalogue.sources.guides import FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE, SYNONYM_EXAMPLE
from catalogue.sources.local import SoftwareEntry, read_local
from catalogue.sources.synonyms import read_synonyms

from .conftest import PROJECT, YAML_FILES

README = (PROJECT / "README.md").read_text("utf-8")
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
SEARCH = (PROJECT / "docs" / "search.md").read_text("utf-8")


def examples(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def first_column(text: str, heading: str) -> list[str]:
    """The words in backticks in the first column of the table under a header row."""
    table = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def found(folder: Path, name: str) -> Path:
    """A file by the name that the documentation has for it; a YAML file may be split into a folder, in its place."""
    path, split = folder / name, YAML_FILES.get(name)
    return folder / split if split and not path.exists() else path


def test_the_facility_of_six_lines_is_right_as_it_stands() -> None:
    example = examples(CONTRIBUTING)[0]
    assert len(example.splitlines()) == 6
    found, problems = read_facilities(f"facilities:\n{example}")
    assert as_text(problems) == ""
    assert [each.slug for each in found] == ["my-hub"]


def test_the_facility_with_options_is_right_as_it_stands() -> None:
    found, problems = read_facilities(f"facilities:\n{examples(CONTRIBUTING)[1]}")
    assert as_text(problems) == ""
    assert [each.options for each in found] == [JupyterHubOptions(nbgitpuller=True)]


def test_the_same_lines_stand_on_the_pages_for_contributors() -> None:
    facility, _, *others = examples(CONTRIBUTING)
    assert [facility, *others[:2]] == [FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE, SYNONYM_EXAMPLE]


def test_what_is_said_to_begin_a_catalogue_of_another_community_does(tmp_path: Path) -> None:
    ((removed, words),) = re.findall(
        r"take a copy of this repository, remove (.*?),\s+and run `\.venv/bin/python build\.py (init [^`]*)`",
        README,
        re.DOTALL,
    )
    copy = tmp_path / "copy"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(".*", "site", "tests", "bench", "node_modules"))
    for name in re.findall(r"`([^`]+)`", removed):
        path = found(copy, name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    words = words.replace(" . ", f" {copy} ").replace("NAME", "stars").replace("TITLE", "Stars")
    assert CliRunner().invoke(main, words.split()).output.startswith("9 files written.")
    assert CliRunner().invoke(main, ["--root", str(copy), "check"]).output.endswith(" or in snapshot/: 0 entries\n")
    # It has no synonyms of our field.
    assert "Cherenkov" not in (copy / "synonyms.yaml").read_text("utf-8")


def test_the_notebook_is_right_as_it_stands() -> None:
    found, problems = read_local(f"software:\n{examples(CONTRIBUTING)[2]}")
    assert as_text(problems) == ""
    assert [each.slug for each in found] == ["my-notebook"]


def test_the_synonyms_are_right_as_they_stand() -> None:
    found, problems = read_synonyms(f"synonyms:\n{examples(CONTRIBUTING)[3]}")
    assert as_text(problems) == ""
    assert found == (("light curve", "time series"),)


def test_the_mistake_that_is_shown_is_said_in_these_words() -> None:
    shown = re.findall(r"^facilities\.yaml:.*$", CONTRIBUTING, re.MULTILINE)
    wrong = examples(CONTRIBUTING)[0].replace("binderhub", "binder")
    assert shown == [as_text(read_facilities("#\n" * 8 + "facilities:\n" + wrong)[1])]


def test_every_key_of_a_facility_and_of_an_entry_is_explained() -> None:
    facility, software = CONTRIBUTING.split("## Add a notebook")
    tables = set(first_column(facility, "key"))
    assert tables == set(FacilityEntry.model_fields) - {"insecure"}  # it is explained beside `url`
    assert set(first_column(software, "key")) == set(SoftwareEntry.model_fields)


def test_every_kind_is_explained_with_each_of_its_options() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", CONTRIBUTING.partition("| kind |")[2], re.MULTILINE))
    for name, kind in KINDS.items():
        for option in kind.OPTIONS.model_fields:
            assert f"`{option}" in rows[name], option


def test_the_readme_names_every_command_and_no_other() -> None:
    assert {word.split()[1] for word in first_column(README, "command")} == set(main.commands)


@pytest.mark.parametrize("path", re.findall(r"\]\((?!https?:)([^)#]+)\)", README + CONTRIBUTING))
def test_every_file_that_is_linked_is_there(path: str) -> None:
    assert found(PROJECT, path).exists()


@pytest.mark.parametrize("path", re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", SEARCH))
def test_every_file_that_the_page_on_the_search_links_is_there(path: str) -> None:
    assert (PROJECT / "docs" / path).resolve().exists()


def test_the_map_of_the_house_names_every_module() -> None:
    house = README.partition("## The house")[2].partition("## What it promises")[0]
    here = {path.name for path in (PROJECT / "catalogue").iterdir() if path.name[0] not in "_."}
    assert here <= set(re.findall(r"[\w.]+\.py|\w+(?=/)", house)) | {"py.typed"}
