"""The only module that touches what the SDK and Python do not document of the threads of the plugin process.

Pulumi's SDK serves every dynamic provider with a pool of four threads, whatever ``--parallel`` says, and documents no
way to change that. The setting ``parallelism`` widens the pool. Where the SDK or Python keeps it elsewhere, nothing is
changed, and four operations run at a time as before; ``tests/package/test_private_names.py`` fails then.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread
from typing import Final

PLUGIN: Final = "pulumi.dynamic.__main__"
"""The main module of a process that serves a dynamic provider, and of no other."""

OF_THE_SDK: Final = 4
"""How many threads the SDK's own pool has."""


def serve_at_once(operations: int) -> bool:
    """Let the process carry out this many operations at the same time; return whether it does.

    Outside of the plugin process, and where the pool cannot be found, nothing is changed. A pool is never made smaller,
    as its threads may be running already.
    """
    pool = _pool_of_this_thread() if is_plugin() else None
    if pool is None:
        return False
    # The first threads keep running; the pool starts another one whenever it is given work that nobody is free for.
    if pool._max_workers < operations:  # noqa: SLF001
        pool._max_workers = operations  # noqa: SLF001
        for _ in range(operations):
            # The engine may have sent all that it wants to have done at the same time, and then gives no more work.
            pool.submit(_nothing)
    return True


def is_plugin() -> bool:
    """Return whether this process serves a dynamic provider."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return getattr(spec, "name", None) == PLUGIN


def _pool_of_this_thread() -> ThreadPoolExecutor | None:
    """Return the pool that the current thread works for: its first argument is a weak reference to it."""
    arguments = getattr(current_thread(), "_args", None)
    reference = arguments[0] if isinstance(arguments, tuple) and arguments else None
    pool = reference() if callable(reference) else None
    return (
        pool if isinstance(pool, ThreadPoolExecutor) and isinstance(getattr(pool, "_max_workers", None), int) else None
    )


def _nothing() -> None:
    pass
