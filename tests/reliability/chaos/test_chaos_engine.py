"""Random programs under random faults converge: see ``make chaos`` for more of them, and for one of them again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.reliability.chaos.plans import Plan, hold_many
from tests.reliability.chaos.run import Outcome, hold
from tests.support.tenant import Tenant

SECONDS = 300


@pytest.mark.parametrize("seed", [pytest.param(354, marks=pytest.mark.slow), 393])
@pytest.mark.catalogue(36)
def test_a_short_run_ends_as_wanted(seed: int, tenant: Tenant, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    hold(Plan(seed, (1, 2, 3)), tenant, tmp_path, outcomes.append)
    assert sum(each.faults + each.kills for each in outcomes) > 0


@pytest.mark.slow
@pytest.mark.timeout(6 * SECONDS)
@pytest.mark.catalogue(36)
def test_fresh_runs_end_as_wanted(tenant: Tenant, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    ends = time.monotonic() + SECONDS
    hold_many(lambda plan: hold(plan, tenant, tmp_path, outcomes.append), until=lambda: time.monotonic() > ends)
    assert sum(each.faults + each.kills for each in outcomes) > 0
