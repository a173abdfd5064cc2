"""Changes of types, profiles, resource names and content, as a developer makes them in a program."""

# ruff: noqa: ARG001  (every edit takes the same arguments)

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

from tests.support.generation.member_edits import add_set
from tests.support.generation.programs import Declared, Program, Ref
from tests.support.generation.rules import FOREIGN_PROFILE, LABELS, Edited, Rules

WITHDRAWS = "remove_entitlement_on_member_upon_update"

# Types


def new_type(program: Program, rng: Random, rules: Rules) -> str | None:
    if len(program.types) >= 3:
        return None
    arguments = {"allow_create_relationships": True, "allow_inherit_entities": True}
    if (withdraws := rng.choice([True, True, False, False, None])) is not None:
        arguments[WITHDRAWS] = withdraws
    made = program.add("AccessProfileType", "type", name=program.new_name("Role"), **arguments)
    return f"add type {made.arguments['name']!r}"


def change_type(program: Program, rng: Random, rules: Rules) -> str | None:
    if program.returned:
        return None
    program.retyped = True
    of = rng.choice(program.types)
    if rng.random() < 0.3:
        old, of.arguments["name"] = of.arguments["name"], program.new_name("Role")
        return f"rename type {old!r} to {of.arguments['name']!r}: it is replaced"
    name, value = rng.choice(
        [
            ("instructions", "Ask first"),
            ("description", "For people"),
            ("max_entitlements", 50),
            (WITHDRAWS, rng.random() < 0.5),
        ]
    )
    if name in of.arguments:
        del of.arguments[name]
    else:
        of.arguments[name] = value
    return f"change {name} of type {of.arguments['name']!r}: it is replaced"


def remove_type(program: Program, rng: Random, rules: Rules) -> str | None:
    used = {each.arguments["profile_type"].key for each in program.profiles}
    unused = [each for each in program.types if each.key not in used]
    if len(program.types) < 2 or not unused:
        return None
    gone = rng.choice(unused)
    program.remove(gone.key)
    return f"remove type {gone.arguments['name']!r}"


# Profiles


def new_profile(program: Program, rng: Random, rules: Rules) -> str | None:
    if len(program.profiles) >= 5:
        return None
    arguments: dict[str, Any] = {"profile_type": Ref(rng.choice(program.types).key)}
    if rng.random() < 0.5:
        arguments["description"] = "As it was planned"
    if rng.random() < 0.5:
        arguments["labels"] = rng.sample(LABELS, 2)
    if rng.random() < 0.3:
        arguments["require_approval_to_start"] = True
    if rng.random() < 0.3:
        arguments["on_destroy"] = rng.choice(["retain", "pause"])
    if rng.random() < 0.2:
        arguments["state"] = "PAUSED"
    if rng.random() < 0.7:
        arguments["entitlements"] = rules.some_entitlements(rng)
    if rng.random() < 0.5:
        arguments["inherits_from"] = some_parents(program, rng, rules, program.profiles)
    made = program.add("AccessProfile", "profile", name=program.new_name("Desk"), **arguments, **rules.adoption(rng))
    words = f"add profile {made.arguments['name']!r}"
    if rng.random() < 0.6:
        return f"{words} and {add_set(program, rng, rules, Ref(made.key))}"
    return words


def some_parents(program: Program, rng: Random, rules: Rules, earlier: list[Declared]) -> list[Any]:
    possible: list[Any] = [*rules.foreign_profiles(rng), *(Ref(each.key) for each in earlier)]
    return rng.sample(possible, min(len(possible), rng.randint(0, 2)))


def change_profile(program: Program, rng: Random, rules: Rules) -> str | None:
    if not program.profiles:
        return None
    of = rng.choice(program.profiles)
    name, value = rng.choice(
        [
            ("description", program.new_name("Described")),
            ("labels", rng.sample(LABELS, rng.randint(0, 3))),
            ("state", rng.choice(["RUNNING", "PAUSED", "DRY_RUN"])),
            ("custom_properties", {"cost-centre": rng.randint(1, 99)}),
            ("require_approval_to_start", rng.random() < 0.5),
        ]
    )
    if name in of.arguments and rng.random() < 0.3:
        del of.arguments[name]
        return f"take {name} of {of.arguments['name']!r} out"
    of.arguments[name] = value
    return f"set {name} of {of.arguments['name']!r} to {value!r}"


def rename_profile(program: Program, rng: Random, rules: Rules) -> str | None:
    if not program.profiles:
        return None
    of = rng.choice(program.profiles)
    old, of.arguments["name"] = of.arguments["name"], program.new_name("Desk")
    return f"rename profile {old!r} to {of.arguments['name']!r}"


