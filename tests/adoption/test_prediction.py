"""What a plan predicts of a create over an existing object is what the provider does: compared by the decision."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.access import tenant as tenants
from pulumi_veza.errors import InvalidRequestError, RefusedError
from pulumi_veza.fields.field_types import JsonObject, contains_unknown
from pulumi_veza.fields.schema import Field, SentIn
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import OURS, UNKNOWN, Record
from pulumi_veza.provider.kind import Kind
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.rules.adoption import Action
from tests.support.generation.accepted import OPEN, accepted_arguments, overrides, seed, suiting
from tests.support.generation.arguments import ALL_KINDS, changes, values
from tests.support.laws import with_requests
from tests.support.runs import Runs

ADOPTING = [kind for kind in ALL_KINDS if "adopt" in kind.schema.fields]
NAMED = [kind for kind in ADOPTING if "name" in kind.schema.fields]


def compared(kind: Kind) -> list[Field]:
    """List the fields that a request carries; the state of a version is none of its content."""
    return [f for f in kind.schema if f.input.sent and (kind.name, f.name) != ("AccessProfileVersion", "state")]


every_sent_field = pytest.mark.parametrize(
    ("kind", "field"),
    [pytest.param(kind, f, id=f"{kind.name}-{f.name}") for kind in ADOPTING for f in compared(kind)],
)


def differing(kind: Kind, field: Field) -> st.SearchStrategy[tuple[JsonObject, JsonObject]]:
    """Draw what the object holds and what the program writes of a field; either may leave out an optional one."""
    own = overrides(kind)
    strategy = own.strategies.get(field.name) if own else None
    value = (values(field.type) if strategy is None else strategy).map(lambda each: {field.name: each})
    if field.required:
        both = changes(field, own)
        return both.map(lambda pair: ({field.name: pair[0]}, {field.name: pair[1]}))
    nothing = st.just(dict[str, Any]())
    return st.tuples(value, value) | st.tuples(nothing, value) | st.tuples(value, nothing)


def urn(kind: Kind) -> str:
    return f"urn:pulumi:dev::test::{OURS}{kind.name}::it"


def drawn(data: st.DataObject, kind: Kind, *, every: bool = False) -> JsonObject:
    """Draw what the tenant accepts; of a version the live one, whose content the tenant's list shows."""
    args = data.draw(accepted_arguments(kind, every=every))
    return suiting(kind, {**args, "version": "current"}) if kind.name == "AccessProfileVersion" else args


def inputs(kind: Kind, args: JsonObject) -> JsonObject:
    """Check what a program writes; skip the example where it is refused."""
    found, failures = Lifecycle(kind).check({}, {**args, NAME_KEY: "it"})
    assume(failures == [])
    return found


def make(kind: Kind, runs: Runs, args: JsonObject) -> str:
    """Put an object into the tenant that no resource of the next run manages; return its id."""
    runs.new()
    choices = {"adopt": "always"} if kind.name != "AccessProfileType" else {}
    try:
        id_, _ = Lifecycle(kind).create(inputs(kind, {**args, **choices}))
    except InvalidRequestError:
        assume(False)
    return id_


def predicted(kind: Kind, runs: Runs, wanted: JsonObject) -> Plan:
    session = runs.new()
    record = Record(urn(kind), f"{OURS}{kind.name}", op="create", new_inputs=wanted)
    return plan([record], tenants.organisation(session.client))


def action_of(kind: Kind, planned: Plan) -> Action:
    if urn(kind) in planned.refusals:
        return Action.REFUSE
    return Action.CREATE if planned.refs[urn(kind)] == urn(kind) else Action.ADOPT


def done(kind: Kind, runs: Runs, wanted: JsonObject, existing: set[str]) -> tuple[Action, str | None]:
    """Create for real; return what the provider did, and about which object."""
    runs.new()
    try:
        id_, _ = Lifecycle(kind).create(wanted)
    except RefusedError:
        return Action.REFUSE, None
    except InvalidRequestError:
        assume(False)
    return (Action.ADOPT if id_ in existing else Action.CREATE), id_


def hold_prediction_to_what_is_done(kind: Kind, runs: Runs, there: JsonObject, wanted: JsonObject) -> Action:
    id_ = make(kind, runs, there)
    return hold_to_what_is_done(kind, runs, inputs(kind, wanted), id_)


def hold_to_what_is_done(kind: Kind, runs: Runs, program: JsonObject, id_: str) -> Action:
    planned = predicted(kind, runs, program)
    foretold = action_of(kind, planned)
    if kind.name != "AccessProfileVersion":
        existing = {each["id"] for each in (*runs.tenant.profiles(), *runs.tenant.state()["types"])}
    else:
        existing = {id_}
    happened, about = done(kind, runs, program, existing)
    assert foretold is happened
    if happened is Action.ADOPT and kind.name != "AccessProfileVersion":
        assert planned.refs[urn(kind)] == about
    return happened


