"""A tenant that keeps otherwise what it is sent: said once, nothing for ever, and nothing made twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

COMPOSED, APART = "Caf\u00e9", "Cafe\u0301"


def sales(**more: Any) -> str:
    return resource("AccessProfile", "it", **{"profile_type": Code("role.id"), **more})


def role(name: str = "Role", **more: Any) -> str:
    return resource("AccessProfileType", "role", name=name, allow_create_relationships=True, **more)


def methods(tenant: Tenant) -> list[str]:
    found = [each["method"] for each in tenant.requests(mutating=True)]
    tenant.clear_requests()
    return found


def ids(tenant: Tenant) -> list[str]:
    return [each["id"] for each in (*tenant.profiles(), *tenant.state()["types"])]


@pytest.mark.slow
def test_a_tenant_that_trims_escapes_and_keeps_only_texts_has_one_object_and_no_drift(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.quirks(trims_texts=True, escapes_texts=True, custom_properties_as_texts=True)
    properties = {"flag": True, "since": 2026}
    veza_stack.write(
        program(
            role("Role "),
            sales(
                name="R&D ",
                labels=["crm "],
                custom_properties=properties,
                entitlements=[entitlement("00G1", custom_properties=properties)],
            ),
        )
    )
    told = veza_stack.up(skip_preview=True)
    assert (
        "warning: AccessProfile 'it': the tenant keeps "
        "entitlements['SalesforceGroup sf-prod/00G1']['custom_properties']['flag'] as 'true' instead of True, "
        "entitlements['SalesforceGroup sf-prod/00G1']['custom_properties']['since'] as '2026' instead of 2026, "
        "name as 'R&amp;D' instead of 'R&D ', labels as 'crm' instead of 'crm ', custom_properties['flag'] as 'true' "
        "instead of True, custom_properties['since'] as '2026' instead of 2026; write a text without"
    ) in told
    assert "warning: AccessProfileType 'role': the tenant keeps name as 'Role' instead of 'Role '; write here" in told
    made = ids(tenant)
    methods(tenant)
    veza_stack.refresh("--expect-no-changes")
    assert "keeps" not in veza_stack.up("--refresh", "--expect-no-changes", skip_preview=True)
    assert methods(tenant) == []
    veza_stack.destroy(skip_preview=True)
    veza_stack.up(skip_preview=True)
    assert ids(tenant) == made
    methods(tenant)
    veza_stack.preview("--refresh", "--expect-no-changes")
    assert methods(tenant) == []


@pytest.mark.parametrize("lost", [{"reset": "after_commit"}, {"status": 500, "status_when": "after_commit"}])
@pytest.mark.slow
def test_what_only_lists_show_is_changed_once_and_a_lost_answer_makes_no_second_object(
    veza_stack: Stack, tenant: Tenant, lost: dict[str, Any]
) -> None:
    tenant.quirks(lowercases_texts=True, kept_texts_show_later=True)
    tenant.fault(method="POST", count=None, **lost)
    veza_stack.write(program(role(), sales(name="Sales Team", description="Sells", labels=["CRM"])))
    veza_stack.up(skip_preview=True)
    tenant.clear_faults()
    made = ids(tenant)
    assert len(made) == 2
    sent = []
    for _ in range(3):
        methods(tenant)
        veza_stack.up("--refresh", skip_preview=True)
        sent.append(methods(tenant))
    assert sent[1:] == [[], []]
    assert len(sent[0]) <= 1
    assert ids(tenant) == made


@pytest.mark.slow
def test_waiting_for_the_approval_to_start_is_no_drift(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.quirks(approval_to_start=True)
    tenant.seed(
        types=[{"id": "t", "name": COMPOSED, "allow_create_relationships": True}],
        profiles=[{"id": "p", "name": COMPOSED, "profile_type": "t", "state": "PAUSED"}],
    )
    # The accents of both names are spelled otherwise than in the tenant.
    veza_stack.write(program(role(APART), sales(name=APART, require_approval_to_start=True)))
    told = veza_stack.up(skip_preview=True)
    assert ids(tenant) == ["p", "t"]
    assert tenant.profile("p")["state"] == "PENDING"
    waits = "info: AccessProfile 'it': waits for the approval to start: the tenant answers PENDING, and RUNNING is not"
    assert [each.startswith(waits) for each in told.diagnostics].count(True) == 1
    methods(tenant)
    assert waits not in veza_stack.refresh("--expect-no-changes")
    assert waits not in veza_stack.up("--refresh", "--expect-no-changes", skip_preview=True)
    tenant.approve("p")
    veza_stack.up("--refresh", "--expect-no-changes", skip_preview=True)
    assert methods(tenant) == []
    assert "__kept" not in veza_stack.resources()["it"]["outputs"]


def test_a_name_that_the_tenant_takes_for_another_spelling_is_refused_with_the_object(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(
        types=[{"id": "t", "name": "Role"}, {"id": "t-2", "name": "Other role", "instructions": "Read them"}],
        profiles=[
            {"id": "p", "name": "Sales team", "profile_type": "t", "description": "By hand"},
            {"id": "p-2", "name": "Support", "profile_type": "t-2"},
        ],
    )
    tenant.quirks(unique_names_without_case=True)
    veza_stack.write(
        program(
            resource("AccessProfile", "sales", name="Sales Team", profile_type="t"),
            resource("AccessProfile", "support", name="Support", profile_type="t"),
            resource("AccessProfileType", "role", name="OTHER ROLE"),
        )
    )
    refused = veza_stack.up("--continue-on-error", check=False, skip_preview=True)
    assert refused.returncode
    for text in (
        "the tenant takes it for one that exists: 'Sales team' (p) of type t; write the name as 'Sales team' and the "
        "type as they are there to take it over, or choose another name",
        "the tenant takes it for one that exists: 'Support' (p-2) of type t-2; write the name and the type",
        "the tenant takes it for one that exists: 'Other role' (t-2); write the name as 'Other role'",
    ):
        assert text in refused
    assert "pulumi refresh" not in refused
    assert len(tenant.profiles()) == 2


def test_what_is_kept_of_a_secret_is_nowhere_in_plain_text(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.quirks(trims_texts=True)
    veza_stack.write(
        program(role(), sales(name="Sales", description=Code("pulumi.Output.secret('hush-hush ')"), labels=["crm "]))
    )
    told = veza_stack.up(skip_preview=True)
    assert "the tenant keeps description, labels as 'crm' instead of 'crm '" in told
    refreshed = veza_stack.refresh("--expect-no-changes", skip_preview=True)
    assert tenant.profile("Sales")["description"] == "hush-hush"
    for text in (str(told), str(refreshed), json.dumps(veza_stack.export())):
        assert "hush" not in text
    assert veza_stack.preview("--expect-no-changes")
