"""snapshot/observed/ on the disk, where several commands keep what they saw, each its own part of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..sources.observed import recover_observed, write_observed
from .checkout import OBSERVED
from .snapshot_files import Texts, alone, save


def update_observed(root: Path, **parts: Any) -> None:
    """Renew these parts of what was seen; all others stay as they are on the disk now, whoever wrote them meanwhile.

    A file that cannot be read stays as it is, too, unless it holds what is renewed. Raises CatalogueError where the folder
    cannot be read or written.
    """
    folder = root / OBSERVED
    with alone(root, OBSERVED):
        before, unread = recover_observed(Texts(folder))
        save(folder, write_observed(replace(before, **parts)), left=unread)
