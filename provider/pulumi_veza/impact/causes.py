"""Which resource's change it is that somebody gains or loses something by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pulumi_veza.access.comparison import AccessChange, Effect
from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.reasons import Reason

_ENDS = frozenset({Effect.LOST, Effect.MAYBE_LOST, Effect.UNGOVERNED})


class Causes:
    """Looks up the resource behind a row."""

    def __init__(self, everything: Sequence[Record], plan: Plan) -> None:
        self._before, self._after = plan.before, plan.after
        self._joined: dict[tuple[Ref, str], str] = {}
        self._left: dict[tuple[Ref, str], str] = {}
        for change in plan.sets:
            self._joined.update({(change.profile, who): change.urn for who in change.added})
            self._left.update({(change.profile, who): change.urn for who in (*change.removed, *change.maybe_removed)})
        self._of: defaultdict[Ref, dict[str, str]] = defaultdict(dict)
        for record in everything:
            ref = plan.refs.get(record.urn)
            if ref and record.kind and record.op not in {"same", "read"}:
                self._of[ref].setdefault(record.kind, record.urn)

    def of(self, row: AccessChange) -> str | None:
        """Name the resource by its URN; None where several come together, or nothing of the stack is behind it."""
        if row.identity_id is None:
            return self._content(row.path[0]) or self._resource(row.path[0], records.MEMBERS)
        moved = self._left if row.effect in _ENDS else self._joined
        found = moved.get((row.path[0], row.identity_id))
        if found is None and row.effect is Effect.UNKNOWN:
            found = self._left.get((row.path[0], row.identity_id))
        if found:
            return found
        if self._inactive_reason(self._before, row.path[0]) != self._inactive_reason(self._after, row.path[0]):
            return self._resource(row.path[0], records.PROFILE) or self._resource(row.path[0], records.VERSION)
        for ref in row.path:
            if self._changed(ref) and (urn := self._content(ref)):
                return urn
        return None

    def _changed(self, ref: Ref) -> bool:
        old, new = self._before.profiles.get(ref), self._after.profiles.get(ref)
        if old is None or new is None:
            return old is not new
        return (old.entitlements, old.inherits, old.unknown) != (new.entitlements, new.inherits, new.unknown)

    def _content(self, ref: Ref) -> str | None:
        return self._resource(ref, records.VERSION) or self._resource(ref, records.PROFILE)

    def _resource(self, ref: Ref, kind: str) -> str | None:
        if ref.startswith("urn:") and not self._of.get(ref):
            return str(ref)
        return self._of[ref].get(kind) if ref in self._of else None

    @staticmethod
    def _inactive_reason(organisation: Organisation, ref: Ref) -> Reason | None:
        profile = organisation.profiles.get(ref)
        return profile.inactive_reason if profile else None
