"""The rule on types: a change that makes a second one of a name for ever is stopped, and says what to do instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulumi_veza.plan.records import UNKNOWN, Record
from pulumi_veza.policies import Outcome
from pulumi_veza.policies.replacement import TypeReplacementOptions, type_replacement
from tests.policies.declared import deployed, found, outcomes, type_

ROLE = type_("role", name="Role", description="A role to have")


def changed(**now: Any) -> Record:
    return replace(deployed(ROLE, **now), op="replace")


def texts(*records: Record) -> list[str]:
    return [each.text for each in found(type_replacement, TypeReplacementOptions(), *records)]


def test_a_type_that_is_replaced_under_its_name_says_what_stays_and_what_a_lookup_then_does() -> None:
    assert texts(changed(max_entitlements=5, description="Another")) == [
        "AccessProfileType 'role' is replaced, as the API cannot change description, max_entitlements of a type; the "
        "old one, 'Role' (id-of-role), stays in Veza for ever, profiles of it that this program does not declare keep "
        "it, and a lookup by that name finds two, and fails unless it has id=...; write another name in the same "
        "change, or take the change back"
    ]
    # A replacement that the user asked for, as with --replace, changes nothing.
    assert "cannot change anything of a type" in texts(replace(deployed(ROLE), op="replace"))[0]


def test_under_another_name_it_is_only_noted() -> None:
    findings = found(type_replacement, TypeReplacementOptions(), changed(name="Role 2", max_entitlements=5))
    assert outcomes(findings) == [(Outcome.NOTE, "role")]
    assert "is replaced by a type of another name; the old one, 'Role' (id-of-role), stays" in findings[0].text


def test_what_is_known_only_during_up_is_undecided_and_what_is_new_or_unchanged_is_nothing() -> None:
    findings = found(type_replacement, TypeReplacementOptions(), changed(allow_inherited_from_types=[UNKNOWN]))
    assert outcomes(findings) == [(Outcome.UNDECIDED, "role")]
    assert texts(ROLE) == texts(deployed(ROLE)) == texts(deployed(ROLE, on_destroy="prevent")) == []
