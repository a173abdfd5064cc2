"""Whom a plan predicts to join and to leave is whom the provider adds and removes, in every mode: by the decision."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.access import tenant as tenants
from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan.draft import SetChange
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import MEMBERS, OURS, Record
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.rules.members import MembersDecision
from tests.support.laws import with_requests
from tests.support.runs import Runs
from tests.support.tenant import Tenant

SETS = Lifecycle(MembershipKind())
URN = f"urn:pulumi:dev::test::{OURS}{MEMBERS}::it"
PEOPLE = ["ana", "bob", "cai", "dan", "eve"]
OPEN = {"max_removal_percent": 100, "allow_emptying": True}

SOURCES = ["ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT", "3"]
MODES = ["additive", "authoritative", "audit"]


class _Dice(random.Random):
    """Draws situations; drawn value by value, most of them would be nearly empty."""

    def people(self) -> list[str]:
        return sorted(self.sample(PEOPLE, self.randint(0, len(PEOPLE))))

    def guard(self) -> dict[str, Any]:
        limits = {"max_removal_percent": self.choice([0, 20, 50, 100]), "allow_emptying": self.random() < 0.5}
        return {**limits, **({"max_removals": self.randint(0, 2)} if self.random() < 0.3 else {})}


def inputs(olds: JsonObject, **args: Any) -> JsonObject | None:
    """Check a set; None where its guard refuses the change at preview already."""
    found, failures = SETS.check(olds, {"profile_id": "team", NAME_KEY: "it", **args})
    return None if failures else found


def seed(tenant: Tenant, members: dict[str, str]) -> None:
    tenant.reset()
    listed = [{"identity_id": who, "created_from": source} for who, source in members.items()]
    tenant.seed(
        types=[{"id": "role", "name": "Role"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "role", "members": listed}],
        identities=PEOPLE,
    )


def predicted(runs: Runs, id_: str | None, olds: JsonObject | None, news: JsonObject) -> SetChange | None:
    """Plan the change with what the tenant holds."""
    record = Record(
        URN,
        f"{OURS}{MEMBERS}",
        id_,
        "update" if olds else "create",
        old_inputs=olds,
        old_outputs=olds,
        new_inputs=news,
    )
    planned = plan([record], tenants.organisation(runs.new().client))
    return next((change for change in planned.sets if change.urn == URN), None)


def sent(tenant: Tenant) -> dict[str, set[str]]:
    """List who was added and removed since the requests were cleared."""
    found: dict[str, set[str]] = {"ADD": set(), "REMOVE": set()}
    for request in tenant.requests(mutating=True):
        found[request["body"]["type"]].update(request["body"]["identity_ids"])
    return found


def hold_to_what_is_done(runs: Runs, id_: str | None, olds: JsonObject, news: JsonObject, met: Counter[str]) -> None:
    change = predicted(runs, id_, olds, news)
    decision = change.decision if change else MembersDecision()
    runs.new()
    runs.tenant.clear_requests()
    try:
        if id_:
            SETS.update(id_, olds, news)
        else:
            SETS.create(news)
    except RefusedError:
        assert decision.refused
        met["refused"] += 1
        return
    assert not decision.refused
    done = sent(runs.tenant)
    assert (decision.add, decision.remove) == (done["ADD"], done["REMOVE"])
    met.update(kind for kind, who in done.items() if who)
    met.update(why.value for why in decision.stays.values())


def test_whom_a_set_adds_and_removes_is_foretold_in_every_mode(runs: Runs) -> None:
    met: Counter[str] = Counter()

    @settings(with_requests, max_examples=110)
    @given(number=st.integers(0, 2**32))
    def search(number: int) -> None:
        dice = _Dice(number)
        seed(runs.tenant, {who: dice.choice(SOURCES) for who in dice.people()})
        runs.new()
        first = inputs({}, identity_ids=dice.people(), mode=dice.choice(MODES), **OPEN)
        assert first is not None
        hold_to_what_is_done(runs, None, {}, first, met)
        runs.new()
        id_, olds = SETS.create(first)
        added = dice.people()
        runs.tenant.change_members("Team", add=added, remove=[who for who in dice.people() if who not in added])
        news = inputs(olds, identity_ids=dice.people(), mode=dice.choice(MODES), **dice.guard())
        # What the guard refuses at preview never comes to the decision about the live members.
        assume(news is not None)
        assert news is not None
        runs.new()
        assume(SETS.diff(id_, olds, news).changes)
        hold_to_what_is_done(runs, id_, olds, news, met)

    search()
    print(met)
    assert {"ADD", "REMOVE", "refused", "other source", "mode changed"} <= met.keys()
