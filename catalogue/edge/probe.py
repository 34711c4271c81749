"""Asking each facility how it is, with the calls that its kind really answers, and never with one that starts anything."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ..links import starts_something
from ..model import Facility
from ..observed import UP, Health, Observed, Probe
from ..problems import UpstreamError
from ..repository import Provider
from ..text import clean
from .http import EVERY_STATUS, Client, Response, location, parse_json, status_words
from .public_hosts import PublicHosts
from .side_by_side import asked_side_by_side

MOST_REQUESTS = 3  # a facility and night, redirects and second tries included
HISTORY_DAYS = 30
_LIMIT = 65_536  # bytes
_AT_ONCE = 8  # hosts
_MANY = 3  # hosts that are not silent in the same night, unless it is we who are cut off
_MOST_NAMED = 40
# They do not say that a facility is down, only that it does not talk to us.
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
# Words of an address that leads to a page to log in at.
_LOGIN = re.compile(r"(?<![a-z0-9])(?:log-?in|sign-?in|oauth2?|auth|authorize|sso|saml2?|openid|oidc|idp)(?![a-z0-9])")
_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class Refused(UpstreamError):
    """The facility answers, and does not tell us how it is."""


class AsksWhoYouAre(Refused):
    """A page to log in at stands before the answer."""


class Asker:
    """Asks one facility: `most` requests in all, redirects included, none of them at an address that starts something.

    `heard` is whether anything was answered at all.

    What goes wrong becomes an UpstreamError whose sentence begins with the host of the first address.
    """

    def __init__(self, client: Client, most: int = MOST_REQUESTS) -> None:
        self._client, self.left, self.heard = client, most, False

    def get(self, url: str, accept: str = "application/json") -> Response:
        """The answer at the end of the redirects. Raises Refused where it is not for us."""
        while True:
            reply = self.once(url, accept)
            target = redirect(reply)
            if target is None:
                if reply.status in _REFUSED:
                    raise Refused(f"{self._client.name} {words_for(reply)}")
                return reply
            if leads_to_login(target):
                raise AsksWhoYouAre(f"{self._client.name} sends on to a page that asks who you are")
            url = target

    def once(self, url: str, accept: str = "application/json") -> Response:
        """The answer at one address, whatever its status; a redirect is not followed."""
        parts = urlsplit(url)
        if parts.scheme != "https" or "@" in parts.netloc:
            raise UpstreamError(f"{self._client.name} sends on to {clean(url, 100)}: only https is followed")
        if starts_something(url):
            raise UpstreamError(
                f"{self._client.name} sends on to {clean(url, 100)}, which may start something: not asked"
            )
        if not self.left:
            raise UpstreamError(f"{self._client.name} sends from one address to the next")
        self.left -= 1
        reply = self._client.get(url, headers={"Accept": accept}, expected=EVERY_STATUS)
        self.heard = True
        return reply


def client_for(host: str, *, agent: str, hosts: PublicHosts, pace: float, deadline: float) -> Client:
    """What asks a host within the bounds of a probe."""
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


def redirect(reply: Response) -> str | None:
    """Where an answer sends on to, None where it does not or that is no address."""
    target = location(reply)
    if not 300 <= reply.status < 400 or not target:
        return None
    try:
        urlsplit(found := urljoin(reply.url, target))
    except ValueError:
        return None
    return found


def leads_to_login(url: str) -> bool:
    """Whether an address looks like one that asks who you are."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(f"{parts.netloc}{unquote(parts.path)}".lower()))


def json_in(reply: Response) -> Any:
    """The value that an answer 200 or 503 holds and says to be JSON, None where there is none."""
    if reply.status not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE) or _media_type(reply) != "application/json":
        return None
    return _parsed(reply)


def _parsed(reply: Response) -> Any:
    try:
        return parse_json(reply.body)
    except ValueError:
        return None


def is_page(reply: Response) -> bool:
    """Whether an answer is a web page that is there."""
    return reply.status == HTTPStatus.OK and _is_html(reply)


def _is_html(reply: Response) -> bool:
    return _media_type(reply) in ("text/html", "application/xhtml+xml")


def _media_type(reply: Response) -> str:
    return reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def words_for(reply: Response) -> str:
    """What an answer is, after the name of who gave it."""
    what = "a web page" if _is_html(reply) else "something that is neither JSON nor a web page"
    if reply.status == HTTPStatus.OK:
        if len(reply.body) >= _LIMIT:
            return f"answered with more than {_LIMIT // 1024} KiB"
        return "answered with JSON of another kind" if json_in(reply) is not None else f"answered with {what}"
    return f"answered {status_words(reply.status)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a facility told tonight; None where it did not tell."""

    health: Health
    detail: str = ""
    versions: tuple[tuple[str, str], ...] | None = None
    providers: tuple[str, ...] | None = None


