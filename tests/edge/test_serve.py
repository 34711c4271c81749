"""The local server: it shows a change, reloads open pages, and ends with Ctrl-C."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from catalogue.cli import main
from catalogue.edge.serve import Server, is_source, server
from tests.conftest import PROJECT
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, files


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small catalogue inside a hidden folder."""
    folder = tmp_path / ".cache" / "tests" / "catalogue"
    (folder / "snapshot").mkdir(parents=True)
    texts = {"site.yaml": SITE, "facilities.yaml": FACILITIES, "notebooks.yaml": NO_NOTEBOOKS}
    for name, text in (texts | {f"snapshot/{name}": text for name, text in files(entry()).items()}).items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def serving(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """A running `build.py serve` for it."""
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(checkout), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def page(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode("utf-8"))


def test_a_change_is_shown_and_ctrl_c_ends_the_server(checkout: Path, serving: subprocess.Popen[str]) -> None:
    assert serving.stderr is not None
    address = serving.stderr.readline().partition("  (Ctrl-C ends it)")[0]
    assert address.startswith("http://127.0.0.1:")
    first = page(f"{address}.version")
    assert f'data-version="{first}"' in page(address)
    assert '<h1 dir="auto">Binder</h1>' in page(f"{address}facilities/binder/")
    deadline = time.monotonic() + 120
    while '<h1 dir="auto">Other Hub</h1>' not in page(f"{address}facilities/binder/"):
        assert time.monotonic() < deadline
        # Written repeatedly: the first change may come before the watcher has started.
        (checkout / "facilities.yaml").write_text(FACILITIES.replace("name: Binder", "name: Other Hub"), "utf-8")
        time.sleep(4)
    assert page(f"{address}.version") != first
    serving.send_signal(signal.SIGINT)
    assert serving.wait(timeout=10) == 0
    assert serving.stderr.read() == ""


def test_a_mistake_is_shown_with_its_line_until_it_is_fixed(checkout: Path, serving: subprocess.Popen[str]) -> None:
    assert serving.stderr is not None
    address = serving.stderr.readline().partition("  (Ctrl-C ends it)")[0]
    hub = f"{address}facilities/binder/"
    note = "facilities.yaml:4:11: error: kind: unknown value &#x27;bin&lt;der&#x27;"
    deadline = time.monotonic() + 120
    for text, is_wrong in ((FACILITIES.replace("kind: binderhub", "kind: bin<der"), True), (FACILITIES, False)):
        while (note in page(hub)) != is_wrong:
            assert time.monotonic() < deadline
            # Written repeatedly: the first change may come before the watcher has started.
            (checkout / "facilities.yaml").write_text(text, "utf-8")
            time.sleep(4)
        assert '<h1 dir="auto">Binder</h1>' in page(hub)
    assert 'role="alert"' not in page(hub)


def test_without_any_site_only_the_mistake_is_shown(checkout: Path) -> None:
    http = server(checkout / "site", 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    http.wrong = "site.yaml:1:1: error: x"
    with pytest.raises(HTTPError) as caught:
        page(f"http://127.0.0.1:{http.server_port}/")
    assert caught.value.code == 404
    assert "<code>site.yaml:1:1: error: x</code>" in caught.value.read().decode("utf-8")
    http.shutdown()


@pytest.fixture
def small_site(checkout: Path) -> Path:
    """The built site of the small catalogue."""
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"], env={"SOURCE_DATE_EPOCH": ""}).exit_code == 0
    return checkout / "site"


@pytest.fixture
def http(small_site: Path) -> Iterator[Server]:
    """A server of that site, in the state after a build."""
    found = server(small_site, 0)
    found.version = "1"
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()


@pytest.mark.parametrize("path", ["", "facilities/binder/"])
def test_an_open_page_reloads_after_a_build_and_keeps_its_scroll_position(
    http: Server, small_site: Path, browser: Browser, path: str
) -> None:
    file = small_site / path / "index.html"
    old = file.read_text("utf-8")
    context = browser.new_context(viewport={"width": 400, "height": 300})
    open_page = context.new_page()
    said: list[str] = []
    open_page.on("console", lambda message: said.append(message.text))
    # The snapshot is old: the note about that would shift the page after loading.
    context.route("**/age.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    open_page.goto(f"http://127.0.0.1:{http.server_port}/{path}")
    open_page.evaluate("scrollTo(0, 200)")
    open_page.wait_for_timeout(1500)
    assert not open_page.evaluate("performance.getEntriesByType('navigation')[0].type === 'reload'")
    file.write_text(old.replace("</title>", " now</title>"), "utf-8")
    http.version = "2"
    expect(open_page).to_have_title(re.compile(" now$"))
    deadline = time.monotonic() + 15
    while open_page.evaluate("scrollY") != 200 and time.monotonic() < deadline:
        open_page.wait_for_timeout(100)
    assert open_page.evaluate("scrollY") == 200
    # A mistake appears without a reload by hand, and disappears again.
    http.wrong, http.version = "site.yaml:1:1: error: x", "3"
    expect(open_page.get_by_role("alert")).to_contain_text("site.yaml:1:1: error: x")
    http.wrong, http.version = "", "4"
    expect(open_page.get_by_role("alert")).to_have_count(0)
    expect(open_page).to_have_title(re.compile(" now$"))
    assert said == []
    context.close()


def test_an_open_page_waits_for_a_stopped_server(http: Server, small_site: Path, browser: Browser) -> None:
    context = browser.new_context()
    open_page = context.new_page()
    open_page.goto(f"http://127.0.0.1:{http.server_port}/facilities/")
    open_page.route("**/.version", lambda route: route.abort())
    open_page.wait_for_timeout(2500)
    open_page.unroute_all()
    file = small_site / "facilities" / "index.html"
    file.write_text(file.read_text("utf-8").replace("</h1>", " again</h1>"), "utf-8")
    http.version = "2"
    expect(open_page.locator("h1")).to_contain_text(" again")
    context.close()


def test_only_pages_of_the_site_have_live_reload_and_only_while_it_is_rebuilt(http: Server, small_site: Path) -> None:
    (small_site / "lite").mkdir()
    (small_site / "lite" / "index.html").write_text("<title>made by others</title>")
    address = f"http://127.0.0.1:{http.server_port}/"
    script = '<script src="/.reload.js" data-version="1" defer></script>\n'
    for path in ("", "facilities/binder/", "about/index.html"):
        assert page(address + path).endswith(script)
    with pytest.raises(HTTPError) as caught:
        page(f"{address}nowhere/")
    assert caught.value.read().decode("utf-8").endswith(script)
    assert page(f"{address}lite/") == "<title>made by others</title>"
    assert page(f"{address}.version") == "1"
    assert not [path for path in small_site.rglob("*") if path.is_file() and b".reload.js" in path.read_bytes()]
    http.version = ""
    assert page(address) == (small_site / "index.html").read_text("utf-8")
    for path in (".version", ".reload.js"):
        with pytest.raises(HTTPError):
            page(address + path)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("assets/0123456789ab/css/site.css", True),
        ("search/0123456789ab.json", True),
        ("search/0123456789ab/terms/0.json", True),
        ("", False),
        ("software/search/", False),
        ("software/assets/?from=/assets/0123456789ab/x", False),
        ("assets/0123456789ab/gone.css", False),
    ],
)
def test_only_files_with_a_content_hash_are_cacheable(tmp_path: Path, path: str, kept: bool) -> None:
    if "gone" not in path:
        file = tmp_path / f"{path.partition('?')[0]}{'' if Path(path).suffix else 'index.html'}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    http = server(tmp_path, 0)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        said = urlopen(f"http://127.0.0.1:{http.server_port}/{path}", timeout=10).headers["Cache-Control"]
    except HTTPError as error:
        said = error.headers["Cache-Control"]
    assert ("immutable" in said, "no-cache" in said) == (kept, not kept)
    http.shutdown()


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("facilities.yaml", True),
        ("snapshot/tool.json", True),
        (".facilities.yaml.swp", False),
        (".site-new/build.json", False),
        (".venv/lib/python3.11/site-packages/x.py", False),
        ("site/build.json", False),
        ("tests/world_2026/facilities.yaml", False),
        ("README.md", False),
        ("catalogue/outputs/pages.py", True),
        ("templates/static/js/home.js", True),
        ("templates/static/img/icon.png", True),
        ("extra/lite/files/first look.ipynb", True),
        ("extra/lite/tests/index.html", True),
        ("extra/lite/.index.html.swp", False),
    ],
)
@pytest.mark.parametrize("root", ["/srv/a/.cat", "/home/u/tests/cat", "/cat", "/home/u/a/b/c/d/e/cat"])
def test_source_files_are_recognised_wherever_the_checkout_is(root: str, path: str, read: bool) -> None:
    folder = Path(root)
    assert is_source(folder / path, [folder, folder / "catalogue", folder / "templates"], folder / "site") is read
