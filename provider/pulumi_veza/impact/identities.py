"""What the tenant says of the people in a document: their names, titles and departments, and who is inactive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from pulumi_veza.client.identities import IdentitiesRead, read_identities
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

MOST: Final = 1000
"""Of how many people at most the identities are read: one request each, several at a time."""

_PATIENCE: Final = 30
"""For how many seconds identities are read at most, where a setting limits how many requests a second has."""

Named = TypeVar("Named", Person, MemberImpact, RequestImpact)


def most_identities(client: Client) -> int:
    """Return of how many people the identities are read, with one request each."""
    rate = client.requests_per_second
    return MOST if rate is None else max(1, min(MOST, int(rate * _PATIENCE)))


def with_identities(document: Document, client: Client, known: IdentitiesRead | None = None) -> Document:
    """Return the document with what the tenant says of its people: those without a name first, losses before gains.

    An identity that cannot be read is left out; ``identities_unread`` counts those of whom nothing is known.

    Args:
        document: The document.
        client: A client of the tenant.
        known: The identities that have been read already.

    """
    known = known or IdentitiesRead()
    people = list(dict.fromkeys(_people(document)))
    nameless = {each.id for each in _everybody(document) if not each.name}
    unread = [who for who in people if who not in known.known and who not in known.missing]
    most = most_identities(client) - len(known.known) - len(known.missing)
    read = read_identities(client, sorted(unread, key=lambda who: who not in nameless), most=max(0, most))
    found = IdentitiesRead({**known.known, **read.known}, known.missing | read.missing)
    everybody = set(people)
    details = {
        who: IdentityDetails(
            name=each.entity_name if each.entity_name != who and visible_part(each.entity_name or "") else None,
            title=each.title or None,
            department=each.department or None,
            email=each.email or None,
            active=each.active,
        )
        for who, each in sorted(found.known.items())
        if who in everybody
    }
    return document.model_copy(
        update={
            "identities": details,
            "identities_unread": sum(who not in found.known and who not in found.missing for who in people),
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


def _everybody(document: Document) -> Iterator[Person | MemberImpact]:
    yield from document.people
    for profile in document.profiles:
        yield from (*profile.leaving, *profile.joining)


def _with_names(profile: ProfileImpact, details: Mapping[str, IdentityDetails]) -> ProfileImpact:
    joining, leaving = ([_named(each, each.id, details) for each in who] for who in (profile.joining, profile.leaving))
    return profile.model_copy(update={"joining": joining, "leaving": leaving})


def _named(person: Named, identity_id: str, details: Mapping[str, IdentityDetails]) -> Named:
    """Return a person with the name of the identity, where there is none yet."""
    found = details.get(identity_id)
    return person if person.name or found is None else person.model_copy(update={"name": found.name})
