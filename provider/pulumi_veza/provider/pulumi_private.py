"""The only module that touches what Pulumi's SDK does not document.

``tests/package/test_private_names.py`` checks every name here against the installed SDK and says what to do where one
is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY
from pulumi.output import Unknown
from pulumi.runtime.rpc import wrap_rpc_secret

__all__ = ["PROVIDER_KEY", "Unknown", "all_config", "wrap_rpc_secret"]


def all_config(config: dynamic.Config) -> Mapping[str, Any]:
    """Return every value of the stack's configuration, or nothing where the SDK no longer lists them.

    ``Config`` documents no way to list what it holds, and a misspelt key is found only by listing.
    """
    values: Mapping[str, Any] = getattr(config, "_props", {})
    return values
