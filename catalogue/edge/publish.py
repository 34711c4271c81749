"""Files -> the published folder: the new site is written to a sibling folder, checked, and swapped in as a whole.

On Linux the swap is one atomic exchange: a build that is stopped at any moment leaves the old site or the new one. On other
systems it is two renames. A build that is stopped between them leaves both sites in sibling folders, and the next build first
puts the old one back.

Scripts, style sheets and the search index have hashes of their content in their paths, and a page names those that it was
built with. If the folder holds the old site, its files of this kind are kept for one more build, so that they are still there for a
page that was open or cached during the swap. A build in a fresh checkout, as every night on GitHub and GitLab, has no old
site: such a page can then only be reloaded.

The old site's folder is not deleted but kept as a spare, into which the next site is written. An unchanged file is a hard link
to the published one: neither files nor folders are created and deleted for it.
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

from ..outputs.check import SiteCheck, is_page, site_problems
from ..outputs.files import HASHED_PATH, File, UnchangedFile, digest, json_file
from ..outputs.site import MANIFEST
from ..problems import CatalogueError, GuardError, Problem, as_text

_GITIGNORE = ".gitignore"  # in the published folder; carried over to each new site
_LITTER = ".DS_Store"  # macOS creates it in every folder that is opened in the Finder
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux
_PROBLEMS_SHOWN = 20


def publish(
    files: Iterable[File | UnchangedFile],
    folder: Path,
    base_url: str,
    extra: Collection[str] = (),
    guard: Callable[[Path], None] = lambda _: None,
    checked: Collection[SiteCheck] = (),
    spare: Path | None = None,
) -> None:
    """Replace the site in `folder` with `files`, if they are fit to be published; files at the paths `extra` are not checked.

    An UnchangedFile is taken from the site in `folder`. All others are written one by one as they come, and none is kept in
    memory. `guard` is called with the folder of the new site before the swap, and raises to prevent it. `checked` is read
    when all files have come: pages that it does not have are checked here. `spare` is where the old site's folder is kept
    for the next build; if it is None, or on another file system than `folder`, that folder is deleted. Raises GuardError
    if the site is unfit, and CatalogueError if the folder cannot be written or holds files that this program did not make;
    in both cases the old site stays as it was.
    """
    folder = folder.absolute()
    if folder.name == "..":
        folder = folder.resolve()
    if not folder.name:
        raise CatalogueError(f"{folder} is not a folder in another one: it is not replaced; name another with --site")
    new, old = _sibling(folder, "new"), _sibling(folder, "old")
    try:
        _manifest_if_ours(folder)  # before a lock is made beside what is refused
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _sibling(folder, "lock")
        with lock.open("a"):  # where this fails, FileLock might only wait
            pass
        with FileLock(lock, timeout=60):
            _recover(folder, new, old)
            published = _inodes_if_ours(folder)
            try:
                _create(new, spare)
                writer = _Writer(new, folder, published)
                paths = [writer(file).path for file in files]
                writer.clear()
                known = set(chain.from_iterable(each.ids for each in checked))
                unchecked = (_file_to_check(new, path) for path in paths if path not in known)
                problems = site_problems(unchecked, base_url, extra, checked)
                guard(new)
                _refuse_unfit(problems)
                _keep_old_assets(new, folder)
                _inodes_if_ours(folder)  # again: a file may have been put there in the meantime
                if (folder / _GITIGNORE).is_file():
                    shutil.copyfile(folder / _GITIGNORE, new / _GITIGNORE)
                _swap(new, folder, old)
            finally:
                _keep_spare(new, spare)
    except Timeout:
        raise CatalogueError(f"another build is writing {folder.name}/: wait for it to end") from None
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise CatalogueError(f"{where} cannot be written: {error.strerror}; the old site is untouched") from None


def _sibling(folder: Path, name: str) -> Path:
    return folder.with_name(f".{folder.name}-{name}")


def _recover(folder: Path, new: Path, old: Path) -> None:
    """Put the old site back if a build was stopped during the swap, and delete what a stopped build has left."""
    if not folder.exists() and old.is_dir():
        old.rename(folder)
    for left in (new, old):
        if left.exists():
            shutil.rmtree(left)


def _inodes_if_ours(folder: Path) -> dict[str, int]:
    """The inodes of all files in the published folder, by path.

    Raises CatalogueError if it holds a file that this program did not make, which would be lost.
    """
    made = _manifest_if_ours(folder).paths
    inodes = {path: each.inode() for path, each in _entries(folder)}
    if name := _first_kept(inodes.keys() - made):
        raise CatalogueError(
            f"{folder} holds {name}, which this program did not make: the old site is not replaced, as that file would "
            "be lost; move it away or name another folder with --site"
        )
    return inodes


def _first_kept(paths: Iterable[str]) -> str | None:
    """The first of these paths that must not be lost; None if there is none."""
    return min((path for path in paths if path != _GITIGNORE and path.rpartition("/")[2] != _LITTER), default=None)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """The digests of the files of a site, by path: its own, and assets of the site before, kept for one build."""

    own: dict[str, str]
    kept: dict[str, str]
    paths: frozenset[str]


def _manifest_if_ours(folder: Path) -> _Manifest:
    """The manifest of the published folder; an empty one if nothing is published yet. Needs no lock.

    Raises CatalogueError if there is something else in its place.
    """
    if folder.is_symlink() or folder.is_file():
        raise CatalogueError(f"{folder} is not a folder: it is not replaced; remove it or name another with --site")
    found = _manifest(folder)
    # Read again: another build may just have published the first site.
    if not found.paths and (name := _first_kept(path for path, _ in _entries(folder))) and not _manifest(folder).paths:
        raise CatalogueError(
            f"{folder} holds {name} and no {MANIFEST} of this program: "
            "it is not replaced; empty it or name another folder with --site"
        )
    return found


def _manifest(folder: Path) -> _Manifest:
    """The manifest in a folder; an empty one if there is none that can be read."""
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        own, kept = dict(data["sha256"]), dict(data.get("kept", {}))
        return _Manifest(own, kept, frozenset({MANIFEST, *own, *kept}))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Manifest({}, {}, frozenset())


def _keep_old_assets(new: Path, folder: Path) -> None:
    """Copy hashed files of the old site, if there is one, to the new one, since open pages may still load them.

    If both sites are the same, those that were kept before stay, so that building again changes nothing.
    """
    before, now = _manifest(folder), _manifest(new)
    wanted = before.kept if before.own == now.own else before.own
    kept = {}
    for path, known in sorted(wanted.items()):
        old = folder / path
        if path in now.own or not HASHED_PATH.fullmatch(path) or ".." in Path(path).parts:
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
    """Put the new site in the folder's place. The old one, if there is one, is then in the place of the new one."""
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
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


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders atomically, if the system can: Linux can, on most file systems. Gives whether it was done."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):  # another system, or a C library from before 2018
        return False
    renameat2.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _create(new: Path, spare: Path | None) -> None:
    """Create the folder of the new site: from the spare folder, if there is one."""
    if spare is not None and spare.is_dir() and not spare.is_symlink():
        with suppress(OSError):  # it is on another file system
            spare.rename(new)
    new.mkdir(exist_ok=True)


