"""Fake hosts: one local server that answers by the Host header, over real sockets."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from catalogue.edge.public_hosts import PublicHosts

from .zenodo_double import Fault, Reply

#: Matches every path of a host without a response of its own.
ANYWHERE = "*"


@dataclass(frozen=True)
class Asked:
    """A request as it was received."""

    host: str
    path: str
    time: float
    agent: str
    cookie: str | None


@dataclass
class Web:
    """The server. `says` sets the responses of a host; `asked` holds all requests."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    sites: dict[str, dict[str, Reply | Fault]] = field(default_factory=dict)

    def says(self, host: str, answers: Mapping[str, Reply | Fault]) -> None:
        """Set the responses of a host by path; every other path is 404."""
        self.sites[host] = dict(answers)

    def paths(self, host: str) -> list[str]:
        """The paths that were requested from a host, in order."""
        return [each.path for each in self.asked if each.host == host]

    def hosts(self, *others: str) -> PublicHosts:
        """A resolver that leads the fake hosts to this server."""
        return PublicHosts(dict.fromkeys((*self.sites, *others), f"127.0.0.1:{self.port}"))

    def loopback(self) -> list[str]:
        """The same as command-line options."""
        return [word for host in self.sites for word in ("--loopback", f"{host}=127.0.0.1:{self.port}")]

    def answer(self, host: str, path: str) -> Reply | Fault:
        site = self.sites.get(host, {})
        return site.get(path) or site.get(ANYWHERE) or page("Not found", 404)


def data(value: Any, status: int = 200, kind: str = "application/json; charset=UTF-8") -> Reply:
    """A JSON response."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": kind})


def page(text: str = "Hello", status: int = 200) -> Reply:
    """A web page."""
    body = f"<!doctype html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Reply(status, body.encode(), {"Content-Type": "text/html; charset=utf-8"})


def sends_to(address: str, status: int = 302) -> Reply:
    """A redirect, with a cookie that must not be kept."""
    return Reply(status, b"", {"Location": address, "Set-Cookie": "session=1; Path=/"})


def lines(*values: Any, end: str = "\n") -> Reply:
    """A file of JSON lines; strings are written unchanged."""
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in values) + end
    return Reply(200, text.encode(), {"Content-Type": "application/octet-stream"})


def slow(seconds: float) -> Fault:
    """A response after a delay."""

    def fault(_handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
        time.sleep(seconds)

    return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not report connections that a fault has broken."""


@contextmanager
def running() -> Iterator[Web]:
    """Run the server on a free local port until the end of the block."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host = self.headers["Host"]
            web.asked.append(
                Asked(host, self.path, time.monotonic(), self.headers["User-Agent"], self.headers.get("Cookie"))
            )
            found = web.answer(host, self.path)
            reply = found if isinstance(found, Reply) else found(self, Reply(200, b""))
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            if "Content-Length" in reply.headers:  # may be larger than the body
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()


# --- the responses of facilities

HEALTHY = {"ok": True, "checks": [{"service": "JupyterHub API", "ok": True}, {"service": "Pod quota", "ok": False}]}
UNWELL = {
    "ok": False,
    "checks": [
        {"service": "Docker registry", "ok": False},
        {"service": "JupyterHub API", "ok": False},
        {"service": "Pod quota", "ok": True, "total_pods": 3},
    ],
}
VERSIONS = {"builder_info": {"build_image": "jupyterhub/repo2docker:2026.4.0"}, "binderhub": "1.0.0.dev3700"}
PROVIDERS = [{"id": each, "displayName": each.title()} for each in ("gh", "gl", "git", "figshare")]
OLD_CONFIG = {each: {"text": "repository", "tag_text": "Git ref", "display_name": each} for each in ("gh", "gist")}


def binderhub(prefix: str = "/", health: Reply | None = None) -> dict[str, Reply | Fault]:
    """A current BinderHub: it answers every unknown path with 200 and its page."""
    return {
        f"{prefix}health": health or data(HEALTHY),
        f"{prefix}versions": data(VERSIONS),
        f"{prefix}api/repoproviders": data(PROVIDERS),
        ANYWHERE: page("Binder"),
    }


def old_binderhub(prefix: str = "/") -> dict[str, Reply | Fault]:
    """A BinderHub without the list of providers."""
    return {
        f"{prefix}": page("Binder"),
        f"{prefix}health": data(HEALTHY),
        f"{prefix}versions": data({"builder": "jupyter/repo2docker:2022", "binderhub": "0.2.0"}),
        f"{prefix}_config": data(OLD_CONFIG),
    }


def jupyterhub(prefix: str = "/") -> dict[str, Reply | Fault]:
    """A JupyterHub with its usual login page."""
    return {
        prefix: sends_to(f"{prefix}hub/"),
        f"{prefix}hub/": sends_to(f"{prefix}hub/login?next=%2Fhub%2F"),
        f"{prefix}hub/login?next=%2Fhub%2F": page("Sign in"),
        f"{prefix}hub/api/": data({"version": "5.2.1"}),
    }


def jupyterlite(prefix: str = "/") -> dict[str, Reply | Fault]:
    """A JupyterLite on a static host that does not send the media type of JSON."""
    settings = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {}}
    return {prefix: page("JupyterLite"), f"{prefix}jupyter-lite.json": data(settings, kind="text/plain")}


def rosetta() -> dict[str, Reply | Fault]:
    """The front page of a Rosetta."""
    body = (
        b"<!DOCTYPE html><html><head><title>Rosetta</title>"
        b'<link href="/static/css/stylish-portfolio.css" rel="stylesheet"></head><body>Welcome</body></html>'
    )
    return {"/": Reply(200, body, {"Content-Type": "text/html; charset=utf-8"})}
