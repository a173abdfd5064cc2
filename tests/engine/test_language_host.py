"""The language host under the real engine, and by itself over its protocol."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import grpc  # type: ignore[import-untyped]
import psutil
import pytest
import yaml
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.support.fixtures import StackFactory
from tests.support.stack import Running, Stack

HOST = Path(__file__).resolve().parents[2] / "tools" / "engine" / "pulumi-language-python"

A_PROGRAM_THAT_WAITS = """
    import pathlib, time
    print("waiting for the gate")
    while not pathlib.Path("gate").exists():
        time.sleep(0.02)
    print("the gate is open")
"""

A_KIND_OF_RESOURCE = """
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("created", props)

    def diff(self, _id, olds, news):
        return DiffResult(changes=olds["size"] != news["size"])

class Thing(Resource, module="test", name="Thing"):
    size: pulumi.Output[int]

    def __init__(self, name, size):
        super().__init__(Provider(), name, {"size": size})
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Write a program with one dynamic resource, whose provider is in a module of its own, as this project's are."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "things.py").write_text(A_KIND_OF_RESOURCE)
    (folder / "__main__.py").write_text("from things import Thing; Thing('one', 3)")
    return folder


class TestPrograms:
    def test_a_program_that_raises_fails_with_the_users_own_lines_alone(self, stack_factory: StackFactory) -> None:
        stack = stack_factory("def explode():\n    raise ValueError('too much')\n\nexplode()\n")
        result = stack.preview(check=False)
        assert result.returncode != 0
        assert "Program failed with an unhandled exception" in result
        assert "ValueError: too much" in result
        assert "raise ValueError('too much')" in result
        assert "pulumi-language-python" not in result

    def test_what_a_program_writes_is_shown_while_it_still_runs(self, stack_factory: StackFactory) -> None:
        stack = stack_factory(A_PROGRAM_THAT_WAITS)
        running = stack.start("preview")
        running.wait_for("waiting for the gate")
        assert "the gate is open" not in running.output
        (stack.project / "gate").touch()
        assert "the gate is open" in running.result().checked()

    def test_both_streams_of_a_program_are_shown(self, stack: Stack) -> None:
        stack.write(
            "import sys; print('to stdout'); print('to stderr', file=sys.stderr); sys.stdout.write('no newline')"
        )
        result = stack.preview()
        for text in ("to stdout", "to stderr", "no newline"):
            assert text in result

    def test_a_program_reads_secret_configuration_that_is_stored_encrypted_and_never_shown(
        self, stack_factory: StackFactory
    ) -> None:
        hidden = "hunter2hunter2"
        stack = stack_factory(
            """
            import pulumi
            config = pulumi.Config()
            pulumi.export("plain", config.require("plain"))
            pulumi.export("length", len(config.require("hidden")))
            pulumi.export("secret", config.require_secret("hidden"))
            """,
            config={"test:plain": "visible"},
            secrets={"test:hidden": hidden},
        )
        stack.up(skip_preview=True)
        assert stack.outputs() == {"plain": "visible", "length": 14, "secret": "[secret]"}
        files = [file for file in stack.root.rglob("*") if file.is_file()]
        assert stack.config_file in files
        assert [file for file in files if hidden.encode() in file.read_bytes()] == []
        assert stack.outputs("--show-secrets") == {"plain": "visible", "length": 14, "secret": hidden}

    @pytest.mark.parametrize(
        ("program", "message"),
        [
            ("import os; os._exit(3)", "Program exited with non-zero exit code: 3"),
            ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Program was ended by SIGKILL"),
        ],
    )
    def test_a_program_that_just_ends_is_a_failure_that_says_how(
        self, stack: Stack, program: str, message: str
    ) -> None:
        stack.write(program)
        result = stack.preview(check=False)
        assert result.returncode != 0
        assert message in result

    def test_the_virtualenv_option_chooses_the_interpreter(self, stack: Stack) -> None:
        other = stack.project / "other"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
        packages = next(other.glob("lib/*/site-packages"))
        (packages / "ours.pth").write_text(os.path.dirname(os.path.dirname(yaml.__file__)))
        _set_virtualenv(stack, "other")
        stack.write("import os, pulumi, sys; pulumi.export('found', [sys.prefix, os.environ['VIRTUAL_ENV']])")
        stack.up(skip_preview=True)
        assert stack.outputs() == {"found": [str(other), str(other)]}

    def test_a_virtualenv_that_does_not_exist_is_a_clear_error(self, stack: Stack) -> None:
        _set_virtualenv(stack, "nowhere")
        result = stack.preview(check=False)
        assert result.returncode != 0
        assert "nowhere, which is not a virtual environment: create it with `python3 -m venv" in result
        assert "Traceback" not in result


