"""The fixtures of the real engine and of the real plugin, for both are made to fail here."""

from __future__ import annotations

from tests.engine.conftest import stack_factory, veza_stack
from tests.plugin.conftest import start
from tests.support.fixtures import tenant, tenant_process

__all__ = ["stack_factory", "start", "tenant", "tenant_process", "veza_stack"]
