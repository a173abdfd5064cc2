"""Reports of a check, for people, for a build server, for code scanning, and for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.rendering import junit, sarif, terminal, workflow
from pulumi_veza.policies.rendering.options import Options

FORMATS: Final[Mapping[str, Callable[[Report, Options], str]]] = {
    "terminal": terminal.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "annotations": workflow.render,
}
"""By name; identical reports give identical bytes."""

__all__ = ["FORMATS", "Options"]
