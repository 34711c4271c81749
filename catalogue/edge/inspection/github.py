"""A repository at GitHub: its REST API, and its host for raw files, which counts no questions."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from ...launch.look import ListedFile, Listing, listing_of
from ...launch.readiness import FOLDERS
from ...launch.refs import Subject
from ...observed import Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import COMMIT
from .asking import (
    GITHUB_API,
    GONE,
    Asking,
    address,
    ask_json,
    ask_text,
    gone,
    licence_at,
    looks,
    path_of,
    settled,
    text_at,
    with_looks,
)

_RAW = "raw.githubusercontent.com"
_NO_SUCH_REF = (404, 422)
_EMPTY = 409


def look(asking: Asking, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The repository as it is now. Nothing is asked but whether there is news, where there is none."""
    client = asking.client(GITHUB_API, "GitHub")
    path = subject.repository.path
    said = ask_json(
        client,
        f"https://{GITHUB_API}/repos/{quote(path, safe='/')}",
        also=GONE,
        etag=before.etag if before else None,
    )
    if said.status in GONE:
        return settled(gone(subject, asking.now), before)
    if said.data is None and before:
        new = replace(before, asked=asking.now, failing=None)
    else:
        name = text_at(said.data, "full_name")
        if name.count("/") != 1:
            raise UpstreamError("GitHub answered with something else than a repository")
        new = SeenRepository(
            repository=subject.repository.url,
            asked=asking.now,
            archived=said.data.get("archived") is True,
            moved_to=address("github.com", name, path),
            licence=licence_at(said.data, "license", "spdx_id"),
            # A change of the default branch is no push.
            stamp=f"{text_at(said.data, 'pushed_at')} {text_at(said.data, 'default_branch')}",
            etag=said.etag,
        )
    path = path_of(new.moved_to) if new.moved_to else path
    unchanged = before is not None and before.stamp == new.stamp
    if unchanged and before and before.presence is Presence.EMPTY:
        return settled(replace(new, presence=Presence.EMPTY), before)
    remote = _GitHub(asking, path)
    try:
        new = with_looks(new, looks(remote, subject.refs, before, asking.now, unchanged=unchanged))
    except _EmptyRepository:
        new = replace(new, presence=Presence.EMPTY, looks=())
    return settled(new, before)


class _EmptyRepository(Exception):
    """There is no commit yet."""


@dataclass(slots=True)
class _GitHub:
    """A repository at GitHub, by `owner/name`."""

    asking: Asking
    path: str
    trees: dict[str, str] = field(default_factory=dict)

    def _ask(self, what: str, also: tuple[int, ...] = ()) -> Any:
        client = self.asking.client(GITHUB_API, "GitHub")
        return ask_json(client, f"https://{GITHUB_API}/repos/{quote(self.path, safe='/')}/{what}", also=also)

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names, None where there is no such ref."""
        # A page of one file: the answer would hold the differences of all files.
        what = f"commits/{quote(ref or 'HEAD', safe='/')}?per_page=1"
        said = self._ask(what, (*_NO_SUCH_REF, _EMPTY))
        if said.status == _EMPTY:
            raise _EmptyRepository
        if said.status in _NO_SUCH_REF:
            return None
        commit, tree = text_at(said.data, "sha"), text_at(said.data, "commit", "tree", "sha")
        if not COMMIT.fullmatch(commit) or not COMMIT.fullmatch(tree):
            raise UpstreamError("GitHub answered with something else than a commit")
        self.trees[commit] = tree
        return commit

    def listing(self, commit: str) -> Listing:
        """All files at a commit; if GitHub does not list all, at least those at the top and in the builder's folders."""
        said = self._ask(f"git/trees/{self.trees[commit]}?recursive=1")
        cut = said.data.get("truncated") is True if isinstance(said.data, dict) else False
        files = _files(said.data)
        if cut:
            top = self._ask(f"git/trees/{self.trees[commit]}").data
            files += _files(top)
            for folder in FOLDERS:
                if tree := _folder(top, folder):
                    files += _files(self._ask(f"git/trees/{tree}").data, f"{folder}/")
        return listing_of(files, commit=commit, cut=cut)

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The text of a small file."""
        url = f"https://{_RAW}/{quote(self.path, safe='/')}/{listing.commit}/{quote(path, safe='/')}"
        return ask_text(self.asking.client(_RAW, "GitHub"), url)


def _entries(data: Any) -> list[dict[str, Any]]:
    entries = data.get("tree") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise UpstreamError("GitHub answered with something else than a list of files")
    return [each for each in entries if isinstance(each, dict) and isinstance(each.get("path"), str)]


def _files(data: Any, folder: str = "") -> list[ListedFile]:
    return [
        ListedFile(
            path=f"{folder}{each['path']}",
            size=each["size"] if isinstance(each.get("size"), int) else None,
            blob=each["sha"] if isinstance(each.get("sha"), str) else None,
            link=each.get("mode") == "120000",
        )
        for each in _entries(data)
        if each.get("type") == "blob"
    ]


def _folder(data: Any, name: str) -> str | None:
    """The tree of a folder at the top."""
    found = [each.get("sha") for each in _entries(data) if each.get("type") == "tree" and each["path"] == name]
    return found[0] if found and isinstance(found[0], str) and COMMIT.fullmatch(found[0]) else None
