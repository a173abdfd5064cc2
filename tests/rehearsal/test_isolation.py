"""What leads from the tenant to its twin, what is refused, and what the engine's output says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pulumi_veza.client.address import ONLY
from pulumi_veza.client.client import Client
from pulumi_veza.errors import RefusedError, SettingsError, TwinError
from pulumi_veza.rehearsal import engine_output, isolation
from pulumi_veza.rehearsal.isolation import ConfigValue, Twin
from pulumi_veza.rehearsal.server import TwinServer
from tests.support.tenant import Tenant

TENANT, TWIN_URL, SECRET = "https://acme.vezacloud.com", "http://127.0.0.1:4567", "the-key-of-the-tenant"
TWIN = Twin(TWIN_URL, "twin-key", frozenset({TENANT}), SECRET)
SIGNATURE = "4dabf18193072939515e22adb298388d"


def secret(value: str) -> dict[str, str]:
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


def provider(name: str, **inputs: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::test::pulumi:providers:pulumi-python::{name}"
    return {"urn": urn, "type": "pulumi:providers:pulumi-python", "custom": True, "inputs": inputs, "outputs": inputs}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    deployment = {"secrets_providers": {"type": "cloud"}, "resources": list(resources)}
    return {"version": 3, "deployment": deployment}


def test_a_state_leads_to_the_twin_and_keeps_everything_else() -> None:
    profile = {
        "urn": "urn:pulumi:dev::test::pulumi-python:dynamic/veza:AccessProfile::p",
        "type": "pulumi-python:dynamic/veza:AccessProfile",
        "custom": True,
        "id": "p-1",
        "inputs": {"name": "P", "description": TENANT},
        "outputs": {"name": "P", "description": TENANT, "__tenant": TENANT},
    }
    component = {"urn": "urn:pulumi:dev::test::test:index:Team::t", "type": "test:index:Team", "custom": False}
    own = provider("own", **{"veza:url": "acme.vezacloud.com", "veza:apiKey": secret(SECRET), "veza:timeout": "30"})
    found = isolation.state_on_twin(state(profile, component, own, provider("default")), TWIN)
    leads = {"veza:url": TWIN_URL, "veza:apiKey": secret("twin-key"), "veza:timeout": "30"}
    assert found == {
        "version": 3,
        "deployment": {
            "resources": [
                {**profile, "outputs": {**profile["outputs"], "__tenant": TWIN_URL}},
                component,
                {**own, "inputs": leads, "outputs": leads},
                provider("default"),
            ]
        },
    }
    assert SECRET not in json.dumps(found)


def test_a_configuration_leads_to_the_twin_by_whatever_name() -> None:
    found = isolation.configuration_on_twin(
        {
            "veza:url": ConfigValue("Acme.vezacloud.com/"),
            "veza:apiKey": ConfigValue(SECRET, secret=True),
            "veza:requestsPerSecond": ConfigValue("2"),
            "veza:pageSize": ConfigValue("50"),
            "test:address": ConfigValue("acme.vezacloud.com"),
            "test:key": ConfigValue(SECRET, secret=True),
            "test:team": ConfigValue({"tenant": TENANT, "people": ["ana", SECRET], "size": 3}),
        },
        TWIN,
    )
    assert found == {
        "veza:url": ConfigValue(TWIN_URL),
        "veza:apiKey": ConfigValue("twin-key", secret=True),
        "veza:pageSize": ConfigValue("50"),
        "test:address": ConfigValue(TWIN_URL),
        "test:key": ConfigValue("twin-key", secret=True),
        "test:team": ConfigValue({"tenant": TWIN_URL, "people": ["ana", "twin-key"], "size": 3}),
    }


@pytest.mark.parametrize("inputs", [{"url": "other.example"}, {"veza:url": secret("https://other.example")}])
def test_a_provider_of_another_tenant_is_refused(inputs: dict[str, Any]) -> None:
    isolation.refuse_other_addresses(state(provider("own", url=f"{TENANT}/"), provider("default")), {TENANT})
    with pytest.raises(RefusedError, match=r"the provider 'second' of this stack names https://other\.example, and"):
        isolation.refuse_other_addresses(state(provider("second", **inputs)), {TENANT})


def test_resources_of_other_providers_are_refused_and_counted() -> None:
    ours = [
        {"type": "pulumi:pulumi:Stack"},
        {"type": "pulumi-python:dynamic/veza:MembershipSet", "custom": True},
        {"type": "pulumi:pulumi:StackReference", "custom": True},
        {"type": "acme:index:Team"},
        provider("default"),
    ]
    isolation.refuse_other_providers(ours)
    others = [{"type": kind, "custom": True} for kind in ("okta:index/user:User", "pulumi-python:dynamic:Resource")]
    with pytest.raises(RefusedError) as refused:
        isolation.refuse_other_providers([*ours, *others, others[0]])
    assert str(refused.value) == (
        "this stack has 3 resources of other providers, which `pulumi up` would really change: okta:index/user:User "
        "(2), pulumi-python:dynamic:Resource (1); put Veza's resources into a stack of their own to rehearse them"
    )


def test_a_client_sends_to_the_only_address_and_to_no_other(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tenant.url.replace("127.0.0.1", "localhost")
    for only in (other, "", "https://"):
        monkeypatch.setenv(ONLY, only)
        with pytest.raises(SettingsError) as refused:
            Client(tenant.url, tenant.token)
        assert str(refused.value).startswith(f"nothing was sent to {tenant.url}: VEZA_ONLY_URL allows ")
        assert tenant.token not in str(refused.value)
    assert tenant.requests() == []
    monkeypatch.setenv(ONLY, f"{tenant.url.upper()}/")
    with Client(tenant.url, tenant.token) as client:
        assert list(client.list_access_profile_types()) == []


def test_the_errors_of_a_run_are_a_line_each_without_what_the_engine_puts_around_them() -> None:
    events = [
        {"sequence": 1, "preludeEvent": {"config": {}}},
        {"diagnosticEvent": {"severity": "info", "message": "tenant: http://127.0.0.1"}},
        {
            "diagnosticEvent": {
                "severity": "error",
                "message": "<{%fg 1%}>error: <{%reset%}>Exception calling application: no\n",
            }
        },
        {"diagnosticEvent": {"severity": "error", "message": "<{%reset%}>no<{%reset%}>\n"}},
        {"diagnosticEvent": {"severity": "error", "message": "update failed\n"}},
        {"summaryEvent": {"resourceChanges": {"update": 2, "same": 1}}},
    ]
    printed = "\n".join(map(json.dumps, events))
    assert engine_output.refusals(printed) == ["no"]
    assert engine_output.changes(printed) == {"update": 2, "same": 1}
    digest = json.dumps({"diagnostics": [{"severity": "error", "message": "a\n  b"}], "changeSummary": {"create": 1}})
    assert engine_output.refusals(f"warning {{\n{digest}") == ["a b"]
    assert engine_output.changes(digest) == {"create": 1}
    failed = (
        "Program failed with an unhandled exception:\n  Traceback (most recent call last):\n    File\n  E: the reason\n"
    )
    assert engine_output.refusals(json.dumps({"diagnostics": [{"severity": "error", "message": failed}]})) == [
        "the program failed: E: the reason"
    ]
    assert engine_output.refusals("", "warning: w\nerror: no such stack\n") == ["no such stack"]
    assert engine_output.refusals("", "") == ["the engine failed and did not say why"]
    assert engine_output.changes("") == {}


def test_a_program_that_failed_is_told_from_a_refusal_of_the_provider() -> None:
    def printed(*messages: str) -> str:
        return json.dumps({"diagnostics": [{"severity": "error", "message": each} for each in messages]})

    ended = "error: an unhandled error occurred: Program exited with non-zero exit code: 1\n"
    mistake = "error: AccessProfileType has no argument nonsense\n"
    raised = (
        "error: Program failed with an unhandled exception:\nTraceback (most recent call last):\n  File ...\n"
        "NameError: name 'x' is not defined\n\n"
    )
    for messages, why in (
        ([raised], "the program failed: NameError: name 'x' is not defined"),
        ([mistake, ended], "the program failed: AccessProfileType has no argument nonsense"),
        ([ended], f"the program failed: {ended[7:-1]}"),
        (["error: it would remove 2 of 3 members"], None),
    ):
        assert engine_output.program_failure(printed(*messages)) == why
    assert engine_output.refusals(printed(mistake, ended)) == ["AccessProfileType has no argument nonsense"]


def test_a_twin_answers_as_a_file_says_and_one_that_does_not_start_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "like.yaml"
    learned = {"format": "veza-tenant-behaviour", "version": 1}
    file.write_text(json.dumps({**learned, "switches": {"bare_member_list": {"value": True, "sure": "certain"}}}))
    with TwinServer(file) as server:
        server.seed({"copy_of": {"profiles": [{"id": "p", "current_version_number": 1}]}})
        path = "/api/private/lifecycle_management/access_profiles/p/versions/1/members"
        headers = {"authorization": f"Bearer {server.key}"}
        assert httpx.get(f"{server.url}{path}", headers=headers, trust_env=False).json() == []
        with pytest.raises(TwinError, match="the twin was refused by the simulator: there is a profile 'p' already"):
            server.seed({"copy_of": {"profiles": [{"id": "p"}]}})
        assert server.access_requests() == []
    file.write_text("[]")
    with pytest.raises(TwinError, match="the twin did not start: ") as refused, TwinServer(file):
        pass
    assert "\n" not in str(refused.value)
