"""A fake Zenodo: a local server with a made-up community, and faults that can be switched on."""

import gzip
import hashlib
import json
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMUNITY = "stars"


@dataclass(kw_only=True)
class Work:
    """A record of the community, independent of Zenodo's two JSON formats."""

    number: int
    title: str
    concept: int | None = None
    version: str = "1.0"
    index: int = 0
    kind: str = "software"  # as InvenioRDM identifies it: a type, for some with a hyphen and a subtype
    revision: int = 1
    views: int = 7
    community: str = COMMUNITY
    licences: tuple[str, ...] = ("mit",)
    creators: dict[str, str] = field(default_factory=lambda: {"Ada Example": "Observatory"})
    files: dict[str, bytes] = field(default_factory=dict)
    code: dict[str, Any] = field(default_factory=dict)  # Zenodo's fields on software

    @property
    def doi(self) -> str:
        return f"10.5281/zenodo.{self.number}"

    @property
    def concept_doi(self) -> str:
        return f"10.5281/zenodo.{self.concept or self.number - 1}"

    @property
    def created(self) -> str:
        return f"2026-01-01T00:00:{self.number % 60:02}.000000+00:00"


ORCIDS = {"Ada Example": "0000-0002-1825-0097"}


def md5(body: bytes) -> str:
    return f"md5:{hashlib.md5(body, usedforsecurity=False).hexdigest()}"


def _resource_type(kind: str) -> dict[str, str]:
    type_, _, subtype = kind.partition("-")
    return {"title": "Software", "type": type_, **({"subtype": subtype} if subtype else {})}


def legacy(work: Work) -> dict[str, Any]:
    """The record as `application/json`."""
    return {
        "id": work.number,
        "recid": str(work.number),
        "conceptrecid": work.concept_doi.rpartition(".")[2],
        "doi": work.doi,
        "conceptdoi": work.concept_doi,
        "title": work.title,
        "created": work.created,
        "modified": work.created,
        "revision": work.revision,
        "metadata": {
            "title": work.title,
            "doi": work.doi,
            "publication_date": "2026-01-01",
            "description": f"<p>{work.title} reads light curves.</p>",
            "access_right": "open",
            "creators": [
                {"name": name, "affiliation": place, **({"orcid": ORCIDS[name]} if name in ORCIDS else {})}
                for name, place in work.creators.items()
            ],
            "keywords": ["light curves", "jupyter-notebook"],
            "related_identifiers": [
                {"identifier": f"https://github.com/stars/{work.number}", "relation": "isSupplementTo", "scheme": "url"}
            ],
            "version": work.version,
            "language": "eng",
            "resource_type": _resource_type(work.kind),
            "license": {"id": work.licences[0]},
            "communities": [{"id": work.community}],
            **({"custom": work.code} if work.code else {}),
            "relations": {"version": [{"index": work.index, "is_last": True}]},
        },
        "files": [{"key": key, "size": len(body), "checksum": md5(body)} for key, body in work.files.items()],
        "stats": {"views": work.views, "downloads": work.views},
    }


def inveniordm(work: Work) -> dict[str, Any]:
    """The record as `application/vnd.inveniordm.v1+json`."""

    def who(name: str) -> dict[str, Any]:
        known = [{"scheme": "orcid", "identifier": ORCIDS[name]}] if name in ORCIDS else []
        return {"name": name, "identifiers": known}

    return {
        "id": str(work.number),
        "created": work.created,
        "updated": work.created,
        "revision_id": work.revision,
        "parent": {
            "id": work.concept_doi.rpartition(".")[2],
            "pids": {"doi": {"identifier": work.concept_doi}},
            "communities": {"entries": [{"slug": work.community}]},
        },
        "pids": {"doi": {"identifier": work.doi, "provider": "datacite"}},
        "versions": {"is_latest": True, "index": work.index + 1},
        "access": {"record": "public", "files": "public", "embargo": {"active": False}, "status": "open"},
        "metadata": {
            "title": work.title,
            "publication_date": "2026-01-01",
            "description": f"<p>{work.title} reads light curves.</p>",
            "creators": [
                {"person_or_org": who(name), "affiliations": [{"name": place}, {"name": "College"}]}
                for name, place in work.creators.items()
            ],
            "subjects": [{"subject": "light curves"}, {"subject": "jupyter-notebook"}],
            "related_identifiers": [
                {
                    "identifier": f"https://github.com/stars/{work.number}",
                    "relation_type": {"id": "issupplementto"},
                    "scheme": "url",
                }
            ],
            "version": work.version,
            "languages": [{"id": "eng"}],
            "resource_type": {"id": work.kind},
            "rights": [{"id": name, "title": {"en": name.upper()}} for name in work.licences],
        },
        "files": {
            "enabled": True,
            "entries": {
                key: {"key": key, "size": len(body), "checksum": md5(body)} for key, body in work.files.items()
            },
        },
        **({"custom_fields": work.code} if work.code else {}),
        "stats": {"all_versions": {"views": work.views}},
    }


@dataclass(frozen=True)
class Asked:
    """A request as it was received."""

    target: str
    headers: Message
    time: float


