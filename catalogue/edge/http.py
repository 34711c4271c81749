"""Asking a web service politely and within bounds: paced, tried again, limited in time, size and waiting."""

import json
import logging
import math
import re
import socket
import ssl
import time
from collections.abc import Callable, Container, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import IncompleteRead
from http.cookiejar import DefaultCookiePolicy
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import stamina
import urllib3
from requests.auth import AuthBase

from .. import __version__
from ..problems import CatalogueError, UpstreamError
from ..text import clean, clean_html, plain
from .public_hosts import PublicAdapter, PublicHosts

_T = TypeVar("_T")
NOT_THERE = frozenset({404, 410})
_AGAIN = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_CONNECT = 10.0  # seconds
_PATIENCE = 240.0  # seconds after which no new try is begun: a dead service costs minutes, not the night
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# Otherwise stamina's log line is printed on the reader's terminal at every new try.
logging.getLogger("stamina").addHandler(logging.NullHandler())


def user_agent(address: str) -> str:
    """The name to ask under: the project, its version, and where its makers can be found."""
    return f"esap-catalogue/{__version__} (+{address})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: 200 and what is there, or 404 or 410 and what is said of its not being there."""

    status: int
    data: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: its status, its headers, its unpacked body, and the address that gave it after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


# With which every answer is one to read, whatever it says.
EVERY_STATUS = range(200, 600)


