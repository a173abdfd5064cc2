"""Tenants to learn from, and what can be learned of them by reads."""

from __future__ import annotations

import json
import re
from typing import Any

from pulumi_veza import __version__
from pulumi_veza.client.settings import Settings
from pulumi_veza.doctor.learning.behaviour import Behaviour
from pulumi_veza.doctor.learning.catalogue import behaviour
from pulumi_veza.doctor.learning.reading import look
from tests.support.programs import entitlement
from tests.support.tenant import P, Tenant
from veza_simulator.quirks import Quirks
from veza_simulator.routes import DATASOURCES

BOOLEANS = [name for name, field in Quirks.model_fields.items() if field.annotation is bool]
"""The switches that are on or off."""

HIDDEN_BY = {
    "nulls_for_empty": "omit_empty_fields",
    "reference_datasources": "quick_start_datasources",
    "alternating_member_list": "random_order",
}
"""The switches that cannot be told while another one is on."""

TOLD_BY_READS = frozenset(
    {
        "integer_enumerations",
        "integers_as_strings",
        "nulls_for_empty",
        "omit_empty_fields",
        "minimal_types",
        "bare_member_list",
        "entities_without_entity_id",
        "reference_datasources",
        "quick_start_datasources",
        "unknown_fields",
        "random_order",
        "token_after_last_page",
        "version_parameter_ignored",
        "alternating_member_list",
        "rpc_errors",
    }
)
"""The switches that reads can tell, of a tenant that holds something of everything."""

PROFILES = 4
NAMES = ["Ana Ruiz", "Ben Okafor", "Chloe Martin", "Emi Sato", "Hugo Almeida"]
PEOPLE = [f"0b5c8f0e-1111-4c7a-9f55-00000000000{index}" for index in range(len(NAMES))]


def a_seed(
    *, profiles: int = PROFILES, members: int = 5, datasources: int = 3, types: int = 3, rich: bool = True
) -> Any:
    """Return a seed with as many objects; not ``rich``, the profiles are as empty as they can be."""
    more: dict[str, Any] = {
        "labels": ["crm", "sales", "emea", "quarterly"],
        "custom_properties": {"owner": "Ana Ruiz", "state": "RUNNING", "level": 3},
        "entities_to_create_relationships_to": [entitlement(f"00G-{index}", "ds-0") for index in range(3)],
        "description": "What sellers need & get",
    }
    return {
        "identities": [{"id": who, "name": name} for who, name in zip(PEOPLE, NAMES, strict=True)],
        "datasources": [
            {"id": f"ds-{index}", "integration": "SALESFORCE", "entity_types": ["SalesforceGroup"]}
            for index in range(datasources)
        ],
        "types": [
            {"id": f"type-{index}", "name": f"Role {index}", "allow_create_relationships": True}
            for index in range(types)
        ],
        "profiles": [
            {
                "id": f"profile-{index}",
                "name": f"Seller {index}",
                "profile_type": f"type-{index % types}",
                "members": [
                    {"identity_id": who, "created_from": "BIRTHRIGHT" if place else "ACCESS_PROFILE_MEMBERSHIP"}
                    for place, who in enumerate(PEOPLE[:members])
                ],
                **(more if rich and datasources else {}),
            }
            for index in range(profiles if types else 0)
        ],
    }


def learn(tenant: Tenant, **settings: Any) -> Behaviour:
    """Learn from a running tenant."""
    return behaviour(look(Settings(url=tenant.url, api_key=tenant.token, **settings)), f"pulumi-veza {__version__}")


def tellable(quirks: dict[str, Any]) -> dict[str, Any]:
    """Return the switches that reads can tell of the tenant of `a_seed`, with their values."""
    pages = {"largest_page"} if quirks["largest_page"] < PROFILES else set()
    return {name: quirks[name] for name in TOLD_BY_READS | pages if not quirks.get(HIDDEN_BY.get(name, ""), False)}


READS: list[tuple[str, dict[str, str]]] = [
    ("access_profiles_types", {}),
    ("access_profiles_types", {"page_size": "1"}),
    ("access_profiles", {}),
    ("access_profiles", {"page_size": "2"}),
    ("access_profiles", {"entity_extra_info": "true", "include_requestable": "true"}),
    ("access_profiles", {"version": "2"}),
    ("access_profiles", {"filter": 'profile_type eq "type-0"'}),
    ("access_profiles", {"filter": "wrong"}),
    ("access_profiles:available_integrations", {}),
    ("access_profiles/profile-0/versions/1/members", {}),
    ("access_profiles/profile-0/versions/1/members", {}),
    ("access_profiles/none/versions/1/members", {}),
    (f"identities/{PEOPLE[0]}", {}),
    ("identities/nobody", {}),
    (DATASOURCES, {}),
    (f"{DATASOURCES}/ds-0", {}),
    (f"{DATASOURCES}:by_action_type", {"action_type": "2"}),
]
"""A read of everything that the documents let read."""


def answers(tenant: Tenant, *, ordered: bool) -> list[Any]:
    """Return what the tenant answers to every read, without what is its own: times, tokens and request ids."""
    found = []
    for path, params in READS:
        answer = tenant.api("GET", path if path.startswith("/") else f"{P}/{path}", params=params)
        text = re.sub(r'"\d{4}-\d\d-\d\dT[^"]*Z"', '"TIME"', answer.text)
        text = re.sub(r'"next_page_token":"[^"]+"', '"next_page_token":"TOKEN"', text)
        text = re.sub(r'"request_id": ?"[^"]*"', '"request_id":"ID"', text)
        value = json.loads(text)
        found.append((path, params, answer.status_code, value if ordered else _sorted(value)))
    return found


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value
