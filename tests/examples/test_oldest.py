"""The oldest that the package says it runs with: Python, and each library it needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.fixtures import StackFactory
from tests.support.stack import Stack, engine_folder
from tests.support.team import Team
from tests.support.tenant import Tenant

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
CANDIDATES = ["3.10", "3.11", "3.12"]
"""The versions of Python for which the oldest libraries have wheels."""


def interpreter(version: str) -> str | None:
    """Find a Python of this version."""
    found = shutil.which(f"python{version}")
    # Where several versions live beside each other under pyenv, this chooses the one.
    environment = {**os.environ, "PYENV_VERSION": version}
    asked = [found or sys.executable, "-c", "import sys; print(*sys.version_info[:2], sep='.'); print(sys.executable)"]
    ran = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout.splitlines()[1] if ran.stdout.startswith(f"{version}\n") else None


def oldest(requirements: list[str]) -> list[str]:
    """Give what is asked for at least, as what is to be installed."""
    asked = map(Requirement, requirements)
    return sorted({f"{each.name}=={low.version}" for each in asked for low in each.specifier if low.operator == ">="})


def test_the_package_compiles_with_the_oldest_python() -> None:
    said = metadata.metadata("pulumi-veza")["Requires-Python"]
    assert said == f">={CANDIDATES[0]}"
    python = interpreter(CANDIDATES[0])
    if python is None:
        pytest.skip(f"there is no Python {CANDIDATES[0]} on this machine")
    compiles = (
        "import pathlib, sys\n"
        "files = list(pathlib.Path(sys.argv[1]).rglob('*.py'))\n"
        "for file in files: compile(file.read_bytes(), str(file), 'exec')\n"
        "print(len(files))"
    )
    for folder in ("provider", "simulator", "examples", "tools"):
        ran = subprocess.run([python, "-c", compiles, ROOT / folder], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert int(ran.stdout) > 0


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the programs of an environment that has the oldest of everything; whatever is not named is the newest."""
    folder = tmp_path_factory.mktemp("oldest")
    python = next((found for version in CANDIDATES if (found := interpreter(version))), None)
    if python is None:
        pytest.skip(f"there is no Python of {', '.join(CANDIDATES)} on this machine, and the oldest libraries need one")
    least = folder / "least.txt"
    least.write_text("\n".join(oldest(metadata.requires("pulumi-veza") or [])))
    assert "pulumi==" in least.read_text()
    subprocess.run([python, "-m", "venv", folder / "environment"], check=True)
    found = folder / "environment" / "bin"
    install = [found / "python", "-m", "pip", "install", "--quiet", "--constraint", least, f"{ROOT}[all]"]
    subprocess.run(install, check=True)
    return found


def runs_with(programs: Path, stack: Stack) -> None:
    stack.environment["PATH"] = os.pathsep.join(map(str, [programs, engine_folder(), os.environ["PATH"]]))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_quickstart_and_the_commands_run_with_the_oldest_libraries(
    programs: Path, stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    stack = stack_factory(QUICKSTART, environment=demo_tenant.env())
    runs_with(programs, stack)
    assert "+ 9 to create" in stack.preview()
    (stack.project / "preview.json").write_text(stack.run("preview", "--json").stdout)
    assert "+ 9 created" in stack.up()
    stack.up("--expect-no-changes")
    stack.refresh("--expect-no-changes", skip_preview=True)
    (stack.project / "state.json").write_text(json.dumps(stack.export()))

    def said(*command: str) -> str:
        ran = [programs / "pulumi-veza", *command]
        return subprocess.run(ran, cwd=stack.project, check=True, capture_output=True, text=True).stdout

    for name in ("terminal", "markdown", "html"):
        assert "7 people may gain access" in said("impact", "preview.json", "--format", name)
    for name in ("json", "sarif"):
        assert "pulumi-veza" in said("impact", "preview.json", "--format", name)
    for name in ("text", "mermaid", "dot", "svg"):
        assert "CRM Seller" in said("graph", "state.json", "--format", name)
    assert "policy check" in said("policy", "check", "preview.json", "--format", "sarif", "--fail-on", "never")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_member_moves_between_sets_and_stays_with_the_oldest_libraries(programs: Path, team: Team) -> None:
    runs_with(programs, team.stack)
    for one, two in ((["ana", "bob"], ["carl"]), (["ana"], ["bob", "carl"])):
        team.declares(one={"identity_ids": one, "max_removal_percent": 100}, two={"identity_ids": two})
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
    assert [kind for kind, _ in team.sent()].count("REMOVE") == 0
