from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulator.local import LocalTenant
from tests.support.tenant import Tenant


@pytest.fixture
def local() -> Iterator[LocalTenant]:
    """Yield an empty simulator in this process."""
    tenant = LocalTenant()
    yield tenant
    tenant.close()


@pytest.fixture(scope="package")
def running_process() -> Iterator[Tenant]:
    running = Tenant.start()
    yield running
    running.close()


@pytest.fixture
def running(running_process: Tenant) -> Tenant:
    """Return an empty simulator in a process of its own, for tests that need a real connection."""
    running_process.reset()
    return running_process
