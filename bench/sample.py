"""One measurement, and the file that keeps many of them, so that a long run can be taken in parts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.programs import VARIANTS, Load, Variant

_BY_TITLE = {variant.title: variant for variant in VARIANTS}


@dataclass(frozen=True)
class Sample:
    """What one operation took once."""

    series: str
    """What it was measured for; see `bench.series`."""
    load: Load
    operation: str
    """Its title."""
    variant: Variant
    round: int
    wall: float
    """Seconds until the command ended."""
    cpu: float
    """Seconds of CPU of every process of the command."""
    reads: int = 0
    """Requests that change nothing."""
    writes: int = 0
    """Requests that change something."""
    peaks: dict[str, float] = field(default_factory=dict)
    """MiB that the engine, the program and the plugin had at most."""
    state: float = 0
    """KiB of the stack's state afterwards."""


def save(samples: Iterable[Sample], file: Path) -> None:
    """Add samples to a file, a line of JSON each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lines:
        for sample in samples:
            lines.write(json.dumps({**asdict(sample), "variant": sample.variant.title}) + "\n")


def load(file: Path) -> Sequence[Sample]:
    """Read the samples of a file."""
    return [_sample(json.loads(line)) for line in file.read_text().splitlines()]


def _sample(kept: dict[str, Any]) -> Sample:
    return Sample(**{**kept, "variant": _BY_TITLE[kept["variant"]], "load": Load(**kept["load"])})
