"""The log of requests to the simulated API."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_REQUESTS = 100_000


@dataclass
class Entry:
    """One request; ``status`` is ``None`` while it runs and where no answer was sent, ``duration`` is in seconds."""

    sequence: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    request_id: str
    status: int | None = None
    duration: float | None = None
    fault: int | None = None
    started: float = field(default_factory=time.monotonic, repr=False)

    def finish(self, status: int | None) -> None:
        """Record how the request ended."""
        self.status = status
        self.duration = round(time.monotonic() - self.started, 6)

    def described(self) -> dict[str, Any]:
        """Return the entry as the control API shows it."""
        fields = asdict(self)
        del fields["started"]
        return fields


class RequestLog:
    """The last requests, oldest first; sequence numbers go on after a clearing."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT_REQUESTS)
        self._sequence = 0

    def begin(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes, request_id: str
    ) -> Entry:
        """Log a request that has arrived, with its authorization header redacted."""
        self._sequence += 1
        kept = {name: "REDACTED" if name == "authorization" else value for name, value in headers.items()}
        entry = Entry(self._sequence, method, path, query, kept, _readable(body), request_id)
        self._entries.append(entry)
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """Return every entry."""
        return [entry.described() for entry in self._entries]

    def clear(self) -> None:
        """Clear the entries."""
        self._entries.clear()


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
