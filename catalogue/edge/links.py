"""The link check: whether the pages that the catalogue links to exist. It only reports; it never blocks a build."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from urllib.parse import urlsplit

from ..links import why_not_followed
from ..observed import STRIKES, LinkState, Observed, SeenLink
from ..problems import UpstreamError
from ..text import clean
from .concurrency import ask_concurrently, raise_if_offline
from .http import EVERY_STATUS, Client, NoResponse, Response, status_words
from .probe import describe_response, probe_client, redirect
from .public_hosts import HostNotFound, PublicHosts

_MAX_PER_HOST = 300  # requests in a run
_MAX_REDIRECTS = 5
_MAX_FAILURES = 3  # consecutive requests without a response, after which a host is skipped in this run
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def check_links(
    urls: Iterable[str],
    before: Observed,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    pace: float = 1.0,
    deadline: float = 10.0,
    run: float = 600.0,
    max_per_host: int = _MAX_PER_HOST,
    progress: Callable[[str], None] | None = None,
) -> tuple[SeenLink, ...]:
    """The state of each URL, now and before, sorted by URL; URLs in `before` that are no longer linked to are left out.

    Only public hosts are contacted, over https, each with one request at a time, at most one every `pace` seconds and
    `max_per_host` in all, including those that a redirect leads to. A host that does not respond three times in a row, or
    limits the rate, is skipped. No more of a response is read than a probe would read. The order: URLs that are missing but not
    yet dead, unless they were checked today; then those checked longest ago. After `run` seconds no more are checked, and
    the rest keep their state. Raises UpstreamError if no host responds at all.
    """
    known = {each.url: each for each in before.links}

    def priority(url: str) -> tuple[bool, str, str]:
        seen = known.get(url)
        doubted = seen is not None and bool(seen.missing) and not seen.dead and seen.asked[:10] < now[:10]
        return not doubted, seen.asked if seen else "", url

    by_host: dict[str, list[str]] = defaultdict(list)
    for url in sorted(set(urls), key=priority):
        if not why_not_followed(url):
            by_host[_host(url)].append(url)
    limiter = _RateLimiter(pace, max_per_host, time.monotonic() + run)

    def ask_host(host: str) -> list[SeenLink]:
        follower = _LinkFollower(limiter, agent, hosts, deadline)
        seen: list[SeenLink] = []
        for url in by_host[host]:
            try:
                seen.append(_seen(url, *follower.follow(url), known.get(url), now))
            except _Skipped:
                seen += [known[url]] if url in known else []
        return seen

    found = ask_concurrently(by_host, ask_host, progress=progress)
    raise_if_offline(by_host, answered=limiter.answered)
    return tuple(sorted((each for of_host in found for each in of_host), key=lambda each: each.url))


class _Skipped(Exception):
    """A limit is reached: no further request to this host in this run."""


@dataclass(slots=True)
class _HostState:
    """The requests to one host in this run."""

    lock: Lock = field(default_factory=Lock)
    next_request: float = 0.0
    requests: int = 0
    failures: int = 0
    skipped: bool = False


class _RateLimiter:
    """Limits the requests to each host, across all worker threads. `answered` is whether any host has responded."""

    def __init__(self, pace: float, max_per_host: int, deadline: float) -> None:
        self._pace, self._max_per_host, self._deadline = pace, max_per_host, deadline
        self.answered = False
        self._lock, self._hosts = Lock(), defaultdict[str, _HostState](_HostState)

    @contextmanager
    def slot(self, host: str) -> Iterator[_HostState]:
        """Wait until one request may be sent to a host, in the block. Raises _Skipped if none may be sent any more."""
        with self._lock:
            state = self._hosts[host]
        with state.lock:
            if state.skipped or state.requests >= self._max_per_host or time.monotonic() > self._deadline:
                raise _Skipped
            if (pause := state.next_request - time.monotonic()) > 0:
                time.sleep(pause)
            state.next_request = time.monotonic() + self._pace
            state.requests += 1
            try:
                yield state
            except NoResponse:
                state.failures += 1
                state.skipped |= state.failures >= _MAX_FAILURES
                raise
            self.answered = True
            state.failures = 0


class _LinkFollower:
    """Follows redirects from host to host, each within its rate limit."""

    def __init__(self, limiter: _RateLimiter, agent: str, hosts: PublicHosts, deadline: float) -> None:
        self._limiter, self._agent, self._hosts, self._deadline = limiter, agent, hosts, deadline
        self._clients: dict[str, Client] = {}

    def follow(self, url: str) -> tuple[LinkState, str]:
        """The state of the page at the end of the redirects, and a sentence if it does not exist or is unclear."""
        at = url
        for _ in range(_MAX_REDIRECTS + 1):
            host = _host(at)
            try:
                response = self._get(at, host)
            except HostNotFound:
                whose = "its host's name" if at == url else f"the name {clean(host, 100)}, to which it sends on,"
                return LinkState.MISSING, f"{whose} is not known"
            except UpstreamError as error:
                return LinkState.UNKNOWN, clean(str(error).removeprefix(f"{_host(url)} "), 200)
            target = redirect(response)
            if target is None:
                return _state(response)
            if why := why_not_followed(target):
                return LinkState.UNKNOWN, f"sends on to {clean(target, 100)}, which is not followed: {why}"
            at = target
        return LinkState.UNKNOWN, f"sends from one address to the next, more than {_MAX_REDIRECTS} times"

    def _get(self, url: str, host: str) -> Response:
        if self._hosts.loopback_for(host) is None:
            self._hosts.resolve(host)
        with self._limiter.slot(host) as state:
            response = self._client(host).get(url, headers={"Accept": "text/html, */*;q=0.5"}, expected=EVERY_STATUS)
            rate_limited = response.status == HTTPStatus.TOO_MANY_REQUESTS or (
                response.status >= 400 and "Retry-After" in response.headers
            )
            state.skipped |= rate_limited
            return response

    def _client(self, host: str) -> Client:
        if host not in self._clients:
            # No pace: the rate limiter takes care of it.
            self._clients[host] = probe_client(
                host, agent=self._agent, hosts=self._hosts, pace=0.0, deadline=self._deadline
            )
        return self._clients[host]


def _host(url: str) -> str:
    """The host of a URL, without its port: all ports share one rate limit."""
    return urlsplit(url).hostname or ""


def _state(response: Response) -> tuple[LinkState, str]:
    if response.status in _MISSING:
        return LinkState.MISSING, f"answered {status_words(response.status)}"
    return (LinkState.THERE, "") if 200 <= response.status < 300 else (LinkState.UNKNOWN, describe_response(response))


def _seen(url: str, state: LinkState, detail: str, old: SeenLink | None, now: str) -> SeenLink:
    missing = old.missing if old and state is not LinkState.THERE else ()
    if state is LinkState.MISSING and now[:10] not in missing:
        missing = (*missing, now[:10])
    return SeenLink(
        url=url,
        asked=now,
        state=state,
        detail=detail,
        there=now if state is LinkState.THERE else (old.there if old else None),
        missing=(*missing[:1], *missing[1:][-STRIKES:]),
    )
