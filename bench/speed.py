"""The time of the answer to each keystroke with an index in one file of 1,000 and 10,000 entries, compared with lunr's own query.

`.venv/bin/python -m bench.speed [COUNT …]` needs node. The time of a keystroke is the shortest of three rounds, since other work
on the machine only adds to it. The ratio to lunr's own query, taken in the same run, depends less on the machine. `bench.browser`
measures how long a reader waits in the page, with either kind of index.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catalogue.edge import checkout
from catalogue.outputs.assets import asset_files
from catalogue.outputs.search import RULES_MODULE, rules_module, search_file

from .worlds import synthetic_catalogue, write_site

TYPED = [
    "gammapy", "python notebook", "virtual observatory", "deep learning cta", "cherenkov telescope array", "zoniverse",
    "C++", "jacquemont", "radio astronomy docker", "xqzzyplugh", "gamma-ray analysis of light curves",
]  # fmt: skip
HOSTILE = [
    "fits~100",
    "name:",
    "*",
    '+ - ^ "',
    "x " * 10_000,
    "pyth " * 2000,
    "a" * 5000,
    "<img onerror>",
    "שלום",
    "😀",
    "(" * 500,
]
ROUNDS = 3


def main() -> None:
    """Print the tables of docs/search.md."""
    for count in [int(each) for each in sys.argv[1:]] or [1_000, 10_000]:
        with tempfile.TemporaryDirectory() as name:
            measure(count, Path(name))


def measure(count: int, folder: Path) -> None:
    """Measure a synthetic catalogue of `count` entries."""
    catalogue = synthetic_catalogue(count)
    start = time.monotonic()
    index = search_file(catalogue)
    built = time.monotonic() - start
    _, served = asset_files({**checkout.assets(), RULES_MODULE: rules_module()})
    write_site([index, *served], folder)
    say(f"\n{count} entries: index built in {built:.0f} s, {size(index.content)}\n")
    keys = [text[: end + 1] for text in TYPED for end in range(len(text))]
    done = subprocess.run(
        ["node", str(Path(__file__).parent / "speed.mjs"), str(folder)],
        input=json.dumps({"keys": keys, "hostile": HOSTILE, "rounds": ROUNDS}),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    table(f"node: rank, count, sort, {found['opened']:.0f} ms to open the index", found["ours"])
    table("node: lunr's own query for the same words, no counts, no order", found["lunr"])
    ratios = sorted(theirs / ours for ours, theirs in zip(found["ours"], found["lunr"], strict=True) if ours > 1)
    if ratios:
        say(f"  where ours takes more than 1 ms, lunr takes {ratios[len(ratios) // 2]:.1f} times as long (median)\n")
    table("node: hostile queries", found["hostile"])


def table(title: str, times: list[float]) -> None:
    """Print one line: median, 95th percentile and maximum."""
    ordered = sorted(times)

    def at(share: float) -> str:
        return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f}"

    say(
        f"  {title}: median {at(0.5)} ms, 95 % within {at(0.95)} ms, longest {ordered[-1]:.1f} ms ({len(times)} queries)\n"
    )


def size(content: bytes) -> str:
    """A size as text, plain and compressed."""
    return f"{len(content) / 1000:,.0f} kB ({len(gzip.compress(content)) / 1000:,.0f} kB compressed)"


def say(text: str) -> None:
    """Print without buffering, since the next step takes long."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
