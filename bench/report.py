"""The results as Markdown: a section for each series that was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bench import commands
from bench.machine import machine
from bench.programs import ENGINE_PARALLEL, FLOORS, INPUTS_FLOOR, OURS, OUTPUTS_FLOOR, Load, Variant
from bench.sample import Sample
from bench.series import FOUR_THREADS, MANY_THREADS, SERIES, Series
from bench.table import Quantity, Samples, count, cpu, peak, ratio, reads, table, wall, writes

RATIOS = [
    (f"{what} / {floor.title}", floor, quantity)
    for floor in FLOORS
    for what, quantity in (("wall", wall), ("CPU", cpu))
]
COST_HEADER = ["operation", *(title for title, _, _ in RATIOS), "wall of ours, s", "CPU of ours, s", "reads", "writes"]
PARTS = ("engine", "program", "plugin")

NOTES = """\
- Ratios are pulumi-veza (*ours*) / floor, taken in turn in the same run: the median of the rounds, lowest and highest
  in brackets. 1.00 is a provider that does nothing.
- The *inputs floor* takes the arguments alone; the *outputs floor* takes the same and has the same properties in the
  state as ours.
- `up`, `refresh` and `destroy` run without their preview, and with `PULUMI_SKIP_CHECKPOINTS=true` where nothing else is
  said.
- CPU is that of all processes of a command. The simulated tenant is another process, whose CPU is not counted, but it
  shares the cores, so it is in the wall time of ours.
- Seconds, MiB and KiB are medians; reads and writes are the requests that ours sends, a range where rounds differ.
"""


def document(samples: Sequence[Sample], *, title: str) -> str:
    """Return the whole result."""
    lines = [f"# {title}", "", f"{machine()}.", "", NOTES]
    for series in SERIES:
        if taken := _complete(series, [each for each in samples if each.series == series.name]):
            lines += section(series, Samples(taken))
    if taken := [each for each in samples if each.series == commands.NAME]:
        lines += ["## What do the commands take?", "", *command_table(Samples(taken)), ""]
    return "\n".join(lines)


def _complete(series: Series, samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples of the loads and rounds that were measured to their end, as a long run may not have been."""
    wanted = len(series.operations) * len(series.variants)
    taken = Counter((each.load, each.round) for each in samples)
    return [each for each in samples if taken[each.load, each.round] == wanted]


def section(series: Series, samples: Samples) -> list[str]:
    """Return the section of one series."""
    rounds = f"{samples.rounds} {'round' if samples.rounds == 1 else 'rounds'}"
    lines = [f"## {series.question}", ""]
    for part in _SECTIONS[series.name]:
        lines += [*part(samples), ""]
    return [*lines[:2], f"{rounds}.", "", *lines[2:]]


def costs(samples: Samples) -> list[str]:
    """Return a table for each load: ours beside the floors, operation by operation."""
    lines: list[str] = []
    for load in samples.loads:
        lines += [f"{load.title}:", "", *cost_table(samples, load), ""]
    return lines[:-1]


def cost_table(samples: Samples, load: Load) -> list[str]:
    """Return the table of one load."""

    def row(operation: str) -> list[str]:
        def ours(quantity: Quantity) -> list[float]:
            return samples.values(load, operation, OURS, quantity)

        return [
            operation,
            *(ratio(ours(each), samples.values(load, operation, floor, each)) for _, floor, each in RATIOS),
            *(f"{samples.median(load, operation, OURS, each):.1f}" for each in (wall, cpu)),
            count(ours(reads)),
            count(ours(writes)),
        ]

    return table(COST_HEADER, [row(operation) for operation in samples.operations])


def memory(samples: Samples) -> list[str]:
    """Return the peak memory of each part of the commands, and its ratio to that with the outputs floor."""
    lines: list[str] = []
    for load in samples.loads:
        cells = [
            [operation, *(_beside_the_floor(samples, load, operation, peak(part)) for part in PARTS)]
            for operation in samples.operations
        ]
        header = ["operation", *(f"{part}, MiB (/ {OUTPUTS_FLOOR.title})" for part in PARTS)]
        lines += [f"Memory at most, {load.title}:", "", *table(header, cells), ""]
    return lines[:-1]


def _beside_the_floor(samples: Samples, load: Load, operation: str, quantity: Quantity) -> str:
    ours = samples.median(load, operation, OURS, quantity)
    floor = samples.median(load, operation, OUTPUTS_FLOOR, quantity)
    return f"{ours:,.0f} ({ours / floor:.2f})" if ours and floor else "-"


