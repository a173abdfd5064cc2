"""Plugins that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.plugin.plugin import Plugin
from tests.support.fixtures import tenant, tenant_process
from tests.support.tenant import Tenant

__all__ = ["tenant", "tenant_process"]

Start = Callable[..., Plugin]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start plugins with any environment and stack configuration."""
    with ExitStack() as opened:

        def plugin(environment: dict[str, str], config: dict[str, Any] | None = None) -> Plugin:
            return opened.enter_context(Plugin(environment, config))

        yield plugin


@pytest.fixture
def plugin(start: Start, tenant: Tenant) -> Plugin:
    """One run against the tenant."""
    return start(tenant.env())


@pytest.fixture(scope="module")
def checker(tenant_process: Tenant) -> Iterator[Plugin]:
    """One run that several tests share, for what sends nothing: a process takes its time to start."""
    with Plugin(tenant_process.env()) as plugin:
        yield plugin
