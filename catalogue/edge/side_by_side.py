"""Many hosts asked at the same time. Who stops it is not held up by a host that hangs."""

from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def asked_side_by_side(
    hosts: Collection[str], ask: Callable[[str], T], at_once: int, progress: Callable[[str], None] | None = None
) -> list[T]:
    """What `ask` gives for each host, in the order in which they answer; so many are asked at once.

    What is raised for one of them is raised here, and no other is begun with then. `progress` is told each answer.
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
            except BaseException as error:  # noqa: BLE001 - it is raised below, in the thread that waits for it
                todo.clear()
                answer.set_exception(error)
            done.put((host, answer))

    for _ in range(min(at_once, len(hosts))):
        # Not those of a pool, which Python waits for at its end.
        Thread(target=work, daemon=True).start()
    found = []
    try:
        for count in range(1, len(hosts) + 1):
            host, answer = done.get()
            found.append(answer.result())
            if progress:
                progress(f"{count} of {len(hosts)} hosts asked, {host} last")
    finally:  # somebody may have stopped it
        todo.clear()
    return found
