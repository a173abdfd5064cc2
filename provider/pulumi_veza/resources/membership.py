"""Membership sets: the members of one version of an access profile.

A set is compared with the live list before anything is sent. Removals are guarded at preview by the state, and again by
the live list. A member that another set of the same run lists is never removed.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, contains_unknown, identity
from pulumi_veza.fields.schema import InputField, OutputField, Schema
from pulumi_veza.provider import shell
from pulumi_veza.provider.kind import Kind, Live, Operation
from pulumi_veza.provider.live_members import LiveMembers, MemberChangeResult
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.resources import beside_others, member_preview, other_sets, topics
from pulumi_veza.resources.identity_ids import hint_at_emails
from pulumi_veza.resources.member_outputs import Members, as_map, computed
from pulumi_veza.resources.member_preview import confirmations, place
from pulumi_veza.resources.version_selector import (
    find_version,
    no_member_list,
    parse_version_id,
    profile_of,
    selected,
    selectors_of,
    version_id,
)
from pulumi_veza.rules import members
from pulumi_veza.rules.identity import excludes_others, manages_members
from pulumi_veza.rules.members import Departure, MemberSituation
from pulumi_veza.rules.removal_guard import judge_together


class Args(TypedDict, total=False):
    """The arguments of a membership set: the version, its members, and options of this provider."""

    profile_id: Required[
        Annotated[Input[str], InputField("The id of the profile.", replace=True, non_empty=True, meaning="id")]
    ]
    identity_ids: Required[
        Annotated[
            Input[Sequence[Input[str]]],
            InputField(
                "The members' ids in Lifecycle Management, as a set.", key=identity, meaning="id", ignores_case=True
            ),
        ]
    ]
    version: Annotated[
        Input[str | int],
        InputField(
            "Which version: `current` follows the live one, `draft`, or a number.", replace=True, default="current"
        ),
    ]
    mode: Annotated[
        Input[Literal["additive", "authoritative", "audit"]],
        InputField(
            "`additive` manages only whom it lists; `authoritative` also removes whom somebody else added by hand or "
            "by the API; `audit` changes nothing and reports the difference.",
            default="additive",
        ),
    ]
    max_removal_percent: Annotated[
        Input[int],
        InputField("How many of the members one change may remove, in percent.", default=20, at_least=0, at_most=100),
    ]
    max_removals: Annotated[
        Input[int], InputField("How many members one change may remove; no limit if left out.", at_least=0)
    ]
    allow_emptying: Annotated[
        Input[bool], InputField("Whether a change may leave the version without members.", default=False)
    ]
    allow_removals: Annotated[
        Input[str], InputField("The value that a refusal printed: it confirms that one change and no other.")
    ]
    on_member_failure: Annotated[
        Input[Literal["warn", "error"]],
        InputField(
            "What a run does where some members could not be added or removed: `warn` goes on, and the set plans an "
            "update until nobody fails; `error` fails.",
            default="warn",
        ),
    ]
    on_destroy: Annotated[
        Input[Literal["remove", "retain", "prevent"]],
        InputField(
            "Destroying removes the members that this set manages, leaves them, or is refused.", default="remove"
        ),
    ]


class State(TypedDict, total=False):
    """The outputs that are no arguments: the live members, and the result of the last change."""

    version_number: Annotated[int, OutputField("The number of the version that the selector means.")]
    members: Annotated[
        dict[str, dict[str, Any]],
        OutputField(
            "All members: in a program a list, each with `id`, `name`, `source` (the API's `created_from`) and "
            "`managed` (whether this set lists it; after a refresh, an authoritative one lists whoever was added by "
            "hand as well); in the state by id, without what follows from the rest.",
            repeats=("identity_ids",),
        ),
    ]
    unmanaged_identity_ids: Annotated[
        dict[str, str], OutputField("The ids of members that this set does not list.", repeats=("identity_ids",))
    ]
    access_request_ids: Annotated[list[str], OutputField("The ids of the access requests that the last change opened.")]
    failures: Annotated[
        dict[str, str],
        OutputField("By identity whose last change failed, the API's message.", repeats=("identity_ids",)),
    ]


class MembershipKind(Kind):
    """Adds and removes members after a comparison with the live list, and keeps failed changes for the next run."""

    name = "MembershipSet"
    schema = Schema(Args, State)
    conflict_advice = (
        "a version has one authoritative set, which says who all its members are: list everybody in one of the two, or "
        'write mode="additive" in the other'
    )

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        named = (args["profile_id"], args["version"])
        # Several sets may add to one profile; two that each remove whom they do not list would fight.
        return named if UNKNOWN not in named and excludes_others(args) else None

    @override
    def learn(self, op: Operation, inputs: Mapping[str, Any]) -> None:
        claims = op.session.claims
        claims.stack = inputs.get(other_sets.STACK_KEY) or claims.stack
        for other in other_sets.told(inputs):
            if other.manages:
                claims.register_members(other.profile_id, other.version, other.owner, other.identity_ids)
            else:
                claims.expect_set((other.profile_id, other.version), other.owner)
            if other.exclusive:
                claims.register_exclusive((other.profile_id, other.version), other.owner)

    @override
    def preview(self, op: Operation) -> None:
        if reason := member_preview.preview(op):
            raise RefusedError(reason)

    @override
    def claim_declared(self, op: Operation) -> None:
        if contains_unknown(place(op.args)) or not manages_members(op.args):
            return
        # The engine creates this set in parallel to the update of a set that its members leave, so the claim must be
        # registered before either of them runs.
        self.claim(op)
        if excludes_others(op.args):
            claims = op.session.claims
            if others := claims.register_exclusive(place(op.args), op.owner):
                # Whichever is looked at first: a run that makes one of the two leaves a stack that no preview passes.
                raise RefusedError(
                    f"{claims.in_words(min(others))} of this program is authoritative for the same version; "
                    f"{self.conflict_advice}"
                )
            claims.claim(("authoritative", *place(op.args)), op.owner)

    @override
    def announce(self, op: Operation) -> None:
        if op.is_new:
            member_preview.announce(op)
        hint_at_emails(op)
        beside_others.announce(op)

    @override
    def claim(self, op: Operation) -> None:
        if manages_members(op.args) and op.args["identity_ids"] is not UNKNOWN:
            op.session.claims.register_members(*place(op.args), op.owner, members.listed(op.args))

    @override
    def needs_update(self, op: Operation) -> bool:
        again = members.failed_before(op.olds, op.args)
        if again:
            op.info(
                f"{counted(len(again), 'member')} failed at the last change, and `pulumi up` tries again: "
                f"{listed(again)}"
            )
        return bool(again) or self._lost(op)

    def _lost(self, op: Operation) -> bool:
        """Return whether another set of the run has removed a listed member, who must be added again."""
        return manages_members(op.args) and bool(op.session.claims.lost_members(*place(op.args), op.owner))

    @override
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        computed = self._converge(op, send=manages_members(op.args))
        return f"{version_id(op.args['profile_id'], op.args['version'])}/members", computed

    @override
    def update_remote(self, op: Operation) -> JsonObject:
        self.claim(op)
        due = members.needs_sending(op.olds, op.args, op.changed) or self._lost(op)
        return self._converge(op, send=due)

    def _converge(self, op: Operation, *, send: bool) -> JsonObject:
        profile = profile_of(op, op.args["profile_id"])
        number = selected(op, profile, op.args["version"])
        self.claim(op)
        outcome = MemberChangeResult()
        with op.session.claims.member_lock(profile["id"]):
            live = self._live(op, profile, number)
            selectors = selectors_of(profile, number)
            situation = member_preview.situation(op, selectors, live.members)
            if manages_members(op.args):
                self._announce_mode(op, situation)
                member_preview.announce_joining(op, situation)
            else:
                # Whom another set of the run adds is no difference, whichever of the two comes first.
                self._audit(op, profile, live, situation.now - (situation.listed_elsewhere - live.members.keys()))
            if send:
                outcome = self._send(op, live, situation, selectors)
        self._report(op, profile, outcome)
        return computed(profile, live, situation.now, {**op.olds, **outcome.as_outputs(op.olds)})

    def _live(self, op: Operation, profile: JsonObject, number: int, *, reading: bool = False) -> LiveMembers:
        lists = op.session.snapshot.member_lists
        try:
            return LiveMembers(lists, profile["id"], number, member_preview.spelled(op), reading=reading)
        except NotFoundError:
            raise no_member_list(op, profile, number) from None

    def _send(
        self, op: Operation, live: LiveMembers, situation: MemberSituation, selectors: Collection[str]
    ) -> MemberChangeResult:
        """Decide and send the changes; return what failed.

        Raises:
            RefusedError: the guard refuses the removals; nothing was changed.

        """
        decision = members.decide(situation)
        if decision.guard and decision.refused:
            refusal = member_preview.guard_refusal(op, decision.guard, situation.members, live.profile_id)
            raise RefusedError(f"{op.words} {refusal}; nothing was changed")
        if unlisted := decision.unlisted:
            op.info(
                f"removing {counted(len(unlisted), 'member')} that somebody added and that it does not list: "
                f"{listed(unlisted)}"
            )
        removed = op.session.claims.remove_members(live.profile_id, selectors, op.owner, decision.remove)
        return live.change(add=set(decision.add), remove=removed)

    def _audit(self, op: Operation, profile: JsonObject, live: LiveMembers, now: frozenset[str]) -> None:
        parts = [
            f"{what}: {listed(ids)}"
            for ids, what in (
                (now - live.members.keys(), "listed here and not members"),
                (live.members.keys() - now, "members and not listed here"),
            )
            if ids
        ]
        if parts:
            op.info(f"audit of access profile {profile.get('name')!r}: {'; '.join(parts)}")

    def _announce_mode(self, op: Operation, situation: MemberSituation) -> None:
        live, now = situation.members, situation.now
        extra = {who for who, member in live.items() if member.by_hand} - now
        missing = now - live.keys()
        if extra and members.became_authoritative(op.olds, op.args):
            op.warn(
                f"is authoritative now; {counted(len(extra), 'member')} that it does not list will be removed by the "
                f"`pulumi up` after a `pulumi refresh` that shows them: {listed(extra)}"
            )
        if missing and not op.is_new and not manages_members(op.olds):
            op.warn(
                f"is no audit any more; {counted(len(missing), 'member')} that it lists will be added by the "
                f"`pulumi up` after a `pulumi refresh` that shows them: {listed(missing)}"
            )

    def _report(self, op: Operation, profile: JsonObject, outcome: MemberChangeResult) -> None:
        if not outcome.failures:
            return
        text = outcome.words(profile, members.listed(op.args))
        if op.args["on_member_failure"] == "error":
            raise RefusedError(
                f"{op.words}: {text}; the others were changed. Correct these identities or remove them here, then "
                'run `pulumi up` again; on_member_failure="warn" lets the run go on'
            )
        op.warn(f"{text}; the next `pulumi up` tries again")

    @override
    def read_remote(self, op: Operation) -> Live | None:
        found = find_version(op)
        if found is None:
            return None
        profile, number = found
        profile_id, selector = parse_version_id(op.id)
        live = self._live(op, profile, number, reading=True)
        # A set that is only looked up has no inputs: like an authoritative one it lists everybody added by hand.
        args = {"mode": "authoritative", **op.args}
        ids, failures = members.listed_after_read(args, op.olds, live.members)
        if not manages_members(args):
            self._audit(op, profile, live, members.listed(args))
        args = {**op.args, "profile_id": profile_id, "version": selector, "identity_ids": as_map(ids)}
        return Live(op.id, args, computed(profile, live, ids, {**op.olds, "failures": failures}))

    @override
    def delete_remote(self, op: Operation) -> None:
        profile_id, _ = parse_version_id(op.id)
        retained = op.olds.get("on_destroy") == "retain"
        if retained and members.managed(op.olds):
            op.gather(topics.MEMBERS_STAY, profile_id)
        if retained or not manages_members(op.olds):
            return
        found = find_version(op)
        if found is None:
            return
        profile, number = found
        claims, selectors = op.session.claims, selectors_of(profile, number)
        departure = Departure.VANISHED if claims.vanished(op.owner) else Departure.DESTROYED
        with claims.member_lock(profile_id):
            live = self._live(op, profile, number)
            decision = members.decide_departure(
                departure,
                op.olds,
                live=live.members,
                others_list=claims.listed_elsewhere(profile_id, selectors, None),
                confirmations=confirmations(op),
            )
            if guard := decision.guard:
                everybody = live.members.keys() | claims.removed_members(profile_id, selectors)
                guard = judge_together(guard, claims.vanished_members(profile_id, selectors), everybody)
            if guard and guard.refused:
                refusal = member_preview.guard_refusal(op, guard, live.members, profile_id, vanished=True)
                raise RefusedError(f"{op.words}, {refusal}")
            removed = claims.remove_members(profile_id, selectors, None, decision.remove)
            if guard and not guard.is_confirmed:
                claims.note_vanished(profile_id, selectors, removed)
            member_preview.announce_leaving(op, removed, live.members)
            outcome = live.change(add=set(), remove=removed)
        if outcome.failures:
            raise RefusedError(
                f"{op.words}: {outcome.words(profile, ())}; the others were removed. Run it again; to "
                'leave them as members, set on_destroy="retain" and run `pulumi up` first'
            )


class Provider(shell.Provider, kind=MembershipKind()):
    """The provider of membership sets; its module and name are in every state."""


class Outputs:
    """The attributes of a set in a program, beside `id` and `urn`."""

    profile_id: Output[str]
    identity_ids = shell.Listed[str]()
    version: Output[str]
    mode: Output[str]
    max_removal_percent: Output[int]
    max_removals: Output[int]
    allow_emptying: Output[bool]
    allow_removals: Output[str]
    on_member_failure: Output[str]
    on_destroy: Output[str]
    version_number: Output[int]
    members = Members()
    unmanaged_identity_ids = shell.Listed[str]()
    access_request_ids: Output[list[str]]
    failures: Output[dict[str, str]]


class MembershipSet(shell.Resource, Outputs, provider=Provider):
    """The members of one version of an access profile, as one set.

    Its Pulumi id is ``PROFILE_ID/versions/SELECTOR/members``. Removals are guarded: a change that takes away more than
    ``max_removal_percent`` of the members, more than ``max_removals``, or everybody, is refused at preview with the
    count, the limit, and the value of ``allow_removals`` that confirms it.
    """

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        parent = opts.parent if opts else None
        name = shell.full_name(resource_name, parent)
        super().__init__(resource_name, args, opts, other_sets.hidden_inputs(name, parent, args))
