"""The pages for contributors: every key of the models, valid examples, and links to the right line."""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from catalogue.launch.kinds import KINDS
from catalogue.model import Catalogue, Guide, Key
from catalogue.outputs.contribute import edit_address, guide_view, line_address, override_draft
from catalogue.outputs.files import File
from catalogue.outputs.software_views import software_views
from catalogue.problems import Place, as_text
from catalogue.sources.facilities import FacilityEntry, read_facilities
from catalogue.sources.guides import FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE, guides
from catalogue.sources.local import SoftwareEntry, read_local
from tests.conftest import PROJECT, built
from tests.world import catalogue, entry

FACILITY, NOTEBOOK = guides("facilities.yaml", "notebooks/a.yaml")
TOOL = entry(1001, title="Sky tool")
STARS = "software:\n  - id: stars\n    name: Stars\n"


def test_the_examples_are_valid() -> None:
    assert as_text(read_facilities(f"facilities:\n{FACILITY_EXAMPLE}")[1]) == ""
    assert as_text(read_local(f"software:\n{NOTEBOOK_EXAMPLE}")[1]) == ""


def test_every_key_of_the_models_is_explained_with_what_is_allowed() -> None:
    assert [key.name for key in FACILITY.keys] == list(FacilityEntry.model_fields)
    assert [key.name for key in NOTEBOOK.keys] == list(SoftwareEntry.model_fields)
    assert [key.name for key in FACILITY.keys if key.required] == ["id", "name", "kind", "description", "url"]
    found = {key.name: key for key in FACILITY.keys}
    assert found["kind"].values == tuple(KINDS)
    assert [key.name for key in found["limits"].inside] == [
        "memory",
        "processors",
        "session",
        "idle",
        "storage",
        "users",
    ]
    assert [key.name for key in found["interfaces"].inside] == []
    assert "notebook" in found["interfaces"].values
    authors = next(key for key in NOTEBOOK.keys if key.name == "authors")
    assert [(key.name, key.required) for key in authors.inside] == [
        ("name", True),
        ("orcid", False),
        ("affiliation", False),
    ]
    assert {kind.name: [key.name for key in kind.options] for kind in FACILITY.kinds} == {
        name: list(kind.OPTIONS.model_fields) for name, kind in KINDS.items()
    }


def page(files: list[File], path: str) -> str:
    return next(file.text for file in files if file.path == path)


@pytest.mark.parametrize("guide", [FACILITY, NOTEBOOK], ids=lambda guide: guide.what)
def test_the_page_names_every_key_and_leads_to_the_file_and_to_the_form(guide: Guide) -> None:
    text = page(built(catalogue(TOOL, notebooks={"notebooks/a.yaml": STARS})), f"add/{guide.what}/index.html")
    for key in guide.keys:
        assert f"<dt><code>{key.name}</code></dt>" in text
    assert f'href="https://github.com/small/catalogue/edit/main/{guide.file}"' in text
    assert f'href="https://github.com/small/catalogue/issues/new?template={guide.what}.yml"' in text
    assert (PROJECT / ".github" / "ISSUE_TEMPLATE" / f"{guide.what}.yml").is_file()


@pytest.mark.parametrize(
    ("repository", "line", "edit", "has_form"),
    [
        ("https://github.com/o/r", "https://github.com/o/r/blob/main/f.yaml#L7", "https://github.com/o/r/edit/main/f.yaml", True),
        ("https://gitlab.com/g/s/r", "https://gitlab.com/g/s/r/-/blob/main/f.yaml#L7", "https://gitlab.com/g/s/r/-/edit/main/f.yaml", False),
        ("https://gitlab.in2p3.fr/escape2020/r", "https://gitlab.in2p3.fr/escape2020/r/-/blob/main/f.yaml#L7", "https://gitlab.in2p3.fr/escape2020/r/-/edit/main/f.yaml", False),
    ],
)  # fmt: skip
def test_an_entry_is_edited_where_its_forge_edits(repository: str, line: str, edit: str, has_form: bool) -> None:
    site = replace(catalogue(TOOL).site, repository=repository)
    assert line_address(site, Place(file="f.yaml", line=7, column=3)) == line
    assert edit_address(site, "f.yaml") == edit
    assert bool(guide_view(FACILITY, site).form) == has_form


