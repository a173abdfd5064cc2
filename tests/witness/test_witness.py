"""What users see is what was recorded; ``make witness`` records anew where a change is meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.witness.recorder import RECORDED, SCENARIOS, record
from tests.witness.scenarios import MODULES
from tests.witness.supported import Tenant

SLOW = {
    "day",
    "demo",
    "members",
    "policies",
    "policy-pack-of-a-company",
    "quickstart",
    "removal-guard",
    "settings",
    "versions",
    "api-errors",
    "commands",
    "predictions",
    "profiles",
    "taking-over",
}

TO_READ = {"day"}
"""Held against what each of its steps promises, as confirmations differ from run to run; the record is to be read."""


@pytest.fixture(scope="session")
def witness_tenant() -> Iterator[Tenant]:
    """One simulator for all scenarios; each begins with an empty tenant."""
    with Tenant.start() as tenant:
        yield tenant


def test_every_record_has_its_scenario() -> None:
    assert MODULES
    assert {file.stem for file in RECORDED.glob("*.txt")} == set(SCENARIOS)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in sorted(SCENARIOS)]
)
def test_users_see_what_was_recorded(name: str, tmp_path: Path, witness_tenant: Tenant) -> None:
    now = record(name, tmp_path, witness_tenant)
    file = RECORDED / f"{name}.txt"
    then = file.read_text(encoding="utf-8")
    if name in TO_READ:
        assert now.count("\n== ") == then.count("\n== ")
        return
    different = difflib.unified_diff(
        then.splitlines(), now.splitlines(), f"recorded/{file.name}", "what is printed now", lineterm="", n=4
    )
    assert now == then, "\n".join(["what users see has changed; `make witness` records it anew", *different])
