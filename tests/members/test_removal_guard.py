"""`pulumi_veza.rules.removal_guard`: where its limits are, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.rules.removal_guard import Removal, confirmation

OPTIONS: dict[str, Any] = {"max_removal_percent": 100, "max_removals": None, "allow_emptying": True}


def removal(count: int, of: int, profile_id: str = "p") -> Removal:
    return Removal(profile_id, frozenset(f"i-{n}" for n in range(count)), of, empties=count == of)


@pytest.mark.parametrize(
    ("count", "of", "options", "limit"),
    [
        (2, 10, {"max_removal_percent": 20}, None),
        (3, 10, {"max_removal_percent": 20}, "max_removal_percent is 20"),
        (1, 101, {"max_removal_percent": 1}, None),
        (1, 99, {"max_removal_percent": 1}, "max_removal_percent is 1"),
        (1, 10, {"max_removal_percent": 0}, "max_removal_percent is 0"),
        (0, 10, {"max_removal_percent": 0}, None),
        (3, 10, {"max_removals": 3}, None),
        (4, 10, {"max_removals": 3}, "max_removals is 3"),
        (1, 10, {"max_removals": 0}, "max_removals is 0"),
        (9, 10, {"allow_emptying": False}, None),
        (10, 10, {"allow_emptying": False}, "nobody would be left (allow_emptying is False)"),
        (10, 10, {"allow_emptying": True}, None),
        (0, 0, {"allow_emptying": False}, None),
    ],
)
def test_what_is_at_the_limit_passes_and_what_is_above_is_refused(
    count: int, of: int, options: dict[str, Any], limit: str | None
) -> None:
    assert removal(count, of).excess({**OPTIONS, **options}) == limit


def test_a_value_confirms_one_removal_and_no_other() -> None:
    options = {**OPTIONS, "max_removals": 1, "allow_removals": confirmation("p", ["i-0", "i-1"])}
    assert removal(2, 10).refusal(options) is None
    assert removal(3, 10).refusal(options) is not None
    assert removal(2, 10, profile_id="q").refusal(options) is not None
    assert Removal("p", frozenset({"i-1", "i-2"}), 10, empties=False).refusal(options) is not None
