"""The command: what it reads, what it writes, and how it ends."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_veza.impact.document import dump
from pulumi_veza.plan.records import UNKNOWN
from tests.impact.test_preview_json import STATE, preview, step
from tests.impact.test_renderings import some_change
from tests.support.tenant import Tenant


def command(*arguments: str, text: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEZA_", "PULUMI_"))}
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "impact", *arguments],
        input=text,
        capture_output=True,
        text=True,
        env={**kept, "COLUMNS": "200", **environment},
        check=False,
    )


@pytest.fixture
def saved(tmp_path: Path) -> str:
    file = tmp_path / "impact.json"
    file.write_text(dump(some_change()), encoding="utf-8")
    return str(file)


def test_a_saved_document_is_rendered_offline(saved: str) -> None:
    done = command(saved)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 person loses and 1 person gains access")


@pytest.mark.parametrize("package", ["jinja2", "networkx", "rich"])
def test_without_a_package_it_says_in_one_line_how_to_get_it(saved: str, package: str) -> None:
    program = f"import sys; sys.modules[{package!r}] = None; from pulumi_veza.cli import main; main()"
    command = [sys.executable, "-c", program, "impact", saved, "--format", "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"This needs the package {package!r}, which pulumi-veza was installed without: `pip check` lists what is "
        "missing, to be installed by its name\n"
    )


def test_a_document_is_written_again_as_it_is(saved: str, tmp_path: Path) -> None:
    file = tmp_path / "again.json"
    done = command(saved, "--format", "json", "--output", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_bytes() == Path(saved).read_bytes()


def test_a_preview_comes_from_the_standard_input() -> None:
    done = command("-", text=preview(step("same", STATE, STATE)))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "No change of access.")


def test_a_finding_ends_with_one_and_says_which(saved: str) -> None:
    done = command(saved, "--fail-on", "losses,conflicts")
    assert done.returncode == 1
    assert done.stderr == "--fail-on losses: 3 people lose access, or may\n"


@pytest.mark.parametrize(
    "text", ["", "{", "{}", preview()[:-3], json.dumps({"deployment": {}}), preview(step("create"))]
)
def test_what_cannot_be_read_ends_with_two_and_one_line(text: str) -> None:
    done = command("-", text=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("could not check: the standard input ")
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_ends_with_two() -> None:
    done = command("no-such-file.json")
    assert done.returncode == 2
    assert "no-such-file.json" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--fail-on", "everything"], ["--format", "pdf"], ["--no-such-option"], ["x.json", "--stack", "dev"]],
)
def test_a_command_that_is_wrong_ends_with_sixty_four(arguments: list[str]) -> None:
    assert command(*arguments).returncode == 64


def test_a_saved_document_is_not_made_anew_from_the_tenant(saved: str) -> None:
    done = command(saved, "--live")
    assert done.returncode == 64
    assert "--live belongs to where it is made" in " ".join(done.stderr.split())


def test_the_version_is_that_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"pulumi-veza {importlib.metadata.version('pulumi-veza')}\n"


def test_without_a_file_and_without_an_engine_it_says_what_to_do(tmp_path: Path) -> None:
    done = command("--cwd", str(tmp_path), PATH=str(tmp_path))
    assert done.returncode == 2
    assert "install it, or give what `pulumi preview --json --show-sames` wrote" in done.stderr


def test_an_engine_that_fails_ends_with_two_and_what_it_said(tmp_path: Path) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text("#!/bin/sh\necho 'error: no stack selected' >&2\nexit 255\n")
    engine.chmod(0o755)
    done = command(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert done.stderr == "could not check: `pulumi preview` failed: error: no stack selected\n"


def test_outside_of_a_project_it_says_where_to_run_it(tmp_path: Path) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text(
        "#!/bin/sh\necho 'error: no Pulumi.yaml project file found (searching upwards from ).' >&2\nexit 255\n"
    )
    engine.chmod(0o755)
    done = command(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (
        2,
        "could not check: `pulumi preview` finds no Pulumi.yaml in this folder or above it: change to the folder of "
        "the program\n",
    )


def test_a_newer_comment_is_written_again_as_it_is(saved: str, tmp_path: Path) -> None:
    document: Any = json.loads(Path(saved).read_text())
    newer, older = tmp_path / "newer.json", tmp_path / "older.json"
    newer.write_text(json.dumps({**document, "valid_at": "12"}))
    older.write_text(json.dumps({**document, "valid_at": "3"}))
    comment = tmp_path / "comment.md"
    comment.write_text(command(str(newer), "--format", "markdown").stdout)
    done = command(str(older), "--format", "markdown", "--over", str(comment))
    assert done.stdout == comment.read_text()
    assert done.stderr == "the comment that is there is newer: it stays\n"
    again = command(str(newer), "--format", "markdown", "--over", str(comment))
    assert (again.stdout, again.stderr) == (comment.read_text(), "")


def test_a_live_tenant_that_is_not_configured_ends_with_two() -> None:
    done = command("-", "--live", text=preview(step("same", STATE, STATE)))
    assert done.returncode == 2
    assert "VEZA_URL" in done.stderr
    assert "or give --offline" in done.stderr


def engine(folder: Path, *lines: str) -> dict[str, str]:
    """Put an engine of these lines of shell into a folder; return the environment in which it is found."""
    file = folder / "pulumi"
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)
    (folder / "Pulumi.yaml").write_text("name: access\nruntime: python\n")
    return {"PATH": f"{folder}:{os.environ['PATH']}", "PULUMI_STACK": "org/prod"}


@pytest.mark.slow
def test_what_could_not_be_checked_is_a_document_about_the_same_stack_in_every_format_but_the_terminals(
    tmp_path: Path,
) -> None:
    environment = engine(tmp_path, "echo 'error: incorrect passphrase' >&2; exit 255")
    said = "could not check: `pulumi preview` failed: error: incorrect passphrase\n"
    for wish in (["--stack", "org/access/prod"], []):
        done = command("--cwd", str(tmp_path), "--format", "json", "--valid-at", "7", *wish, **environment)
        assert (done.returncode, done.stderr) == (2, said)
        document = json.loads(done.stdout)
        assert document["stopped"] == {
            "reason": "`pulumi preview` failed: error: incorrect passphrase",
            "refused": False,
        }
        assert ([each["name"] for each in document["stacks"]], document["valid_at"]) == (["access/prod"], "7")
        assert document["digest"] is None
    terminal = command("--cwd", str(tmp_path), **environment)
    assert (terminal.returncode, terminal.stdout, terminal.stderr) == (2, "", said)
    comment = command("--cwd", str(tmp_path), "--format", "markdown", **environment)
    mark, _, headline, *_ = comment.stdout.splitlines()
    assert mark == '<!-- pulumi-veza-impact {"stacks": ["access/prod"], "valid_at": null} -->'
    assert headline.startswith("### Access impact: Nothing could be checked: ")


def test_a_tenant_that_cannot_be_asked_is_a_document_as_well_and_a_file_that_is_none_is_not(tmp_path: Path) -> None:
    text = preview(step("same", STATE, STATE))
    file = tmp_path / "preview.json"
    file.write_text(text)
    done = command(str(file), "--live", "--format", "json", VEZA_URL="http://127.0.0.1:9", VEZA_API_KEY="k")
    assert done.returncode == 2
    assert json.loads(done.stdout)["stacks"][0]["name"] == "test/dev"
    assert "127.0.0.1:9" in json.loads(done.stdout)["stopped"]["reason"]
    file.write_text(text[:-3])
    broken = command(str(file), "--format", "json")
    assert (broken.returncode, broken.stdout) == (2, "")


def test_the_preview_that_was_run_and_its_plan_are_saved(tmp_path: Path) -> None:
    text = preview(step("same", STATE, STATE))
    environment = engine(tmp_path, 'echo "$@" >arguments', f"cat <<'END'\n{text}\nEND")
    files = [tmp_path / "elsewhere" / name for name in ("preview.json", "plan.json")]
    files[0].parent.mkdir()
    saving = ["--save-preview", str(files[0]), "--save-plan", os.path.relpath(files[1])]
    done = command("--cwd", str(tmp_path), *saving, **environment)
    assert done.returncode == 0
    assert files[0].read_text().strip() == text
    assert f"--save-plan {files[1]} " in (tmp_path / "arguments").read_text()
    new = {**STATE, "inputs": {"name": "p", "inherits_from": {"(unknown 1)": UNKNOWN}}}
    environment = engine(tmp_path, f"echo >{files[1]}", f"cat <<'END'\n{preview(step('create', None, new))}\nEND")
    done = command("--cwd", str(tmp_path), *saving, **environment)
    assert "no plan is saved: AccessProfile 'p' will list ids that are known only during `pulumi up`" in done.stderr
    assert not files[1].exists()
    for wish in (["--stack", "a", "--stack", "b"], ["x.json"]):
        assert command(*wish, *saving).returncode == 64


CHANGE = preview(step("create", None, STATE))


def looked(*arguments: str, text: str = CHANGE, **environment: str) -> dict[str, Any]:
    done = command("-", "--format", "json", *arguments, text=text, **environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return {"live": found["live"], "not_looked": found["not_looked"]}


def test_it_looks_at_the_tenant_by_itself_where_it_has_the_settings(tenant: Tenant) -> None:
    env = {"VEZA_URL": tenant.url, "VEZA_API_KEY": tenant.token}
    assert looked(**env) == {"live": True, "not_looked": None}
    asked = len(tenant.requests())
    assert asked
    assert looked("--offline", **env) == {"live": False, "not_looked": "--offline"}
    assert looked() == {"live": False, "not_looked": "VEZA_URL and VEZA_API_KEY are not set"}
    assert looked(VEZA_URL=tenant.url) == {"live": False, "not_looked": "VEZA_API_KEY is not set"}
    assert len(tenant.requests()) == asked


def test_the_address_may_come_from_the_configuration_that_a_preview_names(tenant: Tenant) -> None:
    config = {"veza:url": tenant.url, "veza:apiKey": "[secret]", "other:thing": "x"}
    text = json.dumps({**json.loads(CHANGE), "config": config})
    assert looked(text=text, VEZA_API_KEY=tenant.token) == {"live": True, "not_looked": None}
    assert looked(text=text) == {"live": False, "not_looked": "VEZA_API_KEY is not set"}


def test_a_tenant_that_cannot_be_looked_at_is_never_passed_over_in_silence(tenant: Tenant) -> None:
    for env in (
        {"VEZA_URL": tenant.url, "VEZA_API_KEY": "another-key"},
        {"VEZA_URL": "http://127.0.0.1:1", "VEZA_API_KEY": "key", "VEZA_MAX_RETRIES": "0"},
    ):
        done = command("-", text=CHANGE, **env)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("could not check: ")
        assert done.stderr.endswith("; or give --offline, which looks at the state alone\n")
        assert done.stderr.count("\n") == 1


def test_two_stacks_of_two_tenants_are_not_looked_at_together(tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        stack = json.loads(CHANGE.replace("urn:pulumi:dev:", f"urn:pulumi:dev{number}:"))
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps({**stack, "config": {"veza:url": f"https://t{number}.vezacloud.com"}}))
    done = command(*map(str, files), VEZA_API_KEY="key")
    assert done.returncode == 2
    assert "the stacks are about two tenants, https://t1.vezacloud.com and https://t2.vezacloud.com" in done.stderr


def test_columns_gives_the_width_where_no_terminal_does(saved: str) -> None:
    wide, narrow = (command(saved, COLUMNS=columns).stdout for columns in ("200", "60"))
    assert max(map(len, narrow.splitlines())) < max(map(len, wide.splitlines())) <= 200
