"""Versions of profiles on the real engine: the live one, the draft, and others by their number."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resources.test_profiles_engine import (
    A_TYPE,
    EMPTY_LISTS,
    ENTITLEMENTS,
    INHERITS,
    patches,
    plain_lines,
    profile,
)
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant

CRM = profile("crm", name="CRM")


def version(variable: str, options: dict[str, Any] | None = None, /, **arguments: Any) -> str:
    return resource("AccessProfileVersion", variable, options, **{"profile_id": Code("crm.id"), **arguments})


def error(result: Result) -> str:
    """Return the one error of a failed run that is not the engine's own summary."""
    assert result.returncode != 0
    assert "Traceback" not in result
    errors = {line for line in result.diagnostics if line.startswith("error: ")}
    assert len(errors) == 1, errors
    return errors.pop().removeprefix("error: Veza: ")


def live(tenant: Tenant, number: int | None = None) -> list[str]:
    return [each["entity_id"] for each in tenant.version("CRM", number)[ENTITLEMENTS]]


@pytest.mark.catalogue(2)
@pytest.mark.slow
def test_both_lists_are_sent_whichever_changed_and_one_that_is_not_managed_is_kept(
    veza_stack: Stack, tenant: Tenant
) -> None:
    parent = profile("parent", name="Parent")
    one, two = entitlement("00G1"), entitlement("00G2")
    veza_stack.write(program(A_TYPE, parent, CRM, version("content", entitlements=[two, one])))
    veza_stack.up(skip_preview=True)
    parent_id = tenant.profile("Parent")["id"]
    tenant.edit_profile("CRM", inherit_entities_from_access_profiles=[parent_id])

    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"entitlements": [one]}, {ENTITLEMENTS: [one], INHERITS: [parent_id]}),
        (
            {"entitlements": [one], "access_request_policy_id": "policy-1"},
            {"access_request_policy_id": "policy-1", ENTITLEMENTS: [one], INHERITS: [parent_id]},
        ),
        (
            {"entitlements": [one], "inherits_from": []},
            {"access_request_policy_id": "", ENTITLEMENTS: [one], INHERITS: []},
        ),
        ({}, EMPTY_LISTS),
    ]
    for arguments, sent in steps:
        tenant.clear_requests()
        veza_stack.write(program(A_TYPE, parent, CRM, version("content", **arguments)))
        veza_stack.up(skip_preview=True)
        assert {name: [stripped(body) for body in bodies] for name, bodies in patches(tenant).items()} == {
            "CRM+v1": [sent]
        }
    veza_stack.preview("--refresh", "--expect-no-changes")


