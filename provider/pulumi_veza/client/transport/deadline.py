"""The deadline of one attempt: httpx's own time-outs start anew with every byte that arrives.

Without it, a server that sends its response, or the head of it, byte by byte is waited for as long as it likes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
from typing_extensions import override


class AttemptDeadline:
    """When the attempt of the current thread ends."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """End at ``moment`` whatever this thread reads and writes within the block."""
        self._of_thread.moment = moment
        try:
            yield
        finally:
            del self._of_thread.moment

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """Return the seconds that are left, at most ``timeout``.

        Raises:
            late: none are left.

        """
        moment: float | None = getattr(self._of_thread, "moment", None)
        if moment is None:
            return timeout
        left = moment - self._clock()
        if left <= 0:
            raise late("the attempt did not end in time")
        return left if timeout is None else min(left, timeout)


class BoundedBackend(httpcore.SyncBackend):
    """Opens connections whose every read and write ends with the attempt."""

    def __init__(self, deadline: AttemptDeadline) -> None:
        self._deadline = deadline

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(super().connect_tcp(host, port, seconds, local_address, socket_options), self._deadline)


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the attempt."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: AttemptDeadline) -> None:
        self._stream = stream
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
