"""Reports of a check, for people, for a build server, for code scanning, and for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.rendering import reported, terminal
from pulumi_veza.reports import junit, sarif, workflow
from pulumi_veza.reports.options import RenderOptions


def _junit(report: Report, options: RenderOptions) -> str:
    return junit.render(
        "pulumi-veza policies", reported.rules(report), reported.findings(report), options, report.summary
    )


def _sarif(report: Report, options: RenderOptions) -> str:
    properties = {"summary": report.summary}
    return sarif.render(
        "pulumi-veza policy check", reported.rules(report), reported.findings(report), options, properties
    )


def _annotations(report: Report, options: RenderOptions) -> str:
    def summary(left_out: int) -> str:
        return report.summary + (f"; {left_out} more are shown only by --format terminal" if left_out else "")

    return workflow.render("Policies", reported.groups(report), options, summary)


FORMATS: Final[Mapping[str, Callable[[Report, RenderOptions], str]]] = {
    "terminal": terminal.render,
    "junit": _junit,
    "sarif": _sarif,
    "annotations": _annotations,
}
"""The renderings by the name that ``--format`` takes; identical reports render to identical bytes."""
