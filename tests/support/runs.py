"""Runs of the provider inside the test's own process, against a simulated tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulumi_veza.client import settings
from pulumi_veza.provider import session
from tests.support.tenant import Tenant


class Runs:
    """What the engine does by starting the provider anew: each run has its own client, snapshot and claims."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.said: list[str] = []
        """What the current run told the user, as ``warning: text``."""

    def new(self, **options: Any) -> session.Session:
        """Begin a run; ``options`` are settings."""
        self.end()
        # A list of its own: what an earlier run says late must not be taken for what this one says.
        said = self.said = []
        configured = settings.load({}, self.tenant.env(), arguments=options)
        run = session.Session(configured, lambda level, text: said.append(f"{level}: {text}"))
        session.use(run)
        return run

    def end(self) -> None:
        """End the run that is on, if any."""
        session.use(None)


@contextmanager
def runs_of(tenant: Tenant) -> Iterator[Runs]:
    """Yield runs against a tenant, and end the last one."""
    runs = Runs(tenant)
    try:
        yield runs
    finally:
        runs.end()
