"""The command by which Pulumi forgets a set that the program no longer declares, as its refusal prints it."""

from __future__ import annotations

import pytest

from pulumi_veza.errors import RefusedError
from pulumi_veza.plan.records import OURS, stack_in
from pulumi_veza.provider.lifecycle import NAME_KEY, PARENT_KEY, Lifecycle
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.other_sets import STACK_KEY
from pulumi_veza.rules.urns import state_delete, urn
from tests.support.runs import Runs
from tests.support.tenant import Tenant

MEMBERS = Lifecycle(MembershipKind())
TEAM = {"profile_id": "team", "identity_ids": ["ana"], NAME_KEY: "press/press", PARENT_KEY: "acme:Team"}


def refused(runs: Runs, tenant: Tenant, **told: str) -> str:
    """Create a set, leave it out of the program, and return why its delete is refused."""
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "open"}],
        identities=["ana"],
    )
    runs.new()
    args, _ = MEMBERS.check({}, {**TEAM, **told})
    assert STACK_KEY not in args
    id_, state = MEMBERS.create(args)
    assert STACK_KEY not in state
    runs.new()
    MEMBERS.check({}, {"profile_id": "other", "identity_ids": [], NAME_KEY: "other", **told})
    with pytest.raises(RefusedError) as error:
        MEMBERS.delete(id_, state)
    assert tenant.members("team").keys() == {"ana"}
    return str(error.value)


def test_it_is_whole_where_the_program_has_told_its_stack(runs: Runs, tenant: Tenant) -> None:
    said = refused(runs, tenant, **{STACK_KEY: "dev::people"})
    assert said.startswith(
        "MembershipSet 'press/press', which the program no longer declares, would remove 1 of 1 member of access "
        "profile 'Team' (team): ana; nobody would be left, so the guard refuses it; nothing of it was changed"
    )
    assert said.endswith(
        "if that person is to stay a member, declare the set again, or let Pulumi forget it by `pulumi state delete "
        f"'urn:pulumi:dev::people::acme:Team${OURS}MembershipSet::press'`"
    )


def test_it_says_where_the_urn_stands_where_that_is_not_known(runs: Runs, tenant: Tenant) -> None:
    assert refused(runs, tenant).endswith(
        "let Pulumi forget it by `pulumi state delete` with the URN that `pulumi stack --show-urns` shows of it"
    )


@pytest.mark.parametrize(
    ("parents", "name", "expected"),
    [
        ("", "sales", f"urn:pulumi:dev::shop::{OURS}MembershipSet::sales"),
        ("", "a/b", f"urn:pulumi:dev::shop::{OURS}MembershipSet::a/b"),
        ("a:B$c:D", "team/sales", f"urn:pulumi:dev::shop::a:B$c:D${OURS}MembershipSet::sales"),
        # Where the parent's name ends is not known.
        ("a:B", "team/sales/europe", None),
        ("a:B", "sales", None),
    ],
)
def test_a_urn_is_whole_or_not_known(parents: str, name: str, expected: str | None) -> None:
    found = urn("dev::shop", parents, "MembershipSet", name)
    assert found == expected
    assert found is None or stack_in(found) == "shop/dev"
    assert urn("", parents, "MembershipSet", name) is None


def test_a_name_with_a_quote_stays_one_word_of_the_shell() -> None:
    assert state_delete("urn:it's") == "`pulumi state delete 'urn:it'\\''s'`"
