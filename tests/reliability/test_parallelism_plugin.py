"""The setting ``parallelism``: how many operations the plugin process carries out at the same time."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from pulumi_veza import AccessProfile, MembershipSet
from pulumi_veza.provider.plugin_memory import collect_seldom
from pulumi_veza.provider.plugin_threads_private import OF_THE_SDK, serve_at_once
from tests.support.fixtures import Start
from tests.support.plugin_helpers import CHANGE, CREATE, SLACK, inputs, seed
from tests.support.tenant import FaultHandle, Tenant

MORE = 24
"""More operations than may run at the same time."""


@contextmanager
def at_once(call: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[list[Future[Any]]]:
    """Call the plugin for each item, as the engine does with ``--parallel`` high enough; wait for the answers."""
    with ThreadPoolExecutor(MORE) as engine:
        calls = [engine.submit(call, each) for each in items]
        yield calls
        for each in calls:
            each.result(timeout=3 * SLACK)


def most_held(fault: FaultHandle, expected: int) -> int:
    """Return how many requests the tenant holds, once it holds those that are expected and a moment has passed."""
    fault.wait_until_holding(expected)
    time.sleep(0.3)
    return int(fault.describe()["holding"])


@pytest.mark.parametrize(
    ("environment", "config", "expected"),
    [({}, {}, 16), ({"VEZA_PARALLELISM": "7"}, {}, 7), ({}, {"veza:parallelism": "20"}, 20)],
    ids=["default", "environment", "configuration"],
)
def test_as_many_profiles_are_created_at_the_same_time_as_the_setting_says(
    environment: dict[str, str], config: dict[str, str], expected: int, start: Start, tenant: Tenant
) -> None:
    seed(tenant)
    run = start({**tenant.env(), **environment}, config)
    checked = [inputs(run, f"P{number}") for number in range(MORE)]
    fault = tenant.fault(**CREATE, hold="before_commit", count=None)
    with at_once(lambda each: run.create(AccessProfile, each), checked):
        assert most_held(fault, expected) == expected
        tenant.clear_faults()
    assert Counter(each["name"] for each in tenant.profiles()) == Counter(f"P{number}" for number in range(MORE))


def test_a_run_that_begins_with_everything_at_once_uses_every_thread_too(start: Start, tenant: Tenant) -> None:
    names = [f"P{number}" for number in range(16)]
    seed(tenant, *names)
    made = start(tenant.env())
    states = {f"p-{name}": made.create(AccessProfile, inputs(made, name))[1] for name in names}
    destroying = start(tenant.env())
    fault = tenant.fault(**CHANGE, hold="before_commit", count=None)
    # The engine sends them all before the first one has begun, and nothing after them.
    with at_once(lambda id_: destroying.delete(AccessProfile, id_, states[id_]), states):
        assert most_held(fault, len(names)) == len(names)
        tenant.clear_faults()
    assert {each["state"] for each in tenant.profiles()} == {"PAUSED"}


def test_sixteen_sets_of_one_profile_change_its_members_one_after_another(start: Start, tenant: Tenant) -> None:
    people = [f"m{number:02}" for number in range(16)]
    seed(tenant, "Team")
    tenant.seed(identities=people)
    run = start(tenant.env())
    programs = [
        run.check(MembershipSet, {"profile_id": "p-Team", "identity_ids": [who], "__name": who}).inputs
        for who in people
    ]
    with at_once(lambda each: run.create(MembershipSet, each), programs):
        pass
    assert tenant.members("Team").keys() == set(people)
    kinds = [(each["method"], each["path"].endswith("/members")) for each in tenant.requests(path="/members$")]
    # A list and a change in turn: none decides by a list that another is about to change.
    assert kinds == [("GET", True), ("PUT", True)] * len(people)


def test_the_pool_of_any_other_process_is_left_alone() -> None:
    with ThreadPoolExecutor(OF_THE_SDK) as pool:
        assert pool.submit(serve_at_once, 16).result() is False
        assert pool._max_workers == OF_THE_SDK


def test_the_garbage_collector_of_any_other_process_is_left_alone() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    collect_seldom()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


@pytest.mark.parametrize("given", ["3", "0", "-1", "101", "many", "4.5"])
def test_a_number_of_operations_that_cannot_be_is_refused_before_anything_is_sent(
    given: str, start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), "VEZA_PARALLELISM": given})
    failures = run.check(AccessProfile, {"name": "P", "profile_type": "t", "__name": "p"}).failures
    ((_, reason),) = failures
    assert reason.startswith(f"VEZA_PARALLELISM is '{given}', but must be a whole number from 4 to 100: ")
    assert tenant.requests() == []
