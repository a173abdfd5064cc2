"""A small tenant, and arguments of every kind that it accepts."""

from __future__ import annotations

import functools
from typing import Any

from hypothesis import strategies as st

from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.lifecycle import Kind
from tests.support.generation.arguments import Overrides, agreeing, arguments, visible_ids
from tests.support.tenant import Tenant

OPEN, APPLICATION = "type-open", "type-application"
CONTENT = ("entitlements", "inherits_from")

_PARENTS = ["parent-1", "parent-2", "parent-3"]
_OF_TYPE = {"profile-open": OPEN, "profile-application": APPLICATION}


def seed(tenant: Tenant, **quirks: bool | None) -> None:
    """Empty the tenant and fill it with types, profiles to inherit from, and profiles with a draft."""
    tenant.reset()
    tenant.seed(
        types=[
            {"id": OPEN, "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True},
            {"id": APPLICATION, "name": "Application"},
        ],
        profiles=[
            *({"id": each, "name": each, "profile_type": OPEN} for each in _PARENTS),
            *({"id": each, "name": each, "profile_type": of} for each, of in _OF_TYPE.items()),
        ],
    )
    for each in _OF_TYPE:
        tenant.create_draft(each)
    tenant.quirks(**quirks)
    tenant.clear_requests()


_inherits = st.lists(st.sampled_from(_PARENTS), unique=True)

_ACCEPTED = {
    "AccessProfileType": Overrides(on_create_behavior=st.just("INITIAL")),
    "AccessProfile": Overrides(profile_type=st.sampled_from([OPEN, APPLICATION]), inherits_from=_inherits),
    "AccessProfileVersion": Overrides(
        profile_id=st.sampled_from(list(_OF_TYPE)),
        version=st.sampled_from(["current", 1, "draft", "2"]),
        inherits_from=_inherits,
        state=st.just("PUBLISHED"),
    ),
    # A change may remove anybody here: the guard has tests of its own.
    "MembershipSet": Overrides(
        profile_id=st.sampled_from(list(_OF_TYPE)),
        version=st.sampled_from(["current", 1, "draft", "2"]),
        identity_ids=st.lists(visible_ids, max_size=6, unique_by=str.casefold),
        max_removal_percent=st.just(100),
        max_removals=st.just(1000),
        allow_emptying=st.just(True),
    ),
}

_ALWAYS = {"MembershipSet": {"max_removal_percent": 100, "allow_emptying": True}}


def overrides(kind: Kind) -> Overrides | None:
    """Return strategies of the fields of a kind that the tenant does not accept every value of."""
    return _ACCEPTED.get(kind.name)


@functools.cache
def accepted_arguments(kind: Kind, *, every: bool = False) -> st.SearchStrategy[JsonObject]:
    """Generate arguments of a kind that the tenant accepts."""
    return arguments(kind, overrides(kind), every=every).map(lambda args: suiting(kind, args))


def suiting(kind: Kind, args: JsonObject) -> JsonObject:
    """Drop the arguments that the type of the profile forbids."""
    args = {**args, **_ALWAYS.get(kind.name, {})}
    of_type: Any = args.get("profile_type") or _OF_TYPE.get(args.get("profile_id", ""))
    forbidden = {OPEN: ("application_datasource_id",), APPLICATION: CONTENT}.get(of_type, ())
    return agreeing(kind, {name: value for name, value in args.items() if name not in forbidden})
