"""An export that fails: one line, an exit code that says so, and the folder as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_veza.cli import exits
from tests.export.exporting import export, files
from tests.export.test_export import ROLE, profile
from tests.support.disk import no_file_above
from tests.support.tenant import Tenant


@pytest.fixture
def exported(tenant: Tenant, tmp_path: Path) -> Path:
    """Export a tenant of two pages, then change it."""
    tenant.seed(types=[ROLE], profiles=[profile(f"Team {place}", id=f"p-{place}") for place in range(105)])
    export(tenant, tmp_path / "out")
    for place in (3, 104):
        tenant.edit_profile(f"p-{place}", labels=["changed"])
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"path": "/access_profiles_types", "status": 401}, "401"),
        ({"path": "/access_profiles$", "status": 500, "skip": 1}, "500"),
        ({"path": "/access_profiles$", "status": 403}, "403"),
        ({"path": "/p-104/versions/1/members", "status": 401}, "401"),
        ({"path": "/p-100/versions/1/members", "status": 503}, "503"),
        ({"path": "/p-100/versions/1/members", "body_fault": "not_json"}, "JSON"),
    ],
)
def test_a_tenant_that_fails_half_way_is_one_line_and_the_folder_stays(
    tenant: Tenant, exported: Path, fault: dict[str, object], said: str
) -> None:
    before = files(exported)
    tenant.fault(**fault)
    done = export(tenant, exported, VEZA_MAX_RETRIES="0")
    assert done.exit_code == exits.NOT_CHECKED
    [line] = done.stderr.splitlines()
    assert line.startswith("could not export: ")
    assert said in line
    assert done.stdout == ""
    assert files(exported) == before


def test_a_wrong_key_no_network_and_no_settings_are_one_line_each(tenant: Tenant, tmp_path: Path) -> None:
    for environment, said in (
        ({"VEZA_API_KEY": "wrong"}, "401"),
        ({"VEZA_URL": "http://127.0.0.1:9", "VEZA_MAX_RETRIES": "0"}, "127.0.0.1:9"),
        ({"VEZA_URL": ""}, "VEZA_URL"),
    ):
        done = export(tenant, tmp_path / "out", **environment)
        assert done.exit_code == exits.NOT_CHECKED
        assert len(done.stderr.splitlines()) == 1
        assert said in done.stderr
        assert not (tmp_path / "out").exists()


def test_a_key_that_sees_less_than_the_last_one_is_refused_and_nothing_is_dropped(
    tenant: Tenant, exported: Path
) -> None:
    before = files(exported)
    tenant.key(hidden_profiles=["Team 7"])
    done = export(tenant, exported)
    assert done.exit_code == exits.NOT_CHECKED
    assert "access profile 'team-7' (p-7) of the last export is not in the list" in done.stderr
    assert "use a key whose owner may" in done.stderr
    assert files(exported) == before
    tenant.clear_keys()


def test_a_list_of_members_that_cannot_be_read_any_more_is_not_dropped(tenant: Tenant, tmp_path: Path) -> None:
    tenant.seed(types=[ROLE], profiles=[profile("Sales", members=["ana"])])
    assert export(tenant, tmp_path).exit_code == 0
    before = files(tmp_path)
    tenant.fault(path="/members$", status=403)
    done = export(tenant, tmp_path)
    assert done.exit_code == exits.NOT_CHECKED
    assert (
        "members/team_role/sales.yaml is of the last export, and the members of access profile 'Sales'" in done.stderr
    )
    assert files(tmp_path) == before


def test_a_verification_without_an_engine_is_one_line_and_the_export_is_there(tenant: Tenant, tmp_path: Path) -> None:
    done = export(tenant, tmp_path / "out", "--verify", PATH=str(tmp_path))
    assert done.exit_code == exits.NOT_CHECKED
    assert done.stderr.startswith("could not verify: there is no `pulumi` on the PATH")
    assert done.stdout.startswith("Exported 0 types and 0 profiles of ")
    assert "__main__.py" in files(tmp_path / "out")


def test_a_folder_that_is_no_export_or_of_another_tenant_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    done = export(tenant, mine)
    assert done.exit_code == exits.NOT_CHECKED
    assert "has files and is no export" in done.stderr
    assert files(mine) == {"thesis.txt": "years of work"}
    for each in (mine / "thesis.txt", mine / "thesis.txt" / "out"):
        assert "thesis.txt is a file" in export(tenant, each).stderr
    with Tenant.start() as other:
        assert export(tenant, tmp_path / "out").exit_code == 0
        done = export(other, tmp_path / "out")
    assert done.exit_code == exits.NOT_CHECKED
    assert f"is an export of {tenant.url}, and VEZA_URL is" in done.stderr
    (tmp_path / "out/.veza-export.json").write_text("{")
    assert "is not the record of an export" in export(tenant, tmp_path / "out").stderr


def test_an_interrupted_export_ends_with_one_line_and_leaves_the_last_one(tenant: Tenant, exported: Path) -> None:
    before = files(exported)
    held = tenant.fault(path="/p-3/versions/1/members", hold="before_commit")
    with subprocess.Popen(
        [sys.executable, "-m", "pulumi_veza.cli", "export", str(exported)],
        env={**os.environ, **tenant.env()},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        held.wait_until_holding()
        running.send_signal(signal.SIGINT)
        held.release()
        _, said = running.communicate(timeout=30)
    assert running.returncode == exits.INTERRUPTED
    assert said == "interrupted: nothing more was done\n"
    assert files(exported) == before


def test_two_exports_into_one_folder_do_not_meet(tenant: Tenant, exported: Path) -> None:
    held = tenant.fault(path="/p-3/versions/1/members", hold="before_commit")
    for folder in (exported, exported.parent / "new" / "folder"):
        with subprocess.Popen(
            [sys.executable, "-m", "pulumi_veza.cli", "export", str(folder)],
            env={**os.environ, **tenant.env()},
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            held.wait_until_holding()
            done = export(tenant, folder)
            held.release()
            said, _ = running.communicate(timeout=60)
        assert (done.exit_code, done.stdout) == (exits.NOT_CHECKED, "")
        assert done.stderr == (f"could not export: another export writes to {folder}; wait until it has ended\n")
        assert (running.returncode, said.startswith("Exported ")) == (0, True)
        held = tenant.fault(path="/p-3/versions/1/members", hold="before_commit")
    held.remove()
    assert "No file was changed." in export(tenant, exported).stdout


def test_a_disk_that_is_full_leaves_no_folder_and_the_last_export_as_it_was(
    tenant: Tenant, exported: Path, tmp_path: Path
) -> None:
    before = files(exported)
    new = tmp_path / "new" / "folder"
    for folder in (exported, new):
        with no_file_above(1000):
            done = export(tenant, folder)
        assert (done.exit_code, done.stdout) == (exits.NOT_CHECKED, "")
        assert done.stderr == f"could not export: cannot write {folder}: File too large\n"
    assert files(exported) == before
    assert not new.parent.exists()


def test_an_export_that_was_killed_while_it_moved_files_is_completed_by_the_next(
    tenant: Tenant, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = []

    def killed(source: Path, target: Path) -> None:
        if moved:
            raise SystemError("killed")
        moved.append(target)
        source.rename(target)

    with monkeypatch.context() as patched:
        patched.setattr("pulumi_veza.export.folder.os.replace", killed)
        with pytest.raises(AssertionError, match="killed"):
            export(tenant, exported)
    assert moved
    assert (exported / ".veza-export-staged").exists()
    done = export(tenant, exported)
    assert done.exit_code == 0
    assert "No file was changed." in done.stdout
    assert not (exported / ".veza-export-staged").exists()
    assert (exported / "profiles/team_role.py").read_text().count('labels=["changed"]') == 2
