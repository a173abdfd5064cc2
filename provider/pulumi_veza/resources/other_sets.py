"""What a membership set of a program knows of the program's other sets, before the engine knows them.

The engine registers resources in a random order, and its preview judges one before it has seen the next. Whether a
member who leaves one set is listed by another must not depend on that. So every set tells the provider, by a hidden
input, which other sets the program has constructed so far and whom they list; check takes the input out again, so that
no state contains it.

Only values that are known without waiting for another resource are told: waiting could make two sets wait for each
other. A set that is constructed inside ``apply`` is constructed too late to be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_veza.provider.claims import Owner
from pulumi_veza.provider.shell import parent_types
from pulumi_veza.rules.identity import manages_members

OTHERS_KEY: Final = "__others"
"""The key of the other sets in the inputs that a program sends; never in inputs or outputs of a state."""

KIND: Final = "MembershipSet"

_TURNS: Final = 25
"""How many turns of the event loop a set waits for the values of others once its own are known: values that come from
the same resource become known in the same few turns."""

_WHOLE: Final = 2000
"""Up to this many listed identities in a program, every set is told of all others, and not only of those of its
profile: a set that is pointed at another profile leaves people behind whom a set of the old one may list."""


@dataclass(frozen=True)
class OtherSet:
    """A membership set of the program."""

    owner: Owner
    profile_id: str
    version: str
    identity_ids: tuple[str, ...]
    """The identities that it lists, as far as they are known; none for an audit."""
    manages: bool = True
    """Whether it adds and removes members, as an audit does not."""


def told(inputs: Mapping[str, Any]) -> Iterator[OtherSet]:
    """Yield the sets in the hidden input of another set."""
    for name, parent, profile_id, version, ids, manages in inputs.get(OTHERS_KEY) or ():
        yield OtherSet(Owner(KIND, name, parent or ""), profile_id, str(version), tuple(ids), manages)


@dataclass(eq=False)
class _Declared:
    """A set of a running program."""

    name: str
    parent: pulumi.Resource | None
    args: Mapping[str, Any]
    known: OtherSet | None = None
    secret: bool = False
    task: asyncio.Task[None] | None = None

    def resolve(self) -> asyncio.Task[None]:
        """Start to wait for the arguments, once."""
        if self.task is None:
            self.task = asyncio.ensure_future(self._resolve())
            # An argument that fails fails the program by itself.
            self.task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self.task

    async def _resolve(self) -> None:
        profile_id, version, mode = [await _value(self.args.get(name)) for name in ("profile_id", "version", "mode")]
        ids, self.secret = await _texts(self.args.get("identity_ids"))
        if isinstance(profile_id, str):
            owner = Owner(KIND, self.name, await parent_types(self.parent) or "")
            selector, manages = str(version or "current").strip().lower(), manages_members({"mode": mode})
            self.known = OtherSet(owner, profile_id, selector, tuple(sorted(set(ids))) if manages else (), manages)


@dataclass(eq=False)
class _Program:
    """The sets of one run of a program."""

    sets: list[_Declared] = field(default_factory=list)

    async def others_of(self, mine: _Declared) -> Sequence[_Declared]:
        """Return the sets that the provider is told of with ``mine``."""
        for each in self.sets:
            each.resolve()
        await asyncio.wait([mine.resolve()])
        for _ in range(_TURNS):
            if all(each.task and each.task.done() for each in self.sets):
                break
            await asyncio.sleep(0)
        known = [each for each in self.sets if each.known and each is not mine]
        if sum(len(each.known.identity_ids) for each in known if each.known) > _WHOLE:
            where = mine.known.profile_id if mine.known else None
            known = [each for each in known if each.known and each.known.profile_id == where]
        return known


_programs: WeakKeyDictionary[pulumi.Resource, _Program] = WeakKeyDictionary()
"""The running programs by their stack, one object for each run."""


def others_input(
    name: str, parent: pulumi.Resource | None, args: Mapping[str, Any]
) -> pulumi.Output[list[list[Any]] | None] | None:
    """Register a set of the running program and return its hidden input; None outside of a program."""
    stack = pulumi.runtime.get_root_resource()
    if stack is None:
        return None
    program = _programs.setdefault(stack, _Program())
    mine = _Declared(name, parent, args)
    program.sets.append(mine)
    others = asyncio.ensure_future(program.others_of(mine))

    async def value() -> list[list[Any]] | None:
        found = [each.known for each in await others if each.known]
        return [
            [*each.owner[1:], each.profile_id, each.version, list(each.identity_ids), each.manages] for each in found
        ] or None

    async def known() -> bool:
        return True

    async def secret() -> bool:
        return any(each.secret for each in await others)

    return pulumi.Output(set(), value(), known(), secret())


async def _value(given: Any) -> Any:
    """Return the value of an argument, or None where it is not known or may be awaited only once."""
    if isinstance(given, pulumi.Output):
        return await given.future()
    return None if isinstance(given, Awaitable) else given


async def _texts(given: Any) -> tuple[list[str], bool]:
    """Return the known texts in a list, and whether any of them is secret."""
    secret = isinstance(given, pulumi.Output) and await given.is_secret()
    if isinstance(given, pulumi.Output):
        given = await given.future(with_unknowns=True)
    found = []
    for each in given if isinstance(given, (list, tuple, set, frozenset)) else ():
        secret = secret or (isinstance(each, pulumi.Output) and await each.is_secret())
        value = await _value(each)
        if isinstance(value, str):
            found.append(value)
    return found, secret
