"""The example of one stack for each domain, by the Automation API on the real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from tests.examples.test_sharded import EXAMPLE, WORKFLOW
from tests.examples.workflows import Forge, Job, Run
from tests.support.comparison import repeated_access_requests
from tests.support.fixtures import StackFactory
from tests.support.stack import PASSPHRASE, Stack
from tests.support.tenant import FaultHandle, Tenant

SIZE = {"ORGANISATION_DOMAINS": "2", "ORGANISATION_PROFILES": "4", "ORGANISATION_MEMBERS": "2"}
LARGER = {"ORGANISATION_PROFILES": "6"}
GROUPS = {"id": "ad-corp", "integration": "ACTIVE_DIRECTORY"}


class Deployment:
    """The example in a folder of its own, and `deploy.py` run there as a user does."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `deploy.py`, as the leader of a process group, as a shell does."""
        # A user has no stack selected for all of them.
        given = {name: value for name, value in self.stack._environment().items() if name != "PULUMI_STACK"}
        return subprocess.Popen(
            [sys.executable, "deploy.py", *arguments, "--parallel", "2"],
            cwd=self.stack.project,
            env={**given, **SIZE, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        """Run `deploy.py` to its end; return its exit code and its lines."""
        running = self.start(*arguments, **environment)
        lines = running.communicate(timeout=300)[0].splitlines()
        print("\n".join(lines))
        return running.returncode, [line for line in lines if ": info: tenant: " not in line]

    @property
    def locks(self) -> list[Path]:
        """The locks that the backend holds."""
        return [*(self.stack.backend / ".pulumi" / "locks").rglob("*.json")]


def told(lines: list[str], stack: str) -> str:
    """Return the last line about a stack, without the seconds that it took."""
    return [line for line in lines if line.startswith(f"{stack}: ")][-1].partition(": ")[2].partition(" (")[0]


def wait_until_holding(fault: FaultHandle, running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not fault.describe()["holding"]:
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_stacks_run_beside_each_other_fail_apart_and_are_interrupted_without_a_lock(  # noqa: PLR0915
    stack_factory: StackFactory, tenant: Tenant, tmp_path: Path
) -> None:
    people = [f"id-{domain}-{team}-{n}" for domain in ("sales", "engineering") for team in (1, 2, 3) for n in (1, 2)]
    tenant.seed(identities=people, datasources=[GROUPS])
    deployment = Deployment(stack_factory(EXAMPLE, name="types", environment={**tenant.env(), **SIZE}))

    # Before there is a type, the others cannot be looked at, and that is said; nor can what is no domain.
    for name in ("sales", "selling"):
        deployment.stack.run("stack", "init", name)
    code, lines = deployment.run("preview")
    assert (code, told(lines, "types")) == (1, "3 to create")
    assert lines[1:] == [
        "not looked at, as their type is not there yet: engineering, sales",
        "run `python deploy.py up --only types` first",
        "failed: engineering, sales",
    ]
    alone = deployment.stack.run("preview", "--stack", "sales", check=False)
    assert "error: the domain sales has no type yet: run `pulumi up --stack types` first" in alone
    assert "Traceback" not in alone
    nobody = deployment.stack.run("preview", "--stack", "selling", check=False)
    assert "error: there is no domain for the stack selling: the stacks are types, engineering, sales" in nobody
    assert tenant.requests(mutating=True) == []

    code, lines = deployment.run("up")
    assert code == 0, lines
    assert told(lines, "sales") == told(lines, "engineering") == "5 created"
    assert {each["name"] for each in tenant.profiles()} == {
        f"{domain} team {number}" for domain in ("Sales", "Engineering") for number in (1, 2)
    }
    assert set(tenant.members("Sales team 2")) == {"id-sales-2-1", "id-sales-2-2"}
    assert sorted(each["name"] for each in tenant.state()["types"]) == ["Team (engineering)", "Team (sales)"]

    # One document of the impact for all stacks, from the previews of all.
    tenant.clear_requests()
    previews = tmp_path / "previews"
    previews.mkdir()
    (previews / "sales.json").write_text("the preview of yesterday")
    code, lines = deployment.run("preview", "--save", str(previews), **LARGER)
    assert (code, told(lines, "sales")) == (0, "2 to create, 5 unchanged")
    assert any("sales: info: MembershipSet 'sales-team-3': 2 people join" in line for line in lines)
    files = [str(each) for each in sorted(previews.iterdir())]
    impact = CliRunner().invoke(application, ["impact", *files, "--format", "json"], env=tenant.env())
    document = json.loads(impact.stdout)
    assert {each["name"] for each in document["stacks"]} == {
        f"veza-sharded/{each}" for each in ("types", "engineering", "sales")
    }
    assert {each["name"] for each in document["profiles"]} == {"Sales team 3", "Engineering team 3"}
    assert tenant.requests(mutating=True) == []

    # One stack fails, in one line; the others are done.
    refused = tenant.fault(method="POST", path="/access_profiles$", body="Sales team 3", status=400, count=None)
    code, lines = deployment.run("up", **LARGER)
    refused.remove()
    assert (code, told(lines, "engineering")) == (1, "2 created, 5 unchanged")
    failures = [line for line in lines if line.startswith("sales: ")]
    assert len(failures) == 1
    assert failures[0].startswith("sales: failed: ")
    assert "Sales team 3" in failures[0]
    assert lines[-1] == "failed: sales"

    # Ctrl-C, twice: what is in flight is finished and known, and nothing stays locked.
    fault = tenant.fault(method="POST", path="/access_profiles$", body="Sales team 3", hold="after_commit")
    running = deployment.start("up", **LARGER)
    wait_until_holding(fault, running)
    assert deployment.locks
    for _ in range(2):
        os.killpg(running.pid, signal.SIGINT)
        time.sleep(1)
    assert running.poll() is None
    fault.release()
    lines = running.communicate(timeout=120)[0].splitlines()
    assert running.returncode == 130, lines
    assert lines[-1] == "interrupted: run it again to go on"
    assert deployment.locks == []
    assert "sales-team-3" in str(deployment.stack.run("stack", "export", "--stack", "sales"))

    code, lines = deployment.run("up", **LARGER)
    assert (code, told(lines, "engineering")) == (0, "7 unchanged")
    assert Counter(each["name"] for each in tenant.profiles())["Sales team 3"] == 1
    assert repeated_access_requests(tenant) == []

    code, lines = deployment.run("destroy", **LARGER)
    assert (code, told(lines, "types")) == (0, "3 deleted")
    assert {each["state"] for each in tenant.profiles()} == {"PAUSED"}
    assert [name for each in tenant.profiles() for name in tenant.members(each["id"])] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_jobs_of_the_workflow_deploy_the_stacks_and_make_one_document_of_their_previews(
    stack_factory: StackFactory, tenant: Tenant, forge: Forge
) -> None:
    tenant.seed(identities=[f"id-sales-{team}-{n}" for team in (1, 2, 3) for n in (1, 2)], datasources=[GROUPS])
    stack = stack_factory(EXAMPLE, name="types")
    stack.run("stack", "init", "sales")
    (stack.project / "requirements.txt").write_text("# What the program needs is there.\n")
    forge.secrets |= {**tenant.env(), "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    forge.variables["PULUMI_BACKEND_URL"] = stack.backend.as_uri()

    def ran(job: str, name: str, profiles: int) -> Run:
        size = {"ORGANISATION_DOMAINS": "1", "ORGANISATION_MEMBERS": "2", "ORGANISATION_PROFILES": str(profiles)}
        assert WORKFLOW.count("  PROJECT: .\n") == 1
        given = "".join(f"  {name}: '{value}'\n" for name, value in size.items())
        written = WORKFLOW.replace("  PROJECT: .\n", f"  PROJECT: project\n{given}")
        return Job.load(written, job).run(forge, Stack(stack.root, name))

    assert ran("types", "types", 2).failed is None
    assert "+ 5 created" in ran("domains", "sales", 2).of("Up")
    tenant.clear_requests()
    for name in ("types", "sales"):
        assert ran("preview", name, 3).failed is None
    assert ran("impact", "types", 3).failed is None
    summary = (forge.folder / "summary.md").read_text()
    assert "### Access impact: 2 people gain access; Veza opens 2 access requests." in summary
    assert "Stacks veza-sharded/sales, veza-sharded/types." in summary
    assert tenant.requests(mutating=True) == []
