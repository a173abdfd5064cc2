"""How the commands read, write and end: any encoding, any terminal, no reader, an interrupt, a fault of their own."""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from pulumi_veza.plan.records import OURS
from pulumi_veza.reports.files import decoded

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]

COMMAND = (sys.executable, "-m", "pulumi_veza.cli")
NAME = "Řízení 東京 \U0001f680"


def state(kind: str, name: str, /, **values: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::test::{OURS}{kind}::{name}"
    outputs = {**values, "__tenant": "https://acme.vezacloud.com"}
    return {
        "urn": urn,
        "type": f"{OURS}{kind}",
        "custom": True,
        "id": f"id-{name}",
        "inputs": values,
        "outputs": outputs,
    }


def preview() -> str:
    """Return a preview in which somebody with a name of many scripts leaves a profile with such a name."""
    entitlements = {"G d/x": {"entity_type": "G", "datasource_id": "d", "entity_id": "x"}}
    team = state("AccessProfile", "team", name=NAME, profile_type="t", state="RUNNING", entitlements=entitlements)
    before = state(
        "MembershipSet", "set", profile_id="id-team", version="current", identity_ids={"ana": "ana", "b": "b"}
    )
    before["outputs"]["members"] = {
        who: {"id": who, "name": f"{NAME} {who}", "source": "ACCESS_PROFILE_MEMBERSHIP", "managed": True}
        for who in ("ana", "b")
    }
    after = state(
        "MembershipSet",
        "set",
        profile_id="id-team",
        version="current",
        identity_ids={"b": "b"},
        max_removal_percent=100,
    )
    steps = [
        {"op": "same", "urn": team["urn"], "oldState": team, "newState": team},
        {"op": "update", "urn": before["urn"], "oldState": before, "newState": after},
    ]
    return json.dumps({"steps": steps, "changeSummary": {"same": 1, "update": 1}}, ensure_ascii=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "preview.json"
    found.write_text(preview(), encoding="utf-8")
    return found


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "VEZA_", "PYTHONIO"))}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, env={**kept, **environment}, check=False
    )


