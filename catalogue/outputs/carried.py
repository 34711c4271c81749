"""How a build knows a page that would come out as one of the site that is published, and takes it from there.

A page depends on its values, on what all pages of its depth and section have around their content, and on the program. Its
key is a digest of all of that, so nobody has to say what it depends on, and what is forgotten in one place cannot be. What
changes every night and stands on every page is no part of it: such words are late, and put in after.
"""

import hashlib
import json
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from ..model import Facility, Software
from .files import File, digest, json_text
from .launch_views import OfferView
from .memory import Memory
from .views import FacilityView, PlaceView, SoftwareView

# These are in the values of many pages each, and are digested once.
_SHARED = frozenset({SoftwareView, FacilityView, PlaceView, OfferView, Software, Facility})


class Keys:
    """The keys of the pages of one build. `program` is a digest of the code, the templates and the libraries."""

    def __init__(self, *program: object) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}
        self._program = self.of(program)

    def of(self, *values: object) -> bytes:
        """A digest of values, equal for equal ones in every process; sets may only be fields of objects."""
        return _Digesting(self).digest(values)

    def of_page(self, *values: object) -> bytes:
        """The key of a page that is made of these values."""
        return self.of(self._program, *values)

    def once(self, value: object) -> bytes:
        """The digest of a value that comes many times, known by what it is and not by what it says."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = value, _Digesting(self, whole=value).digest(value)
        return known[1]


class _Digesting(pickle.Pickler):
    """Writes values in a form that is equal for equal values: pickle's own, which C writes, without its memory of objects."""

    def __init__(self, keys: Keys, whole: object = None) -> None:
        self._sum = hashlib.sha256()
        super().__init__(self, protocol=5)
        self.fast = True  # whether two equal values are one object is no difference
        self.keys, self.whole = keys, whole

    def write(self, data: bytes) -> None:
        """Takes what pickle writes."""
        self._sum.update(data)

    def digest(self, value: object) -> bytes:
        """The digest of a value."""
        self.dump(value)
        return self._sum.digest()

    def reducer_override(self, value: Any) -> Any:
        """What stands for an object: a digest for one that is in many pages, else what it holds."""
        if type(value) in _SHARED and value is not self.whole:
            return bytes, (self.keys.once(value),)
        held = _held(type(value))  # type: ignore[arg-type]  # mypy takes the hash of a class for that of its objects
        return (tuple, (held(value),)) if held else NotImplemented


@cache
def _held(kind: Any) -> Callable[[Any], tuple[object, ...]] | None:
    """What gives the name of a class and what an object of it holds, sets in an order; None where pickle knows."""
    name = "__class__.__qualname__"
    if issubclass(kind, Enum):
        return attrgetter(name, "value")
    if not is_dataclass(kind):
        return None
    held = attrgetter(name, *(each.name for each in fields(kind)))
    if not any("set[" in str(each.type) for each in fields(kind)):
        return held
    return lambda value: tuple(sorted(each) if isinstance(each, frozenset) else each for each in held(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What there is of the builds before: what they have left, and the site that is published.

    `published` gives a file of that site by its path, None where there is none; `program` is a digest of the code, with
    the templates, and of the libraries that it uses.
    """

    memory: Memory
    published: Callable[[str], bytes | None]
    program: str


_MARK = re.compile("\ufdd0([a-z-]+)\ufdd1")


def mark(name: str) -> str:
    """What holds the place of a late word in a page."""
    return f"\ufdd0{name}\ufdd1"


Places = list[tuple[str, int, int]]


def filled(html: str, words: Mapping[str, str]) -> tuple[bytes, Places]:
    """A page with its late words, which are by name, as they stand in HTML, escaped; and where each of them stands."""
    content, places, at = bytearray(), [], 0
    for found in _MARK.finditer(html):
        if found[1] in words:
            content += html[at : found.start()].encode()
            first = len(content)
            content += words[found[1]].encode()
            places.append((found[1], first, len(content)))
            at = found.end()
    content += html[at:].encode()
    return bytes(content), places


class Carried:
    """Files of the site that is published, known by the keys of what they are made of.

    Of each the memory has the path, the digest, and where its late words stand. A file that is not there, or has another
    digest, is not known.
    """

    def __init__(self, earlier: Earlier, *around: object) -> None:
        """`around` is what all files depend on."""
        self.keys = Keys(earlier.program, *around)
        self._memory, self._published = earlier.memory, earlier.published

    def page(self, key: bytes, path: str, words: Mapping[str, str], make: Callable[[], str]) -> bytes:
        """The page of a key, with these late words; where it is not known, it is made, with the marks of the words."""
        kept = self._memory.get(key)
        where, known, places = json.loads(kept) if kept is not None else (path, None, [])
        before = self._read(where, known) if known else None
        content, now = filled(make(), words) if before is None else _refilled(before, places, words)
        if (where, before) != (path, content):
            self._memory.put(key, json_text([path, digest(content), now]).encode())
        return content

    def files(self, key: bytes, make: Callable[[], Iterable[File]]) -> list[File]:
        """The files of a key; where one of them is not known, all are made."""
        kept = self._memory.get(key)
        before = [(path, self._read(path, known)) for path, known in json.loads(kept)] if kept is not None else []
        found = [File(path, content) for path, content in before if content is not None]
        if found and len(found) == len(before):
            return found
        made = list(make())
        self._memory.put(key, json_text([(each.path, digest(each.content)) for each in made]).encode())
        return made

    def _read(self, path: str, known: str) -> bytes | None:
        content = self._published(path)
        return content if content is not None and digest(content) == known else None


def _refilled(before: bytes, places: Places, words: Mapping[str, str]) -> tuple[bytes, Places]:
    """A page with other late words in the places of those that it had."""
    content, now, at = bytearray(), [], 0
    for name, start, end in places:
        content += before[at:start]
        first = len(content)
        content += words[name].encode()
        now.append((name, first, len(content)))
        at = end
    content += before[at:]
    return bytes(content), now
