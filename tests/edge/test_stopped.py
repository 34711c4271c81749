"""Ctrl-C and SIGTERM: no partial file, one line of output, and no process left behind."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.edge.night import run_steps
from catalogue.edge.snapshot_files import load, save
from catalogue.nights import TIMEOUT_MINUTES, Step, read_nights
from catalogue.sources.snapshot import write_snapshot
from tests.conftest import PROJECT
from tests.test_determinism import digests
from tests.world import FACILITIES, SITE, entry, snapshot

from .web_double import ANYWHERE, Web, data
from .zenodo_double import COMMUNITY, Reply, Work, Zenodo, answers

HOW = [pytest.param(signal.SIGINT, 130, id="Ctrl-C"), pytest.param(signal.SIGTERM, 143, id="SIGTERM")]
NOTEBOOKS = """\
software:
  - id: plotter
    name: Plotter
    summary: Looks at comets.
    interfaces: [notebook]
    repository: https://github.com/stars/comet
    homepage: https://comet.example.org/
"""
HOSTS = ("api.github.com", "binder.example.org", "comet.example.org", "zenodo.org", "archive.analytics.mybinder.org")


@pytest.fixture
def checkout(tmp_path: Path, zenodo: Zenodo) -> Path:
    """A folder with a snapshot of the fake community."""
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    known = snapshot(entry(101, title="Comet"), api=zenodo.api, community=COMMUNITY)
    save(tmp_path / "snapshot", write_snapshot(known))
    zenodo.works = [Work(number=101, title="Comet"), Work(number=103, title="Nova")]
    return tmp_path


def started(checkout: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(checkout), *words]
    # A process group of its own, as a shell creates one: Ctrl-C goes to all processes in it.
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def until(running: "subprocess.Popen[str]", there: Callable[[], object]) -> None:
    while not there():
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)


def stopped(running: "subprocess.Popen[str]", how: signal.Signals) -> str:
    """The output of a run that is stopped by a signal."""
    if how == signal.SIGINT:
        os.killpg(running.pid, how)
    else:
        running.send_signal(how)
    said, _ = running.communicate(timeout=60)
    return said


def hangs(_handler: object, _reply: Reply) -> None:
    """A response that takes longer than `stopped` waits: a host that hangs must not delay the end."""
    time.sleep(90)


@pytest.mark.case("B10")
@pytest.mark.parametrize(("how", "code"), HOW)
@pytest.mark.parametrize("at", ["page=", "/files/"])
def test_a_harvest_that_is_stopped_leaves_the_snapshot_as_it_was(
    checkout: Path, zenodo: Zenodo, how: signal.Signals, code: int, at: str
) -> None:
    zenodo.works[1].files = {"codemeta.json": b"{}"}
    before = digests(checkout)
    zenodo.breaks(hangs, at=at)
    running = started(checkout, "harvest", "--api", zenodo.api, "--community", COMMUNITY)
    until(running, lambda: any(at in each.target for each in zenodo.asked))
    assert stopped(running, how) == "\nStopped: nothing is half-written.\n"
    assert running.returncode == code
    assert digests(checkout) == before


@pytest.mark.case("B10")
@pytest.mark.parametrize(("how", "code"), HOW)
@pytest.mark.parametrize("command", ["inspect", "probe", "links"])
def test_a_step_that_is_stopped_leaves_the_observations_as_they_were(
    checkout: Path, web: Web, command: str, how: signal.Signals, code: int
) -> None:
    for host in HOSTS:
        web.says(host, {ANYWHERE: hangs})
    before = digests(checkout)
    running = started(checkout, command, *web.loopback())
    until(running, lambda: web.asked)
    said = stopped(running, how)
    assert said == "\nStopped: nothing is half-written.\n"
    assert running.returncode == code
    assert digests(checkout) == before


@pytest.mark.case("B10")
@pytest.mark.parametrize(("how", "code"), HOW)
def test_a_nightly_run_that_is_stopped_in_its_first_step_writes_nothing(
    checkout: Path, zenodo: Zenodo, how: signal.Signals, code: int
) -> None:
    before = digests(checkout)
    zenodo.breaks(hangs)
    running = started(checkout, "night", "--api", zenodo.api, "--community", COMMUNITY)
    until(running, lambda: zenodo.asked)
    said = stopped(running, how)
    assert said.splitlines()[0] == "--- harvest"
    assert said.splitlines()[-1] == "Stopped: nothing is half-written."
    assert "--- inspect" not in said
    assert "Traceback" not in said
    assert running.returncode == code
    assert digests(checkout) == before
    assert not group_of(running)


def night_in_probe(checkout: Path, zenodo: Zenodo, web: Web) -> "subprocess.Popen[str]":
    """A nightly run that has harvested and inspected, and is probing a facility that hangs."""
    web.says("api.github.com", {ANYWHERE: data({"message": "Not Found"}, 404)})
    for host in HOSTS[1:]:
        web.says(host, {ANYWHERE: hangs})
    running = started(checkout, "night", "--api", zenodo.api, "--community", COMMUNITY, *web.loopback())
    until(running, lambda: web.paths("binder.example.org"))
    return running


def kept(checkout: Path) -> dict[str, Step]:
    return read_nights(load(checkout / "snapshot" / "nights"))


@pytest.mark.case("B10")
@pytest.mark.parametrize(("how", "code"), HOW)
def test_a_nightly_run_that_is_stopped_later_keeps_the_completed_steps(
    checkout: Path, zenodo: Zenodo, web: Web, how: signal.Signals, code: int
) -> None:
    running = night_in_probe(checkout, zenodo, web)
    seen = digests(checkout / "snapshot" / "observed")
    said = stopped(running, how)
    assert [line for line in said.splitlines() if line.startswith("---")] == ["--- harvest", "--- inspect", "--- probe"]
    assert said.endswith(
        "\nWhat the night has done before it was stopped stays: harvest, inspect.\n\nStopped: nothing is half-written.\n"
    )
    assert "Traceback" not in said
    assert running.returncode == code
    assert (checkout / "snapshot" / "nova.json").is_file()
    assert digests(checkout / "snapshot" / "observed") == seen
    assert sorted(seen) == ["harvest.json", "repositories.json"]
    steps = kept(checkout)
    assert sorted(steps) == ["harvest", "inspect"]
    assert all(step.good == step.tried and not step.failing_since for step in steps.values())
    assert not list(checkout.rglob("*.part"))
    assert not group_of(running)


def test_a_nightly_run_that_is_killed_keeps_the_state_of_earlier_steps(
    checkout: Path, zenodo: Zenodo, web: Web
) -> None:
    running = night_in_probe(checkout, zenodo, web)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    assert sorted(kept(checkout)) == ["harvest", "inspect"]


def test_a_failed_step_is_not_among_the_completed_ones(checkout: Path, zenodo: Zenodo, web: Web) -> None:
    zenodo.breaks(answers(404, b"no"))
    said = stopped(night_in_probe(checkout, zenodo, web), signal.SIGTERM)
    assert "\nWhat the night has done before it was stopped stays: inspect.\n" in said
    assert kept(checkout)["harvest"].failing_since


def group_of(running: "subprocess.Popen[str]") -> list[str]:
    """The processes in the group of a run."""
    done = subprocess.run(["ps", "-o", "pid=", "-g", str(running.pid)], capture_output=True, text=True, check=False)
    return done.stdout.split()


def test_a_step_that_misses_the_first_signal_is_sent_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal just before a system call is handled when that returns: a request that hangs would be waited for."""
    monkeypatch.setattr("catalogue.edge.night.PROJECT", tmp_path)
    (tmp_path / "build.py").write_text(
        "import signal, time\n"
        "def missed(*_): signal.signal(signal.SIGTERM, signal.SIG_DFL)\n"
        "signal.signal(signal.SIGTERM, missed)\nprint('asked', flush=True)\n"
        "until = time.monotonic() + 30\nwhile time.monotonic() < until: time.sleep(1)\n"
    )

    def interrupted(line: str) -> None:
        if line == "asked":
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(run_steps(tmp_path, {}, now="2026-11-26T06:41:00Z", arguments={}, log=interrupted))
    assert time.monotonic() - began < 20


