"""What is left undone where `pulumi up` refuses a part of a change: marked in every rendering, said in sentences."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pulumi_veza.access.organisation import Organisation
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document, dump, load
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.plan import preview_json, state
from pulumi_veza.plan.records import UNKNOWN, Record
from pulumi_veza.reports.options import RenderOptions
from tests.impact.stacks import OPTIONS, group, groups, members, of_type, profile, record, texts, urn

SHOWN = pytest.mark.parametrize("name", ["terminal", "markdown", "markdown-plain", "html", "annotations"])
DECLARED = {"profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause", "adopt": "identical"}
HELD = groups("x", "y")
JOINING = [profile("team", {"entitlements": groups("t")}), members("team", ["ada"], ["ada", "eve"])]


def text_of(document: Document, name: str) -> str:
    """Return a rendering in one line without markup."""
    text = re.sub(r"<[^>]+>", " ", FORMATS[name](document, RenderOptions(width=4000)).replace("\\", ""))
    return " ".join(html.unescape(text).replace("`", "").split())


def undone(document: Document) -> dict[str, str | None]:
    """Return the mark of each row by person and entitlement."""
    return {f"{each.id} {row.entitlement}": row.undone for each in document.people for row in each.rows}


def vanished(*others: Record) -> Document:
    """Return a change in which a set vanishes that its guard does not let go, and somebody joins another one."""
    gone = [profile("gone", {"entitlements": groups("g")}), members("gone", ["ben", "cai"], None)]
    return building.build([of_type(), *JOINING, *gone, *others])


def tenant(*records: Record) -> Organisation:
    """Return what a tenant holds in which nothing is managed yet."""
    found = state.known([of_type(), *records], None)
    for ref, each in found.profiles.items():
        found.profiles[ref] = replace(each, complete=True, urn=None)
    return found


def conditional(text: str) -> Mapping[str, Any]:
    """Return an entitlement with a condition."""
    return {"Group ds/y": group("y", condition={"type": "SCIM_FILTER", "condition_string": text})}


def taken_over(description: str = "By hand", held: Mapping[str, Any] = HELD, **more: Any) -> Document:
    """Return a change that takes over a profile of another description, and makes it somebody's."""
    desk = profile("desk", {"name": "Desk", "description": description, "entitlements": held})
    declared = {**DECLARED, "name": "Desk", "description": "By Pulumi", "entitlements": groups("y", "z"), **more}
    crew = {**OPTIONS, "profile_id": UNKNOWN, "version": "current", "identity_ids": texts("dee")}
    needs = {"profile_id": [urn("AccessProfile", "new")]}
    return building.build(
        [
            of_type(),
            *JOINING,
            record("AccessProfile", "new", None, declared),
            record("MembershipSet", "crew", None, crew, property_dependencies=needs),
        ],
        tenant(desk, *JOINING),
    )


def test_the_part_that_is_refused_at_the_end_is_marked_and_the_rest_is_done() -> None:
    document = vanished()
    assert document.refused_at == "end"
    assert undone(document) == {"ben Group ds/g": "certain", "cai Group ds/g": "certain", "eve Group ds/t": None}
    assert [(each.identity_id, each.undone) for each in document.requests] == [
        ("ben", "certain"), ("cai", "certain"), ("eve", None),
    ]  # fmt: skip
    (held,) = (each for each in document.entitlements if each.entity_id == "g")
    assert (held.lost, held.holders_before, held.holders_after) == (2, 2, 2)
    assert headline(document) == (
        "`pulumi up` will refuse a part of this change: the set 'of-gone' would remove 2 of 2 members of gone (100 %). "
        "It does the rest: 1 person gains access; Veza opens 1 access request."
    )
    assert load(dump(document)) == document


@SHOWN
def test_every_rendering_marks_what_is_not_done(name: str) -> None:
    text = text_of(vanished(), name)
    assert "is not done, as it is refused or needs what is refused" in text
    assert "It does the rest: 1 person gains access" in text


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_the_numbers_of_a_change_that_is_refused_say_what_they_count(name: str) -> None:
    text = text_of(vanished(), name)
    assert "People who lose something" in text
    assert "Counted as if nothing were refused:" in text


