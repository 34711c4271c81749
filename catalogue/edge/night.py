"""One night: each part of it in a process of its own, so that none falls with another."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event, Timer

from ..nights import LIMITS, STEPS, Step, after, is_due

PROJECT = Path(__file__).parents[2]
_GRACE = 20.0  # seconds that a step has to put things in order once it is stopped


def night(
    root: Path,
    before: Mapping[str, Step],
    *,
    now: str,
    words: Mapping[str, Iterable[str]],
    log: Callable[[str], None],
) -> Iterator[tuple[str, Step]]:
    """Run every step that is due, and say after each what is known of it; `words` are what each gets on its command line."""
    for name in STEPS:
        if not is_due(name, before.get(name), now):
            continue
        log(f"--- {name}")
        command = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), name, *words.get(name, ())]
        yield name, after(before.get(name), now, _why(command, 60.0 * LIMITS[name], log))


def _why(command: Sequence[str], seconds: float, log: Callable[[str], None]) -> str | None:
    """Why a command failed, in the last line that it said; None where it did not. It is stopped after so many seconds."""
    last = ""
    stopped = Event()
    with subprocess.Popen(  # noqa: S603 - our own build.py
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as process:

        def stop() -> None:
            stopped.set()
            process.terminate()

        late, dead = Timer(seconds, stop), Timer(seconds + _GRACE, process.kill)
        for timer in (late, dead):
            timer.daemon = True
            timer.start()
        try:
            for line in process.stdout or ():
                log(line.rstrip("\n"))
                last = line.strip() or last
        except BaseException:  # as Ctrl-C: no step goes on without its night
            process.terminate()
            raise
        finally:
            process.wait()
            late.cancel()
            dead.cancel()
    if stopped.is_set():
        return f"it was stopped after {seconds / 60:g} minutes"
    return None if process.returncode == 0 else last.removeprefix("Error: ")[:500] or f"exit code {process.returncode}"
