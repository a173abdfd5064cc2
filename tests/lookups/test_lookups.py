"""`pulumi_veza.lookups`: lookups in a program or a notebook, against the simulated tenant."""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pulumi
import pytest

import pulumi_veza as veza
from pulumi_veza.errors import AuthenticationError, LookupFailedError, NotFoundError, SettingsError
from tests.support.scripted_server import Handler, ScriptedServer, Step, reply
from tests.support.tenant import Tenant


@pytest.fixture(autouse=True)
def _settings(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure the settings as in a program: the tenant by the stack's configuration, the key by the environment."""
    monkeypatch.delenv("VEZA_URL", raising=False)
    monkeypatch.setenv("VEZA_API_KEY", tenant.token)
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"veza:url": tenant.url, "aws:region": "eu-west-1"}))
    tenant.seed(
        datasources=[{"id": "ds", "integration": "SALESFORCE"}],
        types=[{"id": "role", "name": "Role"}, {"id": "app", "name": "App"}],
        profiles=[
            {"id": "p-1", "name": "Sales", "profile_type": "role", "labels": ["a"], "members": ["ana"]},
            {"id": "p-2", "name": "Sales", "profile_type": "app"},
            {"id": "p-3", "name": "Support", "profile_type": "role"},
        ],
    )
    tenant.clear_requests()


def listing(**names: str) -> Step:
    """Answer with types by id and name, and hang up: a program's client stays connected until its run ends."""
    values = [{"id": id_, "name": name} for id_, name in names.items()]
    return reply({"values": values, "has_more": False}, connection="close")


