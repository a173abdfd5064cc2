"""The live members of one version of a profile, added and removed in batches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_veza.errors import ConflictError, InvalidRequestError, NotFoundError, one_line
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.identities import with_identities
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.rules.members import LiveMember, spelled_like

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.models import AccessRequest

BATCH = 100
"""Identities in one request: as many as in the API's largest page, as no limit is documented."""

_REASONS: Final = 3
"""How many reasons a failure repeats where the response does not say whose they are."""

_LONGEST_REASON: Final = 150
_LONGEST_ERROR: Final = 300
"""The characters of a reason in the state: an entry of a response, and an error that has advice in it."""

_WORDS: Final = re.compile(r"[^\s\"'`(),;]+")


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

    def words(self, profile: Mapping[str, Any], wanted: Collection[str]) -> str:
        """Format who could not be added, because ``wanted``, or removed, and why."""
        texts = {f"{'adding' if who in wanted else 'removing'} {who} ({why})" for who, why in self.failures.items()}
        return f"{counted(len(texts), 'member')} of access profile {profile.get('name')!r} failed: {listed(texts)}"


class LiveMembers:
    """The members of one version in the tenant; listed when it is created and after every change."""

    def __init__(self, client: Client, profile_id: str, number: int, spelled: Collection[str] = ()) -> None:
        """List the members; ``spelled`` are ids as the program writes them, which may differ from the tenant's in case.

        ``members`` has the program's spelling as keys, and the tenant's in each member.
        """
        self._client = client
        self.profile_id = profile_id
        self.number = number
        self._spelled = spelled
        self.members = self._list()

    def _list(self) -> dict[str, LiveMember]:
        self.listed_at = datetime.now(timezone.utc).isoformat()
        return spelled_like(list_members(self._client, self.profile_id, self.number), self._spelled)

    def change(self, *, add: set[str], remove: set[str]) -> MemberChangeResult:
        """Add, then remove identities; list the members again, and return what failed.

        A failure of one member does not affect the others: where a response does not identify the member that failed,
        the new list decides, and a batch that is refused as a whole is halved until the refused member is alone.
        """
        outcome = MemberChangeResult(sent=bool(add or remove))
        for batch in _batches(sorted(add)):
            self._send("ADD", batch, outcome)
        tenants = {self.members[who].id if who in self.members else who: who for who in remove}
        for batch in _batches(sorted(tenants)):
            self._send("REMOVE", batch, outcome)
        outcome.failures = {tenants.get(who, who): why for who, why in outcome.failures.items()}
        if outcome.sent:
            self._settle(add, remove, outcome)
        outcome.failures = with_identities(self._client, outcome.failures)
        return outcome

    def _send(self, operation: Literal["ADD", "REMOVE"], ids: list[str], outcome: MemberChangeResult) -> None:
        try:
            response = self._client.update_access_profile_members(self.profile_id, self.number, operation, ids)
        except (InvalidRequestError, NotFoundError, ConflictError) as error:
            if len(ids) == 1:
                outcome.failures[ids[0]] = _shortened(str(error), _LONGEST_ERROR)
                return
            middle = len(ids) // 2
            self._send(operation, ids[:middle], outcome)
            self._send(operation, ids[middle:], outcome)
            return
        unnamed = []
        for request in response.access_requests or ():
            if request.id:
                outcome.access_request_ids.append(request.id)
            if request.error_message and (who := _meant(request, ids)):
                outcome.failures[who] = _shortened(request.error_message)
            elif request.error_message:
                unnamed.append(_shortened(request.error_message))
        if unnamed:
            # The response does not say who failed, so everybody of the batch may have until the list is read again.
            reason = listed(set(unnamed), most=_REASONS, separator="; ")
            outcome.failures.update({who: reason for who in ids if who not in outcome.failures})

    def _settle(self, add: set[str], remove: set[str], outcome: MemberChangeResult) -> None:
        live = self._list()
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
    """Return the members of a version by id; the rows of one person are merged into a member with several sources.

    Ids that differ only in case are one person's; the first one is returned.
    """
    ids: dict[str, str] = {}
    names: dict[str, str | None] = {}
    sources: dict[str, set[str | None]] = {}
    for member in client.list_access_profile_members(profile_id, number):
        if member.identity_id:
            who = ids.setdefault(member.identity_id.casefold(), member.identity_id)
            names[who] = member.identity_name or names.get(who)
            sources.setdefault(who, set()).add(member.created_from)
    # Sorted, as the order of the rows may change from one list to the next.
    ordered = {who: tuple(sorted(each, key=lambda source: source or "")) for who, each in sources.items()}
    return {who: LiveMember(who, name, ordered[who]) for who, name in names.items()}


def _meant(request: AccessRequest, ids: Collection[str]) -> str | None:
    """Return the identity that a failure is about: the one that it names in its field, or alone in its message."""
    if request.identity_id in ids:
        return request.identity_id
    words = set(_WORDS.findall(request.error_message or ""))
    named = words.intersection(ids)
    return named.pop() if len(named) == 1 else None


def _shortened(reason: str, longest: int = _LONGEST_REASON) -> str:
    return one_line(reason, longest=longest)


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
