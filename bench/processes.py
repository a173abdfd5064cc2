"""What the processes of one command take: CPU to the last tick, and the peak memory of each part."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.support.stack import Running

PR_SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 30.0
SECONDS_BETWEEN_LOOKS = 0.1

PARTS: Mapping[str, str] = {
    "plugin": "pulumi.dynamic",
    "program": "pulumi-language-python-exec",
}
"""A part's name, and what is in the command line of its process alone; the engine is the command itself."""


@dataclass(frozen=True)
class Taken:
    """What a command took."""

    wall: float
    """Seconds until the CLI ended."""
    cpu: float
    """Seconds of CPU of every process of the command."""
    peaks: Mapping[str, float]
    """MiB of memory that the engine, the program and the plugin had at most."""


# The kernel adds the CPU of a process to that of the process that waits for it, down to the last tick. The CLI waits
# for the language host and the plugins, and the language host for the program, so what the children of this process
# took is what the whole command took. An orphan (a plugin that is killed and not waited for) would be waited for by the
# system, and be missing in silence; so orphans are handed to this process, which waits for them too. Looking at the
# tree from time to time would miss short processes and the end of long ones.


@contextlib.contextmanager
def orphans_adopted() -> Iterator[None]:
    """Have this process wait for whatever a command leaves behind, as `wait_and_measure` needs it."""
    if sys.platform != "linux":
        raise SystemExit("The CPU of a whole command can be measured only on Linux.")
    _adopt_orphans(on=True)
    try:
        yield
    finally:
        _adopt_orphans(on=False)


def wait_and_measure(start: Callable[[], Running]) -> tuple[Running, Taken]:
    """Start a command and wait until it and everything that it started has ended."""
    before = cpu_of_children()
    started = time.perf_counter()
    running = start()
    with _peaks(running) as peaks:
        running.process.wait()
        wall = time.perf_counter() - started
    _wait_for_orphans(running)
    return running, Taken(wall, cpu_of_children() - before, peaks)


@contextlib.contextmanager
def _peaks(running: Running) -> Iterator[dict[str, float]]:
    """Look from time to time at the memory of a command's processes; the kernel keeps the peak of each itself."""
    peaks: dict[str, float] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            for process in running.processes():
                with contextlib.suppress(psutil.Error, OSError):
                    if part := _part(process, running):
                        peaks[part] = max(peaks.get(part, 0.0), _peak(process.pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peaks
    finally:
        ended.set()
        looking.join()


def _part(process: psutil.Process, running: Running) -> str | None:
    if process.pid == running.process.pid:
        return "engine"
    command = " ".join(process.cmdline())
    return next((part for part, sign in PARTS.items() if sign in command), None)


def _peak(pid: int) -> float:
    """Return the most memory that a process has had so far, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


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


def cpu_of_children() -> float:
    """Return the seconds of CPU of all that this process has started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
