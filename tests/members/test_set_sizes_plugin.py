"""Sets of nobody, of one, of a batch more or less one, and of ten thousand, with failures in the middle."""

from __future__ import annotations

import pytest

from pulumi_veza import MembershipSet
from pulumi_veza.provider.live_members import BATCH
from tests.support.fixtures import Start
from tests.support.plugin_helpers import seed
from tests.support.tenant import Tenant

SIZES = [0, 1, BATCH - 1, BATCH, BATCH + 1, pytest.param(10_000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.catalogue(27)
def test_a_set_of_any_size_converges_although_some_fail_at_first(size: int, start: Start, tenant: Tenant) -> None:
    seed(tenant, "Team")
    everybody = [f"m{number:05}" for number in range(size)]
    tenant.seed(identities=everybody)
    unlucky = everybody[size // 2 : size // 2 + 2]
    if unlucky:
        tenant.fault(method="PUT", count=None, fail_members=dict.fromkeys(unlucky, "not now"))
    run = start(tenant.env())
    program = {"profile_id": "p-Team", "identity_ids": everybody, "__name": "team"}
    checked = run.check(MembershipSet, program)
    assert checked.failures == []
    id_, state = run.create(MembershipSet, checked.inputs)
    assert tenant.members("Team").keys() == set(everybody) - set(unlucky)
    assert state["failures"].keys() == set(unlucky)
    assert len(tenant.requests(mutating=True)) == -(-size // BATCH)

    tenant.clear_faults()
    tenant.clear_requests()
    again = start(tenant.env())
    assert again.check(MembershipSet, program, state).inputs == checked.inputs
    assert again.diff(MembershipSet, id_, state, checked.inputs).changes == bool(unlucky)
    state = again.update(MembershipSet, id_, state, checked.inputs)
    assert [each["body"]["identity_ids"] for each in tenant.requests(mutating=True)] == ([unlucky] if unlucky else [])
    last = start(tenant.env())
    assert last.check(MembershipSet, program, state).inputs == checked.inputs
    assert not last.diff(MembershipSet, id_, state, checked.inputs).changes
    missing = set(everybody) - tenant.members("Team").keys()
    opened = [each["identity_id"] for each in tenant.access_requests()]
    assert not missing
    assert sorted(opened) == everybody
    start(tenant.env()).delete(MembershipSet, id_, state)
    assert tenant.members("Team") == {}
