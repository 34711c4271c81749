"""The file list of a repository and the contents of a few files -> the `Look` that is stored.

Paths and contents are untrusted: what has control characters, is not a path or is too long is dropped.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import default_notebook
from ..observed import Look, SeenNotebook
from ..text import clean, clean_html, clean_markdown, plain, strip_controls
from .readiness import MOST_NOTEBOOKS, environment_paths, notebook_paths, paths_to_read

CODEMETA = "codemeta.json"
TEXT_LIMIT = 200 * 2**10  # bytes; larger files are not read
MOST_TITLES = 10  # notebooks that are read for their titles, in one look
_PATH_LIMIT = 500  # bytes, each of which may take three or five characters of a URL
_RUNTIME_LIMIT = 200
_TITLE_LIMIT = 150
_CELLS, _CELL_LIMIT = 10, 5000  # cells of a notebook, and characters of each, that are searched for a heading
_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
_TABLES = ("project", "build-system", "tool.poetry")
# tomllib stores every prefix of a dotted key: a key of 100,000 parts takes gigabytes of memory.
_DOTS_AT_MOST = 200  # in a line


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as its host lists it: its size in bytes and its blob hash if they are given, and whether it is a symbolic link."""

    path: str
    size: int | None = None
    blob: str | None = None
    link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The files of a repository at one commit, by path; `cut` is whether the host listed only a part of them."""

    files: Mapping[str, ListedFile]
    commit: str | None = None
    cut: bool = False


def listing_of(files: Iterable[ListedFile], *, commit: str | None = None, cut: bool = False) -> Listing:
    """A listing, without the files whose path cannot be displayed or used in a URL."""
    return Listing(files={each.path: each for each in files if _is_sound(each.path)}, commit=commit, cut=cut)


def _is_sound(path: str) -> bool:
    return (
        0 < len(path.encode("utf-8", "replace")) <= _PATH_LIMIT
        and not {"", ".", ".."} & set(path.split("/"))
        and "\\" not in path
        and not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for letter in path)
    )


def files_to_read(listing: Listing) -> tuple[str, ...]:
    """The paths of the files whose contents are needed: those that decide about the environment, and the CodeMeta file."""
    wanted = (*paths_to_read(environment_paths(listing.files)), *({CODEMETA} & listing.files.keys()))
    return tuple(path for path in wanted if _is_small(listing.files[path]))


def notebooks_to_read(listing: Listing) -> tuple[str, ...]:
    """The paths of the notebooks to read for their titles: first the default notebook, then those nearest to the top level."""
    notebooks = notebook_paths(listing.files)[:MOST_NOTEBOOKS]
    first = default_notebook(notebooks)
    order = sorted(notebooks, key=lambda path: (path != first, path.count("/"), path))
    return tuple(path for path in order if _is_small(listing.files[path]))[:MOST_TITLES]


def _is_small(file: ListedFile) -> bool:
    """Whether it is small enough to be read, and no symbolic link, whose content would be the path of another file."""
    return not file.link and (file.size is None or file.size <= TEXT_LIMIT)


def look_of(ref: str | None, listing: Listing, texts: Mapping[str, bytes], now: str) -> Look:
    """The stored result of inspecting a ref, from its listing and the contents that could be read, by path."""
    files = environment_paths(listing.files)
    notebooks = notebook_paths(listing.files)
    read = {path.rpartition("/")[2]: texts[path] for path in paths_to_read(files) if path in texts}
    return Look(
        seen=now,
        ref=ref,
        commit=listing.commit,
        files=files,
        runtime=_text(read["runtime.txt"], _RUNTIME_LIMIT) if "runtime.txt" in read else None,
        pyproject=pyproject_tables(read.get("pyproject.toml", b"")),
        notebooks=tuple(
            SeenNotebook(path=path, title=notebook_title(texts.get(path, b""))) for path in notebooks[:MOST_NOTEBOOKS]
        ),
        more_notebooks=len(notebooks[MOST_NOTEBOOKS:]),
        large_files=b"filter=lfs" in read.get(".gitattributes", b""),
        cut=listing.cut,
    )


def _text(raw: bytes, limit: int) -> str:
    return strip_controls(raw.decode("utf-8", "replace").strip()[:limit])


def pyproject_tables(raw: bytes) -> tuple[str, ...]:
    """Which of the relevant tables a pyproject.toml has; empty if it cannot be read."""
    if any(line.count(b".") > _DOTS_AT_MOST for line in raw.splitlines()):
        return ()
    try:
        data: Any = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return ()
    return tuple(name for name in _TABLES if _holds(data, name.split(".")))


def _holds(data: Any, keys: Iterable[str]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def notebook_title(raw: bytes) -> str | None:
    """The first heading in the first cells of a notebook, as plain text; None if there is none."""
    try:
        data: Any = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    for cell in _cells(data)[:_CELLS]:
        source = _source(cell)
        if cell.get("cell_type") == "heading":  # of nbformat 3, before 2014
            title = clean(plain(clean_markdown(source)), _TITLE_LIMIT)
        elif cell.get("cell_type") == "markdown":
            title = _heading(source)
        else:
            continue
        if title:
            return title
    return None


def _cells(data: Any) -> list[dict[str, Any]]:
    """The cells of a notebook in nbformat 3 or 4."""
    if not isinstance(data, dict):
        return []
    sheets = data.get("worksheets")
    if "cells" not in data and isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        data = sheets[0]
    cells = data.get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return strip_controls(source[:_CELL_LIMIT]) if isinstance(source, str) else ""


def _heading(markdown: str) -> str:
    """The first heading with text in it, in Markdown or else in HTML; empty if there is none."""
    for page in (clean_markdown(markdown), clean_html(markdown)):
        for _, words in _HEADING.findall(str(page)):
            # Twice: Markdown in notebooks is full of HTML tags, which our Markdown parser escapes as text.
            if title := clean(plain(clean_html(plain(clean_html(words)))), _TITLE_LIMIT):
                return title
    return ""
