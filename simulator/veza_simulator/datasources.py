"""Which datasource, integration and provider an entitlement belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from veza_simulator.store import Document

DOCUMENTED_INTEGRATIONS = ("ACTIVE_DIRECTORY", "AWS", "AZURE", "GOOGLE", "OKTA", "SALESFORCE", "WORKDAY")
"""What the documents' example of ``available_integrations`` shows: the answer where nothing was seeded."""


class Datasources:
    """The known datasources, and what is derived from them for entitlements."""

    def __init__(self, known: Mapping[str, Document], integrations: Iterable[str]) -> None:
        self.known = known
        self.integrations = tuple(integrations)

    def integration(self, entity: Document) -> str | None:
        """Return the integration of the datasource, or the one that the name of the entity type begins with."""
        datasource = self.known.get(entity["datasource_id"])
        if datasource is not None:
            return str(datasource["provider_type"])
        entity_type = entity["entity_type"].lower()
        return next((each for each in self.integrations if entity_type.startswith(_letters(each))), None)

    def derived(self, entities: Iterable[Document]) -> dict[str, list[str]]:
        """Return a profile's ``integrations``, ``provider_ids`` and ``provider_external_ids``."""
        integrations: dict[str, None] = {}
        providers: dict[str, None] = {}
        externals: dict[str, None] = {}
        for entity in entities:
            datasource = self.known.get(entity["datasource_id"], {})
            integration = self.integration(entity)
            if integration:
                integrations[integration] = None
            providers[datasource.get("provider_id") or entity["datasource_id"]] = None
            if datasource.get("external_id"):
                externals[datasource["external_id"]] = None
        return {
            "integrations": sorted(integrations),
            "provider_ids": list(providers),
            "provider_external_ids": list(externals),
        }

    def detailed(self, entity: Document) -> Document:
        """Return the entity with the fields that ``entity_extra_info=true`` fills."""
        datasource = self.known.get(entity["datasource_id"], {})
        entity_id: str = entity["entity_id"]
        added = {
            "extraction_datasource_id": datasource.get("extraction_datasource_id", ""),
            "provider_id": datasource.get("provider_id") or entity["datasource_id"],
            "provider_external_id": datasource.get("external_id", ""),
            "entity_name": entity_id.rpartition(":")[2],
            "native_id": entity_id.rpartition(":")[2],
        }
        return {**entity, **{field: entity[field] or value for field, value in added.items()}}


def new_datasource(
    datasource_id: str,
    integration: str,
    *,
    name: str = "",
    provider_id: str = "",
    external_id: str = "",
    entity_types: Iterable[str] = (),
) -> Document:
    """Return a datasource as it is stored: the documented fields, and the ids for the responses of its entitlements."""
    return {
        "id": datasource_id,
        "name": name or datasource_id,
        "provider_type": integration,
        "external_id": external_id,
        "provider_id": provider_id or f"{datasource_id}-provider",
        "extraction_datasource_id": f"{datasource_id}-extraction",
        "entity_types": list(entity_types),
    }


def can(datasource: dict[str, Any], action: str, entity_type: str, relationship: str) -> bool:
    """Return whether a response's datasource can do this; an empty text asks for nothing."""
    return any(
        (not action or each["action_type"] == action)
        and (not entity_type or entity_type in each["supported_entity_types"])
        and (not relationship or relationship in each["supported_relationship_types"])
        for each in datasource["available_actions"]
    )


def answered(datasource: Document) -> dict[str, Any]:
    """Return a datasource as the API responds with it."""
    groups = datasource["entity_types"]
    return {
        "id": datasource["id"],
        "name": datasource["name"],
        "provider_type": datasource["provider_type"],
        "external_id": datasource["external_id"],
        "lifecycle_management_enabled": True,
        "supported_capabilities": ["ACCESS_TARGET"],
        "available_actions": [
            {
                "action_type": "MANAGE_RELATIONSHIPS",
                "description": "Give and take access",
                "supported_entity_types": groups,
                "supported_relationship_types": ["MemberOf"],
            }
        ],
        "syncable_attributes": [],
        "grantable_entitlements": [
            {"entity_type": each, "entitlement_type": "MemberOf", "description": f"Grant a {each}"} for each in groups
        ],
    }


def answered_as_in_the_reference(datasource: dict[str, Any]) -> dict[str, Any]:
    """Return a response's datasource in the shape that the reference shows."""
    return {
        "id": datasource["id"],
        "enabled": datasource["lifecycle_management_enabled"],
        "datasource": {"id": datasource["id"], "name": datasource["name"], "type": datasource["provider_type"]},
        "definition": {
            "source_of_identity_definition": None,
            "actions": [
                {"type": each["action_type"], "idempotent": True, "input_entity_types": [], "output_entity_types": []}
                for each in datasource["available_actions"]
            ],
        },
    }


def answered_as_in_the_quick_start(datasource: dict[str, Any]) -> dict[str, Any]:
    """Return a response's datasource in the shape that the documents' first steps show."""
    actions = [{"type": each["action_type"]} for each in datasource["available_actions"]]
    return {
        "id": datasource["id"],
        "datasource": {"name": datasource["name"], "provider_id": f"{datasource['id']}-provider"},
        "definition": {"provider_type": datasource["provider_type"], "actions": actions},
    }


def _letters(integration: str) -> str:
    return integration.replace("_", "").lower()