def growth(samples: Samples) -> list[str]:
    """Return by how much an operation takes longer than with the load before, ours and the floors."""
    steps = list(zip(samples.loads, samples.loads[1:], strict=False))
    variants = (OURS, INPUTS_FLOOR, OUTPUTS_FLOOR)
    header = [
        "wall, times as long",
        *(f"{few.profiles:,} to {many.profiles:,}: {each.title}" for few, many in steps for each in variants),
    ]

    def times(operation: str, few: Load, many: Load, variant: Variant) -> str:
        return f"{samples.median(many, operation, variant, wall) / samples.median(few, operation, variant, wall):.1f}"

    return table(
        header,
        [
            [operation, *(times(operation, few, many, each) for few, many in steps for each in variants)]
            for operation in samples.operations
        ],
    )


def delays(samples: Samples) -> list[str]:
    """Return the seconds with few and many operations at a time, and their ratio."""
    header = ["operation"]
    by_setting = {(load.delay, load.parallelism): load for load in samples.loads}
    far = sorted(
        delay for delay, threads in by_setting if threads == FOUR_THREADS and (delay, MANY_THREADS) in by_setting
    )
    if not far:
        return []
    for delay in far:
        header += [f"{delay} ms: {threads} at a time, s" for threads in (FOUR_THREADS, MANY_THREADS)]
        header += ["ratio"]

    def row(operation: str) -> list[str]:
        cells = [operation]
        for delay in far:
            few, many = (
                samples.values(by_setting[delay, threads], operation, OURS, wall)
                for threads in (FOUR_THREADS, MANY_THREADS)
            )
            loads = [by_setting[delay, threads] for threads in (FOUR_THREADS, MANY_THREADS)]
            cells += [f"{samples.median(load, operation, OURS, wall):.1f}" for load in loads]
            cells += [ratio(many, few)]
        return cells

    requests = table(
        ["operation", "reads", "writes"],
        [
            [
                operation,
                *(
                    count(samples.values(by_setting[far[-1], MANY_THREADS], operation, OURS, each))
                    for each in (reads, writes)
                ),
            ]
            for operation in samples.operations
        ],
    )
    shown = next(iter(samples.loads))
    return [
        f"{Load(shown.profiles, members=shown.members).title}, `--parallel {ENGINE_PARALLEL}`:",
        "",
        *table(header, map(row, samples.operations)),
        "",
        "Requests of ours:",
        "",
        *requests,
    ]


def checkpoints(samples: Samples) -> list[str]:
    """Return the seconds with ordinary checkpoints and in fast mode, and their ratio."""
    sizes = sorted({load.profiles for load in samples.loads})
    header = ["operation"]
    for size in sizes:
        header += [f"{size:,} profiles: ordinary, s", "fast, s", "fast / ordinary"]

    def row(operation: str) -> list[str]:
        cells = [operation]
        for size in sizes:
            ordinary, fast = (
                samples.values(Load(size, checkpoints=each), operation, OURS, wall) for each in (True, False)
            )
            medians = (samples.median(Load(size, checkpoints=each), operation, OURS, wall) for each in (True, False))
            cells += [*(f"{each:.1f}" for each in medians), ratio(fast, ordinary)]
        return cells

    return table(header, map(row, samples.operations))


def members(samples: Samples) -> list[str]:
    """Return what one set takes, for each number of members."""
    header = ["operation, members", "wall, s", "CPU, s", "reads", "writes", "plugin, MiB", "state, KiB"]

    def row(operation: str, load: Load) -> list[str]:
        def median(quantity: Quantity) -> float:
            return samples.median(load, operation, OURS, quantity)

        return [
            f"{operation}, {load.members:,}",
            f"{median(wall):.1f}",
            f"{median(cpu):.1f}",
            *(count(samples.values(load, operation, OURS, each)) for each in (reads, writes)),
            f"{median(peak('plugin')):,.0f}",
            f"{median(lambda sample: sample.state):,.0f}",
        ]

    return table(header, [row(operation, load) for operation in samples.operations for load in samples.loads])


def command_table(samples: Samples) -> list[str]:
    """Return what each command takes, for each size."""
    header = ["command, profiles", "wall, s", "CPU, s", "MiB at most", "reads"]

    def row(title: str, load: Load) -> list[str]:
        return [
            f"`{title}`, {load.profiles:,}",
            *(f"{samples.median(load, title, OURS, each):.1f}" for each in (wall, cpu)),
            f"{samples.median(load, title, OURS, peak('engine')):,.0f}",
            count(samples.values(load, title, OURS, reads)),
        ]

    return table(header, [row(title, load) for title in samples.operations for load in samples.loads])


Section = Callable[[Samples], list[str]]

_SECTIONS: dict[str, Sequence[Section]] = {
    "profiles": [costs, memory],
    "sets": [costs, memory],
    "growth": [costs, growth, memory],
    "growth-sets": [costs, growth, memory],
    "delay": [delays],
    "checkpoints": [checkpoints],
    "members": [members],
}
