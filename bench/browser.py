"""The search in a real browser: bytes, time and memory of the first answer and of each keystroke, for any size of catalogue.

`.venv/bin/python -m bench.browser [COUNT …]` needs a browser. Files are served compressed, as static hosts do, and each first
query starts with an empty cache. Cards are rendered on demand, in a first round that is not counted: rendering all 100,000
would take longer than everything else. Bytes are those of the compressed bodies.
"""

import gzip
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from catalogue.edge import checkout
from catalogue.model import Catalogue, Software
from catalogue.outputs.assets import asset_files, imported_modules
from catalogue.outputs.cards import UNNAMED_FOLDER, card_pages
from catalogue.outputs.facets import facets
from catalogue.outputs.facility_views import facility_views, place_views
from catalogue.outputs.files import File
from catalogue.outputs.list_pages import home_pages
from catalogue.outputs.order import list_order
from catalogue.outputs.paging import LISTED
from catalogue.outputs.renderer import Renderer
from catalogue.outputs.search import RULES_MODULE, rules_module, search_files
from catalogue.outputs.shards import CARDS
from catalogue.outputs.software_views import software_views
from tests.find_browser import launch

from .speed import HOSTILE, TYPED, say, table
from .static_host import hosted
from .worlds import synthetic_catalogue

# Names, words that most entries have, prefixes of very many words, a DOI, and text that has to be guessed.
FIRST = ["gammapy", "python notebook", "virtual observatory", "data", "the", "ana", "gen", "zoniverse", "10.5281/zenodo.1000510", "xqzzyplugh"]  # fmt: skip
ROUNDS = 3

# Runs in the page: types a text, and returns the time and the bytes until the first answer (list and counts), and until the
# whole page of results.
TYPE = """async (text) => {
  const box = document.getElementById("q");
  const count = document.getElementById("count");
  const cards = document.getElementById("cards");
  performance.clearResourceTimings();
  performance.setResourceTimingBufferSize(5000);
  const bytes = () => performance.getEntriesByType("resource").reduce((sum, each) => sum + each.encodedBodySize, 0);
  const until = (isTrue, elements) => isTrue() || new Promise((resolve) => {
    const watch = new MutationObserver(() => { if (isTrue()) { watch.disconnect(); resolve(); } });
    for (const element of elements) watch.observe(element, { childList: true, attributes: true, characterData: true, subtree: true });
  });
  const start = performance.now();
  box.focus();
  box.value = text;
  box.dispatchEvent(new Event("input"));
  await until(() => count.textContent.includes(`for “${text}”`), [count]);
  document.body.getBoundingClientRect(); // the layout belongs to the answer
  const first = performance.now() - start;
  const early = bytes();
  await until(() => !cards.hasAttribute("aria-busy"), [cards]);
  return { first, early, whole: performance.now() - start, late: bytes(), said: count.textContent };
}"""


