"""What contributors see: where to write, what may stand there, and where an entry of theirs is edited."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ..model import Guide, Key, Site
from ..problems import Place
from ..repository import NoRepository, Repository, parse_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key, explained: `words` are parts of a text, each with whether it is code."""

    name: str
    words: tuple[tuple[bool, str], ...]
    required: bool
    values: tuple[str, ...]
    inside: tuple["KeyView", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """The page on which one kind of entry is explained. `form` is None where the forge has no such forms."""

    what: str
    file: str
    example: str
    edit: str
    form: str | None
    required: tuple[KeyView, ...]
    optional: tuple[KeyView, ...]
    kinds: tuple[tuple[str, str, tuple[KeyView, ...]], ...]


def guide_view(guide: Guide, site: Site) -> GuideView:
    """A guide with its links."""
    keys = tuple(key_view(each) for each in guide.keys)
    return GuideView(
        what=guide.what,
        file=guide.file,
        example=guide.example,
        edit=edit_address(site, guide.file),
        form=f"{site.repository}/issues/new?template={guide.what}.yml" if _is_github(site) else None,
        required=tuple(each for each in keys if each.required),
        optional=tuple(each for each in keys if not each.required),
        kinds=tuple(
            (each.name, f"{each.label}: {each.does}", tuple(key_view(key) for key in each.options))
            for each in guide.kinds
        ),
    )


def key_view(key: Key) -> KeyView:
    """A key with its words in parts."""
    parts = re.split(r"`([^`]*)`", key.description)
    return KeyView(
        name=key.name,
        words=tuple((index % 2 == 1, part) for index, part in enumerate(parts) if part),
        required=key.required,
        values=key.values,
        inside=tuple(key_view(each) for each in key.inside),
    )


def line_address(site: Site, place: Place) -> str:
    """Where a line of a file of ours is read, and edited from."""
    return f"{_page(site, place.file)}#L{place.line}"


def edit_address(site: Site, file: str) -> str:
    """Where a file of ours is edited on the forge, which makes a fork and a pull request of it."""
    return re.sub(r"/blob/", "/edit/", _page(site, file), count=1)


def _page(site: Site, file: str) -> str:
    found = _repository(site.repository)
    if found is None:
        return f"{site.repository}/blob/{site.branch}/{file}"
    return found.at(site.branch, file).page


@lru_cache(maxsize=8)
def _repository(address: str) -> Repository | None:
    found = parse_repository(address)
    return None if isinstance(found, NoRepository) else found


def _is_github(site: Site) -> bool:
    found = _repository(site.repository)
    return found is not None and found.host == "github.com"


def override_draft(doi: str) -> str:
    """The lines by which an entry of the harvest is mended."""
    return f"  - ossr: {doi}\n    summary: What it does, in a sentence.\n"
