"""How the predictions are searched, and what they run against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.engine.conftest import stack_factory
from tests.support.fixtures import tenant, tenant_process
from tests.support.runs import Runs, runs_of
from tests.support.tenant import Tenant

settings.register_profile(
    "impact",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
settings.load_profile("impact")

__all__ = ["stack_factory", "tenant", "tenant_process"]


@pytest.fixture
def runs(tenant: Tenant) -> Iterator[Runs]:
    """Runs against a tenant that a test empties itself before each of its examples."""
    with runs_of(tenant) as found:
        yield found
