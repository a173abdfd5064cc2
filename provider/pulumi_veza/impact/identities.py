"""What the tenant says of the people in a document: their names, titles and departments, and who is inactive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from pulumi_veza.client.identities import read_identities
from pulumi_veza.fields.spelling import visible_part
from pulumi_veza.impact.document import (
    GAINS,
    LOSSES,
    Document,
    IdentityDetails,
    MemberImpact,
    Person,
    ProfileImpact,
    RequestImpact,
)

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client

MOST: Final = 200
"""Of how many people at most the identities are read: one request each."""

Named = TypeVar("Named", Person, MemberImpact, RequestImpact)


def with_identities(document: Document, client: Client) -> Document:
    """Return the document with what the tenant says of its people, of `MOST` at most: those who lose access first.

    An identity that cannot be read is left out; ``identities_unread`` counts those of whom nothing is known.
    """
    people = list(dict.fromkeys(_people(document)))
    found = read_identities(client, people, most=MOST)
    details = {
        who: IdentityDetails(
            name=each.entity_name if each.entity_name != who and visible_part(each.entity_name or "") else None,
            title=each.title or None,
            department=each.department or None,
            active=each.active,
        )
        for who, each in sorted(found.known.items())
    }
    return document.model_copy(
        update={
            "identities": details,
            "identities_unread": len(people) - len(found.known) - len(found.missing),
            "people": [_named(each, each.id, details) for each in document.people],
            "profiles": [_with_names(each, details) for each in document.profiles],
            "requests": [_named(each, each.identity_id, details) for each in document.requests],
        }
    )


def _people(document: Document) -> Iterator[str]:
    """Yield the ids of the people in the order in which they matter; some more than once."""
    for effects in (LOSSES, GAINS):
        yield from (each.id for each in document.people if any(row.effect in effects for row in each.rows))
    yield from (each.id for each in document.people)
    yield from (who.id for each in document.profiles for who in (*each.leaving, *each.joining))
    yield from (each.identity_id for each in document.requests)


def _with_names(profile: ProfileImpact, details: Mapping[str, IdentityDetails]) -> ProfileImpact:
    joining, leaving = ([_named(each, each.id, details) for each in who] for who in (profile.joining, profile.leaving))
    return profile.model_copy(update={"joining": joining, "leaving": leaving})


def _named(person: Named, identity_id: str, details: Mapping[str, IdentityDetails]) -> Named:
    """Return a person with the name of the identity, where there is none yet."""
    found = details.get(identity_id)
    return person if person.name or found is None else person.model_copy(update={"name": found.name})
