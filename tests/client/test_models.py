"""`pulumi_veza.client.models`: the documents' own examples, and each quirk of the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from pulumi_veza.client.lifecycle import AccessRequestStatus, Datasource, Identity
from pulumi_veza.client.models import (
    ACTION_TYPES,
    STATES,
    AccessProfile,
    AccessProfileType,
    AccessProfileVersion,
    CreateEntitlement,
    Entity,
    Integrations,
    Member,
    MembersUpdate,
    Page,
    as_received,
)

EXAMPLES = sorted(Path(__file__).with_name("examples").glob("*.json"))

ANSWERS: dict[str, type[BaseModel]] = {
    "create_access_profile": AccessProfile,
    "create_access_profile_type": AccessProfileType,
    "update_access_profile": AccessProfile,
    "update_access_profile_version": AccessProfileVersion,
    "list_access_profiles": Page[AccessProfile],
    "list_access_profile_types": Page[AccessProfileType],
    "list_available_integrations": Integrations,
    "get_identity": Identity,
    "get_access_request": AccessRequestStatus,
}

ENUMERATIONS = {
    "state",
    "grant_by",
    "created_from",
    "on_create_behavior",
    "type",
    "request_type",
    "request_source",
    "plan_source",
}

# The reference writes every enumeration as 1. Of those, only a profile's state has a known order.
STATES_OF_PROFILES = {("value", "state"), ("values", 0, "state")}


def example(name: str) -> Any:
    return json.loads(Path(__file__).with_name("examples").joinpath(f"{name}.json").read_text())


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    if isinstance(value, dict) and value:
        return {k: v for key, each in value.items() for k, v in leaves(each, (*path, key)).items()}
    if isinstance(value, list) and value:
        return {k: v for index, each in enumerate(value) for k, v in leaves(each, (*path, index)).items()}
    return {path: value}


def understood_leaf(example: str, model: type[Any], place: tuple[Any, ...], value: Any) -> tuple[tuple[Any, ...], Any]:
    """Return where a leaf of an example is to be found after it was understood, and what is there."""
    *_, last = place
    if last == "current_version":  # the example with a bare number
        place = (*place[:-1], "current_version_number")
    elif last in {"version", "id"} and example == "update_access_profile_version.standard":
        place = (*place[:-1], {"version": "version_number", "id": "access_profile_id"}[last])
    if last == "action_type":
        value = ACTION_TYPES[value]
    elif value == 1 and last in ENUMERATIONS:
        value = "RUNNING" if place in STATES_OF_PROFILES and model is not AccessProfileVersion else "1"
    return place, value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_answer_in_the_documents_is_understood_completely(path: Path) -> None:
    sent = json.loads(path.read_text())
    model = ANSWERS[path.stem.partition(".")[0]]
    if "plans" in sent:
        understood = as_received(model.model_validate(sent))
        sent = {**sent["value"], "plans": sent["plans"]}
    elif "value" in sent:
        understood = {"value": as_received(model.model_validate(sent["value"]))}
        sent = {"value": sent["value"]}
    else:
        understood = as_received(model.model_validate(sent))
        sent.pop("entities_to_create_relationships_to", None)
    expected = dict(understood_leaf(path.stem, model, *leaf) for leaf in leaves(sent).items())
    assert leaves(understood) == expected


def test_every_documented_answer_has_an_example() -> None:
    assert {path.stem.partition(".")[0] for path in EXAMPLES} == ANSWERS.keys()


@pytest.mark.parametrize(("number", "name"), list(enumerate(["INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING"])))
def test_a_state_has_its_name_however_it_is_written(number: int, name: str) -> None:
    assert STATES[number] == name
    for written in (name, number, str(number), float(number)):
        assert AccessProfile(state=written).state == name  # type: ignore[arg-type]


@pytest.mark.parametrize(("written", "kept"), [("FROZEN", "FROZEN"), (5, "5"), (-1, "-1"), ("", ""), (None, None)])
def test_an_unknown_state_passes_through_unharmed(written: Any, kept: str | None) -> None:
    assert AccessProfile(state=written).state == kept


def test_an_enumeration_without_documented_order_is_never_guessed() -> None:
    assert AccessProfileVersion.model_validate({"state": 1}).state == "1"
    assert Member.model_validate({"created_from": 0}).created_from == "0"


def test_an_absent_field_is_unknown_and_a_null_is_none() -> None:
    profile_type = AccessProfileType.model_validate({"name": "Role", "max_entitlements": None})
    assert as_received(profile_type) == {"name": "Role", "max_entitlements": None}
    assert profile_type.integrations is None
    assert "integrations" not in profile_type.model_fields_set


def test_null_where_a_list_was_expected_is_none() -> None:
    sent = {"labels": None, "current_version": {"entities_to_create_relationships_to": None}}
    assert as_received(AccessProfile.model_validate(sent)) == sent


@pytest.mark.parametrize("number", [3, "3", 3.0])
def test_a_bare_current_version_becomes_its_number(number: Any) -> None:
    assert as_received(AccessProfile.model_validate({"current_version": number})) == {"current_version_number": 3}


def test_a_bare_current_version_does_not_replace_the_number_beside_it() -> None:
    sent = {"current_version": 3, "current_version_number": 4}
    assert as_received(AccessProfile.model_validate(sent)) == {"current_version_number": 4}


def test_a_current_version_of_null_is_none() -> None:
    assert as_received(AccessProfile.model_validate({"current_version": None})) == {"current_version": None}


def test_a_version_s_two_names_for_one_thing_become_one() -> None:
    assert as_received(AccessProfileVersion.model_validate({"id": "p", "version": 2})) == {
        "access_profile_id": "p",
        "version_number": 2,
    }
    both = {"id": "x", "access_profile_id": "p", "version": 9, "version_number": 2}
    assert as_received(AccessProfileVersion.model_validate(both)) == {"access_profile_id": "p", "version_number": 2}


def test_64_bit_integers_may_be_text() -> None:
    sent = {"max_entitlements": "50", "time_before_sync_check_in_seconds": "3600", "profiles_count": "7"}
    assert as_received(AccessProfileType.model_validate(sent)) == {
        "max_entitlements": 50,
        "time_before_sync_check_in_seconds": 3600,
        "profiles_count": 7,
    }


def test_whole_floats_become_integers_also_in_custom_properties() -> None:
    sent = {"draft_version_number": 0.0, "custom_properties": {"a": 1.0, "b": [2.0, 2.5, {"c": 3.0}], "d": True}}
    plain = as_received(AccessProfile.model_validate(sent))
    assert json.dumps(plain["custom_properties"]) == '{"a": 1, "b": [2, 2.5, {"c": 3}], "d": true}'
    assert plain["draft_version_number"] == 0


def test_timestamps_stay_as_they_were_sent() -> None:
    sent = {"created_at": "2024-04-12T15:29:36.709931506Z"}
    assert as_received(AccessProfile.model_validate(sent)) == sent


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())))
def test_unknown_fields_do_no_harm_and_are_not_known(extra: dict[str, Any]) -> None:
    sent = {**{f"x-{key}": value for key, value in extra.items()}, "name": "a"}
    assert (
        as_received(AccessProfile.model_validate(sent))
        == as_received(AccessProfileType.model_validate(sent))
        == {"name": "a"}
    )
    assert as_received(Entity.model_validate(sent)) == as_received(CreateEntitlement.model_validate(sent)) == {}


def test_what_the_documents_do_not_say_of_a_datasource_stays_readable() -> None:
    sent = {"id": "d", "name": "Okta", "agent_type": "OKTA"}
    assert as_received(Datasource.model_validate(sent)) == sent


@pytest.mark.parametrize(
    ("sent", "name", "kind"),
    [
        (
            {"id": "d", "name": "Workday", "provider_type": "WORKDAY", "supported_capabilities": []},
            "Workday",
            "WORKDAY",
        ),
        ({"id": "d", "datasource": {"name": "SCIM", "provider_id": "p"}, "definition": {"actions": []}}, "SCIM", None),
        ({"id": "d", "enabled": True, "datasource": {}, "definition": {"provider_type": "OKTA"}}, None, "OKTA"),
        (
            {"id": "d", "datasource": {"name": "AD", "type": "ACTIVE_DIRECTORY"}, "definition": {"type": "OTHER"}},
            "AD",
            "ACTIVE_DIRECTORY",
        ),
        (
            {"id": "d", "name": "W", "definition": {"source_of_identity_definition": {"entity_type": "WorkdayWorker"}}},
            "W",
            "WorkdayWorker",
        ),
        ({"id": "d", "datasource": {"name": "N", "data_provider_type": 3}}, "N", "3"),
        ({"id": "d", "datasource": None, "definition": "OKTA"}, None, "OKTA"),
        ({"id": "d", "datasource": "x", "definition": []}, None, None),
    ],
)
def test_a_datasource_has_its_name_and_kind_in_every_shape(sent: Any, name: str | None, kind: str | None) -> None:
    source = Datasource.model_validate(sent)
    assert (source.id, source.name, source.provider_type) == ("d", name, kind)
    assert as_received(source).items() >= sent.items()


def test_an_access_request_is_read_with_or_without_its_value() -> None:
    plans = [{"state": "A_LATER_STATE", "error_message": "no", "plan_jobs": None}]
    known = AccessRequestStatus.model_validate({"value": {"id": "r", "state": "WAITING_FOR_APPROVAL"}, "plans": plans})
    assert as_received(known) == {"id": "r", "state": "WAITING_FOR_APPROVAL", "plans": plans}
    for value in (None, {}):
        assert as_received(AccessRequestStatus.model_validate({"value": value, "plans": plans})) == {"plans": plans}
    assert AccessRequestStatus.model_validate({"value": {"state": 1}}).state == "1"
    assert as_received(AccessRequestStatus.model_validate({"id": "r", "state": "S"})) == {"id": "r", "state": "S"}


@pytest.mark.parametrize("sent", [{}, {"id": "r"}, [], "x", {"value": []}, {"value": "x", "plans": []}])
def test_what_is_no_access_request_is_an_error(sent: Any) -> None:
    with pytest.raises(ValidationError):
        AccessRequestStatus.model_validate(sent)


@pytest.mark.parametrize(
    ("model", "sent", "place"),
    [
        (AccessProfile, {"labels": "x"}, ("labels",)),
        (AccessProfile, {"state": ["RUNNING"]}, ("state",)),
        (AccessProfile, {"state": True}, ("state",)),
        (AccessProfile, {"current_version": "new"}, ("current_version_number",)),
        (AccessProfile, {"current_version": {"version_number": "two"}}, ("current_version", "version_number")),
        (AccessProfileType, {"name": 1}, ("name",)),
        (Page[AccessProfile], {"values": [{}, {"id": {}}]}, ("values", 1, "id")),
        (Page[AccessProfile], {"values": [None]}, ("values", 0)),
    ],
)
def test_a_field_of_the_wrong_type_is_an_error_that_names_it(
    model: type[BaseModel], sent: Any, place: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(sent)
    assert caught.value.errors()[0]["loc"] == place


@pytest.mark.parametrize(
    "sent",
    [
        {"values": [{"identity_id": "a"}, {"identity_id": "b"}]},
        [{"identity_id": "a"}, {"identity_id": "b"}],
        ["a", "b"],
        {"values": ["a", "b"], "has_more": False, "next_page_token": ""},
    ],
)
def test_members_are_understood_in_every_envelope(sent: Any) -> None:
    page = Page[Member].model_validate(sent)
    assert [member.identity_id for member in page.values or []] == ["a", "b"]


@pytest.mark.parametrize("sent", [{}, {"values": None}, {"values": []}, {"has_more": False}, []])
def test_an_empty_page_may_leave_out_what_is_empty(sent: Any) -> None:
    page = Page[Member].model_validate(sent)
    assert not page.values
    assert not page.has_more


@pytest.mark.parametrize("sent", [{"error": "out of order"}, {"members": [{"identity_id": "a"}]}, None, "", 3])
def test_an_answer_that_is_no_page_does_not_read_as_an_empty_one(sent: Any) -> None:
    with pytest.raises(ValidationError):
        Page[Member].model_validate(sent)


def test_a_change_of_members_is_understood_in_the_shape_with_a_version() -> None:
    sent = {
        "value": {"id": "p", "version": 1},
        "access_requests": [
            {"id": "r1", "error_message": ""},
            {"id": "", "error_message": "unknown identity", "identity_id": "b"},
        ],
    }
    update = MembersUpdate.model_validate(sent)
    assert update.value == AccessProfileVersion(access_profile_id="p", version_number=1)
    assert [as_received(request) for request in update.access_requests] == [
        {"id": "r1"},
        {"error_message": "unknown identity", "identity_id": "b"},
    ]


@pytest.mark.parametrize(
    ("sent", "requests"),
    [
        ({"access_request_id": "r1"}, [{"id": "r1"}]),
        ({"access_request_id": "r1", "access_request_error_message": ""}, [{"id": "r1"}]),
        ({"access_request_error_message": "no"}, [{"error_message": "no"}]),
        ({"access_request_id": "", "access_request_error_message": ""}, []),
        ({"value": {}, "access_requests": None}, []),
        ({}, []),
    ],
)
def test_a_change_of_members_is_understood_in_the_flat_shape(sent: Any, requests: list[dict[str, str]]) -> None:
    assert [as_received(request) for request in MembersUpdate.model_validate(sent).access_requests] == requests


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(AccessProfile.model_fields)), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_understood_or_refused_and_nothing_else(sent: Any) -> None:
    for model in (
        AccessProfile,
        AccessProfileType,
        AccessProfileVersion,
        Page[Member],
        MembersUpdate,
        Datasource,
        Identity,
        AccessRequestStatus,
    ):
        try:
            understood = model.model_validate(sent)
        except ValidationError:
            continue
        json.dumps(as_received(understood))
