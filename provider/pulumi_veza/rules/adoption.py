"""Whether a create takes over what exists, creates, or is refused, and for which differences.

Objects are mappings in the API's names, as the tenant sent them: a field that one lacks was not in the response. Inputs
are in state shape and may hold values that are unknown before `pulumi up`; a decision that depends on one is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pulumi_veza.fields.field_types import contains_unknown
from pulumi_veza.fields.schema import Schema, SentIn

LiveObject = Mapping[str, Any]
"""An object in the API's names."""

STATE: Final = "state"
"""The field that an adoption changes without being asked: a paused profile that is taken over runs again."""


class Action(str, Enum):
    """What a create does."""

    CREATE = "create"
    ADOPT = "adopt"
    REFUSE = "refuse"


class Refusal(str, Enum):
    """Why a create is refused."""

    NEVER = "never"
    """The object exists, and ``adopt="never"`` is written."""
    DIFFERENT = "different"
    """The object differs in fields that are written, and ``adopt="identical"`` is the default."""
    SEVERAL = "several"
    """Several objects fit, and nothing tells which one is meant."""


@dataclass(frozen=True)
class AdoptionDecision:
    """What a create does about the objects that exist already."""

    action: Action
    found: LiveObject | None = None
    """What is taken over, or what the create is refused for."""
    candidates: tuple[LiveObject, ...] = ()
    """Every object that fits, where there are several."""
    differences: tuple[str, ...] = ()
    """Fields that the object holds otherwise than written."""
    missing: tuple[str, ...] = ()
    """Fields that are written and that the response omits: their remote value is unknown, so they must be sent."""
    refusal: Refusal | None = None
    undecided: tuple[str, ...] = ()
    """Fields whose values are unknown before `pulumi up` and may turn the decision."""
    beside: tuple[LiveObject, ...] = ()
    """Objects of the same name that are other objects and stay as they are."""

    @property
    def certain(self) -> bool:
        """Whether no unknown value can turn the decision."""
        return not self.undecided


def decide_type(
    schema: Schema, args: Mapping[str, Any], same_name: Sequence[LiveObject], *, may_be_beside: Sequence[str] = ()
) -> AdoptionDecision:
    """Decide about a type: one that is identical in every field is taken over, since no update could change it.

    Args:
        schema: The fields of types.
        args: The inputs.
        same_name: The types of this name that no other resource of the run manages.
        may_be_beside: The ids of types of this name that are known to stay behind and are not mentioned.

    """
    undecided = _unknown(schema, args, SentIn.CREATE)
    alike = [each for each in same_name if not differences(schema, each, args, SentIn.CREATE)]
    # No update can make up for a field that the response omits: that type may be another one.
    missing = {id(each): missing_from_response(schema, each, args, SentIn.CREATE) for each in alike}
    identical = [each for each in alike if not missing[id(each)]]
    if len(identical) > 1:
        # A field that is not written is not compared, but a new type would not have it.
        more = {id(each): len(set_only_in_veza(schema, each, args, SentIn.CREATE)) for each in identical}
        plainest = [each for each in identical if more[id(each)] == min(more.values())]
        identical = plainest if len(plainest) == 1 else identical
    if identical and schema.value(args, "adopt") == "never":
        return AdoptionDecision(
            Action.REFUSE, identical[0], tuple(identical), refusal=Refusal.NEVER, undecided=undecided
        )
    if len(identical) > 1:
        return AdoptionDecision(
            Action.REFUSE, identical[0], tuple(identical), refusal=Refusal.SEVERAL, undecided=undecided
        )
    if identical:
        return AdoptionDecision(Action.ADOPT, identical[0], undecided=undecided)
    beside = tuple(each for each in same_name if each.get("id") not in may_be_beside)
    unstated = sorted({name for names in missing.values() for name in names})
    return AdoptionDecision(Action.CREATE, missing=tuple(unstated), beside=beside, undecided=undecided)


def decide_profile(schema: Schema, args: Mapping[str, Any], same_name: Sequence[LiveObject]) -> AdoptionDecision:
    """Decide about a profile: the one of its name and type is taken over where its written fields are equal.

    Only fields that its POST carries are compared, since these are what a lost create leaves; the rest is patched. Its
    state is no difference.

    Args:
        schema: The fields of profiles.
        args: The inputs.
        same_name: The profiles of this name and type that no other resource of the run manages, each with the content
            of its current version beside its metadata.

    """
    if not same_name:
        return AdoptionDecision(Action.CREATE)
    adopt = schema.value(args, "adopt")
    found = same_name[0]
    if len(same_name) > 1:
        return AdoptionDecision(Action.REFUSE, found, tuple(same_name), refusal=Refusal.SEVERAL)
    undecided = tuple(name for name in _unknown(schema, args, SentIn.CREATE) if name != STATE)
    differs = tuple(profile_differences(schema, found, args))
    if adopt == "never":
        return AdoptionDecision(Action.REFUSE, found, differences=differs, refusal=Refusal.NEVER)
    if differs and adopt == "identical":
        return AdoptionDecision(Action.REFUSE, found, differences=differs, refusal=Refusal.DIFFERENT)
    return AdoptionDecision(
        Action.ADOPT, found, differences=differs, undecided=undecided if adopt == "identical" else ()
    )


