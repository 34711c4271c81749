"""Page weight, first paint, layout shifts and Lighthouse scores of the bundled catalogue.

    .venv/bin/python -m bench.lighthouse                        builds the site, and takes Lighthouse from npm
    .venv/bin/python -m bench.lighthouse --site site            measures a site that is already built
    .venv/bin/python -m bench.lighthouse --lighthouse PATH      uses an installed Lighthouse

Measures the front page, and the heaviest page of an entry and of a facility. Files are served as by static hosts: compressed,
and cached for ever if their name is a hash of their content. Lighthouse needs node, npm and a Chromium (CHROME_PATH, else one of
the system); without it the first two tables are printed and the exit code is 1.
"""

import argparse
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.build import print_sizes
from bench.static_host import hosted
from bench.worlds import PROJECT
from catalogue.outputs.files import HASHED_PATH, IMMUTABLE
from tests.find_browser import launch

LIGHTHOUSE = "lighthouse@12.8.2"  # the newest that runs on node 18 and 20
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PRESETS: dict[str, list[str]] = {"mobile": [], "desktop": ["--preset=desktop"]}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOWS = {"320": (320, 640), "1280": (1280, 800)}
LATE = 2.0  # seconds by which scripts are delayed, to see what waits for them

# Runs before any script of a page: records layout shifts.
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries())
    window.shifts.push([each.value, each.sources.map(({ node }) => node?.id || node?.className || node?.nodeName || "").join(" ")]);
}).observe({ type: "layout-shift", buffered: true });
"""
FETCHED = """() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  shifts: window.shifts,
  page: performance.getEntriesByType("navigation")[0].encodedBodySize,
  fetched: performance.getEntriesByType("resource").map((each) => [new URL(each.name).pathname, each.encodedBodySize]),
  named: [...document.querySelectorAll("script[src], link[rel=modulepreload]")].map((each) => new URL(each.src || each.href).pathname),
})"""


class Host:
    """A built site on a static host on this machine: its URL, and by how many seconds its scripts are delayed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.late, self.address = folder, 0.0, ""

    def body(self, path: str) -> bytes | None:
        """The compressed file at a path, None if there is none."""
        file = self.folder / path / "index.html" if path.endswith("/") or not path else self.folder / path
        return gzip.compress(file.read_bytes(), 6) if file.is_file() else None


@contextmanager
def serving(folder: Path) -> Iterator[Host]:
    """Serve a built site."""
    host = Host(folder)
    caching = {True: {"Cache-Control": IMMUTABLE}, False: {"Cache-Control": "max-age=600"}}
    with hosted(
        host.body,
        headers=lambda path: caching[bool(HASHED_PATH.search(path))],
        delay=lambda path: host.late if path.endswith(".js") else 0.0,
    ) as address:
        host.address = address
        yield host


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit that a page did not pass: its name, its share of the category's score, and the finding."""

    category: str
    name: str
    weight: float
    title: str
    found: str


@dataclass(frozen=True, slots=True)
class Report:
    """Lighthouse's report of a page: scores by category, metrics by name, and the failed audits."""

    scores: dict[str, int]
    values: dict[str, float]
    failed: tuple[Audit, ...]


