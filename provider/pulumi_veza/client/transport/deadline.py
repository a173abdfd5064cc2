"""A clock for a whole attempt: httpx's own time-outs start anew with every byte that arrives.

A server that sends its answer byte by byte, or the head of it, would otherwise be waited for as long as it likes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx
from typing_extensions import override


class AttemptDeadline:
    """The moment at which the attempt of this thread is over."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """Let what this thread reads and writes inside end at ``moment``."""
        self._of_thread.moment = moment
        try:
            yield
        finally:
            del self._of_thread.moment

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """Give the seconds that are left, ``timeout`` at most; raises ``late`` where there are none."""
        moment: float | None = getattr(self._of_thread, "moment", None)
        if moment is None:
            return timeout
        left = moment - self._clock()
        if left <= 0:
            raise late("the attempt did not end in time")
        return left if timeout is None else min(left, timeout)

    def limit(self, client: httpx.Client) -> None:
        """Put every connection that a client opens from now on, through proxies as well, under this clock."""
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
            if isinstance(transport, httpx.HTTPTransport):
                # httpx passes on every choice of its connection pool but this one, which is public there.
                transport._pool._network_backend = _Backend(self)  # noqa: SLF001


class _Backend(httpcore.SyncBackend):
    """Opens connections that are under the clock."""

    def __init__(self, expiry: AttemptDeadline) -> None:
        self._expiry = expiry

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._expiry.left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, seconds, local_address, socket_options), self._expiry)


class _Stream(httpcore.NetworkStream):
    """A connection under the clock."""

    def __init__(self, stream: httpcore.NetworkStream, expiry: AttemptDeadline) -> None:
        self._stream = stream
        self._expiry = expiry

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._expiry.left(timeout, httpcore.ReadTimeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._expiry.left(timeout, httpcore.WriteTimeout))

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._expiry.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._expiry)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
