"""Random tenants that no program would have made: broken rules, missing parents, members with several sources."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.support.tenant import Json, Tenant

SOURCES = ("ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT", "ACCESS_REQUEST", "OTHER")
NAMES = (
    "Sales",
    "sales",
    "Zürich: Vertrieb",
    'say "hi"',
    "{{ jinja }} {f}",
    "back\\slash",
    "x" * 1000,
    "日本",
    "Sales",
)
PEOPLE = tuple(f"who-{number:02d}" for number in range(12))


def fill(tenant: Tenant, number: int) -> None:
    """Fill an empty tenant with what a number stands for."""
    rng = Random(number)  # noqa: S311 - no secret
    types = [_type(rng, place) for place in range(rng.randint(1, 4))]
    profiles: list[Json] = []
    for place in range(rng.randint(1, 8)):
        profiles.append(_profile(rng, place, types, profiles))
    tenant.seed(
        integrations=rng.choice([None, ["SALESFORCE", "OKTA"], []]),
        identities=[_identity(rng, who) for who in PEOPLE if rng.random() < 0.8],
        datasources=[
            {"id": "sf-acme", "integration": "SALESFORCE", "name": "Sales cloud", "entity_types": ["SalesforceGroup"]},
            {"id": "ad-acme", "integration": "ACTIVE_DIRECTORY", "external_id": "corp.example"},
        ],
        types=types,
        profiles=profiles,
    )
    for each in profiles:
        _change(tenant, each["id"], rng, profiles)
    gone = [each["id"] for each in profiles if rng.random() < 0.15]
    for each in gone:
        tenant.delete_profile(each)
    if rng.random() < 0.3:
        tenant.delete_type(types[0]["id"])
    tenant.clear_requests()


def _type(rng: Random, place: int) -> Json:
    made: Json = {
        "id": f"kind-{place}",
        "name": rng.choice(NAMES),
        "allow_create_relationships": True,
        "allow_inherit_entities": True,
        "max_entitlements": rng.choice([None, 4]),
        "instructions": rng.choice(["", "# Ask first"]),
        "remove_entitlement_on_member_upon_update": rng.random() < 0.5,
    }
    if rng.random() < 0.3:
        made |= {"require_single_integration": True, "create_entitlement_based_on_profile": True}
        made |= {
            "time_before_sync_check_in_seconds": 60,
            "create_entitlements": [
                {
                    "datasource_id": "sf-acme",
                    "entity_type": "SalesforceGroup",
                    "attribute_transformers": {
                        "values": [
                            {"destination_attribute": "acme_name", "destination_value_formatter": "{profile_name}"}
                        ]
                    },
                }
            ],
            "name_transformer": {"destination_attribute": "acme_name", "destination_value_formatter": "X {name}"},
        }
    return made


def _profile(rng: Random, place: int, types: list[Json], before: list[Json]) -> Json:
    datasource = rng.choice(["sf-acme", "ad-acme"])
    return {
        "id": f"seller-{place}",
        "name": rng.choice(NAMES),
        "profile_type": rng.choice(types)["id"],
        "state": rng.choice(["RUNNING", "RUNNING", "PAUSED", "INITIAL", "DRY_RUN"]),
        "description": rng.choice(["", "What sellers need"]),
        "labels": rng.sample(["ask-for-it", "größe", 'say "hi"'], rng.randint(0, 3)),
        "custom_properties": rng.choice([{}, {"owner": "Ana Ruiz", "cost": 7, "deep": {"list": [None, True, "x"]}}]),
        "entities_to_create_relationships_to": [
            _entitlement(datasource, f"group-{each}", rng) for each in rng.sample(range(9), rng.randint(0, 4))
        ],
        "inherit_entities_from_access_profiles": [each["id"] for each in before if rng.random() < 0.3],
        "members": _members(rng),
        "requestable": rng.random() < 0.3,
    }


def _entitlement(datasource: str, name: str, rng: Random) -> Json:
    made: Json = {"entity_type": "SalesforceGroup", "datasource_id": datasource, "entity_id": f"acme:{name}"}
    if rng.random() < 0.3:
        made |= {
            "condition": {"type": "SCIM", "condition_string": 'department eq "Sales"'},
            "sync_identity_action": {"policy_id": "policy-9", "name": "Create account"},
            "custom_properties": {"owner": None},
        }
    return made


def _members(rng: Random) -> list[Any]:
    found: list[Any] = []
    for who in PEOPLE:
        found += [
            {"identity_id": who, "created_from": source, "workflow": rng.choice(["", "joiner", "mover"])}
            for source in rng.sample(SOURCES, rng.choice([0, 0, 1, 1, 2]))
        ]
    rng.shuffle(found)
    return found


def _identity(rng: Random, who: str) -> Json:
    return {
        "id": who,
        "name": rng.choice([f"Person {who}", "Ana Ruiz"]),
        "department": rng.choice(["", "Field Operations"]),
        "title": rng.choice(["", "Account Executive"]),
        "email": rng.choice(["", f"{who}@corp.example"]),
        "active": rng.random() < 0.9,
    }


def _change(tenant: Tenant, profile_id: str, rng: Random, profiles: list[Json]) -> None:
    """Change a profile as somebody else would, past the types' rules."""
    for _ in range(rng.choice([0, 0, 1, 3])):
        tenant.publish_version(profile_id, entities_to_create_relationships_to=[])
    if rng.random() < 0.3:
        crowd = [_entitlement("not-a-datasource", f"g{each}", rng) for each in range(6)]
        tenant.edit_profile(
            profile_id,
            entities_to_create_relationships_to=crowd,
            inherit_entities_from_access_profiles=[rng.choice(profiles)["id"], "not-a-profile"],
        )
    if rng.random() < 0.3:
        tenant.create_draft(profile_id, inherit_entities_from_access_profiles=[profiles[0]["id"]])
    if rng.random() < 0.3:
        catalog = {"name": "Shown", "description": "", "markdown_description": "", "icon": "", "recommended": True}
        tenant.edit_profile(
            profile_id,
            name=rng.choice(["", "A name"]),
            state=rng.choice(["RUNNING", "PENDING"]),
            catalog_item_info=catalog,
            used_by_workflow=True,
            last_sync_error_message="no such group",
            started_at="2024-05-06T07:08:09.123456789Z",
            started_by="user-ana",
        )