def main() -> None:
    """Print the tables about pages in docs/speed.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, help="a built site; by default one is built")
    parser.add_argument("--lighthouse", help="the command of an installed Lighthouse")
    parser.add_argument("--rounds", type=int, default=3, help="how often Lighthouse measures each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        site = options.site or built(Path(name) / "site")
        pages = {"home": "", "software": heaviest(site, "software"), "facility": heaviest(site, "facility")}
        print("Kinds of pages")
        print_sizes(site, [path for path in site.rglob("*") if path.is_file()])
        with serving(site) as host:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                for kind, path in pages.items():
                    measure_page(browser, host, kind, path)
                browser.close()
            print_reports(command(options.lighthouse), host.address, pages, options.rounds, Path(name))


def built(site: Path) -> Path:
    """Build the site of the checkout; gives its folder."""
    subprocess.run([sys.executable, str(PROJECT / "build.py"), "build", "--full", "--site", str(site)], check=True)
    return site


def heaviest(site: Path, kind: str) -> str:
    """The path of the page of a kind that is largest after compression."""
    mark = f'<body class="page-{kind}"'.encode()
    pages = [path for path in site.rglob("index.html") if mark in path.read_bytes()]
    return max(pages, key=lambda path: len(gzip.compress(path.read_bytes()))).parent.relative_to(site).as_posix() + "/"


def measure_page(browser: Browser, host: Host, kind: str, path: str) -> None:
    """Print what one page fetches before it is used, its first paint with and without a delay of scripts, and its shifts."""
    found: dict[str, Any] = {}
    painted = {}
    shifts: dict[str, float] = {}
    for window, (width, height) in WINDOWS.items():
        for late in (0.0, LATE):
            host.late = late
            context = browser.new_context(viewport={"width": width, "height": height})
            page = context.new_page()
            page.add_init_script(SHIFTS)
            page.goto(host.address + path, wait_until="networkidle")
            page.wait_for_timeout(500)
            found = page.evaluate(FETCHED)
            painted[window, late] = found["painted"]
            shifts[window] = max(shifts.get(window, 0.0), sum(value for value, _ in found["shifts"]))
            for value, what in found["shifts"]:
                print(f"    shifts by {value:.3f} in a window of {window}: {what}")
            context.close()
    host.late = 0.0
    fetched = dict(found["fetched"])
    scripts = [each for each in fetched if each.endswith(".js")]
    total = found["page"] + sum(fetched.values())
    print(f"{kind} /{path}")
    print(
        f"  {total / 1000:.1f} kB compressed before the search is used, in {1 + len(fetched)} requests: page {found['page'] / 1000:.1f}, "
        f"{sum(each.endswith('.css') for each in fetched)} style sheet, "
        f"{len(scripts)} modules {sum(fetched[each] for each in scripts) / 1000:.1f}, "
        f"of which the page does not name {len(set(scripts) - set(found['named']))}"
    )
    for window in WINDOWS:
        print(
            f"  window of {window}: first paint after {painted[window, 0.0]:.0f} ms, {painted[window, LATE]:.0f} ms "
            f"where scripts are {LATE:.0f} s late; shift {shifts[window]:.3f} at most"
        )


def command(given: str | None) -> list[str]:
    """The command that starts Lighthouse; exits if there is none."""
    if given:
        words = shlex.split(given)
        if not shutil.which(words[0]):
            sys.exit(f"there is no Lighthouse at {words[0]}")
        return words
    if not shutil.which("npx"):
        sys.exit("Lighthouse was not run: it needs npx, which comes with node and npm, or --lighthouse PATH")
    return ["npx", "--yes", LIGHTHOUSE]


def chromium() -> str:
    """The path of the browser for Lighthouse; exits if there is none."""
    given = os.environ.get("CHROME_PATH") or os.environ.get("BROWSER_PATH")
    path = given or next((found for each in BROWSERS if (found := shutil.which(each))), None)
    if not path:
        sys.exit("Lighthouse was not run: it needs a Chromium; set CHROME_PATH")
    return path


def print_reports(lighthouse: list[str], address: str, pages: dict[str, str], rounds: int, folder: Path) -> None:
    """Run Lighthouse on all pages, mobile and desktop, alternately; print the table, then the failed audits."""
    reports: dict[tuple[str, str], list[Report]] = {}
    for _ in range(rounds):
        for kind, path in pages.items():
            for preset, options in PRESETS.items():
                report = run_lighthouse([*lighthouse, address + path, *options], folder)
                reports.setdefault((kind, preset), []).append(report)
                sys.stderr.write(f"{kind} {preset}: {report.scores}\n")  # progress, since all of it takes minutes
    print("\n| page | as | performance | accessibility | best practices | SEO | FCP | LCP | CLS | TBT |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for (kind, preset), found in reports.items():
        scores = [spread([each.scores[category] for each in found]) for category in CATEGORIES]

        def middle(name: str, found: list[Report] = found) -> float:
            return median(each.values[name] for each in found)

        print(
            f"| {kind} | {preset} | {' | '.join(scores)} | {middle('first-contentful-paint') / 1000:.1f} s "
            f"| {middle('largest-contentful-paint') / 1000:.1f} s | {middle('cumulative-layout-shift'):.3f} "
            f"| {middle('total-blocking-time'):.0f} ms |"
        )
    print("\nWhat did not pass, with its share of the score of its category:")
    seen: dict[Audit, list[str]] = {}
    for (kind, preset), found in reports.items():
        for audit in sorted({audit for each in found for audit in each.failed}, key=lambda each: (-each.weight, each.name)):  # fmt: skip
            seen.setdefault(audit, []).append(f"{kind} {preset}")
    for audit, where in seen.items():
        share = f"{audit.weight:.0%}" if audit.weight else "none"
        print(f"  {audit.category} {audit.name} ({share}): {audit.title}{audit.found}; {', '.join(where)}")


def spread(scores: list[int]) -> str:
    """The score if it was the same in all rounds, else minimum, median and maximum."""
    return str(scores[0]) if len(set(scores)) == 1 else f"{min(scores)}, {median(scores):.0f}, {max(scores)}"


def run_lighthouse(words: list[str], folder: Path) -> Report:
    """Run Lighthouse once; exits with its message if it fails."""
    target = folder / "report.json"
    flags = "--headless=new" + (" --no-sandbox" if hasattr(os, "geteuid") and os.geteuid() == 0 else "")
    done = subprocess.run(
        [*words, "--quiet", "--output=json", f"--output-path={target}", f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}"],
        env={**os.environ, "CHROME_PATH": chromium()},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode or not target.is_file():
        sys.exit(f"Lighthouse did not run: {' '.join(done.stderr.split())[-400:]}")
    report = json.loads(target.read_text("utf-8"))
    target.unlink()
    if report.get("runtimeError"):
        sys.exit(f"Lighthouse did not see the page: {report['runtimeError']['message']}")
    return read(report)


def read(report: dict[str, Any]) -> Report:
    """The parts of a Lighthouse report that are printed."""
    failed = []
    metrics = set()
    for category, judgement in report["categories"].items():
        weight = sum(each["weight"] for each in judgement["auditRefs"])
        for each in judgement["auditRefs"]:
            audit = report["audits"][each["id"]]
            if each.get("group") == "metrics":
                metrics.add(each["id"])
            elif audit["score"] is not None and audit["score"] < 1:
                found = f": {audit['displayValue']}" if audit.get("displayValue") else ""
                nodes = re.findall(r'"selector": "([^"]*)"', json.dumps(audit.get("details", {})))
                places = f" at {nodes[0]}" if nodes and each["weight"] else ""
                failed.append(Audit(category, each["id"], each["weight"] / weight if weight else 0.0, audit["title"], f"{found}{places}"))  # fmt: skip
    return Report(
        {category: round(100 * report["categories"][category]["score"]) for category in CATEGORIES},
        {name: report["audits"][name]["numericValue"] for name in metrics},
        tuple(failed),
    )


if __name__ == "__main__":
    main()
