"""Concurrent updates of snapshot/: each command updates its own part, and no update is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.observed import update_observed
from catalogue.edge.snapshot_files import LOCK, fingerprint, load, save
from catalogue.nights import Step, read_nights
from catalogue.observed import (
    Failure,
    Health,
    LaunchCount,
    Launches,
    LinkState,
    Observed,
    Probe,
    SeenLink,
    SeenRepository,
)
from catalogue.problems import CatalogueError
from catalogue.sources.observed import read_observed
from catalogue.sources.snapshot import write_snapshot
from tests.world import FACILITIES, SITE, entry, snapshot

from .test_stopped import NOTEBOOKS
from .web_double import ANYWHERE, Web, binderhub, data, page
from .zenodo_double import COMMUNITY, Fault, Reply, Work, Zenodo

THEN = "2026-11-27T12:00:00Z"


def probe_seen(asked: str) -> Probe:
    return Probe(facility="hub", url="https://hub.example.org/", asked=asked, health=Health.HEALTHY)


PARTS: dict[str, dict[str, Any]] = {
    "harvest": {"looked": THEN},
    "inspect": {
        "inspected": THEN,
        "repositories": (SeenRepository(repository="https://github.com/stars/nova", asked=THEN),),
    },
    "probe": {
        "probed": THEN,
        "probes": (probe_seen(THEN),),
    },
    "launches": {
        "launches": Launches(days=("2026-11-26",), counts=(LaunchCount(repository="github.com/a/b", since=THEN[:10]),))
    },
    "links": {
        "followed": THEN,
        "links": (SeenLink(url="https://a.org/", asked=THEN, state=LinkState.THERE, there=THEN),),
    },
}


def seen(root: Path) -> Observed:
    return read_observed(load(root / "snapshot" / "observed"))


@pytest.mark.parametrize("command", ["harvest", "inspect", "probe", "links"])
def test_concurrent_updates_by_other_commands_are_kept(tmp_path: Path, zenodo: Zenodo, web: Web, command: str) -> None:
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    save(
        tmp_path / "snapshot", write_snapshot(snapshot(entry(101, title="Comet"), api=zenodo.api, community=COMMUNITY))
    )
    zenodo.works = [Work(number=101, title="Comet")]
    by_others = {name: value for part, said in PARTS.items() if part != command for name, value in said.items()}

    def meanwhile(_handler: object, reply: Reply) -> Reply:
        update_observed(tmp_path, Observed(), **by_others)
        return reply if reply.body else data({"message": "Not Found"}, 404)

    zenodo.breaks(meanwhile)
    for host in ("api.github.com", "comet.example.org"):
        web.says(host, {ANYWHERE: meanwhile})
    web.says("binder.example.org", {**binderhub(), "/health": meanwhile})
    words = {
        "harvest": ["--api", zenodo.api, "--community", COMMUNITY],
        "probe": [*web.loopback(), "--no-launches"],
    }
    done = CliRunner().invoke(main, ["--root", str(tmp_path), command, *words.get(command, web.loopback())])
    assert done.exit_code == 0, done.output
    after = seen(tmp_path)
    assert {name: getattr(after, name) for name in by_others} == by_others
    assert all(getattr(after, name) not in (None, (), value) for name, value in PARTS[command].items())


LATE_NOTEBOOK = """\
  - id: late
    name: Late
    homepage: https://late.example.org/
"""
LATE_FACILITY = """\
  - id: late
    name: Late
    kind: website
    url: https://late.example.org/
    description: A facility that was added meanwhile.
