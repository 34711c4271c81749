"""Finds out what kind of facility a URL is, and drafts its entry for facilities.yaml."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..launch.kinds import KINDS
from ..links import may_launch
from ..model import Login
from ..problems import CatalogueError, UpstreamError, as_text, errors
from ..sources.drafts import facility_item, folder, front_page
from ..sources.entry import url_host
from ..sources.facilities import DRAFT_NOTICE, read_facilities
from .http import Response
from .probe import (
    LimitedClient,
    LoginRequired,
    Refused,
    binderhub_versions,
    describe_response,
    is_jupyterlite,
    is_page,
    json_of,
    jupyterhub_version,
    leads_to_login,
    probe_client,
    provider_ids,
    redirect,
)
from .public_hosts import PublicHosts

_MAX_REQUESTS = 16
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,59}")
# Every front page of a Rosetta has these, whatever its operator changed.
_ROSETTA = re.compile(rb"<title>Rosetta(?: - [^<]{0,200})?</title>")
_ROSETTA_STYLE = b"stylish-portfolio.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    kind: str
    url: str
    login: Login = Login.UNKNOWN
    version: str | None = None
    providers: tuple[str, ...] | None = None


def checked_url(text: str) -> str:
    """A URL as given by the user, completed with https://. Raises ValueError with what is wrong with it."""
    text = text.strip()
    text = text if "://" in text else f"https://{text}"
    host = url_host(text)
    if not text.lower().startswith("https://"):
        raise ValueError("must begin with https://: an answer over an open line could be anybody's")
    if "." not in host:
        raise ValueError("must name a public host, as in https://hub.example.org/")
    return text


def describe(
    url: str,
    *,
    today: str,
    agent: str,
    hosts: PublicHosts,
    taken: Collection[str] = (),
    pace: float = 1.0,
    deadline: float = 10.0,
) -> str:
    """The YAML of an entry for the end of facilities.yaml, from the responses of the server; its id is not in `taken`.

    Raises UpstreamError with a list of the requests if there is no page that readers could be sent to.
    """
    client = probe_client(urlsplit(url).netloc.lower(), agent=agent, hosts=hosts, pace=pace, deadline=deadline)
    found = _find(LimitedClient(client, _MAX_REQUESTS), url)
    text = _entry(found, today, taken)
    if wrong := errors(read_facilities(f"facilities:\n{text}")[1]):
        raise CatalogueError(f"what {url} answered makes no entry: {as_text(wrong)}")
    return text


def _find(client: LimitedClient, url: str) -> _Found:
    """The kind of the server, proved by a response that only this kind gives, and the prefix at which it gives it."""
    tried: list[str] = []
    given = folder(url)
    if may_launch(given) or leads_to_login(given):
        given = front_page(url)
    page, chain, login = _follow_redirects(client, given, tried)
    # A front page may redirect to the prefix of the facility, or to its new host.
    here = urlsplit(given).netloc
    sent = [each for each in chain if urlsplit(each).netloc.lower() == here or not leads_to_login(each)]
    walked = [given, *map(front_page, sent)]
    for base in list(dict.fromkeys([front_page(url), *walked]))[:3]:
        if found := _identify(client, base, tried):
            return replace(
                found, login=_login(found.kind, login if base in walked else _follow_redirects(client, base, tried)[2])
            )
    if page and is_page(page) and _ROSETTA.search(page.body) and _ROSETTA_STYLE in page.body:
        return _Found(kind="rosetta", url=given, login=Login.REQUIRED)  # always, to launch anything
    if login is Login.REQUIRED or (page and is_page(page)):
        return _Found(kind="website", url=given, login=_login("website", login))
    raise UpstreamError(
        f"{given} has no page that the catalogue could send readers to. These addresses were tried:\n"
        + "\n".join(tried)
    )


def _login(kind: str, seen: Login) -> Login:
    """Whether a login is needed, as far as the front page shows: only of these two kinds does an open page prove that none is."""
    return seen if seen is Login.REQUIRED or kind in ("binderhub", "jupyterlite") else Login.UNKNOWN


def _follow_redirects(client: LimitedClient, url: str, tried: list[str]) -> tuple[Response | None, list[str], Login]:
    """The response at the end of the redirects, their targets, and whether it requires a login. A login page is not requested."""
    chain: list[str] = []
    at = url
    for _ in range(4):
        try:
            response = client.once(at, "text/html")
        except UpstreamError as error:
            tried.append(f"  {at}: {error}")
            return None, chain, Login.UNKNOWN
        target = redirect(response)
        if target is None:
            tried.append(f"  {at}: it {describe_response(response)}")
            closed = Login.REQUIRED if response.status in (401, 403) else Login.UNKNOWN
            return response, chain, Login.NONE if is_page(response) else closed
        if urlsplit(target).scheme != "https" or may_launch(target):
            tried.append(f"  {at}: it sends on to {target[:200]!a}, which is not asked")
            return None, chain, Login.UNKNOWN
        chain.append(target)
        if leads_to_login(target):
            return None, chain, Login.REQUIRED
        at = target
    tried.append(f"  {url}: it sends from one address to the next")
    return None, chain, Login.UNKNOWN


def _identify(client: LimitedClient, base: str, tried: list[str]) -> _Found | None:
    """The facility at a prefix, if a response proves its kind."""
    versions = binderhub_versions(_json(client, f"{base}versions", tried))
    if versions is not None:
        providers = provider_ids(_json(client, f"{base}api/repoproviders", tried))
        providers = providers or provider_ids(_json(client, f"{base}_config", tried))
        return _Found(kind="binderhub", url=base, version=dict(versions).get("binderhub"), providers=providers)
    if version := jupyterhub_version(_json(client, f"{base}hub/api/", tried)):
        return _Found(kind="jupyterhub", url=base, version=version)
    response = _get(client, f"{base}jupyter-lite.json", tried)
    if response and is_jupyterlite(response):
        return _Found(kind="jupyterlite", url=base)
    return None


def _json(client: LimitedClient, url: str, tried: list[str]) -> Any:
    response = _get(client, url, tried)
    return None if response is None else json_of(response)


def _get(client: LimitedClient, url: str, tried: list[str]) -> Response | None:
    try:
        response = client.get(url)
    except LoginRequired:
        tried.append(f"  {url}: it sends on to a page that asks who you are")
        return None
    except (Refused, UpstreamError) as error:
        tried.append(f"  {url}: {error}")
        return None
    tried.append(f"  {url}: it {describe_response(response)}")
    return response


# --- the entry


def _entry(found: _Found, today: str, taken: Collection[str]) -> str:
    version = found.version if found.version and _VERSION.fullmatch(found.version) else None
    said = f", version {version}," if version else ""
    description = (
        f"{KINDS[found.kind].LABEL} at {urlsplit(found.url).netloc}{said} as it answered on {today}. "
        f"{DRAFT_NOTICE[:1].upper()}{DRAFT_NOTICE[1:]}"
    )
    return facility_item(
        found.kind,
        found.url,
        description,
        login=found.login,
        seen=today,
        providers=found.providers or (),
        taken=taken,
    )
