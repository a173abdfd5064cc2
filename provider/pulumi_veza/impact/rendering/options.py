"""What a user may choose about a rendering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pulumi_veza.impact.document import Place

BUDGET: Final = 60_000
"""Bytes that a comment may have: forges refuse longer ones, GitHub above 65,536 characters."""


@dataclass(frozen=True)
class Options:
    """The choices; each rendering uses those that concern it."""

    budget: int = BUDGET
    """Of a comment, in bytes."""
    full: bool = False
    """Whether the terminal shows every row."""
    width: int = 100
    """Of the terminal, in columns."""
    color: bool = False
    source_root: str = ""
    """The project's folder inside the repository, which sources are relative to."""

    def path(self, place: Place) -> str:
        """Give a file's path inside the repository."""
        parts: list[str] = []
        for part in (PurePosixPath(self.source_root) / place.file).parts:
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            else:
                parts.append(part)
        return "/".join(parts)
