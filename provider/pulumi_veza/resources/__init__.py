"""The four kinds, one module each: ``Args``, ``State``, the kind, its ``Provider``, ``Outputs``, the resource class.

A program loads those that it declares; the list of all of them is loaded where somebody needs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_veza.resources.kinds import KINDS, SCHEMAS

__all__ = ["KINDS", "SCHEMAS"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("pulumi_veza.resources.kinds"), name)
