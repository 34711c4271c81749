"""The memory of builds on disk: never needed, and never believed when it is damaged."""

import random
import sqlite3
from pathlib import Path

import pytest

from catalogue.edge.remembered import Remembered

VALUES = {f"key {number}".encode(): f"<p>{number}</p>".encode() * 50 for number in range(40)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "made.sqlite"


def left(path: Path) -> None:
    """A file as a build leaves it."""
    memory = Remembered(path, "program")
    for key, value in VALUES.items():
        memory.put(key, value)
    memory.keep()


def found(path: Path) -> dict[bytes, bytes]:
    memory = Remembered(path, "program")
    every = {key: value for key in VALUES if (value := memory.get(key)) is not None}
    memory.keep()
    return every


def test_what_was_put_is_there_for_the_next_build(path: Path) -> None:
    left(path)
    assert {each.name for each in path.parent.iterdir()} == {"made.sqlite", ".gitignore"}  # git does not see it
    assert found(path) == VALUES
    assert Remembered(path, "program").get(b"unknown") is None


def test_what_is_not_kept_is_not_there(path: Path) -> None:
    Remembered(path, "program").put(b"key", b"value")
    assert Remembered(path, "program").get(b"key") is None


def test_what_three_builds_have_not_used_is_forgotten(path: Path) -> None:
    left(path)
    for _ in range(3):
        memory = Remembered(path, "program")
        assert memory.get(b"key 1") == VALUES[b"key 1"]
        memory.keep()
    assert found(path) == {b"key 1": VALUES[b"key 1"]}


def test_a_full_build_begins_anew(path: Path) -> None:
    left(path)
    memory = Remembered(path, "program", anew=True)
    assert memory.get(b"key 1") is None
    memory.put(b"key 2", b"now")
    memory.keep()
    assert found(path) == {b"key 2": b"now"}


def test_a_value_that_is_not_what_was_put_is_nothing(path: Path) -> None:
    left(path)
    with sqlite3.connect(path) as file:
        one, two = (key for (key,) in file.execute("SELECT key FROM kept ORDER BY key LIMIT 2"))
        file.execute("UPDATE kept SET value = (SELECT value FROM kept WHERE key = ?) WHERE key = ?", (one, two))
    file.close()
    assert len(found(path)) == len(VALUES) - 1


def test_what_another_program_has_put_is_not_given(path: Path) -> None:
    left(path)
    memory = Remembered(path, "another")
    assert memory.get(b"key 1") is None
    memory.keep()
    assert found(path) == VALUES


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_noticed_and_the_next_build_has_a_memory_again(path: Path, seed: int) -> None:
    left(path)
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 20, 400])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content[: chance.choice([len(content), len(content) // 2, 10, 0])])
    assert found(path).items() <= VALUES.items()
    left(path)  # where this build notices the damage, the next one begins anew
    left(path)
    assert found(path) == VALUES


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_of_something_else_is_begun_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert found(path) == {}
    left(path)
    assert found(path) == VALUES


def test_where_nothing_can_be_written_nothing_is_kept(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    left(path)
    assert found(path) == {}
    assert path.parent.read_text() == "a file where the folder should be"


def test_of_two_builds_at_once_one_has_no_memory_and_none_waits(path: Path) -> None:
    left(path)
    one = Remembered(path, "program")
    assert one.get(b"key 1") == VALUES[b"key 1"]
    assert found(path) == {}
    one.put(b"key 1", b"now")
    one.keep()
    assert found(path) == {**VALUES, b"key 1": b"now"}
