"""Asking an address what it is, and writing the entry of facilities.yaml that follows from its answers."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..launch.kinds import KINDS
from ..links import starts_something
from ..model import Login
from ..problems import CatalogueError, UpstreamError, as_text, errors
from ..sources.drafts import facility_item, folder, front_page
from ..sources.entry import address_host
from ..sources.facilities import TO_BE_SAID, read_facilities
from .http import Response
from .probe import (
    Asker,
    AsksWhoYouAre,
    Refused,
    binderhub_versions,
    client_for,
    is_jupyterlite,
    is_page,
    json_in,
    jupyterhub_version,
    leads_to_login,
    provider_ids,
    redirect,
    words_for,
)
from .public_hosts import PublicHosts

_MOST_REQUESTS = 16
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,59}")
# What the front page of a Rosetta has, whatever its operator wrote into it.
_ROSETTA = re.compile(rb"<title>Rosetta(?: - [^<]{0,200})?</title>")
_ROSETTA_STYLE = b"stylish-portfolio.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    kind: str
    url: str
    login: Login = Login.UNKNOWN
    version: str | None = None
    providers: tuple[str, ...] | None = None


def address(text: str) -> str:
    """What somebody wrote, as an address that can be asked. Raises ValueError that says what is wrong with it."""
    text = text.strip()
    text = text if "://" in text else f"https://{text}"
    host = address_host(text)
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
    """An item for the end of facilities.yaml that says what the server at an address told; its id is none of those taken.

    Raises UpstreamError that says what was tried, where nothing answers that the catalogue could send a reader to.
    """
    client = client_for(urlsplit(url).netloc.lower(), agent=agent, hosts=hosts, pace=pace, deadline=deadline)
    found = _look(Asker(client, _MOST_REQUESTS), url)
    text = _entry(found, today, taken)
    if wrong := errors(read_facilities(f"facilities:\n{text}")[1]):
        raise CatalogueError(f"what {url} answered makes no entry: {as_text(wrong)}")
    return text


def _look(asker: Asker, url: str) -> _Found:
    """What the server is. Its kind is proved by an answer that only this kind gives, at the prefix that gives it."""
    tried: list[str] = []
    given = folder(url)
    if starts_something(given) or leads_to_login(given):
        given = front_page(url)
    page, chain, login = _walk(asker, given, tried)
    # A front page may send on to the prefix that the facility lives under, or to its new host.
    here = urlsplit(given).netloc
    sent = [each for each in chain if urlsplit(each).netloc.lower() == here or not leads_to_login(each)]
    walked = [given, *map(front_page, sent)]
    for base in list(dict.fromkeys([front_page(url), *walked]))[:3]:
        if found := _proved(asker, base, tried):
            return replace(found, login=_login(found.kind, login if base in walked else _walk(asker, base, tried)[2]))
    if page and is_page(page) and _ROSETTA.search(page.body) and _ROSETTA_STYLE in page.body:
        return _Found(kind="rosetta", url=given, login=Login.REQUIRED)  # nothing starts there without
    if login is Login.REQUIRED or (page and is_page(page)):
        return _Found(kind="website", url=given, login=_login("website", login))
    raise UpstreamError(
        f"{given} has no page that the catalogue could send readers to. These addresses were tried:\n"
        + "\n".join(tried)
    )


def _login(kind: str, seen: Login) -> Login:
    """What a front page says of the login: a hub or a site whose page is open may still ask when something is started."""
    return seen if seen is Login.REQUIRED or kind in ("binderhub", "jupyterlite") else Login.UNKNOWN


def _walk(asker: Asker, url: str, tried: list[str]) -> tuple[Response | None, list[str], Login]:
    """The page at the end of the redirects, those redirects, and whether it is behind a login. No login is followed."""
    chain: list[str] = []
    at = url
    for _ in range(4):
        try:
            reply = asker.once(at, "text/html")
        except UpstreamError as error:
            tried.append(f"  {at}: {error}")
            return None, chain, Login.UNKNOWN
        target = redirect(reply)
        if target is None:
            tried.append(f"  {at}: it {words_for(reply)}")
            closed = Login.REQUIRED if reply.status in (401, 403) else Login.UNKNOWN
            return reply, chain, Login.NONE if is_page(reply) else closed
        if urlsplit(target).scheme != "https" or starts_something(target):
            tried.append(f"  {at}: it sends on to {target[:200]!a}, which is not asked")
            return None, chain, Login.UNKNOWN
        chain.append(target)
        if leads_to_login(target):
            return None, chain, Login.REQUIRED
        at = target
    tried.append(f"  {url}: it sends from one address to the next")
    return None, chain, Login.UNKNOWN


def _proved(asker: Asker, base: str, tried: list[str]) -> _Found | None:
    """The facility at a prefix, where it answers as one kind only does."""
    versions = binderhub_versions(_json(asker, f"{base}versions", tried))
    if versions is not None:
        providers = provider_ids(_json(asker, f"{base}api/repoproviders", tried))
        providers = providers or provider_ids(_json(asker, f"{base}_config", tried))
        return _Found(kind="binderhub", url=base, version=dict(versions).get("binderhub"), providers=providers)
    if version := jupyterhub_version(_json(asker, f"{base}hub/api/", tried)):
        return _Found(kind="jupyterhub", url=base, version=version)
    reply = _get(asker, f"{base}jupyter-lite.json", tried)
    if reply and is_jupyterlite(reply):
        return _Found(kind="jupyterlite", url=base)
    return None


def _json(asker: Asker, url: str, tried: list[str]) -> Any:
    reply = _get(asker, url, tried)
    return None if reply is None else json_in(reply)


def _get(asker: Asker, url: str, tried: list[str]) -> Response | None:
    try:
        reply = asker.get(url)
    except AsksWhoYouAre:
        tried.append(f"  {url}: it sends on to a page that asks who you are")
        return None
    except (Refused, UpstreamError) as error:
        tried.append(f"  {url}: {error}")
        return None
    tried.append(f"  {url}: it {words_for(reply)}")
    return reply


# --- the entry


def _entry(found: _Found, today: str, taken: Collection[str]) -> str:
    version = found.version if found.version and _VERSION.fullmatch(found.version) else None
    said = f", version {version}," if version else ""
    description = (
        f"{KINDS[found.kind].LABEL} at {urlsplit(found.url).netloc}{said} as it answered on {today}. "
        f"{TO_BE_SAID[:1].upper()}{TO_BE_SAID[1:]}"
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
