"""The community through OAI-PMH: the way that is left where it has more records than Zenodo's search lists.

Tokens for the next page are forgotten after two minutes; then the walk begins anew, four times at most. With `since` only what
has changed from that day on is listed.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from ..problems import UpstreamError
from ..sources.datacite import Listed, OaiPage, read_page
from .http import Client

_WALKS = 4
_PAGES = 2000  # of 50 records
_EXPIRED = 422

_T = TypeVar("_T")


class _Expired(Exception):
    """The token of a page is not known any more."""


def listed(
    client: Client,
    site: str,
    community: str,
    since: str | None,
    report: Callable[[str], None],
    reduced: Callable[[Listed], _T],
) -> dict[str, _T]:
    """Every record of the community by its number, deleted ones among them, or those changed since an ISO day.

    Each is there once, as last said, and as what `reduced` makes of it: no page is held longer than it is read. Raises
    UpstreamError where the list could not be read to its end.
    """
    for _ in range(_WALKS):
        try:
            return _walk(client, f"{site}/oai2d", community, since, report, reduced)
        except _Expired:
            continue
    raise UpstreamError(f"{client.name} forgot the list before it was read, {_WALKS} times over: nothing was changed")


def _walk(
    client: Client,
    address: str,
    community: str,
    since: str | None,
    report: Callable[[str], None],
    reduced: Callable[[Listed], _T],
) -> dict[str, _T]:
    found: dict[str, _T] = {}
    tokens: set[str] = set()
    question = {"verb": "ListRecords", "set": f"user-{community}", "metadataPrefix": "oai_datacite"}
    if since:
        question["from"] = since
    for _ in range(_PAGES):
        page = _page(client, f"{address}?{urlencode(question)}")
        match page.error:
            case None:
                pass
            case "badResumptionToken" if tokens:
                raise _Expired
            case "noRecordsMatch" if not tokens:
                return {}
            case _:
                raise UpstreamError(
                    f"{client.name} answers by OAI-PMH with the error {page.error}: nothing was changed"
                )
        for each in page.records:
            found[each.id] = reduced(each)
        report(f"{len(found)} of {page.size or 'unknown'} records")
        if page.token is None:
            if page.size is not None and len(found) < page.size:
                raise UpstreamError(
                    f"{client.name} says that there are {page.size:,} records and lists {len(found):,}: nothing was changed"
                )
            return found
        if page.token in tokens:
            break
        tokens.add(page.token)
        question = {"verb": "ListRecords", "resumptionToken": page.token}
    raise UpstreamError(f"{client.name} gives page after page and comes to no end: nothing was changed")


def _page(client: Client, url: str) -> OaiPage:
    reply = client.get(url, headers={"Accept": "application/xml, text/xml"}, expected=(200, _EXPIRED))
    if reply.status == _EXPIRED:
        if "resumptionToken" in url:
            raise _Expired
        raise UpstreamError(f"{client.name} does not understand the question for a list: nothing was changed")
    try:
        return read_page(reply.body)
    except ValueError as error:
        raise UpstreamError(f"{client.name} answered with something else than a list of records: {error}") from None
