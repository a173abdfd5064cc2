"""Random organisations as programs, and random changes of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.impact.engine import Declared, Id
from tests.support.tenant import Tenant

PEOPLE = [f"id-{name}" for name in ("ada", "ben", "cai", "dee", "eli")]
FOREIGN = "profile-foreign"
"""A profile that the stack does not manage."""

_PROFILES = [f"p{number}" for number in range(4)]
_GROUPS = [f"g{number}" for number in range(4)]


def seed(tenant: Tenant, *, overlapping: bool) -> None:
    """Empty the tenant, and put a type and a profile into it that are somebody else's.

    ``overlapping`` lets it give something that the profiles of the stack give as well.
    """
    tenant.reset()
    open_ = {"allow_create_relationships": True, "allow_inherit_entities": True}
    tenant.seed(
        types=[{"id": "type-foreign", "name": "Foreign", **open_}],
        profiles=[
            {
                "id": FOREIGN,
                "name": "Foreign",
                "profile_type": "type-foreign",
                "entities_to_create_relationships_to": [
                    entitlement("g0" if overlapping else "g9"),
                    entitlement("g-foreign"),
                ],
                "members": [PEOPLE[0], PEOPLE[1]],
            }
        ],
    )


def entitlement(group: str, *, conditional: bool = False) -> dict[str, Any]:
    """Give an entitlement as a program writes it."""
    fields = {"entity_type": "Group", "datasource_id": "ds", "entity_id": group}
    return {**fields, "condition": {"type": "SCIM", "condition_string": "x"}} if conditional else fields


@st.composite
def programs(draw: st.DrawFn) -> list[Declared]:
    """Draw a program: two types, up to four profiles, their versions, and who is a member."""
    program = [draw(_types("open")), draw(_types("strict"))]
    profiles: list[str] = []
    for name in draw(st.lists(st.sampled_from(_PROFILES), unique=True, max_size=4).map(sorted)):
        program += draw(_profile(name, profiles))
        profiles.append(name)
    for name in profiles:
        program += draw(_sets(name))
    if draw(st.integers(0, 5)) == 0:
        who = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
        program.append(_set("foreign", FOREIGN, who, mode=draw(st.sampled_from(["additive", "authoritative"]))))
    return program


@st.composite
def _types(draw: st.DrawFn, name: str) -> Declared:
    withdraws = draw(st.sampled_from([True, True, False, None]))
    args = {"name": name, "allow_create_relationships": True, "allow_inherit_entities": True}
    if withdraws is not None:
        args["remove_entitlement_on_member_upon_update"] = withdraws
    return Declared("AccessProfileType", name, args)


@st.composite
def _profile(draw: st.DrawFn, name: str, others: list[str]) -> list[Declared]:
    # Of two resource names for one profile, a change may take the other one: a rename without an alias.
    resource = draw(st.sampled_from([name, name, name, f"{name}-renamed"]))
    content: dict[str, Any] = {}
    if draw(st.integers(0, 4)):
        groups = draw(st.lists(st.sampled_from(_GROUPS), unique=True, max_size=3))
        content["entitlements"] = [entitlement(each, conditional=draw(st.integers(0, 7)) == 0) for each in groups]
    if draw(st.integers(0, 2)):
        parents: list[Any] = [Id(_resource_of(each)) for each in draw(_some(others))]
        parents += [FOREIGN] if draw(st.integers(0, 9)) == 0 else []
        content["inherits_from"] = parents
    args: dict[str, Any] = {
        "name": f"Profile {name}",
        "profile_type": Id(f"AccessProfileType.{draw(st.sampled_from(['open', 'strict']))}"),
        "state": draw(st.sampled_from(["RUNNING", "RUNNING", "RUNNING", "PAUSED"])),
        "on_destroy": draw(st.sampled_from(["pause", "retain"])),
    }
    if content and draw(st.integers(0, 2)) == 0:
        adopt = draw(st.sampled_from(["identical", "always"]))
        on_destroy = draw(st.sampled_from(["retain", "clear"]))
        version = {"profile_id": Id(f"AccessProfile.{resource}"), "adopt": adopt, "on_destroy": on_destroy, **content}
        found = [Declared("AccessProfile", resource, args), Declared("AccessProfileVersion", resource, version)]
    else:
        found = [Declared("AccessProfile", resource, {**args, **content})]
    _RESOURCES[name] = f"AccessProfile.{resource}"
    return found


_RESOURCES: dict[str, str] = {}
"""By profile, what the program that is being drawn calls it."""


def _resource_of(name: str) -> str:
    return _RESOURCES[name]


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=2) if names else st.just([])


@st.composite
def _sets(draw: st.DrawFn, name: str) -> list[Declared]:
    found = []
    modes = draw(st.lists(st.sampled_from(["additive", "authoritative", "audit"]), max_size=2))
    for number, mode in enumerate(modes):
        if mode == "authoritative" and number:
            # Two that each let nobody else be a member are refused.
            mode = "additive"  # noqa: PLW2901
        who = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
        retain = draw(st.sampled_from(["remove", "remove", "retain"]))
        version = draw(st.sampled_from(["current", "current", "1"]))
        found.append(
            _set(f"{name}-{number}", Id(_resource_of(name)), who, mode=mode, on_destroy=retain, version=version)
        )
    return found


def _set(name: str, profile: str | Id, who: list[str], **options: Any) -> Declared:
    everybody = {"max_removal_percent": 100, "allow_emptying": True}
    return Declared("MembershipSet", name, {"profile_id": profile, "identity_ids": who, **everybody, **options})
