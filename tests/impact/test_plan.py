"""What the provider will do: to members, to content, to what is destroyed and replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pulumi_veza.access.organisation import Organisation, ProfileType, Ref
from pulumi_veza.impact import building
from pulumi_veza.plan import state
from pulumi_veza.plan.planning import organisations, plan
from pulumi_veza.plan.records import UNKNOWN
from pulumi_veza.rules.wording import sentence
from tests.impact.stacks import (
    OPTIONS,
    group,
    groups,
    members,
    of_type,
    profile,
    record,
    requests,
    rows,
    texts,
    urn,
)

RUNNING = {"entitlements": groups("a")}


def after(*records: object) -> set[str]:
    """List the members of the profile ``p`` after the plan."""
    return set(organisations(records)[1].members[Ref("id-p")])  # type: ignore[arg-type]


def test_an_additive_set_leaves_others_alone() -> None:
    assert after(of_type(), profile("p", RUNNING), members("p", ["ada"], ["ben"], others=["cai"])) == {"ben", "cai"}


def test_an_authoritative_set_removes_who_was_added_by_hand_and_nobody_of_another_source() -> None:
    by_policy = {"dee": {"id": "dee", "name": None, "source": "BIRTHRIGHT", "managed": False}}
    by_hand = {"cai": {"id": "cai", "name": None, "source": "ACCESS_PROFILE_MEMBERSHIP", "managed": False}}
    who = members(
        "p", ["ada"], ["ada", "ben"], options={"mode": "authoritative"}, outputs={"members": {**by_policy, **by_hand}}
    )
    assert after(of_type(), profile("p", RUNNING), who) == {"ada", "ben", "dee"}


def test_a_set_that_becomes_authoritative_removes_nobody_whom_it_did_not_list() -> None:
    who = members("p", ["ada"], ["ben"], others=["cai"], options={"mode": "authoritative"}, before={"mode": "additive"})
    assert after(of_type(), profile("p", RUNNING), who) == {"ben", "cai"}


def test_an_audit_changes_nothing() -> None:
    who = members("p", ["ada"], ["ben"], options={"mode": "audit"}, others=["ada"])
    assert after(of_type(), profile("p", RUNNING), who) == {"ada"}
    assert requests(of_type(), profile("p", RUNNING), who) == []


def test_a_change_of_options_alone_sends_nothing() -> None:
    who = members("p", ["ada"], ["ada"], others=["cai"], options={"mode": "authoritative", "max_removal_percent": 50},
                  before={"max_removal_percent": 20})  # fmt: skip
    assert who.op == "update"
    assert after(of_type(), profile("p", RUNNING), who) == {"ada", "cai"}


def test_what_failed_last_time_is_tried_again_and_stays_in_doubt() -> None:
    who = members("p", ["ada"], ["ada"], op="update", outputs={"members": {}, "failures": {"ada": "no such identity"}})
    assert rows(of_type(), profile("p", RUNNING), who) == ["ada potentially gained a by p"]


def test_nobody_is_removed_whom_another_set_lists() -> None:
    one, other = members("p", ["ada", "ben"], ["ben"], name="one"), members("p", ["ada"], ["ada"], name="other")
    assert after(of_type(), profile("p", RUNNING), one, other) == {"ada", "ben"}
    assert requests(of_type(), profile("p", RUNNING), one, other) == []


@pytest.mark.parametrize(("on_destroy", "left"), [("remove", {"cai"}), ("retain", {"ada", "cai"})])
def test_a_set_that_goes_takes_along_whom_it_listed(on_destroy: str, left: set[str]) -> None:
    who = members("p", ["ada"], None, others=["cai"], options={"on_destroy": on_destroy})
    assert after(of_type(), profile("p", RUNNING), who) == left


def test_a_set_that_goes_leaves_whom_another_one_takes_over() -> None:
    gone, new = members("p", ["ada"], None, name="gone"), members("p", None, ["ada"], name="new")
    assert rows(of_type(), profile("p", RUNNING), gone, new) == []
    assert requests(of_type(), profile("p", RUNNING), gone, new) == []


def test_a_set_that_leaves_the_state_without_a_call_removes_nobody() -> None:
    who = members("p", ["ada"], None, op="retain")
    assert after(of_type(), profile("p", RUNNING), who) == {"ada"}


def test_a_profile_that_is_destroyed_is_paused_after_its_members_were_removed() -> None:
    gone = profile("p", RUNNING, {})
    assert rows(of_type(), gone, members("p", ["ada"], None)) == ["ada lost a by p"]
    assert requests(of_type(), gone, members("p", ["ada"], None)) == ["DEPROVISION ada in id-p"]


@pytest.mark.parametrize(("on_destroy", "found"), [("pause", ["ada lost a by p"]), ("retain", [])])
def test_a_profile_that_is_destroyed_does_what_it_said(on_destroy: str, found: list[str]) -> None:
    gone = profile("p", {**RUNNING, "on_destroy": on_destroy}, {})
    assert rows(of_type(), gone, members("p", ["ada"], ["ada"])) == found


def test_a_profile_that_is_renamed_in_the_program_alone_stays_what_it_is() -> None:
    gone = profile("p", RUNNING, {})
    common = {"name": "p", "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause"}
    new = record("AccessProfile", "q", None, {**common, **RUNNING})
    will = {"profile_id": UNKNOWN, "version": "current", "mode": "additive", "identity_ids": texts("ada")}
    dependencies = {"profile_id": [urn("AccessProfile", "q")]}
    who = members("p", ["ada"], [], op="replace", new_inputs=will, property_dependencies=dependencies)
    assert rows(of_type(), gone, new, who) == []
    assert requests(of_type(), gone, new, who) == []


def test_a_profile_that_exists_and_differs_is_not_taken_over_and_that_is_said() -> None:
    gone = profile("p", RUNNING, {})
    common = {"name": "p", "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause"}
    new = record("AccessProfile", "q", None, {**common, "entitlements": groups("b"), "adopt": "identical"})
    stack = [of_type(), gone, new, members("p", ["ada"], ["ada"])]
    assert rows(*stack) == []
    assert "profile p exists in Veza already" in building.build(stack).conflicts[0].what


def test_content_that_is_no_longer_written_becomes_empty() -> None:
    taken_out = profile("p", RUNNING, {"description": "x"})
    assert rows(of_type(), taken_out, members("p", ["ada"], ["ada"])) == ["ada lost a by p"]


def version(old: dict[str, object] | None, new: dict[str, object] | None, **more: object) -> object:
    """Return the content of the profile ``p`` as a resource of its own."""
    common = {"profile_id": "id-p", "version": "current", "adopt": "identical", "on_destroy": "retain"}
    was = {**common, **old} if old is not None else None
    will = {**common, **new} if new is not None else None
    return record("AccessProfileVersion", "p", was, will, outputs={"version_number": 1}, **more)


def test_the_content_may_be_a_resource_of_its_own() -> None:
    changed = version({"entitlements": groups("a")}, {"entitlements": groups("b")})
    assert rows(of_type(), profile("p", {}), changed, members("p", ["ada"], ["ada"])) == [
        "ada lost a by p",
        "ada gained b by p",
    ]


@pytest.mark.parametrize(("on_destroy", "found"), [("retain", []), ("clear", ["ada lost a by p"])])
def test_content_that_goes_does_what_it_said(on_destroy: str, found: list[str]) -> None:
    gone = version({"entitlements": groups("a"), "on_destroy": on_destroy}, None)
    assert rows(of_type(), profile("p", {}), gone, members("p", ["ada"], ["ada"])) == found


def test_members_of_a_draft_have_no_effect_yet() -> None:
    draft = {"draft_version_number": 2}
    content = version({"entitlements": groups("a"), "version": "2"}, {"entitlements": groups("a"), "version": "2"})
    will = {"profile_id": "id-p", "version": "2", "mode": "additive", "identity_ids": texts("ada")}
    who = members("p", None, ["ada"], new_inputs=will)
    live = profile("p", RUNNING, outputs=draft)
    assert [row.partition(" by ")[0] for row in rows(of_type(), live, content, who)] == ["ada no effect yet a"]
    assert requests(of_type(), live, content, who) == []


def test_publishing_another_version_leaves_its_members_in_doubt() -> None:
    draft = {"version": "2", "entitlements": groups("b")}
    published = version(draft, {**draft, "state": "PUBLISHED"}, op="update", urn=urn("AccessProfileVersion", "two"))
    live = profile("p", RUNNING, outputs={"draft_version_number": 2})
    found = rows(of_type(), live, published, members("p", ["ada"], ["ada"]))
    assert "ada potentially gained b by p" in found


def test_an_heir_of_a_profile_that_is_taken_over_stays_as_somebody_changed_it() -> None:
    # `base` is another resource of the program now; its id, which the preview does not know, is what it was.
    base = {"name": "base", "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause", **RUNNING}
    gone = record("AccessProfile", "base", base, None)
    new = record("AccessProfile", "again", None, {**base, "adopt": "always"})
    heir = {"name": "heir", "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause"}
    deployed = {**heir, "inherits_from": texts("id-base")}
    unknown = {**heir, "inherits_from": {"(unknown 1)": UNKNOWN}}
    inherits = record(
        "AccessProfile", "heir", deployed, unknown, property_dependencies={"inherits_from": [new.urn]}
    )  # fmt: skip
    stack = [of_type(), gone, new, inherits, members("heir", ["ada"], ["ada"])]
    live = state.known(stack, None)
    by_hand = live.profiles[Ref("id-heir")]
    live.profiles[Ref("id-heir")] = replace(by_hand, inherits=frozenset(), complete=True)
    planned = plan(stack, live)
    assert planned.after.profiles[Ref("id-heir")].inherits == frozenset()


def test_a_type_that_is_replaced_counts_from_now_on() -> None:
    fields = {"name": "open", "allow_create_relationships": True}
    new_type = record(
        "AccessProfileType", "open", {**fields}, {**fields, "remove_entitlement_on_member_upon_update": False},
        op="replace",
    )  # fmt: skip
    moved = profile(
        "p", RUNNING, {"profile_type": UNKNOWN, "entitlements": {}},
        property_dependencies={"profile_type": [urn("AccessProfileType", "open")]},
    )  # fmt: skip
    assert rows(new_type, moved, members("p", ["ada"], ["ada"])) == ["ada kept, no longer governed a by p"]


def test_the_profile_of_a_new_set_whose_members_nobody_has_read_may_have_them_already() -> None:
    taken_over = profile("p", {**RUNNING, "inherits_from": {}}, outputs={"adopted": True})
    assert rows(of_type(), taken_over, members("p", None, ["ada"])) == ["ada potentially gained a by p"]


def test_an_authoritative_set_on_members_that_nobody_has_read_says_so() -> None:
    who = members("p", None, ["ada"], options={"mode": "authoritative"})
    reasons = organisations([of_type(), profile("p", RUNNING), who])[1].unknown_members[Ref("id-p")]
    said = "whoever was added to p by hand is removed, and who that is has not been read"
    assert list(map(sentence, reasons)) == [said]


def test_a_set_says_what_it_changes() -> None:
    changed = plan([of_type(), profile("p", RUNNING), members("p", ["ada", "ben"], ["ben", "cai"])]).sets
    assert [(each.added, each.removed, each.total) for each in changed] == [(("cai",), ("ada",), 2)]


def test_a_change_of_state_beside_a_set_with_a_written_id_leaves_its_requests_in_doubt() -> None:
    paused = profile("p", {**RUNNING, "state": "PAUSED"}, RUNNING)
    assert requests(of_type(), paused, members("p", [], ["ada"])) == ["PROVISION ada in id-p?"]
    depends = {"profile_id": [urn("AccessProfile", "p")]}
    after_it = members("p", [], ["ada"], property_dependencies=depends)
    assert requests(of_type(), paused, after_it) == ["PROVISION ada in id-p"]


def test_an_assigned_entitlement_is_told_from_one_that_is_not() -> None:
    assigned = {"Group ds/a to Role r": group("a", assigned_to_entity_type="Role", assigned_to_entity_id="r")}
    changed = profile("p", {"entitlements": groups("a")}, {"entitlements": assigned})
    assert rows(of_type(), changed, members("p", ["ada"], ["ada"])) == [
        "ada lost a by p",
        "ada gained a to Role r by p",
    ]


def test_a_set_that_sends_nothing_sends_nothing_because_of_another_one_that_lists_less() -> None:
    one = members("p", ["ada", "ben"], ["ben"], name="one")
    audit_no_more = {"mode": "additive", "on_member_failure": "warn"}
    other = members(
        "p", ["ada", "cai"], ["ada", "cai"], name="other", options=audit_no_more, before={"mode": "audit"},
        outputs={"members": {}},
    )  # fmt: skip
    assert rows(of_type(), profile("p", RUNNING), one, other) == []
    assert requests(of_type(), profile("p", RUNNING), one, other) == []
    assert rows(of_type(), profile("p", RUNNING), members("p", ["ben"], ["ben"], name="one"), other) == []


def moved_to_itself(mode: str, **more: object) -> object:
    """Return a set that is to be replaced as its profile is a new resource, which takes over the profile it was of."""
    will = {"profile_id": UNKNOWN, "version": "current", **OPTIONS, "mode": mode, "identity_ids": texts("ada")}
    dependencies = {"profile_id": [urn("AccessProfile", "q")]}
    return members(
        "p", ["ada"], ["ada"], others=["cai"], op="replace", options={"mode": mode},
        new_inputs={**will, **more}, property_dependencies=dependencies,
    )  # fmt: skip


def test_a_replacement_that_only_an_id_not_known_yet_asks_for_does_not_happen() -> None:
    gone = profile("p", RUNNING, {})
    common = {"name": "p", "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause"}
    new = record("AccessProfile", "q", None, {**common, **RUNNING})
    assert after(of_type(), gone, new, moved_to_itself("authoritative")) == {"ada", "cai"}
    changed = moved_to_itself("authoritative", identity_ids=texts("ben"))
    assert after(of_type(), gone, new, changed) == {"ben"}
    asked = requests(of_type(), gone, new, changed)
    assert asked == ["DEPROVISION ada in id-p", "PROVISION ben in id-p", "DEPROVISION cai in id-p"]


def test_an_id_of_a_profile_that_comes_by_way_of_a_type_is_not_the_types() -> None:
    fields = {"name": "new", "allow_create_relationships": True}
    of_new_type = record("AccessProfileType", "new", None, fields)
    will = {"profile_id": UNKNOWN, "version": "current", "entitlements": groups("a")}
    by_way = {"profile_id": [of_new_type.urn]}
    content = record("AccessProfileVersion", "p", None, will, property_dependencies=by_way)
    planned = plan([of_new_type, content])
    assert planned.after.profiles == {}
    (said,) = planned.after.unknown_members[Ref(content.urn)]
    assert sentence(said) == "which profile AccessProfileVersion 'p' belongs to is not known before `pulumi up`"


def test_a_profile_that_waits_for_the_approval_to_start_gives_nothing_until_the_program_changes_its_state() -> None:
    waiting = {"outputs": {"__kept": {"state": "PENDING"}}}
    who = members("p", ["ada"], ["ada", "ben"])
    assert rows(of_type(), profile("p", RUNNING, **waiting), who) == ["ben no effect yet a by p"]
    described = {**RUNNING, "description": "Waits"}
    planned = plan([of_type(), profile("p", RUNNING, described, **waiting), who])
    for organisation in (planned.before, planned.after):
        assert organisation.profiles[Ref("id-p")].state == "PENDING"
    assert requests(of_type(), profile("p", RUNNING, described, **waiting), who) == []
    paused = plan([of_type(), profile("p", RUNNING, {**RUNNING, "state": "PAUSED"}, **waiting), who])
    assert paused.after.profiles[Ref("id-p")].state == "PAUSED"


def test_a_type_that_names_another_one_of_the_same_run_is_taken_over_as_well() -> None:
    declared = {"adopt": "identical", "on_destroy": "retain"}
    app = record("AccessProfileType", "z-app", None, {**declared, "name": "App", "max_entitlements": 5})
    named = {"allow_inherited_from_types": {"(unknown 1)": UNKNOWN}}
    role = record(
        "AccessProfileType",
        "a-role",
        None,
        {**declared, "name": "Role", **named},
        property_dependencies={"allow_inherited_from_types": [app.urn]},
    )

    def refs(allowed: list[str]) -> dict[str, str]:
        live = Organisation()
        for ref, name, fields in (
            ("t-app", "App", {"max_entitlements": 5}),
            ("t-role", "Role", {"allow_inherited_from_types": allowed}),
        ):
            live.types[Ref(ref)] = ProfileType(Ref(ref), name, fields)
        planned = plan([app, role], live)
        return {app.name: planned.refs[app.urn], role.name: planned.refs[role.urn]}

    assert refs(["t-app"]) == {"z-app": "t-app", "a-role": "t-role"}
    assert refs(["t-other"])["z-app"] == "t-app"
