"""``pulumi-veza export --twin`` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pulumi_veza.cli.commands import application
from tests.support.tenant import Tenant


def export(tenant: Tenant, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(application, ["export", *arguments], env={**tenant.env(), **environment})


@pytest.fixture
def filled(tenant: Tenant) -> Tenant:
    """Fill the tenant with a profile of two members."""
    tenant.seed(
        identities=[{"id": "who-1", "name": "Ana Ruiz", "email": "ana@corp.example"}],
        types=[{"id": "t", "name": "Role"}],
        profiles=[{"id": "p", "name": "Sellers", "profile_type": "t", "members": ["who-1", "who-2"]}],
    )
    tenant.clear_requests()
    return tenant


def test_a_twin_is_written_with_names_or_without_them(filled: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    done = export(filled, "--twin", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"{file}: 1 type, 1 profile, 2 memberships of 2 people\n"
    assert json.loads(file.read_text())["identities"] == [{"id": "who-1", "name": "Ana Ruiz"}]
    assert len(filled.requests()) == 5
    assert filled.requests(mutating=True) == []
    assert export(filled, "--twin", str(file), "--identities").exit_code == 0
    assert json.loads(file.read_text())["identities"][0]["email"] == "ana@corp.example"
    assert export(filled, "--twin", str(file), "--identities", "--anonymise").exit_code == 0
    text = file.read_text()
    assert [word for word in ("Ana", "who-1", "corp.example", "Sellers", "Role", filled.url) if word in text] == []
    assert [each["id"] for each in json.loads(text)["identities"]] == ["identity-1", "identity-2"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "give either DIR, for a project, or --twin FILE, for a twin"),
        (["folder", "--twin", "file"], "give either DIR"),
        (["--twin", "file", "--label", "x"], "a twin is the whole tenant"),
        (["--twin", "file", "--no-members"], "a twin is the whole tenant"),
        (["folder", "--anonymise"], "--anonymise and --identities belong to --twin"),
    ],
)
def test_options_that_do_not_go_together_are_refused(filled: Tenant, arguments: list[str], why: str) -> None:
    done = export(filled, *arguments)
    assert done.exit_code == 64
    assert why in " ".join(done.stderr.replace("│", " ").split())
    assert filled.requests() == []


def test_whatever_stops_it_is_one_line_and_leaves_no_file(filled: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    quick = {"VEZA_MAX_RETRIES": "0"}
    stops: list[dict[str, str]] = [{"VEZA_API_KEY": "wrong"}, {"VEZA_URL": "http://127.0.0.1:1"}, {"VEZA_URL": ""}]
    for environment in stops:
        done = export(filled, "--twin", str(file), **quick, **environment)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
        assert done.stderr.startswith("could not export: ")
    # A tenant that fails half-way has said nothing of what it holds.
    for part in ("/members$", "lifecycle_managers$", "available_integrations$"):
        for failure in ({"status": 401}, {"status": 503}, {"status": 429}, {"reset": "before_commit"}):
            filled.fault(path=part, count=None, **failure)
            done = export(filled, "--twin", str(file), **quick)
            assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
            filled.clear_faults()
    assert export(filled, "--twin", str(tmp_path / "no" / "tenant.json")).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_is_one_line_and_leaves_no_file(filled: Tenant, tmp_path: Path) -> None:
    fault = filled.fault(path="/members$", hold="before_commit", count=None)
    command = [sys.executable, "-m", "pulumi_veza.cli", "export", "--twin", str(tmp_path / "tenant.json")]
    with subprocess.Popen(command, env={**os.environ, **filled.env()}, stderr=subprocess.PIPE, text=True) as process:
        fault.wait_until_holding()
        process.send_signal(signal.SIGINT)
        fault.release()
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted: nothing more was done\n")
    assert list(tmp_path.iterdir()) == []
