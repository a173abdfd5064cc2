"""The floors hold the same state as ours, and the command measures every operation."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.measuring import ROOT
from bench.programs import INPUTS_FLOOR, OPERATIONS, OURS, OUTPUTS_FLOOR, VARIANTS, Load, Variant, identities, program
from bench.report import COST_HEADER
from bench.sample import Sample
from bench.series import SERIES, Series, series
from bench.table import Samples

from bench import report, sample
from tests.support.fixtures import StackFactory
from tests.support.tenant import Tenant

RATIOS = [name for name in COST_HEADER if " / " in name]
LONGEST_REFERENCE = 100
"""Bytes of a provider that is pickled as a reference to its class; one that is pickled by value has 500 and more."""

Table = dict[str, dict[str, str]]


def parsed(lines: list[str]) -> Table:
    """Read the first table of a text: operation to column to cell."""
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("|")) :]
    table = table[: next((i for i, line in enumerate(table) if not line.startswith("|")), len(table))]
    header, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {row[0]: dict(zip(header, row, strict=True)) for row in body}


def deployed(stack_factory: StackFactory, tenant: Tenant, variant: Variant) -> dict[str, dict[str, Any]]:
    """Deploy the program with a variant; return the resources of the state."""
    load = Load(2, members=2)
    tenant.seed(identities=identities(load))
    stack = stack_factory(program(variant, load), environment={**tenant.env(), "PYTHONPATH": str(ROOT)})
    stack.up(skip_preview=True)
    stack.up("--expect-no-changes", skip_preview=True)
    return stack.resources()


@pytest.mark.slow
def test_the_floors_keep_what_they_promise_in_the_state(stack_factory: StackFactory, tenant: Tenant) -> None:
    ours = deployed(stack_factory, tenant, OURS)
    assert ours.keys() == {"role", "profile-0", "profile-1", "members-0", "members-1"}

    same_outputs = deployed(stack_factory, tenant, OUTPUTS_FLOOR)
    for part in ("inputs", "outputs"):
        assert {n: r[part].keys() for n, r in same_outputs.items()} == {n: r[part].keys() for n, r in ours.items()}

    inputs_alone = deployed(stack_factory, tenant, INPUTS_FLOOR)
    assert inputs_alone.keys() == ours.keys()
    assert inputs_alone["role"]["outputs"].keys() == {"name", "__provider"}
    assert inputs_alone["profile-0"]["outputs"].keys() == {"name", "profile_type", "labels", "__provider"}
    assert inputs_alone["members-0"]["outputs"].keys() == {"profile_id", "identity_ids", "__provider"}

    for resource in (*ours.values(), *same_outputs.values(), *inputs_alone.values()):
        assert len(base64.b64decode(resource["outputs"]["__provider"])) < LONGEST_REFERENCE


def taken(chosen: Series, rounds: int) -> Iterator[Sample]:
    """Take a series whose numbers are known: ours takes 10, 30 and 12 s in the rounds, a floor 10 s."""
    seconds = {1: 10.0, 2: 30.0, 3: 12.0}
    for step in chosen.steps(rounds):
        wall = seconds[step.round] if step.variant == OURS else 10.0
        yield Sample(
            chosen.name,
            step.load,
            step.operation.title,
            step.variant,
            step.round,
            wall=wall * step.load.profiles / 100,
            cpu=2.0,
            reads=step.round,
            peaks={"engine": 100.0, "program": 50.0, "plugin": 60.0 if step.variant == OURS else 40.0},
        )


def test_a_ratio_is_the_median_of_the_rounds_with_its_spread() -> None:
    samples = Samples(taken(series("profiles").sized(100), 3))
    table = parsed(report.costs(samples))
    assert list(table) == [operation.title for operation in OPERATIONS]
    for row in table.values():
        assert row["wall / inputs floor"] == row["wall / outputs floor"] == "1.20 (1.00-3.00)"
        assert row["CPU / inputs floor"] == row["CPU / outputs floor"] == "1.00 (1.00-1.00)"
        assert (row["wall of ours, s"], row["CPU of ours, s"]) == ("12.0", "2.0")
        assert (row["reads"], row["writes"]) == ("1-3", "0")

    for row in parsed(report.memory(samples)).values():
        assert row["plugin, MiB (/ outputs floor)"] == "60 (1.50)"
        assert row["engine, MiB (/ outputs floor)"] == "100 (1.00)"


def test_growth_is_how_many_times_as_long_the_larger_load_takes() -> None:
    table = parsed(report.growth(Samples(taken(series("growth"), 1))))
    for row in table.values():
        assert row["100 to 1,000: ours"] == row["100 to 1,000: inputs floor"] == "10.0"
        assert row["1,000 to 4,000: ours"] == "4.0"


@pytest.mark.parametrize("chosen", SERIES, ids=lambda each: each.name)
def test_every_series_has_a_section_and_outlives_its_file(chosen: Series, tmp_path: Path) -> None:
    samples = list(taken(chosen, 2))
    sample.save(samples[:3], tmp_path / "samples")
    sample.save(samples[3:], tmp_path / "samples")
    assert sample.load(tmp_path / "samples") == samples

    lines = report.section(chosen, Samples(samples))
    assert lines[0] == f"## {chosen.question}"
    assert lines[2] == "2 rounds."
    for operation in chosen.operations:
        assert any(line.startswith(f"| {operation.title}") for line in lines), operation


def test_what_was_not_measured_to_its_end_is_left_out() -> None:
    samples = list(taken(series("delay"), 1))
    per_load = len(series("delay").operations)
    text = report.document(samples[: 3 * per_load + 1], title="Half of it")
    assert "0 ms: 16 at a time" in text
    assert "100 ms" not in text
    assert report.document(samples[: per_load - 1], title="Nothing").endswith(report.NOTES)


@pytest.mark.parametrize("chosen", SERIES, ids=lambda each: each.name)
def test_the_variants_take_turns_in_every_operation(chosen: Series) -> None:
    planned, turns = chosen.steps(2), len(chosen.variants)
    assert [step.variant for step in planned[: 2 * turns]] == [*chosen.variants, *chosen.variants]
    assert [step.operation for step in planned[::turns][: len(chosen.operations)]] == list(chosen.operations)
    assert [step.round for step in planned] == sorted(step.round for step in planned)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the CPU of a whole command can be measured only on Linux")
def test_the_command_measures_every_operation_and_counts_the_requests(tmp_path: Path) -> None:
    kept, output = tmp_path / "samples", tmp_path / "result.md"

    def bench(*arguments: str) -> str:
        command = [sys.executable, "-m", "bench", *arguments, "--samples", str(kept)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    bench("measure", "profiles", "--profiles", "3", "--rounds", "1")
    printed = bench("report", "--output", str(output))
    assert printed == output.read_text()

    table = parsed(printed.splitlines())
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

    samples = sample.load(kept)
    assert {each.variant for each in samples} == set(VARIANTS)
    for each in samples:
        assert each.peaks["engine"] > 0
        assert each.peaks["plugin"] > 0
        assert (each.state > 1) == (each.operation not in ("preview of new", "destroy"))
