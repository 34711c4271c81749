"""The cost of a harvest: requests, seconds and memory for synthetic communities of several sizes, over loopback sockets.

    python bench/harvest.py                   100 and 10,000 records, by the search API and by OAI-PMH
    python bench/harvest.py 100 100000        these numbers of records (the search API lists 10,000 at most)

Measures a first harvest, one without changes, and one in which one record in a hundred has changed. By OAI-PMH the details of
250 records are requested in a night: so there is also a second night, and the others follow when all details are known. The
seconds are without rate limiting; the last column is the duration at the real rate of 25 requests a minute. Not part of
`make check`.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from tests.edge.oai_double import Oai  # noqa: E402
from tests.edge.zenodo_double import COMMUNITY, Work, Zenodo, running  # noqa: E402
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE  # noqa: E402

PACE = 2.4  # seconds between two requests
# A harvest without rate limiting, which finally prints its peak memory in MiB. With MOST in the environment, it may request so
# many details and files.
CHILD = """
import os, resource, sys
from functools import partial
from pathlib import Path
from catalogue.cli import main, nightly
from catalogue.edge import zenodo
from catalogue.edge.http import Client
if "MOST" in os.environ:
    zenodo._MAX_DETAILS = zenodo._MAX_FILES = int(os.environ["MOST"])
nightly.Client = partial(Client, pace=0.0)
status = Path("/proc/self/status")
try:
    main(sys.argv[1:])
finally:
    if status.exists():
        peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{peak:.0f}", file=sys.stderr)
"""


def main() -> None:
    """Harvest communities of several sizes."""
    print(f"{'':34}{'requests':>9}{'seconds':>9}{'MiB':>6}{'paced, minutes':>16}")
    for count in [int(word) for word in sys.argv[1:]] or [100, 10_000]:
        for way in ("search", "oai") if count <= 10_000 else ("oai",):
            nights(count, way)


def nights(count: int, way: str) -> None:
    """Run the harvests of one community by one API."""
    with running() as zenodo, tempfile.TemporaryDirectory() as name:
        oai = Oai(zenodo, size=50)
        zenodo.works = works(count)
        root = Path(name)
        for file, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NO_NOTEBOOKS)):
            (root / file).write_text(text, encoding="utf-8")
        night(f"{count:,} by {way}, first", zenodo, root, way)
        if way == "oai":
            night(f"{count:,} by oai, second", zenodo, root, way)
            run(zenodo, root, way, MOST=str(count))
            night(f"{count:,} by oai, whole list, quiet", zenodo, root, way, "--whole")
        night(f"{count:,} by {way}, quiet", zenodo, root, way)
        for work in zenodo.works[:: max(1, min(100, count // 2))]:
            work.title += " II"
            work.revision = 2
            oai.changed[work.number] = time.strftime("%Y-%m-%d", time.gmtime())
        night(f"{count:,} by {way}, 1 of 100 changed", zenodo, root, way)


def works(count: int) -> list[Work]:
    """Realistic records: every fifth is not software, every fourth has a CodeMeta file."""
    body = b'{"name": "Star", "programmingLanguage": "Python"}'
    return [
        Work(
            number=101 + 2 * n,
            title=f"Star {n}",
            kind="publication" if n % 5 == 4 else "software",
            creators={f"Author {n % 977}, Ada": "Observatory", f"Author {n % 83}, Bea": "Planetarium"},
            files={"codemeta.json": body, f"star-{n}.zip": b"PK"} if n % 4 == 0 else {f"star-{n}.zip": b"PK"},
        )
        for n in range(count)
    ]


def night(name: str, zenodo: Zenodo, root: Path, way: str, *options: str) -> None:
    """Run one harvest, and print its cost."""
    zenodo.asked.clear()
    began = time.monotonic()
    peak = run(zenodo, root, way, *options)
    seconds, asked = time.monotonic() - began, len(zenodo.asked)
    print(f"{name:34}{asked:9,}{seconds:9.1f}{peak:6,}{asked * PACE / 60:16.1f}")


def run(zenodo: Zenodo, root: Path, way: str, *options: str, **environment: str) -> int:
    """Run one harvest in its own process, and return its peak memory in MiB."""
    words = ["--root", str(root), "harvest", "--api", zenodo.api, "--community", COMMUNITY, "--via", way, *options]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *words],
        cwd=PROJECT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return int(done.stderr.split()[-1])


if __name__ == "__main__":
    main()
