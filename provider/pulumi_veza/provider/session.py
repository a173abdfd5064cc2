"""The session that one process shares: a client, a snapshot and the claims, created when the first call needs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Literal

from pulumi_veza.client import settings
from pulumi_veza.client.address import MOVED, TenantMove, tenant_move
from pulumi_veza.provider.claims import Claims
from pulumi_veza.provider.gathering import Gathering
from pulumi_veza.provider.plugin_memory import collect_seldom
from pulumi_veza.provider.plugin_threads_private import serve_at_once
from pulumi_veza.rules.tenant import ANNOUNCEMENT

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.provider.snapshot import Snapshot

Notify = Callable[[Literal["info", "warning"], str], None]


GIVE_UP_FOR = 60.0
"""Seconds for which a run sends no more requests to a tenant that could not be reached or that refused the key."""


def write_to_stderr(level: Literal["info", "warning"], text: str) -> None:
    """Print a line for the user on standard error, which the engine shows."""
    # One write, as the threads of the provider share the stream.
    sys.stderr.write(f"{level}: {text}\n")
    sys.stderr.flush()


class Session:
    """A client of one tenant with everything that a run caches of the tenant.

    All resources of a run share one session. It is never closed; its connections are closed when it is collected.

    Args:
        configured: The tenant, the API key and the limits.
        notify: Print a line for the user.
        move: The move of the tenant that the user has confirmed for this run.
        client: The client to use; one of these settings unless another is given.
        gathers: Whether lines that several resources would print wait for each other, to be one.

    """

    move: TenantMove | None
    """The move of the tenant that the user has confirmed for this run."""

    def __init__(
        self,
        configured: settings.Settings,
        notify: Notify = write_to_stderr,
        move: TenantMove | None = None,
        client: Client | None = None,
        *,
        gathers: bool = False,
    ) -> None:
        # Only here: a program imports the resources, and with them this module, but never opens a session.
        from pulumi_veza.client.client import Client  # noqa: PLC0415
        from pulumi_veza.client.transport import Transport  # noqa: PLC0415
        from pulumi_veza.provider.snapshot import Snapshot  # noqa: PLC0415

        self.settings = configured
        self.client: Client = client or Client(transport=Transport(configured, give_up_for=GIVE_UP_FOR))
        self.snapshot: Snapshot = Snapshot(self.client)
        self.claims = Claims()
        self.notify = notify
        self.gathering = Gathering(partial(notify, "info"), waits=gathers)
        self.move = move
        self.refused_tenant: str | None = None
        """The address of a resource that was refused, as it belongs to another tenant: nothing is created after it."""
        self.has_failed = False
        """Whether an operation of this run has failed."""
        self._failed: dict[str, str] = {}
        """By what tells an error from others, the first resource that it was raised for."""

    def first_to_fail(self, failure: str, resource: str) -> str:
        """Return the first resource of this run that ended with this error, which may be ``resource`` itself."""
        return self._failed.setdefault(failure, resource)

    def announce(self) -> None:
        """Print which tenant this run is about, what was confirmed of it, and what it leaves aside."""
        self.notify("info", f"{ANNOUNCEMENT}{self.settings.url}")
        if self.move and self.move.new == self.settings.url:
            self.notify("info", f"the tenant has moved from {self.move.old}, as {MOVED} says: the state is told so")
        if warning := self.settings.left_aside:
            self.notify("warning", warning)


_lock = Lock()
_config: Mapping[str, str] = {}
_current: Session | None = None
_current_environment: list[str | None] = []
"""The variables that the current session was opened with."""


def configure(config: Mapping[str, str]) -> None:
    """Set the stack's configuration; end the current session if it differs. Nothing is opened or validated."""
    global _config, _current  # a process is one run
    with _lock:
        if _current is None or dict(config) != _config:
            _config, _current = dict(config), None


def current() -> Session:
    """Return the session for the present configuration and environment; create and announce it where there is none.

    Raises:
        SettingsError: a setting is missing or cannot be used.

    """
    global _current, _current_environment
    with _lock:
        if _current is None or _environment() != _current_environment:
            opened = Session(settings.load(_config), move=tenant_move(), gathers=True)
            serve_at_once(opened.settings.parallelism)
            collect_seldom()
            opened.announce()
            _current, _current_environment = opened, _environment()
        return _current


def note_failure() -> None:
    """Record that an operation of this run has failed."""
    with _lock:
        if _current is not None:
            _current.has_failed = True


def has_failed() -> bool:
    """Return whether an operation of this run has failed so far; no session is opened for that."""
    with _lock:
        return _current is not None and _current.has_failed


def use(session: Session | None) -> None:
    """Set the current session until the configuration or the environment changes; ``None`` ends the current one."""
    global _current, _current_environment
    with _lock:
        _current, _current_environment = session, _environment()


def _environment() -> list[str | None]:
    return [os.environ.get(name) for name in (*(setting.env_name for setting in settings.SETTINGS), MOVED)]
