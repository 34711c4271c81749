"""How long an answer takes at each key, with 1,000 and 10,000 entries, in node and in the page of a real browser.

`.venv/bin/python -m bench.speed [COUNT …]` needs node and a browser. Of three rounds the shortest time of each key counts,
as other work on the machine only adds. Times are of this machine; the ratio to lunr's own query, taken in the same run,
says more. With 10,000 entries lunr.py needs about a minute to build the index.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from catalogue.edge import checkout
from catalogue.edge.serve import server
from catalogue.outputs.assets import asset_files, needed
from catalogue.outputs.pages import Renderer, pages
from catalogue.outputs.search import RULES_MODULE, rules_module, search_file
from tests.find_browser import launch

from .worlds import made_up, written

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
IN_PAGE = """(texts) => texts.map((text) => {
  const box = document.getElementById("q");
  const start = performance.now();
  box.value = text;
  box.dispatchEvent(new Event("input"));
  document.body.getBoundingClientRect(); // the layout belongs to the answer
  return performance.now() - start;
})"""


def main() -> None:
    """Print the tables of docs/search.md."""
    for count in [int(each) for each in sys.argv[1:]] or [1_000, 10_000]:
        with tempfile.TemporaryDirectory() as name:
            measured(count, Path(name))


def measured(count: int, folder: Path) -> None:
    """Measure a made-up catalogue of `count` entries."""
    catalogue = made_up(count)
    start = time.monotonic()
    index = search_file(catalogue)
    built = time.monotonic() - start
    assets = {**checkout.assets(), RULES_MODULE: rules_module()}
    place, served = asset_files(assets)
    render = Renderer(catalogue, checkout.templates(), place, index.path, partial(needed, assets=assets))
    home, *others = (render(page) for page in pages(catalogue) if page.template in ("home", "list", "values"))
    written([index, home, *others, *served], folder)
    say(
        f"\n{count} entries: index built in {built:.0f} s, {size(index.content)}; front page {size(home.content)}, "
        f"the rest of the list, when it is searched, {size(b''.join(each.content for each in others))}\n"
    )
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
    in_page(folder, keys)


def in_page(folder: Path, keys: list[str]) -> None:
    """The same keys typed into the page, with everything that it shows for them."""
    http = server(folder, 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    rounds: list[list[float]] = []
    hostile: list[list[float]] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in range(ROUNDS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{http.server_port}/", wait_until="load", timeout=120_000)
            page.locator("#q").fill("warm")
            expect(page.locator("#count")).to_contain_text("warm", timeout=120_000)
            page.evaluate(IN_PAGE, ["warmer", "warmest"] * 5)
            rounds.append(page.evaluate(IN_PAGE, keys))
            hostile.append(page.evaluate(IN_PAGE, HOSTILE))
            page.close()
        browser.close()
    http.shutdown()
    table("page: from the key to the laid-out answer", [min(times) for times in zip(*rounds, strict=True)])
    table("page: hostile queries", [min(times) for times in zip(*hostile, strict=True)])


def table(title: str, times: list[float]) -> None:
    """One line of figures."""
    ordered = sorted(times)

    def at(share: float) -> str:
        return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f}"

    say(
        f"  {title}: median {at(0.5)} ms, 95 % within {at(0.95)} ms, longest {ordered[-1]:.1f} ms ({len(times)} queries)\n"
    )


def size(content: bytes) -> str:
    """A size as it is and compressed."""
    return f"{len(content) / 1000:,.0f} kB ({len(gzip.compress(content)) / 1000:,.0f} kB compressed)"


def say(text: str) -> None:
    """Print at once: the next step takes long."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
