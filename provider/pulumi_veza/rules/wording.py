"""Format reasons and decisions as sentences."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_veza.fields.field_types import (
    UNKNOWN,
    Boolean,
    FieldType,
    ListOf,
    Number,
    SetOf,
    String,
    contains_unknown,
)
from pulumi_veza.fields.schema import Field, Schema
from pulumi_veza.fields.spelling import unescaped, visible_part
from pulumi_veza.reports.words import counted, listed, people, people_who
from pulumi_veza.rules.adoption import LiveObject
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.removal_guard import GuardVerdict, Limit

WILL_BE_REFUSED: Final = "will be refused: "
"""The beginning of what is printed of a refusal in a preview that shows every one, behind the resource."""

CONFIRM_THIS_CHANGE: Final = "confirm this one change with"
"""Part of every refusal of the removal guard at preview, by which a preview that it stopped is told from others."""

_SENTENCES: Final[Mapping[Why, str]] = {
    Why.NOT_MANAGED: "the program does not say {which}",
    Why.NOT_IN_RESPONSE: "the tenant does not say {which}",
    Why.UNKNOWN_VALUE: "{which} is not known before `pulumi up`",
    Why.UNKNOWN_ELEMENTS: "{which} is not wholly known before `pulumi up` ({detail} unknown)",
    Why.SECRET: "{which} is secret",
    Why.UNREADABLE: "{which} cannot be read",
    Why.ADOPTION_UNDECIDED: (
        "{subject} exist{verb} in Veza already, and whether `pulumi up` takes {them} over or refuses to is not known "
        "before: that depends on {detail}"
    ),
    Why.PROFILE_UNKNOWN: "nothing is known of profile{s} {subject}",
    Why.PROFILE_NOT_FOUND: "profile {subject} was not found in the tenant: run `pulumi refresh`",
    Why.STATE_UNKNOWN: "whether the profile is going to run is not known before `pulumi up`",
    Why.STATE_NOT_IN_RESPONSE: "the tenant does not say whether profile {subject} is running",
    Why.RUNNING_UNKNOWN: "whether profile {subject} is running is not known",
    Why.LIVE_VERSION_UNKNOWN: "whether version {detail} of profile {subject} is the live one is not known",
    Why.NOT_LIVE: "version {detail} of profile {subject} is not the live one",
    Why.NOT_RUNNING: "profile {subject} is {detail}",
    Why.NOT_PUBLISHED: "the version of profile {subject} is not published",
    Why.PROFILE_OF_RESOURCE_UNKNOWN: "which profile {subject} belongs to is not known before `pulumi up`",
    Why.MEMBERS_UNREAD: "who is a member of {subject} has not been read",
    Why.UNLISTED_MEMBERS_UNREAD: "whoever was added to {subject} by hand is removed, and who that is has not been read",
    Why.MAY_EXIST: (
        "{subject} may exist in Veza already, with members who are not known here, and would be taken over then"
    ),
    Why.UNLISTED_IF_IT_EXISTS: (
        "if {subject} exist{verb} in Veza already, whoever is a member there and is not listed in the program is "
        "removed, and who that is is not known here"
    ),
    Why.LEAVING_UNKNOWN: "who loses access is not known: {because}",
    Why.MAY_BE_UNKNOWN_ELEMENT: "this may be somebody whose id is not known before `pulumi up`",
    Why.FAILED_BEFORE: "adding them failed last time ({detail})",
    Why.MEMBERS_OF_NEW_VERSION: (
        "version {detail} of {subject} becomes the live one, and Veza does not document whether its members are kept"
    ),
    Why.ORDER_OF_CHANGES: "{subject} changes in the same run, and which comes first is not known",
    Why.CONDITION: "a condition decides who has it",
    Why.GIVEN_TO_MEMBERS: "{subject} give{verb} it, and who is a member there is not known here",
    Why.GIVEN_IF_IT_EXISTS: (
        "{subject} give{verb} it and may exist in Veza already, with members who are not known here"
    ),
    Why.DATASOURCE_ABSENT: "Veza has no datasource {subject}",
    Why.LOSS_UNKNOWN: "what members lose is not known: {because}",
    Why.ACCESS_BEGINS: "people get what {subject} gives, and not all of that is known: {because}",
    Why.ACCESS_ENDS: "people lose what {subject} gives, and not all of that is known: {because}",
    Why.DROP_UNKNOWN: (
        "the type of {subject} decides whether members keep what is taken out of it, and that is not known"
    ),
    Why.DROP_KEPT: "the type of {subject} lets members keep what is taken out of it",
}

_WHICH: Final[Mapping[str, str]] = {
    "entitlements": "which entitlements {subject} hold{verb}",
    "inherits_from": "which profiles {subject} inherit{verb} from",
    "identity_ids": "whom {subject} list{verb}",
}
"""What a field of a profile or a set says, as a question."""

_MERGED: Final = frozenset(
    {
        Why.NOT_MANAGED,
        Why.NOT_IN_RESPONSE,
        Why.PROFILE_UNKNOWN,
        Why.MEMBERS_UNREAD,
        Why.MAY_EXIST,
        Why.UNLISTED_IF_IT_EXISTS,
        Why.ADOPTION_UNDECIDED,
        Why.GIVEN_TO_MEMBERS,
        Why.GIVEN_IF_IT_EXISTS,
    }
)
"""The reasons that many profiles may have alike; one sentence is about all of them."""

_SUBJECTS: Final = 4
"""How many profiles such a sentence names."""


def sentence(reason: Reason) -> str:
    """Return a reason as a sentence without a full stop."""
    return _about([reason])


def sentences(reasons: Iterable[Reason]) -> str:
    """Return several reasons as one text, separated by semicolons and without repetitions."""
    alike: dict[object, list[Reason]] = {}
    for each in reasons:
        alike.setdefault(replace(each, subject="") if each.why in _MERGED else each, []).append(each)
    return "; ".join(dict.fromkeys(map(_about, alike.values())))


def _about(alike: Sequence[Reason]) -> str:
    """Return reasons that differ in their subjects alone as one sentence."""
    first, subjects = alike[0], sorted({each.subject for each in alike})
    # Without a subject a sentence is about several, which are named before it.
    one = len(subjects) == 1 and bool(first.subject)
    names = {"subject": listed(subjects, most=_SUBJECTS) if first.subject else "they"}
    which = _WHICH.get(first.field, "{field} of {subject}") if first.subject else "{field}"
    text = _SENTENCES[first.why] if first.subject else _SENTENCES[first.why].replace(" of {subject}", "")
    return text.replace("{which}", which).format(
        **names,
        field=_FIELDS.get(first.field, first.field),
        detail=_DETAILS.get(first.why, {}).get(first.detail, first.detail),
        because=sentences(first.because),
        s="" if one else "s",
        verb="s" if one else "",
        them="it" if one else "them",
    )


_FIELDS: Final[Mapping[str, str]] = {"inherits_from": "inherited profiles"}

_STATES: Final[Mapping[str, str]] = {
    "RUNNING": "running",
    "INITIAL": "not started yet",
    "PAUSED": "paused",
    "DRY_RUN": "in a dry run",
    "PENDING": "waiting for an approval",
}
"""The states of a profile in the API, in words."""


def state_in_words(state: str) -> str:
    """Return a state of a profile in words; a state that the API does not document stays as it is."""
    return _STATES.get(state, state)


_DETAILS: Final[Mapping[Why, Mapping[str, str]]] = {Why.NOT_RUNNING: _STATES, Why.ADOPTION_UNDECIDED: _FIELDS}


def _of_other_sets(verdict: GuardVerdict) -> str:
    together = verdict.together
    if together is None:
        return ""
    others = len(together.removed) - len(verdict.removal.removed)
    return (
        f"; with {people(others)} of other sets that the program no longer declares, {len(together.removed)} of "
        f"{counted(together.total, 'member')} leave"
    )


def allowance(verdict: GuardVerdict) -> str:
    """Format the limit that a removal exceeds or approaches for somebody who approves it: what it allows."""
    options = verdict.options
    if verdict.limit is Limit.EMPTYING:
        return f"nobody would be left{_of_other_sets(verdict)}"
    percent = verdict.limit is Limit.PERCENT
    most = f"up to {options.max_removal_percent} %" if percent else f"up to {options.max_removals}"
    allowed = most if (options.max_removal_percent if percent else options.max_removals) else "nobody"
    return f"{allowed} may be removed without a confirmation{_of_other_sets(verdict)}"


def guard_refusal(verdict: GuardVerdict, members: Mapping[str, LiveMember], profile: str) -> str:
    """Format what a set would remove and its guard refuses, behind the set's name, with the value that confirms it.

    Args:
        verdict: The verdict of the guard.
        members: The known members, for their names.
        profile: The profile in words.

    """
    value = verdict.confirmation
    return (
        f"{_removal(verdict, members, profile)}; if {_those(verdict)} to lose access, {CONFIRM_THIS_CHANGE} "
        f'allow_removals="{value}" in the set, or with VEZA_ALLOW_REMOVALS={value} in the environment of one run; if '
        "not, list them in the set again"
    )


def vanished_refusal(verdict: GuardVerdict, members: Mapping[str, LiveMember], profile: str, forget: str) -> str:
    """Format the refusal to delete a set that the program no longer declares, behind the set's name.

    Args:
        verdict: The verdict of the guard.
        members: The known members, for their names.
        profile: The profile in words.
        forget: The command by which Pulumi forgets the set.

    """
    already = "; the others have left in this run already" if verdict.together else ""
    stay = "that person is to stay a member" if len(verdict.removal.removed) == 1 else "they are to stay members"
    return (
        f"which the program no longer declares, {_removal(verdict, members, profile)}{already}; "
        f"nothing of it was changed; what the program adds or changes is done, and what else left the program may have "
        f"to wait for the next run. If {_those(verdict)} to lose access, run "
        f"`pulumi up` again with VEZA_ALLOW_REMOVALS={verdict.confirmation} in the environment; if {stay}, declare the "
        f"set again, or let Pulumi forget it by {forget}"
    )


def _those(verdict: GuardVerdict) -> str:
    return "that person is" if len(verdict.removal.removed) == 1 else "all of them are"


def _removal(verdict: GuardVerdict, members: Mapping[str, LiveMember], profile: str) -> str:
    removal = verdict.removal
    return (
        f"would remove {len(removal.removed)} of {counted(removal.total, 'member')} of {profile}: "
        f"{_people(removal.removed, members)}; {allowance(verdict)}, so the guard refuses it"
    )


def people_change(
    joining: Iterable[str],
    leaving: Iterable[str],
    members: Mapping[str, LiveMember],
    *,
    of: str = "",
    unknown: int = 0,
    certain: bool = True,
    would: bool = False,
) -> str:
    """Format who joins and who leaves an access profile; empty where nobody does.

    Args:
        joining: The identities that join.
        leaving: The identities that leave.
        members: The known members, for their names.
        of: The profile in words, where the change concerns several.
        unknown: The number of identities that join and are known only during `pulumi up`.
        certain: Whether those who join are known not to be members yet, and the profile that is left to be another one.
        would: Whether the change is refused.

    """
    joins, leaves, profile = set(joining), set(leaving), f" {of}" if of else ""
    parts = []
    if joins or unknown:
        pending = [f"{counted(unknown, 'id')} not known before `pulumi up`"] if unknown else []
        who = " and ".join(filter(None, [_people(joins, members), *pending]))
        count = len(joins) + unknown
        are = "that person is a member" if count == 1 else "they are members"
        unless = "" if certain else f" (unless {are} already)"
        parts.append(f"{_people_who(count, 'join', would=would)}{profile}: {who}{unless}")
    if leaves:
        unless = "" if certain else " (unless they join the same one again)"
        parts.append(f"{_people_who(len(leaves), 'leave', would=would)}{profile}: {_people(leaves, members)}{unless}")
    return "; ".join(parts)


def _people_who(count: int, verb: str, *, would: bool) -> str:
    return f"{people(count)} would {verb}" if would else people_who(count, verb)


def access_profile(profile_id: str, name: str | None = None) -> str:
    """Format an access profile by its name, where that is known, and its id."""
    return f"access profile {name!r} ({profile_id})" if name and name != profile_id else f"access profile {profile_id}"


def _people(ids: Iterable[str], members: Mapping[str, LiveMember]) -> str:
    return listed(_person(who, members.get(who)) for who in ids)


def _person(who: str, member: LiveMember | None) -> str:
    if member is None:
        return who
    return member.words if visible_part(member.name or "") else member.id


def differences(
    schema: Schema, live: LiveObject, args: Mapping[str, Any], names: Iterable[str], secret: Container[str]
) -> str:
    """Format the difference of each field; fields in ``secret`` and free texts are listed without their values."""
    held = schema.from_api(live, args)
    return ", ".join(
        name if name in secret else _difference(schema[name], held.get(name), args[name]) for name in names
    )


def set_changes(schema: Schema, olds: Mapping[str, Any], args: Mapping[str, Any], secret: Container[str]) -> str:
    """Format what is added to and removed from each set; sets in ``secret`` are named without their elements."""
    sets = (f for f in schema if f.is_set and not schema.same(f, olds, args))
    return ", ".join(
        f.name if f.name in secret else _difference(f, olds.get(f.name), args.get(f.name))
        for f in sets
        if UNKNOWN not in (olds.get(f.name), args.get(f.name))
    )


def _difference(field: Field, held: Any, wanted: Any) -> str:
    if isinstance(field.type, SetOf):
        held, wanted = held or {}, wanted or {}
        signs = [f"- {k}" for k in held if k not in wanted] + [f"+ {k}" for k in wanted if k not in held]
        signs += [f"~ {k}" for k in wanted if k in held and _may_differ(field.type.of, held[k], wanted[k])]
        return f"{field.name} ({_shortened(signs)})"
    if isinstance(field.type, (Number, Boolean)) or (isinstance(field.type, String) and field.type.choices):
        return f"{field.name} ({held} in Veza, {wanted} here)"
    if isinstance(field.type, ListOf):
        return f"{field.name} ({len(held or ())} elements in Veza, {len(wanted)} here)"
    if isinstance(field.type, String) and field.input.meaning != "text":
        return f"{field.name} ({_brief(held or '')} in Veza, {_brief(wanted)} here)"
    return field.name


def _may_differ(of: FieldType, held: Any, wanted: Any) -> bool:
    return contains_unknown(wanted) or of.canon(held) != of.canon(wanted)


def _shortened(signs: Sequence[str], most: int = 10) -> str:
    return ", ".join([*signs[:most], *([f"and {len(signs) - most} more"] if len(signs) > most else [])])


def ids(objects: Iterable[LiveObject]) -> str:
    """Format the ids of objects, sorted and separated by commas."""
    return ", ".join(sorted(str(each.get("id")) for each in objects))


def doubts(warnings: Sequence[str]) -> str:
    """Format the doubts about the spelling of names."""
    return (
        f"{_shortened(warnings)}: that is easily overlooked, and a tenant may drop it; write the names without such "
        "characters, unless the tenant has them"
    )


def kept(schema: Schema, kept_values: Mapping[str, Any], args: Mapping[str, Any], secret: Container[str]) -> str:
    """Format what the tenant keeps otherwise than it is written, without the values of secret fields."""
    parts = [
        part
        for name, value in kept_values.items()
        for part in ([name] if name in secret else _kept(schema[name], value, args.get(name)))
    ]
    escapes = any(unescaped(part) != part for part in parts)
    instead = "write a text without the characters that it escapes" if escapes else "write here what it keeps"
    return (
        f"the tenant keeps {_shortened(parts)}; {instead}. The difference counts as none, and nothing is sent again "
        "because of it"
    )


def _kept(field: Field, value: Any, written: Any) -> Iterator[str]:
    if field.is_set and value.keys() != written.keys():
        gone, new = sorted(written.keys() - value.keys()), sorted(value.keys() - written.keys())
        yield f"{field.name} as {_brief(new)} instead of {_brief(gone)}"
    else:
        yield from _parts(field.name, value, written)


def _parts(path: str, value: Any, written: Any) -> Iterator[str]:
    """Yield each part of a nested value that the tenant keeps otherwise."""
    if not isinstance(value, Mapping) or not isinstance(written, Mapping):
        yield f"{path} as {_brief(value)} instead of {_brief(written)}"
        return
    for key in sorted({*value, *written}, key=str):
        inner = f"{path}[{key!r}]"
        if key not in value:
            yield f"{path} without {key!r}"
        elif key not in written:
            yield f"{inner} as {_brief(value[key])} beside what is written"
        elif value[key] != written[key]:
            yield from _parts(inner, value[key], written[key])


def _brief(value: Any, longest: int = 80) -> str:
    if isinstance(value, list):
        return _shortened([_brief(each) for each in value]) or "nothing"
    text = repr(value)
    return text if len(text) <= longest else f"{text[:longest]}..."
