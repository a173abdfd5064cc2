"""Take the measurements: run each operation with each variant in turn, on the real engine and a simulated tenant."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.stack import Stack
from tests.support.tenant import Tenant
from typing_extensions import Self

from bench.processes import orphans_adopted, wait_and_measure
from bench.programs import ENGINE_PARALLEL, OURS, Load, Variant, identities, program
from bench.sample import Sample
from bench.series import Series, Step

ROOT = Path(__file__).resolve().parents[1]
PATHS = (ROOT, ROOT / "provider")
"""Where the floors are, and the code that is measured: this checkout's, whatever is installed."""


AS_A_USER: Mapping[str, str | None] = {"PYTHONPATH": os.pathsep.join(map(str, PATHS)), "GOGC": None}
"""The environment of a stack: this code, and an engine that collects its garbage, whatever tests do for speed."""


class Bench:
    """A tenant, and the stacks of the round that is on; usable as a context manager."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._round: tuple[int, Load] | None = None
        self._stacks: dict[Variant, Stack] = {}
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._cleanup as cleanup:
            cleanup.enter_context(orphans_adopted())
            self._folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            cleanup.callback(self._end_stacks)
            # A process of its own, which is not waited for before the end: nothing counts its CPU.
            self._tenant = cleanup.enter_context(Tenant.start())
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def take(self, step: Step) -> Sample:
        """Take one measurement; the steps must come in the order of the series."""
        if (step.round, step.load) != self._round:
            self._begin_round(step.round, step.load)
        stack, operation = self._stacks[step.variant], step.operation
        stack.write(program(step.variant, step.load, one_changed=operation.one_changed))
        self._tenant.clear_requests()
        with quiet():
            running, taken = wait_and_measure(lambda: stack.start(*operation.command, *_flags(step.load)))
            running.result().checked()
        sent = self._tenant.requests()
        if sent and step.variant != OURS:
            raise RuntimeError(f"{step.variant.title} sent {len(sent)} requests; a floor sends none")
        writes = len(self._tenant.requests(mutating=True))
        return Sample(
            self._series.name,
            step.load,
            operation.title,
            step.variant,
            step.round,
            wall=taken.wall,
            cpu=taken.cpu,
            reads=len(sent) - writes,
            writes=writes,
            peaks=dict(taken.peaks),
            state=sum(file.stat().st_size for file in (stack.backend / ".pulumi/stacks").rglob("*.json")) / 1024,
        )

    def _begin_round(self, number: int, load: Load) -> None:
        self._end_stacks()
        self._tenant.clear_faults()
        self._tenant.reset()
        self._tenant.seed(identities=identities(load))
        if load.delay:
            self._tenant.fault(delay=load.delay / 1000, count=None)
        self._round = number, load
        environment: dict[str, str | None] = {
            **self._tenant.env(),
            **AS_A_USER,
        }
        if not load.checkpoints:
            environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
        if load.parallelism:
            environment["VEZA_PARALLELISM"] = str(load.parallelism)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with quiet():
            for variant in self._series.variants:
                first = program(variant, Load(1, members=min(load.members, 1)))
                self._stacks[variant] = Stack.create(folder / variant.module, first, environment=environment)
                # Files are read and modules compiled for the first time here, and not in what is measured.
                self._stacks[variant].preview()

    def _end_stacks(self) -> None:
        for stack in self._stacks.values():
            stack.close()
        self._stacks = {}


def _flags(load: Load) -> list[str]:
    return ["--parallel", str(ENGINE_PARALLEL)] if load.parallelism else []


def quiet() -> contextlib.AbstractContextManager[object]:
    """Keep back what a command writes: a stack prints it for the sake of tests."""
    return contextlib.redirect_stdout(io.StringIO())
