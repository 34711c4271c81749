"""How a build knows a page that would come out as one of the site that is published, and takes it from there.

Pages are made in groups, each by a function of values and of what all pages share. The key of a group is a digest of both,
so nobody has to say what a page depends on. What the builds before have left was made by the same program. Who makes a page
reads it, too, as it is read before it is published, so that both are done by as many processes as there are.
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
from .check import Reading, ReadPage, is_page, page_of
from .facets import FacetValue
from .files import File, Files, Standing, digest, json_text
from .launch_views import OfferView
from .memory import FORGETFUL, Memory
from .views import FacilityView, PlaceView, SoftwareView

# These are in the values of many groups each, and are digested once.
_SHARED = frozenset({SoftwareView, FacilityView, FacetValue, PlaceView, OfferView, Software, Facility, Site})


class Keys:
    """The keys of what one build makes."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}

    def of(self, *values: object) -> bytes:
        """A digest of values, equal for equal ones in every process; sets may only be fields of objects."""
        return _Digesting(self).digest(values)

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
        self.dump((bytes, tuple))  # known from here on, and not looked up for each object
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
    if is_dataclass(kind):
        types = {each.name: each.type for each in fields(kind)}
    elif issubclass(kind, BaseModel):
        types = {field: each.annotation for field, each in kind.model_fields.items()}
    else:
        return None
    held = attrgetter(name, *types)
    if not any("set[" in str(each) for each in types.values()):
        return held
    return lambda value: tuple(sorted(each) if isinstance(each, frozenset) else each for each in held(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What there is of the builds before: what they have left, and the site that is published.

    `published` gives a file of that site by its path, None where there is none. Each maker of files has a `memory` of its own,
    by its name; what is in it was made by the same code, with the same templates and libraries.
    """

    memory: Callable[[str], Memory] = lambda _: FORGETFUL
    published: Callable[[str], bytes | None] = lambda _: None


NOTHING_EARLIER: Final = Earlier()


class Carrying:
    """How files are made where what the builds before have made may be taken: the keys of what all of them depend on."""

    def __init__(self, earlier: Earlier, root: str, shared: object, often: Iterable[object]) -> None:
        """`root` is the path of the site on its host, `shared` is what all files depend on.

        `often` are values that several makers have, who are to find them digested.
        """
        self._earlier, self._root = earlier, root
        self._keys = Keys()
        self._shared = self._keys.of(root, shared)
        if earlier is not NOTHING_EARLIER:
            for each in often:
                self._keys.once(each)

    def maker(self, name: str, make: "Callable[[Carried], Files]") -> Generator[File | Standing, None, Reading]:
        """What a maker of this name makes, which is remembered when it is done; and what was read on its pages."""
        memory = self._earlier.memory(name)
        carried = Carried(self._keys, self._root, self._shared, memory, self._earlier.published)
        yield from make(carried)
        memory.keep()
        return carried.reading


class Carried:
    """Files of the site that is published, known by the keys of what they are made of.

    Of each the memory has the path, the digest, the size, whether it is listed, and what was read on it. A file that is not
    there, or has another digest, is not known, nor are those among which is a page that is not fit to be published.
    """

    def __init__(
        self, keys: Keys, root: str, shared: bytes, memory: Memory, published: Callable[[str], bytes | None]
    ) -> None:
        """`shared` is the digest of what all files depend on."""
        self.reading = Reading()
        self._keys, self._root, self._shared, self._memory, self._published = keys, root, shared, memory, published

    def files(self, values: Iterable[object], make: Callable[[], Iterable[File]]) -> Files:
        """The files that are made of these values; where one of them does not stand in the published site, all are made.

        Without a memory they are made one by one, and not read.
        """
        if self._memory is FORGETFUL:
            return make()
        key = self._keys.of(self._shared, *values)
        kept = self._memory.get(key)
        before = [(Standing(*file), page) for *file, page in json.loads(kept)] if kept is not None else []
        if before and all(self._stands(file) for file, _ in before):
            for standing, page in before:
                if page:
                    self.reading.add(standing.path, ReadPage(*page))
            return [standing for standing, _ in before]
        made = [(file, page_of(file, self._root) if is_page(file.path) else None) for file in make()]
        for file, page in made:
            if page:
                self.reading.add(file.path, page)
        if not any(page and page.problems for _, page in made):
            self._memory.put(key, json_text([_kept(file, page) for file, page in made]).encode())
        return [file for file, _ in made]

    def _stands(self, file: Standing) -> bool:
        content = self._published(file.path)
        return content is not None and digest(content) == file.digest


def _kept(file: File, page: ReadPage | None) -> tuple[object, ...]:
    read = (page.ids, page.places, page.links) if page else None
    return file.path, file.digest, file.size, file.listed, read
