"""Which types and profiles are exported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

BUILT_IN_TYPES: Final = frozenset({"Profile", "Profiles", "Business Role", "Business Roles"})
"""The types of every tenant. They are looked up, as nobody makes them."""


@dataclass(frozen=True)
class Selection:
    """What is exported; patterns as in file names (``*``, ``?``, ``[...]``), without a difference in case.

    An object is selected where every field that is not empty has a pattern that fits.
    """

    types: Sequence[str] = ()
    """Patterns of the names of types."""
    labels: Sequence[str] = ()
    integrations: Sequence[str] = ()
    names: Sequence[str] = ()
    """Patterns of the names of profiles."""
    members: bool = True
    """Whether the members are exported."""

    @property
    def everything(self) -> bool:
        """Whether every type and profile is selected."""
        return not (self.types or self.labels or self.integrations or self.names)

    def has_type(self, live: Mapping[str, Any]) -> bool:
        """Return whether a type is exported: where it is named, or nothing is; otherwise it is only looked up."""
        if live.get("name") in BUILT_IN_TYPES:
            return False
        return self.everything or (bool(self.types) and _fit([live.get("name")], self.types))

    def has_profile(self, live: Mapping[str, Any], type_name: str) -> bool:
        """Return whether a profile is exported."""
        return (
            _fit([type_name], self.types)
            and _fit(live.get("labels") or (), self.labels)
            and _fit(live.get("integrations") or (), self.integrations)
            and _fit([live.get("name")], self.names)
        )

    def words(self) -> str:
        """Return the options that select it."""
        options = (("type", self.types), ("label", self.labels), ("integration", self.integrations))
        return " ".join(f"--{option} {each}" for option, found in (*options, ("name", self.names)) for each in found)


def _fit(values: Iterable[object], patterns: Sequence[str]) -> bool:
    if not patterns:
        return True
    return any(fnmatchcase(str(v or "").casefold(), p.casefold()) for v in values for p in patterns)