"""


@pytest.mark.parametrize(
    ("command", "host", "result", "expected"),
    [
        (
            ["probe", "--no-launches"],
            "binder.example.org",
            lambda seen: {each.url: each.health for each in seen.probes},
            {"https://binder.example.org/": Health.HEALTHY, "https://late.example.org/": Health.REACHABLE},
        ),
        (
            ["links"],
            "comet.example.org",
            lambda seen: {each.url: each.state for each in seen.links},
            {"https://comet.example.org/": LinkState.THERE, "https://late.example.org/": LinkState.THERE},
        ),
    ],
    ids=["probe", "links"],
)
def test_of_two_runs_of_a_command_neither_loses_what_the_other_has_seen(
    tmp_path: Path,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    host: str,
    result: Callable[[Observed], dict[str, Any]],
    expected: dict[str, Any],
) -> None:
    """While one waits for an answer, which will be an error, another finds all well, and a new entry; and ends first."""
    times = (f"2026-11-27T12:00:{second:02}Z" for second in range(60))
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: next(times))
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NOTEBOOKS)
    save(tmp_path / "snapshot", write_snapshot(snapshot()))
    at_work: dict[str, dict[str, Reply | Fault]] = {
        "api.github.com": {},
        "comet.example.org": {ANYWHERE: page()},
        "late.example.org": {ANYWHERE: page()},
        "binder.example.org": binderhub(),
    }
    ended: list[Result] = []

    def run() -> Result:
        return CliRunner().invoke(main, ["--root", str(tmp_path), *command, *web.loopback()])

    def meanwhile(_handler: object, _reply: Reply) -> Reply:
        for name, more in (("facilities.yaml", LATE_FACILITY), ("notebooks.yaml", LATE_NOTEBOOK)):
            with (tmp_path / name).open("a") as file:
                file.write(more)
        web.says(host, at_work[host])
        ended.append(run())
        return page("Sorry", 503)

    for name, answers in at_work.items():
        web.says(name, answers)
    web.says(host, {ANYWHERE: meanwhile})
    done = run()
    merged = "another command has updated snapshot/observed/ since this one began: the results of both were merged"
    assert [each.exit_code for each in (done, *ended)] == [0, 0]
    assert [merged in each.output.splitlines() for each in (done, *ended)] == [True, False]
    found = result(seen(tmp_path))
    assert {url: found.get(url) for url in expected} == expected


def repository_seen(asked: str, why: str | None = None, **says: Any) -> SeenRepository:
    failing = Failure(since=THEN, why=why, **says) if why else None
    return SeenRepository(repository="https://github.com/stars/nova", asked=asked, failing=failing)


def link_seen(asked: str, state: LinkState) -> SeenLink:
    return SeenLink(url="https://a.org/", asked=asked, state=state)


EARLY, LATE, TOMORROW = "2026-11-27T12:00:01Z", "2026-11-27T12:00:02Z", "2026-11-28T00:00:00Z"


@pytest.mark.parametrize(
    ("part", "worse", "better"),
    [
        ("followed", EARLY, LATE),
        ("repositories", repository_seen(EARLY), repository_seen(LATE)),
        ("repositories", repository_seen(LATE, "it does not answer"), repository_seen(EARLY)),
        ("repositories", repository_seen(LATE, "no time", waiting=True), repository_seen(EARLY, "it does not answer")),
        ("repositories", repository_seen(LATE, "skipped", tried=False), repository_seen(EARLY, "it does not answer")),
        ("probes", probe_seen(EARLY), probe_seen(LATE)),
        ("probes", replace(probe_seen(LATE), health=Health.SILENT), probe_seen(EARLY)),
        ("links", link_seen(EARLY, LinkState.THERE), link_seen(LATE, LinkState.MISSING)),
        ("links", link_seen(LATE, LinkState.UNKNOWN), link_seen(EARLY, LinkState.MISSING)),
        ("links", link_seen(LATE, LinkState.THERE), link_seen(TOMORROW, LinkState.UNKNOWN)),
        ("launches", Launches(days=("2026-11-26",)), Launches(days=("2026-11-24", "2026-11-25"))),
    ],
)
def test_of_two_results_the_better_one_is_kept_whichever_is_written_last(
    tmp_path: Path, part: str, worse: Any, better: Any
) -> None:
    times = {"repositories": {"inspected": THEN}, "probes": {"probed": THEN}, "links": {"followed": THEN}}.get(part, {})
    value = (lambda each: (each,)) if times else (lambda each: each)
    for number, (first, last) in enumerate([(worse, better), (better, worse)]):
        root = tmp_path / str(number)
        root.mkdir()
        for each in (first, last):
            update_observed(root, Observed(), **times, **{part: value(each)})
        assert getattr(seen(root), part) == value(better)


@pytest.mark.parametrize("learns_first", [True, False])
def test_what_a_command_could_not_ask_again_does_not_replace_what_the_other_has_learnt(
    tmp_path: Path, learns_first: bool
) -> None:
    healthy, down = probe_seen(THEN), replace(probe_seen(LATE), health=Health.SILENT)
    update_observed(tmp_path, Observed(), probed=THEN, probes=(healthy,))
    before = seen(tmp_path)
    for each in (down, healthy) if learns_first else (healthy, down):
        update_observed(tmp_path, before, probed=LATE, probes=(each,))
    assert seen(tmp_path).probes == (down,)


def test_what_a_command_has_left_out_stays_out(tmp_path: Path) -> None:
    """Only what is new is taken over from the other command, not what the catalogue no longer contains."""
    old, new, mine = (
        SeenLink(url=f"https://{name}.org/", asked=THEN, state=LinkState.UNKNOWN) for name in ("old", "new", "mine")
    )
    update_observed(tmp_path, Observed(), followed=THEN, links=(old,))
    before = seen(tmp_path)
    assert update_observed(tmp_path, before, followed=LATE, links=(old, new)) is False
    assert update_observed(tmp_path, before, followed=LATE, links=(mine,)) is True
    assert seen(tmp_path).links == (mine, new)


def test_concurrent_writers_lose_no_update(tmp_path: Path) -> None:
    def write(part: str) -> list[str]:
        """Update one part repeatedly, and return each update that was lost."""
        lost: list[str] = []
        last: str | None = None
        for second in range(40):
            if getattr(seen(tmp_path), part) != last:
                lost.append(f"{part} {last}")
            last = f"2026-11-27T12:00:{second:02}Z"
            update_observed(tmp_path, seen(tmp_path), **{part: last})
        return lost

    parts = ["looked", "listed", "inspected", "probed", "followed"]
    with ThreadPoolExecutor(len(parts)) as pool:
        assert [lost for found in pool.map(write, parts) for lost in found] == []
    assert {getattr(seen(tmp_path), part) for part in parts} == {"2026-11-27T12:00:39Z"}


def test_a_writer_that_cannot_get_the_lock_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.edge.snapshot_files._LOCK_TIMEOUT", 0.1)
    said = r"^another command is writing snapshot/observed/: wait for it to end$"
    with FileLock(tmp_path / LOCK), pytest.raises(CatalogueError, match=said):
        update_observed(tmp_path, Observed(), looked=THEN)
    update_observed(tmp_path, Observed(), looked=THEN)
    assert seen(tmp_path).looked == THEN


@pytest.mark.parametrize(("command", "folder"), [("harvest", "snapshot"), ("record", "snapshot/changes")])
def test_no_command_writes_to_the_snapshot_while_another_holds_the_lock(
    tmp_path: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch, command: str, folder: str
) -> None:
    """Otherwise the folder could end up with files of both."""
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    save(tmp_path / "snapshot", write_snapshot(snapshot(entry(101), api=zenodo.api, community=COMMUNITY)))
    zenodo.works = [Work(number=101, title="Comet")]
    before = load(tmp_path / "snapshot")
    words = {"harvest": ["--api", zenodo.api, "--community", COMMUNITY], "record": []}
    monkeypatch.setattr("catalogue.edge.snapshot_files._LOCK_TIMEOUT", 0.1)
    with FileLock(tmp_path / LOCK):
        done = CliRunner().invoke(main, ["--root", str(tmp_path), command, *words[command]])
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == f"Error: another command is writing {folder}/: wait for it to end"
    assert load(tmp_path / "snapshot") == before
    assert load(tmp_path / "snapshot" / "changes") == {}


def test_the_later_of_two_harvests_does_not_undo_the_earlier_one(
    tmp_path: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same snapshot; what the second one writes would not contain the changes of the first."""
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "notebooks.yaml").write_text(NOTEBOOKS)
    folder = tmp_path / "snapshot"
    before = snapshot(entry(101, title="Comet"), api=zenodo.api, community=COMMUNITY)
    save(folder, write_snapshot(before))
    zenodo.works = [Work(number=101, title="Comet")]
    words = ["--root", str(tmp_path), "harvest", "--api", zenodo.api, "--community", COMMUNITY]

    def meanwhile(_handler: object, reply: Reply) -> Reply:
        """Run another harvest, which finds one more record and ends first."""
        answered = reply.body
        zenodo.works.append(Work(number=103, title="Nova"))
        assert CliRunner().invoke(main, words).exit_code == 0
        return replace(reply, body=answered)

    zenodo.breaks(meanwhile, at="page=1", times=1)
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        1,
        "Error: another command has written snapshot/ since this harvest began: nothing was changed; harvest again",
    )
    assert [path.stem for path in sorted(folder.glob("*.json"))] == ["comet", "harvest", "nova"]
    assert CliRunner().invoke(main, words).output == "2 records seen, 2 entries: no news\n"


