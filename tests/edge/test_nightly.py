"""The nightly run: `harvest` against a fake Zenodo, then `build`."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.snapshot_files import save
from catalogue.nights import Step, write_nights
from tests.test_determinism import digests
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE

from .zenodo_double import COMMUNITY, Work, Zenodo, answers, edits


@pytest.fixture
def checkout(tmp_path: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that was harvested and built once, a few days before."""
    at(monkeypatch, "2026-11-20T03:00:00Z")
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    zenodo.works = [Work(number=101 + 2 * index, title=name) for index, name in enumerate(["Comet", "Nova", "Quasar"])]
    assert harvest(tmp_path, zenodo).output == "3 records seen, 3 entries: 4 files of snapshot/ changed\n"
    assert run(tmp_path, "build").exit_code == 0
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), *words], env={"SOURCE_DATE_EPOCH": ""})


def harvest(folder: Path, zenodo: Zenodo) -> Result:
    return run(folder, "harvest", "--api", zenodo.api, "--community", COMMUNITY)


def at(monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    """Set the clock of the commands that follow."""
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: now)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delay between requests to the local server."""
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))


@pytest.mark.case("U10")
def test_b8_an_outage_costs_freshness_and_never_the_site(checkout: Path, zenodo: Zenodo) -> None:
    snapshot, site = digests(checkout / "snapshot"), digests(checkout / "site")
    zenodo.breaks(answers(503, b"<h1>Back soon</h1>"))
    night = harvest(checkout, zenodo)
    assert night.exit_code == 4
    assert night.output.splitlines()[-1] == "Error: Zenodo answered 503 Service Unavailable with “Back soon”"
    assert digests(checkout / "snapshot") == snapshot
    assert run(checkout, "build").exit_code == 0
    assert digests(checkout / "site") == site


@pytest.mark.case("U1")
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_service_with_a_self_signed_certificate_is_refused(
    checkout: Path, zenodo: Zenodo, tls: int, name: str
) -> None:
    api = f"https://{name}:{tls}/api"
    said = checkout / "snapshot" / "harvest.json"
    said.write_text(said.read_text("utf-8").replace(zenodo.api, api), "utf-8")
    snapshot = digests(checkout / "snapshot")
    night = run(checkout, "harvest", "--api", api, "--community", COMMUNITY)
    assert night.exit_code == 4
    assert night.output.splitlines()[-1] == "Error: Zenodo cannot be trusted: self-signed certificate"
    assert digests(checkout / "snapshot") == snapshot


def test_a_run_without_news_changes_only_its_time(
    checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = digests(checkout / "snapshot")
    for work in zenodo.works:
        work.views += 100
    at(monkeypatch, "2036-01-01T03:00:00Z")
    assert harvest(checkout, zenodo).output == "3 records seen, 3 entries: no news\n"
    after = digests(checkout / "snapshot")
    assert {name for name in after if after[name] != snapshot.get(name)} == {"observed/harvest.json"}
    assert (checkout / "snapshot" / "observed" / "harvest.json").read_text() == (
        '{\n "looked": "2036-01-01T03:00:00Z",\n "schema_version": 1\n}\n'
    )


@pytest.mark.case("U40")
def test_a_withdrawn_record_is_gone_the_next_morning_with_a_page_that_says_so(checkout: Path, zenodo: Zenodo) -> None:
    for number in range(201, 211, 2):
        zenodo.works.append(Work(number=number, title=f"Star {number}"))
    harvest(checkout, zenodo)
    zenodo.gone[101] = {"removal_reason": {"id": "retracted"}, "note": "wrong units"}
    del zenodo.works[0]
    assert harvest(checkout, zenodo).exit_code == 0
    assert run(checkout, "build").exit_code == 0
    site = checkout / "site"
    page = (site / "software" / "comet" / "index.html").read_text("utf-8")
    assert "Zenodo has withdrawn it: retracted: wrong units" in page
    assert "Launch" not in page
    for name in ("index.html", "sitemap.xml", "matrix/index.html"):
        assert "software/nova/" in (site / name).read_text("utf-8")
        assert "software/comet/" not in (site / name).read_text("utf-8")
    # The previous index is kept for one build, for pages that are still open.
    index = re.findall(r'data-index="([^"]+)"', (site / "index.html").read_text("utf-8"))
    assert len(index) == 1
    searched = json.loads((site / index[0]).read_text("utf-8"))
    assert searched.pop("withdrawn")["comet"] == [["comet", "Comet"]]  # a request for it leads to that page
    assert "comet" not in json.dumps(searched)


def test_the_status_page_accounts_for_every_record(checkout: Path, zenodo: Zenodo) -> None:
    zenodo.works.append(Work(number=301, title="Slides", kind="presentation"))
    harvest(checkout, zenodo)
    run(checkout, "build")
    page = (checkout / "site" / "status" / "index.html").read_text("utf-8")
    assert "4 records seen, 4 accounted for" in page
    assert 'Left out: <span dir="auto">not software: presentation</span>' in page


# Guards before publishing


def edited_snapshot(checkout: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change every entry of the snapshot, as a faulty harvest would."""
    for path in (checkout / "snapshot").glob("*.json"):
        if path.name != "harvest.json":
            data = json.loads(path.read_text())
            change(data["record"])
            path.write_text(json.dumps(data))


