"""Tables of Markdown in aligned columns, and numbers in the words of a table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from bench.programs import Load, Variant
from bench.sample import Sample

Quantity = Callable[[Sample], float]


def table(header: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the first column is text, the others are numbers."""
    cells = [header, *body]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [
        "| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |"
        for row in [cells[0], rule, *cells[1:]]
    ]


class Samples:
    """The samples of one series, asked by what was measured."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = sorted(samples, key=lambda each: each.round)
        self.loads = list(dict.fromkeys(each.load for each in self._samples))
        self.operations = list(dict.fromkeys(each.operation for each in self._samples))
        self.rounds = len({each.round for each in self._samples})

    def values(self, load: Load, operation: str, variant: Variant, quantity: Quantity) -> list[float]:
        """Return a quantity of an operation, round by round."""
        wanted = (load, operation, variant)
        return [quantity(each) for each in self._samples if (each.load, each.operation, each.variant) == wanted]

    def median(self, load: Load, operation: str, variant: Variant, quantity: Quantity) -> float:
        """Return the median of the rounds."""
        return statistics.median(self.values(load, operation, variant, quantity))


def ratio(above: Sequence[float], below: Sequence[float]) -> str:
    """Return the median of the rounds' ratios, with the lowest and highest in brackets where there are several."""
    ratios = [ours / theirs for ours, theirs in zip(above, below, strict=True)]
    median = f"{statistics.median(ratios):.2f}"
    return median if len(ratios) == 1 else f"{median} ({min(ratios):.2f}-{max(ratios):.2f})"


def count(counts: Sequence[float]) -> str:
    """Return a count, as a range where the rounds differ."""
    low, high = min(counts), max(counts)
    return f"{low:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"


def wall(sample: Sample) -> float:
    """Return the seconds by the clock."""
    return sample.wall


def cpu(sample: Sample) -> float:
    """Return the seconds of CPU."""
    return sample.cpu


def reads(sample: Sample) -> float:
    """Return the requests that change nothing."""
    return sample.reads


def writes(sample: Sample) -> float:
    """Return the requests that change something."""
    return sample.writes


def peak(part: str) -> Quantity:
    """Return the most memory of a part of a command, in MiB; 0 where it ended before it was looked at."""
    return lambda sample: sample.peaks.get(part, 0.0)
