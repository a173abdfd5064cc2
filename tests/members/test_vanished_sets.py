"""Sets of one profile that vanish together: the guard judges the sum, and a plan prints what confirms each of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.access import tenant as tenants
from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan.draft import SetChange
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import MEMBERS, OURS, Record
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.rules.removal_guard import Limit, confirmations_in
from pulumi_veza.rules.wording import allowance
from tests.support.laws import with_requests
from tests.support.runs import Runs

SETS = Lifecycle(MembershipKind())
PEOPLE = [f"id-{number}" for number in range(8)]
State = dict[str, tuple[str, JsonObject]]


def create(runs: Runs, sets: dict[str, list[str]], **limits: Any) -> State:
    """Create sets of one profile in the tenant, and read them again, so that each state knows of everybody."""
    runs.tenant.reset()
    runs.tenant.seed(
        types=[{"id": "role", "name": "Role"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "role"}],
        identities=PEOPLE,
    )
    runs.new()
    state = {name: SETS.create(declared(name, {}, ids, **limits)) for name, ids in sets.items()}
    for name, (id_, olds) in state.items():
        found = SETS.read(id_, olds)
        assert found is not None
        state[name] = (id_, found[0])
    return state


def declared(name: str, olds: JsonObject, ids: list[str], **limits: Any) -> JsonObject:
    news, failures = SETS.check(olds, {NAME_KEY: name, "profile_id": "team", "identity_ids": ids, **limits})
    assert failures == []
    return news


def planned(runs: Runs, state: State, stays: str, confirmations: str = "") -> list[SetChange]:
    """Plan that every set but one vanishes."""
    found = []
    for name, (id_, olds) in state.items():
        urn = f"urn:pulumi:dev::test::{OURS}{MEMBERS}::{name}"
        args: dict[str, Any] = {"old_inputs": olds, "old_outputs": olds}
        if name == stays:
            found.append(Record(urn, f"{OURS}{MEMBERS}", id_, "same", new_inputs=olds, **args))
        else:
            found.append(Record(urn, f"{OURS}{MEMBERS}", id_, "delete", **args))
    return list(plan(found, tenants.organisation(runs.new().client), confirmations_in(confirmations)).sets)


def refusals(runs: Runs, state: State, stays: str, order: Iterable[str], confirmations: str = "") -> list[str]:
    """Delete every set but one as `up` does; return what was refused."""
    runs.new(allow_removals=confirmations)
    id_, olds = state[stays]
    SETS.diff(id_, olds, declared(stays, olds, list(olds["identity_ids"].values())))
    return [reason for name in order if (reason := refusal(state[name]))]


def refusal(held: tuple[str, JsonObject]) -> str | None:
    try:
        SETS.delete(*held)
    except RefusedError as error:
        return str(error)
    return None


def test_a_row_after_the_other_of_a_loop_is_refused_once_the_sum_is_too_much(runs: Runs) -> None:
    state = create(runs, {who: [who] for who in PEOPLE[:5]})
    changes = planned(runs, state, PEOPLE[0])
    guards = [each.decision.guard for each in changes]
    assert len(guards) == 4
    for guard in guards:
        assert guard is not None
        assert guard.refused
        assert allowance(guard) == (
            "up to 20 % may be removed without a confirmation; with 3 people of other sets that the program no longer "
            "declares, 4 of 5 members leave"
        )
    refused = refusals(runs, state, PEOPLE[0], PEOPLE[1:5])
    assert len(refused) == 3
    assert (
        "up to 20 % may be removed without a confirmation; with 1 person of other sets that the program no longer "
        "declares, 2 of 5 " in (refused[0])
    )
    assert "the others have left in this run already; nothing of it was changed" in refused[0]
    assert set(runs.tenant.members("team")) == {PEOPLE[0], *PEOPLE[2:5]}


def test_what_a_plan_says_of_sets_that_vanish_is_what_their_deletes_do_in_any_order(runs: Runs) -> None:
    met: Counter[str] = Counter()

    @settings(with_requests, max_examples=40)
    @given(number=st.integers(0, 2**32))
    def search(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - no secret
        sets = {f"s{index}": dice.sample(PEOPLE, dice.randint(1, 2)) for index in range(dice.randint(2, 5))}
        stays = "stays"
        sets[stays] = dice.sample(PEOPLE, dice.choice([0, 2, 4]))
        limits: dict[str, Any] = {"max_removal_percent": dice.choice([20, 50, 100])}
        if dice.random() < 0.4:
            limits["max_removals"] = dice.randint(1, 3)
        state = create(runs, sets, **limits)
        gone = sorted(sets.keys() - {stays})
        order = dice.sample(gone, len(gone))
        changes = planned(runs, state, stays)
        values = [each.decision.guard.confirmation for each in changes if each.decision.refused and each.decision.guard]
        refused = refusals(runs, state, stays, order)
        # Where two list one person, which of them comes first may decide.
        one_each = len({who for name in gone for who in sets[name]}) == sum(len(sets[name]) for name in gone)
        assert bool(values) is bool(refused) or (values and not one_each), (sets, limits, order, values, refused)
        guards = [each.decision.guard for each in changes]
        met.update(guard.limit.value for guard in guards if guard and guard.together and guard.limit)
        met["refused" if refused else "passed"] += 1

        # What the plan prints confirms each of them, in an order of its own.
        state = create(runs, sets, **limits)
        assert not any(each.decision.refused for each in planned(runs, state, stays, ",".join(values)))
        assert refusals(runs, state, stays, dice.sample(gone, len(gone)), ",".join(values)) == []
        assert set(runs.tenant.members("team")) == set(sets[stays])

    search()
    print(met)
    assert {"refused", "passed", *(limit.value for limit in Limit)} <= met.keys()