# The same for hostile text, which the page need not repeat: the time until it shows any answer.
ODD = """async (text) => {
  const box = document.getElementById("q");
  const count = document.getElementById("count");
  const said = new Promise((resolve) => {
    const watch = new MutationObserver(() => { if (!count.textContent.startsWith("Loading")) { watch.disconnect(); resolve(); } });
    watch.observe(count, { childList: true });
  });
  const start = performance.now();
  box.value = text;
  box.dispatchEvent(new Event("input"));
  await said;
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


class Site:
    """The files of a server: compressed bodies by path. Those of cards are made on demand."""

    def __init__(self, files: list[File], cards: str, make: Callable[[int], File]) -> None:
        self.bodies = {file.path: gzip.compress(file.content, 6) for file in files}
        self.cards, self.make = cards, make
        self.lock = threading.Lock()

    def body(self, path: str) -> bytes | None:
        """The compressed body at a path, None if there is none."""
        path = path or "index.html"
        with self.lock:
            if path not in self.bodies and path.startswith(self.cards):
                self.bodies[path] = gzip.compress(
                    self.make(int(path.removeprefix(self.cards).removesuffix(".html"))).content, 6
                )
        return self.bodies.get(path)


def main() -> None:
    """Print the table of docs/search.md on large catalogues."""
    for count in [int(each) for each in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        measure(count)


def measure(count: int) -> None:
    """Measure a synthetic catalogue of `count` entries."""
    start = time.monotonic()
    catalogue = synthetic_catalogue(count, alike=True)
    say(f"\n{count} entries, generated in {time.monotonic() - start:.0f} s\n")
    start = time.monotonic()
    index, *shards = search_files(catalogue)
    say(f"  {1 + len(shards)} files of the index in {time.monotonic() - start:.0f} s\n")
    print_sizes([index, *shards])
    with hosted(site_of(catalogue, index, shards).body) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        first_answers(browser, address)
        keys(browser, address)
        browser.close()


def site_of(catalogue: Catalogue, index: File, shards: list[File]) -> Site:
    """The front page with the first part of its list, and everything that its search fetches."""
    contents = {**checkout.assets(), RULES_MODULE: rules_module()}
    folder, assets = asset_files(contents)
    render = Renderer(catalogue, checkout.templates(), folder, partial(imported_modules, assets=contents))
    order = list_order(catalogue)
    every = facets(catalogue)
    places = place_views(facility_views(catalogue, ()))

    def views(entries: tuple[Software, ...]) -> Any:
        slugs = {each.slug for each in entries}
        offers = tuple(each for each in catalogue.offers if each.software in slugs)
        return software_views(replace(catalogue, software=entries, offers=offers))

    offers_of: dict[str, list[Any]] = {}
    for offer in catalogue.offers:
        offers_of.setdefault(offer.software, []).append(offer)

    def make(number: int) -> File:
        entries = order[number * CARDS : (number + 1) * CARDS]
        offers = tuple(offer for each in entries for offer in offers_of.get(each.slug, ()))
        made = software_views(replace(catalogue, software=entries, offers=offers))
        page = next(card_pages(made, every, places))
        first = number * CARDS
        address = page.address.replace("/0.html", f"/{number}.html")
        return render(replace(page, address=address, values={**page.values, "first": first}))

    standing = views(order[: LISTED if shards else len(order)])
    home = next(
        home_pages(
            catalogue,
            standing,
            places,
            every,
            index.path,
            UNNAMED_FOLDER if shards else None,
        )
    )
    return Site([*assets, index, *shards, render(home)], f"{UNNAMED_FOLDER}cards/", lru_cache(make))


def print_sizes(files: list[File]) -> None:
    """Print the compressed size of the index, by kind of file."""
    kinds: dict[str, list[int]] = {}
    for file in files:
        steps = file.path.split("/")
        kinds.setdefault(re.sub(r"\.json$", "", steps[2]) if len(steps) > 2 else "manifest or index", []).append(
            len(gzip.compress(file.content, 6))
        )
    for kind, sizes in kinds.items():
        say(
            f"    {kind}: {len(sizes)} files, {sum(sizes) / 1000:,.0f} kB compressed, the largest {max(sizes) / 1000:.0f} kB\n"
        )


def heap(page: Any) -> float:
    """The size of the page's heap in MB after garbage collection, including typed arrays."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def first_answers(browser: Browser, address: str) -> None:
    """Measure the first answer to each query, with an empty cache."""
    longest, most = [], []
    for text in FIRST:
        best: dict[str, Any] | None = None
        for number in range(ROUNDS + 1):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.goto(address, wait_until="networkidle")
            found = page.evaluate(TYPE, text)
            context.close()
            if number and (best is None or found["first"] < best["first"]):  # cards are made in the first round
                best = found
        if best is None:
            raise ValueError("no round")
        longest.append(best["first"])
        most.append(best["early"])
        say(
            f"  {text}: {best['first']:.0f} ms and {best['early'] / 1000:.0f} kB to the first answer, "
            f"{best['whole']:.0f} ms and {best['late'] / 1000:.0f} kB to the whole page of results: {best['said']}\n"
        )
    say(f"  first answer: median {median(longest):.0f} ms and {median(most) / 1000:.0f} kB, at most {max(longest):.0f} ms and {max(most) / 1000:.0f} kB\n")  # fmt: skip


def keys(browser: Browser, address: str) -> None:
    """Type whole queries letter by letter: times with fetches, without, and once more when all answers are cached."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address, wait_until="networkidle")
    before = heap(page)
    typed, there = [], []
    peak = 0.0
    for text in TYPED:
        letters = [text[:end] for end in range(1, len(text) + 1) if text[end - 1] != " "]
        typed += [page.evaluate(TYPE, each) for each in letters]
        there += [
            min(times)
            for times in zip(*([page.evaluate(TYPE, each)["first"] for each in letters] for _ in range(2)), strict=True)
        ]
        peak = max(peak, heap(page))
    table("page: from the key to the laid-out answer, with what has to be fetched", [each["first"] for each in typed])
    table("page: the same for keys that nothing had to be fetched for", [each["first"] for each in typed if not each["early"]])  # fmt: skip
    table("page: the same once every answer is known", there)
    table("page: hostile queries", [page.evaluate(ODD, text) for text in HOSTILE])
    say(f"  memory: {before:.1f} MB before the search, {peak:.1f} MB at most after a query\n")
    page.close()


if __name__ == "__main__":
    main()
