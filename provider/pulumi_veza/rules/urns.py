"""The URNs of resources, as the engine writes them."""

from __future__ import annotations

from typing import Final

OURS: Final = "pulumi-python:dynamic/veza:"
"""The beginning of the type of every resource of this provider."""


def urn(stack: str, parents: str, kind: str, name: str) -> str | None:
    """Return the URN of a resource of this provider; None where it is not known.

    Args:
        stack: The stack and the project, as ``dev::shop``; empty where they are unknown.
        parents: The types of its parents, as in its URN; empty for a child of the stack.
        kind: Its kind.
        name: Its name, behind that of its parent and a slash where it has one.

    """
    _, slash, own = name.partition("/") if parents else ("", "", name)
    # With another slash it is not known where the parent's name ends.
    if not (stack and own) or (parents and (not slash or "/" in own)):
        return None
    return f"urn:pulumi:{stack}::{f'{parents}$' if parents else ''}{OURS}{kind}::{own}"


def state_delete(urn_: str | None) -> str:
    """Return the command by which Pulumi forgets a resource and leaves what it manages."""
    if urn_ is None:
        return "`pulumi state delete` with the URN that `pulumi stack --show-urns` shows of it"
    quoted = urn_.replace("'", "'\\''")
    return f"`pulumi state delete '{quoted}'`"