def test_a_profile_that_is_not_paused_because_of_a_refusal_is_not_said_to_be() -> None:
    leaving = profile("gone", {"entitlements": groups("g")}, {})
    of_it = replace(
        members("gone", ["ben", "cai"], None), property_dependencies={"profile_id": [urn("AccessProfile", "gone")]}
    )
    document = building.build([of_type(), leaving, of_it])
    assert headline(document) == (
        "`pulumi up` will refuse a part of this change: the set 'of-gone' would remove 2 of 2 members of gone (100 %). "
        "The rest changes nobody's access."
    )
    for name in ("terminal", "markdown", "html"):
        assert "running (would be paused, which is not done)" in text_of(document, name)


def test_other_deletes_may_be_left_undone_as_they_come_in_any_order() -> None:
    leaving = [profile("old", {"entitlements": groups("o")}, {}), members("old", ["fay"], ["fay"])]
    document = vanished(*leaving)
    assert undone(document)["fay Group ds/o"] == "possible"
    assert "It does the rest: 1 person gains access; 1 person may lose access" in headline(document)
    assert "paused (was running; this may be left undone)" in text_of(document, "terminal")
    for name in ("terminal", "markdown", "html", "annotations"):
        assert "this may be left undone, as the run ends at what is refused" in text_of(document, name)


def test_a_profile_that_leaves_with_the_refused_set_stays_as_well() -> None:
    needed = {"profile_id": [urn("AccessProfile", "gone")]}
    gone = profile("gone", {"entitlements": groups("g")}, {})
    unread = members("gone", ["ben", "cai"], None, property_dependencies=needed)
    document = building.build([of_type(), *JOINING, gone, unread])
    assert undone(document)["ben Group ds/g"] == "certain"


def test_what_the_preview_refuses_changes_nothing_and_says_so() -> None:
    team = [profile("desk", {"entitlements": groups("d")}), members("desk", ["ada", "ben", "cai", "dee"], ["ada"])]
    document = building.build([of_type(), *team])
    assert document.refused_at == "preview"
    assert set(undone(document).values()) == {"certain"}
    assert {each.undone for each in document.requests} == {"certain"}
    (desk,) = (each for each in document.profiles if each.name == "desk")
    assert {each.undone for each in desk.leaving} == {"certain"}
    (held,) = document.entitlements
    assert (held.lost, held.holders_before, held.holders_after) == (3, 4, 1)
    for name in ("terminal", "markdown", "html", "annotations"):
        text = text_of(document, name)
        assert "pulumi up will refuse this change, and nothing is changed" in text
        assert "if it were not refused" in text.lower()
    page = text_of(document, "html").replace("\N{MINUS SIGN}", "-")
    assert "- Lost, not done" in page
    for title in ("Profiles", "Entitlements", "Access requests"):
        assert f"{title}, if it were not refused" in page
    for name in ("terminal", "markdown"):
        text = text_of(document, name)
        assert "Profiles, if it were not refused" in text or "Profiles: 1, if it were not refused" in text
        assert "3 people leave: " in text
        assert "Access requests that Veza would open: " in text


def test_whoever_stays_because_of_a_refusal_gains_and_loses_what_changes_for_members() -> None:
    gone = [profile("gone", {"entitlements": groups("g")}, {"entitlements": groups("h")})]
    of_it = members("gone", ["ben", "cai"], None)
    document = building.build([of_type(), *JOINING, *gone, of_it])
    assert document.refused_at == "end"
    rows = {(each.id, row.entitlement, row.effect.value): row for each in document.people for row in each.rows}
    gained = rows["ben", "Group ds/h", "gained"]
    assert (gained.because_refused, gained.undone) == (True, None)
    assert gained.cause == urn("AccessProfile", "gone")
    assert gained.cause in {each.urn for each in document.causes}
    lost = next(row for key, row in rows.items() if key[:2] == ("ben", "Group ds/g"))
    assert not lost.because_refused
    held = {each.entity_id: (each.holders_before, each.holders_after) for each in document.entitlements}
    assert held["h"] == (0, 2)
    assert document.summary.gaining == 1
    assert "It does the rest: 2 people change and 1 person gains access" in headline(document)
    for name in ("terminal", "markdown", "html", "annotations"):
        assert "this comes about only because a part of the change is refused" in text_of(document, name)
    assert load(dump(document)) == document


