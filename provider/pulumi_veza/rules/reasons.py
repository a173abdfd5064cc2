"""The reasons why something is unknown, uncertain or inactive, as comparable values; `wording` formats them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Why(str, Enum):
    """The kinds of reasons, each with the meaning of ``subject``, ``field`` and ``detail`` of `Reason`."""

    # The content of the profile ``subject``, in its list ``field``.
    NOT_MANAGED = "not managed"
    NOT_IN_RESPONSE = "not in response"
    UNKNOWN_VALUE = "unknown value"
    """The whole value of ``field`` of ``subject`` is known only during `pulumi up`."""
    UNKNOWN_ELEMENTS = "unknown elements"
    """``detail`` elements of ``field`` of ``subject`` are known only during `pulumi up`."""
    SECRET = "secret"  # noqa: S105 - a name, no password
    UNREADABLE = "unreadable"
    ADOPTION_UNDECIDED = "adoption undecided"
    """``subject`` exists already; whether `pulumi up` takes it over depends on ``detail``, fields known only then."""

    # Whether the profile ``subject`` acts.
    PROFILE_UNKNOWN = "profile unknown"
    PROFILE_NOT_FOUND = "profile not found"
    STATE_UNKNOWN = "state unknown"
    """The profile's state is known only during `pulumi up`."""
    STATE_NOT_IN_RESPONSE = "state not in response"
    RUNNING_UNKNOWN = "running unknown"
    LIVE_VERSION_UNKNOWN = "live version unknown"
    """Whether version ``detail`` of ``subject`` is the live one is unknown."""
    NOT_LIVE = "not live"
    """Version ``detail`` of ``subject`` is not the live one."""
    NOT_RUNNING = "not running"
    """``subject`` is in state ``detail``."""
    NOT_PUBLISHED = "not published"

    # The members of ``subject``.
    PROFILE_OF_RESOURCE_UNKNOWN = "profile of resource unknown"
    """Which profile the resource ``subject`` belongs to is known only during `pulumi up`."""
    MEMBERS_UNREAD = "members unread"
    MAY_EXIST = "may exist"
    """Whether ``subject``, which is created or taken over, exists already was not looked at."""
    UNLISTED_MEMBERS_UNREAD = "unlisted members unread"
    """An authoritative set removes members of ``subject`` that nobody has read."""
    UNLISTED_IF_IT_EXISTS = "unlisted if it exists"
    """An authoritative set removes the members of ``subject`` that it does not list, if the profile exists already."""
    LEAVING_UNKNOWN = "leaving unknown"
    """Who loses access is unknown, for the reasons in ``because``."""
    MAY_BE_UNKNOWN_ELEMENT = "may be unknown element"
    FAILED_BEFORE = "failed before"
    """Adding the member failed at the last change; ``detail`` is what the API said."""
    MEMBERS_OF_NEW_VERSION = "members of new version"
    """Version ``detail`` of ``subject`` becomes the live one; whether members carry over is not documented."""
    ORDER_OF_CHANGES = "order of changes"
    """``subject`` changes in the same run, and which change comes first is unknown."""

    # An entitlement.
    CONDITION = "condition"
    GIVEN_TO_MEMBERS = "given to members"
    """``subject`` gives it as well, and nobody has read who is a member of it."""
    GIVEN_IF_IT_EXISTS = "given if it exists"
    """``subject`` gives it, and may exist already, with members whom nobody has read."""
    DATASOURCE_ABSENT = "datasource absent"
    """The tenant says that there is no datasource ``subject``."""
    LOSS_UNKNOWN = "loss unknown"
    """What the members lose is unknown, for the reasons in ``because``."""
    ACCESS_BEGINS = "access begins"
    ACCESS_ENDS = "access ends"
    """Access by ``subject`` begins or ends, and not all of it is known, for the reasons in ``because``."""
    DROP_UNKNOWN = "drop unknown"
    """Whether the type of ``subject`` removes dropped entitlements from members is unknown."""
    DROP_KEPT = "drop kept"
    """The type of ``subject`` leaves members what is dropped from the profile."""


_DECIDED_DURING_UP: Final = frozenset(
    {
        Why.UNKNOWN_VALUE,
        Why.UNKNOWN_ELEMENTS,
        Why.ADOPTION_UNDECIDED,
        Why.STATE_UNKNOWN,
        Why.PROFILE_OF_RESOURCE_UNKNOWN,
        Why.MAY_BE_UNKNOWN_ELEMENT,
    }
)


@dataclass(frozen=True, order=True)
class Reason:
    """One reason."""

    why: Why
    subject: str = ""
    """The profile, version or resource, as messages name it."""
    field: str = ""
    """The field of the subject."""
    detail: str = ""
    """A further value of the sentence: a version, a state, a count or the API's message."""
    because: tuple[Reason, ...] = ()
    """The reasons that lead to this one."""

    @property
    def decided_during_up(self) -> bool:
        """Whether `pulumi up` resolves the reason."""
        return self.why in _DECIDED_DURING_UP
