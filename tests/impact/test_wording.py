"""The sentences of the renderings: who is counted, what is not certain, and what an approver is to do."""

from __future__ import annotations

import pytest

from pulumi_veza.impact import building
from pulumi_veza.impact.document import ConflictImpact, Document, RemovalImpact
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.impact.rendering.refusals import headline, way_out
from pulumi_veza.impact.rendering.wording import ProfileNames, members_after, moves, removed, share
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.removal_guard import GuardLevel, GuardOptions, Limit, Removal, judge
from pulumi_veza.rules.wording import allowance, sentence, sentences
from tests.impact.stacks import group, groups, members, of_type, profile

SIX = ["ada", "ben", "cai", "dee", "eve", "fay"]
GONE = {"inherits_from": {}}


def given(*names: str) -> dict[str, object]:
    """Return the content of a profile that the program describes whole."""
    return {"entitlements": groups(*names), **GONE}


def entitlements(document: Document) -> list[str]:
    text = FORMATS["markdown-plain"](document, RenderOptions())
    return [line for line in text.partition("#### Entitlements")[2].partition("####")[0].splitlines() if "- " in line]


def test_how_many_have_an_entitlement_is_a_range_where_it_is_not_certain() -> None:
    document = building.build(
        [
            of_type(withdraws=None),
            profile("p", given("a"), given("b")),
            profile("q", given("a")),
            members("p", SIX, SIX),
            members("q", ["ada"], ["ada"]),
        ]
    )
    assert entitlements(document) == [
        "- `Group ds/a`: -5? (6 people before, 1 to 6 after)",
        "- `Group ds/b`: +6 (0 people before, 6 after)",
    ]


def test_somebody_who_had_an_entitlement_only_perhaps_has_it_no_more_after_leaving() -> None:
    key = "Group ds/a"
    conditional = {"entitlements": {key: group("a", condition={"condition_string": "x"})}, **GONE}
    document = building.build([of_type(), profile("p", conditional), members("p", SIX[:2], SIX[:1])])
    (held,) = document.entitlements
    assert (held.holders_before, held.possible_before) == (0, 2)
    assert (held.holders_after, held.possible_after) == (0, 1)


def test_who_keeps_something_ungoverned_is_counted_beside_those_who_hold_it() -> None:
    document = building.build(
        [of_type(withdraws=False), profile("p", given("a", "b"), given("b")), members("p", SIX, SIX)]
    )
    assert entitlements(document) == ["- `Group ds/a`: 6 no longer governed (6 people before, 0 after)"]


def test_a_document_of_before_the_ranges_is_shown_without_them() -> None:
    document = building.build([of_type(withdraws=None), profile("p", given("a"), given()), members("p", SIX, SIX)])
    old = [each.model_copy(update={"possible_before": None, "possible_after": None}) for each in document.entitlements]
    assert entitlements(document.model_copy(update={"entitlements": old})) == [
        "- `Group ds/a`: -6? (6 people before, 0 after)"
    ]


@pytest.mark.parametrize(
    ("known", "touched", "live", "said"),
    [
        (16, 14, False, "14 of the 16 people who are members of a profile in this stack (87.5 %)"),
        (16, 14, True, "14 of the 16 people who are members of a profile that was looked at (87.5 %)"),
        (16, 16, False, "all 16 people who are members of a profile in this stack"),
        (1, 1, False, "the only person who is a member of a profile in this stack"),
        (16, 0, False, None),
    ],
)
def test_who_is_counted_is_said(known: int, touched: int, live: bool, said: str | None) -> None:
    document = building.build([of_type()])
    summary = document.summary.model_copy(update={"people_known": known, "people": touched})
    assert share(document.model_copy(update={"summary": summary, "live": live})) == said


def removal(level: GuardLevel, limit: str | None = None, count: int = 3, **more: object) -> RemovalImpact:
    values = {"urn": "u", "profile": "p", "removed": count, "managed": 16, "level": level, "limit": limit, **more}
    return RemovalImpact.model_validate(values)


