"""Several sets of one profile: what a preview says, in every order of registration, is what `up` does."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.lifecycle import NAME_KEY, PARENT_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.other_sets import OTHERS_KEY
from tests.support.laws import with_requests
from tests.support.runs import Runs

SETS = Lifecycle(MembershipKind())
PEOPLE = ["ana", "bob", "cai", "dan", "eve", "flo", "gus"]
# Two of them bear one name, as children of two components do.
OWNERS = [("x/members", "demo:Team"), ("x/members", "demo:Project"), ("y", ""), ("z", "")]

Owner = tuple[str, str]
Program = dict[Owner, dict[str, Any]]
State = dict[Owner, tuple[str, JsonObject]]


@dataclass
class Preview:
    refused: bool
    joins: set[str]
    leaves: set[str]
    certain: bool
    """Whether some set's state has the members."""


def sent_inputs(program: Program, owner: Owner) -> JsonObject:
    """Return the inputs that the program sends for a set, with what it tells of the others."""
    others = [
        [*other, each["profile_id"], each["version"], each["identity_ids"] if manages(each) else [], manages(each)]
        for other, each in program.items()
        if other != owner
    ]
    name, parent = owner
    return {**program[owner], NAME_KEY: name, PARENT_KEY: parent, OTHERS_KEY: json.dumps(others)}


def manages(declared: dict[str, Any]) -> bool:
    return bool(declared["mode"] != "audit")


def checked(program: Program, state: State, owner: Owner) -> JsonObject:
    olds = state[owner][1] if owner in state else {}
    news, failures = SETS.check(olds, sent_inputs(program, owner))
    assert failures == []
    return news


def people(lines: list[str], verb: str) -> set[str]:
    found = re.findall(rf"\b(?:person|people) {verb}s?: ((?:(?! \(unless )[^;\n])*)", "\n".join(lines))
    # A name is shown beside an id that is not spelled like it.
    return {who.partition(" (")[0].casefold() for each in found for who in each.strip().split(", ")}


def preview(runs: Runs, program: Program, state: State, order: list[Owner]) -> Preview:
    runs.new()
    for owner in order:
        news = checked(program, state, owner)
        if owner in state:
            try:
                SETS.diff(*state[owner], news)
            except RefusedError:
                return Preview(refused=True, joins=set(), leaves=set(), certain=True)
    return Preview(False, people(runs.said, "join"), people(runs.said, "leave"), "(unless " not in str(runs.said))


def up(runs: Runs, program: Program, state: State, order: list[Owner]) -> State | None:
    """Deploy a program as the engine does; None where something is refused but the delete of a set that vanished."""
    runs.new()
    after: State = {}
    for owner in order:
        news = checked(program, state, owner)
        try:
            if owner not in state:
                after[owner] = SETS.create(news)
                continue
            id_, olds = state[owner]
            after[owner] = (id_, SETS.update(id_, olds, news) if SETS.diff(id_, olds, news).changes else olds)
        except RefusedError:
            return None
    kept = {owner: state[owner] for owner in state.keys() - program.keys() if not is_deleted(state, owner)}
    return {**after, **kept}


def is_deleted(state: State, owner: Owner) -> bool:
    try:
        SETS.delete(*state[owner])
    except RefusedError:
        return False
    return True


def refreshed(runs: Runs, state: State) -> State:
    runs.new()
    after: State = {}
    for owner, (id_, olds) in state.items():
        found = SETS.read(id_, olds)
        assert found is not None
        after[owner] = (id_, found[0])
    return after


def changes(runs: Runs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"ADD": [], "REMOVE": []}
    for request in runs.tenant.requests(mutating=True):
        found[request["body"]["type"]] += map(str.casefold, request["body"]["identity_ids"])
    return found


def draw(dice: random.Random, before: Program | None = None) -> Program:
    """Draw a program; after another one with random guards, and no new set that throws out whom it has not seen."""
    program: Program = {}
    for owner in [each for each in OWNERS if dice.random() < 0.7] or [dice.choice(OWNERS)]:
        modes = ["additive", "audit"]
        if not any(each["mode"] == "authoritative" for each in program.values()) and owner in (before or OWNERS):
            modes.append("authoritative")
        listed = dice.sample(PEOPLE, dice.randint(0, 4))
        limits: dict[str, Any] = {"max_removal_percent": 100, "allow_emptying": True}
        if before:
            limits = {"max_removal_percent": dice.choice([0, 20, 50, 100]), "allow_emptying": dice.random() < 0.5}
        program[owner] = {
            "profile_id": "team",
            # One name of the version, or the other; an id in any case is one person's.
            "version": before[owner]["version"] if before and owner in before else dice.choice(["current", "1"]),
            "identity_ids": [who.upper() if dice.random() < 0.3 else who for who in sorted(listed)],
            "mode": dice.choice(modes),
            **limits,
        }
    return program


def test_what_a_preview_says_in_any_order_is_what_up_does(runs: Runs) -> None:
    met: Counter[str] = Counter()

    @settings(with_requests, max_examples=45)
    @given(number=st.integers(0, 2**32))
    def search(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - no secret
        runs.tenant.reset()
        runs.tenant.quirks(identity_ids_without_case=True)
        by_hand = dice.sample(PEOPLE, dice.randint(0, 2))
        runs.tenant.seed(
            types=[{"id": "role", "name": "Role"}],
            profiles=[{"id": "team", "name": "Team", "profile_type": "role"}],
            identities=PEOPLE,
        )
        first = draw(dice)
        state = up(runs, first, {}, dice.sample(list(first), len(first)))
        assert state is not None
        runs.tenant.change_members("Team", add=by_hand)
        second = draw(dice, first)
        if dice.random() < 0.5 or state.keys() - second.keys():
            # What only the state of a set that vanishes knows is known to nobody: its own may be the most recent.
            state = refreshed(runs, state)
        else:
            # What the states know must be what the tenant has, but they may know it from different moments.
            runs.tenant.change_members("Team", remove=[who for who in by_hand if who not in seen_by(state)])
        orders = [dice.sample(list(second), len(second)) for _ in range(4)]
        previews = [preview(runs, second, state, order) for order in orders]
        assert all(each == previews[0] for each in previews), (first, second, previews)
        runs.tenant.clear_requests()
        after = up(runs, second, state, dice.choice(orders))
        done = changes(runs)
        assert (after is None) is previews[0].refused, (first, second, previews)
        assert not set(done["ADD"]) & set(done["REMOVE"])
        if after is None:
            met["refused"] += 1
            return
        gone = [state[owner][1]["identity_ids"].values() for owner in state.keys() - second.keys()]
        vanished = {who.casefold() for ids in gone for who in ids}
        assert set(done["ADD"]) <= previews[0].joins
        assert set(done["ADD"]) == previews[0].joins or not previews[0].certain
        assert previews[0].leaves <= set(done["REMOVE"]) <= previews[0].leaves | vanished
        met.update({"joins": bool(done["ADD"]), "leaves": bool(previews[0].leaves), "vanishes": bool(vanished)})

        # Nothing is left to do, and nothing is done again.
        state = after
        runs.tenant.clear_requests()
        if state.keys() == second.keys():
            up(runs, second, state, dice.choice(orders))
            assert changes(runs) == {"ADD": [], "REMOVE": []}

    search()
    print(met)
    assert {"refused", "joins", "leaves", "vanishes"} <= {each for each, count in met.items() if count}


def seen_by(state: State) -> set[str]:
    return {who.casefold() for _, outputs in state.values() for who in outputs["members"]}
