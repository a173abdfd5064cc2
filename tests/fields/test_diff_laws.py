"""Diff, for every kind: it sees every change of what was declared, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.problems import Problems
from pulumi_veza.provider.lifecycle import NAME_KEY, Diff, Kind
from tests.fields.offline import THE_ID, accepted, check, diff, every_kind, law, offline
from tests.support.generation.arguments import (
    ALL_KINDS,
    arguments,
    as_the_engine_sends,
    changes,
    fields,
    json_values,
    partly_unknown,
)

__all__ = ["offline"]

every_optional_field = pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, f.name, id=f"{kind.name}-{f.name}")
        for kind in ALL_KINDS
        for f in kind.schema
        if not f.required and not f.input.create_only
    ],
)
every_field = pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, f.name, id=f"{kind.name}-{f.name}")
        for kind in ALL_KINDS
        for f in kind.schema
        if not f.input.create_only
    ],
)
every_field_of_the_create = pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, f.name, id=f"{kind.name}-{f.name}")
        for kind in ALL_KINDS
        for f in kind.schema
        if f.input.create_only
    ],
)


@st.composite
def outputs(draw: st.DrawFn, kind: Kind, inputs: JsonObject) -> JsonObject:
    """Draw what the state may hold of a resource with these inputs."""
    server: JsonObject = {
        name: {} if name == "failures" else draw(st.none() | st.text(max_size=3) | st.integers(1, 9))
        for name in kind.schema.outputs
        if name != "version_number"
    }
    return {**inputs, **server, "__profile_type": "some-type"}


@every_kind
@law
@given(data=st.data())
def test_what_was_written_once_is_no_change(kind: Kind, data: st.DataObject) -> None:
    inputs = accepted(kind, data.draw(arguments(kind)))
    olds = data.draw(outputs(kind, inputs))
    before = copy.deepcopy((olds, inputs))
    assert diff(kind, olds, inputs) == Diff(changes=False, replaces=[])
    assert diff(kind, as_the_engine_sends(olds), as_the_engine_sends(inputs)) == Diff(changes=False)
    assert (olds, inputs) == before


@every_kind
@law
@given(data=st.data())
@pytest.mark.catalogue(3)
def test_the_order_of_a_set_is_no_change(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    shuffled = {
        name: data.draw(st.permutations(value)) if kind.schema[name].is_set else value for name, value in args.items()
    }
    assert diff(kind, accepted(kind, args), accepted(kind, shuffled)) == Diff(changes=False)
    backwards = _backwards(accepted(kind, args))
    assert diff(kind, backwards, accepted(kind, args)) == Diff(changes=False)


def _backwards(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _backwards(value[name]) for name in reversed(list(value))}
    return value


@every_kind
@law
@given(data=st.data())
def test_what_the_server_adds_to_an_object_is_no_change(kind: Kind, data: st.DataObject) -> None:
    inputs = accepted(kind, data.draw(arguments(kind)))
    more = data.draw(st.dictionaries(st.just("x_not_documented") | st.just("created_at"), json_values, min_size=1))
    olds = {name: _with_more(kind, name, value, more) for name, value in inputs.items()}
    assert diff(kind, {**olds, **more}, inputs) == Diff(changes=False)


def _with_more(kind: Kind, name: str, value: Any, more: JsonObject) -> Any:
    if not isinstance(value, dict) or name not in kind.schema.fields:
        return value
    if kind.schema[name].is_set:
        return {key: {**each, **more} if isinstance(each, dict) else each for key, each in value.items()}
    # A mapping of the customer's own has no fields but the customer's.
    return value if name == "custom_properties" else {**value, **more}


@every_kind
@law
@given(data=st.data())
def test_what_the_server_holds_empty_is_no_change_of_what_is_not_managed(kind: Kind, data: st.DataObject) -> None:
    inputs = accepted(kind, data.draw(arguments(kind)))
    # What replaces is never written down for the sake of being managed, and options have no other side.
    empty = {
        f.name: f.type.empty for f in kind.schema if f.name not in inputs and (f.input.replace or not f.input.sent)
    }
    assert diff(kind, inputs, {**inputs, **empty}) == Diff(changes=False)
    assert diff(kind, {**inputs, **empty}, inputs) == Diff(changes=False)


@every_field
@settings(max_examples=5)
@given(data=st.data())
def test_a_change_of_any_field_is_seen_and_replaces_where_declared(kind: Kind, name: str, data: st.DataObject) -> None:
    field = kind.schema[name]
    args = data.draw(fields(kind.schema))
    before, after = data.draw(changes(field))
    olds, news = normal(kind, {**args, name: before}), normal(kind, {**args, name: after})
    assert diff(kind, olds, news) == Diff(changes=True, replaces=[name] if field.input.replace else [])


@every_optional_field
@settings(max_examples=5)
@given(data=st.data())
def test_a_field_that_is_added_or_taken_out_is_seen(kind: Kind, name: str, data: st.DataObject) -> None:
    field = kind.schema[name]
    args = data.draw(fields(kind.schema))
    value, _ = data.draw(changes(field))
    there = normal(kind, {**args, name: value})
    absent = normal(kind, {**args, name: None})
    changed = field.type.canon(there[name]) != field.type.canon(field.input.default)
    managed = bool(field.input.sent) and not field.input.replace and field.input.default is None
    expected = Diff(changes=changed or managed, replaces=[name] if changed and field.input.replace else [])
    assert diff(kind, there, absent) == expected
    assert diff(kind, absent, there) == expected


@every_field_of_the_create
@settings(max_examples=5)
@given(data=st.data())
def test_a_field_that_the_create_alone_reads_comes_and_goes_without_a_change(
    kind: Kind, name: str, data: st.DataObject
) -> None:
    args = data.draw(fields(kind.schema))
    before, _ = data.draw(changes(kind.schema[name]))
    # The object that the resource has: any other id is refused.
    there, absent, other = (normal(kind, {**args, name: each}) for each in (THE_ID, None, before))
    for olds, news in [(there, absent), (absent, there), (other, there), (other, absent)]:
        assert diff(kind, olds, news) == Diff(changes=False)


def normal(kind: Kind, args: JsonObject) -> JsonObject:
    """Return the inputs, whether or not the fields go together: that is check's to say, not diff's."""
    problems = Problems()
    inputs = kind.schema.check(args, problems)
    assert problems.failures == []
    return {**inputs, NAME_KEY: "it"}


@every_kind
@law
@given(data=st.data())
def test_an_unknown_anywhere_is_a_change(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    news, failures = check(kind, data.draw(partly_unknown(args)))
    assert failures == []
    assert diff(kind, accepted(kind, args), news).changes is True
