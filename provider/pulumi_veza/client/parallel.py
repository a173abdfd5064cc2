"""Several requests at the same time; the setting ``requestsPerSecond`` holds for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Final, TypeVar

AT_ONCE: Final = 16
"""How many requests that only read are sent at the same time."""

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(call: Callable[[T], R], items: Iterable[T], *, at_once: int = AT_ONCE) -> list[R]:
    """Return the results of calls that send requests, in the order of the items.

    The first error is raised, and what has not begun by then is not begun any more.
    """
    todo = list(items)
    if not todo:
        return []
    pool = ThreadPoolExecutor(min(at_once, len(todo)), thread_name_prefix="reading")
    try:
        results = [pool.submit(call, item) for item in todo]
        wait(results, return_when=FIRST_EXCEPTION)
        for each in results:
            if each.done() and (error := each.exception()):
                raise error
        return [each.result() for each in results]
    finally:
        pool.shutdown(cancel_futures=True)
