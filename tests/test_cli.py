"""The commands as the user sees them: output, messages and exit codes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.cli.clock import latest_day
from catalogue.edge.serve import server
from catalogue.edge.snapshot_files import save
from catalogue.observed import Presence
from catalogue.sources.facilities import FILE as FACILITIES_FILE
from catalogue.sources.observed import write_observed
from catalogue.sources.site import web_root
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, files, observed, seen

from .conftest import PROJECT
from .sarif import faults


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a small catalogue."""
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / FACILITIES_FILE).write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    (tmp_path / "snapshot").mkdir()
    for name, text in files(
        entry(1001, title="Sky tool", related=(("isSupplementTo", "https://github.com/o/sky"),))
    ).items():
        (tmp_path / "snapshot" / name).write_text(text)
    return tmp_path


def run(folder: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), *words], env={"SOURCE_DATE_EPOCH": "", **environment})


def test_without_a_command_it_builds(checkout: Path) -> None:
    done = run(checkout)
    pages = len(list((checkout / "site").rglob("*.html")))
    assert done.output == (
        f"1 entry, 1 facility, 0 launch links (1 more that may work), {pages} pages in {checkout}/site\n"
    )
    assert done.exit_code == 0
    assert "Sky tool" in (checkout / "site" / "index.html").read_text("utf-8")


