"""Files made by a process of their own, while this one writes and checks those before: two cores share the work.

Only on Linux, where a process can be forked with all that it has read, and where there is a second core.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ..outputs.files import File, Standing
from ..problems import CatalogueError

_MESSAGE = 2**20  # bytes of files in a message, about
_STANDING = 200  # bytes of what is said of a file that stands, about


def made_ahead(files: Iterable[File | Standing]) -> Iterator[File | Standing]:
    """The same files in the same order; what is raised while they are made is raised here.

    Raises CatalogueError where the other process was stopped, as a system does that has no memory left.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        yield from files
        return
    fork = get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    maker = fork.Process(target=_make, args=(files, reader, writer), daemon=True)
    # While a process divides itself, what interrupts it would be lost: the functions that are called then ignore it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        maker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    writer.close()
    try:
        while (message := reader.recv()) is not None:
            if isinstance(message, BaseException):
                raise message
            yield from message
    except EOFError:
        maker.join()
        raise CatalogueError(
            f"the process that makes the pages was stopped (exit code {maker.exitcode}): is there memory enough? "
            "The old site is untouched"
        ) from None
    finally:
        reader.close()
        maker.kill()
        maker.join()


def _make(files: Iterable[File | Standing], reader: Connection, writer: Connection) -> None:
    # Who interrupts a build means the process that he sees; that one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    reader.close()
    try:
        _send(files, writer)
    except BrokenPipeError:
        os._exit(1)  # nobody reads any more
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other process has to know
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        with suppress(BrokenPipeError):
            writer.send(error)


def _send(files: Iterable[File | Standing], writer: Connection) -> None:
    message: list[File | Standing] = []
    size = 0
    for file in files:
        message.append(file)
        size += len(file.content) if isinstance(file, File) else _STANDING
        if size > _MESSAGE:
            writer.send(message)
            message, size = [], 0
    writer.send(message)
    writer.send(None)
