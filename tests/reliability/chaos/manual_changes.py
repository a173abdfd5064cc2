"""What somebody does by hand, behind the provider's back."""

# ruff: noqa: ARG002  (every action takes the same arguments)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.reliability.chaos.edits import OURS, Rules, some_entitlements
from tests.reliability.chaos.program_model import FOREIGN_PROFILE, Wish
from tests.support.tenant import Tenant

Json = dict[str, Any]

BY_HAND = ["hand-1", "hand-2", "hand-3"]
"""Identities that only somebody else makes members, by hand; and those that a rule of Veza's makes members."""
BY_BIRTHRIGHT = ["born-1", "born-2"]
SOURCES = {"ACCESS_PROFILE_MEMBERSHIP": BY_HAND, "BIRTHRIGHT_POLICY": BY_BIRTHRIGHT}


@dataclass
class Hands:
    """Somebody with the tenant's user interface, and what they remember of it."""

    tenant: Tenant
    wish: Wish
    rules: Rules
    members_stay_behind: bool
    strangers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Whom they made members, by profile id, with the source."""
    explained: set[str] = field(default_factory=set)
    """What they left in the tenant that nobody else answers for."""

    def act(self, rng: Random) -> str:
        """Do one thing; says what."""
        names = {each.arguments["name"] for each in self.wish.profiles}
        theirs = [each for each in self.tenant.profiles() if each["name"] in names]
        if not theirs:
            return "by hand: nothing to change"
        action = rng.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        return f"by hand: {action(self, rng, rng.choice(theirs))}"

    def _note_publication(self, profile: Json) -> None:
        if self.members_stay_behind:
            self.strangers.pop(profile["id"], None)
        if self.rules.selectors:
            # Members of a version that is named by its number are copied to the one that follows it.
            self.explained |= set(OURS)

    def publish(self, rng: Random, profile: Json) -> str:
        content = {"entities_to_create_relationships_to": some_entitlements(rng)} if rng.random() < 0.5 else {}
        number = self.tenant.publish_version(profile["id"], **content)
        self._note_publication(profile)
        return f"publish version {number} of {profile['name']!r}{' with other content' if content else ''}"

    def draft(self, rng: Random, profile: Json) -> str:
        if number := profile["draft_version_number"]:
            self.tenant.publish_draft(profile["id"], number)
            self._note_publication(profile)
            return f"publish the draft {number} of {profile['name']!r}"
        return f"create draft {self.tenant.create_draft(profile['id'])} of {profile['name']!r}"

    def edit(self, rng: Random, profile: Json) -> str:
        choices: list[tuple[str, Any]] = [
            ("description", "By hand"),
            ("labels", ["by-hand"]),
            ("state", "PAUSED"),
            ("custom_properties", {"by": "hand"}),
            ("entities_to_create_relationships_to", some_entitlements(rng)),
            ("inherit_entities_from_access_profiles", [FOREIGN_PROFILE]),
        ]
        name, value = rng.choice(choices)
        change: Json = {name: value}
        self.tenant.edit_profile(profile["id"], **change)
        return f"set {name} of {profile['name']!r} to {value!r}"

    def rename(self, rng: Random, profile: Json) -> str:
        name = self.wish.new_name("By hand")
        self.tenant.edit_profile(profile["id"], name=name)
        # Who looks for it by its name does not find it any more.
        self.explained.add(profile["id"])
        return f"rename {profile['name']!r} to {name!r}"

    def invite(self, rng: Random, profile: Json) -> str:
        source = rng.choice(list(SOURCES))
        who = rng.choice(SOURCES[source])
        self.tenant.change_members(profile["id"], add=[who], created_from=source)
        self.strangers[profile["id"]][who] = source
        return f"make {who} a member of {profile['name']!r} ({source})"

    def expel(self, rng: Random, profile: Json) -> str:
        members = self.tenant.members(profile["id"])
        leaving = [who for who in members if rng.random() < 0.5]
        self.tenant.change_members(profile["id"], remove=leaving)
        for who in leaving:
            self.strangers[profile["id"]].pop(who, None)
        return f"remove {', '.join(leaving) or 'nobody'} from {profile['name']!r}"

    def delete(self, rng: Random, profile: Json) -> str:
        # Who inherits from what is gone, and has a type that is gone, can be given neither another type nor content.
        if self.wish.ever_swapped or self.wish.ever_without_type:
            return "nothing"
        self.wish.ever_deleted = True
        self.tenant.delete_profile(profile["id"])
        self.strangers.pop(profile["id"], None)
        return f"delete {profile['name']!r}"

    def delete_type(self, rng: Random, profile: Json) -> str:
        held = {each["id"]: each for each in self.tenant.state()["types"]}
        if profile["profile_type"] not in held or self.wish.ever_deleted:
            return "nothing"
        self.wish.ever_without_type = True
        self.tenant.delete_type(profile["profile_type"])
        # A profile of it that a killed run has made is looked for in the type that follows, and is not there.
        profiles = self.tenant.profiles()
        self.explained |= {each["id"] for each in profiles if each["profile_type"] == profile["profile_type"]}
        return f"delete the type {held[profile['profile_type']]['name']!r}"


Action = Callable[[Hands, Random, Json], str]

ACTIONS: dict[Action, int] = {
    Hands.publish: 3,
    Hands.draft: 3,
    Hands.edit: 6,
    Hands.rename: 1,
    Hands.invite: 5,
    Hands.expel: 4,
    Hands.delete: 2,
    Hands.delete_type: 1,
}
