"""Models of what Lifecycle Management holds beside access profiles: identities, access requests, datasources.

They are as tolerant as those of `pulumi_veza.client.models`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, model_validator

from pulumi_veza.client.models import ActionType, ApiObject, Enumeration, Seconds


class IdentityProfile(ApiObject):
    """One of an identity's ``access_profile_details``: a profile that it is a member of, by one source."""

    access_profile_id: str | None = None
    access_profile_name: str | None = None
    created_from: Enumeration = None


class Identity(ApiObject):
    """An identity that a policy of Lifecycle Management manages; one person may be several.

    ``id`` is the identity's own UUID within the policy. ``entity_type`` and ``entity_id`` say what it is in the source
    of identities, such as an ``OktaUser``; ``entity_name`` is the person's name.
    """

    id: str | None = None
    policy_id: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    entity_name: str | None = None
    email: str | None = None
    title: str | None = None
    department: str | None = None
    active: bool | None = None
    access_profiles: list[str] | None = None
    access_profile_details: list[IdentityProfile] | None = None
    workflows_triggered: list[str] | None = None
    last_checked_at: str | None = None


class PlanJob(ApiObject):
    """One of a plan's ``plan_jobs``: an action for an identity in a datasource."""

    job_id: str | None = None
    data_source: dict[str, Any] | None = None
    input_entities: list[dict[str, Any]] | None = None
    action_type: ActionType = None
    action_config: dict[str, Any] | None = None
    action_name: str | None = None
    action_job_id: str | None = None
    identity_id: str | None = None
    stop_on_error: bool | None = None
    ttl: str | None = None


class RequestPlan(ApiObject):
    """One of an access request's ``plans``; what begins with ``jit_`` is about access for a limited time."""

    id: str | None = None
    state: Enumeration = None
    request_type: Enumeration = None
    request_source: Enumeration = None
    request_source_id: str | None = None
    plan_source: Enumeration = None
    plan_source_id: str | None = None
    plan_jobs: list[PlanJob] | None = None
    error_message: str | None = None
    jit_duration_in_seconds: Seconds = None
    jit_revoke_at: str | None = None
    jit_revoke_jobs: list[PlanJob] | None = None


class AccessRequestStatus(ApiObject):
    """An access request with its plans: the response's ``value``, if there is one, and the ``plans`` beside it.

    ``state`` is the name that the API uses. It names ``INITIAL``, ``WAITING_FOR_APPROVAL`` and
    ``NEEDS_MORE_INFORMATION``; more exist, and none is refused. The reference shows an empty ``value``, of which the
    plans say the rest.
    """

    id: str | None = None
    state: Enumeration = None
    identity_id: str | None = None
    access_profile_id: str | None = None
    error_message: str | None = None
    plans: list[RequestPlan] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_object(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not data.keys() & {"value", "plans", "state"}:
            raise ValueError("an access request was expected, with value and plans")
        value = data.get("value", data)
        if not isinstance(value, Mapping | None):
            return value
        return {**(value or {}), **({"plans": data["plans"]} if "plans" in data else {})}


_KINDS: Final = (
    ("datasource", "provider_type"),
    ("datasource", "type"),
    ("datasource", "data_provider_type"),
    ("definition", "provider_type"),
    ("definition", "data_provider_type"),
    ("definition", "type"),
    ("definition",),
    ("definition", "source_of_identity_definition", "entity_type"),
)


class Datasource(BaseModel):
    """A datasource that Lifecycle Management can provision.

    The documents show three shapes. ``name`` is read from ``datasource.name`` where it is not beside the id, and
    ``provider_type``, such as ``SALESFORCE``, from the ``datasource`` or the ``definition``; of a source of identities
    that says no more it is the type of its entities. Every other field stays readable as it was sent.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str | None = None
    name: str | None = None
    provider_type: Enumeration = None

    @model_validator(mode="before")
    @classmethod
    def _from_any_shape(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        found = {
            "id": data.get("id") or next(_within(data, ("datasource", "id")), None),
            "name": data.get("name") or next(_within(data, ("datasource", "name")), None),
            "provider_type": data.get("provider_type")
            or next((k for path in _KINDS for k in _within(data, path)), None),
        }
        return {**data, **{name: value for name, value in found.items() if value is not None}}


def _within(data: Any, path: tuple[str, ...]) -> Iterator[str | int]:
    """Yield the text or number at a path, if it is there."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    if isinstance(data, str | int) and not isinstance(data, bool) and data != "":
        yield data
