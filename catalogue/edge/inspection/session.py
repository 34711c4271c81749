"""What the inspection of every kind of host shares: HTTP clients, limits, and the loop over the refs of a repository."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ...launch.look import CODEMETA, TEXT_LIMIT, Listing, files_to_read, look_of, notebooks_to_read
from ...launch.refs import Subject
from ...observed import CodemetaFacts, Look, Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import NoRepository, parse_repository
from ...sources.repository_codemeta import kept_facts
from ...sources.vocabulary import licence
from ...text import clean
from ..http import MISSING_STATUSES, Client, Response, TooLarge, TooManyRequests, parse_json
from ..public_hosts import PublicHosts

GITHUB_API = "api.github.com"
_MAX_UNREADABLE = 2  # notebooks that could not be read, after which no more are requested


class OutOfTime(UpstreamError):
    """The time limit of the run is reached; the next run inspects the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionLimits:
    """Limits of an inspection, in seconds and bytes."""

    pace: float = 1.0  # between two requests to one host
    deadline: float = 20.0  # for one response
    attempts: int = 2
    max_retry_after: float = 60.0
    git: float = 60.0  # for one repository that is read with git
    repository: float = 300.0  # for one repository that is read over HTTP
    git_file: int = 64 * 2**20  # a server without support for filters sends the contents of all files
    git_memory: int = 512 * 2**20  # of each process
    run: float = 1200.0  # for the whole run