def remove(checkout: Path, *slugs: str) -> None:
    for slug in slugs:
        (checkout / "snapshot" / f"{slug}.json").unlink()
    path = checkout / "snapshot" / "harvest.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "seen": data["seen"] - len(slugs)}))


@pytest.mark.case("P1")
def test_a_site_without_an_entry_is_never_published(checkout: Path) -> None:
    site = digests(checkout / "site")
    remove(checkout, "comet", "nova", "quasar")
    for words in (["build"], ["build", "--allow-shrink"]):
        done = run(checkout, *words)
        assert done.exit_code == 5
        assert "the new site is not published, the old one stays:\n- it has no entry\n" in done.output
    assert digests(checkout / "site") == site


@pytest.mark.case("P2")
def test_a_site_of_less_than_four_fifths_is_refused_unless_it_is_allowed_for_once(checkout: Path) -> None:
    site = digests(checkout / "site")
    remove(checkout, "comet")
    refused = run(checkout, "build")
    assert refused.exit_code == 5
    assert refused.output == (
        "Error: the new site is not published, the old one stays:\n"
        "- it has 2 entries, but 3 are published: that is less than 80%\n"
        "If that is right, build once with --allow-shrink\n"
    )
    assert digests(checkout / "site") == site
    allowed = run(checkout, "build", "--allow-shrink")
    assert allowed.exit_code == 0
    assert "allowed by --allow-shrink: it has 2 entries, but 3 are published: that is less than 80%\n" in allowed.output
    assert "allowed" not in run(checkout, "build").output


@pytest.mark.case("P3")
def test_a_removed_entry_is_reported_with_the_reason(checkout: Path, zenodo: Zenodo) -> None:
    zenodo.works += [Work(number=201 + 2 * number, title=f"Star {number}") for number in range(20)]
    harvest(checkout, zenodo)
    run(checkout, "build")
    zenodo.gone[101] = {"removal_reason": {"id": "retracted"}}
    del zenodo.works[0]
    harvest(checkout, zenodo)
    done = run(checkout, "build")
    assert done.exit_code == 0
    assert done.output.startswith("no longer listed: Comet: Zenodo has withdrawn it: retracted")


@pytest.mark.case("Y17")
def test_a_removed_facility_is_reported_with_the_remedy(checkout: Path) -> None:
    file = checkout / "facilities.yaml"
    old = "  - id: old\n    name: Old\n    kind: binderhub\n    url: https://old.example.org/\n    description: Old.\n"
    file.write_text(f"{FACILITIES}{old}")
    assert "warning" not in run(checkout, "build").output
    file.write_text(FACILITIES)
    done = run(checkout, "build")
    assert done.exit_code == 0
    assert done.output.startswith(
        "warning: the facility 'Old' is gone, and so are /facilities/old/ and its launch addresses: "
        "if they were published, put it back into facilities.yaml and say when it `closed`\n"
    )
    file.write_text(f"{FACILITIES}{old}    closed: 2026-11\n")
    assert "warning" not in run(checkout, "build").output


@pytest.mark.case("P4")
@pytest.mark.parametrize(
    ("field", "what"), [("description", "a description"), ("licences", "a licence"), ("creators", "authors")]
)
def test_a_site_whose_entries_have_all_lost_something_is_refused(checkout: Path, field: str, what: str) -> None:
    edited_snapshot(checkout, lambda record: record.pop(field))
    done = run(checkout, "build")
    assert done.exit_code == 5
    assert f"- 0 % of its entries have {what}, but 100 % had before\n" in done.output


