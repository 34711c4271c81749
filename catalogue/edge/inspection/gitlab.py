"""A repository on a GitLab host: read through the REST API."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from requests.utils import parse_header_links

from ...launch.look import ListedFile, Listing, listing_of
from ...launch.readiness import FOLDERS
from ...launch.refs import Subject
from ...observed import Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import COMMIT
from ..http import resolve_url, same_origin
from .session import (
    GONE_STATUSES,
    ApiResponse,
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

_PER_PAGE = 100
_MAX_PAGES, _MAX_FOLDER_PAGES = 50, 5  # of the recursive list of files, and of that of one folder
# GitLab updates last_activity_at at most once an hour, so a push soon after it would not show.
_ACTIVITY_RESOLUTION = timedelta(hours=1, minutes=5)


def inspect(session: Session, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The present state of the repository. If nothing has changed, this costs one conditional request."""
    host, path = subject.repository.host, subject.repository.path.removesuffix(".git")
    url = f"{_project(host, path)}?license=true"
    response = get_json(session.client(host), url, also=GONE_STATUSES, etag=before.etag if before else None)
    if response.status in GONE_STATUSES:
        return reuse_unchanged(gone_repository(subject, session.now), before)
    if response.data is None and before:
        new = replace(before, asked=session.now, failing=None)
    else:
        name = text_at(response.data, "path_with_namespace")
        if "/" not in name:
            raise UpstreamError(f"{host} answered with something other than a project")
        if "default_branch" not in response.data:  # only members can see the code
            return reuse_unchanged(gone_repository(subject, session.now), before)
        stamp = _stamp(response, session.now)
        new = SeenRepository(
            repository=subject.repository.url,
            asked=session.now,
            archived=response.data.get("archived") is True,
            moved_to=new_url(host, name, path),
            licence=licence_at(response.data, "license", "key"),
            stamp=stamp,
            etag=response.etag if stamp else None,
        )
        if not response.data["default_branch"]:
            return reuse_unchanged(replace(new, presence=Presence.EMPTY), before)
    path = url_path(new.moved_to) if new.moved_to else path
    unchanged = before is not None and new.stamp is not None and before.stamp == new.stamp
    if unchanged and before and before.presence is Presence.EMPTY:
        return reuse_unchanged(replace(new, presence=Presence.EMPTY), before)
    remote = _GitLab(session, host, path)
    return reuse_unchanged(
        with_looks(new, inspect_refs(remote, subject.refs, before, session.now, unchanged=unchanged)), before
    )


def _project(host: str, path: str) -> str:
    return f"https://{host}/api/v4/projects/{quote(path, safe='')}"


def _stamp(response: ApiResponse, now: str) -> str | None:
    """A value that changes with every push; None if the last activity is so recent that another push might not change it."""
    active = text_at(response.data, "last_activity_at")
    try:
        is_settled = datetime.fromisoformat(now) - datetime.fromisoformat(active) > _ACTIVITY_RESOLUTION
    except (ValueError, TypeError):
        return None
    return f"{active} {text_at(response.data, 'default_branch')}" if is_settled else None


@dataclass(slots=True)
class _GitLab:
    """A repository on a GitLab host; `path` is `group/…/name`."""

    session: Session
    host: str
    path: str

    def _get(self, url: str, also: tuple[int, ...] = ()) -> ApiResponse:
        return get_json(self.session.client(self.host), url, also=also)

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names; None if there is no such ref."""
        url = f"{_project(self.host, self.path)}/repository/commits/{quote(ref or 'HEAD', safe='')}?stats=false"
        response = self._get(url, (404,))
        if response.status != 200:
            return None
        commit = text_at(response.data, "id")
        if not COMMIT.fullmatch(commit):
            raise UpstreamError(f"{self.host} answered with something other than a commit")
        return commit

    def listing(self, commit: str) -> Listing:
        """All files at a commit; of a very large repository, at least the top level and the folders that repo2docker reads."""
        entries, cut = self._tree(commit, _MAX_PAGES, recursive="true", pagination="keyset")
        if cut:
            top, _ = self._tree(commit, _MAX_FOLDER_PAGES)
            entries += top
            for folder in FOLDERS:
                if any(each["path"] == folder and each.get("type") == "tree" for each in top):
                    entries += self._tree(commit, _MAX_FOLDER_PAGES, path=folder)[0]
        files = (
            ListedFile(
                path=each["path"],
                blob=each["id"] if isinstance(each.get("id"), str) else None,
                link=each.get("mode") == "120000",
            )
            for each in entries
            if each.get("type") == "blob"
        )
        return listing_of(files, commit=commit, cut=cut)

    def _tree(self, commit: str, max_pages: int, **parameters: str) -> tuple[list[dict[str, Any]], bool]:
        """The entries of a folder, and whether there are more than these pages."""
        query = urlencode({"ref": commit, "per_page": _PER_PAGE, **parameters})
        url = f"{_project(self.host, self.path)}/repository/tree?{query}"
        entries: list[dict[str, Any]] = []
        requested = set()
        for _ in range(max_pages):
            requested.add(url)
            response = self._get(url)
            if not isinstance(response.data, list):
                raise UpstreamError(f"{self.host} answered with something other than a list of files")
            page = [each for each in response.data if isinstance(each, dict) and isinstance(each.get("path"), str)]
            # A host that sends longer pages than requested, or oversized entries, must not exhaust the memory.
            entries += [
                {name: each.get(name) for name in ("path", "type", "id", "mode") if len(str(each.get(name))) <= 1000}
                for each in page[:_PER_PAGE]
            ]
            if len(page) > _PER_PAGE:
                return [each for each in entries if "path" in each], True
            links = parse_header_links(response.response.headers.get("Link", ""))
            next_url = next((link["url"] for link in links if link.get("rel") == "next"), None)
            if next_url is None:
                return [each for each in entries if "path" in each], False
            next_url = resolve_url(url, next_url)
            if not next_url or not same_origin(url, next_url) or next_url in requested:
                raise UpstreamError(f"{self.host} names a next page in another place: not asked")
            url = next_url
        return [each for each in entries if "path" in each], True

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The content of a file; None if it is missing or larger than TEXT_LIMIT."""
        file = f"{_project(self.host, self.path)}/repository/files/{quote(path, safe='')}/raw?ref={listing.commit}"
        return get_text(self.session.client(self.host), file)
