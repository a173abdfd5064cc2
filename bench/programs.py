"""What is measured: which program, with which providers, through which operations."""

from __future__ import annotations

from dataclasses import dataclass


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
    """Whether the program differs in one profile from what was deployed first."""


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


def program(variant: Variant, profiles: int, *, one_changed: bool = False) -> str:
    """Return the program: the same for every variant but for the module that it imports."""
    changed = profiles // 2 if one_changed else None
    return f"""
        import {variant.module} as veza

        role = veza.AccessProfileType("role", name="Role")
        for number in range({profiles}):
            labels = ["all", "changed" if number == {changed} else "more"]
            veza.AccessProfile(f"profile-{{number}}", name=f"Profile {{number}}", profile_type=role.id, labels=labels)
    """
