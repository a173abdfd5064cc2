"""Answers that are lost, spoilt, refused or oddly spread over pages: how often each request is sent, what is left."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from pulumi_veza import AccessProfile
from tests.support.fixtures import Start
from tests.support.plugin import Json
from tests.support.plugin_helpers import (
    CHANGE,
    CREATE,
    LIST,
    SLACK,
    change,
    create,
    doubled,
    inputs,
    refused,
    seed,
    sent,
)
from tests.support.tenant import Tenant

SPOILT: list[Json] = [
    {"reset": "mid_body"},
    *({"body_fault": fault} for fault in ("truncated", "not_json", "wrong_content_type", "empty")),
]


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    seed(tenant, "A", "B", "C", "D", "E")


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda fault: next(iter(fault.values())))
@pytest.mark.catalogue(20)
@pytest.mark.catalogue(21)
def test_a_spoilt_answer_is_asked_for_again_but_a_create_is_never_sent_twice(
    spoilt: Json, start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), "VEZA_MAX_RETRIES": "1"})
    for which in (LIST, CREATE, CHANGE):
        tenant.fault(**which, **spoilt)
    made = create(run, "CRM", description="One")
    change(run, "CRM", made, description="Two")
    assert doubled(tenant) == 0
    assert (sent(tenant, CREATE), sent(tenant, CHANGE)) == (1, 2)
    # Once spoilt, once read, and once more to find what was created.
    assert sent(tenant, LIST) == 3
    assert tenant.profile("CRM")["id"] == made[0]
    assert tenant.profile("CRM")["description"] == "Two"
    # Every try spoilt: an error, and what was there is not taken for gone.
    tenant.fault(**LIST, **spoilt, count=2)
    later = start({**tenant.env(), "VEZA_MAX_RETRIES": "1"})
    assert "listing the access profiles failed" in refused(later.read, AccessProfile, *made)


def in_two_seconds() -> str:
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=2), usegmt=True)


@pytest.mark.catalogue(22)
def test_a_rate_limit_is_waited_for_as_it_says_and_a_create_sent_again_until_it_is_carried_out(
    start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), "VEZA_MAX_RETRIES": "2"})
    create(run, "First")
    asked: dict[str, tuple[str | None, float, float]] = {
        "seconds": ("1", 1.0, 4.0),
        "a date": (in_two_seconds(), 0.5, 5.0),
        "nothing": (None, 0.0, 3.0),
        "no number": ("soon", 0.0, 3.0),
        "a day": ("86400", 0.0, 3.0),
        "the past": ("-5", 0.0, 3.0),
    }
    for name, (header, shortest, longest) in asked.items():
        header = in_two_seconds() if name == "a date" else header  # noqa: PLW2901  # it is two seconds from now
        tenant.fault(**CREATE, status=429, retry_after=header)
        tenant.clear_requests()
        began = time.monotonic()
        create(run, name)
        took = time.monotonic() - began
        assert doubled(tenant) == 0
        assert shortest <= took <= longest + SLACK, name
        assert sent(tenant, CREATE) == 2
    assert doubled(tenant) == 0
    tenant.fault(**CREATE, status=429, count=None)
    tenant.clear_requests()
    assert "429" in refused(create, run, "Never")
    assert sent(tenant, CREATE) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.catalogue(23)
def test_a_server_error_is_tried_again_where_that_is_safe_and_a_create_is_looked_for_instead(
    status: int, start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), "VEZA_MAX_RETRIES": "1"})
    made = create(run, "CRM", description="One")
    tenant.clear_requests()
    tenant.fault(**CHANGE, status=status, count=None)
    assert f"{status}" in refused(change, run, "CRM", made, description="Two")
    assert sent(tenant, CHANGE) == 2
    tenant.clear_requests()
    tenant.fault(**CREATE, status=status, count=None)
    said = refused(create, run, "Lost")
    assert f"{status}" in said
    assert "probably not created" in said
    assert sent(tenant, CREATE) == 1
    tenant.clear_faults()
    # The same create, carried out before the error was answered: found, and not sent a second time.
    tenant.clear_requests()
    tenant.fault(**CREATE, status=status, status_when="after_commit", count=None)
    assert create(run, "Lost")[0] == tenant.profile("Lost")["id"]
    assert sent(tenant, CREATE) == 1
    assert doubled(tenant) == 0
    tenant.fault(**LIST, status=status, count=None)
    tenant.clear_requests()
    later = start({**tenant.env(), "VEZA_MAX_RETRIES": "1"})
    assert f"{status}" in refused(later.read, AccessProfile, *made)
    assert sent(tenant, LIST) == 2


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.catalogue(24)
def test_a_refused_key_is_not_tried_again(status: int, start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    made = create(run, "CRM", description="One")
    for which, call in (
        (CHANGE, lambda run: change(run, "CRM", made, description="Two")),
        (CREATE, lambda run: create(run, "Other")),
        (LIST, lambda run: run.read(AccessProfile, *made)),
    ):
        fault = tenant.fault(**which, status=status, count=None)
        tenant.clear_requests()
        assert f"{status}" in refused(call, start(tenant.env()))
        assert sent(tenant, which) == 1
        fault.remove()
    assert tenant.profile("CRM")["description"] == "One"


@pytest.mark.catalogue(25)
def test_a_conflict_is_sent_once_said_in_one_line_and_the_next_run_converges(start: Start, tenant: Tenant) -> None:
    run = start(tenant.env())
    made = create(run, "CRM", description="One")
    tenant.clear_requests()
    tenant.fault(**CHANGE, status=409)
    assert "409" in refused(change, run, "CRM", made, description="Two")
    assert sent(tenant, CHANGE) == 1
    assert change(run, "CRM", made, description="Two")["description"] == "Two"
    # A name that somebody has taken since the list was read, on a tenant that keeps names apart.
    tenant.quirks(unique_names=True)
    tenant.seed(profiles=[{"id": "p-taken", "name": "Taken", "profile_type": "t-role"}])
    assert "409" in refused(create, run, "Taken")
    assert create(start(tenant.env()), "Taken")[0] == "p-taken"
    assert doubled(tenant) == 0


PAGES: dict[str, Json] = {
    "an empty page with more to come": {"skip": 1, "empty_page": True},
    "the last value again on the next page": {"duplicates": True, "count": 2},
    "more promised at the end": {"skip": 2, "endless": True},
    "a stale token after the last page": {},
}


@pytest.mark.parametrize("fault", PAGES.values(), ids=PAGES)
@pytest.mark.catalogue(26)
def test_however_the_pages_are_cut_nobody_is_taken_for_gone_and_nothing_is_made_twice(
    fault: Json, start: Start, tenant: Tenant
) -> None:
    tenant.quirks(token_after_last_page=not fault)
    run = start({**tenant.env(), "VEZA_PAGE_SIZE": "2"})
    if fault:
        tenant.fault(method="GET", path="access_profiles$", **fault)
    for name in ("D", "A", "C", "E", "B"):
        assert create(run, name)[0] == f"p-{name}"
    reader = start({**tenant.env(), "VEZA_PAGE_SIZE": "2"})
    if fault:
        tenant.fault(method="GET", path="access_profiles$", **fault)
    state = inputs(reader, "D")
    assert reader.read(AccessProfile, "p-D", state)[0] == "p-D"
    assert reader.read(AccessProfile, "p-none", state)[0] == ""
    assert doubled(tenant) == 0
    assert tenant.requests(mutating=True) == []
