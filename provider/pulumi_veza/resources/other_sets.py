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
import json
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_veza.provider.claims import Owner
from pulumi_veza.provider.shell import parent_types
from pulumi_veza.rules.identity import excludes_others, manages_members

OTHERS_KEY: Final = "__others"
"""The key of the other sets in the inputs that a program sends; never in inputs or outputs of a state."""

STACK_KEY: Final = "__stack"
"""The key of the stack and the project in the inputs that a program sends, for messages; in no state either."""

KIND: Final = "MembershipSet"

_TURNS: Final = 25
"""How many turns of the event loop a set waits for the values of others once its own are known: values that come from
the same resource become known in the same few turns."""

_SMALL: Final = 100_000
"""Up to this many sets times listed identities (times sets, where they list fewer), every set of a program is told of
all others, and not only of those of its profile: a set that is pointed at another profile leaves people behind whom a
set of the old one may list. What all sets are told grows with this product."""


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
    exclusive: bool = False
    """Whether it lets nobody else be a member."""

    @cached_property
    def as_json(self) -> str:
        """The set as an element of the hidden input."""
        held = [*self.owner[1:], self.profile_id, self.version, self.identity_ids, self.manages, self.exclusive]
        return json.dumps(held)


def as_input(others: Iterable[OtherSet]) -> str | None:
    """Return the hidden input of a set that tells of others: JSON, as the SDK takes long to send a nested list."""
    elements = ",".join(each.as_json for each in others)
    return f"[{elements}]" if elements else None


def told(inputs: Mapping[str, Any]) -> Iterator[OtherSet]:
    """Yield the sets in the hidden input of another set."""
    for name, parent, profile_id, version, ids, *modes in json.loads(inputs.get(OTHERS_KEY) or "[]"):
        yield OtherSet(Owner(KIND, name, parent or ""), profile_id, str(version), tuple(ids), *modes)


@dataclass(eq=False)
class _Declared:
    """A set of a running program."""

    name: str
    parent: pulumi.Resource | None
    args: Mapping[str, Any]
    known: OtherSet | None = None
    secret: bool = False

    async def resolve(self) -> None:
        """Wait for the arguments."""
        profile_id, version, mode = [await _value(self.args.get(name)) for name in ("profile_id", "version", "mode")]
        ids, self.secret = await _texts(self.args.get("identity_ids"))
        if isinstance(profile_id, str):
            owner = Owner(KIND, self.name, await parent_types(self.parent) or "")
            selector, manages = str(version or "current").strip().lower(), manages_members({"mode": mode})
            listed = tuple(sorted(set(ids))) if manages else ()
            self.known = OtherSet(owner, profile_id, selector, listed, manages, excludes_others({"mode": mode}))


class _Program:
    """The sets of one run of a program."""

    def __init__(self) -> None:
        self._new: list[_Declared] = []
        self._tasks: dict[_Declared, asyncio.Task[None]] = {}
        self._pending = 0
        self._by_profile: defaultdict[str, list[_Declared]] = defaultdict(list)
        self._known: list[_Declared] = []
        """Every set whose arguments are known, in order where `_in_order` says so."""
        self._in_order = True
        self._listed = 0

    def add(self, declared: _Declared) -> None:
        """Add a set that the program has constructed."""
        self._new.append(declared)

    async def others_of(self, mine: _Declared) -> Sequence[_Declared]:
        """Return the sets that the provider is told of with ``mine``, in order."""
        while self._new:
            self._start(self._new.pop())
        await asyncio.wait([self._tasks[mine]])
        for _ in range(_TURNS):
            if not self._pending:
                break
            await asyncio.sleep(0)
        if len(self._tasks) * max(self._listed, len(self._tasks)) > _SMALL:
            same = self._by_profile[mine.known.profile_id] if mine.known else []
            return sorted((each for each in same if each is not mine), key=_order)
        if not self._in_order:
            self._known.sort(key=_order)
            self._in_order = True
        return [each for each in self._known if each is not mine]

    def _start(self, declared: _Declared) -> None:
        task = self._tasks[declared] = asyncio.ensure_future(declared.resolve())
        self._pending += 1

        def done(ended: asyncio.Task[None]) -> None:
            self._pending -= 1
            # An argument that fails fails the program by itself.
            if not ended.cancelled() and ended.exception() is None and declared.known:
                self._by_profile[declared.known.profile_id].append(declared)
                self._known.append(declared)
                self._in_order = False
                self._listed += len(declared.known.identity_ids)

        task.add_done_callback(done)


def _order(declared: _Declared) -> tuple[Any, ...]:
    known = declared.known
    return (known.owner, known.profile_id, known.version, known.identity_ids) if known else ()


_programs: WeakKeyDictionary[pulumi.Resource, _Program] = WeakKeyDictionary()
"""The running programs by their stack, one object for each run."""


def hidden_inputs(name: str, parent: pulumi.Resource | None, args: Mapping[str, Any]) -> dict[str, Any]:
    """Register a set of the running program and return its hidden inputs; none outside of a program."""
    others = _others_input(name, parent, args)
    if others is None:
        return {}
    return {OTHERS_KEY: others, STACK_KEY: f"{pulumi.get_stack()}::{pulumi.get_project()}"}


def _others_input(
    name: str, parent: pulumi.Resource | None, args: Mapping[str, Any]
) -> pulumi.Output[str | None] | None:
    """Register a set of the running program and return its hidden input; None outside of a program."""
    stack = pulumi.runtime.get_root_resource()
    if stack is None:
        return None
    program = _programs.setdefault(stack, _Program())
    mine = _Declared(name, parent, args)
    program.add(mine)
    others = asyncio.ensure_future(program.others_of(mine))

    async def value() -> str | None:
        return as_input(each.known for each in await others if each.known)

    async def known() -> bool:
        return True

    async def secret() -> bool:
        return any(each.secret for each in await others)

    return pulumi.Output(set(), value(), known(), secret())


async def _value(given: Any) -> Any:
    """Return the value of an argument, or None where it is not known or may be awaited only once."""
    if isinstance(given, pulumi.Output):
        # The value of an id that is not known yet is an empty text.
        return await given.future() if await given.is_known() else None
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
