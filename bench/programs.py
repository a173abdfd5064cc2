"""What is measured: a program, with which providers, through which operations, under which load."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

JOINERS = 10
"""How many join where a set is what changes."""

ENGINE_PARALLEL = 32
"""The engine's own limit of operations at a time, where the plugin's is what is measured."""


@dataclass(frozen=True)
class Variant:
    """A module whose resources the program declares."""

    title: str
    module: str


OURS = Variant("ours", "pulumi_veza")
INPUTS_FLOOR = Variant("inputs floor", "bench.floors.inputs")
OUTPUTS_FLOOR = Variant("outputs floor", "bench.floors.outputs")
FLOORS = (INPUTS_FLOOR, OUTPUTS_FLOOR)
VARIANTS = (OURS, *FLOORS)


@dataclass(frozen=True)
class Operation:
    """One command of the CLI in the life of a stack."""

    title: str
    command: tuple[str, ...]
    one_changed: bool = False
    """Whether the program differs from what was deployed first: in one profile, or by joiners in one set."""


_APPLIED = ("--yes", "--skip-preview")
_UNCHANGED = "--expect-no-changes"

OPERATIONS = (
    Operation("preview of new", ("preview",)),
    Operation("first up", ("up", *_APPLIED)),
    Operation("unchanged preview", ("preview", _UNCHANGED)),
    Operation("unchanged up", ("up", *_APPLIED, _UNCHANGED)),
    Operation("refresh", ("refresh", *_APPLIED, _UNCHANGED)),
    Operation("one change", ("up", *_APPLIED), one_changed=True),
    Operation("destroy", ("destroy", *_APPLIED), one_changed=True),
)
"""In the order in which a stack goes through them."""


@dataclass(frozen=True)
class Load:
    """How large the organisation is, how far away its tenant, and how the engine is run."""

    profiles: int
    members: int = 0
    """Of the set that each profile has; without any there are no sets."""
    delay: int = 0
    """Milliseconds that the tenant waits before it answers a request."""
    parallelism: int | None = None
    """Operations at a time in the plugin; the provider's default where None."""
    checkpoints: bool = False
    """Whether the engine writes the state after every step, as it does by default."""

    @property
    def title(self) -> str:
        """Return it in words."""
        said = [f"{self.profiles:,} {'profile' if self.profiles == 1 else 'profiles'}"]
        if self.members:
            said.append(f"a set of {self.members:,} {'member' if self.members == 1 else 'members'} each")
        if self.delay:
            said.append(f"{self.delay} ms per request")
        if self.parallelism:
            said.append(f"{self.parallelism} at a time")
        if self.checkpoints:
            said.append("ordinary checkpoints")
        return ", ".join(said)


def identities(load: Load) -> list[str]:
    """List whom the program names, the joiners last."""
    return [f"id-{number:06d}" for number in range(load.members + JOINERS)] if load.members else []


def program(variant: Variant, load: Load, *, one_changed: bool = False) -> str:
    """Return the program: the same for every variant but for the module that it imports."""
    middle = load.profiles // 2 if one_changed else None
    text = f"""
        import {variant.module} as veza

        role = veza.AccessProfileType("role", name="Role")
        for number in range({load.profiles}):
            changed = number == {middle}
            labels = ["all", "changed" if changed and not {load.members} else "more"]
            profile = veza.AccessProfile(
                f"profile-{{number}}", name=f"Profile {{number}}", profile_type=role.id, labels=labels
            )
    """
    if load.members:
        text += f"""
            members = [f"id-{{member:06d}}" for member in range({load.members} + ({JOINERS} if changed else 0))]
            veza.MembershipSet(f"members-{{number}}", profile_id=profile.id, identity_ids=members)
    """
    return textwrap.dedent(text)
