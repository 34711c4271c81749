"""Files made by processes of their own, while this one writes those that come: all cores share the work.

Only on Linux, where a process can be forked with all that it has read, and where there is a second core.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import Queue
from threading import Thread
from typing import Any

from ..outputs.files import File, Files, Standing
from ..problems import CatalogueError

_MESSAGE = 2**20  # bytes of files in a message, about
_STANDING = 200  # bytes of what is said of a file that stands, about
_WAITING = 16  # messages that nobody has read yet: whoever makes them need not wait while this process has other work


def made_beside(makers: Iterable[Files], done: Callable[[Any], object] = lambda _: None) -> Iterator[File | Standing]:
    """The files of all makers, those of each in their order; what is raised while they are made is raised here.

    `done` is given what a maker that is a generator returns, if it is something. As many makers work as there are cores; the
    next one is asked for when there is room for it. Raises CatalogueError where a process was stopped, as a system does that
    has no memory left.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    if cores < 2:
        for files in makers:
            made = _Made(files)
            yield from made
            made.tell(done)
        return
    todo = iter(makers)
    working: dict[Connection, BaseProcess] = {}
    try:
        while True:
            for files in islice(todo, cores - len(working)):
                _begin(files, working)
            if not working:
                return
            for reader in wait([*working]):
                found = _received(reader, working)  # type: ignore[arg-type]  # of connections it gives connections
                if isinstance(found, _Made):
                    found.tell(done)
                else:
                    yield from found
    finally:
        for reader, maker in working.items():
            reader.close()
            maker.kill()
            maker.join()


class _Made:
    """The files of a maker, and what it has returned when it has made them."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._returned: object = None

    def __iter__(self) -> Iterator[File | Standing]:
        self._returned = yield from self._files  # type: ignore[func-returns-value]  # a generator returns something
        self._files = ()  # a generator could not be sent to another process

    def tell(self, done: Callable[[Any], object]) -> None:
        """Tell what was returned."""
        if self._returned is not None:
            done(self._returned)


def _begin(files: Files, working: dict[Connection, BaseProcess]) -> None:
    """Another process, which makes these files."""
    fork = get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    maker = fork.Process(target=_make, args=(files, (reader, *working), writer), daemon=True)
    # While a process divides itself, what interrupts it would be lost: the functions that are called then ignore it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        maker.start()
        working[reader] = maker
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    writer.close()


def _received(reader: Connection, working: dict[Connection, BaseProcess]) -> "list[File | Standing] | _Made":
    """Files that a process has sent; one that has made all of them says so, and is not working any more."""
    try:
        message = reader.recv()
    except EOFError:
        maker = working[reader]
        maker.join()
        raise CatalogueError(
            f"a process that makes the pages was stopped (exit code {maker.exitcode}): is there memory enough? "
            "The old site is untouched"
        ) from None
    if isinstance(message, BaseException):
        raise message
    if isinstance(message, _Made):
        working.pop(reader).join()
        reader.close()
    found: list[File | Standing] | _Made = message
    return found


def _make(files: Files, readers: Iterable[Connection], writer: Connection) -> None:
    # Who interrupts a build means the process that he sees; that one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for reader in readers:
        reader.close()  # who holds one seems to read
    messages: Queue[object] = Queue(_WAITING)
    sender = Thread(target=_send, args=(messages, writer))
    sender.start()
    try:
        made = _Made(files)
        _put(made, messages.put)
        messages.put(made)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other process has to know
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        messages.put(error)
    sender.join()


def _put(files: Iterable[File | Standing], put: Callable[[object], None]) -> None:
    message: list[File | Standing] = []
    size = 0
    for file in files:
        message.append(file)
        size += len(file.content) if isinstance(file, File) else _STANDING
        if size > _MESSAGE:
            put(message)
            message, size = [], 0
    put(message)


def _send(messages: "Queue[object]", writer: Connection) -> None:
    """Send what is put there, up to the last of it, which is no list."""
    with suppress(BrokenPipeError):
        while True:
            message = messages.get()
            writer.send(message)
            if not isinstance(message, list):
                return
    os._exit(1)  # nobody reads any more
