"""`pulumi_veza.provider.shell`: what goes between Pulumi and the lifecycle. The rest is tested on the real plugin."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import Any

import pulumi
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.output import UNKNOWN, Unknown

import pulumi_veza
from pulumi_veza.errors import PermissionDeniedError, PluginError
from pulumi_veza.provider import session, shell
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS
from tests.support.runs import Runs
from tests.support.tenant import Tenant

every_kind = pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)


def test_unknown_values_go_in_as_objects_and_out_as_the_engines_text(runs: Runs) -> None:
    runs.new()
    provider = pulumi_veza.AccessProfile._provider_class()
    news = {"name": "x", "profile_type": Unknown(), "labels": ["a", Unknown()], "__provider": Unknown()}
    checked = provider.check({}, news)
    assert checked.failures == []
    assert checked.inputs["profile_type"] == UNKNOWN
    assert checked.inputs["labels"] == {"(unknown 1)": UNKNOWN, "a": "a"}
    assert "__provider" not in checked.inputs
    assert isinstance(news["profile_type"], Unknown)


def test_a_key_that_the_engine_would_hide_is_refused_wherever_it_is(runs: Runs) -> None:
    runs.new()
    theirs = {"__team": "x", "inside": [{"__provider": "x"}], "fine__": 1}
    news = {"name": "x", "profile_type": "t", "custom_properties": theirs, "__provider": "the pickled one"}
    checked = pulumi_veza.AccessProfile._provider_class().check({}, news)
    assert [(each.property, each.reason.partition(" begins ")[0]) for each in checked.failures] == [
        ("", "custom_properties: the key '__team'"),
        ("", "custom_properties.inside[0]: the key '__provider'"),
    ]
    assert "__provider" not in checked.inputs


def test_what_the_tenant_holds_under_such_a_key_is_read(runs: Runs, tenant: Tenant) -> None:
    """Somebody else has written it there, and a refresh must not fail for it."""
    tenant.seed(
        types=[{"id": "t", "name": "T"}],
        profiles=[{"id": "p", "name": "x", "profile_type": "t", "custom_properties": {"__team": "x"}}],
    )
    runs.new()
    found = pulumi_veza.AccessProfile._provider_class().read(
        "p", {"name": "x", "profile_type": "t", "custom_properties": {"a": 1}}
    )
    assert found.outs is not None
    assert found.outs["custom_properties"] == {"__team": "x"}


def test_a_resource_of_another_tenant_is_refused_and_nothing_is_created_after_it(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(types=[{"id": "t", "name": "T"}])
    tenant.clear_requests()
    news = {"name": "x", "profile_type": "t", "__name": "x"}
    provider = pulumi_veza.AccessProfile._provider_class()
    for recorded, accepted in (
        (None, True),
        ("", True),
        (tenant.url, True),
        (f"{tenant.url.upper()}/", True),
        ("https://elsewhere.example", False),
        ("no address", False),
    ):
        runs.new()
        inputs = provider.check({}, news).inputs
        olds = {**inputs, **({} if recorded is None else {"__tenant": recorded})}
        if accepted:
            assert provider.diff("p", olds, inputs).changes is False
            continue
        both, one = ("p", olds, inputs), ("p", olds)
        calls: list[tuple[Any, tuple[Any, ...]]] = [
            (provider.diff, both),
            (provider.read, one),
            (provider.update, both),
            (provider.delete, one),
        ]
        for call, arguments in calls:
            with pytest.raises(PluginError, match=r"belongs to the tenant .* and this run is about"):
                call(*arguments)
        with pytest.raises(PluginError, match=r"was not created in .*: another resource of this provider belongs to"):
            provider.create(inputs)
    assert tenant.requests() == []


def test_a_fault_of_the_provider_says_that_it_is_one(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEZA_DEBUG", raising=False)
    runs.new()
    provider = pulumi_veza.AccessProfile._provider_class()

    def fail(*_: object) -> None:
        raise KeyError("hush-hush")

    monkeypatch.setattr(provider.lifecycle, "create", fail)
    with pytest.raises(PluginError) as refused:
        provider.create({"name": "hush-hush", "__secrets": ["name"]})
    assert str(refused.value) == (
        "this is a fault of pulumi-veza and not of the program: KeyError: '[secret]'; report it to its maintainers "
        "with the traceback that VEZA_DEBUG=1 prints"
    )
    assert refused.value.__cause__ is None


def test_a_refused_value_that_is_secret_is_not_shown_to_the_engine(runs: Runs) -> None:
    runs.new()
    news = {"name": "x", "profile_type": "t", "state": "hush-hush", "on_destroy": "hurry", "__secrets": ["state"]}
    failures = pulumi_veza.AccessProfile._provider_class().check({}, news).failures
    assert [(each.property, each.reason.partition(":")[0]) for each in failures] == [
        ("", "state"),
        ("on_destroy", "must be one of pause, retain, prevent"),
    ]
    assert "hush" not in str([each.reason for each in failures])


def test_the_state_is_a_map_and_the_program_reads_a_list() -> None:
    async def read(held: Any) -> Any:
        resource = object.__new__(pulumi_veza.MembershipSet)
        resource.__dict__["identity_ids"] = pulumi.Output.from_input(held)
        return await resource.identity_ids.future()

    assert asyncio.run(read({"b": "b", "\\__a": "__a", "c": "c"})) == ["__a", "b", "c"]
    assert asyncio.run(read({})) == []
    assert asyncio.run(read(None)) == []


def test_a_set_cannot_be_assigned() -> None:
    resource: Any = object.__new__(pulumi_veza.MembershipSet)
    with pytest.raises(AttributeError, match="identity_ids is an output; write it as an argument"):
        resource.identity_ids = ["ana"]


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_is_one_line_and_with_veza_debug_also_says_what_led_to_it(
    debug: bool, runs: Runs, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    if debug:
        monkeypatch.setenv("VEZA_DEBUG", "1")
    else:
        monkeypatch.delenv("VEZA_DEBUG", raising=False)
    runs.new(max_retries=0)
    tenant.fault(status=403, answer={"code": "PermissionDeniedError", "message": "several\nlines\n  of it"})
    with pytest.raises(PluginError) as refused:
        pulumi_veza.AccessProfile._provider_class().read("p", {"name": "x", "profile_type": "t"})
    assert "\n" not in str(refused.value)
    assert "several lines of it" in str(refused.value)
    assert isinstance(refused.value.__cause__, PermissionDeniedError if debug else type(None))
    # The engine prints the class before the text.
    assert f"{type(refused.value).__module__}.{type(refused.value).__qualname__}" == "builtins.Veza"


def test_configure_takes_the_stacks_veza_settings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[dict[str, str]] = []
    monkeypatch.setattr(session, "configure", taken.append)
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    monkeypatch.delenv("VEZA_DEBUG", raising=False)
    stack = {
        "veza:url": "https://one.example",
        "aws:region": "eu-west-1",
        "project:veza:url": "no",
        "version": "1.0.0",
        "__internal": {},
    }
    pulumi_veza.MembershipSet._provider_class().configure(ConfigureRequest(Config(stack, "project")))
    assert taken == [{"veza:url": "https://one.example"}]
    assert sys.tracebacklimit == 0


def test_a_setting_without_its_namespace_is_taken_for_one_and_refused_later(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[dict[str, str]] = []
    monkeypatch.setattr(session, "configure", taken.append)
    provider = {"url": "https://one.example", "version": "1.0.0"}
    pulumi_veza.MembershipSet._provider_class().configure(ConfigureRequest(Config(provider, "project")))
    assert taken == [{"url": "https://one.example"}]


@every_kind
def test_a_kind_replaces_by_creating_first(resource: type[Resource], runs: Runs) -> None:
    runs.new()
    provider = resource._provider_class()
    schema = provider.lifecycle.kind.schema
    replacing = next((field.name for field in schema if field.input.replace), None)
    if replacing is None:
        assert resource is pulumi_veza.AccessProfile
        return
    required = {field.name: "x" for field in schema if field.required and not field.is_set}
    sets = {field.name: ["x"] for field in schema if field.required and field.is_set}
    olds = provider.check({}, {**required, **sets}).inputs
    news = {**olds, replacing: "y"}
    diff = provider.diff("x/versions/current/members", olds, news)
    assert (diff.changes, diff.replaces, diff.delete_before_replace) == (True, [replacing], False)


def test_a_plain_secret_in_the_configuration_is_warned_of_once_in_each_run_of_a_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.runtime, "get_config", {"veza:apiKey": "plain", "veza:url": "u"}.get)
    monkeypatch.setattr(pulumi.runtime, "is_config_secret", lambda _: False)
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    for runs in (1, 2):
        # The resource of the stack is made anew in each run, also where one process runs several programs.
        stack = object.__new__(pulumi.ComponentResource)
        monkeypatch.setattr(pulumi.runtime, "get_root_resource", weakref.ref(stack))
        for _ in range(3):
            shell._warn_of_plain_secrets()
        assert [each.partition(" is ")[0] for each in said] == ["veza:apiKey"] * runs
        assert stack in shell._warned
        del stack
    gc.collect()
    assert len(shell._warned) == 0


def test_settings_are_found_by_name_where_the_configuration_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[dict[str, str]] = []
    monkeypatch.setattr(session, "configure", taken.append)
    monkeypatch.setattr(shell, "all_config", lambda _: {})
    stack = {"veza:url": "https://one.example", "aws:region": "eu-west-1"}
    pulumi_veza.MembershipSet._provider_class().configure(ConfigureRequest(Config(stack, "project")))
    assert taken == [{"veza:url": "https://one.example"}]
