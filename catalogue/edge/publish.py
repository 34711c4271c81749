"""Files -> the folder that is published: written beside it, checked, and swapped in whole.

On Linux the two folders change places at one stroke: a build that is stopped at any moment leaves the old site, or the new
one. Where a system cannot do that, the swap is two renames; stopped between them, a build leaves both sites beside the
folder's place, and the next build puts the old one back before it begins.

Scripts, styles and the search index have names made of their content, and a page names those that it was built with. The ones
of the site before stay for one build more, so that a page that was open, or cached, while a new site came still finds them.

The folder of the site before is not deleted but put by, and the next site is written into it. Of what stands in the published
site, the new one gets a hard link: a file that does not change is not written again, nor are folders made and deleted.
"""

import ctypes
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from ..outputs.check import Reading, is_page, site_problems
from ..outputs.files import NAMED_BY_CONTENT, File, Standing, digest, json_file
from ..outputs.site import MANIFEST
from ..problems import CatalogueError, GuardError, Problem, as_text

_KEPT = ".gitignore"
_LITTER = ".DS_Store"  # which macOS puts into every folder that somebody looks at
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
_PROBLEMS_SHOWN = 20


def publish(
    files: Iterable[File | Standing],
    folder: Path,
    base_url: str,
    others: Collection[str] = (),
    guard: Callable[[Path], None] = lambda _: None,
    read: Iterable[Reading] = (),
    spare: Path | None = None,
) -> None:
    """Replace the site in `folder` by `files`, if they are fit to be published; `others` are paths that are not judged.

    Files that stand are those of the site in `folder`. The others are written one by one as they come, and none is kept in
    memory. `guard` is called with the folder of the new site when all are there, before the old one goes, and raises where
    it should stay. `read` is, when all files have come, what is known of their pages; the others are read here. `spare` is
    where the folder of the site before is put by, on the same file system as `folder`; without it, and elsewhere, that one
    is deleted. Raises GuardError with what is wrong, and CatalogueError where the folder cannot be written or holds what
    this program did not make; in both cases the old site stays as it was.
    """
    folder = folder.absolute()
    if folder.name == "..":
        folder = folder.resolve()
    if not folder.name:
        raise CatalogueError(f"{folder} is not a folder in another one: it is not replaced; name another with --site")
    new, old = _beside(folder, "new"), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(_beside(folder, "lock"), timeout=60):
            _recover(folder, new, old)
            published = _refuse_foreign(folder)
            try:
                _begun(new, spare)
                writer = _Writer(new, folder, published)
                paths = [writer(file).path for file in files]
                writer.clear()
                known = set(chain.from_iterable(each.ids for each in read))
                unread = (_unread(new, path) for path in paths if path not in known)
                problems = site_problems(unread, base_url, others, read)
                guard(new)
                _refuse_unfit(problems)
                _keep_for_one_build(new, folder)
                _refuse_foreign(folder)
                if (folder / _KEPT).is_file():
                    shutil.copyfile(folder / _KEPT, new / _KEPT)
                _swap(new, folder, old)
            finally:
                _put_by(new, spare)
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


def _refuse_foreign(folder: Path) -> dict[str, int]:
    """The numbers of all files in a folder by path. Nothing is deleted that this program did not make."""
    if folder.is_symlink() or folder.is_file():
        raise CatalogueError(f"{folder} is not a folder: it is not replaced; remove it or name another with --site")
    made, found = _manifest(folder).paths, _inodes(folder)
    for name in sorted(found.keys() - made - {_KEPT}):
        if name.rpartition("/")[2] == _LITTER:
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
    return found


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
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
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
        old.rename(new)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two folders have changed places at one stroke, which Linux can on most file systems."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):  # another system, or a C library from before 2018
        return False
    renameat2.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return bool(renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _begun(new: Path, spare: Path | None) -> None:
    """The folder of the new site: the one that was put by, where there is one."""
    try:
        if spare is None or spare.is_symlink():
            raise FileNotFoundError
        spare.rename(new)
    except OSError:
        new.mkdir()


def _put_by(new: Path, spare: Path | None) -> None:
    """Keep for the next build the folder that is not published."""
    try:
        if spare is None:
            raise FileNotFoundError
        spare.parent.mkdir(parents=True, exist_ok=True)
        new.rename(spare)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)


class _Writer:
    """Writes the files of a site into a folder that may hold another one, of which nothing is believed.

    A file there is left alone only where it is the very file that is published, which a hard link has made it.
    """

    def __init__(self, new: Path, folder: Path, published: Mapping[str, int]) -> None:
        """`published` are the numbers of the files in `folder`, which is published."""
        self._new, self._folder, self._published = new, folder, published
        self._left: dict[str, int] = {}
        for path, each in _entries(new):
            if each.is_symlink():
                Path(each.path).unlink()  # nothing is written where it leads
            else:
                self._left[path] = each.inode()

    def __call__(self, file: File | Standing) -> File | Standing:
        """The file, once it is there."""
        before = self._left.pop(file.path, None)
        if isinstance(file, Standing):
            if before is None or before != self._published.get(file.path):
                self._put(file.path, before, partial(_linked, Path(self._folder, file.path)))
        else:
            self._put(file.path, before, partial(_written, file.content))
        return file

    def clear(self) -> None:
        """Remove what was in the folder and is not of this site."""
        for path in self._left:
            with suppress(FileNotFoundError, NotADirectoryError):  # gone with its folder, for a file of this site
                Path(self._new, path).unlink()
        emptied = {above for path in self._left for above in PurePosixPath(path).parents}
        for within in sorted(emptied, key=lambda each: len(each.parts), reverse=True):
            with suppress(OSError):  # it is gone, or not empty
                Path(self._new, within).rmdir()

    def _put(self, path: str, before: int | None, write: Callable[[Path], None]) -> None:
        place = Path(self._new, path)
        if before is not None:
            place.unlink()  # and not written over: it may be a file of the site that is published
        try:
            write(place)
        except (FileExistsError, FileNotFoundError, NotADirectoryError):
            for above in map(str, PurePosixPath(path).parents):
                if self._left.pop(above, None) is not None:  # a file, where a folder is to be
                    Path(self._new, above).unlink()
            if place.is_dir():
                shutil.rmtree(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place)


def _written(content: bytes, place: Path) -> None:
    with place.open("xb") as stream:
        stream.write(content)


def _linked(published: Path, place: Path) -> None:
    try:
        place.hardlink_to(published)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise
    except OSError:  # as a file system says that has no links
        shutil.copyfile(published, place)


def _unread(folder: Path, path: str) -> File:
    return File(path, (folder / path).read_bytes() if is_page(path) else b"")


def _inodes(folder: Path) -> dict[str, int]:
    """The numbers of all files in a folder by path, and of whatever else is in it that is no folder; none where it is not there."""
    return {path: each.inode() for path, each in _entries(folder)}


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that is in a folder and is no folder, by path; links are not followed."""
    todo = [""] if folder.is_dir() else []
    while todo:
        within = todo.pop()
        with os.scandir(f"{folder}/{within}") as entries:
            for each in entries:
                if each.is_dir(follow_symlinks=False):
                    todo.append(f"{within}{each.name}/")
                else:
                    yield f"{within}{each.name}", each


def _refuse_unfit(problems: Sequence[Problem]) -> None:
    if problems:
        more = len(problems) - _PROBLEMS_SHOWN
        text = as_text(problems[:_PROBLEMS_SHOWN]) + (f"\n… and {more} more" if more > 0 else "")
        raise GuardError(f"the new site is not fit to be published, the old one stays:\n{text}")
