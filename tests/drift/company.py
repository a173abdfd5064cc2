"""One small company: its program, and what somebody did to its tenant by hand."""

from __future__ import annotations

from typing import Any

from tests.impact.small_engine import Engine
from tests.support.generation.programs import Declared, Ref
from tests.support.programs import entitlement
from tests.support.runs import Runs
from tests.support.tenant import Tenant

PEOPLE = ["ana", "bob", "carl", "dora", "eve", "finn"]


def declared(**changes: dict[str, Any]) -> list[Declared]:
    """Return the program; ``changes`` are arguments of resources that are other ones, by the resource's name."""
    resources = [
        (
            "AccessProfileType",
            "role",
            {"name": "Role", "allow_create_relationships": True, "instructions": "Ask first"},
        ),
        (
            "AccessProfile",
            "crm",
            {
                "name": "CRM",
                "profile_type": Ref("role"),
                "description": "Sells",
                "labels": ["sales", "vip"],
                "entitlements": [entitlement("g1"), entitlement("g2")],
            },
        ),
        ("AccessProfile", "desk", {"name": "Desk", "profile_type": Ref("role")}),
        ("AccessProfile", "old", {"name": "Old", "profile_type": Ref("role")}),
        ("AccessProfile", "free", {"name": "Free", "profile_type": Ref("role")}),
        ("MembershipSet", "sellers", {"profile_id": Ref("crm"), "identity_ids": ["ana", "bob"]}),
        (
            "MembershipSet",
            "deskers",
            {"profile_id": Ref("desk"), "identity_ids": ["carl"], "mode": "authoritative", "max_removal_percent": 100},
        ),
        ("MembershipSet", "audited", {"profile_id": "p-audited", "identity_ids": ["eve"], "mode": "audit"}),
    ]
    return [Declared(kind, key, {**arguments, **changes.get(key, {})}) for kind, key, arguments in resources]


def deployed(runs: Runs) -> Engine:
    """Fill the tenant and deploy the program."""
    tenant = runs.tenant
    tenant.reset()
    tenant.seed(
        identities=[{"id": each, "name": each.title()} for each in PEOPLE],
        types=[
            {"id": "t-hand", "name": "By hand", "allow_create_relationships": True},
            {"id": "t-built-in", "name": "Business Role"},
        ],
        profiles=[
            {"id": "p-audited", "name": "Audited", "profile_type": "t-hand", "members": ["eve", "finn"]},
            {"id": "p-hand", "name": "Hand [made]", "profile_type": "t-hand", "members": ["ana", "bob", "carl"]},
        ],
    )
    engine = Engine(runs)
    engine.up(declared())
    tenant.clear_requests()
    return engine


def changed_by_hand(tenant: Tenant) -> None:
    """Change one thing of every sort."""
    tenant.edit_profile(
        "CRM",
        description="By hand",
        labels=["sales", "added"],
        entities_to_create_relationships_to=[entitlement("g1"), entitlement("g3")],
    )
    tenant.edit_profile("Desk", state="PAUSED", entities_to_create_relationships_to=[entitlement("g9")])
    tenant.delete_profile("Old")
    tenant.change_members("CRM", add=["dora"], remove=["bob"])
    tenant.change_members("CRM", add=["eve"], created_from="BIRTHRIGHT")
    tenant.change_members("CRM", add=["finn"], created_from="7")
    tenant.change_members("Desk", add=["dora"])
    tenant.change_members("Free", add=["finn"])
    tenant.change_members("p-audited", remove=["eve"])


ROWS = [
    ("object-gone", "old"),
    ("content-drift", "crm", "entitlements", "SalesforceGroup sf-prod/g2"),
    ("content-drift", "crm", "entitlements", "SalesforceGroup sf-prod/g3"),
    ("member-removed-by-hand", "audited", "eve"),
    ("member-removed-by-hand", "sellers", "bob"),
    ("member-added-by-hand", "free", "finn"),
    ("member-added-by-hand", "audited", "finn"),
    ("member-added-by-hand", "deskers", "dora"),
    ("member-added-by-hand", "sellers", "dora"),
    ("attribute-drift", "crm", "description"),
    ("attribute-drift", "crm", "labels", "added"),
    ("attribute-drift", "crm", "labels", "vip"),
    ("attribute-drift", "desk", "state"),
    ("member-of-unknown-source", "sellers", "finn"),
    ("unmanaged-content", "desk", "entitlements"),
    ("unmanaged-profile", "Hand [made]"),
    ("unmanaged-type", "By hand"),
]
"""What is found then, in the order of the document."""
