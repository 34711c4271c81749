"""A local web server for the built site, and a rebuild whenever a file changes."""

import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watchfiles import watch

from ..problems import CatalogueError

PROJECT = Path(__file__).parents[2]


class _Handler(SimpleHTTPRequestHandler):
    """Serves the folder as a static host would: with the site's own page for what is not found, and no caching."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        asked = Path(self.translate_path(self.path))
        pages = (folder / "404.html" for folder in asked.parents if folder.is_relative_to(self.directory))
        page = next((page for page in pages if page.is_file()), None)
        if code != HTTPStatus.NOT_FOUND or page is None:
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a request is no news."""


class _Server(ThreadingHTTPServer):
    """A reader who leaves while a file is on its way is nothing to report."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder on this machine only; port 0 takes a free one."""
    return _Server(("127.0.0.1", port), partial(_Handler, directory=str(folder)))


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
    try:
        subprocess.run(build, check=False)  # noqa: S603 - our own build.py
        sys.stderr.write(f"{base_url}  (Ctrl-C ends it)\n")
        for _ in watch(*watched, watch_filter=lambda _, path: is_source(Path(path), watched, folder.resolve())):
            subprocess.run(build, check=False)  # noqa: S603 - our own build.py
    except KeyboardInterrupt:
        pass
    finally:
        http.shutdown()


def is_source(path: Path, watched: Iterable[Path], built: Path) -> bool:
    """Whether a build reads the file: not the site that it writes, no hidden file, nothing of the tests.

    What stands above the watched folders does not matter: a checkout may lie in a hidden folder.
    """
    inside = [path.relative_to(folder).parts for folder in watched if path.is_relative_to(folder)]
    parts = min(inside, key=len, default=())
    return (
        path.name.endswith((".yaml", ".json", ".py", ".html", ".css", ".js", ".svg"))
        and not path.is_relative_to(built)
        and not any(part.startswith(".") or part == "tests" for part in parts)
    )
