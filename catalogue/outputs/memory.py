"""What a build carries over from the builds before it: nothing that it needs, and nothing that it could not make itself."""

from typing import Final, Protocol


class Memory(Protocol):
    """What earlier builds have left, by key. It may forget everything at any time, and what it gives is what was put."""

    def get(self, key: bytes) -> bytes | None:
        """What was put under a key; None where nothing is left of it."""

    def put(self, key: bytes, value: bytes) -> None:
        """Leave something for the builds after."""

    def keep(self) -> None:
        """Write down what this build leaves; nothing is asked or put after it."""


class Forgetful:
    """The memory of a build that carries nothing over."""

    def get(self, key: bytes) -> bytes | None:
        """Nothing."""

    def put(self, key: bytes, value: bytes) -> None:
        """Nothing is kept."""

    def keep(self) -> None:
        """Nothing is written."""


FORGETFUL: Final = Forgetful()
