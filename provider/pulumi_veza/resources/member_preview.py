"""What a change of a membership set will do, by the state: who joins and leaves, and whether the guard refuses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN, contains_unknown
from pulumi_veza.fields.secrets import HIDDEN
from pulumi_veza.provider.claims import PlannedRemoval
from pulumi_veza.provider.kind import Operation
from pulumi_veza.resources.member_outputs import LISTED_KEY, SELECTORS_KEY
from pulumi_veza.rules import members, wording
from pulumi_veza.rules.identity import manages_members, one_person
from pulumi_veza.rules.members import Departure, LiveMember, MembersDecision, MemberSituation, spelled_like
from pulumi_veza.rules.removal_guard import confirmations_in, judge


def planned(op: Operation) -> list[MembersDecision]:
    """Return the decisions about a change by the state, that about the version which is left before the other.

    There are none where nothing will be sent, or where the profile or the list is known only during `pulumi up`.
    """
    _note_version(op)
    if not _sends(op) or contains_unknown(op.args):
        return []
    claims = op.session.claims
    if not op.replaces:
        return [members.decide(situation(op, claims.selectors(*place(op.args))))]
    # Its own claim on another name of the same version keeps its members there.
    others = claims.listed_elsewhere(op.olds["profile_id"], claims.selectors(*place(op.olds)), None)
    departure = members.decide_departure(
        Departure.MOVED, op.olds, wanted=op.args, others_list=others, confirmations=confirmations(op)
    )
    return [departure, members.decide(MemberSituation(op.args["profile_id"], op.args))]


def situation(
    op: Operation, selectors: Collection[str], live: Mapping[str, LiveMember] | None = None
) -> MemberSituation:
    """Return what the decision about a set that stays depends on; ``selectors`` are the known names of its version."""
    others = op.session.claims.listed_elsewhere(op.args["profile_id"], selectors, op.owner)
    return MemberSituation(op.args["profile_id"], op.args, op.olds, live, others, confirmations(op))


def refusal(op: Operation, decisions: Sequence[MembersDecision]) -> str | None:
    """Return why the guard refuses a planned change, its own or that of a set seen before; None where it does not."""
    claims, before, known = op.session.claims, place(op.olds), shown(op, members.members_in(op.olds))
    # The version that is left comes first, and is the present one where the set stays.
    verdict = next((each.guard for each in decisions), None)
    if verdict:
        claims.plan_removal(before, op.owner, PlannedRemoval(verdict, known))
        if verdict.refused:
            return f"{op.words}: identity_ids: {wording.guard_refusal(verdict, known)}"
    for owner, (each, people) in claims.emptying(before):
        together = judge(replace(each.removal, empties=True), each.options)
        if together.refused:
            return f"{claims.in_words(owner)}: identity_ids: {wording.guard_refusal(together, people)}"
    return None


def announce(op: Operation, decisions: Sequence[MembersDecision]) -> None:
    """Print who joins and who leaves with a planned change, once it is known what other sets know of the members."""
    where = place(op.args)
    if not op.is_new:
        before = place(op.olds)
        op.session.claims.note_known(before, op.olds.get(LISTED_KEY) or "", members.members_in(op.olds))

    def say() -> None:
        if not manages_members(op.args):
            return
        claims, own = op.session.claims, members.members_in(op.olds)
        # The most recent state of all knows best who is a member; the set's own may be older.
        known = claims.known(where)
        listed, before = members.listed(op.args), members.listed(op.olds) | own.keys()
        # It may spell an id in another case than the state of another set does.
        here = spelled_like(known or {}, listed | one_person(before, listed))
        left = spelled_like(claims.known(place(op.olds)) or {}, before) if op.replaces else here
        leaving = decisions[0].remove & left.keys() if decisions else frozenset()
        joining = listed - one_person(members.failed_before(op.olds, op.args), listed) - here.keys()
        # A profile that this run makes has no members.
        certain = known is not None or contains_unknown(where[0]) or claims.holder(("made", where[0])) is not None
        unknown, names = _unknown_elements(op.args), shown(op, {**own, **left, **here})
        if op.replaces:
            parts = [
                wording.people_change((), leaving, names, of=op.olds["profile_id"]),
                wording.people_change(joining, (), names, of=where[0], unknown=unknown, certain=certain),
            ]
        else:
            parts = [wording.people_change(joining, leaving, names, unknown=unknown, certain=certain)]
        if text := "; ".join(filter(None, parts)):
            op.info(text)

    op.session.claims.when_all_seen(where, op.owner, say if op.is_new or _sends(op) else None)


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
    if number := op.olds.get("version_number"):
        # A state of 0.1.0 does not have the others.
        for each in {selector, *(op.olds.get(SELECTORS_KEY) or ())}:
            op.session.claims.note_version(profile_id, each, int(number), op.olds.get(LISTED_KEY) or "")


def _unknown_elements(args: Mapping[str, Any]) -> int:
    ids = args["identity_ids"]
    return sum(each is UNKNOWN for each in ids.values()) if isinstance(ids, Mapping) else 1
