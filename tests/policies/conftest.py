"""Fixtures for the tests of the policies on the real engine."""

from __future__ import annotations

from tests.engine.conftest import stack, stack_factory, veza_stack
from tests.support.fixtures import tenant, tenant_process

__all__ = ["stack", "stack_factory", "tenant", "tenant_process", "veza_stack"]
