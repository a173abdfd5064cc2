"""The inheritance between profiles as a picture.

``inheritance``
    who inherits from whom, from an organisation or from what changes between two;
``text``, ``mermaid``, ``dot`` and ``svg``
    the renderings; ``layout`` places the boxes of the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from pulumi_veza.reports import lazy

if TYPE_CHECKING:
    from pulumi_veza.graph.inheritance import Graph

FORMATS: Final[Mapping[str, Callable[[Graph], str]]] = {
    name: lazy.rendering(f"{__name__}.{name}") for name in ("text", "mermaid", "dot", "svg")
}
"""The renderings by the name that ``--format`` takes; equal graphs render to equal bytes."""
