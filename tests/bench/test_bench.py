"""The floors hold the same state as ours, and the command measures every operation."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.measuring import ROOT, Sample, steps
from bench.programs import INPUTS_FLOOR, OPERATIONS, OURS, OUTPUTS_FLOOR, VARIANTS, Variant, program
from bench.table import HEADER, rows

from tests.support.fixtures import StackFactory
from tests.support.tenant import Tenant

RATIOS = [name for name in HEADER if " / " in name]
LONGEST_REFERENCE = 100
"""Bytes of a provider that is pickled as a reference to its class; one that is pickled by value has 500 and more."""

Table = dict[str, dict[str, str]]


def parsed(lines: list[str]) -> Table:
    """Read a table: operation to column to cell."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    header, _, *body = cells
    assert header == HEADER
    return {row[0]: dict(zip(header, row, strict=True)) for row in body}


def deployed(stack_factory: StackFactory, tenant: Tenant, variant: Variant) -> dict[str, dict[str, Any]]:
    """Deploy the program with a variant; return the resources of the state."""
    stack = stack_factory(program(variant, 2), environment={**tenant.env(), "PYTHONPATH": str(ROOT)})
    stack.up(skip_preview=True)
    stack.up("--expect-no-changes", skip_preview=True)
    return stack.resources()


@pytest.mark.slow
def test_the_floors_keep_what_they_promise_in_the_state(stack_factory: StackFactory, tenant: Tenant) -> None:
    ours = deployed(stack_factory, tenant, OURS)
    assert ours.keys() == {"role", "profile-0", "profile-1"}

    same_outputs = deployed(stack_factory, tenant, OUTPUTS_FLOOR)
    for part in ("inputs", "outputs"):
        assert {n: r[part].keys() for n, r in same_outputs.items()} == {n: r[part].keys() for n, r in ours.items()}

    inputs_alone = deployed(stack_factory, tenant, INPUTS_FLOOR)
    assert inputs_alone.keys() == ours.keys()
    assert inputs_alone["role"]["outputs"].keys() == {"name", "__provider"}
    assert inputs_alone["profile-0"]["outputs"].keys() == {"name", "profile_type", "labels", "__provider"}

    for resource in (*ours.values(), *same_outputs.values(), *inputs_alone.values()):
        assert len(base64.b64decode(resource["outputs"]["__provider"])) < LONGEST_REFERENCE


def test_a_ratio_is_the_median_of_the_rounds_with_its_spread() -> None:
    seconds = {1: 10.0, 2: 30.0, 3: 12.0}
    samples = [
        Sample(step, wall=seconds[step.round] if step.variant == OURS else 10.0, cpu=2.0, reads=step.round, writes=0)
        for step in steps(3)
    ]
    table = parsed(rows(samples))
    assert list(table) == [operation.title for operation in OPERATIONS]
    for row in table.values():
        assert row["wall / inputs floor"] == row["wall / outputs floor"] == "1.20 (1.00-3.00)"
        assert row["CPU / inputs floor"] == row["CPU / outputs floor"] == "1.00 (1.00-1.00)"
        assert (row["wall of ours, s"], row["CPU of ours, s"]) == ("12.0", "2.0")
        assert (row["reads"], row["writes"]) == ("1-3", "0")


def test_the_variants_take_turns_in_every_operation() -> None:
    planned = steps(2)
    assert [step.variant for step in planned[:6]] == [*VARIANTS, *VARIANTS]
    assert [step.operation for step in planned[::3]] == [*OPERATIONS, *OPERATIONS]
    assert [step.round for step in planned] == sorted(step.round for step in planned)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the CPU of a whole command can be measured only on Linux")
def test_the_command_measures_every_operation_and_counts_the_requests(tmp_path: Path) -> None:
    output = tmp_path / "result.md"
    command = [sys.executable, "-m", "bench", "--profiles", "3", "--rounds", "1", "--output", str(output)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout == output.read_text()

    table = parsed(run.stdout.splitlines())
    assert list(table) == [operation.title for operation in OPERATIONS]
    for row in table.values():
        assert all(float(row[name]) > 0 for name in [*RATIOS, "wall of ours, s", "CPU of ours, s"]), row

    writes = {operation: row["writes"] for operation, row in table.items()}
    assert writes == {
        "preview of new": "0",
        "first up": "4",
        "unchanged preview": "0",
        "unchanged up": "0",
        "refresh": "0",
        "one change": "1",
        "destroy": "3",
    }
    reads = {operation: int(row["reads"]) for operation, row in table.items()}
    assert {operation for operation, count in reads.items() if count} == {"first up", "refresh"}
