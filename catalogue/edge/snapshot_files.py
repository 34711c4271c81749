"""The folder snapshot/ on the disk: its files as texts by name, and back."""

from collections.abc import Mapping
from pathlib import Path

from ..problems import CatalogueError
from ..sources.snapshot import HARVEST_FILE


def load(folder: Path) -> dict[str, str]:
    """The texts of the snapshot's files by name; none where there is no folder yet."""
    files = {}
    for path in _files(folder):
        where = f"{folder.name}/{path.name}"
        try:
            files[path.name] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise CatalogueError(f"{where} is not UTF-8: restore it from the repository's history") from None
        except OSError as error:
            raise CatalogueError(f"{where} cannot be read: {_words(error)}") from None
    return files


def save(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Make the folder hold these files and say which names changed. A file that is the same is not touched.

    Every new text is on the disk before the first old file is replaced, each at one stroke, `harvest.json` last:
    a run that is stopped, or a full disk, leaves whole files.
    """
    parts: dict[str, Path] = {}
    try:
        old = {path.name: path.read_bytes() for path in _files(folder)}
        new = {name: text.encode("utf-8") for name, text in files.items()}
        changed = sorted(name for name in new if new[name] != old.get(name))
        gone = sorted(old.keys() - new.keys())
        for left_behind in folder.glob(".*.json.part"):
            left_behind.unlink()
        if changed:
            folder.mkdir(parents=True, exist_ok=True)
        for name in changed:
            parts[name] = folder / f".{name}.part"
            parts[name].write_bytes(new[name])
        last = parts.pop(HARVEST_FILE, None)
        for name, part in parts.items():
            part.replace(folder / name)
        for name in gone:
            (folder / name).unlink()
        if last:
            last.replace(folder / HARVEST_FILE)
    except OSError as error:
        for part in folder.glob(".*.json.part"):
            part.unlink(missing_ok=True)
        raise CatalogueError(f"{folder.name}/ cannot be written: {_words(error)}") from None
    return (*changed, *gone)


def _files(folder: Path) -> list[Path]:
    """The snapshot's files in the order of their names; hidden files, as editors leave them, are not among them."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CatalogueError(f"{folder.name}/ cannot be read: {_words(error)}") from None


def _words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
