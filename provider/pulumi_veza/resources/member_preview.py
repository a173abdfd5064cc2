"""What a change of a membership set will do, by the state: who joins and leaves, and whether the guard refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN, contains_unknown
from pulumi_veza.provider.kind import Operation
from pulumi_veza.rules import members, wording
from pulumi_veza.rules.identity import manages_members
from pulumi_veza.rules.members import Departure, MembersDecision, MemberSituation
from pulumi_veza.rules.removal_guard import confirmations_in


def planned(op: Operation) -> list[MembersDecision]:
    """Return the decisions about a change by the state, that about the version which is left before the other.

    There are none where the profile or the list is known only during `pulumi up`.
    """
    if contains_unknown(op.args):
        return []
    claims = op.session.claims
    if not op.replaces:
        others = claims.others(op.args["profile_id"], _selectors_in(op.args, op.olds), op.owner)
        decision = members.decide(
            MemberSituation(op.args["profile_id"], op.args, op.olds, None, others, confirmations(op))
        )
        claims.plan_removal(*place(op.args), op.owner, decision.remove)
        return [decision]
    # Its own claim on another name of the same version keeps its members there.
    others = claims.others(op.olds["profile_id"], _selectors_in(op.olds, op.olds), None)
    departure = members.decide_departure(
        Departure.MOVED, op.olds, wanted=op.args, others=others, confirmations=confirmations(op)
    )
    claims.plan_removal(*place(op.olds), op.owner, departure.remove)
    return [departure, members.decide(MemberSituation(op.args["profile_id"], op.args))]


def change_in_words(op: Operation) -> str:
    """Return who joins and who leaves with a change of an existing set; empty where nobody does."""
    decisions, known = planned(op), members.members_in(op.olds)
    if not decisions:
        joining = members.listed(op.args) - known.keys()
        return wording.people_change(joining, (), known, unknown=_unknown_elements(op.args))
    if op.replaces:
        leaving = wording.people_change((), decisions[0].remove, known, of=op.olds["profile_id"])
        joining_ = wording.people_change(decisions[1].add, (), known, of=op.args["profile_id"])
        return "; ".join(filter(None, [leaving, joining_]))
    (decision,) = decisions
    return wording.people_change(decision.add - decision.retried, decision.remove, known)


def new_set_in_words(args: Mapping[str, Any]) -> str:
    """Return who joins with a new set, unless they are members already; empty where it lists nobody."""
    return wording.people_change(members.listed(args), (), {}, unknown=_unknown_elements(args))


def refusal(op: Operation) -> str | None:
    """Return why the guard refuses a change, or None where it does not."""
    if not manages_members(op.olds) and not manages_members(op.args):
        return None
    for decision in planned(op):
        if decision.guard and decision.refused:
            return f"identity_ids: {wording.guard_refusal(decision.guard, members.members_in(op.olds))}"
    return None


def place(args: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of the set's members in the claims: the profile and the selector as the program writes it."""
    return args["profile_id"], args["version"]


def confirmations(op: Operation) -> frozenset[str]:
    """Return the values from the configuration or environment that confirm removals."""
    return confirmations_in(op.session.settings.allow_removals)


def _selectors_in(place: Mapping[str, Any], olds: Mapping[str, Any]) -> set[str]:
    """Return the names of a version that are known without the tenant: its selector, and its number in the state."""
    number = olds.get("version_number") if olds.get("version") == place["version"] else None
    return {place["version"], *([str(number)] if number else [])}


def _unknown_elements(args: Mapping[str, Any]) -> int:
    ids = args["identity_ids"]
    return sum(each is UNKNOWN for each in ids.values()) if isinstance(ids, Mapping) else 1
