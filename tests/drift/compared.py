"""A stack of the small engine, compared with its tenant by what it would export or preview."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from pulumi_veza.client import settings
from pulumi_veza.drift import building, reading
from pulumi_veza.drift.document import DriftDocument, DriftRow
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.records import OURS, Record
from pulumi_veza.policies.exceptions import Entry
from tests.impact.small_engine import Engine
from tests.support.generation.programs import Declared
from tests.support.tenant import Tenant

TODAY = datetime.date(2026, 6, 1)


def exported(engine: Engine) -> str:
    """Return what ``pulumi stack export`` writes of the engine's stack."""
    resources = [
        {
            "urn": urn,
            "type": f"{OURS}{held.declared.kind}",
            "custom": True,
            "id": held.id,
            "inputs": held.inputs,
            "outputs": held.outputs,
        }
        for urn, held in engine.state.items()
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def compared(
    tenant: Tenant, records: Sequence[Record], *, program: bool = False, all_members: bool = False, **options: Any
) -> DriftDocument:
    """Return the document of drift of some resources."""
    with reading.opened(settings.load({}, tenant.env())) as session:
        found = reading.read(records, session, all_members=all_members)
        return building.build(records, found, program=program, today=TODAY, **options)


def of_state(engine: Engine, exceptions: Sequence[Entry] = (), **options: Any) -> DriftDocument:
    """Compare the state alone with the tenant."""
    records = reading.without_program(preview_json.state(exported(engine)))
    return compared(engine.runs.tenant, records, exceptions=exceptions, **options)


def of_program(engine: Engine, program: Sequence[Declared], **options: Any) -> DriftDocument:
    """Compare the program, the state and the tenant."""
    return compared(engine.runs.tenant, preview_json.preview(engine.preview(program)), program=True, **options)


def short(row: DriftRow) -> tuple[str, ...]:
    """Return a row in the fields that tell it from others: its rule, its resource or object, and what of it."""
    member = row.member.id if row.member else None
    return tuple(each for each in (row.rule.value, row.resource or row.name, row.field, row.element, member) if each)
