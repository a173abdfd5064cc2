"""A field of the API is declared once, in ``objects.py``: requests, storage and responses follow from it."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BeforeValidator

from pulumi_veza.resources import KINDS
from tests.simulator.local import LocalTenant
from tests.support import kinds
from veza_simulator import enumerations, objects, requests, seeding, shaping
from veza_simulator.fields import CHANGE, CREATE, DERIVED, Declared, Object, SentAs, blank, marks, names

PLACE = "simulator/veza_simulator/objects.py"

NEEDS: dict[str, dict[str, Any]] = {
    "create_entitlement_based_on_profile": {"require_single_integration": True},
    "time_before_sync_check_in_seconds": {
        "require_single_integration": True,
        "create_entitlement_based_on_profile": True,
    },
}
"""What a type needs beside a field."""


@pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)
def test_every_field_that_a_resource_sends_is_declared(resource: Any) -> None:
    schema = resource._provider_class.lifecycle.kind.schema
    sent = {field.api for field in schema if field.input.sent}
    missing = sorted(sent - kinds.fixed(resource).simulated)
    assert not missing, f"{PLACE} declares no writable {', '.join(missing)}, which {resource.__name__} sends"


def sample(hint: Any) -> Any:
    """Return a value of this type that is not its zero value."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return arguments[1]
    if origin in {Annotated, Union, types.UnionType}:
        return sample(next(each for each in arguments if each is not types.NoneType))
    if origin is list:
        return [sample(arguments[0])]
    if origin is dict:
        return {"key": [1, {"nested": None}]}
    if isinstance(hint, type) and issubclass(hint, Object):
        return {name: sample(hint.model_fields[name].annotation) for name in names(hint, CREATE)}
    return {bool: True, int: 7}.get(hint, "some-text")


def holds(answered: Any, sent: Any) -> bool:
    """Whether an answer has everything that was sent; the server adds to nested objects."""
    if isinstance(sent, dict):
        return isinstance(answered, dict) and all(holds(answered.get(key), value) for key, value in sent.items())
    if isinstance(sent, list):
        return len(answered) == len(sent) and all(map(holds, answered, sent))
    return bool(answered == sent)


def sample_of(declared: Declared, name: str, **others: Any) -> Any:
    field = declared.model_fields[name]
    sent = next((each.hint for each in field.metadata if isinstance(each, SentAs)), field.annotation)
    return others[name] if name in others else sample(sent)


@pytest.mark.parametrize("name", names(objects.ProfileType, CREATE))
def test_what_is_sent_of_a_type_is_answered(local: LocalTenant, name: str) -> None:
    value = False if name == "allow_overwrite_of_access_request_policy" else sample_of(objects.ProfileType, name)
    body = {"name": "Type", **NEEDS.get(name, {}), name: value}
    created = local.ok("POST", "access_profiles_types", body)["value"]
    assert holds(created[name], value)
    assert local.ok("GET", "access_profiles_types")["values"] == [created]


