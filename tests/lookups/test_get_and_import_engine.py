"""Objects that exist already: looked up with ``get``, and brought under management with ``pulumi import --file``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resources.test_profiles_engine import A_TYPE, ENTITLEMENTS, profile
from tests.support.fixtures import StackFactory
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Json, Tenant

LISTED = [entitlement("00G1"), entitlement("00G2")]

SALES: Json = {"id": "t-sales", "name": "Sales", "allow_create_relationships": True, "instructions": "# Read"}
CRM: Json = {
    "id": "p-crm",
    "name": "CRM",
    "profile_type": "t-sales",
    "labels": ["b", "a"],
    "custom_properties": {"owner": "kay"},
    ENTITLEMENTS: LISTED,
}


def getter(kind: str, variable: str, id_: str) -> str:
    return f"{variable} = veza.{kind}.get({variable!r}, {id_!r})"


@pytest.mark.slow
@pytest.mark.catalogue(12)
def test_what_exists_can_be_looked_up_whole_and_is_never_managed(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(types=[SALES], profiles=[CRM])
    veza_stack.write(
        program(
            getter("AccessProfileType", "sales", "t-sales"),
            getter("AccessProfile", "crm", "p-crm"),
            getter("AccessProfileVersion", "content", "p-crm/versions/current"),
            exports={
                "type": [Code(f"sales.{name}") for name in ("name", "allow_create_relationships", "instructions")],
                "profile": [
                    Code(f"crm.{name}")
                    for name in ("name", "profile_type", "state", "labels", "custom_properties", "entitlements")
                ],
                "version": [Code(f"content.{name}") for name in ("version_number", "entitlements", "inherits_from")],
            },
        )
    )
    tenant.clear_requests()
    veza_stack.up()
    assert veza_stack.outputs() == {
        "type": ["Sales", True, "# Read"],
        "profile": ["CRM", "t-sales", "RUNNING", ["a", "b"], {"owner": "kay"}, LISTED],
        "version": [1, LISTED, []],
    }
    veza_stack.preview("--expect-no-changes")
    tenant.edit_profile("CRM", labels=["c"])
    veza_stack.up("--refresh", skip_preview=True)
    assert veza_stack.outputs()["profile"][3] == ["c"]
    veza_stack.destroy(skip_preview=True)
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(12)
def test_what_does_not_exist_is_one_line(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(types=[SALES], profiles=[CRM])
    missing = {
        "AccessProfileType": ("t-none", "AccessProfileType 't-none' does not exist in this tenant; check the id"),
        "AccessProfile": ("p-none", "AccessProfile 'p-none' does not exist in this tenant; check the id"),
        "AccessProfileVersion": (
            "p-crm",
            "'p-crm' is not the id of a version; it reads PROFILE_ID/versions/current, or /draft, or a number",
        ),
    }
    for kind, (id_, said) in missing.items():
        veza_stack.write(program(getter(kind, "missing", id_)))
        refused = veza_stack.preview(check=False)
        assert refused.returncode != 0
        assert f"Veza: {said}" in refused
        assert "Traceback" not in refused


@pytest.mark.catalogue(13)
@pytest.mark.slow
def test_an_import_of_inputs_and_outputs_is_followed_by_an_empty_preview(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    text = program(
        A_TYPE,
        profile("crm", name="CRM", labels=["b", "a"], entitlements=LISTED),
        profile("directory", name="Directory"),
        resource("AccessProfileVersion", "content", profile_id=Code("directory.id"), entitlements=LISTED),
    )
    first = stack_factory(text, environment=tenant.env())
    first.up(skip_preview=True)
    entries: list[dict[str, Any]] = [
        {"name": name, **{key: each[key] for key in ("type", "id", "inputs", "outputs")}}
        for name, each in first.resources().items()
    ]
    second = stack_factory(text, environment=tenant.env())
    tenant.clear_requests()
    second.import_file(entries)
    # An import protects; that the program does not say so is no change of the objects.
    second.run("state", "unprotect", "--all", "--yes")
    second.preview("--expect-no-changes")
    assert tenant.requests(mutating=True) == []
