"""The command in the test's own process, and the deployment of what it wrote without the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from pulumi_veza.cli.commands import application
from tests.support.tenant import Tenant

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def export(tenant: Tenant, folder: Path, *options: str, **environment: str) -> Result:
    """Run ``pulumi-veza export``."""
    found = CliRunner().invoke(application, ["export", str(folder), *options], env={**tenant.env(), **environment})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert "Traceback" not in found.output
    return found


def files(folder: Path) -> dict[str, str]:
    """Return every file of an export by its path."""
    found = sorted(each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {each.relative_to(folder).as_posix(): each.read_text() for each in found}


def program_of(folder: Path) -> str:
    """Return the whole program."""
    return "\n".join(text for path, text in files(folder).items() if path.endswith(".py"))


def deploy(folder: Path, tenant: Tenant) -> None:
    """Run an exported program with the provider against a tenant, without the engine."""
    run_program(folder, tenant)


def preview(folder: Path, tenant: Tenant) -> None:
    """Compare an exported program with the state that its ``import.json`` makes, without the engine."""
    run_program(folder, tenant, "preview")


def run_program(folder: Path, tenant: Tenant, *arguments: str) -> None:
    """Run an exported program in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(HERE / "deploying.py"), *arguments],
        env={**os.environ, **tenant.env(), "PYTHONPATH": str(ROOT / "provider")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def check(folder: Path) -> None:
    """Check the exported code with ruff and mypy by their default settings, mypy strictly."""
    run(["ruff", "check", "--isolated", "--no-cache", "."], folder)
    run(["ruff", "format", "--isolated", "--no-cache", "--check", "--diff", "."], folder)
    cache = str(folder.parents[1] / "mypy-cache")
    sources = str(ROOT / "provider")
    run(
        ["mypy", "--strict", "--config-file=", "--follow-imports=silent", "--cache-dir", cache, "."],
        folder,
        MYPYPATH=sources,
    )


def run(command: list[str], folder: Path, **environment: str) -> None:
    """Run a checker in a folder; show what it says where it finds anything."""
    module, *arguments = command
    variables: Mapping[str, str] = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{module}: {done.stdout[-4000:]}{done.stderr[-2000:]}"
