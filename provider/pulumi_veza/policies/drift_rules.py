"""The rules of ``pulumi-veza diff``, whose exceptions stand in the file of those of the policies."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final


class DriftRule(str, Enum):
    """What `pulumi-veza diff` finds; the value is the rule's name in reports and in the file of exceptions."""

    OBJECT_GONE = "object-gone"
    CONTENT_DRIFT = "content-drift"
    MEMBER_REMOVED = "member-removed-by-hand"
    MEMBER_ADDED = "member-added-by-hand"
    ATTRIBUTE_DRIFT = "attribute-drift"
    MEMBER_OF_UNKNOWN_SOURCE = "member-of-unknown-source"
    UNMANAGED_CONTENT = "unmanaged-content"
    NOT_APPLIED = "change-not-applied"
    UNMANAGED_PROFILE = "unmanaged-profile"
    UNMANAGED_TYPE = "unmanaged-type"
    UNREADABLE = "unreadable"


DESCRIPTIONS: Final[Mapping[DriftRule, str]] = {
    DriftRule.OBJECT_GONE: "An object of the state is gone from the tenant",
    DriftRule.CONTENT_DRIFT: "An entitlement or an inherited profile was added, taken out or changed by hand",
    DriftRule.MEMBER_REMOVED: "Somebody who is listed is no member",
    DriftRule.MEMBER_ADDED: "Somebody was made a member by hand",
    DriftRule.ATTRIBUTE_DRIFT: "An attribute of a managed object was changed by hand",
    DriftRule.MEMBER_OF_UNKNOWN_SOURCE: "Nobody lists a member whose source the tenant does not tell",
    DriftRule.UNMANAGED_CONTENT: "A managed profile has content that nothing manages",
    DriftRule.NOT_APPLIED: "The program says what is not deployed",
    DriftRule.UNMANAGED_PROFILE: "A profile that nothing manages",
    DriftRule.UNMANAGED_TYPE: "A profile type that nothing manages",
    DriftRule.UNREADABLE: "Something could not be read",
}
"""Every rule with its description, the most pressing first."""

NAMES: Final = frozenset(rule.value for rule in DriftRule)
"""The names of all of them."""
