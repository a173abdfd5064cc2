"""The inheritance between profiles as a picture.

``inheritance``
    who inherits from whom, from an organisation or from what changes between two;
``exporting``
    the state of the current stack;
``text``, ``mermaid``, ``dot`` and ``svg``
    the renderings; ``layout`` places the boxes of the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_veza.graph import dot, mermaid, svg, text
from pulumi_veza.graph.inheritance import Graph

FORMATS: Final[Mapping[str, Callable[[Graph], str]]] = {
    "text": text.render,
    "mermaid": mermaid.render,
    "dot": dot.render,
    "svg": svg.render,
}
"""Every rendering by its name; the same graph gives the same bytes."""

__all__ = ["FORMATS", "Graph"]
