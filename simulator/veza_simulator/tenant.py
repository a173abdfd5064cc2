"""The tenant: what the documented calls do to it."""

from __future__ import annotations

import json
import secrets
import uuid
from functools import partial
from itertools import count
from typing import Any

from veza_simulator import objects, rules
from veza_simulator.clock import now
from veza_simulator.datasources import DOCUMENTED_INTEGRATIONS, Datasources
from veza_simulator.fields import CREATE, blank, names
from veza_simulator.journal import Change, Journal
from veza_simulator.keeping import kept
from veza_simulator.paging import PageTokens
from veza_simulator.problems import RefusedRequestError, invalid, not_found
from veza_simulator.quirks import Quirks
from veza_simulator.rendering import Renderer, assembled, member_details
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.starts import await_approval, await_approval_at_creation
from veza_simulator.store import Document, Store

CALLER = "3cedc292-4014-45e9-b7d9-8cb1695e1454"
"""The id of the user that the API key belongs to."""

PROFILE_FIELDS = names(objects.Profile, CREATE)
"""What a POST sets on the profile itself."""
VERSION_FIELDS = names(objects.Version, CREATE)
"""What a POST sets on the profile's first version."""

_QUIRKS, _INTEGRATIONS, _TOKEN_KEY = "quirks", "integrations", "page_token_key"


