"""What is published now, as far as this machine can tell: the site that was built here, else the last commit."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

from ..outputs.api import ADDRESS
from ..outputs.guards import Figures, figures, published_figures
from ..outputs.site import MANIFEST
from ..pipeline import Inputs, read
from ..problems import CatalogueError
from ..sources import facilities, local, site
from .checkout import OBSERVED, SNAPSHOT

_SECONDS = 30


class Unreadable(Exception):
    """Something is published, and what it holds cannot be read."""


def published(root: Path, folder: Path) -> Figures | None:
    """The figures of what is published; None where nothing is known to be.

    The nightly job has no old site beside it, but the commit that the last one was built from. Raises Unreadable for a
    site of ours whose list of entries is damaged.
    """
    if (folder / MANIFEST).is_file():
        try:
            found = published_figures((folder / ADDRESS).read_bytes())
        except OSError:
            found = None
        if found is None:
            raise Unreadable(f"{folder.name}/{ADDRESS} cannot be read")
        return found
    return _committed(root)


def old_file(folder: Path, path: str) -> bytes | None:
    """A file of the site in a folder; None where there is none that can be read."""
    if path.startswith("/") or ".." in path.split("/"):
        return None
    try:
        with open(f"{folder}/{path}", "rb", buffering=0, opener=_unfollowed) as stream:
            return stream.readall()
    except OSError:
        return None


def _unfollowed(path: str, flags: int) -> int:
    """Open a file, but not by a link."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def _committed(root: Path) -> Figures | None:
    """The figures of the catalogue in the last commit of a checkout; None without one, or where it has no catalogue."""
    names = [site.FILE, facilities.FILE, local.FILE, SNAPSHOT]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", "-C", str(root), "archive", "HEAD", *names],  # noqa: S607 - the git of this machine
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            texts = {
                member.name: stream.read().decode("utf-8")
                for member in archive.getmembers()
                if member.isfile() and (stream := archive.extractfile(member))
            }
        catalogue, _ = read(
            Inputs(
                site=texts[site.FILE],
                facilities=_written(texts, facilities.FILE, facilities.FOLDER),
                notebooks=_written(texts, local.FILE, local.FOLDER),
                snapshot=_inside(texts, SNAPSHOT),
                observed=_inside(texts, OBSERVED),
            )
        )
    except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError, UnicodeDecodeError, CatalogueError):
        return None
    return figures(catalogue) if catalogue else None


def _written(texts: dict[str, str], file: str, folder: str) -> dict[str, str]:
    """The texts of a file that people write and of the `.yaml` files in a folder, by name."""
    return {
        name: text
        for name, text in texts.items()
        if name == file or (name.rpartition("/")[0] == folder and name.endswith(".yaml"))
    }


def _inside(texts: dict[str, str], folder: str) -> dict[str, str]:
    """The JSON files directly in a folder, by name."""
    return {
        name.rpartition("/")[2]: text
        for name, text in texts.items()
        if name.rpartition("/")[0] == folder and name.endswith(".json")
    }
