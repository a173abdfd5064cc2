"""A tenant that holds what ``--seed demo`` does."""

from __future__ import annotations

import pytest

from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO


@pytest.fixture
def demo_tenant(tenant: Tenant) -> Tenant:
    """Seed the tenant of the demo: its people and datasources, and no profile."""
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    return tenant
