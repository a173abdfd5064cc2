"""What holds for every test: no connection leaves this machine, and nothing depends on how the tests were started."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

pytest_plugins = ["tests.support.fixtures"]

# A shell starts what is to run in the background with SIGINT ignored, and every process that a test starts inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The test runner gives its workers the width of its own terminal; what a test prints must not depend on that.
os.environ.pop("COLUMNS", None)

settings.register_profile(
    "tests",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
settings.load_profile("tests")

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
