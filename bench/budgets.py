"""Compares the time and memory of a build, and the CPU time of `build.py check`, with the budgets of the project.

    python bench/budgets.py            103 and 1000 entries
    python bench/budgets.py 103 5000   these numbers of entries

Not part of `make check`, since it would fail on a busy machine.
"""

import gzip
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from catalogue.edge.snapshot_files import save  # noqa: E402
from catalogue.sources.snapshot import write_snapshot  # noqa: E402
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, snapshot  # noqa: E402

SECONDS = {103: 10.0, 5000: 120.0}  # wall-clock time of a build by number of entries
CHECK = 2.0  # seconds of CPU time
MEMORY, INDEX = 500, 300  # MiB; KiB compressed, of 103 entries


def main() -> None:
    """Build sites of several sizes, each in its own process; exit code 1 if a budget is exceeded."""
    seconds = check()
    print(f"check of our own files: {seconds:.1f} s of CPU time")
    failed = seconds > CHECK
    for count in [int(word) for word in sys.argv[1:]] or [103, 1000]:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            for file, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NO_NOTEBOOKS)):
                (root / file).write_text(text, encoding="utf-8")
            words = "Reads light curves of variable stars and fits models to them. "
            entries = (
                entry(
                    1001 + 2 * n,
                    title=f"Star tool {n}",
                    description=f"<p>{words * 8}</p>",
                    creators=(f"Author {n}, Ada", "Example, Bob"),
                    keywords=(f"word {n % 40}", "jupyter-notebook"),
                    licences=("mit",),
                    related=(("isSupplementTo", f"https://github.com/stars/tool-{n}"),),
                )
                for n in range(count)
            )
            save(root / "snapshot", write_snapshot(snapshot(*entries)))
            began = time.monotonic()
            subprocess.run([sys.executable, str(PROJECT / "build.py"), "--root", name, "build"], check=True)
            seconds = time.monotonic() - began
            files = [path for path in (root / "site" / "search").rglob("*") if path.is_file()]
            index = sum(len(gzip.compress(path.read_bytes())) for path in files) / 1024
            pages = sum(1 for _ in (root / "site").rglob("*.html"))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
        print(f"{count} entries: {seconds:.1f} s, at most {peak:.0f} MiB, {pages} pages, index {index:.0f} KiB packed")
        failed |= seconds > SECONDS.get(count, 1e9) or peak > MEMORY or (count <= 103 and index > INDEX)
    sys.exit(failed)


def check() -> float:
    """The CPU seconds that a check of our own files takes, once its code is compiled."""
    command = [sys.executable, str(PROJECT / "build.py"), "check"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
