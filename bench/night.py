"""What a night costs: a build of everything, one without news, and one with a changed record, in turn, as a night runs them.

    .venv/bin/python -m bench.night 1000          entries; more than one number may stand there

Prints minimum, median and maximum of some rounds in seconds, and each as a share of the full build's median.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.index import spread, timed
from bench.worlds import PROJECT, described_snapshot
from catalogue.edge.snapshot_files import save
from catalogue.sources.snapshot import write_snapshot
from tests.world import NO_NOTEBOOKS, SITE

ROUNDS = 3


def main() -> None:
    """Measure each size that is named."""
    for count in [int(word) for word in sys.argv[1:]] or [1000]:
        with tempfile.TemporaryDirectory() as name:
            measured(count, Path(name))


def measured(count: int, root: Path) -> None:
    """The three builds of one catalogue, each in a process of its own."""
    (root / "site.yaml").write_text(SITE, "utf-8")
    (root / "notebooks.yaml").write_text(NO_NOTEBOOKS, "utf-8")
    (root / "facilities.yaml").write_text((PROJECT / "facilities.yaml").read_text("utf-8"), "utf-8")
    changed = random.Random(2026)

    def night(number: int, *, is_changed: bool = False) -> None:
        words = f" and {changed.random()}" if is_changed else ""
        made = described_snapshot(count, f"2026-01-02T03:{number:02}:05Z", words)
        save(root / "snapshot", write_snapshot(made))

    times: dict[str, list[float]] = {"full": [], "no news": [], "one changed record": []}
    number = 0
    for _ in range(ROUNDS):
        for what, seconds in times.items():
            number += 1
            night(number, is_changed=what == "one changed record")
            seconds.append(timed(lambda options=["--full"] if what == "full" else []: build(root, *options))[0])  # type: ignore[misc]
    print(f"{count} entries")
    for what, seconds in times.items():
        share = median(seconds) / median(times["full"])
        print(f"  {what:20} minimum, median, maximum: {spread(seconds)} s, {share:.0%} of a full build")


def build(root: Path, *options: str) -> None:
    """One build, as the command line makes it."""
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), "build", "--allow-shrink", *options]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
