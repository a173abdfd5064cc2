"""How a report is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from pulumi_veza.plan.records import Source


@dataclass(frozen=True)
class Options:
    """What a rendering may be told; each looks only at what concerns it."""

    width: int = 100
    """Columns of the terminal."""
    color: bool = False
    source_root: str = ""
    """The project's folder inside the repository, for the places of findings."""

    def path(self, source: Source | None) -> tuple[str, int]:
        """Give the file, relative to the repository, and the line; of no known place the project's own file."""
        file, line = (source.file, source.line) if source else ("Pulumi.yaml", 1)
        return str(PurePosixPath(self.source_root.strip("/")) / file), line
