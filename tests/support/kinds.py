"""What the tests hold fixed of each kind: the one table of the tests that a new kind needs a row in.

`pulumi_veza.resources.KINDS` is the list of kinds, and everything else about a kind follows from its schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from pulumi_veza import AccessProfile, AccessProfileType, AccessProfileVersion, MembershipSet
from pulumi_veza.client import models
from pulumi_veza.fields.schema import InputField, SentIn
from pulumi_veza.provider.shell import Resource
from veza_simulator import objects
from veza_simulator.fields import CHANGE, CREATE, names

PLACE: Final = "tests/support/kinds.py"


@dataclass(frozen=True)
class Fixed:
    """What must not change of a kind, and where its fields are in responses and in the simulator."""

    module: str
    """The module that every state refers to."""
    pickled: str
    """The provider as every state holds it."""
    arguments: str
    """What programs may write; nothing may be taken out of it."""
    outputs: str
    """What programs may read beside the arguments; nothing may be taken out of it."""
    response: Callable[[InputField | None], type[BaseModel]] | None = None
    """The model of the client that shows a field in a response; None for a kind that sends no field."""
    made_here: frozenset[str] = frozenset()
    """The outputs that the provider makes itself."""
    simulated: frozenset[str] = frozenset()
    """The fields that the simulator lets a request write."""
    since: str = "0.1.0"
    """The release that had it first: the recorded states of that release and all later ones hold one."""


def _of_a_profile(field: InputField | None) -> type[BaseModel]:
    in_content = field is not None and bool(field.sent & SentIn.CONTENT)
    return models.AccessProfileVersion if in_content else models.AccessProfile


FIXED: Final[Mapping[type[Resource], Fixed]] = {
    AccessProfileType: Fixed(
        "pulumi_veza.resources.profile_type",
        "gASVNgAAAAAAAACMInB1bHVtaV92ZXphLnJlc291cmNlcy5wcm9maWxlX3R5cGWUjAhQcm92aWRlcpSTlCmBlC4=",
        arguments=(
            "name description allow_inherit_entities allow_inherited_from_types allow_create_relationships "
            "require_single_datasource require_single_integration add_integration_prefix_to_access_profile_names "
            "max_entitlements create_entitlement_based_on_profile create_entitlements no_entitlements "
            "on_create_behavior instructions time_before_sync_check_in_seconds access_request_policy_id "
            "allow_overwrite_of_access_request_policy name_transformer remove_entitlement_on_member_upon_update "
            "adopt existing_id on_destroy"
        ),
        outputs="integrations enabled created_at updated_at",
        response=lambda _: models.AccessProfileType,
        simulated=frozenset(names(objects.ProfileType, CREATE)),
    ),
    AccessProfile: Fixed(
        "pulumi_veza.resources.profile",
        "gASVMQAAAAAAAACMHXB1bHVtaV92ZXphLnJlc291cmNlcy5wcm9maWxllIwIUHJvdmlkZXKUk5QpgZQu",
        arguments=(
            "name profile_type state description labels custom_properties datasource_ids require_approval_to_start "
            "catalog_item_info profile_type_rbac_id access_request_policy_id application_datasource_id "
            "application_sync_identity_action entitlements inherits_from adopt existing_id on_destroy"
        ),
        outputs=(
            "current_version_number draft_version_number integrations provider_ids requestable created_at updated_at "
            "adopted"
        ),
        response=_of_a_profile,
        made_here=frozenset({"adopted"}),
        simulated=frozenset({*names(objects.Profile, CREATE | CHANGE), *names(objects.Version, CREATE)}),
    ),
    AccessProfileVersion: Fixed(
        "pulumi_veza.resources.version",
        "gASVMQAAAAAAAACMHXB1bHVtaV92ZXphLnJlc291cmNlcy52ZXJzaW9ulIwIUHJvdmlkZXKUk5QpgZQu",
        arguments=(
            "profile_id version entitlements inherits_from state access_request_policy_id application_datasource_id "
            "application_sync_identity_action adopt on_destroy"
        ),
        outputs="version_number published_at updated_at",
        response=lambda _: models.AccessProfileVersion,
        simulated=frozenset(names(objects.Version, CREATE | CHANGE)),
    ),
    MembershipSet: Fixed(
        "pulumi_veza.resources.membership",
        "gASVNAAAAAAAAACMIHB1bHVtaV92ZXphLnJlc291cmNlcy5tZW1iZXJzaGlwlIwIUHJvdmlkZXKUk5QpgZQu",
        arguments=(
            "profile_id identity_ids version mode max_removal_percent max_removals allow_emptying allow_removals "
            "on_member_failure on_destroy"
        ),
        outputs="version_number members unmanaged_identity_ids access_request_ids failures",
        made_here=frozenset({"version_number", "members", "unmanaged_identity_ids", "access_request_ids", "failures"}),
    ),
}


def fixed(resource: type[Resource]) -> Fixed:
    """Return the row of a kind; fail with the place where it is to be written."""
    assert resource in FIXED, f"{PLACE}: FIXED needs a row for {resource.__name__}"
    return FIXED[resource]
