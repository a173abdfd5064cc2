"""``existing_id``: the object that a create takes over where the name alone does not tell."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pulumi_veza.access import tenant as tenants
from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject
from pulumi_veza.impact.obstacles import conflicts
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import OURS, Record
from pulumi_veza.plan.records import UNKNOWN as COMPUTED
from pulumi_veza.provider.lifecycle import NAME_KEY, Diff, Lifecycle
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from tests.support.runs import Runs
from tests.support.tenant import Tenant

PROFILE, TYPE = Lifecycle(ProfileKind()), Lifecycle(TypeKind())
TWIN: JsonObject = {"name": "Twin", "profile_type": "open"}


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[
            {"id": "open", "name": "Open", "allow_create_relationships": True},
            {"id": "other", "name": "Other"},
            {"id": "same-1", "name": "Same", "description": "One"},
            {"id": "same-2", "name": "Same", "description": "One"},
        ],
        profiles=[
            {**TWIN, "id": "twin-1", "labels": ["first"]},
            {**TWIN, "id": "twin-2", "labels": ["second"]},
            {**TWIN, "id": "elsewhere", "profile_type": "other", "name": "Elsewhere"},
        ],
    )
    tenant.clear_requests()


def check(lifecycle: Lifecycle, resource: str = "it", /, olds: JsonObject | None = None, **args: Any) -> list[str]:
    _, failures = lifecycle.check(olds or {}, {**args, NAME_KEY: resource})
    return [failure.reason for failure in failures]


def inputs(lifecycle: Lifecycle, resource: str = "it", /, olds: JsonObject | None = None, **args: Any) -> JsonObject:
    found, failures = lifecycle.check(olds or {}, {**args, NAME_KEY: resource})
    assert failures == []
    return found


def create(lifecycle: Lifecycle, resource: str = "it", /, **args: Any) -> tuple[str, JsonObject]:
    return lifecycle.create(inputs(lifecycle, resource, **args))


def refused(lifecycle: Lifecycle, **args: Any) -> str:
    with pytest.raises(RefusedError) as error:
        create(lifecycle, **args)
    return str(error.value)


def test_of_two_profiles_of_one_name_the_named_one_is_taken_over_without_a_request(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    assert 'write existing_id="..." with the id of the one to take over, or choose another name' in refused(
        PROFILE, **TWIN
    )
    runs.new()
    id_, outs = create(PROFILE, **TWIN, labels=["second"], existing_id="twin-2")
    assert (id_, outs["adopted"]) == ("twin-2", True)
    assert tenant.requests(mutating=True) == []


def test_of_two_identical_types_the_named_one_is_taken_over(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    assert 'write existing_id="..." with the id of the one to take over, or choose another name' in refused(
        TYPE, name="Same"
    )
    runs.new()
    id_, _ = create(TYPE, name="Same", description="One", existing_id="same-2")
    assert id_ == "same-2"
    assert tenant.requests(mutating=True) == []


@pytest.mark.parametrize(
    ("existing_id", "hint"),
    [
        ("nobody", "; of the name 'Twin' there is twin-1, twin-2; write"),
        ("TWIN-1", "; there is twin-1; of the name 'Twin' there is twin-1, twin-2; write"),
        ("same-1", "; it is the id of access profile type 'Same'; of the name"),
    ],
)
def test_a_profile_that_is_not_there_is_refused_with_what_is(
    runs: Runs, tenant: Tenant, existing_id: str, hint: str
) -> None:
    runs.new()
    said = refused(PROFILE, **TWIN, existing_id=existing_id)
    assert said.startswith(f'the tenant lists no access profile with the id existing_id="{existing_id}"{hint}')
    assert said.endswith("write the id of the access profile to take over, or leave existing_id out to create one")
    assert tenant.requests(mutating=True) == []


def test_a_type_that_is_not_there_is_refused_with_what_is(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    assert refused(TYPE, name="Same", existing_id="elsewhere") == (
        'the tenant lists no access profile type with the id existing_id="elsewhere"; it is the id of access profile '
        "'Elsewhere' of type other; of the name 'Same' there is same-1, same-2; write the id of the access profile "
        "type to take over, or leave existing_id out to create one"
    )
    assert tenant.requests(mutating=True) == []


def test_another_name_and_type_are_differences_and_with_always_they_are_changed(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    assert refused(PROFILE, **TWIN, existing_id="elsewhere") == (
        "access profile 'Elsewhere' (elsewhere) exists already and differs in name ('Elsewhere' in Veza, 'Twin' here), "
        "profile_type ('other' in Veza, 'open' here); write the same here to take it over, or adopt=\"always\" to take "
        "it over and change it, or leave existing_id out"
    )
    assert tenant.requests(mutating=True) == []
    runs.new()
    id_, _ = create(PROFILE, **TWIN, existing_id="elsewhere", adopt="always")
    assert id_ == "elsewhere"
    assert [each["body"] for each in tenant.requests(mutating=True)] == [{"name": "Twin", "profile_type": "open"}]
    assert len(tenant.profiles()) == 3
    (said,) = (each for each in runs.said if "taking over" in each)
    assert "taking over the existing access profile 'Elsewhere' (elsewhere) and changing name ('Elsewhere'" in said


def test_a_name_in_another_case_is_another_name(runs: Runs) -> None:
    runs.new()
    said = refused(PROFILE, name="TWIN", profile_type="open", labels=["first"], existing_id="twin-1")
    assert "differs in name ('Twin' in Veza, 'TWIN' here); write" in said
    assert "differs in name ('Same' in Veza, 'same' here), and" in refused(TYPE, name="same", existing_id="same-1")


def test_a_type_that_differs_is_refused_as_it_cannot_be_changed(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    assert refused(TYPE, name="Same", max_entitlements=3, existing_id="same-1") == (
        "access profile type 'Same' (same-1) differs in max_entitlements (0 in Veza, 3 here), and the API cannot "
        "change a type; write the same here as it has to take it over, or leave existing_id out to create another one"
    )
    tenant.quirks(minimal_types=True)
    runs.new()
    said = refused(TYPE, name="Same", instructions="Read", existing_id="same-1")
    assert "is listed without instructions, and the API cannot change a type" in said
    assert tenant.requests(mutating=True) == []


def test_what_contradicts_itself_or_is_no_id_is_refused_before_anything_is_asked(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    for lifecycle, args in [(PROFILE, TWIN), (TYPE, {"name": "Same"})]:
        (said,) = check(lifecycle, **args, existing_id="twin-1", adopt="never")
        assert said == (
            'adopt: "never" takes nothing over, and existing_id names what to take over; leave one of the two out'
        )
        for wrong, reason in [
            ("", "existing_id: must not be empty"),
            (" twin-1", "existing_id: ' twin-1' begins with a blank, as no id does"),
            (7, "existing_id: expected a text, got a number"),
        ]:
            (said,) = check(lifecycle, **args, existing_id=wrong)
            assert said.startswith(reason)
    assert tenant.requests() == []


def test_two_resources_may_share_a_name_where_ids_tell_them_apart_and_never_an_id(runs: Runs) -> None:
    runs.new()
    assert check(PROFILE, "one", **TWIN, existing_id="twin-1") == []
    assert check(PROFILE, "two", **TWIN, existing_id="twin-2") == []
    (said,) = check(PROFILE, "three", **TWIN)
    assert "of this program declares the same object; remove one of the two, name it differently, or, where" in said
    (said,) = check(PROFILE, "four", **TWIN, existing_id="twin-1")
    assert said.startswith("access profile 'Twin' (twin-1) is managed by AccessProfile 'one' already")
    assert check(TYPE, "one", name="Same", existing_id="same-1") == []
    assert check(TYPE, "two", name="Same", existing_id="same-2") == []
    (said,) = check(TYPE, "three", name="Other", existing_id="same-2")
    assert said.startswith("access profile type same-2 is managed by AccessProfileType 'two' already")


def test_a_resource_that_has_the_object_already_is_named_where_another_wants_to_take_it_over(runs: Runs) -> None:
    runs.new()
    id_, outs = create(PROFILE, "one", **TWIN, existing_id="twin-1")
    runs.new()
    assert check(PROFILE, "new", **TWIN, existing_id="twin-1") == []
    held = inputs(PROFILE, "one", olds=outs, **TWIN, existing_id="twin-1")
    with pytest.raises(RefusedError, match=r"\(twin-1\) is managed by AccessProfile 'new' already"):
        PROFILE.diff(id_, outs, held)


@pytest.mark.parametrize(("lifecycle", "args", "id_"), [(TYPE, {"name": "Same"}, "same-1"), (PROFILE, TWIN, "twin-1")])
def test_what_a_resource_has_is_taken_over_by_no_other_in_whatever_order_they_come(
    runs: Runs, tenant: Tenant, lifecycle: Lifecycle, args: JsonObject, id_: str
) -> None:
    runs.new()
    _, outs = create(lifecycle, "one", **args, existing_id=id_)
    runs.new()
    new = inputs(lifecycle, "new", **args, existing_id=id_)
    held = inputs(lifecycle, "one", olds=outs, **args)
    with pytest.raises(RefusedError, match="already"):
        lifecycle.diff(id_, outs, held)
    with pytest.raises(RefusedError, match=rf"'new' takes nothing over: {id_}, .* is the object of .* 'one' already"):
        lifecycle.create(new)
    assert tenant.requests(mutating=True) == []


def test_twins_stay_apart_when_existing_id_has_gone_from_the_program(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    states = {id_: create(PROFILE, id_, **TWIN, existing_id=id_) for id_ in ("twin-1", "twin-2")}
    for written in ([], ["existing_id"], []):
        runs.new()
        for id_, (_, outs) in states.items():
            args = {**TWIN, **dict.fromkeys(written, id_)}
            assert PROFILE.diff(id_, outs, inputs(PROFILE, id_, olds=outs, **args)) == Diff(changes=False)
    for id_, (_, outs) in states.items():
        read = PROFILE.read(id_, outs)
        assert read is not None
        assert read[0]["name"] == "Twin"
    assert tenant.requests(mutating=True) == []


def test_another_id_than_the_resource_has_is_refused_with_both(runs: Runs) -> None:
    runs.new()
    _, outs = create(PROFILE, **TWIN, existing_id="twin-1")
    _, of_type = create(TYPE, name="Same", existing_id="same-1")
    runs.new()
    for lifecycle, id_, olds, args, other in [
        (PROFILE, "twin-1", outs, TWIN, "twin-2"),
        (TYPE, "same-1", of_type, {"name": "Same"}, "same-2"),
        (TYPE, "same-1", of_type, {"name": "Other"}, "same-2"),
    ]:
        news = inputs(lifecycle, olds=olds, **args, existing_id=other)
        said = re.escape(f'({id_}), and existing_id="{other}" names another; only a create reads existing_id: leave it')
        with pytest.raises(RefusedError, match=said):
            lifecycle.diff(id_, olds, news)


def test_a_change_of_a_type_is_refused_while_its_id_is_written_and_replaces_it_afterwards(runs: Runs) -> None:
    runs.new()
    id_, outs = create(TYPE, name="Same", description="One", existing_id="same-1")
    runs.new()
    news = inputs(TYPE, olds=outs, name="Same", description="Two", existing_id="same-1")
    with pytest.raises(RefusedError) as error:
        TYPE.diff(id_, outs, news)
    assert str(error.value) == (
        "access profile type 'Same' (same-1) differs in description, and the API cannot change a type; write the same "
        "here as it has, or leave existing_id out to create a new type and leave this one behind"
    )
    # What is not known yet may turn out to be the same.
    news = inputs(TYPE, olds=outs, name="Same", description=UNKNOWN, existing_id="same-1")
    assert TYPE.diff(id_, outs, news).replaces == ["description"]
    runs.new()
    news = inputs(TYPE, olds=outs, name="Same", description="Two")
    assert TYPE.diff(id_, outs, news) == Diff(changes=True, replaces=["description"])
    new, _ = TYPE.create(news)
    assert new not in {"same-1", "same-2"}


def test_what_is_gone_is_not_created_under_the_id_that_is_written(runs: Runs, tenant: Tenant) -> None:
    runs.new()
    _, outs = create(PROFILE, **TWIN, existing_id="twin-1")
    tenant.delete_profile("twin-1")
    runs.new()
    assert PROFILE.read("twin-1", outs) is None
    assert refused(PROFILE, **TWIN, existing_id="twin-1").startswith("the tenant lists no access profile with the id")
    assert tenant.requests(mutating=True) == []


def record(kind: str, **args: Any) -> Record:
    return Record(f"urn:pulumi:dev::test::{OURS}{kind}::it", f"{OURS}{kind}", op="create", new_inputs=args)


def test_an_impact_on_the_live_tenant_says_what_is_not_there_and_what_differs(runs: Runs) -> None:
    live = tenants.organisation(runs.new().client)
    for existing_id, said in [
        ("nobody", "Veza has no profile with the id nobody"),
        (
            "elsewhere",
            "profile Elsewhere exists in Veza already and is not as the program says; its name is 'Elsewhere' in "
            "Veza and 'Twin' in the program; its profile type is 'other' in Veza and 'open' in the program",
        ),
    ]:
        runs.new()
        new = record("AccessProfile", **inputs(PROFILE, **TWIN, existing_id=existing_id))
        assert [each.what for each in conflicts([new], plan([new], live))] == [said]


def test_a_plan_that_cannot_see_the_object_decides_nothing(runs: Runs) -> None:
    runs.new()
    labelled = {**TWIN, "labels": ["first"]}
    for existing_id, ref in [("twin-1", "twin-1"), (COMPUTED, None)]:
        profile = record("AccessProfile", **inputs(PROFILE, **labelled), existing_id=existing_id)
        planned = plan([profile, record("AccessProfileType", name="Same", existing_id=existing_id)])
        assert planned.refusals == {}
        assert planned.refs[profile.urn] == (ref or profile.urn)
        after = planned.after.profiles[planned.refs[profile.urn]]
        assert any(reason.decided_during_up for reason in after.unknown)