class Tenant:
    """Types, profiles and versions, with the documented semantics."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.render = Renderer(store)
        self.journal = Journal()
        self._quirks = Quirks.model_validate_json(store.setting(_QUIRKS) or "{}")
        key = store.setting(_TOKEN_KEY) or secrets.token_hex(16)
        store.keep_setting(_TOKEN_KEY, key)
        self.page_tokens = PageTokens(bytes.fromhex(key))
        self.unlisted_reads: dict[str, int] = {}
        """How many more times the member list of a new profile answers 404."""
        self.member_lists = count()
        """How many member lists were answered."""

    @property
    def quirks(self) -> Quirks:
        """The switches; assigning keeps them with the tenant."""
        return self._quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self.store.keep_setting(_QUIRKS, quirks.model_dump_json())

    @property
    def integrations(self) -> list[str]:
        """The available integrations."""
        kept = self.store.setting(_INTEGRATIONS)
        return list(DOCUMENTED_INTEGRATIONS) if kept is None else list(json.loads(kept))

    @integrations.setter
    def integrations(self, names: list[str]) -> None:
        self.store.keep_setting(_INTEGRATIONS, json.dumps(names))

    def datasources(self) -> Datasources:
        """Return the known datasources."""
        return Datasources(self.store.datasources(), self.integrations)

    def reset(self) -> None:
        """Empty the tenant and set every switch to its default."""
        with self.store.transaction():
            self.store.clear()
            self.quirks = Quirks()
            self.integrations = list(DOCUMENTED_INTEGRATIONS)
        self.journal.clear()
        self.unlisted_reads.clear()

    # Types

    def create_type(self, body: Document, *, type_id: str | None = None) -> Document:
        """``POST access_profiles_types``."""
        rules.check_type(body)
        body = kept(body, self.quirks)
        self._check_unique("types", "access profile type", body["name"])
        timestamp = now()
        kind = {
            **blank(objects.ProfileType),
            **body,
            "id": type_id or str(uuid.uuid4()),
            "create_entitlements": [
                {**blank(objects.CreateEntitlement), **each, "id": str(uuid.uuid4())}
                for each in body["create_entitlements"]
            ],
            "enabled": True,
            "created_at": timestamp,
            "updated_at": timestamp,
        }
        with self.store.transaction():
            self.journal.record(Change("type", kind["id"]))
            self.store.put("types", kind)
        return kind

    def type(self, type_id: str) -> Document:
        """Return the type of this id; raise 400 where there is none."""
        kind = self.store.get("types", type_id)
        if kind is None:
            raise invalid(f"profile_type: there is no access profile type {type_id!r}")
        return kind

    # Profiles

    def create_profile(self, body: Document, *, profile_id: str | None = None) -> Document:
        """``POST access_profiles``: the profile with version 1, published."""
        kind = self.type(body["profile_type"])
        body = kept(body, self.quirks)
        content = {field: body[field] for field in VERSION_FIELDS}
        content["access_request_policy_id"] = (
            content["access_request_policy_id"] or kind["access_request_policy_id"] or ""
        )
        key = profile_id or str(uuid.uuid4())
        derived = self.check_content(kind, key, content)
        name = self._prefixed(body["name"], kind, derived["integrations"])
        self._check_unique("profiles", "access profile", name, key)
        timestamp = now()
        version = new_version(1, "PUBLISHED", content, timestamp)
        profile = {
            **blank(objects.Profile),
            **{field: body[field] for field in PROFILE_FIELDS},
            **derived,
            "id": key,
            "name": name,
            "current_version_number": 1,
            "sync_allowed": kind["create_entitlement_based_on_profile"],
            "created_by": CALLER,
            "created_at": timestamp,
            "updated_at": timestamp,
        }
        await_approval_at_creation(profile, self.quirks)
        _note_start(profile, timestamp)
        with self.store.transaction():
            self.remember(key)
            self.store.put_version(key, version)
            self.store.put_profile(profile)
            self.store.set_parents(key, content[INHERITS])
        return profile

    def patch_profile(self, profile_id: str, body: Document, fields: set[str]) -> Document:
        """``PATCH access_profiles/{id}``: replaces exactly ``fields``."""
        profile = self.profile(profile_id)
        changes = kept({field: value for field, value in body.items() if field in fields}, self.quirks)
        if not changes.get("name", profile["name"]):
            raise invalid("name: it must not be empty")
        if changes.get("name", profile["name"]) != profile["name"]:
            self._check_unique("profiles", "access profile", changes["name"], profile_id)
        self._check_datasource_ids(changes.get("datasource_ids", ()))
        if changes.get("profile_type", profile["profile_type"]) != profile["profile_type"]:
            current = self.version(profile_id, profile["current_version_number"])
            self.check_content(self.type(changes["profile_type"]), profile_id, current)
        timestamp = now()
        changed = {**profile, **changes, "updated_at": timestamp}
        await_approval(profile, changed, self.quirks)
        _note_start(changed, timestamp)
        with self.store.transaction():
            self.remember(profile_id)
            self.store.put_profile(changed)
        return changed

    def profile(self, profile_id: str) -> Document:
        """Return the profile of this id; raise 404 where there is none."""
        profile = self.store.profile(profile_id)
        if profile is None:
            raise not_found(f"there is no access profile {profile_id!r}")
        return profile

    # Versions

    def patch_version(self, profile_id: str, number: int, body: Document, fields: set[str]) -> Document:
        """``PATCH access_profiles/{id}/versions/{n}``: replaces exactly ``fields``; a draft can be published."""
        profile = self.profile(profile_id)
        version = self.version(profile_id, number)
        self.check_not_retired(version)
        changes = kept({field: value for field, value in body.items() if field in fields}, self.quirks)
        state = changes.pop("state", version["state"])
        publish = (version["state"], state) == ("DRAFT", "PUBLISHED")
        if state != version["state"] and not publish:
            raise invalid(f"state: a version that is {version['state']} cannot become {state}")
        timestamp = now()
        if ENTITLEMENTS in changes:
            changes[ENTITLEMENTS] = dated(changes[ENTITLEMENTS], version[ENTITLEMENTS], timestamp)
        changed = {**version, **changes, "updated_at": timestamp}
        derived = self.check_content(self.type(profile["profile_type"]), profile_id, changed)
        with self.store.transaction():
            self.remember(profile_id)
            self.store.put_version(profile_id, changed)
            if publish:
                return self.publish(profile, changed)
            if number == profile["current_version_number"]:
                self.store.put_profile({**profile, **derived, "updated_at": timestamp})
                self.store.set_parents(profile_id, changed[INHERITS])
        return changed

    def publish(self, profile: Document, version: Document) -> Document:
        """Make a version the current one: retire the one before it, and copy its members."""
        key, number, before = profile["id"], version["version_number"], profile["current_version_number"]
        timestamp = now()
        published = {
            **version,
            "state": "PUBLISHED",
            "updated_at": timestamp,
            "published_at": timestamp,
            "published_by": CALLER,
        }
        with self.store.transaction():
            old = self.store.version(key, before)
            if old is not None and before != number:
                self.store.put_version(key, {**old, "state": "RETIRED", "updated_at": timestamp})
                if not self.quirks.members_stay_behind:
                    self.store.members.copy(key, before, number)
            self.store.put_version(key, published)
            draft = profile["draft_version_number"]
            self.store.put_profile(
                {
                    **profile,
                    **self.datasources().derived(published[ENTITLEMENTS]),
                    "current_version_number": number,
                    "draft_version_number": 0 if draft == number else draft,
                    "updated_at": timestamp,
                }
            )
            self.store.set_parents(key, published[INHERITS])
        return published

    def version(self, profile_id: str, number: int) -> Document:
        """Return a version of a profile; raise 404 where there is none."""
        version = self.store.version(profile_id, number)
        if version is None:
            raise not_found(f"the access profile {profile_id!r} has no version {number}")
        return version

    def check_not_retired(self, version: Document) -> None:
        """Refuse a change of a retired version, unless the switch for it is off."""
        if version["state"] == "RETIRED" and self.quirks.retired_versions_read_only:
            raise invalid(f"version {version['version_number']} is retired and cannot be changed")

    # Identities

    def identity_key(self, identity_id: str) -> str:
        """Return the text by which an identity's id is compared."""
        return identity_id.casefold() if self.quirks.identity_ids_without_case else identity_id

    def identity_id(self, identity_id: str) -> str:
        """Return the id as the tenant keeps it: a known identity's own, else in small letters where case is nothing."""
        if not self.quirks.identity_ids_without_case:
            return identity_id
        return self.store.identity_id_without_case(identity_id) or identity_id.lower()

    # Checks

    def check_content(self, kind: Document, profile_id: str, content: Document) -> dict[str, list[str]]:
        """Refuse a version's content that the type or the tenant does not allow; return the derived fields."""
        datasources = self.datasources()
        named = [each["datasource_id"] for each in content[ENTITLEMENTS]]
        if content["application_datasource_id"]:
            named.append(content["application_datasource_id"])
        self._check_datasource_ids(named, datasources)
        derived = datasources.derived(content[ENTITLEMENTS])
        rules.check_entitlements(kind, content[ENTITLEMENTS], derived["integrations"])
        rules.check_inheritance(kind, {each: self.store.profile(each) for each in content[INHERITS]})
        rules.check_no_cycle(profile_id, content[INHERITS], self.store.parents)
        rules.check_application(kind, content["application_datasource_id"])
        rules.check_access_request_policy(kind, content["access_request_policy_id"])
        return derived

    def _check_datasource_ids(self, ids: Any, datasources: Datasources | None = None) -> None:
        known = (datasources or self.datasources()).known
        strict = self.quirks.strict_datasources
        if not (bool(known) if strict is None else strict):
            return
        for each in ids:
            if each not in known:
                raise invalid(f"datasource_id: there is no lifecycle management datasource {each!r}")

    def _check_unique(self, table: str, what: str, name: str, own_id: str = "") -> None:
        quirks = self.quirks
        if quirks.unique_names or quirks.unique_names_without_case:
            others = self.store.all_named(table, name, without_case=quirks.unique_names_without_case)
            if any(each["id"] != own_id for each in others):
                raise RefusedRequestError(409, f"there is an {what} {name!r} already")

    def _prefixed(self, name: str, kind: Document, integrations: list[str]) -> str:
        wanted = self.quirks.integration_prefix_in_names and kind["require_single_integration"]
        if not (wanted and kind["add_integration_prefix_to_access_profile_names"] and integrations):
            return name
        return f"{integrations[0]} {name}"

    def remember(self, profile_id: str) -> None:
        """Record in the journal what a profile is before it changes."""
        profile = self.store.profile(profile_id)
        if profile is None:
            self.journal.record(Change("profile", profile_id))
            return
        current = self.version(profile_id, profile["current_version_number"])
        heirs = self.store.heirs([profile_id])[profile_id]
        numbers = self.store.versions([profile_id])[profile_id]
        members = {number: self.store.members.of_version(profile_id, number) for number in numbers}
        self.journal.record(
            Change(
                "profile",
                profile_id,
                partial(assembled, profile, current, members[current["version_number"]], heirs),
                {number: partial(member_details, profile, each) for number, each in members.items()},
            )
        )


def new_version(number: int, state: str, content: Document, timestamp: str) -> Document:
    """Return a version as it is stored."""
    published = state == "PUBLISHED"
    return {
        **blank(objects.Version),
        **{field: content[field] for field in VERSION_FIELDS},
        "version_number": number,
        "state": state,
        ENTITLEMENTS: dated(content[ENTITLEMENTS], [], timestamp),
        "created_by": CALLER,
        "created_at": timestamp,
        "updated_at": timestamp,
        "published_by": CALLER if published else "",
        "published_at": timestamp if published else None,
    }


def dated(entities: list[Document], before: list[Document], timestamp: str) -> list[Document]:
    """Return entitlements as they are stored: with the server's fields, and the time each first appeared."""
    since = {_identity(each): each["created_at"] for each in before}
    return [{**blank(objects.Entity), **each, "created_at": since.get(_identity(each), timestamp)} for each in entities]


def _identity(entity: Document) -> tuple[str, ...]:
    return entity["entity_type"], entity["datasource_id"], entity["entity_id"]


def _note_start(profile: Document, timestamp: str) -> None:
    if profile["state"] == "RUNNING" and profile["started_at"] is None:
        profile |= {"started_at": timestamp, "started_by": CALLER}
