"""What the preview after an import says: nothing, or what could not be reproduced and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_veza.errors import UnusableFileError, one_line
from pulumi_veza.fields.protocol import HIDDEN
from pulumi_veza.reports.words import counted

_WORDS: Final = {
    "create": "is not in import.json",
    "delete": "is not in the program",
    "update": "differs",
    "replace": "would be replaced",
    "create-replacement": "would be replaced",
    "delete-replaced": "would be replaced",
}


@dataclass(frozen=True)
class Verification:
    """What a preview would change."""

    same: int
    """How many resources stay the same."""
    changes: tuple[str, ...]
    """A line for each resource that does not, and for each error."""

    @property
    def text(self) -> str:
        """The report."""
        if not self.changes:
            return f"Verified: imported and previewed, 0 changes, {counted(self.same, 'resource')} the same.\n"
        lines = [f"Not reproduced: {counted(len(self.changes), 'object')}.", *(f"  {each}" for each in self.changes)]
        return "\n".join(lines) + "\n"


def verification(text: str) -> Verification:
    """Parse ``pulumi preview --json``.

    Raises:
        UnusableFileError: it is no preview.

    """
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, Mapping):
        raise UnusableFileError(f"the preview of the import printed no JSON: {one_line(text) or 'nothing'}")
    changes = list(dict.fromkeys([*_errors(data), *_changes(data)]))
    return Verification(int((data.get("changeSummary") or {}).get("same") or 0), tuple(changes))


def _errors(data: Mapping[str, Any]) -> Iterator[str]:
    for each in data.get("diagnostics") or ():
        if each.get("severity") == "error":
            yield f"{_name(each.get('urn') or '')}{one_line(_reason(str(each.get('message'))), longest=500)}"


def _reason(message: str) -> str:
    """Return an error without the traceback of the program before it."""
    lines = [line for line in message.splitlines() if line.strip()]
    return lines[-1] if any(line.strip().startswith("Traceback (") for line in lines) else message


def _changes(data: Mapping[str, Any]) -> Iterator[str]:
    for each in data.get("steps") or ():
        urn, op = str(each.get("urn")), str(each.get("op"))
        if op == "same" or "::pulumi:" in urn:
            continue
        fields = _different(*(_inputs(each, state) for state in ("oldState", "newState")))
        where = f" in {', '.join(fields)}" if fields else ""
        yield f"{_name(urn)}{_WORDS.get(op, op)}{where}"


def _inputs(step: Mapping[str, Any], state: str) -> Mapping[str, Any]:
    found = step.get(state)
    return (found.get("inputs") if isinstance(found, Mapping) else None) or {}


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the arguments that differ, where there are both; the engine does not name those of a dynamic provider."""
    names = sorted(name for name in old.keys() | new.keys() if not name.startswith(HIDDEN))
    return [name for name in names if old.get(name) != new.get(name)] if old and new else []


def _name(urn: str) -> str:
    kind, _, name = urn.rpartition("::")
    return f"{kind.rpartition(':')[2]} {name!r}: " if name else ""
