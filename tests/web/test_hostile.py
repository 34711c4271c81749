"""B4 in a real browser: whatever a record says, nothing of it runs and no other host is asked."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import turbohtml
from playwright.sync_api import Browser, expect

from catalogue.changes import changes, current_state
from catalogue.edge.publish import publish
from catalogue.edge.serve import server
from catalogue.model import Catalogue
from catalogue.outputs.files import File
from catalogue.pipeline import build_catalogue
from tests.conftest import built
from tests.world import entry, inputs

from .visit import FORWARD

CANARY = "https://canary.example.org/x"
PAYLOADS = [
    "<script>window.__pwned = 1</script>",
    f"<img src={CANARY} onerror='window.__pwned = 1'>",
    "<svg onload='window.__pwned = 1'><a href='javascript:window.__pwned = 1'>x</a></svg>",
    '"><script>window.__pwned = 1</script>',
    "'><img src=x onerror=window.__pwned=1>",
    "</script><script>window.__pwned = 1</script>",
    f"<meta http-equiv=refresh content='0;url={CANARY}'>",
    f"<style>@import '{CANARY}'; body {{ display: none }}</style>",
    "<form id=search action=https://canary.example.org/><input name=q></form>",
    "{{ 7 * 7 }}{% include 'x' %}${7*7}",
    "<iframe srcdoc='<script>parent.__pwned = 1</script>'></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.__pwned=1>",
    "<noscript><p title='</noscript><img src=x onerror=window.__pwned=1>'>",
    "<div>" * 500 + "<table><td>",
]


@pytest.fixture(scope="module")
def hostile_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Catalogue, list[File]]]:
    """The address of a site all of whose records are hostile in every field, its catalogue and its files."""
    entries = [
        entry(
            1001 + 2 * number,
            title=f"T{number} {payload}",
            slug=f"t{number}",
            description=payload,
            creators=(payload,),
            keywords=(payload,),
            code_languages=(payload,),
            licences=(payload[:100],),
            version=f"1 {payload[:80]}",
            related=(
                ("isSupplementTo", f"https://github.com/o/r{payload[:40]}"),
                ("isDocumentedBy", f"javascript:{payload}"),
            ),
            published="2026-01-01",
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    root = tmp_path_factory.mktemp("hostile")
    http = server(root / "site", 0)
    address = f"http://127.0.0.1:{http.server_port}/"
    catalogue, problems = build_catalogue(inputs(*entries, base_url=address))
    assert problems == ()
    assert catalogue is not None
    plain = [entry(1001 + 2 * number, slug=f"t{number}", version="1") for number in range(len(PAYLOADS))]
    before, _ = build_catalogue(inputs(*plain))
    assert before is not None
    news = changes(current_state(before, "2026-01-01T00:00:00Z"), current_state(catalogue, "2026-01-02T00:00:00Z"))
    assert len(news) == len(PAYLOADS)
    catalogue = replace(catalogue, changes=news)
    made = built(catalogue)
    publish(made, root / "site", address)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield address, catalogue, made
    http.shutdown()


@pytest.fixture(scope="module")
def hostile_site(hostile_world: tuple[str, Catalogue, list[File]]) -> tuple[str, list[str]]:
    """The address of that site, and those of its pages."""
    address, _, made = hostile_world
    pages = [file for file in made if Path(file.path).suffix == ".html" and not file.path.startswith("go/t1/")]
    return address, [file.path for file in pages if file.path.count("/") < 3 and FORWARD not in file.text]


@pytest.mark.case("H1", "H2", "H7", "H9", "H14")
@pytest.mark.parametrize("policy", [True, False], ids=["with the content policy", "without it"])
def test_nothing_that_a_record_says_runs_or_calls_another_host(
    browser: Browser, hostile_site: tuple[str, list[str]], policy: bool
) -> None:
    address, pages = hostile_site
    context = browser.new_context(bypass_csp=not policy)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in pages:
        page.goto(address + path)
        assert page.evaluate("window.__pwned") is None, path
        assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
    page.goto(f"{address}?q=T1")
    expect(page.locator("#status")).to_contain_text("for “T1”")
    assert page.evaluate("window.__pwned") is None
    assert [url for url in asked if not url.startswith(address)] == []
    context.close()


@pytest.mark.case("H1", "H13")
def test_hostile_text_is_shown_as_text(browser: Browser, hostile_site: tuple[str, list[str]]) -> None:
    address, _ = hostile_site
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}software/t0/")
    assert page.locator("h1").inner_text() == "T0 <script>window.__pwned = 1</script>"
    page.goto(f"{address}software/t9/")
    assert page.locator("h1").inner_text() == "T9 {{ 7 * 7 }}{% include 'x' %}${7*7}"
    page.goto(f"{address}?q=T0")
    expect(page.locator("#status")).to_contain_text("for “T0”")
    assert page.locator("#cards > li:visible h3 a").first.inner_text() == "T0 <script>window.__pwned = 1</script>"
    context.close()


@pytest.mark.case("H1", "H14", "H15", "H28")
def test_a_hostile_name_is_the_same_text_wherever_it_stands(
    hostile_world: tuple[str, Catalogue, list[File]],
) -> None:
    address, catalogue, made = hostile_world
    files = {file.path: file for file in made}
    listed = {each["slug"]: each["name"] for each in json.loads(files["api/v1/catalogue.json"].text)["software"]}
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(files["feeds/all.atom"].content)
    entries = {
        each.findtext(f"{atom}id") or "": each.findtext(f"{atom}title") or "" for each in feed.iter(f"{atom}entry")
    }
    cards = {
        str(each.attrs["data-slug"]): each for each in turbohtml.parse(files["index.html"].text).select("#cards > li")
    }
    for software in catalogue.software:
        page = turbohtml.parse(files[f"software/{software.slug}/index.html"].text)
        [title], [heading], [data] = (
            page.select(each) for each in ("title", "h1", "script[type='application/ld+json']")
        )
        assert title.text.startswith(" ".join(software.name.split())), software.slug
        assert heading.text == software.name
        assert json.loads(data.text)["name"] == software.name == listed[software.slug]
        [link] = cards[software.slug].select("h3 a")
        assert link.text == software.name == cards[software.slug].attrs["data-name"]
        changed = [text for of, text in entries.items() if f"#software-{software.slug}-" in of]
        assert len(changed) == 1
        assert changed[0].startswith(f"{software.name}: ")
    assert all(of.startswith(address) for of in entries)


def unisolated(node: turbohtml.Node, mark: str) -> Iterator[str]:
    """The texts below a node that hold a mark and take part in the direction of the words around them."""
    if isinstance(node, turbohtml.Text):
        if mark in node.data:
            yield node.data.strip()
        return
    if isinstance(node, turbohtml.Element) and (
        node.tag in ("script", "title", "bdi") or node.attrs.get("dir") or node.has_class("sr-only")
    ):
        return
    for each in node.children:
        yield from unisolated(each, mark)


@pytest.mark.case("H16")
def test_words_of_a_record_never_turn_the_words_around_them() -> None:
    """Whatever its letters, a foreign text is an island: `dir` or `bdi` stands around it on every kind of page."""
    mark = "שלום"
    record = entry(
        1001,
        title=f"{mark} name",
        slug="tool",
        description=f"<p>{mark} sentence. More.</p>",
        creators=(f"{mark}, Ada",),
        keywords=(f"{mark} keyword",),
        code_languages=(f"{mark} language",),
        licences=(f"{mark} licence",),
        version=f"{mark} 1",
        related=(
            ("isSupplementTo", "https://github.com/owner/tool"),
            ("isDocumentedBy", f"https://docs.example.org/{mark}"),
        ),
    )
    found, _ = build_catalogue(inputs(record))
    before, _ = build_catalogue(inputs(entry(1001, slug="tool")))
    assert found is not None
    assert before is not None
    news = changes(current_state(before, "2026-01-01T00:00:00Z"), current_state(found, "2026-01-02T00:00:00Z"))
    pages = {file.path: file for file in built(replace(found, changes=news)) if file.path.endswith(".html")}
    wrong = {path: [*unisolated(turbohtml.parse(file.text), mark)] for path, file in pages.items()}
    assert {path: texts for path, texts in wrong.items() if texts} == {}
    assert sum(mark in file.text for file in pages.values()) > 10
