"""The document of ``pulumi-veza diff``: versioned JSON with a published schema, from which every rendering is made.

Within a version fields are only added, and a reader ignores unknown fields.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.documents import DocumentKind
from pulumi_veza.reports.findings import Source


class _DriftPart(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DriftMember(_DriftPart):
    """A person whom a row is about."""

    id: str
    name: str | None = None
    sources: Annotated[
        list[str], Field(description="Every `created_from` of the membership in the tenant; empty for no member.")
    ] = []


class NextSteps(_DriftPart):
    """What to do about a row; null where it is not possible."""

    adopt: Annotated[str | None, Field(description="How to take over what the tenant holds.")] = None
    revert: Annotated[str | None, Field(description="How to make the tenant what the program says.")] = None
    ignore: Annotated[str | None, Field(description="An entry of the file of exceptions.")] = None


class DriftRow(_DriftPart):
    """One difference between the program, the state and the tenant."""

    rule: DriftRule
    status: Annotated[
        Literal["open", "ignored", "expired"],
        Field(description="`ignored`: an exception allows it. `expired`: one did until its last day, and it counts."),
    ] = "open"
    exception: Annotated[str | None, Field(description="Who answers for the exception, until when, and why.")] = None
    kind: Annotated[str, Field(description="The kind of resource that it is, or that would manage it.")]
    id: Annotated[str | None, Field(description="The id in the tenant.")] = None
    name: Annotated[str | None, Field(description="The name in the tenant, or the last one known.")] = None
    resource: Annotated[str | None, Field(description="The resource's name in the program.")] = None
    urn: str | None = None
    field: str | None = None
    element: Annotated[str | None, Field(description="The element of a set, by its identity.")] = None
    change: Annotated[
        Literal["changed", "added", "removed"],
        Field(description="What happened to it in the tenant; of `change-not-applied`, what the program does to it."),
    ]
    program: Annotated[Any, Field(description="The value in the program; null where it has none or is not known.")] = (
        None
    )
    state: Any = None
    live: Any = None
    agrees: Annotated[bool, Field(description="Whether the program says what the tenant holds already.")] = False
    spared: Annotated[bool, Field(description="Whether the program ignores changes of the field.")] = False
    member: DriftMember | None = None
    refresh: Annotated[bool, Field(description="Whether `pulumi refresh` shows it.")] = False
    refused: Annotated[
        bool,
        Field(
            description="Whether the guard of the set refuses what `steps` says until it is confirmed: to apply a "
            "change of the program, or to remove whom somebody added by hand."
        ),
    ] = False
    leaving: Annotated[bool, Field(description="Whether the program no longer declares the resource.")] = False
    detail: Annotated[str | None, Field(description="What else is to be said: why it could not be read.")] = None
    steps: NextSteps = NextSteps()
    source: Source | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts as a finding."""
        return self.status != "ignored"

    @property
    def target(self) -> str:
        """The resource of an exception for this row and no other: the resource, the field and the element."""
        named = self.resource or self.id or self.name or ""
        if self.member is None and self.field:
            named += f".{self.field}"
            named += f" {self.element}" if self.element else ""
        return named


class TypeCoverage(_DriftPart):
    """How many profiles and memberships of one type the stacks manage."""

    id: Annotated[str | None, Field(description="The type's id; null for profiles whose type is not told.")] = None
    name: str
    managed: Annotated[bool, Field(description="Whether a resource manages the type itself.")] = False
    profiles: int = 0
    profiles_managed: int = 0
    memberships: Annotated[int, Field(description="Members of the profiles whose members were read.")] = 0
    memberships_managed: Annotated[int, Field(description="Those that a set lists.")] = 0
    memberships_by_policy: Annotated[
        int, Field(description="Those that no set lists and that come from a source such as a birthright policy.")
    ] = 0
    members_not_asked: Annotated[int, Field(description="Profiles whose members were not asked for.")] = 0
    members_unreadable: Annotated[int, Field(description="Profiles whose members could not be read.")] = 0


class DriftStack(_DriftPart):
    """A stack with the number of its resources."""

    name: Annotated[str, Field(description="As `project/stack`.")]
    resources: Annotated[int, Field(description="How many resources of this provider its state has.")]


class DriftSummary(_DriftPart):
    """The counts of all parts of the document, which every rendering shows unabridged."""

    rows: Annotated[dict[str, int], Field(description="How many rows of each rule count.")]
    open: Annotated[int, Field(description="How many count, without those that could not be read.")]
    refresh: Annotated[int, Field(description="How many of them `pulumi refresh` shows.")]
    unreadable: Annotated[int, Field(description="How many things could not be read: neither fine nor a finding.")]
    ignored: Annotated[int, Field(description="How many rows an exception allows.")]
    expired: Annotated[int, Field(description="How many count again, as their exception has expired.")]
    resources: Annotated[int, Field(description="How many resources were compared.")]


class DriftDocument(_DriftPart):
    """The drift of one stack or of several."""

    format: Literal["pulumi-veza-drift"] = "pulumi-veza-drift"
    version: Literal[1] = 1
    tenant: str
    program: Annotated[bool, Field(description="Whether the program is among what was compared.")]
    stacks: list[DriftStack]
    summary: DriftSummary
    rows: list[DriftRow]
    coverage: list[TypeCoverage]
    notes: Annotated[list[str], Field(description="Exceptions that have expired or allow nothing any more.")] = []

    def counting(self, *rules: DriftRule) -> list[DriftRow]:
        """Return the rows that count; of these rules where any are given."""
        return [row for row in self.rows if row.counts and (not rules or row.rule in rules)]


KIND: Final = DocumentKind(DriftDocument, "drift document", "pulumi-veza diff --format json")
"""The document as JSON: how it is written, read and described."""