def test_a_new_set_that_removes_too_many_is_refused_in_the_run() -> None:
    existing = [profile("p", {"entitlements": groups("a")}), members("p", ["ben", "cai", "dee"], [], name="by-hand")]
    new = members("p", None, ["ada"], options={"mode": "authoritative"})
    known = tenant(existing[0], members("p", ["ben", "cai", "dee"], ["ben", "cai", "dee"]))
    document = building.build([of_type(), existing[0], new], known)
    assert document.refused_at == "run"
    assert set(undone(document).values()) == {"certain"}


def test_a_refused_take_over_names_the_field_what_each_side_has_and_the_way_out() -> None:
    document = taken_over()
    (conflict,) = document.conflicts
    assert conflict.what == (
        "profile Desk exists in Veza already and is not as the program says; its entitlements differ, only Veza has "
        "Group ds/x and only the program lists Group ds/z; its description is 'By hand' in Veza and 'By Pulumi' in the "
        "program"
    )
    assert conflict.instead == (
        'write the same as Veza has to take it over, or adopt="always" to take it over and change it, or choose '
        "another name"
    )
    assert headline(document) == (
        "`pulumi up` will fail at a part of this change and not finish it: profile Desk exists in Veza already and is "
        "not as the program says. What it does before: 1 person may gain access; Veza may open 1 access request."
    )
    # It is refused, which is known: it is listed once, and neither as unknown nor as a profile that changes.
    assert document.unknowns == []
    assert {each.action for each in document.profiles} == {"same"}


def test_a_refused_take_over_leaves_undone_what_needs_it_and_perhaps_the_rest() -> None:
    marks = undone(taken_over())
    assert marks.pop("eve Group ds/t") == "possible"
    assert set(marks.values()) == {"certain"}


@SHOWN
def test_every_rendering_says_what_to_write_instead_of_a_refused_take_over(name: str) -> None:
    text = text_of(taken_over(), name).lower()
    assert "its description is 'by hand' in veza and 'by pulumi' in the program" in text
    assert 'write the same as veza has to take it over, or adopt="always" to take it over and change it' in text


@pytest.mark.parametrize(
    ("argument", "what", "instead"),
    [
        (
            {"existing_id": "nowhere"},
            "Veza has no profile with the id nowhere",
            "write existing_id with the id of one that exists, or leave it out to create one",
        ),
        (
            {"adopt": "never"},
            "profile Desk exists in Veza already, and the program says that it is not to be taken over",
            'write adopt="identical" to take it over where it is equal, or choose another name',
        ),
    ],
)
def test_every_refusal_says_what_to_write_instead(argument: Mapping[str, str], what: str, instead: str) -> None:
    (conflict,) = taken_over(**argument).conflicts
    assert (conflict.what, conflict.instead) == (what, instead)


def test_a_long_or_empty_text_and_a_changed_condition_are_said_in_short() -> None:
    (long,) = taken_over("x" * 500).conflicts
    assert len(long.what) < 400
    (empty,) = taken_over("").conflicts
    assert "its description is empty in Veza" in empty.what
    (condition,) = taken_over(held=conditional("d"), entitlements=conditional("c")).conflicts
    assert "its entitlements differ, in the details of Group ds/y; its description" in condition.what


def test_what_a_profile_inherits_is_compared_whatever_the_resources_are_called() -> None:
    held = [profile("base", {"name": "Base"}), profile("heir", {"name": "Heir", "inherits_from": texts("id-base")})]
    needs = {"inherits_from": [urn("AccessProfile", "z")]}
    unknown = {**DECLARED, "name": "Heir", "inherits_from": {"(unknown 1)": UNKNOWN}}
    declared = [
        record("AccessProfile", "a", None, unknown, property_dependencies=needs),
        record("AccessProfile", "z", None, {**DECLARED, "name": "Base"}),
    ]
    document = building.build([of_type(), *declared], tenant(*held))
    assert {each.name: each.action for each in document.profiles} == {"Base": "adopt", "Heir": "adopt"}
    assert document.conflicts == []
    assert not any("not known before" in each.reason for each in document.unknowns)


