"""Fixtures around a simulated tenant: ``pytest_plugins = ["tests.support.fixtures"]`` in the root conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.tenant import Tenant


@pytest.fixture(scope="session")
def tenant_process() -> Iterator[Tenant]:
    """One simulator for the whole run (per worker); tests take ``tenant``, which empties it for them."""
    running = Tenant.start()
    yield running
    running.close()


@pytest.fixture
def tenant(tenant_process: Tenant) -> Tenant:
    """An empty tenant of the test's own."""
    tenant_process.reset()
    return tenant_process
