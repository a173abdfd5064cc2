"""The setting ``parallelism`` on the real engine: what ``--parallel`` allows reaches the tenant at the same time."""

from __future__ import annotations

import time

import pytest

from tests.support.plugin_helpers import CREATE, seed
from tests.support.stack import Stack
from tests.support.tenant import Tenant

PROFILES = 24


@pytest.mark.slow
@pytest.mark.parametrize(("parallelism", "expected"), [(None, 16), ("4", 4)])
def test_up_has_as_many_requests_on_their_way_as_the_setting_says(
    parallelism: str | None, expected: int, veza_stack: Stack, tenant: Tenant
) -> None:
    seed(tenant)
    if parallelism:
        veza_stack.environment["VEZA_PARALLELISM"] = parallelism
    veza_stack.write(
        f"""
        import pulumi_veza as veza

        for number in range({PROFILES}):
            veza.AccessProfile(f"p{{number}}", name=f"P{{number}}", profile_type="t-role")
        """
    )
    held = tenant.fault(**CREATE, hold="before_commit", count=None)
    running = veza_stack.start("up", "--yes", "--skip-preview", "--parallel", "32")
    held.wait_until_holding(expected, timeout=60)
    time.sleep(1)
    holding = held.describe()["holding"]
    tenant.clear_faults()
    running.process.wait()
    running.result().checked()
    assert holding == expected
    assert len(tenant.profiles()) == PROFILES
