"""A team as one component: what its people may use, and who they are."""

from __future__ import annotations

import csv
from pathlib import Path

import pulumi

import pulumi_veza as veza


class Team(pulumi.ComponentResource):
    """The access profile of a team, which inherits from those of applications, and its members."""

    def __init__(
        self,
        name: str,
        title: str,
        role: veza.AccessProfileType,
        people: list[str],
        uses: list[veza.AccessProfile],
    ) -> None:
        """Declare the profile and its members."""
        super().__init__("company:Team", name)
        child = pulumi.ResourceOptions(parent=self)
        profile = veza.AccessProfile(
            name,
            name=title,
            profile_type=role.id,
            inherits_from=[each.id for each in uses],
            opts=child,
        )
        veza.MembershipSet(
            name,
            profile_id=profile.id,
            mode="authoritative",
            identity_ids=people,
            opts=child,
        )


def people_of(team: str) -> list[str]:
    """Return the identities of a team in people.csv."""
    with Path("people.csv").open(encoding="utf-8") as file:
        return [row["identity"] for row in csv.DictReader(file) if row["team"] == team]
