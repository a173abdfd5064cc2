"""Redacts API keys in what httpx and httpcore log, and leaves the levels of their loggers to the host program.

At DEBUG httpcore logs the headers of every response, at INFO httpx logs the reason of its status, and a server may echo
what it was sent.
"""

from __future__ import annotations

import logging
import threading
from typing import Final
from weakref import WeakSet

from typing_extensions import override

from pulumi_veza.client.transport.messages import ErrorMessages

LOGGERS: Final = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
"""Every logger of the HTTP library: the filter of a logger does not see the records of the loggers below it."""


class _Redaction(logging.Filter):
    """Replaces the API keys of all open transports in a record; drops no record."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._messages: WeakSet[ErrorMessages] = WeakSet()

    def add(self, messages: ErrorMessages) -> None:
        """Redact the key of one more transport, for as long as that exists."""
        with self._lock:
            self._messages.add(messages)

    def discard(self, messages: ErrorMessages) -> None:
        """Redact the key of a transport no more."""
        with self._lock:
            self._messages.discard(messages)

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            known = list(self._messages)
        text = redacted = record.getMessage()
        for messages in known:
            redacted = messages.redact(redacted)
        if redacted != text:
            record.msg, record.args = redacted, ()
        return True


_REDACTION: Final = _Redaction()


def redact_in_logs(messages: ErrorMessages) -> None:
    """Redact the API key that ``messages`` redacts in errors, in the logs of the HTTP library too."""
    _REDACTION.add(messages)
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_REDACTION)


def stop_redacting(messages: ErrorMessages) -> None:
    """Undo `redact_in_logs` for a transport that is closed and sends nothing any more."""
    _REDACTION.discard(messages)
