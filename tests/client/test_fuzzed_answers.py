"""A server that answers anything: what it says is understood, or refused in one line that names the field."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.client.client import Client
from pulumi_veza.errors import PluginError, UnexpectedResponseError, VezaError
from pulumi_veza.provider import session, shell
from pulumi_veza.resources.membership import MembershipSet
from pulumi_veza.resources.profile import AccessProfile
from pulumi_veza.resources.profile_type import AccessProfileType
from pulumi_veza.resources.version import AccessProfileVersion
from tests.support.generation.answers import anything, documented, spoilt
from tests.support.scripted_server import ScriptedServer, reply

MEMBERS = {
    "values": [
        {"access_profile_id": "p", "identity_id": "ana", "identity_name": "Ana", "created_from": "WORKFLOW"},
        {"access_profile_id": "p", "identity_id": "bob", "created_from": 1},
    ],
    "has_more": False,
    "next_page_token": "",
}
CHANGE = {
    "value": {"id": "p", "version": 1},
    "access_requests": [{"id": "r1", "error_message": ""}, {"error_message": "no", "identity_id": "bob"}],
}

CALLS: dict[str, tuple[Any, Callable[[Client], Any]]] = {
    "list the types": (documented("list_access_profile_types.complete"), lambda c: list(c.list_access_profile_types())),
    "create a type": (documented("create_access_profile_type.complete"), lambda c: c.create_access_profile_type({})),
    "list the profiles": (documented("list_access_profiles.reference"), lambda c: list(c.list_access_profiles())),
    "create a profile": (documented("create_access_profile.reference"), lambda c: c.create_access_profile({})),
    "update a profile": (documented("update_access_profile.reference"), lambda c: c.update_access_profile("p", {})),
    "update a version": (
        documented("update_access_profile_version.reference"),
        lambda c: c.update_access_profile_version("p", 1, {}),
    ),
    "list the members": (MEMBERS, lambda c: list(c.list_access_profile_members("p", 1))),
    "change the members": (CHANGE, lambda c: c.update_access_profile_members("p", 1, "ADD", ["ana"])),
    "list the integrations": (
        documented("list_available_integrations.standard"),
        lambda c: c.list_available_integrations(),
    ),
    "list the datasources": (
        {"values": [{"id": "d", "datasource": {"name": "n"}, "definition": {"actions": []}}], "has_more": False},
        lambda c: list(c.list_lifecycle_manager_datasources()),
    ),
    "read a datasource": (
        {"value": {"id": "d", "name": "n", "provider_type": "OKTA"}},
        lambda c: c.get_lifecycle_manager_datasource("d"),
    ),
    "read an identity": (documented("get_identity.standard"), lambda c: c.get_identity("ana")),
    "read an access request": (documented("get_access_request.reference"), lambda c: c.get_access_request("r")),
}

NAMED = re.compile(
    r"cannot be read at (\S+|the whole) \(|has no value|promised another page|named a page a second time"
)

fuzzed = settings(derandomize=True)


@pytest.fixture(scope="module")
def anybody() -> Iterator[ScriptedServer]:
    with closing(ScriptedServer()) as server:
        yield server


@pytest.fixture(scope="module")
def client(anybody: ScriptedServer) -> Iterator[Client]:
    with Client(url=anybody.url, api_key="a-key", max_retries=0) as client:
        yield client


def settings_of(server: ScriptedServer) -> dict[str, str]:
    return {"veza:url": server.url, "veza:apiKey": "a-key", "veza:maxRetries": "0"}


def refusal(server: ScriptedServer, answers: list[Any], ask: Callable[[], Any]) -> str | None:
    """Ask while the server answers so, then with an empty last page; gives the one line of a refusal."""
    server.script.clear()
    server.script += [reply(answer) for answer in answers]
    server.script += [reply({"values": [], "has_more": False})] * 5
    try:
        ask()
    except (UnexpectedResponseError, PluginError) as error:
        said = str(error)
    else:
        return None
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.catalogue(28)
def test_any_json_at_any_field_is_understood_or_an_error_that_names_the_field(
    anybody: ScriptedServer, client: Client, call: str
) -> None:
    answer, ask = CALLS[call]

    @fuzzed
    @given(spoilt(answer))
    def search(drawn: Any) -> None:
        place, sent = drawn
        said = refusal(anybody, [sent], lambda: ask(client))
        if said is None:
            return
        named = NAMED.search(said)
        assert named, said
        # Of a field with two names the one is told, and of a required one that it is missing.
        parts = {*(named[1] or "the whole").split(".")} - {
            "the whole",
            "id",
            "version_number",
            "current_version_number",
        }
        assert parts <= {*map(str, place), "value", "values"} or parts & {*map(str, place)}, (named[1], place)

    search()


PROFILES = documented("list_access_profiles.reference")
PROFILE_ID = PROFILES["values"][0]["id"]
TYPES = documented("list_access_profile_types.complete")


@pytest.mark.parametrize(
    ("resource", "id_", "answers"),
    [
        (AccessProfileType, TYPES["values"][0]["id"], [TYPES]),
        (AccessProfile, PROFILE_ID, [PROFILES]),
        (AccessProfileVersion, f"{PROFILE_ID}/versions/1", [PROFILES]),
        (MembershipSet, f"{PROFILE_ID}/versions/1/members", [PROFILES, MEMBERS]),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_whatever_is_read_can_be_kept_in_the_state_or_is_refused_in_one_line(
    anybody: ScriptedServer, resource: type[shell.Resource], id_: str, answers: list[Any]
) -> None:
    @fuzzed
    @given(st.sampled_from(range(len(answers))).flatmap(lambda at: st.tuples(st.just(at), spoilt(answers[at]))))
    def search(drawn: Any) -> None:
        at, (_, sent) = drawn
        # Another configuration is another run.
        session.configure({})
        session.configure(settings_of(anybody))
        found: list[Any] = []
        told = [sent if index == at else answer for index, answer in enumerate(answers)]
        refusal(anybody, told, lambda: found.append(resource._provider_class().read(id_, {})))
        session.current().client._transport.close()
        for read in found:
            kept = Struct()
            kept.update(read.outs)
            assert Struct.FromString(kept.SerializeToString()) == kept

    search()
    session.configure({})


@fuzzed
@given(anything)
def test_any_json_in_place_of_a_whole_answer_is_understood_or_refused(
    anybody: ScriptedServer, client: Client, sent: Any
) -> None:
    for _, ask in CALLS.values():
        said = refusal(anybody, [sent], partial(ask, client))
        assert said is None or NAMED.search(said), said


HUGE = b'{"values":[' + b",".join(b'{"id":"p-%d","name":"%s"}' % (n, b"x" * 1000) for n in range(50_000)) + b"]}"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (HUGE, None),
        (HUGE[:-3], "is not readable JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "is not readable JSON"),
        (b'{"values":[{"id":"\\ud800"}]}', "is not readable JSON"),
        (b'{"values":[{"id":"a","profile_type":1' + b"0" * 5000 + b"}]}", "is not readable JSON"),
        (b'{"values":[{"id":"\xff"}]}', "is not readable JSON"),
        (b'{"values":[{"name":"no id"}]}', "cannot be read at values.0.id"),
        (b"null", "cannot be read at the whole"),
        (b"", "is empty"),
    ],
    ids=["50 MB", "cut off", "deeper", "half a pair", "long number", "no UTF-8", "no id", "null", "nothing"],
)
def test_an_extreme_answer_is_read_or_refused_in_one_line(
    anybody: ScriptedServer, client: Client, body: bytes, outcome: str | None
) -> None:
    anybody.script.clear()
    anybody.script.append(reply(body=body))
    if outcome is None:
        assert sum(1 for _ in client.list_access_profiles()) == 50_000
        return
    with pytest.raises(VezaError, match=outcome) as caught:
        list(client.list_access_profiles())
    assert len(str(caught.value).splitlines()) == 1


def test_a_value_nested_deeper_than_python_can_check_is_read_whole_or_refused_in_one_line(
    anybody: ScriptedServer, client: Client
) -> None:
    nested = b'{"n":' * 600 + b"1" + b"}" * 600
    anybody.script.clear()
    anybody.script.append(reply(body=b'{"values":[{"id":"a","custom_properties":' + nested + b"}]}"))
    # How deep is too deep differs: until 3.11 this is, and from 3.12 on it need not be.
    try:
        (profile,) = client.list_access_profiles()
    except VezaError as error:
        assert re.fullmatch(r".*nested too deeply.*", str(error))  # noqa: PT017 - it may also be read
    else:
        assert sys.version_info >= (3, 12)
        assert json.dumps(profile.custom_properties, separators=(",", ":")).encode() == nested
