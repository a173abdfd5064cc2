"""Find the access requests in a stack's resources, ask the tenant what became of them, and wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pulumi_veza.access_requests.document import PersonReference, PlanReport, RequestReport, RequestsDocument
from pulumi_veza.access_requests.outcomes import RequestOutcome, of_request
from pulumi_veza.client.identities import read_identities
from pulumi_veza.client.parallel import in_parallel
from pulumi_veza.errors import NotFoundError, one_line
from pulumi_veza.fields.spelling import visible_part
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.members import members_in

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.lifecycle import AccessRequestStatus, RequestPlan

MOST_IDENTITIES: Final = 200
"""Of how many people without a name in the state at most the identity is read."""
FIRST_PAUSE: Final = 1.0
"""Seconds between the first two looks at what is still waiting."""
LONGEST_PAUSE: Final = 15.0

Statuses: TypeAlias = "dict[str, AccessRequestStatus | None]"
"""By id, what the tenant answers; None for a request that it does not know."""


@dataclass(frozen=True)
class OpenedRequest:
    """An access request that the last change of a membership set opened."""

    id: str
    record: Record
    profile_id: str


def opened(everything: Iterable[Record]) -> list[OpenedRequest]:
    """Return the access requests in the states of membership sets, in the order of the resources."""
    return [
        OpenedRequest(each, record, str(record.old.get("profile_id") or ""))
        for record in everything
        if record.kind == records.MEMBERS
        for each in dict.fromkeys(_texts(record.old.get("access_request_ids")))
    ]


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, str) and each not in {"", records.HIDDEN, records.UNKNOWN}]


def read(client: Client, ids: Iterable[str]) -> Statuses:
    """Return what the tenant says of access requests, with one request for each."""

    def status(request_id: str) -> AccessRequestStatus | None:
        try:
            return client.get_access_request(request_id)
        except NotFoundError:
            return None

    distinct = list(dict.fromkeys(ids))
    return dict(zip(distinct, in_parallel(status, distinct), strict=True))


def wait(client: Client, statuses: Statuses, seconds: float, progress: Callable[[int, int], None]) -> Statuses:
    """Ask again for what is still waiting until nothing is, or the time is over; return the last answers.

    Args:
        client: A client of the tenant.
        statuses: The answers so far.
        seconds: How long to wait at most.
        progress: Called after each look with how many requests wait no more, and of how many.

    """
    end, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        waiting = [key for key, status in statuses.items() if of_request(status) is RequestOutcome.WAITING]
        progress(len(statuses) - len(waiting), len(statuses))
        left = end - time.monotonic()
        if not waiting or left <= 0:
            return statuses
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
        statuses = {**statuses, **read(client, waiting)}


def report(
    everything: Sequence[Record], requests: Sequence[OpenedRequest], statuses: Statuses, client: Client
) -> RequestsDocument:
    """Return the document about these requests, the most pressing first, with the names of people and profiles."""
    people = {each.id: _people(statuses[each.id]) for each in requests}
    names = _names_in_state(everything)
    nameless = [who for ids in people.values() for who in ids if who not in names]
    known = read_identities(client, nameless, most=MOST_IDENTITIES).known
    names |= {
        who: each.entity_name for who, each in known.items() if each.entity_name and visible_part(each.entity_name)
    }
    profiles = {each.id: each.old.get("name") for each in everything if each.kind == records.PROFILE and each.id}
    persons = {key: [PersonReference(id=who, name=names.get(who)) for who in ids] for key, ids in people.items()}
    found = [_report(each, statuses[each.id], persons[each.id], profiles) for each in requests]
    ranks = list(RequestOutcome)
    counts = Counter(each.outcome for each in found)
    return RequestsDocument(
        tenant=client.url,
        stacks=sorted({each.stack for each in everything if each.kind}),
        counts={outcome.value: counts[outcome] for outcome in RequestOutcome if counts[outcome]},
        requests=sorted(found, key=lambda each: ranks.index(each.outcome)),
    )


def _report(
    opened_: OpenedRequest,
    status: AccessRequestStatus | None,
    people: list[PersonReference],
    profiles: Mapping[str, Any],
) -> RequestReport:
    plans = list(map(_plan, status.plans or ())) if status else []
    errors = [status.error_message if status else None, *(plan.error_message for plan in plans)]
    name = profiles.get(opened_.profile_id)
    return RequestReport(
        id=opened_.id,
        outcome=of_request(status),
        state=status.state or None if status else None,
        plans=plans,
        error_message="; ".join(dict.fromkeys(one_line(each) for each in errors if each)) or None,
        people=people,
        profile_id=opened_.profile_id,
        profile=name if isinstance(name, str) else None,
        set=opened_.record.name,
        urn=opened_.record.urn,
        stack=opened_.record.stack,
    )


def _plan(plan: RequestPlan) -> PlanReport:
    return PlanReport(
        id=plan.id,
        state=plan.state or None,
        request_type=plan.request_type or None,
        jobs=len(plan.plan_jobs or ()),
        error_message=plan.error_message or None,
        jit_revoke_at=plan.jit_revoke_at or None,
    )


def _people(status: AccessRequestStatus | None) -> list[str]:
    """Return the ids of the identities that a request is about, as far as it says."""
    if status is None:
        return []
    jobs = (job.identity_id for plan in status.plans or () for job in plan.plan_jobs or ())
    return list(dict.fromkeys(filter(None, [status.identity_id, *jobs])))


def _names_in_state(everything: Iterable[Record]) -> dict[str, str]:
    """Return the names of the members in the states of membership sets."""
    return {
        who: member.name
        for record in everything
        if record.kind == records.MEMBERS
        for who, member in members_in(record.managed).items()
        if member.name and visible_part(member.name)
    }
