"""Access requests: how a change of a member opens one, and how it moves through its states."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from veza_simulator.clock import now
from veza_simulator.problems import not_found
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant


class RequestChange(BaseModel):
    """What becomes of an access request: its state, and that of its plan with the plan's error."""

    model_config = ConfigDict(extra="forbid")

    state: str | None = None
    plan_state: str | None = None
    error_message: str | None = None


def granted(tenant: Tenant, version: Document) -> list[Document]:
    """Return the entitlements of a version, its own and those that it inherits."""
    found, seen, waiting = list(version[ENTITLEMENTS]), set[str](), list(version[INHERITS])
    while waiting:
        parent = tenant.store.profile(waiting.pop(0))
        if parent is None or parent["id"] in seen:
            continue
        seen.add(parent["id"])
        current = tenant.version(parent["id"], parent["current_version_number"])
        found += current[ENTITLEMENTS]
        waiting += current[INHERITS]
    return found


def opened(
    tenant: Tenant,
    operation: str,
    profile: Document,
    version: Document,
    identity_id: str,
    entitlements: Sequence[Document],
) -> Document:
    """Return the access request that a change of a member opens, with a job for each entitlement."""
    state = tenant.quirks.access_request_states[0]
    return {
        "id": str(uuid.uuid4()),
        "state": state,
        "type": "PROVISION" if operation == "ADD" else "DEPROVISION",
        "identity_id": identity_id,
        "access_profile_id": profile["id"],
        "access_profile_name": profile["name"],
        "version_number": version["version_number"],
        ENTITLEMENTS: version[ENTITLEMENTS],
        INHERITS: version[INHERITS],
        "created_at": now(),
        "reads": 0,
        "plans": [_plan(state, operation, profile["id"], [_job(each, identity_id) for each in entitlements])],
    }


def read(tenant: Tenant, request_id: str) -> dict[str, Any]:
    """``GET access_requests/{id}``: the request as it is; so many reads move it on to its next state."""
    request = _found(tenant, request_id)
    states, every = tenant.quirks.access_request_states, tenant.quirks.access_request_reads
    answer = {"value": {"id": request["id"], "state": request["state"]}, "plans": request["plans"]}
    request = {**request, "reads": request["reads"] + 1}
    if request["state"] in states[:-1] and request["reads"] % every == 0:
        request = _moved(request, states[states.index(request["state"]) + 1])
    with tenant.store.transaction():
        tenant.store.put_access_requests([request])
    return answer


def change(tenant: Tenant, request_id: str, wanted: RequestChange) -> None:
    """Set the state of an access request, which its plan follows unless it is given one of its own."""
    request = _found(tenant, request_id)
    changed = _moved(request, wanted.state or request["state"], wanted.plan_state, wanted.error_message)
    with tenant.store.transaction():
        tenant.store.put_access_requests([changed])


def forget(tenant: Tenant, request_id: str) -> None:
    """Delete an access request: the tenant does not know it any more."""
    _found(tenant, request_id)
    with tenant.store.transaction():
        tenant.store.delete("access_requests", request_id)


def _found(tenant: Tenant, request_id: str) -> Document:
    request = tenant.store.access_request(request_id)
    if request is None:
        raise not_found(f"there is no access request {request_id!r}")
    return {"state": "INITIAL", "reads": 0, "plans": [], **request}


def _moved(request: Document, state: str, plan_state: str | None = None, error_message: str | None = None) -> Document:
    plans = [
        {
            **each,
            "state": plan_state or state,
            "error_message": each["error_message"] if error_message is None else error_message,
        }
        for each in request["plans"]
    ]
    return {**request, "state": state, "plans": plans}


def _plan(state: str, operation: str, profile_id: str, jobs: list[Document]) -> Document:
    return {
        "id": str(uuid.uuid4()),
        "state": state,
        "request_type": "GRANT" if operation == "ADD" else "REVOKE",
        "request_source": "ACCESS_PROFILE",
        "plan_source": "ACCESS_PROFILE",
        "plan_source_id": profile_id,
        "plan_jobs": jobs,
        "error_message": "",
        "request_source_id": profile_id,
        "jit_duration_in_seconds": 0,
        "jit_revoke_at": None,
        "jit_revoke_jobs": [],
    }


def _job(entity: Document, identity_id: str) -> Document:
    return {
        "job_id": str(uuid.uuid4()),
        "data_source": {"id": entity["datasource_id"]},
        "input_entities": [],
        "action_type": "MANAGE_RELATIONSHIPS",
        "action_config": None,
        "action_job_id": "",
        "action_name": f"{entity['entity_type']} {entity['entity_id']}",
        "identity_id": identity_id,
        "stop_on_error": False,
        "ttl": "0s",
    }
