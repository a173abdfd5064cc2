"""What became of an access request, by the names of its states."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.access_requests.outcomes import FINDINGS, RequestOutcome, of_request, of_state
from pulumi_veza.client.lifecycle import AccessRequestStatus


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("INITIAL", RequestOutcome.WAITING),
        ("WAITING_FOR_APPROVAL", RequestOutcome.WAITING),
        ("NEEDS_MORE_INFORMATION", RequestOutcome.WAITING),
        ("IN_PROGRESS", RequestOutcome.WAITING),
        ("COMPLETED", RequestOutcome.DONE),
        ("completed", RequestOutcome.DONE),
        ("SUCCESS", RequestOutcome.DONE),
        ("FAILED", RequestOutcome.FAILED),
        ("APPROVAL_REJECTED", RequestOutcome.FAILED),
        ("COMPLETED_WITH_ERRORS", RequestOutcome.FAILED),
        ("PARTIALLY_COMPLETED", RequestOutcome.UNDECIDED),
        ("NOT_DONE", RequestOutcome.UNDECIDED),
        ("INCOMPLETE", RequestOutcome.UNDECIDED),
        ("A_STATE_OF_A_LATER_RELEASE", RequestOutcome.UNDECIDED),
        ("7", RequestOutcome.UNDECIDED),
        ("", None),
        (None, None),
    ],
)
def test_a_state_says_its_outcome_and_one_that_is_not_known_is_never_taken_for_another(
    state: str | None, outcome: RequestOutcome | None
) -> None:
    assert of_state(state) is outcome


def status(state: str | None, *plans: dict[str, Any], **fields: Any) -> AccessRequestStatus:
    return AccessRequestStatus.model_validate({"value": {"id": "r", "state": state, **fields}, "plans": list(plans)})


@pytest.mark.parametrize(
    ("request_", "outcome"),
    [
        (None, RequestOutcome.GONE),
        (status("COMPLETED"), RequestOutcome.DONE),
        (status("COMPLETED", {"state": "COMPLETED"}), RequestOutcome.DONE),
        (status("COMPLETED", {"state": "COMPLETED"}, {"state": "FAILED"}), RequestOutcome.FAILED),
        (status("COMPLETED", {"state": "COMPLETED", "error_message": "no"}), RequestOutcome.FAILED),
        (status("COMPLETED", error_message="no"), RequestOutcome.FAILED),
        (status("LATER", {"state": "FAILED"}), RequestOutcome.FAILED),
        (status("INITIAL", {"state": "FAILED"}), RequestOutcome.WAITING),
        (status(None, {"state": "COMPLETED"}, {"state": "INITIAL"}), RequestOutcome.WAITING),
        (status(None, {"state": "COMPLETED"}, {"state": "COMPLETED"}), RequestOutcome.DONE),
        (status(None, {"state": "COMPLETED"}, {"state": 1}), RequestOutcome.UNDECIDED),
        (status(None, {"state": "COMPLETED"}, {"state": "DENIED"}), RequestOutcome.FAILED),
        (status(None), RequestOutcome.UNDECIDED),
        (status("", {}), RequestOutcome.UNDECIDED),
    ],
)
def test_a_request_is_judged_by_its_own_state_and_its_plans(
    request_: AccessRequestStatus | None, outcome: RequestOutcome
) -> None:
    assert of_request(request_) is outcome


def test_only_what_is_done_or_gone_needs_no_look() -> None:
    assert set(RequestOutcome) - FINDINGS == {RequestOutcome.DONE, RequestOutcome.GONE}
