"""Renderings of an impact document; each needs nothing but the document, so a saved one is rendered offline.

A rendering is a function of a document and ``Options`` that gives text; ``FORMATS`` names them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi_veza.impact.document import Document, dump
from pulumi_veza.impact.rendering import markdown, sarif, terminal, workflow
from pulumi_veza.impact.rendering.options import Options

Rendering = Callable[[Document, Options], str]


def _page(document: Document, options: Options) -> str:
    from pulumi_veza.impact.rendering import page  # noqa: PLC0415 - networkx and jinja2 take long to load

    return page.render(document, options)


FORMATS: Final[dict[str, Rendering]] = {
    "terminal": terminal.render,
    "markdown": markdown.render,
    "markdown-plain": markdown.render_plain,
    "html": _page,
    "json": lambda document, _: dump(document),
    "sarif": sarif.render,
    "annotations": workflow.render,
}
"""Every rendering by the name that ``--format`` takes."""
