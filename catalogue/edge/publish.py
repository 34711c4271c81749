"""Files -> the folder that is published: written beside it, checked, and swapped in whole.

A build that is stopped at any moment leaves the old site, or the new one; between the two renames of the swap it leaves
both beside the folder's place, and the next build puts the old one back before it begins.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from ..outputs.check import site_problems
from ..outputs.files import File
from ..outputs.site import MANIFEST
from ..problems import CatalogueError, GuardError, as_text

_KEPT = ".gitignore"
_PROBLEMS_SHOWN = 20


def publish(files: Iterable[File], folder: Path, base_url: str) -> None:
    """Replace the site in `folder` by `files`, if they are fit to be published.

    Raises GuardError with what is wrong, and CatalogueError where the folder cannot be written or is not ours; in both
    cases the old site stays as it was.
    """
    folder = folder.absolute()
    new, old = _beside(folder, "new"), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(_beside(folder, "lock"), timeout=60):
            _recover(folder, new, old)
            _refuse_foreign(folder)
            try:
                _write(files, new, folder)
                _refuse_unfit(new, base_url)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    except Timeout:
        raise CatalogueError(f"another build is writing {folder.name}/: wait for it to end") from None
    except OSError as error:
        where = error.filename or folder
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
    if folder.is_dir() and not (folder / MANIFEST).is_file():
        foreign = [path.name for path in sorted(folder.iterdir()) if path.name != _KEPT]
        if foreign:
            raise CatalogueError(
                f"{folder} holds {foreign[0]} and no {MANIFEST}, so this program did not make it: "
                "it is not replaced; empty it or name another folder with --site"
            )


def _write(files: Iterable[File], new: Path, folder: Path) -> None:
    new.mkdir()
    for file in files:
        path = new / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(file.content)
    if (folder / _KEPT).is_file():
        shutil.copyfile(folder / _KEPT, new / _KEPT)


def _refuse_unfit(new: Path, base_url: str) -> None:
    written = (
        File(path.relative_to(new).as_posix(), path.read_bytes())
        for path in sorted(new.rglob("*"))
        if path.is_file() and path.name != _KEPT
    )
    problems = site_problems(written, base_url)
    if problems:
        more = len(problems) - _PROBLEMS_SHOWN
        text = as_text(problems[:_PROBLEMS_SHOWN]) + (f"\n… and {more} more" if more > 0 else "")
        raise GuardError(f"the new site is not fit to be published, the old one stays:\n{text}")