class Session:
    """The HTTP clients of a run, one per host, and its time limits."""

    def __init__(
        self,
        *,
        agent: str,
        hosts: PublicHosts,
        now: str,
        limits: InspectionLimits,
        github_token: str | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.agent, self.hosts, self.now, self.limits = agent, hosts, now, limits
        self._token, self._log = github_token, log
        self._clients: dict[str, Client] = {}
        self._run_deadline = self._repository_deadline = time.monotonic() + limits.run

    def begin_repository(self) -> None:
        """Start the time limit of the next repository. Raises OutOfTime if that of the run is reached."""
        self._repository_deadline = time.monotonic() + self.limits.repository
        self._check_time()

    def _check_time(self) -> None:
        now = time.monotonic()
        if now > self._run_deadline:
            raise OutOfTime("there was no time left for it in this run")
        if now > self._repository_deadline:
            raise UpstreamError(f"it could not be inspected within {self.limits.repository:g} seconds")

    def client(self, host: str, name: str = "", *, pace: float = 1.0, cross_host: bool = False) -> Client:
        """The client for a host, for the next request: raises UpstreamError if a time limit is reached.

        `pace` is a multiple of that in the limits; for `cross_host` see Client.
        """
        self._check_time()
        if host not in self._clients:
            self._clients[host] = Client(
                self.agent,
                name=name or host,
                pace=pace * self.limits.pace,
                token=self._token if host == GITHUB_API else None,
                token_host=GITHUB_API,
                deadline=self.limits.deadline,
                read_timeout=min(10.0, self.limits.deadline),
                attempts=self.limits.attempts,
                max_retry_after=self.limits.max_retry_after,
                log=self._log,
                hosts=self.hosts,
                cross_host=cross_host,
            )
        return self._clients[host]


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A JSON response of an API: its status, its decoded mapping or list, and the response itself. `data` is None for 304."""

    status: int
    data: Any
    response: Response

    @property
    def etag(self) -> str | None:
        """The ETag for a conditional request; None without one that can be sent back."""
        etag = self.response.headers.get("ETag", "")
        return etag if 0 < len(etag) <= 200 and etag.isascii() and etag.isprintable() else None


def get_json(client: Client, url: str, *, also: Collection[int] = (), etag: str | None = None) -> ApiResponse:
    """The JSON response with status 200 or one in `also`; with `etag`, status 304 means that nothing has changed."""
    statuses = {HTTPStatus.OK.value, *also} | ({HTTPStatus.NOT_MODIFIED.value} if etag else set())
    response = client.get(url, headers={"If-None-Match": etag} if etag else None, expected=statuses)
    if response.status == HTTPStatus.NOT_MODIFIED:
        return ApiResponse(response.status, None, response)
    try:
        data = parse_json(response.body)
    except ValueError:
        data = None
    # The API answers in JSON whatever the status; anything else comes from a proxy or a login page.
    if not isinstance(data, dict | list):
        raise UpstreamError(f"{client.name} did not answer in JSON but with another page")
    return ApiResponse(response.status, data, response)


def get_text(client: Client, url: str) -> bytes | None:
    """The content of a file; None if the host does not have it, or if it is larger than TEXT_LIMIT."""
    try:
        response = client.get(url, expected=(200, *MISSING_STATUSES), limit=TEXT_LIMIT)
    except TooLarge:
        return None
    return response.body if response.status == HTTPStatus.OK else None


def text_at(data: Any, *keys: str) -> str:
    """The text at the end of this chain of keys, as one clean line; empty if there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return clean(data) if isinstance(data, str) else ""


def licence_at(data: Any, *keys: str) -> str | None:
    """The SPDX id of the licence at the end of this chain of keys; None if there is no known one."""
    found = licence(text_at(data, *keys))
    return found.spdx if found else None


class Remote(Protocol):
    """A repository, read through the interface of its host."""

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names; None if there is no such ref."""

    def listing(self, commit: str) -> Listing:
        """All files at a commit."""

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The content of a file; None if it is missing or larger than TEXT_LIMIT."""


class UnknownCommit(Exception):
    """The host does not tell whether it has this commit."""


@dataclass(slots=True)
class _TextCache:
    """The texts of one repository, each blob read once for all commits."""

    remote: Remote
    by_blob: dict[str, bytes] = field(default_factory=dict)

    def read(self, listing: Listing, path: str) -> bytes | None:
        blob = listing.files[path].blob
        if blob and blob in self.by_blob:
            return self.by_blob[blob]
        text = self.remote.read(listing, path)
        if blob and text is not None:
            self.by_blob[blob] = text
        return text

    def all_of(self, listing: Listing) -> dict[str, bytes]:
        """The files that must be read, and the notebooks that could be."""
        texts = {path: self.read(listing, path) for path in files_to_read(listing)}
        unreadable = 0
        for path in notebooks_to_read(listing):
            if unreadable == _MAX_UNREADABLE:
                break
            try:
                texts[path] = self.read(listing, path)
            except TooManyRequests:
                raise
            except UpstreamError:  # only the title of a notebook is missing then
                unreadable += 1
        return {path: text for path, text in texts.items() if text is not None}


def inspect_refs(
    remote: Remote, refs: Iterable[str | None], before: SeenRepository | None, now: str, *, unchanged: bool = False
) -> tuple[Look, ...]:
    """The look at each ref. If the repository is `unchanged`, only refs without a look are inspected.

    A commit is inspected once: its content does not change. A ref whose commit the host does not tell is left out.
    """
    old_looks = before.looks if before else ()
    seen = {look.commit: look for look in old_looks if look.commit}
    texts = _TextCache(remote)
    found: list[Look] = []
    for ref in refs:
        old = next((look for look in old_looks if look.ref == ref), None)
        if old and unchanged:
            found.append(old)
            continue
        try:
            commit = remote.commit(ref)
            if commit and commit not in seen:
                listing = remote.listing(commit)
                read = texts.all_of(listing)
                look = look_of(ref, listing, read, now)
                seen[commit] = replace(look, codemeta=_codemeta_facts(read.get(CODEMETA, b"")))
        except UnknownCommit:
            continue
        new = replace(seen[commit], ref=ref, seen=now) if commit else Look(seen=now, ref=ref, found=False)
        found.append(old if old and replace(new, seen=old.seen) == old else new)
    return tuple(found)


def _codemeta_facts(raw: bytes) -> CodemetaFacts:
    try:
        return kept_facts(parse_json(raw))
    except ValueError:
        return ()


def reuse_unchanged(new: SeenRepository, before: SeenRepository | None) -> SeenRepository:
    """The repository `before`, with the new ETag, if nothing else has changed; otherwise the new one."""
    if before and replace(new, asked=before.asked, etag=before.etag) == before:
        return replace(before, etag=new.etag)
    return new


def with_looks(new: SeenRepository, found: tuple[Look, ...]) -> SeenRepository:
    """The repository with these looks; empty if its default branch was looked for and no ref was found."""
    if any(look.found for look in found) or all(look.ref for look in found):
        return replace(new, presence=Presence.THERE, looks=found)
    return replace(new, presence=Presence.EMPTY, looks=())


GONE_STATUSES = (404, 410, 451)  # of a repository that does not exist, or is not public


def gone_repository(subject: Subject, now: str) -> SeenRepository:
    """A repository that its host does not show to the public."""
    return SeenRepository(repository=subject.repository.url, asked=now, presence=Presence.GONE)


def new_url(host: str, path: str, asked_for: str) -> str | None:
    """The URL of a repository that its host lists under another path than was requested; None if it has not moved."""
    if path.casefold() == asked_for.casefold():
        return None
    found = parse_repository(f"https://{host}/{path}")
    if isinstance(found, NoRepository) or found.host != host:
        return None
    return found.url


def url_path(url: str) -> str:
    """The path of a repository's URL, without slashes around it."""
    return unquote(urlsplit(url).path.strip("/"))
