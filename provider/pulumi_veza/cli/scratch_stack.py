"""A stack in a temporary folder, with a backend of its own: for what must not touch the user's stacks."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import yaml
from typing_extensions import Self

from pulumi_veza.errors import EngineCommandError, UnusableFileError, one_line
from pulumi_veza.reports.files import writing

_OVERRIDDEN: Final = ("PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW")
"""Variables that would lead the engine to the user's stack or change what it prints."""
_ELSEWHERE: Final = "TMPDIR names another place for temporary files"
_SECONDS_TO_END: Final = 10.0
"""How long an interrupted engine may take to end by itself."""


class ScratchStack:
    """A new stack of a project, in a temporary folder that is removed at the end; a context manager.

    The program runs in its own folder and with its own Python environment. Nothing is written there, and the user's
    selected stack, backend and stack configuration stay as they are.

    Args:
        project: The folder of the project's ``Pulumi.yaml``.
        name: The stack's name, which is part of every URN.
        environment: Variables to add to those of this process; None removes one.

    Raises:
        EngineCommandError: there is no ``pulumi``, or a command of it failed. The message is one line.
        UnusableFileError: the folder has no usable ``Pulumi.yaml``.

    """

    def __init__(self, project: Path, name: str, environment: Mapping[str, str | None] | None = None) -> None:
        self.name = name
        self._project = project.resolve()
        self._changed = environment or {}
        self._folder = Path()

    def __enter__(self) -> Self:
        found = shutil.which("pulumi")
        if found is None:
            raise EngineCommandError("there is no `pulumi` on the PATH: install it, then run this again")
        self._pulumi = found
        settings = _project_settings(self._project)
        with writing(Path("a temporary folder"), instead=_ELSEWHERE):
            self._folder = Path(tempfile.mkdtemp(prefix="pulumi-veza-"))
        try:
            with writing(self._folder, instead=_ELSEWHERE):
                (self._folder / "backend").mkdir()
            self.write("Pulumi.yaml", yaml.safe_dump(settings, allow_unicode=True))
            self._environment = self._variables()
            self.run("stack", "init", "--no-select")
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def write(self, name: str, text: str) -> Path:
        """Write a file that lives as long as the stack; return its path.

        Raises:
            UnwritableFileError: it cannot be written. The message is one line.

        """
        file = self._folder / name
        with writing(file, instead=_ELSEWHERE):
            file.write_text(text, encoding="utf-8")
        return file

    def configure(self, values: Mapping[str, object]) -> None:
        """Add values to the stack's configuration, by their full keys such as ``veza:url``; in plain text."""
        file = self._folder / f"Pulumi.{self.name}.yaml"
        settings = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None
        settings = {**(settings or {})}
        settings["config"] = {**settings.get("config", {}), **values}
        self.write(file.name, yaml.safe_dump(settings, allow_unicode=True))

    def configure_secret(self, key: str, value: str) -> None:
        """Add a secret value to the stack's configuration, by its full key; it is in no command line."""
        self.run("config", "set", "--secret", "--raw", key, given=value)

    def run(
        self,
        *arguments: str,
        may_fail: bool = False,
        given: str = "",
        environment: Mapping[str, str | None] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of ``pulumi`` on this stack; return what it printed.

        Args:
            arguments: The command without ``--stack`` and ``--non-interactive``.
            may_fail: Whether an exit code other than 0 is returned instead of raised.
            given: What the command reads from its standard input.
            environment: Variables of this command alone; None removes one.

        """
        variables: dict[str, str | None] = {**self._environment, **(environment or {})}
        command = [self._pulumi, *arguments, "--stack", self.name, "--non-interactive"]
        with subprocess.Popen(  # noqa: S603 - the user's own engine
            command,
            cwd=self._folder,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            # The terminal's Ctrl-C comes to this process alone, which interrupts the engine once, however it is ended.
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(given)
            except BaseException:
                _end(process)
                raise
        done = subprocess.CompletedProcess(command, process.returncode, out, err)
        if done.returncode and not may_fail:
            words = " ".join(arguments[:2] if arguments[0] == "stack" else arguments[:1])
            printed = one_line(err, longest=500) or one_line(out, longest=500) or f"exit code {done.returncode}"
            raise EngineCommandError(f"`pulumi {words}` failed in a temporary stack: {printed}")
        return done

    def _variables(self) -> dict[str, str]:
        own = {
            "PULUMI_BACKEND_URL": (self._folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Nobody needs the states between the first and the last one of a stack that is removed.
            "PULUMI_SKIP_CHECKPOINTS": "true",
        }
        variables: dict[str, str | None] = {**os.environ, **dict.fromkeys(_OVERRIDDEN), **own, **self._changed}
        return {name: value for name, value in variables.items() if value is not None}

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupt the engine, which then ends its plugins; kill it where that takes too long."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def _project_settings(project: Path) -> dict[str, Any]:
    """Return the project's settings with absolute paths, so that they mean the same from another folder."""
    file = project / "Pulumi.yaml"
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnusableFileError(f"{project} is no Pulumi project: it has no Pulumi.yaml") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnusableFileError(f"{file} cannot be read: {one_line(str(error))}") from None
    if not isinstance(settings, dict):
        raise UnusableFileError(f"{file} is no description of a Pulumi project")
    settings["main"] = str(project / settings.get("main", ""))
    runtime = settings.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    if isinstance(options, dict) and options.get("virtualenv"):
        options["virtualenv"] = str(project / options["virtualenv"])
    return settings
