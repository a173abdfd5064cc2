"""Random programs under random faults converge: see ``make chaos`` for more of them, and for one of them again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.reliability.chaos.plans import Plan, hold_many
from tests.reliability.chaos.run import Outcome, hold
from tests.support.tally import Tally
from tests.support.tenant import Tenant

SECONDS = 300


def count(tally: Tally, outcome: Outcome) -> None:
    found = outcome.found
    tally.add(
        chaos_runs=1,
        faults=outcome.faults,
        kills=outcome.kills,
        lost=len(found.lost),
        duplicated=len(found.duplicated),
    )


@pytest.mark.parametrize("seed", [pytest.param(354, marks=pytest.mark.slow), 393])
@pytest.mark.catalogue(36)
def test_a_short_run_ends_as_wanted(seed: int, tenant: Tenant, tmp_path: Path, tally: Tally) -> None:
    hold(Plan(seed, (1, 2, 3)), tenant, tmp_path, lambda outcome: count(tally, outcome))
    assert tally.counts["faults"] + tally.counts["kills"] > 0


@pytest.mark.slow
@pytest.mark.timeout(6 * SECONDS)
@pytest.mark.catalogue(36)
def test_fresh_runs_end_as_wanted(tenant: Tenant, tmp_path: Path, tally: Tally) -> None:
    ends = time.monotonic() + SECONDS
    hold_many(
        lambda plan: hold(plan, tenant, tmp_path, lambda outcome: count(tally, outcome)),
        until=lambda: time.monotonic() > ends,
    )
    assert tally.counts["chaos_runs"] > 0
