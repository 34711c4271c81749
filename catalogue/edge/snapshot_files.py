"""The folder snapshot/ on the disk: its files as texts by name, and back. No more than one text at a time need be held."""

import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread

from filelock import FileLock, Timeout

from ..problems import CatalogueError
from ..sources.snapshot import HARVEST_FILE

LOCK = ".snapshot-lock"
_PATIENCE = 60  # seconds; to read and write all of a folder takes a moment


class Texts(Mapping[str, str]):
    """The texts of the files in a folder by name, each read when it is asked for. Raises CatalogueError where it cannot be."""

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
            raise CatalogueError(f"{where} cannot be read: {_words(error)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def load(folder: Path) -> dict[str, str]:
    """The texts of the snapshot's files by name; none where there is no folder yet."""
    return dict(Texts(folder))


def save(
    folder: Path, files: Mapping[str, str] | Iterable[tuple[str, str]], left: Iterable[str] = ()
) -> tuple[str, ...]:
    """Make the folder hold these files and say which names changed. A file that is the same is not touched.

    Those that are `left` stay as they are, if none of these takes their place.

    Every new text is on the disk before the first old file is replaced, each at one stroke, `harvest.json` last:
    a run that is stopped, or a full disk, leaves whole files.
    """
    parts: dict[str, Path] = {}
    try:
        gone = {path.name for path in _files(folder)}
        for left_behind in folder.glob(".*.json.part"):
            left_behind.unlink()
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
        gone -= set(left)
        changed = sorted(parts)
        with _undisturbed():
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
        if not isinstance(error, OSError):  # as Ctrl-C
            raise
        raise CatalogueError(f"{folder.name}/ cannot be written: {_words(error)}") from None
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
            raise CatalogueError(f"{folder.name}/{path.name} cannot be read: {_words(error)}") from None
        found[path.name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return found


@contextmanager
def alone(root: Path, folder: str) -> Iterator[None]:
    """No other command writes in snapshot/ until the block, which writes to a folder of it, has ended.

    Raises CatalogueError where another one does for a minute.
    """
    lock = FileLock(root / LOCK, timeout=_PATIENCE)
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
def _undisturbed() -> Iterator[None]:
    """Whoever wants to stop the run waits until the block has ended."""
    if current_thread() is not main_thread():  # signals come to that one only
        yield
        return
    came: list[int] = []
    before = {
        each: signal.signal(each, lambda number, _: came.append(number)) for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in came[:1]:
        signal.raise_signal(number)


def _files(folder: Path) -> list[Path]:
    """The snapshot's files in the order of their names; hidden files, as editors leave them, are not among them.

    Raises CatalogueError where one of them is a link, which may lead to any file of the machine.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CatalogueError(f"{folder.name}/ cannot be read: {_words(error)}") from None
    if link := next((path for path in found if path.is_symlink()), None):
        raise CatalogueError(f"{folder.name}/{link.name} is a link: put the file itself there, or remove it")
    return found


def _words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
