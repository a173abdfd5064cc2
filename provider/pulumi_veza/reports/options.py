"""The choices of a rendering."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_veza.reports.failing import FailCondition
from pulumi_veza.reports.findings import PROJECT_FILE, Source

COMMENT_BYTES: Final = 60_000
"""The default size limit of a comment: forges refuse longer ones, GitHub above 65,536 characters."""


@dataclass(frozen=True)
class RenderOptions:
    """The choices of every rendering; each reads those that concern it."""

    width: int = 100
    """Columns of the terminal."""
    color: bool = False
    full: bool = False
    """Whether the terminal shows every row."""
    budget: int = COMMENT_BYTES
    """Size limit of a comment, in bytes."""
    source_root: str = ""
    """The project's folder inside the repository, which sources are relative to."""
    fail_on: Sequence[FailCondition[Any]] | None = None
    """The conditions by which the command fails, and a report with it; None where severities decide."""

    def inside(self, source: Source | None) -> str:
        """Return the line inside of a component, in brackets; empty where the program declares the resource itself."""
        inner = self.locate(source).declared_at if source else None
        return f" (declared in {inner.words})" if inner else ""

    def locate(self, source: Source | None) -> Source:
        """Return a source with its file relative to the repository; the project's own file where it is not known."""
        known = source or PROJECT_FILE
        file = posixpath.normpath(posixpath.join(self.source_root.strip("/"), known.file))
        return Source(file, known.line, self.locate(known.declared_at) if known.declared_at else None)
