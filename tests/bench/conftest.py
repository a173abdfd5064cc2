"""The fixtures of the real engine, which the floors are deployed with."""

from __future__ import annotations

from tests.support.fixtures import stack_factory
from tests.support.fixtures import tenant, tenant_process

__all__ = ["stack_factory", "tenant", "tenant_process"]
