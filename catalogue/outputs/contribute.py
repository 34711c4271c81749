"""What contributors see: which file to edit and where, and which keys it may have."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ..model import EXAMPLE_SUMMARY, Guide, Key, Site
from ..problems import Place
from ..repository import NoRepository, Repository, parse_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key and its explanation: `words` are pieces of text, each with whether it is code."""

    name: str
    words: tuple[tuple[bool, str], ...]
    required: bool
    values: tuple[str, ...]
    inside: tuple["KeyView", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """The page that explains one kind of entry. `form` is the URL of an issue form, None if the forge has none."""

    what: str
    file: str
    example: str
    edit: str
    form: str | None
    required: tuple[KeyView, ...]
    optional: tuple[KeyView, ...]
    kinds: tuple[tuple[str, str, tuple[KeyView, ...]], ...]


def guide_view(guide: Guide, site: Site) -> GuideView:
    """A guide with the links to edit its file."""
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
    """A key with its explanation split into text and code."""
    parts = re.split(r"`([^`]*)`", key.description)
    return KeyView(
        name=key.name,
        words=tuple((index % 2 == 1, part) for index, part in enumerate(parts) if part),
        required=key.required,
        values=key.values,
        inside=tuple(key_view(each) for each in key.inside),
    )


def line_address(site: Site, place: Place) -> str:
    """The URL of a line of one of our files on the forge."""
    return f"{_page(site, place.file)}#L{place.line}"


def edit_address(site: Site, file: str) -> str:
    """The URL at which one of our files is edited on the forge, which turns the edit into a fork and a pull request."""
    return re.sub(r"/blob/", "/edit/", _page(site, file), count=1)


def _page(site: Site, file: str) -> str:
    found = repository_of(site)
    if found is None:
        return f"{site.repository}/blob/{site.branch}/{file}"
    return found.at(site.branch, file).page


def repository_of(site: Site) -> Repository | None:
    """The repository of the site itself; None if its forge is not known."""
    return _parsed(site.repository)


@lru_cache(maxsize=8)
def _parsed(address: str) -> Repository | None:
    found = parse_repository(address)
    return None if isinstance(found, NoRepository) else found


def _is_github(site: Site) -> bool:
    found = repository_of(site)
    return found is not None and found.host == "github.com"


def override_draft(doi: str, slug: str) -> str:
    """An item for notebooks.yaml for a harvested entry, which overrides nothing yet."""
    return f"""\
  - ossr: {doi} # {slug}
    # uncomment what you correct:
    # name: the name that readers know it by
    # summary: {EXAMPLE_SUMMARY}
    # interfaces: [notebook] # or desktop, command-line, library, web, service
    # platforms: [Python]
    # keywords: [words, to find it by]
    # notebooks: [{{path: first look.ipynb, title: A first look}}]
"""
