"""A record of Zenodo that is one zip: the directory at its end is read by range requests, and few small files of it."""

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
from ..http import NOT_THERE
from .asking import Asking, ask_json, gone, looks, settled, text_at

API = "https://zenodo.org/api"
_PACE = 2.4  # 25 a minute at the usual pace, where Zenodo allows 30
_TAIL = 64 * 2**10
_MOST = 4 * 2**20  # of the directory
_ENTRIES = 50_000
_DAMAGED = "the zip cannot be read"
_HEADER = 30 + 512  # of a file in the zip: its fixed part, and what its name and extra fields usually take


def look(asking: Asking, subject: Subject, before: SeenRepository | None, api: str = API) -> SeenRepository:
    """The record as it is now. The files of a version stay as they are: it is asked once, unless that fails."""
    doi = subject.repository.path
    if before and is_final(before):
        return before
    client = asking.client(urlsplit(api).netloc, "Zenodo", pace=_PACE)
    said = ask_json(client, f"{api}/records/{quote(doi.rpartition('.')[2], safe='')}", also=NOT_THERE)
    if said.status != 200:
        return settled(gone(subject, asking.now), before)
    # The DOI of all versions leads to the newest: that one is asked again.
    new = SeenRepository(
        repository=subject.repository.url, asked=asking.now, stamp=text_at(said.data, "doi").lower() or None
    )
    files = said.data.get("files") if isinstance(said.data, dict) else None
    if not isinstance(files, list):
        raise UpstreamError("Zenodo does not list the files of the record")
    file = files[0] if len(files) == 1 and isinstance(files[0], dict) else {}
    name, size = file.get("key"), file.get("size")
    if not isinstance(name, str) or not name.endswith(".zip"):
        return settled(replace(new, presence=Presence.NOT_ONE_ZIP), before)
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise UpstreamError("Zenodo does not say how large the zip is")
    number = str(said.data.get("id"))
    if not number.isdecimal():
        raise UpstreamError("Zenodo answered with something else than a record")
    url = f"{api}/records/{number}/files/{quote(name, safe='', errors='replace')}/content"
    unchanged = before is not None and new.stamp is not None and before.stamp == new.stamp
    remote = _Zip(_Ranges(asking, url, size))
    return settled(replace(new, looks=looks(remote, (None,), before, asking.now, unchanged=unchanged)), before)


def is_final(seen: SeenRepository) -> bool:
    """Whether it is one version of a record that was looked at, and need not be asked again."""
    return seen.failing is None and seen.stamp is not None and seen.repository == f"https://doi.org/{seen.stamp}"


@dataclass(slots=True)
class _Ranges(io.RawIOBase):
    """A file at an address, of which only the parts that are read are asked for."""

    asking: Asking
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
        """The bytes from `start` to before `end`, asked for if they are not at hand."""
        for at, data in self.parts:
            if at <= start and end <= at + len(data):
                return data[start - at : end - at]
        if not 0 <= start < end:
            raise UpstreamError(_DAMAGED)
        if end - start > _MOST:
            raise UpstreamError(f"the zip has a directory of more than {_MOST / 2**20:g} MiB: not read")
        # A range of a packed answer would be a range of the pack.
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        # Not the client of the API: the content may be kept elsewhere.
        client = self.asking.client(f"{urlsplit(self.url).netloc} files", "Zenodo", pace=_PACE, abroad=True)
        reply = client.ask(self.url, headers=headers, expected=(200, 206), limit=_MOST)
        if reply.status == 200 and len(reply.body) == self.size:
            self.parts.append((0, reply.body))
            return reply.body[start:end]
        if reply.status != 206 or len(reply.body) != end - start:
            raise UpstreamError(f"{client.name} does not give parts of a file as they are asked for")
        self.parts.append((start, reply.body))
        return reply.body


@contextmanager
def _sound() -> Iterator[None]:
    """What the standard library says of a damaged zip, as one sentence; all that it raises for one is named."""
    try:
        yield
    except (
        zipfile.BadZipFile, ValueError, OverflowError, EOFError, RuntimeError, struct.error, zlib.error,
        lzma.LZMAError, OSError,
    ):  # fmt: skip
        raise UpstreamError(_DAMAGED) from None


@dataclass(slots=True)
class _Zip:
    """A zip whose directory is read; nothing is unpacked but single small files."""

    file: _Ranges
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    archive: Any = None

    def commit(self, ref: str | None) -> str | None:
        """A mark that stands for the one state of a record; it is no commit, and not kept."""
        return "the record"

    def listing(self, commit: str) -> Listing:
        """All files in it, without the single folder at the top that a builder lifts."""
        self.file.part(max(0, self.file.size - _TAIL), self.file.size)
        with _sound():
            self.archive = zipfile.ZipFile(self.file)
        entries = self.archive.infolist()
        if len(entries) > _ENTRIES:
            raise UpstreamError(f"the zip has more than {_ENTRIES:,} files: not read")
        tops = {"".join(entry.filename.partition("/")[:2]) for entry in entries}
        lifted = next(iter(tops)) if len(tops) == 1 and all(top.endswith("/") for top in tops) else ""
        self.members = {
            entry.filename.removeprefix(lifted): entry
            for entry in entries
            if entry.filename.startswith(lifted) and not entry.filename.endswith("/")
        }
        return listing_of(
            (ListedFile(path, size=entry.file_size, link=_is_link(entry)) for path, entry in self.members.items())
        )

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The text of a small file."""
        entry = self.members[path]
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return None  # other packings grow without bound
        if entry.compress_size > 2 * TEXT_LIMIT:
            return None
        with _sound():
            end = entry.header_offset + _HEADER + len(entry.filename) + entry.compress_size
            self.file.part(entry.header_offset, min(end, self.file.size))
            with self.archive.open(entry) as member:
                text: bytes = member.read(TEXT_LIMIT + 1)
        return text if len(text) <= TEXT_LIMIT else None


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 16) & 0o170000 == 0o120000
