"""The time of a build, compared with a bare Jinja loop that writes as many files of the same sizes; alternating in one run.

The loop writes all files except the search index. Ours is measured with building that index, and with an index built
before: rendering, serialising and writing only.

    .venv/bin/python -m bench.build 1000          numbers of entries, one or several

Prints minimum, median and maximum of the rounds in seconds, the ratios of the medians, the peak memory of the writing
process, and the sizes of each kind of page.
"""

import gc
import gzip
import re
import resource
import shutil
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median
from unittest.mock import patch

from jinja2 import DictLoader, Environment

from bench.index import min_median_max, timed
from bench.worlds import synthetic_catalogue, write_site
from catalogue.cli import GC_THRESHOLDS
from catalogue.edge import checkout
from catalogue.edge.workers import files_from_workers
from catalogue.model import Catalogue
from catalogue.outputs.search import search_files, searched
from catalogue.outputs.site import site_files

ROUNDS = 3
FACILITIES = 5
LINE = "What a page says in a line of some length, with <a> sign & another to escape, as descriptions have them."
BARE = {
    "base.html": "<!doctype html><html><head><title>{{ title }}</title></head><body>{% block main %}{% endblock %}</body></html>",
    "page.html": "{% extends 'base.html' %}{% block main %}<h1>{{ title }}</h1>{% for line in lines %}<p>{{ line }}</p>\n{% endfor %}{% endblock %}",
}


def main() -> None:
    """Measure each size given."""
    gc.set_threshold(*GC_THRESHOLDS)  # as a build has it
    for count in [int(word) for word in sys.argv[1:]] or [1000]:
        every = synthetic_catalogue(count, described=True)
        few = {each.slug for each in every.facilities[:FACILITIES]}
        measure(
            replace(
                every,
                facilities=every.facilities[:FACILITIES],
                offers=tuple(each for each in every.offers if each.facility in few),
            )
        )


def ours(catalogue: Catalogue, folder: Path) -> None:
    """Write the site with as many processes as a build uses, without the check."""
    write_site(site_files(catalogue, checkout.templates(), checkout.assets(), run=files_from_workers), folder)


def bare(sizes: list[tuple[str, int]], folder: Path) -> None:
    """Write files of the given paths and sizes, each rendered from escaped lines."""
    template = Environment(loader=DictLoader(BARE), autoescape=True).get_template("page.html")
    length = len(LINE) + 20
    for path, size in sizes:
        text = template.render(title=path, lines=[LINE] * (size // length))
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))


def measure(catalogue: Catalogue) -> None:
    """Measure both alternately for one catalogue."""
    mine: list[float] = []
    without: list[float] = []
    loop: list[float] = []
    peak = 0
    index = list(search_files(searched(catalogue)))
    with tempfile.TemporaryDirectory() as name:
        site, other = Path(name) / "site", Path(name) / "other"
        for _ in range(ROUNDS):
            shutil.rmtree(site, ignore_errors=True)
            with patch("catalogue.outputs.site.search_files", lambda *_: index):
                without.append(timed(lambda: ours(catalogue, site))[0])
            shutil.rmtree(site)
            mine.append(timed(lambda: ours(catalogue, site))[0])
            peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            known = {file.path for file in index}
            paths = [(path.relative_to(site).as_posix(), path) for path in site.rglob("*") if path.is_file()]
            sizes = [(path, file.stat().st_size) for path, file in paths if path not in known]
            loop.append(timed(lambda sizes=sizes: bare(sizes, other))[0])  # type: ignore[misc]
            shutil.rmtree(other)
        every = [path for path in site.rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in every)
        print(
            f"{len(catalogue.software)} entries, {len(catalogue.facilities)} facilities: {len(every)} files, {total / 1e6:.0f} MB"
        )
        for what, seconds in (
            ("ours", mine),
            ("ours, with an index built before", without),
            ("a bare Jinja loop", loop),
        ):
            times = f"{median(seconds) / median(loop):.2f} times as long"
            print(f"  {what:36} minimum, median, maximum: {min_median_max(seconds)} s, {times}")
        print(f"  {peak} MiB peak memory of the writing process")
        print_sizes(site, every)


def print_sizes(site: Path, every: list[Path]) -> None:
    """Print the number of files of each kind, their average size, and the compressed size of the largest."""
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in every:
        found = re.search(rb'<body class="page-(\w+)"', path.read_bytes()) if path.suffix == ".html" else None
        kinds[found[1].decode() if found else f"{path.relative_to(site).parts[0]} (no page)"].append(path)
    sizes = {kind: [path.stat().st_size for path in group] for kind, group in kinds.items()}
    for kind, group in sorted(kinds.items(), key=lambda each: -sum(sizes[each[0]])):
        heaviest = max(group, key=lambda path: path.stat().st_size)
        average = sum(sizes[kind]) / len(group) / 1000
        packed = len(gzip.compress(heaviest.read_bytes())) / 1000
        print(f"    {kind:24} {len(group):7,} of {average:8.1f} kB, the heaviest {packed:8.1f} kB compressed")


if __name__ == "__main__":
    main()
