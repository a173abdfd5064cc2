"""The same program again, the same preview again, and very many people: nothing, the same bytes, and in seconds."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pulumi_veza.errors import VezaError
from pulumi_veza.impact import building
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.records import Record
from pulumi_veza.policies.checking import check
from pulumi_veza.policies.stack import Stack
from pulumi_veza.reports.options import COMMENT_BYTES, RenderOptions
from tests.impact.small_engine import Engine, Refused
from tests.impact.test_renderings import crowd
from tests.support.generation.organisations import RULES, Change, change_of, seed
from tests.support.generation.rules import PEOPLE
from tests.support.runs import Runs

SAYS_NOTHING = {"json": '"people": []', "sarif": '"results": []'}
"""What renderings for programs say where nothing changes; those for people say it in words."""


def says_nothing(name: str, text: str) -> bool:
    return SAYS_NOTHING.get(name, "No change of access.") in text


def organisations() -> Iterator[Change]:
    # Sets beside an authoritative one are a conflict, which is shown although nothing changes.
    rules = replace(RULES, crowded=False)
    yield from (change_of(number, rules) for number in range(12))


def rendered(preview: str) -> dict[str, str]:
    """Show a preview in every rendering."""
    document = building.build(preview_json.preview(preview))
    return {name: rendering(document, RenderOptions()) for name, rendering in FORMATS.items()}


def shuffled(preview: str) -> str:
    """Return a preview whose steps come in another order, as the engine's do from run to run."""
    data = json.loads(preview)
    random.Random(1).shuffle(data["steps"])  # noqa: S311 - no secret
    return json.dumps({**data, "duration": 7})


def test_the_same_program_again_is_nothing_in_every_rendering(runs: Runs) -> None:
    again = 0
    for program, _ in organisations():
        seed(runs.tenant)
        engine = Engine(runs)
        try:
            engine.up(program)
        except (Refused, VezaError):
            continue
        texts = rendered(engine.preview(program))
        assert [name for name, text in texts.items() if not says_nothing(name, text)] == []
        assert [(name, who) for name, text in texts.items() for who in PEOPLE if who in text] == []
        again += 1
    assert again >= 10


def test_the_same_preview_again_is_the_same_bytes_in_every_rendering(runs: Runs) -> None:
    again = 0
    for first, second in organisations():
        seed(runs.tenant)
        engine = Engine(runs)
        try:
            engine.up(first)
            preview, other = engine.preview(second), engine.preview(second)
        except (Refused, VezaError):
            continue
        texts = rendered(preview)
        assert rendered(other) == texts
        assert rendered(shuffled(preview)) == texts
        again += not says_nothing("terminal", texts["terminal"])
    assert again >= 8


def written(everything: list[Record]) -> str:
    """Write records as the preview that they would be read from."""

    def state(record: Record, inputs: object) -> dict[str, object]:
        return {
            "urn": record.urn, "type": record.type, "id": record.id, "inputs": inputs, "outputs": record.old_outputs
        }  # fmt: skip

    steps = [
        {
            "op": each.op,
            "urn": each.urn,
            "oldState": state(each, each.old_inputs),
            "newState": state(each, each.new_inputs),
        }
        for each in everything
    ]
    return json.dumps({"steps": steps, "duration": 1, "changeSummary": {}})


@pytest.mark.slow
def test_ten_thousand_members_of_a_thousand_profiles_take_seconds_from_the_preview_on() -> None:
    text = written(crowd(10_000, 1_000))
    # Processor time, as the machine may be busy with other things.
    marks = [("", time.process_time())]
    records = preview_json.preview(text)
    marks.append(("reading", time.process_time()))
    document = building.build(records)
    marks.append(("impact", time.process_time()))
    assert document.summary.people == 10_000
    assert document.summary.rows == {"lost": 10_000, "gained": 10_000}
    assert (document.summary.provisions, document.summary.deprovisions) == (10_000, 10_000)
    for name, rendering in FORMATS.items():
        shown = rendering(document, RenderOptions())
        marks.append((name, time.process_time()))
        if name in {"terminal", "markdown", "markdown-plain", "annotations"}:
            assert "10,000 people change access" in shown
        assert len(shown.encode()) <= COMMENT_BYTES or not name.startswith("markdown")
    assert len(check(Stack(records), None, ()).resources) == 2003
    marks.append(("policy check", time.process_time()))
    took = {name: later - before for (_, before), (name, later) in itertools.pairwise(marks)}
    print(f"{len(text) / 1e6:.1f} MB:", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.items()))
    assert sum(took.values()) < 30
    assert max(took.values()) < 15
