"""Fixtures: stacks on the real engine, and a tenant that holds what ``--seed demo`` does."""

from __future__ import annotations

import pytest

from tests.engine.conftest import stack_factory, veza_stack  # noqa: F401  # fixtures
from tests.support.fixtures import tenant, tenant_process  # noqa: F401  # fixtures
from tests.support.team import team  # noqa: F401  # a fixture
from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO


@pytest.fixture
def demo_tenant(tenant: Tenant) -> Tenant:  # noqa: F811
    """The tenant of the demo: its people and datasources, and no profile."""
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    return tenant
