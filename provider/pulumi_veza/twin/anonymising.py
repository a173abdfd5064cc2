"""Replace everything in a twin's document that people or the tenant have written, and keep its structure.

Only what is known to name nobody stays: ids that are UUIDs, numbers of versions, times, states and other enumerations,
entity types and integrations. Every other text is replaced, the same text by the same stand-in, so that what was equal
is equal still, and a field that nobody foresaw is replaced as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi_veza.twin.document import Json

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_NAME_OF_A_VALUE: Final = re.compile(r"[A-Z][A-Z0-9_]*")

_KEPT: Final = frozenset(
    {
        "state",
        "on_create_behavior",
        "created_from",
        "grant_by",
        "type",
        "entity_type",
        "entity_types",
        "assigned_to_entity_type",
        "integration",
        "integrations",
    }
)
"""The fields whose texts are names of the product's own: of enumerations, entity types and integrations."""

_PEOPLE: Final = frozenset({"identity_id", "created_by", "published_by", "started_by", "identity_created_by"})
"""The fields that hold the id of a person: an identity, or a user of Veza."""

_WORDS: Final[Mapping[str, str]] = {
    "labels": "label",
    "description": "description",
    "instructions": "instructions",
    "title": "title",
    "department": "department",
    "email": "email",
    "workflow": "workflow",
    "entity_id": "entity",
    "assigned_to_entity_id": "entity",
    "native_id": "entity",
    "entity_name": "entity-name",
    "condition_string": "condition",
    "last_sync_error_message": "error",
}
"""By field, the word that its stand-ins begin with; that of other fields is in `_word`."""


def anonymised(document: Json) -> Json:
    """Return a document with stand-ins for people, names and texts; the same document gives the same stand-ins."""
    return _StandIns().document(document)


class _StandIns:
    """The stand-ins of one document."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, Any], str] = {}
        self._counts: dict[str, int] = {}

    def document(self, document: Json) -> Json:
        copied = document.get("copy_of") or {}
        return {
            **{name: value for name, value in document.items() if name == "version"},
            **({"integrations": document["integrations"]} if document.get("integrations") is not None else {}),
            "identities": [self._identity(each) for each in document.get("identities") or ()],
            "datasources": [self._object(each, "datasource") for each in document.get("datasources") or ()],
            "copy_of": {
                "tenant": "",
                "anonymised": True,
                "types": [self._object(each, "type") for each in copied.get("types") or ()],
                "profiles": [self._object(each, "profile") for each in copied.get("profiles") or ()],
            },
        }

    def _identity(self, identity: Json) -> Json:
        found = self._object(identity, "person")
        return {**found, "id": self._person(identity["id"])} | (
            {"entity_id": self._of("account", identity["entity_id"])} if identity.get("entity_id") else {}
        )

    def _object(self, value: Mapping[str, Any], what: str) -> Json:
        return {name: self._field(name, each, what) for name, each in value.items()}

    def _field(self, name: str, value: Any, what: str) -> Any:
        if name == "custom_properties":
            return self._opaque(value)
        if isinstance(value, Mapping):
            return self._object(value, _INNER.get(name, name))
        if isinstance(value, list):
            return [self._field(name, each, what) for each in value]
        return self._text(name, value, what) if isinstance(value, str) and value else value

    def _text(self, name: str, text: str, what: str) -> str:
        if name in _PEOPLE:
            return self._person(text)
        if _TIME.fullmatch(text) or (name in _KEPT and _is_a_value(name, text)):
            return text
        word = _word(name, what)
        if word in _IDS:
            return text if _UUID.fullmatch(text) else self._of(word, text)
        stand_in = self._of(word, text)
        return f"{stand_in}@example.com" if name == "email" else stand_in

    def _person(self, identity_id: str) -> str:
        # Ids that differ only in case are one person's.
        return self._of("identity", identity_id.casefold())

    def _opaque(self, value: Any) -> Any:
        """Replace a value of any shape: texts, numbers, and the names of properties."""
        if isinstance(value, Mapping):
            return {self._of("property", name): self._opaque(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._opaque(each) for each in value]
        if isinstance(value, str):
            return self._of("value", value) if value else value
        if isinstance(value, bool) or value is None:
            return value
        return int(self._of("number", value).rpartition("-")[2])

    def _of(self, word: str, original: Any) -> str:
        """Return the stand-in of a value among those of a word."""
        key = (word, original)
        if key not in self._given:
            self._counts[word] = self._counts.get(word, 0) + 1
            self._given[key] = f"{word}-{self._counts[word]}"
        return self._given[key]


_INNER: Final[Mapping[str, str]] = {"sync_identity_action": "action", "application_sync_identity_action": "action"}
_ID_WORDS: Final[Mapping[str, str]] = {
    "profile_type": "type-id",
    "allow_inherited_from_types": "type-id",
    "inherit_entities_from_access_profiles": "profile-id",
    "datasource_id": "datasource-id",
    "datasource_ids": "datasource-id",
    "application_datasource_id": "datasource-id",
    "extraction_datasource_id": "datasource-id",
    "provider_id": "provider-id",
    "provider_ids": "provider-id",
    "external_id": "provider-external-id",
    "provider_external_id": "provider-external-id",
    "provider_external_ids": "provider-external-id",
    "rbac_id": "rbac-id",
    "profile_type_rbac_id": "rbac-id",
    "policy_id": "policy-id",
    "access_request_policy_id": "request-policy-id",
    "access_request_id": "request-id",
    "last_sync_job_id": "job-id",
    "last_sync_job_ids": "job-id",
    "created_entity_id": "entity-id",
    "create_entitlement_detail_id": "detail-id",
}
"""By field, the word of ids: those that are UUIDs say nothing of anybody, and stay."""
_IDS: Final = frozenset({*_ID_WORDS.values(), "type-id", "profile-id", "datasource-id", "id"})


def _word(name: str, what: str) -> str:
    if name == "id":
        return f"{what}-id" if f"{what}-id" in _IDS else "id"
    if name == "name":
        return what
    return _ID_WORDS.get(name) or _WORDS.get(name) or "text"


def _is_a_value(name: str, text: str) -> bool:
    """Return whether a text has the form of what the field's names look like."""
    return "type" in name or bool(_NAME_OF_A_VALUE.fullmatch(text))
