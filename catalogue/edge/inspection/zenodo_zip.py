"""A Zenodo record that is a single zip: range requests read its central directory and a few small files."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from ...launch.look import TEXT_LIMIT, ListedFile, Listing, listing_of
from ...launch.refs import Subject
from ...observed import Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import doi_url
from ...sources.snapshot import HarvestedRecord
from ...sources.zenodo import read_hit
from ..http import MISSING_STATUSES
from .session import Session, get_json, gone_repository, inspect_refs, reuse_unchanged

API = "https://zenodo.org/api"
_PACE = 2.4  # times the usual pace: 25 requests a minute, where Zenodo allows 30
_TAIL = 64 * 2**10  # bytes at the end of the zip that the first request reads
_MAX_RANGE = 4 * 2**20  # bytes
_MAX_FILES = 50_000
_DAMAGED = "the zip cannot be read"
_LOCAL_HEADER = 30 + 512  # bytes: the fixed part, and room for the name and extra fields


def inspect(session: Session, subject: Subject, before: SeenRepository | None, api: str = API) -> SeenRepository:
    """The present state of the record: without a request if the harvest knows that its files are as inspected, else with one."""
    doi = subject.repository.path
    if before and before.failing is None and subject.stamp is not None and subject.stamp == before.stamp:
        return before
    client = session.client(urlsplit(api).netloc, "Zenodo", pace=_PACE)
    response = get_json(client, f"{api}/records/{quote(doi.rpartition('.')[2], safe='')}", also=MISSING_STATUSES)
    if response.status != 200:
        return reuse_unchanged(gone_repository(subject, session.now), before)
    # A concept DOI leads to the newest version, with another stamp.
    hit, _ = read_hit(response.data, "")
    new = SeenRepository(
        repository=subject.repository.url,
        asked=session.now,
        stamp=hit.record.stamp if isinstance(hit, HarvestedRecord) else None,
    )
    files = response.data.get("files") if isinstance(response.data, dict) else None
    if not isinstance(files, list):
        raise UpstreamError("Zenodo does not list the files of the record")
    file = files[0] if len(files) == 1 and isinstance(files[0], dict) else {}
    name, size = file.get("key"), file.get("size")
    if not isinstance(name, str) or not name.endswith(".zip"):
        return reuse_unchanged(replace(new, presence=Presence.NOT_ONE_ZIP), before)
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise UpstreamError("Zenodo does not say how large the zip is")
    number = str(response.data.get("id"))
    if not number.isdecimal():
        raise UpstreamError("Zenodo answered with something other than a record")
    url = f"{api}/records/{number}/files/{quote(name, safe='', errors='replace')}/content"
    unchanged = before is not None and new.stamp is not None and before.stamp == new.stamp
    remote = _Zip(_RemoteFile(session, url, size))
    return reuse_unchanged(
        replace(new, looks=inspect_refs(remote, (None,), before, session.now, unchanged=unchanged)), before
    )


def may_be_unasked(seen: SeenRepository) -> bool:
    """Whether it is a version of a record that has been inspected, so that the last run may have sent no request for it."""
    return seen.failing is None and seen.stamp is not None and seen.repository == doi_url(seen.stamp.partition(" ")[0])


@dataclass(slots=True)
class _RemoteFile(io.RawIOBase):
    """A file at a URL as a seekable stream; only the ranges that are read are requested."""

    session: Session
    url: str
    size: int
    position: int = 0
    parts: list[tuple[int, bytes]] = field(default_factory=list)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise zipfile.BadZipFile("it leads out of the file")
        self.position = start + offset
        return self.position

    def read(self, size: int | None = -1, /) -> bytes:
        end = self.size if size is None or size < 0 else min(self.size, self.position + size)
        if end <= self.position:
            return b""
        data = self.part(self.position, end)
        self.position = end
        return data

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, requested unless an earlier range holds them."""
        for at, data in self.parts:
            if at <= start and end <= at + len(data):
                return data[start - at : end - at]
        if not 0 <= start < end:
            raise UpstreamError(_DAMAGED)
        if end - start > _MAX_RANGE:
            raise UpstreamError(f"the zip has a directory of more than {_MAX_RANGE / 2**20:g} MiB: not read")
        # With a content encoding, the range would apply to the encoded bytes.
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        # Not the client of the API: Zenodo may redirect to another host for the content.
        client = self.session.client(f"{urlsplit(self.url).netloc} files", "Zenodo", pace=_PACE, cross_host=True)
        response = client.get(self.url, headers=headers, expected=(200, 206), limit=_MAX_RANGE)
        if response.status == 200 and len(response.body) == self.size:
            self.parts.append((0, response.body))
            return response.body[start:end]
        if response.status != 206 or len(response.body) != end - start:
            raise UpstreamError(f"{client.name} does not give parts of a file as they are asked for")
        self.parts.append((start, response.body))
        return response.body


@contextmanager
def _zip_errors() -> Iterator[None]:
    """Turns every exception that the standard library raises for a damaged zip into an UpstreamError."""
    try:
        yield
    except (
        zipfile.BadZipFile, ValueError, OverflowError, EOFError, RuntimeError, struct.error, zlib.error,
        lzma.LZMAError, OSError,
    ):  # fmt: skip
        raise UpstreamError(_DAMAGED) from None


@dataclass(slots=True)
class _Zip:
    """A zip of which the central directory and single small files are read."""

    file: _RemoteFile
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    archive: Any = None

    def commit(self, ref: str | None) -> str | None:
        """A placeholder for the only state of a record; it is not stored."""
        return "the record"

    def listing(self, commit: str) -> Listing:
        """All files in the zip, without a single top-level folder, which repo2docker strips, too."""
        self.file.part(max(0, self.file.size - _TAIL), self.file.size)
        with _zip_errors():
            self.archive = zipfile.ZipFile(self.file)
        entries = self.archive.infolist()
        if len(entries) > _MAX_FILES:
            raise UpstreamError(f"the zip has more than {_MAX_FILES:,} files: not read")
        tops = {"".join(entry.filename.partition("/")[:2]) for entry in entries}
        top_folder = next(iter(tops)) if len(tops) == 1 and all(top.endswith("/") for top in tops) else ""
        self.members = {
            entry.filename.removeprefix(top_folder): entry
            for entry in entries
            if entry.filename.startswith(top_folder) and not entry.filename.endswith("/")
        }
        return listing_of(
            (ListedFile(path, size=entry.file_size, link=_is_link(entry)) for path, entry in self.members.items())
        )

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The content of a small file; None if it is encrypted, too large, or not stored or deflated."""
        entry = self.members[path]
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return None  # other methods can expand without bound
        if entry.compress_size > 2 * TEXT_LIMIT:
            return None
        with _zip_errors():
            end = entry.header_offset + _LOCAL_HEADER + len(entry.filename) + entry.compress_size
            self.file.part(entry.header_offset, min(end, self.file.size))
            with self.archive.open(entry) as member:
                text: bytes = member.read(TEXT_LIMIT + 1)
        return text if len(text) <= TEXT_LIMIT else None


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 16) & 0o170000 == 0o120000
