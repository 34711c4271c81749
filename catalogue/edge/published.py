"""What is published now: what the site's own address gives, the site that was built here, or the last commit."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

from ..model import Site
from ..outputs.api import ADDRESS
from ..outputs.guards import Figures, figures, published_figures
from ..outputs.site import MANIFEST
from ..pipeline import Inputs, read
from ..problems import CatalogueError, UpstreamError
from ..sources import facilities, local, site
from ..sources.snapshot import HARVEST_FILE
from .checkout import OBSERVED, SNAPSHOT
from .http import MISSING_STATUSES, Client, user_agent

_SECONDS = 30
_LARGEST = 2**29  # bytes of a list of entries


class Unreadable(Exception):
    """Something is published, and what it holds cannot be read."""


def fetched(settings: Site) -> bytes | None:
    """The list of entries that the address of the site gives; None where it has none.

    Raises UpstreamError where the address does not say either.
    """
    client = Client(user_agent(settings.repository), name="the published site", limit=_LARGEST, deadline=300)
    reply = client.get(f"{settings.base_url}{ADDRESS}", expected=(200, *MISSING_STATUSES))
    if reply.status in MISSING_STATUSES:
        return None
    if published_figures(reply.body) is None:
        raise UpstreamError(f"what {settings.base_url}{ADDRESS} gives is no list of entries")
    return reply.body


def published(root: Path, folder: Path, told: Path | None = None) -> Figures | None:
    """The figures of what is published; None where nothing is known to be.

    `told` is a file with what `fetched` gave: a nightly job has no old site beside it, and what it builds is committed by
    then. Where there is no such file and no site in its folder, it is the last commit. Raises Unreadable where what there is
    cannot be understood.
    """
    if told and told.is_file():
        return _listed(told, str(told))
    if (folder / MANIFEST).is_file():
        return _listed(folder / ADDRESS, f"{folder.name}/{ADDRESS}")
    return _committed(root)


def _listed(path: Path, name: str) -> Figures:
    try:
        found = published_figures(path.read_bytes())
    except OSError:
        found = None
    if found is None:
        raise Unreadable(f"{name} cannot be read")
    return found


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
    """The figures of the catalogue in the last commit of a checkout; None without one, or where it has no catalogue.

    Raises Unreadable where the commit has one that cannot be read.
    """
    harvest = f"{SNAPSHOT}/{HARVEST_FILE}"
    names = [site.FILE, harvest, facilities.FILE, facilities.FOLDER, local.FILE, local.FOLDER]
    try:
        there = _git(root, "ls-tree", "--name-only", "-z", "HEAD", *names).decode().rstrip("\0").split("\0")
    except (OSError, subprocess.CalledProcessError):
        return None  # no git, no repository, no commit
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"the last commit cannot be read ({error})") from None
    if not {site.FILE, harvest} <= {*there}:
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "HEAD", SNAPSHOT, *there))) as archive:
            if link := next((member.name for member in archive.getmembers() if member.issym()), None):
                raise CatalogueError(f"{link} is a link")
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
    except (OSError, subprocess.SubprocessError, tarfile.TarError, UnicodeDecodeError, CatalogueError) as error:
        raise Unreadable(f"the last commit cannot be read ({error})") from None
    if catalogue is None:
        raise Unreadable(f"{site.FILE} of the last commit cannot be read")
    return figures(catalogue)


def _git(root: Path, *words: str) -> bytes:
    done = subprocess.run(  # noqa: S603 - our own words
        ["git", "-C", str(root), *words],  # noqa: S607 - the git of this machine
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    )
    return done.stdout


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
