"""The launch link that a facility kind returns, and the two ways to encode a part of its URL."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from ..model import Facility, Reason
from ..repository import COMMIT, GIT_PROVIDERS, Provider, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A launch link. `doubts` make the verdict `maybe`; `notes` say what to expect.

    `carries` is whether it takes the software along, rather than leading only to a page of the facility. `builds` is
    whether an environment is built from the repository. `file` is the path of the file that it opens, None for no file.
    """

    url: str
    opens: str
    carries: bool = True
    builds: bool = False
    file: str | None = None
    doubts: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def accepts(facility: Facility, provider: Provider) -> bool:
    """Whether a facility takes code from a provider; one that takes plain Git takes all Git providers."""
    return provider in facility.providers or (provider in GIT_PROVIDERS and Provider.GIT in facility.providers)


@lru_cache(maxsize=1_000)  # the facilities of one kind encode the same texts
def component(text: str) -> str:
    """One segment of a path, encoded as a browser re-encodes it after decoding: BinderHub signs exactly that form."""
    return quote(text, safe="!~*'()[]|")


@lru_cache(maxsize=1_000)
def query_value(path: str) -> str:
    """The encoded path of a file or page on a server, encoded once more as a value in a query."""
    return quote(path, safe="")


def opened_file(file: str | None, opened: str | None) -> str | None:
    """The file, if `opened` (see `file_path`) is the whole file; None if it is only a folder around it."""
    return file if file and opened == quote(file) else None


def file_path(file: str | None, refused: str = "") -> str | None:
    """The longest leading part of a path whose segments have none of the `refused` characters, encoded for a URL.

    None if nothing is left.
    """
    kept: list[str] = []
    for part in (file or "").split("/"):
        if not part or any(letter in part for letter in refused):
            break
        kept.append(part)
    return quote("/".join(kept)) or None


def what_opens(program: str, file: str | None, opened: str | None) -> str:
    """A description of what opens: the program with the notebook, the folder, or the top of the repository."""
    if not opened:
        return f"{program}, at the top of the repository"
    if file and opened == quote(file):
        return f"{program}, {'the notebook' if file.endswith('.ipynb') else 'at'} {file}"
    return f"{program}, in the folder that holds {(file or '').rpartition('/')[2]}"


def is_commit(repository: Repository) -> bool:
    """Whether the ref is a commit, full or abbreviated, which some servers cannot check out."""
    ref = repository.ref or ""
    shortened = re.fullmatch(r"[0-9a-f]{7,39}", ref) and not ref.isdigit() and not ref.isalpha()
    return bool(COMMIT.fullmatch(ref) or shortened)
