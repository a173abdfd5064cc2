"""What the resources of a run say of one or several objects that exist already, or that stay in the tenant.

The lines of one topic are gathered into one, as most runs of a large stack would say the same of each resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_veza.provider.gathering import Topic

LATER: Final = {
    "pause": "a later destroy pauses it",
    "retain": "a later destroy leaves it as it is",
    "prevent": "a later destroy is refused",
}
"""By ``on_destroy`` of a profile, what that means for a profile that is taken over."""

_LATER_OF_SEVERAL: Final = {
    "pause": "a later destroy pauses them",
    "retain": "a later destroy leaves them as they are",
    "prevent": "a later destroy is refused",
}

PROFILE_TAKEN_OVER: Final[Mapping[str, Topic]] = {
    on_destroy: Topic(
        "AccessProfile",
        one=f"taking over the existing access profile {{item}}; {later}",
        what="access profile",
        several=f"{{count}} that exist are taken over as they are: {{items}}; {_LATER_OF_SEVERAL[on_destroy]}",
    )
    for on_destroy, later in LATER.items()
}
"""By ``on_destroy``, for profiles of which nothing changes."""

PROFILE_PAUSED: Final = Topic(
    "AccessProfile",
    one="the API cannot delete a profile, so {item} is paused, and still there",
    what="access profile",
    several="the API cannot delete a profile, so {count} are paused, and still there: {items}",
)
PROFILE_STAYS: Final = Topic(
    "AccessProfile",
    one="access profile {item} stays in Veza as it is",
    what="access profile",
    several="{count} stay in Veza as they are: {items}",
)
TYPE_TAKEN_OVER: Final = Topic(
    "AccessProfileType",
    one="took over the existing access profile type {item}",
    what="access profile type",
    several="{count} that exist are taken over: {items}",
)
TYPE_STAYS: Final = Topic(
    "AccessProfileType",
    one="the API cannot delete a type, so {item} stays in Veza",
    what="access profile type",
    several="the API cannot delete a type, so {count} stay in Veza: {items}",
)
CONTENT_STAYS: Final = Topic(
    "AccessProfileVersion",
    one="the content of {item} stays in Veza as it is",
    what="version",
    several="the content of {count} stays in Veza as it is: {items}",
)
MEMBERS_STAY: Final = Topic(
    "MembershipSet",
    one="the members of access profile {item} stay as they are",
    what="access profile",
    several="the members of {count} stay as they are: {items}",
)
