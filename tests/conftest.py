"""What holds for every test: no connection leaves this machine, and Ctrl-C reaches what it starts."""

from __future__ import annotations

import signal

import pytest
from pytest_socket import socket_allow_hosts

pytest_plugins = ["tests.support.tally"]

# A shell starts what is to run in the background with SIGINT ignored, and every process that a test starts inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
