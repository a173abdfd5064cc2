"""Veza Access Profiles as code: a Pulumi dynamic provider.

>>> import pulumi_veza as veza
>>> role = veza.AccessProfileType("business-role", name="Business Role", allow_inherit_entities=True)
>>> sales = veza.AccessProfile("sales", name="Sales", profile_type=role.id, labels=["requestable"])
>>> veza.MembershipSet("sales", profile_id=sales.id, identity_ids=["id-ana.ruiz"])

Everything is loaded when a program first uses it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pulumi_veza import errors

if TYPE_CHECKING:
    from pulumi_veza import filters
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.settings import Settings
    from pulumi_veza.lookups import (
        get_access_profile,
        get_access_profile_members,
        get_access_profile_type,
        get_access_profile_types,
        get_access_profiles,
        get_available_integrations,
        get_identity,
        get_lifecycle_manager_datasources,
    )
    from pulumi_veza.people import People
    from pulumi_veza.resources.inputs import (
        AttributeTransformer,
        AttributeTransformers,
        CatalogItemInfo,
        Condition,
        CreateEntitlement,
        Entitlement,
        SyncIdentityAction,
    )
    from pulumi_veza.resources.membership import MembershipSet
    from pulumi_veza.resources.profile import AccessProfile
    from pulumi_veza.resources.profile_type import AccessProfileType
    from pulumi_veza.resources.version import AccessProfileVersion

__version__ = "0.2.0.dev0"

__all__ = [
    "AccessProfile",
    "AccessProfileType",
    "AccessProfileVersion",
    "AttributeTransformer",
    "AttributeTransformers",
    "CatalogItemInfo",
    "Client",
    "Condition",
    "CreateEntitlement",
    "Entitlement",
    "MembershipSet",
    "People",
    "Settings",
    "SyncIdentityAction",
    "errors",
    "filters",
    "get_access_profile",
    "get_access_profile_members",
    "get_access_profile_type",
    "get_access_profile_types",
    "get_access_profiles",
    "get_available_integrations",
    "get_identity",
    "get_lifecycle_manager_datasources",
]

_MODULES = {
    "AccessProfile": "resources.profile",
    "AccessProfileType": "resources.profile_type",
    "AccessProfileVersion": "resources.version",
    "AttributeTransformer": "resources.inputs",
    "AttributeTransformers": "resources.inputs",
    "CatalogItemInfo": "resources.inputs",
    "Client": "client.client",
    "Condition": "resources.inputs",
    "CreateEntitlement": "resources.inputs",
    "Entitlement": "resources.inputs",
    "MembershipSet": "resources.membership",
    "People": "people",
    "Settings": "client.settings",
    "SyncIdentityAction": "resources.inputs",
    **{name: "lookups" for name in __all__ if name.startswith("get_")},
}
"""By name, the module of what is loaded at its first use."""


def __getattr__(name: str) -> Any:
    if name == "filters":
        return importlib.import_module(f"{__name__}.filters")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
