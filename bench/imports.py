"""What importing the provider adds to importing Pulumi, which every program pays at its start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from bench.measuring import PATHS
from bench.processes import cpu_of_children

STATEMENTS = ("import pulumi", "import pulumi; import pulumi_veza")
TIMES = 20


def measure(times: int = TIMES) -> tuple[float, float]:
    """Return the median of milliseconds of CPU of importing Pulumi, and of importing it and the provider, in turn."""
    taken: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(times + 1):
        for statement, milliseconds in taken.items():
            milliseconds.append(_once(statement))
    # The first time, modules are compiled and read from the disk.
    without, with_ours = (statistics.median(milliseconds[1:]) for milliseconds in taken.values())
    return without, with_ours


def _once(statement: str) -> float:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    before = cpu_of_children()
    subprocess.run([sys.executable, "-c", statement], env=environment, check=True)
    return 1000 * (cpu_of_children() - before)
