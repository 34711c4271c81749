"""Reads the files of a checkout: YAML files, snapshot, templates and assets; and writes YAML files."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from importlib.metadata import version
from os.path import realpath  # never fails; Path.resolve raises for a symbolic link to itself
from pathlib import Path
from platform import python_version
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..outputs.api import ADDRESS
from ..outputs.site import MANIFEST
from ..outputs.template_compiler import PageCodeGenerator, escaped
from ..pipeline import Inputs
from ..problems import CatalogueError, Place, Problem
from ..repository import doi_url
from ..sources import facilities, local, site, synonyms
from ..sources.yaml_text import read_yaml
from ..text import pluralize
from .snapshot_files import load

TEMPLATES = Path(__file__).parents[2] / "templates"
CODE = Path(__file__).parents[1]
_LIBRARIES = ("jinja2", "markupsafe", "turbohtml")
SNAPSHOT = "snapshot"
OBSERVED = "snapshot/observed"
CHANGES = "snapshot/changes"
NIGHTS = "snapshot/nights"
EXTRA = "extra"


def holds_catalogue(root: Path) -> bool:
    """Whether a folder is a checkout of a catalogue, be it damaged."""
    return _exists(root / site.FILE) or _exists(root / SNAPSHOT)


def read_inputs(
    root: Path, *, base_url: str | None = None, built: str | None = None, not_after: str | None = None
) -> Inputs:
    """The texts of all input files, from the folder that holds `site.yaml`."""
    return replace(
        read_yaml_files(root, not_after=not_after),
        snapshot=load(root / SNAPSHOT),
        observed=load(root / OBSERVED),
        changes=load(root / CHANGES),
        extra=frozenset(_paths(root / EXTRA)),
        base_url=base_url,
        built=built,
    )


def read_yaml_files(root: Path, *, not_after: str | None = None) -> Inputs:
    """The texts of the YAML files, without the snapshot; what cannot be read is among their problems."""
    settings, site_problems = yaml_texts(root, site.FILE)
    facility_texts, facility_problems = yaml_texts(root, facilities.FILE, facilities.FOLDER)
    notebook_texts, notebook_problems = yaml_texts(root, local.FILE, local.FOLDER)
    has_synonyms = _exists(root / synonyms.FILE)
    synonym_texts, synonym_problems = yaml_texts(root, synonyms.FILE) if has_synonyms else ({}, [])
    return Inputs(
        site=settings.get(site.FILE),
        facilities=facility_texts,
        notebooks=notebook_texts,
        snapshot={},
        unread=(*site_problems, *facility_problems, *notebook_problems, *synonym_problems, *_misnamed(root)),
        not_after=not_after,
        synonyms=synonym_texts.get(synonyms.FILE, synonyms.NONE),
    )


def yaml_texts(root: Path, file: str, folder: str | None = None) -> tuple[dict[str, str], list[Problem]]:
    """The texts by path of a YAML file and of those in a folder, and the problems.

    Every other file in the folder is a problem, except hidden ones and the README; and so is it if neither exists.
    """
    paths = [root / file] if _exists(root / file) else []
    problems = []
    inside = root / folder if folder else None
    if inside is not None and _exists(inside):
        if inside.is_dir() and not _leads_outside(inside, root):
            paths += sorted(path for path in inside.iterdir() if not path.name.startswith(".") and path.name != _README)
        else:
            problems.append(
                _unreadable(inside, root, "must be a folder of this checkout, with files that end in .yaml")
            )
    elif not paths:
        neither = f", and there is no folder {folder}/" if folder else ""
        problems.append(
            _unreadable(root / file, root, f"is missing{neither}: restore it from the repository's history")
        )
    texts = {}
    for path in paths:
        text = _text(path, root)
        if isinstance(text, Problem):
            problems.append(text)
        else:
            texts[path.relative_to(root).as_posix()] = text
    return texts, problems


_README = "README.md"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def _text(path: Path, root: Path) -> str | Problem:
    """The text of a YAML file, or the problem with reading it."""
    if _leads_outside(path, root):
        return _unreadable(path, root, "is a link that leads out of this checkout: put the file itself here")
    if path.is_dir():
        return _unreadable(path, root, "is a folder: only the files beside it are read")
    if path.suffix != ".yaml":
        return _unreadable(path, root, f"is not read: name it {path.with_suffix('.yaml').name}, or move it away")
    try:
        content = path.read_bytes()
    except OSError as error:
        return _unreadable(path, root, f"cannot be read: {error.strerror}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        encoding = _BYTE_ORDER_MARKS.get(content[:2], "another encoding, as Latin-1")
        return Problem(
            Place(file=path.relative_to(root).as_posix(), line=line, column=1),
            f"the file is in {encoding}: save it in UTF-8",
        )


def _unreadable(path: Path, root: Path, why: str) -> Problem:
    return Problem(Place(file=path.relative_to(root).as_posix()), f"{path.name} {why}")


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _leads_outside(path: Path, root: Path) -> bool:
    return path.is_symlink() and not Path(realpath(path)).is_relative_to(realpath(root))


def _misnamed(root: Path) -> list[Problem]:
    """Problems for YAML files whose name is so similar to one of ours that it is probably a typo."""
    ours = {Path(file).stem: file for file in (site.FILE, facilities.FILE, local.FILE, synonyms.FILE)}
    problems = []
    for path in sorted(root.iterdir()):
        if path.name in ours.values() or path.suffix.lower() not in (".yaml", ".yml") or path.name.startswith("."):
            continue
        if near := get_close_matches(path.stem.lower(), ours, n=1, cutoff=0.75):
            problems.append(_unreadable(path, root, f"is not read: did you mean {ours[near[0]]}?"))
    return problems


def append_item(root: Path, file: str, folder: str, key: str, item: str, head: Callable[[str, str], str]) -> Place:
    """Append an item to the list in a file, or write it to a new file if a folder is used instead of the file.

    `head` gives the first line of a new file. Returns the place of the item. Raises CatalogueError, and writes nothing, if
    the file does not end with its list, or if the new file exists.
    """
    path = root / file
    if _exists(path):
        text = _text(path, root)
        if isinstance(text, Problem):
            raise CatalogueError(str(text))
        ends = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        before = re.sub(rf"(?m)^{key}: *\[\] *(#.*)?$", f"{key}:", text.rstrip("\n")) + "\n"
        before += "" if before.endswith(f"{key}:\n") else "\n"
    else:
        name = re.split(r"- (?:id|ossr): ", item, maxsplit=1)[1].split()[0].rpartition("/")[2]
        path = root / folder / f"{name}.yaml"
        if _exists(path):
            raise CatalogueError(f"{folder}/{path.name} is there already")
        before, ends = f"{head(file, '../')}\n\n{key}:\n", "\n"
    whole = read_yaml(before + item, path.name)
    if isinstance(whole, Problem) or not isinstance(whole.data, dict) or not isinstance(whole.data.get(key), list):
        raise CatalogueError(f"{file} does not end with its list of items: put the item in by hand")
    write_atomically(path, (before + item).replace("\n", ends).encode("utf-8"))
    return Place(file=path.relative_to(root).as_posix(), line=before.count("\n") + 1)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file atomically, keeping its mode; a symbolic link is followed. Raises CatalogueError if that fails."""
    place = Path(realpath(path))
    part = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        if place.is_file():
            shutil.copymode(place, part)
        part.replace(place)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink()


