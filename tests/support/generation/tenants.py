"""Random tenants: types, profiles that inherit from each other, entitlements, and members of several sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.tenant import Json, Tenant

SOURCES = ("ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT", "ACCESS_REQUEST")

HOSTILE_NAMES = (
    "Zürich Ünïcode",
    'O\'Brien "the boss"',
    "back\\slash\\",
    "{{ jinja }} {% raw %}",
    "{f!r} {} %s ${x} $(rm -rf)",
    "class",
    "None",
    "import",
    "print",
    "1st digit",
    "2024",
    "日本語チーム",
    "🚀🚀",
    "a" * 1000,
    "wide 日本 " * 40,
    "Émile",
    "Emile",
    "EMILE",
    "emile",
    "E\u0301milie",
    "tab\tand\nline",
    "\u202ertl \u200b zero",
    "<b>&amp;</b>",
    "# comment",
    "'''",
    '"""',
    "people",
    "veza",
    "profiles",
    "profile types",
    "types",
    "existing",
    "l",
    "__main__",
    "../../etc/passwd",
    "null",
    "yes",
    "[- item]",
    "key: value",
    "a-b",
    "a_b",
    "a b",
    "con",
)
"""Names that are hard to write into a program, a file or a path; none of them twice."""


@dataclass
class RandomTenant:
    """A tenant to be seeded, and what is changed in it afterwards."""

    seed: Json
    drafts: list[str] = field(default_factory=list)
    """Profiles that get a draft."""
    edits: dict[str, Json] = field(default_factory=dict)
    """By profile, fields that its POST does not take."""

    def put_into(self, tenant: Tenant) -> None:
        """Fill an empty tenant."""
        tenant.seed(**self.seed)
        # By their ids: the methods of the tenant look each up among all profiles.
        for each in self.drafts:
            tenant.control("POST", f"profiles/{each}/versions", {"state": "DRAFT"})
        for each, changes in self.edits.items():
            tenant.control("PATCH", f"profiles/{each}", changes)
        tenant.clear_requests()


