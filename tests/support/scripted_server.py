"""A real HTTP server on the loopback that answers each request with the next step of a script.

::

    server.script += [reply(status=503), reply({"values": []})]
    ...
    assert [request.path for request in server.requests] == ["/a", "/a"]

A step gets the request's handler and does with the connection what it likes. Where the script is over, the answer is a
418, which no test expects.
"""

from __future__ import annotations

import itertools
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TLS = Path(__file__).with_name("tls")


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.scripted.connections += 1

    def _answer(self) -> None:
        scripted = self.server.scripted
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body)  # type: ignore[arg-type]
        with scripted.lock:
            scripted.requests.append(seen)
            step = scripted.script.popleft() if scripted.script else reply(status=418)
        step(self)

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 (the base class finds them by these names)

    def log_message(self, *args: object) -> None:
        """Log nothing: the requests are recorded."""


Step = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    scripted: ScriptedServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect: some tests make them."""


class ScriptedServer:
    """The server of one test."""

    def __init__(self, *, tls: bool = False) -> None:
        self.script: deque[Step] = deque()
        self.requests: list[Seen] = []
        self.connections = 0
        self.lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), Handler)
        self._http.scripted = self
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._http.server_port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
            # Without this, the handshake would take place where new connections are accepted, one at a time.
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def wait_for_requests(self, count: int, within: float = 10.0) -> bool:
        """Wait until so many requests have arrived; whether they have."""
        deadline = time.monotonic() + within
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(self.requests) >= count

    def close(self) -> None:
        """Stop, and wait until every connection is gone: a client that leaks one makes the test hang and fail."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def reply(
    answer: Any = None,
    *,
    status: int = 200,
    body: bytes | None = None,
    content_type: str | None = "application/json",
    length: int | None = None,
    **headers: str,
) -> Step:
    """Answer with ``answer`` as JSON or with ``body``; ``retry_after="3"`` is the header ``Retry-After: 3``."""
    content = json.dumps(answer).encode() if body is None else body

    def step(handler: Handler) -> None:
        handler.send_response(status)
        if content_type is not None:
            handler.send_header("Content-Type", content_type)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = handler.close_connection or length is not None

    return step


def reset(handler: Handler) -> None:
    """Read the request, then break the connection without a word."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def silence(handler: Handler) -> None:
    """Never answer; ends when the client gives up."""
    handler.rfile.read(1)
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Begin an answer that never ends; stops when the client gives up."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.close_connection = True
    for _ in itertools.count():
        handler.wfile.write(b" " * 1000)
