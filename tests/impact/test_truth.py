"""Truth: what is predicted is what happens, and what cannot be known is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.access import reading
from pulumi_veza.access.organisation import Organisation
from pulumi_veza.api import Client
from pulumi_veza.errors import VezaError
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document
from tests.impact.engine import Engine, Refused
from tests.impact.organisations import PEOPLE, programs, seed
from tests.support.runs import Runs
from tests.support.tenant import Tenant

Ask = Callable[[Any], Organisation]
Access = set[tuple[str, str]]

LOSES = {"lost", "potentially lost", "kept, no longer governed"}
GAINS = {"gained", "potentially gained"}


def access_of(tenant: Tenant) -> Access:
    """Give who effectively has what, as the tenant says."""
    return {
        (who, f"{each['entity_type']} {each['datasource_id']}/{each['entity_id']}")
        for who, entitlements in tenant.access().items()
        for each in entitlements
    }


class Prediction:
    """What a document says, to be held against what happened."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rows = [(person.id, row) for person in document.people for row in person.rows]

    def of(self, *effects: str) -> Access:
        return {(who, row.entitlement) for who, row in self.rows if row.effect in effects and row.entitlement}

    def admits_unknown(self, who: str) -> bool:
        """Whether it says that something of this person could not be known."""
        known = any(row.effect == "unknown" for person, row in self.rows if person == who)
        return known or any(each.people == 0 for each in self.document.unknowns)

    def assert_true(self, before: Access, after: Access) -> None:
        lost, gained = before - after, after - before
        assert self.of("lost") <= lost
        assert self.of("gained") <= gained
        wrong = {each for each in self.of("no effect yet") & gained if not self.admits_unknown(each[0])}
        assert wrong == set()
        missed = {each for each in lost - self.of(*LOSES) if not self.admits_unknown(each[0])}
        missed |= {each for each in gained - self.of(*GAINS) if not self.admits_unknown(each[0])}
        assert missed == set()
        for _, row in self.rows:
            assert row.effect in {"lost", "gained"} or row.reason, row

    def assert_requests(self, opened: Counter[tuple[str, str, str]]) -> None:
        certain, doubtful = Counter[tuple[str, str, str]](), set()
        names = {profile.ref: profile.name for profile in self.document.profiles}
        for each in self.document.requests:
            key = (each.operation, each.identity_id, names.get(each.profile, each.profile))
            if each.reason:
                doubtful.add(key)
            else:
                certain[key] += 1
        assert certain - opened == Counter()
        unforeseen = {key for key in opened - certain if key not in doubtful and not self.admits_unknown(key[1])}
        assert unforeseen == set()


def opened_since(tenant: Tenant, count: int) -> Counter[tuple[str, str, str]]:
    """Count the access requests that were opened after the first ``count``."""
    return Counter(
        (each["type"], each["identity_id"], each["access_profile_name"]) for each in tenant.access_requests()[count:]
    )


def check_change(
    engine: Engine, tenant: Tenant, program: Any, live: Callable[[Any], Organisation] | None = None
) -> None:
    """Predict a change, make it, and compare."""
    preview = engine.preview(program)
    records = reading.preview(preview)
    prediction = Prediction(building.build(records, live(records) if live else None))
    before, requests = access_of(tenant), len(tenant.access_requests())
    engine.up(program)
    prediction.assert_true(before, access_of(tenant))
    prediction.assert_requests(opened_since(tenant, requests))
    again = building.build(reading.preview(engine.preview(program)))
    assert again.people == []
    assert again.requests == []


def asked(tenant: Tenant) -> Ask:
    """Give what asks the tenant."""

    def ask(records: Any) -> Organisation:
        with Client(tenant.url, tenant.token) as client:
            return building.live_organisation(records, client)

    return ask


def hold_to_the_truth(runs: Runs, first: Any, second: Any, by_hand: Any, *, live: bool) -> None:
    """Let a stack be created and changed, somebody interfere in between, and each prediction be compared."""
    # What somebody has by a profile outside of the stack, the tenant alone can tell.
    seed(runs.tenant, overlapping=live)
    engine = Engine(runs)
    ask = asked(runs.tenant) if live else None
    try:
        check_change(engine, runs.tenant, first, ask)
        # Who is a member of a profile that no set has read, the tenant alone can tell.
        profiles = sorted(profile_ids(engine, "AccessProfile" if live else "MembershipSet"))
        for who, place in by_hand if profiles else ():
            runs.tenant.change_members(profiles[place % len(profiles)], add=[who])
        if by_hand:
            engine.refresh()
        check_change(engine, runs.tenant, second, ask)
    except (Refused, VezaError):
        assume(False)


def profile_ids(engine: Engine, kind: str) -> set[str]:
    """Name the profiles that the resources of a kind are, or belong to."""
    held = [each for each in engine.state.values() if each.declared.kind == kind]
    return {str(each.outputs.get("profile_id", each.id)) for each in held}


interference = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 3)), max_size=2)


@settings(max_examples=60)
@given(first=programs(), second=programs(), by_hand=interference)
def test_what_is_predicted_from_the_state_is_what_happens(runs: Runs, first: Any, second: Any, by_hand: Any) -> None:
    hold_to_the_truth(runs, first, second, by_hand, live=False)


@settings(max_examples=25)
@given(first=programs(), second=programs(), by_hand=interference)
def test_what_is_predicted_from_the_tenant_is_what_happens(runs: Runs, first: Any, second: Any, by_hand: Any) -> None:
    hold_to_the_truth(runs, first, second, by_hand, live=True)


@pytest.mark.slow
@settings(max_examples=1500)
@given(first=programs(), second=programs(), by_hand=interference, live=st.booleans())
def test_what_is_predicted_is_what_happens_in_many_organisations(
    runs: Runs, first: Any, second: Any, by_hand: Any, live: bool
) -> None:
    hold_to_the_truth(runs, first, second, by_hand, live=live)


def test_the_comparison_notices_what_was_not_predicted() -> None:
    # The comparison itself can fail: a prediction of nothing is no truth about a loss.
    nothing = Prediction(building.build([]))
    with pytest.raises(AssertionError):
        nothing.assert_true({("id-ada", "Group ds/g0")}, set())
