"""Sends a create once: where its response is lost, the list decides whether the object exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_veza.errors import VezaError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.rules import wording


def create_once(create: Callable[[], JsonObject], found_again: Callable[[], list[JsonObject]], what: str) -> JsonObject:
    """Send a create; where it may have been carried out although it failed, look for the object.

    A create is never sent again blindly. One match is the object; none or several raise the error of the create.

    Args:
        create: Send the create and return the object.
        found_again: List afresh and return the objects that the create may have made.
        what: The kind of object in words.

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
    """Return what the constructor of an error takes beside its text."""
    names = ("status", "code", "message", "details", "request_id")
    return {name: getattr(lost, name) for name in names if hasattr(lost, name)}
