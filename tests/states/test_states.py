"""What a past release left behind plans as empty, and is read as it is."""

from __future__ import annotations

import json

import pytest

from pulumi_veza.resources import KINDS
from pulumi_veza.rules.identity import BY_MEMBERSHIP
from tests.states.release import RELEASES, Release
from tests.support.kinds import fixed
from tests.support.stack import Stack
from tests.support.tenant import Tenant

every_release = pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)


@every_release
@pytest.mark.catalogue(16)
def test_a_past_release_is_no_change(release: Release, veza_stack: Stack, tenant: Tenant) -> None:
    release.seed(tenant)
    tenant.clear_requests()
    state = veza_stack.root / "state.json"
    state.write_text(json.dumps(release.state_at(tenant)))
    veza_stack.run("stack", "import", "--file", str(state))
    veza_stack.write(release.program)
    before = veza_stack.resources()
    veza_stack.preview("--expect-no-changes")
    veza_stack.refresh("--expect-no-changes")
    veza_stack.up("--expect-no-changes", skip_preview=True)
    assert veza_stack.resources().keys() == before.keys()
    assert tenant.requests(mutating=True) == []


@every_release
@pytest.mark.catalogue(16)
def test_a_past_release_can_be_destroyed(release: Release, veza_stack: Stack, tenant: Tenant) -> None:
    release.seed(tenant)
    state = veza_stack.root / "state.json"
    state.write_text(json.dumps(release.state_at(tenant)))
    veza_stack.run("stack", "import", "--file", str(state))
    veza_stack.destroy(skip_preview=True)
    assert veza_stack.resources() == {}
    # Whom a birthright policy made a member stays one.
    assert BY_MEMBERSHIP not in tenant.members("Seller").values()
    assert tenant.version("Seller")["inherit_entities_from_access_profiles"] == ["profile-crm"]


def is_older(version: str, than: str) -> bool:
    return [int(part) for part in version.split(".")] < [int(part) for part in than.split(".")]


def test_a_resource_of_every_kind_is_recorded() -> None:
    assert RELEASES
    for release in RELEASES:
        resources = json.loads(release.state_file.read_text())["deployment"]["resources"]
        types = {resource["type"] for resource in resources}
        kinds = [kind for kind in KINDS if not is_older(release.version, fixed(kind).since)]
        assert {f"pulumi-python:dynamic/veza:{kind.__name__}" for kind in kinds} <= types
        assert all(resource["inputs"]["__provider"] for resource in resources if "dynamic" in resource["type"])
