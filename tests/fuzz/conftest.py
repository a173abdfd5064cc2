"""How the fuzzing is done: the same inputs in every run, so that a failure is one for everybody."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.fixtures import tenant, tenant_process

settings.register_profile(
    "fuzz",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

__all__ = ["tenant", "tenant_process"]