def test_a_step_that_takes_too_long_is_stopped_and_the_run_continues(
    checkout: Path, zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.edge.night.STEPS", ("harvest", "record"))
    monkeypatch.setitem(TIMEOUT_MINUTES, "harvest", 0.05)
    zenodo.breaks(hangs)
    said: list[str] = []
    now = "2026-11-26T06:41:00Z"
    words = {"harvest": ["--api", zenodo.api, "--community", COMMUNITY]}
    steps = dict(run_steps(checkout, {}, now=now, arguments=words, log=said.append))
    assert (steps["harvest"].failing_since, steps["harvest"].why) == (now, "it was stopped after 0.05 minutes")
    assert (steps["record"].good, steps["record"].why) == (now, "")


@pytest.mark.case("B1", "B10")
def test_a_harvest_that_is_stopped_while_it_writes_has_written_all_or_nothing(tmp_path: Path) -> None:
    """Unlike SIGKILL: signals are deferred from the first file that is replaced to the last."""
    folder = tmp_path / "snapshot"
    texts = [
        write_snapshot(snapshot(*(entry(1001 + 2 * n, title=f"Star x{n}", version=word) for n in range(60))))
        for word in ("1", "2")
    ]
    save(folder, texts[0])
    program = (
        "import sys, json, signal; from pathlib import Path; from catalogue.edge.snapshot_files import save\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        "texts = json.loads(sys.stdin.read())\nprint('ready', flush=True)\n"
        "while True:\n    for text in texts: save(Path(sys.argv[1]), text)"
    )
    moments = random.Random(7)
    for _ in range(8):
        running = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert running.stdin
        assert running.stdout
        running.stdin.write(json.dumps(texts))
        running.stdin.close()
        running.stdout.readline()
        time.sleep(moments.uniform(0, 0.1))
        running.send_signal(signal.SIGTERM)
        running.wait(60)
        running.stdout.close()
        assert load(folder) in texts
        assert not list(folder.glob(".*.part"))
