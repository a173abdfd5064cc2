"""Send a create once: where its response is lost, a fresh list decides whether the object exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_veza.errors import ConflictError, VezaError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.rules import wording
from pulumi_veza.rules.identity import same_without_case


def create_once(
    create: Callable[[], JsonObject],
    found_again: Callable[[], list[JsonObject]],
    what: str,
    explained: Callable[[ConflictError], ConflictError] = lambda error: error,
) -> JsonObject:
    """Send a create and return the object; after a failure that may have created it, look for it in a fresh list.

    The create is never sent twice. Exactly one match is returned as the object.

    Args:
        create: Sends the create and returns the object.
        found_again: Lists afresh and returns the objects that the create may have made.
        what: The kind of object in words, such as ``access profile``.
        explained: Return the error for a 409, see `name_conflict`.

    Raises:
        VezaError: the error of the create, where it certainly created nothing, or where none or several objects match.

    """
    try:
        return create()
    except ConflictError as error:
        raise explained(error) from None
    except VezaError as error:
        if not error.maybe_done:
            raise
        lost = error
    try:
        made = found_again()
    except VezaError as error:
        raise type(lost)(f"{lost}; it could not be looked for either: {error}", **_details(lost)) from None
    if len(made) == 1:
        return made[0]
    if made:
        reason = (
            f"{len(made)} of that name have appeared since ({wording.ids(made)}); keep one, then run `pulumi up` again"
        )
    else:
        reason = (
            f"the tenant's list shows no such {what}, so it was probably not created; run `pulumi up` again, which "
            "looks for it before it creates anything"
        )
    raise type(lost)(f"{lost}; {reason}", **_details(lost)) from None


def name_conflict(
    error: ConflictError,
    name: str,
    listed: Callable[[], list[JsonObject]],
    what: str,
    *,
    secret: bool = False,
    own_id: str = "",
) -> ConflictError:
    """Return the error for a 409 on a name, with the objects of that name or of another spelling of it.

    Args:
        error: The error of the create or of the change of the name.
        name: The name that was sent.
        listed: Returns every object that may have the name, as the run has listed them.
        what: The kind of object in words, such as ``access profile``.
        secret: Whether names must not be shown.
        own_id: The id of the object whose name was to change.

    """
    try:
        found = [each for each in same_without_case(listed(), name) if each.get("id") != own_id]
    except VezaError:
        # The first error says what failed; this list would only have explained it.
        return error
    if not found:
        return error
    shown = ", ".join(
        (str(each["id"]) if secret else f"{each.get('name')!r} ({each['id']})")
        + (f" of type {each['profile_type']}" if each.get("profile_type") else "")
        for each in found
    )
    said = f' "{error.message}"' if error.message and not secret else ""
    spelled = "" if secret or any(each.get("name") == name for each in found) else f" as {found[0].get('name')!r}"
    return ConflictError(
        f"{what} {'of this name' if secret else repr(name)}: 409{said}: the tenant takes it for one that exists: "
        f"{shown}; write the name{spelled} and the type as they are there to take it over, or choose another name",
        **_details(error),
    )


def _details(lost: VezaError) -> dict[str, Any]:
    """Return the keyword arguments of an error's constructor, for a copy of the error with another message."""
    names = ("status", "code", "message", "details", "reason", "request_id")
    return {name: getattr(lost, name) for name in names if hasattr(lost, name)}
