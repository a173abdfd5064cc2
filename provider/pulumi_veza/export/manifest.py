"""The record of an export in its folder, by which the next one keeps names and tells what was edited by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from pulumi_veza.errors import UnusableFileError

FILE: Final = ".veza-export.json"

FORMAT: Final = "pulumi-veza-export"


class Manifest(BaseModel):
    """The record of an export."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = FORMAT
    version: int = 1
    tenant: str = ""
    project: str = ""
    """The name of the Pulumi project."""
    one_file: bool | None = None
    """Whether the whole program is one file; None before the first export."""
    types: Mapping[str, str] = {}
    """The names of resources, by the id of the type."""
    profiles: Mapping[str, str] = {}
    """The names of resources, by the id of the profile."""
    folders: Mapping[str, str] = {}
    """The names of types in paths, by id."""
    existing: Mapping[str, str] = {}
    """The names of what is looked up, by id."""
    people: Mapping[str, str] = {}
    """The names in ``people.yaml``, by id."""
    emails: Mapping[str, str] = {}
    """The e-mail addresses in ``people.yaml``, by id."""
    contents: Mapping[str, str] = {}
    """A digest of each type and profile with its members, by id."""
    files: Mapping[str, str] = {}
    """The digest of each file as an export wrote it last, by path."""

    def text(self) -> str:
        """Return the file."""
        return json.dumps(self.model_dump(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read(folder: Path) -> Manifest | None:
    """Return the record in a folder, None where there is none.

    Raises:
        UnusableFileError: it cannot be read.

    """
    file = folder / FILE
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{file} cannot be read: {error}") from None
    try:
        found = Manifest.model_validate_json(text)
    except ValidationError:
        found = Manifest(format="")
    if (found.format, found.version) != (FORMAT, 1):
        raise UnusableFileError(
            f"{file} is not the record of an export that this pulumi-veza knows; restore it, or export into another "
            "folder"
        )
    return found


def digest(value: str | Mapping[str, Any]) -> str:
    """Return a digest of a text, or of a JSON object."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
