"""The page on a tenant full of profiles: its terminal sessions are real, one after another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.test_documentation import ROOT, block
from tests.support.programs import entitlement
from tests.support.stack import engine_folder
from tests.support.tenant import Json, Tenant

PAGE = (ROOT / "docs" / "brownfield.md").read_text()
SHOWN_TENANT = "https://acme.vezacloud.com"

TYPES: list[Json] = [
    {"id": "t-app", "name": "Application", "allow_create_relationships": True},
    {"id": "t-role", "name": "Business Role", "allow_inherit_entities": True},
]
CRM: Json = {
    "id": "p-crm",
    "name": "CRM Seller",
    "profile_type": "t-app",
    "entities_to_create_relationships_to": [entitlement("00G-sellers")],
    "members": [{"identity_id": "id-zoe.papadaki", "created_from": "ACCESS_REQUEST"}],
}
SALES: Json = {
    "id": "p-sales",
    "name": "Sales",
    "profile_type": "t-role",
    "labels": ["requestable", "sales"],
    "inherit_entities_from_access_profiles": ["p-crm"],
    "members": ["id-karin.holm", "id-liam.byrne", {"identity_id": "id-noah.fischer", "created_from": "BIRTHRIGHT"}],
}

LEADS: Json = {"id": "p-leads", "name": "Sales Leads", "profile_type": "t-role", "members": ["id-karin.holm"]}


def run(line: str, folder: Path, tenant: Tenant) -> str:
    """Run a line of a session as a shell would; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEZA_", "PULUMI_"))}
    path = os.pathsep.join([str(engine_folder()), os.path.join(sys.prefix, "bin"), os.environ["PATH"]])
    packages = os.pathsep.join(str(ROOT / each) for each in ("provider", "simulator"))
    done = subprocess.run(
        ["sh", "-c", line.replace("pulumi-veza", f"{sys.executable} -m pulumi_veza.cli")],
        cwd=folder,
        env={**kept, **tenant.env(), "PATH": path, "PYTHONPATH": packages, "PULUMI_HOME": str(folder / ".home")},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).replace(tenant.url, SHOWN_TENANT)


def session(name: str, folder: Path, tenant: Tenant) -> str:
    """Run the lines of a session again; return it as it is now."""
    lines = re.findall(r"^\$ (.*)$", block(PAGE, f"session: {name}"), re.MULTILINE)
    assert lines
    return "".join(f"$ {line}\n{run(line, folder, tenant)}" for line in lines)


@pytest.mark.slow
def test_the_sessions_of_the_page_are_real(demo_tenant: Tenant, tmp_path: Path) -> None:
    demo_tenant.seed(types=TYPES, profiles=[CRM, SALES])
    shown = {"export": session("export", tmp_path, demo_tenant)}
    program = (tmp_path / "access" / "__main__.py").read_text().replace(demo_tenant.url, SHOWN_TENANT)
    shown["verify"] = session("verify", tmp_path, demo_tenant)
    demo_tenant.seed(
        profiles=[{"id": "p-leads", "name": "Sales Leads", "profile_type": "t-role", "members": ["id-karin.holm"]}]
    )
    demo_tenant.edit_profile("p-sales", labels=["sales"])
    shown["again"] = session("again", tmp_path, demo_tenant)
    for name, now in shown.items():
        assert block(PAGE, f"session: {name}") == now
    assert block(PAGE, "program") == program
    assert demo_tenant.requests(mutating=True) == []
