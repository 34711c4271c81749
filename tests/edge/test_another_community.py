"""A catalogue of another community: started with one command, harvested, built, and without any of our own wording."""

import json
import re
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.sources.site import PLACEHOLDERS, placeholders, read_site
from catalogue.sources.synonyms import read_synonyms
from tests.conftest import PROJECT
from tests.world import entry, files

from .zenodo_double import COMMUNITY, Work, Zenodo


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), env={"SOURCE_DATE_EPOCH": ""})


def begun(folder: Path) -> Result:
    return run("init", str(folder), "--community", COMMUNITY, "--title", "Software: the *stars*")


def test_a_new_catalogue_passes_the_check_and_can_be_built(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = begun(folder)
    assert done.exit_code == 0
    assert done.output == (
        f"9 files written. Next: set base_url, repository, contact in site.yaml, then python build.py --root {folder} harvest, "
        f"then python build.py --root {folder} build\n"
    )
    done = run("--root", str(folder), "check")
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == "No errors in the YAML files or in snapshot/: 0 entries"
    assert run("--root", str(folder), "schemas", "--check").output == "4 schemas, 0 changed\n"
    done = run("--root", str(folder), "build")
    assert done.exit_code == 0, done.output


def test_placeholders_of_a_new_catalogue_are_reported_until_they_are_set(tmp_path: Path) -> None:
    begun(tmp_path)
    example = "is still the example, and readers see it: set it to"
    lines = [
        f"site.yaml:8:11: warning: base_url: {example} the address where the site is published",
        f"site.yaml:16:13: warning: repository: {example} the repository that holds these files",
        f"site.yaml:17:10: warning: contact: {example} an address where readers can ask",
    ]
    assert run("--root", str(tmp_path), "check").stderr.splitlines() == lines
    done = run("--root", str(tmp_path), "build", "--base-url", "https://stars.org/")
    assert (done.exit_code, done.stderr.splitlines()) == (0, lines[1:])


def test_settings_given_to_init_are_not_reported(tmp_path: Path) -> None:
    done = run(
        *("init", str(tmp_path), "--community", COMMUNITY, "--title", "Stars", "--base-url", "https://stars.org"),
        *("--repository", "https://github.com/stars/catalogue", "--contact", "help@stars.org"),
    )
    words = f"python build.py --root {tmp_path}"
    assert done.output == f"9 files written. Next: {words} harvest, then {words} build\n"
    assert run("--root", str(tmp_path), "check").stderr == ""


def test_the_settings_of_a_new_catalogue_are_the_known_placeholders(tmp_path: Path) -> None:
    begun(tmp_path)
    text = (tmp_path / "site.yaml").read_text("utf-8")
    settings, _ = read_site(text)
    assert settings is not None
    assert placeholders(settings, text).keys() == PLACEHOLDERS.keys()


def test_the_synonyms_of_a_new_catalogue_are_our_general_ones(tmp_path: Path) -> None:
    begun(tmp_path)
    new, problems = read_synonyms((tmp_path / "synonyms.yaml").read_text("utf-8"))
    ours, _ = read_synonyms((PROJECT / "synonyms.yaml").read_text("utf-8"))
    assert problems == []
    assert new == tuple(group for group in ours if group in new)
    assert ("C++", "cpp", "cxx") in new


def test_another_community_is_harvested_and_built_without_touching_code(
    tmp_path: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))
    begun(tmp_path)
    harvest = tmp_path / "snapshot" / "harvest.json"
    harvest.write_text(harvest.read_text().replace("https://zenodo.org/api", zenodo.api))
    zenodo.works = [Work(number=101, title="Comet"), Work(number=103, title="Nova")]
    for kind, address in (("facility", "https://hub.example.org/hub/"), ("notebook", "https://github.com/o/dust")):
        assert run("--root", str(tmp_path), "new", kind, address, "--write").exit_code == 0
    done = run("--root", str(tmp_path), "harvest", "--api", zenodo.api)
    assert done.output.startswith("2 records seen, 2 entries: ")
    with (tmp_path / "site.yaml").open("a") as stream:
        stream.write("colours: {light: '#7a1f5c', dark: '#f0b3dc'}\n")
    done = run("--root", str(tmp_path), "build")
    assert done.stdout.startswith("3 entries, 1 facility, ")
    site = tmp_path / "site"
    home = (site / "index.html").read_text("utf-8")
    assert "<title>Software: the *stars*</title>" in home
    assert all(f'href="software/{slug}/"' in home for slug in ("comet", "nova", "dust"))
    assert 'data-example="light curves"' in home  # its own most frequent keyword
    assert "from: " not in home
    assert "stars record 10.5281/zenodo.101" in (site / "software" / "comet" / "index.html").read_text("utf-8")
    for page in site.rglob("*.html"):
        words = page.read_text("utf-8").replace("<code>ossr</code>", "").replace("- ossr:", "")
        assert re.findall(r"\b(?:OSSR|ESAP|ESCAPE|escape2020|ossr)\b", words) == [], page


@pytest.mark.parametrize("by_hand", [False, True], ids=["empty", "made by hand"])
def test_nothing_is_recorded_before_the_first_complete_harvest_with_which_the_catalogue_opens(
    tmp_path: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch, by_hand: bool
) -> None:
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))
    begun(tmp_path)
    if by_hand:
        for name, text in files(entry(1001, title="Star"), community=COMMUNITY).items():
            (tmp_path / "snapshot" / name).write_text(text)
    harvest = tmp_path / "snapshot" / "harvest.json"
    note = {"api": zenodo.api, "note": "Made by hand."}
    harvest.write_text(json.dumps({**json.loads(harvest.read_text()), **note}))
    done = run("--root", str(tmp_path), "record")
    assert (done.stdout, done.exit_code) == ("no harvest was complete yet, nothing was written\n", 0)
    assert not (tmp_path / "snapshot" / "changes").exists()
    zenodo.works = [Work(number=101, title="Comet"), Work(number=103, title="Nova")]
    assert run("--root", str(tmp_path), "harvest", "--api", zenodo.api).exit_code == 0
    assert run("--root", str(tmp_path), "record").stdout == "1 change so far: the catalogue has opened\n"


def test_init_can_be_repeated_while_nothing_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2026-11-26T10:00:00Z")
    assert begun(tmp_path).exit_code == begun(tmp_path).exit_code == 0


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "notebooks.yaml").write_text("mine")
    done = begun(tmp_path)
    assert done.exit_code == 1
    assert done.output == f"Error: {tmp_path}/notebooks.yaml is there already: nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["notebooks.yaml"]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        (
            "--community",
            "My Stars",
            "community: 'My Stars' must be the last part of the community's address: letters, digits, - and _",
        ),
        ("--title", "two\nlines", "title: must be one line"),
        ("--repository", "javascript:alert(1)", "repository: must begin with https://"),
        ("--contact", "the help desk", "contact: 'the help desk' must be an e-mail address"),
        ("--base-url", "example.org", "base_url: 'example.org' must begin with https:// or http://"),
    ],
)
def test_an_invalid_setting_is_reported_and_nothing_is_written(
    tmp_path: Path, option: str, value: str, words: str
) -> None:
    settings = {"--community": "stars", "--title": "Stars", option: value}
    done = run("init", str(tmp_path / "mine"), *(word for pair in settings.items() for word in pair))
    assert done.exit_code == 2
    assert words in done.output
    assert not (tmp_path / "mine").exists()
