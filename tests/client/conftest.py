"""A scripted server, and clients of it that do not really wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from pulumi_veza.client.client import Client
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport
from tests.support.scripted_server import ScriptedServer

API_KEY = "a-key/that+must=never&be'shown"


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with closing(ScriptedServer()) as server:
        yield server


@pytest.fixture
def connect(server: ScriptedServer, time: Time) -> Iterator[Callable[..., Transport]]:
    """Make transports to the scripted server, with any settings."""
    with ExitStack() as opened:

        def make(*, give_up_for: float = 0.0, observe: Any = None, **settings: Any) -> Transport:
            given = {"url": server.url, "api_key": API_KEY, **settings}
            transport = Transport(
                Settings(**given), give_up_for=give_up_for, sleep=time.sleep, clock=time.clock, observe=observe
            )
            opened.callback(transport.close)
            return transport

        yield make


@pytest.fixture
def veza(connect: Callable[..., Transport]) -> Client:
    """Make a client of the scripted server."""
    return Client(transport=connect())
