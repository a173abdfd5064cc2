"""What only the whole engine shows: a replacement that fails, going on after an error, runs without the program."""

from __future__ import annotations

import pytest

from tests.support.fixtures import StackFactory
from tests.support.programs import Code, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant


@pytest.mark.catalogue(7)
@pytest.mark.catalogue(8)
@pytest.mark.slow
def test_a_replacement_whose_create_fails_leaves_all_as_it_was_and_the_next_up_completes_it(
    veza_stack: Stack, tenant: Tenant
) -> None:
    def text(description: str) -> str:
        return program(
            resource("AccessProfileType", "role", name="Role", description=description),
            resource("AccessProfile", "crm", name="CRM", profile_type=Code("role.id")),
        )

    veza_stack.write(text("One"))
    veza_stack.up(skip_preview=True)
    old, crm = tenant.type("Role")["id"], tenant.profile("CRM")["id"]
    veza_stack.write(text("Two"))
    tenant.fault(method="POST", path="access_profiles_types$", status=503)
    failed = veza_stack.up(check=False, skip_preview=True)
    assert failed.returncode != 0
    assert "probably not created" in failed
    assert {name: each["id"] for name, each in veza_stack.resources().items()} == {"role": old, "crm": crm}
    assert tenant.profile("CRM")["profile_type"] == old
    # The answer of the next attempt is lost: the type is there, and is found again.
    tenant.fault(method="POST", path="access_profiles_types$", reset="after_commit")
    veza_stack.up(skip_preview=True)
    types = tenant.state()["types"]
    assert sorted(each["description"] for each in types) == ["One", "Two"]
    [new] = [each["id"] for each in types if each["id"] != old]
    assert [(each["id"], each["profile_type"]) for each in tenant.profiles()] == [(crm, new)]
    veza_stack.preview("--refresh", "--expect-no-changes")


@pytest.mark.catalogue(33)
def test_with_continue_on_error_the_others_are_done_and_the_next_up_does_only_what_failed(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(types=[{"id": "t-role", "name": "Role", "allow_inherit_entities": True}])
    names = ["one", "two", "three", "four"]
    profiles = [resource("AccessProfile", name, name=name, profile_type="t-role") for name in names]
    behind = resource("MembershipSet", "team", profile_id=Code("two.id"), identity_ids=["ana"])
    # What is declared after the set was looked at is done as well.
    late = resource("AccessProfile", "late", name="late", profile_type="t-role", description=Code("three.id"))
    heir = resource("AccessProfile", "heir", name="heir", profile_type="t-role", inherits_from=[Code("two.id")])
    veza_stack.write(program(*profiles, behind, late, heir))
    tenant.fault(method="POST", body='"name":"two"', status=400, answer={"message": "not today"})
    tenant.fault(method="POST", body='"name":"three"', delay=1)
    failed = veza_stack.up("--continue-on-error", check=False, skip_preview=True)
    assert failed.returncode != 0
    assert "not today" in failed
    assert "profile_id" not in failed
    assert veza_stack.resources().keys() == {"one", "three", "four", "late"}
    assert {each["name"] for each in tenant.profiles()} == {"one", "three", "four", "late"}
    tenant.clear_faults()
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert {each["name"] for each in tenant.profiles()} == {*names, "late", "heir"}
    assert sorted(each["method"] for each in tenant.requests(mutating=True)) == ["POST", "POST", "PUT"]
    assert set(tenant.members("two")) == {"ana"}


def test_a_set_that_cannot_move_as_its_new_profile_was_refused_still_lists_its_people(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(types=[{"id": "t-role", "name": "Role"}])
    desk = resource("AccessProfile", "desk", name="Desk", profile_type="t-role")
    other = resource("AccessProfile", "other", name="Other", profile_type="t-role")
    both = {"max_removal_percent": 100, "allow_emptying": True}
    here = resource("MembershipSet", "team", profile_id=Code("desk.id"), identity_ids=["ana", "ben"], **both)
    there = resource("MembershipSet", "team", profile_id=Code("other.id"), identity_ids=["ana", "ben"], **both)
    goes = resource("MembershipSet", "goes", profile_id=Code("desk.id"), identity_ids=["ana", "cai"], **both)
    veza_stack.write(program(desk, here, goes))
    veza_stack.up(skip_preview=True)
    before = veza_stack.resources()["team"]["outputs"]
    tenant.fault(method="POST", body='"name":"Other"', status=400, answer={"message": "not today"})
    veza_stack.write(program(desk, other, there))
    failed = veza_stack.up("--continue-on-error", check=False, skip_preview=True)
    assert failed.returncode != 0
    assert "not today" in failed
    assert set(tenant.members("Desk")) == {"ana", "ben"}
    assert veza_stack.resources()["team"]["outputs"] == before
    tenant.clear_faults()
    veza_stack.up(skip_preview=True)
    assert (set(tenant.members("Desk")), set(tenant.members("Other"))) == (set(), {"ana", "ben"})


@pytest.mark.catalogue(34)
@pytest.mark.slow
def test_refresh_and_destroy_take_the_settings_of_the_state_or_with_run_program_those_of_now(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    tenant.seed(types=[{"id": "t-role", "name": "Role"}])
    stack = stack_factory(
        program(resource("AccessProfile", "crm", name="CRM", profile_type="t-role")),
        config={"veza:url": tenant.url, "veza:maxRetries": "0"},
        secrets={"veza:apiKey": tenant.token},
    )
    stack.up(skip_preview=True)
    tenant.edit_profile("CRM", state="PAUSED")
    stack.config_set("veza:url", "http://127.0.0.1:9")
    stack.refresh(skip_preview=True)
    assert stack.resources()["crm"]["outputs"]["state"] == "PAUSED"
    refused = stack.refresh("--run-program", check=False, skip_preview=True)
    assert refused.returncode != 0
    assert f"belongs to the tenant {tenant.url}, as its state says, and this run is about http://127.0.0.1:9" in refused
    assert stack.resources().keys() == {"crm"}
    stack.config_set("veza:url", tenant.url)
    tenant.edit_profile("CRM", state="RUNNING")
    stack.destroy("--run-program", skip_preview=True)
    assert stack.resources() == {}
    assert tenant.profile("CRM")["state"] == "PAUSED"
