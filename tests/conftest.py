"""What holds for every test: no connection leaves this machine."""

from __future__ import annotations

import pytest
from pytest_socket import socket_allow_hosts

pytest_plugins = ["tests.support.tally"]

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
