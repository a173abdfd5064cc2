"""What became of an access request, by the names of its states."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_veza.access_requests.outcomes import FINDINGS, Outcome, of_request, of_state
from pulumi_veza.client.lifecycle import AccessRequestStatus


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("INITIAL", Outcome.WAITING),
        ("WAITING_FOR_APPROVAL", Outcome.WAITING),
        ("NEEDS_MORE_INFORMATION", Outcome.WAITING),
        ("IN_PROGRESS", Outcome.WAITING),
        ("COMPLETED", Outcome.DONE),
        ("completed", Outcome.DONE),
        ("SUCCESS", Outcome.DONE),
        ("FAILED", Outcome.FAILED),
        ("APPROVAL_REJECTED", Outcome.FAILED),
        ("COMPLETED_WITH_ERRORS", Outcome.FAILED),
        ("PARTIALLY_COMPLETED", Outcome.UNDECIDED),
        ("NOT_DONE", Outcome.UNDECIDED),
        ("INCOMPLETE", Outcome.UNDECIDED),
        ("A_STATE_OF_A_LATER_RELEASE", Outcome.UNDECIDED),
        ("7", Outcome.UNDECIDED),
        ("", None),
        (None, None),
    ],
)
def test_a_state_says_its_outcome_and_one_that_is_not_known_is_never_taken_for_another(
    state: str | None, outcome: Outcome | None
) -> None:
    assert of_state(state) is outcome


def status(state: str | None, *plans: dict[str, Any], **fields: Any) -> AccessRequestStatus:
    return AccessRequestStatus.model_validate({"value": {"id": "r", "state": state, **fields}, "plans": list(plans)})


@pytest.mark.parametrize(
    ("request_", "outcome"),
    [
        (None, Outcome.GONE),
        (status("COMPLETED"), Outcome.DONE),
        (status("COMPLETED", {"state": "COMPLETED"}), Outcome.DONE),
        (status("COMPLETED", {"state": "COMPLETED"}, {"state": "FAILED"}), Outcome.FAILED),
        (status("COMPLETED", {"state": "COMPLETED", "error_message": "no"}), Outcome.FAILED),
        (status("COMPLETED", error_message="no"), Outcome.FAILED),
        (status("LATER", {"state": "FAILED"}), Outcome.FAILED),
        (status("INITIAL", {"state": "FAILED"}), Outcome.WAITING),
        (status(None, {"state": "COMPLETED"}, {"state": "INITIAL"}), Outcome.WAITING),
        (status(None, {"state": "COMPLETED"}, {"state": "COMPLETED"}), Outcome.DONE),
        (status(None, {"state": "COMPLETED"}, {"state": 1}), Outcome.UNDECIDED),
        (status(None, {"state": "COMPLETED"}, {"state": "DENIED"}), Outcome.FAILED),
        (status(None), Outcome.UNDECIDED),
        (status("", {}), Outcome.UNDECIDED),
    ],
)
def test_a_request_is_judged_by_its_own_state_and_its_plans(
    request_: AccessRequestStatus | None, outcome: Outcome
) -> None:
    assert of_request(request_) is outcome


def test_only_what_is_done_or_gone_needs_no_look() -> None:
    assert set(Outcome) - FINDINGS == {Outcome.DONE, Outcome.GONE}
