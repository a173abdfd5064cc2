"""One access profile and the membership sets that a stack has for it: what the tests of memberships share.

::

    def test_somebody_is_added(team):
        team.lists("ana")
        team.stack.up()
        assert team.members == {"ana"}
        assert team.sent() == [("ADD", ["ana"])]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.programs import program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

TEAM = "p-team"
"""The profile's id; its name is Team."""

IDENTITIES = ["ana", "bob", "carl", "dora", "eve", "finn", "gil"]


class Team:
    """A tenant with one profile without members and a few identities, and a stack that has its settings."""

    def __init__(self, tenant: Tenant, stack: Stack) -> None:
        self.tenant = tenant
        self.stack = stack
        tenant.seed(
            types=[{"name": "Role", "id": "t-role"}],
            profiles=[{"name": "Team", "id": TEAM, "profile_type": "t-role"}],
            identities=IDENTITIES,
        )

    def lists(self, *identity_ids: str, **options: Any) -> None:
        """Write a program with one set, named ``team``."""
        self.declares(team={"identity_ids": list(identity_ids), **options})

    def declares(self, **sets: Mapping[str, Any]) -> None:
        """Write a program with these sets, in this order; ``opts`` are a set's ResourceOptions."""
        self.stack.write(program(*(self._declared(name, **arguments) for name, arguments in sets.items())))

    @staticmethod
    def _declared(name: str, *, opts: dict[str, Any] | None = None, **arguments: Any) -> str:
        return resource("MembershipSet", name, opts, **{"profile_id": TEAM, **arguments})

    @property
    def members(self) -> set[str]:
        """Who is a member of the current version now."""
        return set(self.tenant.members(TEAM))

    def held(self, name: str = "team") -> dict[str, Any]:
        """Return the outputs that the state holds of a set."""
        outputs: dict[str, Any] = self.stack.resources()[name]["outputs"]
        return outputs

    def sent(self) -> list[tuple[str, list[str]]]:
        """Return the changes of members that were sent since the last look: what was to be done, and with whom."""
        log = self.tenant.requests(mutating=True)
        self.tenant.clear_requests()
        assert {(each["method"], each["path"].rpartition("/")[2]) for each in log} <= {("PUT", "members")}, log
        return [(each["body"]["type"], each["body"]["identity_ids"]) for each in log]
