"""The memory of builds on disk: a file that may be deleted at any time, and costs the next build its speed and nothing else."""

import hashlib
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path

CACHE = ".cache"

_BUILDS = 3  # what so many builds have not used is forgotten
_FAST = 1  # the level of compression
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL, build INTEGER NOT NULL)
WITHOUT ROWID
"""


class Remembered:
    """What builds have left in a file of SQLite, each value with a sum by which damage is noticed.

    It is opened by the first question, in the process that asks it. What cannot be read is made anew, a file that is
    damaged is begun anew, and where it cannot be written, or another build has it, nothing is kept. What another `program`
    has put is not given: that is a digest of code, templates and libraries.
    """

    def __init__(self, path: Path, program: str, *, anew: bool = False) -> None:
        """`anew` forgets what builds before have left."""
        self.path, self.anew = path, anew
        self._program = program.encode()
        self._file: sqlite3.Connection | None = None
        self._is_off = False
        self._build = 0
        self._used: list[bytes] = []

    def get(self, key: bytes) -> bytes | None:
        """What was put under a key; None where nothing is left of it that is whole."""
        key = self._own(key)
        try:
            found = self._opened().execute("SELECT value, sum FROM kept WHERE key = ?", (key,)).fetchone()
            if found is None or zlib.crc32(key + found[0]) != found[1]:
                return None
            value = zlib.decompress(found[0])
        except (sqlite3.Error, zlib.error, TypeError) as error:
            self._failed(error)
            return None
        self._used.append(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Leave a value for the builds after."""
        key = self._own(key)
        packed = zlib.compress(value, _FAST)
        try:
            file = self._opened()
            file.execute("REPLACE INTO kept VALUES (?, ?, ?, ?)", (key, packed, zlib.crc32(key + packed), self._build))
        except sqlite3.Error as error:
            self._failed(error)

    def keep(self) -> None:
        """Write down what this build has left, and forget what the last ones did not use."""
        if self._file is None:
            return
        try:
            self._file.executemany(
                "UPDATE kept SET build = ? WHERE key = ?", ((self._build, key) for key in self._used)
            )
            self._file.execute("DELETE FROM kept WHERE build <= ?", (self._build - _BUILDS,))
            self._file.commit()
        except sqlite3.Error as error:
            self._failed(error)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _own(self, key: bytes) -> bytes:
        return hashlib.sha256(self._program + key).digest()

    def _opened(self) -> sqlite3.Connection:
        if self._is_off:
            raise sqlite3.OperationalError("no memory")
        if self._file is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                (self.path.parent / ".gitignore").write_text("*\n")
                if self.anew:
                    self.path.unlink(missing_ok=True)
            except OSError as error:
                raise sqlite3.OperationalError(str(error)) from None
            self._file = sqlite3.connect(self.path, timeout=0)
            self._file.execute("PRAGMA synchronous = OFF")  # what a power cut damages is noticed
            self._file.execute(_SCHEMA)
            self._file.execute("BEGIN IMMEDIATE")  # another build that writes has its own way
            (last,) = self._file.execute("SELECT max(build) FROM kept").fetchone()
            self._build = (last or 0) + 1
        return self._file

    def _failed(self, error: Exception) -> None:
        """Go on without; a damaged file is removed, for the next build to begin anew."""
        if self._file is not None:
            with suppress(sqlite3.Error), closing(self._file) as file:
                file.rollback()
            self._file = None
        self._is_off = True
        if not isinstance(error, sqlite3.OperationalError):
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
