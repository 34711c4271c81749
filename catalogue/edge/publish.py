"""Files -> the folder that is published: written beside it, checked, and swapped in whole.

On Linux the two folders change places at one stroke: a build that is stopped at any moment leaves the old site, or the new
one. Where a system cannot do that, the swap is two renames; stopped between them, a build leaves both sites beside the
folder's place, and the next build puts the old one back before it begins.

Scripts, styles and the search index have names made of their content, and a page names those that it was built with. The ones
of the site before stay for one build more, so that a page that was open, or cached, while a new site came still finds them.
"""

import ctypes
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ..outputs.check import site_problems
from ..outputs.files import NAMED_BY_CONTENT, File, digest, json_file
from ..outputs.memory import FORGETFUL, Memory
from ..outputs.site import MANIFEST
from ..problems import CatalogueError, GuardError, Problem, as_text

_KEPT = ".gitignore"
_LITTER = ".DS_Store"  # which macOS puts into every folder that somebody looks at
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
_PROBLEMS_SHOWN = 20


def publish(
    files: Iterable[File],
    folder: Path,
    base_url: str,
    others: Collection[str] = (),
    guard: Callable[[Path], None] = lambda _: None,
    memory: Memory = FORGETFUL,
) -> None:
    """Replace the site in `folder` by `files`, if they are fit to be published; `others` are paths that are not judged.

    Files are written one by one as they come, and none is kept in memory. `guard` is called with the folder of the new
    site when all are there, before the old one goes, and raises where it should stay. `memory` has what earlier builds read on
    the same pages. Raises GuardError with what is wrong, and CatalogueError where the folder cannot be written or holds what
    this program did not make; in both cases the old site stays as it was.
    """
    folder = folder.absolute()
    new, old = _beside(folder, "new"), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(_beside(folder, "lock"), timeout=60):
            _recover(folder, new, old)
            try:
                new.mkdir()
                problems = site_problems(_written(files, new), base_url, others, memory)
                guard(new)
                _refuse_unfit(problems)
                _keep_for_one_build(new, folder)
                _refuse_foreign(folder)
                if (folder / _KEPT).is_file():
                    shutil.copyfile(folder / _KEPT, new / _KEPT)
                _swap(new, folder, old)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise CatalogueError(f"another build is writing {folder.name}/: wait for it to end") from None
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise CatalogueError(f"{where} cannot be written: {error.strerror}; the old site is untouched") from None


def _beside(folder: Path, name: str) -> Path:
    return folder.with_name(f".{folder.name}-{name}")


def _recover(folder: Path, new: Path, old: Path) -> None:
    """Put things right after a build that was stopped."""
    if not folder.exists() and old.is_dir():
        old.rename(folder)
    for left in (new, old):
        if left.exists():
            shutil.rmtree(left)


def _refuse_foreign(folder: Path) -> None:
    """Nothing is deleted that this program did not make."""
    if folder.is_symlink() or folder.is_file():
        raise CatalogueError(f"{folder} is not a folder: it is not replaced; remove it or name another with --site")
    made = _manifest(folder).paths
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (path.is_dir() and not path.is_symlink()) or name in made or name == _KEPT or path.name == _LITTER:
            continue
        if not made:
            raise CatalogueError(
                f"{folder} holds {name} and no {MANIFEST} of this program: "
                "it is not replaced; empty it or name another folder with --site"
            )
        raise CatalogueError(
            f"{folder} holds {name}, which this program did not make: the old site is not replaced, as that file would "
            "be lost; move it away or name another folder with --site"
        )


@dataclass(frozen=True, slots=True)
class _Manifest:
    """The digests of the files that this program has put into a folder, by path: its own, and those kept for one build."""

    own: dict[str, str]
    kept: dict[str, str]
    paths: frozenset[str]


def _manifest(folder: Path) -> _Manifest:
    """What the list in a folder says; nothing where there is none that can be read."""
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        own, kept = dict(data["sha256"]), dict(data.get("kept", {}))
        return _Manifest(own, kept, frozenset({MANIFEST, *own, *kept}))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return _Manifest({}, {}, frozenset())


def _keep_for_one_build(new: Path, folder: Path) -> None:
    """Take into the new site what pages of the old one still ask for; a build of the same site changes nothing."""
    before, now = _manifest(folder), _manifest(new)
    wanted = before.kept if before.own == now.own else before.own
    kept = {}
    for path, known in sorted(wanted.items()):
        old = folder / path
        if path in now.own or not NAMED_BY_CONTENT.fullmatch(path) or ".." in Path(path).parts:
            continue
        if not old.is_file() or old.is_symlink():
            continue
        content = old.read_bytes()
        if digest(content) != known:
            continue
        (new / path).parent.mkdir(parents=True, exist_ok=True)
        (new / path).write_bytes(content)
        kept[path] = known
    if kept:
        data = json.loads((new / MANIFEST).read_bytes())
        (new / MANIFEST).write_bytes(json_file(MANIFEST, {**data, "kept": kept}).content)


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Put the new site into the folder's place; the old one is then in the place of the new one, or gone."""
    if not folder.exists():
        new.rename(folder)
    elif not _exchanged(new, folder):
        folder.rename(old)
        try:
            new.rename(folder)
        except OSError as error:
            try:
                old.rename(folder)
            except OSError:
                raise CatalogueError(
                    f"{folder} cannot be written: {error.strerror}; the old site is whole in {old}, and the next build "
                    "puts it back"
                ) from None
            raise
        shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two folders have changed places at one stroke, which Linux can on most file systems."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):  # another system, or a C library from before 2018
        return False
    renameat2.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return bool(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _written(files: Iterable[File], new: Path) -> Iterator[File]:
    """Each file, once it is written."""
    for file in files:
        path = new / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(file.content)
        yield file


def _refuse_unfit(problems: Sequence[Problem]) -> None:
    if problems:
        more = len(problems) - _PROBLEMS_SHOWN
        text = as_text(problems[:_PROBLEMS_SHOWN]) + (f"\n… and {more} more" if more > 0 else "")
        raise GuardError(f"the new site is not fit to be published, the old one stays:\n{text}")
