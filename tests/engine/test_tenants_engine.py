"""Which tenant a stack is about: recorded in its state, held against every run, and each reached with its own key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.fixtures import StackFactory
from tests.support.programs import Code, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant

TYPE = {"id": "t-role", "name": "Role"}
TEAM = (
    resource("AccessProfileType", "role", name="Role"),
    resource("AccessProfile", "team", name="Team", profile_type=Code("role.id")),
    resource("MembershipSet", "members", profile_id=Code("team.id"), identity_ids=["ana", "bob"], mode="authoritative"),
)


@pytest.fixture
def other() -> Iterator[Tenant]:
    """Start a second tenant, with a key of its own."""
    with Tenant.start(token="the-key-of-the-other") as running:  # noqa: S106 - opens a simulator
        running.seed(types=[TYPE], identities=["ana", "bob"])
        running.clear_requests()
        yield running


def tenants(stack: Stack) -> set[str | None]:
    """Return the addresses in the state."""
    return {each["outputs"].get("__tenant") for each in stack.resources().values()}


def kept(stack: Stack) -> dict[str, Any]:
    """Return what the state has of each resource."""
    return {name: [each[part] for part in ("id", "inputs", "outputs")] for name, each in stack.resources().items()}


def refused(result: Result, *addresses: str) -> list[str]:
    """Return the refusals of a run that failed, each of which names these addresses."""
    assert result.returncode != 0
    assert "Traceback" not in result
    lines = [line for line in result.diagnostics if "belongs to the tenant" in line]
    assert lines
    assert all(address in line for address in addresses for line in lines)
    return lines


@pytest.mark.slow
def test_another_tenant_is_refused_in_every_operation_until_its_move_is_confirmed(
    stack_factory: StackFactory, tenant: Tenant, other: Tenant
) -> None:
    tenant.seed(types=[TYPE], identities=["ana", "bob"])
    moved = tenant.url.replace("127.0.0.1", "localhost")
    stack = stack_factory(
        program(*TEAM, "looked_up = veza.AccessProfileType.get('looked-up', role.id)"), environment=tenant.env()
    )
    _, _, diagnostics = str(stack.up(skip_preview=True)).partition("Diagnostics:")
    assert diagnostics.count(f"tenant: {tenant.url}\n") == 1
    assert tenants(stack) == {tenant.url}
    held = kept(stack)
    tenant.clear_requests()

    stack.environment = dict(other.env())
    for operation in (stack.preview, stack.refresh, stack.destroy, stack.up):
        skipping: dict[str, Any] = {} if operation == stack.preview else {"skip_preview": True}
        lines = refused(operation(check=False, **skipping), tenant.url, other.url)
        assert f"VEZA_TENANT_MOVED='{tenant.url}={other.url}'" in lines[0]
    assert kept(stack) == held
    assert other.requests(mutating=True) == []
    # Another move than the one that is confirmed.
    stack.environment["VEZA_TENANT_MOVED"] = f"{moved}={other.url}"
    refused(stack.preview(check=False), tenant.url, other.url)
    assert tenant.requests() == []

    stack.environment = {**tenant.env(), "VEZA_URL": moved}
    refused(stack.preview(check=False), tenant.url, moved)
    stack.environment["VEZA_TENANT_MOVED"] = "yes"
    assert "VEZA_TENANT_MOVED names no two addresses: write" in stack.preview(check=False)
    stack.environment["VEZA_TENANT_MOVED"] = f"{tenant.url}/={moved.upper()}"
    tenant.clear_requests()
    assert "~ 3 updated" in stack.up(skip_preview=True)
    assert tenant.requests(mutating=True, path="") == []
    assert tenant.requests(path="members") == []
    assert tenants(stack) == {moved}
    stack.environment["VEZA_TENANT_MOVED"] = None
    stack.preview("--expect-no-changes")

    stack.environment = {**tenant.env(), "VEZA_TENANT_MOVED": f"{moved}={tenant.url}"}
    assert not re.search(
        "Type role +updated|Profile team +updated|Set members +updated", str(stack.refresh(skip_preview=True))
    )
    assert tenants(stack) == {tenant.url}
    stack.environment["VEZA_TENANT_MOVED"] = None
    stack.preview("--expect-no-changes")


@pytest.mark.slow
def test_a_state_that_names_no_tenant_is_accepted_and_names_it_after_the_next_read(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    tenant.seed(types=[TYPE], identities=["ana", "bob"])
    stack = stack_factory(program(*TEAM), environment=tenant.env())
    stack.up(skip_preview=True)
    state = stack.export()
    for each in state["deployment"]["resources"]:
        (each.get("outputs") or {}).pop("__tenant", None)
    file = stack.root / "state.json"
    file.write_text(json.dumps(state))
    stack.run("stack", "import", "--file", str(file))
    assert tenants(stack) == {None}
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes", skip_preview=True)
    assert tenants(stack) == {tenant.url}


TWO = """
import pulumi
import pulumi_veza as veza

