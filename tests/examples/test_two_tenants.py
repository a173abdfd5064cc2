"""The example of two tenants on the real engine."""

from __future__ import annotations

from pathlib import Path

from tests.support.fixtures import StackFactory
from tests.support.tenant import Tenant

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "two-tenants"


def test_each_team_comes_into_being_in_its_own_tenant_with_that_tenants_key(
    stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    with Tenant.start(seed="demo", token="the-key-of-the-second") as second:  # noqa: S106 - opens a simulator
        stack = stack_factory(
            EXAMPLE,
            environment=demo_tenant.env(),
            config={"veza-two-tenants:secondUrl": second.url},
            secrets={"veza-two-tenants:secondApiKey": second.token},
        )
        said = stack.up(skip_preview=True)
        assert f"info: tenant: {demo_tenant.url}\n" in said
        assert f"info: tenant: {second.url}\n" in said
        assert f"warning: VEZA_URL names {demo_tenant.url}, which is not used" in said
        made = stack.outputs()
        for tenant, name, people in ((demo_tenant, "first", {"id-ana.ruiz"}), (second, "second", {"id-ben.okafor"})):
            (profile,) = tenant.profiles()
            assert profile["id"] == made[name]
            assert tenant.members(profile["id"]).keys() == people
            assert {each["status"] for each in tenant.requests()} == {200}
