"""What the body of an error says, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.client.transport.error_body import RPC_CODES, read, spoken

TYPES = "type.googleapis.com/google.rpc."


@pytest.mark.parametrize("code", sorted(RPC_CODES))
def test_an_integer_code_is_known_by_its_name(code: int) -> None:
    name = RPC_CODES[code]
    assert read({"code": code}).code == read({"code": str(code)}).code == read({"code": float(code)}).code == name
    assert spoken(name) == name.lower().replace("_", " ")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, None),
        ("9" * 5000, "9" * 5000),
        (17, "code 17"),
        (-1, "code -1"),
        (True, None),
        ("PermissionDenied", "PermissionDenied"),
        ("", None),
    ],
)
def test_any_other_code_is_kept(code: object, name: str | None) -> None:
    assert read({"code": code}).code == name
    assert name is None or spoken(name) == name


@pytest.mark.parametrize(
    ("detail", "texts"),
    [
        ({"@type": "ErrorInfo", "reason": "NEEDS_ADMIN"}, ["NEEDS_ADMIN"]),
        (
            {"@type": "ErrorInfo", "reason": "LIMIT", "domain": "veza.com", "metadata": {"scope": "org", "limit": "3"}},
            ["LIMIT, veza.com, scope: org, limit: 3"],
        ),
        ({"@type": "ErrorInfo", "domain": "veza.com"}, ["veza.com"]),
        (
            {"@type": "BadRequest", "fieldViolations": [{"field": "name", "description": "too long"}, {"field": "x"}]},
            ["name: too long", "x"],
        ),
        ({"@type": "BadRequest", "field_violations": [{"field": "a", "reason": "EMPTY"}, "x"]}, ["a: EMPTY"]),
        ({"@type": "BadRequest", "fieldViolations": "all"}, ["fieldViolations: all"]),
        ({"@type": "RetryInfo", "retryDelay": "3.5s"}, ["retry after 3.5s"]),
        ({"@type": "LocalizedMessage", "locale": "de-CH", "message": "Zu lang"}, ["Zu lang"]),
        (
            {"@type": "Help", "links": [{"description": "Roles", "url": "https://x.example/r"}, {"url": "https://y"}]},
            ["Roles: https://x.example/r", "https://y"],
        ),
        (
            {"@type": "QuotaFailure", "violations": [{"subject": "key:1", "description": "100 a minute"}]},
            ["key:1: 100 a minute"],
        ),
        (
            {"@type": "PreconditionFailure", "violations": [{"type": "TOS", "subject": "org", "description": "sign"}]},
            ["TOS org: sign"],
        ),
        (
            {"@type": "ResourceInfo", "resourceType": "profile", "resource_name": "p1", "description": "gone"},
            ["profile p1: gone"],
        ),
        ({"@type": "DebugInfo", "stackEntries": ["at x", "at y"], "detail": "nil map"}, ["nil map"]),
        ({"@type": "RequestInfo", "requestId": "r-1", "servingData": "secret"}, []),
        (
            {"@type": "veza.Later", "hint": "ask", "deep": [{"who": "IT"}, 3], "none": None},
            ["hint: ask, who: IT, deep: 3"],
        ),
        ({"@type": "veza.Nothing"}, []),
        ({"@type": 7, "hint": "x"}, ["hint: x"]),
        ({"@type": f"{TYPES}ErrorInfo", "value": {"reason": "WRAPPED"}}, ["WRAPPED"]),
        (json.dumps({"@type": "ErrorInfo", "reason": "IN_A_TEXT"}), ["IN_A_TEXT"]),
        ("{not json", ["{not json"]),
        ("plain", ["plain"]),
        (["a", "b"], ["a, b"]),
        (None, []),
        ({}, []),
    ],
)
def test_a_detail_is_readable(detail: Any, texts: list[str]) -> None:
    if isinstance(detail, dict) and isinstance(detail.get("@type"), str) and "." not in detail["@type"]:
        detail = {**detail, "@type": TYPES + detail["@type"]}
    assert list(read({"details": [detail]}).details) == texts


def test_many_details_are_counted_and_repeated_ones_are_said_once() -> None:
    violations = [{"field": f"f{n}", "description": "bad"} for n in range(9)]
    details = [{"@type": f"{TYPES}BadRequest", "fieldViolations": violations}, "f0: bad"]
    assert read({"details": details}).details == (*(f"f{n}: bad" for n in range(5)), "4 more")


def test_the_first_reason_is_the_reason() -> None:
    info = {"@type": f"{TYPES}ErrorInfo"}
    details = ["x", {**info, "reason": "A"}, {**info, "reason": "B"}, {"@type": f"{TYPES}Help", "reason": "C"}]
    assert read({"details": details}).reason == "A"
    assert read({"details": ["x"]}).reason is None
    assert read({"details": {"reason": "NEEDS_ADMIN"}}).reason == "NEEDS_ADMIN"
    assert read({"details": [{"reason": {"deep": 1}}, {**info}, {"@type": 7, "reason": "D"}]}).reason is None


def test_the_request_id_may_be_a_detail() -> None:
    body = {"code": 5, "details": [{"@type": f"{TYPES}RequestInfo", "requestId": "r-1"}]}
    assert (read(body).request_id, read(body).details) == ("r-1", ())
    assert read({**body, "request_id": "r-2"}).request_id == "r-2"


def test_an_error_within_an_error_is_read() -> None:
    assert read({"error": {"code": 7, "message": "no"}}).message == "no"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9) | st.just("@type"), inner, max_size=3)
    ),
)
KNOWN = st.sampled_from(
    [
        "ErrorInfo",
        "BadRequest",
        "Help",
        "QuotaFailure",
        "PreconditionFailure",
        "RequestInfo",
        "ResourceInfo",
        "DebugInfo",
    ]
)
FIELDS = st.sampled_from(["reason", "metadata", "links", "violations", "fieldViolations", "value", "detail", "message"])
DETAIL = st.builds(lambda name, rest: {**rest, "@type": TYPES + name}, KNOWN, st.dictionaries(FIELDS, ANYTHING))


@given(st.dictionaries(st.sampled_from(["code", "message", "error", "details", "request_id"]), ANYTHING))
def test_any_body_is_read(body: dict[str, Any]) -> None:
    found = read(body)
    assert all(isinstance(each, str | None) for each in (found.code, found.message, found.reason, found.request_id))


@given(st.lists(DETAIL | ANYTHING, max_size=8))
def test_no_detail_is_json(details: list[Any]) -> None:
    found = read({"details": details}).details
    assert len(found) <= 6
    assert all(found)
    assert not any("@type" in each and "googleapis" in each for each in found)
