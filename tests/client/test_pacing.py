"""`pulumi_veza.client.transport.pacing`: what one thread learns of the tenant's limit holds for all of them."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport
from pulumi_veza.client.transport.pacing import FIRST_INTERVAL, Pacing
from tests.client.conftest import API_KEY
from tests.support.scripted_server import Handler, ScriptedServer, reply
from tests.support.tenant import Tenant

THREADS = 16
PATH = "/api/private/lifecycle_management/access_profiles_types"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_refusal_holds_every_request_and_spaces_those_after_it() -> None:
    clock = Clock()
    pacing = Pacing(0.0, clock)
    assert [pacing.reserve() for _ in range(3)] == [0, 0, 0]
    pacing.refused(100.0, 5.0)
    assert pacing.is_held
    assert [pacing.reserve() for _ in range(3)] == pytest.approx([5, 5 + FIRST_INTERVAL, 5 + 2 * FIRST_INTERVAL])
    clock.now = 105.0
    assert not pacing.is_held


def test_requests_that_were_on_their_way_together_slow_the_pace_once() -> None:
    clock = Clock()
    pacing = Pacing(0.0, clock)
    clock.now = 101.0
    for _ in range(THREADS):
        pacing.refused(100.5, 0.0)
    first, second = pacing.reserve(), pacing.reserve()
    assert second - first == pytest.approx(FIRST_INTERVAL)
    clock.now = 102.0
    pacing.refused(101.5, 0.0)
    first, second = pacing.reserve(), pacing.reserve()
    assert second - first == pytest.approx(2 * FIRST_INTERVAL)


def test_successes_bring_the_pace_back_to_what_the_setting_allows() -> None:
    pacing = Pacing(0.01, Clock())
    pacing.refused(100.0, 0.0)
    for _ in range(200):
        pacing.succeeded()
    first, second = pacing.reserve(), pacing.reserve()
    assert second - first == pytest.approx(0.01)


class Limited:
    """A server that allows so many requests in each second, and asks who comes too soon to come back in one."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.refused = 0
        self._answered: deque[float] = deque()
        self._lock = threading.Lock()

    def __call__(self, handler: Handler) -> None:
        with self._lock:
            now = time.monotonic()
            while self._answered and now - self._answered[0] >= 1:
                self._answered.popleft()
            free = len(self._answered) < self.allowed
            if free:
                self._answered.append(now)
            else:
                self.refused += 1
        (reply({"ok": True}) if free else reply(status=429, retry_after="1"))(handler)


def test_sixteen_threads_get_every_answer_from_a_tenant_that_allows_few_requests(
    server: ScriptedServer,
) -> None:
    limit = Limited(25)
    server.script += [limit] * 1000
    settings = Settings(url=server.url, api_key=API_KEY)
    with closing(Transport(settings)) as transport, ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: transport.request("GET", PATH, idempotent=True, what="x"), range(120)))
    assert answers == [{"ok": True}] * 120
    # Each refusal is the tenant's word to all: they do not come back together, time and again.
    assert limit.refused < 60


def test_the_requests_of_sixteen_threads_together_keep_to_the_setting(tenant: Tenant) -> None:
    settings = Settings(url=tenant.url, api_key=tenant.token, requests_per_second=40)
    with closing(Transport(settings)) as transport, ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        list(pool.map(lambda _: transport.request("GET", PATH, idempotent=True, what="x"), range(41)))
        took = time.monotonic() - began
    assert len(tenant.requests()) == 41
    assert took >= 1.0


def test_sixteen_threads_keep_their_connections(tenant: Tenant) -> None:
    settings = Settings(url=tenant.url, api_key=tenant.token)
    with closing(Transport(settings)) as transport, ThreadPoolExecutor(THREADS) as pool:
        fault = tenant.fault(method="GET", hold="before_commit", count=THREADS)
        first = [pool.submit(transport.request, "GET", PATH, idempotent=True, what="x") for _ in range(THREADS)]
        fault.wait_until_holding(THREADS)
        fault.release()
        for each in first:
            each.result(timeout=30)
        connections = {id(each) for each in transport._connections._pool.connections}
        assert len(connections) == THREADS
        list(pool.map(lambda _: transport.request("GET", PATH, idempotent=True, what="x"), range(10 * THREADS)))
        assert {id(each) for each in transport._connections._pool.connections} == connections
