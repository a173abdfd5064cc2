"""Changes of membership sets, as a developer makes them in a program."""

# ruff: noqa: ARG001  (every edit takes the same arguments)

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from tests.support.generation.programs import Declared, Program, Ref
from tests.support.generation.rules import FOREIGN_PROFILE, Rules


def new_set(program: Program, rng: Random, rules: Rules) -> str | None:
    profiles = [*rules.foreign_profiles(rng), *(Ref(each.key) for each in program.profiles)]
    if not profiles:
        return None
    profile = rng.choice(profiles)
    if len(program.sets) >= 6 or not _may_have(program, rules, profile, "additive"):
        return None
    words = add_set(program, rng, rules, profile)
    made = program.sets[-1]
    if rules.selectors and profile != FOREIGN_PROFILE and rng.random() < 0.4:
        made.arguments["version"] = rng.choice(rules.selectors)
        words += f", version {made.arguments['version']}"
    return words


def add_set(program: Program, rng: Random, rules: Rules, profile: Any) -> str:
    listed, mode = rules.some_people(rng, 5), rng.choice(rules.modes_of_new_sets)
    options = rules.of_sets
    if mode != "additive" and _may_have(program, rules, profile, mode):
        options["mode"] = mode
    if rules.letting_go and rng.random() < 0.3:
        options["on_destroy"] = "retain"
    made = program.add("MembershipSet", "team", profile_id=profile, identity_ids=listed, **options)
    return f"add {options.get('mode', 'additive')} set {made.key} of {program.name_of(profile)!r}: {_ids(listed)}"


def _may_have(program: Program, rules: Rules, profile: Any, mode: str, *, of: Declared | None = None) -> bool:
    """Return whether a set of this mode, ``of`` or a new one, may stand beside the other sets of the profile."""
    modes = [each.arguments.get("mode") for each in program.sets_of(profile) if each is not of]
    if rules.crowded:
        # Two sets that each let nobody else be a member are refused.
        return mode != "authoritative" or "authoritative" not in modes
    if mode == "authoritative":
        return profile != FOREIGN_PROFILE and not modes
    return "authoritative" not in modes


def _ids(listed: list[str]) -> str:
    return ", ".join(sorted(listed)) or "nobody"


def change_members(program: Program, rng: Random, rules: Rules) -> str | None:
    if not program.sets:
        return None
    of = rng.choice(program.sets)
    of.arguments["identity_ids"] = rules.some_people(rng, 6)
    return f"list in {of.resource_name}: {_ids(of.arguments['identity_ids'])}"


def move_members(program: Program, rng: Random, rules: Rules) -> str | None:
    """Move members from one set to another, preferably of the same profile."""
    pairs = [(a, b) for a in program.sets for b in program.sets if a is not b and a.arguments["identity_ids"]]
    pairs = [(a, b) for a, b in pairs if a.profile == b.profile] or pairs
    if not pairs:
        return None
    source, target = rng.choice(pairs)
    moved = rng.sample(source.arguments["identity_ids"], rng.randint(1, len(source.arguments["identity_ids"])))
    for who in moved:
        source.arguments["identity_ids"].remove(who)
        if who not in target.arguments["identity_ids"]:
            target.arguments["identity_ids"].append(who)
    return f"move {_ids(moved)} from {source.resource_name} to {target.resource_name}"


def move_set(program: Program, rng: Random, rules: Rules) -> str | None:
    """Let a set be another profile's: it is replaced."""
    if not program.sets or not program.profiles:
        return None
    of, to = rng.choice(program.sets), Ref(rng.choice(program.profiles).key)
    if of.profile == to or not _may_have(program, rules, to, of.arguments.get("mode", "additive"), of=of):
        return None
    of.arguments["profile_id"] = to
    return f"move set {of.resource_name} to {program.name_of(to)!r}"


def split_set(program: Program, rng: Random, rules: Rules) -> str | None:
    """Move some members of a set into a new one of the same profile."""
    sets = [each for each in program.sets if each.arguments["identity_ids"] and "mode" not in each.arguments]
    if not sets or len(program.sets) >= 6:
        return None
    of = rng.choice(sets)
    moved = rng.sample(of.arguments["identity_ids"], rng.randint(1, len(of.arguments["identity_ids"])))
    of.arguments["identity_ids"] = [who for who in of.arguments["identity_ids"] if who not in moved]
    made = program.add("MembershipSet", "team", **{**deepcopy(of.arguments), "identity_ids": moved})
    return f"move {_ids(moved)} from {of.resource_name} to the new {made.key}"


def change_mode(program: Program, rng: Random, rules: Rules) -> str | None:
    modes = ["additive", *["authoritative"] * rules.authoritative, *["audit"] * rules.letting_go]
    of, mode = (rng.choice(program.sets) if program.sets else None), rng.choice(modes)
    if of is None or not _may_have(program, rules, of.profile, mode, of=of):
        return None
    of.arguments["mode"] = mode
    if rules.letting_go and rng.random() < 0.3:
        of.arguments["on_destroy"] = "retain"
    return f"make {of.resource_name} {mode}"


def change_selector(program: Program, rng: Random, rules: Rules) -> str | None:
    choices = [each for each in [*program.versions, *program.sets] if each.profile != FOREIGN_PROFILE]
    if not rules.selectors or not choices:
        return None
    of = rng.choice(choices)
    of.arguments["version"] = rng.choice(["current", *rules.selectors])
    return f"let {of.resource_name} mean version {of.arguments['version']}"


def change_options(program: Program, rng: Random, rules: Rules) -> str | None:
    if not program.sets:
        return None
    of = rng.choice(program.sets)
    changes: dict[str, list[Any]] = {"on_member_failure": ["warn", "error"]}
    if rules.cautious:
        changes |= {"max_removal_percent": [20, 50, 100], "max_removals": [1, 3], "allow_emptying": [True, False]}
    name = rng.choice(list(changes))
    of.arguments[name] = rng.choice(changes[name])
    return f"set {name} of {of.resource_name} to {of.arguments[name]!r}"


def remove_part(program: Program, rng: Random, rules: Rules) -> str | None:
    parts = [*program.sets, *program.versions]
    if not parts:
        return None
    gone = rng.choice(parts)
    program.remove(gone.key)
    return f"remove {gone.resource_name}"
