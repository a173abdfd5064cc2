"""Renderings whose packages take long to import."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def rendering(module: str) -> Callable[..., str]:
    """Return the function ``render`` of a module that is imported at the first call."""

    def render(*arguments: Any) -> str:
        found: Callable[..., str] = import_module(module).render
        return found(*arguments)

    return render
