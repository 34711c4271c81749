"""Worker processes that make the files of a site while this process writes them, so that all cores share the work.

Only on Linux, where a worker can be forked with everything that this process has in memory, and only with a second core.
Elsewhere the tasks run in this process, one after the other.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import Queue
from threading import Thread
from typing import Any

from ..outputs.files import File, Files, UnchangedFile
from ..problems import CatalogueError

_BATCH_SIZE = 2**20  # bytes of files in one message, about
_UNCHANGED_SIZE = 200  # bytes that an unchanged file takes in a message, about
_QUEUED_BATCHES = 16  # in each worker, so that it goes on while this process is busy with something else


def files_from_workers(
    tasks: Iterable[Files], on_result: Callable[[Any], object] = lambda _: None
) -> Iterator[File | UnchangedFile]:
    """The files of all tasks, those of each task in order; an exception in a task is raised here.

    A task that is a generator may return a result, which is passed to `on_result` unless it is None. There is one worker
    for each core; the next task is taken from `tasks` when a worker is free. Raises CatalogueError if a worker was killed,
    as by a system that is out of memory.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    if cores < 2:
        for task in tasks:
            result = yield from task  # type: ignore[func-returns-value]  # a generator may return something
            if result is not None:
                on_result(result)
        return
    waiting = iter(tasks)
    workers: dict[Connection, BaseProcess] = {}
    try:
        while True:
            for task in islice(waiting, cores - len(workers)):
                _start_worker(task, workers)
            if not workers:
                return
            for reader in wait([*workers]):
                message = _receive(reader, workers)  # type: ignore[arg-type]  # given connections, it gives connections
                if isinstance(message, list):
                    yield from message
                elif message.result is not None:
                    on_result(message.result)
    finally:
        for reader, worker in workers.items():
            reader.close()
            worker.kill()
            worker.join()


@dataclass(frozen=True, slots=True)
class _Done:
    """The last message of a worker: its task is done, and has returned this."""

    result: object


def _start_worker(task: Files, workers: dict[Connection, BaseProcess]) -> None:
    """Fork a worker that runs a task, and add it to `workers`."""
    fork = get_context("fork")
    reader, writer = fork.Pipe(duplex=False)
    worker = fork.Process(target=_run, args=(task, (reader, *workers), writer), daemon=True)
    # A signal during the fork would be lost: exceptions in the callbacks that Python runs around a fork are ignored.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        worker.start()
        workers[reader] = worker
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    writer.close()


def _receive(reader: Connection, workers: dict[Connection, BaseProcess]) -> list[File | UnchangedFile] | _Done:
    """The next message of a worker; one that is done is removed from `workers`."""
    try:
        message = reader.recv()
    except EOFError:
        worker = workers[reader]
        worker.join()
        raise CatalogueError(
            f"a process that makes the pages was stopped (exit code {worker.exitcode}): is there memory enough? "
            "The old site is untouched"
        ) from None
    if isinstance(message, BaseException):
        raise message
    if isinstance(message, _Done):
        workers.pop(reader).join()
        reader.close()
    received: list[File | UnchangedFile] | _Done = message
    return received


def _run(task: Files, readers: Iterable[Connection], writer: Connection) -> None:
    """What a worker does: make the files of a task, and send them in batches."""
    # Ctrl-C reaches all processes of a terminal. The one that started this worker ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for reader in readers:
        reader.close()  # as long as a read end is open somewhere, writing to its pipe does not fail
    messages: Queue[object] = Queue(_QUEUED_BATCHES)
    sender = Thread(target=_send, args=(messages, writer))
    sender.start()
    result: object = None

    def files() -> Iterator[File | UnchangedFile]:
        nonlocal result
        result = yield from task  # type: ignore[func-returns-value]  # a generator may return something

    try:
        for batch in _batches(files()):
            messages.put(batch)
        messages.put(_Done(result))
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised in the other process
        messages.put(_sendable(error))
    sender.join()


def _sendable(error: BaseException) -> BaseException:
    """The error with its traceback as a note, in a form that another process can receive."""
    try:
        sent: BaseException = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever goes wrong, that error cannot be sent
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note("".join(traceback.format_tb(error.__traceback__)))
    return sent


def _batches(files: Iterable[File | UnchangedFile]) -> Iterator[list[File | UnchangedFile]]:
    batch: list[File | UnchangedFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.content) if isinstance(file, File) else _UNCHANGED_SIZE
        if size > _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    yield batch


def _send(messages: "Queue[object]", writer: Connection) -> None:
    """Send messages up to the first that is not a batch: it is the last."""
    with suppress(BrokenPipeError):
        while True:
            message = messages.get()
            writer.send(message)
            if not isinstance(message, list):
                return
    os._exit(1)  # the other process has stopped reading
