"""Several requests at the same time; the setting ``requestsPerSecond`` holds for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Final, TypeVar

AT_ONCE: Final = 16
"""How many requests that only read are sent at the same time."""

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(call: Callable[[T], R], items: Iterable[T], *, at_once: int = AT_ONCE) -> list[R]:
    """Return the results of calls that send requests, in the order of the items; `as_answered` says how."""
    todo = list(items)
    results = dict(as_answered(lambda place: call(todo[place]), range(len(todo)), at_once=at_once))
    return [results[place] for place in range(len(todo))]


def as_answered(call: Callable[[T], R], items: Iterable[T], *, at_once: int = AT_ONCE) -> Iterator[tuple[T, R]]:
    """Yield each item with the result of a call that sends requests, in the order in which the tenant answers.

    The first error is raised once what is on its way has been answered, and what has not begun by then is not begun any
    more. An interrupt waits for nothing.
    """
    todo = list(items)
    answers: SimpleQueue[tuple[int, R] | BaseException] = SimpleQueue()
    places, lock, stopped = iter(range(len(todo))), Lock(), Event()

    def work() -> None:
        while not stopped.is_set():
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                answers.put((place, call(todo[place])))
            except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits for it
                stopped.set()
                answers.put(error)

    # The threads of an executor would keep the process until the last response.
    threads = [Thread(target=work, name=f"reading-{number}", daemon=True) for number in range(min(at_once, len(todo)))]
    try:
        for thread in threads:
            thread.start()
        for _ in todo:
            answer = answers.get()
            if isinstance(answer, BaseException):
                # The caller closes the client, which none of them may use then.
                for thread in threads:
                    thread.join()
                raise answer
            yield todo[answer[0]], answer[1]
    finally:
        stopped.set()
