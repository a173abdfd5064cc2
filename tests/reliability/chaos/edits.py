"""What a developer does to the program: each edit changes the wish, and says in words what it did."""

# ruff: noqa: ARG001  (every edit takes the same arguments)

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.reliability.chaos.program_model import FOREIGN_PROFILE, Declared, Ref, Wish
from tests.support.programs import entitlement

OURS = [f"ours-{number}" for number in range(12)]
"""The identities that sets list."""

LABELS = ["blue", "green", "red"]


@dataclass
class Rules:
    """What a run's program may do; what the API cannot bring together is not in one run."""

    authoritative: bool
    selectors: bool
    """Versions and sets of the draft, or of a version by its number."""
    letting_go: bool
    """Audits, and sets that leave their members when they are destroyed."""
    cautious: bool
    """Guards of removals, and nothing taken over that is not equal."""

    @property
    def of_sets(self) -> dict[str, Any]:
        """The options that a new set is written with."""
        return {} if self.cautious else dict(CONFIRMED)

    @property
    def of_profiles(self) -> dict[str, Any]:
        """The options that a new profile or version is written with."""
        return {} if self.cautious else {"adopt": "always"}


CONFIRMED = {"max_removal_percent": 100, "allow_emptying": True, "on_member_failure": "warn"}


@dataclass
class Edited:
    """What an edit means for the laws."""

    words: str
    released: list[str] = field(default_factory=list)
    """The resource names of profiles that the program declares no more: they stay in the tenant, paused."""


Edit = Callable[[Wish, Random, Rules], Edited | str | None]
"""An edit, or None where there is nothing to edit in this way."""


def edited(wish: Wish, rng: Random, rules: Rules) -> Edited:
    """Make one edit."""
    while True:
        edit = rng.choices(list(EDITS), list(EDITS.values()))[0]
        done = edit(wish, rng, rules)
        if done:
            return done if isinstance(done, Edited) else Edited(done)


# Types


