"""The impact document: versioned JSON with a published schema, from which every rendering is made.

Within a version fields are only added, and a reader ignores unknown fields.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, computed_field

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact import digest
from pulumi_veza.impact.rehearsal_outcome import Rehearsal
from pulumi_veza.reports.documents import DocumentKind
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.removal_guard import GuardLevel

LOSSES: Final = frozenset({Effect.LOST, Effect.MAYBE_LOST})
GAINS: Final = frozenset({Effect.GAINED, Effect.MAYBE_GAINED})

StageName: TypeAlias = Literal["preview", "run", "end"]

STAGES: Final[tuple[StageName, ...]] = get_args(StageName)
"""Where `pulumi up` refuses something, in the order in which it comes to it."""

JUDGED: Final = (GuardLevel.OVER, GuardLevel.NEAR, GuardLevel.CONFIRMED)
"""The levels of the guard that reports show."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class StackImpact(_Part):
    """A stack with the number of its resources."""

    name: Annotated[str, Field(description="As `project/stack`.")]
    resources: Annotated[int, Field(description="How many resources of this provider it has.")]
    changing: Annotated[int, Field(description="How many of them change.")]


class IdentityDetails(_Part):
    """What the tenant says of a person; null where it says nothing."""

    name: str | None = None
    title: str | None = None
    department: str | None = None
    email: str | None = None
    active: Annotated[bool | None, Field(description="False for an identity that is inactive.")] = None


Undone = Annotated[
    Literal["certain", "possible"] | None,
    Field(
        description="Where `pulumi up` refuses a part of the change: whether it is not done with that part "
        "(`certain`), or may be not done (`possible`); null where it is done. Where `refused_at` of any part is "
        "`preview`, nothing is done: this is `certain` everywhere, and numbers are those of the change that is refused."
    ),
]

Stage = Annotated[
    StageName | None,
    Field(
        description="Where it is refused, when `pulumi up` does so. `preview`: before anything is changed. `run`: when "
        "its turn comes; what was done before stays, and what comes after it is not done. `end`: when what left the "
        "program is removed, after everything else was done."
    ),
]


class Row(_Part):
    """The effect on one entitlement of one person."""

    effect: Effect
    entitlement: Annotated[str | None, Field(description="A key of `entitlements`; null where it is not known what.")]
    path: Annotated[
        list[str],
        Field(description="Keys of `profiles`: from the one somebody is a member of to the one that holds it."),
    ]
    reason: Annotated[str | None, Field(description="Why it is not certain, or has no effect.")] = None
    cause: Annotated[str | None, Field(description="The URN of the resource whose change does it.")] = None
    undone: Undone = None
    because_refused: Annotated[
        bool,
        Field(description="Whether it comes about only as a part is refused. No number of `summary` counts it."),
    ] = False


class Person(_Part):
    """A person whose access changes, or may."""

    id: str
    name: str | None = None
    rows: list[Row]


class EntitlementImpact(_Part):
    """An entitlement that somebody gains or loses, with how many people."""

    key: str
    entity_type: str
    datasource_id: str
    entity_id: str
    holders_before: Annotated[int, Field(description="How many people certainly have it before.")]
    holders_after: Annotated[
        int, Field(description="How many people certainly have it after, those who keep it ungoverned included.")
    ]
    possible_before: Annotated[int | None, Field(description="How many people have it before at most.")] = None
    possible_after: Annotated[int | None, Field(description="How many people have it after at most.")] = None
    gained: int
    lost: int
    potentially_gained: int
    potentially_lost: int
    other: Annotated[int, Field(description="People who keep it ungoverned, or for whom it has no effect yet.")]


class MemberImpact(_Part):
    """A person who becomes a member, or stops being one."""

    id: str
    name: str | None = None
    reason: Annotated[str | None, Field(description="Why it is not certain.")] = None
    undone: Undone = None


