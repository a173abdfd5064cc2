"""Fixtures for the tests on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.fixtures import tenant, tenant_process  # noqa: F401  # fixtures
from tests.support.stack import Stack
from tests.support.team import team  # noqa: F401  # a fixture
from tests.support.tenant import Tenant


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
    """One stack with an empty program; `Stack.write` gives it another."""
    return stack_factory()


@pytest.fixture
def veza_stack(stack_factory: StackFactory, tenant: Tenant) -> Stack:  # noqa: F811
    """One stack with an empty program, whose settings lead to the test's own ``tenant``."""
    return stack_factory(environment=tenant.env())
