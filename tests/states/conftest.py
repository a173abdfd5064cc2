"""The fixtures of the tests on the real engine."""

from __future__ import annotations

from tests.engine.conftest import stack_factory, veza_stack
from tests.support.fixtures import tenant, tenant_process

__all__ = ["stack_factory", "tenant", "tenant_process", "veza_stack"]
