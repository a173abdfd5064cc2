"""Check, diff, create, read, update and delete of every kind, over gRPC."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from pulumi_veza import AccessProfile, AccessProfileType, AccessProfileVersion, MembershipSet
from pulumi_veza.provider.shell import Resource
from tests.support.fixtures import Start
from tests.support.plugin import UNKNOWN, Checked, Differs, Plugin, refusal, secret
from tests.support.tenant import Tenant

GROUP = {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": "00G-sellers"}
GROUP_KEY = "SalesforceGroup sf-prod/00G-sellers"

EVERY_KIND: list[tuple[type[Resource], dict[str, Any], dict[str, Any]]] = [
    (
        AccessProfileType,
        {"name": "Role", "max_entitlements": 3},
        {"name": "Role", "max_entitlements": 3, "on_destroy": "prevent"},
    ),
    (
        AccessProfile,
        {"name": "Sales", "profile_type": "open", "labels": ["b", "a"], "entitlements": [GROUP]},
        {"name": "Sellers", "profile_type": "open", "labels": ["c"]},
    ),
    (
        AccessProfileVersion,
        {"profile_id": "team", "entitlements": [GROUP]},
        {"profile_id": "team", "inherits_from": ["parent"]},
    ),
    (
        MembershipSet,
        {"profile_id": "team", "identity_ids": ["bob", "ana"]},
        {"profile_id": "team", "identity_ids": ["bob", "eve"], "max_removal_percent": 50},
    ),
]


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[
            {"id": "team", "name": "Team", "profile_type": "open"},
            {"id": "parent", "name": "Parent", "profile_type": "open"},
        ],
        identities=["ana", "bob", "eve"],
    )


@pytest.mark.catalogue(1)
def test_a_life_of_every_kind(start: Start, tenant: Tenant) -> None:
    ids, states, inputs = {}, {}, {}
    run = start(tenant.env())
    for resource, first, _ in EVERY_KIND:
        checked = run.check(resource, {**first, "__name": "it"})
        assert checked.failures == []
        inputs[resource] = checked.inputs
    assert tenant.requests() == []
    for resource, first, _ in EVERY_KIND:
        ids[resource], states[resource] = run.create(resource, inputs[resource])
        declared = resource._provider_class.lifecycle.kind.schema
        assert states[resource].keys() >= {*first, *declared.outputs, "__name"}

    tenant.clear_requests()
    run = start(tenant.env())
    for resource, first, _ in EVERY_KIND:
        id_, outs = ids[resource], states[resource]
        assert run.check(resource, {**first, "__name": "it"}, outs) == Checked(inputs[resource], [])
        assert run.diff(resource, id_, outs, inputs[resource]) == Differs(False, [], False)
    assert tenant.requests() == []
    for resource, _, _ in EVERY_KIND:
        found, outs, read = run.read(resource, ids[resource], states[resource])
        assert (found, read) == (ids[resource], inputs[resource])
        assert outs.keys() == states[resource].keys()
        assert outs.items() >= inputs[resource].items()
    assert tenant.requests(mutating=True) == []

    run = start(tenant.env())
    for resource, _, second in EVERY_KIND:
        id_, outs = ids[resource], states[resource]
        changed = run.check(resource, {**second, "__name": "it"}, outs)
        assert changed.failures == []
        assert run.diff(resource, id_, outs, changed.inputs) == Differs(True, [], False)
        inputs[resource], states[resource] = changed.inputs, run.update(resource, id_, outs, changed.inputs)

    run = start(tenant.env())
    for resource, _, _ in EVERY_KIND:
        id_, outs = ids[resource], states[resource]
        assert run.diff(resource, id_, outs, inputs[resource]) == Differs(False, [], False)
        assert run.read(resource, id_, outs)[2] == inputs[resource]

    run = start(tenant.env())
    for resource in (MembershipSet, AccessProfileVersion, AccessProfile):
        run.delete(resource, ids[resource], states[resource])
    assert tenant.members("Team") == {}
    assert tenant.profile("Sellers")["state"] == "PAUSED"
    with pytest.raises(grpc.RpcError) as error:
        run.delete(AccessProfileType, ids[AccessProfileType], states[AccessProfileType])
    assert 'on_destroy="prevent"' in shown(error)
    run.close()
    assert "Traceback" not in run.said


@pytest.mark.parametrize(("resource", "first", "_second"), EVERY_KIND, ids=lambda each: getattr(each, "__name__", ""))
@pytest.mark.catalogue(5)
def test_what_is_unknown_comes_back_as_unknown_and_is_a_change(
    resource: type[Resource], first: dict[str, Any], _second: object, checker: Plugin, tenant: Tenant
) -> None:
    known = checker.check(resource, first).inputs
    for name in first:
        checked = checker.check(resource, {**first, name: UNKNOWN})
        assert checked.failures == []
        assert checked.inputs[name] == UNKNOWN
        assert checker.diff(resource, "team/versions/current/members", known, checked.inputs).changes
    assert tenant.requests() == []


@pytest.mark.catalogue(5)
def test_an_unknown_inside_a_set_leaves_the_others_readable(checker: Plugin) -> None:
    news = {"profile_id": "team", "identity_ids": ["bob", UNKNOWN, "ana", UNKNOWN]}
    assert checker.check(MembershipSet, news).inputs["identity_ids"] == {
        "(unknown 1)": UNKNOWN,
        "(unknown 2)": UNKNOWN,
        "ana": "ana",
        "bob": "bob",
    }
    half = {**GROUP, "entity_id": UNKNOWN}
    checked = checker.check(AccessProfileVersion, {"profile_id": UNKNOWN, "entitlements": [half, GROUP]})
    assert checked.failures == []
    assert checked.inputs["profile_id"] == UNKNOWN
    assert checked.inputs["entitlements"][GROUP_KEY] == GROUP
    assert half in checked.inputs["entitlements"].values()


def test_a_refusal_does_not_show_what_may_be_secret(checker: Plugin) -> None:
    news = {"name": ["s3cret"], "profile_type": "open", "custom_properties": "s3cret", "labels": [{"s3cret": 1}]}
    failures = checker.check(AccessProfile, news).failures
    # The engine prints the value of a property that is named to it.
    assert [name for name, _ in failures] == ["", "", ""]
    assert {reason.partition(":")[0] for _, reason in failures} == {"name", "custom_properties", "labels[0]"}
    assert "s3cret" not in str(failures)


def test_whole_numbers_stay_whole(plugin: Plugin, tenant: Tenant) -> None:
    news = {"name": "Numbers", "max_entitlements": 25.0}
    id_, outs = plugin.create(AccessProfileType, plugin.check(AccessProfileType, news).inputs)
    assert tenant.type(id_)["max_entitlements"] == 25
    assert (outs["max_entitlements"], outs["profiles_count"]) == (25, 0)


@pytest.mark.parametrize(
    ("resource", "news", "named"),
    [
        (AccessProfileType, {}, "name"),
        (AccessProfile, {"name": "x", "profile_type": "open", "state": "runing"}, "state"),
        (AccessProfileVersion, {"profile_id": "team", "entitlements": [{"entity_type": "x"}]}, "entitlements"),
        (MembershipSet, {"profile_id": "team", "identity_ids": "ana"}, "identity_ids"),
        (MembershipSet, {"profile_id": "team", "identity_ids": [], "version": 0}, "version"),
        (AccessProfile, {"name": "x", "profile_type": "open", "lables": []}, "lables"),
    ],
)
@pytest.mark.catalogue(4)
def test_what_is_wrong_is_refused_at_check_by_name(
    resource: type[Resource], news: dict[str, Any], named: str, checker: Plugin, tenant: Tenant
) -> None:
    failures = checker.check(resource, news).failures
    assert failures
    assert all((place or reason).startswith(named) for place, reason in failures)
    assert tenant.requests() == []


@pytest.mark.catalogue(11)
def test_a_gone_resource_is_read_as_gone_and_its_delete_is_fine(plugin: Plugin, tenant: Tenant) -> None:
    id_, outs = plugin.create(
        AccessProfile, plugin.check(AccessProfile, {"name": "Short", "profile_type": "open", "__name": "it"}).inputs
    )
    tenant.delete_profile("Short")
    with Plugin(tenant.env()) as later:
        assert later.read(AccessProfile, id_, outs) == ("", {}, None)
        later.delete(AccessProfile, id_, outs)
        assert later.read(MembershipSet, f"{id_}/versions/current/members", {"identity_ids": {}}) == ("", {}, None)


ONE_LINE = re.compile(r"[^\n]+")


def shown(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    """Return what the engine shows; one line, where a traceback has several."""
    text = refusal(error.value).strip()
    assert ONE_LINE.fullmatch(text), text
    assert "Traceback" not in text
    return text


def test_an_error_is_one_line_without_a_traceback(start: Start, tenant: Tenant) -> None:
    impatient = start({**tenant.env(), "VEZA_MAX_RETRIES": "0"})
    fault = tenant.fault(status=503)
    with pytest.raises(grpc.RpcError) as error:
        impatient.read(AccessProfile, "team", {"name": "Team", "profile_type": "open"})
    assert "Veza: listing the access profiles failed: 503" in shown(error)
    fault.remove()
    inputs = impatient.check(AccessProfile, {"name": "Lost", "profile_type": "no-such-type", "__name": "it"}).inputs
    with pytest.raises(grpc.RpcError) as error:
        impatient.create(AccessProfile, inputs)
    assert 'Veza: creating access profile "Lost" failed: 400' in shown(error)


@pytest.mark.parametrize("wrong", [{"VEZA_API_KEY": "wrong-key"}, {"VEZA_URL": "http://tenant.example"}])
def test_wrong_settings_are_one_line_and_never_show_the_key(
    wrong: dict[str, str], start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), **wrong})
    try:
        checked = run.check(AccessProfileType, {"name": "Role"})
        with pytest.raises(grpc.RpcError) as error:
            run.create(AccessProfileType, {**checked.inputs, "adopt": "identical"})
    except grpc.RpcError as early:
        pytest.fail(refusal(early))
    text = shown(error) + str(checked.failures)
    assert "wrong-key" not in text
    assert tenant.token not in text
    assert ("VEZA_API_KEY" in text) or ("http://" in text)


def test_without_settings_check_says_what_to_set_and_what_else_is_wrong(start: Start) -> None:
    reasons = [reason for _, reason in start({}).check(AccessProfileType, {"nmae": "Role"}).failures]
    assert any("pulumi config set veza:url" in reason and "veza:apiKey" in reason for reason in reasons)
    assert any(reason.startswith("nmae: ") for reason in reasons)


def test_the_stack_configures_and_the_environments_key_for_the_same_address_wins(start: Start, tenant: Tenant) -> None:
    stack = {"veza:url": tenant.url, "veza:apiKey": secret(tenant.token), "aws:region": "eu-west-1", "test:x": "y"}
    inputs = {"name": "Role", "adopt": "identical", "on_destroy": "retain"}
    id_, _ = start({}, stack).create(AccessProfileType, inputs)
    assert tenant.type("Role")["id"] == id_
    again, _ = start(tenant.env(), {**stack, "veza:apiKey": secret("old")}).create(AccessProfileType, inputs)
    assert again == id_
    failures = start({}, {**stack, "veza:maxRetry": "3"}).check(AccessProfileType, inputs).failures
    assert "veza:maxRetries" in failures[0][1]


def test_several_creates_of_one_name_at_once_make_one_object(plugin: Plugin, tenant: Tenant) -> None:
    args = {"name": "Same", "profile_type": "open", "state": "RUNNING", "adopt": "identical", "on_destroy": "pause"}

    def create(number: int) -> str:
        try:
            return plugin.create(AccessProfile, {**args, "__name": f"r{number}"})[0]
        except grpc.RpcError as error:
            return refusal(error)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(create, range(4)))
    made = tenant.profile("Same")
    assert results.count(made["id"]) == 1
    refusals = [result for result in results if result != made["id"]]
    assert all("Same" in result and "AccessProfile 'r" in result for result in refusals)


def test_many_creates_at_once_share_one_listing(plugin: Plugin, tenant: Tenant) -> None:
    def create(number: int) -> str:
        args = {"name": f"Profile {number}", "profile_type": "open", "state": "RUNNING"}
        return plugin.create(AccessProfile, {**args, "adopt": "identical", "on_destroy": "pause"})[0]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(create, range(12)))
    assert len(set(ids)) == 12
    assert len(tenant.requests(mutating=False, path="access_profiles$")) == 1
    assert len(tenant.requests(mutating=True)) == 12


def test_two_resources_that_declare_one_object_are_refused_at_check(checker: Plugin) -> None:
    def check(name: str) -> Checked:
        return checker.check(AccessProfile, {"name": "Twice", "profile_type": "open", "__name": name})

    assert check("one").failures == []
    ((_, reason),) = check("two").failures
    assert "AccessProfile 'one'" in reason
    assert check("one").failures == []
