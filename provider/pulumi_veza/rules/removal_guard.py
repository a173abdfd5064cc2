"""The guard on removals: how many members one change may take away, and how a bigger change is confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_veza.reports.words import listed


def confirmation(profile_id: str, removed: Iterable[str]) -> str:
    """Give the value of ``allow_removals`` that confirms the removal of exactly these members, and of no others."""
    ids = sorted(removed)
    digest = hashlib.sha256("\0".join([profile_id, *ids]).encode()).hexdigest()
    return f"{len(ids)}-{digest[:10]}"


@dataclass(frozen=True)
class Removal:
    """A removal that is about to happen."""

    profile_id: str
    removed: frozenset[str]
    total: int
    """Of how many members."""
    empties: bool
    """Whether nobody would be left."""

    def excess(self, options: Mapping[str, Any]) -> str | None:
        """Say which limit it is above, if any."""
        count, percent, most = len(self.removed), options["max_removal_percent"], options.get("max_removals")
        if count and self.empties and not options["allow_emptying"]:
            return "nobody would be left (allow_emptying is False)"
        if most is not None and count > most:
            return f"max_removals is {most}"
        if count * 100 > percent * self.total:
            return f"max_removal_percent is {percent}"
        return None

    def refusal(self, options: Mapping[str, Any], planned: Removal | None = None) -> str | None:
        """Say why it is refused, or None where it is within the limits or confirmed.

        ``planned`` is what the preview knew, where the tenant now shows a different removal: a value that confirms this
        one must confirm that one as well, or the next preview would stop. What is left of a confirmed removal, after
        an interruption, is confirmed with it.
        """
        limit = self.excess(options)
        exact = confirmation(self.profile_id, self.removed)
        confirmed = str(options.get("allow_removals") or "").split("+")
        if limit is None or exact in confirmed:
            return None
        if planned and self.removed < planned.removed and confirmation(self.profile_id, planned.removed) in confirmed:
            return None
        if planned and planned.excess(options) and planned.removed != self.removed:
            exact = f"{confirmation(planned.profile_id, planned.removed)}+{exact}"
        return (
            f"would remove {len(self.removed)} of {self.total} members ({listed(self.removed)}), and {limit}; if all "
            f'of them are to lose access, confirm this one change with allow_removals="{exact}", or raise the limit'
        )
