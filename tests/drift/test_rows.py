"""The rows: one for everything that was changed by hand, is unmanaged, or is not applied, each with its next steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.drift.reading import without_program
from pulumi_veza.drift.rendering.wording import message
from pulumi_veza.fields.schema import Object, SentIn
from pulumi_veza.plan import preview_json
from pulumi_veza.provider.lifecycle import Kind
from pulumi_veza.rules.identity import is_waiting
from tests.drift import company
from tests.drift.compared import compared, exported, of_program, of_state, short
from tests.drift.test_laws import drifted, refreshed
from tests.impact.small_engine import Engine
from tests.states.release import RELEASES, Release
from tests.support.generation.accepted import accepted_arguments, overrides, seed, suiting
from tests.support.generation.arguments import ALL_KINDS, changes, checked
from tests.support.generation.programs import Declared, Ref
from tests.support.programs import entitlement
from tests.support.runs import Runs
from tests.support.tenant import Tenant


def test_everything_that_somebody_did_by_hand_is_one_row_with_its_steps(runs: Runs) -> None:
    engine = company.deployed(runs)
    company.changed_by_hand(runs.tenant)
    document = of_state(engine)
    assert [short(row) for row in document.rows] == company.ROWS
    assert {short(row) for row in document.rows if row.refresh} == {
        row for row in company.ROWS if row[0].endswith("-drift") or row[0] == "object-gone"
    } | {("member-removed-by-hand", "sellers", "bob"), ("member-added-by-hand", "deskers", "dora")}
    by_row = {short(row): row for row in document.rows}
    crm = by_row["attribute-drift", "crm", "description"]
    assert (crm.state, crm.live, crm.program, crm.change) == ("Sells", "By hand", None, "changed")
    assert message(crm) == (
        "AccessProfile 'crm' ('CRM'): description is \"By hand\" in the tenant, \"Sells\" in the state"
    )
    assert crm.steps.adopt == "write description='By hand' in AccessProfile 'crm'"
    assert crm.steps.revert == f"`pulumi up --refresh --target {crm.urn}`"
    assert crm.steps.ignore == (
        "- {rule: attribute-drift, resource: crm.description, owner: WHO, reason: WHY, ticket: WHERE, expires: WHEN}"
    )
    steps = {key: (row.steps.adopt, row.steps.revert) for key, row in by_row.items()}
    added = steps["content-drift", "crm", "entitlements", "SalesforceGroup sf-prod/g3"][0]
    assert added == f"add {entitlement('g3')!r} to entitlements in AccessProfile 'crm'"
    assert steps["member-added-by-hand", "sellers", "dora"] == (
        "add 'dora' to identity_ids in MembershipSet 'sellers'",
        'remove them in Veza, or write mode="authoritative" in the set',
    )
    assert (steps["member-added-by-hand", "deskers", "dora"][1] or "").startswith("`pulumi up --refresh --target ")
    assert steps["unmanaged-profile", "Hand [made]"] == ("`pulumi-veza export DIR --name 'Hand [[]made]'`", None)
    old = by_row["object-gone", "old"]
    assert (old.steps.revert or "").startswith(f"`pulumi up --refresh --target {old.urn} --target-dependents`: ")
    dora = by_row["member-added-by-hand", "sellers", "dora"].member
    assert dora is not None
    assert (dora.name, dora.sources) == ("Dora", ["ACCESS_PROFILE_MEMBERSHIP"])


def test_a_stack_as_it_was_deployed_has_no_drift_and_nothing_is_written(runs: Runs) -> None:
    engine = company.deployed(runs)
    for document in (of_state(engine), of_program(engine, company.declared())):
        assert {row.rule.value for row in document.rows} == {
            "member-added-by-hand", "unmanaged-profile", "unmanaged-type"
        }  # fmt: skip
        assert document.summary.refresh == 0
    assert runs.tenant.requests(mutating=True) == []


def test_each_list_is_asked_for_once_whatever_the_stack_has(runs: Runs) -> None:
    engine = company.deployed(runs)
    engine.up([*company.declared(), Declared("MembershipSet", "more", {"profile_id": "p-audited", "identity_ids": []})])
    runs.tenant.clear_requests()
    of_state(engine)
    asked = [each["path"].partition("/lifecycle_management/")[2] for each in runs.tenant.requests()]
    lists = [each for each in asked if each.endswith("/members")]
    assert sorted(set(asked) - set(lists)) == ["access_profiles", "access_profiles_types"]
    assert len(asked) == len(set(asked)) == 2 + 5
    of_state(engine, all_members=True)
    assert len([each for each in runs.tenant.requests() if each["path"].endswith("/members")]) == 5 + 6


def test_coverage_counts_what_is_managed_and_apart_what_was_not_read(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.change_members("CRM", add=["eve"], created_from="BIRTHRIGHT")
    runs.tenant.change_members("CRM", add=["dora"])
    role, hand = (next(each for each in of_state(engine).coverage if each.name == name) for name in ("Role", "By hand"))
    assert (role.managed, role.profiles, role.profiles_managed) == (True, 4, 4)
    assert (role.memberships, role.memberships_managed, role.memberships_by_policy) == (5, 3, 1)
    assert (hand.managed, hand.profiles, hand.profiles_managed) == (False, 2, 0)
    # The audit of one of the two manages nobody.
    assert (hand.memberships, hand.memberships_managed, hand.members_not_asked) == (2, 0, 1)
    (all_of_it,) = (each for each in of_state(engine, all_members=True).coverage if each.name == "By hand")
    assert (all_of_it.memberships, all_of_it.members_not_asked) == (5, 0)
    runs.tenant.key(hidden_profiles=["p-hand"], member_list=403)
    (without,) = (each for each in of_state(engine, all_members=True).coverage if each.name == "By hand")
    assert (without.profiles, without.memberships) == (1, 2)


def test_what_the_key_does_not_see_is_neither_gone_nor_fine(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.key(hidden_profiles=["CRM"], member_list=403)
    document = of_state(engine)
    unreadable = [row for row in document.rows if row.rule.value == "unreadable"]
    assert [row.resource for row in unreadable] == ["crm", "sellers"]
    assert all("the API key may not see it any more" in message(row) for row in unreadable)
    assert [row for row in document.rows if row.rule.value == "object-gone"] == []
    assert (document.summary.unreadable, document.summary.refresh) == (2, 0)
    # Where the member list answers 404 as well, two witnesses say that it is gone.
    runs.tenant.key(hidden_profiles=["CRM"], member_list=404)
    document = of_state(engine)
    assert [row.resource for row in document.rows if row.rule.value == "object-gone"] == ["crm", "sellers"]
    assert document.summary.unreadable == 0


def test_a_member_list_that_is_refused_calls_nobody_unmanaged(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.change_members("Free", add=["finn"])
    runs.tenant.fault(method="GET", path="/members$", status=403, count=None)
    document = of_state(engine)
    assert [row for row in document.rows if row.member] == []
    assert [row.resource for row in document.rows if row.rule.value == "unreadable"] == [
        "free", "old", "audited", "deskers", "sellers"
    ]  # fmt: skip
    # Another profile was not asked for.
    assert [sum(getattr(each, name) for each in document.coverage) for name in COUNTS] == [0, 5, 1]


def test_what_the_program_says_is_beside_what_is_deployed_and_what_is_there(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.edit_profile("CRM", description="By hand", labels=["sales"])
    runs.tenant.edit_profile("Desk", description="New")
    program = company.declared(
        crm={"description": "Another", "labels": ["sales"]},
        desk={"description": "New"},
        sellers={"identity_ids": ["ana"], "max_removal_percent": 100},
    )
    program = [each for each in program if each.key != "free"]
    program.append(Declared("AccessProfile", "fresh", {"name": "Fresh", "profile_type": "t-hand"}))
    document = of_program(engine, program)
    rows = {short(row): row for row in document.rows if row.rule.value in {"attribute-drift", "change-not-applied"}}
    assert rows.keys() == {
        ("attribute-drift", "crm", "description"),
        ("attribute-drift", "crm", "labels", "vip"),
        ("change-not-applied", "crm", "description"),
        ("change-not-applied", "desk", "description"),
        ("change-not-applied", "free"),
        ("change-not-applied", "fresh"),
        ("change-not-applied", "sellers", "identity_ids"),
        ("change-not-applied", "sellers", "max_removal_percent"),
    }
    description = rows["attribute-drift", "crm", "description"]
    assert (description.program, description.state, description.live) == ("Another", "Sells", "By hand")
    vip = rows["attribute-drift", "crm", "labels", "vip"]
    assert (vip.agrees, vip.steps.adopt, vip.steps.revert) == (
        True, "`pulumi refresh`: the program says the same already", None
    )  # fmt: skip
    # A description that is managed only now differs from nothing that a refresh would look at.
    assert rows["change-not-applied", "desk", "description"].agrees is True
    assert rows["change-not-applied", "desk", "description"].steps.adopt == (
        "`pulumi refresh`: the tenant has it already"
    )
    assert message(rows["change-not-applied", "fresh"]) == "AccessProfile 'fresh' ('Fresh'): is not created yet"
    assert message(rows["change-not-applied", "free"]) == (
        "AccessProfile 'free' ('Free'): is not in the program any more"
    )


def test_a_change_that_the_guard_refuses_is_not_said_to_be_done_by_up(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the command runs the preview.
    monkeypatch.setenv("VEZA_GUARD", "report")
    engine = company.deployed(runs)
    document = of_program(engine, company.declared(sellers={"identity_ids": []}))
    (row,) = (each for each in document.rows if each.rule.value == "change-not-applied")
    assert (row.resource, row.refused) == ("sellers", True)
    assert row.steps.adopt == (
        "`pulumi up`, once what the guard of the set refuses is confirmed: `pulumi-veza impact` says who it is, and how"
    )


def test_of_what_the_program_no_longer_declares_no_step_runs_it_alone(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.change_members("CRM", add=["dora"], remove=["ana"])
    runs.tenant.edit_profile("Free", description="By hand", state="PAUSED")
    program = [each for each in company.declared() if each.key not in {"sellers", "free"}]
    rows = [each for each in of_program(engine, program).rows if each.resource in {"sellers", "free"}]
    assert {each.rule.value for each in rows} >= {"member-removed-by-hand", "attribute-drift", "change-not-applied"}
    for row in rows:
        assert row.leaving
        assert "--target" not in f"{row.steps.adopt} {row.steps.revert}", row
    by_hand = next(each for each in rows if each.rule.value == "member-removed-by-hand")
    assert (by_hand.steps.adopt, by_hand.steps.revert) == (
        None, "declare MembershipSet 'sellers' in the program again, and compare once more"
    )  # fmt: skip


def test_whom_another_set_lists_was_not_added_by_hand(runs: Runs) -> None:
    engine = company.deployed(runs)
    more = Declared("MembershipSet", "more", {"profile_id": Ref("desk"), "identity_ids": ["dora"]})
    engine.up([*company.declared(), more])
    assert "dora" in runs.tenant.members("Desk")
    assert [each for each in of_state(engine).rows if each.member and each.resource != "audited"] == []
    runs.tenant.change_members("Desk", add=["finn"])
    (row,) = (each for each in of_state(engine).rows if each.member and each.resource != "audited")
    assert (row.resource, row.member and row.member.id) == ("deskers", "finn")


def test_a_revert_that_the_guard_refuses_says_so(runs: Runs) -> None:
    engine = company.deployed(runs)
    engine.up(company.declared(deskers={"max_removal_percent": 20}))
    runs.tenant.change_members("Desk", add=["ana", "bob"])
    rows = [each for each in of_state(engine).rows if each.member and each.resource == "deskers"]
    assert [each.refused for each in rows] == [True, True]
    assert all("once what the guard of the set refuses is confirmed" in str(each.steps.revert) for each in rows)


def test_what_a_killed_run_has_made_is_not_called_unmanaged(runs: Runs) -> None:
    engine = company.deployed(runs)
    program = [*company.declared(), Declared("AccessProfile", "fresh", {"name": "Fresh", "profile_type": "t-hand"})]
    runs.tenant.seed(profiles=[{"id": "p-fresh", "name": "Fresh", "profile_type": "t-hand"}])
    document = of_program(engine, program)
    (row,) = (each for each in document.rows if "Fresh" in (each.name or ""))
    assert message(row) == ("AccessProfile 'fresh' ('Fresh'): is not created yet (Veza has one of this name: p-fresh)")
    assert row.steps.adopt == (
        "`pulumi up`, which takes it over if it is as the program says: `pulumi-veza impact` says so before"
    )


def test_a_set_that_moves_lists_nobody_of_the_profile_that_it_leaves(runs: Runs) -> None:
    engine = company.deployed(runs)
    runs.tenant.change_members("Free", add=["bob", "dora"])
    moved = company.declared(sellers={"profile_id": Ref("free"), "max_removal_percent": 100, "allow_emptying": True})
    document = of_program(engine, moved)
    (role,) = (each for each in document.coverage if each.name == "Role")
    assert (role.memberships, role.memberships_managed) == (5, 3)
    # Bob, whom the program lists there, is no stranger; Dora is.
    strangers = [row.member.id for row in document.rows if row.member and row.resource == "sellers"]
    assert strangers == ["dora"]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
def test_a_state_of_a_past_release_has_no_drift(release: Release, tenant: Tenant) -> None:
    release.seed(tenant)
    state = json.dumps(release.state_at(tenant))
    assert drifted(compared(tenant, without_program(preview_json.state(state)))) == []
    tenant.edit_profile("Seller", state="PAUSED")
    document = compared(tenant, without_program(preview_json.state(state)))
    assert [(row.name, row.field) for row in document.rows if row.refresh] == [("Seller", "state")]


def test_nothing_of_a_secret_is_in_any_row(runs: Runs) -> None:
    engine = company.deployed(runs)
    secret = {
        "custom_properties": {"cost": "hush-1"},
        "labels": ["hush-2"],
        "__secrets": ["custom_properties", "labels"],
    }
    engine.up(company.declared(crm=secret))
    runs.tenant.edit_profile("CRM", custom_properties={"cost": "hush-3"}, labels=["hush-4"], description="By hand")
    plain = of_state(engine)
    assert {short(row) for row in plain.rows if row.refresh} == {
        ("attribute-drift", "crm", "custom_properties"),
        ("attribute-drift", "crm", "labels"),
        ("attribute-drift", "crm", "description"),
    }
    assert "hush" not in plain.model_dump_json()
    assert [(row.state, row.live) for row in plain.rows if row.field == "labels"] == [("[secret]", "[secret]")]

    # A state that was exported without its secrets cannot be compared in them, and says so.
    state = json.loads(exported(engine))
    for resource in state["deployment"]["resources"]:
        for values in (resource["inputs"], resource["outputs"]):
            for name in values.get("__secrets", ()):
                values[name] = {
                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                    "ciphertext": "x",
                }
    document = compared(runs.tenant, preview_json.state(json.dumps(state)))
    assert {short(row) for row in document.rows if row.refresh} == {("attribute-drift", "crm", "description")}
    assert [row.field for row in document.rows if row.rule.value == "unreadable"] == ["custom_properties", "labels"]
    assert "hush" not in document.model_dump_json()


COUNTS = ("memberships", "members_unreadable", "members_not_asked")

CHANGEABLE = [
    pytest.param(kind, field.name, id=f"{kind.name}-{field.name}")
    for kind in ALL_KINDS
    for field in kind.schema
    if kind.name in {"AccessProfile", "AccessProfileVersion"}
    and field.input.sent & (SentIn.UPDATE | SentIn.CONTENT)
    and not (kind.name == "AccessProfileVersion" and field.name == "state")
]
"""The fields that somebody can change by hand: nobody can change a type, and a live version is published."""


@pytest.mark.parametrize(("kind", "name"), CHANGEABLE)
@settings(max_examples=2, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_each_field_that_is_changed_by_hand_is_found_and_no_other(
    kind: Kind, name: str, runs: Runs, data: st.DataObject
) -> None:
    seed(runs.tenant)
    field = kind.schema[name]
    before, after = data.draw(changes(field, overrides(kind)))
    arguments = suiting(kind, {**data.draw(accepted_arguments(kind)), name: before})
    if kind.name == "AccessProfileVersion":
        arguments = suiting(kind, {**arguments, "version": "current", "adopt": "always"})
        arguments.pop("state", None)
    if isinstance(field.type, Object):
        # Of a nested object, what the program does not write is not managed.
        after = {key: after.get(key, value) for key, value in before.items()}
        assume(field.type.canon(before) != field.type.canon(after))
    assume(name in arguments and not (name == "state" and is_waiting(before, after)))
    engine = Engine(runs)
    engine.up([Declared(kind.name, "it", {**arguments, "adopt": "always"})])
    (held,) = engine.state.values()
    assert drifted(of_state(engine)) == []
    value: Any = field.type.to_api(checked(field.type, after))
    profile_id = held.id.partition("/")[0]
    if isinstance(field.type, Object):
        value = {**{each.api: each.type.to_api(each.type.empty) for each in field.type.schema}, **value}
    runs.tenant.edit_profile(profile_id, **{field.api: value})
    rows = drifted(of_state(engine))
    assert {place[1] for place in rows} == {name}
    assert field.is_set or len(rows) == 1
    assert set(rows) == refreshed(engine)


@pytest.mark.parametrize("quirk", ["trims_texts", "escapes_texts", "lowercases_texts", "custom_properties_as_texts"])
def test_what_the_tenant_keeps_otherwise_is_no_drift(quirk: str, runs: Runs) -> None:
    company.deployed(runs)
    runs.tenant.quirks(**{quirk: True})
    engine = Engine(runs)
    texts = {"name": "R&D Desk ", "description": "A & B ", "custom_properties": {"cost": 3, "on": True}}
    engine.up([Declared("AccessProfile", "it", {**texts, "profile_type": "t-hand", "labels": ["A&B"]})])
    assert drifted(of_state(engine)) == []
    (held,) = engine.state.values()
    runs.tenant.edit_profile(held.id, description="other")
    assert [place[1] for place in drifted(of_state(engine))] == ["description"]
