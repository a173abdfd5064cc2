"""The list of the kinds of resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_veza.fields.schema import Schema
from pulumi_veza.provider import shell
from pulumi_veza.resources import membership, profile, profile_type, version

KINDS: Final[tuple[type[shell.Resource], ...]] = (
    profile_type.AccessProfileType,
    profile.AccessProfile,
    version.AccessProfileVersion,
    membership.MembershipSet,
)
"""The one list of kinds, by resource class; the laws in the tests hold for each of them by themselves."""

SCHEMAS: Final[Mapping[str, Schema]] = {each.kind().name: each.kind().schema for each in KINDS}
"""The fields of every kind by its name."""
