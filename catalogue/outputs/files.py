"""What the outputs are made of: files by path, as bytes."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Folders of files whose addresses are made of what they hold: under one of these addresses there is never anything else.
FOLDERS_BY_CONTENT = ("assets", "search")
NAMED_BY_CONTENT = re.compile(rf"(?<![^/])(?:{'|'.join(FOLDERS_BY_CONTENT)})/(?:.*/)?[0-9a-f]{{12}}(?:/.*|\.json)")
FOR_EVER = "public, max-age=31536000, immutable"  # how a host says so to a browser
PAGE_LIMIT = 1_000_000  # bytes of a page, above which a site is not published


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site: its path below the site's root, with `/`, and its bytes; `listed` is a page that search engines may list."""

    path: str
    content: bytes
    listed: bool = False

    @property
    def text(self) -> str:
        """The content of a text file."""
        return self.content.decode("utf-8")

    @property
    def digest(self) -> str:
        """The digest of the content."""
        return digest(self.content)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Standing:
    """A file of the site that is published, which would come out as it is; `size` is the number of its bytes."""

    path: str
    digest: str
    size: int
    listed: bool = False


# What makes a site gives these, one by one.
Files = Iterable[File | Standing]


def digest(content: bytes) -> str:
    """The digest of a file, by which it is known again."""
    return hashlib.sha256(content).hexdigest()


def with_newline(text: str) -> str:
    """A text that ends with one newline, as files do."""
    return text.rstrip("\n") + "\n"


def text_file(path: str, text: str) -> File:
    """A text file in UTF-8."""
    return File(path, with_newline(text).encode("utf-8"))


# Made once: json.dumps would make one for each text.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def json_text(data: object) -> str:
    """Compact JSON with sorted keys and no values that JSON does not have."""
    return _ENCODER.encode(data)


def json_file(path: str, data: Mapping[str, object]) -> File:
    """A JSON file for programs, in which each part of each property is a line, so that a difference can be read.

    Written line by line, json's own fast encoder is used; with an indent it has a slow one only.
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


def page_path(address: str) -> str:
    """The file behind an address below the site's root: `software/x/` is `software/x/index.html`."""
    return f"{address}index.html" if address.endswith("/") or not address else address


def relative(origin: str, target: str) -> str:
    """The link from one address below the root to another, right under any base address.

    Both are as in `software/x/`; a fragment or query of the target is kept.
    """
    depth = origin.count("/")
    return "../" * depth + target or "./"
