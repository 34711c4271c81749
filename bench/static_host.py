"""A static host on this machine for measurements in a browser."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPES = {
    "": "text/html; charset=utf-8", "html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css",
    "json": "application/json", "svg": "image/svg+xml",
}  # fmt: skip


@contextmanager
def hosted(
    body: Callable[[str], bytes | None],
    *,
    headers: Callable[[str], Mapping[str, str]] = lambda path: {},
    delay: Callable[[str], float] = lambda path: 0.0,
) -> Iterator[str]:
    """Serve gzipped bodies by path (None: not found), with further headers and a delay in seconds; gives the URL of the root."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one write
        disable_nagle_algorithm = True  # else a body of several packets waits 40 ms for the first to be acknowledged

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            found = body(path)
            time.sleep(delay(path))
            self.send_response(404 if found is None else 200)
            suffix = path.rpartition("/")[2].rpartition(".")[2]
            self.send_header("Content-Type", TYPES.get(suffix, "text/plain"))
            for name, value in headers(path).items():
                self.send_header(name, value)
            if found is not None:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/"
    http.shutdown()
