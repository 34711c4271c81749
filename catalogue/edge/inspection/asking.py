"""How an inspection asks: one client a host, all with the same bounds, and the looks that are made of the answers."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ...launch.look import TEXT_LIMIT, Listing, files_to_read, look_of, notebooks_to_read
from ...launch.refs import Subject
from ...observed import Look, Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import NoRepository, parse_repository
from ...sources.vocabulary import licence
from ...text import clean
from ..http import NOT_THERE, Client, Reply, TooManyRequests, parse_json
from ..public_hosts import PublicHosts

GITHUB_API = "api.github.com"
_LOST_TITLES = 2  # notebooks that could not be read, after which no more are asked for


class NoTime(UpstreamError):
    """The time of the run is up: another one looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What an inspection may cost, in seconds and bytes."""

    pace: float = 1.0  # between two questions to one host
    deadline: float = 20.0  # for one answer
    tries: int = 2
    longest_pause: float = 60.0
    git: float = 60.0  # for one repository that is asked through git
    repository: float = 300.0  # for one repository that is asked otherwise
    git_file: int = 64 * 2**20  # a server that knows no filter sends the contents of all files
    git_memory: int = 512 * 2**20  # of each process
    run: float = 1200.0  # for the whole run


class Asking:
    """The clients of a run, by host, and the time until which it may last."""

    def __init__(
        self,
        *,
        agent: str,
        hosts: PublicHosts,
        now: str,
        bounds: Bounds,
        github_token: str | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.agent, self.hosts, self.now, self.bounds = agent, hosts, now, bounds
        self._token, self._tell = github_token, tell
        self._clients: dict[str, Client] = {}
        self._until = self._until_next = time.monotonic() + bounds.run

    def begin(self) -> None:
        """Begin with the next repository. Raises NoTime where the time of the run is up."""
        self._until_next = time.monotonic() + self.bounds.repository
        self._check_time()

    def _check_time(self) -> None:
        now = time.monotonic()
        if now > self._until:
            raise NoTime("there was no time left for it in this run")
        if now > self._until_next:
            raise UpstreamError(f"it could not be inspected within {self.bounds.repository:g} seconds")

    def client(self, host: str, name: str = "", *, pace: float = 1.0, abroad: bool = False) -> Client:
        """The client for a host, to ask one question. `pace` is in units of the usual one; for `abroad` see Client."""
        self._check_time()
        if host not in self._clients:
            self._clients[host] = Client(
                self.agent,
                name=name or host,
                pace=pace * self.bounds.pace,
                token=self._token if host == GITHUB_API else None,
                token_host=GITHUB_API,
                deadline=self.bounds.deadline,
                silence=min(10.0, self.bounds.deadline),
                tries=self.bounds.tries,
                longest_pause=self.bounds.longest_pause,
                tell=self._tell,
                hosts=self.hosts,
                abroad=abroad,
            )
        return self._clients[host]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in JSON: its status, the mapping or list in it, and its headers. `data` is None for 304."""

    status: int
    data: Any
    reply: Reply

    @property
    def etag(self) -> str | None:
        """The host's mark for a conditional question, None where it gave none that can be sent back."""
        mark = self.reply.headers.get("ETag", "")
        return mark if 0 < len(mark) <= 200 and mark.isascii() and mark.isprintable() else None


def ask_json(client: Client, url: str, *, also: Collection[int] = (), etag: str | None = None) -> Said:
    """What is answered in JSON with 200 or a status in `also`; with `etag`, 304 says that nothing has changed."""
    statuses = {HTTPStatus.OK.value, *also} | ({HTTPStatus.NOT_MODIFIED.value} if etag else set())
    reply = client.ask(url, headers={"If-None-Match": etag} if etag else None, expected=statuses)
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return Said(reply.status, None, reply)
    try:
        data = parse_json(reply.body)
    except ValueError:
        data = None
    # The word of the service about a thing is in JSON, whatever its status; anything else is a page of something else.
    if not isinstance(data, dict | list):
        raise UpstreamError(f"{client.name} did not answer in JSON but with another page")
    return Said(reply.status, data, reply)