def test_whoever_is_not_listed_where_a_profile_may_be_taken_over_is_told_of_once() -> None:
    names = ["p0", "p1", "p2", "p3"]
    new = [
        record("AccessProfile", each, None, {**DECLARED, "name": each, "entitlements": groups("a")}) for each in names
    ]
    strict = {**OPTIONS, "mode": "authoritative", "version": "current", "identity_ids": texts("ada")}
    sets = [
        record(
            "MembershipSet", f"of-{each}", None, {**strict, "profile_id": UNKNOWN},
            property_dependencies={"profile_id": [urn("AccessProfile", each)]},
        )
        for each in names
    ]  # fmt: skip
    document = building.build([of_type(), *new, *sets])
    assert [(each.what, each.reason) for each in document.unknowns] == [
        (
            "p0, p1, p2, p3",
            "if they exist in Veza already, whoever is a member there and is not listed in the program is removed, and "
            "who that is is not known here",
        ),
        (
            "p0, p1, p2, p3",
            "they may exist in Veza already, with members who are not known here, and would be taken over then",
        ),
    ]
    ((row,),) = (each.rows for each in document.people)
    assert row.reason == ("p0, p1, p2, p3 give it and may exist in Veza already, with members who are not known here")


def test_what_left_the_program_is_at_no_line_of_it() -> None:
    old = {
        "urn": urn("MembershipSet", "gone"), "type": urn("MembershipSet", "").split("::")[2],
        "id": "i", "inputs": {}, "outputs": {}, "sourcePosition": "project:///__main__.py#7,1",
    }  # fmt: skip
    step = {"op": "delete", "urn": old["urn"], "oldState": old}
    stays = {"op": "same", "urn": f"{old['urn']}2", "oldState": old, "newState": {**old, "urn": f"{old['urn']}2"}}
    steps = {"steps": [step, stays], "duration": 1, "changeSummary": {"same": 1}}
    gone, kept = preview_json.preview(json.dumps(steps))
    assert (gone.source, kept.source and kept.source.line) == (None, 7)
    annotations = FORMATS["annotations"](vanished(), RenderOptions())
    assert "::error title=A membership set removes more members than its guard allows" in annotations


@SHOWN
@pytest.mark.parametrize(("named", "by"), [("App", "App"), ("Application", "another one of this name")])
def test_a_replaced_type_is_said_by_its_old_name_everywhere(name: str, named: str, by: str) -> None:
    fields = {"name": "Application", "allow_inherit_entities": True}
    new = {**fields, "name": named, "allow_create_relationships": True}
    kind = record("AccessProfileType", "app", fields, new, op="replace", id="id-open")
    needs = {"profile_type": [kind.urn]}
    moved = [
        profile(each, {"entitlements": groups("a")}, {"profile_type": UNKNOWN, "entitlements": groups("a")}, **more)
        for each in ("p", "q")
        for more in [{"property_dependencies": needs}]
    ]
    text = text_of(building.build([kind, *moved]), name)
    said = f"Type Application is replaced by {by}; 2 profiles move to the new one; the old type stays in Veza"
    assert said in text


def test_a_value_to_copy_is_code_in_markdown_and_on_the_page() -> None:
    document = vanished()
    (removal,) = document.removals
    value = f"VEZA_ALLOW_REMOVALS={removal.confirmation}"
    assert f"confirm with `{value}`" in FORMATS["markdown"](document, RenderOptions())
    assert f"confirm with <code>{value}</code>" in FORMATS["html"](document, RenderOptions())
    assert f"confirm with {value}" in text_of(document, "terminal")


def test_what_those_who_stay_lose_depends_on_the_type_and_not_on_the_order() -> None:
    gone = [profile("gone", {"entitlements": groups("g")}, {"entitlements": groups("h")})]
    of_it = members("gone", ["ben"], None)
    kept = building.build([of_type(withdraws=False), *gone, of_it])
    effects = {(row.effect.value, row.undone, row.because_refused) for each in kept.people for row in each.rows}
    assert effects == {
        ("lost", "certain", False),
        ("kept, no longer governed", None, True),
        ("gained", None, True),
    }
    assert "may lose" not in headline(kept)
    added = [profile("gone", {"entitlements": groups("g")}, {"entitlements": groups("g", "h")}), of_it]
    found = building.build([of_type(), *added])
    assert "also lose" not in text_of(found, "terminal")
    assert "1 person gains access" in headline(found)
