"""Helpers of tests on the plugin: create and change one profile, and read the error that the engine would show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc

from pulumi_veza import AccessProfile
from tests.support.plugin import Json, Plugin, refusal
from tests.support.tenant import Tenant

CREATE = {"method": "POST", "path": "access_profiles$"}
LIST = {"method": "GET", "path": "access_profiles$"}
CHANGE = {"method": "PATCH", "path": "access_profiles/[^/]+$"}

SLACK = 10.0
"""Seconds that a busy machine may take on top."""


def seed(tenant: Tenant, *names: str) -> None:
    """Create a type, a few identities, and profiles of these names with the ids ``p-NAME``."""
    tenant.seed(
        types=[{"id": "t-role", "name": "Role", "allow_create_relationships": True, "allow_inherit_entities": True}],
        profiles=[{"id": f"p-{name}", "name": name, "profile_type": "t-role"} for name in names],
        identities=["ana", "bob", "eve"],
    )


def create(run: Plugin, name: str, **fields: Any) -> tuple[str, Json]:
    """Check and create a profile."""
    return run.create(AccessProfile, inputs(run, name, **fields))


def change(run: Plugin, name: str, state: tuple[str, Json], **fields: Any) -> Json:
    """Check and update a profile."""
    id_, olds = state
    return run.update(AccessProfile, id_, olds, inputs(run, name, **fields))


def inputs(run: Plugin, name: str, **fields: Any) -> Json:
    checked = run.check(AccessProfile, {"name": name, "profile_type": "t-role", "__name": name, **fields})
    assert checked.failures == []
    return checked.inputs


def refused(call: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Return the one line that the engine shows of a call that must fail."""
    try:
        call(*arguments, **named)
    except grpc.RpcError as error:
        said = refusal(error).strip()
    else:
        raise AssertionError("it did not fail")
    assert "\n" not in said, said
    assert "Traceback" not in said
    return said


def sent(tenant: Tenant, rule: Json) -> int:
    """Count the requests since the log was cleared that a fault's rule means."""
    return len([each for each in tenant.requests(path=rule["path"]) if each["method"] == rule["method"]])


def doubled(tenant: Tenant) -> int:
    """Count the profiles that are there more than once."""
    names = [each["name"] for each in tenant.profiles()]
    return len(names) - len(set(names))
