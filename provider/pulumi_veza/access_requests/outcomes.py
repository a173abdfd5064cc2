"""The outcome of an access request, by the names of its states.

Veza documents ``INITIAL``, ``WAITING_FOR_APPROVAL`` and ``NEEDS_MORE_INFORMATION``, and that there are more. The others
are judged by the words of their names, which is an inference; one without a known word, or a bare number, is undecided
and never taken for another.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pulumi_veza.client.lifecycle import AccessRequestStatus, RequestPlan


class RequestOutcome(str, Enum):
    """What became of an access request; the value is its name in reports. The most pressing come first."""

    FAILED = "failed"
    """It, or one of its plans, failed or was rejected."""
    WAITING = "waiting"
    """It is not done yet."""
    UNDECIDED = "undecided"
    """Its state is none that is known here."""
    GONE = "gone"
    """The tenant does not know it, or not any more."""
    DONE = "done"


FINDINGS: Final = frozenset({RequestOutcome.FAILED, RequestOutcome.WAITING, RequestOutcome.UNDECIDED})
"""The outcomes that somebody must look at: nobody may rely on the access."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_NOT_WHOLE: Final = _words("NOT PARTIAL PARTIALLY")
_WORDS: Final = {
    RequestOutcome.FAILED: _words(
        "ABORTED CANCELED CANCELLED DECLINED DENIED ERROR ERRORED ERRORS EXPIRED FAILED FAILURE INVALID REFUSED",
        "REJECTED TIMEOUT UNSUCCESSFUL",
    ),
    RequestOutcome.WAITING: _words(
        "APPROVED EXECUTING INITIAL NEEDS OPEN PENDING PROCESSING PROGRESS PROVISIONING QUEUED RETRYING RUNNING",
        "SCHEDULED STARTED SUBMITTED WAITING",
    ),
    RequestOutcome.DONE: _words(
        "APPLIED CLOSED COMPLETE COMPLETED DEPROVISIONED DONE EXECUTED FINISHED FULFILLED GRANTED PROVISIONED",
        "RESOLVED SUCCEEDED SUCCESS SUCCESSFUL",
    ),
}
"""By outcome, the words of which a state's name has one; the first outcome decides."""


def of_state(state: str | None) -> RequestOutcome | None:
    """Return the outcome that a state's name says; None where there is no name."""
    if not state:
        return None
    words = set(state.upper().replace("-", "_").replace(" ", "_").split("_"))
    found = next((outcome for outcome, known in _WORDS.items() if words & known), RequestOutcome.UNDECIDED)
    return RequestOutcome.UNDECIDED if found is RequestOutcome.DONE and words & _NOT_WHOLE else found


def of_request(status: AccessRequestStatus | None) -> RequestOutcome:
    """Return the outcome of an access request as the tenant answers it; None is one that it does not know.

    Where the request itself has no state, its plans decide. A request that is not waiting fails where a plan failed.
    """
    if status is None:
        return RequestOutcome.GONE
    plans = list(map(_of_plan, status.plans or ()))
    itself = of_state(status.state) or _together(plans)
    failed = itself is RequestOutcome.FAILED or RequestOutcome.FAILED in plans or bool(status.error_message)
    return RequestOutcome.FAILED if failed and itself is not RequestOutcome.WAITING else itself


def _of_plan(plan: RequestPlan) -> RequestOutcome:
    return RequestOutcome.FAILED if plan.error_message else of_state(plan.state) or RequestOutcome.UNDECIDED


def _together(plans: Iterable[RequestOutcome]) -> RequestOutcome:
    found = set(plans)
    return next((each for each in (RequestOutcome.WAITING, *RequestOutcome) if each in found), RequestOutcome.UNDECIDED)