def ask_text(client: Client, url: str) -> bytes | None:
    """The text of a file, None where the host does not give it."""
    reply = client.ask(url, expected=(200, *NOT_THERE), limit=TEXT_LIMIT)
    return reply.body if reply.status == HTTPStatus.OK else None


def text_at(data: Any, *keys: str) -> str:
    """The text at the end of these keys, one clean line; empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return clean(data) if isinstance(data, str) else ""


def licence_at(data: Any, *keys: str) -> str | None:
    """The SPDX id of a licence that a host names at the end of these keys, None where it knows none."""
    found = licence(text_at(data, *keys))
    return found.spdx if found else None


class Remote(Protocol):
    """A repository as one kind of host shows it."""

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names, None where there is no such ref."""

    def listing(self, commit: str) -> Listing:
        """All files at a commit."""

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The text of a small file, None where it cannot be had or is too long."""


class UnknownCommit(Exception):
    """Whether there is such a commit cannot be learnt from this host."""


@dataclass(slots=True)
class _Texts:
    """The texts of one repository, each content read once whatever the commit."""

    remote: Remote
    known: dict[str, bytes] = field(default_factory=dict)

    def read(self, listing: Listing, path: str) -> bytes | None:
        blob = listing.files[path].blob
        if blob and blob in self.known:
            return self.known[blob]
        text = self.remote.read(listing, path)
        if blob and text is not None:
            self.known[blob] = text
        return text

    def all_of(self, listing: Listing) -> dict[str, bytes]:
        """The texts that decide, and those of the notebooks that could be read."""
        texts = {path: self.read(listing, path) for path in files_to_read(listing)}
        lost = 0
        for path in notebooks_to_read(listing):
            if lost == _LOST_TITLES:
                break
            try:
                texts[path] = self.read(listing, path)
            except TooManyRequests:
                raise
            except UpstreamError:  # a title is not worth the whole look
                lost += 1
        return {path: text for path, text in texts.items() if text is not None}


def looks(
    remote: Remote, refs: Iterable[str | None], before: SeenRepository | None, now: str, *, unchanged: bool = False
) -> tuple[Look, ...]:
    """A look at each ref. Where the repository is unchanged, only at those that nobody has looked at.

    A commit that was seen before is not looked at again: what is in it does not change.
    """
    old_looks = before.looks if before else ()
    seen = {look.commit: look for look in old_looks if look.commit}
    texts = _Texts(remote)
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
                seen[commit] = look_of(ref, listing, texts.all_of(listing), now)
        except UnknownCommit:
            continue
        new = replace(seen[commit], ref=ref, seen=now) if commit else Look(seen=now, ref=ref, found=False)
        found.append(old if old and replace(new, seen=old.seen) == old else new)
    return tuple(found)


def settled(new: SeenRepository, before: SeenRepository | None) -> SeenRepository:
    """The repository as it is now; as it was before, but for the host's mark, where nothing about it is new."""
    if before and replace(new, asked=before.asked, etag=before.etag) == before:
        return replace(before, etag=new.etag)
    return new


def with_looks(new: SeenRepository, found: tuple[Look, ...]) -> SeenRepository:
    """The repository with these looks; empty where there is nothing at its default branch nor anywhere else."""
    if any(look.found for look in found) or all(look.ref for look in found):
        return replace(new, presence=Presence.THERE, looks=found)
    return replace(new, presence=Presence.EMPTY, looks=())


GONE = (404, 410, 451)  # by what a host says that a repository is not there


def gone(subject: Subject, now: str) -> SeenRepository:
    """A repository that its host does not show to everybody."""
    return SeenRepository(repository=subject.repository.url, asked=now, presence=Presence.GONE)


def address(host: str, path: str, asked_for: str) -> str | None:
    """The address of a repository that its host calls by another path than it was asked for, None where it is the same."""
    if path.casefold() == asked_for.casefold():
        return None
    found = parse_repository(f"https://{host}/{path}")
    if isinstance(found, NoRepository) or found.host != host:
        return None
    return found.url


def path_of(url: str) -> str:
    """The path of an address that a moved repository has."""
    return unquote(urlsplit(url).path.strip("/"))
