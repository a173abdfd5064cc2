"""The scenarios: what is run, and in which tenant. Importing this package registers them all."""

from __future__ import annotations

from tests.witness.scenarios import commands, quickstart

MODULES = [commands, quickstart]
