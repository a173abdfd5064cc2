"""The take-over of an exported tenant, on the real engine."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.export.exporting import ROOT, files
from tests.export.test_export import ROLE, profile
from tests.support.fixtures import StackFactory
from tests.support.generation.tenants import random_tenant
from tests.support.stack import engine_folder
from tests.support.tenant import Tenant

PACKAGE = os.pathsep.join(str(ROOT / each) for each in ("provider", "simulator"))


def command(tenant: Tenant, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the engine on its PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEZA_", "PULUMI_"))}
    path = os.pathsep.join([str(engine_folder()), os.path.join(sys.prefix, "bin"), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "export", str(folder), *options],
        env={**kept, **tenant.env(), "PATH": path, "PULUMI_HOME": str(folder.parent / "home"), "PYTHONPATH": PACKAGE},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_an_export_proves_itself_and_both_ways_to_take_it_over_send_nothing(
    tenant: Tenant, tmp_path: Path, stack_factory: StackFactory
) -> None:
    made = random_tenant(11, profiles=30, members=60)
    made.put_into(tenant)
    tenant.seed(types=[{**ROLE, "name": "Business Role"}], profiles=[profile("Boss")])
    done = command(tenant, tmp_path / "out", "--verify")
    assert (done.returncode, done.stderr) == (0, "")
    resources = len(json.loads((tmp_path / "out/import.json").read_text())["resources"])
    assert f"Verified: imported and previewed, 0 changes, {resources + 1} resources the same." in done.stdout
    assert tenant.requests(mutating=True) == []
    # The folder has what was exported, and nothing of the engine.
    assert [path for path in files(tmp_path / "out") if "Pulumi." in path] == ["Pulumi.yaml"]

    stack = stack_factory(tmp_path / "out", environment={**tenant.env(), "PYTHONPATH": PACKAGE})
    stack.up(skip_preview=True)
    assert tenant.requests(mutating=True) == []
    assert "Resources:" in stack.preview("--expect-no-changes")


@pytest.mark.slow
def test_what_an_edited_program_does_not_reproduce_is_told_object_by_object(tenant: Tenant, tmp_path: Path) -> None:
    random_tenant(11, profiles=6, members=10).put_into(tenant)
    assert command(tenant, tmp_path / "out").returncode == 0
    main = tmp_path / "out/__main__.py"
    written = main.read_text()
    main.write_text(
        written.replace('on_destroy="retain"', 'on_destroy="prevent"', 1) + 'veza.AccessProfileType("x", name="X")\n'
    )
    done = command(tenant, tmp_path / "out", "--verify")
    assert done.returncode == 1
    assert "Not reproduced: 2 objects." in done.stdout
    assert ": differs in on_destroy\n" in done.stdout
    assert "AccessProfileType 'x': is not in import.json\n" in done.stdout
    main.write_text(f"{written}oops(\n")
    done = command(tenant, tmp_path / "out", "--verify")
    assert done.returncode == 1
    assert "SyntaxError" in done.stdout
    assert "Traceback" not in done.stderr
    assert tenant.requests(mutating=True) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_tenant_of_a_thousand_profiles_is_exported_and_taken_over_without_a_change(
    tenant: Tenant, tmp_path: Path
) -> None:
    made = random_tenant(1000, types=12, profiles=1000, members=20_000)
    made.put_into(tenant)
    # Two of one name and type, and one without a name that a program could write.
    of_type = made.seed["types"][0]["id"]
    tenant.seed(profiles=[{"name": name, "profile_type": of_type} for name in ("Twin", "Twin", " ")])
    tenant.clear_requests()
    began = time.monotonic()
    done = command(tenant, tmp_path / "out")
    seconds = time.monotonic() - began
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 not exported (all are in NOT-EXPORTED.md)" in done.stdout
    members = tenant.requests(path="/members$")
    lists = [each for each in tenant.requests() if not each["path"].endswith("/members")]
    print(f"{seconds:.1f} s, {megabytes:.0f} MB, {len(lists)} lists, {len(members)} lists of members")
    assert seconds < 30
    assert megabytes < 500
    assert len(lists) < 40
    assert len(members) == 1002
    verified = command(tenant, tmp_path / "out", "--verify")
    assert verified.stderr == ""
    assert "Verified: imported and previewed, 0 changes" in verified.stdout
    assert tenant.requests(mutating=True) == []
