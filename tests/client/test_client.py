"""`pulumi_veza.client.client`, over real HTTP."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable
from itertools import islice
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_veza.client import paging
from pulumi_veza.client.client import Client
from pulumi_veza.client.models import as_received
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport
from pulumi_veza.errors import InvalidRequestError, RefusedError, SettingsError, UnexpectedResponseError
from tests.client.conftest import API_KEY
from tests.client.test_models import example
from tests.support.scripted_server import ScriptedServer, reply
from tests.support.tenant import Tenant

LCM = "/api/private/lifecycle_management"
PAGE = {"values": [{"id": "a"}], "has_more": False}


@pytest.mark.parametrize(
    ("call", "answer", "expected"),
    [
        (
            lambda veza: list(veza.list_access_profile_types(filter='labels co "a"', order_by="name", page_size=7)),
            PAGE,
            (
                "GET",
                f"{LCM}/access_profiles_types",
                {"filter": 'labels co "a"', "order_by": "name", "page_size": "7"},
                None,
            ),
        ),
        (
            lambda veza: veza.create_access_profile_type({"name": "Role", "max_entitlements": None}),
            {"value": {"id": "t"}},
            (
                "POST",
                f"{LCM}/access_profiles_types",
                {},
                {"name": "Role", "max_entitlements": None},
            ),
        ),
        (
            lambda veza: list(
                veza.list_access_profiles(entity_extra_info=True, include_requestable=False, version=3, filter="x&y=+")
            ),
            PAGE,
            (
                "GET",
                f"{LCM}/access_profiles",
                {
                    "page_size": "100",
                    "entity_extra_info": "true",
                    "include_requestable": "false",
                    "version": "3",
                    "filter": "x&y=+",
                },
                None,
            ),
        ),
        (
            lambda veza: veza.create_access_profile({"name": "Entwickler ü", "state": "RUNNING"}),
            {"value": {"id": "p"}},
            (
                "POST",
                f"{LCM}/access_profiles",
                {},
                {"name": "Entwickler ü", "state": "RUNNING"},
            ),
        ),
        (
            lambda veza: veza.update_access_profile("p", {"labels": []}),
            {"value": {"id": "p"}},
            (
                "PATCH",
                f"{LCM}/access_profiles/p",
                {},
                {"labels": []},
            ),
        ),
        (
            lambda veza: veza.update_access_profile_version("p", 2, {"state": "PUBLISHED"}),
            {"value": {"id": "p", "version": 2}},
            (
                "PATCH",
                f"{LCM}/access_profiles/p/versions/2",
                {},
                {"state": "PUBLISHED"},
            ),
        ),
        (
            lambda veza: list(veza.list_access_profile_members("p", 2)),
            {"values": []},
            (
                "GET",
                f"{LCM}/access_profiles/p/versions/2/members",
                {},
                None,
            ),
        ),
        (
            lambda veza: veza.update_access_profile_members("p", 2, "REMOVE", iter(["i", "j"])),
            {},
            (
                "PUT",
                f"{LCM}/access_profiles/p/versions/2/members",
                {},
                {"access_profile_id": "p", "version_number": 2, "type": "REMOVE", "identity_ids": ["i", "j"]},
            ),
        ),
        (
            lambda veza: veza.list_available_integrations(),
            {"integrations": ["AWS"]},
            (
                "GET",
                f"{LCM}/access_profiles:available_integrations",
                {},
                None,
            ),
        ),
        (
            lambda veza: list(veza.list_lifecycle_manager_datasources(order_by="id")),
            PAGE,
            (
                "GET",
                "/api/v1/providers/datasources/lifecycle_managers",
                {"page_size": "100", "order_by": "id"},
                None,
            ),
        ),
        (
            lambda veza: veza.get_lifecycle_manager_datasource("a/b"),
            {"value": {"id": "a/b"}},
            ("GET", "/api/v1/providers/datasources/lifecycle_managers/a%2Fb", {}, None),
        ),
        (
            lambda veza: veza.get_identity("a/b"),
            {"value": {"id": "a/b"}},
            ("GET", f"{LCM}/identities/a%2Fb", {}, None),
        ),
        (
            lambda veza: veza.get_access_request("a/b"),
            {"value": {"id": "a/b"}, "plans": []},
            ("GET", f"{LCM}/access_requests/a%2Fb", {}, None),
        ),
    ],
)
def test_each_endpoint_is_called_as_documented(
    veza: Client, server: ScriptedServer, call: Callable[[Client], Any], answer: Any, expected: tuple[Any, ...]
) -> None:
    server.script.append(reply(answer))
    call(veza)
    [request] = server.requests
    assert (request.method, request.path, request.query, request.json) == expected


def test_every_method_is_among_those_that_are_called_as_documented() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    (cases,) = (mark.args[1] for mark in test_each_endpoint_is_called_as_documented.pytestmark)  # type: ignore[attr-defined]
    missing = methods - {"close"} - {name for call, _, _ in cases for name in call.__code__.co_names}
    said = f"tests/client/test_client.py: test_each_endpoint_is_called_as_documented needs a case of {missing}"
    assert not missing, said


def test_an_answer_becomes_its_model(veza: Client, server: ScriptedServer) -> None:
    server.script += [
        reply(example("update_access_profile.labels")),
        reply(example("update_access_profile_version.standard")),
        reply(example("create_access_profile_type.complete")),
        reply(example("list_available_integrations.standard")),
        reply({"access_requests": [{"error_message": "no"}]}),
    ]
    assert veza.update_access_profile("p", {}).state == "RUNNING"
    assert veza.update_access_profile_version("p", 1, {}).version_number == 1
    assert veza.create_access_profile_type({"name": "x"}).on_create_behavior == "INITIAL"
    assert "SALESFORCE" in veza.list_available_integrations()
    assert veza.update_access_profile_members("p", 1, "ADD", ["i"]).access_requests[0].error_message == "no"


def test_a_version_beside_a_new_profile_is_merged_into_it(veza: Client, server: ScriptedServer) -> None:
    version = {"version_number": 1, "state": "PUBLISHED"}
    server.script += [
        reply({"value": {"id": "p"}, "version": version}),
        reply({"value": {"id": "p", "current_version": 1}, "version": version}),
        reply({"value": {"id": "p", "current_version": {"version_number": 2}}, "version": version}),
        reply(example("create_access_profile.reference")),
    ]
    merged = {"id": "p", "current_version_number": 1, "current_version": version}
    assert as_received(veza.create_access_profile({"name": "a"})) == merged
    assert as_received(veza.create_access_profile({"name": "a"})) == merged
    short = as_received(veza.create_access_profile({"name": "a"}))
    assert short == {"id": "p", "current_version": {"version_number": 2}}
    full = veza.create_access_profile({"name": "a"}).current_version
    assert full is not None
    assert full.published_by == "text"


@pytest.mark.parametrize("hostile", ["a/b", "a?b#c", "a%2Fb", "a b+c", "ü/日本", "../../x", "a:b", ";", "%", "a\nb"])
def test_any_id_stays_one_segment_of_the_path(veza: Client, server: ScriptedServer, hostile: str) -> None:
    server.script.append(reply({"value": {"id": hostile}}))
    veza.update_access_profile(hostile, {"name": "x"})
    [request] = server.requests
    path, _, last = request.path.rpartition("/")
    assert path == f"{LCM}/access_profiles"
    assert unquote(last) == hostile
    assert request.query == {}


@pytest.mark.parametrize("no_id", ["", ".", "..", "\ud800", None, 7])
def test_what_is_no_id_is_refused_before_anything_is_sent(veza: Client, server: ScriptedServer, no_id: Any) -> None:
    for call in (
        lambda: veza.update_access_profile(no_id, {}),
        lambda: veza.update_access_profile_version(no_id, 1, {}),
        lambda: veza.list_access_profile_members(no_id, 1),
        lambda: veza.update_access_profile_members(no_id, 1, "ADD", []),
    ):
        with pytest.raises(RefusedError, match="was not sent"):
            call()
    assert not server.requests


@pytest.mark.parametrize("number", [0, -1, None, "1", True, 1.5])
def test_what_is_no_version_is_refused_before_anything_is_sent(
    veza: Client, server: ScriptedServer, number: Any
) -> None:
    with pytest.raises(RefusedError, match="numbered from 1"):
        veza.update_access_profile_version("p", number, {})
    assert not server.requests


@pytest.mark.parametrize("page_size", [0, 101, -1])
def test_an_impossible_page_size_is_refused_at_once(veza: Client, page_size: int) -> None:
    with pytest.raises(RefusedError, match="from 1 to 100"):
        veza.list_access_profiles(page_size=page_size)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"value": {"name": 1}}, "value.name"),
        ({"value": {"current_version": {"state": []}}}, "value.current_version.state"),
        ({"value": {"id": "p"}, "version": {"members": 1}}, "version.members"),
        ({"value": {"id": "p"}, "version": 7}, "version"),
        ({"value": 7}, "value"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_an_error_that_names_the_field(
    veza: Client, server: ScriptedServer, answer: Any, place: str
) -> None:
    server.script.append(reply(answer))
    with pytest.raises(UnexpectedResponseError) as caught:
        veza.create_access_profile({"name": "Developer"})
    assert f'creating access profile "Developer" failed: the answer cannot be read at {place} (' in str(caught.value)
    assert caught.value.maybe_done
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, [], None, "text", {"value": None}, {"value": {}}])
def test_a_change_without_a_value_in_its_answer_is_not_taken_for_done(
    veza: Client, server: ScriptedServer, answer: Any
) -> None:
    server.script.append(reply(answer))
    with pytest.raises(UnexpectedResponseError, match="has no value") as caught:
        veza.create_access_profile({"name": "Developer"})
    assert caught.value.maybe_done


def test_a_listing_that_cannot_be_read_changed_nothing(veza: Client, server: ScriptedServer) -> None:
    server.script += [reply({"values": [{"id": 1}]}), reply({"error": "x"}), reply({"integrations": 3})]
    for call in (veza.list_access_profiles, veza.list_access_profile_types):
        with pytest.raises(UnexpectedResponseError) as caught:
            list(call())
        assert not caught.value.maybe_done
    with pytest.raises(UnexpectedResponseError, match="integrations") as caught:
        veza.list_available_integrations()
    assert not caught.value.maybe_done


def test_the_name_in_an_error_is_one_short_line(veza: Client, server: ScriptedServer) -> None:
    server.script.append(reply({}, status=400))
    with pytest.raises(InvalidRequestError) as caught:
        veza.create_access_profile({"name": "a\nb" * 500})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


# Paging


def pages(*contents: list[str], tokens: list[str] | None = None, last_token: str = "") -> list[Any]:
    """Script a listing: has_more is true for all pages but the last."""
    names = tokens or [f"t{number}" for number in range(1, len(contents))]
    return [
        reply(
            {
                "values": [{"id": each} for each in content],
                "has_more": number < len(contents) - 1,
                "next_page_token": names[number] if number < len(contents) - 1 else last_token,
            }
        )
        for number, content in enumerate(contents)
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.text("abc", min_size=1, max_size=2), max_size=3), min_size=1, max_size=6),
    st.text(max_size=5),
    st.data(),
)
def test_a_listing_is_what_its_pages_hold_while_there_is_more(
    veza: Client, server: ScriptedServer, contents: list[list[str]], last_token: str, data: st.DataObject
) -> None:
    token = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    tokens = data.draw(st.lists(token, min_size=len(contents) - 1, max_size=len(contents) - 1, unique=True))
    server.requests.clear()
    server.script.clear()
    server.script += pages(*contents, tokens=tokens, last_token=last_token)
    listed = [each.id for each in veza.list_access_profile_types()]
    assert listed == [each for content in contents for each in content]
    assert [request.query.get("page_token") for request in server.requests] == [None, *tokens]


def test_pages_are_fetched_as_they_are_consumed_and_at_most_one_ahead(veza: Client, server: ScriptedServer) -> None:
    server.script += pages(["a", "b"], ["c"], ["d"], ["e"])
    listing = veza.list_access_profiles()
    assert not server.requests
    assert [each.id for each in islice(listing, 2)] == ["a", "b"]
    assert len(server.requests) == 1
    assert next(listing).id == "c"
    assert server.wait_for_requests(3)
    assert not server.wait_for_requests(4, within=0.2), "a page was asked for two pages before it was needed"
    assert [each.id for each in listing] == ["d", "e"]
    assert len(server.requests) == 4


def test_an_abandoned_listing_leaves_its_connection_to_others(veza: Client, server: ScriptedServer) -> None:
    server.script += [*pages(["a", "b"], ["c"])[:1], *pages(["d"])]
    listing = veza.list_access_profiles()
    next(listing)
    del listing
    gc.collect()
    assert [each.id for each in veza.list_access_profiles()] == ["d"]
    assert server.connections == 1


def test_a_token_seen_before_ends_the_listing_with_an_error(veza: Client, server: ScriptedServer) -> None:
    server.script += pages(["a"], ["b"], ["c"], ["d"], tokens=["x", "y", "x"])
    listing = veza.list_access_profiles()
    assert [each.id for each in islice(listing, 3)] == ["a", "b", "c"]
    with pytest.raises(UnexpectedResponseError, match="a second time") as caught:
        next(listing)
    assert not caught.value.maybe_done
    assert len(server.requests) == 3


def test_an_empty_page_may_name_itself_a_few_times(veza: Client, server: ScriptedServer) -> None:
    again = [[]] * paging.MAX_SAME_PAGE
    server.script += pages(["a"], *again, ["b"], tokens=["x", *["x"] * len(again)])
    assert [each.id for each in veza.list_access_profiles()] == ["a", "b"]
    server.script += pages(["a"], *again, [], ["b"], tokens=["x", *["x"] * (len(again) + 1)])
    with pytest.raises(UnexpectedResponseError, match="a second time"):
        list(veza.list_access_profiles())


@pytest.mark.parametrize("token", [None, ""])
def test_more_to_come_without_a_token_is_an_error(veza: Client, server: ScriptedServer, token: str | None) -> None:
    server.script.append(reply({"values": [{"id": "a"}], "has_more": True, "next_page_token": token}))
    with pytest.raises(UnexpectedResponseError, match="promised another page"):
        list(veza.list_access_profiles())


def test_empty_pages_without_end_are_an_error(
    veza: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_EMPTY_PAGES", 4)
    server.script += pages([], [], [], ["a"], [], [], [], [], [])
    with pytest.raises(UnexpectedResponseError, match="4 empty pages in a row"):
        list(veza.list_access_profiles())
    assert len(server.requests) == 8


def test_members_are_listed_over_pages_too_though_that_is_not_documented(veza: Client, server: ScriptedServer) -> None:
    server.script += [
        reply({"values": [{"identity_id": "i"}], "has_more": True, "next_page_token": "t"}),
        reply([{"identity_id": "j"}]),
    ]
    assert [each.identity_id for each in veza.list_access_profile_members("p", 1)] == ["i", "j"]
    assert [request.query for request in server.requests] == [{}, {"page_token": "t"}]


# Making a client


def test_without_arguments_the_environment_says_where_to_go(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEZA_URL", server.url)
    monkeypatch.setenv("VEZA_API_KEY", API_KEY)
    server.script.append(reply({"integrations": []}))
    with Client() as veza:
        assert veza.list_available_integrations() == []
    assert server.requests[0].headers["Authorization"] == f"Bearer {API_KEY}"


def test_arguments_override_the_environment_and_finished_settings(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEZA_URL", "elsewhere.example")
    monkeypatch.setenv("VEZA_PAGE_SIZE", "3")
    server.script += [reply(PAGE), reply(PAGE)]
    with Client(server.url, "one", page_size=9) as veza:
        list(veza.list_access_profiles())
    with Client(settings=Settings(url=server.url, api_key="two", page_size=8), page_size=7) as veza:
        list(veza.list_access_profiles())
    assert [(each.headers["Authorization"], each.query["page_size"]) for each in server.requests] == [
        ("Bearer one", "9"),
        ("Bearer two", "7"),
    ]


def test_a_missing_or_misspelt_setting_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEZA_URL", raising=False)
    monkeypatch.delenv("VEZA_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="VEZA_URL"):
        Client()
    with pytest.raises(SettingsError, match="did you mean timeout"):
        Client("acme.example", "key", timeuot=3)


def test_a_shared_transport_is_left_open(connect: Callable[..., Transport], server: ScriptedServer) -> None:
    transport = connect()
    server.script += [reply({}), reply({})]
    for _ in range(2):
        with Client(transport=transport) as veza:
            veza.list_available_integrations()
    assert len(server.requests) == 2


def test_an_error_names_a_profile_by_its_name_once_it_has_been_seen(tenant: Tenant) -> None:
    profile = {"id": "p-1", "name": "CRM Seller", "profile_type": "t"}
    tenant.seed(types=[{"id": "t", "name": "T"}], profiles=[profile])
    tenant.fault(method="PATCH", status=400, count=None)
    with Client(tenant.url, tenant.token) as client:
        with pytest.raises(InvalidRequestError, match='updating access profile "p-1" failed'):
            client.update_access_profile("p-1", {"name": "Other"})
        assert [each.id for each in client.list_access_profiles()] == ["p-1"]
        with pytest.raises(InvalidRequestError, match=r'updating access profile "CRM Seller" \(p-1\) failed'):
            client.update_access_profile("p-1", {"name": "Other"})
        with pytest.raises(InvalidRequestError, match=r'version 1 of access profile "CRM Seller" \(p-1\) failed'):
            client.update_access_profile_version("p-1", 1, {})


def test_the_members_in_listed_profiles_are_left_out_where_nobody_reads_them(
    veza: Client, server: ScriptedServer
) -> None:
    profile = {"id": "a", "name": "A", "member_details": [{"identity_id": "ana"}, "ben"]}
    for envelope in ({"values": [profile], "has_more": False}, [profile]):
        server.script += [reply(envelope), reply(envelope)]
        (listed,) = veza.list_access_profiles()
        assert [each.identity_id for each in listed.member_details or ()] == ["ana", "ben"]
        (listed,) = veza.list_access_profiles(member_details=False)
        assert (listed.name, listed.member_details) == ("A", None)
