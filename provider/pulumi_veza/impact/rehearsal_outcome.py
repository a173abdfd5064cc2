"""What `pulumi up` did on a twin of the tenant: a part of the impact document."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _RehearsalPart(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class RehearsedAccess(_RehearsalPart):
    """An entitlement that a person lost or gained in a rehearsal."""

    identity_id: str
    name: str | None = None
    entitlement: Annotated[str, Field(description="Its key, as those of `entitlements`.")]
    path: Annotated[
        list[str],
        Field(description="Profiles by name: from the one somebody is a member of to the one that holds it."),
    ]
    conditional: Annotated[bool, Field(description="Whether only those have it who fulfil its condition.")] = False


class RehearsedRequest(_RehearsalPart):
    """An access request that the twin opened."""

    operation: str
    identity_id: str
    name: str | None = None
    profile: Annotated[str, Field(description="The name of the profile.")]


class Rehearsal(_RehearsalPart):
    """What `pulumi up` did on a twin of the tenant."""

    done: Annotated[bool, Field(description="Whether it went through.")]
    refusals: Annotated[list[str], Field(description="What the preview or `pulumi up` refused, or failed on.")] = []
    changes: Annotated[dict[str, int], Field(description="How many resources it changed, by what it did to them.")] = {}
    people_before: Annotated[int, Field(description="How many people had access before.")] = 0
    people_after: int = 0
    grants_before: Annotated[int, Field(description="How many entitlements of people there were before.")] = 0
    grants_after: int = 0
    lost: list[RehearsedAccess] = []
    gained: list[RehearsedAccess] = []
    requests: list[RehearsedRequest] = []
    differences: Annotated[
        list[str], Field(description="What was predicted and did not happen, or happened and was not predicted.")
    ] = []
    notes: Annotated[list[str], Field(description="What the twin could not know.")] = []
    unread: Annotated[
        list[str], Field(description="Profiles whose members could not be read, so the twin has none of them.")
    ] = []

    @property
    def findings(self) -> int:
        """How many things somebody must decide on."""
        return len(self.refusals) + len(self.differences)
