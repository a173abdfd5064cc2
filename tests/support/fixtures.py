"""Fixtures of every test: a tenant, runs in this process, plugins, and stacks on the real engine.

The root conftest loads this module as a plugin; a test takes what it needs by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.plugin import Plugin
from tests.support.runs import Runs, runs_of
from tests.support.stack import Stack
from tests.support.team import Team
from tests.support.tenant import Tenant

# A tenant


@pytest.fixture(scope="session")
def tenant_process() -> Iterator[Tenant]:
    """Start one simulator for the whole run (per worker); tests take ``tenant``, which empties it for them."""
    running = Tenant.start()
    yield running
    running.close()


@pytest.fixture
def tenant(tenant_process: Tenant) -> Tenant:
    """Empty the tenant for this test."""
    tenant_process.reset()
    return tenant_process


# The provider in this process


@pytest.fixture
def runs(tenant: Tenant) -> Iterator[Runs]:
    """Run the provider in this process, against the test's tenant."""
    with runs_of(tenant) as found:
        yield found


# The provider as a plugin


Start = Callable[..., Plugin]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start plugins with any environment and stack configuration; end them with the test."""
    with ExitStack() as opened:

        def plugin(environment: dict[str, str], config: dict[str, Any] | None = None) -> Plugin:
            return opened.enter_context(Plugin(environment, config))

        yield plugin


@pytest.fixture
def plugin(start: Start, tenant: Tenant) -> Plugin:
    """Start one plugin against the test's tenant."""
    return start(tenant.env())


@pytest.fixture(scope="module")
def checker(tenant_process: Tenant) -> Iterator[Plugin]:
    """Start one plugin for several tests that send nothing: a process takes its time to start."""
    with Plugin(tenant_process.env()) as plugin:
        yield plugin


# The real engine


class StackFactory(Protocol):
    """Creates stacks that are cleaned up after the test; the arguments are those of `Stack.create` after the folder."""

    def __call__(self, program: str | Path = "", **options: Any) -> Stack: ...


@pytest.fixture
def stack_factory(tmp_path: Path) -> Iterator[StackFactory]:
    """Create as many stacks as a test needs, each apart from the others."""
    stacks: list[Stack] = []

    def create(program: str | Path = "", **options: Any) -> Stack:
        stack = Stack.create(tmp_path / f"stack-{len(stacks)}", program, **options)
        stacks.append(stack)
        return stack

    yield create
    for stack in stacks:
        stack.close()


@pytest.fixture
def stack(stack_factory: StackFactory) -> Stack:
    """Create one stack with an empty program; `Stack.write` replaces it."""
    return stack_factory()


@pytest.fixture
def veza_stack(stack_factory: StackFactory, tenant: Tenant) -> Stack:
    """Create one stack with an empty program, whose settings lead to the test's tenant."""
    return stack_factory(environment=tenant.env())


@pytest.fixture
def team(tenant: Tenant, veza_stack: Stack) -> Team:
    """Create a profile without members, and a stack with an empty program."""
    return Team(tenant, veza_stack)
