"""The colours of what a preview changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_veza.graph.inheritance import EdgeChange

STROKES: Final[Mapping[EdgeChange, str]] = {
    EdgeChange.NONE: "#57606a",
    EdgeChange.NEW: "#1e7e34",
    EdgeChange.GONE: "#b3261e",
    EdgeChange.CHANGED: "#9a6700",
}
FILLS: Final[Mapping[EdgeChange, str]] = {
    EdgeChange.NONE: "#f6f8fa",
    EdgeChange.NEW: "#e6f4ea",
    EdgeChange.GONE: "#fbe9e7",
    EdgeChange.CHANGED: "#fff4e0",
}
