"""``pulumi-veza diff``: what it reads, how it ends, and the line that says why it could not check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from pulumi_veza.drift.document import KIND
from tests.drift import company
from tests.drift.compared import exported
from tests.impact.small_engine import Engine
from tests.support.runs import Runs

Diff = Callable[..., Result]


@pytest.fixture
def engine(runs: Runs) -> Engine:
    return company.deployed(runs)


@pytest.fixture
def diff(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Diff:
    """Run the command on the state of the company, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    environment = {**engine.runs.tenant.env(), "VEZA_MAX_RETRIES": "0"}
    Path("state.json").write_text(exported(engine))

    def run(*arguments: str, text: str | None = None, **more: str) -> Result:
        files = [] if arguments and not arguments[0].startswith("--") else ["state.json"]
        return CliRunner().invoke(
            application, ["diff", *files, *arguments], input=text, env={**environment, **more}, catch_exceptions=False
        )

    return run


FOUND = (
    "Found: 1 member was added by hand; 1 profile is unmanaged; 1 type is unmanaged. "
    "Exits with 1; with `--fail-on never`, with 0\n"
)


def one_line(done: Result) -> str:
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_night_without_drift_is_one_line_after_a_baseline_and_the_next_change_ends_it(
    diff: Diff, engine: Engine
) -> None:
    first = diff()
    assert first.exit_code == 1
    assert first.stderr == FOUND
    file = "veza-exceptions.yaml"
    made = diff("--baseline", file, "--owner", "ana@example.com", "--expires", "2999-12-31")
    assert (made.exit_code, made.stdout) == (0, f"3 entries added to {file}\n")
    night = diff()
    assert (night.exit_code, night.stderr) == (0, "")
    assert night.stdout == (
        "No drift; 8 resources compared, 4 of 6 profiles managed (67 %); 3 findings are ignored by exceptions.\n"
    )
    again = diff("--baseline", file, "--owner", "ana@example.com", "--expires", "2999-12-31")
    assert again.stdout == f"0 entries added to {file}\n"
    engine.runs.tenant.edit_profile("Desk", description="by hand", state="PAUSED")
    engine.runs.tenant.clear_requests()
    morning = diff()
    assert (morning.exit_code, morning.stdout.count("\n  AccessProfile 'desk'")) == (1, 1)
    assert diff("--fail-on", "never").exit_code == 0
    assert diff("--fail-on", "members,unmanaged").exit_code == 0
    assert diff("--fail-on", "drift").stderr == "--fail-on drift: `pulumi refresh` shows 1 difference\n"
    assert engine.runs.tenant.requests(mutating=True) == []


def test_a_baseline_leaves_expired_exceptions_to_somebody_and_says_so(diff: Diff, engine: Engine) -> None:
    file = Path("veza-exceptions.yaml")
    file.write_text(
        "exceptions:\n"
        "  - {rule: unmanaged-profile, resource: p-hand, owner: a, reason: b, ticket: c, expires: 2020-01-01}\n"
    )
    engine.runs.tenant.key(hidden_profiles=["Desk"], member_list=403)
    done = diff("--baseline", str(file), "--owner", "ana", "--expires", "2999-12-31")
    assert (done.exit_code, done.stdout) == (
        0,
        f"2 entries added to {file}; 2 findings stay, which no baseline allows; 1 finding stays whose exception has "
        "expired: write a later day in it, or take it out and run this again\n",
    )
    before = file.read_text()
    # What is written beside it first cannot be written, nor removed.
    Path(f"{file}.new").mkdir()
    engine.runs.tenant.clear_keys()
    engine.runs.tenant.edit_profile("Desk", description="by hand", state="PAUSED")
    assert one_line(diff("--baseline", str(file), "--owner", "ana", "--expires", "2999-12-31")) == (
        f"could not check: cannot write {file}: Is a directory\n"
    )
    assert file.read_text() == before


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_asked(diff: Diff, engine: Engine) -> None:
    Path("folder").mkdir()
    for output, reason in (("none/there", "No such file or directory"), ("folder", "Is a directory"),
                           ("state.json/there", "Not a directory")):  # fmt: skip
        assert one_line(diff("--output", output)) == f"cannot write {output}: {reason}\n"
    assert engine.runs.tenant.requests() == []


def test_a_saved_document_is_shown_again_without_the_tenant(diff: Diff, tmp_path: Path) -> None:
    assert diff("--format", "json", "--output", "drift.json").exit_code == 1
    assert KIND.load((tmp_path / "drift.json").read_text()).summary.resources == 8
    shown = diff("drift.json", "--format", "markdown", VEZA_URL="", VEZA_API_KEY="")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("### Drift: 1 member was added by hand;")
    assert one_line(diff("drift.json", "state.json")) == (
        "could not check: drift.json is a document: one is shown by itself, previews are merged\n"
    )


def test_a_preview_and_the_state_of_its_stack_are_put_together(diff: Diff, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "preview.json").write_text(engine.preview(company.declared(crm={"description": "New"})))
    found = KIND.load(diff("preview.json", "state.json", "--format", "json").stdout)
    assert found.program
    assert [(stack.name, stack.resources) for stack in found.stacks] == [("test/dev", 8)]
    assert [row.program for row in found.rows if row.rule.value == "change-not-applied"] == ["New"]