TERMINALS: dict[str, Mapping[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
}


@pytest.mark.parametrize("terminal", TERMINALS)
def test_any_text_is_written_on_any_terminal_and_the_exit_code_is_that_of_what_was_found(
    terminal: str, file: Path, tmp_path: Path
) -> None:
    environment = TERMINALS[terminal]
    found = run("impact", file, "--fail-on", "losses", **environment)
    assert found.returncode == 1, found.stderr
    assert b"https://acme.vezacloud.com" in found.stdout
    assert b"\\u6771" in found.stdout
    assert b"Traceback" not in found.stderr
    written = tmp_path / "document.json"
    assert run("impact", file, "--format", "json", "--output", written, **environment).returncode == 0
    assert NAME in written.read_text(encoding="utf-8")
    piped = run("impact", file, "--format", "json", **environment)
    piped.stdout.decode("ascii")
    assert json.loads(piped.stdout) == json.loads(written.read_text(encoding="utf-8"))
    assert json.loads(piped.stdout)["tenants"] == ["https://acme.vezacloud.com"]
    # What is said about a mistake may have any character as well.
    mistaken = run("impact", tmp_path / "東.json", **environment)
    assert (mistaken.returncode, b"could not check: cannot read" in mistaken.stderr) == (2, True)


def in_process(*arguments: object, stdin: bytes = b"") -> tuple[int, str]:
    """Run a command in this process, where the encoding of the terminal does not matter."""
    done = CliRunner().invoke(application, [*map(str, arguments)], input=stdin)
    return done.exit_code, done.output


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_with_a_byte_order_mark_is_read_wherever_one_is_given(mark: str, tmp_path: Path) -> None:
    begin = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(mark, b"")

    def written(name: str, text: str) -> Path:
        (tmp_path / name).write_bytes(begin + text.replace("\n", "\r\n").encode(mark))
        return tmp_path / name

    given = written("preview.json", preview() + "\n")
    code, shown = in_process("impact", given, "--format", "json")
    assert code == 0
    assert NAME in json.loads(shown)["profiles"][0]["name"]
    assert in_process("impact", "-", "--format", "json", stdin=given.read_bytes()) == (0, shown)
    assert in_process("impact", written("document.json", shown), "--format", "json") == (0, shown)
    deployed = [state("AccessProfile", "team", name=NAME, profile_type="t")]
    exported = written("state.json", json.dumps({"version": 3, "deployment": {"resources": deployed}}))
    assert NAME in in_process("graph", exported)[1]
    settings = written("settings.json", json.dumps({"all": "disabled"}))
    exceptions = written("exceptions.yaml", "exceptions: []\n")
    assert in_process("policy", "check", given, "--config", settings, "--exceptions", exceptions)[0] == 0


def test_a_text_is_decoded_as_its_mark_says_and_as_utf_8_without_one() -> None:
    assert decoded("ř\r\n".encode("utf-16")) == decoded("ř\n".encode()) == "ř\n"
    with pytest.raises(UnicodeDecodeError):
        decoded("ř".encode("cp1250"))


FAULT = """
import sys
from pulumi_veza.impact import building
def build(*_, **__):
    raise {error}
building.build = build
from pulumi_veza.cli import main
main()
"""


def faulty(error: str, file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``impact`` with a program of ours that raises an error where none is foreseen."""
    command = [sys.executable, "-c", FAULT.format(error=error), "impact", str(file), "--fail-on", "losses"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def test_a_fault_of_the_program_is_one_line_and_never_ends_like_a_finding(file: Path) -> None:
    done = faulty('KeyError("who\\nknows")', file)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("this is a fault of pulumi-veza 0.")
    assert "KeyError: 'who\\nknows' (cli/impact.py:" in line
    assert line.endswith("report it to its maintainers with the traceback that VEZA_DEBUG=1 prints")
    debugged = faulty('KeyError("x")', file, VEZA_DEBUG="1")
    assert debugged.returncode == 2
    assert debugged.stderr.startswith("Traceback")


def test_an_interrupt_is_one_line_and_the_code_of_an_interrupt(file: Path) -> None:
    fifo = file.with_name("fifo")
    os.mkfifo(fifo)
    with subprocess.Popen([*COMMAND, "impact", str(fifo)], stderr=subprocess.PIPE, text=True) as waiting:
        with fifo.open("w"):
            # It has opened the file and waits for what is in it.
            waiting.send_signal(signal.SIGINT)
            assert waiting.wait(timeout=20) == 130
        assert waiting.stderr is not None
        assert waiting.stderr.read() == "interrupted: nothing more was done\n"


DROPPED = """
import signal
import time
import weakref
from pulumi_veza.impact import building

def build(*_, **__):
    class Thing:
        pass
    thing = Thing()
    seen = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    del thing
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        time.sleep(0.01)
    raise SystemExit("the interrupt was lost")

building.build = build
from pulumi_veza.cli import main
main()
"""

WHILE_LOADING = """
import signal
import sys

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "pulumi":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
from pulumi_veza_cli import main
main()
"""


@pytest.mark.parametrize("program", [DROPPED, WHILE_LOADING], ids=["in a callback", "while it loads"])
def test_no_interrupt_is_lost_or_shows_a_traceback_wherever_it_comes(program: str, file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program, "impact", str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted: nothing more was done\n")


def test_the_command_that_is_installed_is_the_one_that_loads_nothing_before_it_can_be_interrupted() -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["pulumi-veza"]
    shown = "import sys, pulumi_veza_cli; print(sorted(each for each in sys.modules if each.startswith('pulumi')))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert (script, done.stdout) == ("pulumi_veza_cli:main", "['pulumi_veza_cli']\n")


@pytest.mark.parametrize(("condition", "code"), [("losses", 1), ("conflicts", 0)])
def test_a_reader_that_has_read_enough_changes_nothing(condition: str, code: int, file: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody_reads:
        done = subprocess.run(
            [*COMMAND, "impact", str(file), "--fail-on", condition],
            stdout=nobody_reads,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


def test_a_standard_output_that_is_closed_gets_nothing_and_one_that_is_full_is_one_line(file: Path) -> None:
    def ran(redirection: str) -> tuple[int, str]:
        command = [*COMMAND, "impact", str(file), "--fail-on", "losses"]
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *command],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    assert ran(">&-") == (1, "--fail-on losses: 1 person loses access, or may\n")
    assert ran(">&- 2>&-") == (1, "")
    full = (2, "could not check: cannot write to the standard output: No space left on device\n")
    assert ran("> /dev/full") == full


@pytest.mark.parametrize("command", ["impact", "graph", "requests", "policy check"])
def test_a_file_that_is_no_text_is_named(command: str, tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_bytes(b"\xff\xfe\x00")
    code, said = in_process(*command.split(), given)
    assert code == 2
    assert f": {given} is not text (truncated data); give a file that a command wrote as UTF-8\n" in said


@pytest.mark.parametrize("text", ['{"deployment": {"reso', "[" * 100_000, "{}", ""])
def test_what_is_no_export_is_to_be_exported_again_where_an_export_is_asked_for(text: str, tmp_path: Path) -> None:
    given = tmp_path / "cut.json"
    given.write_text(text)
    code, said = in_process("requests", given)
    assert code == 2
    assert "preview" not in said
    assert "pulumi stack export" in said or "nested too deeply" in said


def test_a_preview_that_is_given_twice_is_a_wrong_command(file: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied.json"
    copied.write_bytes(file.read_bytes())
    for other, both in ((file, f"{file} twice"), (copied, f"{file} and {copied}")):
        code, said = in_process("impact", file, other)
        assert code == 64
        words = " ".join(said.replace("│", " ").split())
        assert f"{both}: a preview of test/dev is given twice; give one of each stack".replace(" ", "") in (
            words.replace(" ", "")
        )
