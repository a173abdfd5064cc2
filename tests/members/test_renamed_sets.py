"""A set that an alias renamed: the state has its old name until the next change, and the id tells what it is."""

from __future__ import annotations

import pytest

from pulumi_veza.errors import RefusedError
from pulumi_veza.provider.lifecycle import NAME_KEY, PARENT_KEY, Diff, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from tests.support.runs import Runs
from tests.support.tenant import Tenant

MEMBERS = Lifecycle(MembershipKind())


def test_a_renamed_set_that_is_pointed_elsewhere_is_no_set_that_is_gone(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[{"id": each, "name": each, "profile_type": "open"} for each in ("team", "other")],
        identities=["ana", "bob"],
    )
    runs.new()
    listed = {"identity_ids": ["ana", "bob"], "max_removal_percent": 100, "allow_emptying": True}
    first, _ = MEMBERS.check({}, {**listed, "profile_id": "team", NAME_KEY: "team"})
    id_, state = MEMBERS.create(first)

    renamed = {NAME_KEY: "crew/team", PARENT_KEY: "acme:Crew"}
    runs.new()
    news, _ = MEMBERS.check(first, {**listed, "profile_id": "team", **renamed})
    assert MEMBERS.diff(id_, state, news) == Diff(changes=False)

    runs.new()
    news, _ = MEMBERS.check(news, {**listed, "profile_id": "other", **renamed})
    assert MEMBERS.diff(id_, state, news).replaces == ["profile_id"]
    MEMBERS.create(news)
    # The guard has judged it when it was previewed; the state that is deleted has the old name.
    MEMBERS.delete(id_, state)
    assert (tenant.members("team").keys(), tenant.members("other").keys()) == (set(), {"ana", "bob"})


def test_a_set_that_is_gone_is_guarded_beside_another_one_of_its_profile(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[{"id": "team", "name": "team", "profile_type": "open"}],
        identities=["ana", "bob"],
    )
    runs.new()
    sets = {}
    for name, who in [("stays", "ana"), ("goes", "bob")]:
        args, _ = MEMBERS.check({}, {"identity_ids": [who], "profile_id": "team", NAME_KEY: name})
        sets[name] = (args, *MEMBERS.create(args))
    runs.new()
    # Both have the id that their profile's members have.
    args, id_, state = sets["stays"]
    again, _ = MEMBERS.check(
        args, {"identity_ids": [], "profile_id": "team", "allow_emptying": True, NAME_KEY: "stays"}
    )
    MEMBERS.update(id_, state, again)
    assert MEMBERS.diff(id_, state, again).changes
    with pytest.raises(RefusedError, match="no longer declares"):
        MEMBERS.delete(*sets["goes"][1:])


def test_a_renamed_set_that_is_gone_from_the_program_is_guarded(runs: Runs, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[{"id": "team", "name": "team", "profile_type": "open", "members": ["ana"]}],
        identities=["ana", "bob"],
    )
    runs.new()
    first, _ = MEMBERS.check({}, {"identity_ids": ["ana"], "profile_id": "team", NAME_KEY: "team"})
    id_, state = MEMBERS.create(first)
    runs.new()
    # Another resource of the program is declared, and this set is not.
    MEMBERS.check({}, {"identity_ids": [], "profile_id": "elsewhere", NAME_KEY: "crew"})
    with pytest.raises(RefusedError, match="no longer declares"):
        MEMBERS.delete(id_, state)
