"""A local web server for the built site, and a rebuild whenever a file changes, which open pages then show."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from watchfiles import watch

from ..outputs.files import HASHED_PATH, IMMUTABLE
from ..problems import CatalogueError
from .checkout import EXTRA

PROJECT = Path(__file__).parents[2]

VERSION, RELOAD = "/.version", "/.reload.js"
_RELOAD = b"""\
const { version } = document.currentScript.dataset;
const look = async () => {
  try {
    const answer = await fetch("/.version");
    if (answer.ok && (await answer.text()) !== version) return location.reload();
  } catch {
    // The server has ended, and may be started again.
  }
  setTimeout(look, 1000);
};
look();
"""


class _Handler(SimpleHTTPRequestHandler):
    """Serves the folder as a static host would: with the site's own page for what is not found.

    What is named by its content may be kept by the browser, and it asks for all else again. While a file is wrong, each
    page says so above what was built before. Where the server has a version, an open page of ours is loaded anew when
    that is another.
    """

    protocol_version = "HTTP/1.1"  # one connection for all files of a page
    disable_nagle_algorithm = True  # the head is sent before the file, which would wait for it to be acknowledged

    version = ""

    def do_GET(self) -> None:
        # Before the page is read: one that has become newer in the meantime is loaded once too often, and never too seldom.
        self.version = self.server.version if isinstance(self.server, Server) else ""
        asked = urlsplit(self.path).path
        path = Path(self.translate_path(self.path))
        if asked.endswith("/"):
            path /= "index.html"
        if self.version and asked == VERSION:
            self._answer(HTTPStatus.OK, "text/plain", self.version.encode())
        elif self.version and asked == RELOAD:
            self._answer(HTTPStatus.OK, "text/javascript", _RELOAD)
        elif (self.version or self._wrong) and path.suffix == ".html" and path.is_file():
            self._page(HTTPStatus.OK, path.read_bytes())
        else:
            super().do_GET()

    @property
    def _wrong(self) -> str:
        return self.server.wrong if isinstance(self.server, Server) else ""

    def _page(self, code: int, content: bytes) -> None:
        is_ours = re.search(rb"<main\b", content)  # not what lies in extra/, nor the cards that a script asks for
        if is_ours and self._wrong:
            content = _with_note(content.decode("utf-8"), self._wrong).encode("utf-8")
        if is_ours and self.version:
            content += f'<script src="{RELOAD}" data-version="{self.version}" defer></script>\n'.encode()
        self._answer(code, "text/html", content)

    def _answer(self, code: int, kind: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        asked = Path(self.translate_path(self.path))
        pages = (folder / "404.html" for folder in asked.parents if folder.is_relative_to(self.directory))
        page = next((page for page in pages if page.is_file()), None)
        if code == HTTPStatus.NOT_FOUND and page:
            self._page(code, page.read_bytes())
        elif code == HTTPStatus.NOT_FOUND and self._wrong:
            self._page(code, b"<!doctype html><html lang=en><title>Not built</title><main></main></html>")
        else:
            super().send_error(code, message, explain)

    def send_response(self, code: int, message: str | None = None) -> None:
        super().send_response(code, message)
        never_changes = code == HTTPStatus.OK and HASHED_PATH.search(urlsplit(self.path).path)
        self.send_header("Cache-Control", IMMUTABLE if never_changes else "no-cache")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a request is no news."""


class Server(ThreadingHTTPServer):
    """A reader who leaves while a file is on its way is nothing to report."""

    daemon_threads = True
    #: What the last build found wrong, empty where it built.
    wrong = ""
    #: Another after each build; empty where nothing is built while it serves, and then pages are served as they are.
    version = ""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _with_note(page: str, wrong: str) -> str:
    """The page with what is wrong at the top of its main part."""
    note = (
        '<div class="note" role="alert"><p>This page is as it was before. It is loaded anew when this is mended:</p>'
        f"<pre><code>{escape(wrong)}</code></pre></div>"
    )
    return re.sub(r"<main\b[^>]*>", lambda found: found[0] + note, page, count=1)


def server(folder: Path, port: int) -> Server:
    """A server of a folder on this machine only; port 0 takes a free one."""
    return Server(("127.0.0.1", port), partial(_Handler, directory=str(folder)))


def serve(root: Path, folder: Path, port: int) -> None:
    """Build, serve, and rebuild after each change of a file, until interrupted. A build that fails keeps the old site."""
    try:
        http = server(folder, port)
    except OSError as error:
        words = f"port {port} cannot be served: {error.strerror}; name another with --port, 0 takes a free one"
        raise CatalogueError(words) from None
    base_url = f"http://127.0.0.1:{http.server_port}/"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    build = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), "build"]
    build += ["--site", str(folder), "--base-url", base_url]
    # The system names a changed file by its true path.
    watched = [path.resolve() for path in (root, PROJECT / "catalogue", PROJECT / "templates")]

    def rebuild() -> None:
        done = subprocess.run(build, check=False, stderr=subprocess.PIPE, text=True, errors="replace")  # noqa: S603 - our own build.py
        sys.stderr.write(done.stderr)
        http.wrong = done.stderr.strip() if done.returncode else ""
        http.version = str(time.time_ns())

    try:
        rebuild()
        sys.stderr.write(f"{base_url}  (Ctrl-C ends it)\n")
        for _ in watch(*watched, watch_filter=lambda _, path: is_source(Path(path), watched, folder.resolve())):
            rebuild()
    except KeyboardInterrupt:
        pass
    finally:
        http.shutdown()


# Folders of a watched one, of which every file is published.
_SERVED_AS_THEY_ARE = {(EXTRA,), ("static",)}


def is_source(path: Path, watched: Iterable[Path], built: Path) -> bool:
    """Whether a build reads the file: not the site that it writes, no hidden file, nothing of the tests.

    What stands above the watched folders does not matter: a checkout may lie in a hidden folder.
    """
    inside = [path.relative_to(folder).parts for folder in watched if path.is_relative_to(folder)]
    parts = min(inside, key=len, default=())
    return (
        (path.name.endswith((".yaml", ".json", ".py", ".html")) or parts[:1] in _SERVED_AS_THEY_ARE)
        and not path.is_relative_to(built)
        and not any(part.startswith(".") for part in parts)
        and parts[:1] != ("tests",)
    )
