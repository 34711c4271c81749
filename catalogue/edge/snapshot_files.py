"""The files of snapshot/ on disk: read one at a time, written atomically, guarded by a lock."""

import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread

from filelock import FileLock, Timeout

from ..problems import CatalogueError
from ..sources.snapshot import HARVEST_FILE

LOCK = ".snapshot-lock"
_LOCK_TIMEOUT = 60  # seconds; the lock is held only while files are read and written


class FolderTexts(Mapping[str, str]):
    """The texts of the JSON files in a folder by name, each read on access. Raises CatalogueError if it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.name: path for path in _files(folder)}

    def __getitem__(self, name: str) -> str:
        path = self._paths[name]
        where = f"{path.parent.name}/{name}"
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise CatalogueError(f"{where} is not UTF-8: restore it from the repository's history") from None
        except OSError as error:
            raise CatalogueError(f"{where} cannot be read: {_reason(error)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def load(folder: Path) -> dict[str, str]:
    """The texts of the JSON files in a folder by name; empty if the folder does not exist."""
    return dict(FolderTexts(folder))


def save(
    folder: Path, files: Mapping[str, str] | Iterable[tuple[str, str]], keep: Iterable[str] = ()
) -> tuple[str, ...]:
    """Make the folder contain exactly these JSON files, and of those in `keep` the others; return the names that changed.

    Unchanged files are not touched. All new files are written under temporary names before the first one replaces an old
    file, each atomically and `harvest.json` last: an interrupted run or a full disk leaves no partial file.
    """
    parts: dict[str, Path] = {}
    try:
        gone = {path.name for path in _files(folder)}
        for leftover in folder.glob(".*.json.part"):
            leftover.unlink()
        for name, text in files.items() if isinstance(files, Mapping) else files:
            new = text.encode("utf-8")
            is_there = name in gone
            gone.discard(name)
            if is_there and (folder / name).read_bytes() == new:
                continue
            if not parts:
                folder.mkdir(parents=True, exist_ok=True)
            parts[name] = folder / f".{name}.part"
            parts[name].write_bytes(new)
        gone -= set(keep)
        changed = sorted(parts)
        with _signals_deferred():
            last = parts.pop(HARVEST_FILE, None)
            for name, part in parts.items():
                part.replace(folder / name)
            for name in gone:
                (folder / name).unlink()
            if last:
                last.replace(folder / HARVEST_FILE)
    except BaseException as error:
        for part in folder.glob(".*.json.part"):
            part.unlink(missing_ok=True)
        if not isinstance(error, OSError):  # such as KeyboardInterrupt
            raise
        raise CatalogueError(f"{folder.name}/ cannot be written: {_reason(error)}") from None
    return (*changed, *sorted(gone))


def fingerprint(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Inode, size and modification time of each file by name: not the same once a file was written, replaced or removed."""
    found = {}
    for path in _files(folder):
        try:
            stat = path.stat()
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError as error:
            raise CatalogueError(f"{folder.name}/{path.name} cannot be read: {_reason(error)}") from None
        found[path.name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return found


@contextmanager
def snapshot_lock(root: Path, folder: str) -> Iterator[None]:
    """Hold the lock on snapshot/ in the block, which writes to `folder`, a part of it.

    Raises CatalogueError if another command holds the lock for longer than a minute.
    """
    lock = FileLock(root / LOCK, timeout=_LOCK_TIMEOUT)
    try:
        lock.acquire()
    except Timeout:
        raise CatalogueError(f"another command is writing {folder}/: wait for it to end") from None
    except OSError as error:
        raise CatalogueError(f"{root / LOCK} cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Delay SIGINT and SIGTERM until the end of the block."""
    if current_thread() is not main_thread():  # only that one receives signals
        yield
        return
    received: list[int] = []
    before = {
        each: signal.signal(each, lambda number, _: received.append(number)) for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in received[:1]:
        signal.raise_signal(number)


def _files(folder: Path) -> list[Path]:
    """The JSON files in a folder, sorted by name, without hidden ones, such as those of editors.

    Raises CatalogueError for a symbolic link, which could lead to any file of the machine.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CatalogueError(f"{folder.name}/ cannot be read: {_reason(error)}") from None
    if link := next((path for path in found if path.is_symlink()), None):
        raise CatalogueError(f"{folder.name}/{link.name} is a link: put the file itself there, or remove it")
    return found


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