def _keep_spare(new: Path, spare: Path | None) -> None:
    """Keep the folder that is not published for the next build, or delete it."""
    if spare is not None:
        with suppress(OSError):  # it is on another file system, or something else is there
            spare.parent.mkdir(parents=True, exist_ok=True)
            new.rename(spare)
            return
    shutil.rmtree(new, ignore_errors=True)


class _Writer:
    """Writes the files of a site into a folder that may hold an older one, which is not trusted.

    A file that is there stays only if it has the inode of the published file: it is a hard link to it.
    """

    def __init__(self, new: Path, folder: Path, published: Mapping[str, int]) -> None:
        """`published` are the inodes of the files in `folder`, the published site, by path."""
        self._new, self._folder, self._published = new, folder, published
        self._left: dict[str, int] = {}  # the inodes of files of the older site, by path, that were not replaced yet
        for path, each in _entries(new):
            if each.is_symlink():
                Path(each.path).unlink()  # or a file could be written to its target
            else:
                self._left[path] = each.inode()

    def __call__(self, file: File | UnchangedFile) -> File | UnchangedFile:
        """Write a file, or link it to the published one; gives the file."""
        inode = self._left.pop(file.path, None)
        if isinstance(file, UnchangedFile):
            if inode is None or inode != self._published.get(file.path):
                self._put(file.path, inode, partial(_link, Path(self._folder, file.path)))
        else:
            self._put(file.path, inode, partial(_write, file.content))
        return file

    def clear(self) -> None:
        """Delete the files of the older site that were not replaced, and folders that are empty without them."""
        for path in self._left:
            with suppress(FileNotFoundError, NotADirectoryError):  # a file has replaced its folder
                Path(self._new, path).unlink()
        emptied = {above for path in self._left for above in PurePosixPath(path).parents}
        for within in sorted(emptied, key=lambda each: len(each.parts), reverse=True):
            with suppress(OSError):  # it is not there, or not empty
                Path(self._new, within).rmdir()

    def _put(self, path: str, inode: int | None, write: Callable[[Path], None]) -> None:
        """Let `write` create a file; `inode` is that of the file that is there, if any."""
        place = Path(self._new, path)
        if inode is not None:
            place.unlink()  # never overwritten: it may be a hard link to a published file
        try:
            write(place)
        except (FileExistsError, FileNotFoundError, NotADirectoryError):
            for above in map(str, PurePosixPath(path).parents):
                if self._left.pop(above, None) is not None:  # a file, in the place of a folder
                    Path(self._new, above).unlink()
            if place.is_dir():
                shutil.rmtree(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place)


def _write(content: bytes, place: Path) -> None:
    with place.open("xb") as stream:
        stream.write(content)


def _link(published: Path, place: Path) -> None:
    try:
        place.hardlink_to(published)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise
    except OSError:  # the file system has no hard links
        shutil.copyfile(published, place)


def _file_to_check(folder: Path, path: str) -> File:
    """A file as the check needs it: only the content of pages is read."""
    return File(path, (folder / path).read_bytes() if is_page(path) else b"")


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything in a folder and its subfolders that is not a folder itself, with its path; links are not followed.

    Nothing if there is no such folder.
    """
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
