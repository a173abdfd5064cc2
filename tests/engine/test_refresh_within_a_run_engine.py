"""`--refresh` on the operations that change something: the refresh claims nothing that they are to take away."""

from __future__ import annotations

import re

import pytest

from tests.resources.test_profiles_engine import A_TYPE, profile
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant


def sales(name: str) -> list[str]:
    """Give a profile, its content and its members, named so in the program."""
    return [
        profile(name, name="Sales"),
        resource(
            "AccessProfileVersion",
            f"{name}_content",
            profile_id=Code(f"{name}.id"),
            entitlements=[entitlement("00G1")],
            on_destroy="clear",
        ),
        resource("MembershipSet", f"{name}_team", profile_id=Code(f"{name}.id"), identity_ids=["ana", "bob"]),
    ]


@pytest.fixture
def deployed(veza_stack: Stack, tenant: Tenant) -> Stack:
    tenant.seed(identities=["ana", "bob"])
    veza_stack.write(program(A_TYPE, *sales("one")))
    veza_stack.up(skip_preview=True)
    assert set(tenant.members("Sales")) == {"ana", "bob"}
    return veza_stack


def is_gone(tenant: Tenant) -> bool:
    """Tell whether all of it has been taken away as ``on_destroy`` says."""
    listed = tenant.version("Sales")["entities_to_create_relationships_to"]
    return tenant.profile("Sales")["state"] == "PAUSED" and not tenant.members("Sales") and not listed


def test_what_leaves_the_program_is_taken_away(deployed: Stack, tenant: Tenant) -> None:
    deployed.write(program(A_TYPE))
    refused = deployed.up("--refresh", skip_preview=True, check=False)
    assert set(tenant.members("Sales")) == {"ana", "bob"}
    deployed.environment["VEZA_ALLOW_REMOVALS"] = re.findall(r"VEZA_ALLOW_REMOVALS=([\w-]+)", str(refused))[0]
    deployed.up("--refresh", skip_preview=True)
    assert is_gone(tenant)


@pytest.mark.parametrize("options", [["--refresh"], ["--refresh", "--run-program"]], ids=" ".join)
def test_a_destroy_takes_all_away(options: list[str], deployed: Stack, tenant: Tenant) -> None:
    deployed.destroy(*options, skip_preview=True)
    assert is_gone(tenant)


def test_what_is_renamed_keeps_its_object_and_its_members(deployed: Stack, tenant: Tenant) -> None:
    tenant.clear_requests()
    deployed.write(program(A_TYPE, *sales("two")))
    deployed.up("--refresh", skip_preview=True)
    assert tenant.requests(mutating=True) == []
    assert [each["name"] for each in tenant.profiles()] == ["Sales"]
    assert set(tenant.members("Sales")) == {"ana", "bob"}
    deployed.preview("--expect-no-changes")
