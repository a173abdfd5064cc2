"""The floor that takes the inputs alone: the arguments of the program, and no property beside them."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Output, dynamic

from bench.floors import Floor


class Provider(Floor):
    """The provider of all resources."""


class AccessProfileType(dynamic.Resource, module="floor", name="AccessProfileType"):
    """A type that is nowhere but in the state."""

    name: Output[str]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(Provider(), resource_name, args, opts)


class AccessProfile(dynamic.Resource, module="floor", name="AccessProfile"):
    """A profile that is nowhere but in the state."""

    name: Output[str]
    profile_type: Output[str]
    labels: Output[list[str]]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(Provider(), resource_name, args, opts)


class MembershipSet(dynamic.Resource, module="floor", name="MembershipSet"):
    """A set of members that is nowhere but in the state."""

    profile_id: Output[str]
    identity_ids: Output[list[str]]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any) -> None:
        super().__init__(Provider(), resource_name, args, opts)
