"""How the laws are searched."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

from tests.support.fixtures import tenant, tenant_process

settings.register_profile(
    "laws", max_examples=20, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("laws-without-shrinking", settings.get_profile("laws"), phases=[Phase.reuse, Phase.generate])
settings.load_profile("laws")

__all__ = ["tenant", "tenant_process"]
