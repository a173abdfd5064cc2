"""What a past release left behind plans as empty, and is read as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.version import Version

from pulumi_veza.resources import KINDS
from pulumi_veza.rules.identity import BY_MEMBERSHIP
from tests.states.release import RELEASES, Release
from tests.support.kinds import fixed
from tests.support.stack import Stack
from tests.support.tenant import Tenant

ROOT = Path(__file__).resolve().parents[2]
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


def test_every_release_of_the_changelog_has_left_its_state_here() -> None:
    headings = re.findall(r"^## (\S+)(?: \((.*)\))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    released = {version for version, when in headings if when != "unreleased"}
    missing = released - {release.version for release in RELEASES}
    assert not missing, f"`python -m tests.states.record VERSION` belongs to a release: {missing}"


def test_a_resource_of_every_kind_is_recorded() -> None:
    assert RELEASES
    for release in RELEASES:
        resources = json.loads(release.state_file.read_text())["deployment"]["resources"]
        types = {resource["type"] for resource in resources}
        kinds = [kind for kind in KINDS if Version(release.version) >= Version(fixed(kind).since)]
        assert {f"pulumi-python:dynamic/veza:{kind.__name__}" for kind in kinds} <= types
        assert all(resource["inputs"]["__provider"] for resource in resources if "dynamic" in resource["type"])
