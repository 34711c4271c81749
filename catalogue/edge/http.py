"""An HTTP client for one web service: paced requests, retries with backoff, limits on time and size."""

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
MISSING_STATUSES = frozenset({404, 410})
_RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_CONNECT_TIMEOUT = 10.0  # seconds
_RETRY_TIMEOUT = 240.0  # seconds after which no fault is retried: a dead service costs minutes, not the night
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# Otherwise Python's last-resort handler prints stamina's log line on the terminal at every retry.
logging.getLogger("stamina").addHandler(logging.NullHandler())


def user_agent(address: str) -> str:
    """The User-Agent header: the project, its version, and an address where its operators can be found."""
    return f"esap-catalogue/{__version__} (+{address})"


@dataclass(frozen=True, slots=True)
class JsonResponse:
    """The decoded JSON of a response with status 200, 404 or 410."""

    status: int
    data: Any


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response: status, headers, decompressed body, and the URL that it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


# For `expected`: return the response whatever its status.
EVERY_STATUS = range(200, 600)


def status_words(status: int) -> str:
    """`404 Not Found`; only the number if the status has no standard phrase."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def location(response: Response) -> str:
    """The Location header, or an empty string."""
    sent = response.headers.get("Location", "")
    try:
        # Headers are decoded as Latin-1, but servers that do not percent-encode their URLs send UTF-8.
        return sent.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return sent


class TooManyRequests(UpstreamError):
    """The service limits the rate: every attempt was refused, or Retry-After is too long. Send it nothing more in this run."""


class NoResponse(UpstreamError):
    """The service cannot be reached, or does not complete its response."""


class TooLarge(UpstreamError):
    """The response has more bytes than the limit."""


class _Retryable(Exception):
    """A fault that may be temporary: retry, after `pause` seconds if the service asked for a delay.

    After the last attempt an error of type `kind` is raised instead.
    """

    def __init__(self, text: str, pause: float | None = None, kind: type[UpstreamError] = UpstreamError) -> None:
        super().__init__(text)
        self.pause, self.kind = pause, kind


class Client:
    """Sends GET requests to one service. Every failure becomes an UpstreamError; almost every message begins with `name`.

    There are at least `pace` seconds between two requests. A response must be complete within `deadline` seconds, with no
    pause longer than `read_timeout`, and have at most `limit` decompressed bytes; with `truncate`, a longer body is cut
    there and the rest is not read. A request is attempted up to `attempts` times, with exponential backoff or the delay
    that Retry-After asks for; one longer than `max_retry_after` raises TooManyRequests. A fault is not retried
    later than _RETRY_TIMEOUT after the first attempt began. `log` is called with each fault that is retried.

    The token is sent in a header to `token_host` only (`host` or `host:port`), over https or to this machine. With `hosts`,
    only public hosts are contacted, over https. A redirect to another host is followed only with `cross_host`.
    `request_count` counts the requests that were sent.
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
        read_timeout: float = 30.0,
        limit: int = 8 * 2**20,
        attempts: int = 5,
        max_retry_after: float = 300.0,
        log: Callable[[str], None] | None = None,
        hosts: PublicHosts | None = None,
        cross_host: bool = False,
        truncate: bool = False,
    ) -> None:
        self.name = name
        self.request_count = 0
        self._pace, self._next_request = pace, 0.0
        self._deadline, self._read_timeout, self._limit = deadline, read_timeout, limit
        self._max_retry_after, self._log, self._cross_host, self._truncate = max_retry_after, log, cross_host, truncate
        self._authorization = _Authorization(token, token_host)
        self._session = _Session()
        self._session.auth = self._authorization
        if hosts:
            self._session.trust_env = False  # a proxy would resolve the host names again
            # Accept no cookies: no host may keep a session.
            self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
            for scheme in ("https://", "http://"):
                self._session.mount(scheme, PublicAdapter(hosts))
        self._session.headers.update({"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"})
        self._retrying = stamina.RetryingCaller(
            attempts=attempts, timeout=_RETRY_TIMEOUT, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )

    def sends_token_to(self, url: str) -> bool:
        """Whether a request to this URL carries the token."""
        return self._authorization.is_for(url)

    def get_json(self, url: str) -> JsonResponse:
        """The JSON at a URL; status 404 or 410 is returned, too, if its body is JSON."""
        return self._with_retries(lambda: self._json(url))

    def get_file(self, url: str, *, limit: int) -> bytes:
        """The complete file at a URL, of at most `limit` bytes."""
        return self._with_retries(lambda: self._file(url, limit))

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, expected: Container[int] = (200,), limit: int = 0
    ) -> Response:
        """The response from a URL, if its status is `expected`; `limit` in bytes replaces that of the client.

        A redirect whose status is expected is returned, not followed.
        """
        return self._with_retries(lambda: self._fetch(url, limit or self._limit, expected, headers))

    def get_parsed(
        self,
        url: str,
        parse: Callable[[Response], _T],
        *,
        headers: Mapping[str, str] | None = None,
        expected: Container[int] = (200,),
    ) -> _T:
        """What `parse` makes of the response from a URL, as `get` returns it.

        If `parse` raises ValueError, with the reason, that is a fault like others: it is retried.
        """

        def request() -> _T:
            response = self._fetch(url, self._limit, expected, headers)
            try:
                return parse(response)
            except ValueError as error:
                raise _Retryable(f"{self.name} answered with {_excerpt(response.body)}: {error}") from None

        return self._with_retries(request)

    def _with_retries(self, request: Callable[[], _T]) -> _T:
        try:
            return self._retrying(self._retry_delay, request)
        except _Retryable as last:
            raise last.kind(str(last)) from None

    def _retry_delay(self, error: Exception) -> bool | float:
        """Whether to retry, and after how many seconds if the service asked for a delay; as stamina wants it."""
        if not isinstance(error, _Retryable):
            return False
        if self._log:
            self._log(str(error) + (f" (it asks to wait {error.pause:,.0f} s)" if error.pause else ""))
        return True if error.pause is None else error.pause

    def _json(self, url: str) -> JsonResponse:
        response = self._fetch(url, self._limit)
        try:
            return JsonResponse(response.status, parse_json(response.body))
        except ValueError:
            if response.status != HTTPStatus.OK:  # a wrong URL: the API itself answers in JSON
                raise UpstreamError(f"{self._status_message(response)}, at {clean(url, 200)}") from None
            raise _Retryable(f"{self.name} did not answer in JSON but with {_excerpt(response.body)}") from None

    def _file(self, url: str, limit: int) -> bytes:
        response = self._fetch(url, limit)
        if response.status != HTTPStatus.OK:
            raise UpstreamError(self._status_message(response))
        return response.body

    def _fetch(
        self,
        url: str,
        limit: int,
        expected: Container[int] = (HTTPStatus.OK, *MISSING_STATUSES),
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The complete response at the end of the redirects, if its status is expected."""
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._request_within_deadline(url, limit, headers)
            target = location(response)
            if response.status not in _REDIRECTS or response.status in expected or not target:
                break
            if not (same_origin(url, target) or (self._cross_host and _is_web_address(resolve_url(url, target)))):
                raise UpstreamError(f"{self.name} sends on to another place, {clean(target, 100)}: not followed")
            url = urljoin(url, target)
        else:
            raise UpstreamError(f"{self.name} sends from one address to the next, more than {_MAX_REDIRECTS} times")
        if response.status in expected:
            return response
        too_many = response.status == HTTPStatus.TOO_MANY_REQUESTS or _quota_exhausted(response)
        if too_many or response.status in _RETRY_STATUSES:
            pause = retry_after(response.headers, time.time(), too_many=too_many)
            if pause and pause > self._max_retry_after:
                raise TooManyRequests(
                    f"{self.name} asks to wait {pause:,.0f} seconds, and {self._max_retry_after:,.0f} are the most that "
                    "are waited: try again later"
                )
            raise _Retryable(self._status_message(response), pause, TooManyRequests if too_many else UpstreamError)
        raise UpstreamError(self._status_message(response))

    def _status_message(self, response: Response) -> str:
        return f"{self.name} answered {status_words(response.status)} with {_excerpt(response.body)}"

    def _request_within_deadline(self, url: str, limit: int, headers: Mapping[str, str] | None) -> Response:
        """Send one request and read the complete response within the deadline."""
        if (pause := self._next_request - time.monotonic()) > 0:
            time.sleep(pause)
        self._next_request = time.monotonic() + self._pace
        self.request_count += 1
        until = time.monotonic() + self._deadline
        done: Future[Response] = Future()

        def work() -> None:
            try:
                done.set_result(self._request(url, limit, until, headers))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the waiting thread
                done.set_exception(error)

        # In a thread: a host that trickles DNS, handshake or header bytes never exceeds a timeout of the socket.
        Thread(target=work, daemon=True).start()
        try:
            return done.result(self._deadline + 0.1)
        except TimeoutError:
            raise self._too_slow() from None

    def _too_slow(self) -> UpstreamError:
        return NoResponse(f"{self.name} did not finish its answer within {self._deadline:g} seconds")

    def _request(self, url: str, limit: int, until: float, headers: Mapping[str, str] | None) -> Response:
        timeout = (min(_CONNECT_TIMEOUT, self._read_timeout), self._read_timeout)
        try:
            with self._session.get(url, stream=True, timeout=timeout, headers=headers) as response:
                if response.status_code in _REDIRECTS:
                    return Response(response.status_code, response.headers, b"", url)
                body = bytearray()
                # read1 returns what has arrived; read would block until the buffer is full, past the check of the deadline.
                while piece := response.raw.read1(65_536, decode_content=True):
                    body += piece
                    if len(body) > limit and self._truncate:
                        return Response(response.status_code, response.headers, bytes(body[:limit]), url)
                    if len(body) > limit:
                        raise TooLarge(f"{self.name} sent more than {limit / 2**20:g} MiB: not read to the end")
                    if time.monotonic() > until:
                        raise self._too_slow()
                return Response(response.status_code, response.headers, bytes(body), url)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, ValueError):
                raise UpstreamError(f"{clean(url, 200)} is not an address that {self.name} can be asked at") from None
            raise _Retryable(f"{self.name} {self._reason(error)}", kind=NoResponse) from None

    def _reason(self, error: BaseException) -> str:
        """What happened, in words, from the root cause of the exceptions that the libraries have chained."""
        chain: list[BaseException] = [error]
        while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
            chain.append(cause)
        for each in reversed(chain):
            match each:
                case ssl.SSLCertVerificationError():
                    return f"cannot be trusted: {clean(each.verify_message, 120)}"
                case socket.gaierror():
                    return "cannot be reached: its host name was not found"
                case urllib3.exceptions.ConnectTimeoutError():
                    return "cannot be reached: no connection in time"
                case TimeoutError() | urllib3.exceptions.ReadTimeoutError():
                    return f"did not answer for {self._read_timeout:g} seconds"
                case urllib3.exceptions.DecodeError():
                    return "sent an answer that cannot be unpacked"
                case IncompleteRead():
                    return "broke off its answer"
                case OSError(strerror=str(words)) if words:
                    return f"cannot be reached: {clean(words, 120).lower()}"
        return f"cannot be understood: {clean(str(chain[-1]), 120) or type(chain[-1]).__name__}"


class _Session(requests.Session):
    """Does not follow redirects by itself: requests would read the whole body of each, however large."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Authorization(AuthBase):
    """Adds the token to requests to its host only. Without an `auth` object, the requests library would read .netrc."""

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
    """Scheme, netloc and host name of a URL; empty strings if it is malformed."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.netloc.lower(), parts.hostname or ""
    except ValueError:
        return "", "", ""


def resolve_url(url: str, target: str) -> str:
    """`target` resolved against `url`; empty if it is malformed."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def _is_web_address(url: str) -> bool:
    scheme, host, name = _origin(url)
    return scheme == "https" and bool(name) and "@" not in host


def _quota_exhausted(response: Response) -> bool:
    """Whether a 403 means that the rate limit is used up, as GitHub signals it."""
    return response.status == HTTPStatus.FORBIDDEN and (
        response.headers.get("X-RateLimit-Remaining", "").strip() == "0" or "Retry-After" in response.headers
    )


def same_origin(url: str, target: str) -> bool:
    """Whether `target`, absolute or relative to `url`, has the same scheme, host and port."""
    try:
        return _origin(urljoin(url, target)) == _origin(url) != ("", "", "")
    except ValueError:
        return False


def retry_after(headers: Mapping[str, str], now: float, *, too_many: bool = False) -> float | None:
    """The delay in seconds that Retry-After asks for, else, if `too_many`, the time until X-RateLimit-Reset.

    None without a usable value. On other responses X-RateLimit-Reset is ignored: it only says when the quota is next
    renewed, which may be in an hour although most of it is left.
    """
    for name in ("Retry-After", "X-RateLimit-Reset") if too_many else ("Retry-After",):
        stated = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,15}", stated):
            seconds = float(stated)
            if name == "X-RateLimit-Reset" and seconds > 1e9:  # a timestamp, as from Zenodo, not a duration
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
    """The value of a JSON text, with None for NaN, infinities and integers of 20 digits or more. Raises only ValueError."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_constant=lambda _: None,
            parse_int=lambda digits: int(digits) if len(digits) < 20 else None,
            parse_float=lambda digits: value if math.isfinite(value := float(digits)) else None,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _excerpt(body: bytes) -> str:
    """The beginning of a page as plain text, in quotation marks."""
    words = clean(plain(clean_html(body[:20_000].decode("utf-8", "replace"))), 160)
    return f"“{words}”" if words else "an empty page"
