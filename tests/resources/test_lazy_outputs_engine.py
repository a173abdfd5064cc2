"""A real program that uses the outputs of resources in every way that there is, on the real engine."""

from __future__ import annotations

import json

import pytest

from tests.support.stack import Stack
from tests.support.tenant import Tenant

PROGRAM = """
import json

import pulumi
import pulumi_veza as veza

role = veza.AccessProfileType("role", name="Role")
sales = veza.AccessProfile(
    "sales",
    name="Sales",
    profile_type=role.id,
    description=pulumi.Output.secret("hush"),
    labels=["b", "a"],
)
team = veza.MembershipSet("team", profile_id=sales.id, identity_ids=["ana"])
# Another resource's input, by what the provider computes; only now asked for the first time.
sales.current_version_number.apply(
    lambda number: veza.AccessProfile("follower", name=f"Sales {number}", profile_type=sales.profile_type)
)
other = veza.AccessProfile("other", name="Other", profile_type=sales.profile_type, description=sales.state)
found = veza.AccessProfile.get("found", "p-crm")


async def about(output):
    resources = sorted(each.pulumi_resource_name for each in await output.resources())
    return json.dumps([await output.is_known(), await output.is_secret(), resources])


pulumi.export("id", sales.id)
pulumi.export("labels", sales.labels)
pulumi.export("number", sales.current_version_number)
pulumi.export("draft", pulumi.Output.concat("draft ", sales.draft_version_number.apply(str)))
pulumi.export("description", sales.description)
pulumi.export("followed", other.description)
pulumi.export("not given", sales.custom_properties)
pulumi.export("members", team.members.apply(lambda members: [each["id"] for each in members]))
pulumi.export("found", [found.name, found.state, found.id])
pulumi.export("whole", role)
for name in ("name", "description", "created_at"):
    pulumi.export(f"about {name}", about(getattr(sales, name)))
"""


@pytest.mark.slow
def test_every_use_of_an_output_shows_what_the_engine_has(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "t-crm", "name": "CRM"}],
        profiles=[{"id": "p-crm", "name": "CRM", "profile_type": "t-crm"}],
        identities=["ana"],
    )
    veza_stack.write(PROGRAM)
    preview = veza_stack.preview_json()
    planned = {step["urn"].rpartition("::")[2] for step in preview["steps"] if step["op"] == "create"}
    # What depends on a number that only the update knows is not planned yet.
    assert planned == {"test-dev", "role", "sales", "team", "other"}

    veza_stack.up(skip_preview=True)
    outputs = veza_stack.outputs("--show-secrets")
    sales = tenant.profile("Sales")
    assert outputs["id"] == sales["id"]
    assert (outputs["labels"], outputs["number"], outputs["draft"]) == (["a", "b"], 1, "draft 0")
    assert (outputs["description"], outputs["followed"]) == ("hush", "RUNNING")
    assert "not given" not in outputs or outputs["not given"] is None
    assert outputs["members"] == ["ana"]
    assert outputs["found"] == ["CRM", "RUNNING", "p-crm"]
    assert outputs["whole"]["name"] == "Role"
    assert outputs["whole"]["urn"].endswith("::role")
    assert outputs["whole"]["created_at"]
    assert {name: json.loads(outputs[f"about {name}"]) for name in ("name", "description", "created_at")} == {
        "name": [True, False, ["sales"]],
        "description": [True, True, ["sales"]],
        "created_at": [True, False, ["sales"]],
    }
    assert veza_stack.outputs()["description"] == "[secret]"
    assert tenant.profile("Sales 1")["profile_type"] == sales["profile_type"]
    other = veza_stack.resources()["other"]
    assert [urn.rpartition("::")[2] for urn in other["propertyDependencies"]["description"]] == ["sales"]
    veza_stack.preview("--expect-no-changes")