def swap_names(program: Program, rng: Random, rules: Rules) -> str | None:
    # A resource without an alias is a new one, which must not take the name that another one gives up.
    if len(program.profiles) < 2 or program.renamed or program.ever_deleted or not rules.swaps:
        return None
    one, other = (each.arguments for each in rng.sample(program.profiles, 2))
    one["name"], other["name"] = other["name"], one["name"]
    program.swapped = program.ever_swapped = True
    return f"swap the names {one['name']!r} and {other['name']!r}"


def move_profile(program: Program, rng: Random, rules: Rules) -> str | None:
    if not program.profiles or len(program.types) < 2:
        return None
    of, to = rng.choice(program.profiles), rng.choice(program.types)
    of.arguments["profile_type"] = Ref(to.key)
    return f"give {of.arguments['name']!r} the type {to.arguments['name']!r}"


def remove_profile(program: Program, rng: Random, rules: Rules) -> Edited | None:
    # Who takes the name of one that is removed at the same time has a namesake: the removed one stays, paused.
    if len(program.profiles) < 2 or program.swapped:
        return None
    gone = rng.choice(program.profiles)
    of_type = program.declared[gone.arguments["profile_type"].key]
    program.removed.append(deepcopy((gone.arguments, of_type.arguments)))
    program.remove(gone.key)
    return Edited(f"remove profile {gone.arguments['name']!r}", [gone.resource_name, gone.key, *gone.aliases])


def bring_back(program: Program, rng: Random, rules: Rules) -> str | None:
    # With another type it would be made anew, and be a namesake of the one that stayed once the type is as it was.
    known = [
        (arguments, of_type)
        for arguments, of_type in program.removed
        if (declared := program.declared.get(arguments["profile_type"].key)) and declared.arguments == of_type
    ]
    if not known or program.retyped:
        return None
    program.returned = True
    program.removed.remove(chosen := rng.choice(known))
    arguments = chosen[0]
    if "inherits_from" in arguments:
        arguments["inherits_from"] = [FOREIGN_PROFILE]
    made = program.add("AccessProfile", "profile", **arguments)
    return f"declare {made.arguments['name']!r} again, under another resource name"


# Resource names


def rename_resource(program: Program, rng: Random, rules: Rules) -> Edited | None:
    if program.swapped and not rules.aliases:
        return None
    of = rng.choice(list(program.declared.values()))
    old, of.resource_name = of.resource_name, program.new_name(of.key).replace(" ", "_")
    aliased = program.swapped or (rules.aliases and rng.random() < 0.5)
    of.aliases = [old] if aliased else []
    program.renamed |= not aliased
    words = f"call the resource {old} {of.resource_name}, {'with' if aliased else 'without'} an alias"
    # Without an alias it is found by its name again, but not where that changes at the same time.
    return Edited(words, [old] if of.kind == "AccessProfile" and not aliased else [])


# Content


def change_content(program: Program, rng: Random, rules: Rules) -> str | None:
    holders = [
        each for each in [*program.profiles, *program.versions] if each.kind != "AccessProfile" or each.has_content
    ]
    if not holders:
        return None
    of = rng.choice(holders)
    of.arguments["entitlements"] = rules.some_entitlements(rng)
    if rng.random() < 0.5:
        of.arguments["inherits_from"] = some_parents(program, rng, rules, _earlier(program, of))
    return f"change the content of {of.resource_name} to {_content(program, of)}"


def _earlier(program: Program, of: Declared) -> list[Declared]:
    key = of.arguments["profile_id"].key if of.kind == "AccessProfileVersion" else of.key
    return program.profiles[: [each.key for each in program.profiles].index(key)]


def _content(program: Program, of: Declared) -> str:
    names = [each["entity_id"] for each in of.arguments["entitlements"]]
    return ", ".join(names + [program.name_of(each) for each in of.arguments.get("inherits_from", ())]) or "nothing"


def split_content(program: Program, rng: Random, rules: Rules) -> str | None:
    """Move a profile's content into a resource of its own, or back."""
    if not program.profiles:
        return None
    of = rng.choice(program.profiles)
    version = next((each for each in program.versions if each.profile == Ref(of.key)), None)
    lists = {
        "entitlements": rules.some_entitlements(rng),
        "inherits_from": some_parents(program, rng, rules, _earlier(program, of)),
    }
    if version:
        program.remove(version.key)
        of.arguments |= lists
        return f"manage the content of {of.arguments['name']!r} in the profile"
    for name in lists:
        of.arguments.pop(name, None)
    made = program.add("AccessProfileVersion", "content", profile_id=Ref(of.key), **lists, **rules.adoption(rng))
    made.arguments["on_destroy"] = rng.choice(["retain", "clear"])
    if rules.selectors and rng.random() < 0.4:
        made.arguments["version"] = rng.choice(rules.selectors)
    return f"manage the content of {of.arguments['name']!r} in {made.key}: {made.arguments.get('version', 'current')}"
