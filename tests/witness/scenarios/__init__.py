"""The scenarios: what is run, and in which tenant. Importing this package registers them all."""

from __future__ import annotations

from tests.witness.scenarios import (
    adoption,
    commands,
    day,
    drift,
    errors,
    exports,
    members,
    mistakes,
    policies,
    predictions,
    quickstart,
    versions,
)

MODULES = [
    adoption,
    commands,
    day,
    drift,
    errors,
    exports,
    members,
    mistakes,
    policies,
    predictions,
    quickstart,
    versions,
]
