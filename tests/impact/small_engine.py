"""A small engine: it plans and runs a program with the real provider, in this process, and writes the engine's JSON.

What it leaves out of the real one is only what takes time: it runs one resource after another, in the order in which
the program declares them, and deletes last, in the opposite order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, integral
from pulumi_veza.plan.records import OURS, PROFILE, VERSION
from pulumi_veza.plan.records import UNKNOWN as UNKNOWN_TEXT
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS
from pulumi_veza.resources.moved_content import VERSIONS_KEY
from pulumi_veza.resources.other_sets import KIND as SETS
from pulumi_veza.resources.other_sets import OTHERS_KEY
from pulumi_veza.rules.identity import writes_content
from tests.support.generation.arguments import as_the_engine_sends
from tests.support.generation.programs import Declared, Ref
from tests.support.runs import Runs

RESOURCES: dict[str, type[Resource]] = {each.__name__: each for each in KINDS}


class Refused(Exception):  # noqa: N818 - it says what happened
    """The provider's check refuses the program."""


@dataclass
class Held:
    """What the state knows of a resource."""

    declared: Declared
    id: str
    inputs: JsonObject
    outputs: JsonObject


@dataclass
class Step:
    """What is going to be done to a resource."""

    op: str
    declared: Declared
    inputs: JsonObject
    old: Held | None = None


@dataclass
class Engine:
    """One stack: its state, and the runs that change it."""

    runs: Runs
    state: dict[str, Held] = field(default_factory=dict)

    def preview(self, program: Sequence[Declared]) -> str:
        """Plan, and write what ``pulumi preview --json --show-sames`` does."""
        self.runs.new()
        ids: dict[str, Any] = {}
        steps: list[dict[str, Any]] = []
        for declared in program:
            step = self._plan(program, declared, ids)
            ids[declared.key] = step.old.id if step.old and step.op in {"same", "update"} else UNKNOWN
            steps.append(self._json(step, program))
        steps += [self._json(Step("delete", held.declared, {}, held), program) for held in self._leaving(program)]
        same = sum(step["op"] == "same" for step in steps)
        return json.dumps({"steps": steps, "duration": 1, "changeSummary": {"same": same}})

    def up(self, program: Sequence[Declared]) -> None:
        """Bring the stack up to the program."""
        self.runs.new()
        ids: dict[str, Any] = {}
        replaced: list[Held] = []
        leaving = self._leaving(program)
        for declared in program:
            step = self._plan(program, declared, ids)
            lifecycle = _lifecycle(declared.kind)
            if step.op in {"create", "replace"}:
                id_, outputs = lifecycle.create(_received(step.inputs))
                replaced += [step.old] if step.old else []
                self.state[_urn(declared)] = Held(declared, id_, step.inputs, as_the_engine_sends(outputs))
            elif step.op == "update":
                held = self.state[_urn(declared)]
                outputs = lifecycle.update(held.id, _received(held.outputs), _received(step.inputs))
                self.state[_urn(declared)] = Held(declared, held.id, step.inputs, as_the_engine_sends(outputs))
            ids[declared.key] = self.state[_urn(declared)].id
        for held in [*reversed(replaced), *leaving]:
            _lifecycle(held.declared.kind).delete(held.id, _received(held.outputs))
            if held in leaving:
                del self.state[_urn(held.declared)]

    def refresh(self) -> None:
        """Read everything again."""
        self.runs.new()
        for urn, held in list(self.state.items()):
            found = _lifecycle(held.declared.kind).read(held.id, _received(held.outputs))
            if found is None:
                del self.state[urn]
                continue
            outputs, inputs = found
            self.state[urn] = Held(
                held.declared, held.id, as_the_engine_sends(inputs or {}), as_the_engine_sends(outputs)
            )

    def _leaving(self, program: Sequence[Declared]) -> list[Held]:
        staying = {_urn(declared) for declared in program}
        return [held for urn, held in reversed(self.state.items()) if urn not in staying]

    def _plan(self, program: Sequence[Declared], declared: Declared, ids: Mapping[str, Any]) -> Step:
        old = self.state.get(_urn(declared))
        arguments = {**_resolved(declared.arguments, ids), NAME_KEY: declared.resource_name}
        if declared.kind == SETS:
            others = [told for each in program if each is not declared for told in _told(each, ids)]
            arguments[OTHERS_KEY] = json.dumps(others)
        if declared.kind == PROFILE and not writes_content(arguments):
            arguments[VERSIONS_KEY] = [_versions_told(each) for each in program if _is_version_of(each, declared)]
        news = as_the_engine_sends(arguments)
        lifecycle = _lifecycle(declared.kind)
        inputs, failures = lifecycle.check(old.inputs if old else {}, news)
        if failures:
            raise Refused(f"{declared.resource_name}: {failures[0].reason}")
        inputs = as_the_engine_sends(inputs)
        if old is None:
            return Step("create", declared, inputs)
        diff = lifecycle.diff(old.id, _received(old.outputs), _received(inputs))
        return Step("replace" if diff.replaces else "update" if diff.changes else "same", declared, inputs, old)

    def _json(self, step: Step, program: Sequence[Declared]) -> dict[str, Any]:
        declared = step.declared
        by_name = {each.key: _urn(each) for each in program}
        found: dict[str, Any] = {"op": step.op, "urn": _urn(declared)}
        named = {"urn": _urn(declared), "type": f"{OURS}{declared.kind}", "custom": True}
        if step.old:
            found["oldState"] = {**named, "id": step.old.id, "inputs": step.old.inputs, "outputs": step.old.outputs}
        if step.op != "delete":
            dependencies = {name: [by_name[each] for each in _ids(value)] for name, value in declared.arguments.items()}
            found["newState"] = {**named, "inputs": _written(step.inputs), "propertyDependencies": dependencies}
        return found


