"""Changes that somebody makes by hand, behind the provider's back."""

# ruff: noqa: ARG002  (every action takes the same arguments)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.generation.programs import Program
from tests.support.generation.rules import FOREIGN_PROFILE, PEOPLE, Rules
from tests.support.tenant import Tenant

Json = dict[str, Any]

BY_HAND = ["hand-1", "hand-2", "hand-3"]
"""Identities that only somebody else makes members, by hand; and those that a rule of Veza's makes members."""
BY_BIRTHRIGHT = ["born-1", "born-2"]
SOURCES = {"ACCESS_PROFILE_MEMBERSHIP": BY_HAND, "BIRTHRIGHT_POLICY": BY_BIRTHRIGHT}


@dataclass
class ManualChanges:
    """Somebody who changes the tenant in its user interface, and a record of what they did."""

    tenant: Tenant
    program: Program
    rules: Rules
    members_stay_behind: bool
    strangers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """The members that they added, by profile id, with the source."""
    explained: set[str] = field(default_factory=set)
    """Names and ids of what they left in the tenant that no state knows."""

    def act(self, rng: Random) -> str:
        """Make one change; return it in words."""
        names = {each.arguments["name"] for each in self.program.profiles}
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
            self.explained |= set(PEOPLE)

    def publish(self, rng: Random, profile: Json) -> str:
        content = (
            {"entities_to_create_relationships_to": self.rules.some_entitlements(rng)} if rng.random() < 0.5 else {}
        )
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
            ("entities_to_create_relationships_to", self.rules.some_entitlements(rng)),
            ("inherit_entities_from_access_profiles", [FOREIGN_PROFILE]),
        ]
        name, value = rng.choice(choices)
        change: Json = {name: value}
        self.tenant.edit_profile(profile["id"], **change)
        return f"set {name} of {profile['name']!r} to {value!r}"

    def rename(self, rng: Random, profile: Json) -> str:
        name = self.program.new_name("By hand")
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
        if self.program.ever_swapped:
            return "nothing"
        self.program.ever_deleted = True
        self.tenant.delete_profile(profile["id"])
        self.strangers.pop(profile["id"], None)
        return f"delete {profile['name']!r}"

    def delete_type(self, rng: Random, profile: Json) -> str:
        # A type that a profile has is never taken for gone: the key may only not see it.
        used = {each["profile_type"] for each in self.tenant.profiles()}
        ours = {each.arguments["name"] for each in self.program.types}
        unused = [each for each in self.tenant.state()["types"] if each["id"] not in used and each["name"] in ours]
        if not unused:
            return "nothing"
        gone = rng.choice(unused)
        self.tenant.delete_type(gone["id"])
        return f"delete the type {gone['name']!r}"


Action = Callable[[ManualChanges, Random, Json], str]

ACTIONS: dict[Action, int] = {
    ManualChanges.publish: 3,
    ManualChanges.draft: 3,
    ManualChanges.edit: 6,
    ManualChanges.rename: 1,
    ManualChanges.invite: 5,
    ManualChanges.expel: 4,
    ManualChanges.delete: 2,
    ManualChanges.delete_type: 1,
}
