"""All changes of a program: each says in words what it did."""

from __future__ import annotations

from random import Random

from tests.support.generation.member_edits import (
    change_members,
    change_mode,
    change_options,
    change_selector,
    move_members,
    move_set,
    new_set,
    remove_part,
    split_set,
)
from tests.support.generation.profile_edits import (
    bring_back,
    change_content,
    change_profile,
    change_type,
    move_profile,
    new_profile,
    new_type,
    remove_profile,
    remove_type,
    rename_profile,
    rename_resource,
    split_content,
    swap_names,
)
from tests.support.generation.programs import Program
from tests.support.generation.rules import CONFIRMED, Edit, Edited, Rules

EDITS: dict[Edit, int] = {
    new_type: 1,
    change_type: 2,
    remove_type: 1,
    new_profile: 5,
    change_profile: 4,
    rename_profile: 2,
    swap_names: 1,
    move_profile: 2,
    remove_profile: 2,
    bring_back: 4,
    rename_resource: 4,
    change_content: 4,
    split_content: 3,
    new_set: 3,
    change_members: 5,
    move_members: 4,
    move_set: 2,
    split_set: 3,
    change_mode: 3,
    change_selector: 2,
    change_options: 2,
    remove_part: 3,
}


def edited(program: Program, rng: Random, rules: Rules) -> Edited:
    """Make one edit."""
    while True:
        edit = rng.choices(list(EDITS), list(EDITS.values()))[0]
        done = edit(program, rng, rules)
        if done:
            return done if isinstance(done, Edited) else Edited(done)


def relax(program: Program, drafts: dict[str, int], currents: dict[str, int]) -> None:
    """Change only options, as a user who has read the refusals does: confirm removals, take over, name what exists.

    ``drafts`` and ``currents`` give the version numbers of the profiles by name.
    """
    for each in program.declared.values():
        if each.kind == "MembershipSet":
            each.arguments |= CONFIRMED
            each.arguments.pop("max_removals", None)
        elif each.kind != "AccessProfileType":
            each.arguments["adopt"] = "always"
        selector = each.arguments.get("version", "current")
        if selector == "current":
            continue
        name = program.name_of(each.profile)
        if (selector == "draft" and not drafts.get(name)) or (selector != "draft" and selector > currents.get(name, 1)):
            each.arguments["version"] = "current"