def decide_content(schema: Schema, args: Mapping[str, Any], live: LiveObject) -> AdoptionDecision:
    """Decide about the content of a version, which always exists: empty or equal content is taken over.

    Args:
        schema: The fields of versions.
        args: The inputs.
        live: The content of the version.

    """
    held = _held(schema, live)
    differs = tuple(differences(schema, live, args, SentIn.CONTENT))
    over = tuple(name for name in differs if name in held)
    adopt = schema.value(args, "adopt")
    missing = tuple(missing_from_response(schema, live, args, SentIn.CONTENT))
    if adopt == "never" and held:
        return AdoptionDecision(Action.REFUSE, live, differences=tuple(sorted(held)), refusal=Refusal.NEVER)
    if over and adopt == "identical":
        return AdoptionDecision(Action.REFUSE, live, differences=over, refusal=Refusal.DIFFERENT)
    unknown = tuple(name for name in _unknown(schema, args, SentIn.CONTENT) if name in held)
    undecided = unknown if adopt == "identical" else ()
    return AdoptionDecision(Action.ADOPT, live, differences=differs, missing=missing, undecided=undecided)


def overwritten(schema: Schema, decision: AdoptionDecision) -> tuple[str, ...]:
    """Return the differences in fields that hold something now, which taking over overwrites."""
    held = _held(schema, decision.found or {})
    return tuple(name for name in decision.differences if name in held)


def _held(schema: Schema, live: LiveObject) -> set[str]:
    """Return the fields that hold something in Veza, the state aside."""
    return {
        f.name
        for f in schema
        if f.input.sent and f.name != STATE and f.type.canon(f.type.from_api(live.get(f.api))) is not None
    }


def differences(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return the written fields that the object holds otherwise; one that the response omits is no difference."""
    known = {name: value for name, value in args.items() if not contains_unknown(value)}
    held = schema.from_api(live, known)
    return [f.name for f in schema if f.input.sent & sent and f.name in known and not schema.same(f, held, known)]


def profile_differences(schema: Schema, live: LiveObject, args: Mapping[str, Any]) -> list[str]:
    """Return the written fields in which a profile differs from what its create sends; its state is none of them."""
    return [name for name in differences(schema, live, args, SentIn.CREATE) if name != STATE]


def to_patch(schema: Schema, live: LiveObject, args: Mapping[str, Any]) -> set[str]:
    """Return the fields to patch on a profile that was created or taken over: what its POST lacks, and what differs."""
    later = SentIn.UPDATE | SentIn.CONTENT
    return {*differences(schema, live, args, later), *missing_from_response(schema, live, args, later)}


def missing_from_response(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return fields that the response omits, so their remote value is unknown and they must be sent."""
    fields = (f for f in schema if f.input.sent & sent and f.api not in live)
    return [f.name for f in fields if f.type.canon(args.get(f.name)) is not None]


def set_only_in_veza(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return fields that hold something in Veza and are not written in the program."""
    held = schema.from_api(live, None)
    return [f.name for f in schema if f.input.sent & sent and f.name not in args and f.type.canon(held.get(f.name))]


def _unknown(schema: Schema, args: Mapping[str, Any], sent: SentIn) -> tuple[str, ...]:
    return tuple(f.name for f in schema if f.input.sent & sent and contains_unknown(args.get(f.name)))


def profile_fields(schema: Schema, profile: LiveObject, content: LiveObject) -> dict[str, Any]:
    """Return the metadata of a profile and the content of its current version side by side, as the schema has them.

    An access request policy that only the profile's response shows is the version's.
    """
    metadata = {f.api for f in schema if f.input.sent & SentIn.UPDATE}
    inside = {f.api for f in schema if f.input.sent & SentIn.CONTENT}
    flat = {name: value for name, value in profile.items() if name in metadata}
    return flat | {name: value for name, value in version_content(profile, content).items() if name in inside}


def version_content(profile: LiveObject, content: LiveObject) -> dict[str, Any]:
    """Return the content of a profile's current version; a policy that only the profile's response shows is its own."""
    found = dict(content)
    if "access_request_policy_id" in profile:
        found.setdefault("access_request_policy_id", profile["access_request_policy_id"])
    return found
