"""The layers of defence against foreign text, each switched off in turn: the others still stop every string of the collections.

What is switched off lets the pages be wrong, so they are not checked before they are served: here only the browser judges.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from bench.worlds import write_site
from catalogue import text as foreign
from catalogue.edge import checkout
from catalogue.edge.serve import server
from catalogue.pipeline import build_catalogue
from tests.world import FACILITIES, inputs

from .front import front_files
from .test_hostile_corpora import GROUP, OWN, STRINGS, chunks, entry

# The one thing that no policy in a page stops (measured): without the sanitiser it would lead readers away.
LEADS_AWAY = re.compile("http-equiv", re.IGNORECASE)


class Unsanitised:
    """The sanitiser as if there were none."""

    def clean(self, html: str) -> str:
        return html


def no_sanitiser(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(foreign, "_HTML", Unsanitised())
    patch.setattr(foreign, "_is_sound", lambda _: True)


def no_escaping(patch: pytest.MonkeyPatch) -> None:
    make = checkout.templates

    def trusting(*folders: Path) -> object:
        environment = make(*folders)
        environment.autoescape = False
        return environment

    patch.setattr(checkout, "templates", trusting)


def no_cleaning(patch: pytest.MonkeyPatch) -> None:
    """Controls and overrides come through; half characters cannot be written anyway."""
    patch.setattr(foreign, "strip_controls", lambda words: words.encode("utf-8", "replace").decode("utf-8"))


def no_policy(_patch: pytest.MonkeyPatch) -> None:
    """The browser leaves the content policy out."""


LAYERS = [no_cleaning, no_sanitiser, no_escaping, no_policy]


@contextmanager
def site(root: Path, texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The address of a site with these strings in every field, and its pages of entries."""
    http = server(root, 0)
    address = f"http://127.0.0.1:{http.server_port}/"
    entries = [entry(1001 + 2 * n, group) for n, group in enumerate(chunks(texts, GROUP))]
    catalogue, _ = build_catalogue(inputs(*entries, facilities=FACILITIES, base_url=address))
    assert catalogue is not None
    made = list(front_files(catalogue))
    write_site(made, root)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield address, [file.path for file in made if re.fullmatch(r"(?:software/t\d+/)?index\.html", file.path)]
    http.shutdown()


@pytest.mark.case("H1", "H2", "H9")
@pytest.mark.parametrize("off", LAYERS, ids=lambda off: off.__name__)
def test_without_one_layer_the_others_still_stop_every_string(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: Callable[[pytest.MonkeyPatch], None]
) -> None:
    off(monkeypatch)
    texts = [each for each in [*OWN, *STRINGS] if off in (no_cleaning, no_policy) or not LEADS_AWAY.search(each)]
    context = browser.new_context(bypass_csp=off is no_policy)
    context.add_init_script("window.alert = window.confirm = window.prompt = () => { window.__pwned = 1; }")
    page = context.new_page()
    went: list[str] = []
    page.on("requestfinished", lambda request: went.append(request.url))

    def failed(request: Request) -> None:
        if request.failure != "csp":  # the policy has stopped it before it left
            went.append(request.url)

    page.on("requestfailed", failed)
    with site(tmp_path, texts) as (address, pages):
        assert len(pages) > 25
        for path in pages:
            page.goto(address + path.removesuffix("index.html"))
            page.wait_for_timeout(20)
            assert page.evaluate("window.__pwned") is None, path
            assert page.url.startswith(address)
        assert [url for url in went if not url.startswith((address, "data:", "blob:"))] == []
    context.close()


def test_with_no_layer_at_all_the_strings_do_run(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is the layers that stop them, and not that the strings are tame."""
    for off in LAYERS:
        off(monkeypatch)
    context = browser.new_context(bypass_csp=True)
    context.add_init_script("window.alert = window.confirm = window.prompt = () => { window.__pwned = 1; }")
    page = context.new_page()
    with site(tmp_path, [each for each in [*OWN, *STRINGS] if not LEADS_AWAY.search(each)]) as (address, pages):
        ran = 0
        for path in pages:
            page.goto(address + path.removesuffix("index.html"), wait_until="domcontentloaded")
            ran += page.evaluate("window.__pwned ?? 0")
    assert ran > 0
    context.close()
