"""The floor that returns the outputs of ours: the same inputs, and the same properties in the state.

A property is an output of a resource only where the resource names it, which has a price as well; so those that ours
has in the state are named here, and no other. ``tests/bench`` holds both states against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pulumi import Output, dynamic
from typing_extensions import override

from bench.floors import Floor

CREATED = "2026-01-01T00:00:00.000000001Z"


class TypeProvider(Floor):
    """The provider of types."""

    defaults: ClassVar[Mapping[str, Any]] = {"adopt": "identical", "on_destroy": "retain"}
    computed: ClassVar[Mapping[str, Any]] = {
        "enabled": True,
        "integrations": [],
        "created_at": CREATED,
        "updated_at": CREATED,
        "__tenant": "http://127.0.0.1:8080",
    }


class ProfileProvider(Floor):
    """The provider of profiles."""

    defaults: ClassVar[Mapping[str, Any]] = {"adopt": "identical", "on_destroy": "pause", "state": "RUNNING"}
    computed: ClassVar[Mapping[str, Any]] = {
        "adopted": False,
        "current_version_number": 1,
        "draft_version_number": 0,
        "integrations": [],
        "provider_ids": [],
        "requestable": False,
        "created_at": CREATED,
        "updated_at": CREATED,
        "__tenant": "http://127.0.0.1:8080",
    }


class MembershipProvider(Floor):
    """The provider of sets, whose members are a mapping in the state, as in ours."""

    defaults: ClassVar[Mapping[str, Any]] = {
        "allow_emptying": False,
        "max_removal_percent": 20,
        "mode": "additive",
        "on_destroy": "remove",
        "on_member_failure": "warn",
        "version": "current",
    }
    computed: ClassVar[Mapping[str, Any]] = {
        "access_request_ids": [],
        "failures": {},
        "members": {},
        "unmanaged_identity_ids": {},
        "version_number": 1,
        "__listed_at": CREATED,
        "__profile_type": "00000000-0000-0000-0000-000000000000",
        "__selectors": ["1", "current"],
        "__tenant": "http://127.0.0.1:8080",
    }

    @override
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        ids = news["identity_ids"]
        return super().check(_olds, {**news, "identity_ids": dict(zip(ids, ids, strict=True))})

    @override
    def outputs(self, _props: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.computed, "members": {each: {"name": each} for each in _props["identity_ids"]}}


class AccessProfileType(dynamic.Resource, module="floor", name="AccessProfileType"):
    """A type that is nowhere but in the state."""

    name: Output[str]
    adopt: Output[str]
    on_destroy: Output[str]
    enabled: Output[bool]
    integrations: Output[list[str]]
    created_at: Output[str]
    updated_at: Output[str]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(TypeProvider(), resource_name, _named(TypeProvider, resource_name, args), opts)


class AccessProfile(dynamic.Resource, module="floor", name="AccessProfile"):
    """A profile that is nowhere but in the state."""

    name: Output[str]
    profile_type: Output[str]
    labels: Output[list[str]]
    state: Output[str]
    adopt: Output[str]
    on_destroy: Output[str]
    adopted: Output[bool]
    current_version_number: Output[int]
    draft_version_number: Output[int]
    integrations: Output[list[str]]
    provider_ids: Output[list[str]]
    requestable: Output[bool]
    created_at: Output[str]
    updated_at: Output[str]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(ProfileProvider(), resource_name, _named(ProfileProvider, resource_name, args), opts)


class MembershipSet(dynamic.Resource, module="floor", name="MembershipSet"):
    """A set of members that is nowhere but in the state."""

    profile_id: Output[str]
    identity_ids: Output[dict[str, str]]
    allow_emptying: Output[bool]
    max_removal_percent: Output[int]
    mode: Output[str]
    on_destroy: Output[str]
    on_member_failure: Output[str]
    version: Output[str]
    access_request_ids: Output[list[str]]
    failures: Output[dict[str, str]]
    members: Output[dict[str, Any]]
    unmanaged_identity_ids: Output[dict[str, str]]
    version_number: Output[int]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(MembershipProvider(), resource_name, _named(MembershipProvider, resource_name, args), opts)


def _named(provider: type[Floor], resource_name: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ours passes too: the arguments, a placeholder for every output, and the name of the resource."""
    outputs = [name for name in (*provider.defaults, *provider.computed) if not name.startswith("__")]
    return {**dict.fromkeys(outputs), **args, "__name": resource_name}
