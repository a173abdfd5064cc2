"""What a scenario acts through: it runs stacks and commands, and keeps what they print."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.witness.normalise import normalised, sorted_engine_messages, sorted_engine_output
from tests.witness.shell import Shell, without_settings
from tests.witness.supported import Result, Stack, Tenant

REPOSITORY = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).resolve().parent / "recorded"

_NOTE = "\0"
"""Marks a part that the next note is added to."""

Scenario = Callable[["Recorder"], None]

SCENARIOS: dict[str, Scenario] = {}
"""Every scenario, by the name of its record."""


def scenario(function: Scenario) -> Scenario:
    """Register a scenario under its function's name; its docstring heads the record."""
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


class Recorder:
    """Runs what a scenario asks for against one tenant, and records it."""

    def __init__(self, folder: Path, tenant: Tenant) -> None:
        self.folder = folder
        self.cwd = folder
        self.tenant = tenant
        self._names: dict[str, str] = {}
        self._stacks: list[Stack] = []
        self._parts: list[str] = []
        self._shell = Shell(folder)

    # What is run

    def stack(self, program: str | Path = "", **options: Any) -> Stack:
        """Create a stack whose settings lead to the tenant."""
        environment = {**self.tenant.env(), **options.pop("environment", {})}
        root = self.folder / f"stack-{len(self._stacks) + 1}"
        stack = Stack.create(root, program, environment=environment, **options)
        self._stacks.append(stack)
        return stack

    def up(self, stack: Stack, *flags: str) -> Result:
        """Bring a stack up to its program without a preview before it."""
        return self.engine(stack, "up", "--yes", "--skip-preview", *flags)

    def refresh(self, stack: Stack, *flags: str) -> Result:
        """Read everything again."""
        return self.engine(stack, "refresh", "--yes", "--skip-preview", *flags)

    def destroy(self, stack: Stack, *flags: str) -> Result:
        """Delete every resource of a stack."""
        return self.engine(stack, "destroy", "--yes", "--skip-preview", *flags)

    def preview(self, stack: Stack, *flags: str) -> Result:
        """Preview a stack's program."""
        return self.engine(stack, "preview", *flags)

    def engine(self, stack: Stack, *arguments: str) -> Result:
        """Run a command of the Pulumi CLI and record it."""
        result = stack.run(*arguments, check=False)
        shown = [each for each in arguments if each not in {"--yes", "--skip-preview"}]
        stdout, stderr = sorted_engine_output(result.stdout), sorted_engine_messages(result.stderr)
        self.record(f"pulumi {shlex.join(shown)}", result.returncode, stdout, stderr)
        return result

    def command(self, *arguments: str, stdin: str | None = None, **environment: str) -> str:
        """Run ``pulumi-veza`` and record it; returns the standard output."""
        shown = shlex.join(["pulumi-veza", *arguments]) + (" <" if stdin is not None else "")
        code, stdout, stderr = self._shell.run(arguments, stdin or "", self.cwd, environment)
        self.record(shown, code, stdout, stderr, environment)
        return stdout

    def live(self, *arguments: str, **environment: str) -> str:
        """Run ``pulumi-veza`` with the tenant's settings."""
        return self.command(*arguments, **self.tenant.env(), **environment)

    def of_stack(self, stack: Stack, *arguments: str) -> Result:
        """Run ``pulumi-veza`` in a stack's project, with its settings, and record it."""
        environment = stack._environment()
        code, stdout, stderr = self._shell.run(arguments, "", stack.project, environment)
        confirmed = {name: value for name, value in environment.items() if name == "VEZA_ALLOW_REMOVALS"}
        command = shlex.join(["pulumi-veza", *arguments])
        self.record(command, code, stdout, stderr, confirmed)
        return Result(command, code, stdout, stderr)

    def python(
        self,
        *arguments: str,
        shown: str,
        tidy: Callable[[str], str] = str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run Python in a process of its own, with no settings but these, and record what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**without_settings(), **(environment or {})},
            check=False,
        )
        self.record(shown, done.returncode, tidy(done.stdout), done.stderr)

    # What is kept

    def section(self, title: str) -> None:
        """Begin a part of the record; the title says what the next commands are about."""
        self._parts.append(f"\n== {title}\n")

    def note(self, text: str) -> None:
        """Add a text of one's own to the record, below the last one without a gap."""
        if self._parts and self._parts[-1].startswith(_NOTE):
            self._parts[-1] += self._normalised(text)
        else:
            self._parts.append(_NOTE + self._normalised(text))

    def record(
        self, command: str, code: int, stdout: str, stderr: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Keep what a command printed and how it ended."""
        settings = {name: value for name, value in (environment or {}).items() if name.startswith("VEZA_")}
        prefix = "".join(f"{name}={shlex.quote(value)} " for name, value in sorted(settings.items()))
        error = f"[stderr]\n{self._normalised(stderr)}" if stderr.strip() else ""
        ending = f"(exit code {code})\n" if code else ""
        self._parts.append(self._normalised(f"$ {prefix}{command}") + self._normalised(stdout) + error + ending)

    def text(self, heading: str) -> str:
        """Return the whole record."""
        return f"{heading}\n" + "".join(f"\n{part}" for part in self._parts).replace("\n\n\n", "\n\n").replace(
            _NOTE, ""
        )

    def close(self) -> None:
        """End what the stacks left running."""
        self._shell.close()
        for stack in self._stacks:
            stack.close()

    def _normalised(self, text: str) -> str:
        self._learn_names()
        places = {
            str(self.folder): "{folder}",
            str(REPOSITORY): "{repository}",
            self.tenant.url: "{tenant}",
            f" {self.tenant.port}": " {port}",
            sys.executable: "{python}",
        }
        return normalised(text, ids=self._names, places=places)

    def _learn_names(self) -> None:
        """Note what each id means, also of an object that is gone later."""
        state = self.tenant.state()
        for kind, objects in (("type", state["types"]), ("profile", state["profiles"])):
            for each in objects:
                if each["id"] not in self._names:
                    same = sum(name.startswith(f"{{{kind} {each['name']}") for name in self._names.values())
                    again = f" #{same + 1}" if same else ""
                    self._names[each["id"]] = f"{{{kind} {each['name']}{again}}}"


def record(name: str, folder: Path, tenant: Tenant) -> str:
    """Run a scenario in an empty folder and an empty tenant, and return its record."""
    tenant.reset()
    function = SCENARIOS[name]
    recorder = Recorder(folder.resolve(), tenant)
    try:
        function(recorder)
    finally:
        recorder.close()
    return recorder.text((function.__doc__ or name).strip())
