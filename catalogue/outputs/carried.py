"""How a build knows a page that would come out as one of the builds before.

A page depends on its values, on what all pages of its depth and section have around their content, and on the program. Its
key is a digest of all of that, so nobody has to say what it depends on, and what is forgotten in one place cannot be. What
changes every night and stands on every page is no part of it: `late` words are put in after.
"""

import hashlib
import pickle
from collections.abc import Mapping

from ..model import Facility, Software
from .launch_views import OfferView
from .views import FacilityView, SoftwareView

# These are in the values of many pages each, and are digested once.
_SHARED = frozenset({SoftwareView, FacilityView, OfferView, Software, Facility})


class Keys:
    """The keys of the pages of one build. `program` is a digest of the code, the templates and the libraries."""

    def __init__(self, *program: object) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}
        self._program = self.of(program)

    def of(self, *values: object) -> bytes:
        """A digest of values, equal for equal ones in every process, whatever the order of sets."""
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

    def persistent_id(self, value: object) -> object:
        """What stands for a value: a digest for one that is in many pages, sets in an order."""
        kind = type(value)
        if kind in _SHARED and value is not self.whole:
            return self.keys.once(value)
        if kind in (frozenset, set) and isinstance(value, frozenset | set):
            return "set", sorted(self.keys.of(each) for each in value)
        return None


class Late:
    """Words that change from build to build and stand on very many pages, with the marks that hold their places."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` are as they stand in HTML, escaped, by names."""
        self.marks = {name: f"\ufdd0{name}\ufdd1" for name in words}
        self._words = {self.marks[name]: text for name, text in words.items()}

    def put_in(self, html: str) -> str:
        """A page with the words in their places."""
        for mark, text in self._words.items():
            html = html.replace(mark, text)
        return html