def status_words(status: int) -> str:
    """`404 Not Found`; the bare number where it has no name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def location(reply: Reply) -> str:
    """Where an answer says that it sends on to; empty where it says nothing."""
    sent = reply.headers.get("Location", "")
    try:
        # Bytes are taken for Latin-1, and servers that do not quote their addresses write UTF-8.
        return sent.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return sent


class TooManyRequests(UpstreamError):
    """The service asks for a longer pause than is waited, or for one after each try: do not ask it again in this run."""


class NoAnswer(UpstreamError):
    """The service cannot be reached, or does not finish its answer."""


class _Again(Exception):
    """What went wrong may be right at the next try, after `pause` seconds where the service asks for them.

    After the last try it is an error of this `kind`.
    """

    def __init__(self, text: str, pause: float | None = None, kind: type[UpstreamError] = UpstreamError) -> None:
        super().__init__(text)
        self.pause, self.kind = pause, kind


class Client:
    """Asks one service by GET. What goes wrong becomes an UpstreamError with a sentence that begins with its name.

    It asks every `pace` seconds at most; takes an answer of up to `limit` unpacked bytes that is complete within
    `deadline` seconds and never silent for `silence`; tries `tries` times, with the pauses that the service asks for
    but none longer than `longest_pause`. The token goes to `token_host` (as in an address: `host` or `host:port`)
    alone, in a header, over https or on this machine. `tell` hears of each fault that is tried again. With `hosts` it
    asks hosts of the public network only, over https; `abroad` is whether it lets itself be sent on to another of them.
    With `cut` the first `limit` bytes of a longer answer are taken, and the rest is not read. `asked` counts its questions.
    """

    def __init__(
        self,
        agent: str,
        *,
        name: str = "Zenodo",
        pace: float = 2.4,  # 25 a minute, where Zenodo allows 30
        token: str | None = None,
        token_host: str = "",
        deadline: float = 60.0,
        silence: float = 30.0,
        limit: int = 8 * 2**20,
        tries: int = 5,
        longest_pause: float = 300.0,
        tell: Callable[[str], None] | None = None,
        hosts: PublicHosts | None = None,
        abroad: bool = False,
        cut: bool = False,
    ) -> None:
        self.name = name
        self.asked = 0
        self._pace, self._next_turn = pace, 0.0
        self._deadline, self._silence, self._limit = deadline, silence, limit
        self._longest_pause, self._tell, self._abroad, self._cut = longest_pause, tell, abroad, cut
        self._authorization = _Authorization(token, token_host)
        self._session = _Session()
        self._session.auth = self._authorization
        if hosts:
            self._session.trust_env = False  # a proxy would look names up anew
            # No host may log us in on the way.
            self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
            for scheme in ("https://", "http://"):
                self._session.mount(scheme, PublicAdapter(hosts))
        self._session.headers.update({"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"})
        self._retrying = stamina.RetryingCaller(
            attempts=tries, timeout=_PATIENCE, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )

    def sends_token_to(self, url: str) -> bool:
        """Whether a question to this address carries the token."""
        return self._authorization.is_for(url)

    def get_json(self, url: str) -> Answer:
        """The JSON at an address; or that nothing is there, where that is said in JSON."""
        return self._persist(lambda: self._json(url))

    def get_file(self, url: str, *, limit: int) -> bytes:
        """The whole file at an address, of at most `limit` bytes."""
        return self._persist(lambda: self._file(url, limit))

    def ask(
        self, url: str, *, headers: Mapping[str, str] | None = None, expected: Container[int] = (200,), limit: int = 0
    ) -> Reply:
        """The answer at an address, if its status is among those expected; `limit` in bytes where it is not the usual one.

        A redirect whose status is expected is the answer, and is not followed.
        """
        return self._persist(lambda: self._fetch(url, limit or self._limit, expected, headers))

    def _persist(self, question: Callable[[], _T]) -> _T:
        try:
            return self._retrying(self._pause_after, question)
        except _Again as last:
            raise last.kind(str(last)) from None

    def _pause_after(self, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds where that was asked for."""
        if not isinstance(error, _Again):
            return False
        if self._tell:
            self._tell(str(error) + (f" (it asks to wait {error.pause:,.0f} s)" if error.pause else ""))
        return True if error.pause is None else error.pause

    def _json(self, url: str) -> Answer:
        reply = self._fetch(url, self._limit)
        try:
            return Answer(reply.status, parse_json(reply.body))
        except ValueError:
            if reply.status != HTTPStatus.OK:  # a wrong address, not the word of the service about a thing
                raise UpstreamError(f"{self._answered(reply)}, at {clean(url, 200)}") from None
            raise _Again(f"{self.name} did not answer in JSON but with {_first_words(reply.body)}") from None

    def _file(self, url: str, limit: int) -> bytes:
        reply = self._fetch(url, limit)
        if reply.status != HTTPStatus.OK:
            raise UpstreamError(self._answered(reply))
        return reply.body

    def _fetch(
        self,
        url: str,
        limit: int,
        expected: Container[int] = (HTTPStatus.OK, *NOT_THERE),
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The reply at the end of the redirects, if it is whole and its status one of those expected."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._exchange(url, limit, headers)
            target = location(reply)
            if reply.status not in _REDIRECTS or reply.status in expected or not target:
                break
            if not (same_origin(url, target) or (self._abroad and _is_web_address(joined(url, target)))):
                raise UpstreamError(f"{self.name} sends on to another place, {clean(target, 100)}: not followed")
            url = urljoin(url, target)
        else:
            raise UpstreamError(f"{self.name} sends from one address to the next, more than {_MOST_REDIRECTS} times")
        if reply.status in expected:
            return reply
        too_many = reply.status == HTTPStatus.TOO_MANY_REQUESTS or _used_up(reply)
        if too_many or reply.status in _AGAIN:
            pause = asked_pause(reply.headers, time.time(), too_many=too_many)
            if pause and pause > self._longest_pause:
                raise TooManyRequests(
                    f"{self.name} asks to wait {pause:,.0f} seconds, and {self._longest_pause:,.0f} are the most that "
                    "are waited: try again later"
                )
            raise _Again(self._answered(reply), pause, TooManyRequests if too_many else UpstreamError)
        raise UpstreamError(self._answered(reply))

    def _answered(self, reply: Reply) -> str:
        return f"{self.name} answered {status_words(reply.status)} with {_first_words(reply.body)}"

    def _exchange(self, url: str, limit: int, headers: Mapping[str, str] | None) -> Reply:
        """One question and its whole answer, within the deadline."""
        if (pause := self._next_turn - time.monotonic()) > 0:
            time.sleep(pause)
        self._next_turn = time.monotonic() + self._pace
        self.asked += 1
        until = time.monotonic() + self._deadline
        done: Future[Reply] = Future()

        def ask() -> None:
            try:
                done.set_result(self._ask(url, limit, until, headers))
            except BaseException as error:  # noqa: BLE001 - it is raised below, in the thread that waits for it
                done.set_exception(error)

        # A thread, since a service that drips a name, a handshake or a header passes every timeout of a socket.
        Thread(target=ask, daemon=True).start()
        try:
            return done.result(self._deadline + 0.1)
        except TimeoutError:
            raise self._too_slow() from None

    def _too_slow(self) -> UpstreamError:
        return NoAnswer(f"{self.name} did not finish its answer within {self._deadline:g} seconds")

    def _ask(self, url: str, limit: int, until: float, headers: Mapping[str, str] | None) -> Reply:
        timeout = (min(_CONNECT, self._silence), self._silence)
        try:
            with self._session.get(url, stream=True, timeout=timeout, headers=headers) as response:
                if response.status_code in _REDIRECTS:
                    return Reply(response.status_code, response.headers, b"", url)
                body = bytearray()
                # read1 gives what has come; read would wait for the full measure, past any look at the time.
                while piece := response.raw.read1(65_536, decode_content=True):
                    body += piece
                    if len(body) > limit and self._cut:
                        return Reply(response.status_code, response.headers, bytes(body[:limit]), url)
                    if len(body) > limit:
                        raise UpstreamError(f"{self.name} sent more than {limit / 2**20:g} MiB: not read to the end")
                    if time.monotonic() > until:
                        raise self._too_slow()
                return Reply(response.status_code, response.headers, bytes(body), url)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, ValueError):
                raise UpstreamError(f"{clean(url, 200)} is not an address that {self.name} can be asked at") from None
            raise _Again(f"{self.name} {self._fault(error)}", kind=NoAnswer) from None

    def _fault(self, error: BaseException) -> str:
        """What happened, from the error at the bottom of the pile that the libraries make of it."""
        pile: list[BaseException] = [error]
        while (below := pile[-1].__cause__ or pile[-1].__context__) and below not in pile:
            pile.append(below)
        for each in reversed(pile):
            match each:
                case ssl.SSLCertVerificationError():
                    return f"cannot be trusted: {clean(each.verify_message, 120)}"
                case socket.gaierror():
                    return "cannot be reached: its host name was not found"
                case urllib3.exceptions.ConnectTimeoutError():
                    return "cannot be reached: no connection in time"
                case TimeoutError() | urllib3.exceptions.ReadTimeoutError():
                    return f"did not answer for {self._silence:g} seconds"
                case urllib3.exceptions.DecodeError():
                    return "sent an answer that cannot be unpacked"
                case IncompleteRead():
                    return "broke off its answer"
                case OSError(strerror=str(words)) if words:
                    return f"cannot be reached: {clean(words, 120).lower()}"
        return f"cannot be understood: {clean(str(pile[-1]), 120) or type(pile[-1]).__name__}"


