"""Inheritance, ownership, membership, and separation of duties: rules on how resources relate."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from pulumi_veza.plan.records import MEMBERS, OURS, UNKNOWN, Record
from pulumi_veza.policies import from_engine
from pulumi_veza.policies.checking import check
from pulumi_veza.policies.duties import DutyConflict, SeparationOfDutiesOptions, separation_of_duties
from pulumi_veza.policies.exceptions import Entry
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.inheritance import InheritanceOptions, inheritance
from pulumi_veza.policies.membership import MembershipOptions, membership
from pulumi_veza.policies.ownership import OwnershipOptions, ownership
from pulumi_veza.policies.rendering import FORMATS
from pulumi_veza.policies.stack import Stack
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.rules.removal_guard import confirmation, confirmations_in
from tests.policies.declared import deployed, found, gives, members, outcomes, profile, type_, version

VIOLATION, UNDECIDED, NOTE = Outcome.VIOLATION, Outcome.UNDECIDED, Outcome.NOTE


# Inheritance


def test_a_chain_as_long_as_allowed_passes_and_a_longer_one_is_shown_whole() -> None:
    a = profile("a")
    b = profile("b", inherits_from=[a])
    c = profile("c", inherits_from=[a, b])
    assert found(inheritance, InheritanceOptions(max_depth=2), a, b, c) == []
    (said,) = found(inheritance, InheritanceOptions(max_depth=1), a, b, c)
    assert "AccessProfile 'c' inherits over 2 steps (c -> b -> a), and 1 is the most" in said.text


def test_a_circle_is_said_once_and_never_followed_for_ever() -> None:
    a = deployed(profile("a"))
    b = profile("b", inherits_from=[a])
    a = replace(a, op="update", new_inputs={**a.new, "inherits_from": {"(unknown 1)": UNKNOWN}},
                property_dependencies={"inherits_from": [b.urn]})  # fmt: skip
    said = [each.text for each in found(inheritance, InheritanceOptions(max_depth=0), a, b)]
    assert said == [
        "AccessProfile 'a' inherits from itself (a -> b -> a); take out one of these inheritances",
        "AccessProfile 'b' inherits over 1 steps (b -> a), and 0 is the most; inherit directly from what is needed",
    ]


def test_a_chain_of_two_thousand_is_measured_without_recursion() -> None:
    chain = [profile("p0")]
    for number in range(1, 2000):
        chain.append(profile(f"p{number}", inherits_from=[chain[-1]]))
    said = found(inheritance, InheritanceOptions(max_depth=1998), *chain)
    assert [each.resource for each in said] == ["p1999"]


def test_types_inherit_only_from_the_types_that_are_allowed_to_them() -> None:
    role, app = type_("Role"), type_("App")
    a, b = profile("a", profile_type=app), profile("b", profile_type=role)
    options = InheritanceOptions(allowed={"Role": ["App"]})
    fine = profile("fine", profile_type=role, inherits_from=[a])
    assert found(inheritance, options, role, app, a, b, fine) == []
    (said,) = found(inheritance, options, role, app, a, b, profile("bad", profile_type=role, inherits_from=[b]))
    assert "is a 'Role' and inherits from 'b', a 'Role'; allowed are App" in said.text


def test_parents_that_are_not_known_are_undecided() -> None:
    assert outcomes(found(inheritance, InheritanceOptions(), profile("p", inherits_from=UNKNOWN))) == [(UNDECIDED, "p")]


# Ownership


def test_one_set_one_writer_and_one_name_pass() -> None:
    crm, other = profile("crm", entitlements=[gives("a")]), profile("other")
    assert found(ownership, OwnershipOptions(), crm, other, version("v", other), members("m", crm, "ana")) == []


def test_content_written_inline_and_by_a_version_has_two_owners() -> None:
    crm = profile("crm", entitlements=[gives("a")])
    (said,) = found(ownership, OwnershipOptions(), crm, version("v", crm, entitlements=[gives("b")]))
    assert said.text == (
        "AccessProfileVersion 'v' writes the content that AccessProfile 'crm' writes as well; keep it in one of them"
    )


def test_an_authoritative_set_shares_with_nobody_and_additive_ones_list_nobody_twice() -> None:
    crm = profile("crm")
    (said,) = found(
        ownership, OwnershipOptions(), crm, members("m", crm, "ana", mode="authoritative"), members("n", crm, "bo")
    )
    assert "MembershipSet 'n' manages the members that MembershipSet 'm' manages as well" in said.text
    assert found(ownership, OwnershipOptions(), crm, members("m", crm, "ana"), members("n", crm, "bo")) == []
    (said,) = found(ownership, OwnershipOptions(), crm, members("m", crm, "ana"), members("n", crm, "ana", "bo"))
    assert said.text.endswith("lists people whom MembershipSet 'm' lists as well; take them out of one of them (ana)")
    alone = OwnershipOptions(several_sets=False)
    assert len(found(ownership, alone, crm, members("m", crm, "ana"), members("n", crm, "bo"))) == 1
    assert found(ownership, alone, crm, members("m", crm, "ana"), members("n", crm, "ana", mode="audit")) == []


def test_without_a_state_nobody_is_listed_twice_for_being_a_member_whom_another_set_lists() -> None:
    everybody = {who: {"id": who} for who in ("ana", "bo", "cy")}
    shown = [
        from_engine.record(
            f"{OURS}{MEMBERS}",
            f"urn:pulumi:dev::test::{OURS}{MEMBERS}::{name}",
            {"profile_id": "p", "mode": mode, "version": "current", "identity_ids": {who: who}, "members": everybody},
            {},
        )
        for name, mode, who in (("one", "additive", "ana"), ("two", "additive", "bo"), ("three", "audit", "cy"))
    ]
    stack = from_engine.stack(shown, None)
    assert list(ownership(stack, OwnershipOptions())) == []
    # Whom no set lists, or an audit alone, is a member all the same.
    assert {who for held in stack.organisation.members.values() for who in held} == {"ana", "bo", "cy"}


def test_two_profiles_of_one_type_and_name_and_two_types_of_one_name_are_two_owners() -> None:
    role = type_("role")
    one, two = profile("one", name="Same", profile_type=role), profile("two", name="Same", profile_type=role)
    other = profile("other", name="Same", profile_type="t-elsewhere")
    (said,) = found(ownership, OwnershipOptions(), role, one, two, other)
    assert "AccessProfile 'two' is named 'Same' and of the same type as AccessProfile 'one' is" in said.text
    assert outcomes(found(ownership, OwnershipOptions(), role, type_("same", name="role"))) == [(VIOLATION, "same")]
    assert outcomes(found(ownership, OwnershipOptions(), profile("p", name=UNKNOWN))) == [(UNDECIDED, "p")]


def test_a_set_whose_profile_is_not_known_is_undecided() -> None:
    assert outcomes(found(ownership, OwnershipOptions(), members("m", UNKNOWN, "ana"))) == [(UNDECIDED, "m")]


# Membership


def test_a_guard_that_is_switched_off_is_named() -> None:
    crm = profile("crm")
    assert found(membership, MembershipOptions(), crm, members("m", crm, "ana")) == []
    off = [members("m", crm, "ana", allow_emptying=True), members("n", crm, "bo", max_removal_percent=100)]
    said = found(membership, MembershipOptions(), crm, *off)
    assert [each.resource for each in said] == ["m", "n"]
    assert "switches its guard off by allow_emptying=True" in said[0].text
    assert found(membership, MembershipOptions(allow_guard_off=True), crm, *off) == []
    unknown = members("m", crm, "ana", max_removal_percent=UNKNOWN)
    assert outcomes(found(membership, MembershipOptions(), crm, unknown)) == [(UNDECIDED, "m")]


def test_a_profile_has_no_more_members_than_allowed() -> None:
    crm = profile("crm")
    assert found(membership, MembershipOptions(max_members=2), crm, members("m", crm, "ana", "bo")) == []
    (said,) = found(membership, MembershipOptions(max_members=1), crm, members("m", crm, "ana", "bo"))
    assert "brings 'crm' to 2 members, and 1 is the most" in said.text
    unknown = members("m", crm, identity_ids={"ana": "ana", "(unknown 1)": UNKNOWN})
    assert outcomes(found(membership, MembershipOptions(max_members=1), crm, unknown)) == [(UNDECIDED, "m")]


TEAM = profile("team")
TEAM_NOW = deployed(TEAM)


def listed(*now: str, **more: object) -> Record:
    """Declare a set that listed four people, and lists these now."""
    before = members("m", TEAM_NOW, "ana", "bo", "cy", "di")
    return deployed(before, identity_ids=list(now), **more)


OPEN = {"max_removal_percent": 99}
"""A guard that lets pass what the rule is to judge."""


def test_a_change_adds_and_removes_no_more_than_allowed() -> None:
    assert found(membership, MembershipOptions(), TEAM_NOW, listed("ana", "bo", **OPEN)) == []
    (said,) = found(membership, MembershipOptions(), TEAM_NOW, listed("ana", **OPEN))
    value = confirmation("id-of-team", ["bo", "cy", "di"])
    assert said.text == (
        "MembershipSet 'm' removes 3 of 4 members of 'team', and 50 % is the most for one change; if all of them are "
        f"to lose access, confirm it with VEZA_ALLOW_REMOVALS={value} (bo, cy, di)"
    )
    assert len(found(membership, MembershipOptions(max_removed=1), TEAM_NOW, listed("ana", "bo", **OPEN))) == 1
    added = found(membership, MembershipOptions(max_added=1), TEAM_NOW, listed("ana", "bo", "cy", "di", "ed", "flo"))
    assert [each.people for each in added] == [("ed", "flo")]


@pytest.mark.parametrize("percent", [0, 20, 25, 50, 75, 99])
@pytest.mark.parametrize("left", [["ana", "bo", "cy"], ["ana", "bo"], ["ana"], []])
def test_the_rule_and_the_guard_decide_alike_and_the_same_value_confirms_for_both(
    left: list[str], percent: int
) -> None:
    generous = MembershipOptions(max_removed_percent=100, allow_emptying=True)
    stack = Stack([TEAM_NOW, listed(*left, max_removal_percent=percent)])
    (change,) = stack.plan.sets
    assert change.decision.guard is not None
    said = list(membership(stack, generous))
    assert bool(said) is change.decision.guard.refused
    for each in said:
        assert "so the guard refuses it" in each.text
        assert each.confirmed_by == change.decision.guard.confirmation
    confirmed = Stack(
        [TEAM_NOW, listed(*left, max_removal_percent=percent)],
        confirmations=frozenset({change.decision.guard.confirmation}),
    )
    assert list(membership(confirmed, MembershipOptions(max_removed=0))) == []


def test_no_exception_is_offered_or_counts_for_what_the_guard_refuses() -> None:
    stack = Stack([TEAM_NOW, listed("ana")])
    entry = Entry(rule="membership", resource="m", owner="o", reason="r", ticket="t", expires=datetime.date(2999, 1, 1))
    report = check(stack, exceptions=[entry])
    (said,) = [each for each in report.findings if each.rule == "membership"]
    assert said.outcome is VIOLATION
    assert "to except it" not in FORMATS["terminal"](report, RenderOptions())
    assert said.text.count("VEZA_ALLOW_REMOVALS") == 1


def test_what_the_guards_of_several_sets_refuse_for_one_cause_is_said_once_with_a_value_that_confirms_all() -> None:
    other = deployed(profile("other"))
    emptied = deployed(members("n", other, "ed", "flo"), identity_ids=[])
    (said,) = found(membership, MembershipOptions(), TEAM_NOW, other, listed(), emptied)
    values = ",".join(
        sorted([confirmation("id-of-team", ["ana", "bo", "cy", "di"]), confirmation("id-of-other", ["ed", "flo"])])
    )
    assert said.text == (
        "MembershipSet 'm', MembershipSet 'n' remove 6 of 6 members of 'other', 'team'; in each of them nobody would "
        "be left, so the guard refuses it; if all of them are to lose access, confirm it with "
        f"VEZA_ALLOW_REMOVALS={values} (ana, bo, cy, di, ed, flo)"
    )
    confirmed = Stack([TEAM_NOW, other, listed(), emptied], confirmations=confirmations_in(values))
    assert list(membership(confirmed, MembershipOptions())) == []


def test_a_change_leaves_nobody_only_where_that_is_allowed() -> None:
    generous = MembershipOptions(max_removed_percent=100, allow_guard_off=True)
    off = {"allow_emptying": True, "max_removal_percent": 100}
    (said,) = found(membership, generous, TEAM_NOW, listed(**off))
    value = confirmation("id-of-team", ["ana", "bo", "cy", "di"])
    assert said.text == (
        "MembershipSet 'm' removes 4 of 4 members of 'team', and nobody would be left; if all of them are to lose "
        f"access, confirm it with VEZA_ALLOW_REMOVALS={value} (ana, bo, cy, di)"
    )
    assert len(found(membership, MembershipOptions(), TEAM_NOW, listed())) == 1
    allowing = MembershipOptions(max_removed_percent=100, allow_emptying=True, allow_guard_off=True)
    assert found(membership, allowing, TEAM_NOW, listed(**off)) == []
    unknown = replace(
        listed("ana", **OPEN), new_inputs={**listed(**OPEN).new, "identity_ids": {"(unknown 1)": UNKNOWN}}
    )
    assert {each.outcome for each in found(membership, generous, TEAM_NOW, unknown)} <= {UNDECIDED}


def test_one_person_is_not_asked_to_leave_in_several_steps() -> None:
    alone = deployed(members("m", TEAM_NOW, "ana", "bo"), identity_ids=["bo"])
    (said,) = found(membership, MembershipOptions(max_removed=0), TEAM_NOW, alone)
    value = confirmation("id-of-team", ["ana"])
    assert (
        "0 is the most for one change; if that person is to lose access, confirm it with "
        f"VEZA_ALLOW_REMOVALS={value} (ana)"
    ) in said.text
    joined = deployed(members("m", TEAM_NOW, "ana"), identity_ids=["ana", "bo"])
    (said,) = found(membership, MembershipOptions(max_added=0), TEAM_NOW, joined)
    assert "0 is the most for one change; write another max_added for this rule (bo)" in said.text


def test_nothing_is_called_a_change_where_it_is_not_known_what_there_was() -> None:
    assert found(membership, MembershipOptions(), TEAM_NOW, listed("ana"), before_known=False) == []


# Separation of duties

PAY = DutyConflict(name="paying", a=("*/create",), b=("*/approve",))
KEPT_APART = SeparationOfDutiesOptions(conflicts=(PAY,))
CREATE = profile("create", entitlements=[gives("create")])
APPROVE = profile("approve", entitlements=[gives("approve")])
BOTH = profile("both", inherits_from=[CREATE, APPROVE])


def conflicts(*records: Record, before_known: bool = True) -> list[Finding]:
    return found(separation_of_duties, KEPT_APART, *records, before_known=before_known)


def test_two_people_with_one_each_pass() -> None:
    assert conflicts(CREATE, APPROVE, members("m", CREATE, "ana"), members("n", APPROVE, "bo")) == []


def test_somebody_with_both_by_two_memberships_is_named_with_both_paths() -> None:
    (said,) = conflicts(CREATE, APPROVE, members("m", CREATE, "ana", "bo"), members("n", APPROVE, "bo"))
    assert said.outcome is VIOLATION
    assert said.people == ("bo",)
    assert "SalesforceGroup sf-prod/create (by create)" in said.text
    assert "SalesforceGroup sf-prod/approve (by approve), which paying keeps apart; caused by this change" in said.text


def test_somebody_with_both_by_inheritance_is_found() -> None:
    (said,) = conflicts(CREATE, APPROVE, BOTH, members("m", BOTH, "ana"))
    assert "(by both -> create)" in said.text
    assert said.resource == "m"


def test_a_profile_that_does_not_run_gives_nothing_to_keep_apart() -> None:
    paused = profile("approve", entitlements=[gives("approve")], state="PAUSED")
    assert conflicts(CREATE, paused, members("m", CREATE, "ana"), members("n", paused, "ana")) == []


def test_an_entitlement_with_a_condition_counts() -> None:
    approve = profile("approve", entitlements=[gives("approve", condition={"condition_string": "x"})])
    assert len(conflicts(CREATE, approve, members("m", CREATE, "ana"), members("n", approve, "ana"))) == 1


def test_a_conflict_is_told_apart_by_whether_this_change_causes_keeps_or_resolves_it() -> None:
    create, approve = deployed(CREATE), deployed(APPROVE)
    creators = deployed(members("m", create, "ana", "bo"))
    existed = deployed(members("n", approve, "ana"))
    assert outcomes(conflicts(create, approve, creators, existed)) == [(NOTE, "m")]
    caused = deployed(members("n", approve, "ana"), identity_ids=["ana", "bo"])
    assert sorted((each.outcome.value, each.people) for each in conflicts(create, approve, creators, caused)) == [
        ("note", ("ana",)),
        ("violation", ("bo",)),
    ]
    # The set that changes is where it can be taken back, in whichever group it is.
    assert [each.resource for each in conflicts(create, approve, creators, caused) if each.outcome is VIOLATION] == [
        "n"
    ]
    # An exception for either set goes on covering it, whichever of them has changed last.
    assert all({"m", "n"} <= each.names for each in conflicts(create, approve, creators, caused))
    assert {"m", "n"} <= conflicts(create, approve, creators, existed)[0].names
    resolved = deployed(members("n", approve, "ana", "cy"), identity_ids=["cy"])
    (said,) = conflicts(create, approve, creators, resolved)
    assert said.outcome is NOTE
    assert "resolved by this change" in said.text


def test_what_stops_is_configurable() -> None:
    create, approve = deployed(CREATE), deployed(APPROVE)
    records = [create, approve, deployed(members("m", create, "ana")), deployed(members("n", approve, "ana"))]
    strict = SeparationOfDutiesOptions(conflicts=(PAY,), stop=("caused", "existed"))
    assert outcomes(found(separation_of_duties, strict, *records)) == [(VIOLATION, "m")]


def test_every_conflict_is_present_where_it_is_not_known_what_there_was() -> None:
    (said,) = conflicts(CREATE, APPROVE, members("m", CREATE, "ana"), members("n", APPROVE, "ana"), before_known=False)
    assert said.outcome is VIOLATION
    assert "whether it existed before is not known here" in said.text


def test_content_or_people_that_are_not_known_are_undecided_and_only_where_they_matter() -> None:
    unknown = profile("unknown", entitlements=UNKNOWN)
    said = conflicts(CREATE, unknown, members("m", CREATE, "ana"), members("n", unknown, "ana", "bo"))
    assert [(each.outcome, each.people) for each in said] == [(UNDECIDED, ("ana",))]
    joining = members("m", CREATE, identity_ids={"(unknown 1)": UNKNOWN})
    assert outcomes(conflicts(CREATE, APPROVE, joining, members("n", APPROVE, "ana"))) == [(UNDECIDED, "m")]
    assert conflicts(profile("idle"), members("k", profile("idle"), identity_ids=UNKNOWN)) == []
