"""`pulumi_veza.rules.removal_guard`: where its limits are, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.rules.removal_guard import GuardLevel, GuardOptions, Removal, confirmation, judge
from pulumi_veza.rules.wording import allowance

OPTIONS: dict[str, Any] = {"max_removal_percent": 100, "max_removals": None, "allow_emptying": True}


def removal(count: int, of: int, profile_id: str = "p") -> Removal:
    return Removal(profile_id, frozenset(f"i-{n}" for n in range(count)), of, empties=count == of)


@pytest.mark.parametrize(
    ("count", "of", "options", "limit"),
    [
        (2, 10, {"max_removal_percent": 20}, None),
        (3, 10, {"max_removal_percent": 20}, "up to 20 % may be removed without a confirmation"),
        (1, 101, {"max_removal_percent": 1}, None),
        (1, 99, {"max_removal_percent": 1}, None),
        (2, 99, {"max_removal_percent": 1}, "up to 1 % may be removed without a confirmation"),
        (1, 4, {"max_removal_percent": 20}, None),
        (2, 4, {"max_removal_percent": 20}, "up to 20 % may be removed without a confirmation"),
        (1, 10, {"max_removal_percent": 0}, "nobody may be removed without a confirmation"),
        (0, 10, {"max_removal_percent": 0}, None),
        (3, 10, {"max_removals": 3}, None),
        (4, 10, {"max_removals": 3}, "up to 3 may be removed without a confirmation"),
        (1, 10, {"max_removals": 0}, "nobody may be removed without a confirmation"),
        (9, 10, {"allow_emptying": False}, None),
        (10, 10, {"allow_emptying": False}, "nobody would be left"),
        (10, 10, {"allow_emptying": True}, None),
        (0, 0, {"allow_emptying": False}, None),
    ],
)
def test_what_is_at_the_limit_passes_and_what_is_above_is_refused(
    count: int, of: int, options: dict[str, Any], limit: str | None
) -> None:
    guard = GuardOptions.of({**OPTIONS, **options})
    verdict = judge(removal(count, of), guard)
    assert verdict.refused == (limit is not None)
    assert (allowance(verdict) if verdict.refused else None) == limit


@pytest.mark.parametrize(
    ("count", "of", "options", "level"),
    [
        (1, 10, {"max_removal_percent": 20}, GuardLevel.WITHIN),
        (2, 20, {"max_removal_percent": 20}, GuardLevel.NEAR),
        (1, 11, {"max_removal_percent": 20}, GuardLevel.WITHIN),
        (2, 10, {"max_removals": 4}, GuardLevel.NEAR),
        (1, 10, {"max_removals": 4}, GuardLevel.WITHIN),
        (9, 10, {}, GuardLevel.WITHIN),
        (0, 10, {"max_removals": 0, "max_removal_percent": 0}, GuardLevel.WITHIN),
    ],
)
def test_half_of_a_limit_is_near_it(count: int, of: int, options: dict[str, Any], level: GuardLevel) -> None:
    assert judge(removal(count, of), GuardOptions.of({**OPTIONS, **options})).level is level


def test_a_value_confirms_one_removal_and_no_other() -> None:
    value = confirmation("p", ["i-0", "i-1"])
    written = GuardOptions.of({**OPTIONS, "max_removals": 1, "allow_removals": value})
    elsewhere = GuardOptions.of({**OPTIONS, "max_removals": 1}, [value])
    for options in (written, elsewhere):
        assert judge(removal(2, 10), options).level is GuardLevel.CONFIRMED
        assert judge(removal(3, 10), options).refused
        assert judge(removal(2, 10, profile_id="q"), options).refused
        assert judge(Removal("p", frozenset({"i-1", "i-2"}), 10, empties=False), options).refused
    assert judge(removal(2, 10), GuardOptions.of({**OPTIONS, "max_removals": 1})).confirmation == value


def test_what_is_left_of_a_confirmed_removal_is_confirmed_with_it() -> None:
    planned = removal(4, 10)
    options = GuardOptions.of({**OPTIONS, "max_removals": 1, "allow_removals": planned.confirmation})
    assert judge(removal(2, 10), options, planned).level is GuardLevel.CONFIRMED
    assert judge(removal(5, 10), options, planned).refused


def test_a_removal_that_grew_since_the_preview_is_confirmed_together_with_what_the_preview_knew() -> None:
    planned, now = removal(2, 10), removal(3, 10)
    verdict = judge(now, GuardOptions.of({**OPTIONS, "max_removals": 1}), planned)
    assert verdict.confirmation == f"{planned.confirmation}+{now.confirmation}"
    both = GuardOptions.of({**OPTIONS, "max_removals": 1, "allow_removals": verdict.confirmation})
    assert judge(now, both, planned).level is judge(planned, both).level is GuardLevel.CONFIRMED
