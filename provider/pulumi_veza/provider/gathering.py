"""Messages of one kind that several resources of a run print: gathered into one line with their count.

The engine calls the provider for each resource, several at a time, and tells nobody when a run ends. So the call
that begins a line stays open while others of its kind are running: whatever they add is in the line, and nothing is
lost, as the engine waits for that call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from time import monotonic
from typing import Final

from pulumi_veza.reports.words import counted, listed

WHILE_RUNNING: Final = 1.0
"""Seconds that a line waits for the next addition while another call of its kind is running, which may take long."""

WHILE_EXPECTED: Final = 0.3
"""The same while a resource that was checked in this run is still to be created."""

GRACE: Final = 0.2
"""The same where nothing is known of another call: of the deletes of a run nothing is known before."""

GRACE_OF_SEVERAL: Final = 0.5
"""The same where the line has gathered several already."""

MANY: Final = 50
GAPS_OF_MANY: Final = 20
LEAST_OF_MANY: Final = 0.1
"""Where the line has gathered so many: so many times the mean time between two of them, but at least these seconds."""

IN_VAIN: Final = 3
"""How many lines of one topic may wait and gather nothing; later ones do not wait."""


@dataclass(frozen=True)
class Topic:
    """What is said of one object or of several."""

    kind: str
    """The kind of the resources that say it."""
    one: str
    """The message of one resource, with ``{item}``."""
    what: str
    """The noun to count several with, such as ``access profile``."""
    several: str
    """The message of several resources, with ``{count}`` and ``{items}``."""


@dataclass
class _Batch:
    topic: Topic
    said: list[tuple[str, str]] = field(default_factory=list)
    """The resource and the object in words."""
    began: float = field(default_factory=monotonic)
    latest: float = 0.0

    def add(self, resource: str, item: str) -> None:
        self.said.append((resource, item))
        self.latest = monotonic()

    @property
    def patience(self) -> float:
        """The seconds to wait for one more, of which nothing is known, after several."""
        if len(self.said) < MANY:
            return GRACE_OF_SEVERAL
        mean = (self.latest - self.began) / len(self.said)
        return min(max(GAPS_OF_MANY * mean, LEAST_OF_MANY), GRACE_OF_SEVERAL)

    @property
    def text(self) -> str:
        if len(self.said) == 1:
            [(resource, item)] = self.said
            return f"{resource}: {self.topic.one.format(item=item)}"
        items = [item for _, item in self.said]
        return self.topic.several.format(count=counted(len(items), self.topic.what), items=listed(items))


class Gathering:
    """The lines of one run that are being gathered. Thread-safe.

    Args:
        notify: Print a line for the user.
        waits: Whether a line waits for others; without it each resource has its own.

    """

    def __init__(self, notify: Callable[[str], None], *, waits: bool) -> None:
        self._notify = notify
        self._waits = waits
        self._lock = Lock()
        self._changed: defaultdict[str, Condition] = defaultdict(lambda: Condition(self._lock))
        """By kind, what wakes the calls that wait for others of it."""
        self._running: Counter[str] = Counter()
        """By kind, the calls that may still add to a line."""
        self._expected: defaultdict[str, set[Hashable]] = defaultdict(set)
        """By kind, the new resources that were checked and whose create has not begun."""
        self._batches: dict[Topic, _Batch] = {}
        self._in_vain: Counter[Topic] = Counter()

    def expect(self, kind: str, resource: Hashable) -> None:
        """Record that a create of this resource is to come."""
        with self._lock:
            self._expected[kind].add(resource)

    @contextmanager
    def call(self, kind: str, resource: Hashable) -> Iterator[None]:
        """Count a create or a delete of this kind as running."""
        with self._lock:
            self._expected[kind].discard(resource)
            self._running[kind] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[kind] -= 1
                self._changed[kind].notify_all()

    def add(self, topic: Topic, resource: str, item: str) -> None:
        """Add an object to the line about this topic; whoever begins the line waits for others and prints it."""
        with self._lock:
            if begun := self._batches.get(topic):
                begun.add(resource, item)
                self._changed[topic.kind].notify_all()
                return
            batch = self._batches[topic] = _Batch(topic, [(resource, item)])
            if self._waits and self._in_vain[topic] < IN_VAIN:
                self._wait(batch)
                self._in_vain[topic] += len(batch.said) == 1
            del self._batches[topic]
        self._notify(batch.text)

    def _wait(self, batch: _Batch) -> None:
        """Wait until nothing more is to be expected."""
        kind = batch.topic.kind
        # The call that waits adds nothing more.
        self._running[kind] -= 1
        while self._changed[kind].wait(self._patience(batch)):
            pass
        self._running[kind] += 1

    def _patience(self, batch: _Batch) -> float:
        if self._running[batch.topic.kind]:
            return WHILE_RUNNING
        if len(batch.said) > 1:
            return GRACE_OF_SEVERAL if self._expected[batch.topic.kind] else batch.patience
        return WHILE_EXPECTED if self._expected[batch.topic.kind] else GRACE
