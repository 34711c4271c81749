"""The probes: the state of each facility, from the API calls of its kind; none of them launches anything."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ..links import may_launch
from ..model import Facility
from ..observed import UP, Health, Observed, Probe
from ..problems import UpstreamError
from ..repository import Provider
from ..text import clean
from .concurrency import ask_concurrently, raise_if_offline
from .http import EVERY_STATUS, Client, Response, location, parse_json, status_words
from .public_hosts import PublicHosts

MAX_REQUESTS = 3  # per facility and night, including redirects and retries
HISTORY_DAYS = 30
_LIMIT = 65_536  # bytes
_MAX_NAMES = 40
# These statuses do not mean that a facility is down, only that it refuses to tell us.
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
# Words in the URL of a login page.
_LOGIN = re.compile(r"(?<![a-z0-9])(?:log-?in|sign-?in|oauth2?|auth|authorize|sso|saml2?|openid|oidc|idp)(?![a-z0-9])")
_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Refused(UpstreamError):
    """The facility responds, but refuses to tell its state."""


class LoginRequired(Refused):
    """The facility redirects to a login page."""


class LimitedClient:
    """Sends at most `max_requests` requests to one facility, including redirects, and none to a URL that launches something.

    `answered` is whether there was any response. Failures become an UpstreamError that begins with the name of `client`.
    """

    def __init__(self, client: Client, max_requests: int = MAX_REQUESTS) -> None:
        self._client, self._remaining, self.answered = client, max_requests, False

    def get(self, url: str, accept: str = "application/json") -> Response:
        """The response at the end of the redirects. Raises Refused for status 401, 403 and 429, LoginRequired for a login page."""
        while True:
            response = self.once(url, accept)
            target = redirect(response)
            if target is None:
                if response.status in _REFUSED:
                    raise Refused(f"{self._client.name} {describe_response(response)}")
                return response
            if leads_to_login(target):
                raise LoginRequired(f"{self._client.name} sends on to a page that asks who you are")
            url = target

    def once(self, url: str, accept: str = "application/json") -> Response:
        """The response from one URL, whatever its status; a redirect is not followed."""
        parts = urlsplit(url)
        if parts.scheme != "https" or "@" in parts.netloc:
            raise UpstreamError(f"{self._client.name} sends on to {clean(url, 100)}: only https is followed")
        if may_launch(url):
            raise UpstreamError(
                f"{self._client.name} sends on to {clean(url, 100)}, which may start something: not asked"
            )
        if not self._remaining:
            raise UpstreamError(f"{self._client.name} sends from one address to the next")
        self._remaining -= 1
        response = self._client.get(url, headers={"Accept": accept}, expected=EVERY_STATUS)
        self.answered = True
        return response


def probe_client(host: str, *, agent: str, hosts: PublicHosts, pace: float, deadline: float) -> Client:
    """A client with the limits of a probe."""
    return Client(
        agent,
        name=host,
        pace=pace,
        deadline=deadline,
        read_timeout=deadline,
        limit=_LIMIT,
        attempts=1,
        hosts=hosts,
        truncate=True,
    )


def redirect(response: Response) -> str | None:
    """The URL that a response redirects to; None if it is no redirect, or the URL is malformed."""
    target = location(response)
    if not 300 <= response.status < 400 or not target:
        return None
    try:
        urlsplit(found := urljoin(response.url, target))
    except ValueError:
        return None
    return found


def leads_to_login(url: str) -> bool:
    """Whether a URL looks like that of a login page."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(f"{parts.netloc}{unquote(parts.path)}".lower()))


def json_of(response: Response) -> Any:
    """The JSON in a response with status 200 or 503 and a JSON media type; else None."""
    if (
        response.status not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)
        or _media_type(response) != "application/json"
    ):
        return None
    return _parsed(response)


def _parsed(response: Response) -> Any:
    try:
        return parse_json(response.body)
    except ValueError:
        return None


def is_page(response: Response) -> bool:
    """Whether a response is an existing web page."""
    return response.status == HTTPStatus.OK and _is_html(response)


def _is_html(response: Response) -> bool:
    return _media_type(response) in ("text/html", "application/xhtml+xml")


