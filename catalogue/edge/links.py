"""Following each link to a page elsewhere once, to see whether the page is there. A report, which stops nothing."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from http import HTTPStatus
from urllib.parse import urlsplit

from ..observed import STRIKES, LinkSeen, LinkState, Observed
from ..problems import UpstreamError
from ..text import clean
from .http import Client
from .probe import starts_something, words_for
from .public_hosts import PublicHosts, UnknownName

_LIMIT = 65_536  # bytes
_AT_ONCE = 8  # hosts
_MANY = 3  # hosts that are not silent at the same time, unless it is we who are cut off
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# Redirects are followed, so they are none of the answers.
_ANSWERS = frozenset(range(200, 600)) - {301, 302, 303, 307, 308}


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
    progress: Callable[[str], None] | None = None,
) -> tuple[LinkSeen, ...]:
    """What each address answers now, with what it answered before, in the order of the addresses.

    Only https is asked, only public hosts, each every `pace` seconds, and at most 64 KiB are read. An address that is no
    link any more is left out. Those asked longest ago come first, and after `run` seconds no more are asked: the rest stay
    as they are. Raises UpstreamError where no host answers anything.
    """
    until = time.monotonic() + run
    known = {each.url: each for each in before.links}
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in sorted(set(urls), key=lambda url: (known[url].asked if url in known else "", url)):
        if host := _host(url):
            by_host[host].append(url)

    def ask_host(host: str) -> tuple[list[LinkSeen], bool]:
        # `until` may come nearer while hosts are asked.
        client = Client(
            agent,
            name=host,
            pace=pace,
            deadline=deadline,
            silence=deadline,
            limit=_LIMIT,
            tries=1,
            hosts=hosts,
            abroad=True,
            avoids=starts_something,
            cut=True,
        )
        seen: list[LinkSeen] = []
        heard = False
        for url in by_host[host]:
            if time.monotonic() > until:
                seen += [known[url]] if url in known else []
                continue
            state, detail, came = _answer(url, host, client, hosts)
            heard |= came
            seen.append(_seen(url, state, detail, known.get(url), now))
        return seen, heard

    found: list[LinkSeen] = []
    heard_of = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {pool.submit(ask_host, host): host for host in by_host}
        try:
            for count, done in enumerate(as_completed(running), 1):
                seen, heard = done.result()
                found += seen
                heard_of += heard
                if progress:
                    progress(f"{count} of {len(running)} hosts asked, {running[done]} last")
        except KeyboardInterrupt:
            until = time.monotonic() - 1  # what is being asked is heard, and nothing else is begun
            pool.shutdown(cancel_futures=True)
            raise
    if not heard_of and len(by_host) >= _MANY:
        raise UpstreamError(f"none of {len(by_host)} hosts answered anything: this machine may be without a network")
    return tuple(sorted(found, key=lambda each: each.url))


def is_asked(url: str) -> bool:
    """Whether an address is one that is asked at all."""
    return bool(_host(url))


def _host(url: str) -> str:
    """The host to ask, empty where an address is not to be asked."""
    try:
        parts = urlsplit(url)
        askable = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return parts.netloc.lower() if askable and not starts_something(url) else ""


def _answer(url: str, host: str, client: Client, hosts: PublicHosts) -> tuple[LinkState, str, bool]:
    """What an address answers, in a word and a sentence, and whether anything was heard of its host."""
    name = urlsplit(url).hostname or ""
    try:
        if hosts.instead_of(host) is None:
            hosts.address(name)
        reply = client.ask(url, headers={"Accept": "text/html, */*;q=0.5"}, expected=_ANSWERS)
    except UnknownName:
        return LinkState.MISSING, "its host's name is not known", False
    except UpstreamError as error:
        return LinkState.UNKNOWN, clean(str(error).removeprefix(f"{host} "), 200), False
    if reply.status in _MISSING:
        return LinkState.MISSING, f"answered {reply.status} {HTTPStatus(reply.status).phrase}", True
    if 200 <= reply.status < 300:
        return LinkState.THERE, "", True
    return LinkState.UNKNOWN, words_for(reply), True


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