# --- what each kind is asked


def _ask_binderhub(asker: Asker, url: str, before: Probe | None, today: date) -> Told:
    """Health, then two of providers, versions and the older list of providers: those that can be had, or are missing."""
    health, fault = _json_at(asker, f"{url}health")
    told = health_in(health)
    if told is None:
        versions = binderhub_versions(_json_at(asker, f"{url}versions")[0])
        if versions is None and isinstance(fault, Refused):
            raise fault
        if versions is None:
            return _not_as(fault, "BinderHub")
        old_server = isinstance(fault, Response)  # it does not know /health
        providers = provider_ids(_json_at(asker, f"{url}{'_config' if old_server else 'api/repoproviders'}")[0])
        return Told(health=Health.REACHABLE, versions=versions, providers=providers)
    providers = provider_ids(_json_at(asker, f"{url}api/repoproviders")[0])
    # Three requests are the most: at a server that has the older list only, that list and the versions take turns.
    knows_providers = providers or (before and before.providers and (not before.versions or today.toordinal() % 2))
    if knows_providers:
        return replace(told, providers=providers, versions=binderhub_versions(_json_at(asker, f"{url}versions")[0]))
    return replace(told, providers=provider_ids(_json_at(asker, f"{url}_config")[0]))


def _ask_jupyterhub(asker: Asker, url: str, *_: object) -> Told:
    reply = _twice(lambda: asker.get(f"{url}hub/api/"))
    version = jupyterhub_version(json_in(reply)) if isinstance(reply, Response) else None
    if version is None:
        return _not_as(reply, "JupyterHub")
    return Told(health=Health.REACHABLE, versions=(("jupyterhub", version),))


def _ask_jupyterlite(asker: Asker, url: str, *_: object) -> Told:
    reply = _twice(lambda: asker.get(f"{url}jupyter-lite.json"))
    if isinstance(reply, Response) and is_jupyterlite(reply):
        return Told(health=Health.REACHABLE)
    return _not_as(reply, "JupyterLite")


def _ask_front_page(asker: Asker, url: str, *_: object) -> Told:
    """A page, or the way to a login: both are what a portal answers."""
    try:
        reply = _twice(lambda: asker.get(url, "text/html"))
    except AsksWhoYouAre:
        return Told(health=Health.REACHABLE)
    if isinstance(reply, Response) and is_page(reply):
        return Told(health=Health.REACHABLE)
    if isinstance(reply, Response) and reply.status == HTTPStatus.OK:
        return Told(health=Health.UNHEALTHY, detail="answered with something that is no web page")
    return Told(health=Health.UNHEALTHY if isinstance(reply, Response) else Health.SILENT, detail=_words(reply))


_ASK: Mapping[str, Callable[[Asker, str, Probe | None, date], Told]] = {
    "binderhub": _ask_binderhub,
    "jupyterhub": _ask_jupyterhub,
    "rosetta": _ask_front_page,
    "jupyterlite": _ask_jupyterlite,
    "website": _ask_front_page,
}


# --- what their answers mean


def health_in(data: Any) -> Told | None:
    """What a BinderHub says of its health; None where it is not such an answer."""
    if not (isinstance(data, dict) and isinstance(data.get("ok"), bool)):
        return None
    if data["ok"]:
        return Told(health=Health.HEALTHY)
    checks = data.get("checks")
    failed = [
        name
        for check in (checks if isinstance(checks, list) else [])[:_MOST_NAMED]
        if isinstance(check, dict) and check.get("ok") is False and (name := clean(check.get("service"), 40))
    ]
    named = f"its own checks fail: {', '.join(failed)}" if failed else "says that it is not well"
    return Told(health=Health.UNHEALTHY, detail=clean(named, 200))


def binderhub_versions(data: Any) -> tuple[tuple[str, str], ...] | None:
    """The versions that a BinderHub tells, its own among them; None where it is not such an answer."""
    if not (isinstance(data, dict) and isinstance(data.get("binderhub"), str)):
        return None
    flat = dict(data)
    for value in data.values():  # newer servers tell of the builder in a mapping
        if isinstance(value, dict):
            flat |= {name: each for name, each in value.items() if name not in data}
    named = {clean(name, 40): clean(value, 100) for name, value in flat.items() if isinstance(value, str)}
    return tuple(sorted((name, value) for name, value in named.items() if name and value)[:_MOST_NAMED])


def provider_ids(data: Any) -> tuple[str, ...] | None:
    """The enabled providers in a list of them, or in the older mapping; None where it is neither."""
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
    # Without any that is known here it is a list of something else.
    return tuple(sound[:_MOST_NAMED]) if set(sound) & set(Provider) else None


