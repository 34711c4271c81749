"""A fake GitHub, GitLab, Zenodo and plain Git host: one local server that distinguishes them by the Host header.

Git talks to `git http-backend`, so shallow and blob-less fetches are real.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

from catalogue.edge.public_hosts import PublicHosts

from ..zenodo_double import Fault, Reply, _Server, md5

GITHUB, RAW, GITLAB, OWN_GITLAB, ZENODO, GIT = (
    "api.github.com", "raw.githubusercontent.com", "gitlab.com", "gitlab.example.org", "zenodo.org", "git.example.org",
)  # fmt: skip
HOSTS = (GITHUB, RAW, GITLAB, OWN_GITLAB, ZENODO, GIT)
__all__ = [
    "GIT",
    "GITHUB",
    "GITLAB",
    "OWN_GITLAB",
    "RAW",
    "ZENODO",
    "Asked",
    "Forge",
    "Forges",
    "running",
    "zipped_files",
]


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Forge:
    """A repository on GitHub or GitLab: the files of each commit, and the branches and tags."""

    path: str
    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    default: str | None = "main"
    pushes: int = 0
    stars: int = 0
    archived: bool = False
    truncated: bool = False
    moved_to: str | None = None
    links: frozenset[str] = frozenset()
    active: str | None = None
    licence: str | None = None

    def push(self, ref: str, files: Mapping[str, bytes | str]) -> str:
        """Add a commit, and move a branch or tag to it."""
        self.pushes += 1
        commit = sha(f"{self.path} {self.pushes}")
        self.commits[commit] = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.refs[ref] = commit
        return commit

    def commit(self, ref: str) -> str | None:
        if ref == "HEAD":
            return self.refs.get(self.default or "")
        return self.refs.get(ref) or (ref if ref in self.commits else None)

    @property
    def pushed_at(self) -> str:
        return f"2026-01-01T00:00:{self.pushes:02}Z"


@dataclass(frozen=True)
class Asked:
    """A request as it was received."""

    host: str
    method: str
    target: str
    headers: Message

    @property
    def where(self) -> str:
        return f"{self.host}{self.target}"


class Forges:
    """The server. `breaks` switches a fault on; `asked` holds all requests."""

    def __init__(self, git_root: Path) -> None:
        self.github: dict[str, Forge] = {}
        self.gitlab: dict[str, Forge] = {}
        self.records: dict[int, dict[str, bytes]] = {}
        self.newest: dict[int, int] = {}  # the id of the concept -> the newest version
        self.ranges = True
        self.smart = True  # whether the Git host supports the smart protocol
        self.git_root = git_root
        self.asked: list[Asked] = []
        self.port = 0
        self._faults: list[tuple[str, Fault, list[int]]] = []

    @property
    def hosts(self) -> PublicHosts:
        """A resolver that leads all hosts to this server."""
        return PublicHosts(dict.fromkeys(HOSTS, f"127.0.0.1:{self.port}"))

    @property
    def questions(self) -> list[str]:
        """Host and path of each request."""
        return [each.where for each in self.asked]

    def breaks(self, fault: Fault, at: str = "", times: int = 1_000_000) -> None:
        """Answer the next `times` requests whose host and path contain `at` with a fault."""
        self._faults.append((at, fault, [times]))

    def mends(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def fault_for(self, where: str) -> Fault | None:
        for at, fault, left in self._faults:
            if at in where and left[0]:
                left[0] -= 1
                return fault
        return None

    def reply(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        match asked.host:
            case "api.github.com":
                return self._github(steps, query, asked)
            case "raw.githubusercontent.com":
                found = self.github["/".join(steps[:2])].commits[steps[2]].get("/".join(steps[3:]))
                return Reply(404, b"404: Not Found") if found is None else Reply(200, found)
            case "zenodo.org":
                return self._zenodo(steps, asked)
        return self._gitlab(steps, query, asked)

    # GitHub

    def _github(self, steps: list[str], query: dict[str, str], asked: Asked) -> Reply:
        repository = self.github.get("/".join(steps[1:3]))
        if steps[0] == "repositories":
            repository = list(self.github.values())[int(steps[1])]
            steps = ["repos", *repository.path.split("/"), *steps[2:]]
        if repository is None:
            return said(404, {"message": "Not Found"})
        if repository.moved_to:
            number = list(self.github).index(repository.moved_to)
            rest = "/".join(steps[3:])
            return Reply(301, b"{}", {"Location": f"https://{GITHUB}/repositories/{number}/{rest}".rstrip("/")})
        match steps[3:]:
            case []:
                return conditional(
                    asked,
                    {
                        "full_name": repository.path,
                        "default_branch": repository.default,
                        "pushed_at": repository.pushed_at,
                        "archived": repository.archived,
                        "stargazers_count": repository.stars,
                        "license": {"spdx_id": repository.licence} if repository.licence else None,
                    },
                )
            case ["commits", *ref]:
                if not repository.commits:
                    return said(409, {"message": "Git Repository is empty."})
                commit = repository.commit("/".join(ref))
                if commit is None:
                    return said(422, {"message": f"No commit found for SHA: {'/'.join(ref)}"})
                return said(200, {"sha": commit, "commit": {"tree": {"sha": sha(f"tree {commit}")}}})
            case ["git", "trees", tree]:
                for commit, files in repository.commits.items():
                    for folder in ("", "binder/", ".binder/"):
                        if tree == sha(f"tree {commit}{folder}"):
                            deep = "recursive" in query
                            entries = list(tree_entries(repository, commit, files, folder, deep=deep))
                            cut = deep and repository.truncated
                            return said(200, {"tree": entries[: 1 if cut else None], "truncated": cut})
        return said(404, {"message": "Not Found"})

    # GitLab

    def _gitlab(self, steps: list[str], query: dict[str, str], asked: Asked) -> Reply:
        project = self.gitlab.get(steps[3]) if steps[:3] == ["api", "v4", "projects"] else None
        if project is None:
            return said(404, {"message": "404 Project Not Found"})
        if project.moved_to:
            rest = asked.target.partition(steps[3].replace("/", "%2F"))[2]
            other = project.moved_to.replace("/", "%2F")
            return Reply(301, b"", {"Location": f"https://{asked.host}/api/v4/projects/{other}{rest}"})
        match steps[4:]:
            case []:
                active = project.active or project.pushed_at
                data: dict[str, object] = {
                    "path_with_namespace": project.path,
                    "default_branch": project.default,
                    "last_activity_at": active,
                }
                if "license" in query and project.licence:
                    data["license"] = {"key": project.licence.lower()}
                return conditional(asked, data)
            case ["repository", "commits", ref]:
                commit = project.commit(ref)
                return said(200, {"id": commit}) if commit else said(404, {"message": "404 Commit Not Found"})
            case ["repository", "tree"]:
                folder = f"{query['path']}/" if "path" in query else ""
                files = project.commits[query["ref"]]
                entries = list(tree_entries(project, query["ref"], files, folder, deep="recursive" in query, full=True))
                page, size = int(query.get("page", 1)), int(query["per_page"])
                headers = {"Content-Type": "application/json"}
                if page * size < len(entries):
                    bare = re.sub(r"&page=\d+", "", asked.target)
                    headers["Link"] = f'<https://{asked.host}{bare}&page={page + 1}>; rel="next"'
                return Reply(200, json.dumps(entries[(page - 1) * size : page * size]).encode(), headers)
            case ["repository", "files", path, "raw"]:
                found = project.commits[query["ref"]].get(path)
                return said(404, {"message": "404 File Not Found"}) if found is None else Reply(200, found)
        return said(404, {"error": "404 Not Found"})

    # Zenodo

    def _zenodo(self, steps: list[str], asked: Asked) -> Reply:
        match steps:
            case ["api", "records", number] if int(number) in self.newest:
                return Reply(301, b"", {"Location": f"/api/records/{self.newest[int(number)]}"})
            case ["api", "records", number] if int(number) in self.records:
                files = [
                    {"key": key, "size": len(body), "checksum": md5(body)}
                    for key, body in self.records[int(number)].items()
                ]
                return said(200, {"id": int(number), "doi": f"10.5281/zenodo.{number}", "files": files})
            case ["api", "records", number, "files", key, "content"]:
                body = self.records[int(number)][key]
                wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("Range", ""))
                if not wanted or not self.ranges:
                    return Reply(200, body)
                return Reply(206, body[int(wanted[1]) : int(wanted[2]) + 1])
        return said(404, {"message": "The persistent identifier does not exist."})

    # Git

    def git(self, asked: Asked, body: bytes) -> Reply:
        """The response of `git http-backend`."""
        path, _, query = asked.target.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.git_root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query if self.smart else "",
            "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": asked.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": asked.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        out = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
        ).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return Reply(int(headers.pop("Status", "200").split()[0]), content, headers)


def said(status: int, data: object) -> Reply:
    return Reply(status, json.dumps(data).encode())


def conditional(asked: Asked, data: object) -> Reply:
    """The data with an ETag, or 304 if the request has the same one."""
    mark = f'W/"{sha(json.dumps(data))}"'
    if asked.headers.get("If-None-Match") == mark:
        return Reply(304, b"", {"ETag": mark})
    return Reply(200, json.dumps(data).encode(), {"Content-Type": "application/json", "ETag": mark})


def tree_entries(
    forge: Forge, commit: str, files: Mapping[str, bytes], folder: str, *, deep: bool, full: bool = False
) -> Iterator[dict[str, object]]:
    """The entries of a folder as GitHub lists them, or with `full` paths, as GitLab does."""
    folders = set()
    for path, text in sorted(files.items()):
        if not path.startswith(folder):
            continue
        inner = path.removeprefix(folder)
        first, slash, _ = inner.partition("/")
        if slash and first not in folders:
            folders.add(first)
            name = f"{folder}{first}" if full else first
            yield {"path": name, "type": "tree", "mode": "040000", "sha": sha(f"tree {commit}{first}/")}
        if deep or not slash:
            blob = sha(f"blob {text!r}")
            mode = "120000" if path in forge.links else "100644"
            entry: dict[str, object] = {
                "path": path if full else inner,
                "type": "blob",
                "mode": mode,
                "sha": blob,
                "id": blob,
            }
            yield entry if full else {**entry, "size": len(text)}


def zipped_files(files: Mapping[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return buffer.getvalue()


@contextmanager
def running(git_root: Path) -> Iterator[Forges]:
    """Run the server on a free local port until the end of the block."""
    forges = Forges(git_root)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            # Git is redirected to this server by insteadOf, and does not send the original host name.
            host = GIT if host.startswith("127.0.0.1") else host
            asked = Asked(host, self.command, self.path, self.headers)
            forges.asked.append(asked)
            body = self._body()
            reply: Reply | None = forges.git(asked, body) if host == GIT else forges.reply(asked)
            fault = forges.fault_for(asked.where)
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
            if "Content-Length" in reply.headers:
                self.close_connection = True

        do_POST = do_GET

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    forges.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield forges
    finally:
        server.shutdown()
        server.server_close()