def test_the_fingerprint_of_a_folder_changes_with_each_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    assert fingerprint(folder) == {}
    known = [fingerprint(folder)]
    for files in ({"a.json": "1"}, {"a.json": "2"}, {"a.json": "2", "b.json": "1"}, {"b.json": "1"}):
        save(folder, files)
        assert fingerprint(folder) not in known
        known.append(fingerprint(folder))
        save(folder, files)  # unchanged files are not touched
        assert fingerprint(folder) == known[-1]
    (folder / "observed").mkdir()
    (folder / ".b.json.swp").write_text("of an editor")
    assert fingerprint(folder) == known[-1]


def test_a_nightly_run_continues_while_another_command_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that cannot get the lock fails; the run stores that, and continues with the others."""
    at = "2026-11-27T03:00:00Z"
    steps = {
        "harvest": Step(tried=at, failing_since=at, why="another command is writing"),
        "inspect": Step(tried=at, good=at),
    }
    monkeypatch.setattr("catalogue.edge.snapshot_files._LOCK_TIMEOUT", 0.1)
    monkeypatch.setattr("catalogue.cli.nightly.run_steps", lambda *_, **__: iter(steps.items()))
    (tmp_path / "snapshot").mkdir()
    with FileLock(tmp_path / LOCK):
        done = CliRunner().invoke(main, ["--root", str(tmp_path), "night"])
    assert (done.exit_code, done.output) == (0, "harvest failed: another command is writing\n")
    assert read_nights(load(tmp_path / "snapshot" / "nights")) == steps
