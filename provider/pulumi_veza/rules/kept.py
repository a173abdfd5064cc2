"""Values that the tenant keeps otherwise than they were sent: trimmed, escaped, in another case, as texts, or PENDING.

The outputs hold what the program wrote, so that it stays no difference, and beside it what the tenant keeps instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from pulumi_veza.fields.schema import Field, Schema, SentIn
from pulumi_veza.rules.adoption import STATE, LiveObject
from pulumi_veza.rules.identity import CONTENT_LISTS, is_waiting

KEPT_KEY: Final = "__kept"
"""The key in outputs of what the tenant keeps otherwise, by field and in state shape; absent where that is nothing."""


def kept_in(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the tenant keeps otherwise, by field."""
    found = outputs.get(KEPT_KEY)
    return found if isinstance(found, Mapping) else {}


def to_send(schema: Schema, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return the fields that differ between the outputs in the state and the inputs, and whose new value must be sent.

    Whoever writes what the tenant keeps changes the program alone: nothing is sent, and no type is replaced.
    """
    before = kept_in(olds)
    return [n for n in schema.changed(olds, news) if not (n in before and schema.same(schema[n], before, news))]


def after_write(
    schema: Schema, args: Mapping[str, Any], olds: Mapping[str, Any], live: LiveObject, sent: Collection[str]
) -> dict[str, Any]:
    """Return what the tenant keeps otherwise after a POST or PATCH, by field.

    Args:
        schema: The fields of the kind.
        args: The inputs.
        olds: The outputs in the state; empty for a create.
        live: The response, completed by what was sent where it omits a field.
        sent: The fields that were sent; of the others, what was kept so far stays.

    """
    before = kept_in(olds)
    found = {}
    for field in _managed(schema, args):
        name = field.name
        if name not in sent:
            if name in before and schema.same(field, olds, args):
                found[name] = before[name]
        elif (shown := _shown(field, live, args[name])) is not None and not schema.same(field, {name: shown}, args):
            if _is_kept(schema, field, args, olds, {name: shown}):
                found[name] = shown
        elif _reappears(schema, field, args, olds):
            found[name] = before[name]
    return found


def _is_kept(
    schema: Schema, field: Field, args: Mapping[str, Any], olds: Mapping[str, Any], shown: Mapping[str, Any]
) -> bool:
    """Return whether another value in a response is what the tenant keeps; it may be one that was not accepted."""
    name = field.name
    if name == STATE:
        return is_waiting(args[name], shown[name])
    if schema.loosely_same(field, shown, args):
        return True
    # Who gets what must not be waved through, and a response with the value of before tells nothing of the new one.
    return name not in CONTENT_LISTS and not (olds and schema.same(field, shown, olds))


def _reappears(schema: Schema, field: Field, args: Mapping[str, Any], olds: Mapping[str, Any]) -> bool:
    """Return whether a read found another spelling of what is sent now, which only lists may show."""
    before = kept_in(olds)
    return field.name in before and schema.same(field, before, olds) and schema.loosely_same(field, before, args)


def after_read(
    schema: Schema, args: Mapping[str, Any], olds: Mapping[str, Any], live: LiveObject
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the managed fields as the state is to hold them, and what the tenant keeps otherwise.

    A value that is kept otherwise is no drift. Another spelling that no response has shown is drift once, and noted:
    if it is there again after the next PATCH, the tenant keeps it. In a field that no request changes it is no drift.

    Args:
        schema: The fields of the kind.
        args: The managed fields as the state has them; empty for an object that is only looked up.
        olds: The outputs in the state.
        live: The object under the API's names.

    """
    read = schema.from_api(live, args or None)
    before = kept_in(olds)
    found = {}
    for field in _managed(schema, args):
        name = field.name
        if name in before and field.api not in live:
            found[name] = before[name]
        elif name in before and schema.same(field, {name: _shown(field, live, before[name])}, before):
            found[name] = before[name]
            read[name] = args[name]
        elif schema.same(field, read, args):
            continue
        elif (name == STATE and is_waiting(args[name], read[name])) or (
            field.input.replace and schema.loosely_same(field, read, args)
        ):
            found[name] = read[name]
            read[name] = args[name]
        elif name != STATE and schema.loosely_same(field, read, args):
            found[name] = read[name]
    return read, found


def _managed(schema: Schema, args: Mapping[str, Any]) -> list[Field]:
    """Return the fields of the API that the program writes."""
    return [f for f in schema if args.get(f.name) is not None and f.input.sent is not SentIn.NEVER]


def _shown(field: Field, live: LiveObject, like: Any) -> Any:
    """Return a field's value in a response in state shape; None where the response omits it."""
    return field.type.from_api(live[field.api], like) if field.api in live else None