@pytest.mark.case("P4")
@pytest.mark.parametrize("field", ["description", "license", "creators"])
def test_a_harvest_whose_records_have_all_lost_something_is_refused(checkout: Path, zenodo: Zenodo, field: str) -> None:
    snapshot = digests(checkout / "snapshot")
    zenodo.breaks(edits(lambda page: [hit["metadata"].pop(field) for hit in page["hits"]["hits"]]), at="page=")
    done = harvest(checkout, zenodo)
    assert done.exit_code == 4
    assert "0 % of the records have" in done.output
    assert digests(checkout / "snapshot") == snapshot


@pytest.mark.case("P5")
def test_a_site_that_has_lost_every_launch_link_is_refused(checkout: Path) -> None:
    edited_snapshot(checkout, lambda record: record.pop("related"))
    done = run(checkout, "build")
    assert done.exit_code == 5
    assert "- it has no launch link, but 3 are published\n" in done.output


@pytest.mark.case("P6")
def test_ten_times_as_many_entries_are_published_and_reported(checkout: Path, zenodo: Zenodo) -> None:
    zenodo.works += [Work(number=201 + 2 * number, title=f"Star {number}") for number in range(27)]
    harvest(checkout, zenodo)
    done = run(checkout, "build")
    assert done.exit_code == 0
    assert "warning: 30 entries, but 3 are published\n" in done.output


@pytest.mark.case("P12")
def test_if_the_published_site_cannot_be_read_the_build_is_refused(checkout: Path) -> None:
    (checkout / "site" / "api" / "v1" / "catalogue.json").write_text("{")
    done = run(checkout, "build")
    assert done.exit_code == 5
    assert "- site/api/v1/catalogue.json cannot be read, and so nothing says that it is not much more\n" in done.output
    assert run(checkout, "build", "--allow-shrink").exit_code == 0


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.case("P2", "P12")
def test_without_an_old_site_the_last_commit_is_compared(checkout: Path) -> None:
    shutil.rmtree(checkout / "site")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "as it is published")
    remove(checkout, "comet")
    done = run(checkout, "build")
    assert done.exit_code == 5
    assert "- it has 2 entries, but 3 are published" in done.output
    assert not (checkout / "site").exists()


@pytest.mark.parametrize("is_built", [False, True], ids=["committed", "built"])
def test_a_catalogue_begun_in_a_copy_is_not_compared_with_that_of_another_community(
    checkout: Path, is_built: bool
) -> None:
    if not is_built:
        shutil.rmtree(checkout / "site")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "of another community")
    for name in ("site.yaml", "facilities.yaml", "notebooks.yaml"):
        (checkout / name).unlink()
    shutil.rmtree(checkout / "snapshot")
    assert run(checkout, "init", str(checkout), "--community", "dust", "--title", "Dust").exit_code == 0
    done = run(checkout, "build")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("0 entries, 0 facilities, ")


@pytest.mark.case("P2", "P12")
@pytest.mark.parametrize("folder", [False, True], ids=["files", "folders"])
def test_the_last_commit_may_use_folders_instead_of_files(checkout: Path, folder: bool) -> None:
    notebooks = "".join(f"  - id: star-{number}\n    name: Star {number}\n" for number in range(7))
    path = checkout / "notebooks.yaml"
    path.write_text(f"software:\n{notebooks}")
    if folder:
        for name in ("notebooks", "facilities"):
            (checkout / name).mkdir()
            (checkout / f"{name}.yaml").rename(checkout / name / "all.yaml")
        path = checkout / "notebooks" / "all.yaml"
    shutil.rmtree(checkout / "site")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "as it is published")
    path.write_text("software: []\n")
    done = run(checkout, "build")
    assert done.exit_code == 5, done.output
    assert "- it has 3 entries, but 10 are published" in done.output


@pytest.mark.case("P12")
def test_if_the_last_commit_cannot_be_read_the_build_is_refused(checkout: Path) -> None:
    shutil.rmtree(checkout / "site")
    git(checkout, "init", "-q")
    kept = (checkout / "snapshot" / "harvest.json").read_text("utf-8")
    (checkout / "snapshot" / "harvest.json").write_text("{")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "harmed")
    (checkout / "snapshot" / "harvest.json").write_text(kept)
    done = run(checkout, "build")
    assert done.exit_code == 5
    assert "- the last commit cannot be read (" in done.output
    assert run(checkout, "build", "--allow-shrink").exit_code == 0


