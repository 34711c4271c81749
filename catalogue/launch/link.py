"""What a facility kind answers, and the two ways to encode a part of an address."""

from dataclasses import dataclass
from urllib.parse import quote

from ..model import Reason
from ..repository import COMMIT, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that launches. `doubts` keep the verdict at maybe; `notes` say what to expect."""

    url: str
    opens: str
    doubts: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def component(text: str) -> str:
    """One part of a path, encoded as a browser writes it again after decoding: BinderHub signs exactly that form."""
    return quote(text, safe="!~*'()[]|")


def query_value(path: str) -> str:
    """The path of a file or page inside a server, as a value in a query: encoded as a path, then as a value."""
    return quote(path, safe="")


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
    """Whether the ref is a full commit hash, which some servers cannot check out."""
    return bool(repository.ref and COMMIT.fullmatch(repository.ref))