def test_a_date_in_the_future_is_an_error(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(f"{FACILITIES}    seen: 9999-12\n")
    done = run(checkout, "check")
    assert done.output.startswith("facilities.yaml:7:11: error: seen: 9999-12 is in the future: ")
    assert done.exit_code == 3


@pytest.mark.parametrize(
    ("now", "day"), [("2026-11-26T09:59:59Z", "2026-11-26"), ("2026-11-26T10:00:00Z", "2026-11-27")]
)
def test_the_latest_day_is_that_at_the_date_line(now: str, day: str) -> None:
    assert latest_day(datetime.fromisoformat(now)) == day


def test_a_mistake_is_named_with_its_place_nothing_is_built_and_the_exit_code_is_3(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: binder"))
    done = run(checkout, "build")
    assert done.output == (
        "facilities.yaml:4:11: error: kind: unknown value 'binder'; one of binderhub, jupyterhub, rosetta, jupyterlite, website;"
        " did you mean 'binderhub'?\n"
        "Error: 1 error in the files above: nothing was built\n"
    )
    assert done.exit_code == 3
    assert not (checkout / "site").exists()


def test_a_mistake_in_the_synonyms_is_named_with_its_place_and_ends_the_build(checkout: Path) -> None:
    (checkout / "synonyms.yaml").write_text("synonyms:\n  - words: [VO]\n")
    done = run(checkout, "build")
    assert done.output == (
        "synonyms.yaml:2:12: error: words: give at least two words that differ\n"
        "Error: 1 error in the files above: nothing was built\n"
    )
    assert done.exit_code == 3


@pytest.mark.case("Y24")
def test_on_github_a_mistake_becomes_an_annotation(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: hub, or 100%"))
    done = run(checkout, "check", GITHUB_ACTIONS="true")
    assert done.output.startswith(
        "::error file=facilities.yaml,line=4,col=11::kind: unknown value 'hub, or 100%25'; one of"
    )


def test_the_format_of_the_report_can_be_chosen(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: x"))
    line = "4:11: error: kind: unknown value 'x'; one of binderhub, jupyterhub, rosetta, jupyterlite, website"
    assert run(checkout, "check", "--format", "text", GITHUB_ACTIONS="true").stderr.startswith(
        f"facilities.yaml:{line}"
    )
    assert run(checkout, "check", "--format", "github").stdout.startswith(
        "::error file=facilities.yaml,line=4,col=11::"
    )


def test_mistakes_are_reported_as_sarif_also_without_a_line(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: x"))
    (checkout / "notebooks").mkdir()
    (checkout / "notebooks" / "mine & yours.yml").write_text("x")
    done = run(checkout, "check", "--format", "sarif")
    assert done.exit_code == 3
    assert done.stderr == "Error: 2 errors in the YAML files: nothing was built\n"
    report = json.loads(done.stdout)
    assert faults(report) == []
    first, second = report["runs"][0]["results"]
    assert first["message"]["text"].startswith("kind: unknown value 'x'; one of binderhub")
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "facilities.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 11},
    }
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "notebooks/mine%20%26%20yours.yml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }


def test_a_file_with_an_undecodable_name_is_reported_in_every_format(checkout: Path) -> None:
    (checkout / "notebooks").mkdir()
    Path(os.fsdecode(os.fsencode(checkout / "notebooks") + b"/h\xe4.yml")).write_text("x")
    report = json.loads(run(checkout, "check", "--format", "sarif").stdout)
    assert faults(report) == []
    (found,) = report["runs"][0]["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "notebooks/h%E4.yml"
    assert found["message"]["text"].startswith("h\ufffd") and "is not read: name it h\ufffd" in found["message"]["text"]
    for form in ("text", "github"):
        assert run(checkout, "check", "--format", form).exit_code == 3


def test_a_sarif_report_without_mistakes_is_a_valid_document(checkout: Path) -> None:
    done = run(checkout, "check", "--format", "sarif")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert faults(report) == []
    assert report["runs"][0]["results"] == []


def test_check_builds_nothing(checkout: Path) -> None:
    done = run(checkout, "check")
    assert done.output == "No errors in the YAML files or in snapshot/: 1 entry\n"
    assert not (checkout / "site").exists()


def test_explain_prints_who_said_what(checkout: Path) -> None:
    done = run(checkout, "explain", "sky-tool")
    assert done.exit_code == 0
    assert done.output.startswith(
        "Sky tool  (10.5281/zenodo.1000)\n\nName: Sky tool\n    from: OSSR record 10.5281/zenodo.1001\n"
    )
    assert "  maybe Binder: https://binder.example.org/v2/gh/o/sky/HEAD?urlpath=lab\n" in done.output


@pytest.mark.parametrize(
    "name",
    ["10.5281/zenodo.1000", "10.5281/ZENODO.1001", "https://doi.org/10.5281/zenodo.1001", "doi:10.5281/zenodo.1000"],
)
def test_explain_finds_an_entry_by_any_of_its_dois_however_written(checkout: Path, name: str) -> None:
    assert run(checkout, "explain", name).output == run(checkout, "explain", "sky-tool").output


def test_explain_offers_the_nearest_name(checkout: Path) -> None:
    done = run(checkout, "explain", "sky-tol")
    assert "Error: there is no entry 'sky-tol'; the nearest are sky-tool" in done.output
    assert done.exit_code == 2


def test_a_missing_file_is_a_mistake_with_a_place_and_hides_no_other(checkout: Path) -> None:
    (checkout / "notebooks.yaml").unlink()
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: x"))
    words = "notebooks.yaml is missing, and there is no folder notebooks/: restore it from the repository's history"
    done = run(checkout, "check")
    assert done.exit_code == 3
    assert done.output.splitlines()[1:] == [
        f"notebooks.yaml: error: {words}",
        "Error: 2 errors in the files above: nothing was built",
    ]
    assert f"::error file=notebooks.yaml::{words}\n" in run(checkout, "check", "--format", "github").stdout
    report = json.loads(run(checkout, "check", "--format", "sarif").stdout)
    assert faults(report) == []
    assert [each["message"]["text"] for each in report["runs"][0]["results"]][1:] == [words]


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("site.yaml", ("harvest",)),
        ("notebooks.yaml", ("harvest",)),
        ("notebooks.yaml", ("new", "notebook", "https://github.com/o/r", "--write")),
        (FACILITIES_FILE, ("new", "facility", "https://hub.example.org/", "--write")),
    ],
)
def test_a_command_that_needs_a_missing_file_reports_it(checkout: Path, file: str, command: tuple[str, ...]) -> None:
    (checkout / file).unlink()
    done = run(checkout, *command)
    assert done.exit_code == 3
    assert done.output.startswith(f"{file}: error: {file} is missing")
    assert not (checkout / file).exists()


@pytest.mark.case("B14")
@pytest.mark.parametrize("harm", ["text", "link", "gone"])
def test_a_damaged_snapshot_hides_no_mistake_and_sarif_stays_valid(checkout: Path, harm: str) -> None:
    file = checkout / "snapshot" / "sky-tool.json"
    file.unlink()
    if harm == "text":
        file.write_text('{"identity": ')
    elif harm == "link":
        file.symlink_to(checkout / "site.yaml")
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("kind: binderhub", "kind: x"))
    done = run(checkout, "check")
    assert done.exit_code == 1
    first, last = done.output.splitlines()
    assert first.startswith("facilities.yaml:4:11: error: kind: unknown value 'x'")
    done = run(checkout, "check", "--format", "sarif")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert faults(report) == []
    mistake, harmed = report["runs"][0]["results"]
    assert mistake["message"]["text"].startswith("kind: unknown value 'x'")
    assert f"Error: {harmed['message']['text']}" == last
    assert harmed["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "snapshot/harvest.json"


@pytest.mark.case("B14")
def test_a_damaged_snapshot_is_refused_and_never_an_empty_site(checkout: Path) -> None:
    (checkout / "snapshot" / "sky-tool.json").write_text('{"identity": ')
    done = run(checkout, "build")
    assert done.exit_code == 1
    assert done.output.startswith("Error: snapshot/sky-tool.json: ")
    assert "restore the file from the repository's history, or harvest again" in done.output


@pytest.mark.case("B15")
def test_without_a_snapshot_it_says_which_command_makes_one(checkout: Path) -> None:
    shutil.rmtree(checkout / "snapshot")
    done = run(checkout, "build")
    assert done.output == "Error: there is no snapshot yet: run `python build.py harvest` first\n"


@pytest.mark.case("D3")
def test_the_time_of_the_snapshot_is_shown_and_an_invalid_build_time_refused(checkout: Path) -> None:
    run(checkout)
    assert "2 January 2026, 03:04 UTC" in (checkout / "site" / "status" / "index.html").read_text("utf-8")
    assert run(checkout, "build", SOURCE_DATE_EPOCH="soon").exit_code == 2


@pytest.mark.case("B12")
def test_the_base_url_can_be_given_as_an_option(checkout: Path) -> None:
    run(checkout, "build", "--base-url", "https://elsewhere.example.org/a", "--site", str(checkout / "out"))
    assert "https://elsewhere.example.org/a/software/sky-tool/" in (checkout / "out" / "sitemap.xml").read_text("utf-8")


WRONG_ADDRESSES = [
    ("nonsense", "must begin with https:// or http://"),
    ("javascript:alert(1)", "must begin with https:// or http://"),
    ("ftp://example.org/", "must begin with https:// or http://"),
    ("", "must begin with https:// or http://"),
    ("http://[", "is not an address: its host or port is malformed"),
    ("https://example.org:99999/", "is not an address: its host or port is malformed"),
    ("https:///path/", "has no host name"),
    ("https://example.org/?a=b", "must have no ? or #"),
    ("https://example.org/#a", "must have no ? or #"),
    ("https://me:secret@example.org/", "must not contain a user name or password"),
    ("https://example.org/a b", "must not contain spaces, quotes or control characters"),
]


@pytest.mark.parametrize(("address", "words"), WRONG_ADDRESSES)
def test_a_malformed_base_url_is_wrong_usage(checkout: Path, address: str, words: str) -> None:
    done = run(checkout, "build", "--base-url", address)
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == f"Error: Invalid value for '--base-url': {address!r} {words}"
    assert not (checkout / "site").exists()


@pytest.mark.parametrize("key", ["base_url", "api"])
@pytest.mark.parametrize(
    ("address", "words"),
    [each for each in WRONG_ADDRESSES if each[0].startswith("https:") and not {*"? #"} & {*each[0]}],
)
def test_a_malformed_url_in_the_settings_is_reported_with_its_place(
    checkout: Path, key: str, address: str, words: str
) -> None:
    lines = [line for line in SITE.splitlines() if not line.startswith(key)]
    (checkout / "site.yaml").write_text("\n".join([*lines, f"{key}: {address}"]))
    done = run(checkout, "check")
    place = f"site.yaml:{len(lines) + 1}:{len(key) + 3}"
    assert done.output.startswith(f"{place}: error: {key}: {words}\n")
    assert done.exit_code == 3


@pytest.mark.parametrize("address", ["http://[::1]:8000/a/", "http://localhost", "https://example.org/~me//"])
def test_trailing_slashes_of_a_base_url_are_removed(address: str) -> None:
    assert web_root(address) == address.rstrip("/")


def test_a_base_url_with_non_ascii_letters_is_percent_encoded(checkout: Path) -> None:
    done = run(checkout, "build", "--base-url", "https://example.org/żółw/")
    assert done.exit_code == 0, done.output
    assert "<loc>https://example.org/%C5%BC%C3%B3%C5%82w/</loc>" in (checkout / "site" / "sitemap.xml").read_text()


@pytest.mark.parametrize(
    "address", ["https://example.org/../x", "https://example.org/a/./b/", "https://example.org/.."]
)
def test_a_base_url_has_no_dot_segments(checkout: Path, address: str) -> None:
    done = run(checkout, "build", "--base-url", address)
    assert done.exit_code == 2
    words = f"Error: Invalid value for '--base-url': {address!r} must have no . or .. in its path"
    assert " ".join(done.output.split()).endswith(words)


@pytest.mark.case("B13", "S4")
def test_a_build_opens_no_connection_and_needs_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, address: object) -> None:
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.delenv("ZENODO_TOKEN", raising=False)
    done = run(PROJECT, "build", "--site", str(tmp_path / "site"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "site" / "index.html").is_file()


def test_an_invalid_port_is_wrong_usage(checkout: Path) -> None:
    done = run(checkout, "serve", "--port", "99999")
    assert done.output.splitlines()[-1] == ("Error: Invalid value for '--port': 99999 is not in the range 0<=x<=65535.")
    assert done.exit_code == 2


def test_a_port_that_is_in_use_is_one_clear_line(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(checkout, "serve", "--port", str(port))
    words = f"port {port} cannot be served: Address already in use; name another with --port, 0 takes a free one"
    assert done.output == f"Error: {words}\n"
    assert done.exit_code == 1


def test_the_bundled_files_have_no_errors() -> None:
    done = run(PROJECT, "check")
    assert done.exit_code == 0
    assert ": error: " not in done.output


# --- drafts of entries


def test_the_output_of_new_can_be_appended_unchanged(checkout: Path) -> None:
    (checkout / "notebooks.yaml").write_text("software:\n")
    seen: set[str] = set()
    for kind, address, file in (
        ("facility", "https://hub.example.org/hub/login", FACILITIES_FILE),
        ("notebook", "https://github.com/o/r/blob/main/nb/first%20look.ipynb", "notebooks.yaml"),
        ("notebook", "https://github.com/o/r/blob/main/nb/first%20look.ipynb", "notebooks.yaml"),
    ):
        done = run(checkout, "new", kind, address)
        there = "notebooks.yaml:2 is already about this repository: First look\n" if address in seen else ""
        seen.add(address)
        assert (done.exit_code, done.stderr) == (0, there)
        with (checkout / file).open("a") as stream:
            stream.write(done.stdout)
    done = run(checkout, "check")
    assert (done.exit_code, done.stdout) == (
        0,
        "No errors in the YAML files or in snapshot/: 3 entries\n",
    )
    assert "warning: description: replace the words of the draft with your own: readers see them" in done.stderr
    assert run(checkout, "new", "facility", "hub.example.org/hub/login").stderr == (
        "facilities.yaml has this address already: hub-example-org\n"
    )
    assert "- id: first-look-2 " in (checkout / "notebooks.yaml").read_text()


@pytest.mark.parametrize("before", ["software: []\n", "# head\nsoftware: [] # none yet\n", "software:\n", "software:"])
def test_new_writes_to_the_end_of_the_file_or_to_a_file_of_its_own(checkout: Path, before: str) -> None:
    (checkout / "notebooks.yaml").write_text(before)
    done = run(checkout, "new", "notebook", "https://github.com/o/stars", "--write")
    lines = before.count("\n") + 1 if before.endswith("\n") else before.count("\n") + 2
    assert done.output == f"notebooks.yaml:{lines}: edit it, then run `python build.py check`\n"
    done = run(checkout, "new", "notebook", "https://github.com/o/dust", "--write")
    assert done.exit_code == 0
    (checkout / "notebooks").mkdir()
    (checkout / "notebooks.yaml").rename(checkout / "notebooks" / "ours.yaml")
    done = run(checkout, "new", "notebook", "https://github.com/o/gas", "--id", "cold-gas", "--write")
    assert done.output == "notebooks/cold-gas.yaml:4: edit it, then run `python build.py check`\n"
    assert (
        (checkout / "notebooks" / "cold-gas.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=../schemas/notebooks.schema.json\n\nsoftware:\n  - id: cold-gas ")
    )
    assert run(checkout, "check").output.endswith(" or in snapshot/: 4 entries\n")


@pytest.mark.parametrize(
    "before", ["software: []\n", "software:\n  - id: a\n    name: A\n    repository: github.com/o/a\n"]
)
def test_new_ends_its_lines_as_the_file_does(checkout: Path, before: str) -> None:
    (checkout / "notebooks.yaml").write_bytes(before.replace("\n", "\r\n").encode())
    done = run(checkout, "new", "notebook", "https://github.com/o/stars", "--write")
    assert done.exit_code == 0, done.output
    written = (checkout / "notebooks.yaml").read_bytes()
    assert b"stars" in written
    assert written.count(b"\n") == written.count(b"\r\n")


def test_new_on_a_full_disk_leaves_the_file_as_it_was(checkout: Path) -> None:
    text = "# " + "x" * 2000 + "\nsoftware: []\n"
    (checkout / "notebooks.yaml").write_text(text)
    (checkout / "notebooks.yaml").chmod(0o664)
    code = (
        "import resource, sys; from catalogue.cli import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); main(sys.argv[1:])"
    )
    words = ("--root", str(checkout), "new", "notebook", "https://github.com/o/stars", "--write")
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == f"Error: {checkout / 'notebooks.yaml'} cannot be written: File too large\n"
    assert (checkout / "notebooks.yaml").read_text() == text
    assert [path.name for path in checkout.iterdir() if path.suffix == ".part"] == []
    assert run(checkout, "new", "notebook", "https://github.com/o/stars", "--write").exit_code == 0
    assert (checkout / "notebooks.yaml").stat().st_mode & 0o777 == 0o664


def test_new_leaves_a_file_alone_that_does_not_end_with_its_list(checkout: Path) -> None:
    text = "software: [{id: a, name: A}]\n"
    (checkout / "notebooks.yaml").write_text(text)
    done = run(checkout, "new", "notebook", "https://github.com/o/stars", "--write")
    assert done.output == "Error: notebooks.yaml does not end with its list of items: put the item in by hand\n"
    assert (checkout / "notebooks.yaml").read_text() == text


def test_new_says_where_the_repository_of_a_harvested_entry_is_listed(checkout: Path) -> None:
    there = "the OSSR entry 'Sky tool' is already about this repository, at /software/sky-tool/; to say more about it, "
    done = run(checkout, "new", "notebook", "https://github.com/O/sky.git")
    assert done.stderr == f"{there}write `ossr: 10.5281/zenodo.1000` in the place of `id`\n"
    assert done.stdout.startswith("  - id: sky ")
    (checkout / "notebooks.yaml").write_text("software:\n  - ossr: 10.5281/zenodo.1000\n    name: Sky tool\n")
    assert run(checkout, "new", "notebook", "github.com/o/sky").stderr == f"{there}edit notebooks.yaml:2\n"


@pytest.mark.parametrize("address", ["https://zenodo.org/records/1001", "https://doi.org/10.5281/zenodo.1000"])
@pytest.mark.parametrize("is_folder", [False, True])
def test_new_drafts_an_override_for_any_doi_of_a_harvested_entry(checkout: Path, address: str, is_folder: bool) -> None:
    place = "notebooks.yaml:2"
    if is_folder:
        (checkout / "notebooks.yaml").unlink()
        (checkout / "notebooks").mkdir()
        place = "notebooks/zenodo.1000.yaml:4"
    done = run(checkout, "new", "notebook", address, "--write")
    assert done.exit_code == 0, done.output
    assert (
        done.stderr
        == "the OSSR entry 'Sky tool' is listed already, at /software/sky-tool/: this draft says more about it\n"
    )
    assert done.stdout == f"{place}: edit it, then run `python build.py check`\n"
    text = (checkout / place.partition(":")[0]).read_text()
    assert "\n  - ossr: 10.5281/zenodo.1000 # sky-tool\n" in text
    assert run(checkout, "check").output.endswith(" or in snapshot/: 1 entry\n")
    done = run(checkout, "new", "notebook", address, "--write")
    assert done.exit_code == 2
    assert done.output.endswith(f"Error: {place} is about 'Sky tool' already: edit it there\n")
    assert (checkout / place.partition(":")[0]).read_text() == text


def test_new_drafts_an_entry_of_its_own_for_a_doi_with_an_id(checkout: Path) -> None:
    done = run(checkout, "new", "notebook", "https://zenodo.org/records/1001", "--id", "mine")
    assert done.stdout.startswith("  - id: mine ")


@pytest.mark.parametrize(("slug", "name"), [("sky-tool", "Sky tool"), ("stars", "Stars"), ("old-stars", "Stars")])
def test_new_refuses_an_id_that_is_taken(checkout: Path, slug: str, name: str) -> None:
    (checkout / "notebooks.yaml").write_text("software:\n  - id: stars\n    name: Stars\n    formerly: [old-stars]\n")
    done = run(checkout, "new", "notebook", "https://github.com/o/r", "--id", slug, "--write")
    assert done.exit_code == 2
    assert done.output.endswith(f"Error: Invalid value for --id: {slug!r} is the slug of {name!r}: choose another\n")


def test_new_says_what_is_wrong_with_a_url(checkout: Path) -> None:
    done = run(checkout, "new", "facility", "http://hub.example.org")
    assert done.exit_code == 2
    assert done.output.splitlines()[-1].startswith("Error: this address must begin with https://; for plain http")


def test_schemas_are_written_and_checked(checkout: Path) -> None:
    assert "schemas/facilities.schema.json does not match the models" in run(checkout, "schemas", "--check").output
    assert run(checkout, "schemas").output == "4 schemas, 4 changed\n"
    assert run(checkout, "schemas", "--check").output == "4 schemas, 0 changed\n"


def test_schemas_that_cannot_be_written_are_one_sentence(checkout: Path) -> None:
    (checkout / "schemas").write_text("a file in the place of the folder")
    done = run(checkout, "schemas")
    where = checkout / "schemas" / "facilities.schema.json"
    assert (done.exit_code, done.output) == (1, f"Error: {where} cannot be written: File exists\n")


def test_published_reports_a_folder_that_does_not_exist(checkout: Path) -> None:
    assert run(checkout, "build").exit_code == 0
    http = server(checkout / "site", 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{http.server_port}/"
    settings = (checkout / "site.yaml").read_text()
    (checkout / "site.yaml").write_text(settings.replace("https://catalogue.example.org/", address))
    file = checkout / "no" / "published.json"
    done = run(checkout, "published", str(file))
    assert (done.exit_code, done.output) == (1, f"Error: {file} cannot be written: No such file or directory\n")
    http.shutdown()
    http.server_close()


# --- compare


def test_compare_needs_two_folders_with_built_sites(checkout: Path, tmp_path: Path) -> None:
    run(checkout, "build")
    site, other = str(checkout / "site"), tmp_path / "other"
    done = run(checkout, "compare", str(other), site)
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == f"Error: Invalid value for 'OLD': Directory '{other}' does not exist."
    other.mkdir()
    (other / ".gitignore").write_text("*\n")
    assert "### Entries added\n\n- Sky tool (`sky-tool`)\n" in run(checkout, "compare", str(other), site).output
    no_site = f"Error: {other} does not hold a built site: build one there with `build.py build --site`"
    for words in ((site, str(other)), (str(other), str(other))):
        done = run(checkout, "compare", *words)
        assert (done.exit_code, done.output.splitlines()[-1]) == (2, no_site)
    (other / "index.html").write_text("<p>A page of something else")
    done = run(checkout, "compare", str(other), site)
    assert (done.exit_code, done.output.splitlines()[-1]) == (2, no_site)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda file: file.write_text('{"software": []}'), "is damaged, or of another version: build that site again"),
        (lambda file: file.write_bytes(file.read_bytes()[:99]), "is damaged, or of another version: build that site"),
        (lambda file: file.write_bytes(b"\xff"), "cannot be read (it is not UTF-8): build that site again"),
        (lambda file: file.unlink(), "is missing: build that site again with this version"),
    ],
)
@pytest.mark.parametrize("which", ["old", "site"])
def test_compare_names_the_file_that_it_does_not_understand(
    checkout: Path, which: str, harm: Callable[[Path], object], words: str
) -> None:
    run(checkout, "build", "--site", str(checkout / "old"))
    run(checkout, "build")
    file = checkout / which / "api" / "v1" / "catalogue.json"
    harm(file)
    done = run(checkout, "compare", str(checkout / "old"), str(checkout / "site"))
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {file} {words}")
    assert done.output.count("\n") == 1


# --- a JupyterLite of the site itself

LITE = """\
facilities:
  - id: here
    name: In your browser
    kind: jupyterlite
    url: lite/
    login: none
    seen: 2026-01
    description: Notebooks without a server.
    options: {software: [stars]}
"""
STARS = """\
software:
  - id: stars
    name: Stars
    interfaces: [notebook]
    repository: https://github.com/o/stars
    notebooks: [{path: nb/first look.ipynb}]
"""


def with_lite(folder: Path, *paths: str) -> Path:
    (folder / FACILITIES_FILE).write_text(LITE)
    (folder / "notebooks.yaml").write_text(STARS)
    for path in paths:
        file = folder / "extra" / "lite" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("<p>made by others, with no heading and a <a href='nowhere'>link</a>")
    return folder


def test_a_jupyterlite_in_extra_is_published_as_it_is_and_launched(checkout: Path) -> None:
    with_lite(checkout, "lab/index.html", "files/nb/first look.ipynb")
    done = run(checkout, "build")
    site = checkout / "site"
    pages = len(list(site.rglob("*.html"))) - 1  # one is a third-party file
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        f"2 entries, 1 facility, 1 launch link (0 more that may work), {pages} pages in {checkout}/site",
    )
    assert (site / "lite" / "lab" / "index.html").read_text().startswith("<p>made by others")
    address = "https://catalogue.example.org/lite/lab/index.html?path=nb%2Ffirst%20look.ipynb"
    assert address in (site / "software" / "stars" / "index.html").read_text("utf-8")
    assert "lite/lab/index.html" in (site / "build.json").read_text()


@pytest.mark.parametrize(
    ("paths", "wrong"),
    [
        (
            (),
            "2:5: error: url: there is no extra/lite/lab/index.html: make it with `jupyter lite build --output-dir extra/lite/`",
        ),
        (
            ("lab/index.html",),
            "9:26: error: options: the notebook of 'stars' is not in it: there is no extra/lite/files/nb/first look.ipynb",
        ),
    ],
)
def test_a_jupyterlite_without_its_files_is_refused_and_no_dead_link_is_made(
    checkout: Path, paths: tuple[str, ...], wrong: str
) -> None:
    done = run(with_lite(checkout, *paths), "check")
    assert done.exit_code == 3
    assert done.output.splitlines()[0] == f"facilities.yaml:{wrong}"


def test_only_a_jupyterlite_can_have_a_folder_as_its_url(checkout: Path) -> None:
    (checkout / FACILITIES_FILE).write_text(FACILITIES.replace("https://binder.example.org/", "lite/"))
    assert run(checkout, "check").output.splitlines()[0] == (
        "facilities.yaml:5:10: error: url: must begin with https://: only a JupyterLite can be a folder of this site"
    )


@pytest.mark.parametrize(
    "path",
    [
        "about/index.html",
        "build.json",
        "software",
        "index.html/x.js",
        "about/index.html/x.js",
        ".gitignore",
        ".nojekyll",
    ],
)
def test_a_file_in_extra_does_not_take_the_place_of_a_page(checkout: Path, path: str) -> None:
    file = checkout / "extra" / path
    file.parent.mkdir(parents=True)
    file.write_text("x")
    done = run(checkout, "build")
    assert done.output == (
        f"Error: extra/{path} would take the place of a file of the site: move it into a folder of its own\n"
    )
    assert done.exit_code == 1


def test_record_notes_what_has_changed_and_writes_nothing_where_nothing_has(checkout: Path) -> None:
    folder = checkout / "snapshot" / "changes"
    assert run(checkout, "record").output == "1 change so far: the catalogue has opened\n"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = run(checkout, "record").output
    assert again.startswith("no changes since 20")
    assert again.endswith("Z, nothing was written\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    (checkout / "notebooks.yaml").write_text(
        "software:\n  - ossr: 10.5281/zenodo.1000\n    licence: MIT\n    summary: Maps.\n"
    )
    assert run(checkout, "record").output.startswith("2 changes since 20")
    run(checkout, "build")
    assert "Licence added: MIT" in (checkout / "site" / "feeds" / "all.atom").read_text("utf-8")


def test_a_new_reason_for_the_same_verdict_is_noted_without_an_event(checkout: Path) -> None:
    recorded = checkout / "snapshot" / "changes" / "recorded.json"
    for presence in (Presence.GONE, Presence.EMPTY):
        found = observed(seen("https://github.com/o/sky", presence=presence))
        save(checkout / "snapshot" / "observed", write_observed(found))
        said = run(checkout, "record").output
    assert said.startswith("0 changes since 20")
    assert '"codes": [["binder", "repository-empty"]]' in recorded.read_text("utf-8")
    assert run(checkout, "record").output.endswith("Z, nothing was written\n")


def test_a_harvest_leaves_the_record_of_changes_alone(checkout: Path) -> None:
    run(checkout, "record")
    save(checkout / "snapshot", files(entry(1001, title="Sky tool")))
    assert (checkout / "snapshot" / "changes" / "recorded.json").exists()


@pytest.mark.parametrize("words", [(), ("check",), ("harvest",), ("health",), ("schemas",), ("new", "facility", "x")])
def test_a_folder_without_a_catalogue_is_wrong_usage_and_stays_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run(tmp_path, *words)
    remedy = "name its folder with --root, or start one with `build.py init`"
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == f"Error: {tmp_path} holds no catalogue: {remedy}"
    assert list(tmp_path.iterdir()) == []


def test_a_catalogue_is_started_although_the_root_holds_none(tmp_path: Path) -> None:
    assert run(tmp_path, "init", str(tmp_path), "--community", "stars", "--title", "Stars").exit_code == 0
