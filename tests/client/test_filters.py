"""`pulumi_veza.client.filters`, held beside an independent parser of SCIM filters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_filter_parser import ast
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser

from pulumi_veza.client.filters import FIELDS, Filter, and_, co, eq, or_

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def parsed(expression: Filter) -> Any:
    """Return the expression as nested tuples, as the independent parser understands it."""
    return _plain(SCIMParser().parse(SCIMLexer().tokenize(str(expression))))


def _plain(node: Any) -> Any:
    if isinstance(node, ast.Filter):
        return _plain(node.expr)
    if isinstance(node, ast.LogExpr):
        return (node.op.lower(), _plain(node.expr1), _plain(node.expr2))
    assert isinstance(node, ast.AttrExpr)
    return (node.value.lower(), node.attr_path.attr_name, json.loads(f'"{node.comp_value.value}"'))


def test_a_comparison_is_written_as_the_documents_write_it() -> None:
    assert eq("profile_type", "13ddf132") == 'profile_type eq "13ddf132"'
    assert co("labels", "requestable") == 'labels co "requestable"'


def test_the_documents_combined_example_can_be_built() -> None:
    either = or_(co("integrations", "SALESFORCE"), co("integrations", "AWS"))
    assert and_(either, eq("profile_type", "a730")) == (
        '(integrations co "SALESFORCE" or integrations co "AWS") and profile_type eq "a730"'
    )


@given(st.sampled_from(FIELDS), TEXT)
def test_any_text_comes_back_from_an_independent_parser(field: Any, value: str) -> None:
    assert parsed(eq(field, value)) == ("eq", field, value)
    assert parsed(co(field, value)) == ("co", field, value)


@given(TEXT)
def test_no_value_ends_its_string_early_even_for_a_reader_without_escapes(value: str) -> None:
    assert str(eq("labels", value)).count('"') == 2


@given(
    st.recursive(
        st.builds(eq, st.sampled_from(FIELDS), TEXT),
        lambda inner: st.builds(
            lambda join, operands: join(*operands),
            st.sampled_from([and_, or_]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=8,
    ).flatmap(lambda made: st.tuples(st.just(made), st.sampled_from([and_, or_])))
)
def test_joining_keeps_each_operand_whole(made_and_join: tuple[Filter, Any]) -> None:
    made, join = made_and_join
    last = eq("labels", "last")
    joined = _flat(parsed(join(made, last)))
    operator = "and" if join is and_ else "or"
    inner = _flat(parsed(made))
    expected = [*inner[1:], parsed(last)] if inner[0] == operator else [inner, parsed(last)]
    assert joined == [operator, *expected]


def _flat(tree: Any) -> Any:
    """Join runs of the same operator, for which the grouping means nothing."""
    if tree[0] not in {"and", "or"}:
        return tree
    operands: list[Any] = []
    for side in map(_flat, tree[1:]):
        operands += side[1:] if side[0] == tree[0] else [side]
    return [tree[0], *operands]


def test_a_single_operand_needs_no_operator() -> None:
    only = eq("labels", "a")
    assert and_(only) == or_(only) == only
    assert and_(or_(only), only) == 'labels eq "a" and labels eq "a"'


def test_a_field_that_the_api_cannot_filter_by_is_refused_with_those_it_can() -> None:
    with pytest.raises(ValueError, match=r"'name'.*integrations, provider_ids, labels, profile_type"):
        eq("name", "Developer")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1, None, b"x", "\ud800"])
def test_a_value_that_is_not_text_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="labels"):
        co("labels", value)


@pytest.mark.parametrize("join", [and_, or_])
def test_only_finished_expressions_can_be_joined(join: Any) -> None:
    with pytest.raises(ValueError, match="at least one"):
        join()
    with pytest.raises(ValueError, match="labels"):
        join('labels eq "a" or labels eq "b"', eq("labels", "c"))
    assert repr(join(eq("labels", "c"))) == """Filter('labels eq "c"')"""
