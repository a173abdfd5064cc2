"""The live members of one version of a profile, added and removed in batches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_veza.errors import ConflictError, InvalidRequestError, NotFoundError, one_line
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.identities import with_identities
from pulumi_veza.provider.member_lists import MemberList, MemberLists
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.rules.members import LiveMember, spelled_like

if TYPE_CHECKING:
    from pulumi_veza.client.models import AccessProfileVersion, AccessRequest

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
    """The members of one version in the tenant, which are known when it is created and after every change."""

    def __init__(
        self,
        lists: MemberLists,
        profile_id: str,
        number: int,
        spelled: Collection[str] = (),
        *,
        reading: bool = False,
    ) -> None:
        """List the members; ``spelled`` are ids as the program writes them, which may differ from the tenant's in case.

        ``members`` has the program's spelling as keys, and the tenant's in each member. Only a resource that is
        ``reading`` may share its list with others.
        """
        self._lists = lists
        self._client = lists.client
        self.profile_id = profile_id
        self.number = number
        self._spelled = spelled
        self._put(lists.to_read(profile_id, number) if reading else lists.to_change(profile_id, number))

    def _put(self, found: MemberList) -> None:
        self.listed_at = found.at
        self.members = spelled_like(found.members, self._spelled)

    def change(self, *, add: set[str], remove: set[str]) -> MemberChangeResult:
        """Add, then remove identities; return what failed.

        A failure of one member does not affect the others: where a response does not identify the member that failed,
        a new list decides, and a batch that is refused as a whole is halved until the refused member is alone. Where
        every response confirms what was asked for, nobody is listed again: the next read shows the names of the new
        members.
        """
        outcome = MemberChangeResult(sent=bool(add or remove))
        if not outcome.sent:
            return outcome
        self._lists.changing(self.profile_id)
        confirmed = True
        for batch in _batches(sorted(add)):
            confirmed &= self._send("ADD", batch, outcome)
        tenants = {self.members[who].id if who in self.members else who: who for who in remove}
        for batch in _batches(sorted(tenants)):
            confirmed &= self._send("REMOVE", batch, outcome)
        outcome.failures = {tenants.get(who, who): why for who, why in outcome.failures.items()}
        if not confirmed:
            self._settle(add, remove, outcome)
        self._apply(add - outcome.failures.keys(), remove - outcome.failures.keys())
        outcome.failures = with_identities(self._client, outcome.failures)
        return outcome

    def _send(self, operation: Literal["ADD", "REMOVE"], ids: list[str], outcome: MemberChangeResult) -> bool:
        """Send one batch and add what came of it; return whether the response leaves nothing to be looked at."""
        try:
            response = self._client.update_access_profile_members(self.profile_id, self.number, operation, ids)
        except (InvalidRequestError, NotFoundError, ConflictError) as error:
            if len(ids) == 1:
                outcome.failures[ids[0]] = _shortened(str(error), _LONGEST_ERROR)
                return False
            middle = len(ids) // 2
            self._send(operation, ids[:middle], outcome)
            self._send(operation, ids[middle:], outcome)
            return False
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
        failed = any(request.error_message for request in response.access_requests)
        return not failed and _shows(response.value, operation, ids)

    def _settle(self, add: set[str], remove: set[str], outcome: MemberChangeResult) -> None:
        """List the members again, and keep of the failures those that the list bears out."""
        self._put(self._lists.now(self.profile_id, self.number))
        live = self.members
        outcome.failures = {
            who: why
            for who, why in sorted(outcome.failures.items())
            if (who in add and who not in live) or (who in remove and who in live)
        }

    def _apply(self, added: Collection[str], removed: Collection[str]) -> None:
        """Count changes as made that the API confirmed: a list may lag behind, or was not asked for."""
        self.listed_at = max(self.listed_at, MemberList().at)
        for who in added:
            self.members.setdefault(who, LiveMember(who))
        for who in removed:
            self.members.pop(who, None)


def _shows(version: AccessProfileVersion | None, operation: Literal["ADD", "REMOVE"], ids: Collection[str]) -> bool:
    """Return whether a response does not contradict a change: a version may name its members, or leave them out."""
    if version is None or not version.members:
        return True
    members = {who.casefold() for who in version.members}
    return all((who.casefold() in members) is (operation == "ADD") for who in ids)


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
