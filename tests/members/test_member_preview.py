"""`pulumi_veza.resources.member_preview`: what a run says of people, and of whom it is silent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject
from pulumi_veza.fields.secrets import SECRETS_KEY
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.other_sets import OTHERS_KEY
from pulumi_veza.resources.profile import ProfileKind
from tests.support.runs import Runs

SETS, PROFILES = Lifecycle(MembershipKind()), Lifecycle(ProfileKind())
State = tuple[str, JsonObject]


@pytest.fixture
def run(runs: Runs) -> Runs:
    people = [{"id": f"id-{name.lower()}", "name": name} for name in ("Ana", "Ben", "Cem", "Dan")]
    runs.tenant.seed(
        types=[{"id": "role", "name": "Role"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "role"}],
        identities=people,
    )
    runs.new()
    return runs


def checked(lifecycle: Lifecycle, olds: JsonObject, resource: str = "it", /, **args: Any) -> JsonObject:
    news, failures = lifecycle.check(olds, {NAME_KEY: resource, **args})
    assert failures == []
    return news


def of_team(*ids: str, **args: Any) -> JsonObject:
    return {"profile_id": "team", "identity_ids": [f"id-{who}" for who in ids], **args}


def people_lines(run: Runs) -> list[str]:
    return [line for line in run.said if "join" in line or "leave" in line]


def moved(run: Runs, held: State, wanted: JsonObject, profile: State | None) -> None:
    """Preview a set that is pointed elsewhere, after the profile that it leaves where the program declares that."""
    run.new()
    if profile:
        PROFILES.diff(*profile, checked(PROFILES, profile[1], "team", name="Team", profile_type="role"))
    news = checked(SETS, held[1], **wanted)
    SETS.diff(*held, news)
    # The engine checks a replacement once more, as a new resource.
    checked(SETS, {}, **wanted)


def test_a_set_that_is_pointed_at_a_profile_of_the_same_run_says_who_leaves_the_old_one_and_is_guarded(
    run: Runs,
) -> None:
    profile = PROFILES.create(checked(PROFILES, {}, "team", name="Team", profile_type="role"))
    run.new()
    held = SETS.create(checked(SETS, {}, **of_team("ana", "ben")))
    # The names of those whom a change has added come with a read.
    refreshed = SETS.read(*held)
    assert refreshed
    held = held[0], refreshed[0]
    wanted = of_team("ana", "ben", profile_id=UNKNOWN)
    both = "Ana (id-ana), Ben (id-ben)"
    with pytest.raises(RefusedError, match=r"would remove 2 of 2 members of access profile 'Team' \(team\)"):
        moved(run, held, wanted, profile)
    # Nothing of it happens, so it is said of what would.
    (line,) = people_lines(run)
    assert "2 people would leave access profile 'Team' (team): " in line
    assert "; 2 people would join an access profile not known before `pulumi up`: " in line
    # A profile that the program no longer declares may be the new one under another name of the resource.
    joins = f"2 people join an access profile not known before `pulumi up`: {both} (unless they are members already)"
    moved(run, held, wanted, None)
    (line,) = people_lines(run)
    assert f"2 people leave access profile team: {both} (unless they join the same one again); {joins}" in line
    # Allowed, it is one line that says both.
    moved(run, held, {**wanted, "allow_emptying": True, "max_removal_percent": 100}, profile)
    (line,) = people_lines(run)
    assert f"2 people leave access profile 'Team' (team): {both}; {joins}" in line
    # An audit adds nobody, but those whom the set managed leave all the same.
    moved(run, held, {**wanted, "mode": "audit", "allow_emptying": True, "max_removal_percent": 100}, profile)
    (line,) = people_lines(run)
    assert line.endswith(f"2 people leave access profile 'Team' (team): {both}")


def test_people_whose_ids_are_secret_are_counted_and_not_named(run: Runs) -> None:
    secret = {SECRETS_KEY: ["identity_ids"]}
    held = SETS.create(checked(SETS, {}, **of_team("ana", "ben", "cem"), **secret))
    run.new()
    with pytest.raises(RefusedError) as refused:
        SETS.diff(*held, checked(SETS, held[1], **of_team("ana"), **secret))
    assert "would remove 2 of 3 members" in str(refused.value)
    run.new()
    other = SETS.create(checked(SETS, {}, "other", **of_team("dan")))
    with pytest.raises(RefusedError) as vanished:
        SETS.delete(*held)
    assert "would remove 3 of 3 members" in str(vanished.value)
    run.new()
    SETS.diff(*held, checked(SETS, held[1], **of_team("ana", "dan", max_removal_percent=100), **secret))
    (line,) = people_lines(run)
    assert "1 person joins: [secret]; 2 people leave: [secret], [secret]" in line
    # Nor does the refusal of another set that is emptied together with it name them.
    run.new()
    read = SETS.read(*held)
    assert read is not None
    run.new()
    nobody = of_team(max_removal_percent=100)
    SETS.diff(held[0], read[0], checked(SETS, read[0], **nobody, **secret))
    news = checked(SETS, other[1], "other", **nobody)
    with pytest.raises(RefusedError) as together:
        SETS.diff(*other, news)
    assert "would remove 3 of 3 members" in str(together.value)
    for said in (refused, vanished, together):
        assert "[secret]" in str(said.value)
        assert not [name for name in ("Ana", "Ben", "Cem", "id-ana", "id-ben") if name in str(said.value)]


@pytest.mark.parametrize("first", ["audit", "adds"])
def test_an_audit_is_silent_about_those_whom_another_set_of_the_run_adds(run: Runs, first: str) -> None:
    told = {
        "audit": [["adds", "", "team", "current", ["id-ana", "id-ben"], True]],
        "adds": [["audit", "", "team", "current", [], False]],
    }
    sets = {"audit": of_team("ana", "ben", "cem", mode="audit"), "adds": of_team("ana", "ben")}
    others = {name: {OTHERS_KEY: json.dumps(each)} for name, each in told.items()}
    news = {name: checked(SETS, {}, name, **args, **others[name]) for name, args in sets.items()}
    for name in sorted(sets, key=lambda each: each != first):
        SETS.create(news[name])
    (line,) = [line for line in run.said if "audit of" in line]
    assert "listed here and not members: id-cem" in line
    assert "id-ana" not in line.replace("members and not listed here", "")


def test_sets_of_a_version_that_is_not_known_yet_are_no_fight(run: Runs) -> None:
    for name, mode in (("one", "authoritative"), ("two", "additive"), ("three", "authoritative")):
        checked(SETS, {}, name, **{**of_team("ana", mode=mode), "version": UNKNOWN})
    assert not [line for line in run.said if "shares the members" in line]
