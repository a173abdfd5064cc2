"""The only module that touches what Pulumi's SDK does not document.

``tests/package/test_private_names.py`` checks every name here against the installed SDK and says what to do where one
is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi.output import Unknown
from pulumi.runtime.rpc import wrap_rpc_secret
from typing_extensions import override

__all__ = ["PROVIDER_KEY", "ResourceWithFinalOptions", "Unknown", "all_config", "serialize_provider", "wrap_rpc_secret"]


def all_config(config: dynamic.Config) -> Mapping[str, Any]:
    """Return every value of the stack's configuration, or nothing where the SDK no longer lists them.

    ``Config`` documents no way to list what it holds, and a misspelt key is found only by listing.
    """
    values: Mapping[str, Any] = getattr(config, "_props", {})
    return values


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
