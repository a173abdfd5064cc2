"""A day of an identity team: what everybody reads, from the first joiner to a team that is closed."""

from __future__ import annotations

from tests.day.running import live_through
from tests.day.steps import DAY
from tests.witness.recorder import Recorder, scenario


@scenario
def day(recorder: Recorder) -> None:
    """Make thirty changes of one stack, and read what the preview, impact and up say of each."""
    live_through(recorder, DAY)
