"""A policy pack of a user's own sees the resources as a program writes them, at preview, before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.programs import entitlement, program, resource
from tests.support.team import TEAM, Team

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy

VEZA = "pulumi-python:dynamic/veza:"


def no_administrators(args, report):
    if args.resource_type == VEZA + "AccessProfile":
        for key, entitlement in (args.props.get("entitlements") or {}).items():
            if "admin" in entitlement["entity_id"].lower():
                report(f"{args.name} grants {key}")


def few_members(args, report):
    for resource in args.resources:
        if resource.resource_type == VEZA + "MembershipSet" and len(resource.props["identity_ids"]) > 2:
            report(f"{resource.name} lists {', '.join(sorted(resource.props['identity_ids']))}")


PolicyPack(
    "access",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy("no-administrators", "Nobody is made an administrator.", no_administrators),
        StackValidationPolicy("few-members", "At most two members.", few_members),
    ],
)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(PACK)
    return folder


@pytest.mark.catalogue(35)
@pytest.mark.slow
def test_a_pack_stops_what_must_not_happen_by_name_and_lets_the_rest_pass(team: Team, pack: Path) -> None:
    def declare(entity_id: str, *identity_ids: str) -> None:
        team.stack.write(
            program(
                resource(
                    "AccessProfile", "crm", name="CRM", profile_type="t-app", entitlements=[entitlement(entity_id)]
                ),
                resource("MembershipSet", "team", profile_id=TEAM, identity_ids=list(identity_ids)),
            )
        )

    team.tenant.seed(types=[{"name": "App", "id": "t-app", "allow_create_relationships": True}])
    declare("00G-Admins", "ana", "bob", "carl")
    stopped = team.stack.up("--policy-pack", str(pack), check=False)
    assert stopped.returncode != 0
    assert "[mandatory]  no-administrators" in stopped
    assert "crm grants SalesforceGroup sf-prod/00G-Admins" in stopped
    assert "Traceback" not in stopped
    assert team.tenant.requests(mutating=True) == []

    declare("00G-sellers", "ana", "bob", "carl")
    stopped = team.stack.preview("--policy-pack", str(pack), check=False)
    assert stopped.returncode != 0
    assert "team lists ana, bob, carl" in stopped

    declare("00G-sellers", "ana", "bob")
    team.stack.up("--policy-pack", str(pack))
    assert team.members == {"ana", "bob"}