@pytest.fixture
def new_run(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what begins a run of a program: its stack is a resource of its own, as the SDK makes it."""

    def begin() -> None:
        stack = object.__new__(pulumi.ComponentResource)
        monkeypatch.setattr(pulumi.runtime, "get_root_resource", lambda: stack)

    return begin


def test_what_a_tenant_holds_is_listed() -> None:
    assert {each.name for each in veza.get_access_profile_types()} == {"Role", "App"}
    assert {each.id for each in veza.get_access_profiles()} == {"p-1", "p-2", "p-3"}
    assert {each.id for each in veza.get_access_profiles(filter=veza.filters.co("labels", "a"))} == {"p-1"}
    (member,) = veza.get_access_profile_members("p-1", 1)
    assert member.identity_id == "ana"
    assert "SALESFORCE" in veza.get_available_integrations()
    assert len(veza.get_lifecycle_manager_datasources()) == 1


def test_an_identity_is_found_by_the_id_that_members_have(tenant: Tenant) -> None:
    ana = {"id": "ana", "name": "Ana Ruiz", "title": "Engineer", "department": "R&D", "email": "ana@example.com"}
    tenant.seed(identities=[{**ana, "active": False}])
    identity = veza.get_identity("ana")
    assert (identity.id, identity.entity_name, identity.email) == ("ana", "Ana Ruiz", "ana@example.com")
    assert (identity.title, identity.department, identity.active) == ("Engineer", "R&D", False)
    assert identity.access_profiles == ["p-1"]
    with pytest.raises(
        NotFoundError, match=r'reading identity "ana@example.com" failed: 404 .*: check the id: .*not an e-mail'
    ):
        veza.get_identity("ana@example.com")
    with pytest.raises(NotFoundError) as missing:
        veza.get_identity("nope")
    assert "pulumi refresh" not in str(missing.value)


@pytest.mark.parametrize("shape", ["", "reference_datasources", "quick_start_datasources"])
def test_a_datasource_has_its_name_in_every_shape(tenant: Tenant, shape: str) -> None:
    if shape:
        tenant.quirks(**{shape: True})
    [source] = veza.get_lifecycle_manager_datasources()
    assert (source.id, source.name, source.provider_type) == ("ds", "ds", "SALESFORCE")


def test_a_lookup_by_name_finds_the_one() -> None:
    assert veza.get_access_profile_type(name="Role").id == "role"
    assert veza.get_access_profile(name="Support").id == "p-3"
    assert veza.get_access_profile(name="Sales", profile_type="app").id == "p-2"


def test_a_lookup_by_name_that_finds_none_or_several_lists_the_candidates() -> None:
    with pytest.raises(LookupFailedError, match=r"2 access profiles are named 'Sales': p-1, p-2; write id=\.\.\. in"):
        veza.get_access_profile(name="Sales")
    with pytest.raises(LookupFailedError, match="there is no access profile named 'Suport'; there is 'Support'"):
        veza.get_access_profile(name="Suport")
    with pytest.raises(LookupFailedError, match="there is no access profile type named 'role'; there is 'Role'"):
        veza.get_access_profile_type(name="role")


def test_of_several_of_one_name_an_id_tells_which(tenant: Tenant) -> None:
    tenant.seed(types=[{"id": "role-2", "name": "Role"}])
    with pytest.raises(
        LookupFailedError, match=r"2 access profile types are named 'Role': role, role-2; write id="
    ) as two:
        veza.get_access_profile_type(name="Role")
    assert "in place of name=" in str(two.value)
    assert veza.get_access_profile_type(id="role-2").id == "role-2"
    assert veza.get_access_profile(id="p-2").name == "Sales"
    assert veza.get_access_profile(id="p-2", profile_type="app").name == "Sales"
    with pytest.raises(LookupFailedError, match="there is no access profile with the id 'p-2'; check the id"):
        veza.get_access_profile(id="p-2", profile_type="role")
    with pytest.raises(LookupFailedError, match="with the id 'Support'; it is a name: write name='Support'"):
        veza.get_access_profile(id="Support")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (veza.get_access_profile, "the lookup of an access profile needs one of name=... and id=..."),
        (lambda: veza.get_access_profile_type(name="Role", id="role"), "has both; leave out one of the two"),
        (
            lambda: veza.get_access_profile(nam="Sales"),  # type: ignore[call-arg]
            "get_access_profile has no argument nam (did you mean name?); its arguments are name, id, profile_type",
        ),
        (
            veza.get_identity,
            "get_identity: missing a required argument: 'identity_id'; its arguments are identity_id",
        ),
        (
            lambda: veza.People(file="people.yaml"),  # type: ignore[call-arg]
            "People has no argument file; its arguments are path",
        ),
        (
            lambda: veza.AccessProfile.get("team", idd="p-1"),  # type: ignore[call-arg]
            "AccessProfile.get has no argument idd (did you mean id?); its arguments are resource_name, id, opts",
        ),
    ],
)
def test_a_call_that_does_not_fit_ends_a_program_in_one_line_that_names_what_fits(
    call: Callable[[], object], said: str
) -> None:
    with pytest.raises(TypeError) as refused:
        call()
    assert said in str(refused.value)
    # Pulumi shows the text of this error alone, and of another one its traceback.
    assert isinstance(refused.value, pulumi.RunError)


def test_a_lookup_in_an_empty_tenant_says_that_there_is_nothing(tenant: Tenant) -> None:
    tenant.reset()
    with pytest.raises(LookupFailedError, match="there is no access profile named 'x'; there is none at all"):
        veza.get_access_profile(name="x")


def test_the_lookups_by_name_of_one_run_share_one_listing(tenant: Tenant, new_run: Callable[[], None]) -> None:
    new_run()
    for _ in range(3):
        veza.get_access_profile(name="Support")
        veza.get_access_profile_type(name="App")
    assert len(tenant.requests()) == 2
    new_run()
    veza.get_access_profile_type(name="App")
    assert len(tenant.requests()) == 3


def test_outside_of_a_program_every_lookup_sees_what_is_there_now(tenant: Tenant) -> None:
    for name in ("Before", "After"):
        tenant.delete_profile("p-3")
        tenant.seed(profiles=[{"id": "p-3", "name": name, "profile_type": "role"}])
        assert veza.get_access_profile(name=name).id == "p-3"
    with pytest.raises(LookupFailedError, match="named 'Before'"):
        veza.get_access_profile(name="Before")
    assert len(tenant.requests()) == 3


def test_without_settings_the_error_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG")
    with pytest.raises(SettingsError, match="veza:url is not set: `pulumi config set veza:url"):
        veza.get_access_profile_types()


def test_a_name_that_an_earlier_listing_lacks_is_looked_for_again(tenant: Tenant, new_run: Callable[[], None]) -> None:
    new_run()
    veza.get_access_profile_type(name="Role")
    veza.get_access_profile(name="Support")
    tenant.seed(types=[{"id": "late", "name": "Late"}])
    tenant.seed(profiles=[{"id": "p-4", "name": "Late", "profile_type": "late"}])
    tenant.clear_requests()
    assert veza.get_access_profile_type(name="Late").id == "late"
    assert veza.get_access_profile(name="Late").id == "p-4"
    assert veza.get_access_profile_type(name="Role").id == "role"
    assert veza.get_access_profile(name="Support").id == "p-3"
    assert len(tenant.requests()) == 2


def test_a_name_that_does_not_exist_is_listed_for_once_in_a_lookup(tenant: Tenant) -> None:
    for lookups in (1, 2):
        with pytest.raises(LookupFailedError, match="there is no access profile type named 'Missing'"):
            veza.get_access_profile_type(name="Missing")
        assert len(tenant.requests()) == lookups


@pytest.mark.parametrize("by", ["environment", "stack"])
def test_another_tenant_answers_once_the_settings_name_it(
    by: str, monkeypatch: pytest.MonkeyPatch, tenant: Tenant, new_run: Callable[[], None]
) -> None:
    new_run()
    if by == "environment":
        monkeypatch.delenv("PULUMI_CONFIG")
        monkeypatch.setenv("VEZA_URL", tenant.url)
    assert veza.get_access_profile_type(name="Role").id == "role"
    with closing(ScriptedServer()) as other:
        other.script.append(listing(elsewhere="Role"))
        if by == "environment":
            monkeypatch.setenv("VEZA_URL", other.url)
        else:
            monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"veza:url": other.url}))
        for _ in range(2):
            assert veza.get_access_profile_type(name="Role").id == "elsewhere"
        assert [request.path.rpartition("/")[2] for request in other.requests] == ["access_profiles_types"]
        if by == "environment":
            monkeypatch.setenv("VEZA_URL", tenant.url)
        else:
            monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"veza:url": tenant.url}))
        assert veza.get_access_profile_type(name="Role").id == "role"


def test_the_configuration_is_that_of_the_running_program_which_an_inline_one_has_to_itself(
    monkeypatch: pytest.MonkeyPatch, tenant: Tenant
) -> None:
    """What the Automation API does for an inline program: `set_all_config` in a context of its own."""
    monkeypatch.delenv("PULUMI_CONFIG")
    monkeypatch.delenv("VEZA_API_KEY")

    def program(config: dict[str, str]) -> str | None:
        pulumi.runtime.set_all_config(config, ["veza:apiKey"])
        return veza.get_access_profile_type(name="Role").id

    with closing(ScriptedServer()) as other:
        other.script.append(listing(elsewhere="Role"))
        contexts = [contextvars.copy_context() for _ in range(2)]
        configs = [{"veza:url": each.url, "veza:apiKey": f"key-{each.url}"} for each in (tenant, other)]
        configs[0]["veza:apiKey"] = tenant.token
        with ThreadPoolExecutor(2) as pool:
            found = pool.map(lambda context, config: context.run(program, config), contexts, configs)
            assert list(found) == ["role", "elsewhere"]
        assert [each.headers["authorization"] for each in other.requests] == [f"Bearer key-{other.url}"]
    with pytest.raises(SettingsError, match="veza:url is not set"):
        veza.get_access_profile_types()


def test_a_misspelt_setting_of_the_stack_is_refused(monkeypatch: pytest.MonkeyPatch, tenant: Tenant) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"veza:url": tenant.url, "veza:apikey": "x"}))
    with pytest.raises(SettingsError, match="did you mean veza:apiKey"):
        veza.get_access_profile_types()


def test_another_key_is_sent_once_the_environment_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    veza.get_access_profile_type(name="Role")
    monkeypatch.setenv("VEZA_API_KEY", "not-the-key")
    with pytest.raises(AuthenticationError, match="from VEZA_API_KEY"):
        veza.get_access_profile_type(name="Role")


def test_threads_that_look_up_at_once_share_one_listing(
    monkeypatch: pytest.MonkeyPatch, new_run: Callable[[], None]
) -> None:
    new_run()
    second_arrived = threading.Event()

    def first(handler: Handler) -> None:
        # A thread that did not wait for this listing would send its own meanwhile.
        duplicated.append(second_arrived.wait(0.5))
        answer(handler)

    def second(handler: Handler) -> None:
        second_arrived.set()
        answer(handler)

    duplicated: list[bool] = []
    answer = reply(
        {"values": [{"id": "role", "name": "Role"}, {"id": "app", "name": "App"}], "has_more": False},
        connection="close",
    )
    with closing(ScriptedServer()) as server, ThreadPoolExecutor(2) as pool:
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"veza:url": server.url}))
        server.script += [first, second]
        found = pool.map(lambda name: veza.get_access_profile_type(name=name).id, ["Role", "App"])
        assert list(found) == ["role", "app"]
        assert duplicated == [False]
        assert len(server.requests) == 1
