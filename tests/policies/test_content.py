"""What profiles give: how much, what never, and with whose approval."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.plan.records import UNKNOWN, Record
from pulumi_veza.policies.constraints import TypeConstraintsOptions, type_constraints
from pulumi_veza.policies.content import (
    ApprovalOptions,
    EntitlementCountOptions,
    ForbiddenEntitlementsOptions,
    approval,
    entitlement_count,
    forbidden_entitlements,
)
from pulumi_veza.policies.danger import DangerousOptions, dangerous_options
from pulumi_veza.policies.findings import Outcome
from tests.policies.declared import found, gives, members, outcomes, profile, type_, version

VIOLATION, UNDECIDED = Outcome.VIOLATION, Outcome.UNDECIDED


def test_the_count_is_of_all_entitlements_known_or_not() -> None:
    options = EntitlementCountOptions(max=1)
    assert found(entitlement_count, options, profile("p", entitlements=[gives("a")])) == []
    (said,) = found(entitlement_count, options, profile("p", entitlements=[gives("a"), gives("b")]))
    assert "holds 2 entitlements, and 1 is the most" in said.text
    unknown = {"a": gives("a"), "(unknown 1)": UNKNOWN}
    assert outcomes(found(entitlement_count, options, profile("p", entitlements=unknown))) == [(VIOLATION, "p")]
    assert outcomes(found(entitlement_count, options, profile("p", entitlements=UNKNOWN))) == [(UNDECIDED, "p")]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"entity_types": ("salesforce*",)}, "the entity type SalesforceGroup is forbidden by 'salesforce*'"),
        ({"datasources": ("sf-prod",)}, "the datasource sf-prod is forbidden by 'sf-prod'"),
        ({"patterns": ("*/*admin*",)}, "it is forbidden by '*/*admin*'"),
    ],
)
def test_an_entitlement_is_forbidden_by_type_datasource_or_name_whatever_the_case(
    options: dict[str, Any], why: str
) -> None:
    fine, bad = gives("x", "ad-corp", entity_type="Group"), gives("00G-Admins")
    assert (
        found(forbidden_entitlements, ForbiddenEntitlementsOptions(**options), profile("p", entitlements=[fine])) == []
    )
    (said,) = found(
        forbidden_entitlements, ForbiddenEntitlementsOptions(**options), profile("p", entitlements=[fine, bad])
    )
    assert said.text == f"AccessProfile 'p' gives SalesforceGroup sf-prod/00G-Admins, and {why}; take it out"


def test_an_entitlement_that_is_not_known_is_undecided_and_the_known_ones_are_judged() -> None:
    options = ForbiddenEntitlementsOptions(patterns=("*admin*",))
    held = {"x": gives("00G-Admins"), "(unknown 1)": gives(UNKNOWN)}
    assert outcomes(found(forbidden_entitlements, options, profile("p", entitlements=held))) == [
        (VIOLATION, "p"),
        (UNDECIDED, "p"),
    ]


def test_a_forbidden_datasource_is_not_assigned_as_a_whole_either() -> None:
    options = ForbiddenEntitlementsOptions(datasources=("root-*",))
    (said,) = found(forbidden_entitlements, options, profile("p", application_datasource_id="root-1"))
    assert "assigns the application root-1" in said.text
    assert outcomes(found(forbidden_entitlements, options, profile("p", application_datasource_id=UNKNOWN))) == [
        (UNDECIDED, "p")
    ]


def test_a_privileged_profile_needs_a_policy_of_its_own_its_version_or_its_type() -> None:
    def privileged(**more: Any) -> Record:
        return profile("p", labels=["privileged"], **more)

    role = type_("role", access_request_policy_id="pol-1")
    assert outcomes(found(approval, ApprovalOptions(), privileged())) == [(VIOLATION, "p")]
    assert found(approval, ApprovalOptions(), privileged(access_request_policy_id="pol-1")) == []
    assert found(approval, ApprovalOptions(), role, privileged(profile_type=role)) == []
    held = privileged()
    assert found(approval, ApprovalOptions(), held, version("v", held, access_request_policy_id="pol-1")) == []
    assert found(approval, ApprovalOptions(), profile("p", labels=["plain"])) == []


def test_a_profile_is_to_be_approved_by_its_name_and_may_need_an_approval_to_start() -> None:
    options = ApprovalOptions(names=("*admin*",), policy=False, approval_to_start=True)
    (said,) = found(approval, options, profile("Administrators"))
    assert "because of its name 'Administrators', and starts without one" in said.text
    assert found(approval, options, profile("Administrators", require_approval_to_start=True)) == []
    unknown = profile("Administrators", require_approval_to_start=UNKNOWN)
    assert outcomes(found(approval, options, unknown)) == [(UNDECIDED, "Administrators")]


def test_whether_approval_is_needed_is_undecided_while_labels_or_name_are_not_known() -> None:
    assert outcomes(found(approval, ApprovalOptions(), profile("p", labels=UNKNOWN))) == [(UNDECIDED, "p")]
    assert outcomes(found(approval, ApprovalOptions(names=("x",)), profile("p", name=UNKNOWN))) == [(UNDECIDED, "p")]
    of_unknown_type = profile("p", labels=["privileged"], profile_type=UNKNOWN)
    assert outcomes(found(approval, ApprovalOptions(), of_unknown_type)) == [(UNDECIDED, "p")]


def test_dangerous_options_are_refused_by_value() -> None:
    crm = profile("crm", adopt="always")
    content = version("v", crm, on_destroy="clear")
    said = found(dangerous_options, DangerousOptions(), crm, content, profile("fine"))
    assert outcomes(said) == [(VIOLATION, "crm"), (VIOLATION, "v")]
    assert "has adopt='always', and refused are always; write the same here" in said[0].text
    running = found(dangerous_options, DangerousOptions(states=("RUNNING",)), profile("p"), members("m", "x", "ana"))
    assert outcomes(running) == [(VIOLATION, "p")]
    assert outcomes(found(dangerous_options, DangerousOptions(), profile("p", adopt=UNKNOWN))) == [(UNDECIDED, "p")]


APP = type_("app", allow_create_relationships=True, max_entitlements=2, require_single_datasource=True)
ROLE = type_("role", allow_inherit_entities=True, allow_inherited_from_types=[APP])
CRM = profile("crm", profile_type=APP, entitlements=[gives("a"), gives("b")])


def constrained(*records: Record) -> list[str]:
    return [each.text for each in found(type_constraints, TypeConstraintsOptions(), *records)]


def test_content_that_its_type_allows_passes() -> None:
    seller = profile("seller", profile_type=ROLE, inherits_from=[CRM])
    assert constrained(APP, ROLE, CRM, seller) == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"profile_type": ROLE, "entitlements": [gives("a")]}, "its type 'role' allows none"),
        ({"profile_type": APP, "inherits_from": [CRM]}, "its type 'app' allows no inheritance"),
        ({"profile_type": APP, "entitlements": [gives(each) for each in "abc"]}, "holds 3 entitlements, and its type"),
        ({"profile_type": APP, "entitlements": [gives("a"), gives("a", "ad")]}, "holds entitlements of ad, sf-prod"),
        ({"profile_type": APP, "application_datasource_id": "sf-prod"}, "assigns the application sf-prod"),
    ],
)
def test_content_that_its_type_does_not_allow_is_named_with_the_type(inputs: dict[str, Any], said: str) -> None:
    (text,) = constrained(APP, ROLE, CRM, profile("p", **inputs))
    assert text.startswith("AccessProfile 'p' ")
    assert said in text


def test_a_role_inherits_only_from_the_types_that_its_type_names() -> None:
    seller = profile("seller", profile_type=ROLE, inherits_from=[CRM])
    lead = profile("lead", profile_type=ROLE, inherits_from=[seller])
    (text,) = constrained(APP, ROLE, CRM, seller, lead)
    assert "inherits from 'seller', whose type 'role' is not in allow_inherited_from_types of 'role'" in text


def test_content_written_by_a_version_is_said_of_the_version() -> None:
    lead = profile("lead", profile_type=ROLE)
    (text,) = constrained(ROLE, APP, lead, version("content", lead, entitlements=[gives("a")]))
    assert text.startswith("AccessProfileVersion 'content' holds entitlements")


def test_content_that_is_not_known_is_undecided_and_a_type_elsewhere_is_not_judged() -> None:
    unknown = profile("p", profile_type=APP, entitlements=UNKNOWN)
    assert outcomes(found(type_constraints, TypeConstraintsOptions(), APP, unknown)) == [(UNDECIDED, "p")]
    assert constrained(profile("p", entitlements=[gives(str(each)) for each in range(9)])) == []


def test_content_that_is_not_known_is_undecided_only_where_the_type_may_forbid_it() -> None:
    open_ = type_("open", allow_create_relationships=True, allow_inherit_entities=True)
    anything = profile("p", profile_type=open_, entitlements=UNKNOWN, inherits_from=UNKNOWN)
    assert constrained(open_, anything) == []
    for of_type in (APP, ROLE):
        (text,) = constrained(APP, ROLE, profile("p", profile_type=of_type, inherits_from=UNKNOWN))
        assert text == "AccessProfile 'p': which profiles p inherits from is not known before `pulumi up`"
    (text,) = constrained(APP, ROLE, profile("p", profile_type=ROLE, entitlements=UNKNOWN))
    assert text == "AccessProfile 'p': which entitlements p holds is not known before `pulumi up`"


def test_another_request_policy_than_the_types_is_refused_where_the_type_holds_it() -> None:
    held = type_("held", allow_create_relationships=True, access_request_policy_id="pol-1")
    (text,) = constrained(held, profile("p", profile_type=held, access_request_policy_id="pol-2"))
    assert "names the access request policy pol-2, and its type 'held' holds pol-1 for all" in text