def new_type(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if len(wish.types) >= 3:
        return None
    made = wish.add(
        "AccessProfileType",
        "type",
        name=wish.new_name("Role"),
        allow_create_relationships=True,
        allow_inherit_entities=True,
    )
    return f"add type {made.arguments['name']!r}"


def change_type(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if wish.returned:
        return None
    wish.retyped = True
    of = rng.choice(wish.types)
    if rng.random() < 0.3:
        old, of.arguments["name"] = of.arguments["name"], wish.new_name("Role")
        return f"rename type {old!r} to {of.arguments['name']!r}: it is replaced"
    name, value = rng.choice([("instructions", "Ask first"), ("description", "For people"), ("max_entitlements", 50)])
    if name in of.arguments:
        del of.arguments[name]
    else:
        of.arguments[name] = value
    return f"change {name} of type {of.arguments['name']!r}: it is replaced"


def remove_type(wish: Wish, rng: Random, rules: Rules) -> str | None:
    used = {each.arguments["profile_type"].key for each in wish.profiles}
    unused = [each for each in wish.types if each.key not in used]
    if len(wish.types) < 2 or not unused:
        return None
    gone = rng.choice(unused)
    wish.remove(gone.key)
    return f"remove type {gone.arguments['name']!r}"


# Profiles


def new_profile(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if len(wish.profiles) >= 5:
        return None
    arguments: dict[str, Any] = {"profile_type": Ref(rng.choice(wish.types).key)}
    if rng.random() < 0.5:
        arguments["description"] = "As it was planned"
    if rng.random() < 0.5:
        arguments["labels"] = rng.sample(LABELS, 2)
    if rng.random() < 0.3:
        arguments["require_approval_to_start"] = True
    if rng.random() < 0.3:
        arguments["on_destroy"] = rng.choice(["retain", "pause"])
    if rng.random() < 0.5:
        arguments["entitlements"] = some_entitlements(rng)
        arguments["inherits_from"] = some_parents(wish, rng, wish.profiles)
    made = wish.add("AccessProfile", "profile", name=wish.new_name("Desk"), **arguments, **rules.of_profiles)
    words = f"add profile {made.arguments['name']!r}"
    if rng.random() < 0.6:
        return f"{words} and {_set_for(wish, rng, rules, Ref(made.key))}"
    return words


def some_entitlements(rng: Random) -> list[dict[str, Any]]:
    return [entitlement(each) for each in rng.sample(["00G1", "00G2", "00G3", "00G4"], rng.randint(0, 3))]


def some_parents(wish: Wish, rng: Random, earlier: list[Declared]) -> list[Any]:
    possible: list[Any] = [FOREIGN_PROFILE, *(Ref(each.key) for each in earlier)]
    return rng.sample(possible, min(len(possible), rng.randint(0, 2)))


def change_profile(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if not wish.profiles:
        return None
    of = rng.choice(wish.profiles)
    name, value = rng.choice(
        [
            ("description", wish.new_name("Described")),
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


def rename_profile(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if not wish.profiles:
        return None
    of = rng.choice(wish.profiles)
    old, of.arguments["name"] = of.arguments["name"], wish.new_name("Desk")
    return f"rename profile {old!r} to {of.arguments['name']!r}"


def swap_names(wish: Wish, rng: Random, rules: Rules) -> str | None:
    # A resource without an alias is a new one, which must not take the name that another one gives up.
    if len(wish.profiles) < 2 or wish.renamed or wish.ever_deleted:
        return None
    one, other = (each.arguments for each in rng.sample(wish.profiles, 2))
    one["name"], other["name"] = other["name"], one["name"]
    wish.swapped = wish.ever_swapped = True
    return f"swap the names {one['name']!r} and {other['name']!r}"


def move_profile(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if not wish.profiles or len(wish.types) < 2:
        return None
    of, to = rng.choice(wish.profiles), rng.choice(wish.types)
    of.arguments["profile_type"] = Ref(to.key)
    return f"give {of.arguments['name']!r} the type {to.arguments['name']!r}"


def remove_profile(wish: Wish, rng: Random, rules: Rules) -> Edited | None:
    # Who takes the name of one that is removed at the same time has a namesake: the removed one stays, paused.
    if len(wish.profiles) < 2 or wish.swapped:
        return None
    gone = rng.choice(wish.profiles)
    of_type = wish.declared[gone.arguments["profile_type"].key]
    wish.removed.append(deepcopy((gone.arguments, of_type.arguments)))
    wish.remove(gone.key)
    return Edited(f"remove profile {gone.arguments['name']!r}", [gone.resource_name, gone.key, *gone.aliases])


def bring_back(wish: Wish, rng: Random, rules: Rules) -> str | None:
    # With another type it would be made anew, and be a namesake of the one that stayed once the type is as it was.
    known = [
        (arguments, of_type)
        for arguments, of_type in wish.removed
        if (declared := wish.declared.get(arguments["profile_type"].key)) and declared.arguments == of_type
    ]
    if not known or wish.retyped:
        return None
    wish.returned = True
    wish.removed.remove(chosen := rng.choice(known))
    arguments = chosen[0]
    if "inherits_from" in arguments:
        arguments["inherits_from"] = [FOREIGN_PROFILE]
    made = wish.add("AccessProfile", "profile", **arguments)
    return f"declare {made.arguments['name']!r} again, under another resource name"


# Resource names


def rename_resource(wish: Wish, rng: Random, rules: Rules) -> Edited:
    of = rng.choice(list(wish.declared.values()))
    old, of.resource_name = of.resource_name, wish.new_name(of.key).replace(" ", "_")
    aliased = wish.swapped or rng.random() < 0.5
    of.aliases = [old] if aliased else []
    wish.renamed |= not aliased
    words = f"call the resource {old} {of.resource_name}, {'with' if aliased else 'without'} an alias"
    # Without an alias it is found by its name again, but not where that changes at the same time.
    return Edited(words, [old] if of.kind == "AccessProfile" and not aliased else [])


# Content


def change_content(wish: Wish, rng: Random, rules: Rules) -> str | None:
    holders = [each for each in [*wish.profiles, *wish.versions] if each.kind != "AccessProfile" or each.has_content]
    if not holders:
        return None
    of = rng.choice(holders)
    of.arguments["entitlements"] = some_entitlements(rng)
    if rng.random() < 0.5:
        of.arguments["inherits_from"] = some_parents(wish, rng, _earlier(wish, of))
    return f"change the content of {of.resource_name} to {_content(wish, of)}"


def _earlier(wish: Wish, of: Declared) -> list[Declared]:
    key = of.arguments["profile_id"].key if of.kind == "AccessProfileVersion" else of.key
    return wish.profiles[: [each.key for each in wish.profiles].index(key)]


def _content(wish: Wish, of: Declared) -> str:
    names = [each["entity_id"] for each in of.arguments["entitlements"]]
    return ", ".join(names + [wish.name_of(each) for each in of.arguments.get("inherits_from", ())]) or "nothing"


def split_content(wish: Wish, rng: Random, rules: Rules) -> str | None:
    """Move a profile's content into a resource of its own, or back."""
    if not wish.profiles:
        return None
    of = rng.choice(wish.profiles)
    version = next((each for each in wish.versions if each.profile == Ref(of.key)), None)
    lists = {"entitlements": some_entitlements(rng), "inherits_from": some_parents(wish, rng, _earlier(wish, of))}
    if version:
        wish.remove(version.key)
        of.arguments |= lists
        return f"manage the content of {of.arguments['name']!r} in the profile"
    for name in lists:
        of.arguments.pop(name, None)
    made = wish.add("AccessProfileVersion", "content", profile_id=Ref(of.key), **lists, **rules.of_profiles)
    made.arguments["on_destroy"] = rng.choice(["retain", "clear"])
    if rules.selectors and rng.random() < 0.4:
        made.arguments["version"] = rng.choice(["draft", 1, 2])
    return f"manage the content of {of.arguments['name']!r} in {made.key}: {made.arguments.get('version', 'current')}"


# Members


def new_set(wish: Wish, rng: Random, rules: Rules) -> str | None:
    profiles = [FOREIGN_PROFILE, *(Ref(each.key) for each in wish.profiles)]
    profile = rng.choice(profiles)
    if len(wish.sets) >= 6 or any(each.arguments.get("mode") == "authoritative" for each in wish.sets_of(profile)):
        return None
    words = _set_for(wish, rng, rules, profile)
    made = wish.sets[-1]
    if rules.selectors and profile != FOREIGN_PROFILE and rng.random() < 0.4:
        made.arguments["version"] = rng.choice(["draft", 1, 2])
        words += f", version {made.arguments['version']}"
    return words


def _set_for(wish: Wish, rng: Random, rules: Rules, profile: Any) -> str:
    listed = rng.sample(OURS, rng.randint(0, 5))
    made = wish.add("MembershipSet", "team", profile_id=profile, identity_ids=listed, **rules.of_sets)
    return f"add set {made.key} of {wish.name_of(profile)!r}: {_ids(listed)}"


def _ids(listed: list[str]) -> str:
    return ", ".join(sorted(listed)) or "nobody"


def change_members(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if not wish.sets:
        return None
    of = rng.choice(wish.sets)
    of.arguments["identity_ids"] = rng.sample(OURS, rng.randint(0, 6))
    return f"list in {of.resource_name}: {_ids(of.arguments['identity_ids'])}"


def move_members(wish: Wish, rng: Random, rules: Rules) -> str | None:
    """Move members from one set to another, preferably of the same profile."""
    pairs = [(a, b) for a in wish.sets for b in wish.sets if a is not b and a.arguments["identity_ids"]]
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


def move_set(wish: Wish, rng: Random, rules: Rules) -> str | None:
    """Let a set be another profile's: it is replaced."""
    if not wish.sets or not wish.profiles:
        return None
    of, to = rng.choice(wish.sets), Ref(rng.choice(wish.profiles).key)
    modes = {each.arguments.get("mode") for each in [of, *wish.sets_of(to)]}
    if of.profile == to or ("authoritative" in modes and wish.sets_of(to)):
        return None
    of.arguments["profile_id"] = to
    return f"move set {of.resource_name} to {wish.name_of(to)!r}"


def split_set(wish: Wish, rng: Random, rules: Rules) -> str | None:
    """Move some members of a set into a new one of the same profile."""
    sets = [each for each in wish.sets if each.arguments["identity_ids"] and "mode" not in each.arguments]
    if not sets or len(wish.sets) >= 6:
        return None
    of = rng.choice(sets)
    moved = rng.sample(of.arguments["identity_ids"], rng.randint(1, len(of.arguments["identity_ids"])))
    of.arguments["identity_ids"] = [who for who in of.arguments["identity_ids"] if who not in moved]
    made = wish.add("MembershipSet", "team", **{**deepcopy(of.arguments), "identity_ids": moved})
    return f"move {_ids(moved)} from {of.resource_name} to the new {made.key}"


def change_mode(wish: Wish, rng: Random, rules: Rules) -> str | None:
    modes = ["additive", *["authoritative"] * rules.authoritative, *["audit"] * rules.letting_go]
    of, mode = (rng.choice(wish.sets) if wish.sets else None), rng.choice(modes)
    if of is None or (mode == "authoritative" and (of.profile == FOREIGN_PROFILE or len(wish.sets_of(of.profile)) > 1)):
        return None
    of.arguments["mode"] = mode
    if rules.letting_go and rng.random() < 0.3:
        of.arguments["on_destroy"] = "retain"
    return f"make {of.resource_name} {mode}"


def change_selector(wish: Wish, rng: Random, rules: Rules) -> str | None:
    choices = [each for each in [*wish.versions, *wish.sets] if each.profile != FOREIGN_PROFILE]
    if not rules.selectors or not choices:
        return None
    of = rng.choice(choices)
    of.arguments["version"] = rng.choice(["current", "draft", 1, 2])
    return f"let {of.resource_name} mean version {of.arguments['version']}"


def change_options(wish: Wish, rng: Random, rules: Rules) -> str | None:
    if not wish.sets or not rules.cautious:
        return None
    of = rng.choice(wish.sets)
    changes: dict[str, list[Any]] = {
        "max_removal_percent": [20, 50, 100],
        "max_removals": [1, 3],
        "allow_emptying": [True, False],
        "on_member_failure": ["warn", "error"],
    }
    name = rng.choice(list(changes))
    of.arguments[name] = rng.choice(changes[name])
    return f"set {name} of {of.resource_name} to {of.arguments[name]!r}"


def remove_part(wish: Wish, rng: Random, rules: Rules) -> str | None:
    parts = [*wish.sets, *wish.versions]
    if not parts:
        return None
    gone = rng.choice(parts)
    wish.remove(gone.key)
    return f"remove {gone.resource_name}"


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


def relax(wish: Wish, drafts: dict[str, int], currents: dict[str, int]) -> None:
    """Change only options, as a user who has read the refusals does: confirm removals, take over, name what exists.

    ``drafts`` and ``currents`` give the version numbers of the profiles by name.
    """
    for each in wish.declared.values():
        if each.kind == "MembershipSet":
            each.arguments |= CONFIRMED
            each.arguments.pop("max_removals", None)
        elif each.kind != "AccessProfileType":
            each.arguments["adopt"] = "always"
        selector = each.arguments.get("version", "current")
        if selector == "current":
            continue
        name = wish.name_of(each.profile)
        if (selector == "draft" and not drafts.get(name)) or (selector != "draft" and selector > currents.get(name, 1)):
            each.arguments["version"] = "current"
