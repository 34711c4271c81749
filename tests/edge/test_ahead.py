"""Files that other processes make: the same files, the same errors, and nothing left behind."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Generator, Iterator

import pytest

from catalogue.edge import checkout
from catalogue.edge.ahead import made_beside
from catalogue.model import Catalogue
from catalogue.outputs.files import File, text_file
from catalogue.outputs.site import site_files
from catalogue.problems import CatalogueError, GuardError
from tests.conftest import TEMPLATES


@pytest.fixture(params=[{0}, {0, 1}], ids=["one core", "two cores"])
def cores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: request.param, raising=False)
    return len(request.param) if sys.platform == "linux" else 1


def made(name: str) -> Iterator[File]:
    """Files that say which process has made them."""
    for number in range(300):
        yield text_file(f"{name}/{number}.txt", f"{os.getpid()} " * 1_000)


def test_the_files_of_each_maker_come_in_their_order_from_processes_of_their_own_where_there_are_cores(
    cores: int,
) -> None:
    found: dict[str, list[str]] = {}
    processes: dict[str, set[int]] = {}
    for each in made_beside(made(name) for name in "abc"):
        assert isinstance(each, File)
        name, _, number = each.path.partition("/")
        found.setdefault(name, []).append(number)
        processes.setdefault(name, set()).add(int(each.text.split()[0]))
    assert found == {name: [f"{number}.txt" for number in range(300)] for name in "abc"}
    every = [process for of in processes.values() for process in of]
    assert len({*every}) == (3 if cores > 1 else 1)
    assert len(every) == 3  # one for each maker
    assert (os.getpid() in every) == (cores == 1)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
def test_what_a_maker_returns_is_told_and_what_returns_nothing_is_not() -> None:
    def files(number: int) -> Generator[File, None, int]:
        yield text_file(f"{number}.txt", "")
        return number

    told: list[int] = []
    found = list(made_beside([files(1), [text_file("a.txt", "")], files(2)], told.append))
    assert {each.path for each in found} == {"1.txt", "2.txt", "a.txt"}
    assert sorted(told) == [1, 2]


def test_a_maker_is_asked_for_when_there_is_a_core_for_it(cores: int) -> None:
    asked: list[str] = []

    def makers() -> Iterator[Iterator[File]]:
        for name in "abc":
            asked.append(name)
            yield made(name)

    files = made_beside(makers())
    next(files)
    assert len(asked) == cores
    assert len(list(files)) == 3 * 300 - 1
    assert asked == [*"abc"]


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize("error", [CatalogueError("a"), GuardError("b"), RuntimeError("c"), KeyboardInterrupt()])
def test_an_error_while_a_file_is_made_is_raised_where_the_files_are_read(error: BaseException) -> None:
    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        raise error

    with pytest.raises(type(error)) as raised:
        list(made_beside([files()]))
    assert raised.value.args == error.args
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
def test_who_stops_reading_leaves_no_process() -> None:
    files = made_beside(made(name) for name in "abc")
    assert next(files).path.endswith("/0.txt")
    files.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the files are made in the same process")
def test_a_maker_that_the_system_stops_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})

    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CatalogueError, match=r"was stopped \(exit code -9\): is there memory enough\?"):
        list(made_beside([files()]))


def test_a_site_that_several_processes_make_is_that_of_one(
    monkeypatch: pytest.MonkeyPatch, real_catalogue: Catalogue, real_files: list[File]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    made = site_files(real_catalogue, TEMPLATES, checkout.assets(), beside=made_beside)
    assert sorted((file for file in made if isinstance(file, File)), key=lambda file: file.path) == real_files
