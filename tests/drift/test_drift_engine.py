"""The command on the real engine: it says what a refresh of the engine shows, takes no lock, and shows no secret."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

import pytest

from pulumi_veza.drift.document import KIND, DriftDocument, DriftRow
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

PEOPLE = ["ana", "bob", "carl", "dora"]


def command(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "diff", *arguments],
        cwd=stack.project,
        env=stack._environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def document(stack: Stack, *arguments: str) -> DriftDocument:
    done = command(stack, "--format", "json", "--fail-on", "never", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hush" not in done.stdout
    return KIND.load(done.stdout)


def refreshed(stack: Stack) -> set[tuple[str, str | None]]:
    """Refresh the stack; return what that changes in the inputs of its state: a resource's name, and the input."""
    before, _ = _inputs(stack), stack.refresh(skip_preview=True)
    after = _inputs(stack)
    found: set[tuple[str, str | None]] = {(name, None) for name in before.keys() - after.keys()}
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        found |= {(name, key) for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return found


def _inputs(stack: Stack) -> dict[str, dict[str, Any]]:
    resources = stack.export("--show-secrets")["deployment"]["resources"]
    return {each["urn"].rpartition("::")[2]: each["inputs"] for each in resources if "dynamic/veza" in each["type"]}


def revert(stack: Stack, row: DriftRow) -> None:
    """Run the command that reverts a row."""
    words = shlex.split(str(row.steps.revert).split("`")[1])
    assert words[:4] == ["pulumi", "up", "--refresh", "--target"]
    stack.up(*words[2:], skip_preview=True)


def drifted(found: DriftDocument) -> set[tuple[str, str | None]]:
    return {(str(row.resource), "identity_ids" if row.member else row.field) for row in found.rows if row.refresh}


def written(**crm: Any) -> str:
    return program(
        "secret = pulumi.Output.secret({'cost': 'hush-1'})",
        resource("AccessProfileType", "role", name="Role", allow_create_relationships=True),
        resource(
            "AccessProfile",
            "crm",
            {"ignore_changes": ["labels"]},
            name="CRM",
            profile_type=Code("role.id"),
            description="Sells",
            custom_properties=Code("secret"),
            labels=["sales"],
            **crm,
        ),
        resource("AccessProfile", "old", name="Old", profile_type=Code("role.id")),
        resource("AccessProfileVersion", "content", profile_id=Code("crm.id"), entitlements=[entitlement("g1")]),
        resource("MembershipSet", "team", profile_id=Code("crm.id"), identity_ids=["ana", "bob"]),
    )


@pytest.mark.slow
def test_the_command_says_what_a_refresh_shows_and_what_the_program_is_yet_to_change(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(identities=PEOPLE)
    stack = veza_stack
    stack.write(written())
    stack.up(skip_preview=True)
    quiet = command(stack)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout == (
        "No drift; 5 resources compared, 2 of 2 profiles managed (100 %); 0 findings are ignored by exceptions.\n"
    )

    tenant.edit_profile(
        "CRM",
        description="By hand",
        custom_properties={"cost": "hush-2"},
        labels=["other"],
        entities_to_create_relationships_to=[entitlement("g2")],
    )
    tenant.change_members("CRM", add=["carl"], remove=["ana"])
    tenant.delete_profile("Old")
    tenant.clear_requests()
    stack.write(written(require_approval_to_start=True))
    before = stack.export()
    # The lock of an operation that is on stops a refresh, and not a comparison.
    lock = stack.backend / ".pulumi" / "locks" / "organization" / "test" / "dev" / "a-lock.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 1, "username": "x", "hostname": "y", "timestamp": "2026-01-01T00:00:00Z"}))
    assert stack.refresh(check=False, skip_preview=True).returncode != 0
    found = document(stack)
    lock.unlink()
    assert stack.export() == before
    assert tenant.requests(mutating=True) == []
    state = document(stack, "--state-only")
    assert drifted(state) == drifted(found)
    assert not state.program
    assert drifted(found) == refreshed(stack)
    rows = {(row.rule.value, row.resource, row.field): row for row in found.rows}
    assert rows["attribute-drift", "crm", "custom_properties"].live == "[secret]"
    assert rows["change-not-applied", "crm", "require_approval_to_start"].program is True
    assert [row.member.id for row in found.rows if row.member] == ["ana", "carl"]
    ignored = [row.steps for row in found.rows if row.field == "labels"]
    assert {(step.adopt, step.revert) for step in ignored} == {
        ("`pulumi refresh`: the program ignores changes of labels", None)
    }
    place = rows["attribute-drift", "crm", "description"].source
    assert place is not None
    assert place.file == "__main__.py"

    # What each row says to do about it is right: the target is reverted, then the rest, and nothing is left.
    revert(stack, rows["attribute-drift", "crm", "description"])
    assert tenant.profile("CRM")["description"] == "Sells"
    stack.up("--refresh", skip_preview=True)
    last = document(stack)
    assert [(row.rule.value, row.member.id if row.member else None) for row in last.rows] == [
        ("member-added-by-hand", "carl")
    ]

    # What is gone comes back with what refers to it, and nothing else is touched.
    tenant.delete_profile("CRM")
    tenant.edit_profile("Old", state="PAUSED")
    gone = {row.resource: row for row in document(stack).rows if row.rule.value == "object-gone"}
    assert gone.keys() == {"crm", "content", "team"}
    revert(stack, gone["crm"])
    assert set(tenant.members("CRM")) == {"ana", "bob"}
    assert [(row.resource, row.field) for row in document(stack).rows] == [("old", "state")]
