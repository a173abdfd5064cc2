"""What the tenant says of identities whose membership could not be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.lifecycle import Identity

MOST: Final = 20
"""Of how many failed identities of one set at most the identity is read: one request each."""

NO_IDENTITY: Final = "no such identity"
INACTIVE: Final = "inactive"


def with_identities(client: Client, failures: Mapping[str, str]) -> dict[str, str]:
    """Return the failures of members, by identity, each with what the tenant says of that identity.

    Behind the API's message stands that there is no such identity, or its name and that it is inactive. Nothing is
    added for an identity that cannot be read, nor beyond the first `MOST`; that is no failure of its own.
    """
    # Only here: a program imports the resources, and with them this module, but reads no identity.
    from pulumi_veza.client.identities import read_identities  # noqa: PLC0415

    found = read_identities(client, sorted(failures), most=MOST)
    known = {
        who: ", ".join(filter(None, [_name(who, each), INACTIVE if each.active is False else ""]))
        for who, each in found.known.items()
    }
    said = {**known, **dict.fromkeys(found.missing, NO_IDENTITY)}
    return {who: "; ".join(filter(None, [why, said.get(who)])) for who, why in failures.items()}


def _name(who: str, identity: Identity) -> str | None:
    return identity.entity_name if identity.entity_name != who else None
