"""`pulumi_veza.fields.schema`: what follows from one declared field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from pulumi import Input
from typing_extensions import Required, TypedDict

from pulumi_veza.fields.field_types import (
    UNKNOWN,
    Boolean,
    JsonMapping,
    ListOf,
    Number,
    SetOf,
    String,
    identity,
)
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import InputField, Object, OutputField, Schema, SentIn
from pulumi_veza.fields.selector import Selector


class Inner(TypedDict, total=False):
    id: Required[Annotated[Input[str], InputField("Its id.", non_empty=True)]]
    note: Annotated[Input[str], InputField("A note.", api="remark")]


class Args(TypedDict, total=False):
    name: Required[
        Annotated[Input[str], InputField("The name.", SentIn.CREATE | SentIn.UPDATE, replace=True, non_empty=True)]
    ]
    state: Annotated[Input[Literal["ON", "OFF"]], InputField("The state.", SentIn.UPDATE, default="ON")]
    count: Annotated[Input[int], InputField("How many.", SentIn.CREATE, at_least=1, at_most=9)]
    kind: Annotated[Input[str], InputField("The kind.", SentIn.CREATE, enumeration=True)]
    open: Annotated[Input[bool], InputField("Whether open.", SentIn.CREATE)]
    which: Annotated[Input[str | int], InputField("Which.")]
    own: Annotated[Input[Mapping[str, Any]], InputField("One's own.", SentIn.UPDATE)]
    order: Annotated[Input[Sequence[Input[str]]], InputField("In order.", SentIn.CREATE)]
    parts: Annotated[
        Input[Sequence[Input[Inner]]],
        InputField("A set.", SentIn.CONTENT, api="components", key=lambda each: each.get("id")),
    ]
    labels: Annotated[Input[Sequence[Input[str]]], InputField("A set.", SentIn.UPDATE, key=identity)]
    option: Annotated[Input[str], InputField("An option of ours.")]


class State(TypedDict, total=False):
    made_at: Annotated[str, OutputField("When.")]
    tags: Annotated[list[str], OutputField("Which.")]


SCHEMA = Schema(Args, State)


def check(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    problems = Problems()
    return SCHEMA.check(values, problems), [failure.reason for failure in problems.failures]


def test_the_type_of_a_field_follows_from_its_annotation() -> None:
    nodes = {field.name: type(field.type) for field in SCHEMA}
    assert nodes == {
        "name": String,
        "state": String,
        "count": Number,
        "kind": String,
        "open": Boolean,
        "which": Selector,
        "own": JsonMapping,
        "order": ListOf,
        "parts": SetOf,
        "labels": SetOf,
        "option": String,
    }
    parts = SCHEMA["parts"].type
    assert isinstance(parts, SetOf)
    assert isinstance(parts.of, Object)
    assert [field.name for field in SCHEMA if field.required] == ["name"]
    assert [field.name for field in SCHEMA if field.is_set] == ["parts", "labels"]
    assert (SCHEMA["parts"].api, SCHEMA["name"].api) == ("components", "name")
    assert list(SCHEMA.outputs) == ["made_at", "tags"]


def test_a_type_that_is_no_field_is_refused_where_it_is_declared() -> None:
    class Wrong(TypedDict, total=False):
        when: Annotated[Input[bytes], InputField("No.")]

    with pytest.raises(TypeError, match="no field type for"):
        _ = Schema(Wrong).fields


def test_check_adds_defaults_and_keeps_what_is_not_managed_out() -> None:
    assert check({"name": "n"}) == ({"name": "n", "state": "ON"}, [])
    assert check({"name": "n", "state": None, "labels": None}) == ({"name": "n", "state": "ON"}, [])
    assert check({"name": UNKNOWN, "parts": UNKNOWN})[0] == {"name": UNKNOWN, "state": "ON", "parts": UNKNOWN}


def test_check_names_what_is_wrong_and_says_what_to_write() -> None:
    assert check({})[1] == ["name: is required; add name=..."]
    assert check({"name": "n", "lables": []})[1] == ["lables: there is no such field; did you mean labels?"]
    (reason,) = check({"name": "n", "zzz": 1})[1]
    assert reason.startswith("zzz: there is no such field; the fields are name (required), state, ")
    (reason,) = check({"name": "n", "parts": [{"id": "a"}, {"note": "x"}]})[1]
    assert reason.startswith("parts[1].id: is required")
    (reason,) = check({"name": "n", "parts": [{"id": "a", "nots": "x"}]})[1]
    assert reason == "parts[0].nots: there is no such field; did you mean note?"
    (reason,) = check({"name": "n", "parts": [{"id": "a"}, {"id": "a", "note": "x"}]})[1]
    assert reason == (
        "parts[1]: a is listed twice, or is the text of two, of which the state can hold one; remove one of the two"
    )
    (reason,) = check({"name": "n", "parts": ["a"]})[1]
    assert "expected a mapping with id (required), note, got a text" in reason


def test_what_changed_is_named_whatever_the_notation() -> None:
    olds = {"name": "n", "state": "ON", "count": 3.0, "labels": {"b": "b", "a": "a"}, "made_at": "then"}
    assert SCHEMA.changed(olds, {"name": "n", "count": 3, "labels": {"a": "a", "b": "b"}}) == []
    assert SCHEMA.changed(olds, {"name": "m", "state": "OFF", "labels": {}}) == ["name", "state", "count", "labels"]
    assert SCHEMA.changed(olds, {**olds, "name": UNKNOWN, "labels": {"a": "a", "(unknown 1)": UNKNOWN}}) == [
        "name",
        "labels",
    ]
    parts = {"a": {"id": "a", "created_at": "then"}}
    assert SCHEMA.changed({"parts": parts}, {"parts": {"a": {"id": "a", "note": ""}}}) == []
    assert SCHEMA.changed({"parts": parts}, {"parts": {"a": {"id": "a", "note": "x"}}}) == ["parts"]


def test_a_request_carries_its_fields_under_the_apis_names() -> None:
    values = {
        "name": "n",
        "count": 3,
        "open": False,
        "option": "o",
        "order": ["b", "a"],
        "parts": {"a": {"id": "a", "note": "x"}},
        "labels": {"b": "b"},
    }
    assert SCHEMA.to_api(values, SentIn.CREATE) == {"name": "n", "count": 3, "open": False, "order": ["b", "a"]}
    assert SCHEMA.to_api(values, SentIn.CONTENT) == {"components": [{"id": "a", "remark": "x"}]}
    assert SCHEMA.to_api(values, SentIn.UPDATE) == {"name": "n", "labels": ["b"]}
    assert SCHEMA.to_api(values, SentIn.UPDATE, ["labels", "own"]) == {"labels": ["b"], "own": {}}
    assert SCHEMA.to_api({}, SentIn.CONTENT, ["parts"]) == {"components": []}
    assert SCHEMA.to_api(values, SentIn.NEVER) == {}


def test_a_read_keeps_to_what_is_managed_and_to_what_was_said() -> None:
    live = {
        "name": "live",
        "count": 4,
        "labels": ["b", "c"],
        "components": [{"id": "a", "remark": "y", "added": 1}, {"id": "z", "remark": ""}],
        "own": {"x": 1},
    }
    like = {"name": "n", "state": "ON", "labels": {"b": "b"}, "parts": {"a": {"id": "a", "note": "x"}}, "option": "o"}
    assert SCHEMA.from_api(live, like) == {
        "name": "live",
        "state": "ON",
        "labels": {"b": "b", "c": "c"},
        "parts": {"a": {"id": "a", "note": "y"}, "z": {"id": "z"}},
        "option": "o",
    }
    everything = SCHEMA.from_api(live, None)
    assert everything["own"] == {"x": 1}
    assert everything["parts"] == {"a": {"id": "a", "note": "y"}, "z": {"id": "z"}}
    assert "state" not in everything


def test_outputs_are_what_the_server_says_or_said_and_in_one_order() -> None:
    assert SCHEMA.computed({"tags": ["b", "a"]}, {"made_at": "then", "tags": []}) == {
        "made_at": "then",
        "tags": ["a", "b"],
    }
    assert SCHEMA.computed({"tags": None}, {}) == {"made_at": None, "tags": None}
