"""What a change of a membership set will do, by the state: who joins and leaves, and whether the guard refuses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from pulumi_veza.fields.field_types import UNKNOWN, contains_unknown
from pulumi_veza.fields.secrets import HIDDEN
from pulumi_veza.provider.claims import Owner, PlannedRemoval
from pulumi_veza.provider.kind import Operation
from pulumi_veza.resources.member_outputs import LISTED_KEY, SELECTORS_KEY
from pulumi_veza.resources.version_selector import profile_in_words
from pulumi_veza.rules import members, wording
from pulumi_veza.rules.identity import manages_members, one_person
from pulumi_veza.rules.members import Departure, LiveMember, MembersDecision, MemberSituation, spelled_like
from pulumi_veza.rules.removal_guard import GuardVerdict, confirmations_in, judge
from pulumi_veza.rules.urns import state_delete


def planned(op: Operation, known: Mapping[str, LiveMember]) -> MembersDecision | None:
    """Return the decision about a change by ``known``, the state: for a set pointed elsewhere, about what it leaves.

    There is none where nothing will be sent, or where it depends on what is known only during `pulumi up`.
    """
    _note_version(op)
    unknown = {name for name, value in op.args.items() if contains_unknown(value)}
    # Who leaves a version does not depend on where the set goes.
    if not _sends(op) or unknown - (set(_TARGET) if op.replaces else set()):
        return None
    claims = op.session.claims
    if not op.replaces:
        return members.decide(situation(op, claims.selectors(*place(op.args)), known=known))
    # Its own claim on another name of the same version keeps its members there.
    others = claims.listed_elsewhere(op.olds["profile_id"], claims.selectors(*place(op.olds)), None)
    return members.decide_departure(
        Departure.MOVED, op.olds, wanted=op.args, others_list=others, confirmations=confirmations(op)
    )


_TARGET: Final = ("profile_id", "version", "identity_ids")
"""The fields that say where a set goes, and whom it lists there."""


def _may_stay(op: Operation) -> bool:
    """Return whether the version that a set is pointed at may be the one that it leaves, as far as it is known now.

    A profile that is made in this run is another one where the program declares the old one still. Otherwise it may
    take the old one over, such as when a profile is renamed without an alias.
    """
    profile_id, version = place(op.args)
    if contains_unknown(profile_id):
        return op.session.claims.holder(("declared still", op.olds["profile_id"])) is None
    return contains_unknown(version) and profile_id == op.olds["profile_id"]


def situation(
    op: Operation,
    selectors: Collection[str],
    live: Mapping[str, LiveMember] | None = None,
    *,
    known: Mapping[str, LiveMember] | None = None,
) -> MemberSituation:
    """Return what the decision about a set that stays depends on; ``selectors`` are the known names of its version."""
    others = op.session.claims.listed_elsewhere(op.args["profile_id"], selectors, op.owner)
    return MemberSituation(op.args["profile_id"], op.args, op.olds, live, others, confirmations(op), known)


def refusal(op: Operation, decision: MembersDecision | None, known: Mapping[str, LiveMember]) -> str | None:
    """Return why the guard refuses a planned change, its own or that of a set seen before; None where it does not."""
    claims, before, known = op.session.claims, place(op.olds), shown(op, known)
    left = profile_in_words(op, before[0])
    verdict = decision.guard if decision and not (op.replaces and _may_stay(op)) else None
    if verdict:
        claims.plan_removal(before, op.owner, PlannedRemoval(verdict, known))
        if verdict.refused:
            return f"{op.words} {wording.guard_refusal(verdict, known, left)}"
    for owner, (each, people) in claims.emptying(before):
        together = judge(replace(each.removal, empties=True), each.options)
        if together.refused:
            return f"{claims.in_words(owner)} {wording.guard_refusal(together, people, left)}"
    return None


def guard_refusal(
    op: Operation, verdict: GuardVerdict, people: Mapping[str, LiveMember], profile_id: str, *, vanished: bool = False
) -> str:
    """Return the refusal of a removal at apply, of a set that the program declares or no longer does."""
    profile = wording.access_profile(profile_id, op.session.client.profile_names.get(profile_id))
    if not vanished:
        return wording.guard_refusal(verdict, shown(op, people), profile)
    forget = state_delete(op.owner.urn(op.session.claims.stack))
    return wording.vanished_refusal(verdict, shown(op, people), profile, forget)


def preview(op: Operation) -> str | None:
    """Print who joins and who leaves; return why the guard refuses it, None where it does not."""
    claims, before, known = op.session.claims, place(op.olds), members.members_in(op.olds)
    decision = planned(op, known)
    claims.note_known(before, op.olds.get(LISTED_KEY) or "", known)
    if reason := refusal(op, decision, known):
        claims.claim(_refused(before), op.owner)
    announce(op, decision, known)
    return reason


def _refused(place_: tuple[str, str]) -> tuple[str, str, str]:
    """Return what is claimed of a version some of whose removals are refused: all of its changes only would be made."""
    return ("refused", *place_)


def announce(
    op: Operation, decision: MembersDecision | None = None, own: Mapping[str, LiveMember] = MappingProxyType({})
) -> None:
    """Print who joins and who leaves with a planned change, once it is known what other sets know of the members.

    ``own`` are the members that the set has in the state.
    """
    claims, where = op.session.claims, place(op.args)
    if op.is_new and is_taken_over(op):
        # The preview has said who is to join; the create reads who is a member already, and says who does.
        claims.when_all_seen(where, op.owner, None)
        return
    if op.replaces:
        claims.claim(_moved(op), op.owner)
    elif op.is_new and claims.holder(_moved(op)):
        # The engine checks a replacement once more, as a new resource; it has been announced with what it leaves.
        return

    def say() -> None:
        if text := _people_line(op, decision, own):
            op.info(text)

    then = say if op.is_new or _sends(op) else None
    if op.replaces and then:
        claims.when_all_seen(where, op.owner, lambda: claims.when_all_seen(place(op.olds), op.owner, then))
    else:
        claims.when_all_seen(where, op.owner, then)


def is_taken_over(op: Operation) -> bool:
    """Return whether this run has taken over the profile of the set, which a preview never does."""
    return op.session.claims.holder(("taken over", op.args["profile_id"])) is not None


def announce_joining(op: Operation, situation: MemberSituation) -> None:
    """Print who joins a profile that this run has taken over, by its live members."""
    if op.is_new and is_taken_over(op) and manages_members(op.args):
        joining = situation.now - situation.members.keys()
        if text := wording.people_change(joining, (), shown(op, {})):
            op.info(text)


def announce_leaving(op: Operation, removed: Collection[str], people: Mapping[str, LiveMember]) -> None:
    """Print who leaves with a set that is deleted, as no preview asks the provider about a delete."""
    # Who leaves with a replaced set has been said with its change.
    replaced = op.session.claims.holder(_moved(op)) is not None
    if not replaced and (text := wording.people_change((), set(removed) & people.keys(), shown(op, people))):
        op.info(text)


def _people_line(op: Operation, decision: MembersDecision | None, own: Mapping[str, LiveMember]) -> str:
    claims, where = op.session.claims, place(op.args)
    # The most recent state of all knows best who is a member; the set's own may be older.
    known = claims.known(where)
    listed, before = members.managed(op.args), members.listed(op.olds) | own.keys()
    # It may spell an id in another case than the state of another set does.
    here = spelled_like(known or {}, listed | one_person(before, listed))
    left = spelled_like(claims.known(place(op.olds)) or {}, before) if op.replaces else here
    leaving = decision.remove & left.keys() if decision else frozenset()
    joining = listed - one_person(members.failed_before(op.olds, op.args), listed) - here.keys()
    # A profile that this run has made has no members; one that it declares may exist, and is then taken over with them.
    certain = known is not None or claims.holder(("made", where[0])) is not None
    unknown = _unknown_elements(op.args) if manages_members(op.args) else 0
    names = shown(op, {**own, **left, **here})
    refused = claims.holder(_refused(place(op.olds or op.args))) is not None
    if not op.replaces:
        return wording.people_change(joining, leaving, names, unknown=unknown, certain=certain, would=refused)
    old = profile_in_words(op, op.olds["profile_id"])
    unknown_profile = "an access profile not known before `pulumi up`"
    new = unknown_profile if contains_unknown(where[0]) else profile_in_words(op, where[0])
    parts = [
        wording.people_change((), leaving, names, of=old, certain=not _may_stay(op), would=refused),
        wording.people_change(joining, (), names, of=new, unknown=unknown, certain=certain, would=refused),
    ]
    return "; ".join(filter(None, parts))


def _moved(op: Operation) -> tuple[str, Owner]:
    return "moved", op.owner


def shown(op: Operation, people: Mapping[str, LiveMember]) -> Mapping[str, LiveMember]:
    """Return members as a message may show them: a set whose ids are secret has no names either."""
    return dict.fromkeys(people, LiveMember(HIDDEN)) if "identity_ids" in op.secret else people


def _sends(op: Operation) -> bool:
    """Return whether a change sends requests: one of options alone does not."""
    return op.replaces or (op.differs and members.needs_sending(op.olds, op.args, op.changed))


def place(args: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of the set's members in the claims: the profile and the selector as the program writes it."""
    return args["profile_id"], args["version"]


def confirmations(op: Operation) -> frozenset[str]:
    """Return the values from the configuration or environment that confirm removals."""
    return confirmations_in(op.session.settings.allow_removals)


def _note_version(op: Operation) -> None:
    """Record which selectors mean the version that the set has in the state."""
    profile_id, selector = place(op.olds)
    # A state of 0.1.0 does not have the others.
    for each in {selector, *(op.olds.get(SELECTORS_KEY) or ())}:
        op.session.claims.note_version(profile_id, each, op.olds.get("version_number"), op.olds.get(LISTED_KEY) or "")


def _unknown_elements(args: Mapping[str, Any]) -> int:
    ids = args["identity_ids"]
    return sum(each is UNKNOWN for each in ids.values()) if isinstance(ids, Mapping) else 1


def spelled(op: Operation) -> frozenset[str]:
    """Return the identities as the program and the state spell them."""
    return members.listed(op.args) | members.listed(op.olds) | (op.olds.get("failures") or {}).keys()
