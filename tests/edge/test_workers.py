"""Worker processes make files: the same files, the same errors, and no process left behind."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Generator, Iterator

import pytest

from catalogue.edge import checkout
from catalogue.edge.workers import files_from_workers
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
    """Files that name the process that made them."""
    for number in range(300):
        yield text_file(f"{name}/{number}.txt", f"{os.getpid()} " * 1_000)


def test_the_files_of_each_task_come_in_order_and_from_a_worker_of_its_own_where_there_are_cores(
    cores: int,
) -> None:
    found: dict[str, list[str]] = {}
    processes: dict[str, set[int]] = {}
    for each in files_from_workers(made(name) for name in "abc"):
        assert isinstance(each, File)
        name, _, number = each.path.partition("/")
        found.setdefault(name, []).append(number)
        processes.setdefault(name, set()).add(int(each.text.split()[0]))
    assert found == {name: [f"{number}.txt" for number in range(300)] for name in "abc"}
    every = [process for of in processes.values() for process in of]
    assert len({*every}) == (3 if cores > 1 else 1)
    assert len(every) == 3  # one for each task
    assert (os.getpid() in every) == (cores == 1)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
def test_the_result_of_a_task_is_passed_on_unless_it_is_none() -> None:
    def files(number: int) -> Generator[File, None, int]:
        yield text_file(f"{number}.txt", "")
        return number

    results: list[int] = []
    found = list(files_from_workers([files(1), [text_file("a.txt", "")], files(2)], results.append))
    assert {each.path for each in found} == {"1.txt", "2.txt", "a.txt"}
    assert sorted(results) == [1, 2]


def test_a_task_is_taken_when_there_is_a_core_for_it(cores: int) -> None:
    taken: list[str] = []

    def tasks() -> Iterator[Iterator[File]]:
        for name in "abc":
            taken.append(name)
            yield made(name)

    files = files_from_workers(tasks())
    next(files)
    assert len(taken) == cores
    assert len(list(files)) == 3 * 300 - 1
    assert taken == [*"abc"]


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize("error", [CatalogueError("a"), GuardError("b"), RuntimeError("c"), KeyboardInterrupt()])
def test_an_error_while_a_file_is_made_is_raised_where_the_files_are_read(error: BaseException) -> None:
    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        raise error

    with pytest.raises(type(error)) as raised:
        list(files_from_workers([files()]))
    assert raised.value.args == error.args
    assert multiprocessing.active_children() == []


class _HoldsAFunction(Exception):
    """An error that cannot be sent to another process."""

    def __init__(self) -> None:
        super().__init__("d")
        self.called = lambda: None


@pytest.mark.usefixtures("cores")
def test_an_error_that_cannot_be_sent_to_another_process_keeps_its_words() -> None:
    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        raise _HoldsAFunction

    with pytest.raises((_HoldsAFunction, RuntimeError)) as raised:  # the first with one core
        list(files_from_workers([files()]))
    assert str(raised.value).endswith("d")
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
def test_closing_the_iterator_early_leaves_no_process() -> None:
    files = files_from_workers(made(name) for name in "abc")
    assert next(files).path.endswith("/0.txt")
    files.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the files are made in the same process")
def test_a_worker_that_the_system_kills_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})

    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CatalogueError, match=r"was stopped \(exit code -9\): is there memory enough\?"):
        list(files_from_workers([files()]))


def test_a_site_from_several_workers_is_that_of_one_process(
    monkeypatch: pytest.MonkeyPatch, real_catalogue: Catalogue, real_files: list[File]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    made = site_files(real_catalogue, TEMPLATES, checkout.assets(), run=files_from_workers)
    assert sorted((file for file in made if isinstance(file, File)), key=lambda file: file.path) == real_files
