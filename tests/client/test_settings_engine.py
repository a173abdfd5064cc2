"""Where a stack's settings come from in each operation, and what it says when they lead nowhere."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.fixtures import StackFactory
from tests.support.programs import program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

OLD_KEY, NEW_KEY = "the-key-of-last-year", "the-key-of-this-year"


@pytest.fixture
def rotating() -> Iterator[Tenant]:
    """Start a tenant for one test, whose key the test knows."""
    with Tenant.start(token=NEW_KEY) as tenant:
        tenant.seed(types=[{"name": "Role", "id": "t-role"}])
        yield tenant
        tenant.close()


@pytest.mark.slow
@pytest.mark.catalogue(24)
@pytest.mark.catalogue(34)
def test_refresh_and_destroy_use_the_states_settings_and_the_environments_pair_wins(
    stack_factory: StackFactory, rotating: Tenant
) -> None:
    stack = stack_factory(
        program(resource("AccessProfile", "team", name="Team", profile_type="t-role")),
        config={"veza:url": rotating.url},
        secrets={"veza:apiKey": NEW_KEY},
    )
    stack.up(skip_preview=True)
    stack.refresh("--expect-no-changes", skip_preview=True)

    # A key alone is for another address, as far as anybody knows.
    stack.environment["VEZA_API_KEY"] = OLD_KEY
    stack.refresh("--expect-no-changes", skip_preview=True)

    stack.environment["VEZA_URL"] = rotating.url
    rotating.clear_requests()
    refused = stack.refresh(skip_preview=True, check=False)
    assert refused.returncode != 0
    assert [each["status"] for each in rotating.requests()] == [401]
    assert "listing the access profiles failed: 401" in refused
    assert "VEZA_API_KEY" in refused
    assert "Traceback" not in refused
    assert OLD_KEY not in refused
    assert NEW_KEY not in refused

    stack.environment["VEZA_API_KEY"] = NEW_KEY
    stack.destroy(skip_preview=True)
    assert rotating.profile("Team")["state"] == "PAUSED"


@pytest.mark.catalogue(24)
def test_a_wrong_key_in_the_stacks_configuration_says_so(stack_factory: StackFactory, rotating: Tenant) -> None:
    stack = stack_factory(
        program(resource("AccessProfile", "team", name="Team", profile_type="t-role")),
        config={"veza:url": rotating.url},
        secrets={"veza:apiKey": OLD_KEY},
    )
    refused = stack.up(skip_preview=True, check=False)
    assert refused.returncode != 0
    assert [each["status"] for each in rotating.requests()] == [401]
    assert "veza:apiKey" in refused
    assert "Traceback" not in refused
    assert OLD_KEY not in refused


def test_a_key_that_the_stack_holds_as_plain_text_is_warned_of_once(
    stack_factory: StackFactory, rotating: Tenant
) -> None:
    written = program(
        resource("AccessProfile", "team", name="Team", profile_type="t-role"),
        resource("AccessProfile", "desk", name="Desk", profile_type="t-role"),
    )
    plain = stack_factory(written, config={"veza:url": rotating.url, "veza:apiKey": NEW_KEY}).preview()
    warning = "warning: veza:apiKey is plain text in the stack's configuration"
    assert warning in plain
    assert "1 warning" in plain
    assert NEW_KEY not in plain
    secret = stack_factory(written, config={"veza:url": rotating.url}, secrets={"veza:apiKey": NEW_KEY}).preview()
    assert warning not in secret


@pytest.mark.slow
def test_an_outage_is_one_line_within_bounded_time_and_never_looks_like_a_deletion(
    stack_factory: StackFactory, rotating: Tenant
) -> None:
    stack = stack_factory(
        program(resource("AccessProfile", "team", name="Team", profile_type="t-role")),
        environment={**rotating.env(), "VEZA_MAX_RETRIES": "1"},
    )
    stack.up(skip_preview=True)
    rotating.stop()
    started = time.monotonic()
    refreshed = stack.refresh(skip_preview=True, check=False)
    assert time.monotonic() - started < 60
    assert refreshed.returncode != 0
    assert "listing the access profiles failed" in refreshed
    assert "Traceback" not in refreshed
    assert "team" in stack.resources()
    destroyed = stack.destroy(skip_preview=True, check=False)
    assert destroyed.returncode != 0
    assert "Traceback" not in destroyed
    assert "team" in stack.resources()


def test_missing_settings_are_one_line_that_says_how_to_give_them(stack: Stack) -> None:
    stack.write(program(resource("AccessProfile", "team", name="Team", profile_type="t-role")))
    preview = stack.preview(check=False)
    assert preview.returncode != 0
    assert "veza:url" in preview
    assert "VEZA_URL" in preview
    assert "Traceback" not in preview