class _Session(requests.Session):
    """Follows no redirect of its own accord: that would read the body of each, however long it is."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Authorization(AuthBase):
    """Adds the token to a question to the one host that it is for, and keeps requests from looking into .netrc."""

    def __init__(self, token: str | None, host: str) -> None:
        self._token, self._host = (token or "").strip(), host.lower()
        if not re.fullmatch(r"[!-~]*", self._token):
            raise CatalogueError("the token has a character in it that no token has: set it again")

    def is_for(self, url: str) -> bool:
        scheme, host, name = _origin(url)
        return bool(self._token) and host == self._host and (scheme == "https" or name in _LOOPBACK)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.is_for(request.url or ""):
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _origin(url: str) -> tuple[str, str, str]:
    """Scheme, host with whatever is written around it, and bare host of an address; empty where it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.netloc.lower(), parts.hostname or ""
    except ValueError:
        return "", "", ""


def joined(url: str, target: str) -> str:
    """The address that `target` means where it stands at `url`; empty where it is none."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def _is_web_address(url: str) -> bool:
    scheme, host, name = _origin(url)
    return scheme == "https" and bool(name) and "@" not in host


def _used_up(reply: Reply) -> bool:
    """Whether an answer 403 means that the number of questions is used up, as GitHub says it."""
    return reply.status == HTTPStatus.FORBIDDEN and (
        reply.headers.get("X-RateLimit-Remaining", "").strip() == "0" or "Retry-After" in reply.headers
    )


def same_origin(url: str, target: str) -> bool:
    """Whether `target`, absolute or relative to `url`, is at the same scheme, host and port."""
    try:
        return _origin(urljoin(url, target)) == _origin(url) != ("", "", "")
    except ValueError:
        return False


def asked_pause(headers: Mapping[str, str], now: float, *, too_many: bool = False) -> float | None:
    """The seconds to wait that Retry-After asks for; after too many questions else those until X-RateLimit-Reset.

    None where that makes no sense. On any other answer X-RateLimit-Reset only says when the quota is next renewed, which may
    be an hour away though most of it is left.
    """
    for name in ("Retry-After", "X-RateLimit-Reset") if too_many else ("Retry-After",):
        stated = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,15}", stated):
            seconds = float(stated)
            if name == "X-RateLimit-Reset" and seconds > 1e9:  # a time, as Zenodo states it, and not a duration
                seconds -= now
        else:
            try:
                moment = parsedate_to_datetime(stated)
                seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
        if seconds > 0:
            return seconds
    return None


def parse_json(body: bytes) -> Any:
    """The value in a JSON text, with null for numbers that are none or beyond reason. Raises ValueError only."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_constant=lambda _: None,
            parse_int=lambda digits: int(digits) if len(digits) < 20 else None,
            parse_float=lambda digits: value if math.isfinite(value := float(digits)) else None,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _first_words(body: bytes) -> str:
    """The first words of a page, as plain text in quotes."""
    words = clean(plain(clean_html(body[:20_000].decode("utf-8", "replace"))), 160)
    return f"“{words}”" if words else "an empty page"
