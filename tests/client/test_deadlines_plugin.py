"""Every operation ends, whatever the tenant does; measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pulumi_veza import AccessProfile
from tests.support.fixtures import Start
from tests.support.plugin import Json
from tests.support.plugin_helpers import CREATE, LIST, SLACK, create, inputs, refused, seed, sent
from tests.support.scripted_server import Handler, ScriptedServer
from tests.support.tenant import Tenant


@pytest.fixture(autouse=True)
def _seed(tenant: Tenant) -> None:
    seed(tenant, "Team")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took <= seconds + SLACK, f"{took:.1f} s"


FOR_EVER: dict[str, tuple[Json, dict[str, str], float]] = {
    "held": ({"hold": "before_commit"}, {"VEZA_TIMEOUT": "0.5", "VEZA_MAX_RETRIES": "1"}, 1.5),
    "slow": ({"delay": 30}, {"VEZA_TIMEOUT": "20", "VEZA_DEADLINE": "1"}, 1),
    "unavailable": ({"status": 503}, {"VEZA_DEADLINE": "2", "VEZA_MAX_RETRIES": "20"}, 2),
    "limited for 50 s": ({"status": 429, "retry_after": "50"}, {"VEZA_DEADLINE": "2"}, 0),
    "limited for an hour": ({"status": 429, "retry_after": "3600"}, {"VEZA_DEADLINE": "2"}, 2),
    "more without end": ({"endless": True}, {}, 1),
}


@pytest.mark.parametrize(("fault", "settings", "seconds"), FOR_EVER.values(), ids=FOR_EVER)
def test_a_list_that_never_comes_ends_in_time_with_an_error_and_nothing_is_taken_for_gone(
    fault: Json, settings: dict[str, str], seconds: float, start: Start, tenant: Tenant
) -> None:
    run = start({**tenant.env(), **settings})
    state = inputs(run, "Lost")
    held = tenant.fault(**LIST, **fault, count=None)
    with within(seconds):
        assert "listing the access profiles failed" in refused(run.read, AccessProfile, "p-lost", state)
    held.release(drop=True)


def test_a_create_that_is_never_answered_ends_in_time_and_is_sent_once(start: Start, tenant: Tenant) -> None:
    run = start({**tenant.env(), "VEZA_TIMEOUT": "1", "VEZA_DEADLINE": "2"})
    fault = tenant.fault(**CREATE, hold="before_commit", count=None)
    with within(2):
        said = refused(create, run, "Lost")
    assert "probably not created" in said
    assert sent(tenant, CREATE) == 1
    # It is carried out after all, later: the next run finds it.
    fault.release()
    fault.remove()
    assert create(start(tenant.env()), "Lost")[0] == tenant.profile("Lost")["id"]


def dripping(beginning: bytes, every: float) -> Callable[[Handler], None]:
    """Answer with the beginning, and then with a byte now and then, until the client has gone."""

    def step(handler: Handler) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(beginning)
            ends = time.monotonic() + 30
            while time.monotonic() < ends:
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(every)
        except OSError:
            pass  # The client has gone, as it should.

    return step


HALF_A_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Long: "
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize("beginning", [b"", HALF_A_HEAD, HEAD], ids=["status line", "headers", "body"])
def test_an_answer_that_drips_is_given_up_in_time(beginning: bytes, start: Start) -> None:
    server = ScriptedServer()
    try:
        server.script += [dripping(beginning, 0.1)] * 5
        environment = {"VEZA_URL": server.url, "VEZA_API_KEY": "a-key", "VEZA_TIMEOUT": "1", "VEZA_MAX_RETRIES": "1"}
        run = start(environment)
        state = inputs(run, "Lost")
        with within(3):
            assert "gave no answer" in refused(run.read, AccessProfile, "p-lost", state)
    finally:
        server.close()