@pytest.mark.case("P12")
@pytest.mark.parametrize("name", ["site.yaml", "notebooks.yaml"])
def test_a_last_commit_with_a_symbolic_link_cannot_be_read(checkout: Path, name: str) -> None:
    shutil.rmtree(checkout / "site")
    (checkout / "kept").mkdir()
    (checkout / name).rename(checkout / "kept" / name)
    (checkout / name).symlink_to(Path("kept", name))
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "linked")
    done = run(checkout, "build")
    assert done.exit_code == 5, done.output
    assert f"- the last commit cannot be read ({name} is a link)" in done.output


@pytest.mark.case("P11", "S12")
def test_a_repeated_run_gives_the_same_site(checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    harvest(checkout, zenodo)
    run(checkout, "build")
    once = digests(checkout / "site")
    harvest(checkout, zenodo)
    assert run(checkout, "build").exit_code == 0
    assert digests(checkout / "site") == once


# Age


def epoch(iso: str) -> str:
    return str(int(datetime.fromisoformat(iso).timestamp()))


@pytest.mark.case("P7", "B8", "S12")
def test_data_older_than_three_days_is_marked_as_old_on_every_page(
    checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    harvest(checkout, zenodo)
    told = '<p class="note">Data of <time datetime="2026-11-22T03:00:00Z">22 November 2026, 03:00 UTC</time>: '
    untold = '<p class="note">Data of <span></span>: '  # while it is recent, a script reads the age from a file

    def shown(built: str) -> set[bool]:
        words = ["--root", str(checkout), "build"]
        assert CliRunner().invoke(main, words, env={"SOURCE_DATE_EPOCH": built}).exit_code == 0
        paths = [*(checkout / "site").rglob("*.html")]
        # A list to be framed on other sites has no script that could read the age; it links to pages that have.
        pages = [path.read_text("utf-8") for path in paths if path.parent.name != "embed"]
        assert len(paths) - len(pages) == 1
        looked = json.loads((checkout / "site" / "api" / "v1" / "age.json").read_text("utf-8"))["looked"]
        assert looked == {"time": "2026-11-22T03:00:00Z", "words": "22 November 2026, 03:00 UTC"}
        are_old = {'data-days="3" hidden>' not in page for page in pages}
        assert all((told if True in are_old else untold) in page for page in pages)
        return are_old

    assert shown("") == {False}  # without SOURCE_DATE_EPOCH, the browser of the reader decides
    assert shown(epoch("2026-11-25T03:00:00Z")) == {False}
    assert shown(epoch("2026-11-26T03:00:00Z")) == {True}
    assert shown(epoch("2036-11-26T03:00:00Z")) == {True}
    assert shown(epoch("2016-11-26T03:00:00Z")) == {False}  # a wrong clock: no negative age


@pytest.mark.case("P7")
def test_a_snapshot_made_by_hand_is_shown_as_such_and_not_as_a_failure(checkout: Path) -> None:
    (checkout / "snapshot" / "observed" / "harvest.json").unlink()
    path = checkout / "snapshot" / "harvest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "note": "Made by hand."}))
    assert run(checkout, "build").exit_code == 0
    page = (checkout / "site" / "index.html").read_text("utf-8")
    assert 'class="wrap age"' not in page
    assert run(checkout, "age").output.startswith("snapshot/ was made by hand, on ")


@pytest.mark.case("P7", "S12")
def test_a_snapshot_made_by_hand_is_too_old_after_fourteen_days_of_failed_runs(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "snapshot" / "observed" / "harvest.json").unlink()
    path = checkout / "snapshot" / "harvest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "note": "Made by hand."}))
    failing = {"harvest": Step(tried="2026-11-24T06:41:00Z", failing_since="2026-11-10T06:41:00Z", why="503")}
    save(checkout / "snapshot" / "nights", write_nights(failing))
    words = "stars was never read completely, although nightly runs have tried since 2026-11-10T06:41:00Z,"
    for now, said, code in [
        ("2026-11-24T06:42:00Z", f"{words} 14 days ago\n", 0),
        (
            "2026-11-25T06:42:00Z",
            f"Error: {words} 15 days ago; 14 are allowed: see why the nightly harvest fails\n",
            4,
        ),
    ]:
        at(monkeypatch, now)
        done = run(checkout, "age")
        assert (done.output, done.exit_code) == (said, code)


@pytest.mark.case("P7", "S12")
def test_a_job_is_red_when_nothing_was_read_for_fourteen_days(
    checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-01T03:00:00Z")
    harvest(checkout, zenodo)
    words = "stars was last read completely on 2026-11-01T03:00:00Z"
    for now, said, code in [
        ("2026-11-02T03:00:00Z", f"{words}, 1 day ago\n", 0),
        ("2026-11-15T03:00:00Z", f"{words}, 14 days ago\n", 0),
        (
            "2026-11-16T03:00:00Z",
            f"Error: {words}, 15 days ago; 14 are allowed: see why the nightly harvest fails\n",
            4,
        ),
        ("2016-11-16T03:00:00Z", f"{words}, 0 days ago\n", 0),
    ]:
        at(monkeypatch, now)
        done = run(checkout, "age")
        assert (done.output, done.exit_code) == (said, code)


# A damaged snapshot


def harm(checkout: Path, how: str) -> None:
    folder = checkout / "snapshot"
    match how:
        case "cut":
            text = (folder / "comet.json").read_text("utf-8")
            (folder / "comet.json").write_text(text[: text.index('"record"') + 20])
        case "not UTF-8":
            (folder / "comet.json").write_bytes(b"\xff\xfe")
        case "empty":
            (folder / "comet.json").write_text("")
        case "no accounting":
            (folder / "harvest.json").unlink()
        case "another version":
            for path in folder.glob("*.json"):
                path.write_text(path.read_text("utf-8").replace('"schema_version": 1', '"schema_version": 2'))
        case "misnamed":
            (folder / "comet.json").rename(folder / "other.json")
        case "all":
            for path in folder.glob("*.json"):
                path.write_text("{")


HARMS = {
    "cut": "snapshot/comet.json",
    "not UTF-8": "snapshot/comet.json",
    "empty": "snapshot/comet.json",
    "no accounting": "snapshot/harvest.json",
    "another version": "snapshot/comet.json, snapshot/harvest.json, snapshot/nova.json and snapshot/quasar.json",
    "misnamed": "snapshot/other.json",
    "all": "snapshot/comet.json, snapshot/harvest.json, snapshot/nova.json and snapshot/quasar.json",
}


@pytest.mark.case("B14")
@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_snapshot_is_not_built_and_the_next_harvest_repairs_it(
    checkout: Path, zenodo: Zenodo, how: str
) -> None:
    before = digests(checkout / "snapshot")
    harm(checkout, how)
    assert [run(checkout, command).exit_code for command in ("build", "check")] == [1, 1]
    night = harvest(checkout, zenodo)
    first, *others = night.output.splitlines()
    assert first == f"{HARMS[how]} cannot be read: what is listed is asked for anew, and keeps its slug"
    assert others[-1].startswith("3 records seen, 3 entries: ")
    assert [each for each in others if "removed" in each] == (
        ["snapshot/other.json could not be read, and no record has its slug: removed"] if how == "misnamed" else []
    )
    after = digests(checkout / "snapshot")
    assert {name: after[name] for name in before if name.rpartition("/")[2] != "harvest.json"} == {
        name: digest for name, digest in before.items() if name.rpartition("/")[2] != "harvest.json"
    }
    assert run(checkout, "build").exit_code == 0


@pytest.mark.parametrize(("how", "is_recorded"), [("cut", False), ("another version", False), ("all", True)])
def test_an_entry_with_a_damaged_file_keeps_its_slug_after_a_change_of_name(
    checkout: Path, zenodo: Zenodo, how: str, is_recorded: bool
) -> None:
    if is_recorded:
        assert run(checkout, "record").exit_code == 0
    zenodo.works[0].title = "Better name"
    zenodo.works.append(Work(number=301, title="Comet"))
    harm(checkout, how)
    assert harvest(checkout, zenodo).exit_code == 0
    titles = {path.name: json.loads(path.read_text("utf-8")) for path in (checkout / "snapshot").glob("[!h]*.json")}
    assert {name: each["record"]["title"] for name, each in titles.items()} == {
        "comet.json": "Better name",
        "comet-301.json": "Comet",
        "nova.json": "Nova",
        "quasar.json": "Quasar",
    }


def test_unreadable_entries_count_when_a_harvest_has_lost_much(checkout: Path, zenodo: Zenodo) -> None:
    harm(checkout, "all")
    harmed = digests(checkout / "snapshot")
    zenodo.works = []
    night = harvest(checkout, zenodo)
    assert night.exit_code == 4
    assert night.output.splitlines()[-1] == (
        "Error: there are 0 entries, where snapshot/ had 3 with those that cannot be read: "
        "that is too few to be believed, nothing was changed"
    )
    assert digests(checkout / "snapshot") == harmed
    zenodo.works = [Work(number=101, title="Comet")]
    allowed = run(checkout, "harvest", "--api", zenodo.api, "--community", COMMUNITY, "--allow-shrink")
    assert allowed.exit_code == 0
    assert "snapshot/nova.json and snapshot/quasar.json could not be read, and no record has its slug: removed" in (
        allowed.output
    )


@pytest.mark.parametrize("name", ["links.json", "harvest.json"])
def test_unreadable_observations_do_not_stop_a_harvest(checkout: Path, zenodo: Zenodo, name: str) -> None:
    path = checkout / "snapshot" / "observed" / name
    path.write_bytes(b"\xff{")
    assert [run(checkout, command).exit_code for command in ("build", "check")] == [1, 1]
    night = harvest(checkout, zenodo)
    assert night.exit_code == 0
    anew = name == "harvest.json"
    what = "it is written anew" if anew else "it is left as it is"
    assert night.output.splitlines()[0] == f"snapshot/observed/{name} cannot be read: {what}"
    assert (path.read_bytes() == b"\xff{") != anew
    assert json.loads((checkout / "snapshot" / "observed" / "harvest.json").read_text())["looked"]


# Tombstones


@pytest.mark.case("U40")
def test_a_tombstone_stays_for_a_year_and_its_slug_is_never_reused(
    checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    zenodo.works += [Work(number=201 + 2 * number, title=f"Star {number}") for number in range(6)]
    harvest(checkout, zenodo)
    zenodo.gone[101] = {"removal_reason": {"id": "spam"}}
    del zenodo.works[0]
    harvest(checkout, zenodo)
    page = checkout / "site" / "software" / "comet" / "index.html"
    for now, there in [("2026-11-23T03:00:00Z", True), ("2027-11-22T03:00:00Z", True), ("2027-11-23T03:00:00Z", False)]:
        at(monkeypatch, now)
        assert harvest(checkout, zenodo).exit_code == 0
        assert run(checkout, "build").exit_code == 0
        assert page.exists() == there
    zenodo.works.append(Work(number=901, title="Comet"))
    harvest(checkout, zenodo)
    assert (checkout / "snapshot" / "comet-901.json").exists()


# The first run, and exit codes


@pytest.mark.case("B15")
def test_a_first_run_without_upstream_makes_no_snapshot_and_no_site(tmp_path: Path, zenodo: Zenodo) -> None:
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NO_NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    zenodo.breaks(answers(503))
    assert harvest(tmp_path, zenodo).exit_code == 4
    done = run(tmp_path, "build")
    assert (done.exit_code, done.output) == (
        1,
        "Error: there is no snapshot yet: run `python build.py harvest` first\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facilities.yaml", "notebooks.yaml", "site.yaml"]


@pytest.mark.case("B22")
def test_each_kind_of_failure_has_its_exit_code(checkout: Path, zenodo: Zenodo) -> None:
    assert run(checkout, "build").exit_code == 0
    assert harvest(checkout, zenodo).exit_code == 0  # no news
    assert run(checkout, "build", "--colour").exit_code == 2
    zenodo.breaks(answers(503))
    assert harvest(checkout, zenodo).exit_code == 4
    remove(checkout, "comet")
    assert run(checkout, "build").exit_code == 5
    (checkout / "facilities.yaml").write_text(FACILITIES.replace("binderhub", "hub"))
    assert run(checkout, "build").exit_code == 3
    (checkout / "site.yaml").unlink()
    assert run(checkout, "build").exit_code == 3
    (checkout / "site.yaml").write_text(SITE)
    (checkout / "facilities.yaml").write_text(FACILITIES)
    (checkout / "snapshot" / "harvest.json").write_text("{")
    assert run(checkout, "build").exit_code == 1
