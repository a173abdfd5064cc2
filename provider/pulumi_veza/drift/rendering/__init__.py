"""Renderings of a document of drift; each needs nothing but the document, so a saved one renders offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pulumi_veza.drift.document import KIND, DriftDocument
from pulumi_veza.drift.rendering import markdown, terminal
from pulumi_veza.drift.rendering.findings import RULES, findings
from pulumi_veza.drift.rendering.wording import headline
from pulumi_veza.reports import junit, sarif, workflow
from pulumi_veza.reports.options import RenderOptions


def _sarif(document: DriftDocument, options: RenderOptions) -> str:
    properties: dict[str, Any] = {
        "headline": headline(document),
        "stacks": [stack.name for stack in document.stacks],
        "tenants": [document.tenant],
    }
    return sarif.render("pulumi-veza diff", list(RULES.values()), findings(document), options, properties)


def _annotations(document: DriftDocument, options: RenderOptions) -> str:
    def summary(left_out: int) -> str:
        more = f" {left_out} more are shown only by --format terminal." if left_out else ""
        return f"{headline(document)}{more}"

    return workflow.render("Drift", findings(document), options, summary)


def _junit(document: DriftDocument, options: RenderOptions) -> str:
    wanted = options.fail_on
    totals = {each.text: each.met(document) for each in wanted or () if each.about is None}
    found = findings(document, wanted)
    return junit.render("pulumi-veza diff", list(RULES.values()), found, options, headline(document), totals)


FORMATS: Final[dict[str, Callable[[DriftDocument, RenderOptions], str]]] = {
    "terminal": terminal.render,
    "markdown": markdown.render,
    "markdown-plain": markdown.render_plain,
    "json": lambda document, _: KIND.dump(document),
    "sarif": _sarif,
    "annotations": _annotations,
    "junit": _junit,
}
"""The renderings by the name that ``--format`` takes."""
