"""Report and record what the tenant keeps otherwise than it was sent; `rules.kept` decides what that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.schema import Schema
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules import kept, wording
from pulumi_veza.rules.adoption import STATE, LiveObject


def after_write(op: Operation, schema: Schema, live: LiveObject, sent: Collection[str]) -> JsonObject:
    """Warn of what the tenant keeps otherwise after a POST or PATCH; return the hidden output of it.

    Args:
        op: The create or update.
        schema: The fields of the kind.
        live: The response, completed by what was sent where it omits a field.
        sent: The fields that were sent; empty where no request was sent.

    """
    found = kept.after_write(schema, op.args, op.olds, live, sent)
    _announce(op, schema, {name: value for name, value in found.items() if name in sent})
    return _output(found)


def after_read(op: Operation, schema: Schema, live: LiveObject) -> tuple[JsonObject, JsonObject]:
    """Return the managed fields as the state is to hold them, and the hidden output of what is kept otherwise."""
    args, found = kept.after_read(schema, op.args, op.olds, live)
    before = kept.kept_in(op.olds)
    # A value that is drift is shown by the engine.
    no_drift = {name: value for name, value in found.items() if name not in before and args[name] == op.args[name]}
    _announce(op, schema, no_drift)
    return args, _output(found)


def _announce(op: Operation, schema: Schema, found: Mapping[str, Any]) -> None:
    others = {name: value for name, value in found.items() if name != STATE}
    if others:
        op.warn(wording.kept(schema, others, op.args, op.secret))
    if STATE in found:
        op.info(
            f"waits for the approval to start: the tenant answers {found[STATE]}, and {op.args[STATE]} is not asked "
            "for again until the program changes it"
        )


def _output(found: JsonObject) -> JsonObject:
    return {kept.KEPT_KEY: found} if found else {}
