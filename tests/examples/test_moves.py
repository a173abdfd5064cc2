"""docs/moves.md: each recipe is run as it is written, previews as the page says, and changes nothing in the tenant."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.examples.test_documentation import block
from tests.support.fixtures import StackFactory
from tests.support.stack import Result, Stack
from tests.support.tenant import Json, Tenant

MOVES = (Path(__file__).resolve().parents[2] / "docs" / "moves.md").read_text()


@pytest.fixture
def stack(stack_factory: StackFactory, demo_tenant: Tenant) -> Stack:
    """Deploy the program that the page begins with."""
    stack = stack_factory(program("start"), name="prod", project="access", environment=demo_tenant.env())
    stack.up(skip_preview=True)
    demo_tenant.clear_requests()
    return stack


def program(*markers: str) -> str:
    return "\n".join(block(MOVES, each) for each in ("header", *markers))


def follow(stack: Stack, marker: str) -> Result:
    """Run a recipe's program, which previews as the page says."""
    stack.write(program(marker))
    result = stack.up()
    preview, _, _ = str(result).partition("Updating (prod)")
    for line in block(MOVES, f"{marker} preview").splitlines():
        assert line in preview, f"{marker}: {line}"
    return result


def commands(stack: Stack, marker: str) -> None:
    for line in block(MOVES, marker).splitlines():
        stack.run(*shlex.split(line)[1:])


def known(stack: Stack) -> dict[str, str]:
    """Return the ids in the state by kind and name."""
    everything = stack.export()["deployment"].get("resources") or []
    ours = [each for each in everything if "dynamic/veza:" in each["type"]]
    return {f"{each['type'].rpartition(':')[2]} {each['urn'].rpartition('::')[2]}": each["id"] for each in ours}


def there(tenant: Tenant) -> Json:
    """Return what the tenant holds of the team."""
    return {**tenant.profile("Sales Team"), "people": tenant.members("Sales Team")}


@pytest.mark.slow
def test_a_rename_a_component_a_version_and_a_split_write_nothing(stack: Stack, demo_tenant: Tenant) -> None:
    before, ids = there(demo_tenant), set(known(stack).values())
    assert set(before["people"]) == {"id-karin.holm", "id-liam.byrne", "id-ana.ruiz"}
    follow(stack, "renamed")
    stack.write(program("renamed").replace(", opts=was", ""))
    stack.preview("--expect-no-changes")
    follow(stack, "component")
    assert set(known(stack).values()) == ids
    follow(stack, "out")
    assert set(known(stack).values()) == ids
    follow(stack, "version")
    stack.preview("--refresh", "--expect-no-changes")
    assert set(known(stack)) == {
        "AccessProfileType role",
        "AccessProfile sales",
        "AccessProfileVersion sales",
        "MembershipSet sales",
    }
    follow(stack, "back")
    follow(stack, "split")
    stack.preview("--refresh", "--expect-no-changes")
    assert there(demo_tenant) == before
    assert demo_tenant.requests(mutating=True) == []


@pytest.mark.slow
def test_a_stack_is_split_in_two_without_a_write(
    stack: Stack, stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    before, ids = there(demo_tenant), known(stack)
    stack.write(program("split"))
    stack.up(skip_preview=True)
    second = stack_factory(
        block(MOVES, "moved"),
        name="prod",
        project="access-sales",
        environment={**demo_tenant.env(), "PULUMI_BACKEND_URL": stack.backend.as_uri()},
    )
    stack.write(block(MOVES, "remaining"))
    commands(second, "move")
    second.preview("--expect-no-changes")
    for each in (stack, second):
        each.preview("--refresh", "--expect-no-changes")
    assert known(stack) == {"AccessProfileType role": ids["AccessProfileType role"]}
    assert known(second).keys() == {"AccessProfile sales", "MembershipSet sales", "MembershipSet sales-nordics"}
    assert known(second)["AccessProfile sales"] == ids["AccessProfile sales"]
    assert there(demo_tenant) == before
    assert demo_tenant.requests(mutating=True) == []
