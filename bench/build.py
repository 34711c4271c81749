"""What a build takes, beside a bare loop of Jinja that writes as many files of the same sizes; in one run, in turn.

    .venv/bin/python -m bench.build 1000          entries; more than one number may stand there

Prints minimum, median and maximum of some rounds in seconds, the ratio of the medians, the peak of the memory, and how
much each kind of page weighs.
"""

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

from jinja2 import DictLoader, Environment

from bench.index import spread, timed
from bench.worlds import made_up, written
from catalogue.edge import checkout
from catalogue.model import Catalogue
from catalogue.outputs.files import File
from catalogue.outputs.site import site_files

ROUNDS = 3
FACILITIES = 5
LINE = "What a page says in a line of some length, with <a> sign & another to escape, as descriptions have them."
BARE = {
    "base.html": "<!doctype html><html><head><title>{{ title }}</title></head><body>{% block main %}{% endblock %}</body></html>",
    "page.html": "{% extends 'base.html' %}{% block main %}<h1>{{ title }}</h1>{% for line in lines %}<p>{{ line }}</p>\n{% endfor %}{% endblock %}",
}


def main() -> None:
    """Measure each size that is named."""
    for count in [int(word) for word in sys.argv[1:]] or [1000]:
        every = made_up(count, described=True)
        few = {each.slug for each in every.facilities[:FACILITIES]}
        measured(
            replace(
                every,
                facilities=every.facilities[:FACILITIES],
                offers=tuple(each for each in every.offers if each.facility in few),
            )
        )


def ours(catalogue: Catalogue, folder: Path) -> list[File]:
    """The site on disk."""
    files = list(site_files(catalogue, checkout.templates(), checkout.assets()))
    written(files, folder)
    return files


def bare(sizes: list[tuple[str, int]], folder: Path) -> None:
    """As many files of the same sizes, each rendered from lines that are escaped."""
    template = Environment(loader=DictLoader(BARE), autoescape=True).get_template("page.html")
    length = len(LINE) + 20
    for path, size in sizes:
        text = template.render(title=path, lines=[LINE] * (size // length))
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))


def measured(catalogue: Catalogue) -> None:
    """Both in turn for one catalogue."""
    mine: list[float] = []
    loop: list[float] = []
    files: list[File] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            taken, files = timed(lambda folder=folder: ours(catalogue, folder))  # type: ignore[misc]
            mine.append(taken)
            sizes = [(file.path, len(file.content)) for file in files if file.path.endswith(".html")]
            shutil.rmtree(folder)
            loop.append(timed(lambda folder=folder, sizes=sizes: bare(sizes, folder))[0])  # type: ignore[misc]
    total = sum(len(file.content) for file in files)
    print(
        f"{len(catalogue.software)} entries, {len(catalogue.facilities)} facilities: {len(files)} files, {total / 1e6:.0f} MB"
    )
    print(f"  ours, with index and exports, minimum, median, maximum: {spread(mine)} s")
    print(f"  a bare loop of Jinja, its pages only:                   {spread(loop)} s")
    print(f"  ours takes {median(mine) / median(loop):.2f} times as long")
    print(f"  memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    weights(files)


def weights(files: list[File]) -> None:
    """How many files of each kind there are, what they weigh on average, and the heaviest, compressed."""
    kinds: dict[str, list[File]] = defaultdict(list)
    for file in files:
        found = re.search(rb'<body class="page-(\w+)"', file.content) if file.path.endswith(".html") else None
        kinds[found[1].decode() if found else f"{file.path.partition('/')[0]} (no page)"].append(file)
    for kind, group in sorted(kinds.items(), key=lambda each: -sum(len(file.content) for file in each[1])):
        heaviest = max(group, key=lambda file: len(file.content))
        average = sum(len(file.content) for file in group) / len(group) / 1000
        packed = len(gzip.compress(heaviest.content)) / 1000
        print(f"    {kind:24} {len(group):7,} of {average:8.1f} kB, the heaviest {packed:8.1f} kB compressed")


if __name__ == "__main__":
    main()
