"""The guard on removals, where it decides from the inputs alone: limits to the member, and confirmations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_veza import runtime
from pulumi_veza.lifecycle import Lifecycle
from pulumi_veza.resources.membership import MembershipKind

TEN = [f"id-{number}" for number in range(10)]


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VEZA_URL", "https://tenant.invalid")
    monkeypatch.setenv("VEZA_API_KEY", "key")
    monkeypatch.setattr(runtime, "_session", None)
    yield
    if runtime._session is not None:
        runtime._session.client.close()


def refusal(before: list[str], after: list[str], profile_id: str = "p", **options: Any) -> str | None:
    """Check a set that lists ``before`` and shall list ``after``; the reason why it is refused, if it is."""
    lifecycle = Lifecycle(MembershipKind())
    olds, failures = lifecycle.check({}, {"profile_id": profile_id, "identity_ids": before})
    assert failures == []
    _, failures = lifecycle.check(olds, {"profile_id": profile_id, "identity_ids": after, **options})
    assert len(failures) < 2
    return failures[0].reason if failures else None


def confirmation(reason: str | None) -> str:
    assert reason is not None
    (value,) = re.findall(r'allow_removals="([^"]+)"', reason)
    return str(value)


class TestLimits:
    @pytest.mark.parametrize(
        ("removed", "options", "passes"),
        [
            (2, {}, True),
            (3, {}, False),
            (3, {"max_removal_percent": 29}, False),
            (3, {"max_removal_percent": 30}, True),
            (1, {"max_removal_percent": 0}, False),
            (0, {"max_removal_percent": 0, "max_removals": 0}, True),
            (2, {"max_removals": 2}, True),
            (2, {"max_removals": 1}, False),
            (3, {"max_removals": 3}, False),
            (10, {"max_removal_percent": 100}, True),
            (10, {"max_removal_percent": 100, "mode": "authoritative"}, False),
            (10, {"max_removal_percent": 100, "mode": "authoritative", "allow_emptying": True}, True),
            (10, {"allow_emptying": True, "mode": "authoritative"}, False),
            (10, {"mode": "audit"}, True),
        ],
    )
    def test_the_limit_itself_passes_and_one_more_does_not(
        self, removed: int, options: dict[str, Any], passes: bool
    ) -> None:
        assert (refusal(TEN, TEN[removed:], **options) is None) is passes

    def test_a_set_of_nobody_and_of_one(self) -> None:
        assert refusal([], []) is None
        assert refusal([], ["ana"]) is None
        assert "would remove 1 of 1 members (ana), and max_removal_percent is 20" in str(refusal(["ana"], ["bob"]))
        assert refusal(["ana"], ["bob"], max_removal_percent=100) is None

    def test_another_profile_is_no_removal_from_this_one(self) -> None:
        lifecycle = Lifecycle(MembershipKind())
        olds, _ = lifecycle.check({}, {"profile_id": "p", "identity_ids": TEN})
        assert lifecycle.check(olds, {"profile_id": "q", "identity_ids": []})[1] == []

    def test_a_refusal_names_a_few_and_counts_the_rest(self) -> None:
        everybody = [f"id-{number:03}" for number in range(250)]
        reason = str(refusal(everybody, []))
        assert reason.startswith("identity_ids: would remove 250 of 250 members (id-000, id-001, ")
        assert "id-009 and 240 more), and max_removal_percent is 20; " in reason
        assert "id-010" not in reason


class TestConfirmations:
    def test_the_value_confirms_this_removal_whatever_the_order(self) -> None:
        value = confirmation(refusal(TEN, TEN[3:]))
        assert value.startswith("3-")
        assert refusal(TEN, TEN[3:], allow_removals=value) is None
        assert refusal(TEN[::-1], TEN[:2:-1], allow_removals=value) is None

    @pytest.mark.parametrize(
        ("after", "profile_id"),
        [(TEN[4:], "p"), (TEN[2:9], "p"), (TEN[3:], "q"), ([], "p")],
        ids=["one more", "somebody else", "another profile", "everybody"],
    )
    def test_the_value_confirms_nothing_else(self, after: list[str], profile_id: str) -> None:
        value = confirmation(refusal(TEN, TEN[3:]))
        assert confirmation(refusal(TEN, after, profile_id, allow_removals=value)) != value

    def test_it_confirms_emptying_too(self) -> None:
        options: dict[str, Any] = {"mode": "authoritative", "max_removal_percent": 100}
        value = confirmation(refusal(TEN, [], **options))
        assert refusal(TEN, [], **options, allow_removals=value) is None

    def test_nothing_that_looks_like_one_confirms(self) -> None:
        for value in ("", "3", "3-", "+", "yes", "3-0000000000"):
            assert refusal(TEN, TEN[3:], allow_removals=value) is not None
