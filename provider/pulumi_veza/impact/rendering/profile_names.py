"""The profiles of a document by name."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_veza.impact.document import Document


class ProfileNames:
    """The names of a document's profiles."""

    def __init__(self, document: Document) -> None:
        self._names = {profile.ref: profile.name for profile in document.profiles}

    def __getitem__(self, ref: str) -> str:
        return self._names.get(ref, ref)

    def path(self, refs: Iterable[str]) -> tuple[str, ...]:
        """Return the names along a path."""
        return tuple(self[ref] for ref in refs)
