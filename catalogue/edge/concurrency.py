"""Many hosts asked at the same time, in daemon threads: Ctrl-C does not wait for a host that hangs."""

from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from ..problems import UpstreamError

T = TypeVar("T")

_HOSTS_AT_ONCE = 8
_OFFLINE_HOSTS = 3  # if none of this many hosts responds, this machine is taken to be offline


def ask_concurrently(
    hosts: Collection[str],
    ask: Callable[[str], T],
    *,
    workers: int = _HOSTS_AT_ONCE,
    progress: Callable[[str], None] | None = None,
) -> list[T]:
    """The result of `ask` for each host, in order of completion, from this many worker threads.

    An exception from one host is raised here, and no further host is asked. `progress` is called after each result.
    """
    todo = deque(hosts)
    done: SimpleQueue[tuple[str, Future[T]]] = SimpleQueue()

    def work() -> None:
        while True:
            try:
                host = todo.popleft()
            except IndexError:
                return
            answer: Future[T] = Future()
            try:
                answer.set_result(ask(host))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the waiting thread
                todo.clear()
                answer.set_exception(error)
            done.put((host, answer))

    for _ in range(min(workers, len(hosts))):
        # Not a thread pool: at exit, Python would wait for its threads.
        Thread(target=work, daemon=True).start()
    found = []
    try:
        for count in range(1, len(hosts) + 1):
            host, answer = done.get()
            found.append(answer.result())
            if progress:
                progress(f"{count} of {len(hosts)} hosts asked, {host} last")
    finally:  # also after Ctrl-C
        todo.clear()
    return found


def raise_if_offline(hosts: Collection[str], *, answered: bool) -> None:
    """Raise UpstreamError if none of several hosts answered: then this machine is probably offline, and nothing is known."""
    if len(hosts) >= _OFFLINE_HOSTS and not answered:
        raise UpstreamError(f"none of {len(hosts)} hosts answered: this machine may be offline")
