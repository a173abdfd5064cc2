"""What a process shares: one client, one snapshot, one registry of claims, made when the first call needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Literal

from pulumi_veza.client import settings
from pulumi_veza.provider.claims import Claims

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.provider.snapshot import Snapshot

Notify = Callable[[Literal["info", "warning"], str], None]


GIVE_UP_FOR = 60.0
"""Seconds for which a run asks a tenant nothing more that could not be reached, or that refused the key."""


def write_to_stderr(level: Literal["info", "warning"], text: str) -> None:
    """Tell the user something: the engine shows what a provider prints to standard error, a line at a time."""
    # One write, as the threads of the provider share the stream.
    sys.stderr.write(f"{level}: {text}\n")
    sys.stderr.flush()


class Session:
    """What the lifecycle of every resource of this process works with."""

    def __init__(self, configured: settings.Settings, notify: Notify = write_to_stderr) -> None:
        # Only here: a program imports the resources, and with them this module, but never opens a session.
        from pulumi_veza.client.client import Client  # noqa: PLC0415
        from pulumi_veza.client.transport import Transport  # noqa: PLC0415
        from pulumi_veza.provider.snapshot import Snapshot  # noqa: PLC0415

        self.settings = configured
        self.client: Client = Client(transport=Transport(configured, give_up_for=GIVE_UP_FOR))
        self.snapshot: Snapshot = Snapshot(self.client)
        self.claims = Claims()
        self.notify = notify


_lock = Lock()
_config: Mapping[str, str] = {}
_current: Session | None = None


def configure(config: Mapping[str, str]) -> None:
    """Take the stack's configuration; nothing is opened and nothing checked until a resource needs it."""
    global _config, _current  # the process is the scope: a run is one
    with _lock:
        if _current is None or dict(config) != _config:
            _config, _current = dict(config), None


def current() -> Session:
    """Give the process's session; raises SettingsError where the settings cannot be used."""
    global _current  # noqa: PLW0603
    with _lock:
        if _current is None:
            _current = Session(settings.load(_config))
        return _current