@every_sent_field
def test_a_create_over_an_object_that_differs_in_one_field(kind: Kind, field: Field, runs: Runs) -> None:
    met: set[Action] = set()

    @settings(with_requests, max_examples=4)
    @given(data=st.data())
    def search(data: st.DataObject) -> None:
        seed(runs.tenant)
        base = drawn(data, kind)
        first, second = data.draw(differing(kind, field))
        adopt = data.draw(st.sampled_from(kind.schema["adopt"].type.choices))
        there = suiting(kind, {**base, **first})
        wanted = suiting(kind, {**base, **second, "adopt": adopt})
        met.add(hold_prediction_to_what_is_done(kind, runs, there, wanted))

    search()
    assert met, "the tenant accepted no example"


@pytest.mark.parametrize("kind", ADOPTING, ids=lambda kind: kind.name)
def test_a_create_over_an_object_that_is_equal(kind: Kind, runs: Runs) -> None:
    met: set[Action] = set()

    @settings(with_requests, max_examples=25)
    @given(data=st.data())
    def search(data: st.DataObject) -> None:
        seed(runs.tenant)
        adopt = data.draw(st.sampled_from(kind.schema["adopt"].type.choices))
        args = drawn(data, kind)
        met.add(hold_prediction_to_what_is_done(kind, runs, args, {**args, "adopt": adopt}))

    search()
    assert met >= {Action.ADOPT, Action.REFUSE}


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.name)
def test_a_create_that_names_the_object_to_take_over(kind: Kind, runs: Runs) -> None:
    met: set[tuple[Action, bool]] = set()

    @settings(with_requests, max_examples=40)
    @given(data=st.data())
    def search(data: st.DataObject) -> None:
        seed(runs.tenant)
        there = drawn(data, kind)
        field = data.draw(st.sampled_from([f for f in compared(kind) if f.input.sent & SentIn.CREATE]))
        first, second = data.draw(differing(kind, field) | st.just(({}, {})))
        adopts = [each for each in kind.schema["adopt"].type.choices if each != "never"]
        wanted = suiting(kind, {**there, **second, "adopt": data.draw(st.sampled_from(adopts))})
        id_ = make(kind, runs, suiting(kind, {**there, **first}))
        # Another of the same name, an object of the other kind, and none at all.
        named = data.draw(st.sampled_from([id_, id_, id_, OPEN, "profile-open", "nobody"]))
        happened = hold_to_what_is_done(kind, runs, inputs(kind, {**wanted, "existing_id": named}), id_)
        assert happened is not Action.CREATE
        met.add((happened, named == id_))

    search()
    assert met >= {(Action.ADOPT, True), (Action.REFUSE, True), (Action.REFUSE, False)}


NEARLY = [
    ("Sales", "Sales "),
    ("Sales ", "Sales"),
    ("R&D", "R&amp;D"),
    ("R&amp;D", "R&D"),
    ("Caf\u00e9", "Cafe\u0301"),
    ("Sales", "sales"),
    ("Sales", "Sales team"),
    ("\ufeffSales", "\u200bSales"),
]


@pytest.mark.parametrize(("there", "wanted"), NEARLY)
@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.name)
def test_a_create_over_an_object_of_nearly_the_same_name(kind: Kind, there: str, wanted: str, runs: Runs) -> None:
    own = {"profile_type": OPEN} if kind.name == "AccessProfile" else {}

    @settings(with_requests, max_examples=10)
    @given(description=st.sampled_from([None, "For sales", "for sales ", "For others"]), data=st.data())
    def search(description: str | None, data: st.DataObject) -> None:
        seed(runs.tenant)
        adopt = data.draw(st.sampled_from(kind.schema["adopt"].type.choices))
        held = {"name": there, **own, "description": "For sales"}
        program = {"name": wanted, **own, "description": description, "adopt": adopt}
        hold_prediction_to_what_is_done(kind, runs, held, program)

    search()


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        pytest.param(kind, f, id=f"{kind.name}-{f.name}")
        for kind in ADOPTING
        for f in compared(kind)
        if f.input.sent & SentIn.CREATE
    ],
)
def test_a_value_that_is_unknown_before_up_is_never_called_certain(kind: Kind, field: Field, runs: Runs) -> None:
    @settings(with_requests, max_examples=3)
    @given(data=st.data())
    def search(data: st.DataObject) -> None:
        seed(runs.tenant)
        args = {**drawn(data, kind, every=True), "adopt": "identical"}
        assume(field.name in args)
        make(kind, runs, args)
        program: dict[str, Any] = {**inputs(kind, args), field.name: UNKNOWN}
        record = Record(urn(kind), f"{OURS}{kind.name}", op="create", new_inputs=program)
        assert contains_unknown(record.args[field.name])
        planned = predicted(kind, runs, program)
        # Differences in what is known may refuse for certain; nothing is taken over for certain.
        if action_of(kind, planned) is Action.ADOPT and kind.name == "AccessProfile" and field.name != "state":
            profile = planned.after.profiles[planned.refs[urn(kind)]]
            assert any(reason.decided_during_up for reason in profile.unknown)

    search()
