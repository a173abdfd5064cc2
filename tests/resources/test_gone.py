"""Gone needs two witnesses: what a key does not see is neither forgotten nor made a second time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_veza.errors import RefusedError, ServerError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.resources.version import VersionKind
from tests.support.runs import Runs
from tests.support.tenant import Tenant

TYPE, PROFILE, VERSION, MEMBERS = map(Lifecycle, (TypeKind(), ProfileKind(), VersionKind(), MembershipKind()))
MEMBER_LIST = "/versions/[0-9]+/members$"


def inputs(lifecycle: Lifecycle, olds: JsonObject | None = None, **args: Any) -> JsonObject:
    found, failures = lifecycle.check(olds or {}, {**args, NAME_KEY: "it"})
    assert failures == []
    return found


class Made:
    """One resource of each kind, as the state has it."""

    def __init__(self, runs: Runs) -> None:
        runs.new()
        self.type_id, self.type = TYPE.create(inputs(TYPE, name="Role", allow_create_relationships=True))
        self.id, self.profile = PROFILE.create(inputs(PROFILE, name="Sales", profile_type=self.type_id))
        group = {"entity_type": "G", "datasource_id": "d", "entity_id": "e"}
        self.version_id, self.version = VERSION.create(
            inputs(VERSION, profile_id=self.id, entitlements=[group], on_destroy="clear")
        )
        self.set_id, self.set = MEMBERS.create(inputs(MEMBERS, profile_id=self.id, identity_ids=["ana"]))

    def operations(self) -> dict[str, Callable[[], Any]]:
        """Every operation that would treat the profile as gone."""
        more = inputs(PROFILE, self.profile, name="Sales", profile_type=self.type_id, description="more")
        other = inputs(VERSION, self.version, profile_id=self.id, entitlements=[], on_destroy="clear")
        two = inputs(MEMBERS, self.set, profile_id=self.id, identity_ids=["ana", "bob"])
        return {
            "read of the profile": lambda: PROFILE.read(self.id, self.profile),
            "read of the version": lambda: VERSION.read(self.version_id, self.version),
            "read of the set": lambda: MEMBERS.read(self.set_id, self.set),
            "update of the profile": lambda: PROFILE.update(self.id, self.profile, more),
            "update of the version": lambda: VERSION.update(self.version_id, self.version, other),
            "update of the set": lambda: MEMBERS.update(self.set_id, self.set, two),
            "delete of the profile": lambda: PROFILE.delete(self.id, self.profile),
            "delete of the version": lambda: VERSION.delete(self.version_id, self.version),
            "delete of the set": lambda: MEMBERS.delete(self.set_id, self.set),
            "create of a set": lambda: MEMBERS.create(inputs(MEMBERS, profile_id=self.id, identity_ids=["eve"])),
            "a lookup": lambda: PROFILE.read(self.id, {NAME_KEY: "found"}),
        }


@pytest.fixture
def made(runs: Runs, tenant: Tenant) -> Made:
    found = Made(runs)
    tenant.clear_requests()
    return found


@pytest.mark.parametrize("answer", [200, 403])
def test_no_operation_takes_a_profile_that_the_key_does_not_see_for_gone(
    answer: int, made: Made, runs: Runs, tenant: Tenant
) -> None:
    tenant.key(hidden_profiles=["Sales"], member_list=answer, change=404)
    for what, operation in made.operations().items():
        runs.new()
        with pytest.raises(RefusedError) as refused:
            operation()
        text = str(refused.value)
        assert f"its member list answers {answer}: the API key may not see it any more" in text, what
        assert made.id in text, what
        assert "nothing was changed" in text, what
        assert "\n" not in text, what
        if "not in the list" in text:
            assert tenant.url in text, what
    assert [each["status"] for each in tenant.requests(mutating=True)] == [404] * 2, "the profile's own PATCH"
    tenant.clear_keys()
    assert tenant.members(made.id) == {"ana": "ACCESS_PROFILE_MEMBERSHIP"}
    assert len(tenant.profiles()) == 1


def test_what_neither_the_list_nor_its_members_show_is_gone(made: Made, runs: Runs, tenant: Tenant) -> None:
    tenant.delete_profile(made.id)
    runs.new()
    assert PROFILE.read(made.id, made.profile) is None
    assert VERSION.read(made.version_id, made.version) is None
    assert MEMBERS.read(made.set_id, made.set) is None
    # One question to its member list for all three.
    assert len(tenant.requests(path=MEMBER_LIST)) == 1
    for operation in ("delete of the profile", "delete of the version", "delete of the set"):
        runs.new()
        made.operations()[operation]()
    runs.new()
    with pytest.raises(RefusedError, match="is no longer in Veza; run `pulumi refresh`"):
        made.operations()["update of the profile"]()
    with pytest.raises(RefusedError, match="there is no access profile"):
        made.operations()["create of a set"]()


def test_threads_that_ask_about_one_profile_ask_once(made: Made, runs: Runs, tenant: Tenant) -> None:
    tenant.delete_profile(made.id)
    tenant.fault(method="GET", path=MEMBER_LIST, delay=0.3, count=None)
    runs.new()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: PROFILE.read(made.id, made.profile), range(8)))
    assert found == [None] * 8
    assert len(tenant.requests(path=MEMBER_LIST)) == 1


def test_a_witness_that_fails_is_no_witness(made: Made, runs: Runs, tenant: Tenant) -> None:
    tenant.delete_profile(made.id)
    runs.new(max_retries=0)
    fault = tenant.fault(method="GET", path=MEMBER_LIST, status=500, count=None)
    with pytest.raises(ServerError, match="listing the members of version 1"):
        PROFILE.read(made.id, made.profile)
    fault.remove()
    assert PROFILE.read(made.id, made.profile) is None


def test_a_profile_that_is_listed_is_not_gone_whatever_its_own_paths_answer(
    made: Made, runs: Runs, tenant: Tenant
) -> None:
    tenant.fault(path=made.id, status=404, count=None)
    runs.new()
    with pytest.raises(RefusedError, match="answers 404 to a change, but is listed; run it again"):
        PROFILE.delete(made.id, made.profile)
    with pytest.raises(RefusedError, match="the tenant does not show the members of access profile 'Sales'"):
        MEMBERS.delete(made.set_id, made.set)


def test_a_draft_that_is_gone_does_not_prove_that_the_profile_is(made: Made, runs: Runs, tenant: Tenant) -> None:
    """The member list of the last known version may answer 404 although the profile is only hidden."""
    tenant.key(hidden_profiles=["Sales"], member_list=200)
    runs.new()
    with pytest.raises(RefusedError, match="its member list answers 200"):
        MEMBERS.read(f"{made.id}/versions/draft/members", {**made.set, "version": "draft", "version_number": 2})


def test_a_type_is_not_gone_while_a_listed_profile_has_it(made: Made, runs: Runs, tenant: Tenant) -> None:
    tenant.key(hidden_types=["Role"])
    runs.new()
    with pytest.raises(RefusedError) as refused:
        TYPE.read(made.type_id, made.type)
    assert str(refused.value).startswith(
        f"AccessProfileType 'it': access profile type 'Role' ({made.type_id}) is not in the list of {tenant.url}, but "
        f"access profile 'Sales' ({made.id}) has this type: the API key may not see it any more; use a key whose owner "
        "may"
    )
    tenant.clear_keys()
    tenant.delete_profile(made.id)
    tenant.key(hidden_types=["Role"])
    runs.new()
    assert TYPE.read(made.type_id, made.type) is None


def test_what_is_made_again_in_the_run_that_found_it_gone_is_warned_of(made: Made, runs: Runs, tenant: Tenant) -> None:
    tenant.delete_profile(made.id)
    runs.new()
    assert PROFILE.read(made.id, made.profile) is None
    again, _ = PROFILE.create(inputs(PROFILE, name="Sales", profile_type=made.type_id))
    PROFILE.create(inputs(PROFILE, name="Other", profile_type=made.type_id))
    assert runs.said == [
        f"warning: AccessProfile 'it': access profile 'Sales' is created anew, as the old one ({made.id}) is gone from "
        "the tenant; whoever was a member of the old one, and whatever else referred to its id, does not move to the "
        "new one by itself"
    ]
    tenant.delete_profile("Other")
    tenant.delete_profile(again)
    tenant.delete_type("Role")
    runs.new()
    assert TYPE.read(made.type_id, made.type) is None
    TYPE.create(inputs(TYPE, name="Role", allow_create_relationships=True))
    assert [made.type_id in each for each in runs.said] == [True]


def test_a_member_list_that_does_not_show_a_new_profile_yet_is_said_so(runs: Runs, tenant: Tenant) -> None:
    tenant.quirks(new_profile_unlisted_reads=2)
    runs.new()
    type_id, _ = TYPE.create(inputs(TYPE, name="Role"))
    id_, _ = PROFILE.create(inputs(PROFILE, name="Sales", profile_type=type_id))
    news = inputs(MEMBERS, profile_id=id_, identity_ids=["ana"])
    # The run that has made the profile need not ask who is its member.
    runs.new()
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            MEMBERS.create(news)
        assert str(refused.value) == (
            f"MembershipSet 'it': the tenant does not show the members of access profile 'Sales' ({id_}) yet: it has "
            "version 1, whose member list answers 404, as that of a new profile may do for a moment; run it again; "
            "nothing was changed"
        )
        runs.new()
    MEMBERS.create(news)
    assert {*tenant.members(id_)} == {"ana"}
    with pytest.raises(RefusedError, match=r"has no version 7; correct version \(the current one is 1\)"):
        MEMBERS.create(inputs(MEMBERS, profile_id=id_, version=7, identity_ids=["ana"]))
