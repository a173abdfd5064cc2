"""The simulator on a socket."""

from __future__ import annotations

import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from veza_simulator.app import Simulator
from veza_simulator.connection import BreakableProtocol
from veza_simulator.keys import Tokens
from veza_simulator.like import TenantBehaviour, applied
from veza_simulator.seeding import Seed, seed

SECONDS_TO_STOP = 2

_PORT = "port"
"""The key of the port among the settings of a tenant."""


class _AnnouncingServer(uvicorn.Server):
    """Calls ``announce`` when connections are accepted, and lets held calls go when it stops."""

    def __init__(self, config: uvicorn.Config, simulator: Simulator, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._simulator = simulator
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._simulator.faults.clear()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address (port 0 is a free one); raise ``OSError`` where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def kept_port(database: Path) -> int | None:
    """Return the port on which the tenant in a file was served last, or None where there is none."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            row = opened.execute("SELECT value FROM meta WHERE key = ?", (_PORT,)).fetchone()
    except sqlite3.Error:
        # What is wrong with the file is said by who opens it to serve it.
        return None
    return int(row[0]) if row else None


class TenantInUseError(Exception):
    """Another simulator serves the tenant of a file."""


@contextmanager
def alone(database: Path | None) -> Iterator[None]:
    """Keep other simulators from the tenant in a file: what two of them do to one would contradict itself.

    Raises:
        TenantInUseError: another one serves it.
        sqlite3.OperationalError: nothing can be written beside it, as SQLite would have to.

    """
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and keeps nobody away
    except ModuleNotFoundError:
        database = None
    if database is None:
        yield
        return
    # SQLite has locks of its own in its file, which closing that file here would drop.
    beside = database.with_name(f"{database.name}.lock")
    try:
        opened = beside.open("w")
    except OSError as error:
        raise sqlite3.OperationalError(f"{beside.name} cannot be written ({error.strerror})") from None
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TenantInUseError from None
        try:
            yield
        finally:
            beside.unlink(missing_ok=True)


def serve(
    bound: socket.socket,
    tokens: Tokens,
    *,
    database: Path | None = None,
    holding: Seed | None = None,
    behaviour: TenantBehaviour | None = None,
    announce: Callable[[], None],
) -> None:
    """Serve until interrupted (Ctrl-C) or terminated.

    ``holding`` fills a tenant that is empty, and ``behaviour`` sets the switches that it says.

    Raises:
        RefusedRequestError: what it is to hold contradicts itself.

    """
    simulator = Simulator(tokens, database)
    simulator.tenant.store.keep_setting(_PORT, str(bound.getsockname()[1]))
    if holding is not None and simulator.tenant.store.is_empty():
        seed(simulator.tenant, holding)
    if behaviour:
        simulator.tenant.quirks = applied(behaviour, simulator.tenant.quirks)
    config = uvicorn.Config(
        simulator,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
    )
    # Uvicorn raises the signal again after its own graceful end.
    signal.signal(signal.SIGTERM, _exit)
    try:
        _AnnouncingServer(config, simulator, announce).run([bound])
    except KeyboardInterrupt:
        return
    finally:
        simulator.tenant.store.close()


def _exit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's arguments
    sys.exit(0)
