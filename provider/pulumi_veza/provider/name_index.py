"""An index of profiles by name, so that a search among thousands looks at a few."""

from __future__ import annotations

from collections import defaultdict

from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.rules.identity import caseless, name_keys


class NameIndex:
    """The ids of profiles by their type and by every key of their name, see `rules.identity.name_keys`."""

    def __init__(self) -> None:
        # A dictionary without values keeps the order in which the profiles became known.
        self._ids: defaultdict[tuple[str | None, str], dict[str, None]] = defaultdict(dict)

    def add(self, profile: JsonObject) -> None:
        """Add a profile."""
        for key in name_keys(profile):
            self._ids[profile.get("profile_type"), key][profile["id"]] = None

    def discard(self, profile: JsonObject) -> None:
        """Remove a profile, as it was added."""
        for key in name_keys(profile):
            self._ids[profile.get("profile_type"), key].pop(profile["id"], None)

    def find(self, profile_type: str, name: str) -> list[str]:
        """Return the ids of the profiles of a type that a name may mean; `rules.identity.named` decides."""
        return list(self._ids.get((profile_type, caseless(name)), ()))
