"""A local web server for the built site, with a rebuild and live reload whenever a source file changes."""

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
    // The server has stopped; it may be started again.
  }
  setTimeout(look, 1000);
};
look();
"""


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder like a static host, with the site's own page for 404.

    Files with a content hash in their name are cacheable; all others are revalidated. While the last build has failed, each
    page of the site shows the errors above its old content. If the server has a version, pages reload when it changes.
    """

    protocol_version = "HTTP/1.1"  # one connection for all files of a page
    disable_nagle_algorithm = True  # otherwise the body waits until the headers are acknowledged

    version = ""

    def do_GET(self) -> None:
        # Taken before the page is read: if a build ends in between, the page reloads once too often rather than not at all.
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
        is_ours = re.search(rb"<main\b", content)  # not a file of extra/, nor a fragment with cards
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
        """Do not log requests."""


class Server(ThreadingHTTPServer):
    """A local server; connections that a browser closes early are not reported."""

    daemon_threads = True
    #: The errors of the last build; empty if it succeeded.
    wrong = ""
    #: Changes with each build; if empty, pages are served without the script for live reload.
    version = ""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _with_note(page: str, wrong: str) -> str:
    """The page with the errors at the top of its main element."""
    note = (
        '<div class="note" role="alert"><p>This page is as it was before. It is loaded anew when this is mended:</p>'
        f"<pre><code>{escape(wrong)}</code></pre></div>"
    )
    return re.sub(r"<main\b[^>]*>", lambda found: found[0] + note, page, count=1)


def server(folder: Path, port: int) -> Server:
    """A server of a folder on the loopback interface; port 0 chooses a free one."""
    return Server(("127.0.0.1", port), partial(_Handler, directory=str(folder)))


def serve(root: Path, folder: Path, port: int) -> None:
    """Build, serve, and rebuild after each change of a source file, until interrupted. A failed build keeps the old site."""
    try:
        http = server(folder, port)
    except OSError as error:
        words = f"port {port} cannot be served: {error.strerror}; name another with --port, 0 takes a free one"
        raise CatalogueError(words) from None
    base_url = f"http://127.0.0.1:{http.server_port}/"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    build = [sys.executable, str(PROJECT / "build.py"), "--root", str(root), "build"]
    build += ["--site", str(folder), "--base-url", base_url]
    # Events name the real path of a file, without symbolic links.
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


# Subfolders of the watched ones in which every file is published.
_PUBLISHED_UNCHANGED = {(EXTRA,), ("static",)}


def is_source(path: Path, watched: Iterable[Path], built: Path) -> bool:
    """Whether a build reads this file: not one of the built site, no hidden file, and none of the tests.

    Only the path below a watched folder counts: the checkout itself may be in a hidden folder.
    """
    inside = [path.relative_to(folder).parts for folder in watched if path.is_relative_to(folder)]
    parts = min(inside, key=len, default=())
    return (
        (path.name.endswith((".yaml", ".json", ".py", ".html")) or parts[:1] in _PUBLISHED_UNCHANGED)
        and not path.is_relative_to(built)
        and not any(part.startswith(".") for part in parts)
        and parts[:1] != ("tests",)
    )