class TestProfile:
    @pytest.fixture
    def others(self, local: LocalTenant, name: str) -> dict[str, Any]:
        """Values that refer to what exists; an application needs a type that allows nothing else."""
        if name == "application_datasource_id":
            return {"profile_type": local.create_type("Application", allow_create_relationships=False)}
        kind = local.create_type("Any", allow_inherit_entities=True)
        parent = local.create_profile(kind, "Parent")
        return {"profile_type": kind, "inherit_entities_from_access_profiles": [parent["id"]]}

    def create(self, local: LocalTenant, others: dict[str, Any], fields: dict[str, Any]) -> Any:
        body = {"name": "Profile", "state": "INITIAL", "profile_type": others["profile_type"], **fields}
        return local.ok("POST", "access_profiles", body)["value"]

    @pytest.mark.parametrize("name", [*names(objects.Profile, CREATE), *names(objects.Version, CREATE)])
    def test_what_is_sent_of_a_profile_is_answered(self, local: LocalTenant, others: dict[str, Any], name: str) -> None:
        in_version = name in names(objects.Version, CREATE)
        value = sample_of(objects.Version if in_version else objects.Profile, name, **others)
        created = self.create(local, others, {name: value})
        assert holds((created["current_version"] if in_version else created)[name], value)
        assert created in local.ok("GET", "access_profiles")["values"]

    @pytest.mark.parametrize("name", names(objects.Profile, CHANGE))
    def test_what_is_changed_of_a_profile_is_answered(
        self, local: LocalTenant, others: dict[str, Any], name: str
    ) -> None:
        value = sample_of(objects.Profile, name, **others)
        created = self.create(local, others, {})
        changed = local.ok("PATCH", f"access_profiles/{created['id']}", {name: value})["value"]
        assert holds(changed[name], value)
        assert changed in local.ok("GET", "access_profiles")["values"]

    @pytest.mark.parametrize("name", names(objects.Version, CHANGE))
    def test_what_is_changed_of_a_version_is_answered(
        self, local: LocalTenant, others: dict[str, Any], name: str
    ) -> None:
        value = sample_of(objects.Version, name, **others)
        created = self.create(local, others, {})
        changed = local.ok("PATCH", f"access_profiles/{created['id']}/versions/1", {name: value})["value"]
        assert holds(changed[name], value)


def test_a_request_carries_the_writable_fields_and_no_others() -> None:
    assert {*requests.PatchProfile.model_fields} == {*names(objects.Profile, CHANGE)}
    assert {*requests.PatchVersion.model_fields} == {*names(objects.Version, CHANGE)}
    assert {*requests.CreateType.model_fields} == {*names(objects.ProfileType, CREATE)}
    created = {*names(objects.Profile, CREATE), *names(objects.Version, CREATE)}
    assert {*requests.CreateProfile.model_fields} == created
    assert {*seeding.Profile.model_fields} == created | {"id", "requestable", "members"}
    required = {name for name, field in requests.CreateProfile.model_fields.items() if field.is_required()}
    assert required == {"name", "state", "profile_type"}


def test_a_blank_object_is_what_protobuf_leaves_out() -> None:
    assert blank(objects.AttributeTransformer) == {
        "destination_attribute": "",
        "destination_value_formatter": "",
        "continuous_sync": False,
        "additional_value_formatter": [],
        "pipeline_functions": "",
        "unique_identifier": False,
    }
    kind = blank(objects.ProfileType)
    assert (kind["on_create_behavior"], kind["allow_overwrite_of_access_request_policy"]) == ("INITIAL", True)
    assert kind["max_entitlements"] is kind["name_transformer"] is None
    assert not {*names(objects.ProfileType, DERIVED)} & {*kind}


def all_objects() -> list[Declared]:
    return [each for each in vars(objects).values() if isinstance(each, type) and issubclass(each, Object)]


def test_every_writable_field_is_described() -> None:
    for declared in all_objects():
        for name in names(declared, CREATE | CHANGE):
            description = declared.model_fields[name].description
            assert description, f"{PLACE}: {declared.__name__}.{name}"
            assert description.endswith("."), f"{PLACE}: {declared.__name__}.{name}"


def test_every_enumeration_has_its_numbers() -> None:
    found = {
        name
        for declared in all_objects()
        for name, field in declared.model_fields.items()
        for each in field.metadata
        if isinstance(each, BeforeValidator) and each.func.__module__ == enumerations.__name__
    }
    missing = sorted(found - enumerations.FIELDS)
    assert not missing, f"simulator/veza_simulator/enumerations.py numbers no {', '.join(missing)}"


def test_a_short_answer_names_fields_that_exist() -> None:
    assert {*shaping.MINIMAL_TYPE} <= {*objects.ProfileType.model_fields}
    assert {*shaping.SIMPLIFIED_PROFILE} <= {*objects.Profile.model_fields}
    assert all(marks(field) for field in objects.SyncIdentityAction.model_fields.values())
