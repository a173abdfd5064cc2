"""Content that moves from a profile to a version of the same program, and back, without a gap.

The engine updates the profile before it has shown the version, so the profile cannot know by then that its content is
managed elsewhere, and would empty it. So a program tells the profile, by a hidden input, which versions of it are
constructed and which fields they write; check takes the input out again, so that no state contains it.

A version is recognised by a ``profile_id`` that is the profile's own ``id`` output. One whose ``profile_id`` is
computed from it, or that is constructed inside ``apply``, is not: then the profile empties its content first, and says
so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Iterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_veza.provider.hidden_inputs import Later
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT, writes_content

VERSIONS_KEY: Final = "__versions"
"""The key of a profile's versions in the inputs that a program sends; never in inputs or outputs of a state."""

_versions: WeakKeyDictionary[pulumi.Resource, defaultdict[int, list[Mapping[str, Any]]]] = WeakKeyDictionary()
"""By stack, for each running program, the arguments of its versions by the identity of the object ``profile_id``."""


def register_version(args: Mapping[str, Any]) -> None:
    """Record a version that the running program declares."""
    if stack := pulumi.runtime.get_root_resource():
        _versions.setdefault(stack, defaultdict(list))[id(args.get("profile_id"))].append(args)


def versions_input(profile: pulumi.CustomResource, args: Mapping[str, Any]) -> dict[str, Awaitable[Any]]:
    """Return the hidden input of a profile of the running program; empty where it writes its content itself."""
    stack = pulumi.runtime.get_root_resource()
    if stack is None or writes_content(args):
        return {}

    async def value() -> list[list[Any]] | None:
        # Awaited when the profile is registered, when the top level of the program has run.
        return [list(each) for each in _versions_of(profile, _versions.get(stack) or {})] or None

    return {VERSIONS_KEY: Later(value)}


def _versions_of(
    profile: pulumi.CustomResource, declared: Mapping[int, list[Mapping[str, Any]]]
) -> Iterator[tuple[str, list[str]]]:
    # A resource whose arguments were refused has no id, if its program goes on all the same.
    for of in (profile, getattr(profile, "id", None)):
        for args in declared.get(id(of), ()):
            selector = args.get("version") or CURRENT
            if isinstance(selector, (str, int)):
                yield str(selector).strip().lower(), sorted(name for name, each in args.items() if each is not None)


def learn(op: Operation, inputs: Mapping[str, Any]) -> None:
    """Record what the program tells of the versions of a profile."""
    for selector, written in inputs.get(VERSIONS_KEY) or ():
        for name in written:
            op.session.claims.claim(("moved", op.owner, selector, name), op.owner)


def left(op: Operation) -> frozenset[str]:
    """Return the changed fields that the profile no longer writes and a version of it does: they are left to that."""
    number, claims = op.olds.get("current_version_number"), op.session.claims

    def moved(name: str) -> bool:
        things = [("moved", op.owner, selector, name) for selector in (CURRENT, str(number))]
        return op.args.get(name) is None and any(claims.holder(thing) for thing in things)

    return frozenset(filter(moved, op.changed))


def announce(op: Operation) -> None:
    """Print what happens to the content of a profile that no longer writes it."""
    gone = [name for name in CONTENT_LISTS if op.olds.get(name) and name not in op.args]
    if not gone or any(name in op.args for name in CONTENT_LISTS):
        return
    if left(op).issuperset(gone):
        op.info("its content stays as it is: an AccessProfileVersion of this program manages it now")
    else:
        op.warn(
            "its content is taken out, as entitlements and inherits_from are no longer written here; an "
            "AccessProfileVersion that is to hold it writes it again in the same run, with a gap in between"
        )
