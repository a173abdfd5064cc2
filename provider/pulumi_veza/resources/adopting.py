"""What the create of a profile says about the objects that exist already."""

from __future__ import annotations

from typing import Final

from pulumi_veza.fields.schema import Schema
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules import wording
from pulumi_veza.rules.adoption import AdoptionDecision, Refusal

_LATER: Final = {
    "pause": "a later destroy pauses it",
    "retain": "a later destroy leaves it as it is",
    "prevent": "a later destroy is refused",
}


def refusal(op: Operation, schema: Schema, decision: AdoptionDecision) -> str:
    """Return why the create of a profile is refused, and what to write instead."""
    name, found = op.args["name"], decision.found or {}
    called = f"access profile {found.get('name')!r} ({found.get('id')})"
    if decision.refusal is Refusal.SEVERAL:
        return (
            f"{len(decision.candidates)} access profiles of type {op.args['profile_type']} are named {name!r} "
            f"({wording.ids(decision.candidates)}); rename all but one of them in Veza, or choose another name"
        )
    if decision.refusal is Refusal.NEVER:
        return (
            f'{called} exists already, and adopt="never" is set; choose another name, or write adopt="identical" to '
            "take it over when it is equal"
        )
    return (
        f"{called} exists already and differs in {_difference(op, schema, decision)}; write the same here to take it "
        'over, or adopt="always" to take it over and change it, or choose another name'
    )


def announce(op: Operation, schema: Schema, decision: AdoptionDecision) -> None:
    """Print that a profile is adopted, what changes by that, and what a later destroy does."""
    found = decision.found or {}
    changing = f" and changing {_difference(op, schema, decision)}" if decision.differences else ""
    was, wanted = found.get("state"), op.args.get("state")
    starts = bool(was) and was != wanted
    moved = f"; it was {was} and becomes {wanted}, for whoever is a member already" if starts else ""
    op.info(
        f"taking over the existing access profile {found.get('name')!r} ({found.get('id')}){changing}; "
        f"{_LATER[op.args['on_destroy']]}{moved}"
    )


def _difference(op: Operation, schema: Schema, decision: AdoptionDecision) -> str:
    return wording.differences(schema, decision.found or {}, op.args, decision.differences, op.secret)
