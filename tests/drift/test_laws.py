"""The laws: what is called drift is what a refresh changes in the inputs, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pulumi_veza.drift.document import DriftDocument
from pulumi_veza.errors import VezaError
from pulumi_veza.fields.field_types import identity_in
from pulumi_veza.policies.drift_rules import DriftRule
from tests.drift.compared import of_program, of_state
from tests.impact.small_engine import Engine, Held, Refused
from tests.reliability.chaos.manual_changes import ManualChanges
from tests.support.generation.organisations import RULES, change_of, seed
from tests.support.generation.programs import Program
from tests.support.runs import Runs

Place = tuple[str, str | None, str | None]
"""The URN of a resource, the field, and the element or the person."""


def refreshed(engine: Engine) -> set[Place]:
    """Refresh the engine's stack; return every place of an input that is another then.

    A resource whose read is refused stays as it is; its URN is returned without a field, marked as such.
    """
    found: set[Place] = set()
    for urn, held in list(engine.state.items()):
        one = Engine(engine.runs, {urn: held})
        try:
            one.refresh()
        except VezaError:
            found.add((urn, REFUSED, None))
            continue
        found |= set(_changed(urn, held, one.state.get(urn)))
        del engine.state[urn]
        engine.state |= one.state
    return found


REFUSED = "refused"


def _changed(urn: str, before: Held, after: Held | None) -> Iterator[Place]:
    if after is None:
        yield urn, None, None
        return
    for name in before.inputs.keys() | after.inputs.keys():
        old, new = before.inputs.get(name), after.inputs.get(name)
        if old == new or name.startswith("__"):
            continue
        if name in SETS:
            yield from ((urn, name, key) for key in _keys(old, new))
        else:
            yield urn, name, None


SETS = {"labels", "datasource_ids", "entitlements", "inherits_from", "identity_ids", "allow_inherited_from_types"}


def _keys(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[str]:
    keys = (old or {}).keys() | (new or {}).keys()
    return [identity_in(key) for key in keys if (old or {}).get(key) != (new or {}).get(key)]


def drifted(document: DriftDocument) -> list[Place]:
    """Return the places of the rows that are said to be seen by a refresh, and of what could not be read."""
    return [
        (str(row.urn), "identity_ids" if row.member else row.field, row.member.id if row.member else row.element)
        for row in document.rows
        if row.refresh
    ] + [(str(row.urn), REFUSED, None) for row in document.rows if row.rule is DriftRule.UNREADABLE]


def by_hand(runs: Runs, engine: Engine, rng: Random) -> list[str]:
    """Let somebody change the tenant a few times."""
    program = Program()
    for held in engine.state.values():
        program.declared[held.declared.key] = held.declared
    somebody = ManualChanges(runs.tenant, program, RULES, members_stay_behind=False)
    return [somebody.act(rng) for _ in range(rng.randint(1, 5))]


def test_the_rows_of_drift_are_what_a_refresh_changes(runs: Runs) -> None:
    met: dict[str, int] = {}

    @settings(max_examples=20, derandomize=True, deadline=None)
    @given(number=st.integers(0, 2**32))
    def search(number: int) -> None:
        seed(runs.tenant)
        engine = Engine(runs)
        first, second = change_of(number)
        try:
            engine.up(first)
        except (Refused, VezaError):
            assume(False)
        # An authoritative set knows of those whom other sets have added after a refresh alone.
        engine.refresh()
        assert drifted(of_state(engine)) == []
        runs.tenant.clear_requests()
        changes = by_hand(runs, engine, Random(number))  # noqa: S311 - no secret
        document = of_state(engine)
        assert runs.tenant.requests(mutating=True) == []
        try:
            three_ways: DriftDocument | None = of_program(engine, second)
        except (Refused, VezaError):
            three_ways = None
        expected = refreshed(engine)
        rows = drifted(document)
        assert sorted(map(str, rows)) == sorted(map(str, expected)), changes
        # The program adds to what is known of each row, and takes none away.
        assert three_ways is None or set(drifted(three_ways)) == expected
        for row in document.rows:
            met[row.rule.value] = met.get(row.rule.value, 0) + 1
        # What a refresh has taken into the state is no drift any more.
        assert [place for place in drifted(of_state(engine)) if place[1] != REFUSED] == []
        assert json.loads(document.model_dump_json())["rows"] == [row.model_dump(mode="json") for row in document.rows]

    search()
    assert {rule: met.get(rule, 0) for rule in USUAL if met.get(rule, 0) < 2} == {}, met


USUAL = (
    "attribute-drift",
    "content-drift",
    "member-added-by-hand",
    "member-removed-by-hand",
    "object-gone",
    "unmanaged-profile",
)
"""The rules that a search of this size meets a few times."""
