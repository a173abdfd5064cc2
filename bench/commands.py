"""What the commands beside the engine's take: export, impact, policies, on a large organisation."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.stack import Running, Stack
from tests.support.tenant import Tenant

from bench.measuring import AS_A_USER, PATHS, quiet
from bench.processes import orphans_adopted, wait_and_measure
from bench.programs import OURS, Load, identities, program
from bench.sample import Sample
from pulumi_veza.policies import catalogue

NAME = "commands"
LOADS = (Load(1000, members=5), Load(10_000, members=5))

EXPORT = "pulumi-veza export"
OFFLINE = "pulumi-veza impact --offline"
LIVE = "pulumi-veza impact"
CHECK = "pulumi-veza policy check"
PREVIEW = "pulumi preview"
PACK = "pulumi preview --policy-pack"
INSTALLED_PACK = Path(catalogue.__file__).parent / "pack"

SECONDS_OF_A_LARGE_PREVIEW = 3600.0


def measure(loads: tuple[Load, ...] = LOADS, rounds: int = 1) -> Iterator[Sample]:
    """Take every command with every load in turn, `rounds` times."""
    for load in loads:
        with _Organisation(load) as organisation:
            for number in range(1, rounds + 1):
                for title in (EXPORT, OFFLINE, LIVE, CHECK, PREVIEW, PACK):
                    yield organisation.take(title, number)


class _Organisation:
    """A tenant with the profiles of a load, and the preview of a stack that would make them."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def __enter__(self) -> _Organisation:
        with contextlib.ExitStack() as cleanup:
            cleanup.enter_context(orphans_adopted())
            self._folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            self._tenant = cleanup.enter_context(Tenant.start())
            people = identities(self._load)
            self._tenant.seed(identities=people)
            environment = {**self._tenant.env(), **AS_A_USER}
            with quiet():
                text = program(OURS, self._load)
                self._stack = Stack.create(self._folder / "stack", text, environment=environment)
                cleanup.callback(self._stack.close)
                shown = self._stack.run("preview", "--json", "--show-sames", timeout=SECONDS_OF_A_LARGE_PREVIEW)
            self._preview = self._folder / "preview.json"
            self._preview.write_text(shown.stdout)
            self._tenant.seed(
                types=[{"name": "Old role"}],
                profiles=[
                    {"name": f"Old {number}", "profile_type": "Old role", "members": people[: self._load.members]}
                    for number in range(self._load.profiles)
                ],
            )
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def take(self, title: str, number: int) -> Sample:
        """Run a command once."""
        self._tenant.clear_requests()
        with quiet():
            running, taken = wait_and_measure(lambda: self._start(title))
            running.result().checked()
        sent, written = (len(self._tenant.requests(mutating=each)) for each in (None, True))
        peaks = dict(taken.peaks)
        return Sample(NAME, self._load, title, OURS, number, taken.wall, taken.cpu, sent - written, written, peaks)

    def _start(self, title: str) -> Running:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        preview = str(self._preview)
        if title in (PREVIEW, PACK):
            return self._stack.start("preview", *(["--policy-pack", str(INSTALLED_PACK)] if title == PACK else []))
        arguments = {
            EXPORT: ["export", str(folder / "project")],
            OFFLINE: ["impact", preview, "--offline"],
            LIVE: ["impact", preview],
            CHECK: ["policy", "check", preview],
        }[title]
        environment = {**os.environ, **self._tenant.env(), "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
        command = [sys.executable, "-m", "pulumi_veza.cli", *arguments]
        return Running(command, cwd=folder, env=environment, folder=folder / "output")
