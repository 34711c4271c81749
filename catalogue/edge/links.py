"""Following each link to a page elsewhere once, to see whether the page is there. A report, which stops nothing."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from urllib.parse import urlsplit

from ..links import why_not_asked
from ..observed import STRIKES, LinkSeen, LinkState, Observed
from ..problems import UpstreamError
from ..text import clean
from .http import EVERY_STATUS, Client, NoResponse, Response, status_words
from .probe import redirect, words_for
from .public_hosts import HostNotFound, PublicHosts
from .side_by_side import asked_side_by_side

_LIMIT = 65_536  # bytes
_AT_ONCE = 8  # hosts
_MOST = 300  # questions to one host in a run
_MOST_REDIRECTS = 5
_SILENCES = 3  # one after the other, after which a host is left alone in this run
_MANY = 3  # hosts that are not silent at the same time, unless it is we who are cut off
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def follow(
    urls: Iterable[str],
    before: Observed,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    pace: float = 1.0,
    deadline: float = 10.0,
    run: float = 600.0,
    most: int = _MOST,
    progress: Callable[[str], None] | None = None,
) -> tuple[LinkSeen, ...]:
    """What each address answers now, with what it answered before, in the order of the addresses.

    Only https is asked, only public hosts, each one question at a time, every `pace` seconds and `most` times at most, those
    on the way of a redirect included; a host that does not answer three times in a row, or wants to be left alone, is left
    alone. At most 64 KiB are read. An address that is no link any more is left out. Those that were missing and are not
    dead yet come first, then those asked longest ago; after `run` seconds no more are asked. Those for which there was no turn
    stay as they are. Raises UpstreamError where no host answers anything.
    """
    known = {each.url: each for each in before.links}

    def turn(url: str) -> tuple[bool, str, str]:
        seen = known.get(url)
        doubted = seen is not None and bool(seen.missing) and not seen.dead and seen.asked[:10] < now[:10]
        return not doubted, seen.asked if seen else "", url

    by_host: dict[str, list[str]] = defaultdict(list)
    for url in sorted(set(urls), key=turn):
        if not why_not_asked(url):
            by_host[_host(url)].append(url)
    turns = _Turns(pace, most, time.monotonic() + run)

    def ask_host(host: str) -> list[LinkSeen]:
        walk = _Walk(turns, agent, hosts, deadline)
        seen: list[LinkSeen] = []
        for url in by_host[host]:
            try:
                seen.append(_seen(url, *walk.end(url), known.get(url), now))
            except _NoTurn:
                seen += [known[url]] if url in known else []
        return seen

    told = asked_side_by_side(by_host, ask_host, _AT_ONCE, progress)
    if not turns.heard and len(by_host) >= _MANY:
        raise UpstreamError(f"none of {len(by_host)} hosts answered: this machine may be offline")
    return tuple(sorted((each for found in told for each in found), key=lambda each: each.url))


class _NoTurn(Exception):
    """There is no turn for this question in this run."""


@dataclass(slots=True)
class _Turn:
    """How it stands with one host in this run."""

    lock: Lock = field(default_factory=Lock)
    next: float = 0.0
    asked: int = 0
    silences: int = 0
    over: bool = False


class _Turns:
    """Whose turn it is, for all who ask at the same time: each host gets one question at a time, and not too many."""

    def __init__(self, pace: float, most: int, until: float) -> None:
        self._pace, self._most, self._until = pace, most, until
        self.heard = False
        self._lock, self._hosts = Lock(), defaultdict[str, _Turn](_Turn)

    @contextmanager
    def at(self, host: str) -> Iterator[_Turn]:
        """The turn to ask a host one question, once it comes. Raises _NoTurn where there is none any more."""
        with self._lock:
            turn = self._hosts[host]
        with turn.lock:
            if turn.over or turn.asked >= self._most or time.monotonic() > self._until:
                raise _NoTurn
            if (pause := turn.next - time.monotonic()) > 0:
                time.sleep(pause)
            turn.next = time.monotonic() + self._pace
            turn.asked += 1
            try:
                yield turn
            except NoResponse:
                turn.silences += 1
                turn.over |= turn.silences >= _SILENCES
                raise
            self.heard = True
            turn.silences = 0


class _Walk:
    """Follows links from page to page; each host on the way is asked in its turn and under its own name."""

    def __init__(self, turns: _Turns, agent: str, hosts: PublicHosts, deadline: float) -> None:
        self._turns, self._agent, self._hosts, self._deadline = turns, agent, hosts, deadline
        self._clients: dict[str, Client] = {}

    def end(self, url: str) -> tuple[LinkState, str]:
        """What stands at the end of the redirects, in a word and, where it is no page, a sentence."""
        at = url
        for _ in range(_MOST_REDIRECTS + 1):
            host = _host(at)
            try:
                reply = self._once(at, host)
            except HostNotFound:
                whose = "its host's name" if at == url else f"the name {clean(host, 100)}, to which it sends on,"
                return LinkState.MISSING, f"{whose} is not known"
            except UpstreamError as error:
                return LinkState.UNKNOWN, clean(str(error).removeprefix(f"{_host(url)} "), 200)
            target = redirect(reply)
            if target is None:
                return _meaning(reply)
            if why := why_not_asked(target):
                return LinkState.UNKNOWN, f"sends on to {clean(target, 100)}, which is not followed: {why}"
            at = target
        return LinkState.UNKNOWN, f"sends from one address to the next, more than {_MOST_REDIRECTS} times"

    def _once(self, url: str, host: str) -> Response:
        if self._hosts.loopback_for(host) is None:
            self._hosts.resolve(host)
        with self._turns.at(host) as turn:
            reply = self._client(host).get(url, headers={"Accept": "text/html, */*;q=0.5"}, expected=EVERY_STATUS)
            busy = reply.status == HTTPStatus.TOO_MANY_REQUESTS or (
                reply.status >= 400 and "Retry-After" in reply.headers
            )
            turn.over |= busy
            return reply

    def _client(self, host: str) -> Client:
        if host not in self._clients:
            self._clients[host] = Client(
                self._agent,
                name=host,
                pace=0.0,  # that is the business of its turn
                deadline=self._deadline,
                read_timeout=self._deadline,
                limit=_LIMIT,
                attempts=1,
                hosts=self._hosts,
                truncate=True,
            )
        return self._clients[host]


def _host(url: str) -> str:
    """The host of an address: all its ports are one machine."""
    return urlsplit(url).hostname or ""


def _meaning(reply: Response) -> tuple[LinkState, str]:
    if reply.status in _MISSING:
        return LinkState.MISSING, f"answered {status_words(reply.status)}"
    return (LinkState.THERE, "") if 200 <= reply.status < 300 else (LinkState.UNKNOWN, words_for(reply))


def _seen(url: str, state: LinkState, detail: str, old: LinkSeen | None, now: str) -> LinkSeen:
    missing = old.missing if old and state is not LinkState.THERE else ()
    if state is LinkState.MISSING and now[:10] not in missing:
        missing = (*missing, now[:10])
    return LinkSeen(
        url=url,
        asked=now,
        state=state,
        detail=detail,
        there=now if state is LinkState.THERE else (old.there if old else None),
        missing=(*missing[:1], *missing[1:][-STRIKES:]),
    )