def test_what_could_not_be_read_ends_with_not_checked_where_nothing_else_was_found(
    diff: Diff, engine: Engine, tmp_path: Path
) -> None:
    diff("--baseline", "veza-exceptions.yaml", "--owner", "ana", "--expires", "2999-12-31")
    engine.runs.tenant.key(hidden_profiles=["Desk"], member_list=403)
    done = diff()
    assert done.exit_code == 2
    assert done.stdout.startswith("2 things could not be read; 3 findings are ignored by exceptions.\n")
    assert done.stderr == "could not check: 2 things could not be read\n"
    assert diff("--fail-on", "unreadable").exit_code == 1
    entry = "- {rule: unreadable, resource: 'desk*', owner: a, reason: b, ticket: c, expires: 2999-12-31}\n"
    with (tmp_path / "veza-exceptions.yaml").open("a") as file:
        file.write(f"  {entry}")
    assert diff().exit_code == 0


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"VEZA_API_KEY": "wrong"}, "could not check: listing the access profile types failed: 401"),
        ({"VEZA_URL": "http://127.0.0.1:1"}, "belongs to the tenant http://127.0.0.1:"),
        ({"VEZA_URL": "", "VEZA_API_KEY": ""}, "VEZA_URL"),
    ],
)
def test_a_tenant_that_cannot_be_asked_is_one_line(diff: Diff, environment: dict[str, str], said: str) -> None:
    assert said in one_line(diff(**environment))


def test_the_settings_of_the_stack_are_read_where_the_environment_has_none(
    diff: Diff, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = engine.runs.tenant

    def configured(key: str) -> None:
        values = {"veza:url": {"value": tenant.url}, "veza:apiKey": {"value": key, "secret": True}}
        (tmp_path / "config.json").write_text(json.dumps(values))

    # What the real engine prints of a stack.
    script = tmp_path / "pulumi"
    script.write_text('#!/bin/sh\ncase "$1" in config) cat config.json;; *) cat state.json;; esac\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    bare = {"VEZA_URL": "", "VEZA_API_KEY": "", "VEZA_MAX_RETRIES": "0"}

    def of_stack() -> Result:
        return CliRunner().invoke(application, ["diff", "--state-only"], env=bare, catch_exceptions=False)

    configured(tenant.token)
    done = of_stack()
    assert (done.exit_code, done.stderr) == (
        1,
        FOUND,
    )
    state = json.loads((tmp_path / "state.json").read_text())
    pending = [{"type": "updating", "resource": each} for each in state["deployment"]["resources"][:2]]
    state["deployment"]["pending_operations"] = pending
    (tmp_path / "state.json").write_text(json.dumps(state))
    said = "the stack: a run is on, or was killed, and the state does not know how 2 operations ended"
    assert of_stack().stderr.startswith(said)
    configured("wrong")
    assert one_line(of_stack()).endswith(
        "the API key (from the stack's veza:apiKey) is not valid for "
        f"{tenant.url}; create or renew it in Administration > API Keys\n"
    )
    (tmp_path / "config.json").write_text("{}")
    assert "veza:url is not set: `pulumi config set veza:url" in one_line(of_stack())
    assert one_line(diff("state.json", **bare)).startswith(
        "could not check: VEZA_URL is not set: write VEZA_URL=https://TENANT.vezacloud.com in the environment; "
    )


def test_no_network_is_one_line(diff: Diff, tmp_path: Path) -> None:
    state = json.loads((tmp_path / "state.json").read_text())
    for resource in state["deployment"]["resources"]:
        del resource["outputs"]["__tenant"]
    (tmp_path / "state.json").write_text(json.dumps(state))
    assert "could not check: listing the access profile types" in one_line(diff(VEZA_URL="http://127.0.0.1:1"))


def test_a_tenant_that_fails_half_way_is_one_line_and_no_half_result(diff: Diff, engine: Engine) -> None:
    fault = engine.runs.tenant.fault(method="GET", path="/members$", status=500, count=None, skip=2)
    assert "could not check: listing the members of version 1 of access profile" in one_line(diff())
    assert fault.hits


def test_an_interrupt_waits_for_no_tenant_that_does_not_answer(diff: Diff, engine: Engine) -> None:
    del diff
    tenant = engine.runs.tenant
    fault = tenant.fault(method="GET", path="/members$", hold="before_commit", count=None)
    environment = {**os.environ, **tenant.env()}
    command = [sys.executable, "-m", "pulumi_veza.cli", "diff", "state.json"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        fault.wait_until_holding()
        running.send_signal(signal.SIGINT)
        try:
            out, err = running.communicate(timeout=15)
        finally:
            running.kill()
            fault.release(drop=True)
    assert (running.returncode, out, err) == (130, "", "interrupted: nothing more was done\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "could not check: the standard input is empty"),
        ('{"steps": []', "is cut off"),
        ('{"version": 3, "deployment": {"resources": []}}', "there is no resource of Veza in what is compared"),
        (
            json.dumps({"steps": [], "diagnostics": [{"severity": "error", "message": "name: must not\nbe empty"}]}),
            "the standard input failed, so what would change is not known: name: must not be empty",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_line(diff: Diff, engine: Engine, text: str, said: str) -> None:
    assert said in one_line(diff("-", text=text))
    assert engine.runs.tenant.requests() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stack", "dev"], "give either files or what to run the engine for"),
        (["--state-only"], "give either files or what to run the engine for"),
        (["--format", "pdf"], "there is no such format"),
        (["--fail-on", "losses"], "there is no such condition"),
        (["--baseline", "x.yaml"], "--baseline needs --owner"),
        (["--baseline", "x.yaml", "--owner", "ana", "--expires", "2020-01-01"], "--expires 2020-01-01 is past"),
        (["--fail-on", "coverage<101"], "the limit is in percent"),
    ],
)
def test_a_wrong_command_is_said_before_anything_is_asked(
    diff: Diff, engine: Engine, arguments: list[str], said: str
) -> None:
    done = diff(*arguments)
    assert (done.exit_code, done.stdout) == (64, "")
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert engine.runs.tenant.requests() == []
