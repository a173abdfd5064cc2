"""Several requests at the same time: in order, no more at once than allowed, and an error ends what has not begun."""

from __future__ import annotations

import threading
import time

import pytest

from pulumi_veza.client.parallel import AT_ONCE, in_parallel
from pulumi_veza.errors import RefusedError


def test_the_results_are_in_the_order_of_the_items_and_the_calls_run_beside_each_other() -> None:
    together = threading.Barrier(AT_ONCE, timeout=20)

    def call(number: int) -> int:
        together.wait()
        return -number

    assert in_parallel(call, range(2 * AT_ONCE)) == [-number for number in range(2 * AT_ONCE)]
    assert in_parallel(call, []) == []


def test_the_first_error_is_raised_and_what_has_not_begun_is_left() -> None:
    begun: list[int] = []
    failed = threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        if number == 1:
            failed.set()
            raise RefusedError("no")
        assert failed.wait(20)

    with pytest.raises(RefusedError, match="no"):
        in_parallel(call, range(1000), at_once=2)
    assert len(begun) < 1000


def test_an_error_waits_for_what_is_on_its_way() -> None:
    both, answered = threading.Barrier(2, timeout=20), []

    def call(number: int) -> int:
        both.wait()
        if number == 0:
            raise ValueError("refused")
        time.sleep(0.05)
        answered.append(number)
        return number

    with pytest.raises(ValueError, match="refused"):
        in_parallel(call, range(2))
    assert answered == [1]