def _media_type(response: Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def describe_response(response: Response) -> str:
    """What a response is, in words that follow the name of the host."""
    what = "a web page" if _is_html(response) else "something that is neither JSON nor a web page"
    if response.status == HTTPStatus.OK:
        if len(response.body) >= _LIMIT:
            return f"answered with more than {_LIMIT // 1024} KiB"
        return "answered with JSON of another kind" if json_of(response) is not None else f"answered with {what}"
    return f"answered {status_words(response.status)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one probe has found out; None for what it could not find out."""

    health: Health
    detail: str = ""
    versions: tuple[tuple[str, str], ...] | None = None
    providers: tuple[str, ...] | None = None


# --- the requests of each kind


def _probe_binderhub(client: LimitedClient, url: str, before: Probe | None, today: date) -> Findings:
    """Health, then two of: providers, versions, and the older list of providers; those that exist, or were not known yet."""
    health, fault = _json_at(client, f"{url}health")
    found = binderhub_health(health)
    if found is None:
        versions = binderhub_versions(_json_at(client, f"{url}versions")[0])
        if versions is None and isinstance(fault, Refused):
            raise fault
        if versions is None:
            return _misfit(fault, "BinderHub")
        old_server = isinstance(fault, Response)  # without /health
        providers = provider_ids(_json_at(client, f"{url}{'_config' if old_server else 'api/repoproviders'}")[0])
        return Findings(health=Health.REACHABLE, versions=versions, providers=providers)
    providers = provider_ids(_json_at(client, f"{url}api/repoproviders")[0])
    # At most three requests: from a server that has only the older list, that list and the versions are read in turn.
    knows_providers = providers or (before and before.providers and (not before.versions or today.toordinal() % 2))
    if knows_providers:
        return replace(found, providers=providers, versions=binderhub_versions(_json_at(client, f"{url}versions")[0]))
    return replace(found, providers=provider_ids(_json_at(client, f"{url}_config")[0]))


def _probe_jupyterhub(client: LimitedClient, url: str, *_: object) -> Findings:
    response = _with_one_retry(lambda: client.get(f"{url}hub/api/"))
    version = jupyterhub_version(json_of(response)) if isinstance(response, Response) else None
    if version is None:
        return _misfit(response, "JupyterHub")
    return Findings(health=Health.REACHABLE, versions=(("jupyterhub", version),))


def _probe_jupyterlite(client: LimitedClient, url: str, *_: object) -> Findings:
    response = _with_one_retry(lambda: client.get(f"{url}jupyter-lite.json"))
    if isinstance(response, Response) and is_jupyterlite(response):
        return Findings(health=Health.REACHABLE)
    return _misfit(response, "JupyterLite")


def _probe_front_page(client: LimitedClient, url: str, *_: object) -> Findings:
    """A portal is reachable if it answers with a page or redirects to a login."""
    try:
        response = _with_one_retry(lambda: client.get(url, "text/html"))
    except LoginRequired:
        return Findings(health=Health.REACHABLE)
    if isinstance(response, Response) and is_page(response):
        return Findings(health=Health.REACHABLE)
    if isinstance(response, Response) and response.status == HTTPStatus.OK:
        return Findings(health=Health.UNHEALTHY, detail="answered with something that is no web page")
    return Findings(
        health=Health.UNHEALTHY if isinstance(response, Response) else Health.SILENT, detail=_outcome_text(response)
    )


_PROBES: Mapping[str, Callable[[LimitedClient, str, Probe | None, date], Findings]] = {
    "binderhub": _probe_binderhub,
    "jupyterhub": _probe_jupyterhub,
    "rosetta": _probe_front_page,
    "jupyterlite": _probe_jupyterlite,
    "website": _probe_front_page,
}


# --- the meaning of the responses


def binderhub_health(data: Any) -> Findings | None:
    """The health that a BinderHub reports; None if this is not such a report."""
    if not (isinstance(data, dict) and isinstance(data.get("ok"), bool)):
        return None
    if data["ok"]:
        return Findings(health=Health.HEALTHY)
    checks = data.get("checks")
    failed = [
        name
        for check in (checks if isinstance(checks, list) else [])[:_MAX_NAMES]
        if isinstance(check, dict) and check.get("ok") is False and (name := clean(check.get("service"), 40))
    ]
    named = f"its own checks fail: {', '.join(failed)}" if failed else "says that it is not well"
    return Findings(health=Health.UNHEALTHY, detail=clean(named, 200))


def binderhub_versions(data: Any) -> tuple[tuple[str, str], ...] | None:
    """The versions that a BinderHub reports, including its own; None if this is not such a report."""
    if not (isinstance(data, dict) and isinstance(data.get("binderhub"), str)):
        return None
    flat = dict(data)
    for value in data.values():  # newer servers nest the versions of the builder
        if isinstance(value, dict):
            flat |= {name: each for name, each in value.items() if name not in data}
    named = {clean(name, 40): clean(value, 100) for name, value in flat.items() if isinstance(value, str)}
    return tuple(sorted((name, value) for name, value in named.items() if name and value)[:_MAX_NAMES])


def provider_ids(data: Any) -> tuple[str, ...] | None:
    """The enabled providers, from a list or the older mapping; None if it is neither."""
    match data:
        case list():
            ids = [each.get("id") for each in data if isinstance(each, dict)]
        case dict():
            ids = [
                name
                for name, value in data.items()
                if isinstance(value, dict) and value.keys() & {"text", "display_name"}
            ]
        case _:
            return None
    sound = sorted({each for each in ids if isinstance(each, str) and _PROVIDER.fullmatch(each)})
    # Without any known provider it is a list of something else.
    return tuple(sound[:_MAX_NAMES]) if set(sound) & set(Provider) else None


def jupyterhub_version(data: Any) -> str | None:
    """The version that a JupyterHub reports; None if this is not such a report."""
    version = data.get("version") if isinstance(data, dict) else None
    return clean(version, 100) or None if isinstance(version, str) else None


def is_jupyterlite(response: Response) -> bool:
    """Whether a response is the configuration of a JupyterLite; static hosts may serve it with any media type."""
    data = _parsed(response) if response.status == HTTPStatus.OK else None
    return isinstance(data, dict) and bool(data.keys() & {"jupyter-lite-schema-version", "jupyter-config-data"})


def _json_at(client: LimitedClient, url: str) -> tuple[Any, Response | UpstreamError]:
    """The JSON at a URL, or None, and the response or error."""
    try:
        response = client.get(url)
    except UpstreamError as error:
        return None, error
    return json_of(response), response


def _with_one_retry(request: Callable[[], Response]) -> Response | UpstreamError:
    """The response; the request is repeated once after no response or a server error."""
    first = _try(request)
    if isinstance(first, Response) and first.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return first
    second = _try(request)
    return second if isinstance(second, Response) else first


def _try(request: Callable[[], Response]) -> Response | UpstreamError:
    try:
        return request()
    except Refused:
        raise
    except UpstreamError as error:
        return error


def _misfit(outcome: Response | UpstreamError, kind: str) -> Findings:
    """The findings for a server that does not respond like its kind: unhealthy, or silent without any response."""
    health = Health.UNHEALTHY if isinstance(outcome, Response) else Health.SILENT
    return Findings(health=health, detail=_misfit_detail(outcome, kind))


def _misfit_detail(outcome: Response | UpstreamError, kind: str) -> str:
    words = _outcome_text(outcome)
    return f"{words} where a {kind} answers in JSON" if words.startswith("answered with") else words


def _outcome_text(outcome: Response | UpstreamError) -> str:
    return describe_response(outcome) if isinstance(outcome, Response) else str(outcome)


# --- the night


def probe(
    facilities: Sequence[Facility],
    before: Observed,
    *,
    now: str,
    agent: str,
    hosts: PublicHosts,
    pace: float = 1.0,
    deadline: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> Observed:
    """`before` with the present state of every facility that is open, uses https, and whose URL launches nothing.

    Hosts are probed concurrently; facilities on one host one after the other, with a request every `pace` seconds. Raises
    UpstreamError if no host responds: then this machine is probably offline, and nothing is known.
    """
    known = {each.facility: each for each in before.probes}
    by_host: dict[str, list[tuple[Facility, Probe | None]]] = defaultdict(list)
    for facility in facilities:
        if not (facility.closed or facility.insecure or may_launch(facility.url)):
            old = known.get(facility.slug)
            by_host[urlsplit(facility.url).netloc.lower()].append(
                (facility, old if old and old.url == facility.url else None)
            )

    def ask_host(host: str) -> tuple[list[Probe | None], bool]:
        client = probe_client(host, agent=agent, hosts=hosts, pace=pace, deadline=deadline)
        probed = [_probe(facility, client, old, now) for facility, old in by_host[host]]
        return [each for each, _ in probed], any(answered for _, answered in probed)

    found = ask_concurrently(by_host, ask_host, progress=progress)
    raise_if_offline(by_host, answered=any(answered for _, answered in found))
    probes = [each for probes, _ in found for each in probes if each]
    return replace(before, probed=now, probes=tuple(sorted(probes, key=lambda each: each.facility)))


def _probe(facility: Facility, client: Client, old: Probe | None, now: str) -> tuple[Probe | None, bool]:
    """The new state of a facility, and whether there was any response.

    If it refuses to tell, the state stays as it was, or None.
    """
    today = date.fromisoformat(now[:10])
    limited = LimitedClient(client)
    try:
        found = _PROBES[facility.kind](limited, facility.url, old, today)
    except LoginRequired:
        # It redirects every request to a login page: so it is reachable.
        found = Findings(health=Health.REACHABLE)
    except Refused:
        return (replace(old, history=_recent(old.history, today)) if old else None), True
    detail = clean(found.detail.removeprefix(f"{client.name} "), 200)
    history = dict(old.history if old else ()) | {now[:10]: found.health}
    up = found.health in UP
    after = Probe(
        facility=facility.slug,
        url=facility.url,
        asked=now,
        health=found.health,
        detail=detail,
        up=now if up else (old.up if old else None),
        since=None if up else ((old.since if old else None) or now),
        versions=found.versions if found.versions is not None else (old.versions if old else ()),
        providers=found.providers if found.providers is not None else (old.providers if old else None),
        history=_recent(tuple(history.items()), today),
    )
    return after, limited.answered


def _recent(history: tuple[tuple[str, Health], ...], today: date) -> tuple[tuple[str, Health], ...]:
    first = (today - timedelta(days=HISTORY_DAYS - 1)).isoformat()
    return tuple(sorted((day, health) for day, health in history if first <= day <= today.isoformat()))
