"""The Pulumi project in a folder, read as files: no engine is asked, and no lock is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from pulumi_veza.errors import UnusableFileError, one_line
from pulumi_veza.reports.files import read_text

PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True)
class PulumiProject:
    """A project."""

    folder: Path
    settings: Mapping[str, Any]

    @property
    def backend(self) -> str | None:
        """The address of the backend that the project names."""
        found = self.settings.get("backend")
        return str(found["url"]) if isinstance(found, dict) and found.get("url") else None

    @property
    def runtime(self) -> Mapping[str, Any]:
        """The options of the Python runtime."""
        runtime = self.settings.get("runtime")
        options = runtime.get("options") if isinstance(runtime, dict) else None
        return options if isinstance(options, dict) else {}

    @property
    def stacks(self) -> list[str]:
        """The stacks that have a file of their own here."""
        files = [*self.folder.glob("Pulumi.*.yaml"), *self.folder.glob("Pulumi.*.yml")]
        return sorted({each.name.split(".", 1)[1].rpartition(".")[0] for each in files})


@dataclass(frozen=True)
class StackFile:
    """The configuration of a stack, as far as it can be read without its secrets."""

    path: Path
    values: Mapping[str, str] = field(default_factory=dict)
    """What is in plain text, by its full name."""
    encrypted: frozenset[str] = frozenset()
    """The names of what is encrypted."""
    passphrase: bool = False
    """Whether its secrets are encrypted with a passphrase."""


def find(folder: Path) -> PulumiProject | None:
    """Return the project of a folder or of one above it, or None where there is none.

    Raises:
        UnusableFileError: its file cannot be read. The message is one line.

    """
    for place in (folder, *folder.resolve().parents):
        for name in PROJECT_FILES:
            if (place / name).is_file():
                return PulumiProject(place, _mapping(place / name))
    return None


def stack_file(project: PulumiProject, stack: str) -> StackFile | None:
    """Return the configuration of a stack, or None where it has no file.

    Raises:
        UnusableFileError: the file cannot be read. The message is one line.

    """
    # A stack of the service is named organisation/project/stack, and its file by the last of these.
    short = stack.rpartition("/")[2]
    paths = [project.folder / f"Pulumi.{short}.{ending}" for ending in ("yaml", "yml")]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        return None
    content = _mapping(path)
    config = content.get("config")
    values: dict[str, str] = {}
    encrypted: set[str] = set()
    for name, value in (config if isinstance(config, dict) else {}).items():
        if isinstance(value, dict) and "secure" in value:
            encrypted.add(str(name))
        elif not isinstance(value, dict | list) and value is not None:
            values[str(name)] = str(value).lower() if isinstance(value, bool) else str(value)
    return StackFile(path, values, frozenset(encrypted), passphrase="encryptionsalt" in content)


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(read_text(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnusableFileError(f"{path} cannot be read: {one_line(str(error))}") from None
    return content if isinstance(content, dict) else {}
