"""A tenant that holds what ``--seed demo`` does, and the recipe for GitHub Actions with a forge to run it on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.recipe import text
from tests.examples.workflows import Forge, Job
from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO


@pytest.fixture
def demo_tenant(tenant: Tenant) -> Tenant:
    """Seed the tenant of the demo: its people and datasources, and no profile."""
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    return tenant


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Return a repository without secrets and comments."""
    return Forge(tmp_path / "forge", {})


@pytest.fixture
def impact_job() -> Job:
    """Return the job that looks at a pull request."""
    return Job.load(text("veza.yml"), "impact")
