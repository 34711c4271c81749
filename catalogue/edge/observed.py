"""Updates of snapshot/observed/, where several commands each keep a part of the observations."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..sources.observed import recover_observed, write_observed
from .checkout import OBSERVED
from .snapshot_files import FolderTexts, save, snapshot_lock


def update_observed(root: Path, **parts: Any) -> None:
    """Replace these parts of the observations; all others keep their present state on disk, which is read under the lock.

    A file that cannot be read is left alone, unless it holds one of these parts. Raises CatalogueError if the folder cannot
    be read or written.
    """
    folder = root / OBSERVED
    with snapshot_lock(root, OBSERVED):
        before, unread = recover_observed(FolderTexts(folder))
        save(folder, write_observed(replace(before, **parts)), keep=unread)
