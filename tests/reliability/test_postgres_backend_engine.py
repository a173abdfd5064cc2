"""States in a real PostgreSQL: a life of a stack, two runs at once, a kill, and how often the state is written."""

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

LOCKS = "select key from pulumi_state where key like '%.pulumi/locks/%'"
STATE = "select key from pulumi_state where key like '%.pulumi/stacks/test/dev.json'"
COUNTED = """
    create table if not exists writes (number int);
    create or replace function note() returns trigger as
        'begin insert into writes values (1); return new; end' language plpgsql;
    create trigger noted after insert or update on pulumi_state for each row
        when (new.key like '%.pulumi/stacks/test/dev.json') execute function note();
"""


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
        *(
            resource("AccessProfile", f"p{each}", name=f"P{each}", profile_type=Code("role.id"))
            for each in range(profiles)
        ),
        resource(
            "MembershipSet", "people", profile_id=Code("p0.id"), identity_ids=list(people), max_removal_percent=100
        ),
    )


def test_a_life_of_a_stack_is_kept_in_the_database_and_two_runs_at_once_are_refused(
    stack: Stack, tenant: Tenant, postgres: Postgres
) -> None:
    stack.up(skip_preview=True)
    assert findings(stack, tenant).in_words() == []
    assert_quiet(stack, tenant)
    tenant.change_members("P0", remove=["ana"])
    assert "~ 1 updated" in stack.refresh(skip_preview=True)
    assert "~ 1 updated" in stack.up(skip_preview=True)
    assert set(tenant.members("P0")) == {"ana", "ben"}

    # While one run holds the lock, another is refused, and no message shows the password.
    fault = tenant.fault(method="PUT", path="/members$", body="cleo", hold="before_commit")
    stack.write(teams("ana", "ben", "cleo", profiles=4))
    running = stack.start("up", "--yes", "--skip-preview")
    fault.wait_until_it_holds_up(running)
    (lock,) = postgres.query(LOCKS)
    refused = stack.up(skip_preview=True, check=False)
    assert refused.returncode
    assert "the stack is currently locked by 1 lock(s)" in refused
    assert lock in refused
    assert PASSWORD not in refused
    fault.release()
    fault.remove()
    running.result().checked()
    assert postgres.query(LOCKS) == []
    assert_quiet(stack, tenant)
    assert findings(stack, tenant).in_words() == []

    stack.destroy(skip_preview=True)
    assert stack.resources() == {}
    assert {each["state"] for each in tenant.profiles()} == {"PAUSED"}
    stack.run("stack", "rm", "--yes", stack.name)
    assert postgres.query(STATE) == []


def test_runs_that_begin_at_the_same_moment_make_nothing_twice(stack: Stack, tenant: Tenant) -> None:
    at_once = [stack.start("up", "--yes", "--skip-preview") for _ in range(3)]
    ended = [each.result() for each in at_once]
    for each in ended:
        assert each.returncode == 0 or "the stack is currently locked by" in each
    stack.up(skip_preview=True)
    assert findings(stack, tenant).in_words() == []
    assert_quiet(stack, tenant)


@pytest.mark.parametrize("mode", ["ordinary", "fast"])
def test_a_kill_leaves_a_lock_that_is_taken_away_and_the_next_run_finds_what_was_made(
    stack: Stack, tenant: Tenant, postgres: Postgres, mode: str
) -> None:
    stack.environment["PULUMI_SKIP_CHECKPOINTS"] = "true" if mode == "fast" else None
    fault = tenant.fault(method="PUT", path="/members$", hold="after_commit")
    running = stack.start("up", "--yes", "--skip-preview")
    fault.kill(running)
    assert len(postgres.query(LOCKS)) == 1
    assert "locked by 1 lock(s)" in stack.up(skip_preview=True, check=False)
    stack.cancel()
    assert postgres.query(LOCKS) == []
    stack.up(skip_preview=True)
    assert findings(stack, tenant).in_words() == []
    assert_quiet(stack, tenant)


def test_the_fast_mode_writes_the_state_once_a_run_and_the_ordinary_one_with_every_resource(
    stack: Stack, postgres: Postgres
) -> None:
    postgres.query(COUNTED)

    def writes(verb: str) -> int:
        postgres.query("delete from writes")
        stack.run(verb, "--yes", "--skip-preview")
        return int(postgres.query("select count(*) from writes")[0])

    changing = 6
    stack.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
    assert [writes("up"), writes("destroy")] == [1, 1]
    stack.environment["PULUMI_SKIP_CHECKPOINTS"] = None
    assert writes("up") >= 2 * changing
