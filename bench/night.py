"""The time of nightly builds: a full build, an incremental one without changes, and one with a changed record, alternately.

Before each, all records, repositories and facilities get new times, as after a real night.

    .venv/bin/python -m bench.night 1000 10000x1          entries x facilities; without x there are seven facilities

Prints minimum, median and maximum of the rounds in seconds, and the median as a share of that of the full build.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import yaml

from bench.index import min_median_max, timed
from bench.worlds import PROJECT, synthetic_snapshot
from catalogue.edge.snapshot_files import save
from catalogue.observed import Health, Look, Observed, Probe, SeenRepository
from catalogue.sources.observed import write_observed
from catalogue.sources.snapshot import write_snapshot
from tests.world import NO_NOTEBOOKS, SITE

ROUNDS = 3


def main() -> None:
    """Measure each size given."""
    for word in sys.argv[1:] or ["1000"]:
        count, _, facilities = word.partition("x")
        with tempfile.TemporaryDirectory() as name:
            measure(int(count), int(facilities or 7), Path(name))


def measure(count: int, many: int, root: Path) -> None:
    """Measure the three builds of one catalogue, each in its own process."""
    listed = yaml.safe_load((PROJECT / "tests" / "world_2026" / "facilities.yaml").read_text("utf-8"))
    listed["facilities"] = listed["facilities"][:many]
    (root / "site.yaml").write_text(f"{SITE}size_limit: 5000\n", "utf-8")
    (root / "notebooks.yaml").write_text(NO_NOTEBOOKS, "utf-8")
    (root / "facilities.yaml").write_text(yaml.safe_dump(listed), "utf-8")
    changed = random.Random(2026)

    def night(number: int, *, is_changed: bool = False) -> None:
        """Write the snapshot of a new night, which differs from the last only in its times, and in a description if `is_changed`."""
        words = f" and {changed.random()}" if is_changed else ""
        at = f"2026-01-02T03:{number:02}:05Z"
        save(root / "snapshot", write_snapshot(synthetic_snapshot(count, at, words)))
        save(root / "snapshot" / "observed", write_observed(asked_again(count, listed["facilities"], at)))

    times: dict[str, list[float]] = {"full": [], "no news": [], "one changed record": []}
    number = 0
    for _ in range(ROUNDS):
        for what, seconds in times.items():
            number += 1
            night(number, is_changed=what == "one changed record")
            seconds.append(timed(lambda options=["--full"] if what == "full" else []: build(root, *options))[0])  # type: ignore[misc]
    print(f"{count} entries, {many} facilities")
    for what, seconds in times.items():
        share = median(seconds) / median(times["full"])
        print(f"  {what:20} minimum, median, maximum: {min_median_max(seconds)} s, {share:.0%} of a full build")


def asked_again(count: int, facilities: list[dict[str, str]], at: str) -> Observed:
    """The observations of a night in which all facilities are healthy and no repository has changed."""
    look = Look(seen="2026-01-01T03:00:00Z", commit="1" * 40, files=("requirements.txt",))
    return Observed(
        looked=at,
        inspected=at,
        repositories=tuple(
            SeenRepository(repository=f"https://github.com/stars/tool-{number}", asked=look.seen, looks=(look,))
            for number in range(count)
        ),
        probed=at,
        probes=tuple(
            Probe(facility=each["id"], url=each["url"], asked=at, health=Health.HEALTHY, up=at) for each in facilities
        ),
    )


def build(root: Path, *options: str) -> None:
    """Run one build by the command line."""
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), "build", "--allow-shrink", *options]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
