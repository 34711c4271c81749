"""What a facility kind answers, and the two ways to encode a part of an address."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from ..model import Facility, Reason
from ..repository import COMMIT, GIT_PROVIDERS, Provider, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that launches. `doubts` keep the verdict at maybe; `notes` say what to expect.

    `carries` is whether it carries the software in, and does not lead to a page of the facility only. `builds` is
    whether an environment is built from the repository for it, and `file` the path of the file that it opens, None where
    it opens none.
    """

    url: str
    opens: str
    carries: bool = True
    builds: bool = False
    file: str | None = None
    doubts: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def accepts(facility: Facility, provider: Provider) -> bool:
    """Whether a facility takes code from there; one that takes any Git host takes those that it does not know by name."""
    return provider in facility.providers or (provider in GIT_PROVIDERS and Provider.GIT in facility.providers)


@lru_cache(maxsize=1_000)  # facilities of one kind ask the same
def component(text: str) -> str:
    """One part of a path, encoded as a browser writes it again after decoding: BinderHub signs exactly that form."""
    return quote(text, safe="!~*'()[]|")


@lru_cache(maxsize=1_000)
def query_value(path: str) -> str:
    """The path of a file or page inside a server, as a value in a query: encoded as a path, then as a value."""
    return quote(path, safe="")


def opened_file(file: str | None, opened: str | None) -> str | None:
    """The file itself where it is what opens, None where only a folder around it does."""
    return file if file and opened == quote(file) else None


def file_path(file: str | None, refused: str = "") -> str | None:
    """The longest leading part of a path without the letters that a server cannot open, encoded as a URL path."""
    kept: list[str] = []
    for part in (file or "").split("/"):
        if not part or any(letter in part for letter in refused):
            break
        kept.append(part)
    return quote("/".join(kept)) or None


def what_opens(program: str, file: str | None, opened: str | None) -> str:
    """In words: the notebook, the folder, or the top of the repository."""
    if not opened:
        return f"{program}, at the top of the repository"
    if file and opened == quote(file):
        return f"{program}, {'the notebook' if file.endswith('.ipynb') else 'at'} {file}"
    return f"{program}, in the folder that holds {(file or '').rpartition('/')[2]}"


def is_commit(repository: Repository) -> bool:
    """Whether the ref is a commit, whole or shortened, which some servers cannot check out."""
    ref = repository.ref or ""
    shortened = re.fullmatch(r"[0-9a-f]{7,39}", ref) and not ref.isdigit() and not ref.isalpha()
    return bool(COMMIT.fullmatch(ref) or shortened)
