"""The sentences of the renderings: who is counted, what is not certain, and what an approver is to do."""

from __future__ import annotations

import html
import re

import pytest

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact import building
from pulumi_veza.impact.document import ConflictImpact, Document, RemovalImpact
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.impact.rendering.counting import share
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.removals import refusals, removed
from pulumi_veza.impact.rendering.wording import changed, heading, members_after, moves
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.removal_guard import (
    GuardLevel,
    GuardOptions,
    Limit,
    Removal,
    confirmation,
    confirmations_in,
    judge,
)
from pulumi_veza.rules.wording import allowance, sentence, sentences
from tests.impact.stacks import group, groups, members, of_type, profile, texts

SIX = ["ada", "ben", "cai", "dee", "eve", "fay"]
GONE = {"inherits_from": {}}
UNGUARDED = {"max_removal_percent": 100}


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
    assert entitlements(document) == ["- `Group ds/a`: 6 no longer governed (6 people before, 6 after)"]


def test_who_may_keep_something_ungoverned_is_counted_as_keeping_it() -> None:
    document = building.build(
        [
            of_type(withdraws=False),
            profile("p", given("a"), given()),
            profile("q", given("a")),
            members("p", SIX[:2], SIX[:2]),
        ]
    )
    assert document.summary.rows == {"potentially kept, no longer governed": 2}
    assert entitlements(document) == ["- `Group ds/a`: 2 perhaps no longer governed (2 people before, 2 after)"]


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
    for counted in ({"people_known": known, "members_before": None}, {"members_before": known}):
        summary = document.summary.model_copy(update={**counted, "people": touched})
        assert share(document.model_copy(update={"summary": summary, "live": live})) == said


def test_who_is_no_member_yet_is_no_part_of_the_members() -> None:
    stack = [
        of_type(),
        profile("p", given("a")),
        members("p", ["ada", "ben"], ["ada", "cai", "dee"], options=UNGUARDED),
    ]
    assert share(building.build(stack)) == (
        "1 of the 2 people who are members of a profile in this stack (50.0 %) and 2 people who are not yet members "
        "of any profile in this stack"
    )
    new = [of_type(), profile("p", None, given("a")), members("p", None, ["ada"])]
    assert share(building.build(new)) == "1 person who is not yet a member of any profile in this stack"


def test_who_loses_one_thing_and_gains_another_is_one_person_who_changes_access() -> None:
    stack = [of_type(), profile("p", given("a")), profile("q", given("b"))]
    mover = [members("p", ["ada", "ben"], ["ben"]), members("q", ["dee"], ["dee", "ada"])]
    document = building.build([*stack, *mover])
    assert headline(document) == "1 person changes access; Veza opens 2 access requests."
    # A document of before this count says it as it did.
    older = document.summary.model_copy(update={"exchanging": 0})
    assert headline(document.model_copy(update={"summary": older})).startswith(
        "1 person loses and 1 person gains access;"
    )
    others = [
        members("p", ["ada", "ben", "cai"], ["ben"], options=UNGUARDED),
        members("q", ["dee"], ["dee", "ada", "eve"]),
    ]
    found = building.build([*stack, *others])
    assert headline(found) == (
        "1 person loses, 1 person changes and 1 person gains access; Veza opens 4 access requests."
    )
    assert heading(found, Effect.LOST) == "Lost: 2 people, 1 of whom also gains something"
    assert heading(found, Effect.GAINED) == "Gained: 2 people, 1 of whom also loses something"


def test_whoever_certainly_loses_and_may_gain_is_one_person_in_all() -> None:
    stack = [of_type(), profile("p", given("a")), profile("q", given("b"))]
    document = building.build([*stack, members("p", ["ada", "ben"], ["ben"]), members("q", ["dee"], ["dee", "ada"])])
    [ada] = document.people
    rows = [
        row.model_copy(update={"effect": Effect.MAYBE_GAINED}) if row.effect is Effect.GAINED else row
        for row in ada.rows
    ]
    counted = document.summary.model_copy(update={"gaining": 0, "exchanging": 0, "potentially_gaining": 1})
    doubtful = document.model_copy(update={"people": [ada.model_copy(update={"rows": rows})], "summary": counted})
    assert headline(doubtful).startswith("1 person loses access; 1 person may gain access (1 person in all);")
    nobody_twice = document.model_copy(
        update={"summary": counted.model_copy(update={"losing": 0}), "people": doubtful.people}
    )
    assert headline(nobody_twice).startswith("1 person may gain access;")


