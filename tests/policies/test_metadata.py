"""Names, labels and descriptions."""

from __future__ import annotations

import pytest

from pulumi_veza.plan.records import HIDDEN, UNKNOWN
from pulumi_veza.policies.findings import Outcome
from pulumi_veza.policies.metadata import (
    DescriptionOptions,
    LabelsOptions,
    NamingOptions,
    add_description,
    add_labels,
    description,
    labels,
    naming,
)
from tests.policies.declared import found, outcomes, profile, type_

VIOLATION, UNDECIDED = Outcome.VIOLATION, Outcome.UNDECIDED


def test_a_name_that_matches_its_pattern_passes_and_another_is_named_with_the_pattern() -> None:
    options = NamingOptions(pattern="[A-Z].*")
    assert found(naming, options, profile("Sales")) == []
    (said,) = found(naming, options, profile("sales"))
    assert (
        said.text == "AccessProfile 'sales' is named 'sales', and pattern is '[A-Z].*'; choose a name that matches it"
    )


def test_profiles_of_a_type_follow_the_pattern_of_that_type_by_its_name() -> None:
    role, other = type_("Role"), type_("Other")
    options = NamingOptions(patterns={"Role": "BR-.*"})
    records = [role, other, profile("BR-1", profile_type=role), profile("X", profile_type=other)]
    assert found(naming, options, *records) == []
    (said,) = found(naming, options, *records, profile("Y", profile_type=role))
    assert "the pattern of 'Role' is 'BR-.*'" in said.text


def test_a_name_or_a_type_that_is_not_known_is_undecided() -> None:
    assert outcomes(found(naming, NamingOptions(), profile("p", name=UNKNOWN))) == [(UNDECIDED, "p")]
    (said,) = found(naming, NamingOptions(patterns={"Role": "B.*"}), profile("p", profile_type=UNKNOWN))
    assert said.text == "AccessProfile 'p': profile_type is not known before `pulumi up`"


def test_types_have_a_pattern_of_their_own() -> None:
    assert outcomes(found(naming, NamingOptions(type_pattern="T-.*"), type_("Role"), profile("x"))) == [
        (VIOLATION, "Role")
    ]


LABELS = LabelsOptions(
    required=("owner:*",), allowed=("owner:*", "eu", "us"), exclusive=(("eu", "us"),), add=("owner:nobody",)
)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (["owner:it", "eu"], None),
        (["eu"], "has the labels eu, and one that matches 'owner:*' is required; add it to labels"),
        (["owner:it", "new"], "has the label 'new', and allowed are owner:*, eu, us; take it out, or allow it"),
        (["owner:it", "eu", "us"], "has the labels eu, us, of which only one may be there; take out all but one"),
    ],
)
def test_labels_are_required_allowed_and_exclusive(held: list[str], said: str | None) -> None:
    texts = [each.text for each in found(labels, LABELS, profile("p", labels=held))]
    assert texts == ([f"AccessProfile 'p' {said}"] if said else [])


def test_a_profile_without_labels_misses_the_required_one() -> None:
    (said,) = found(labels, LABELS, profile("p"))
    assert "has no labels" in said.text


def test_labels_that_are_not_known_neither_pass_nor_fail() -> None:
    for value in (UNKNOWN, HIDDEN, {"eu": "eu", "(unknown 1)": UNKNOWN}):
        assert {each.outcome for each in found(labels, LABELS, profile("p", labels=value))} == {UNDECIDED}


def test_remediation_adds_only_labels_that_are_missing_and_named() -> None:
    inputs = {"labels": {"eu": "eu"}}
    assert add_labels("AccessProfile", inputs, LABELS)
    assert inputs == {"labels": {"eu": "eu", "owner:nobody": "owner:nobody"}}
    assert not add_labels("AccessProfile", inputs, LABELS)
    assert not add_labels("AccessProfile", {"labels": {"(unknown 1)": UNKNOWN}}, LABELS)
    assert not add_labels("MembershipSet", {}, LABELS)
    without: dict[str, object] = {}
    assert add_labels("AccessProfile", without, LABELS)
    assert without == {"labels": {"owner:nobody": "owner:nobody"}}


def test_a_description_says_enough() -> None:
    options = DescriptionOptions(min_length=5)
    assert found(description, options, profile("p", description="enough"), type_("t", description="enough")) == []
    (said,) = found(description, options, profile("p", description=" no "))
    assert "has a description of 2 characters, and 5 are the least" in said.text
    assert outcomes(found(description, options, profile("p", description=UNKNOWN))) == [(UNDECIDED, "p")]


def test_remediation_writes_a_description_where_there_is_none() -> None:
    options = DescriptionOptions(default="What {name} gives")
    inputs = {"name": "Sales"}
    assert add_description("AccessProfile", inputs, options)
    assert inputs["description"] == "What Sales gives"
    assert not add_description("AccessProfile", {"name": "Sales", "description": "mine"}, options)
    assert not add_description("AccessProfile", {"name": "Sales"}, DescriptionOptions())
