"""Incremental builds: a page that would come out as it is in the published site is not made, but taken from there.

Pages are made in groups, each by a function of some values and of what all pages share. The cache key of a group is a digest
of both, so no dependency is declared by hand. The cache holds only what the same program has stored. Every page is checked
before it is published: the worker that makes a page also checks it, so that this work is shared, too.
"""

import hashlib
import json
import pickle
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Final

from pydantic import BaseModel

from ..model import Facility, Site, Software
from .cache import NULL_CACHE, Cache
from .check import PageCheck, SiteCheck, check_page, is_page
from .facets import FacetValue
from .facility_views import FacilityView, PlaceView
from .files import File, Files, UnchangedFile, digest, json_text
from .launch_views import OfferView
from .software_views import SoftwareView

# Values of these types occur in many groups; each is digested once.
_SHARED = frozenset({SoftwareView, FacilityView, FacetValue, PlaceView, OfferView, Software, Facility, Site})


class CacheKeys:
    """The cache keys of one build."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}  # by id; the object is kept, or its id could be used again

    def of(self, *values: object) -> bytes:
        """A digest of values. Equal values have equal digests in every process; sets may occur only as fields of objects."""
        return _HashingPickler(self).digest(values)

    def of_shared(self, value: object) -> bytes:
        """The digest of a value that occurs in many groups; it is computed once for each object."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, _HashingPickler(self, root=value).digest(value)
        return known[1]


class _HashingPickler(pickle.Pickler):
    """Hashes values as pickle serialises them, in C; without its memo, so that equal values give equal bytes."""

    def __init__(self, keys: CacheKeys, root: object = None) -> None:
        """`root` is a shared value that is hashed by its fields; any other is hashed by its digest."""
        self._hash = hashlib.sha256()
        super().__init__(self, protocol=5)
        self.dump((bytes, tuple))  # now in the memo, so that pickle does not look them up for each object
        self.fast = True  # nothing else enters the memo: whether two equal values are one object makes no difference
        self.keys, self.root = keys, root

    def write(self, data: bytes) -> None:
        """What pickle calls with its output."""
        self._hash.update(data)

    def digest(self, value: object) -> bytes:
        """The digest of a value."""
        self.dump(value)
        return self._hash.digest()

    def reducer_override(self, value: Any) -> Any:
        """What pickle serialises for an object: its digest if it is a shared value, else its fields."""
        if type(value) in _SHARED and value is not self.root:
            return bytes, (self.keys.of_shared(value),)
        get_fields = _fields_getter(type(value))  # type: ignore[arg-type]  # mypy takes the hash of a class for that of its objects
        return (tuple, (get_fields(value),)) if get_fields else NotImplemented


@cache
def _fields_getter(kind: Any) -> Callable[[Any], tuple[object, ...]] | None:
    """A function that gives the class name and the fields of an object, sets sorted; None for types that pickle knows."""
    name = "__class__.__qualname__"
    if issubclass(kind, Enum):
        return attrgetter(name, "value")
    if is_dataclass(kind):
        types = {each.name: each.type for each in fields(kind)}
    elif issubclass(kind, BaseModel):
        types = {field: each.annotation for field, each in kind.model_fields.items()}
    else:
        return None
    get_fields = attrgetter(name, *types)
    if not any("set[" in str(each) for each in types.values()):
        return get_fields
    return lambda value: tuple(sorted(each) if isinstance(each, frozenset) else each for each in get_fields(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousBuild:
    """What a build may reuse: the cache of each of its tasks, by the name of the task, and the published site.

    `published` gives the content of a file of that site by its path, or None. A cache holds only what was stored by the same
    code with the same templates and libraries.
    """

    cache: Callable[[str], Cache] = lambda _: NULL_CACHE
    published: Callable[[str], bytes | None] = lambda _: None


NO_PREVIOUS_BUILD: Final = PreviousBuild()


class IncrementalBuild:
    """Runs the tasks of a build, each with its cache. Without a previous build, everything is made."""

    def __init__(self, previous: PreviousBuild, root: str, shared: object, common: Iterable[object]) -> None:
        """`root` is the path of the site on its host, `shared` is what all files depend on.

        `common` are values that several tasks use; they are digested here, before the tasks are forked.
        """
        self._previous, self._root = previous, root
        self._keys = CacheKeys()
        self._shared = self._keys.of(root, shared)
        if previous is not NO_PREVIOUS_BUILD:
            for each in common:
                self._keys.of_shared(each)

    def task(
        self, name: str, make: "Callable[[ReusableFiles], Files]"
    ) -> Generator[File | UnchangedFile, None, SiteCheck]:
        """The files of a task; it returns what was found on its pages. Its cache is saved when it is done."""
        task_cache = self._previous.cache(name)
        reusable = ReusableFiles(self._keys, self._root, self._shared, task_cache, self._previous.published)
        yield from make(reusable)
        task_cache.commit()
        return reusable.check


class ReusableFiles:
    """Files of the published site, by the values that they are made of.

    A cache entry has the path, digest and size of each file of a group, whether it is listed, and what was found on it if it
    is a page. An entry is not used if one of its files is not in the published site, or has another digest there. A group
    with a page that is unfit to be published is not stored.
    """

    def __init__(
        self,
        keys: CacheKeys,
        root: str,
        shared: bytes,
        task_cache: Cache,
        published: Callable[[str], bytes | None],
    ) -> None:
        """`shared` is the digest of what all files depend on."""
        self.check = SiteCheck()
        self._keys, self._root, self._shared, self._cache, self._published = keys, root, shared, task_cache, published

    def get_or_make(self, values: Iterable[object], make: Callable[[], Iterable[File]]) -> Files:
        """The files that are made of these values. If all of them are in the published site, none is made.

        Without a cache they are made lazily, and not checked.
        """
        if self._cache is NULL_CACHE:
            return make()
        key = self._keys.of(self._shared, *values)
        entry = self._cache.get(key)
        cached = [(UnchangedFile(*file), page) for *file, page in json.loads(entry)] if entry is not None else []
        if cached and all(self._is_published(file) for file, _ in cached):
            for unchanged, page in cached:
                if page:
                    self.check.add(unchanged.path, PageCheck(*page))
            return [unchanged for unchanged, _ in cached]
        made = [(file, check_page(file, self._root) if is_page(file.path) else None) for file in make()]
        for file, page in made:
            if page:
                self.check.add(file.path, page)
        if not any(page and page.problems for _, page in made):
            self._cache.put(key, json_text([_cached(file, page) for file, page in made]).encode())
        return [file for file, _ in made]

    def _is_published(self, file: UnchangedFile) -> bool:
        content = self._published(file.path)
        return content is not None and digest(content) == file.digest


def _cached(file: File, page: PageCheck | None) -> tuple[object, ...]:
    found = (page.ids, page.targets, page.links) if page else None
    return file.path, file.digest, file.size, file.listed, found