def create_files(root: Path, files: Mapping[str, str]) -> None:
    """Write new files by path into a folder. Raises CatalogueError if one exists with another content."""
    if taken := [path for path, text in sorted(files.items()) if not _is_free(root / path, text)]:
        raise CatalogueError(f"{root / taken[0]} is there already: nothing was written")
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{root} cannot be written: {error.strerror}") from None


def _is_free(path: Path, text: str) -> bool:
    """Whether a file can be written without losing anything."""
    return not _exists(path) or (path.is_file() and path.read_bytes() == text.encode("utf-8"))


class _Environment(Environment):
    """Without template globals: Jinja would copy them for each render, and our templates use none."""

    code_generator_class = PageCodeGenerator
    escaped = staticmethod(escaped)

    def make_globals(self, d: object) -> dict[str, Any]:
        """Always empty."""
        return {}


def templates(folder: Path = TEMPLATES) -> Environment:
    """The Jinja environment. An undefined name is an error; every value is escaped."""
    environment = _Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a build reads each template once
        cache_size=-1,  # and keeps it: no limit
    )
    # The same JSON as by default, but without a new encoder for each value.
    environment.policies["json.dumps_function"] = json.JSONEncoder(sort_keys=True).encode
    environment.policies["json.dumps_kwargs"] = {}
    environment.filters |= {"doi_url": doi_url, "pluralize": pluralize}
    return environment


def program_digest() -> str:
    """A digest of everything but data that determines the pages: code, templates, Python, and libraries."""
    libraries = [f"{name} {version(name)}" for name in _LIBRARIES]
    digest = hashlib.sha256("\n".join([f"python {python_version()}", *libraries]).encode())
    for folder in (CODE, TEMPLATES):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".html", ".xml")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def extra_files(root: Path) -> dict[str, bytes]:
    """The files of `extra/` by path: third-party files that are published unchanged, such as a JupyterLite."""
    return _contents(root / EXTRA)


def built_site_texts(folder: Path) -> dict[str, str]:
    """The texts of the files that `compare` reads of a built site, by path; missing ones are left out.

    Raises CatalogueError if one of them cannot be read.
    """
    texts = {}
    for path in (ADDRESS, MANIFEST):
        try:
            texts[path] = (folder / path).read_text("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise CatalogueError(f"{folder / path} cannot be read ({why}): build that site again") from None
    return texts


def assets(folder: Path = TEMPLATES / "static") -> dict[str, bytes]:
    """Style sheets, scripts and images, by path below `templates/static/`."""
    return _contents(folder)


def _paths(folder: Path) -> dict[str, Path]:
    """The files in a folder and below, by path; symbolic links are left out."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _contents(folder: Path) -> dict[str, bytes]:
    try:
        return {name: path.read_bytes() for name, path in _paths(folder).items()}
    except OSError as error:
        raise CatalogueError(f"{folder.name}/ cannot be read: {error.strerror}") from None
