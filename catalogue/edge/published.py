"""What is published now, for comparison with a new site: from the site's URL, the last build here, or the last commit."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

from ..model import Site
from ..outputs.api import ADDRESS
from ..outputs.guards import Figures, figures, published_figures
from ..outputs.site import MANIFEST
from ..pipeline import Inputs, build_catalogue
from ..problems import CatalogueError, UpstreamError
from ..sources import facilities, local, site
from ..sources.snapshot import HARVEST_FILE
from .checkout import OBSERVED, SNAPSHOT
from .http import MISSING_STATUSES, Client, user_agent

_GIT_TIMEOUT = 30  # seconds
_SIZE_LIMIT = 2**29  # bytes of api/v1/catalogue.json


class UnreadableSite(Exception):
    """Something is published, but it cannot be read."""


def fetch_published(settings: Site) -> bytes | None:
    """The api/v1/catalogue.json of the published site; None if nothing is published (404 or 410).

    Raises UpstreamError for any other response.
    """
    client = Client(user_agent(settings.repository), name="the published site", limit=_SIZE_LIMIT, deadline=300)
    response = client.get(f"{settings.base_url}{ADDRESS}", expected=(200, *MISSING_STATUSES))
    if response.status in MISSING_STATUSES:
        return None
    if published_figures(response.body) is None:
        raise UpstreamError(f"what {settings.base_url}{ADDRESS} gives is no list of entries")
    return response.body


def published(root: Path, folder: Path, community: str, saved: Path | None = None) -> Figures | None:
    """The figures of the published site; None if nothing of this community is known to be published.

    They come from `saved`, a file with the result of `fetch_published`; else from the site in `folder`; else from the last
    commit. A nightly job needs the file: it has no previous site, and has already committed what it builds. The folder and
    the commit say nothing if they hold the catalogue of another community, of which this checkout was a copy. Raises
    UnreadableSite if the first of these that exists cannot be read.
    """
    if saved and saved.is_file():
        return _figures_in(saved, str(saved))
    is_built = (folder / MANIFEST).is_file()
    found = _figures_in(folder / ADDRESS, f"{folder.name}/{ADDRESS}") if is_built else _committed(root)
    return found if found and found.community == community else None


def _figures_in(path: Path, name: str) -> Figures:
    try:
        found = published_figures(path.read_bytes())
    except OSError:
        found = None
    if found is None:
        raise UnreadableSite(f"{name} cannot be read")
    return found


def read_site_file(folder: Path, path: str) -> bytes | None:
    """The content of a file of the site in a folder; None if it cannot be read, or its path leads out of the folder."""
    if path.startswith("/") or ".." in path.split("/"):
        return None
    try:
        with open(f"{folder}/{path}", "rb", buffering=0, opener=_open_no_follow) as stream:
            return stream.readall()
    except OSError:
        return None


def _open_no_follow(path: str, flags: int) -> int:
    """Open a file unless it is a symbolic link."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def _committed(root: Path) -> Figures | None:
    """The figures of the catalogue in the last commit of a checkout; None without a commit, or a catalogue in it.

    Raises UnreadableSite if that catalogue cannot be read.
    """
    harvest = f"{SNAPSHOT}/{HARVEST_FILE}"
    names = [site.FILE, harvest, facilities.FILE, facilities.FOLDER, local.FILE, local.FOLDER]
    try:
        names_in_commit = _git(root, "ls-tree", "--name-only", "-z", "HEAD", *names).decode().rstrip("\0").split("\0")
    except (OSError, subprocess.CalledProcessError):
        return None  # no git, no repository, no commit
    except subprocess.TimeoutExpired as error:
        raise UnreadableSite(f"the last commit cannot be read ({error})") from None
    if not {site.FILE, harvest} <= {*names_in_commit}:
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "HEAD", SNAPSHOT, *names_in_commit))) as archive:
            if link := next((member.name for member in archive.getmembers() if member.issym()), None):
                raise CatalogueError(f"{link} is a link")
            texts = {
                member.name: stream.read().decode("utf-8")
                for member in archive.getmembers()
                if member.isfile() and (stream := archive.extractfile(member))
            }
        catalogue, _ = build_catalogue(
            Inputs(
                site=texts[site.FILE],
                facilities=_written(texts, facilities.FILE, facilities.FOLDER),
                notebooks=_written(texts, local.FILE, local.FOLDER),
                snapshot=_inside(texts, SNAPSHOT),
                observed=_inside(texts, OBSERVED),
            )
        )
    except (OSError, subprocess.SubprocessError, tarfile.TarError, UnicodeDecodeError, CatalogueError) as error:
        raise UnreadableSite(f"the last commit cannot be read ({error})") from None
    if catalogue is None:
        raise UnreadableSite(f"{site.FILE} of the last commit cannot be read")
    return figures(catalogue)


def _git(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "-C", str(root), *arguments],  # noqa: S607 - the git of this machine
        capture_output=True,
        timeout=_GIT_TIMEOUT,
        check=True,
    )
    return done.stdout


def _written(texts: dict[str, str], file: str, folder: str) -> dict[str, str]:
    """The texts of `file` and of the `.yaml` files in `folder`, by path."""
    return {
        name: text
        for name, text in texts.items()
        if name == file or (name.rpartition("/")[0] == folder and name.endswith(".yaml"))
    }


def _inside(texts: dict[str, str], folder: str) -> dict[str, str]:
    """The texts of the JSON files directly in a folder, by name."""
    return {
        name.rpartition("/")[2]: text
        for name, text in texts.items()
        if name.rpartition("/")[0] == folder and name.endswith(".json")
    }