second = pulumi.ProviderResource(
    "pulumi-python", "second", {{"veza:url": {url!r}, "veza:apiKey": pulumi.Output.secret({key!r})}}
)


class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Team", name, None, opts)
        role = veza.AccessProfileType(f"{{name}}-role", name="Role", opts=pulumi.ResourceOptions(parent=self))
        team = veza.AccessProfile(
            f"{{name}}-team", name="Team", profile_type=role.id, labels=[name], opts=pulumi.ResourceOptions(parent=self)
        )
        veza.MembershipSet(
            f"{{name}}-members", profile_id=team.id, identity_ids=["ana"], opts=pulumi.ResourceOptions(parent=self)
        )


Team("here")
Team("there", pulumi.ResourceOptions(providers=[second]))
desk = veza.AccessProfile(
    "desk", name="Desk", profile_type="t-role", labels=["there"], opts=pulumi.ResourceOptions(provider=second)
)
pulumi.export("looked up", veza.get_access_profile_type(name="Role").id)
"""


def labels(tenant: Tenant) -> dict[str, list[str]]:
    """Return the labels of each profile by name."""
    return {each["name"]: each["labels"] for each in tenant.profiles()}


def no_key_was_refused(*tenants: Tenant) -> bool:
    """Return whether every call came with the key of its tenant, and every tenant was called."""
    return all((logged := each.requests()) and all(call["status"] != 401 for call in logged) for each in tenants)


def test_an_explicit_provider_reaches_its_tenant_with_its_key_beside_the_environments(
    stack_factory: StackFactory, tenant: Tenant, other: Tenant
) -> None:
    tenant.seed(types=[{"id": "t-here", "name": "Role"}], identities=["ana"])
    stack = stack_factory(TWO.format(url=other.url, key=other.token), environment=tenant.env())
    made = stack.up(skip_preview=True)
    assert f"info: tenant: {tenant.url}\n" in made
    assert f"info: tenant: {other.url}\n" in made
    assert f"warning: VEZA_URL names {tenant.url}, which is not used" in made
    assert labels(tenant) == {"Team": ["here"]}
    assert labels(other) == {"Team": ["there"], "Desk": ["there"]}
    assert tenant.members("Team").keys() == other.members("Team").keys() == {"ana"}
    assert stack.outputs() == {"looked up": "t-here"}
    for each in (tenant, other):
        each.change_members("Team", add=["eve"])
    stack.refresh(skip_preview=True)
    stack.preview("--expect-no-changes")
    stack.destroy(skip_preview=True)
    assert {each["state"] for each in (*tenant.profiles(), *other.profiles())} == {"PAUSED"}
    assert no_key_was_refused(tenant, other)
    assert other.token not in json.dumps(stack.export())


def test_two_addresses_of_which_one_has_no_key_are_an_error_that_names_both_and_nothing_is_sent(
    stack_factory: StackFactory, tenant: Tenant, other: Tenant
) -> None:
    """The stack's configuration names one, the environment another with its key; so does an explicit provider."""
    stack = stack_factory(
        program(resource("AccessProfile", "team", name="Team", profile_type="t-role")),
        environment=tenant.env(),
        config={"veza:url": other.url},
    )
    keyless = f'pulumi.ProviderResource("pulumi-python", "second", {{"veza:url": {other.url!r}}})'
    by_provider = program(
        resource("AccessProfile", "team", {"provider": Code(keyless)}, name="Team", profile_type="t-role")
    )
    said = (f"VEZA_URL names {tenant.url}, and veza:url names {other.url}", "unset VEZA_URL or correct veza:url")
    for text, expected in (
        (None, said),
        (by_provider, said),
        # Without the namespace it would be nobody's, and the environment's tenant would be taken.
        (by_provider.replace("veza:url", "url"), ("'url' is not a setting; did you mean veza:url?",)),
    ):
        if text:
            stack.config_file.unlink(missing_ok=True)
            stack.write(text)
        refused = stack.up(check=False, skip_preview=True)
        assert refused.returncode != 0
        assert all(each in refused for each in expected)
    assert tenant.requests() == other.requests() == []


