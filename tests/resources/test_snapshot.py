"""`pulumi_veza.provider.snapshot`, against the simulated tenant: what is asked, how often, and what is concluded."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import pytest

from pulumi_veza.client.client import Client
from pulumi_veza.errors import ServerError, UnexpectedResponseError
from pulumi_veza.provider.snapshot import LISTS, SMALL, Snapshot
from tests.support.runs import Runs
from tests.support.scripted_server import Handler, ScriptedServer, Step, reply
from tests.support.tenant import Tenant

R = TypeVar("R")

PROFILES = "/access_profiles$"
TYPES = "/access_profiles_types$"
GROUP = {"entity_type": "Group", "datasource_id": "ds", "entity_id": "g-1"}
OPEN = {"allow_create_relationships": True, "allow_inherit_entities": True}


@pytest.fixture
def snapshot(runs: Runs) -> Snapshot:
    return runs.new().snapshot


LISTED_TYPES = reply({"values": [{"id": "role", "name": "Role"}], "has_more": False})
LISTED_PROFILES = reply(
    {
        "values": [
            {"id": "p-1", "name": "older", "profile_type": "role"},
            {"id": "the-role", "name": "Role", "profile_type": "role"},
        ],
        "has_more": False,
    }
)


def one_version(number: int) -> Step:
    version = {"version_number": number, "inherit_entities_from_access_profiles": []}
    return reply({"values": [{"id": "p-1", "profile_type": "role", "current_version": version}], "has_more": False})


class HeldServer:
    """A server that holds back one of its responses, and a snapshot that reads from it."""

    def __init__(self, server: ScriptedServer, snapshot: Snapshot) -> None:
        self.server = server
        self.snapshot = snapshot
        self._arrived = threading.Event()
        self._release = threading.Event()
        self.step = self._held(LISTED_TYPES)
        """Responds with the types, when it is released."""
        self.profiles_step = self._held(LISTED_PROFILES)

    def _held(self, answer: Step) -> Step:
        def step(handler: Handler) -> None:
            self._arrived.set()
            assert self._release.wait(30)
            answer(handler)

        return step

    @contextmanager
    def in_a_thread(self, ask: Callable[[], R]) -> Iterator[Future[R]]:
        """Ask in another thread, and run the block while the response is held back."""
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask)
            try:
                assert self._arrived.wait(30)
                yield asked
            finally:
                self._release.set()


@pytest.fixture
def held() -> Iterator[HeldServer]:
    with closing(ScriptedServer()) as server:
        client = Client(server.url, "key", timeout=20, max_retries=0)
        with client:
            yield HeldServer(server, Snapshot(client))


def listings(tenant: Tenant, path: str = PROFILES) -> int:
    """Count the pages that were asked for."""
    return len(tenant.requests(mutating=False, path=path))


def seed_big(tenant: Tenant) -> None:
    """Return a tenant of 2,500 profiles: 2,300 of one type, 150 and 50 of two others."""
    tenant.seed(types=[{"id": each, "name": each, **OPEN} for each in ("big", "small", "other")])
    for kind, count in (("big", 2300), ("small", 150), ("other", 50)):
        profiles = [{"id": f"{kind}-{n}", "name": f"{kind} {n}", "profile_type": kind} for n in range(count)]
        tenant.seed(profiles=profiles)
    tenant.clear_requests()


def seed_small(tenant: Tenant, count: int = 3) -> None:
    tenant.seed(
        types=[{"id": "role", "name": "Role", **OPEN}, {"id": "app", "name": "App", **OPEN}],
        profiles=[{"id": f"p-{n}", "name": f"Profile {n}", "profile_type": "role"} for n in range(count)],
    )
    tenant.clear_requests()


def test_a_few_profiles_of_a_big_tenant_do_not_list_it_all(runs: Runs, tenant: Tenant) -> None:
    seed_big(tenant)
    snapshot = runs.new().snapshot
    for number in (0, 75, 149):
        found = snapshot.profile(f"small-{number}", "small")
        assert found is not None
        assert found["name"] == f"small {number}"
    assert [each["name"] for each in snapshot.profiles_named("other 7", "other")] == ["other 7"]
    assert snapshot.profiles_named("other 7", "small") == []
    # Two pages tell that it is not small, two hold one type, one the other.
    assert listings(tenant) <= 5

    # A type that was remembered leads to the profile.
    tenant.clear_requests()
    snapshot = runs.new().snapshot
    snapshot.remember_type("other-49", "other")
    assert snapshot.profile("other-49") is not None
    assert listings(tenant) <= 3

    # Gone is what the complete list lacks, so that one question reads all of it, once; and a profile that somebody
    # gave another type is found on the way.
    tenant.edit_profile("small-149", profile_type="other")
    tenant.clear_requests()
    snapshot = runs.new().snapshot
    found = snapshot.profile("small-149", "small")
    assert found is not None
    assert found["profile_type"] == "other"
    assert snapshot.profile("gone", "small") is None
    assert snapshot.profile("gone as well", "other") is None
    assert listings(tenant) <= 5 + 25


def test_a_small_tenant_is_read_once(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant, SMALL - 1)
    for number in range(SMALL - 1):
        assert snapshot.profile(f"p-{number}", "role") is not None
    assert snapshot.profile("gone") is None
    assert snapshot.profiles_named("Profile 7", "role") != []
    assert snapshot.profiles_named("Profile 7", "app") == []
    assert listings(tenant) == 1


def test_pages_are_pulled_only_as_far_as_needed(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant, 150)
    first = next(iter(tenant.api("GET", "access_profiles").json()["values"]))["id"]
    tenant.clear_requests()
    assert snapshot.profile(first) is not None
    assert listings(tenant) == 1


def test_lists_of_different_things_do_not_wait_for_each_other(held: HeldServer) -> None:
    snapshot = held.snapshot
    held.server.script += [held.step, LISTED_PROFILES]
    with held.in_a_thread(snapshot.types) as types:
        # The list of types has not arrived yet.
        assert snapshot.profile("p-1") is not None
        assert not types.done()
    assert [each["id"] for each in types.result()] == ["role"]


def test_the_lists_of_two_types_do_not_wait_for_each_other(held: HeldServer) -> None:
    snapshot = held.snapshot
    more = {"values": [{"id": f"p-{n}", "profile_type": "other"} for n in range(SMALL)], "has_more": True}
    held.server.script += [reply({**more, "next_page_token": "2"}), held.step, LISTED_PROFILES]
    assert snapshot.profile("p-7") is not None
    with held.in_a_thread(lambda: snapshot.profiles_named("Role", "app")) as named:
        # Neither the list of another type nor a profile that is known waits for the list of this type.
        assert snapshot.profile("the-role", "role") is not None
        assert snapshot.profile("p-8") is not None
        assert not named.done()
    named.result()


def test_a_version_that_is_being_read_keeps_no_other_read_waiting(held: HeldServer) -> None:
    snapshot = held.snapshot
    profile = {"id": "p-1", "profile_type": "role", "current_version_number": 3}
    held.server.script += [held.step, one_version(2)]
    with held.in_a_thread(lambda: snapshot.version(profile, 1)) as first:
        assert snapshot.version(profile, 2)["version_number"] == 2
        assert not first.done()
    with pytest.raises(UnexpectedResponseError, match="reading version 1"):
        first.result()


@pytest.mark.parametrize("what", ["types", "all profiles", "one version"])
def test_threads_that_want_the_same_list_read_it_once(what: str, held: HeldServer) -> None:
    snapshot = held.snapshot
    profile = {"id": "p-1", "profile_type": "role", "current_version_number": 3}
    ask: Callable[[], Any] = {
        "types": lambda: snapshot.profile_type("role"),
        "all profiles": lambda: snapshot.profile("p-1"),
        "one version": lambda: snapshot.version(profile, 2),
    }[what]
    second_arrived = threading.Event()
    duplicated: list[bool] = []
    answer = one_version(2) if what == "one version" else LISTED_TYPES if what == "types" else LISTED_PROFILES

    def first(handler: Handler) -> None:
        # A thread that did not wait for this list would read it by itself meanwhile.
        duplicated.append(second_arrived.wait(0.5))
        answer(handler)

    def second(handler: Handler) -> None:
        second_arrived.set()
        answer(handler)

    held.server.script += [first, second]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ask(), range(4)))
    assert all(found)
    assert duplicated == [False]
    assert len(held.server.requests) == 1


def test_a_write_changes_no_dictionary_that_another_thread_holds(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    before = snapshot.profile("p-1")
    assert before is not None
    types = snapshot.types()
    kept = copy.deepcopy((before, types))
    snapshot.update_version("p-1", 1, {"entities_to_create_relationships_to": [GROUP]})
    snapshot.update_profile("p-1", {"description": "changed"})
    snapshot.create_type({"name": "New"})
    assert (before, types) == kept
    after = snapshot.profile("p-1")
    assert after is not None
    assert after["description"] == "changed"
    assert len(after["current_version"]["entities_to_create_relationships_to"]) == 1
    # Whoever holds the profile of before is given the version of now.
    assert snapshot.version(before, 1) == after["current_version"]
    assert len(snapshot.types()) == 3


def test_a_list_that_was_begun_before_a_refresh_is_not_taken_for_the_new_one(held: HeldServer) -> None:
    snapshot = held.snapshot
    newer = reply({"values": [{"id": "p-1", "name": "newer", "profile_type": "role"}], "has_more": False})
    held.server.script += [held.profiles_step, newer]
    with held.in_a_thread(lambda: snapshot.profile("p-1")) as before:
        snapshot.refresh_profiles()
        after = snapshot.profile("p-1")
    old = before.result()
    assert old is not None
    assert after is not None
    assert (old["name"], after["name"]) == ("older", "newer")
    assert snapshot.profile("p-1") == after


def test_threads_that_ask_at_once_share_one_listing(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant, 50)
    tenant.fault(method="GET", path=PROFILES, delay=0.3)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: snapshot.profile(f"p-{number}"), range(50)))
    assert all(found)
    assert listings(tenant) == 1


@pytest.mark.parametrize("page", [0, 1, 2])
def test_an_error_within_a_listing_never_makes_gone(page: int, runs: Runs, tenant: Tenant) -> None:
    seed_small(tenant, 9)
    snapshot = runs.new(page_size=3, max_retries=0).snapshot
    fault = tenant.fault(method="GET", path=PROFILES, status=500, skip=page, count=2)
    for _ in range(2):
        with pytest.raises(ServerError, match="listing the access profiles failed: 500"):
            snapshot.profile("gone", "role")
    fault.remove()
    # What was listed before the error counts once, and the end is the list's own.
    assert snapshot.profile("gone", "role") is None
    assert [each["id"] for each in snapshot.profiles_named("Profile 8", "role")] == ["p-8"]


@pytest.mark.parametrize("fault", [{"body_fault": "truncated"}, {"body_fault": "empty"}, {"reset": "mid_body"}])
def test_a_broken_answer_never_makes_gone(fault: dict[str, Any], runs: Runs, tenant: Tenant) -> None:
    seed_small(tenant)
    snapshot = runs.new(max_retries=0).snapshot
    tenant.fault(method="GET", path=PROFILES, **fault)
    with pytest.raises(Exception, match="listing the access profiles failed"):
        snapshot.profile("p-1", "role")
    assert snapshot.profile("p-1", "role") is not None


def test_an_empty_page_with_more_to_come_never_makes_gone(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    tenant.fault(method="GET", path=PROFILES, empty_page=True)
    assert snapshot.profile("p-2") is not None


def test_what_the_run_writes_is_not_read_again(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    assert snapshot.profiles_named("New", "role") == []
    made = snapshot.create_profile({"name": "New", "profile_type": "role", "state": "RUNNING"})
    snapshot.update_profile(made["id"], {"description": "changed"})
    snapshot.update_version(made["id"], 1, {"entities_to_create_relationships_to": [GROUP]})
    (found,) = snapshot.profiles_named("New", "role")
    assert found["description"] == "changed"
    assert [each["entity_id"] for each in snapshot.version(found, 1)["entities_to_create_relationships_to"]] == ["g-1"]
    snapshot.update_profile(made["id"], {"name": "Newer"})
    assert snapshot.profiles_named("New", "role") == []
    assert snapshot.profiles_named("Newer", "role") != []
    assert listings(tenant) == 1


def test_what_the_run_wrote_is_newer_than_a_list_that_began_before(runs: Runs, tenant: Tenant) -> None:
    seed_small(tenant, 9)
    snapshot = runs.new(page_size=3).snapshot
    first = tenant.api("GET", "access_profiles", params={"page_size": "1"}).json()["values"][0]["id"]
    snapshot.profile(first)
    last = tenant.api("GET", "access_profiles").json()["values"][-1]["id"]
    snapshot.update_profile(last, {"description": "mine"})
    tenant.edit_profile(last, description="stale")
    found = snapshot.profile(last)
    assert found is not None
    assert found["description"] == "mine"


@pytest.mark.parametrize(
    "quirks",
    [
        {"minimal_profile_answers": True},
        {"integer_current_version": True},
        {"minimal_profile_answers": True, "integer_current_version": True, "short_version_names": True},
        {"create_answer_has_version": True},
        {"omit_empty_fields": True},
    ],
)
def test_short_answers_to_writes_are_completed_by_what_was_sent(
    quirks: dict[str, bool], snapshot: Snapshot, tenant: Tenant
) -> None:
    seed_small(tenant)
    tenant.quirks(**quirks)
    body = {
        "name": "New",
        "profile_type": "role",
        "state": "RUNNING",
        "description": "what for",
        "labels": ["a"],
        "entities_to_create_relationships_to": [GROUP],
        "inherit_entities_from_access_profiles": ["p-1"],
    }
    made = snapshot.create_profile(body, LISTS)
    made = snapshot.update_profile(made["id"], {"labels": ["b"], "require_approval_to_start": True})
    snapshot.update_version(made["id"], 1, {"inherit_entities_from_access_profiles": ["p-2"]})
    found = snapshot.profile(made["id"])
    assert found is not None
    assert (found["name"], found["description"], found["labels"]) == ("New", "what for", ["b"])
    assert found["require_approval_to_start"] is True
    version = snapshot.version(found, 1)
    assert version["inherit_entities_from_access_profiles"] == ["p-2"]
    assert [each["entity_id"] for each in version["entities_to_create_relationships_to"]] == ["g-1"]
    assert listings(tenant) == 0


def test_forgetting_asks_again(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    assert snapshot.profile("p-1") is not None
    tenant.seed(profiles=[{"id": "late", "name": "Late", "profile_type": "role"}])
    assert snapshot.profile("late") is None
    snapshot.refresh_profiles()
    assert snapshot.profile("late") is not None
    assert len(snapshot.types()) == 2
    tenant.seed(types=[{"id": "late", "name": "Late"}])
    assert snapshot.profile_type("late") is None
    snapshot.refresh_types()
    assert snapshot.profile_type("late") is not None


def test_types_are_listed_once_and_a_created_one_is_among_them(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    assert snapshot.profile_type("role") is not None
    assert snapshot.profile_type("no-such") is None
    made = snapshot.create_type({"name": "New", "max_entitlements": 3})
    found = snapshot.profile_type(made["id"])
    assert found is not None
    assert (found["name"], found["max_entitlements"]) == ("New", 3)
    assert listings(tenant, TYPES) == 1


def test_a_short_answer_to_the_create_of_a_type_is_completed_by_what_was_sent(
    snapshot: Snapshot, tenant: Tenant
) -> None:
    tenant.quirks(minimal_types=True)
    made = snapshot.create_type({"name": "New", "max_entitlements": 3, "instructions": "read me"})
    assert (made["max_entitlements"], made["instructions"]) == (3, "read me")


def test_a_draft_and_an_older_version_are_read_by_the_version_parameter(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    tenant.publish_version("p-1", entities_to_create_relationships_to=[GROUP])
    draft = tenant.create_draft("p-1", inherit_entities_from_access_profiles=["p-2"])
    profile = snapshot.profile("p-1")
    assert profile is not None
    assert (profile["current_version_number"], profile["draft_version_number"], draft) == (2, 3, 3)
    assert len(snapshot.version(profile, 2)["entities_to_create_relationships_to"]) == 1
    assert snapshot.version(profile, 3)["inherit_entities_from_access_profiles"] == ["p-2"]
    assert snapshot.version(profile, 1)["entities_to_create_relationships_to"] == []
    asked = listings(tenant)
    snapshot.update_version("p-1", 3, {"inherit_entities_from_access_profiles": []})
    assert snapshot.version(profile, 3)["inherit_entities_from_access_profiles"] == []
    assert snapshot.version(profile, 1)["version_number"] == 1
    assert listings(tenant) == asked == 3


def test_a_tenant_that_does_not_answer_the_version_parameter_is_a_clear_error(
    snapshot: Snapshot, tenant: Tenant
) -> None:
    seed_small(tenant)
    tenant.create_draft("p-1")
    tenant.quirks(version_parameter_ignored=True)
    profile = snapshot.profile("p-1")
    assert profile is not None
    assert snapshot.version(profile, 1)["version_number"] == 1
    with pytest.raises(UnexpectedResponseError, match=r"version 2 of access profile 'Profile 1': .*version=.current"):
        snapshot.version(profile, 2)


def test_a_version_that_does_not_exist_is_an_error_and_no_empty_one(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    profile = snapshot.profile("p-1")
    assert profile is not None
    with pytest.raises(UnexpectedResponseError, match="version 9 of access profile 'Profile 1'"):
        snapshot.version(profile, 9)


def test_a_name_is_known_with_the_integration_before_it(snapshot: Snapshot, tenant: Tenant) -> None:
    single = {**OPEN, "require_single_integration": True}
    tenant.seed(
        datasources=[{"id": "ds", "integration": "SALESFORCE"}],
        types=[
            {"id": "prefix", "name": "P", **single, "add_integration_prefix_to_access_profile_names": True},
            {"id": "plain", "name": "Q", **single},
        ],
    )
    tenant.quirks(integration_prefix_in_names=True)
    body = {"name": "Seller", "state": "RUNNING", "entities_to_create_relationships_to": [GROUP]}
    with_prefix = snapshot.create_profile({**body, "profile_type": "prefix"}, LISTS)
    assert with_prefix["name"] == "SALESFORCE Seller"
    plain = snapshot.create_profile({**body, "name": "SALESFORCE Seller", "profile_type": "plain"}, LISTS)
    snapshot.refresh_profiles()
    assert [each["id"] for each in snapshot.profiles_named("Seller", "prefix")] == [with_prefix["id"]]
    assert [each["id"] for each in snapshot.profiles_named("SALESFORCE Seller", "prefix")] == [with_prefix["id"]]
    assert snapshot.profiles_named("eller", "prefix") == []
    assert snapshot.profiles_named("Seller", "plain") == []
    assert [each["id"] for each in snapshot.profiles_named("SALESFORCE Seller", "plain")] == [plain["id"]]


def test_every_profile_of_a_name_is_given(snapshot: Snapshot, tenant: Tenant) -> None:
    seed_small(tenant)
    tenant.seed(profiles=[{"id": each, "name": "Same", "profile_type": "role"} for each in ("a", "b")])
    tenant.seed(profiles=[{"id": "c", "name": "Same", "profile_type": "app"}])
    assert {each["id"] for each in snapshot.profiles_named("Same", "role")} == {"a", "b"}
