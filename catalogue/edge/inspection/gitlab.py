"""A repository at a GitLab: its REST API."""

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
from ..http import joined, same_origin
from .asking import (
    GONE,
    Asking,
    Said,
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

_PER_PAGE = 100
_PAGES, _TOP_PAGES = 50, 5  # of so many files each
# GitLab notes the time of the last activity at most once an hour: a later push would not show.
_SETTLED = timedelta(hours=1, minutes=5)


def look(asking: Asking, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The repository as it is now. Nothing is asked but whether there is news, where there is none."""
    host, path = subject.repository.host, subject.repository.path.removesuffix(".git")
    url = f"{_project(host, path)}?license=true"
    said = ask_json(asking.client(host), url, also=GONE, etag=before.etag if before else None)
    if said.status in GONE:
        return settled(gone(subject, asking.now), before)
    if said.data is None and before:
        new = replace(before, asked=asking.now, failing=None)
    else:
        name = text_at(said.data, "path_with_namespace")
        if "/" not in name:
            raise UpstreamError(f"{host} answered with something else than a project")
        if "default_branch" not in said.data:  # its code is for members only
            return settled(gone(subject, asking.now), before)
        stamp = _stamp(said, asking.now)
        new = SeenRepository(
            repository=subject.repository.url,
            asked=asking.now,
            archived=said.data.get("archived") is True,
            moved_to=address(host, name, path),
            licence=licence_at(said.data, "license", "key"),
            stamp=stamp,
            etag=said.etag if stamp else None,
        )
        if not said.data["default_branch"]:
            return settled(replace(new, presence=Presence.EMPTY), before)
    path = path_of(new.moved_to) if new.moved_to else path
    unchanged = before is not None and new.stamp is not None and before.stamp == new.stamp
    if unchanged and before and before.presence is Presence.EMPTY:
        return settled(replace(new, presence=Presence.EMPTY), before)
    remote = _GitLab(asking, host, path)
    return settled(with_looks(new, looks(remote, subject.refs, before, asking.now, unchanged=unchanged)), before)


def _project(host: str, path: str) -> str:
    return f"https://{host}/api/v4/projects/{quote(path, safe='')}"


def _stamp(said: Said, now: str) -> str | None:
    """What changes whenever something is pushed, None where a push that is still to come might not show in it."""
    active = text_at(said.data, "last_activity_at")
    try:
        is_settled = datetime.fromisoformat(now) - datetime.fromisoformat(active) > _SETTLED
    except (ValueError, TypeError):
        return None
    return f"{active} {text_at(said.data, 'default_branch')}" if is_settled else None


@dataclass(slots=True)
class _GitLab:
    """A repository at a GitLab, by `group/…/name`."""

    asking: Asking
    host: str
    path: str

    def _ask(self, url: str, also: tuple[int, ...] = ()) -> Said:
        return ask_json(self.asking.client(self.host), url, also=also)

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names, None where there is no such ref."""
        url = f"{_project(self.host, self.path)}/repository/commits/{quote(ref or 'HEAD', safe='')}?stats=false"
        said = self._ask(url, (404,))
        if said.status != 200:
            return None
        commit = text_at(said.data, "id")
        if not COMMIT.fullmatch(commit):
            raise UpstreamError(f"{self.host} answered with something else than a commit")
        return commit

    def listing(self, commit: str) -> Listing:
        """All files at a commit; of a very large repository at least those at the top and in the builder's folders."""
        entries, cut = self._tree(commit, _PAGES, recursive="true", pagination="keyset")
        if cut:
            top, _ = self._tree(commit, _TOP_PAGES)
            entries += top
            for folder in FOLDERS:
                if any(each["path"] == folder and each.get("type") == "tree" for each in top):
                    entries += self._tree(commit, _TOP_PAGES, path=folder)[0]
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

    def _tree(self, commit: str, most: int, **how: str) -> tuple[list[dict[str, Any]], bool]:
        """The entries of a folder, and whether there are more."""
        query = urlencode({"ref": commit, "per_page": _PER_PAGE, **how})
        url = f"{_project(self.host, self.path)}/repository/tree?{query}"
        entries: list[dict[str, Any]] = []
        asked = set()
        for _ in range(most):
            asked.add(url)
            said = self._ask(url)
            if not isinstance(said.data, list):
                raise UpstreamError(f"{self.host} answered with something else than a list of files")
            page = [each for each in said.data if isinstance(each, dict) and isinstance(each.get("path"), str)]
            # A host that sends longer pages than were asked for, or longer entries, must not fill the memory.
            entries += [
                {name: each.get(name) for name in ("path", "type", "id", "mode") if len(str(each.get(name))) <= 1000}
                for each in page[:_PER_PAGE]
            ]
            if len(page) > _PER_PAGE:
                return [each for each in entries if "path" in each], True
            links = parse_header_links(said.reply.headers.get("Link", ""))
            following = next((link["url"] for link in links if link.get("rel") == "next"), None)
            if following is None:
                return [each for each in entries if "path" in each], False
            following = joined(url, following)
            if not following or not same_origin(url, following) or following in asked:
                raise UpstreamError(f"{self.host} names a next page in another place: not asked")
            url = following
        return [each for each in entries if "path" in each], True

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The text of a small file."""
        file = f"{_project(self.host, self.path)}/repository/files/{quote(path, safe='')}/raw?ref={listing.commit}"
        return ask_text(self.asking.client(self.host), file)
