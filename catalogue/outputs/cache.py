"""The cache that a build may use. No build needs it: whatever is not in it is computed again."""

from typing import Final, Protocol


class Cache(Protocol):
    """Values that earlier builds have stored, by key. They may be lost at any time, but a value that is found is the one that was stored."""

    def get(self, key: bytes) -> bytes | None:
        """The value that is stored under a key; None if there is none."""

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value for later builds."""

    def commit(self) -> None:
        """Save what was stored. It is the last call; each task of a build makes it once."""


class NullCache:
    """The cache of a build that has none: it finds nothing and stores nothing."""

    def get(self, key: bytes) -> bytes | None:
        """None, always."""

    def put(self, key: bytes, value: bytes) -> None:
        """Does nothing."""

    def commit(self) -> None:
        """Does nothing."""


NULL_CACHE: Final = NullCache()
