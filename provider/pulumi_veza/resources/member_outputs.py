"""The outputs of a membership set: its members in the state, and as a program reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from pulumi import Output
from typing_extensions import override

from pulumi_veza.fields.field_types import JsonObject, state_key
from pulumi_veza.provider import shell
from pulumi_veza.provider.lazy_outputs import output_of
from pulumi_veza.provider.live_members import LiveMembers
from pulumi_veza.resources.version_selector import TYPE_KEY, selectors_of
from pulumi_veza.rules import members

LISTED_KEY: Final = "__listed_at"
"""The key of the time when the members in the outputs were listed, RFC 3339: the most recent of several sets knows."""

SELECTORS_KEY: Final = "__selectors"
"""The key of every selector that meant the set's version when it was read: a preview has no tenant to ask."""


def computed(profile: Mapping[str, Any], live: LiveMembers, now: frozenset[str], last: Mapping[str, Any]) -> JsonObject:
    """Return the outputs that are no arguments.

    Args:
        profile: The profile under the API's names.
        live: The members in the tenant.
        now: The identities that the set lists.
        last: The outputs about the last change.

    """
    return {
        "version_number": live.number,
        "members": {state_key(who): members.as_output(member) for who, member in sorted(live.members.items())},
        "unmanaged_identity_ids": as_map(live.members.keys() - now),
        "access_request_ids": last.get("access_request_ids") or [],
        "failures": last.get("failures") or {},
        TYPE_KEY: profile.get("profile_type"),
        LISTED_KEY: live.listed_at,
        SELECTORS_KEY: sorted(selectors_of(profile, live.number)),
    }


def as_map(ids: Iterable[str]) -> dict[str, str]:
    """Return identities in state shape."""
    return {state_key(who): who for who in sorted(ids)}


class Members(shell.Listed[dict[str, Any]]):
    """The attribute ``members``: the state's entries with what they leave out."""

    @override
    def __get__(self, resource: object, owner: type | None = None) -> Output[list[dict[str, Any]]]:
        if resource is None:
            return cast("Output[list[dict[str, Any]]]", self)
        of = cast("shell.Resource", resource)
        held = Output.all(members=output_of(of, "members"), identity_ids=output_of(of, "identity_ids"))
        return held.apply(_public_members)


def _public_members(outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    ours = members.listed(outputs)
    found = sorted(members.members_in(outputs).items()) if outputs.get("members") else []
    return [{"id": who, "name": each.name, "source": each.source, "managed": who in ours} for who, each in found]
