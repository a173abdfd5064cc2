"""A key that sees less, on the real engine: nothing leaves the state, and nothing is made a second time."""

from __future__ import annotations

import pytest

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

GROUPS = [entitlement("00G")]


def ids(stack: Stack) -> dict[str, str]:
    return {name: each["id"] for name, each in stack.resources().items()}


def test_what_a_key_does_not_see_stays_in_the_state_and_is_not_made_again(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(identities=["ana"])
    veza_stack.write(
        program(
            resource("AccessProfileType", "role", name="Role", allow_create_relationships=True),
            resource("AccessProfile", "sales", name="Sales", profile_type=Code("role.id")),
            resource(
                "AccessProfileVersion", "content", profile_id=Code("sales.id"), entitlements=GROUPS, on_destroy="clear"
            ),
            resource("MembershipSet", "team", profile_id=Code("sales.id"), identity_ids=["ana"]),
        )
    )
    veza_stack.up(skip_preview=True)
    sales = tenant.profile("Sales")["id"]
    held = ids(veza_stack)
    tenant.clear_requests()
    tenant.key(hidden_types=["Role"])
    refused = [veza_stack.refresh(check=False, skip_preview=True)]
    tenant.key(hidden_profiles=["Sales"], member_list=200)
    refused += [veza_stack.up("--refresh", check=False, skip_preview=True)]
    assert ids(veza_stack) == held
    refused += [veza_stack.destroy(check=False, skip_preview=True)]
    for each in refused:
        assert each.returncode
        assert "Traceback" not in each
        assert "the API key may not see it any more" in each
    assert ids(veza_stack) == held
    assert {each["status"] for each in tenant.requests(mutating=True)} <= {403}
    assert len(tenant.profiles()) == 1
    tenant.clear_keys()
    assert {*tenant.members(sales)} == {"ana"}
    veza_stack.refresh("--expect-no-changes", skip_preview=True)

    # What both witnesses say is gone leaves the state, and is made again with a warning that names the old id.
    tenant.delete_profile(sales)
    told = veza_stack.up("--refresh", skip_preview=True)
    assert f"access profile 'Sales' is created anew, as the old one ({sales}) is gone from the tenant" in told
    assert {*tenant.members("Sales")} == {"ana"}


@pytest.mark.slow
def test_a_new_profile_whose_members_are_not_shown_yet_gets_them_and_is_waited_for_by_the_next_refresh(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.quirks(new_profile_unlisted_reads=1)
    veza_stack.write(
        program(
            resource("AccessProfileType", "role", name="Role"),
            resource("AccessProfile", "sales", name="Sales", profile_type=Code("role.id")),
            resource("MembershipSet", "team", profile_id=Code("sales.id"), identity_ids=["ana"]),
        )
    )
    veza_stack.up(skip_preview=True)
    assert {*tenant.members("Sales")} == {"ana"}
    refused = veza_stack.refresh(check=False, skip_preview=True)
    assert "the tenant does not show the members of access profile 'Sales'" in refused
    assert "has no version" not in refused
    # The names, which only a list tells, are no change.
    veza_stack.refresh("--expect-no-changes", skip_preview=True)
    veza_stack.up("--expect-no-changes")
