"""Names, aliases, secrets and the engine's own options, on every kind but the members."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.resources.test_profiles_engine import A_TYPE, patches, profile
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

LISTED = [entitlement("00G1")]


def everything(suffix: str, alias: str = "") -> str:
    """Give a program of one resource a kind, whose names end in ``suffix``."""

    def options(name: str) -> dict[str, Any] | None:
        return {"aliases": Code(f"[pulumi.Alias(name={name + alias!r})]")} if alias else None

    return program(
        resource(
            "AccessProfileType", f"sales{suffix}", options("sales"), name="Sales", allow_create_relationships=True
        ),
        profile(
            f"crm{suffix}", options("crm"), name="CRM", profile_type=Code(f"sales{suffix}.id"), entitlements=LISTED
        ),
        profile(f"directory{suffix}", options("directory"), name="Directory", profile_type=Code(f"sales{suffix}.id")),
        resource(
            "AccessProfileVersion",
            f"content{suffix}",
            options("content"),
            profile_id=Code(f"directory{suffix}.id"),
            entitlements=LISTED,
            on_destroy="clear",
        ),
    )


@pytest.mark.catalogue(15)
def test_a_resource_renamed_keeps_its_object_with_an_alias_and_without(veza_stack: Stack, tenant: Tenant) -> None:
    veza_stack.write(everything("_1"))
    veza_stack.up(skip_preview=True)
    ids = {name: each["id"] for name, each in veza_stack.resources().items()}
    tenant.clear_requests()

    veza_stack.write(everything("_2"))
    told = veza_stack.up(skip_preview=True)
    assert tenant.requests(mutating=True) == []
    assert {name.replace("_2", "_1"): each["id"] for name, each in veza_stack.resources().items()} == ids
    assert {each["state"] for each in tenant.profiles()} == {"RUNNING"}
    for message in (
        f"AccessProfile 'crm_1': access profile 'CRM' ({ids['crm_1']}) stays as it is: AccessProfile 'crm_2' manages "
        "it now",
        "AccessProfileVersion 'content_1': the content of version 1 of access profile 'Directory' "
        f"({ids['directory_1']}) stays: AccessProfileVersion 'content_2' manages it now",
    ):
        assert f"info: {message}\n" in told

    veza_stack.write(everything("_3", alias="_2"))
    veza_stack.up("--expect-no-changes", skip_preview=True)
    assert {name.replace("_3", "_1"): each["id"] for name, each in veza_stack.resources().items()} == ids
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(31)
@pytest.mark.slow
def test_secret_inputs_stay_secret_in_the_state_and_in_outputs(veza_stack: Stack, tenant: Tenant) -> None:
    hidden = {
        "name": "hidden-name",
        "description": "hidden-description",
        "label": "hidden-label",
        "entity": "hidden-entity",
        "owner": "hidden-owner",
        "type": "hidden-type",
    }

    def secret(value: object) -> Code:
        return Code(f"pulumi.Output.secret({value!r})")

    veza_stack.write(
        program(
            resource("AccessProfileType", "sales", name=secret(hidden["type"]), allow_create_relationships=True),
            profile(
                "crm",
                name=secret(hidden["name"]),
                description=secret(hidden["description"]),
                labels=Code(f"[pulumi.Output.secret({hidden['label']!r}), 'open']"),
                custom_properties=secret({"owner": hidden["owner"]}),
                entitlements=secret([entitlement(hidden["entity"])]),
            ),
            exports={
                "name": Code("crm.name"),
                "labels": Code("crm.labels"),
                "entitlements": Code("crm.entitlements"),
                "state": Code("crm.state"),
            },
        )
    )
    shown = str(veza_stack.up("--diff"))
    assert "hidden" not in shown
    assert "hidden" not in json.dumps(veza_stack.export())
    exported = veza_stack.outputs()
    assert exported["state"] == "RUNNING"
    assert {str(exported[name]) for name in ("name", "labels", "entitlements")} == {"[secret]"}
    assert tenant.profile("hidden-name")["labels"] == ["hidden-label", "open"]

    tenant.edit_profile("hidden-name", description="hidden-drift", labels=["hidden-too"])
    assert "hidden" not in str(veza_stack.refresh("--diff", skip_preview=True))
    assert "hidden" not in json.dumps(veza_stack.export())
    assert "hidden" not in str(veza_stack.up("--diff"))
    assert tenant.profile("hidden-name")["labels"] == ["hidden-label", "open"]
    veza_stack.preview("--expect-no-changes")


@pytest.mark.catalogue(14)
def test_protected_retained_and_dependent_objects_are_left_alone(veza_stack: Stack, tenant: Tenant) -> None:
    protected = profile("protected", {"protect": True}, name="Protected")
    unprotected = profile("protected", {"retain_on_delete": True}, name="Protected")
    others = (
        profile("retained", {"retain_on_delete": True}, name="Retained"),
        profile("dependent", {"deleted_with": Code("sales")}, name="Dependent"),
        profile("paused", name="Paused"),
    )
    veza_stack.write(program(A_TYPE, *others, protected))
    veza_stack.up(skip_preview=True)
    refused = veza_stack.destroy(check=False, skip_preview=True)
    assert refused.returncode != 0
    assert "protected" in refused
    assert tenant.profile("Protected")["state"] == "RUNNING"

    veza_stack.write(program(A_TYPE, *others, unprotected))
    veza_stack.up(skip_preview=True)
    tenant.clear_requests()
    veza_stack.destroy(skip_preview=True)
    assert patches(tenant) == {"Paused": [{"state": "PAUSED"}]}


@pytest.mark.slow
@pytest.mark.catalogue(14)
def test_a_targeted_or_forced_replacement_touches_one_profile_and_keeps_it(veza_stack: Stack, tenant: Tenant) -> None:
    def text(description: str) -> str:
        return program(
            A_TYPE,
            profile("one", {"replace_on_changes": ["description"]}, name="One", description=description),
            profile("two", name="Two", description=description),
        )

    veza_stack.write(text("before"))
    veza_stack.up(skip_preview=True)
    ids = {each["name"]: each["id"] for each in tenant.profiles()}
    urn = veza_stack.resources()["one"]["urn"]

    veza_stack.write(text("after"))
    tenant.clear_requests()
    veza_stack.up("--target", urn, skip_preview=True)
    assert patches(tenant) == {"One": [{"description": "after"}]}
    tenant.clear_requests()
    veza_stack.up("--replace", urn, skip_preview=True)
    assert patches(tenant) == {"Two": [{"description": "after"}]}
    assert {each["name"]: each["id"] for each in tenant.profiles()} == ids
    assert {each["state"] for each in tenant.profiles()} == {"RUNNING"}
    veza_stack.preview("--expect-no-changes")
