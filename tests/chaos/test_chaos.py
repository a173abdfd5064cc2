"""Random programs under random faults converge: see ``make chaos`` for more of them, and for one of them again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.chaos.run import Outcome, Plan, any_seed, take
from tests.support.tally import Tally
from tests.support.tenant import Tenant

SECONDS = 300


def hold(plan: Plan, tenant: Tenant, folder: Path, tally: Tally) -> Outcome:
    """Take a run and fail with its log, and with the command that takes it again, where a law does not hold."""
    outcome = take(plan, tenant, folder / str(plan.seed))
    found = outcome.found
    tally.add(
        chaos_runs=1,
        faults=outcome.faults,
        kills=outcome.kills,
        lost=len(found.lost),
        duplicated=len(found.duplicated),
    )
    if outcome.broken:
        pytest.fail(f"{outcome}\nAgain: {plan.command}\nSmaller: {plan.command} SHRINK=1", pytrace=False)
    return outcome


@pytest.mark.parametrize("seed", [354, 393])
@pytest.mark.catalogue(36)
def test_a_short_run_ends_as_wanted(seed: int, tenant: Tenant, tmp_path: Path, tally: Tally) -> None:
    outcome = hold(Plan.of(seed, steps=3), tenant, tmp_path, tally)
    assert outcome.faults + outcome.kills > 0


@pytest.mark.slow
@pytest.mark.timeout(3 * SECONDS)
@pytest.mark.catalogue(36)
def test_fresh_runs_end_as_wanted(tenant: Tenant, tmp_path: Path, tally: Tally) -> None:
    began, runs = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        hold(Plan.of(any_seed()), tenant, tmp_path, tally)
        runs += 1
    assert runs > 0
