"""Two at once: two stacks, two runs of one stack, and somebody who writes between our look and our change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_veza import AccessProfileVersion, MembershipSet
from tests.support.fixtures import StackFactory, Start
from tests.support.plugin_helpers import CREATE, change, create, refused, seed, sent
from tests.support.programs import program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

GROUP = {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": "00G"}


def test_two_stacks_at_once_on_one_tenant_do_not_disturb_each_other(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    seed(tenant, "Team")
    # Both change the members of one profile, each its own.
    names = {"blue": "ana", "green": "bob"}
    stacks = [
        stack_factory(
            program(
                resource("AccessProfile", colour, name=colour, profile_type="t-role"),
                resource("MembershipSet", "team", profile_id="p-Team", identity_ids=[who]),
            ),
            environment=tenant.env(),
            name=colour,
        )
        for colour, who in names.items()
    ]
    fault = tenant.fault(**CREATE, hold="after_commit", count=2)
    running = [stack.start("up", "--yes", "--skip-preview") for stack in stacks]
    fault.wait_until_holding(2, timeout=60)
    fault.release()
    for each in running:
        each.result().checked()
    made = sorted(each["name"] for each in tenant.profiles())
    assert made == ["Team", "blue", "green"]
    assert set(tenant.members("Team")) == {"ana", "bob"}
    # One stack goes, and the other's member and profile stay.
    stacks[0].destroy(skip_preview=True)
    assert set(tenant.members("Team")) == {"bob"}
    assert tenant.profile("green")["state"] == "RUNNING"


def test_a_second_up_on_a_stack_is_refused_while_the_first_goes_on(veza_stack: Stack, tenant: Tenant) -> None:
    seed(tenant)
    veza_stack.write(program(resource("AccessProfile", "crm", name="CRM", profile_type="t-role")))
    fault = tenant.fault(**CREATE, hold="before_commit")
    first = veza_stack.start("up", "--yes", "--skip-preview")
    fault.wait_until_holding(timeout=60)
    second = veza_stack.up(check=False, skip_preview=True)
    assert second.returncode != 0
    assert "the stack is currently locked" in second
    fault.release()
    first.result().checked()
    assert len(tenant.profiles()) == 1
    assert sent(tenant, CREATE) == 1


@pytest.mark.catalogue(25)
def test_what_another_run_has_made_is_taken_over_and_said_and_made_twice_only_when_both_look_before_either_creates(
    start: Start, tenant: Tenant
) -> None:
    seed(tenant)
    first, second = start(tenant.env()), start(tenant.env())
    made, _ = create(first, "Shared", description="One")
    assert create(second, "Shared", description="One")[0] == made
    assert len(tenant.profiles()) == 1
    other = start(tenant.env())
    assert "exists already and differs in description" in refused(create, other, "Shared", description="Two")
    second.close()
    assert f"taking over the existing access profile 'Shared' ({made})" in second.said

    # Nothing in the API could prevent this one: no unique names, no key of idempotency. The next create names both.
    fault = tenant.fault(**CREATE, hold="before_commit", count=2)
    runs = [start(tenant.env()) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        creating = [pool.submit(create, run, "Race") for run in runs]
        fault.wait_until_holding(2)
        fault.release()
        ids = sorted(each.result()[0] for each in creating)
    assert len(set(ids)) == 2
    said = refused(create, start(tenant.env()), "Race")
    assert f"2 access profiles of type t-role are named 'Race' ({', '.join(ids)})" in said
    assert sent(tenant, CREATE) == 3


@pytest.mark.catalogue(25)
def test_what_somebody_else_changes_between_our_look_and_our_change_stays(start: Start, tenant: Tenant) -> None:
    seed(tenant)
    run = start(tenant.env())
    made = create(run, "CRM", description="One", labels=["ours"])
    checked = run.check(MembershipSet, {"profile_id": made[0], "identity_ids": ["ana"], "__name": "team"}).inputs
    team, members = run.create(MembershipSet, checked)

    # After the preview: by hand, labels and members that the program knows nothing of.
    later = start(tenant.env())
    tenant.edit_profile("CRM", labels=["by-hand"])
    tenant.change_members("CRM", add=["eve"])
    change(later, "CRM", made, description="Two", labels=["ours"])
    checked = later.check(
        MembershipSet, {"profile_id": made[0], "identity_ids": ["ana", "bob"], "__name": "team"}, members
    ).inputs
    later.update(MembershipSet, team, members, checked)
    held = tenant.profile("CRM")
    assert (held["description"], held["labels"]) == ("Two", ["by-hand"])
    assert tenant.members("CRM").keys() == {"ana", "bob", "eve"}


@pytest.mark.catalogue(25)
def test_a_version_published_between_our_look_and_our_change_is_an_error_and_the_next_run_changes_the_new_one(
    start: Start, tenant: Tenant
) -> None:
    seed(tenant, "CRM")
    run = start(tenant.env())
    written = {"profile_id": "p-CRM", "entitlements": [GROUP], "__name": "content"}
    inputs = run.check(AccessProfileVersion, written).inputs
    fault = tenant.fault(method="PATCH", path="/versions/1$", hold="before_commit")
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(refused, run.create, AccessProfileVersion, inputs)
        fault.wait_until_holding()
        number = tenant.publish_version("CRM")
        fault.release()
        assert "updating version 1 of access profile" in creating.result()
    _, state = start(tenant.env()).create(AccessProfileVersion, inputs)
    live = tenant.version("CRM", number)["entities_to_create_relationships_to"]
    assert state["version_number"] == number
    assert [each["entity_id"] for each in live] == ["00G"]
