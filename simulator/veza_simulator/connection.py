"""Breaking a connection for real, which needs the transport beneath the server."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_STATE = "simulator.transport"


class BreakableProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, with each request's state knowing the connection's transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport for this connection's requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _STATE: transport}


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection (TCP RST): whatever was not delivered yet is lost."""
    transport = _transport(scope)
    if not transport.is_closing():
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    await _until_gone(receive)


async def send_half_then_close(scope: Scope, receive: Receive, send: Send, start: dict[str, Any], body: bytes) -> None:
    """Send the head and half of the body, then close the connection."""
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    _transport(scope).close()
    await _until_gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["state"][_STATE]
    return transport


async def _until_gone(receive: Receive) -> None:
    # The server takes a request that ends without an answer as a failure, unless its client has gone.
    while (await receive())["type"] != "http.disconnect":
        continue
