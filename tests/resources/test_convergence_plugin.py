"""Programs that ``make chaos`` found not to converge, each reduced to the smallest that failed."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza import AccessProfile, AccessProfileType, MembershipSet
from tests.support.fixtures import Start
from tests.support.tenant import Tenant

GROUP = {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": "00G"}


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "open"}],
        identities=["ana", "bob", "eve"],
    )


def test_content_that_was_written_as_empty_and_is_written_no_more_is_left_alone(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    written: dict[str, Any] = {"name": "Desk", "profile_type": "open"}
    first = run.check(AccessProfile, {**written, "entitlements": []}).inputs
    id_, state = run.create(AccessProfile, first)
    second = run.check(AccessProfile, written, first).inputs
    assert run.diff(AccessProfile, id_, state, second).changes
    tenant.clear_requests()
    state = run.update(AccessProfile, id_, state, second)
    assert tenant.requests(mutating=True) == []
    # Somebody else, or a version of its own, fills it.
    tenant.edit_profile("Desk", entities_to_create_relationships_to=[GROUP])
    later = start(tenant.env())
    _, state, read = later.read(AccessProfile, id_, state)
    assert "entitlements" not in {**state, **(read or {})}
    assert not later.diff(AccessProfile, id_, state, second).changes


def test_content_that_is_written_as_empty_from_now_on_is_emptied(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    written: dict[str, Any] = {"name": "Desk", "profile_type": "open"}
    first = run.check(AccessProfile, written).inputs
    id_, state = run.create(AccessProfile, first)
    tenant.edit_profile("Desk", entities_to_create_relationships_to=[GROUP])
    later = start(tenant.env())
    second = later.check(AccessProfile, {**written, "entitlements": []}, first).inputs
    assert later.diff(AccessProfile, id_, state, second).changes
    state = later.update(AccessProfile, id_, state, second)
    assert tenant.profile("Desk")["current_version"]["entities_to_create_relationships_to"] == []
    assert state["entitlements"] == {}


@pytest.mark.parametrize("quirk", ["omit_empty_fields", "minimal_types"])
def test_a_type_whose_list_leaves_a_field_out_is_not_taken_for_one_that_has_it(
    start: Start, tenant: Tenant, quirk: str
) -> None:
    tenant.seed(types=[{"id": "old", "name": "Role"}])
    tenant.quirks(**{quirk: True})
    run = start(tenant.env())
    wanted = run.check(AccessProfileType, {"name": "Role", "max_entitlements": 3}).inputs
    id_, _ = run.create(AccessProfileType, wanted)
    assert id_ != "old"
    assert tenant.type(id_)["max_entitlements"] == 3
    run.close()
    assert "whose max_entitlements the list does not tell" in run.said


def test_a_profile_changes_its_type_and_what_it_inherits_from_although_that_is_gone(
    start: Start, tenant: Tenant
) -> None:
    tenant.seed(
        types=[{"id": "other", "name": "Other", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": "old", "name": "Old", "profile_type": "open"}],
    )
    run = start(tenant.env())
    written = {"name": "Desk", "profile_type": "open", "entitlements": [GROUP], "inherits_from": ["old"]}
    first = run.check(AccessProfile, written).inputs
    id_, state = run.create(AccessProfile, first)
    tenant.delete_profile("old")
    later = start(tenant.env())
    again = {**written, "profile_type": "other", "inherits_from": ["team"]}
    state = later.update(AccessProfile, id_, state, later.check(AccessProfile, again, first).inputs)
    held = tenant.profile("Desk")
    assert held["profile_type"] == state["profile_type"] == "other"
    assert held["current_version"]["inherit_entities_from_access_profiles"] == ["team"]
    assert len(held["current_version"]["entities_to_create_relationships_to"]) == 1


def test_a_preview_says_that_content_which_is_no_longer_written_is_taken_out(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    written: dict[str, Any] = {"name": "Desk", "profile_type": "open"}
    first = run.check(AccessProfile, {**written, "entitlements": [GROUP]}).inputs
    id_, state = run.create(AccessProfile, first)
    emptied = run.check(AccessProfile, {**written, "entitlements": []}, first).inputs
    assert run.diff(AccessProfile, id_, state, emptied).changes
    second = run.check(AccessProfile, written, first).inputs
    assert run.diff(AccessProfile, id_, state, second).changes
    run.close()
    assert run.said.count("its content is taken out") == 1


def test_a_type_that_loses_a_field_is_replaced_by_another_one_and_not_by_itself(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    first = run.check(AccessProfileType, {"name": "Role", "max_entitlements": 3}).inputs
    old, state = run.create(AccessProfileType, first)
    second = run.check(AccessProfileType, {"name": "Role"}, first).inputs
    assert run.diff(AccessProfileType, old, state, second).replaces == ["max_entitlements"]
    new, _ = run.create(AccessProfileType, second)
    assert new != old
    assert tenant.type(new)["max_entitlements"] is None
    # Both have the name, and are equal in it; the one that was written is found again.
    found, _ = start(tenant.env()).create(AccessProfileType, second)
    assert found == new


def test_a_new_profile_does_not_take_over_the_one_whose_name_is_given_up(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    first = run.check(AccessProfile, {"name": "Desk", "profile_type": "open", "__name": "desk"}).inputs
    id_, state = run.create(AccessProfile, first)
    renamed = {"name": "Front desk", "profile_type": "open", "__name": "desk"}
    new = {"name": "Desk", "profile_type": "open", "__name": "new"}
    too_early = start(tenant.env())
    assert too_early.check(AccessProfile, new).failures == []
    [(_, reason)] = too_early.check(AccessProfile, renamed, first).failures
    assert "AccessProfile 'new', which is new, takes the name that AccessProfile 'desk' gives up" in reason
    in_order = start(tenant.env())
    inputs = in_order.check(AccessProfile, renamed, first).inputs
    assert in_order.diff(AccessProfile, id_, state, inputs).changes
    made, _ = in_order.create(AccessProfile, in_order.check(AccessProfile, new).inputs)
    in_order.update(AccessProfile, id_, state, inputs)
    assert (tenant.profile("Front desk")["id"], tenant.profile("Desk")["id"]) == (id_, made)


def test_a_member_that_moves_into_a_new_set_is_a_member_all_the_time(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    everybody = {"profile_id": "team", "identity_ids": ["ana", "bob"], "max_removal_percent": 100}
    first = run.check(MembershipSet, {**everybody, "__name": "all"}).inputs
    id_, state = run.create(MembershipSet, first)
    tenant.clear_requests()
    later = start(tenant.env())
    left = later.check(MembershipSet, {**everybody, "identity_ids": ["ana"], "__name": "all"}, first).inputs
    new = later.check(MembershipSet, {**everybody, "identity_ids": ["bob"], "__name": "new"}).inputs
    assert later.diff(MembershipSet, id_, state, left).changes
    later.update(MembershipSet, id_, state, left)
    later.create(MembershipSet, new)
    assert tenant.requests(mutating=True) == []
    assert set(tenant.members("team")) == {"ana", "bob"}
