"""What the engine refused or failed on, and what it did, from the JSON that it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.plan.engine_messages import PROGRAM_FAILED, cleaned

_UNHANDLED: Final = "Program failed with an unhandled exception"
_PROGRAM_EXITED: Final = "an unhandled error occurred: Program exited"
"""What the engine says of a program that failed, beside what the program itself says, or alone."""


def program_failure(printed: str) -> str | None:
    """Return why the program failed, which no refusal of the provider is, in one line; None where it did not fail."""
    if not any(_UNHANDLED in each or _PROGRAM_EXITED in each for each in _diagnostics(printed)):
        return None
    reason = refusals(printed)[0].removeprefix(PROGRAM_FAILED)
    return f"{PROGRAM_FAILED}{reason}"


def refusals(printed: str, errors: str = "") -> list[str]:
    """Return what a run that failed was refused for or failed on, a line each and each once.

    Args:
        printed: What it printed as JSON.
        errors: What it wrote to the standard error, which is used where the JSON names no error.

    """
    found = [text for each in _diagnostics(printed) if (text := cleaned(each))]
    if not found:
        found = [text for line in errors.splitlines() if (text := _line(line))]
    found = [each for each in found if not each.startswith(_PROGRAM_EXITED)] or found
    return list(dict.fromkeys(found)) or ["the engine failed and did not say why"]


def changes(printed: str) -> dict[str, int]:
    """Return how many resources a run changed, by operation."""
    for each in _values(printed):
        summary = each.get("changeSummary") or (each.get("summaryEvent") or {}).get("resourceChanges")
        if isinstance(summary, Mapping):
            return {str(op): int(count) for op, count in summary.items() if isinstance(count, int)}
    return {}


def _values(printed: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects that a run printed: one of a preview, one for each event of an update."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(printed):
        start = printed.find("{", place)
        if start < 0:
            return
        try:
            found, place = decoder.raw_decode(printed, start)
        except ValueError:
            place = start + 1
            continue
        if isinstance(found, Mapping):
            yield found


def _diagnostics(printed: str) -> Iterator[str]:
    for each in _values(printed):
        listed = each.get("diagnostics")
        event = each.get("diagnosticEvent")
        for diagnostic in (*(listed if isinstance(listed, list) else ()), event):
            if isinstance(diagnostic, Mapping) and diagnostic.get("severity") == "error":
                yield str(diagnostic.get("message") or "")


def _line(line: str) -> str:
    """Return what a line of the standard error says, or nothing where that is no error."""
    text = line.strip()
    return cleaned(text) if text.startswith("error:") else ""
