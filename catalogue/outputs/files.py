"""The files of a site: paths and bytes. How text, JSON, CSV, paths of pages and relative links are written."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Folders whose files have a hash of their content in their path: at such an address the content never changes.
HASHED_FOLDERS = ("assets", "search")
HASHED_PATH = re.compile(rf"(?<![^/])(?:{'|'.join(HASHED_FOLDERS)})/(?:.*/)?[0-9a-f]{{12}}(?:/.*|\.json)")
IMMUTABLE = "public, max-age=31536000, immutable"  # their Cache-Control header
PAGE_LIMIT = 1_000_000  # bytes; a site with a larger page is not published


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site: its path below the root, with `/`, and its bytes. `listed`: a page for the sitemap."""

    path: str
    content: bytes
    listed: bool = False

    @property
    def text(self) -> str:
        """The content of a text file."""
        return self.content.decode("utf-8")

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return digest(self.content)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class UnchangedFile:
    """A file of the published site that would come out the same, and is not made; `size` is in bytes."""

    path: str
    digest: str
    size: int
    listed: bool = False


# Whatever makes files gives them one by one.
Files = Iterable[File | UnchangedFile]


def digest(content: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def with_newline(text: str) -> str:
    """A text with exactly one newline at its end."""
    return text.rstrip("\n") + "\n"


def text_file(path: str, text: str) -> File:
    """A text file in UTF-8."""
    return File(path, with_newline(text).encode("utf-8"))


# json.dumps with these options would create an encoder for each call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def json_text(data: object) -> str:
    """Compact JSON with sorted keys; raises ValueError for NaN and infinities, which JSON does not have."""
    return _ENCODER.encode(data)


def json_file(path: str, data: Mapping[str, object]) -> File:
    """A JSON file for programs, with one line for each item of each property, so that diffs are readable.

    The lines are put together here, since `json` encodes in C only without an indent.
    """
    lines = ",\n".join(f"{json_text(key)}: {_property(data[key])}" for key in sorted(data))
    return text_file(path, f"{{\n{lines}\n}}")


def _property(value: object) -> str:
    if isinstance(value, Mapping) and value:
        inside = ",\n".join(f" {json_text(key)}: {json_text(value[key])}" for key in sorted(value))
        return f"{{\n{inside}\n}}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f" {json_text(each)}" for each in value) + "\n]"
    return json_text(value)


def csv_file(path: str, rows: Iterable[Iterable[str]]) -> File:
    """A CSV file with a byte order mark: without it, Excel does not read it as UTF-8."""
    return text_file(path, "\ufeff" + csv_text(rows))


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV (RFC 4180) with every cell quoted, and guarded so that no spreadsheet takes it for a formula."""
    return "\r\n".join(",".join(f'"{_cell(cell)}"' for cell in row) for row in rows) + "\r\n"


# A Japanese spreadsheet also accepts the full-width forms.
_BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _cell(text: str) -> str:
    guarded = f"'{text}" if text.startswith(_BEGIN_A_FORMULA) else text
    return guarded.replace('"', '""')


def page_path(address: str) -> str:
    """The path of the file at an address below the root: `software/x/index.html` for `software/x/`."""
    return f"{address}index.html" if address.endswith("/") or not address else address


def relative(origin: str, target: str) -> str:
    """The relative link from one address below the root to another, valid under any base URL.

    Both are as in `software/x/`; the target may have a fragment or a query.
    """
    depth = origin.count("/")
    return "../" * depth + target or "./"
