"""What the create of a profile or type says about the objects that exist already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import Schema
from pulumi_veza.fields.spelling import composed
from pulumi_veza.provider.kind import Operation
from pulumi_veza.resources import topics
from pulumi_veza.rules import wording
from pulumi_veza.rules.adoption import EXISTING_ID, AdoptionDecision, Refusal
from pulumi_veza.rules.identity import same_without_case
from pulumi_veza.rules.urns import state_delete


def validate(args: Mapping[str, Any], problems: Problems) -> None:
    """Refuse to name an object to take over where nothing may be taken over."""
    if args.get(EXISTING_ID) is not None and args.get("adopt") == "never":
        problems.add(
            "adopt",
            '"never" takes nothing over, and existing_id names what to take over; leave one of the two out',
            show_value=True,
        )


CONFLICT_ADVICE: Final = (
    "remove one of the two, name it differently, or, where Veza has two of this name, write existing_id in both"
)
"""The advice where two resources declare an object of one name."""


def to_take_over(op: Operation) -> str | None:
    """Return the id of the object that a new resource names to take over; None where there is none yet."""
    named = op.args.get(EXISTING_ID)
    return named if op.is_new and isinstance(named, str) else None


def refuse_another(op: Operation, what: str) -> None:
    """Refuse an ``existing_id`` that names another object than the resource has.

    Args:
        op: The diff of a resource that exists.
        what: The kind of object in words, such as ``access profile``.

    Raises:
        RefusedError: it names another one.

    """
    named = op.args.get(EXISTING_ID)
    if not named or named in (UNKNOWN, op.id):
        return
    raise RefusedError(
        f'{op.words} is {what} {op.olds.get("name")!r} ({op.id}), and existing_id="{named}" names another; only a '
        f"create reads existing_id: leave it out, or write the id {op.id}; to manage {named}, declare it as a resource "
        f"of its own, or first run {state_delete(op.owner.urn(op.session.claims.stack))}"
    )


def refusal(op: Operation, schema: Schema, decision: AdoptionDecision) -> str:
    """Return why the create of a profile is refused, and what to write instead."""
    name, found = op.args["name"], decision.found or {}
    called = f"access profile {found.get('name')!r} ({found.get('id')})"
    if decision.refusal is Refusal.ABSENT:
        return _absent_profile(op)
    if decision.refusal is Refusal.SEVERAL:
        return (
            f"{len(decision.candidates)} access profiles of type {op.args['profile_type']} are named {name!r} "
            f"({wording.ids(decision.candidates)}); {WHICH}, or choose another name"
        )
    if decision.refusal is Refusal.NEVER:
        return (
            f'{called} exists already, and adopt="never" is set; choose another name, or write adopt="identical" to '
            "take it over when it is equal"
        )
    or_else = "choose another name" if op.args.get(EXISTING_ID) is None else "leave existing_id out"
    return (
        f"{called} exists already and differs in {_difference(op, schema, decision)}; write the same here to take it "
        f'over, or adopt="always" to take it over and change it, or {or_else}'
    )


WHICH: Final = 'write existing_id="..." with the id of the one to take over'
"""The way out where several objects bear one name."""


def _absent_profile(op: Operation) -> str:
    snapshot = op.session.snapshot
    # The complete list has been read already, as the id is not in it.
    alike = snapshot.profiles_named(op.args["name"], op.args["profile_type"])
    of_id = snapshot.profile_type(op.args[EXISTING_ID])
    other = f"access profile type {of_id.get('name')!r}" if of_id else ""
    return _absent(op, "access profile", snapshot.profiles(), alike, other)


def absent_type(op: Operation) -> str:
    """Return why the create of a type is refused whose ``existing_id`` the tenant does not list."""
    snapshot = op.session.snapshot
    alike = same_without_case(snapshot.types(), op.args["name"])
    of_id = snapshot.profile(op.args[EXISTING_ID])
    other = f"access profile {of_id.get('name')!r} of type {of_id.get('profile_type')}" if of_id else ""
    return _absent(op, "access profile type", snapshot.types(), alike, other)


def _absent(op: Operation, what: str, listed: Iterable[JsonObject], alike: Iterable[JsonObject], other: str) -> str:
    """Return the refusal of an ``existing_id`` that the tenant does not list.

    Args:
        op: The create.
        what: The kind of object in words, such as ``access profile``.
        listed: Every object of this kind.
        alike: The objects of the name that is written.
        other: The object of another kind with this id in words; empty where there is none.

    """
    named = op.args[EXISTING_ID]
    hints = [
        *([f"it is the id of {other}"] if other else []),
        *(f"there is {each['id']}" for each in listed if str(each["id"]).casefold() == named.casefold()),
        *([f"of the name {op.args['name']!r} there is {ids}"] if (ids := wording.ids(alike)) else []),
    ]
    return (
        f'the tenant lists no {what} with the id existing_id="{named}"{"".join(f"; {hint}" for hint in hints)}; write '
        f"the id of the {what} to take over, or leave existing_id out to create one"
    )


def different_type(op: Operation, schema: Schema, decision: AdoptionDecision) -> str:
    """Return why a type is not taken over that ``existing_id`` names."""
    found = decision.found or {}
    parts = [
        *([f"differs in {_difference(op, schema, decision)}"] if decision.differences else []),
        *([f"is listed without {', '.join(decision.missing)}"] if decision.missing else []),
    ]
    return (
        f"access profile type {found.get('name')!r} ({found.get('id')}) {' and '.join(parts)}, and the API cannot "
        "change a type; write the same here as it has to take it over, or leave existing_id out to create another one"
    )


def announce(op: Operation, schema: Schema, decision: AdoptionDecision) -> None:
    """Print that a profile is adopted, what changes by that, and what a later destroy does."""
    found = decision.found or {}
    op.session.claims.claim(("taken over", found.get("id")), op.owner)
    item, later = f"{found.get('name')!r} ({found.get('id')})", op.args["on_destroy"]
    was, wanted = found.get("state"), op.args.get("state")
    starts = bool(was) and was != wanted
    if not decision.differences and not starts:
        op.gather(topics.PROFILE_TAKEN_OVER[later], item)
        return
    changing = f" and changing {_difference(op, schema, decision)}" if decision.differences else ""
    moved = f"; it was {was} and becomes {wanted}, for whoever is a member already" if starts else ""
    op.info(f"taking over the existing access profile {item}{changing}; {topics.LATER[later]}{moved}")


def _difference(op: Operation, schema: Schema, decision: AdoptionDecision) -> str:
    return wording.differences(schema, decision.found or {}, op.args, decision.differences, op.secret)


def name_key(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return what identifies a profile by its inputs or outputs: the type, and the name as names are compared."""
    return values.get("profile_type") or "", composed(values.get("name") or "")
