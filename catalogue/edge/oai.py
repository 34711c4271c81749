"""The records of a community through OAI-PMH, for communities with more records than Zenodo's search lists.

A resumption token expires after two minutes; then the list is read again from its beginning, at most four times in all.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from ..problems import UpstreamError
from ..sources.datacite import ListedRecord, OaiPage, read_page
from .http import Client, Response

_MAX_PASSES = 4  # through the list, until one of them reaches its end
_MAX_PAGES = 2000  # of 50 records each
_EXPIRED = 422

_T = TypeVar("_T")


class _Expired(Exception):
    """The resumption token has expired."""


def list_records(
    client: Client,
    site: str,
    community: str,
    since: str | None,
    progress: Callable[[str], None],
    reduce: Callable[[ListedRecord], _T],
) -> dict[str, _T]:
    """All records of the community by id; with `since`, those changed since that ISO date.

    Zenodo lists no deleted records. Other servers may list them, with headers that say so.
    Of a record that is listed twice, the last one counts. `reduce` is applied to each record at once, so that no page is
    kept in memory. Raises UpstreamError unless the list was read to its end.
    """
    for _ in range(_MAX_PASSES):
        try:
            return _walk(client, f"{site}/oai2d", community, since, progress, reduce)
        except _Expired:
            continue
    raise UpstreamError(
        f"{client.name} forgot the list before it was read, {_MAX_PASSES} times over: nothing was changed"
    )


def _walk(
    client: Client,
    address: str,
    community: str,
    since: str | None,
    progress: Callable[[str], None],
    reduce: Callable[[ListedRecord], _T],
) -> dict[str, _T]:
    found: dict[str, _T] = {}
    tokens: set[str] = set()
    query = {"verb": "ListRecords", "set": f"user-{community}", "metadataPrefix": "oai_datacite"}
    if since:
        query["from"] = since
    for _ in range(_MAX_PAGES):
        page = _page(client, f"{address}?{urlencode(query)}")
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
            found[each.id] = reduce(each)
        progress(f"{len(found)} of {page.size or 'unknown'} records")
        if page.token is None:
            if page.size is not None and len(found) < page.size:
                raise UpstreamError(
                    f"{client.name} says that there are {page.size:,} records and lists {len(found):,}: nothing was changed"
                )
            return found
        if page.token in tokens:
            break
        tokens.add(page.token)
        query = {"verb": "ListRecords", "resumptionToken": page.token}
    raise UpstreamError(f"{client.name} lists page after page without end: nothing was changed")


def _page(client: Client, url: str) -> OaiPage:
    def parse(response: Response) -> OaiPage:
        if response.status == _EXPIRED:
            if "resumptionToken" in url:
                raise _Expired
            raise UpstreamError(f"{client.name} rejects the request for the list: nothing was changed")
        return read_page(response.body)

    return client.get_parsed(url, parse, headers={"Accept": "application/xml, text/xml"}, expected=(200, _EXPIRED))
