"""The result as Markdown: ratios of ours to the floors, our seconds and requests, and the machine."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

import psutil

from bench.measuring import Sample
from bench.programs import FLOORS, OPERATIONS, OURS, Operation, Variant

HEADER = [
    "operation",
    *(f"{what} / {floor.title}" for floor in FLOORS for what in ("wall", "CPU")),
    "wall of ours, s",
    "CPU of ours, s",
    "reads",
    "writes",
]

Quantity = Callable[[Sample], float]


def document(samples: Sequence[Sample], *, profiles: int, cli_version: str, title: str) -> str:
    """Return the whole result."""
    rounds = max(sample.step.round for sample in samples)
    return "\n".join(
        [
            f"# {title}",
            "",
            f"{profiles:,} profiles of one type, `PULUMI_SKIP_CHECKPOINTS=true`, {rounds} "
            f"{'round' if rounds == 1 else 'rounds'}. {machine(cli_version)}.",
            "",
            *rows(samples),
            "",
            "- Ratios are pulumi-veza (*ours*) / floor: the median of the rounds, lowest and highest in brackets. "
            "1.00 is a provider that does nothing.",
            "- The *inputs floor* takes the arguments alone; the *outputs floor* takes the same and has the same "
            "properties in the state as ours.",
            "- Each operation runs with ours, the inputs floor and the outputs floor in turn before the next one; "
            "`up`, `refresh` and `destroy` run without their preview.",
            "- CPU is that of all processes of a command. The simulated tenant is another process, whose CPU is not "
            "counted, but it shares the cores, so it is in the wall time of ours.",
            "- Seconds are medians; reads and writes are the requests that ours sends, a range where rounds differ.",
            "",
        ]
    )


def machine(cli_version: str) -> str:
    """Describe where it was measured."""
    gib = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {gib:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Pulumi CLI {cli_version.removeprefix('v')}, "
        f"SDK {version('pulumi')}, pulumi-veza {version('pulumi-veza')}"
    )


def rows(samples: Iterable[Sample]) -> list[str]:
    """Return the table, one line for each operation, in columns that are aligned."""
    taken = list(samples)
    cells = [HEADER, *(_row(taken, operation) for operation in OPERATIONS)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [
        "| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |"
        for row in [cells[0], rule, *cells[1:]]
    ]


def _row(samples: Sequence[Sample], operation: Operation) -> list[str]:
    def values(variant: Variant, quantity: Quantity) -> list[float]:
        return [quantity(s) for s in samples if (s.step.operation, s.step.variant) == (operation, variant)]

    def ratio(floor: Variant, quantity: Quantity) -> str:
        pairs = zip(values(OURS, quantity), values(floor, quantity), strict=True)
        return _spread([ours / theirs for ours, theirs in pairs])

    quantities: tuple[Quantity, Quantity] = (lambda s: s.wall, lambda s: s.cpu)
    return [
        operation.title,
        *(ratio(floor, quantity) for floor in FLOORS for quantity in quantities),
        *(f"{statistics.median(values(OURS, quantity)):.1f}" for quantity in quantities),
        _range(values(OURS, lambda s: s.reads)),
        _range(values(OURS, lambda s: s.writes)),
    ]


def _spread(ratios: Sequence[float]) -> str:
    median = f"{statistics.median(ratios):.2f}"
    return median if len(ratios) == 1 else f"{median} ({min(ratios):.2f}-{max(ratios):.2f})"


def _range(counts: Sequence[float]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"
