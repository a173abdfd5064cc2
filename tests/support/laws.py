"""How a law is tried whose every example sends requests."""

from __future__ import annotations

from hypothesis import Phase, settings

# A smaller example would cost more requests than it explains.
with_requests = settings(derandomize=True, phases=[Phase.generate])
