"""What the checks look at: each part is looked at when the first check needs it, and once."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pulumi_veza.client.client import Client
from pulumi_veza.client.settings import SETTINGS, Settings, load
from pulumi_veza.client.transport.messages import ErrorMessages
from pulumi_veza.doctor import processes, project
from pulumi_veza.doctor.examination import Diagnosis
from pulumi_veza.doctor.learning.reading import Recorder
from pulumi_veza.doctor.processes import Ran
from pulumi_veza.doctor.project import PulumiProject, StackFile
from pulumi_veza.errors import SettingsError, UnusableFileError

SECONDS: Final = 10.0
"""How long one read, and one connection, may take."""

KEY: Final = next(each for each in SETTINGS if each.secret)
URL: Final = next(each for each in SETTINGS if each.name == "url")


@dataclass(frozen=True)
class Response:
    """The head of a response, and when it arrived by the clock of this machine."""

    status: int
    headers: Mapping[str, str]
    at: float


class Surroundings:
    """The machine, the project and the tenant.

    Args:
        folder: The project's folder, or any other.
        stack: The stack; the selected one where it is left out.
        offline: Whether nothing may be sent.

    """

    def __init__(self, folder: Path, stack: str | None = None, *, offline: bool = False) -> None:
        self.folder = folder
        self.offline = offline
        self.unreachable: str | None = None
        """Why nothing more is sent to the tenant."""
        self.responses: list[Response] = []
        self.reads: dict[str, Any] = {}
        """The JSON of the responses, by what was read."""
        self.unreadable: dict[str, str] = {}
        """Of what was read, why this version cannot read it."""
        self.key_refused = False
        """Whether the tenant did not accept the key for the first read, so that none can tell more."""
        self.outcomes: dict[str, Diagnosis] = {}
        """How each read ended, by what was read."""
        self._stack = stack

    # The project

    @cached_property
    def project(self) -> PulumiProject | None:
        """The project of the folder.

        Raises:
            UnusableFileError: its file cannot be read.

        """
        return project.find(self.folder)

    @cached_property
    def pulumi(self) -> str | None:
        """The path of the Pulumi CLI."""
        return shutil.which("pulumi")

    @cached_property
    def backend(self) -> str | None:
        """The address of the backend: of the environment, the project, or the login; None where none is chosen."""
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        try:
            credentials = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            credentials = {}
        current = credentials.get("current") if isinstance(credentials, dict) else None
        of_project = usable.backend if (usable := self.usable_project) else None
        return os.environ.get("PULUMI_BACKEND_URL") or of_project or current or None

    @property
    def backend_is_local(self) -> bool:
        """Whether the backend is a folder of this machine, so that asking the engine sends nothing."""
        return (self.backend or "").startswith("file:")

    @cached_property
    def stack(self) -> str | None:
        """The name of the stack, or None where none is known."""
        if chosen := self._stack or os.environ.get("PULUMI_STACK"):
            return chosen
        usable = self.usable_project
        if usable is None:
            return None
        if self.pulumi and (self.backend_is_local or not self.offline):
            ran = self.engine("stack", "--show-name")
            if ran.code == 0 and ran.out.strip():
                return ran.out.strip()
        return usable.stacks[0] if len(usable.stacks) == 1 else None

    @cached_property
    def stack_file(self) -> StackFile | None:
        """The configuration of the stack.

        Raises:
            UnusableFileError: it cannot be read.

        """
        return project.stack_file(self.project, self.stack) if self.project and self.stack else None

    @property
    def usable_stack_file(self) -> StackFile | None:
        """The configuration of the stack, where its file can be read."""
        try:
            return self.stack_file
        except UnusableFileError:
            return None

    @property
    def configuration(self) -> Mapping[str, str]:
        """The settings in the stack's configuration that are no secrets, by their full names."""
        found = usable.values if (usable := self.usable_stack_file) else {}
        return {name: value for name, value in found.items() if name.startswith("veza:")}

    def engine(self, *arguments: str) -> Ran:
        """Run a command of the Pulumi CLI that only reads, in the project's folder."""
        usable = self.usable_project
        place = usable.folder if usable else self.folder
        return processes.run([self.pulumi or "pulumi", *arguments, "--non-interactive"], place)

    def of_stack(self, *arguments: str) -> Ran | None:
        """Run such a command on the stack; None where there is none, or the network would be needed and may not be."""
        if not self.stack or not self.pulumi or (self.offline and not self.backend_is_local):
            return None
        return self.engine(*arguments, "--stack", self.stack)

    @cached_property
    def export(self) -> Ran | None:
        """How the export of the stack's state ended; None where it was not tried."""
        return self.of_stack("stack", "export")

    @property
    def exported(self) -> str | None:
        """The state of the stack, or None where it cannot be read without a network or a lock."""
        return self.export.out if self.export and self.export.code == 0 else None

    @property
    def stack_is_named(self) -> bool:
        """Whether the user says which stack is meant."""
        return bool(self._stack or os.environ.get("PULUMI_STACK"))

    # The tenant

    @cached_property
    def loaded(self) -> Settings | SettingsError:
        """The settings, or why there are none."""
        try:
            return load(self.configuration)
        except SettingsError as error:
            return error

    @property
    def settings(self) -> Settings | None:
        """The settings, or None where they cannot be used."""
        return self.loaded if isinstance(self.loaded, Settings) else None

    @cached_property
    def recorder(self) -> Recorder:
        """The connections to the tenant, which send nothing but GET, once and for a short time.

        Raises:
            SettingsError: there are no usable settings.

        """
        if isinstance(self.loaded, SettingsError):
            raise self.loaded
        seconds = min(self.loaded.timeout, SECONDS)
        return Recorder(replace(self.loaded, max_retries=0, timeout=seconds, deadline=seconds), self._observe)

    @cached_property
    def client(self) -> Client:
        """The client over these connections."""
        return Client(transport=self.recorder)

    def _observe(self, status: int, headers: Mapping[str, str]) -> None:
        self.responses.append(Response(status, dict(headers), time.time()))

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "recorder" in self.__dict__:
            self.recorder.close()

    def redacted(self, text: str) -> str:
        """Replace the API key, in whatever spelling, wherever it comes from."""
        if self.settings:
            text = ErrorMessages(self.settings).redact(text)
        for key in self.keys:
            text = text.replace(key, "[API key]")
        return text

    @property
    def keys(self) -> list[str]:
        """Every API key that this machine shows, the longest first."""
        found = {os.environ.get(KEY.env_name, "").strip(), self.configuration.get(KEY.config_name, "").strip()}
        return sorted(filter(None, found), key=len, reverse=True)

    @property
    def usable_project(self) -> PulumiProject | None:
        """The project, where its file can be read."""
        try:
            return self.project
        except UnusableFileError:
            return None