class ProfileImpact(_Part):
    """A profile that changes, or that a path leads through."""

    ref: Annotated[str, Field(description="Its id, or the URN of the resource that will create it.")]
    name: str
    urn: str | None = None
    stack: str | None = None
    action: Annotated[
        Literal["same", "create", "update", "replace", "delete", "adopt"],
        Field(description="`adopt`: it exists and is taken over. `delete`: it leaves the stack."),
    ]
    state_before: str | None = None
    state_after: str | None = None
    state_undone: Undone = None
    members_before: int
    members_after: int
    joining: list[MemberImpact] = []
    leaving: list[MemberImpact] = []
    may_exist: Annotated[
        bool,
        Field(description="Whether it may exist already and then is taken over, as the tenant was not looked at."),
    ] = False
    members_known: Annotated[
        bool, Field(description="False where it may have members beside those that are counted here.")
    ] = True
    inherits: Annotated[list[str], Field(description="Keys of `profiles`, after the change.")] = []
    inherited_before: list[str] = []
    entitlements_added: list[str] = []
    entitlements_removed: list[str] = []
    source: Source | None = None

    @property
    def gives_otherwise(self) -> bool:
        """Whether the entitlements that it gives to members change, by its own resource or by another."""
        return bool(
            self.entitlements_added
            or self.entitlements_removed
            or self.state_before != self.state_after
            or set(self.inherits) != set(self.inherited_before)
        )

    @property
    def changes(self) -> bool:
        """Whether the profile itself changes, not only a profile that it inherits from."""
        return bool(self.action != "same" or self.joining or self.leaving or self.gives_otherwise)


class TypeImpact(_Part):
    """A profile type that is replaced: the old one stays behind in Veza."""

    name: str
    old_name: Annotated[str | None, Field(description="What the old one is called; null where that is not known.")] = (
        None
    )
    urn: str
    old_id: str | None = None
    profiles: Annotated[list[str], Field(description="Keys of `profiles`: those that get the new type.")] = []
    source: Source | None = None


class RequestImpact(_Part):
    """An access request that Veza will open."""

    operation: Literal["PROVISION", "DEPROVISION"]
    identity_id: str
    name: str | None = None
    profile: Annotated[str, Field(description="A key of `profiles`.")]
    reason: Annotated[str | None, Field(description="Why it is not certain that it is opened.")] = None
    undone: Undone = None


class RemovalImpact(_Part):
    """The removals of a membership set, with the verdict of its guard."""

    urn: str
    name: Annotated[str, Field(description="The name of the set in the program.")] = ""
    profile: str
    removed: int
    people: Annotated[list[str], Field(description="The identities that it removes.")] = []
    managed: Annotated[int, Field(description="Of how many that the set has managed so far.")]
    level: Annotated[
        GuardLevel,
        Field(
            description="`near`: half of what is allowed, or more. `over`: `pulumi up` refuses. `confirmed`: it is "
            "over, and a confirmation lets it pass. `destroyed`: the set goes, which its guard does not stop."
        ),
    ]
    limit: Annotated[str | None, Field(description="What the limit that it is near or over allows, as a sentence.")] = (
        None
    )
    vanished: Annotated[bool, Field(description="Whether the program no longer declares the set.")] = False
    confirmation: Annotated[
        str | None,
        Field(description="The value of `allow_removals` or `VEZA_ALLOW_REMOVALS` that confirms it, where it is over."),
    ] = None
    refused_at: Stage = None
    source: Source | None = None


class ConflictImpact(_Part):
    """Resources that conflict over one object, or one whose create or change will be refused."""

    what: str
    urns: list[str]
    refused: Annotated[bool, Field(description="Whether `pulumi up` refuses it.")] = False
    refused_at: Stage = None
    instead: Annotated[
        str | None, Field(description="What to write in the program instead, as a sentence without a full stop.")
    ] = None
    source: Source | None = None


class Unknown(_Part):
    """Something that could not be determined, with the reason."""

    what: Annotated[str, Field(description="The profile or the resource, by name.")]
    reason: str
    people: Annotated[int, Field(description="How many people it concerns; 0 where that is not known either.")] = 0
    profiles: Annotated[list[str], Field(description="Keys of `profiles`: those that it is about, if any.")] = []
    source: Source | None = None


class Hint(_Part):
    """Something that a look at the tenant found and that does not stop the change, but may be a mistake."""

    what: Annotated[str, Field(description="What it is about: ids, names or resources.")]
    reason: str
    urns: Annotated[list[str], Field(description="The resources that it is about.")] = []
    source: Source | None = None


class Cause(_Part):
    """A resource whose change has an effect on people."""

    urn: str
    kind: str
    name: str
    action: str
    source: Source | None = None


