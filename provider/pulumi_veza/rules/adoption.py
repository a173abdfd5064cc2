"""How an object that exists already is recognised: what is equal is taken over, what differs is said field by field."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from pulumi_veza.errors import VezaError
from pulumi_veza.fields.field_types import Boolean, JsonObject, ListOf, Number, SetOf, String
from pulumi_veza.fields.schema import Field, Schema, SentIn


def different(schema: Schema, live: Mapping[str, Any], args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Name the managed fields that differ from what the server holds; one that the answer lacks is no difference."""
    held = schema.from_wire(live, args)
    return [f.name for f in schema if f.arg.sent & sent and f.name in args and not schema.same(f, held, args)]


def missing_from_response(schema: Schema, live: Mapping[str, Any], args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Name the fields with a value here of which a short answer says nothing: only sending them makes sure."""
    fields = (f for f in schema if f.arg.sent & sent and f.api not in live)
    return [f.name for f in fields if f.node.canon(args.get(f.name)) is not None]


def set_only_in_veza(schema: Schema, live: Mapping[str, Any], args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Name the fields that hold something in Veza and are not written here."""
    held = schema.from_wire(live, None)
    return [f.name for f in schema if f.arg.sent & sent and f.name not in args and f.node.canon(held.get(f.name))]


def describe(
    schema: Schema, live: Mapping[str, Any], args: Mapping[str, Any], names: Iterable[str], secret: Container[str]
) -> str:
    """Say in words how each field differs; those named in ``secret``, and texts of a user's own, are not shown."""
    held = schema.from_wire(live, args)
    return ", ".join(
        name if name in secret else _difference(schema[name], held.get(name), args[name]) for name in names
    )


def _difference(field: Field, held: Any, wanted: Any) -> str:
    if isinstance(field.node, SetOf):
        held, wanted = held or {}, wanted or {}
        signs = [f"- {k}" for k in held if k not in wanted] + [f"+ {k}" for k in wanted if k not in held]
        signs += [
            f"~ {k}" for k in wanted if k in held and field.node.of.canon(held[k]) != field.node.of.canon(wanted[k])
        ]
        shown = signs[:10] + ([f"and {len(signs) - 10} more"] if len(signs) > 10 else [])  # noqa: PLR2004  # a line's worth
        return f"{field.name} ({', '.join(shown)})"
    if isinstance(field.node, (Number, Boolean)) or (isinstance(field.node, String) and field.node.choices):
        return f"{field.name} ({held} in Veza, {wanted} here)"
    if isinstance(field.node, ListOf):
        return f"{field.name} ({len(held or ())} elements in Veza, {len(wanted)} here)"
    return field.name


def listed(objects: Iterable[Mapping[str, Any]]) -> str:
    """List objects by id, for an error that cannot choose."""
    return ", ".join(sorted(str(o.get("id")) for o in objects))


def create_once(create: Callable[[], JsonObject], found_again: Callable[[], list[JsonObject]], what: str) -> JsonObject:
    """Send a create; where its answer was lost, let the list decide.

    A create is never sent again blindly: what it may have made is looked for, and one match is taken for it.
    """
    try:
        return create()
    except VezaError as error:
        if not error.maybe_done:
            raise
        lost = error
    try:
        made = found_again()
    except VezaError as error:
        raise type(lost)(f"{lost}; it could not be looked for either: {error}", **_kept(lost)) from None
    if len(made) == 1:
        return made[0]
    if made:
        reason = f"{len(made)} of that name have appeared since ({listed(made)}); keep one, then run `pulumi up` again"
    else:
        reason = (
            f"the tenant's list shows no such {what}, so it was probably not created; run `pulumi up` again, which "
            "looks for it before it creates anything"
        )
    raise type(lost)(f"{lost}; {reason}", **_kept(lost)) from None


def _kept(error: VezaError) -> dict[str, Any]:
    names = ("status", "code", "message", "details", "request_id")
    return {name: getattr(error, name) for name in names if hasattr(error, name)}
