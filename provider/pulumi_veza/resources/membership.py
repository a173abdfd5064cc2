"""Membership sets: who is a member of one version of an access profile.

The set is compared with the live list before anything is sent, removals are guarded at preview and again against the
live list, and no member is removed that another set of the same run lists.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from pulumi import Input, Output
from typing_extensions import Required, TypedDict, Unpack, override

from pulumi_veza.errors import NotFoundError, RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, Problems, contains_unknown, identity, state_key
from pulumi_veza.fields.schema import InputField, OutputField, Schema
from pulumi_veza.provider import shell
from pulumi_veza.provider.lifecycle import Call, Kind, Live
from pulumi_veza.provider.live_members import LiveMembers, MemberChangeResult
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.resources import content
from pulumi_veza.rules.removal_guard import Removal


class Args(TypedDict, total=False):
    """What a user writes."""

    profile_id: Required[Annotated[Input[str], InputField("The id of the profile.", replace=True, non_empty=True)]]
    identity_ids: Required[
        Annotated[
            Input[Sequence[Input[str]]],
            InputField("The Lifecycle Management identities that are members, as a set of ids.", key=identity),
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
    allow_emptying: Annotated[Input[bool], InputField("Whether a change may leave nobody.", default=False)]
    allow_removals: Annotated[
        Input[str], InputField("The value that a refusal printed: it confirms that one change and no other.")
    ]
    on_member_failure: Annotated[
        Input[Literal["warn", "error"]],
        InputField("Whether the run fails when some members could not be added or removed.", default="warn"),
    ]
    on_destroy: Annotated[
        Input[Literal["remove", "retain", "prevent"]],
        InputField(
            "Destroying removes the members that this set manages, leaves them, or is refused.", default="remove"
        ),
    ]


class State(TypedDict, total=False):
    """What the server and the last change add."""

    version_number: Annotated[int, OutputField("The number of the version that the selector means.")]
    members: Annotated[
        dict[str, dict[str, Any]],
        OutputField(
            "Everybody who is a member: id, name, source (the API's `created_from`), and whether this set manages it.",
            repeats=("identity_ids",),
        ),
    ]
    unmanaged_identity_ids: Annotated[
        dict[str, str], OutputField("Members that this set does not list.", repeats=("identity_ids",))
    ]
    access_request_ids: Annotated[list[str], OutputField("The access requests that the last change opened.")]
    failures: Annotated[
        dict[str, str],
        OutputField("Whom the last change failed for, and what the API said.", repeats=("identity_ids",)),
    ]


class MembershipKind(Kind):
    """Compares with the live list, guards removals, sends in batches, and keeps what failed for the next run."""

    name = "MembershipSet"
    schema = Schema(Args, State)
    apart = "two authoritative sets of one version would remove each other's members: list everybody in one of them"

    @override
    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        named = (args["profile_id"], args["version"])
        # Several sets may add to one profile; two that each remove whom they do not list would fight.
        return None if UNKNOWN in named or args["mode"] != "authoritative" else named

    @override
    def guard(self, olds: Mapping[str, Any], news: Mapping[str, Any], problems: Problems) -> None:
        removal = self._planned(olds, news)
        if removal and (refusal := removal.refusal(news)):
            problems.add("identity_ids", refusal)

    def _planned(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Removal | None:
        """Give the removal that the last known members and the program tell, without asking the tenant."""
        moved = any(olds.get(name) != news[name] for name in ("profile_id", "version"))
        if not _managed(olds) or moved or news["mode"] == "audit" or contains_unknown(news):
            return None
        before, after = _managed(olds), _listed(news)
        emptied = not after and news["mode"] == "authoritative"
        return Removal(news["profile_id"], frozenset(before - after), len(before), emptied)

    @override
    def declare(self, call: Call, args: Mapping[str, Any], *, new: bool) -> None:
        if args["profile_id"] is UNKNOWN or args["mode"] == "audit":
            return
        # A new set is made beside the change of the one that its members leave, which must know of it by then.
        self._list(call, args)
        self._warn_of_sharing(call, args)
        if new and args["mode"] == "authoritative" and not call.session.claims.holder(("made", args["profile_id"])):
            call.info(
                "is new and authoritative: its create also removes whom somebody added by hand and it does not list, "
                "up to what its guard allows; `pulumi-veza impact --live` names them before"
            )

    def _warn_of_sharing(self, call: Call, args: Mapping[str, Any]) -> None:
        claims, place = call.session.claims, (args["profile_id"], args["version"])
        if args["mode"] == "authoritative":
            claims.claim(("authoritative", *place), call.owner)
            others = claims.other_sets(*place, call.owner)
        else:
            holder = claims.holder(("authoritative", *place))
            others = [holder] if holder and holder != call.owner else []
        if others:
            call.warn(
                f"shares the members of {content.in_words(args['version'], args['profile_id'])} with "
                f"{', '.join(others)}, and one of them is authoritative: nobody whom the other lists is removed, but "
                "every refresh shows these people as added by hand; list everybody in one of them"
            )

    @override
    def keep(self, call: Call, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        again = _failed_before(olds, news)
        if again:
            call.info(
                f"{counted(len(again), 'member')} failed at the last change, and `pulumi up` tries again: {listed(again)}"
            )
        # A set that was left alone may list somebody whom another set has just removed: it adds them again.
        lost = self._list(call, news)
        return bool(again or lost)

    def _list(self, call: Call, args: Mapping[str, Any]) -> bool:
        ids = args["identity_ids"]
        if args["mode"] == "audit" or ids is UNKNOWN:
            return False
        known = [i for i in ids.values() if i is not UNKNOWN]
        return call.session.claims.register_members(args["profile_id"], args["version"], call.owner, known)

    @override
    def create_remote(self, call: Call, args: JsonObject) -> tuple[str, JsonObject]:
        computed = self._converge(call, args, {}, send=args["mode"] != "audit")
        return f"{content.version_id(args['profile_id'], args['version'])}/members", computed

    @override
    def update_remote(
        self, call: Call, id_: str, olds: Mapping[str, Any], news: JsonObject, changed: list[str]
    ) -> JsonObject:
        due = self._list(call, news) or bool(_failed_before(olds, news))
        only_options = bool(changed) and "identity_ids" not in changed
        return self._converge(call, news, olds, send=news["mode"] != "audit" and (due or not only_options))

    def _converge(self, call: Call, args: JsonObject, olds: Mapping[str, Any], *, send: bool) -> JsonObject:
        profile = content.profile_of(call, args["profile_id"], olds)
        number = content.selected(call, profile, args["version"])
        wanted = _listed(args)
        self._list(call, args)
        outcome = MemberChangeResult()
        with call.session.claims.member_lock(profile["id"]):
            roster = self._roster(call, profile, number)
            if args["mode"] == "audit":
                self._audit(call, profile, roster, wanted)
            else:
                self._announce_mode(call, roster, args, olds, wanted)
            if send:
                selectors = content.selectors_of(profile, number)
                removing = self._removing(call, roster, selectors, args, olds)
                outcome = roster.change(add=wanted - roster.members.keys(), remove=removing)
        self._report(call, args, profile, outcome)
        return self._computed(profile, roster, wanted, {**olds, **outcome.as_outputs(olds)})

    def _roster(self, call: Call, profile: JsonObject, number: int) -> LiveMembers:
        try:
            return LiveMembers(call.session.client, profile["id"], number)
        except NotFoundError:
            raise RefusedError(
                f"{call.owner}: access profile {profile.get('name')!r} ({profile['id']}) has no version {number}; "
                f"correct version (the current one is {profile.get('current_version_number')}), or run "
                "`pulumi refresh` if it was removed by hand"
            ) from None

    def _audit(self, call: Call, profile: JsonObject, roster: LiveMembers, wanted: set[str]) -> None:
        if difference := _difference(wanted, roster):
            call.info(f"audit of access profile {profile.get('name')!r}: {difference}")

    def _announce_mode(
        self, call: Call, roster: LiveMembers, args: JsonObject, olds: Mapping[str, Any], wanted: set[str]
    ) -> None:
        extra, missing = roster.added_by_hand() - wanted, wanted - roster.members.keys()
        if extra and _became_authoritative(args, olds):
            call.warn(
                f"is authoritative now; {counted(len(extra), 'member')} that it does not list will be removed by the `pulumi up` "
                f"after a `pulumi refresh` that shows them: {listed(extra)}"
            )
        if missing and olds.get("mode") == "audit":
            call.warn(
                f"is no audit any more; {counted(len(missing), 'member')} that it lists will be added by the `pulumi up` after a "
                f"`pulumi refresh` that shows them: {listed(missing)}"
            )

    def _removing(
        self, call: Call, roster: LiveMembers, selectors: set[str], args: JsonObject, olds: Mapping[str, Any]
    ) -> set[str]:
        """Name whom to remove now, after the guard; raises RefusedError where it would be too many."""
        wanted, before = _listed(args), _managed(olds)
        # A removal that failed has passed the guard once, and the state lists these members no more.
        again = _failed_before(olds, args) - wanted
        leaving, ours = roster.removable((before | again) - wanted), roster.members.keys() & (before | wanted)
        if args["mode"] == "authoritative":
            ours = set(roster.members)
            if not _became_authoritative(args, olds):
                leaving |= roster.added_by_hand() - wanted
        claims = call.session.claims
        leaving -= claims.listed_elsewhere(roster.profile_id, selectors, call.owner)
        left = (roster.members.keys() | wanted) - leaving
        removal = Removal(roster.profile_id, frozenset(leaving - again), len(ours), empties=not left)
        if refusal := removal.refusal(args, self._planned(olds, args)):
            raise RefusedError(f"{call.owner}: identity_ids: {refusal}; nothing was changed")
        if unseen := leaving - before - again:
            call.info(
                f"removing {counted(len(unseen), 'member')} that somebody added and that it does not list: {listed(unseen)}"
            )
        return claims.remove_members(roster.profile_id, selectors, call.owner, leaving)

    def _report(self, call: Call, args: JsonObject, profile: JsonObject, outcome: MemberChangeResult) -> None:
        if not outcome.failures:
            return
        text = _failed(outcome, profile, _listed(args))
        if args["on_member_failure"] == "error":
            raise RefusedError(
                f"{call.owner}: {text}; the others were changed. Correct these identities or remove them here, then "
                'run `pulumi up` again; on_member_failure="warn" lets the run go on'
            )
        call.warn(f"{text}; the next `pulumi up` tries again")

    @override
    def read_remote(self, call: Call, id_: str, managed: JsonObject | None, olds: Mapping[str, Any]) -> Live | None:
        profile_id, selector = content.parse_version_id(id_)
        profile = content.find_profile(call, profile_id, olds)
        number = content.number_of(profile, selector) if profile else None
        if profile is None or number is None:
            return None
        roster = LiveMembers(call.session.client, profile_id, number)
        mode = (managed or {}).get("mode") or "authoritative"
        ours = _listed(managed or {})
        # Listed and no member: it could not be added; the other way round: it could not be removed.
        failures = {
            who: why
            for who, why in (olds.get("failures") or {}).items()
            if (who in ours) is not (who in roster.members)
        }
        ids = ours
        if mode != "audit":
            ids = ours & (roster.members.keys() | failures.keys())
        elif managed:
            self._audit(call, profile, roster, ours)
        if mode == "authoritative":
            ids = ids | roster.added_by_hand()
        args = {**(managed or {}), "profile_id": profile_id, "version": selector, "identity_ids": _as_map(ids)}
        return Live(id_, args, self._computed(profile, roster, ids, {**olds, "failures": failures}))

    @override
    def delete_remote(self, call: Call, id_: str, olds: Mapping[str, Any]) -> None:
        profile_id, selector = content.parse_version_id(id_)
        if olds.get("on_destroy") == "retain" and _managed(olds):
            call.info(f"the members of access profile {profile_id} stay as they are")
        if olds.get("on_destroy") == "retain" or olds.get("mode") == "audit":
            return
        profile = content.find_profile(call, profile_id, olds)
        number = content.number_of(profile, selector) if profile else None
        if profile is None or number is None:
            return
        claims = call.session.claims
        with claims.member_lock(profile_id):
            roster = LiveMembers(call.session.client, profile_id, number)
            leaving = roster.removable(_listed(olds) | _failed_before(olds, {}))
            leaving = claims.remove_members(profile_id, content.selectors_of(profile, number), None, leaving)
            outcome = roster.change(add=set(), remove=leaving)
        if outcome.failures:
            raise RefusedError(
                f"{call.owner}: {_failed(outcome, profile, set())}; the others were removed. Run it again; to leave "
                'them as members, set on_destroy="retain" and run `pulumi up` first'
            )

    def _computed(
        self, profile: JsonObject, roster: LiveMembers, wanted: set[str], last: Mapping[str, Any]
    ) -> JsonObject:
        return {
            "version_number": roster.number,
            "members": {
                state_key(who): {**member, "managed": who in wanted} for who, member in sorted(roster.members.items())
            },
            "unmanaged_identity_ids": _as_map(roster.members.keys() - wanted),
            "access_request_ids": last.get("access_request_ids") or [],
            "failures": last.get("failures") or {},
            content.TYPE_KEY: profile.get("profile_type"),
        }


def _became_authoritative(args: Mapping[str, Any], olds: Mapping[str, Any]) -> bool:
    # Nothing was shown at preview of those that only this mode removes, so the change of the mode alone removes nobody.
    return bool(olds) and args["mode"] == "authoritative" != olds.get("mode")


def _as_map(ids: set[str]) -> dict[str, str]:
    return {state_key(who): who for who in sorted(ids)}


def _failed_before(olds: Mapping[str, Any], news: Mapping[str, Any]) -> set[str]:
    """Name those whose change failed last time and is still to be made: listed now, or removed then."""
    if news.get("mode") == "audit":
        return set()
    before, now = _listed(olds), _listed(news)
    return {who for who in olds.get("failures") or {} if who in now or who not in before}


def _listed(props: Mapping[str, Any]) -> set[str]:
    ids = props.get("identity_ids")
    return set(ids.values()) if ids and ids is not UNKNOWN else set()


def _managed(olds: Mapping[str, Any]) -> set[str]:
    """Name those whom the set has managed so far: an audit manages nobody."""
    return set() if olds.get("mode") == "audit" else _listed(olds)


def _failed(outcome: MemberChangeResult, profile: Mapping[str, Any], wanted: set[str]) -> str:
    said = {f"{'adding' if who in wanted else 'removing'} {who} ({why})" for who, why in outcome.failures.items()}
    return (
        f"{counted(len(outcome.failures), 'member')} of access profile {profile.get('name')!r} failed: {listed(said)}"
    )


def _difference(wanted: set[str], roster: LiveMembers) -> str:
    missing, extra = wanted - roster.members.keys(), roster.members.keys() - wanted
    parts = [
        f"{what}: {listed(ids)}"
        for ids, what in ((missing, "listed here and not members"), (extra, "members and not listed here"))
        if ids
    ]
    return "; ".join(parts)


class Provider(shell.Provider, kind=MembershipKind()):
    """The provider of membership sets; its module and name are in every state."""


class MembershipSet(shell.Resource, provider=Provider):
    """The members of one version of an access profile, as one set.

    Its Pulumi id is ``PROFILE_ID/versions/SELECTOR/members``. Removals are guarded: a change that takes away more than
    ``max_removal_percent`` of the members, more than ``max_removals``, or everybody, is refused at preview with the
    count, the limit, and the value of ``allow_removals`` that confirms it.
    """

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
    members = shell.Listed[dict[str, Any]]()
    unmanaged_identity_ids = shell.Listed[str]()
    access_request_ids: Output[list[str]]
    failures: Output[dict[str, str]]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[Args]) -> None:
        super().__init__(resource_name, args, opts)