def test_a_removal_says_what_is_allowed_and_what_the_guard_makes_of_it() -> None:
    names = ProfileNames(building.build([of_type()]))
    allowed = "up to 20 % may be removed without a confirmation"
    assert [removed(removal(level, allowed), names) for level in (GuardLevel.NEAR, GuardLevel.CONFIRMED)] == [
        f"3 of 16 members of p (19 %) are removed: {allowed}, and this is close to it",
        f"3 of 16 members of p (19 %) are removed: {allowed}, and this removal is confirmed",
    ]
    over = removal(GuardLevel.OVER, "nobody would be left", count=1, managed=1, confirmation="1-ab")
    assert removed(over, names) == (
        "1 of 1 member of p (100 %) is removed: nobody would be left, so the guard refuses it"
    )
    assert (
        way_out(over)
        == 'to confirm it, write allow_removals="1-ab" in the set, or set VEZA_ALLOW_REMOVALS=1-ab for one run'
    )
    assert removed(removal(GuardLevel.DESTROYED, managed=3), names) == "3 of 3 members of p (100 %) are removed"


@pytest.mark.parametrize(
    ("options", "count", "limit", "said"),
    [
        ({"max_removal_percent": 20}, 4, Limit.PERCENT, "up to 20 % may be removed without a confirmation"),
        ({"max_removal_percent": 0}, 4, Limit.PERCENT, "nobody may be removed without a confirmation"),
        ({"max_removals": 2}, 4, Limit.COUNT, "up to 2 may be removed without a confirmation"),
        ({"max_removals": 0}, 4, Limit.COUNT, "nobody may be removed without a confirmation"),
        ({}, 16, Limit.EMPTYING, "nobody would be left"),
    ],
)
def test_a_limit_is_said_as_what_it_allows(options: dict[str, int], count: int, limit: Limit, said: str) -> None:
    ids = frozenset(map(str, range(count)))
    guard = GuardOptions(**{"max_removal_percent": 100, "max_removals": None, "allow_emptying": False, **options})
    verdict = judge(Removal("p", ids, 16, empties=count == 16), guard)
    assert (verdict.limit, allowance(verdict)) == (limit, said)


def test_members_who_may_join_or_leave_make_a_range() -> None:
    failed = {"outputs": {"failures": {"ben": "no"}}}
    document = building.build(
        [of_type(), profile("p", given()), members("p", ["ada", "cai"], ["ada", "ben"], **failed)]
    )
    (found,) = document.profiles
    assert (members_after(found), moves(found)) == ("1 to 2", ["1 may join", "1 leaves"])


def test_reasons_that_many_profiles_share_are_one_sentence() -> None:
    reasons = [Reason(Why.NOT_MANAGED, each, "inherits_from") for each in ("b", "a", "c", "d", "e", "f", "a")]
    held = Reason(Why.NOT_MANAGED, "a", "entitlements")
    assert sentences([*reasons, held]) == (
        "the program does not say which profiles a, b, c, d and 2 more inherit from; the program does not say which "
        "entitlements a holds"
    )
    assert sentences([Reason(Why.PROFILE_UNKNOWN, each) for each in "ab"]) == "nothing is known of profiles a, b"


def test_a_field_is_said_in_words_and_a_state_as_well() -> None:
    assert sentence(Reason(Why.SECRET, "MembershipSet 'm'", "identity_ids")) == "whom MembershipSet 'm' lists is secret"
    assert sentence(Reason(Why.NOT_RUNNING, "p", detail="PENDING")) == "profile p is waiting for an approval"
    assert sentence(Reason(Why.UNKNOWN_VALUE, field="labels")) == "labels is not known before `pulumi up`"
    elements = Reason(Why.UNKNOWN_ELEMENTS, "p", "entitlements", "2")
    assert sentence(elements) == "which entitlements p holds is not wholly known before `pulumi up` (2 unknown)"


@pytest.mark.parametrize("why", Why)
def test_every_reason_is_a_sentence(why: Why) -> None:
    text = sentence(Reason(why, "Sales", "entitlements", "2", (Reason(Why.CONDITION),)))
    assert "{" not in text
    assert not text.endswith(".")


def test_every_part_of_a_headline_has_a_subject() -> None:
    document = building.build([of_type()])
    summary = document.summary.model_copy(update={"conflicts": 2, "unknowns": 1})
    conflicts = [ConflictImpact(what=what, urns=[]) for what in ("profile a is managed twice", "profile b is")]
    assert headline(document.model_copy(update={"summary": summary, "conflicts": conflicts})) == (
        "2 conflicts must be resolved first; 1 thing could not be known."
    )