@dataclass
class Reply:
    """The response to be sent. A fault may change it, or write to the socket itself and return None."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Fault = Callable[[BaseHTTPRequestHandler, Reply], Reply | None]


class Zenodo:
    """The server. `works` is the community; `breaks` switches a fault on; `asked` holds all requests."""

    def __init__(self) -> None:
        self.works: list[Work] = []
        self.gone: dict[int, dict[str, Any] | None] = {}
        self.left: dict[int, Work] = {}
        self.shape: Callable[[Work], dict[str, Any]] = legacy
        self.asked: list[Asked] = []
        self.url = ""
        self._faults: list[tuple[str, Fault, list[int]]] = []

    @property
    def api(self) -> str:
        return f"{self.url}/api"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def pages(self) -> list[str]:
        """The numbers of the pages that were requested, in order."""
        return [
            parse_qs(urlsplit(each.target).query)["page"][0]
            for each in self.asked
            if urlsplit(each.target).path.startswith("/api/communities/")
        ]

    def breaks(self, fault: Fault, at: str = "", times: int = 1_000_000) -> None:
        """Answer the next `times` requests whose URL contains `at` with a fault."""
        self._faults.append((at, fault, [times]))

    def mends(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def fault_for(self, target: str) -> Fault | None:
        for at, fault, left in self._faults:
            if at in target and left[0]:
                left[0] -= 1
                return fault
        return None

    def reply(self, target: str, authorized: bool) -> Reply:
        """The response without a fault."""
        parts = urlsplit(target)
        match unquote(parts.path).strip("/").split("/"):
            case ["api", "communities", slug, "records"] if slug == COMMUNITY:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                return self._page(int(query["page"]), int(query["size"]), 100 if authorized else 25)
            case ["api", "communities", *_]:
                return _error(404, "The persistent identifier does not exist.")
            case ["api", "records", number]:
                return self._record(int(number))
            case ["api", "records", number, "files", *key, "content"]:
                for work in self.works:
                    if work.number == int(number) and "/".join(key) in work.files:
                        return Reply(200, work.files["/".join(key)], {"Content-Type": "application/octet-stream"})
        return _error(404, "The requested URL was not found on the server.")

    def _page(self, page: int, size: int, most: int) -> Reply:
        if size > most:
            return _error(400, f"A validation error occurred: page size cannot be greater than {most}.")
        ordered = sorted(self.works, key=lambda work: -work.number)
        hits = [self.shape(work) for work in ordered[(page - 1) * size : page * size]]
        links = {}
        if page * size < len(ordered):
            links["next"] = f"{self.api}/communities/{COMMUNITY}/records?page={page + 1}&size={size}&sort=newest"
        return Reply(200, json.dumps({"hits": {"hits": hits, "total": len(ordered)}, "links": links}).encode())

    def _record(self, number: int) -> Reply:
        if number in self.gone:
            tombstone = self.gone[number]
            if tombstone is None:
                return _error(404, "The persistent identifier does not exist.")
            body = {"status": 410, "message": "Record deleted", "tombstone": tombstone}
            return Reply(410, json.dumps(body).encode())
        for work in [*self.works, *self.left.values()]:
            if work.number == number:
                return Reply(200, json.dumps(self.shape(work)).encode())
        return _error(404, "The persistent identifier does not exist.")


def _error(status: int, message: str) -> Reply:
    return Reply(status, json.dumps({"status": status, "message": message}).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not report connections that a fault has broken."""


@contextmanager
def running() -> Iterator[Zenodo]:
    """Run the server on a free local port until the end of the block."""
    zenodo = Zenodo()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it costs 40 ms per response

        def do_GET(self) -> None:
            zenodo.asked.append(Asked(self.path, self.headers, time.time()))
            reply: Reply | None = zenodo.reply(self.path, "Authorization" in self.headers)
            fault = zenodo.fault_for(self.path)
            if fault and reply:
                reply = fault(self, reply)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.headers.get("Content-Length"):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    zenodo.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield zenodo
    finally:
        server.shutdown()
        server.server_close()


# Faults


def answers(status: int, body: bytes = b"{}", **headers: str) -> Fault:
    """Another response; `Retry_After="1"` sends the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _handler, _reply: Reply(status, body, {"Content-Type": "application/json", **named})


def edits(change: Callable[[dict[str, Any]], object]) -> Fault:
    """The correct response after a change."""

    def fault(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        data = json.loads(reply.body)
        change(data)
        return Reply(reply.status, json.dumps(data).encode())

    return fault


def cut_off(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
    """Half of the correct body, with the Content-Length of all of it."""
    return Reply(reply.status, reply.body[: len(reply.body) // 2], {"Content-Length": str(len(reply.body))})


def cut_off_in_chunks(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Half of the correct body in chunks, without the last chunk."""
    half = reply.body[: len(reply.body) // 2]
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")


def reset(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
    """A connection reset before the response."""
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def silent(_handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
    """No response for two seconds."""
    time.sleep(2)


def drips(start: bytes) -> Fault:
    """A response whose bytes after `start` arrive one at a time, each before a read timeout."""

    def fault(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
        try:
            handler.wfile.write(start)
            for _ in range(200):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    return fault


def zipped(body: bytes) -> Fault:
    """A gzip-encoded body."""
    packed = gzip.compress(body, compresslevel=1)
    return lambda _handler, _reply: Reply(200, packed, {"Content-Encoding": "gzip"})