def _told(declared: Declared, ids: Mapping[str, Any]) -> list[list[Any]]:
    """Return what the program tells of a set with the others, where its profile is known; nothing of another kind."""
    if declared.kind != SETS or not set(_ids(declared.arguments["profile_id"])) <= ids.keys():
        return []
    profile_id = _resolved(declared.arguments["profile_id"], ids)
    if profile_id is UNKNOWN:
        return []
    manages = declared.arguments.get("mode") != "audit"
    listed = list(declared.arguments["identity_ids"]) if manages else []
    version = str(declared.arguments.get("version", "current"))
    return [[declared.resource_name, "", profile_id, version, listed, manages]]


def _is_version_of(declared: Declared, profile: Declared) -> bool:
    return declared.kind == VERSION and declared.arguments["profile_id"] == Ref(profile.key)


def _versions_told(version: Declared) -> list[Any]:
    """Return what the program tells a profile of one of its versions: the selector, and the fields that it writes."""
    return [str(version.arguments.get("version", "current")), sorted(version.arguments)]


def _urn(declared: Declared) -> str:
    return f"urn:pulumi:dev::test::{OURS}{declared.kind}::{declared.resource_name}"


def _lifecycle(kind: str) -> Lifecycle:
    return RESOURCES[kind]._provider_class.lifecycle


def _ids(value: Any) -> list[str]:
    if isinstance(value, Ref):
        return [value.key]
    if isinstance(value, (list, tuple)):
        return [name for each in value for name in _ids(each)]
    return []


def _resolved(value: Any, ids: Mapping[str, Any]) -> Any:
    if isinstance(value, Ref):
        return ids[value.key]
    if isinstance(value, Mapping):
        return {name: _resolved(each, ids) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolved(each, ids) for each in value]
    return value


def _received(value: Any) -> Any:
    """Convert whole numbers back to integers, as the shell does with what the engine sends."""
    if isinstance(value, Mapping):
        return {name: _received(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_received(each) for each in value]
    return integral(value)


def _written(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _written(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(each) for each in value]
    return value
