"""States in a real PostgreSQL: the whole life of a stack, two runs at once, a kill, and how often the state is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.comparison import assert_quiet, findings
from tests.support.fixtures import StackFactory
from tests.support.postgres import MISSING, PASSWORD, Postgres, installed
from tests.support.programs import Code, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

PROGRAMS = installed()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROGRAMS is None, reason=MISSING),
]

LOCKS = "select key from pulumi_state where key like '.pulumi/locks/%'"
STATE = "'.pulumi/stacks/test/dev.json'"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    assert PROGRAMS
    with Postgres(PROGRAMS) as running:
        yield running


@pytest.fixture
def stack(postgres: Postgres, stack_factory: StackFactory, tenant: Tenant) -> Stack:
    """Create a stack whose state is in the database; the password is in the environment alone."""
    postgres.query("drop table if exists pulumi_state")
    tenant.seed(identities=["ana", "ben", "cleo"])
    database = {"PULUMI_BACKEND_URL": postgres.backend, "PGPASSWORD": PASSWORD}
    return stack_factory(teams("ana", "ben"), environment={**tenant.env(), **database})


def teams(*people: str, profiles: int = 3) -> str:
    return program(
        resource("AccessProfileType", "role", name="Role"),
        *(resource("AccessProfile", f"p{each}", name=f"P{each}", profile_type=Code("role.id")) for each in range(profiles)),
        resource("MembershipSet", "people", profile_id=Code("p0.id"), identity_ids=list(people), max_removal_percent=100),
    )
