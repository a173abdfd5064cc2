"""The live members of one version of a profile, and how they are added and removed in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pulumi_veza.errors import ConflictError, InvalidRequestError, NotFoundError
from pulumi_veza.fields.field_types import JsonObject

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client

BATCH = 100
"""How many identities one request names: the API's largest page, as no limit of its own is documented."""

BY_MEMBERSHIP = "ACCESS_PROFILE_MEMBERSHIP"
"""The source (``created_from``) of members that were added by hand or by the API."""


@dataclass
class MemberChangeResult:
    """What became of a change."""

    sent: bool = False
    access_request_ids: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def as_outputs(self, olds: Mapping[str, Any]) -> JsonObject:
        """Give the outputs: the access requests of the last change that sent something, the failures of this one."""
        ids = self.access_request_ids if self.sent else olds.get("access_request_ids") or []
        return {"access_request_ids": ids, "failures": self.failures}


class LiveMembers:
    """The members of one version, as they are now."""

    def __init__(self, client: Client, profile_id: str, number: int) -> None:
        self._client = client
        self.profile_id = profile_id
        self.number = number
        self.members = self._list()

    def _list(self) -> dict[str, JsonObject]:
        listed = self._client.list_access_profile_members(self.profile_id, self.number)
        return {
            m.identity_id: {"id": m.identity_id, "name": m.identity_name, "source": m.created_from}
            for m in listed
            if m.identity_id
        }

    def added_by_hand(self) -> set[str]:
        """Name those who were added by hand or by the API; nobody of another or an unrecognised source."""
        return {who for who, member in self.members.items() if member["source"] == BY_MEMBERSHIP}

    def removable(self, ids: set[str]) -> set[str]:
        """Name those of ``ids``, which this set once listed, that are members and not by another source's doing."""
        return {who for who in ids & self.members.keys() if _may_be_ours(self.members[who]["source"])}

    def change(self, *, add: set[str], remove: set[str]) -> MemberChangeResult:
        """Add, then remove; afterwards the members are those that the tenant shows.

        One member's failure does not hide the others' success: an answer that names no identity is resolved by listing
        again, and a batch that is refused as a whole is halved until the member that it is refused for is alone.
        """
        outcome = MemberChangeResult(sent=bool(add or remove))
        for batch in _batches(sorted(add)):
            self._send("ADD", batch, outcome)
        for batch in _batches(sorted(remove)):
            self._send("REMOVE", batch, outcome)
        if outcome.sent:
            self._settle(add, remove, outcome)
        return outcome

    def _send(self, operation: Literal["ADD", "REMOVE"], ids: list[str], outcome: MemberChangeResult) -> None:
        try:
            answer = self._client.update_access_profile_members(self.profile_id, self.number, operation, ids)
        except (InvalidRequestError, NotFoundError, ConflictError) as error:
            if len(ids) == 1:
                outcome.failures[ids[0]] = str(error)
                return
            middle = len(ids) // 2
            self._send(operation, ids[:middle], outcome)
            self._send(operation, ids[middle:], outcome)
            return
        unnamed = []
        for request in answer.access_requests or ():
            if request.id:
                outcome.access_request_ids.append(request.id)
            if request.error_message and request.identity_id in ids:
                outcome.failures[str(request.identity_id)] = request.error_message
            elif request.error_message:
                unnamed.append(request.error_message)
        if unnamed:
            # Nobody is named, so everybody of the batch is in doubt until the list has been read again.
            reason = "; ".join(dict.fromkeys(unnamed))
            outcome.failures.update({who: reason for who in ids if who not in outcome.failures})

    def _settle(self, add: set[str], remove: set[str], outcome: MemberChangeResult) -> None:
        live = self._list()
        outcome.failures = {
            who: why
            for who, why in sorted(outcome.failures.items())
            if (who in add and who not in live) or (who in remove and who in live)
        }
        # What the API has confirmed counts, should the list lag behind.
        for who in add - outcome.failures.keys():
            live.setdefault(who, {"id": who, "name": None, "source": BY_MEMBERSHIP})
        for who in remove - outcome.failures.keys():
            live.pop(who, None)
        self.members = live


def _may_be_ours(source: str | None) -> bool:
    # A number or nothing names no source; of a member that this set listed it is no sign of another one.
    return source is None or source == BY_MEMBERSHIP or source.isdecimal()


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
