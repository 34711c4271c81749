"""The nightly run: each step in a process of its own, so that a failure of one does not affect the others."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer

from ..nights import STEPS, TIMEOUT_MINUTES, Step, is_due, step_after

PROJECT = Path(__file__).parents[2]
_GRACE_PERIOD = 20.0  # seconds between SIGTERM and SIGKILL
_PAUSE = 1.0  # seconds between two SIGTERM after Ctrl-C


def run_steps(
    root: Path,
    before: Mapping[str, Step],
    *,
    now: str,
    arguments: Mapping[str, Iterable[str]],
    log: Callable[[str], None],
) -> Iterator[tuple[str, Step]]:
    """Run each step that is due, with its `arguments`, and yield its name and new state when it has ended."""
    for name in STEPS:
        if not is_due(name, before.get(name), now):
            continue
        log(f"--- {name}")
        command = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), name, *arguments.get(name, ())]
        yield name, step_after(before.get(name), now, _failure(command, 60.0 * TIMEOUT_MINUTES[name], log))


def _failure(command: Sequence[str], seconds: float, log: Callable[[str], None]) -> str | None:
    """Why a command failed, from its last line of output, or that it was stopped after `seconds`; None if it succeeded."""
    last = ""
    stopped = Event()
    with subprocess.Popen(  # noqa: S603 - our own build.py
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as process:

        def stop() -> None:
            stopped.set()
            process.terminate()

        terminate, kill = Timer(seconds, stop), Timer(seconds + _GRACE_PERIOD, process.kill)
        for timer in (terminate, kill):
            timer.daemon = True
            timer.start()
        try:
            for line in process.stdout or ():
                log(line.rstrip("\n"))
                last = line.strip() or last
        except BaseException:  # such as KeyboardInterrupt: the step ends with the run
            _end(process)
            raise
        finally:
            process.wait()
            terminate.cancel()
            kill.cancel()
    if stopped.is_set():
        return f"it was stopped after {seconds / 60:g} minutes"
    return None if process.returncode == 0 else last.removeprefix("Error: ")[:500] or f"exit code {process.returncode}"


def _end(process: "subprocess.Popen[str]") -> None:
    """Send SIGTERM until the process ends: one that arrives just before a wait for a host is only noticed after it."""
    while process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PAUSE)
