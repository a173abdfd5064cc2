"""The live members of one version of a profile, added and removed in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pulumi_veza.errors import ConflictError, InvalidRequestError, NotFoundError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.identities import with_identities
from pulumi_veza.rules.members import LiveMember

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client

BATCH = 100
"""Identities in one request: as many as in the API's largest page, as no limit is documented."""


@dataclass
class MemberChangeResult:
    """The result of a change of members."""

    sent: bool = False
    """Whether any request was sent."""
    access_request_ids: list[str] = field(default_factory=list)
    """The access requests that the change opened."""
    failures: dict[str, str] = field(default_factory=dict)
    """By identity, the API's message about a member who could not be added or removed."""

    def as_outputs(self, olds: Mapping[str, Any]) -> JsonObject:
        """Return the outputs: the failures, and the access requests (the old ones where nothing was sent)."""
        ids = self.access_request_ids if self.sent else olds.get("access_request_ids") or []
        return {"access_request_ids": ids, "failures": self.failures}


class LiveMembers:
    """The members of one version in the tenant; listed when it is created and after every change."""

    def __init__(self, client: Client, profile_id: str, number: int) -> None:
        self._client = client
        self.profile_id = profile_id
        self.number = number
        self.members = list_members(client, profile_id, number)

    def change(self, *, add: set[str], remove: set[str]) -> MemberChangeResult:
        """Add, then remove identities; list the members again, and return what failed.

        A failure of one member does not affect the others: where a response does not identify the member that failed,
        the new list decides, and a batch that is refused as a whole is halved until the refused member is alone.
        """
        outcome = MemberChangeResult(sent=bool(add or remove))
        for batch in _batches(sorted(add)):
            self._send("ADD", batch, outcome)
        for batch in _batches(sorted(remove)):
            self._send("REMOVE", batch, outcome)
        if outcome.sent:
            self._settle(add, remove, outcome)
        outcome.failures = with_identities(self._client, outcome.failures)
        return outcome

    def _send(self, operation: Literal["ADD", "REMOVE"], ids: list[str], outcome: MemberChangeResult) -> None:
        try:
            response = self._client.update_access_profile_members(self.profile_id, self.number, operation, ids)
        except (InvalidRequestError, NotFoundError, ConflictError) as error:
            if len(ids) == 1:
                outcome.failures[ids[0]] = str(error)
                return
            middle = len(ids) // 2
            self._send(operation, ids[:middle], outcome)
            self._send(operation, ids[middle:], outcome)
            return
        unnamed = []
        for request in response.access_requests or ():
            if request.id:
                outcome.access_request_ids.append(request.id)
            if request.error_message and request.identity_id in ids:
                outcome.failures[str(request.identity_id)] = request.error_message
            elif request.error_message:
                unnamed.append(request.error_message)
        if unnamed:
            # The response does not say who failed, so everybody of the batch may have until the list is read again.
            reason = "; ".join(dict.fromkeys(unnamed))
            outcome.failures.update({who: reason for who in ids if who not in outcome.failures})

    def _settle(self, add: set[str], remove: set[str], outcome: MemberChangeResult) -> None:
        live = list_members(self._client, self.profile_id, self.number)
        outcome.failures = {
            who: why
            for who, why in sorted(outcome.failures.items())
            if (who in add and who not in live) or (who in remove and who in live)
        }
        # The list may lag behind, so changes that the API confirmed count as made.
        for who in add - outcome.failures.keys():
            live.setdefault(who, LiveMember(who))
        for who in remove - outcome.failures.keys():
            live.pop(who, None)
        self.members = live


def list_members(client: Client, profile_id: str, number: int) -> dict[str, LiveMember]:
    """Return the members of a version by id; the rows of one identity are merged into a member with several sources."""
    names: dict[str, str | None] = {}
    sources: dict[str, list[str | None]] = {}
    for member in client.list_access_profile_members(profile_id, number):
        if who := member.identity_id:
            names[who] = member.identity_name or names.get(who)
            sources.setdefault(who, []).append(member.created_from)
    return {who: LiveMember(who, name, tuple(dict.fromkeys(sources[who]))) for who, name in names.items()}


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
