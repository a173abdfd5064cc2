"""Each fault, over a real connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.tenant import P, Tenant

BODY = {"name": "P", "state": "RUNNING", "profile_type": "t"}


@pytest.fixture
def tenant(running: Tenant) -> Tenant:
    running.seed(types=[{"id": "t", "name": "T"}])
    return running


def create(tenant: Tenant) -> httpx.Response:
    return tenant.api("POST", "access_profiles", json=BODY)


def names(tenant: Tenant) -> list[str]:
    return [each["name"] for each in tenant.profiles()]


class Background:
    """A call that runs beside the test."""

    def __init__(self, call: Callable[[], httpx.Response]) -> None:
        self._call = call
        self.outcome: httpx.Response | Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except httpx.HTTPError as error:
            self.outcome = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def finish(self) -> Any:
        self._thread.join(timeout=20)
        assert not self.running
        return self.outcome


def test_a_status_before_the_commit_carries_nothing_out(tenant: Tenant) -> None:
    tenant.fault(method="POST", status=503)
    answer = create(tenant)
    assert answer.status_code == 503
    body = answer.json()
    assert (body["code"], body["request_id"]) == ("Unavailable", answer.headers["x-request-id"])
    assert names(tenant) == []
    assert create(tenant).status_code == 200


def test_a_status_after_the_commit_answers_an_error_for_what_was_done(tenant: Tenant) -> None:
    tenant.fault(method="POST", status=500, status_when="after_commit")
    assert create(tenant).status_code == 500
    assert names(tenant) == ["P"]


@pytest.mark.parametrize("retry_after", ["2", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", ""])
def test_retry_after_is_sent_as_it_was_given(tenant: Tenant, retry_after: str) -> None:
    tenant.fault(status=429, retry_after=retry_after)
    answer = create(tenant)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, retry_after)


def test_a_number_of_seconds_may_be_given_as_a_number(tenant: Tenant) -> None:
    tenant.fault(status=429, retry_after=7)
    assert create(tenant).headers["retry-after"] == "7"


def test_an_answer_can_have_any_body_and_headers(tenant: Tenant) -> None:
    tenant.fault(status=418, answer={"reason": "a teapot"}, headers={"x-extra": "1"})
    answer = create(tenant)
    assert (answer.status_code, answer.json(), answer.headers["x-extra"]) == (418, {"reason": "a teapot"}, "1")
    tenant.fault(status=502, answer="<h1>Bad gateway</h1>")
    answer = create(tenant)
    assert (answer.text, answer.headers["content-type"]) == ("<h1>Bad gateway</h1>", "text/plain; charset=utf-8")
    tenant.fault(status=204)
    assert create(tenant).content == b""
    tenant.fault(status=302, headers={"location": "http://127.0.0.1:1/"})
    assert create(tenant).headers["location"] == "http://127.0.0.1:1/"


def test_a_delay_delays(tenant: Tenant) -> None:
    tenant.fault(method="POST", delay=0.2)
    assert create(tenant).elapsed.total_seconds() >= 0.2
    assert names(tenant) == ["P"]


@pytest.mark.parametrize(("when", "done"), [("before_commit", []), ("after_commit", ["P"])])
def test_a_reset_loses_the_answer_before_or_after_the_commit(tenant: Tenant, when: str, done: list[str]) -> None:
    tenant.fault(method="POST", reset=when)
    with pytest.raises(httpx.ReadError):
        create(tenant)
    assert names(tenant) == done
    [entry] = tenant.requests()
    assert (entry["status"], entry["fault"]) == (None, tenant.faults()[0]["id"])


def test_a_reset_is_a_real_one(tenant: Tenant) -> None:
    tenant.fault(reset="after_commit")
    with socket.create_connection(("127.0.0.1", tenant.port)) as connection:
        connection.sendall(f"GET {P}/access_profiles HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_reset_within_the_body_sends_the_head_and_half_of_it(tenant: Tenant) -> None:
    tenant.fault(method="POST", reset="mid_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        create(tenant)
    assert names(tenant) == ["P"]


@pytest.mark.parametrize(
    ("fault", "content_type", "is_json"),
    [
        ("truncated", "application/json", False),
        ("not_json", "text/html; charset=utf-8", False),
        ("wrong_content_type", "text/html; charset=utf-8", True),
        ("empty", "application/json", False),
    ],
)
def test_a_body_can_be_spoiled(tenant: Tenant, fault: str, content_type: str, is_json: bool) -> None:
    tenant.fault(method="POST", body_fault=fault)
    answer = create(tenant)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    if is_json:
        assert answer.json()["value"]["name"] == "P"
    else:
        with pytest.raises(ValueError, match="line 1 column"):
            answer.json()
    assert (answer.content == b"") == (fault == "empty")
    assert names(tenant) == ["P"]


@pytest.mark.parametrize(("when", "done"), [("before_commit", []), ("after_commit", ["P"])])
def test_a_held_call_stands_exactly_before_or_after_its_commit(tenant: Tenant, when: str, done: list[str]) -> None:
    fault = tenant.fault(method="POST", hold=when)
    call = Background(lambda: create(tenant))
    fault.wait_until_holding()
    assert names(tenant) == done
    assert call.running
    fault.release()
    assert call.finish().status_code == 200
    assert names(tenant) == ["P"]
    assert fault.describe()["holding"] == 0


@pytest.mark.parametrize(("when", "done"), [("before_commit", []), ("after_commit", ["P"])])
def test_a_held_call_can_be_dropped(tenant: Tenant, when: str, done: list[str]) -> None:
    fault = tenant.fault(method="POST", hold=when)
    call = Background(lambda: create(tenant))
    fault.wait_until_holding()
    fault.release(drop=True)
    assert isinstance(call.finish(), httpx.ReadError)
    assert names(tenant) == done


@pytest.mark.parametrize(("drop", "done"), [(False, ["P"]), (True, [])])
def test_a_held_call_whose_client_has_gone_is_carried_out_unless_it_is_dropped(
    tenant: Tenant, drop: bool, done: list[str]
) -> None:
    fault = tenant.fault(method="POST", hold="before_commit")
    with pytest.raises(httpx.ReadTimeout):
        tenant.api("POST", "access_profiles", json=BODY, timeout=0.2)
    fault.wait_until_holding()
    fault.release(drop=drop)
    assert names(tenant) == done
    assert fault.describe()["holding"] == 0
    assert create(tenant).status_code == 200


def test_removing_a_fault_lets_go_what_it_holds(tenant: Tenant) -> None:
    fault = tenant.fault(method="POST", hold="before_commit", count=None)
    call = Background(lambda: create(tenant))
    fault.wait_until_holding()
    fault.remove()
    assert call.finish().status_code == 200
    assert tenant.faults() == []


def test_waiting_for_a_fault_that_is_not_hit_ends_with_an_error(tenant: Tenant) -> None:
    fault = tenant.fault(status=500)
    with pytest.raises(RuntimeError, match="0 hits"):
        fault.wait_until_hit(timeout=0.05)
    create(tenant)
    fault.wait_until_hit()
    assert fault.hits == 1


def statuses(tenant: Tenant, calls: int) -> list[int]:
    return [create(tenant).status_code for _ in range(calls)]


def test_skip_and_count_choose_the_calls(tenant: Tenant) -> None:
    tenant.fault(method="POST", skip=1, count=2, status=500)
    assert statuses(tenant, 5) == [200, 500, 500, 200, 200]


def test_without_a_count_every_call_is_hit_until_the_faults_are_cleared(tenant: Tenant) -> None:
    tenant.fault(count=None, status=500)
    assert statuses(tenant, 3) == [500, 500, 500]
    tenant.clear_faults()
    assert statuses(tenant, 1) == [200]


def test_the_oldest_rule_with_hits_left_takes_the_call(tenant: Tenant) -> None:
    tenant.fault(status=500)
    tenant.fault(status=503)
    assert statuses(tenant, 3) == [500, 503, 200]


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({"method": "POST"}, True),
        ({"method": "GET"}, False),
        ({"path": "access_profiles$"}, True),
        ({"path": "access_profiles_types"}, False),
        ({"body": '"name": ?"P"'}, True),
        ({"body": '"name": ?"Q"'}, False),
        ({}, True),
    ],
)
def test_a_rule_matches_by_method_path_and_body(tenant: Tenant, rule: dict[str, Any], hit: bool) -> None:
    tenant.fault(status=500, **rule)
    assert (create(tenant).status_code == 500) == hit


@pytest.mark.parametrize("rule", [{"path": "("}, {"status": 99}, {"reset": "never"}, {"colour": "red"}, {"count": 0}])
def test_a_rule_that_makes_no_sense_is_refused(tenant: Tenant, rule: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="400"):
        tenant.fault(**rule)


def listed(tenant: Tenant, **params: str) -> Any:
    answer = tenant.api("GET", "access_profiles", params=params)
    assert answer.status_code == 200
    return answer.json()


def shown(tenant: Tenant, **params: str) -> list[str]:
    return [each["name"] for each in listed(tenant, **params)["values"]]


def test_a_stale_list_lags_behind_the_last_changes(tenant: Tenant) -> None:
    for name in "abc":
        tenant.seed(profiles=[{"name": name, "profile_type": "t"}])
    tenant.edit_profile("a", name="A", labels=["new"])
    tenant.delete_profile("b")
    assert shown(tenant) == ["A", "c"]
    tenant.fault(method="GET", stale=1, count=1)
    assert shown(tenant) == ["A", "c", "b"]
    tenant.fault(method="GET", stale=2, count=1)
    assert shown(tenant) == ["a", "c", "b"]
    tenant.fault(method="GET", stale=3, count=1)
    assert shown(tenant) == ["a", "b"]
    assert shown(tenant) == ["A", "c"]


def test_stale_lists_of_types_and_members_lag_behind_too(tenant: Tenant) -> None:
    tenant.seed(profiles=[{"id": "p", "name": "P", "profile_type": "t", "members": ["ana"]}])
    tenant.change_members("P", add=["ben"], remove=["ana"])
    tenant.fault(path="members$", stale=1)
    members = [
        tenant.api("GET", "access_profiles/p/versions/1/members").json()["values"][0]["identity_id"] for _ in "12"
    ]
    assert members == ["ana", "ben"]
    tenant.delete_type("T")
    tenant.fault(path="types$", stale=1)
    types = [len(tenant.api("GET", "access_profiles_types").json()["values"]) for _ in "12"]
    assert types == [1, 0]


def test_an_empty_page_has_more_to_come_and_loses_nothing(tenant: Tenant) -> None:
    tenant.seed(profiles=[{"name": name, "profile_type": "t"} for name in "abc"])
    tenant.fault(method="GET", empty_page=True)
    first = listed(tenant, page_size="2")
    assert (first["values"], first["has_more"]) == ([], True)
    second = listed(tenant, page_size="2", page_token=first["next_page_token"])
    assert [each["name"] for each in second["values"]] == ["a", "b"]
    tenant.fault(method="GET", empty_page=True)
    third = listed(tenant, page_size="2", page_token=second["next_page_token"])
    assert third["values"] == []
    assert shown(tenant, page_size="2", page_token=third["next_page_token"]) == ["c"]


def test_an_endless_list_always_has_more(tenant: Tenant) -> None:
    tenant.seed(profiles=[{"name": "a", "profile_type": "t"}])
    tenant.fault(method="GET", endless=True, count=None)
    page = listed(tenant)
    for _ in range(3):
        assert page["has_more"] is True
        page = listed(tenant, page_token=page["next_page_token"])
        assert page["values"] == []


def test_a_page_can_repeat_the_last_value_of_the_one_before(tenant: Tenant) -> None:
    tenant.seed(profiles=[{"name": name, "profile_type": "t"} for name in "abcd"])
    tenant.fault(method="GET", duplicates=True)
    first = listed(tenant, page_size="2")
    assert [each["name"] for each in first["values"]] == ["a", "b"]
    assert shown(tenant, page_token=first["next_page_token"]) == ["b", "c", "d"]


@pytest.mark.parametrize("failing", [["ben"], {"ben": "no licence left"}])
def test_single_members_can_fail(tenant: Tenant, failing: Any) -> None:
    tenant.seed(profiles=[{"id": "p", "name": "P", "profile_type": "t"}])
    tenant.fault(method="PUT", fail_members=failing)
    body = {"access_profile_id": "p", "version_number": 1, "type": "ADD", "identity_ids": ["ana", "ben", "eva"]}
    path = "access_profiles/p/versions/1/members"
    requests = tenant.api("PUT", path, json=body).json()["access_requests"]
    assert [bool(each["error_message"]) for each in requests] == [False, True, False]
    assert ("no licence left" if isinstance(failing, dict) else "ben") in requests[1]["error_message"]
    assert list(tenant.members("P")) == ["ana", "eva"]
    tenant.api("PUT", path, json=body)
    assert list(tenant.members("P")) == ["ana", "eva", "ben"]


def test_many_creates_and_a_long_list_stay_quick(tenant: Tenant) -> None:
    tenant.seed(profiles=[{"name": f"old {n}", "profile_type": "t"} for n in range(2000)])
    for _ in range(100):
        assert create(tenant).status_code == 200
    # The quickest tenth: what the server needs, not what else this machine does.
    assert sorted(entry["duration"] for entry in tenant.requests())[10] < 0.005
    tenant.clear_requests()
    for _ in range(10):
        assert len(shown(tenant, filter='profile_type eq "t"')) == 100
    assert min(entry["duration"] for entry in tenant.requests()) < 0.05
