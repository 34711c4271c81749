"""A page of OAI-PMH with records in DataCite's XML -> hits in InvenioRDM's JSON format, for `zenodo.py` to read.

DataCite's XML has no files, no revision and no time of creation, and Zenodo's says nothing of access: these come from other
requests, or stay unknown. Against entity expansion and external entities, XML with a document type declaration is refused
before it is parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from .vocabulary import licence
from .zenodo import OWN_DOI

_OPEN = re.compile(r"openAccess$")
_CLOSED = re.compile(r"(restricted|closed)Access$")
_EMBARGOED = re.compile(r"embargoedAccess$")
# DataCite has a general type for what is a kind of software to Zenodo.
_RESOURCE_TYPES = {"computationalnotebook": "software-computationalnotebook"}
_NUMBER = re.compile(r"^oai:[^:]*:([A-Za-z0-9-]{1,40})$")


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A listed record: its number, the day or time of its last change, whether it was deleted, and its hit."""

    id: str
    changed: str
    deleted: bool
    hit: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OaiPage:
    """A page: its records, the resumption token (None on the last page), and the size of the whole list if it is given.

    `error` is an error code of the protocol, such as `badResumptionToken`.
    """

    records: tuple[ListedRecord, ...] = ()
    token: str | None = None
    size: int | None = None
    error: str | None = None


def read_page(body: bytes) -> OaiPage:
    """The page in a response body. Raises ValueError with the reason if it is not one."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not in UTF-8") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it has a document type, which may name other files")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type there are no entities but the five
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise ValueError("it is not XML") from None
    if _name(root) != "OAI-PMH":
        raise ValueError("it is not an answer of OAI-PMH")
    error = _child(root, "error")
    if error is not None:
        return OaiPage(error=error.get("code") or "unknown")
    page = _child(root, "ListRecords")
    if page is None:
        raise ValueError("it lists no records")
    token = _child(page, "resumptionToken")
    size = token.get("completeListSize", "") if token is not None else ""
    return OaiPage(
        records=tuple(found for each in _children(page, "record") if (found := _listed(each))),
        token=(_text(token) or None) if token is not None else None,
        size=int(size) if re.fullmatch(r"\d{1,9}", size) else None,
    )


def _listed(record: ElementTree.Element) -> ListedRecord | None:
    """The record, None if it has no number: then nothing can be done with it."""
    header = _child(record, "header")
    number = _NUMBER.match(_said(header, "identifier"))
    if header is None or not number:
        return None
    resource = next((each for each in record.iter() if _name(each) == "resource"), None)
    deleted = header.get("status") == "deleted"
    hit = {} if deleted or resource is None else _hit(number[1], resource)
    return ListedRecord(number[1], _said(header, "datestamp"), deleted, hit)


def _hit(number: str, resource: ElementTree.Element) -> dict[str, Any]:
    related = _each(resource, "relatedIdentifiers", "relatedIdentifier")
    doi = _said(resource, "identifier")
    rights = _each(resource, "rightsList", "rights")
    status = _access_status(rights)
    dates = {each.get("dateType"): _text(each) for each in _each(resource, "dates", "date")}
    kind = _child(resource, "resourceType")
    general = (kind.get("resourceTypeGeneral") or "").lower() if kind is not None else ""
    return {
        "id": number,
        "pids": {"doi": {"identifier": doi}},
        "parent": {"pids": {"doi": {"identifier": _concept(doi, related)}}},
        "versions": {},
        "access": {"status": status, "embargo": {"active": status == "embargoed", "until": dates.get("Available")}},
        "metadata": {
            "title": _title(_each(resource, "titles", "title")),
            "description": next(
                (_text(each) for each in _each(resource, "descriptions", "description")
                 if each.get("descriptionType") in ("Abstract", None)), "",
            ),
            "publication_date": dates.get("Issued") or _said(resource, "publicationYear"),
            "creators": [_creator(each) for each in _each(resource, "creators", "creator")],
            "subjects": [{"subject": _text(each)} for each in _each(resource, "subjects", "subject")],
            "related_identifiers": [
                {"identifier": _text(each), "relation_type": {"id": (each.get("relationType") or "").lower()}}
                for each in related
                if each.get("relationType") not in ("IsVersionOf", None)
            ],
            "version": _said(resource, "version"),
            "resource_type": {"id": _RESOURCE_TYPES.get(general, general)},
            "rights": [{"id": name} for each in rights if (name := _licence(each))],
        },
    }  # fmt: skip


def _concept(doi: str, related: Iterable[ElementTree.Element]) -> str:
    """The concept DOI of the record with this DOI, empty if none is stated.

    Zenodo states it after the relations that the author has stated, which may have the same type; and only for a record whose
    own DOI is Zenodo's, too.
    """
    own = OWN_DOI.fullmatch(doi)
    stated = [
        _text(each).removeprefix("https://doi.org/") for each in related if each.get("relationType") == "IsVersionOf"
    ]
    concepts = [each for each in stated if own and (found := OWN_DOI.fullmatch(each)) and found[1] == own[1]]
    return concepts[-1] if concepts else ""


def _title(titles: list[ElementTree.Element]) -> str:
    """The main title, which has no type; if each has one, the first."""
    main = [each for each in titles if not each.get("titleType")]
    return next(map(_text, main or titles), "")


def _access_status(rights: Iterable[ElementTree.Element]) -> str:
    """The access as stated; `unknown` if it is not, as in Zenodo's lists."""
    terms = [word for each in rights for word in (each.get("rightsURI") or "").split()]
    stated = {"embargoed": _EMBARGOED, "restricted": _CLOSED, "open": _OPEN}
    return next((status for status, term in stated.items() if any(map(term.search, terms))), "unknown")


def _creator(creator: ElementTree.Element) -> dict[str, Any]:
    name = _child(creator, "creatorName")
    identifiers = [
        {"scheme": "orcid", "identifier": _text(each)}
        for each in _children(creator, "nameIdentifier")
        if (each.get("nameIdentifierScheme") or "").upper() == "ORCID"
    ]
    return {
        "person_or_org": {
            "name": "" if name is None else _text(name),
            "type": "" if name is None else (name.get("nameType") or "").lower(),
            "family_name": _said(creator, "familyName"),
            "identifiers": identifiers,
        },
        "affiliations": [{"name": words} for each in _children(creator, "affiliation") if (words := _text(each))],
    }


def _licence(rights: ElementTree.Element) -> str:
    """The id or name of the licence; empty for a line that states the access rights instead."""
    address = rights.get("rightsURI") or ""
    if any(terms.search(address) for terms in (_OPEN, _CLOSED, _EMBARGOED)):
        return ""
    named = licence(address)
    return rights.get("rightsIdentifier") or (named and named.spdx) or _text(rights)


def _name(element: ElementTree.Element) -> str:
    """The name without its namespace, which changes with each version of the schema."""
    return element.tag.rpartition("}")[2]


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in element if _name(each) == name]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next(iter(_children(element, name)), None)


def _each(element: ElementTree.Element, group: str, name: str) -> list[ElementTree.Element]:
    found = _child(element, group)
    return [] if found is None else _children(found, name)


def _text(element: ElementTree.Element) -> str:
    return "".join(element.itertext()).strip()


def _said(element: ElementTree.Element | None, name: str) -> str:
    found = None if element is None else _child(element, name)
    return "" if found is None else _text(found)