def stripped(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body whose entitlements are written as a program writes them, without what is empty."""
    return {**body, ENTITLEMENTS: [{k: v for k, v in each.items() if v} for each in body[ENTITLEMENTS]]}


def test_the_current_version_is_followed_when_somebody_publishes_another(veza_stack: Stack, tenant: Tenant) -> None:
    content = version("content", entitlements=[entitlement("00G1")])
    veza_stack.write(program(A_TYPE, CRM, content, exports={"number": Code("content.version_number")}))
    veza_stack.up(skip_preview=True)
    assert veza_stack.outputs() == {"number": 1}
    number = tenant.publish_version("CRM", entities_to_create_relationships_to=[entitlement("00G7")])
    shown = plain_lines(veza_stack.refresh("--diff", skip_preview=True).stdout)
    assert "- SalesforceGroup sf-prod/00G1: {" in shown
    assert "+ SalesforceGroup sf-prod/00G7: {" in shown
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert patches(tenant) == {f"CRM+v{number}": [{ENTITLEMENTS: [entitlement("00G1")], INHERITS: []}]}
    assert veza_stack.outputs() == {"number": number}
    veza_stack.preview("--refresh", "--expect-no-changes")


@pytest.mark.slow
def test_a_draft_is_written_to_named_by_its_number_and_published(veza_stack: Stack, tenant: Tenant) -> None:
    draft = version("draft", version="draft", entitlements=[entitlement("00G2")])
    veza_stack.write(program(A_TYPE, CRM, draft))
    refused = error(veza_stack.up(check=False, skip_preview=True))
    crm = tenant.profile("CRM")["id"]
    assert refused == (
        f"AccessProfileVersion 'draft': access profile 'CRM' ({crm}) has no draft version; create one in Veza (the API "
        'cannot), or write version="current"'
    )

    number = tenant.create_draft("CRM")
    veza_stack.up(skip_preview=True)
    assert (live(tenant), live(tenant, number)) == ([], ["00G2"])
    tenant.edit_profile("CRM", version=number, entities_to_create_relationships_to=[])
    veza_stack.refresh(skip_preview=True)
    veza_stack.up(skip_preview=True)
    assert (live(tenant), live(tenant, number)) == ([], ["00G2"])

    # The same resource, now by the number: its content is kept, and the state makes it live.
    published = version("draft", version=number, entitlements=[entitlement("00G2")], state="PUBLISHED")
    veza_stack.write(program(A_TYPE, CRM, published, exports={"at": Code("draft.published_at")}))
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert patches(tenant) == {
        f"CRM+v{number}": [{"state": "PUBLISHED", ENTITLEMENTS: [entitlement("00G2")], INHERITS: []}]
    }
    after = tenant.profile("CRM")
    assert (after["current_version_number"], after["draft_version_number"]) == (number, 0)
    assert veza_stack.outputs() == {"at": tenant.version("CRM", number)["published_at"]}
    veza_stack.preview("--refresh", "--expect-no-changes")


def test_another_version_than_the_current_one_is_read_by_the_version_parameter_and_never_guessed(
    veza_stack: Stack, tenant: Tenant
) -> None:
    number = 2
    second = version("second", version=number, entitlements=[entitlement("00G2")])
    veza_stack.write(program(A_TYPE, CRM))
    veza_stack.up(skip_preview=True)
    tenant.create_draft("CRM")
    veza_stack.write(program(A_TYPE, CRM, second))
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert [each["query"]["version"] for each in tenant.requests(mutating=False) if "version" in each["query"]] == ["2"]
    assert (live(tenant), live(tenant, number)) == ([], ["00G2"])

    tenant.quirks(version_parameter_ignored=True)
    refused = error(veza_stack.refresh(check=False, skip_preview=True))
    assert refused == (
        "reading version 2 of access profile 'CRM': this tenant does not answer the version parameter for it; manage "
        'version="current" instead, or check the number'
    )
    assert live(tenant, number) == ["00G2"]


@pytest.mark.slow
def test_content_that_two_resources_declare_is_an_error_that_names_both(veza_stack: Stack, tenant: Tenant) -> None:
    inline = profile("crm", name="CRM", entitlements=[entitlement("00G1")])
    content = version("content", entitlements=[entitlement("00G2")], adopt="always")
    veza_stack.write(program(A_TYPE, inline, content))
    refused = veza_stack.up(check=False, skip_preview=True)
    said = (
        "resource 'content' has a problem: the content of the current version of access profile "
        f"{tenant.profile('CRM')['id']} is managed by AccessProfile 'crm' already; two resources that manage one "
        "object undo each other's changes: let only one of AccessProfileVersion 'content' and AccessProfile "
        "'crm' manage it"
    )
    assert refused.returncode != 0
    assert said in refused
    assert live(tenant) == ["00G1"]
    # Once the profile exists, the preview says so as well.
    assert said in veza_stack.preview(check=False)
    # The version is taken out again, and the profile goes on as it is.
    veza_stack.write(program(A_TYPE, inline))
    tenant.clear_requests()
    veza_stack.up("--expect-no-changes", skip_preview=True)
    assert tenant.requests(mutating=True) == []


@pytest.mark.slow
def test_content_moves_between_the_profile_and_a_version_of_its_own_without_being_lost(
    veza_stack: Stack, tenant: Tenant
) -> None:
    inline = profile("crm", name="CRM", entitlements=[entitlement("00G1")])
    content = version("content", entitlements=[entitlement("00G1")], on_destroy="clear")
    veza_stack.write(program(A_TYPE, CRM, content))
    veza_stack.up(skip_preview=True)
    veza_stack.write(program(A_TYPE, inline))
    veza_stack.up(skip_preview=True)
    assert live(tenant) == ["00G1"]
    veza_stack.preview("--refresh", "--expect-no-changes")
