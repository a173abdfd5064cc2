"""An output that is made when a program asks for it is the one that the SDK would have made at once."""

from __future__ import annotations

import asyncio
import re
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi import dynamic
from pulumi.runtime import rpc
from pulumi.runtime.settings import SETTINGS

from pulumi_veza.provider.pulumi_private import ResourceWithOwnOutputs, wrap_rpc_secret
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS

GIVEN = ("name", "labels", "__name")
"""What a program has given: arguments, and a hidden input."""

scalars = st.booleans() | st.floats(-9, 9) | st.text(max_size=3) | st.just(rpc.UNKNOWN)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", min_size=1), inner, max_size=2)
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return what the engine may send of a property that is declared so, in protobuf's types."""
    of_type: dict[Any, st.SearchStrategy[Any]] = {
        pulumi.Output[int]: st.integers(0, 9).map(float),
        pulumi.Output[str]: scalars,
        pulumi.Output[bool]: st.booleans(),
        pulumi.Output[list[str]]: st.lists(scalars, max_size=2),
        pulumi.Output[dict[str, str]]: st.dictionaries(st.text("ab", min_size=1), scalars, max_size=2),
        pulumi.Output[dict[str, Any]]: st.dictionaries(st.text("ab", min_size=1), anything, max_size=2),
        None: anything,
    }
    fitting = of_type[hint] | st.none() | st.just(rpc.UNKNOWN)
    return fitting | fitting.map(wrap_rpc_secret)


def hints(kind: type[Resource]) -> dict[str, Any]:
    """Return the types that the attributes of a class are declared with; of the sets there is none."""
    return typing.get_type_hints(sys.modules[kind.__module__].Outputs)


@dataclass(frozen=True)
class Outcome:
    """What the engine makes of a resource."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    dependencies: frozenset[str]
    dry_run: bool
    keep_unknowns: bool
    missing_are_unknown: bool
    failed: bool


@st.composite
def outcomes(draw: st.DrawFn, kind: type[Resource]) -> Outcome:
    declared = hints(kind)
    names = (*kind.kind().schema.properties, *GIVEN, "id", "urn", "not declared")
    some = st.lists(st.sampled_from(names), unique=True)
    return Outcome(
        inputs={name: draw(values(declared.get(name))) for name in GIVEN},
        outputs={name: draw(values(declared.get(name))) for name in draw(some)},
        dependencies=frozenset(draw(some)),
        dry_run=draw(st.booleans()),
        keep_unknowns=draw(st.booleans()),
        missing_are_unknown=draw(st.booleans()),
        failed=draw(st.sampled_from([False, False, False, True])),
    )


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(values)
    return found


def eager(kind: type[Resource]) -> type[dynamic.Resource]:
    """Return a class with the same properties, of which the SDK makes outputs."""
    return type(kind.__name__, (dynamic.Resource,), {"__annotations__": hints(kind), "__module__": kind.__module__})


async def told(output: pulumi.Output[Any], own: pulumi.Resource) -> tuple[Any, ...]:
    """Return all that an output tells, or the error that it fails with."""
    try:
        value = await output.future(with_unknowns=True)
        others = await output.resources() - {own}
        seen = await output.future(), await output.apply(lambda found: ["applied", found]).future()
        shown = re.sub(" at 0x[0-9a-f]+", "", repr(value))
        return shown, await output.is_known(), await output.is_secret(), own in await output.resources(), others, *seen
    except ArithmeticError as error:
        return (repr(error),)


async def resolved(
    kind: type[Resource], outcome: Outcome, other: pulumi.Resource, *, lazily: bool, before: bool
) -> dict[str, tuple[Any, ...]]:
    """Return what each property of a resource tells after a response.

    Args:
        kind: The class whose properties it has.
        outcome: The response.
        other: A resource that its properties depend on.
        lazily: Whether the outputs are made when they are asked for.
        before: Whether they are asked for before the response arrives.

    """
    schema = kind.kind().schema
    made: Any = object.__new__(kind if lazily else eager(kind))
    made._name = "it"
    props = dict.fromkeys((*(() if lazily else schema.properties), *GIVEN))
    transfer: Callable[..., Any] = rpc.transfer_properties
    resolvers = transfer(made, props, True)
    names = [*dict.fromkeys((*schema.properties, *GIVEN))]
    found = {name: raw(made, name) for name in names} if before else {}
    SETTINGS.dry_run = outcome.dry_run
    if outcome.failed:
        rpc.resolve_outputs_due_to_exception(resolvers, ArithmeticError("failed"))
    else:
        rpc.resolve_outputs(
            made,
            struct(outcome.inputs),
            struct(outcome.outputs),
            {name: {other} for name in outcome.dependencies},
            resolvers,
            True,
            False,
            outcome.keep_unknowns,
            outcome.missing_are_unknown,
        )
    found = found or {name: raw(made, name) for name in names}
    assert set(vars(made)) >= set(names)
    return {name: await told(output, made) for name, output in found.items()}


def raw(resource: Any, name: str) -> pulumi.Output[Any]:
    """Return the output of a property as it is in the state, a set as a map."""
    found = vars(resource)[name]
    assert isinstance(found, pulumi.Output)
    return found


@pytest.fixture(autouse=True)
def _settings_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SETTINGS, "dry_run", SETTINGS.dry_run)
    monkeypatch.setattr(SETTINGS, "outputs", set())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("before", [True, False], ids=["asked for before", "asked for after"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_it_tells_what_the_sdks_own_would_tell(kind: type[Resource], before: bool, data: st.DataObject) -> None:
    assert issubclass(kind, ResourceWithOwnOutputs)
    outcome = data.draw(outcomes(kind))

    async def both() -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
        # The SDK's own leave failures behind that nobody has asked for.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        other: Any = object.__new__(pulumi.CustomResource)
        ours = await resolved(kind, outcome, other, lazily=True, before=before)
        theirs = await resolved(kind, outcome, other, lazily=False, before=before)
        SETTINGS.outputs.clear()
        return ours, theirs

    ours, theirs = asyncio.run(both())
    assert ours == theirs