def jupyterhub_version(data: Any) -> str | None:
    """The version that a JupyterHub tells, None where it is not such an answer."""
    version = data.get("version") if isinstance(data, dict) else None
    return clean(version, 100) or None if isinstance(version, str) else None


def is_jupyterlite(reply: Response) -> bool:
    """Whether an answer holds the settings of a JupyterLite; static hosts do not all say that they are JSON."""
    data = _parsed(reply) if reply.status == HTTPStatus.OK else None
    return isinstance(data, dict) and bool(data.keys() & {"jupyter-lite-schema-version", "jupyter-config-data"})


def _json_at(asker: Asker, url: str) -> tuple[Any, Response | UpstreamError]:
    """The JSON at an address, None where there is none, and what came."""
    try:
        reply = asker.get(url)
    except UpstreamError as error:
        return None, error
    return json_in(reply), reply


def _twice(question: Callable[[], Response]) -> Response | UpstreamError:
    """The answer to a question that is asked again where none came or the server was at fault."""
    first = _try(question)
    if isinstance(first, Response) and first.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return first
    second = _try(question)
    return second if isinstance(second, Response) else first


def _try(question: Callable[[], Response]) -> Response | UpstreamError:
    try:
        return question()
    except Refused:
        raise
    except UpstreamError as error:
        return error


def _not_as(came: Response | UpstreamError, kind: str) -> Told:
    """What does not answer as its kind does: unhealthy where it answers at all, silent where it does not."""
    health = Health.UNHEALTHY if isinstance(came, Response) else Health.SILENT
    return Told(health=health, detail=_misfit(came, kind))


def _misfit(came: Response | UpstreamError, kind: str) -> str:
    words = _words(came)
    return f"{words} where a {kind} answers in JSON" if words.startswith("answered with") else words


def _words(came: Response | UpstreamError) -> str:
    return words_for(came) if isinstance(came, Response) else str(came)


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
    """What was seen before, with tonight's state of every facility that is listed, open and reached over https.

    Facilities on one host are asked one after the other, a request every `pace` seconds; hosts side by side. Raises
    UpstreamError where nothing answers anywhere: then nothing is known of any of them.
    """
    known = {each.facility: each for each in before.probes}
    by_host: dict[str, list[tuple[Facility, Probe | None]]] = defaultdict(list)
    for facility in facilities:
        if not (facility.closed or facility.insecure or starts_something(facility.url)):
            old = known.get(facility.slug)
            by_host[urlsplit(facility.url).netloc.lower()].append(
                (facility, old if old and old.url == facility.url else None)
            )

    def ask_host(host: str) -> tuple[list[Probe | None], bool]:
        client = client_for(host, agent=agent, hosts=hosts, pace=pace, deadline=deadline)
        asked = [_probe(facility, client, old, now) for facility, old in by_host[host]]
        return [each for each, _ in asked], any(heard for _, heard in asked)

    told = asked_side_by_side(by_host, ask_host, _AT_ONCE, progress)
    if len(by_host) >= _MANY and not any(heard for _, heard in told):
        raise UpstreamError(f"none of {len(by_host)} hosts answered: this machine may be offline")
    probes = [each for found, _ in told for each in found if each]
    return replace(before, probed=now, probes=tuple(sorted(probes, key=lambda each: each.facility)))


def _probe(facility: Facility, client: Client, old: Probe | None, now: str) -> tuple[Probe | None, bool]:
    """The facility's state after tonight, and whether anything was heard of it.

    The state is as it was where it does not tell us, and None where it never did.
    """
    today = date.fromisoformat(now[:10])
    asker = Asker(client)
    try:
        told = _ASK[facility.kind](asker, facility.url, old, today)
    except AsksWhoYouAre:
        # Whatever it is asked, it first sends to a page to log in at: so it is there.
        told = Told(health=Health.REACHABLE)
    except Refused:
        return (replace(old, history=_recent(old.history, today)) if old else None), True
    detail = clean(told.detail.removeprefix(f"{client.name} "), 200)
    history = dict(old.history if old else ()) | {now[:10]: told.health}
    up = told.health in UP
    after = Probe(
        facility=facility.slug,
        url=facility.url,
        asked=now,
        health=told.health,
        detail=detail,
        up=now if up else (old.up if old else None),
        since=None if up else ((old.since if old else None) or now),
        versions=told.versions if told.versions is not None else (old.versions if old else ()),
        providers=told.providers if told.providers is not None else (old.providers if old else None),
        history=_recent(tuple(history.items()), today),
    )
    return after, asker.heard


def _recent(history: tuple[tuple[str, Health], ...], today: date) -> tuple[tuple[str, Health], ...]:
    first = (today - timedelta(days=HISTORY_DAYS - 1)).isoformat()
    return tuple(sorted((day, health) for day, health in history if first <= day <= today.isoformat()))