def random_tenant(number: int, *, types: int = 4, profiles: int = 12, members: int = 30) -> RandomTenant:
    """Write the tenant of a number.

    Args:
        number: The seed of its random choices.
        types: How many types it has.
        profiles: How many profiles it has.
        members: How many rows its member lists have together, at most.

    """
    rng = Random(number)  # noqa: S311 - no secret
    hostile = list(HOSTILE_NAMES)
    rng.shuffle(hostile)
    people = [f"identity-{place:04d}" for place in range(max(4, members // 8))]
    made = RandomTenant({"types": [_type(rng, place) for place in range(types)]})
    made.seed["identities"] = [{"id": who, "name": _person(rng, place)} for place, who in enumerate(people)]
    made.seed["datasources"] = [
        {"id": "sf-prod", "integration": "SALESFORCE"},
        {"id": "ad-corp", "integration": "ACTIVE_DIRECTORY"},
    ]
    found: list[Json] = []
    for place in range(profiles):
        name = hostile.pop() if hostile and rng.random() < 0.4 else f"{_word(rng).title()} {place}"
        found.append(_profile(rng, place, name, found, made.seed["types"]))
    for _ in range(members):
        profile, who = rng.choice(found), rng.choice(people)
        if all(each["identity_id"] != who for each in profile["members"]):
            profile["members"].append({"identity_id": who, "created_from": rng.choice(SOURCES)})
    made.seed["profiles"] = found
    made.drafts = [each["id"] for each in found if rng.random() < 0.1]
    for each in found:
        if rng.random() < 0.2:
            made.edits[each["id"]] = {
                "catalog_item_info": {
                    "name": f"Shown {each['id']}",
                    "description": "",
                    "markdown_description": "# Shown",
                    "icon": "",
                    "recommended": True,
                },
                "datasource_ids": ["sf-prod"],
            }
    return made


def _type(rng: Random, place: int) -> Json:
    made: Json = {
        "id": f"type-{place:02d}",
        "name": f"{_word(rng).title()} Role {place}",
        "allow_create_relationships": True,
        "allow_inherit_entities": True,
    }
    if rng.random() < 0.5:
        made["instructions"] = '# How to\n\nAsk "first"; then {write} \\ it.'
    if rng.random() < 0.3:
        made["max_entitlements"] = rng.randint(50, 90)
    if place and rng.random() < 0.3:
        made["allow_inherited_from_types"] = [f"type-{other:02d}" for other in range(place)]
        made["description"] = "Only from the others"
    if rng.random() < 0.2:
        made.update({"access_request_policy_id": "policy-1", "allow_overwrite_of_access_request_policy": True})
    if rng.random() < 0.2:
        made.update(_CREATING)
    elif place and rng.random() < 0.1:
        made.update({"allow_create_relationships": False, "allow_inherit_entities": False})
        made.pop("allow_inherited_from_types", None)
    return made


_TRANSFORMER: Json = {
    "destination_attribute": "name",
    "destination_value_formatter": "{name | UPPER}",
    "continuous_sync": True,
    "additional_value_formatter": ["{a}", "'b'"],
    "unique_identifier": True,
}
_CREATING: Json = {
    "require_single_integration": True,
    "add_integration_prefix_to_access_profile_names": True,
    "create_entitlement_based_on_profile": True,
    "time_before_sync_check_in_seconds": 3600,
    "name_transformer": {**_TRANSFORMER, "unique_identifier": False},
    "create_entitlements": [
        {
            "datasource_id": "sf-prod",
            "entity_type": each,
            "attribute_transformers": {"values": [_TRANSFORMER]},
            "add_member_condition": {"type": "SCIM", "condition_string": 'department eq "Sales"'},
        }
        for each in ("SalesforceGroup", "SalesforceRole")
    ],
}
"""A type that makes entitlements, all of one integration."""


def _profile(rng: Random, place: int, name: str, before: list[Json], types: list[Json]) -> Json:
    of_type = rng.choice(types)
    made: Json = {"id": f"profile-{place:04d}", "name": name, "profile_type": of_type["id"], "members": []}
    made["state"] = rng.choice(["RUNNING"] * 6 + ["PAUSED", "INITIAL", "DRY_RUN"])
    if rng.random() < 0.5:
        made["labels"] = rng.sample(["requestable", "internal", 'say "hi"', "größe", "sales"], rng.randint(1, 4))
    if rng.random() < 0.5:
        made["description"] = rng.choice(
            ["What sellers need.", "Quotes \"here\" and 'there'", "Line\nbreak \\ {x}", " "]
        )
    if rng.random() < 0.3:
        made["custom_properties"] = {"owner": _word(rng), "cost": rng.choice([1, 2.5, 10**15]), "deep": {"a": [True]}}
    single = bool(of_type.get("require_single_integration"))
    held = [_entitlement(rng, number, single=single) for number in rng.sample(range(20), rng.choice([0, 0, 1, 2, 5]))]
    allowed = of_type.get("allow_inherited_from_types")
    parents = [each["id"] for each in before if not allowed or each["profile_type"] in allowed]
    if of_type["allow_inherit_entities"]:
        made["entities_to_create_relationships_to"] = held
        made["inherit_entities_from_access_profiles"] = rng.sample(parents, min(len(parents), rng.choice([0, 0, 1, 2])))
    else:
        made["application_datasource_id"] = "ad-corp"
        made["application_sync_identity_action"] = {"policy_id": "policy-1", "name": "Create account"}
    if rng.random() < 0.2:
        made["access_request_policy_id"] = of_type.get("access_request_policy_id", "")
    return made


def _entitlement(rng: Random, number: int, *, single: bool) -> Json:
    made: Json = {"entity_type": "SalesforceGroup", "datasource_id": "sf-prod", "entity_id": f"00G-{number}"}
    if not single and rng.random() < 0.3:
        made = {"entity_type": "ActiveDirectoryGroup", "datasource_id": "ad-corp", "entity_id": f"CN=G{number},DC=x"}
    if rng.random() < 0.2:
        made["condition"] = {"type": "SCIM", "condition_string": 'department eq "Sales"'}
    if rng.random() < 0.1:
        made["sync_identity_action"] = {"policy_id": "policy-1", "name": "Create account"}
    return made


def _person(rng: Random, place: int) -> str:
    return rng.choice(
        [f"{_word(rng).title()} {_word(rng).title()} {place}", "Ana Ruiz", "Ana Ruiz", "- yes: 'no'", "Ñandú"]
    )


def _word(rng: Random) -> str:
    return "".join(rng.choice(["ka", "lo", "mi", "ru", "se", "ta", "vo"]) for _ in range(rng.randint(2, 3)))


def contents(tenant: Tenant) -> Json:
    """Return what a tenant holds, with names in place of ids: what a program that is deployed to it decides."""
    state = tenant.state()
    type_names = {each["id"]: each["name"] for each in state["types"]}
    names = {each["id"]: (type_names[each["profile_type"]], each["name"]) for each in state["profiles"]}
    return {
        "types": sorted((_type_content(each, type_names) for each in state["types"]), key=lambda each: each["name"]),
        "profiles": {
            names[each["id"]]: _profile_content(each, names)
            for each in sorted(state["profiles"], key=lambda p: names[p["id"]])
        },
    }


_OF_THE_SERVER = frozenset({"id", "created_at", "updated_at", "integrations", "profiles_count", "rbac_id", "enabled"})
_OF_A_PROFILE = ("name", "state", "description", "custom_properties", "catalog_item_info", "require_approval_to_start")
_OF_A_VERSION = ("access_request_policy_id", "application_datasource_id", "application_sync_identity_action")
_OF_A_NEW_ENTITY = ("datasource_id", "entity_type", "attribute_transformers", "add_member_condition")
_OF_AN_ENTITY = ("entity_type", "datasource_id", "entity_id", "condition", "sync_identity_action", "grant_by")


def _type_content(live: Json, names: dict[str, str]) -> Json:
    found = {name: value for name, value in live.items() if name not in _OF_THE_SERVER}
    created = [{name: each[name] for name in _OF_A_NEW_ENTITY} for each in live["create_entitlements"]]
    found["create_entitlements"] = sorted(created, key=str)
    found["allow_inherited_from_types"] = sorted(names[each] for each in live["allow_inherited_from_types"])
    return found


def _profile_content(live: Json, names: dict[str, Any]) -> Json:
    current = next(e for e in live["versions"] if e["version_number"] == live["current_version_number"])
    by_hand = {e["identity_id"] for e in current["member_details"] if e["created_from"] == SOURCES[0]}
    entities = [{name: e.get(name) for name in _OF_AN_ENTITY} for e in current["entities_to_create_relationships_to"]]
    return {
        **{name: live[name] for name in _OF_A_PROFILE},
        **{name: current[name] for name in _OF_A_VERSION},
        "labels": sorted(live["labels"]),
        "datasource_ids": sorted(live["datasource_ids"]),
        "entitlements": sorted(entities, key=str),
        "inherits": sorted(names[each] for each in current["inherit_entities_from_access_profiles"]),
        "members": sorted(by_hand),
    }
