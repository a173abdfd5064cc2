"""Take the measurements: run each operation with each variant in turn, on the real engine and a simulated tenant."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.support.stack import Running, Stack
from tests.support.tenant import Tenant
from typing_extensions import Self

from bench.programs import OPERATIONS, OURS, VARIANTS, Operation, Variant, program

ROOT = Path(__file__).resolve().parents[1]
PR_SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 30.0


@dataclass(frozen=True)
class Step:
    """One measurement to take."""

    round: int
    operation: Operation
    variant: Variant


@dataclass(frozen=True)
class Sample:
    """What one operation took with one variant."""

    step: Step
    wall: float
    """Seconds until the CLI ended."""
    cpu: float
    """Seconds of CPU of every process of the command."""
    reads: int
    """Requests that change nothing."""
    writes: int
    """Requests that change something."""


def steps(rounds: int) -> list[Step]:
    """List the measurements in their order: operation by operation, the variants in turn."""
    return [
        Step(number, operation, variant)
        for number in range(1, rounds + 1)
        for operation in OPERATIONS
        for variant in VARIANTS
    ]


class Bench:
    """A tenant, and the stacks of the round that is on; usable as a context manager."""

    def __init__(self, profiles: int) -> None:
        self._profiles = profiles
        self._round = 0
        self._stacks: dict[Variant, Stack] = {}
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._cleanup as cleanup:
            cleanup.enter_context(_orphans_adopted())
            self._folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            cleanup.callback(self._end_stacks)
            # A process of its own, which is not waited for before the end: nothing counts its CPU.
            self._tenant = cleanup.enter_context(Tenant.start())
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    @property
    def cli_version(self) -> str:
        """The CLI's version."""
        with _quiet():
            return next(iter(self._stacks.values())).run("version").stdout.strip()

    def take(self, step: Step) -> Sample:
        """Take one measurement; the steps must come in the order of `steps`."""
        if step.round != self._round:
            self._begin_round(step.round)
        stack, operation = self._stacks[step.variant], step.operation
        stack.write(program(step.variant, self._profiles, one_changed=operation.one_changed))
        self._tenant.clear_requests()
        wall, cpu = _measured(stack, operation)
        sent = self._tenant.requests()
        if sent and step.variant != OURS:
            raise RuntimeError(f"{step.variant.title} sent {len(sent)} requests; a floor sends none")
        writes = len(self._tenant.requests(mutating=True))
        return Sample(step, wall, cpu, len(sent) - writes, writes)

    def _begin_round(self, number: int) -> None:
        self._end_stacks()
        self._tenant.reset()
        self._round = number
        environment = {**self._tenant.env(), "PULUMI_SKIP_CHECKPOINTS": "true", "PYTHONPATH": str(ROOT)}
        with _quiet():
            for variant in VARIANTS:
                folder = self._folder / f"{number}-{variant.module}"
                self._stacks[variant] = Stack.create(folder, program(variant, 1), environment=environment)
                # Files are read and modules compiled for the first time here, and not in what is measured.
                self._stacks[variant].preview()

    def _end_stacks(self) -> None:
        for stack in self._stacks.values():
            stack.close()
        self._stacks = {}


def _measured(stack: Stack, operation: Operation) -> tuple[float, float]:
    """Run an operation to its successful end; return its seconds by the clock and of CPU."""
    before = _cpu_of_children()
    started = time.perf_counter()
    with _quiet():
        running = stack.start(*operation.command)
        running.process.wait()
        wall = time.perf_counter() - started
        _wait_for_orphans(running)
        running.result().checked()
    return wall, _cpu_of_children() - before


# The kernel adds the CPU of a process to that of the process that waits for it, down to the last tick. The CLI waits
# for the language host and the plugins, and the language host for the program, so what the children of this process
# took is what the whole command took. An orphan (a plugin that is killed and not waited for) would be waited for by the
# system, and be missing in silence; so orphans are handed to this process, which waits for them too. Looking at the
# tree from time to time would miss short processes and the end of long ones.


@contextlib.contextmanager
def _orphans_adopted() -> Iterator[None]:
    if sys.platform != "linux":
        raise SystemExit("The CPU of a whole command can be measured only on Linux.")
    _adopt_orphans(on=True)
    try:
        yield
    finally:
        _adopt_orphans(on=False)


def _adopt_orphans(*, on: bool) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _wait_for_orphans(running: Running) -> None:
    """Wait for the end of everything that a command has started, once the CLI itself has ended."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (orphans := _orphans(running)) or running.processes():
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            raise RuntimeError(f"{running.command} left processes that do not end: {running.processes()}")
        time.sleep(0.01)


def _orphans(running: Running) -> list[int]:
    """List the children of this process that belong to a command's session, those that have ended among them."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(OSError):
            if os.getsid(child.pid) == running.process.pid:
                found.append(child.pid)
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _quiet() -> contextlib.AbstractContextManager[object]:
    """Keep back what a command writes: a stack prints it for the sake of tests."""
    return contextlib.redirect_stdout(io.StringIO())
