"""Adoption: whether a create adopts an existing object, creates one, or is refused, and for which differences.

Objects are mappings under the API's names, as the tenant sent them: an absent field was not in the response. Inputs are
in state shape and may contain values that are unknown before `pulumi up`; a decision that depends on one is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pulumi_veza.fields.field_types import Boolean, Number, String, contains_unknown
from pulumi_veza.fields.schema import Field, Schema, SentIn
from pulumi_veza.fields.spelling import tidy
from pulumi_veza.rules.identity import is_waiting

LiveObject = Mapping[str, Any]
"""An object under the API's names."""

STATE: Final = "state"
"""The field that is never a difference: an adopted profile gets the declared state, so a paused one runs again."""


NAME: Final = "name"
"""The field by which an object is found."""

EXISTING_ID: Final = "existing_id"
"""The argument that names the object to adopt, in place of the name. Only a create reads it."""


class Action(str, Enum):
    """The action of a create."""

    CREATE = "create"
    ADOPT = "adopt"
    REFUSE = "refuse"


class Refusal(str, Enum):
    """The reason for the refusal of a create."""

    NEVER = "never"
    """The object exists, and ``adopt="never"`` is written."""
    DIFFERENT = "different"
    """The object differs in fields that are written, and ``adopt="identical"`` is the default."""
    SEVERAL = "several"
    """Several objects match, and nothing distinguishes the one that is meant."""
    ABSENT = "absent"
    """``existing_id`` names an object, and there is none of this id and kind."""


@dataclass(frozen=True)
class AdoptionDecision:
    """The decision of a create about the objects that exist already."""

    action: Action
    found: LiveObject | None = None
    """The object that is adopted, or because of which the create is refused."""
    candidates: tuple[LiveObject, ...] = ()
    """Every matching object, where there are several."""
    differences: tuple[str, ...] = ()
    """Written fields whose value in the object differs by more than the spelling that a tenant may keep."""
    missing: tuple[str, ...] = ()
    """Written fields that the response omits: their remote value is unknown, so they must be sent."""
    refusal: Refusal | None = None
    undecided: tuple[str, ...] = ()
    """Fields whose values are unknown before `pulumi up` and may change the decision."""
    beside: tuple[LiveObject, ...] = ()
    """Objects of the same name that do not match and are left unchanged."""

    @property
    def certain(self) -> bool:
        """Whether no unknown value can change the decision."""
        return not self.undecided


def decide_type(
    schema: Schema, args: Mapping[str, Any], same_name: Sequence[LiveObject], *, may_be_beside: Sequence[str] = ()
) -> AdoptionDecision:
    """Decide about a type: only one that is identical in every field is adopted, as the API cannot update a type.

    Args:
        schema: The fields of types.
        args: The inputs.
        same_name: The types of this name that no other resource of the run manages; where the inputs have an
            ``existing_id``, the type of this id, if there is one.
        may_be_beside: The ids of types of this name that this run leaves behind, which ``beside`` omits.

    """
    if args.get(EXISTING_ID) is not None:
        return _decide_type_of_id(schema, args, same_name)
    undecided = _unknown(schema, args, SentIn.CREATE)
    alike = [each for each in same_name if not loose_differences(schema, each, args, SentIn.CREATE)]
    # A field that the response omits may differ, and no update could correct it: such a type is not identical.
    missing = {id(each): missing_from_response(schema, each, args, SentIn.CREATE) for each in alike}
    identical = [each for each in alike if not missing[id(each)]]
    if len(identical) > 1:
        identical = [t for t in identical if not differences(schema, t, args, SentIn.CREATE)] or identical
    if len(identical) > 1:
        # Fields that are not written are not compared, but a new type would not have them: fewer are a better match.
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


def _decide_type_of_id(schema: Schema, args: Mapping[str, Any], of_id: Sequence[LiveObject]) -> AdoptionDecision:
    """Decide about the type that ``existing_id`` names: it is adopted where it is identical, and nothing is created."""
    if contains_unknown(args[EXISTING_ID]):
        return AdoptionDecision(Action.CREATE, undecided=(EXISTING_ID,))
    if not of_id:
        return AdoptionDecision(Action.REFUSE, refusal=Refusal.ABSENT)
    found = of_id[0]
    others = [name for name in loose_differences(schema, found, args, SentIn.CREATE) if name != NAME]
    differs = (*_other_name(found, args), *others)
    missing = tuple(missing_from_response(schema, found, args, SentIn.CREATE))
    if schema.value(args, "adopt") == "never":
        return AdoptionDecision(Action.REFUSE, found, differences=differs, refusal=Refusal.NEVER)
    if differs or missing:
        return AdoptionDecision(Action.REFUSE, found, differences=differs, missing=missing, refusal=Refusal.DIFFERENT)
    return AdoptionDecision(Action.ADOPT, found, undecided=_unknown(schema, args, SentIn.CREATE))


