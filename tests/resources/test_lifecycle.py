"""`pulumi_veza.provider.lifecycle` with the kinds, against the simulated tenant: what the laws do not tell."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.resources.version import VersionKind
from tests.support.runs import Runs
from tests.support.tenant import Tenant

TYPE, PROFILE, VERSION, MEMBERS = map(Lifecycle, (TypeKind(), ProfileKind(), VersionKind(), MembershipKind()))
GROUP = {"entity_type": "Group", "datasource_id": "ds", "entity_id": "g-1"}


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[
            {"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True},
            {"id": "app", "name": "App"},
        ],
        profiles=[{"id": "team", "name": "Team", "profile_type": "open", "members": ["ana", "bob"]}],
    )


def inputs(lifecycle: Lifecycle, resource: str = "it", /, **args: Any) -> JsonObject:
    found, failures = lifecycle.check({}, {**args, NAME_KEY: resource})
    assert failures == []
    return found


def bodies(tenant: Tenant) -> list[tuple[str, JsonObject]]:
    return [(request["method"], request["body"]) for request in tenant.requests(mutating=True)]


def test_two_resources_of_one_object_are_refused_where_the_run_shows_it(runs: Runs) -> None:
    runs.new()
    id_, outs = PROFILE.create(inputs(PROFILE, "one", name="Sales", profile_type="open"))
    news = inputs(PROFILE, "two", name="Sellers", profile_type="open")
    with pytest.raises(RefusedError, match=r"'Sellers' \(.*\) is managed by AccessProfile 'one' already"):
        PROFILE.diff(id_, {**outs, NAME_KEY: "two"}, news)
    _, failures = PROFILE.check({}, {"name": "Sales", "profile_type": "open", NAME_KEY: "two"})
    assert "AccessProfile 'one'" in failures[0].reason
    runs.new()
    assert PROFILE.diff(id_, outs, inputs(PROFILE, "renamed", name="Sales", profile_type="open")).changes is False
    assert PROFILE.diff(id_, outs, outs).changes is False


def test_a_refresh_claims_nothing_for_what_the_program_declares_no_more(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    id_, profile = PROFILE.create(inputs(PROFILE, "one", name="Sales", profile_type="open"))
    set_id, members = MEMBERS.create(inputs(MEMBERS, "one", profile_id=id_, identity_ids=["ana"]))
    runs.new()
    # What `pulumi up --refresh` and `pulumi destroy --refresh` ask first, of everything in the state.
    assert PROFILE.diff(id_, profile, profile).changes is False
    assert MEMBERS.diff(set_id, members, members).changes is False
    MEMBERS.delete(set_id, members)
    PROFILE.delete(id_, profile)
    assert tenant.members(id_) == {}
    assert tenant.profile(id_)["state"] == "PAUSED"


def test_what_another_resource_has_taken_over_is_not_paused(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    id_, outs = PROFILE.create(inputs(PROFILE, "one", name="Sales", profile_type="open"))
    session = runs.new()
    again, _ = PROFILE.create(inputs(PROFILE, "two", name="Sales", profile_type="open"))
    assert again == id_
    tenant.clear_requests()
    PROFILE.delete(id_, outs)
    assert tenant.requests(mutating=True) == []
    assert str(session.claims.holder(("profile", id_))) == "AccessProfile 'two'"
    assert any("stays as it is: AccessProfile 'two' manages it now" in each for each in runs.said)


def test_a_paused_profile_that_is_taken_over_is_said_to_run_for_its_members(runs: Runs, tenant: Tenant) -> None:
    tenant.edit_profile("Team", state="PAUSED")
    runs.new()
    PROFILE.create(inputs(PROFILE, "team", name="Team", profile_type="open"))
    assert tenant.profile("Team")["state"] == "RUNNING"
    (said,) = runs.said
    assert said.endswith("; it was PAUSED and becomes RUNNING, for whoever is a member already")


def test_a_change_of_an_option_alone_sends_nothing(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    id_, outs = PROFILE.create(inputs(PROFILE, name="Sales", profile_type="open", labels=["a"]))
    runs.new()
    tenant.clear_requests()
    news = inputs(PROFILE, name="Sales", profile_type="open", labels=["a"], on_destroy="retain")
    assert PROFILE.diff(id_, outs, news).changes
    updated = PROFILE.update(id_, outs, news)
    assert updated == {**outs, "on_destroy": "retain"}
    assert tenant.requests() == []


def test_an_update_sends_only_what_changed_and_a_content_always_with_both_lists(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    args: dict[str, Any] = {"name": "Sales", "profile_type": "open", "description": "d", "entitlements": [GROUP]}
    id_, outs = PROFILE.create(inputs(PROFILE, **args, labels=["a"]))
    runs.new()
    tenant.clear_requests()
    PROFILE.update(id_, outs, inputs(PROFILE, **{**args, "entitlements": []}, labels=["b"]))
    assert bodies(tenant) == [
        ("PATCH", {"labels": ["b"]}),
        ("PATCH", {"entities_to_create_relationships_to": [], "inherit_entities_from_access_profiles": []}),
    ]


@pytest.mark.parametrize("back", [False, True], ids=["to an application", "from an application"])
def test_a_profile_can_get_a_type_that_forbids_what_it_holds(back: bool, runs: Runs, tenant: Tenant) -> None:
    runs.new()
    open_ = {"name": "Sales", "profile_type": "open", "entitlements": [GROUP], "inherits_from": ["team"]}
    application = {"name": "Sales", "profile_type": "app", "application_datasource_id": "ds"}
    first, second = (application, open_) if back else (open_, application)
    id_, outs = PROFILE.create(inputs(PROFILE, **first))
    runs.new()
    outs = PROFILE.update(id_, outs, inputs(PROFILE, **second))
    live = tenant.profile("Sales")
    assert live["profile_type"] == second["profile_type"]
    version = live["current_version"]
    assert len(version["entities_to_create_relationships_to"]) == len(second.get("entitlements", []))
    assert version["inherit_entities_from_access_profiles"] == second.get("inherits_from", [])
    assert version["application_datasource_id"] == second.get("application_datasource_id", "")


def test_a_state_of_a_version_that_is_no_longer_written_is_no_longer_managed(runs: Runs, tenant: Tenant) -> None:
    draft = tenant.create_draft("team")
    runs.new()
    id_, outs = VERSION.create(inputs(VERSION, profile_id="team", version=draft, state="PUBLISHED"))
    assert tenant.profile("team")["current_version_number"] == draft
    runs.new()
    tenant.clear_requests()
    news = inputs(VERSION, profile_id="team", version=draft)
    assert VERSION.diff(id_, outs, news).changes
    outs = VERSION.update(id_, outs, news)
    assert tenant.requests(mutating=True) == []
    assert VERSION.diff(id_, outs, news).changes is False


def test_an_object_that_is_null_in_the_tenant_is_empty_there_and_is_sent(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(profiles=[{"id": "connected", "name": "Connected", "profile_type": "app"}])
    assert tenant.version("connected")["application_sync_identity_action"] is None
    tenant.clear_requests()
    action = {"policy_id": "p", "name": "n"}
    runs.new()
    id_, outs = VERSION.create(inputs(VERSION, profile_id="connected", application_sync_identity_action=action))
    assert tenant.version("connected")["application_sync_identity_action"] == action
    tenant.edit_profile("connected", version=1, application_sync_identity_action=None)
    runs.new()
    read = VERSION.read(id_, outs)
    assert read is not None
    assert read[0]["application_sync_identity_action"] == {}


def test_a_preview_shows_an_entitlement_of_which_a_part_is_not_known_yet_as_changed(runs: Runs) -> None:
    runs.new()
    args = {"profile_id": "team", "entitlements": [{**GROUP, "sync_identity_action": {"policy_id": "p", "name": "n"}}]}
    id_, outs = VERSION.create(inputs(VERSION, **args))
    runs.new()
    computed = {"profile_id": "team", "entitlements": [{**GROUP, "sync_identity_action": UNKNOWN}]}
    assert VERSION.diff(id_, outs, inputs(VERSION, **computed)).changes
    assert any("entitlements (~ Group ds/g-1)" in each for each in runs.said)


def test_a_type_that_is_replaced_says_what_stays_behind(runs: Runs) -> None:
    runs.new()
    id_, outs = TYPE.create(inputs(TYPE, name="Role"))
    runs.new()
    diff = TYPE.diff(id_, outs, inputs(TYPE, name="Role", max_entitlements=3))
    assert (diff.changes, diff.replaces) == (True, ["max_entitlements"])
    assert any(id_ in each and "'Role'" in each and each.startswith("warning: ") for each in runs.said)


@pytest.mark.parametrize("lifecycle", [TYPE, PROFILE, VERSION, MEMBERS], ids=lambda each: each.kind.name)
def test_a_delete_that_is_prevented_says_how_to_go_on(lifecycle: Lifecycle, runs: Runs, tenant: Tenant) -> None:
    runs.new()
    tenant.clear_requests()
    with pytest.raises(RefusedError, match=r'it.* has on_destroy="prevent"; to destroy it, .*pulumi state delete'):
        lifecycle.delete("team/versions/current", {"on_destroy": "prevent", NAME_KEY: "it"})
    assert tenant.requests() == []


def test_what_is_only_looked_up_gives_every_field_and_no_inputs(runs: Runs) -> None:
    runs.new()
    found = PROFILE.read("team", {})
    assert found is not None
    outs, given = found
    assert given is None
    assert (outs["name"], outs["state"], outs["current_version_number"]) == ("Team", "RUNNING", 1)
    found = MEMBERS.read("team/versions/current/members", {})
    assert found is not None
    assert found[0]["identity_ids"] == {"ana": "ana", "bob": "bob"}
    with pytest.raises(RefusedError, match="AccessProfile 'gone' does not exist in this tenant; check the id"):
        PROFILE.read("gone", {})
    with pytest.raises(RefusedError, match="'team' is not the id of a version"):
        VERSION.read("team", {})


def test_a_new_authoritative_set_says_whom_its_create_may_remove_unless_the_profile_is_new_too(runs: Runs) -> None:
    runs.new()
    authoritative = {"mode": "authoritative", "identity_ids": ["ana", "bob"]}
    listed = inputs(MEMBERS, "all", profile_id="team", **authoritative)
    joining, said = runs.said
    assert joining == "info: MembershipSet 'all': 2 people join: ana, bob (unless they are members already)"
    assert said.startswith(
        "info: a new authoritative set also removes whom somebody added by hand and it does not list"
    )
    inputs(MEMBERS, "other", profile_id="p-other", **authoritative)
    assert said not in runs.said[2:], "it is said once in a run"
    _, outs = MEMBERS.create(listed)
    runs.new()
    assert MEMBERS.check(outs, {**authoritative, "profile_id": "team", NAME_KEY: "all"})[1] == []
    id_, _ = PROFILE.create(inputs(PROFILE, "new", name="New", profile_type="open"))
    inputs(MEMBERS, "new", profile_id=id_, **authoritative)
    assert runs.said == ["info: MembershipSet 'new': 2 people join: ana, bob"]


@pytest.mark.parametrize("first", ["additive", "authoritative"])
def test_an_authoritative_set_beside_another_one_is_warned_of_in_whatever_order(first: str, runs: Runs) -> None:
    modes = ["additive", "authoritative"] if first == "additive" else ["authoritative", "additive"]
    runs.new()
    for mode in modes:
        inputs(MEMBERS, mode, profile_id="team", identity_ids=["ana"], mode=mode)
    (said,) = [each for each in runs.said if each.startswith("warning: ")]
    assert f"MembershipSet {modes[1]!r}: shares the members of the current version of access profile team with" in said
    assert f"MembershipSet {modes[0]!r}, and one of them is authoritative" in said
    runs.new()
    inputs(MEMBERS, "one", profile_id="team", identity_ids=["ana"])
    inputs(MEMBERS, "two", profile_id="team", identity_ids=["bob"])
    inputs(MEMBERS, "three", profile_id="team", identity_ids=[], mode="audit")
    assert [each for each in runs.said if "shares" in each and "'t" in each] == []


def test_a_required_value_that_is_missing_after_a_failure_is_refused_by_the_create_and_not_by_the_check(
    runs: Runs,
) -> None:
    news = {NAME_KEY: "team", "identity_ids": ["ana"]}
    session = runs.new()
    (failure,) = MEMBERS.check({}, news)[1]
    assert "is required; add profile_id=..." in failure.reason
    session.has_failed = True
    checked, failures = MEMBERS.check({}, news)
    assert failures == []
    with pytest.raises(RefusedError, match="MembershipSet 'team' was not created, as nothing gives profile_id"):
        MEMBERS.create(checked)
