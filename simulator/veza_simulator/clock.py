"""The time as the API writes it."""

from __future__ import annotations

import time
from datetime import datetime, timezone


def now() -> str:
    """Return the current time in RFC 3339, UTC, with nanoseconds."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
