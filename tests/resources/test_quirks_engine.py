"""What the documents leave open or contradict: whichever way a tenant answers, nothing changes that nobody changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resources.test_profiles_engine import ENTITLEMENTS, INHERITS
from tests.resources.test_types_engine import CREATED, TRANSFORMER
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

SEED: dict[str, Any] = {
    "identities": ["id-ann", "id-bob", "id-cy"],
    "datasources": [
        {"id": "sf-prod", "integration": "SALESFORCE"},
        {"id": "ad-corp", "integration": "ACTIVE_DIRECTORY"},
    ],
}


def every_kind(description: str = "Sells") -> str:
    """Return a program with every kind in it and every shape of a field: empty and full, nested, enumerations."""
    return program(
        resource(
            "AccessProfileType",
            "application",
            name="Application",
            description="One application",
            allow_create_relationships=True,
            require_single_integration=True,
            add_integration_prefix_to_access_profile_names=True,
            create_entitlement_based_on_profile=True,
            time_before_sync_check_in_seconds=3600,
            max_entitlements=25,
            no_entitlements=False,
            on_create_behavior="INITIAL",
            instructions="",
            create_entitlements=[
                {
                    **CREATED,
                    "attribute_transformers": {"values": [TRANSFORMER]},
                    "add_member_condition": {"type": "SCIM", "condition_string": "team eq 'sales'"},
                }
            ],
            name_transformer=TRANSFORMER,
        ),
        resource("AccessProfileType", "role", name="Role", allow_inherit_entities=True),
        resource("AccessProfileType", "connector", name="Connector"),
        resource(
            "AccessProfile",
            "crm",
            name="CRM",
            profile_type=Code("application.id"),
            state="RUNNING",
            description=description,
            labels=["sales", "requestable"],
            custom_properties={"owner": "kay", "empty": "", "none": [], "nested": {"n": 1, "zero": 0}},
            datasource_ids=["sf-prod", "ad-corp"],
            require_approval_to_start=False,
            catalog_item_info={"name": "CRM", "recommended": False},
            access_request_policy_id="policy-1",
            entitlements=[
                entitlement("00G2", grant_by="DIRECT", condition={"type": "SCIM", "condition_string": "x eq 1"}),
                entitlement("00G1", custom_properties={"a": 1, "b": ""}, created_by_access_profile=False),
            ],
            inherits_from=[],
        ),
        resource("AccessProfile", "paused", name="Paused", profile_type=Code("role.id"), state="PAUSED", labels=[]),
        resource(
            "AccessProfile",
            "connected",
            name="Connected",
            profile_type=Code("connector.id"),
            state="INITIAL",
            application_datasource_id="sf-prod",
            application_sync_identity_action={"policy_id": "p", "name": "n"},
        ),
        resource("AccessProfile", "seller", name="Seller", profile_type=Code("role.id")),
        resource(
            "AccessProfileVersion",
            "content",
            profile_id=Code("seller.id"),
            inherits_from=[Code("crm.id"), Code("connected.id")],
            entitlements=[],
            access_request_policy_id="policy-2",
            state="PUBLISHED",
        ),
        resource(
            "MembershipSet",
            "sellers",
            profile_id=Code("seller.id"),
            identity_ids=["id-bob", "id-ann"],
            mode="authoritative",
        ),
    )


APART = [
    ["integer_enumerations"],
    ["integer_current_version"],
    ["short_version_names"],
    ["nulls_for_empty"],
    ["omit_empty_fields"],
    ["minimal_types", "bare_member_list"],
    ["minimal_profile_answers", "single_access_request"],
    ["integers_as_strings", "create_answer_has_version"],
    ["unknown_fields", "token_after_last_page"],
    ["random_order"],
    ["integration_prefix_in_names"],
]
"""The switches, each alone; two that are about different kinds of objects share a run."""

EVERY_RUN = [["nulls_for_empty"], ["omit_empty_fields"], ["minimal_profile_answers", "single_access_request"]]
"""Of those, what the default tests try: the laws of `test_round_trip_laws.py` mix all of them, without the engine."""

TOGETHER = [quirk for quirks in APART for quirk in quirks]


def holds_what_was_written(tenant: Tenant) -> None:
    [crm] = [each for each in tenant.profiles() if each["name"].endswith("CRM")]
    content = tenant.version("Seller")
    assert (len(crm["current_version"][ENTITLEMENTS]), crm["require_approval_to_start"]) == (2, False)
    assert (len(content[INHERITS]), content["access_request_policy_id"]) == (2, "policy-2")
    assert sorted(tenant.members("Seller")) == ["id-ann", "id-bob"]


def stays_as_it_is(stack: Stack, tenant: Tenant) -> None:
    tenant.clear_requests()
    stack.preview("--refresh", "--expect-no-changes")
    assert tenant.requests(mutating=True) == []


@pytest.mark.parametrize(
    "quirks",
    [
        pytest.param(quirks, id=" and ".join(quirks), marks=() if quirks in EVERY_RUN else pytest.mark.slow)
        for quirks in APART
    ],
)
@pytest.mark.catalogue(28)
def test_a_quirk_alone_changes_nothing(veza_stack: Stack, tenant: Tenant, quirks: list[str]) -> None:
    tenant.seed(**SEED)
    tenant.quirks(**dict.fromkeys(quirks, True))
    veza_stack.write(every_kind())
    veza_stack.up(skip_preview=True)
    holds_what_was_written(tenant)
    stays_as_it_is(veza_stack, tenant)


@pytest.mark.parametrize(
    "quirks",
    [
        [each for each in TOGETHER if each != "omit_empty_fields"],
        pytest.param([each for each in TOGETHER if each != "nulls_for_empty"], marks=pytest.mark.slow),
    ],
    ids=["with nulls", "with empty fields left out"],
)
@pytest.mark.catalogue(28)
@pytest.mark.slow
def test_all_quirks_together_change_nothing_after_a_create_an_update_and_drift(
    veza_stack: Stack, tenant: Tenant, quirks: list[str]
) -> None:
    tenant.seed(**SEED)
    tenant.quirks(**dict.fromkeys(quirks, True))
    veza_stack.write(every_kind())
    veza_stack.up(skip_preview=True)
    holds_what_was_written(tenant)
    veza_stack.preview("--expect-no-changes")
    veza_stack.write(every_kind("Sells more"))
    veza_stack.up(skip_preview=True)
    tenant.edit_profile("Paused", labels=["by-hand"], state="RUNNING")
    tenant.edit_profile("Seller", inherit_entities_from_access_profiles=[])
    veza_stack.refresh(skip_preview=True)
    veza_stack.up(skip_preview=True)
    holds_what_was_written(tenant)
    paused = tenant.profile("Paused")
    assert (paused["labels"], paused["state"]) == ([], "PAUSED")
    stays_as_it_is(veza_stack, tenant)
