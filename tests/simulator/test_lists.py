"""Pages, filters and the lists that do not change."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.local import LocalTenant, entity
from veza_simulator.filtering import Combination, Comparison, Expression, parse_filter
from veza_simulator.problems import RefusedRequestError
from veza_simulator.routes import DATASOURCES


@pytest.fixture
def five(local: LocalTenant) -> LocalTenant:
    profiles = [{"name": name, "profile_type": "t"} for name in "caebd"]
    local.seed(types=[{"id": "t", "name": "T"}], profiles=profiles)
    return local


def pages(local: LocalTenant, path: str = "access_profiles", **params: str) -> Iterator[list[str]]:
    token = ""
    while True:
        page = local.ok("GET", path, **params, page_token=token)
        yield [each["name"] for each in page["values"]]
        token = page["next_page_token"]
        if not page["has_more"]:
            assert token == ""
            return


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("", [["c", "a"], ["e", "b"], ["d"]]),
        ("name", [["a", "b"], ["c", "d"], ["e"]]),
        ("name desc", [["e", "d"], ["c", "b"], ["a"]]),
        ("created_at asc", [["c", "a"], ["e", "b"], ["d"]]),
    ],
)
def test_pages_follow_each_other_in_order(five: LocalTenant, order_by: str, expected: list[list[str]]) -> None:
    assert list(pages(five, page_size="2", order_by=order_by)) == expected


def test_a_page_that_ends_the_list_exactly_has_no_more(five: LocalTenant) -> None:
    assert list(pages(five, page_size="5")) == [["c", "a", "e", "b", "d"]]


def test_types_and_datasources_have_pages_too(local: LocalTenant) -> None:
    local.seed(
        types=[{"name": name} for name in "abc"],
        datasources=[{"id": name, "integration": "AWS"} for name in "abc"],
    )
    assert list(pages(local, "access_profiles_types", page_size="2")) == [["a", "b"], ["c"]]
    assert list(pages(local, DATASOURCES, page_size="2")) == [["a", "b"], ["c"]]


def test_what_is_deleted_or_added_between_two_pages_moves_nothing_else(five: LocalTenant) -> None:
    first = five.ok("GET", "access_profiles", page_size="2")
    five.delete_profile("c")
    five.seed(profiles=[{"name": "new", "profile_type": "t"}])
    rest = five.ok("GET", "access_profiles", page_token=first["next_page_token"])
    assert [each["name"] for each in rest["values"]] == ["e", "b", "d", "new"]


def test_the_default_and_the_largest_page_are_100(local: LocalTenant) -> None:
    profiles = [{"name": str(n), "profile_type": "t"} for n in range(101)]
    local.seed(types=[{"id": "t", "name": "T"}], profiles=profiles)
    for params in ({}, {"page_size": "0"}, {"page_size": "100"}):
        page = local.ok("GET", "access_profiles", **params)
        assert (len(page["values"]), page["has_more"]) == (100, True)
    for size in ("101", "-1", "ten", "1.5"):
        assert "page_size" in local.refused(400, "GET", "access_profiles", page_size=size)


def test_a_page_token_is_opaque_signed_and_bound_to_its_list(five: LocalTenant) -> None:
    token = five.ok("GET", "access_profiles", page_size="2")["next_page_token"]
    for other in ("abc", token[:-4] + "AAA=", token[1:], "é"):
        assert "page_token" in five.refused(400, "GET", "access_profiles", page_token=other)
    assert "page_token" in five.refused(400, "GET", "access_profiles", page_token=token, filter='labels co "x"')
    assert "page_token" in five.refused(400, "GET", "access_profiles_types", page_token=token)


@pytest.mark.parametrize("order_by", ["id", "name up", "body", "seq", "name; DROP TABLE profiles"])
def test_an_unknown_order_is_refused(five: LocalTenant, order_by: str) -> None:
    assert "order_by" in five.refused(400, "GET", "access_profiles", order_by=order_by)


def test_a_datasource_has_the_documented_fields(local: LocalTenant) -> None:
    local.seed(datasources=[{"id": "sf", "integration": "SALESFORCE", "entity_types": ["SalesforceGroup"]}])
    [found] = local.ok("GET", DATASOURCES)["values"]
    assert (found["id"], found["provider_type"], found["lifecycle_management_enabled"]) == ("sf", "SALESFORCE", True)
    assert found["grantable_entitlements"][0]["entity_type"] == "SalesforceGroup"


def test_one_datasource_can_be_read(local: LocalTenant) -> None:
    local.seed(datasources=[{"id": "a/b", "integration": "SALESFORCE"}])
    assert local.ok("GET", f"{DATASOURCES}/a%2Fb")["value"] == local.ok("GET", DATASOURCES)["values"][0]
    local.refused(404, "GET", f"{DATASOURCES}/nothing")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["sf", "ad"]),
        ({"action_type": "0"}, ["sf", "ad"]),
        ({"action_type": "2"}, ["sf", "ad"]),
        ({"action_type": "2", "entity_type": "SalesforceGroup", "relationship_type": "MemberOf"}, ["sf"]),
        ({"action_type": "1"}, []),
        ({"entity_type": "SalesforceRole"}, []),
    ],
)
def test_datasources_are_listed_by_what_they_can_do(
    local: LocalTenant, query: dict[str, str], found: list[str]
) -> None:
    local.seed(
        datasources=[
            {"id": "sf", "integration": "SALESFORCE", "entity_types": ["SalesforceGroup"]},
            {"id": "ad", "integration": "ACTIVE_DIRECTORY", "entity_types": ["ActiveDirectoryGroup"]},
        ]
    )
    page = local.ok("GET", f"{DATASOURCES}:by_action_type", **query)
    assert [each["id"] for each in page["values"]] == found
    assert (page["has_more"], page["next_page_token"]) == (False, "")
    local.refused(400, "GET", f"{DATASOURCES}:by_action_type", action_type="14")


def test_the_integrations_are_the_documents_until_others_are_seeded(local: LocalTenant) -> None:
    path = "access_profiles:available_integrations"
    expected = ["ACTIVE_DIRECTORY", "AWS", "AZURE", "GOOGLE", "OKTA", "SALESFORCE", "WORKDAY"]
    assert local.ok("GET", path) == {"integrations": expected}
    local.seed(integrations=["SNOWFLAKE"])
    assert local.ok("GET", path) == {"integrations": ["SNOWFLAKE"]}


@pytest.mark.parametrize(
    "text",
    [
        'name eq "x"',
        'id eq "x"',
        'state eq "RUNNING"',
        'profile_type co "x"',
        'labels ne "x"',
        'labels sw "x"',
        "labels pr",
        'labels.value eq "x"',
        'urn:a:b:labels eq "x"',
        'not (labels eq "x")',
        'labels[value eq "x"]',
        "labels eq x",
        "labels eq 1",
        "labels eq true",
        "labels eq",
        'labels eq "x',
        '(labels eq "x"',
        'labels eq "x" labels eq "y"',
        'labels eq "x" and',
        "$$",
    ],
)
def test_a_filter_beyond_the_documented_is_refused(local: LocalTenant, text: str) -> None:
    assert "filter" in local.refused(400, "GET", "access_profiles", filter=text)


@pytest.mark.parametrize("path", ["access_profiles_types", DATASOURCES])
def test_lists_without_a_documented_filter_field_refuse_filters(local: LocalTenant, path: str) -> None:
    assert "filter" in local.refused(400, "GET", path, filter='name eq "x"')


def test_and_binds_closer_than_or() -> None:
    a, b, c, d = (Comparison("labels", "co", name) for name in "abcd")
    text = 'labels co "a" or labels co "b" and labels co "c" or labels co "d"'
    assert parse_filter(text) == Combination("or", (a, Combination("and", (b, c)), d))
    text = '(labels co "a" or labels co "b") AND labels co "c"'
    assert parse_filter(text) == Combination("and", (Combination("or", (a, b)), c))


@given(st.text())
def test_any_value_can_be_quoted(value: str) -> None:
    assert parse_filter(f"labels co {json.dumps(value)}") == Comparison("labels", "co", value)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(RefusedRequestError):
        parse_filter(text)


LABELS = ("red", "blue", 'odd "quoted" \\ ')
DATASOURCE_IDS = ("sf", "ad", "aws")
INTEGRATIONS = {"sf": "SALESFORCE", "ad": "ACTIVE_DIRECTORY", "aws": "AWS"}
TYPES = ("t1", "t2")
VALUES = {
    "labels": LABELS,
    "integrations": tuple(INTEGRATIONS.values()),
    "provider_ids": tuple(f"{each}-provider" for each in DATASOURCE_IDS),
    "profile_type": TYPES,
}

comparisons = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.builds(
        Comparison,
        st.just(field),
        st.just("eq") if field == "profile_type" else st.sampled_from(["eq", "co"]),
        st.sampled_from((*VALUES[field], "nothing")),
    )
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    comparisons,
    lambda inner: st.builds(
        Combination, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
    ),
    max_leaves=5,
)
profiles = st.lists(
    st.fixed_dictionaries(
        {
            "labels": st.lists(st.sampled_from(LABELS), unique=True),
            "profile_type": st.sampled_from(TYPES),
            "datasources": st.lists(st.sampled_from(DATASOURCE_IDS), unique=True),
        }
    ),
    max_size=12,
)


def written(expression: Expression, chance: random.Random) -> str:
    """Return the expression as a client could write it, with the necessary parentheses and some random ones."""
    if isinstance(expression, Comparison):
        return f"{expression.field} {expression.operator} {json.dumps(expression.value)}"
    parts = []
    for part in expression.parts:
        text = written(part, chance)
        needed = isinstance(part, Combination) and expression.operator == "and" and part.operator == "or"
        parts.append(f"({text})" if needed or chance.random() < 0.3 else text)
    return f" {expression.operator} ".join(parts)


def holds(expression: Expression, profile: dict[str, Any]) -> bool:
    """Return whether a profile matches a filter, by its meaning in the documents."""
    if isinstance(expression, Combination):
        results = [holds(part, profile) for part in expression.parts]
        return all(results) if expression.operator == "and" else any(results)
    value = profile[expression.field]
    if expression.operator == "co":
        return expression.value in value
    return value in (expression.value, [expression.value])


@settings(max_examples=60, deadline=None)
@given(profiles, expressions, st.integers(1, 5), st.randoms(use_true_random=False))
def test_a_filter_selects_what_it_says_from_any_store_over_any_pages(
    wanted: list[dict[str, Any]], expression: Expression, size: int, chance: random.Random
) -> None:
    with LocalTenant() as local:
        local.seed(
            types=[{"id": each, "name": each, "allow_create_relationships": True} for each in TYPES],
            datasources=[{"id": key, "integration": value} for key, value in INTEGRATIONS.items()],
            profiles=[
                {
                    "name": f"p{number}",
                    "profile_type": each["profile_type"],
                    "labels": each["labels"],
                    "entities_to_create_relationships_to": [entity(name) for name in each["datasources"]],
                }
                for number, each in enumerate(wanted)
            ],
        )
        everything = local.profiles()
        found = [
            name for page in pages(local, filter=written(expression, chance), page_size=str(size)) for name in page
        ]
    assert found == [profile["name"] for profile in everything if holds(expression, profile)]


def test_a_filter_by_type_uses_the_index(local: LocalTenant) -> None:
    sql = (
        "EXPLAIN QUERY PLAN SELECT p.body FROM profiles p WHERE p.profile_type = ? AND p.seq > ? ORDER BY p.seq LIMIT 1"
    )
    plan = local.simulator.tenant.store._all(sql, ("t", 0))
    assert "profiles_type" in str(plan)
    assert "SCAN" not in str(plan)
