"""`pulumi_veza.fields.field_types`: how values are checked, compared, and turned into what the API speaks."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.fields.field_types import (
    SECRET_SIGNATURE,
    UNKNOWN,
    Boolean,
    FieldType,
    JsonMapping,
    ListOf,
    Number,
    SetOf,
    String,
    contains_unknown,
    identity,
    integral,
    state_key,
    type_name,
)
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.selector import Selector
from pulumi_veza.resources.profile import ProfileKind

STATE = String(choices=("RUNNING", "DRY_RUN"))
IDS = SetOf(String(non_empty=True), identity)
GROUPS = ProfileKind.schema["entitlements"].type


def group(datasource: str, entity: str) -> dict[str, str]:
    return {"entity_type": "T", "datasource_id": datasource, "entity_id": entity}


def checked(node: FieldType, value: Any) -> Any:
    problems = Problems()
    found = node.check(value, "it", problems)
    assert problems.failures == []
    return found


def refused(node: FieldType, value: Any) -> str:
    problems = Problems()
    node.check(value, "it", problems)
    (failure,) = problems.failures
    assert failure.reason.startswith("it: ") or failure.reason.startswith("it[")
    return failure.reason


@pytest.mark.parametrize(
    ("node", "value", "expected"),
    [
        (String(), "", ""),
        (STATE, " dry_run ", "DRY_RUN"),
        (String(enumeration=True), "SOMETHING_NEW", "SOMETHING_NEW"),
        (Selector(), "Current", "current"),
        (Selector(), 2.0, "2"),
        (Selector(), " 7 ", "7"),
        (Number(at_least=0), 25.0, 25),
        (Number(), -3, -3),
        (Boolean(), False, False),
        (JsonMapping(), {"b": 2.0, "a": [1.0, None, {"x": None}], "c": None}, {"a": [1, None, {}], "b": 2}),
        (ListOf(String()), ("b", "a", "b"), ["b", "a", "b"]),
        (IDS, ["b", "a", "b"], {"a": "a", "b": "b"}),
        (IDS, {"a": "a"}, {"a": "a"}),
        (IDS, [UNKNOWN, "a", UNKNOWN], {"(unknown 1)": UNKNOWN, "(unknown 2)": UNKNOWN, "a": "a"}),
    ],
)
def test_what_can_be_used_is_normalised(node: FieldType, value: Any, expected: Any) -> None:
    found = checked(node, value)
    assert found == expected
    assert type(found) is type(expected)
    assert checked(node, found) == found
    if isinstance(found, dict):
        assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("node", "value", "hint"),
    [
        (String(), 3, "expected a text, got a number; write a text in quotes"),
        (String(non_empty=True), " \n", "must not be empty"),
        (STATE, "RUNING", "must be one of RUNNING, DRY_RUN; did you mean RUNNING?"),
        (STATE, 1, "write one of RUNNING, DRY_RUN (the enumeration's name, never its number)"),
        (String(enumeration=True), "1", "never its number"),
        (Selector(), 0, 'must be "current", "draft" or a version number from 1 on'),
        (Selector(), 10**18, "version number"),
        (Selector(), 1e18, "version number"),
        (Selector(), True, "version number"),
        (Selector(), "²", "version number"),
        (Selector(), 1.5, "version number"),
        (Number(at_least=0, at_most=100), 101, "must be a whole number from 0 to 100"),
        (Number(at_least=0), -1, "must be a whole number of at least 0"),
        (Number(at_least=0), True, "got a boolean"),
        (Number(at_least=0), 1.5, "expected a whole number of at least 0"),
        (Number(at_least=0), float("nan"), "expected a whole number"),
        (Boolean(), "true", "must be True or False, got a text"),
        (JsonMapping(), ["x"], 'expected a mapping such as {"key": "value"}, got a list'),
        (ListOf(String()), "abc", "expected a list, got a text"),
        (ListOf(String()), {"a": "b"}, "expected a list, got a mapping"),
        (IDS, "abc", "expected a list, got a text; write [...] around the elements"),
        (IDS, 3, "expected a list, got a number"),
        (IDS, {"owner": "a"}, "expected a list, got a mapping; write [...] around the elements"),
        (IDS, {"owner": 1, "": ""}, "expected a list, got a mapping; write [...] around the elements"),
        (GROUPS, {"entity_type": "T"}, "expected a list, got a mapping; write [...] around the elements"),
        (GROUPS, {"T ds/g": {"entity_type": "T", "datasource_id": "ds", "entity_id": "g", "x": 1}}, "it[0].x"),
        (GROUPS, [group("ds", "a/b"), group("ds", "a/b")], "it[1]: T ds/a/b is listed twice; remove one of the two"),
        (GROUPS, [group("ds", "a/b"), group("ds/a", "b")], "listed twice, or is the text of two, of which the state"),
        (IDS, ["a", ""], "it[1]: must not be empty"),
        (SetOf(String(), identity, non_empty=True), [], "must list at least one element"),
    ],
)
def test_what_cannot_be_used_says_what_to_write(node: FieldType, value: Any, hint: str) -> None:
    assert hint in refused(node, value)


@pytest.mark.parametrize(
    "node", [String(), STATE, Number(), Boolean(), Selector(), JsonMapping(), ListOf(String()), IDS]
)
def test_empty_is_what_nothing_is_sent_as_and_equals_absent(node: FieldType) -> None:
    assert node.canon(node.empty) is None
    assert node.canon(None) is None
    assert node.to_api(None) in ("", 0, False, [], {})
    assert node.from_api(None) == node.empty


def test_an_empty_value_is_nobodys_to_share() -> None:
    for node in (JsonMapping(), ListOf(String()), IDS):
        assert node.empty is not node.empty


def test_a_set_is_sent_in_one_order_however_the_engine_holds_its_keys() -> None:
    assert IDS.to_api({"b": "b", "c": "c", "a": "a"}) == ["a", "b", "c"]


def test_an_element_that_the_engine_would_hide_is_kept_under_another_key() -> None:
    ids = ["__robot", "\\x", SECRET_SIGNATURE, "(unknown 1)", "plain", "x (unknown 2)"]
    held = checked(IDS, ids)
    assert sorted(held.values()) == sorted(ids)
    assert {key for key in held if key.startswith("\\")} == {state_key(each) for each in ids if each != "plain"}
    assert not any(key.startswith("__") or key == SECRET_SIGNATURE for key in held)
    assert sorted(IDS.to_api(held)) == sorted(ids)
    assert IDS.from_api(ids) == held


def test_a_number_the_api_answers_instead_of_a_name_is_no_change() -> None:
    assert STATE.from_api("7", "RUNNING") == "RUNNING"
    assert String(enumeration=True).from_api("7", "NEW") == "NEW"
    assert String().from_api("7", "x") == "7"
    assert STATE.from_api("DRY_RUN", "RUNNING") == "DRY_RUN"


def test_what_is_equal_stays_as_the_program_wrote_it() -> None:
    assert JsonMapping().from_api({"a": 1, "b": None}, {"a": 1}) == {"a": 1}
    assert String().from_api(None, "") == ""
    assert ListOf(String()).from_api(["a", "b"], ["a"]) == ["a", "b"]
    assert IDS.from_api(["b", "a"], {"a": "a", "b": "b"}) == {"a": "a", "b": "b"}


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"a": [{"b": UNKNOWN}]}])
def test_an_unknown_is_found_wherever_it_is(value: Any) -> None:
    assert contains_unknown(value)
    assert not contains_unknown(["(unknown)", {"a": None}])
    assert repr(UNKNOWN) == "(unknown)"


@pytest.mark.parametrize(
    ("value", "expected"), [(3.0, 3), (3.5, 3.5), (True, True), ("3", "3"), (float("inf"), float("inf")), (None, None)]
)
def test_a_whole_number_is_an_int(value: Any, expected: Any) -> None:
    assert integral(value) == expected
    assert type(integral(value)) is type(expected)


@pytest.mark.parametrize(
    ("value", "words"),
    [({}, "a mapping"), ([], "a list"), ((), "a list"), (set(), "a list"), (True, "a boolean"), (None, "nothing")],
)
def test_the_kind_of_a_value_is_said_in_plain_words(value: Any, words: str) -> None:
    assert type_name(value) == words