class Summary(_Part):
    """The counts of all parts of the document, which every rendering shows unabridged."""

    people: Annotated[int, Field(description="People for whom something changes, or may.")]
    people_known: Annotated[int, Field(description="Members of any profile, before or after.")]
    members_before: Annotated[int | None, Field(description="Members of any profile, before.")] = None
    newcomers: Annotated[int, Field(description="Those of `people` who are no member of any profile before.")] = 0
    losing: Annotated[int, Field(description="People who lose something for certain.")]
    gaining: int
    exchanging: Annotated[
        int, Field(description="People who lose something and gain something, for certain: of `losing` and `gaining`.")
    ] = 0
    potentially_losing: int
    potentially_gaining: int
    ungoverned: int
    potentially_ungoverned: int = 0
    no_effect: int
    rows: Annotated[dict[str, int], Field(description="How many rows there are of each effect.")]
    entitlements: int
    provisions: Annotated[int, Field(description="Access requests that will be opened, those in doubt included.")]
    deprovisions: int
    requests_in_doubt: int
    removals_over: int
    conflicts: int
    unknowns: int
    hints: int = 0


class Stopped(_Part):
    """Why nothing could be checked: the preview failed, or the tenant could not be read."""

    reason: str
    refused: Annotated[
        bool,
        Field(description="Whether a membership set removes more members than its guard allows; it is the first such."),
    ] = False


class Document(_Part):
    """The impact of one change, of one stack or of several."""

    format: Literal["pulumi-veza-impact"] = "pulumi-veza-impact"
    version: Literal[1] = 1
    valid_at: Annotated[
        str | None,
        Field(description="A mark that sorts: of two documents about the same stacks, the greater one is newer."),
    ] = None
    live: Annotated[bool, Field(description="Whether the tenant itself was asked what it holds.")] = False
    not_looked: Annotated[
        str | None,
        Field(description="Why the tenant was not looked at; null where it was, or is not known."),
    ] = None
    tenants: Annotated[
        list[str],
        Field(
            description="The addresses of the tenants: of `--live` if given, else those in the state and those that "
            "the previews said they are about."
        ),
    ] = []
    stopped: Annotated[
        Stopped | None, Field(description="Why nothing could be checked; all else in the document is then empty.")
    ] = None
    stacks: list[StackImpact]
    summary: Summary
    people: list[Person]
    entitlements: list[EntitlementImpact]
    profiles: list[ProfileImpact]
    types: list[TypeImpact] = []
    requests: list[RequestImpact]
    removals: list[RemovalImpact]
    conflicts: list[ConflictImpact]
    unknowns: list[Unknown]
    hints: list[Hint] = []
    causes: list[Cause]
    identities: Annotated[
        dict[str, IdentityDetails],
        Field(description="By id, what a live tenant says of those people of the document who were asked for."),
    ] = {}
    identities_unread: Annotated[
        int, Field(description="How many people of the document a live tenant was not asked about, or did not answer.")
    ] = 0
    rehearsal: Annotated[
        Rehearsal | None, Field(description="What the change did on a twin of the tenant, where it was rehearsed.")
    ] = None

    @computed_field(  # type: ignore[prop-decorator]
        description="A digest of what is approved: who gains and loses what, in which tenant. Null where nothing could "
        "be checked."
    )
    @property
    def digest(self) -> str | None:
        """The digest of what is approved; None where nothing could be checked."""
        return None if self.stopped else digest.digest(self)

    @property
    def empty(self) -> bool:
        """Whether the change certainly affects nobody."""
        return not (self.people or self.requests or self.conflicts or self.unknowns or self.stopped)

    @property
    def refused(self) -> int:
        """How many things `pulumi up` will refuse, as far as they are known."""
        over = sum(each.level is GuardLevel.OVER for each in self.removals)
        return over + sum(each.refused for each in self.conflicts) + bool(self.stopped and self.stopped.refused)

    @property
    def refused_at(self) -> StageName | None:
        """Where `pulumi up` refuses the change or a part of it first; None where it refuses nothing."""
        if self.stopped and self.stopped.refused:
            return "preview"
        stages = {each.refused_at or "run" for each in self.conflicts if each.refused}
        stages |= {each.refused_at or "preview" for each in self.removals if each.level is GuardLevel.OVER}
        return next((stage for stage in STAGES if stage in stages), None)

    @property
    def offline(self) -> bool:
        """Whether neither the tenant nor a twin of it was looked at."""
        return not self.live and self.rehearsal is None

    def concerned(self, *effects: Effect) -> int:
        """Return the number of people with at least one row of these effects."""
        return sum(any(row.effect in effects for row in person.rows) for person in self.people)


KIND: Final = DocumentKind(Document, "impact document", "pulumi-veza impact --format json")
"""The document as JSON: how it is written, read and described."""

dump, load, schema, is_document = KIND.dump, KIND.load, KIND.schema, KIND.is_one
