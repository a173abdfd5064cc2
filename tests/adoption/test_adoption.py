"""`pulumi_veza.rules.adoption` and what takes nothing away: creates that are found again, members of others."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.errors import RefusedError, ResponseLostError, ServerError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from tests.support.runs import Runs
from tests.support.tenant import Tenant

PROFILE, MEMBERS = Lifecycle(ProfileKind()), Lifecycle(MembershipKind())


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "open", "labels": ["theirs"], "members": ["ana"]}],
        identities=["bob", "carl"],
    )


def inputs(lifecycle: Lifecycle, /, **args: Any) -> JsonObject:
    found, failures = lifecycle.check({}, {**args, NAME_KEY: "it"})
    assert failures == []
    return found


@pytest.mark.parametrize(
    "fault", [{"reset": "after_commit"}, {"status": 500, "status_when": "after_commit"}, {"body_fault": "empty"}]
)
def test_a_create_whose_answer_is_lost_is_sent_once_and_found_again(
    runs: Runs, tenant: Tenant, fault: dict[str, Any]
) -> None:
    runs.new(max_retries=2)
    tenant.fault(method="POST", count=None, **fault)
    id_, outs = PROFILE.create(inputs(PROFILE, name="Sales", profile_type="open"))
    assert len(tenant.requests(mutating=True)) == 1
    assert tenant.profile("Sales")["id"] == id_
    assert outs["adopted"] is False


@pytest.mark.parametrize(
    ("fault", "error"), [({"reset": "before_commit"}, ResponseLostError), ({"status": 503}, ServerError)]
)
def test_a_create_that_may_have_been_carried_out_is_never_sent_again_in_the_same_run(
    runs: Runs, tenant: Tenant, fault: dict[str, Any], error: type[Exception]
) -> None:
    runs.new(max_retries=2)
    tenant.fault(method="POST", **fault)
    with pytest.raises(error, match="probably not created; run `pulumi up` again"):
        PROFILE.create(inputs(PROFILE, name="Sales", profile_type="open"))
    assert len(tenant.requests(mutating=True)) == 1


def test_a_create_that_cannot_be_looked_for_says_both(runs: Runs, tenant: Tenant) -> None:
    runs.new(max_retries=0)
    tenant.fault(method="POST", reset="after_commit")
    tenant.fault(method="GET", skip=1, status=500, count=None)
    args = inputs(PROFILE, name="Sales", profile_type="open")
    with pytest.raises(
        ResponseLostError, match=r'creating access profile "Sales" failed: .* could not be looked for either'
    ):
        PROFILE.create(args)


def test_what_differs_is_not_taken_over_unless_that_is_asked_for(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    team = {"name": "Team", "profile_type": "open", "labels": ["ours"]}
    with pytest.raises(RefusedError, match=r"exists already and differs in labels \(- theirs, \+ ours\)"):
        PROFILE.create(inputs(PROFILE, **team))
    assert tenant.requests(mutating=True) == []
    runs.new()
    id_, outs = PROFILE.create(inputs(PROFILE, **team, adopt="always"))
    assert (id_, outs["adopted"], tenant.profile("team")["labels"]) == ("team", True, ["ours"])


def test_an_additive_set_removes_nobody_whom_it_never_listed(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    args = {"profile_id": "team", "max_removal_percent": 100, "allow_emptying": True}
    id_, outs = MEMBERS.create(inputs(MEMBERS, **args, identity_ids=["bob"]))
    runs.new()
    MEMBERS.update(id_, outs, inputs(MEMBERS, **args, identity_ids=["carl"]))
    assert tenant.members("team").keys() == {"ana", "carl"}
