"""The only module that touches what Pulumi's SDK does not document.

``tests/package/test_private_names.py`` checks every name here against the installed SDK and says what to do where one
is gone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.output import Unknown
from pulumi.runtime import resource as registration
from pulumi.runtime import rpc
from pulumi.runtime.rpc import wrap_rpc_secret
from typing_extensions import override

__all__ = [
    "OWN_OUTPUTS",
    "PROVIDER_KEY",
    "ResourceWithFinalOptions",
    "ResourceWithOwnOutputs",
    "Unknown",
    "all_config",
    "own_dict",
    "serialize_provider",
    "type_token",
    "wrap_rpc_secret",
]


def all_config(config: dynamic.Config) -> Mapping[str, Any]:
    """Return every value of the stack's configuration, or nothing where the SDK no longer lists them.

    ``Config`` documents no way to list what it holds, and a misspelt key is found only by listing.
    """
    values: Mapping[str, Any] = getattr(config, "_props", {})
    return values


def type_token(resource: type[dynamic.Resource]) -> str:
    """Return the type of the resources of a class, as their constructor gives it to the engine."""
    return f"pulumi-python:{resource._resource_type_name}"  # noqa: SLF001


class ResourceWithFinalOptions(dynamic.Resource):
    """A resource that sees its options after all transformations, before anything is registered.

    The SDK hands them to nobody; it chooses the provider by them first.
    """

    def _options_are_final(self, opts: pulumi.ResourceOptions) -> None:
        """Raise an error where the options cannot be used."""

    @override
    def _get_providers(self, t: str, pkg: str | None, opts: pulumi.ResourceOptions) -> Any:
        self._options_are_final(opts)
        return super()._get_providers(t, pkg, opts)


class ResourceWithOwnOutputs(ResourceWithFinalOptions):
    """A resource that makes the outputs of its properties itself, where `OWN_OUTPUTS` says that it can."""

    def _resolvers(self, props: Mapping[str, Any]) -> Mapping[str, Callable[..., None]]:
        """Return for each property the function that the SDK calls with what became of it, once.

        Its arguments are the value, whether it is known and whether it is secret, the resources that it depends on
        beside this one, and the exception that it failed with.
        """
        raise NotImplementedError


def own_dict(instance: pulumi.Resource) -> dict[str, Any]:
    """Return the attributes of a resource, although its class may have a property ``__dict__``."""
    held: dict[str, Any] = _DICT.__get__(instance)
    return held


_DICT: Final[Any] = pulumi.Resource.__dict__["__dict__"]


def _give_resources_their_own_outputs() -> bool:
    """Put a function before the SDK's that makes the outputs of a resource; return whether the SDK calls it.

    It is the SDK's own for every resource but those that make their outputs themselves.
    """
    of_sdk = getattr(rpc, "transfer_properties", None)
    callers = (registration.register_resource, registration.read_resource, registration.get_resource)
    if (
        of_sdk is None
        or list(inspect.signature(of_sdk).parameters) != ["res", "props", "custom"]
        or not all({"rpc", "transfer_properties"} <= {*caller.__code__.co_names} for caller in callers)
    ):
        return False

    def transfer_properties(res: pulumi.Resource, props: Mapping[str, Any], custom: bool) -> Any:
        return res._resolvers(props) if isinstance(res, ResourceWithOwnOutputs) else of_sdk(res, props, custom)  # noqa: SLF001

    rpc.transfer_properties = transfer_properties
    return True


OWN_OUTPUTS: Final = _give_resources_their_own_outputs()
"""Whether resources make their outputs themselves; where the SDK has changed, it makes one for every property."""
