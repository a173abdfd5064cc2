"""The graph of the selected stack, of a preview of it, and of the live tenant."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.programs import Code, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

TYPE = resource("AccessProfileType", "role", name="Role", allow_inherit_entities=True)
BASE = resource("AccessProfile", "base", name="Base", profile_type=Code("role.id"), entitlements=[])


def heir(**more: object) -> str:
    return resource("AccessProfile", "heir", name="Heir", profile_type=Code("role.id"), **more)


def drawn(stack: Stack, *arguments: str, standard_input: str | None = None) -> str:
    command = [sys.executable, "-m", "pulumi_veza.cli", "graph", *arguments]
    done = subprocess.run(
        command,
        cwd=stack.project,
        env={**os.environ, **stack._environment()},
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_stack_its_preview_and_its_tenant_are_drawn(veza_stack: Stack, tenant: Tenant) -> None:
    veza_stack.write(program(TYPE, BASE, heir(inherits_from=[Code("base.id")])))
    veza_stack.up(skip_preview=True)
    whole = "Heir  [Role; 0 entitlements, 0 members]\n└── Base  [Role; 0 entitlements, 0 members]\n"
    assert drawn(veza_stack) == whole
    assert drawn(veza_stack, "--live") == whole
    assert tenant.requests(mutating=True)[-1]["method"] == "POST"

    veza_stack.write(program(TYPE, BASE, heir(inherits_from=[])))
    preview = veza_stack.run("preview", "--json", "--show-sames").stdout
    assert drawn(veza_stack, "-", standard_input=preview) == (
        "~ Heir  [Role; 0 entitlements, 0 members; changed]\n└── - Base  [Role; 0 entitlements, 0 members]\n"
    )