def test_every_page_of_an_entry_leads_to_where_it_is_edited(real_catalogue: Catalogue) -> None:
    for view in software_views(real_catalogue)[: len(real_catalogue.software)]:
        assert bool(view.edit) != bool(view.override), view.software.slug


def test_the_draft_of_an_override_is_valid_and_changes_nothing_but_what_is_added() -> None:
    draft = override_draft("10.5281/zenodo.1000", "sky-tool")
    found = catalogue(
        entry(1001, title="Sky tool", description="<p>Maps the sky.</p>"),
        notebooks=f"software:\n{draft}    licence: MIT\n",
    )
    assert [(each.summary, each.licence and each.licence.spdx) for each in found.software] == [("Maps the sky.", "MIT")]
    shown = page(built(catalogue(TOOL)), "software/sky-tool/index.html")
    assert draft.strip() in shown
    assert 'href="https://github.com/small/catalogue/edit/main/notebooks.yaml"' in shown


def test_explanations_are_split_into_text_and_code() -> None:
    (view,) = guide_view(replace(FACILITY, keys=(Key(name="a", description="Say `b` or `c`.", required=True, values=(), inside=()),)), catalogue(TOOL).site).required  # fmt: skip
    assert view.words == ((False, "Say "), (True, "b"), (False, " or "), (True, "c"), (False, "."))


def form(guide: Guide) -> Any:
    return yaml.safe_load((PROJECT / ".github" / "ISSUE_TEMPLATE" / f"{guide.what}.yml").read_text("utf-8"))


@pytest.mark.parametrize("guide", [FACILITY, NOTEBOOK], ids=lambda guide: guide.what)
def test_the_form_for_people_without_git_asks_for_keys_of_the_model(guide: Guide) -> None:
    asked = {part["id"]: part for part in form(guide)["body"] if "id" in part}
    keys = {key.name: key for key in guide.keys}
    assert set(asked) <= set(keys)
    required = {name for name, part in asked.items() if part.get("validations", {}).get("required")}
    # The slug is chosen by the maintainer who writes the lines.
    assert {name for name, key in keys.items() if key.required} - {"id"} <= required
    for name, part in asked.items():
        assert part["attributes"]["label"] == name
        options = [option.partition(":")[0] for option in part["attributes"].get("options", ())]
        assert sorted(options) == sorted(keys[name].values)


# GitHub's rules for issue forms. It does not show a form at all if one part is wrong.
_PARTS = {
    "markdown": {"value"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "dropdown": {"label", "description", "multiple", "options", "default"},
}


@pytest.mark.parametrize("guide", [FACILITY, NOTEBOOK], ids=lambda guide: guide.what)
def test_the_form_is_valid_for_github(guide: Guide) -> None:
    found = form(guide)
    assert set(found) == {"name", "description", "title", "labels", "body"}
    assert all(isinstance(found[key], str) and found[key].strip() for key in ("name", "description", "title"))
    parts = found["body"]
    asked = [part for part in parts if part["type"] != "markdown"]
    for names in ([part["id"] for part in asked], [part["attributes"]["label"].casefold() for part in asked]):
        assert len({*names}) == len(names) > 0
    for part in parts:
        attributes = part["attributes"]
        assert set(part) <= {"type", "id", "attributes", "validations"}
        assert set(attributes) <= _PARTS[part["type"]]
        assert set(part.get("validations", ())) <= {"required"}
        assert re.fullmatch(r"[A-Za-z0-9_-]+", part.get("id", "markdown"))
        if part["type"] == "dropdown":
            options = attributes["options"]
            assert all(isinstance(each, str) and each.strip() for each in options)
            assert len({each.casefold() for each in options}) == len(options) > 0
            assert {"none", "n/a"}.isdisjoint(each.strip().casefold() for each in options)
            assert attributes.get("default", 0) in range(len(options))
