"""``pulumi-veza doctor`` as a user runs it: its options, its files and its endings."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from pulumi_veza.doctor.catalogue import CHECKS
from tests.doctor.doctors import KEY, Practice
from tests.doctor.learned import NAMES, PEOPLE
from tests.support.fixtures import StackFactory
from tests.support.programs import program, resource
from tests.support.scripted_server import Handler, ScriptedServer, reply, silence
from tests.support.tenant import Tenant

COMMAND = (sys.executable, "-m", "pulumi_veza.cli", "doctor")


def command(tenant: Tenant, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **tenant.env(), **environment},
        check=False,
    )


def test_on_the_real_engine_a_stack_that_was_deployed_is_well(stack_factory: StackFactory, tenant: Tenant) -> None:
    role = resource("AccessProfileType", "role", name="Role", allow_create_relationships=True)
    stack = stack_factory(program(role), environment=tenant.env(), config={"veza:timeout": "20"})
    stack.up(skip_preview=True)
    tenant.clear_requests()
    done = subprocess.run(
        [*COMMAND, "--json", "--strict", "--cwd", str(stack.project)],
        capture_output=True,
        text=True,
        env=stack._environment(),
        check=False,
    )
    document = json.loads(done.stdout)
    findings = {each["id"]: each["finding"] for each in document["checks"]}
    wrong = [each for each in document["checks"] if each["status"] in {"problem", "warning"}]
    assert (done.returncode, wrong) == (0, []), done.stdout
    assert findings["state-tenant"] == f"the state is of {tenant.url}"
    assert findings["stack-configuration"] == "Pulumi.dev.yaml: veza:timeout"
    assert findings["plugin-python"].startswith("the first python3 on the PATH is Python 3.")
    assert findings["backend"] == "a file backend, in a folder of this machine"
    assert findings["checkpoints"].endswith(" resources")
    assert tenant.requests(mutating=True) == []


# The bundle


def test_the_bundle_holds_what_a_report_needs_and_nothing_that_names_somebody(
    at_tenant: Practice, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.fault(
        path="lifecycle_managers$",
        status=403,
        count=None,
        answer={"code": "PermissionDenied", "message": f"ana@acme.example ({PEOPLE[0]}) may not, ask 10.1.2.3"},
    )
    at_tenant.project(f"config:\n  veza:url: {tenant.url}\n  veza:apiKey: {KEY}\n")
    file = tmp_path / "bundle.txt"
    visit = at_tenant.visit("--stack", "dev", "--bundle", str(file))
    text = file.read_text()
    assert visit.code == 1
    for part in ("pulumi 3.", "VEZA_API_KEY\n", '"id": "read-datasources"', "[e-mail] ([id]) may not, ask [address]"):
        assert part in text
    assert "http://TENANT:" in text
    for part in (KEY, "ana@acme", PEOPLE[0], str(tmp_path), "127.0.0.1", *NAMES):
        assert part not in text


def test_the_tenants_address_is_replaced_unless_it_is_asked_for(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "bundle.txt"
    practice.set(VEZA_URL="https://acme.vezacloud.com", VEZA_API_KEY=KEY, HTTPS_PROXY="http://proxy.acme.example:1")
    for arguments, shown in (([], False), (["--with-address"], True)):
        practice.printed("--offline", "--bundle", str(file), *arguments)
        text = file.read_text()
        assert ("acme.vezacloud.com" in text) == shown
        assert ("https://TENANT" in text) != shown


def test_where_a_redirect_leads_is_not_in_the_bundle(
    practice: Practice, server: ScriptedServer, tmp_path: Path
) -> None:
    server.script += [reply(status=302, location="https://login.acme.example/")]
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY)
    practice.project(settings=": [")
    visit = practice.visit("--bundle", str(tmp_path / "bundle.txt"))
    assert "login.acme.example" in visit.check("redirect")["finding"]
    assert "acme" not in (tmp_path / "bundle.txt").read_text()


def test_a_bundle_that_cannot_be_written_is_one_line(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "bundle.txt"
    arguments = ["doctor", "--offline", "--cwd", str(practice.folder), "--bundle", str(file)]
    done = CliRunner().invoke(application, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"could not look: cannot write {file}: No such file or directory\n"


# Learning


@pytest.mark.usefixtures("at_tenant")
def test_learning_writes_a_file_without_a_name_an_id_or_an_address(tenant: Tenant, tmp_path: Path) -> None:
    tenant.quirks(integer_enumerations=True)
    file = tmp_path / "tenant.yaml"
    done = CliRunner().invoke(application, ["doctor", "--learn", str(file)])
    assert (done.exit_code, done.stderr) == (0, "")
    text = file.read_text()
    content = yaml.safe_load(text)
    assert content["switches"]["integer_enumerations"]["value"] is True
    assert "  # Answers carry enumerations as integers.\n  integer_enumerations:\n    value: true\n" in text
    state = tenant.state()
    named = [
        each[field]
        for kind in ("types", "profiles", "datasources", "identities")
        for each in state[kind]
        for field in ("id", "name")
    ]
    for part in (*named, "quarterly", tenant.url, "127.0.0.1", KEY):
        assert part not in text
        assert part not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(f"Written to {file}.")
    assert tenant.requests(mutating=True) == []
    assert len(tenant.requests()) < 50
    CliRunner().invoke(application, ["doctor", "--learn", str(file)])
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"VEZA_API_KEY": "another"}, "listing the access profile types failed: 401"),
        ({"VEZA_URL": "http://127.0.0.1:1"}, "no connection to http://127.0.0.1:1"),
        ({"VEZA_URL": "", "VEZA_API_KEY": ""}, "VEZA_URL is not set"),
    ],
)
def test_what_cannot_be_learned_is_one_line_and_leaves_an_earlier_file_as_it_is(
    tenant: Tenant, tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    file = tmp_path / "tenant.yaml"
    file.write_text("earlier")
    done = command(tenant, "--learn", str(file), VEZA_MAX_RETRIES="0", **environment)
    assert (done.returncode, done.stdout, file.read_text()) == (2, "", "earlier")
    assert done.stderr.startswith("could not learn: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_key_that_may_read_nothing_teaches_nothing(tenant: Tenant, tmp_path: Path) -> None:
    tenant.fault(status=403, count=None)
    done = command(tenant, "--learn", str(tmp_path / "tenant.yaml"))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "403" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--learn", "tenant.yaml"]])
def test_an_interrupt_ends_it_with_one_line_and_no_file(
    practice: Practice, server: ScriptedServer, arguments: list[str]
) -> None:
    started: list[float] = []

    def hold(handler: Handler) -> None:
        started.append(time.monotonic())
        silence(handler)

    server.script += [hold] * 3
    environment = {**os.environ, "VEZA_URL": server.url, "VEZA_API_KEY": KEY}
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=practice.folder, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        while not started and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (130, "interrupted: nothing more was done\n")
    assert list(practice.folder.iterdir()) == []


# The command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--learn", "x.yaml", "--json"], "--learn goes alone"),
        (["--learn", "x.yaml", "--offline"], "--learn goes alone"),
        (["--with-address"], "--with-address is about the --bundle FILE"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_a_wrong_command_line_is_told(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(application, ["doctor", *arguments])
    assert (done.exit_code, done.stdout) == (64, "")
    assert said in " ".join(done.stderr.split())


def test_a_folder_that_is_not_there_is_one_line() -> None:
    done = CliRunner().invoke(application, ["doctor", "--cwd", "/nowhere/at/all"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "could not look: --cwd /nowhere/at/all: there is no such folder\n"


def test_the_progress_is_on_a_terminal_only(practice: Practice) -> None:
    master, slave = pty.openpty()
    shown = subprocess.run(
        [*COMMAND, "--offline"], cwd=practice.folder, stdout=subprocess.PIPE, stderr=slave, check=False
    )
    os.close(slave)
    assert f"/{len(CHECKS)}".encode() in os.read(master, 100_000)
    os.close(master)
    assert b"python-version" in shown.stdout
