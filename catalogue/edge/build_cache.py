"""The build cache on disk. It may be deleted at any time: that costs the next build its speed, and nothing else."""

import hashlib
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path

CACHE_FOLDER = ".cache"

_BUILDS_KEPT = 3  # an entry that was not read in so many builds is evicted
_COMPRESSION_LEVEL = 1  # the fastest
# sqlite3 raises UnicodeDecodeError if a message of SQLite quotes damaged bytes.
_DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
_NO_DAMAGE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL)  # another build has locked the file; the disk is full
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cache
(key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL, build INTEGER NOT NULL)
WITHOUT ROWID
"""


class _Off(sqlite3.OperationalError):
    """The cache is off, or its folder cannot be written."""


class BuildCache:
    """A key-value cache in an SQLite file; each value has a checksum, so that damage is detected.

    The file is opened on first use, in the process that uses it. No error reaches the caller: a damaged value is a miss,
    and after any other error the cache is off for this build. Unless the disk is full, the folder cannot be written, or
    another build has locked the file, it is deleted, so that the next build creates a new one. `program` is a digest of
    code, templates and libraries; values that another program has stored are not found.
    """

    def __init__(self, path: Path, program: str, *, fresh: bool = False) -> None:
        """`fresh` discards what earlier builds have stored."""
        self.path, self.fresh = path, fresh
        self._program = program.encode()
        self._database: sqlite3.Connection | None = None
        self._is_off = False
        self._build = 0
        self._read: list[bytes] = []

    def get(self, key: bytes) -> bytes | None:
        """The value that is stored under a key; None if there is none, or it is damaged."""
        key = self._hashed(key)
        try:
            row = self._open().execute("SELECT value, checksum FROM cache WHERE key = ?", (key,)).fetchone()
            if row is None or zlib.crc32(key + row[0]) != row[1]:
                return None
            value = zlib.decompress(row[0])
        except (*_DATABASE_ERRORS, zlib.error, TypeError) as error:
            self._fail(error)
            return None
        self._read.append(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value for later builds; `commit` saves it."""
        key = self._hashed(key)
        packed = zlib.compress(value, _COMPRESSION_LEVEL)
        checksum = zlib.crc32(key + packed)
        try:
            database = self._open()  # which sets the number of the build
            database.execute("REPLACE INTO cache VALUES (?, ?, ?, ?)", (key, packed, checksum, self._build))
        except _DATABASE_ERRORS as error:
            self._fail(error)

    def commit(self) -> None:
        """Save what this build has stored, evict what the last builds did not read, and close the file."""
        if self._database is None:
            return
        try:
            self._database.executemany(
                "UPDATE cache SET build = ? WHERE key = ?", ((self._build, key) for key in self._read)
            )
            self._database.execute("DELETE FROM cache WHERE build <= ?", (self._build - _BUILDS_KEPT,))
            self._database.commit()
        except _DATABASE_ERRORS as error:
            self._fail(error)
        if self._database is not None:
            self._database.close()
            self._database = None

    def _hashed(self, key: bytes) -> bytes:
        return hashlib.sha256(self._program + key).digest()

    def _open(self) -> sqlite3.Connection:
        if self._is_off:
            raise _Off
        if self._database is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                (self.path.parent / ".gitignore").write_text("*\n")
                if self.fresh:
                    self.path.unlink(missing_ok=True)
            except OSError as error:
                raise _Off(str(error)) from None
            self._database = sqlite3.connect(self.path, timeout=0)
            self._database.execute("PRAGMA synchronous = OFF")  # a power cut may damage the file: that is detected
            self._database.execute(_SCHEMA)
            self._database.execute("BEGIN IMMEDIATE")  # fails if another build has locked the file
            (last,) = self._database.execute("SELECT max(build) FROM cache").fetchone()
            self._build = (last or 0) + 1
        return self._database

    def _fail(self, error: Exception) -> None:
        """Turn the cache off; delete a file that cannot be used, so that the next build creates a new one."""
        if self._database is not None:
            with suppress(*_DATABASE_ERRORS), closing(self._database) as database:
                database.rollback()
            self._database = None
        self._is_off = True
        if not isinstance(error, _Off) and getattr(error, "sqlite_errorcode", None) not in _NO_DAMAGE:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