def _other_name(live: LiveObject, args: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name, where an object that was found by its id has another one than the program writes."""
    held, wanted = live.get(NAME), args.get(NAME)
    if not isinstance(held, str) or not isinstance(wanted, str):
        return ()
    return (NAME,) if tidy(held) != tidy(wanted) else ()


def decide_profile(schema: Schema, args: Mapping[str, Any], same_name: Sequence[LiveObject]) -> AdoptionDecision:
    """Decide about a profile: the one of its name and type is adopted where its written fields are equal.

    Only fields that the POST sends are compared, as a create whose response was lost leaves those; the others are
    patched. A different state is no difference. Of a profile that ``existing_id`` names, the name and the type are
    compared as well.

    Args:
        schema: The fields of profiles.
        args: The inputs.
        same_name: The profiles of this name and type that no other resource of the run manages, each with the content
            of its current version beside its metadata; where the inputs have an ``existing_id``, the profile of this
            id, if there is one.

    """
    by_id = args.get(EXISTING_ID) is not None
    if by_id and contains_unknown(args[EXISTING_ID]):
        return AdoptionDecision(Action.CREATE, undecided=(EXISTING_ID,))
    if not same_name:
        return AdoptionDecision(Action.REFUSE, refusal=Refusal.ABSENT) if by_id else AdoptionDecision(Action.CREATE)
    adopt = schema.value(args, "adopt")
    found = same_name[0]
    if len(same_name) > 1:
        return AdoptionDecision(Action.REFUSE, found, tuple(same_name), refusal=Refusal.SEVERAL)
    undecided = tuple(name for name in _unknown(schema, args, SentIn.CREATE) if name != STATE)
    renamed = _other_name(found, args) if by_id else ()
    differs = (*renamed, *profile_differences(schema, found, args))
    if adopt == "never":
        return AdoptionDecision(Action.REFUSE, found, differences=differs, refusal=Refusal.NEVER)
    if differs and adopt == "identical":
        return AdoptionDecision(Action.REFUSE, found, differences=differs, refusal=Refusal.DIFFERENT)
    return AdoptionDecision(
        Action.ADOPT, found, differences=differs, undecided=undecided if adopt == "identical" else ()
    )


def decide_content(schema: Schema, args: Mapping[str, Any], live: LiveObject) -> AdoptionDecision:
    """Decide about the content of a version, which always exists: empty or equal content is adopted.

    Args:
        schema: The fields of versions.
        args: The inputs.
        live: The content of the version.

    """
    held = _held(schema, live)
    differs = tuple(loose_differences(schema, live, args, SentIn.CONTENT))
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
    """Return the differing fields that are not empty in Veza, which the adoption overwrites."""
    held = _held(schema, decision.found or {})
    return tuple(name for name in decision.differences if name in held)


def is_left_by_a_create(schema: Schema, live: LiveObject, args: Mapping[str, Any]) -> bool:
    """Return whether a create by these inputs leaves an object like this, whatever the tenant does to the spelling.

    Every written field of the POST is equal but for its spelling, and nobody has filled in another one: content may be
    managed by another resource, and tenants fill in switches, numbers, enumerations and ids by themselves.
    """
    others = [schema[name] for name in set_only_in_veza(schema, live, args, SentIn.CREATE)]
    by_hand = [f for f in others if not f.input.sent & SentIn.CONTENT and not _may_have_default(f)]
    return not by_hand and not profile_differences(schema, live, args)


def _may_have_default(field: Field) -> bool:
    by_type = isinstance(field.type, (Boolean, Number)) or (isinstance(field.type, String) and field.type.enumeration)
    return by_type or field.input.meaning == "id"


def _held(schema: Schema, live: LiveObject) -> set[str]:
    """Return the fields that are not empty in Veza, without the state."""
    return {
        f.name
        for f in schema
        if f.input.sent and f.name != STATE and f.type.canon(f.type.from_api(live.get(f.api))) is not None
    }


def differences(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return the written fields whose value in the object differs; one that the response omits is no difference."""
    known = {name: value for name, value in args.items() if not contains_unknown(value)}
    held = schema.from_api(live, known)
    return [f.name for f in schema if f.input.sent & sent and f.name in known and not schema.same(f, held, known)]


def loose_differences(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return the written fields whose value in the object differs in more than the spelling that a tenant may keep."""
    names = differences(schema, live, args, sent)
    written = {name: args[name] for name in names}
    held = schema.from_api(live, written)
    return [name for name in names if not schema.loosely_same(schema[name], held, written)]


def profile_differences(schema: Schema, live: LiveObject, args: Mapping[str, Any]) -> list[str]:
    """Return the written fields of the POST whose value in the profile differs by more than the spelling.

    The state is none of them, and neither is the name, by which the profile was found.
    """
    return [name for name in loose_differences(schema, live, args, SentIn.CREATE) if name not in (STATE, NAME)]


def to_patch(schema: Schema, live: LiveObject, args: Mapping[str, Any], *, created: bool = False) -> set[str]:
    """Return the fields to patch on a created or adopted profile: those that differ or that the response omits.

    A value that a POST just sent and that the tenant keeps in another spelling is not sent again.
    """
    later = SentIn.UPDATE | SentIn.CONTENT
    missing = missing_from_response(schema, live, args, later)
    if not created:
        return {*differences(schema, live, args, later), *missing}
    differs = loose_differences(schema, live, args, later)
    return {*(n for n in differs if n != STATE or not is_waiting(args.get(n), live.get(n))), *missing}


def held_already(
    schema: Schema, live: LiveObject, args: Mapping[str, Any], olds: Mapping[str, Any], changed: Iterable[str]
) -> frozenset[str]:
    """Return the changed content that becomes managed and that the version holds already, so that nothing is sent.

    Args:
        schema: The fields of profiles.
        live: The profile with the content of its current version beside its metadata.
        args: The inputs.
        olds: The outputs in the state.
        changed: The changed fields.

    """
    differs = differences(schema, live, args, SentIn.CONTENT)

    def is_held(field: Field) -> bool:
        if not field.input.sent & SentIn.CONTENT or olds.get(field.name) is not None or field.api not in live:
            return False
        held = field.type.canon(field.type.from_api(live[field.api]))
        return field.name not in differs and _tells(held, field.type.canon(args.get(field.name)))

    return frozenset(name for name in changed if is_held(schema[name]))


def _tells(held: Any, wanted: Any) -> bool:
    """Return whether a response has every part of a value, both in canonical form: what it omits is unknown."""
    if not isinstance(wanted, Mapping):
        return True
    return isinstance(held, Mapping) and all(name in held and _tells(held[name], each) for name, each in wanted.items())


def missing_from_response(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return fields that the response omits, so their remote value is unknown and they must be sent."""
    fields = (f for f in schema if f.input.sent & sent and f.api not in live)
    return [f.name for f in fields if f.type.canon(args.get(f.name)) is not None]


def set_only_in_veza(schema: Schema, live: LiveObject, args: Mapping[str, Any], sent: SentIn) -> list[str]:
    """Return fields that are not empty in Veza and not written in the program."""
    held = schema.from_api(live, None)
    return [f.name for f in schema if f.input.sent & sent and f.name not in args and f.type.canon(held.get(f.name))]


def _unknown(schema: Schema, args: Mapping[str, Any], sent: SentIn) -> tuple[str, ...]:
    return tuple(f.name for f in schema if f.input.sent & sent and contains_unknown(args.get(f.name)))


def profile_fields(schema: Schema, profile: LiveObject, content: LiveObject) -> dict[str, Any]:
    """Return the metadata of a profile and the content of its current version in one object.

    Some responses have the version's access request policy only in the profile; it is returned as content.
    """
    metadata = {f.api for f in schema if f.input.sent & SentIn.UPDATE}
    inside = {f.api for f in schema if f.input.sent & SentIn.CONTENT}
    flat = {name: value for name, value in profile.items() if name in metadata}
    return flat | {name: value for name, value in version_content(profile, content).items() if name in inside}


def version_content(profile: LiveObject, content: LiveObject) -> dict[str, Any]:
    """Return the content of a current version, with the access request policy of the profile where it has none."""
    found = dict(content)
    if "access_request_policy_id" in profile:
        found.setdefault("access_request_policy_id", profile["access_request_policy_id"])
    return found
