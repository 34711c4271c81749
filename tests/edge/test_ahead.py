"""Files that another process makes ahead: the same files, the same errors, and nothing left behind."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from catalogue.edge.ahead import made_ahead
from catalogue.outputs.files import File, text_file
from catalogue.problems import CatalogueError, GuardError


@pytest.fixture(params=[{0}, {0, 1}], ids=["one core", "two cores"])
def cores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: request.param, raising=False)
    return len(request.param) if sys.platform == "linux" else 1


def makers() -> Iterator[File]:
    """Files that say which process has made them."""
    for number in range(500):
        yield text_file(f"{number}.txt", f"{os.getpid()} " * 1_000)


def test_the_same_files_come_in_the_same_order_from_another_process_where_there_is_a_core_for_it(cores: int) -> None:
    found = list(made_ahead(makers()))
    assert [each.path for each in found] == [f"{number}.txt" for number in range(500)]
    [maker] = {int(each.text.split()[0]) for each in found if isinstance(each, File)}
    assert (maker != os.getpid()) == (cores > 1)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize("error", [CatalogueError("a"), GuardError("b"), RuntimeError("c"), KeyboardInterrupt()])
def test_an_error_while_a_file_is_made_is_raised_where_the_files_are_read(error: BaseException) -> None:
    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        raise error

    with pytest.raises(type(error)) as raised:
        list(made_ahead(files()))
    assert raised.value.args == error.args
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("cores")
def test_who_stops_reading_leaves_no_process() -> None:
    files = made_ahead(makers())
    assert next(files).path == "0.txt"
    files.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the files are made in the same process")
def test_a_maker_that_the_system_stops_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})

    def files() -> Iterator[File]:
        yield text_file("a.txt", "a")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CatalogueError, match=r"was stopped \(exit code -9\): is there memory enough\?"):
        list(made_ahead(files()))