class TestEndings:
    def test_ctrl_c_ends_the_program_and_leaves_no_process(self, stack_factory: StackFactory) -> None:
        running = stack_factory(A_PROGRAM_THAT_WAITS).start("up", "--yes", "--skip-preview")
        running.wait_for("waiting for the gate")
        running.interrupt()
        result = running.result(timeout=30)
        assert result.returncode != 0
        assert "Traceback" not in result
        assert running.processes() == []

    def test_the_host_and_the_program_end_when_the_engine_is_killed(self, stack_factory: StackFactory) -> None:
        running = stack_factory(A_PROGRAM_THAT_WAITS).start("preview")
        running.wait_for("waiting for the gate")
        running.process.kill()
        running.process.wait()
        _wait_until_all_have_ended(running)

    def test_two_stacks_run_at_once(self, stack_factory: StackFactory) -> None:
        stacks = [stack_factory(A_PROGRAM_THAT_WAITS) for _ in range(2)]
        runs = [stack.start("preview") for stack in stacks]
        for running in runs:
            running.wait_for("waiting for the gate")
        for stack in stacks:
            (stack.project / "gate").touch()
        for running in runs:
            assert "the gate is open" in running.result().checked()


class TestPolicyPacks:
    @pytest.fixture
    def pack(self, tmp_path: Path) -> Path:
        folder = tmp_path / "pack"
        folder.mkdir()
        (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (folder / "__main__.py").write_text(
            "import os\n"
            "from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy\n"
            "def no_threes(args, report):\n"
            "    if args.props.get('size') == 3:\n"
            "        report('three is not allowed')\n"
            "PolicyPack('sizes', policies=[ResourceValidationPolicy('no-threes', 'No threes.', no_threes)],\n"
            "           enforcement_level=EnforcementLevel(os.environ['LEVEL']))\n"
        )
        return folder

    @pytest.mark.parametrize(("level", "stops"), [("mandatory", True), ("advisory", False)])
    def test_a_policy_stops_or_advises(
        self, stack_factory: StackFactory, program: Path, pack: Path, level: str, stops: bool
    ) -> None:
        stack = stack_factory(program, environment={"LEVEL": level})
        running = stack.start("preview", "--policy-pack", str(pack))
        result = running.result()
        assert bool(result.returncode) is stops
        assert f"[{level}]  no-threes" in result
        assert "three is not allowed" in result
        assert "Traceback" not in result
        assert running.processes() == []

    def test_a_pack_that_cannot_start_says_why(self, stack: Stack, pack: Path) -> None:
        (pack / "__main__.py").write_text("raise RuntimeError('no rules today')")
        result = stack.preview("--policy-pack", str(pack), check=False)
        assert result.returncode != 0
        assert "no rules today" in result


class TestOtherCommands:
    @pytest.mark.slow
    def test_import_from_a_file_takes_a_dynamic_resource_whose_next_preview_is_empty(
        self, stack_factory: StackFactory, program: Path
    ) -> None:
        known, new = stack_factory(program), stack_factory(program)
        known.up(skip_preview=True)
        exported = known.export("--show-secrets")["deployment"]["resources"]
        thing = next(resource for resource in exported if resource["urn"].endswith("::one"))
        values = {"__provider": json.loads(thing["inputs"]["__provider"]["plaintext"]), "size": 3}
        entry = {"type": thing["type"], "name": "one", "id": "found", "inputs": values, "outputs": values}
        new.import_file([entry], "--protect=false")
        assert new.resources()["one"]["id"] == "found"
        new.preview("--expect-no-changes")

    @pytest.mark.slow
    def test_refresh_and_destroy_work_without_the_program(self, stack_factory: StackFactory, program: Path) -> None:
        stack = stack_factory(program)
        stack.up(skip_preview=True)
        stack.write("raise SystemExit('not to be run')")
        stack.refresh("--expect-no-changes", skip_preview=True)
        stack.destroy(skip_preview=True)
        assert stack.resources() == {}

    def test_about_names_the_interpreter_and_the_packages(self, stack: Stack) -> None:
        result = stack.run("about")
        version = ".".join(map(str, sys.version_info[:3]))
        assert f"executable='{sys.prefix}/bin/python3' version='{version}'" in result
        assert "pulumi_policy" in result
        assert "Dependencies" in result

    def test_install_says_that_it_installs_nothing(self, stack: Stack) -> None:
        assert "Nothing was installed" in stack.run("install")


class TestTheProtocol:
    """The host started as the engine starts it, and spoken to directly."""

    @pytest.fixture
    def host(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [sys.executable, HOST, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            yield process
            process.kill()

    @pytest.fixture
    def calls(self, host: subprocess.Popen[str]) -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
        with grpc.insecure_channel(f"127.0.0.1:{_port(host)}") as channel:
            yield language_pb2_grpc.LanguageRuntimeStub(channel)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_ends_the_host_quietly(self, host: subprocess.Popen[str], number: signal.Signals) -> None:
        _port(host)
        host.send_signal(number)
        assert host.communicate(timeout=30) == ("", "")
        assert host.returncode == 0

    def test_a_signal_ends_it_where_a_shell_has_started_the_engine_in_the_background(self) -> None:
        # Such a process ignores Ctrl-C, and so does what it starts.
        started = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, HOST, "127.0.0.1:1"]
        with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as host:
            try:
                _port(host)
                host.send_signal(signal.SIGINT)
                assert host.wait(timeout=4) == 0
            finally:
                host.kill()

    def test_a_plugins_output_and_exit_code_are_passed_on(
        self, calls: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
    ) -> None:
        request = _plugin(
            tmp_path,
            "import os, sys\n"
            "print(sys.argv[1:], os.environ['GIVEN'], os.getcwd())\n"
            "print('a warning', file=sys.stderr)\n"
            "sys.exit(7)\n",
        )
        answers = list(calls.RunPlugin(request))
        assert b"".join(answer.stdout for answer in answers).decode() == f"['one', 'two'] a=b {tmp_path}\n"
        assert b"".join(answer.stderr for answer in answers) == b"a warning\n"
        assert answers[-1].WhichOneof("output") == "exitcode"
        assert answers[-1].exitcode == 7

    def test_many_plugins_run_at_once_and_end_with_their_calls(
        self, host: subprocess.Popen[str], calls: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
    ) -> None:
        request = _plugin(tmp_path, "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
        running = [calls.RunPlugin(request) for _ in range(12)]
        started = [int(next(iter(call)).stdout) for call in running]
        assert len(set(started)) == 12
        for call in running:
            call.cancel()
        host.send_signal(signal.SIGTERM)
        assert host.wait(timeout=30) == 0
        assert [number for number in started if psutil.pid_exists(number)] == []

    def test_without_the_pulumi_package_it_says_so_in_one_line(self) -> None:
        found = subprocess.run(
            [sys.executable, "-I", "-S", HOST, "127.0.0.1:1"], capture_output=True, text=True, check=False
        )
        assert found.returncode == 1
        assert found.stdout == ""
        assert "has no package 'grpc': put the bin folder" in found.stderr
        assert len(found.stderr.splitlines()) == 1

    def test_started_by_hand_it_says_what_it_is_for(self) -> None:
        found = subprocess.run([sys.executable, HOST], capture_output=True, text=True, check=False)
        assert found.returncode == 1
        assert "started by the Pulumi CLI" in found.stderr


def _set_virtualenv(stack: Stack, folder: str) -> None:
    settings = {"name": "test", "runtime": {"name": "python", "options": {"virtualenv": folder}}}
    stack.project_file.write_text(yaml.safe_dump(settings))


def _wait_until_all_have_ended(running: Running) -> None:
    for process in running.processes():
        process.wait(timeout=30)
    assert running.processes() == []


def _port(host: subprocess.Popen[str]) -> int:
    return int(cast(IO[str], host.stdout).readline())


def _plugin(folder: Path, text: str) -> language_pb2.RunPluginRequest:
    (folder / "__main__.py").write_text(text)
    return language_pb2.RunPluginRequest(
        pwd=str(folder),
        args=["one", "two"],
        env=["GIVEN=a=b", f"PATH={os.environ['PATH']}"],
        kind="resource",
        info=language_pb2.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point="."),
    )
