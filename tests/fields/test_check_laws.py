"""Check, for every kind: it says the same twice, changes nothing, asks nobody, and never breaks."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_veza.fields.field_types import UNKNOWN, String, contains_unknown
from pulumi_veza.provider.lifecycle import Kind
from tests.fields.offline import accepted, check, every_kind, law, offline
from tests.support.generation.arguments import arguments, as_the_engine_sends, json_values, partly_unknown

__all__ = ["offline"]


@every_kind
@law
@given(data=st.data())
def test_what_a_program_may_write_is_accepted_and_every_part_of_it_kept(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    inputs = accepted(kind, args)
    assert {name for name, value in args.items() if value is not None} <= inputs.keys()


@every_kind
@law
@given(data=st.data())
def test_checking_what_was_checked_changes_nothing(kind: Kind, data: st.DataObject) -> None:
    inputs = accepted(kind, data.draw(arguments(kind)))
    assert accepted(kind, inputs) == inputs
    assert accepted(kind, as_the_engine_sends(inputs)) == inputs


@every_kind
@law
@given(data=st.data())
def test_what_is_the_same_is_written_the_same(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    assert accepted(kind, as_the_engine_sends(args)) == accepted(kind, args)
    upside_down = {name: args[name] for name in reversed(args)}
    assert list(accepted(kind, upside_down)) == list(accepted(kind, args))


@every_kind
@law
@given(data=st.data())
def test_the_arguments_stay_as_they_were(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    olds = data.draw(arguments(kind).map(lambda each: accepted(kind, each)))
    before = copy.deepcopy((args, olds))
    check(kind, args, olds)
    assert (args, olds) == before


@every_kind
@law
@given(data=st.data())
def test_an_unknown_anywhere_passes_and_stays_unknown(kind: Kind, data: st.DataObject) -> None:
    known = data.draw(arguments(kind))
    args = data.draw(partly_unknown(known))
    inputs = accepted(kind, args)
    assert contains_unknown(inputs)
    assert accepted(kind, inputs) == inputs
    for name, value in args.items():
        assert (inputs[name] is UNKNOWN) == (value is UNKNOWN)


junk = st.dictionaries(st.text(max_size=6).filter(lambda name: not name.startswith("__")), json_values, max_size=3)


@every_kind
@law
@given(data=st.data())
def test_junk_is_refused_by_the_name_of_the_property_and_never_breaks_it(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    names = st.sampled_from(sorted(kind.schema.fields))
    args = {**args, **data.draw(st.dictionaries(names, json_values | junk, max_size=3) | junk)}
    inputs, failures = check(kind, args, olds=data.draw(st.just({}) | junk))
    for failure in failures:
        named = [name for name in {*args, *kind.schema.fields} if failure.reason.startswith(name)]
        assert named
        assert failure.property in {"", *named}
    if not failures:
        assert accepted(kind, inputs) == inputs


@every_kind
@law
@given(data=st.data())
def test_junk_inside_what_was_written_is_refused_by_the_name_of_the_property(kind: Kind, data: st.DataObject) -> None:
    args = data.draw(arguments(kind))
    broken = data.draw(partly_unknown(args).map(lambda each: _filled(each, data.draw(json_values))))
    inputs, failures = check(kind, broken)
    for failure in failures:
        assert failure.reason.startswith(tuple(kind.schema.fields))
    if not failures:
        assert accepted(kind, inputs) == inputs


def _filled(value: Any, junk: Any) -> Any:
    if value is UNKNOWN:
        return junk
    if isinstance(value, dict):
        return {name: _filled(item, junk) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, junk) for item in value]
    return value


@every_kind
@law
@given(data=st.data())
def test_every_field_that_is_required_is_asked_for(kind: Kind, data: st.DataObject) -> None:
    required = [f.name for f in kind.schema if f.required]
    missing = data.draw(st.sampled_from(required))
    args = data.draw(arguments(kind))
    _, failures = check(kind, {**args, missing: None})
    of = kind.schema[missing].type
    failed = (
        ", or correct first the resource that gives it, where that has failed"
        if isinstance(of, String) and of.meaning == "id"
        else ""
    )
    assert [failure.reason for failure in failures] == [f"{missing}: is required; add {missing}=...{failed}"]
