"""B4 in a real browser: whatever a record says, nothing of it runs and no other host is asked."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from catalogue.changes import changes, shown
from catalogue.edge.publish import publish
from catalogue.edge.serve import server
from catalogue.pipeline import read
from tests.conftest import built
from tests.world import entry, inputs

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
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The address of a site all of whose records are hostile in every field, and the addresses of its pages."""
    entries = [
        entry(
            1001 + 2 * number,
            title=f"T{number} {payload}",
            slug=f"t{number}",
            description=payload,
            creators=(payload,),
            keywords=(payload,),
            licences=(payload[:100],),
            version=f"1 {payload[:80]}",
            related=(
                ("isSupplementTo", f"https://github.com/o/r{payload[:40]}"),
                ("isDocumentedBy", f"javascript:{payload}"),
            ),
            language=payload[:20],
            published="2026-01-01",
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    root = tmp_path_factory.mktemp("hostile")
    http = server(root / "site", 0)
    address = f"http://127.0.0.1:{http.server_port}/"
    catalogue, problems = read(inputs(*entries, base_url=address))
    assert problems == ()
    assert catalogue is not None
    plain = [entry(1001 + 2 * number, slug=f"t{number}", version="1") for number in range(len(PAYLOADS))]
    before, _ = read(inputs(*plain))
    assert before is not None
    news = changes(shown(before, "2026-01-01T00:00:00Z"), shown(catalogue, "2026-01-02T00:00:00Z"))
    assert len(news) == len(PAYLOADS)
    made = built(replace(catalogue, changes=news))
    publish(made, root / "site", address)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    pages = [file.path for file in made if Path(file.path).suffix == ".html" and not file.path.startswith("go/t1/")]
    yield address, [page for page in pages if page.count("/") < 3]
    http.shutdown()


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
    context.close()
