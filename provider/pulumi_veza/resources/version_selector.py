"""Selectors of versions (``current``, ``draft`` or a number), and the Pulumi ids of versions and membership sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.absence import confirm_profile_gone
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules.identity import CURRENT
from pulumi_veza.rules.wording import access_profile

TYPE_KEY: Final = "__profile_type"
"""The key of the profile's type in the outputs, so that the profile is found without listing every type."""


def find_profile(op: Operation, profile_id: str) -> JsonObject | None:
    """Return the profile of a version or a membership set, or None where the tenant has no such profile.

    Raises:
        RefusedError: no list has it, but its member list answers.

    """
    profile = op.session.snapshot.profile(profile_id, op.olds.get(TYPE_KEY))
    if profile is None:
        confirm_profile_gone(op, profile_id)
    return profile


def profile_of(op: Operation, profile_id: str) -> JsonObject:
    """Return the profile of a version or a membership set.

    Raises:
        RefusedError: the tenant has no such profile.

    """
    profile = find_profile(op, profile_id)
    if profile is None:
        raise RefusedError(
            f"{op.words}: there is no access profile {profile_id!r} in this tenant; check profile_id, or run "
            "`pulumi refresh` if the profile is managed here and was removed by hand"
        )
    return profile


def find_version(op: Operation) -> tuple[JsonObject, int] | None:
    """Return the profile and the version's number for the Pulumi id of ``op``; None where one does not exist."""
    profile_id, selector = parse_version_id(op.id)
    profile = find_profile(op, profile_id)
    number = number_of(profile, selector) if profile else None
    return (profile, number) if profile is not None and number is not None else None


def number_of(profile: Mapping[str, Any], selector: str) -> int | None:
    """Return the number of the selected version, or None where the profile has no such version."""
    if selector == "draft":
        return profile.get("draft_version_number") or None
    if selector == CURRENT:
        return profile.get("current_version_number") or None
    return int(selector)


def selectors_of(profile: Mapping[str, Any], number: int) -> set[str]:
    """Return every selector that selects this version of the profile."""
    return {str(number), *(word for word in (CURRENT, "draft") if number_of(profile, word) == number)}


def selected(op: Operation, profile: Mapping[str, Any], selector: str) -> int:
    """Return the number of the selected version.

    Raises:
        RefusedError: the profile has no such version.

    """
    number = number_of(profile, selector)
    if number is None:
        raise RefusedError(
            f"{op.words}: access profile {profile.get('name')!r} ({profile['id']}) has no {selector} version; create "
            f'one in Veza (the API cannot), or write version="current"'
        )
    return number


def no_member_list(op: Operation, profile: Mapping[str, Any], number: int) -> RefusedError:
    """Return the error for a listed profile whose member list of this version answers 404."""
    what = f"access profile {profile.get('name')!r} ({profile['id']})"
    if selectors_of(profile, number) == {str(number)}:
        return RefusedError(
            f"{op.words}: {what} has no version {number}; correct version (the current one is "
            f"{profile.get('current_version_number')}), or run `pulumi refresh` if it was removed by hand"
        )
    return RefusedError(
        f"{op.words}: the tenant does not show the members of {what} yet: it has version {number}, whose member list "
        "answers 404, as that of a new profile may do for a moment; run it again; nothing was changed"
    )


def in_words(selector: str, profile_id: str, name: str | None = None) -> str:
    """Format a version for a message."""
    version = f"version {selector}" if selector.isdecimal() else f"the {selector} version"
    return f"{version} of {access_profile(profile_id, name)}"


def profile_in_words(op: Operation, profile_id: str) -> str:
    """Format a profile for a message of a preview: by its name as well where the program has shown it in this run."""
    return access_profile(profile_id, op.session.claims.profile_names.get(profile_id))


def version_id(profile_id: str, selector: str) -> str:
    """Return the Pulumi id of a version."""
    return f"{profile_id}/versions/{selector}"


def parse_version_id(id_: str) -> tuple[str, str]:
    """Return the profile's id and the selector in the Pulumi id of a version or a membership set.

    Raises:
        RefusedError: the text is no such id.

    """
    profile_id, found, selector = id_.removesuffix("/members").rpartition("/versions/")
    if not (found and profile_id and (selector in (CURRENT, "draft") or selector.isdecimal())):
        raise RefusedError(
            f"{id_!r} is not the id of a version; it reads PROFILE_ID/versions/current, or /draft, or a number"
        )
    return profile_id, selector
