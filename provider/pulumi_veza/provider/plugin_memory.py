"""How often the plugin process looks for objects that refer to each other and that nobody needs any more."""

from __future__ import annotations

import gc
from typing import Final

from pulumi_veza.provider.plugin_threads_private import is_plugin

NEW_OBJECTS: Final = 100_000
"""After so many new objects the youngest ones are looked at; Python's default is 700."""


def collect_seldom() -> None:
    """Collect cycles seldom, in the plugin process alone.

    What a run reads and keeps are dictionaries without cycles: with a set of 100,000 members Python's default spends a
    third of the time on looking at all of them again and again. The process lives for one command.
    """
    if is_plugin():
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, 50, 100)
