"""The document of ``pulumi-veza requests``: versioned JSON, from which every rendering is made.

Within a version fields are only added, and a reader ignores unknown fields.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_veza.access_requests.outcomes import FINDINGS, RequestOutcome


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PersonReference(_Entry):
    """A person whom a request is about."""

    id: str
    name: str | None = None


class PlanReport(_Entry):
    """A plan of a request, with the API's own names."""

    id: str | None = None
    state: str | None = None
    request_type: str | None = None
    jobs: Annotated[int, Field(description="How many jobs it has.")] = 0
    error_message: str | None = None
    jit_revoke_at: Annotated[str | None, Field(description="When access for a limited time ends.")] = None


class RequestReport(_Entry):
    """An access request, and the membership set whose last change opened it."""

    id: str
    outcome: RequestOutcome
    state: Annotated[str | None, Field(description="The API's own name; null where it says none.")] = None
    plans: list[PlanReport] = []
    error_message: Annotated[str | None, Field(description="The request's own error, or those of its plans.")] = None
    people: list[PersonReference] = []
    profile_id: str
    profile: Annotated[str | None, Field(description="The name of the profile, where the stack has it.")] = None
    set: Annotated[str, Field(description="The name of the membership set in the program.")]
    urn: str
    stack: str


class RequestsDocument(_Entry):
    """What became of the access requests of a stack."""

    format: Literal["pulumi-veza-access-requests"] = "pulumi-veza-access-requests"
    version: Literal[1] = 1
    tenant: str
    stacks: list[str]
    counts: Annotated[dict[str, int], Field(description="How many requests have each outcome.")]
    requests: list[RequestReport]

    @property
    def findings(self) -> int:
        """How many requests somebody must look at."""
        return sum(each.outcome in FINDINGS for each in self.requests)
