"""The OAI-PMH interface of the fake Zenodo, with DataCite's XML."""

import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from .zenodo_double import COMMUNITY, Reply, Work, Zenodo

STATUS = " status='deleted'"
GENERAL_TYPES = {"software-computationalnotebook": "ComputationalNotebook"}


def datacite(work: Work) -> str:
    """The record as Zenodo lists it: what the author relates it to comes before its concept, and its access is not stated."""
    creators = "".join(
        f"<creator><creatorName nameType='Personal'>{escape(name)}</creatorName><affiliation>{escape(place)}</affiliation></creator>"
        for name, place in work.creators.items()
    )
    return (
        "<metadata><oai_datacite xmlns='http://schema.datacite.org/oai/oai-1.1/'><payload>"
        "<resource xmlns='http://datacite.org/schema/kernel-4'>"
        f"<identifier identifierType='DOI'>{work.doi}</identifier><creators>{creators}</creators>"
        f"<titles><title>{escape(work.title)}</title></titles><publicationYear>2026</publicationYear>"
        f"<subjects><subject>light curves</subject></subjects><dates><date dateType='Issued'>2026-01-01</date></dates>"
        f"<resourceType resourceTypeGeneral='{GENERAL_TYPES.get(work.kind, work.kind.title())}'/>"
        f"<relatedIdentifiers><relatedIdentifier relatedIdentifierType='URL' relationType='IsSupplementTo'>https://github.com/stars/{work.number}</relatedIdentifier>"
        f"<relatedIdentifier relatedIdentifierType='DOI' relationType='IsVersionOf'>{work.concept_doi}</relatedIdentifier>"
        f"</relatedIdentifiers><version>{work.version}</version><rightsList>"
        "<rights rightsURI='https://opensource.org/licenses/MIT' rightsIdentifier='mit'>MIT</rights></rightsList>"
        f"<descriptions><description descriptionType='Abstract'>{escape(f'<p>{work.title} reads light curves.</p>')}</description></descriptions>"
        "</resource></payload></oai_datacite></metadata>"
    )


class Oai:
    """A list in pages, with resumption tokens of a given lifetime.

    Like Zenodo's, it says nothing of records that were deleted or have left the community; those in `deleted` are listed with
    a header that says so, as other servers do it.
    """

    def __init__(self, zenodo: Zenodo, size: int = 2) -> None:
        self.zenodo, self.size, self.life = zenodo, size, 120.0
        self._list: list[tuple[int, str, Work | None]] = []
        self.changed: dict[int, str] = {}
        self.deleted: dict[int, str] = {}
        self.made: dict[str, float] = {}
        self.questions: list[dict[str, str]] = []
        zenodo.breaks(self.answer, at="/oai2d")

    def answer(self, handler: BaseHTTPRequestHandler, _reply: Reply) -> Reply:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(handler.path).query).items()}
        self.questions.append(asked)
        token = asked.get("resumptionToken")
        start, since = 0, asked.get("from", "")
        if token:
            if time.monotonic() - self.made.get(token, 0.0) > self.life:
                return Reply(422, b"<html>Invalid resumption token</html>", {"Content-Type": "text/html"})
            begin, _, since = token.partition("~")
            start = int(begin)
        else:
            assert (asked["set"], asked["metadataPrefix"]) == (f"user-{COMMUNITY}", "oai_datacite")
            there = [(work.number, self.changed.get(work.number, "2026-01-01"), work) for work in self.zenodo.works]
            gone = [(number, day, None) for number, day in self.deleted.items()]
            self._list = [each for each in [*there, *gone] if each[1] >= since]
        every = self._list
        if not every:
            return Reply(200, page("<error code='noRecordsMatch'>none</error>"))
        records = "".join(
            f"<record><header{'' if work else STATUS}><identifier>oai:zenodo.org:{number}</identifier>"
            f"<datestamp>{day}T00:00:00Z</datestamp></header>{datacite(work) if work else ''}</record>"
            for number, day, work in every[start : start + self.size]
        )
        more = start + self.size < len(every)
        following = f"{start + self.size}~{since}" if more else ""
        self.made[following] = time.monotonic()
        end = f"<resumptionToken completeListSize='{len(every)}'>{following}</resumptionToken>"
        return Reply(200, page(f"<ListRecords>{records}{end}</ListRecords>"), {"Content-Type": "text/xml"})


def page(inside: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>{inside}</OAI-PMH>".encode()
