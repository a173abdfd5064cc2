"""What a command reads: a file, the standard input, or a stack."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulumi_veza.cli import engine
from pulumi_veza.client.settings import Settings, load
from pulumi_veza.errors import RefusedError, SettingsError, UnusableFileError
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.files import decoded, read_text


@dataclass(frozen=True)
class Input:
    """A text that was read."""

    text: str
    name: str
    """What messages call it."""
    ran: bool = False
    """Whether a command of the engine was run for it just now."""


@dataclass(frozen=True)
class Resources:
    """The resources of a preview or of a state."""

    records: Sequence[Record]
    deployed: bool
    """Whether they come from a state, in which nothing is a change."""
    configuration: Mapping[str, str] = field(default_factory=dict)
    """The stack's configuration, where a preview has it."""
    tenants: Sequence[str] = ()
    """The tenants that a preview said it is about."""


def read(file: Path) -> Input:
    """Read a file, or the standard input for ``-``; a byte-order mark says how it is encoded.

    Raises:
        OSError: it cannot be read.
        UnusableFileError: it is no text. The message is one line.

    """
    name = "the standard input" if str(file) == "-" else str(file)
    try:
        return Input(decoded(sys.stdin.buffer.read()) if str(file) == "-" else read_text(file), name)
    except UnicodeDecodeError as error:
        raise UnusableFileError(
            f"{name} is not text ({error.reason}); give a file that a command wrote as UTF-8"
        ) from None


def preview(stack: str | None, folder: Path | None, *, save_plan: Path | None = None) -> Input:
    """Preview a stack; the selected one without a name. ``save_plan`` is the file for its plan."""
    text = engine.preview_json_text(stack, folder, save_plan=save_plan)
    return Input(text, f"the preview of {stack or 'the stack'}", ran=True)


def export(stack: str | None, folder: Path | None, *, show_secrets: bool = False) -> Input:
    """Export the state of a stack; of the selected one without a name. ``show_secrets`` is for comparing alone."""
    return Input(engine.export_state_text(stack, folder, show_secrets=show_secrets), "the state", ran=True)


def configuration(stack: str | None, folder: Path | None) -> dict[str, Mapping[str, Any]]:
    """Return the configuration of a stack as the engine prints it, by full name; secrets are plain text.

    Raises:
        EngineCommandError: the engine does not print it.
        UnusableFileError: it prints something else. The message is one line.

    """
    try:
        found = json.loads(engine.configuration_text(stack, folder))
    except ValueError:
        raise UnusableFileError("what `pulumi config --json` printed is not JSON: use Pulumi 3.254 or later") from None
    return {str(name): each for name, each in found.items() if isinstance(each, Mapping)}


def settings(stack: str | None, folder: Path | None) -> Settings:
    """Return the settings of the environment, or where they are not enough, of a stack's configuration as well.

    Raises:
        VezaError: there are none. The message is one line, with every way to give them.

    """
    try:
        return load({})
    except SettingsError:
        values = {name: each.get("value") for name, each in configuration(stack, folder).items()}
    return settings_with({name: value for name, value in values.items() if isinstance(value, str)})


def settings_with(values: Mapping[str, str]) -> Settings:
    """Return the settings of the environment and of a stack's configuration, as the provider takes them.

    Raises:
        RefusedError: there are none. The message is one line, with every way to give them.

    """
    try:
        found = load(values)
    except SettingsError as error:
        # A command that calls this one knows the stack's configuration.
        raise RefusedError(str(error)) from None
    stored = found.api_key_origin.startswith("veza:")
    return replace(found, api_key_origin=f"the stack's {found.api_key_origin}") if stored else found


def resources(given: Input, *, exported: bool = False) -> Resources:
    """Parse a preview or a state.

    Args:
        given: What was read.
        exported: Whether the command asks for a state, so that what is neither is refused as none.

    Raises:
        UnusableFileError: it is neither. The message is one line.

    """
    if preview_json.is_state(given.text) or (exported and not preview_json.is_preview(given.text)):
        return Resources(preview_json.state(given.text, given.name), deployed=True)
    found = preview_json.read(given.text, given.name, ran=given.ran)
    return Resources(found.records, deployed=False, configuration=found.configuration, tenants=found.tenants)