def test_a_profile_of_which_only_settings_change_says_so() -> None:
    document = building.build([of_type(), profile("p", {"on_destroy": "pause"}, {"on_destroy": "retain"})])
    assert [changed(each) for each in document.profiles] == ["Only its settings"]


def test_why_nobody_is_concerned_by_a_profile_that_stops_is_said() -> None:
    paused = profile("p", given("a"), {**given("a"), "state": "PAUSED"})
    heir = profile("q", {"inherits_from": texts("id-p"), "entitlements": {}})
    unused = [of_type(), paused, heir, members("p", [], []), members("q", ["ada"], ["ada"])]
    assert headline(building.build(unused)) == (
        "No change of access although p is paused: nobody is a member of it, and profiles that inherit from it give "
        "the same as before."
    )
    both = [members("p", ["ada"], ["ada"]), members("q", ["ada"], ["ada"])]
    assert headline(building.build([of_type(), paused, heir, *both])) == (
        "No change of access although p is paused: nobody has anything by it alone."
    )
    assert "PAUSED" not in FORMATS["terminal"](building.build(unused), RenderOptions())
    assert "- p: is paused (was running)" in FORMATS["markdown-plain"](building.build(unused), RenderOptions())


def removal(level: GuardLevel, limit: str | None = None, count: int = 3, **more: object) -> RemovalImpact:
    values = {"urn": "u", "profile": "p", "removed": count, "managed": 16, "level": level, "limit": limit, **more}
    return RemovalImpact.model_validate(values)


def test_a_removal_says_what_is_allowed_and_what_the_guard_makes_of_it() -> None:
    names = ProfileNames(building.build([of_type()]))
    allowed = "up to 20 % may be removed without a confirmation"
    texts_ = [removed(removal(level, allowed), names) for level in (GuardLevel.NEAR, GuardLevel.CONFIRMED)]
    assert {each.what for each in texts_} == {"3 of 16 members of p (19 %) are removed"}
    assert [each.limit for each in texts_] == [
        f"{allowed}, and this is close to it",
        f"{allowed}, and this removal is confirmed",
    ]
    over = removal(GuardLevel.OVER, "nobody would be left", count=1, managed=1, confirmation="1-ab", name="of-p")
    (refused,) = refusals(building.build([of_type()]).model_copy(update={"removals": [over]}))
    assert (refused.what, refused.limit, refused.way_out) == (
        "the set 'of-p' would remove 1 of 1 member of p (100 %)",
        "nobody would be left, so the guard refuses it",
        'to confirm it, write allow_removals="1-ab" in the set, or set VEZA_ALLOW_REMOVALS=1-ab for one run',
    )
    destroyed = removed(removal(GuardLevel.DESTROYED, managed=3), names)
    assert (destroyed.what, destroyed.limit) == ("3 of 3 members of p (100 %) are removed", "")


def emptied(*, vanished: bool = False) -> Document:
    """Return the change of a stack whose file of people is empty, or whose program declares no set any more."""
    teams = {"p": ["ada", "ben"], "q": ["cai"], "r": ["dee", "eve", "fay"]}
    stack = [of_type(), *(profile(each, given("a")) for each in teams)]
    new = None if vanished else []
    return building.build([*stack, *(members(each, who, new) for each, who in teams.items())])


