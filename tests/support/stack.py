"""A Pulumi stack on the real engine, in a folder of its own: what the tests on the real engine drive.

::

    def test_a_value_reaches_the_outputs(stack_factory):
        stack = stack_factory("import pulumi; pulumi.export('answer', 42)")
        assert "answer" in stack.up()
        assert stack.outputs() == {"answer": 42}

Nothing is shared between two stacks but the engine itself: each has its own project folder, ``PULUMI_HOME``, file
backend and environment, so tests run beside each other. Whatever a command writes is printed as well, so that a failing
test shows it. The fixtures are in ``tests/support/fixtures.py``.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

INSTALLER = Path(__file__).resolve().parents[2] / "tools" / "engine" / "install.py"
PASSPHRASE = "a passphrase for tests"  # noqa: S105 (it protects nothing)
SECONDS_AN_OPERATION_MAY_TAKE = 120.0
SUMMARIES = {
    "error: update failed",
    "error: preview failed",
    "error: Resource monitor has terminated, shutting down",  # of later engines than the pinned one
}
"""What the engine says of a failed run beside the error that it failed with."""

TENANT = "info: tenant: "
"""The beginning of the line that every run of the provider says once."""


@functools.cache
def engine_folder() -> Path:
    """Return the folder that holds ``pulumi``, found once per session; ``PULUMI_VEZA_ENGINE`` names another.

    Raises:
        RuntimeError: no engine is installed yet; the text says how to get one.

    """
    if chosen := os.environ.get("PULUMI_VEZA_ENGINE"):
        return Path(chosen)
    found = subprocess.run([sys.executable, INSTALLER, "--no-build"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise RuntimeError(found.stderr.strip())
    return Path(found.stdout.splitlines()[-1])


@dataclass(frozen=True, repr=False)
class Result:
    """What one command of the CLI did. ``str(result)`` is all it wrote, ``"text" in result`` looks into that."""

    command: str
    returncode: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        return self.stdout + self.stderr

    def __repr__(self) -> str:
        return f"<{self.command}: exit code {self.returncode}>\n{self}"

    @property
    def diagnostics(self) -> list[str]:
        """The lines below "Diagnostics", without indentation and without what every run, or every failed run, says."""
        _, _, below = self.stdout.partition("Diagnostics:\n")
        lines = (line.strip() for line in below.partition("\nResources:")[0].splitlines())
        return [line for line in lines if line not in SUMMARIES and not line.startswith(TENANT)]

    def __contains__(self, text: str) -> bool:
        return text in str(self)

    def checked(self) -> Result:
        """Return this result, or raise an ``AssertionError`` that shows the output if the command failed."""
        if self.returncode:
            raise AssertionError(f"{self.command} ended with exit code {self.returncode}:\n{self}")
        return self


class Running:
    """A command of the CLI that was started and not waited for; for tests that interrupt or kill.

    It has a session of its own, so that everything it starts can be found, whatever process group that is in.
    """

    def __init__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], folder: Path) -> None:
        self.command = " ".join(["pulumi", *command[1:]])
        folder.mkdir(parents=True)
        self._files = {name: folder / name for name in ("stdout", "stderr")}
        with self._files["stdout"].open("wb") as stdout, self._files["stderr"].open("wb") as stderr:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What was written so far, stdout first."""
        return "".join(file.read_text(errors="replace") for file in self._files.values())

    def processes(self) -> list[psutil.Process]:
        """Return what lives of the command: the CLI, the language host, the program, the plugins."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return os.getsid(process.pid) == self.process.pid and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, psutil.Error):
            return False

    def wait_for(self, text: str, timeout: float = 60.0) -> None:
        """Wait until the command has written ``text``."""
        self.wait_until(lambda: text in self.output, f"{text!r} in the output", timeout)

    def wait_until(self, condition: Callable[[], object], what: str, timeout: float = 60.0) -> None:
        """Wait until ``condition()`` is true; ``what`` names it where that does not come."""
        deadline = time.monotonic() + timeout
        while not condition():
            if self.process.poll() is not None and not condition():
                raise AssertionError(f"{self.command} ended ({self.process.returncode}) before {what}:\n{self.output}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.command}: no {what} after {timeout:g} s:\n{self.output}")
            time.sleep(0.02)

    def interrupt(self) -> None:
        """Do what Ctrl-C does: the CLI alone gets it, since it starts everything else in other process groups."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill the CLI and everything that it started, as a machine that is switched off does."""
        self.process.kill()
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def result(self, timeout: float = SECONDS_AN_OPERATION_MAY_TAKE) -> Result:
        """Wait for the CLI's end and return what it did."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.command} did not end within {timeout:g} s:\n{self.output}") from None
        written = {name: file.read_text(errors="replace") for name, file in self._files.items()}
        result = Result(self.command, self.process.returncode, **written)
        print(repr(result))
        return result


@dataclass
class Stack:
    """One stack of one project in ``root``. Create it with `Stack.create`.

    ``environment`` is added to every command's environment and may be changed between two of them; a value of None
    takes a variable away.
    """

    root: Path
    name: str = "dev"
    environment: dict[str, str | None] = field(default_factory=dict)
    _started: list[Running] = field(default_factory=list, repr=False)

    @classmethod
    def create(
        cls,
        root: Path,
        program: str | Path = "",
        *,
        name: str = "dev",
        project: str = "test",
        environment: Mapping[str, str | None] | None = None,
        config: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Stack:
        """Create a project and a stack.

        Args:
            root: an empty or absent folder for all of it.
            program: the text of the main program, or the folder of an existing one, which is copied.
            name: the stack's.
            project: the project's name, where the folder has no Pulumi.yaml of its own.
            environment: see the class.
            config: plain configuration, written as it is into the stack's file.
            secrets: secret configuration.

        """
        stack = cls(root, name, dict(environment or {}))
        for folder in (stack.backend, stack.home):
            folder.mkdir(parents=True)
        if isinstance(program, Path):
            shutil.copytree(program, stack.project)
        else:
            stack.project.mkdir()
            stack.write(program)
        if not stack.project_file.exists():
            stack.project_file.write_text(yaml.safe_dump({"name": project, "runtime": "python"}))
        if config:
            stack.config_file.write_text(yaml.safe_dump({"config": dict(config)}))
        stack._init()
        for key, value in (secrets or {}).items():
            stack.config_set(key, value, secret=True)
        return stack

    @property
    def project(self) -> Path:
        """The project folder, with Pulumi.yaml and the program."""
        return self.root / "project"

    @property
    def backend(self) -> Path:
        """The file backend: states, history, backups."""
        return self.root / "backend"

    @property
    def home(self) -> Path:
        """The CLI's own folder."""
        return self.root / "home"

    @property
    def project_file(self) -> Path:
        """The project's Pulumi.yaml."""
        return self.project / "Pulumi.yaml"

    @property
    def config_file(self) -> Path:
        """The stack's configuration file."""
        return self.project / f"Pulumi.{self.name}.yaml"

    def write(self, program: str) -> None:
        """Replace the main program."""
        (self.project / "__main__.py").write_text(textwrap.dedent(program))

    def up(self, *flags: str, check: bool = True, skip_preview: bool = False) -> Result:
        """Bring the stack up to the program; ``skip_preview`` saves half of the time."""
        return self._operation("up", flags, check=check, skip_preview=skip_preview)

    def preview(self, *flags: str, check: bool = True) -> Result:
        """Show what `up` would do."""
        return self.run("preview", *flags, check=check)

    def preview_json(self, *flags: str) -> dict[str, Any]:
        """Return the preview as the CLI's own JSON: ``steps``, ``changeSummary``, ``diagnostics``."""
        return _object(self.run("preview", "--json", *flags))

    def refresh(self, *flags: str, check: bool = True, skip_preview: bool = False) -> Result:
        """Read every resource and write what was found into the state."""
        return self._operation("refresh", flags, check=check, skip_preview=skip_preview)

    def destroy(self, *flags: str, check: bool = True, skip_preview: bool = False) -> Result:
        """Delete every resource."""
        return self._operation("destroy", flags, check=check, skip_preview=skip_preview)

    def import_file(self, resources: Sequence[Mapping[str, Any]], *flags: str, check: bool = True) -> Result:
        """Run ``pulumi import --file`` for these entries, without code generation."""
        file = self.root / "import.json"
        file.write_text(json.dumps({"resources": list(resources)}))
        return self.run("import", "--file", str(file), "--generate-code=false", "--yes", *flags, check=check)

    def config_set(self, key: str, value: str, *, secret: bool = False) -> Result:
        """Set one value of the stack's configuration."""
        return self.run("config", "set", key, value, "--secret" if secret else "--plaintext")

    def export(self, *flags: str) -> dict[str, Any]:
        """Return the state, secrets encrypted."""
        return _object(self.run("stack", "export", *flags))

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the state's resources by the last part of their URN, without the stack and the providers."""
        files = list((self.backend / ".pulumi" / "stacks").rglob(f"{self.name}.json"))
        # A command takes longer, and only a state that is in no file needs it.
        state = json.loads(files[0].read_bytes())["checkpoint"]["latest"] if files else self.export()["deployment"]
        everything: list[dict[str, Any]] = state.get("resources") or []
        return {
            resource["urn"].split("::")[-1]: resource
            for resource in everything
            if not resource["type"].startswith("pulumi:")
        }

    def outputs(self, *flags: str) -> dict[str, Any]:
        """Return what the program exported."""
        return _object(self.run("stack", "output", "--json", *flags))

    def cancel(self) -> Result:
        """Remove the lock that a killed operation left behind."""
        return self.run("cancel", self.name, "--yes")

    def run(self, *arguments: str, check: bool = True, timeout: float = SECONDS_AN_OPERATION_MAY_TAKE) -> Result:
        """Run any command of the CLI to its end."""
        result = self.start(*arguments).result(timeout)
        return result.checked() if check else result

    def start(self, *arguments: str) -> Running:
        """Start any command of the CLI and return at once; `close` ends what is left of it."""
        running = Running(
            [str(engine_folder() / "pulumi"), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.project,
            env=self._environment(),
            folder=self.root / "output" / str(len(self._started)),
        )
        self._started.append(running)
        return running

    def close(self) -> None:
        """End everything that this stack's commands left running."""
        for running in self._started:
            running.kill()

    def _init(self) -> None:
        """Initialise the stack; the engine does so once for all of a name, and the others are copies."""
        project = yaml.safe_load(self.project_file.read_text())["name"]
        settings = self.config_file.read_text() if self.config_file.exists() else ""
        if any(each.startswith("PULUMI_") for each in self.environment) or "encryptionsalt" in settings:
            self.run("stack", "init", self.name)
            return
        with _INITIALISING:
            new = _new_stack(project, self.name)
        shutil.copytree(new.backend, self.backend, dirs_exist_ok=True)
        self.config_file.write_text(settings + new.config_file.read_text())

    def _operation(self, verb: str, flags: Sequence[str], *, check: bool, skip_preview: bool) -> Result:
        return self.run(verb, "--yes", *(["--skip-preview"] if skip_preview else []), *flags, check=check)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "VEZA_"))}
        ours: dict[str, str | None] = {
            "PATH": os.pathsep.join([str(engine_folder()), os.path.join(sys.prefix, "bin"), os.environ["PATH"]]),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": self.backend.as_uri(),
            "PULUMI_STACK": self.name,
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "GOGC": "off",  # Nothing here is large, and a command is a twentieth faster.
        }
        return {name: value for name, value in (kept | ours | self.environment).items() if value is not None}


_INITIALISING = threading.Lock()


@functools.cache
def _new_stack(project: str, name: str) -> Stack:
    """Return a stack that `pulumi stack init` has made, in a folder that is deleted with this process."""
    stack = Stack(Path(_scratch().name, project, name), name)
    for folder in (stack.backend, stack.home, stack.project):
        folder.mkdir(parents=True)
    stack.project_file.write_text(yaml.safe_dump({"name": project, "runtime": "python"}))
    stack.run("stack", "init", name)
    return stack


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="stacks-")


def _object(result: Result) -> dict[str, Any]:
    value = json.loads(result.stdout)
    assert isinstance(value, dict), result
    return value
