"""`pulumi_veza.resources.other_sets`: what a set tells the provider of the program's other sets, without an engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

from pulumi_veza.provider.claims import Owner
from pulumi_veza.resources import other_sets
from pulumi_veza.resources.other_sets import KIND, OTHERS_KEY, OtherSet, hidden_inputs, told


class Stack(pulumi.Resource):
    """The resource of a stack, which stands for the running program."""

    def __init__(self) -> None:
        super().__init__("pulumi:pulumi:Stack", "stack", False, dependency=True)


@pytest.fixture(autouse=True)
def _running(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack()
    monkeypatch.setattr(pulumi.runtime, "get_root_resource", lambda: stack)


def tell(*sets: tuple[str, dict[str, Any]]) -> list[tuple[list[OtherSet], bool]]:
    """Return for each set, by name and arguments, whom it tells of and whether that is secret."""

    async def told_of() -> list[tuple[list[OtherSet], bool]]:
        outputs = [hidden_inputs(name, None, args)[OTHERS_KEY] for name, args in sets]
        return [(list(told({OTHERS_KEY: await output.future()})), await output.is_secret()) for output in outputs]

    return asyncio.run(told_of())


def of(profile: str, *ids: Any, **more: Any) -> dict[str, Any]:
    return {"profile_id": profile, "identity_ids": list(ids), **more}


def other(name: str, profile: str, *ids: str, version: str = "current", manages: bool = True) -> OtherSet:
    return OtherSet(Owner(KIND, name, ""), profile, version, ids, manages)


def test_each_set_tells_of_all_others_in_the_order_of_their_names() -> None:
    found = tell(
        ("c", of("p", "ü", "a")),
        ("a", of("q", "\u2028", version=3)),
        ("b", of("p", "x", mode="audit", version=" Draft")),
    )
    a, b, c = (
        other("a", "q", "\u2028", version="3"),
        other("b", "p", version="draft", manages=False),
        other("c", "p", "a", "ü"),
    )
    assert found == [([a, b], False), ([b, c], False), ([a, c], False)]


def test_a_set_alone_tells_nothing() -> None:
    assert tell(("a", of("p", "x"))) == [([], False)]


def test_a_secret_member_of_another_set_makes_all_of_it_secret() -> None:
    async def both() -> list[bool]:
        secret = pulumi.Output.secret("x")
        sets = {"a": of("p", secret), "b": of("p", "y")}
        outputs = [hidden_inputs(name, None, args)[OTHERS_KEY] for name, args in sets.items()]
        return [await output.is_secret() for output in outputs]

    assert asyncio.run(both()) == [False, True]


@pytest.mark.parametrize("mode", ["additive", "audit"])
@pytest.mark.parametrize(
    ("limit", "named"),
    [(9, [["b", "c"], ["a", "c"], ["a", "b"]]), (8, [["c"], [], ["a"]])],
    ids=["small", "large"],
)
def test_in_a_large_program_a_set_tells_of_those_of_its_profile_alone(
    mode: str, limit: int, named: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What all sets tell together must not grow with the square of their number, also where they list nobody."""
    monkeypatch.setattr(other_sets, "_SMALL", limit)
    found = tell(*((name, of(profile, "x", mode=mode)) for name, profile in ("ap", "bq", "cp")))
    assert [[each.owner.name for each in others] for others, _ in found] == named


def test_a_set_of_a_profile_that_is_not_made_yet_is_told_to_nobody() -> None:
    """The SDK gives the id that a preview does not know as an empty text, which would be one profile for all sets."""

    async def both() -> list[list[OtherSet]]:
        def made_later() -> pulumi.Output[str]:
            value: asyncio.Future[str] = asyncio.Future()
            known: asyncio.Future[bool] = asyncio.Future()
            value.set_result("")
            known.set_result(False)
            return pulumi.Output(set(), value, known)

        sets = {name: {**of("", "x"), "profile_id": made_later()} for name in ("a", "b")}
        outputs = [hidden_inputs(name, None, args)[OTHERS_KEY] for name, args in sets.items()]
        return [list(told({OTHERS_KEY: await output.future()})) for output in outputs]

    assert asyncio.run(both()) == [[], []]


def test_an_authoritative_set_is_told_as_one() -> None:
    ((others, _), _) = tell(("a", of("p", "x")), ("b", of("p", "y", mode="authoritative")))
    assert [each.exclusive for each in others] == [True]