@pytest.mark.parametrize("vanished", [False, True])
def test_what_one_cause_refuses_of_many_sets_is_said_once_with_one_value_that_confirms_all(vanished: bool) -> None:
    document = emptied(vanished=vanished)
    (refused,) = refusals(document)
    assert refused.what == "3 sets would remove all members of p, q, r (6 people)"
    assert refused.people == tuple(SIX)
    assert refused.limit == "in each of them nobody would be left, so the guard refuses it"
    values = re.findall(r"VEZA_ALLOW_REMOVALS=(\S+)", refused.way_out)
    assert values == [",".join(str(each.confirmation) for each in document.removals)]
    again = [of_type(), *(profile(each, given("a")) for each in "pqr")]
    old = {"p": ["ada", "ben"], "q": ["cai"], "r": ["dee", "eve", "fay"]}
    sets = [members(each, who, None if vanished else []) for each, who in old.items()]
    confirmed = building.build([*again, *sets], confirmations=confirmations_in(values[0]))
    assert [each.level for each in confirmed.removals] == [GuardLevel.CONFIRMED] * 3
    for name in ("terminal", "markdown", "html", "annotations"):
        text = html.unescape(FORMATS[name](document, RenderOptions()))
        assert text.count(values[0]) == 1, name


def test_what_another_limit_refuses_is_said_by_itself() -> None:
    people = [f"id-{number:02}" for number in range(10)]
    stack = [of_type(), profile("p", given("a")), profile("q", given("a")), profile("r", given("a"))]
    sets = [members("p", ["ada"], []), members("q", people, people[3:]), members("r", people, people[4:])]
    document = building.build([*stack, *sets])
    assert [each.what for each in refusals(document)] == [
        "the set 'of-p' would remove 1 of 1 member of p (100 %)",
        "2 sets would remove 7 of 20 members of q, r (35 %)",
    ]


def test_a_confirmed_removal_names_whom_it_removes_in_every_rendering_and_is_not_folded() -> None:
    stack = [of_type(), profile("p", given("a"))]
    removing = members("p", SIX, SIX[2:], options={"allow_removals": confirmation("id-p", SIX[:2])})
    document = building.build([*stack, removing])
    assert [each.level for each in document.removals] == [GuardLevel.CONFIRMED]
    said = "2 of 6 members of p (33 %) are removed: "
    for name in ("terminal", "markdown-plain", "html"):
        assert re.search(
            rf"{re.escape(said)}`?ada`?, `?ben", " ".join(FORMATS[name](document, RenderOptions()).split())
        )
    markdown = FORMATS["markdown"](document, RenderOptions())
    assert "#### Removals that somebody confirmed: 1" in markdown


def test_what_a_profile_holds_and_no_longer_holds_is_named() -> None:
    document = building.build([of_type(), profile("p", given("a"), given("b"))])
    assert "- p: holds `Group ds/b`; no longer holds `Group ds/a`" in FORMATS["markdown"](document, RenderOptions())
    terminal = FORMATS["terminal"](document, RenderOptions())
    assert "+ Group ds/b" in terminal
    assert "- Group ds/a" in terminal


@pytest.mark.parametrize("width", [20, 60, 100, 200])
def test_no_id_is_broken_however_narrow_the_terminal_is(width: int) -> None:
    people = [f"5b0c0f0e-58a4-4a80-8f43-0f6f55a3c9{number:02}" for number in range(10, 22)]
    group_ = "Group ds/contracts-editors-of-the-whole-company"
    held = {"entitlements": groups(group_.removeprefix("Group ds/")), **GONE}
    stack = [of_type(withdraws=None), profile("p", held, given()), profile("q", held)]
    sets = [members("p", people, people[4:]), members("q", people[:4], [])]
    document = building.build([*stack, *sets])
    text = FORMATS["terminal"](document, RenderOptions(width=width, full=True))
    for each in (*people, group_.split()[1], *(str(each.confirmation) for each in document.removals)):
        assert each in text
    assert f"VEZA_ALLOW_REMOVALS={document.removals[0].confirmation}" in text


def test_a_headline_in_the_terminal_and_the_page_has_no_marks_of_code() -> None:
    for name in ("terminal", "html"):
        text = FORMATS[name](emptied(), RenderOptions())
        assert "pulumi up will refuse this change" in text
        assert (
            "`"
            not in text.partition("</h1>" if name == "html" else "Stack")[0].partition("<h1>")[
                2 if name == "html" else 0
            ]
        )


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
    named = moves(found, lambda members: ", ".join(each.id for each in members))
    assert (members_after(found), named) == ("1 to 2", ["1 person may join: ben", "1 person leaves: cai"])


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