INLINE = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pulumi
import pulumi_veza as veza
from pulumi import automation


def program():
    role = veza.get_access_profile_type(name="Role")
    team = veza.AccessProfile("team", name="Team", profile_type=role.id, labels=[pulumi.get_stack()])
    veza.MembershipSet("members", profile_id=team.id, identity_ids=["ana"])
    pulumi.export("role", veza.get_access_profile_type(name="Role").id)


def up(name, url, key):
    stack = automation.create_or_select_stack(stack_name=name, project_name="inline", program=program)
    stack.set_config("veza:url", automation.ConfigValue(url))
    stack.set_config("veza:apiKey", automation.ConfigValue(key, secret=True))
    found = stack.up(color="never")
    stack.preview(expect_no_changes=True, color="never")
    return {"role": found.outputs["role"].value, "said": found.stdout}


with ThreadPoolExecutor(2) as threads:
    found = list(threads.map(lambda asked: up(*asked), json.loads(sys.argv[1])))
print(json.dumps(found))
"""


@pytest.mark.slow
def test_two_inline_programs_of_one_process_reach_each_its_own_tenant_at_the_same_time(
    stack: Stack, tenant: Tenant, other: Tenant
) -> None:
    for role, each in (("t-here", tenant), ("t-there", other)):
        each.reset()
        each.seed(types=[{"id": role, "name": "Role"}], identities=["ana"])
    asked = json.dumps([["here", tenant.url, tenant.token], ["there", other.url, other.token]])
    done = subprocess.run(
        [sys.executable, "-c", INLINE, asked],
        cwd=stack.project,
        env={name: value for name, value in stack._environment().items() if name != "PULUMI_STACK"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    here, there = json.loads(done.stdout.splitlines()[-1])
    assert (here["role"], there["role"]) == ("t-here", "t-there")
    assert f"tenant: {tenant.url}" in here["said"]
    assert f"tenant: {other.url}" in there["said"]
    assert labels(tenant) == {"Team": ["here"]}
    assert labels(other) == {"Team": ["there"]}
    assert no_key_was_refused(tenant, other)


@pytest.mark.slow
def test_a_resource_that_moves_to_another_tenants_provider_is_refused_and_moves_under_another_name(
    stack_factory: StackFactory, tenant: Tenant, other: Tenant
) -> None:
    tenant.seed(types=[TYPE])
    made = {"name": "Team", "profile_type": TYPE["id"]}
    stack = stack_factory(program(resource("AccessProfile", "team", **made)), environment=tenant.env())
    stack.up(skip_preview=True)
    arguments = f'{{"veza:url": {other.url!r}, "veza:apiKey": {other.token!r}}}'
    second = f'second = pulumi.ProviderResource("pulumi-python", "second", {arguments})'
    stack.write(program(second, resource("AccessProfile", "team", {"provider": Code("second")}, **made)))
    (line,) = refused(stack.up(check=False, skip_preview=True), tenant.url, other.url)
    assert line.endswith("For an object of its own in the other tenant, give the resource another name")
    assert other.profiles() == []
    stack.write(program(second, resource("AccessProfile", "there", {"provider": Code("second")}, **made)))
    stack.up(skip_preview=True)
    assert [each["state"] for each in (*tenant.profiles(), *other.profiles())] == ["PAUSED", "RUNNING"]
    assert no_key_was_refused(tenant, other)
