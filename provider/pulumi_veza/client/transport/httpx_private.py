"""The only module that touches what httpx does not document.

``tests/package/test_private_names.py`` checks every name here against the installed httpx and says what to do where one
is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpcore

from pulumi_veza.errors import SettingsError

COMMAND_LINE: Final = "httpx._main"
"""httpx's own command. httpx imports it wherever rich, click and pygments are installed, which then are a tenth of what
every start of the plugin takes; without them httpx does without."""


@contextmanager
def _not_imported(module: str) -> Iterator[None]:
    """Let imports of this module fail within the block."""
    before = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if before is None:
            del sys.modules[module]
        else:
            sys.modules[module] = before


with _not_imported(COMMAND_LINE):
    import httpx


def set_network_backend(client: httpx.Client, backend: httpcore.NetworkBackend) -> None:
    """Open every connection of a client, through proxies as well, with ``backend``.

    ``httpx.HTTPTransport`` takes every option of its connection pool but this one, which httpcore documents.

    Raises:
        SettingsError: the installed httpx keeps its connections elsewhere.

    """
    try:
        for transport in [client._transport, *client._mounts.values()]:  # noqa: SLF001
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool  # noqa: SLF001
                # Assigning would succeed under any name.
                _ = pool._network_backend  # noqa: SLF001
                pool._network_backend = backend  # noqa: SLF001
    except AttributeError as error:
        reason = str(error)
    else:
        return
    raise _unsupported(reason)


def connection_pool(client: httpx.Client, url: httpx.URL) -> httpcore.ConnectionPool:
    """Return the pool that a client sends requests to an address through: that of a proxy, where there is one.

    Raises:
        SettingsError: the installed httpx keeps its connections elsewhere.

    """
    try:
        pool = client._transport_for_url(url)._pool  # type: ignore[attr-defined]  # noqa: SLF001
    except AttributeError as error:
        reason = str(error)
    else:
        if isinstance(pool, httpcore.ConnectionPool):
            return pool
        reason = f"a {type(pool).__name__} is no connection pool"
    raise _unsupported(reason)


def _unsupported(reason: str) -> SettingsError:
    return SettingsError(
        f"httpx {httpx.__version__} with httpcore {httpcore.__version__} is not supported ({reason}): install a newer "
        "pulumi-veza, or httpx 0.28 with httpcore 1.0"
    )
