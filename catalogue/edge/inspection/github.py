"""A repository on GitHub: read through the REST API and the host for raw files, which has no rate limit."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from ...launch.look import ListedFile, Listing, listing_of
from ...launch.readiness import FOLDERS
from ...launch.refs import Subject
from ...observed import Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import COMMIT
from .session import (
    GITHUB_API,
    GONE_STATUSES,
    Session,
    get_json,
    get_text,
    gone_repository,
    inspect_refs,
    licence_at,
    new_url,
    reuse_unchanged,
    text_at,
    url_path,
    with_looks,
)

_RAW = "raw.githubusercontent.com"
_NO_SUCH_REF = (404, 422)
_EMPTY = 409


def inspect(session: Session, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The present state of the repository. If nothing has changed, this costs one conditional request."""
    client = session.client(GITHUB_API, "GitHub")
    path = subject.repository.path
    response = get_json(
        client,
        f"https://{GITHUB_API}/repos/{quote(path, safe='/')}",
        also=GONE_STATUSES,
        etag=before.etag if before else None,
    )
    if response.status in GONE_STATUSES:
        return reuse_unchanged(gone_repository(subject, session.now), before)
    if response.data is None and before:
        new = replace(before, asked=session.now, failing=None)
    else:
        name = text_at(response.data, "full_name")
        if name.count("/") != 1:
            raise UpstreamError("GitHub answered with something other than a repository")
        new = SeenRepository(
            repository=subject.repository.url,
            asked=session.now,
            archived=response.data.get("archived") is True,
            moved_to=new_url("github.com", name, path),
            licence=licence_at(response.data, "license", "spdx_id"),
            # A change of the default branch does not change pushed_at.
            stamp=f"{text_at(response.data, 'pushed_at')} {text_at(response.data, 'default_branch')}",
            etag=response.etag,
        )
    path = url_path(new.moved_to) if new.moved_to else path
    unchanged = before is not None and before.stamp == new.stamp
    if unchanged and before and before.presence is Presence.EMPTY:
        return reuse_unchanged(replace(new, presence=Presence.EMPTY), before)
    remote = _GitHub(session, path)
    try:
        new = with_looks(new, inspect_refs(remote, subject.refs, before, session.now, unchanged=unchanged))
    except _EmptyRepository:
        new = replace(new, presence=Presence.EMPTY, looks=())
    return reuse_unchanged(new, before)


class _EmptyRepository(Exception):
    """The repository has no commit yet."""


@dataclass(slots=True)
class _GitHub:
    """A repository on GitHub; `path` is `owner/name`."""

    session: Session
    path: str
    trees: dict[str, str] = field(default_factory=dict)

    def _get(self, what: str, also: tuple[int, ...] = ()) -> Any:
        client = self.session.client(GITHUB_API, "GitHub")
        return get_json(client, f"https://{GITHUB_API}/repos/{quote(self.path, safe='/')}/{what}", also=also)

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names; None if there is no such ref."""
        # One file per page: the response would contain the diffs of all files.
        what = f"commits/{quote(ref or 'HEAD', safe='/')}?per_page=1"
        response = self._get(what, (*_NO_SUCH_REF, _EMPTY))
        if response.status == _EMPTY:
            raise _EmptyRepository
        if response.status in _NO_SUCH_REF:
            return None
        commit, tree = text_at(response.data, "sha"), text_at(response.data, "commit", "tree", "sha")
        if not COMMIT.fullmatch(commit) or not COMMIT.fullmatch(tree):
            raise UpstreamError("GitHub answered with something other than a commit")
        self.trees[commit] = tree
        return commit

    def listing(self, commit: str) -> Listing:
        """All files at a commit; of a list that GitHub truncates, at least the top level and the folders that repo2docker reads."""
        response = self._get(f"git/trees/{self.trees[commit]}?recursive=1")
        cut = response.data.get("truncated") is True if isinstance(response.data, dict) else False
        files = _files(response.data)
        if cut:
            top = self._get(f"git/trees/{self.trees[commit]}").data
            files += _files(top)
            for folder in FOLDERS:
                if tree := _folder(top, folder):
                    files += _files(self._get(f"git/trees/{tree}").data, f"{folder}/")
        return listing_of(files, commit=commit, cut=cut)

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The content of a file; None if it is missing or larger than TEXT_LIMIT."""
        url = f"https://{_RAW}/{quote(self.path, safe='/')}/{listing.commit}/{quote(path, safe='/')}"
        return get_text(self.session.client(_RAW, "GitHub"), url)


def _entries(data: Any) -> list[dict[str, Any]]:
    entries = data.get("tree") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise UpstreamError("GitHub answered with something other than a list of files")
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
    """The id of the tree of a top-level folder; None if there is none."""
    found = [each.get("sha") for each in _entries(data) if each.get("type") == "tree" and each["path"] == name]
    return found[0] if found and isinstance(found[0], str) and COMMIT.fullmatch(found[0]) else None
