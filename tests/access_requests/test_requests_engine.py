"""What became of the access requests that a stack's last changes opened, from the stack itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

TYPE = resource("AccessProfileType", "role", name="Role", allow_create_relationships=True)
PROFILE = resource(
    "AccessProfile", "sellers", name="Sellers", profile_type=Code("role.id"), entitlements=[entitlement("g0")]
)


def team(*people: str, **more: Any) -> str:
    options = {"max_removal_percent": 100, **more}
    return resource("MembershipSet", "team", profile_id=Code("sellers.id"), identity_ids=list(people), **options)


def command(stack: Stack, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", *arguments],
        cwd=stack.project,
        env={**os.environ, **stack._environment()},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def requests(stack: Stack, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = command(stack, "requests", "--format", "json", *arguments)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_the_requests_of_the_last_change_are_followed_and_its_people_are_told(
    veza_stack: Stack, tenant: Tenant
) -> None:
    ana = {"id": "ana", "name": "Ana Ruiz", "title": "Engineer", "department": "Sales"}
    tenant.seed(identities=[ana, {"id": "ben", "name": "Ben Okafor", "active": False}])
    tenant.fault(method="PUT", path="/members$", fail_members={"ben": "he left"}, count=None)
    veza_stack.write(program(TYPE, PROFILE, team("ana", "ben", "nobody@example.com")))
    up = veza_stack.up(skip_preview=True)
    assert "Ben Okafor, inactive)" in str(up)
    assert "no such identity" in str(up)
    code, found = requests(veza_stack)
    assert code == 1
    assert found["counts"] == {"waiting": 1}
    [request] = found["requests"]
    assert request["people"] == [{"id": "ana", "name": "Ana Ruiz"}]
    assert (request["profile"], request["set"], request["state"]) == ("Sellers", "team", "INITIAL")
    assert requests(veza_stack, "--wait")[1]["counts"] == {"done": 1}
    assert requests(veza_stack)[0] == 0

    tenant.clear_faults()
    veza_stack.write(program(TYPE, PROFILE, team("ben", allow_emptying=True)))
    preview = veza_stack.run("preview", "--json", "--show-sames").stdout
    shown = command(veza_stack, "impact", "-", "--live", text=preview)
    assert "Ana Ruiz (ana, Engineer, Sales)" in shown.stdout
    assert "Ben Okafor (ben, inactive)" in shown.stdout
