"""The people of a document by name."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_veza.impact.document import Document


class PersonNames:
    """The names of a document's people."""

    def __init__(self, document: Document) -> None:
        self._names = {who: name for who, name in _named(document) if name}

    def __getitem__(self, identity_id: str) -> str:
        """Return the name with the id behind it, or the id alone."""
        name = self.get(identity_id)
        return f"{name} ({identity_id})" if name else identity_id

    def get(self, identity_id: str) -> str | None:
        """Return the name, or None where there is none."""
        return self._names.get(identity_id)


def _named(document: Document) -> Iterator[tuple[str, str | None]]:
    yield from ((who, details.name) for who, details in document.identities.items())
    yield from ((each.identity_id, each.name) for each in document.requests)
    for profile in document.profiles:
        yield from ((each.id, each.name) for each in (*profile.joining, *profile.leaving))
    yield from ((each.id, each.name) for each in document.people)
