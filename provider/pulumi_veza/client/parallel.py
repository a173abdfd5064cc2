"""Several requests at the same time; the setting ``requestsPerSecond`` holds for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from typing import Final, TypeVar

AT_ONCE: Final = 16
"""How many requests that only read are sent at the same time."""

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(call: Callable[[T], R], items: Iterable[T], *, at_once: int = AT_ONCE) -> list[R]:
    """Return the results of calls that send requests, in the order of the items.

    The first error is raised, and what has not begun by then is not begun any more. An interrupt does not wait for what
    the tenant does not answer.
    """
    todo = list(items)
    results: dict[int, R] = {}
    errors: list[BaseException] = []
    places, lock, stopped = iter(range(len(todo))), Lock(), Event()

    def work() -> None:
        while not stopped.is_set():
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                results[place] = call(todo[place])
            except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits for it
                errors.append(error)
                stopped.set()

    # The threads of an executor would keep the process until the last response.
    threads = [Thread(target=work, name=f"reading-{number}", daemon=True) for number in range(min(at_once, len(todo)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stopped.set()
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(todo))]
