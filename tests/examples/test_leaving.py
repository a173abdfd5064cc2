"""docs/leaving.md: each recipe is run as written, previews as the page says, and changes nothing in the tenant."""

from __future__ import annotations

import shlex

import pytest

from tests.examples.test_documentation import ROOT, block
from tests.support.fixtures import StackFactory
from tests.support.stack import Stack
from tests.support.tenant import Json, Tenant

LEAVING = (ROOT / "docs" / "leaving.md").read_text()


@pytest.fixture
def stack(stack_factory: StackFactory, demo_tenant: Tenant) -> Stack:
    """Deploy the program that the page leaves."""
    stack = stack_factory(program("start"), name="prod", project="access", environment=demo_tenant.env())
    stack.up(skip_preview=True)
    demo_tenant.clear_requests()
    return stack


def program(*markers: str) -> str:
    return "\n".join(block(LEAVING, each) for each in ("header", *markers))


def follow(stack: Stack, marker: str, written: str) -> None:
    """Deploy a program, whose preview the page shows."""
    stack.write(written)
    preview, _, _ = str(stack.up()).partition("Updating (prod)")
    assert block(LEAVING, f"{marker} preview") in preview


def commands(stack: Stack, marker: str) -> None:
    for line in block(LEAVING, marker).splitlines():
        name, *arguments = shlex.split(line)
        assert name == "pulumi"
        stack.run(*arguments)


def there(tenant: Tenant) -> Json:
    """Return what the tenant holds of the team."""
    return {**tenant.profile("Sales Team"), "people": tenant.members("Sales Team")}


@pytest.mark.slow
def test_one_profile_is_detached_by_the_program_or_by_the_state_and_taken_over_again(
    stack: Stack, demo_tenant: Tenant
) -> None:
    before, known = there(demo_tenant), set(stack.resources())
    follow(stack, "retained", program("retained"))
    follow(stack, "detached", program())
    assert set(stack.resources()) == {"role"}
    # Back again, as the page says that a program which is still there does, and out by the state alone.
    stack.write(program("start"))
    stack.up(skip_preview=True)
    assert set(stack.resources()) == known
    commands(stack, "forget")
    stack.write(program())
    stack.preview("--expect-no-changes")
    assert there(demo_tenant) == before
    assert demo_tenant.requests(mutating=True) == []


@pytest.mark.slow
def test_a_stack_is_left_and_comes_back_with_the_state_that_was_kept_or_without(
    stack: Stack, demo_tenant: Tenant
) -> None:
    before, known = there(demo_tenant), stack.resources()
    commands(stack, "leave")
    assert "organization/access/prod" not in str(stack.run("stack", "ls", "--all"))
    commands(stack, "back")
    assert stack.resources().keys() == known.keys()
    stack.preview("--refresh", "--expect-no-changes")
    commands(stack, "leave")
    stack.run("stack", "init", "prod")
    stack.up(skip_preview=True)
    assert {name: each["id"] for name, each in stack.resources().items()} == {
        name: each["id"] for name, each in known.items()
    }
    assert there(demo_tenant) == before
    assert demo_tenant.requests(mutating=True) == []
