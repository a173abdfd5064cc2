"""Send a create once: where its response is lost, a fresh list decides whether the object exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_veza.errors import VezaError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.rules import wording


def create_once(create: Callable[[], JsonObject], found_again: Callable[[], list[JsonObject]], what: str) -> JsonObject:
    """Send a create and return the object; after a failure that may have created it, look for it in a fresh list.

    The create is never sent twice. Exactly one match is returned as the object.

    Args:
        create: Sends the create and returns the object.
        found_again: Lists afresh and returns the objects that the create may have made.
        what: The kind of object in words, such as ``access profile``.

    Raises:
        VezaError: the error of the create, where it certainly created nothing, or where none or several objects match.

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


def _details(lost: VezaError) -> dict[str, Any]:
    """Return the keyword arguments of an error's constructor, for a copy of the error with another message."""
    names = ("status", "code", "message", "details", "request_id")
    return {name: getattr(lost, name) for name in names if hasattr(lost, name)}
