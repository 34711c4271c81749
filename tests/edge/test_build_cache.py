"""The build cache on disk: never needed, and never trusted when it is damaged."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalogue.edge.build_cache import BuildCache

VALUES = {f"key {number}".encode(): f"<p>{number}</p>".encode() * 50 for number in range(40)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "made.sqlite"


def stored(path: Path) -> None:
    """Stores the values as a build does."""
    cache = BuildCache(path, "program")
    for key, value in VALUES.items():
        cache.put(key, value)
    cache.commit()


def found(path: Path) -> dict[bytes, bytes]:
    cache = BuildCache(path, "program")
    every = {key: value for key in VALUES if (value := cache.get(key)) is not None}
    cache.commit()
    return every


def test_a_stored_value_is_there_for_the_next_build(path: Path) -> None:
    stored(path)
    assert {each.name for each in path.parent.iterdir()} == {"made.sqlite", ".gitignore"}  # git does not see it
    assert found(path) == VALUES
    assert BuildCache(path, "program").get(b"unknown") is None


def test_what_is_not_committed_is_not_stored(path: Path) -> None:
    BuildCache(path, "program").put(b"key", b"value")
    assert BuildCache(path, "program").get(b"key") is None


def test_an_entry_that_three_builds_have_not_read_is_evicted(path: Path) -> None:
    stored(path)
    for _ in range(3):
        cache = BuildCache(path, "program")
        assert cache.get(b"key 1") == VALUES[b"key 1"]
        cache.commit()
    assert found(path) == {b"key 1": VALUES[b"key 1"]}


def test_a_full_build_starts_with_an_empty_cache(path: Path) -> None:
    stored(path)
    cache = BuildCache(path, "program", fresh=True)
    assert cache.get(b"key 1") is None
    cache.put(b"key 2", b"now")
    cache.commit()
    assert found(path) == {b"key 2": b"now"}


def test_a_value_with_a_wrong_checksum_is_a_miss(path: Path) -> None:
    stored(path)
    with sqlite3.connect(path) as file:
        one, two = (key for (key,) in file.execute("SELECT key FROM cache ORDER BY key LIMIT 2"))
        file.execute("UPDATE cache SET value = (SELECT value FROM cache WHERE key = ?) WHERE key = ?", (one, two))
    file.close()
    assert len(found(path)) == len(VALUES) - 1


def test_what_another_program_has_stored_is_a_miss(path: Path) -> None:
    stored(path)
    cache = BuildCache(path, "another")
    assert cache.get(b"key 1") is None
    cache.commit()
    assert found(path) == VALUES


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_detected_and_the_next_build_has_a_cache_again(path: Path, seed: int) -> None:
    stored(path)
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 20, 400])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content[: chance.choice([len(content), len(content) // 2, 10, 0])])
    assert found(path).items() <= VALUES.items()
    stored(path)  # if this build detects the damage, the next one creates a new file
    stored(path)
    assert found(path) == VALUES


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database_is_replaced(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert found(path) == {}
    stored(path)
    assert found(path) == VALUES


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE cache; CREATE TABLE cache (key BLOB PRIMARY KEY)",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = x'a0' WHERE name = 'cache'",
        "UPDATE cache SET value = CAST(x'a0a0' AS TEXT)",
    ],
    ids=["another schema", "a schema in no encoding", "values of another type"],
)
def test_a_database_that_cannot_be_used_is_replaced(path: Path, change: str) -> None:
    stored(path)
    with closing(sqlite3.connect(path)) as file:
        file.executescript(change)
    assert found(path) == {}
    stored(path)
    assert found(path) == VALUES


@pytest.mark.parametrize(("offset", "format_number"), [(18, 5), (19, 5), (47, 9)], ids=["write", "read", "schema"])
def test_a_database_in_an_unknown_format_is_replaced(path: Path, offset: int, format_number: int) -> None:
    """Source of the offsets: https://www.sqlite.org/fileformat2.html#the_database_header"""
    stored(path)
    content = bytearray(path.read_bytes())
    content[offset] = format_number
    path.write_bytes(content)
    stored(path)
    stored(path)
    assert found(path) == VALUES


def test_where_nothing_can_be_written_there_is_no_cache(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    stored(path)
    assert found(path) == {}
    assert path.parent.read_text() == "a file where the folder should be"


def test_of_two_builds_at_once_one_has_no_cache_and_none_waits(path: Path) -> None:
    stored(path)
    one = BuildCache(path, "program")
    assert one.get(b"key 1") == VALUES[b"key 1"]
    assert found(path) == {}
    one.put(b"key 1", b"now")
    one.commit()
    assert found(path) == {**VALUES, b"key 1": b"now"}
