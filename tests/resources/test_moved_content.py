"""Content that moves from a profile to a version of the same program and back: nothing is sent, nobody loses it."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import OURS, Record
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.moved_content import VERSIONS_KEY
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.version import VersionKind
from tests.support.programs import entitlement
from tests.support.runs import Runs
from tests.support.tenant import Tenant

PROFILE, VERSION = Lifecycle(ProfileKind()), Lifecycle(VersionKind())
DESK: JsonObject = {"name": "Desk", "profile_type": "open"}
CONTENT: JsonObject = {"entitlements": [entitlement("00G1")], "inherits_from": ["parent"]}


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": "parent", "name": "Parent", "profile_type": "open"}],
    )


def inputs(lifecycle: Lifecycle, olds: JsonObject | None = None, /, **args: Any) -> JsonObject:
    found, failures = lifecycle.check(olds or {}, {**args, NAME_KEY: "it"})
    assert failures == []
    assert VERSIONS_KEY not in found
    return found


def made(runs: Runs, tenant: Tenant, **args: Any) -> tuple[str, JsonObject]:
    runs.new()
    found = PROFILE.create(inputs(PROFILE, **DESK, **args))
    tenant.clear_requests()
    return found


def changed(runs: Runs, id_: str, olds: JsonObject, **args: Any) -> JsonObject:
    """Preview and carry out a change of the profile; return its outputs."""
    runs.new()
    news = inputs(PROFILE, olds, **DESK, **args)
    assert PROFILE.diff(id_, olds, news).changes
    return PROFILE.update(id_, olds, news)


def bodies(tenant: Tenant) -> list[JsonObject]:
    return [each["body"] for each in tenant.requests(mutating=True)]


def told(selector: str, *written: str) -> dict[str, Any]:
    return {VERSIONS_KEY: [[selector, ["profile_id", *written]]]}


@pytest.mark.parametrize("selector", ["current", "1"])
def test_content_that_a_version_writes_is_left_to_it_and_taken_back_without_a_request(
    runs: Runs, tenant: Tenant, selector: str
) -> None:
    id_, state = made(runs, tenant, **CONTENT, access_request_policy_id="policy")
    state = changed(runs, id_, state, **told(selector, *CONTENT, "access_request_policy_id"))
    assert state.get("entitlements") is None
    (said,) = (each for each in runs.said if "content" in each)
    assert "its content stays as it is: an AccessProfileVersion of this program manages it now" in said
    assert not any("- SalesforceGroup" in each for each in runs.said)
    version = {"profile_id": id_, "version": selector, **CONTENT, "access_request_policy_id": "policy"}
    version_id, held = VERSION.create(inputs(VERSION, **version))
    assert bodies(tenant) == []

    state = changed(runs, id_, state, **CONTENT, access_request_policy_id="policy")
    VERSION.delete(version_id, held)
    assert bodies(tenant) == []
    assert len(state["entitlements"]) == 1


def test_what_no_version_of_the_live_content_writes_is_taken_out_as_ever(runs: Runs, tenant: Tenant) -> None:
    id_, state = made(runs, tenant, **CONTENT)
    changed(runs, id_, state, **told("draft", *CONTENT))
    assert any("its content is taken out" in each for each in runs.said)
    (body,) = bodies(tenant)
    assert not any(body.values())


def test_a_list_that_the_version_does_not_write_is_taken_out_and_the_other_stays(runs: Runs, tenant: Tenant) -> None:
    id_, state = made(runs, tenant, **CONTENT)
    changed(runs, id_, state, **told("current", "entitlements"))
    (body,) = bodies(tenant)
    assert body["inherit_entities_from_access_profiles"] == []
    assert [each["entity_id"] for each in body["entities_to_create_relationships_to"]] == ["00G1"]


def test_content_that_differs_is_sent_when_the_profile_takes_it_back_and_refused_by_a_version(
    runs: Runs, tenant: Tenant
) -> None:
    id_, state = made(runs, tenant, **CONTENT)
    state = changed(runs, id_, state, **told("current", *CONTENT))
    with pytest.raises(RefusedError, match="has content that differs in entitlements"):
        VERSION.create(inputs(VERSION, profile_id=id_, entitlements=[entitlement("00G2")]))
    assert bodies(tenant) == []
    changed(runs, id_, state, entitlements=[entitlement("00G2")], inherits_from=["parent"])
    (body,) = bodies(tenant)
    assert [each["entity_id"] for each in body["entities_to_create_relationships_to"]] == ["00G2"]


def test_a_plan_shows_that_nobody_loses_what_moves_to_a_version(runs: Runs, tenant: Tenant) -> None:
    id_, state = made(runs, tenant, **CONTENT)

    def record(kind: str, op: str, **parts: Any) -> Record:
        return Record(f"urn:pulumi:dev::test::{OURS}{kind}::it", f"{OURS}{kind}", op=op, **parts)

    for written, kept in [(CONTENT, True), ({"entitlements": CONTENT["entitlements"]}, False)]:
        runs.new()
        version = inputs(VERSION, profile_id=id_, **written)
        planned = plan(
            [
                record("AccessProfile", "update", id=id_, old_outputs=state, new_inputs=inputs(PROFILE, state, **DESK)),
                record("AccessProfileVersion", "create", new_inputs=version),
            ]
        )
        profile = next(each for ref, each in planned.after.profiles.items() if ref == id_)
        assert (planned.refusals, len(profile.entitlements)) == ({}, 1)
        assert bool(profile.inherits) is kept
