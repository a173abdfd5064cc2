"""Renderings of an impact document; each needs nothing but the document, so a saved one renders offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pulumi_veza.impact.document import Document, dump
from pulumi_veza.impact.rendering import markdown, terminal
from pulumi_veza.impact.rendering.findings import RULES, findings
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.impact.rendering.wording import tenants
from pulumi_veza.reports import lazy, sarif, workflow
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted


def _sarif(document: Document, options: RenderOptions) -> str:
    properties: dict[str, Any] = {"headline": headline(document), "stacks": [stack.name for stack in document.stacks]}
    if document.tenants:
        properties["tenants"] = document.tenants
    return sarif.render("pulumi-veza impact", RULES, findings(document), options, properties)


def _annotations(document: Document, options: RenderOptions) -> str:
    def summary(left_out: int) -> str:
        tenant = f" {tenants(document)}." if document.tenants else ""
        more = (
            f" {counted(left_out, 'more finding')} {'is' if left_out == 1 else 'are'} in the comment."
            if left_out
            else ""
        )
        return f"{headline(document)}{tenant}{more}"

    return workflow.render("Access impact", findings(document), options, summary)


FORMATS: Final[dict[str, Callable[[Document, RenderOptions], str]]] = {
    "terminal": terminal.render,
    "markdown": markdown.render,
    "markdown-plain": markdown.render_plain,
    "html": lazy.rendering(f"{__name__}.page"),
    "json": lambda document, _: dump(document),
    "sarif": _sarif,
    "annotations": _annotations,
}
"""The renderings by the name that ``--format`` takes."""
