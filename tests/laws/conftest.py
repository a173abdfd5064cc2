"""How the laws are searched."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.fixtures import tenant, tenant_process

settings.register_profile(
    "laws", max_examples=25, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")

__all__ = ["tenant", "tenant_process"]
