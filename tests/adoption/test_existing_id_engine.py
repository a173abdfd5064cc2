"""``existing_id`` on the real engine: two objects of one name, a kill in between, and what is nothing afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Json, Tenant

ENTITLEMENTS = "entities_to_create_relationships_to"
OPEN: Json = {"name": "Role", "allow_create_relationships": True, "allow_inherit_entities": True}
TWIN: Json = {"name": "Twin", "profile_type": "t-1"}


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
        types=[{**OPEN, "id": "t-1"}, {**OPEN, "id": "t-2"}],
        profiles=[
            {**TWIN, "id": "p-1", "labels": ["a"], ENTITLEMENTS: [entitlement("00G1")], "members": ["ana"]},
            {**TWIN, "id": "p-2", "state": "PAUSED"},
            {"name": "Older", "profile_type": "t-2", "id": "p-3", ENTITLEMENTS: [entitlement("00G1")]},
        ],
    )
    tenant.clear_requests()


def text(role: Json, one: Json, two: Json, *more: str) -> str:
    return program(
        resource("AccessProfileType", "role", **{**OPEN, **role}),
        resource("AccessProfile", "one", name="Twin", profile_type=Code("role.id"), labels=["a"], **one),
        resource("AccessProfile", "two", name="Twin", profile_type=Code("role.id"), state="PAUSED", **two),
        *more,
    )


def ids(stack: Stack) -> dict[str, Any]:
    return {name: each["id"] for name, each in stack.resources().items()}


@pytest.mark.slow
@pytest.mark.catalogue(13)
def test_objects_of_one_name_are_taken_over_without_a_write_and_the_ids_are_nothing_afterwards(
    veza_stack: Stack, tenant: Tenant
) -> None:
    members = resource("MembershipSet", "team", profile_id=Code("one.id"), identity_ids=["ana"])
    named = [{"existing_id": each} for each in ("t-1", "p-1", "p-2")]
    veza_stack.write(text(*named, members))
    told = veza_stack.up(skip_preview=True)
    assert (
        "2 access profiles that exist are taken over as they are: 'Twin' (p-1), 'Twin' (p-2); a later destroy" in told
    )
    taken = {"role": "t-1", "one": "p-1", "two": "p-2", "team": "p-1/versions/current/members"}
    assert ids(veza_stack) == taken
    # Without the ids, with them again, and after a refresh in between.
    veza_stack.write(text({}, {}, {}, members))
    veza_stack.up("--expect-no-changes", skip_preview=True)
    veza_stack.refresh("--expect-no-changes", skip_preview=True)
    veza_stack.write(text(*named, members))
    veza_stack.preview("--refresh", "--expect-no-changes")
    assert ids(veza_stack) == taken
    assert tenant.requests(mutating=True) == []

    for wrong, said in [
        (
            text(named[0], {}, named[1], members),
            "AccessProfile 'two' is access profile 'Twin' (p-2), and existing_id=\"p-1\" names another; only a create "
            "reads existing_id: leave it out, or write the id p-2; to manage p-1, declare it as a resource of its own",
        ),
        (
            text({**named[0], "description": "New"}, *named[1:], members),
            "access profile type 'Role' (t-1) differs in description, and the API cannot change a type; write the same "
            "here as it has, or leave existing_id out to create a new type and leave this one behind",
        ),
    ]:
        veza_stack.write(wrong)
        refused = veza_stack.preview(check=False)
        assert refused.returncode != 0
        assert "Traceback" not in refused
        assert said in refused
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(17)
@pytest.mark.slow
def test_a_kill_after_the_first_change_of_a_takeover_is_made_good_by_the_next_up(
    veza_stack: Stack, tenant: Tenant
) -> None:
    wanted = [entitlement("00G2")]
    veza_stack.write(
        program(
            resource("AccessProfileType", "role", **OPEN, existing_id="t-1"),
            resource(
                "AccessProfile",
                "taken",
                name="Newer",
                profile_type=Code("role.id"),
                entitlements=wanted,
                existing_id="p-3",
                adopt="always",
            ),
        )
    )
    fault = tenant.fault(method="PATCH", path="/access_profiles/p-3$", hold="after_commit")
    running = veza_stack.start("up", "--yes", "--skip-preview")
    fault.kill(running)
    assert (tenant.profile("p-3")["name"], tenant.profile("p-3")["profile_type"]) == ("Newer", "t-1")
    tenant.clear_requests()
    veza_stack.cancel()
    veza_stack.up(skip_preview=True)
    assert ids(veza_stack) == {"role": "t-1", "taken": "p-3"}
    assert len(tenant.profiles()) == 3
    (sent,) = tenant.requests(mutating=True)
    assert sent["path"].endswith("/access_profiles/p-3/versions/1")
    assert [each["entity_id"] for each in tenant.version("p-3")[ENTITLEMENTS]] == ["00G2"]
    tenant.clear_requests()
    veza_stack.preview("--refresh", "--expect-no-changes")
    assert tenant.requests(mutating=True) == []
