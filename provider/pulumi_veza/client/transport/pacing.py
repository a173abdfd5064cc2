"""The pace of the requests of all threads together: the setting ``requestsPerSecond``, and what a tenant refuses.

A tenant that answers 429 means the whole process. So every thread waits as long as its ``Retry-After`` says, and the
requests after that are sent one after another, at a pace that halves with each refusal and rises with each success.
Without that, the threads would all come back at the same moment, and a few of them would be refused until they give up.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

FIRST_INTERVAL: Final = 0.05
"""Seconds between two requests after a first refusal."""

LONGEST_INTERVAL: Final = 2.0
RECOVERY: Final = 0.97
"""By this factor the interval becomes shorter with each success."""

SHORTEST_INTERVAL: Final = 0.005
"""An interval below it is none."""


@dataclass
class Pacing:
    """Schedules requests evenly over all threads. Thread-safe."""

    interval: float
    """Seconds between two requests, as the user has set it; 0 where there is no limit."""
    clock: Callable[[], float]
    _after_refusal: float = field(default=0.0, init=False)
    """Seconds between two requests since the tenant has refused one; 0 where it is as before."""
    _next: float = field(default=-math.inf, init=False)
    _held_until: float = field(default=-math.inf, init=False)
    _slowed_at: float = field(default=-math.inf, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def reserve(self) -> float:
        """Reserve the next free moment and return the seconds until then."""
        with self._lock:
            now = self.clock()
            moment = max(now, self._next, self._held_until)
            self._next = moment + max(self.interval, self._after_refusal)
        return moment - now

    @property
    def is_held(self) -> bool:
        """Whether the tenant has asked for a pause that is not over, so that an earlier reservation counts no more."""
        return self._held_until > -math.inf and self.clock() < self._held_until

    def refused(self, sent_at: float, pause: float) -> None:
        """Send nothing for ``pause`` seconds, and then more slowly, after a 429 to the request of ``sent_at``.

        Requests that were on their way together are refused together, and slow the pace only once.
        """
        with self._lock:
            now = self.clock()
            self._held_until = max(self._held_until, now + pause)
            if sent_at > self._slowed_at:
                self._slowed_at = now
                self._after_refusal = min(max(2 * self._after_refusal, FIRST_INTERVAL), LONGEST_INTERVAL)

    def succeeded(self) -> None:
        """Speed up again after a success."""
        if self._after_refusal:
            with self._lock:
                faster = self._after_refusal * RECOVERY
                self._after_refusal = faster if faster > SHORTEST_INTERVAL else 0.0
