"""A hit of Zenodo's search, in the legacy or the InvenioRDM format -> the facts that the snapshot keeps.

Only the record's number and DOI are required. Values of the wrong type are dropped and reported; nothing raises.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..text import DESCRIPTION_LIMIT, clean, strip_controls
from .snapshot import Access, Creator, HarvestedRecord, LeftOut, Record, Related, Repaired, StoredFile

_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:-]+")
# A DOI made by a Zenodo installation: the sandbox and others have their own prefixes.
OWN_DOI = re.compile(r"(10\.\d{4,9}/zenodo\.)\d+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?:/\d{4}(?:-\d{2}(?:-\d{2})?)?)?")
_CREATORS, _KEYWORDS, _LANGUAGES, _FILES = 1000, 200, 50, 500
_MOST_REPAIRS = 20  # reported for one record: a hostile answer could cause any number of them

# InvenioRDM has more, none of them for everybody; `unknown` is our own word (datacite.py).
_STATUSES: dict[str, Access] = {"open": "open", "": "open", "unknown": "unknown"}
_RELATIONS = {
    word.lower(): word
    for word in [
        "isSupplementTo", "isDerivedFrom", "isDocumentedBy", "isPartOf", "isCitedBy", "cites", "references",
        "isReferencedBy", "isRequiredBy", "requires", "isNewVersionOf", "isPreviousVersionOf", "isIdenticalTo",
        "isAlternateIdentifier", "isSupplementedBy", "documents", "hasPart", "isSourceOf", "isCompiledBy",
        "compiles", "isVariantFormOf", "describes", "isDescribedBy", "obsoletes", "isObsoletedBy",
    ]
}  # fmt: skip


class _Reader:
    """Reads values from an untrusted mapping, and notes in `repaired` what was dropped because of its type or size."""

    def __init__(self, data: Mapping[str, Any], repaired: list[str], path: str = "") -> None:
        self.data, self.repaired, self.path = data, repaired, path

    def _wrong(self, key: str, wanted: str) -> None:
        self.repaired.append(f"{clean(f'{self.path}{key}', 120)} is not {wanted} and was left out")

    def map(self, key: str) -> "_Reader":
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            self._wrong(key, "a mapping")
        return _Reader(value if isinstance(value, dict) else {}, self.repaired, f"{self.path}{key}.")

    def items(self, key: str, limit: int | None) -> list[Any]:
        value = self.data.get(key)
        if value is not None and not isinstance(value, list):
            self._wrong(key, "a list")
            return []
        if value and limit is not None and len(value) > limit:
            self.repaired.append(f"{self.path}{key} has {len(value):,} items, of which {limit:,} were kept")
        return (value or [])[:limit]

    def maps(self, key: str, limit: int | None) -> list["_Reader"]:
        items = self.items(key, limit)
        if any(not isinstance(item, dict) for item in items):
            self._wrong(f"an item of {key}", "a mapping")
        return [_Reader(item, self.repaired, f"{self.path}{key}.") for item in items if isinstance(item, dict)]

    def text(self, key: str, limit: int = 300) -> str:
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
            self._wrong(key, "text")
        return clean(value, limit)

    def texts(self, key: str, limit: int) -> list[str]:
        items = self.items(key, limit)
        if any(isinstance(item, bool) or not isinstance(item, str | int | float) for item in items):
            self._wrong(f"an item of {key}", "text")
        return [words for item in items if (words := clean(item))]

    def beyond(self, key: str, limit: int) -> int:
        """The number of items that a list has beyond a limit."""
        value = self.data.get(key)
        return max(0, len(value) - limit) if isinstance(value, list) else 0

    def number(self, key: str) -> int:
        value = self.data.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0

    def prose(self, key: str) -> str:
        value = self.data.get(key)
        if value is not None and not isinstance(value, str):
            self._wrong(key, "text")
            return ""
        if value and len(value) > DESCRIPTION_LIMIT:
            self.repaired.append(
                f"{self.path}{key} has {len(value):,} letters, of which {DESCRIPTION_LIMIT:,} were kept"
            )
        return strip_controls((value or "")[:DESCRIPTION_LIMIT])

    def date(self, key: str) -> str | None:
        words = self.text(key, 60)
        if words and not _DATE.fullmatch(words):
            self._wrong(key, "a date")
            return None
        return words or None


def read_hit(hit: object, place: str) -> tuple[HarvestedRecord | LeftOut, tuple[Repaired, ...]]:
    """The record in a hit, or why none can be read from it; and what was dropped from it.

    `place` identifies a hit that has no number, as in `hit 3 of page 2`.
    """
    if not isinstance(hit, dict):
        return LeftOut(id=place, title="", reason="not a record: the answer holds something else in its place"), ()
    wrong: list[str] = []
    top = _Reader(hit, wrong)
    number = top.text("id", 40) or top.text("recid", 40)
    if not number:
        return LeftOut(id=place, title=top.map("metadata").text("title"), reason="it has no number"), ()
    if not re.fullmatch(r"[A-Za-z0-9-]{1,40}", number):
        return LeftOut(id=place, title=top.map("metadata").text("title"), reason="its number is malformed"), ()
    if "tombstone" in hit or top.map("deletion_status").data.get("is_deleted") is True:
        return LeftOut(id=number, title=top.map("metadata").text("title"), reason="it has been withdrawn"), ()
    seen = _inveniordm(top, number) if "pids" in hit or "versions" in hit else _legacy(top, number)
    if not seen.record.doi:
        return LeftOut(id=number, title=seen.record.title, reason="it has no DOI"), ()
    texts = list(dict.fromkeys(wrong))
    if more := texts[_MOST_REPAIRS:]:
        texts = [*texts[:_MOST_REPAIRS], f"{len(more):,} more of its parts were left out"]
    return seen, tuple(Repaired(id=number, text=text) for text in texts)


def communities_of(hit: object) -> frozenset[str]:
    """The communities that a hit of either format names."""
    top = _Reader(hit if isinstance(hit, dict) else {}, [])
    named = [each.text("id") for each in top.map("metadata").maps("communities", 500)]
    named += [each.text("slug") for each in top.map("parent").map("communities").maps("entries", 500)]
    return frozenset(named) - {""}


def _doi(words: str) -> str:
    return words if _DOI.fullmatch(words) else ""


def _concept(stated: str, number: str, doi: str) -> str | None:
    """The concept DOI as stated, else made from the concept's number if the record's own DOI is made from a number, too."""
    if found := _doi(stated):
        return found
    own = OWN_DOI.fullmatch(doi)
    return f"{own[1]}{number}" if own and number.isascii() and number.isdigit() else None


def _stored(found: Iterable[tuple[str, _Reader]], repaired: list[str]) -> tuple[StoredFile, ...]:
    """The files sorted by name, since their order in the answer varies."""
    files = sorted(
        (
            StoredFile(name=name, size=each.number("size") or None, checksum=each.text("checksum", 200) or None)
            for name, each in found
            if name
        ),
        key=lambda file: (file.name, file.checksum or "", file.size or 0),
    )
    if len(files) > _FILES:
        repaired.append(f"files has {len(files):,} items, of which {_FILES:,} were kept")
    return tuple(files[:_FILES])


def _repository(custom: _Reader) -> tuple[Related, ...]:
    """The repository URL among the fields that Zenodo has for software."""
    address = custom.text("code:codeRepository", 1000)
    return (Related(relation="codeRepository", identifier=address),) if address else ()


def _code_languages(custom: _Reader) -> tuple[str, ...]:
    """The programming languages among these fields."""
    stated = custom.maps("code:programmingLanguage", _LANGUAGES)
    return tuple(name for each in stated if (name := each.map("title").text("en", 60) or each.text("id", 60)))


def _legacy(top: _Reader, number: str) -> HarvestedRecord:
    metadata = top.map("metadata")
    kind = metadata.map("resource_type")
    doi = _doi(top.text("doi")) or _doi(metadata.text("doi"))
    concept = _concept(top.text("conceptdoi"), top.text("conceptrecid", 40), doi)
    access = metadata.text("access_right", 20)
    custom = metadata.map("custom")
    version = next(iter(metadata.map("relations").maps("version", 1)), None)
    record = Record(
        id=number,
        doi=doi,
        title=metadata.text("title", 1000) or top.text("title", 1000),
        description=metadata.prose("description"),
        creators=tuple(
            Creator(name=name, orcid=each.text("orcid", 60) or None, affiliation=each.text("affiliation") or None)
            for each in metadata.maps("creators", _CREATORS)
            if (name := each.text("name"))
        ),
        more_creators=metadata.beyond("creators", _CREATORS),
        keywords=tuple(metadata.texts("keywords", _KEYWORDS)),
        licences=tuple(filter(None, [metadata.map("license").text("id", 120)])),
        related=(
            *(
                Related(relation=relation, identifier=identifier)
                for each in metadata.maps("related_identifiers", 500)
                if (relation := each.text("relation", 60)) and (identifier := each.text("identifier", 1000))
            ),
            *_repository(custom),
        ),
        code_languages=_code_languages(custom),
        version=metadata.text("version", 100) or None,
        published=metadata.date("publication_date"),
        created=top.text("created", 40) or None,
        kind="/".join(filter(None, (kind.text("type", 60), kind.text("subtype", 60)))),
        access={"open": "open", "embargoed": "embargoed", "": "open"}.get(access, "restricted"),
        embargo_until=metadata.date("embargo_date") if access == "embargoed" else None,
        files=_stored(((each.text("key"), each) for each in top.maps("files", None)), top.repaired),
    )
    return HarvestedRecord(record, concept, top.number("revision"), version.number("index") if version else 0)


def _inveniordm(top: _Reader, number: str) -> HarvestedRecord:
    metadata, access, files = top.map("metadata"), top.map("access"), top.map("files")
    doi, parent = _doi(top.map("pids").map("doi").text("identifier")), top.map("parent")
    concept = _concept(parent.map("pids").map("doi").text("identifier"), parent.text("id", 40), doi)
    custom = top.map("custom_fields")
    embargo = access.map("embargo")
    is_embargoed = embargo.data.get("active") is True
    status = access.text("status", 40)
    kind_type, _, subtype = metadata.map("resource_type").text("id", 60).partition("-")
    entries = files.map("entries")
    record = Record(
        id=number,
        doi=doi,
        title=metadata.text("title", 1000),
        description=metadata.prose("description"),
        creators=tuple(
            Creator(
                name=name,
                family=who.text("family_name") or None,
                organisation=who.text("type", 20) == "organizational",
                orcid=next(
                    (i.text("identifier", 60) for i in who.maps("identifiers", 20) if i.text("scheme") == "orcid"),
                    None,
                ),
                affiliation=next((a.text("name") for a in each.maps("affiliations", 20)), None),
            )
            for each in metadata.maps("creators", _CREATORS)
            if (name := (who := each.map("person_or_org")).text("name"))
        ),
        more_creators=metadata.beyond("creators", _CREATORS),
        keywords=tuple(word for each in metadata.maps("subjects", _KEYWORDS) if (word := each.text("subject"))),
        licences=tuple(
            name
            for each in metadata.maps("rights", 20)
            if (name := each.text("id", 120) or each.map("title").text("en") or each.text("link"))
        ),
        related=(
            *(
                Related(relation=_RELATIONS.get(relation.lower(), relation), identifier=identifier)
                for each in metadata.maps("related_identifiers", 500)
                if (relation := each.map("relation_type").text("id", 60))
                and (identifier := each.text("identifier", 1000))
            ),
            *_repository(custom),
        ),
        code_languages=_code_languages(custom),
        version=metadata.text("version", 100) or None,
        published=metadata.date("publication_date"),
        created=top.text("created", 40) or None,
        kind="/".join(filter(None, (kind_type, subtype))),
        access="embargoed" if is_embargoed else _STATUSES.get(status, "restricted"),
        embargo_until=embargo.date("until") if is_embargoed else None,
        files=_stored(
            ((each.text("key") or clean(name), each) for name in entries.data if (each := entries.map(name))),
            top.repaired,
        ),
    )
    return HarvestedRecord(record, concept, top.number("revision_id"), top.map("versions").number("index"))
