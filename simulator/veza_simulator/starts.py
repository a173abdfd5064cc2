"""The approval that a profile needs before it runs, where a switch asks for one."""

from __future__ import annotations

from veza_simulator.quirks import Quirks
from veza_simulator.store import Document

_NOT_STARTED = {"state": "PENDING", "started_at": None, "started_by": ""}


def await_approval_at_creation(profile: Document, quirks: Quirks) -> None:
    """Make a new profile that is to run wait for its approval."""
    if quirks.approval_to_start_at_creation and profile["state"] == "RUNNING":
        profile |= _NOT_STARTED


def await_approval(before: Document, changed: Document, quirks: Quirks) -> None:
    """Make a changed profile wait for its approval: one that is to run, or that runs and has come to need one."""
    if changed["state"] != "RUNNING":
        return
    asked = changed["require_approval_to_start"] and quirks.approval_to_start
    newly_asked = asked and not before["require_approval_to_start"]
    still_waits = quirks.approval_to_start_at_creation and before["state"] == "PENDING"
    if newly_asked or still_waits or (asked and before["state"] != "RUNNING"):
        changed |= _NOT_STARTED
