"""The walk through a tenant. It reads as the provider does, so the program and the state cannot disagree.

Types and profiles are listed once, members once for each profile that is exported. Nothing is ever changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_veza.client.models import ON_CREATE_BEHAVIORS
from pulumi_veza.client.parallel import as_answered
from pulumi_veza.errors import PermissionDeniedError, RefusedError, VezaError
from pulumi_veza.export import arguments
from pulumi_veza.export.names import Nameable, unique_names
from pulumi_veza.export.objects import (
    ExportedProfile,
    ExportedType,
    LeftOut,
    ResourceEntry,
    Walk,
    described,
    in_words,
)
from pulumi_veza.export.people import PEOPLE_FILE
from pulumi_veza.export.reading import ReadingSession
from pulumi_veza.export.selection import Selection
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.protocol import problems as unsendable
from pulumi_veza.fields.spelling import at_the_ends, composed, controls_inside, looks_like_email
from pulumi_veza.provider.lifecycle import NAME_KEY, Lifecycle
from pulumi_veza.resources import KINDS
from pulumi_veza.resources.member_outputs import LISTED_KEY
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.rules import members
from pulumi_veza.rules.identity import BY_MEMBERSHIP, CURRENT, PENDING, RUNNING, bears_name
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.urns import OURS

_SEPARATED: Final = r"(?: [-:/] |: |[-_:/ ])(\S.*)"
"""What stands behind an integration in the name of a profile."""

UNNAMED: Final = "(not named)"
"""The source of a member of which the API names none."""

_OF_ONE_OBJECT: Final = (PermissionDeniedError, RefusedError)
"""Errors that are about one object alone; any other ends the export."""

Progress = Callable[[str, int, int | None], None]
"""Shows how far the walk is: what is read, how many are done, and of how many, where that is known."""

_OF_A_NEW_TYPE: Final = {"on_create_behavior": ON_CREATE_BEHAVIORS[0]}
"""What a type is without a word about it: the first name of an enumeration is the one that is never sent."""

TYPES, PROFILES, SETS = Lifecycle(TypeKind()), Lifecycle(ProfileKind()), Lifecycle(MembershipKind())


@dataclass(frozen=True)
class KnownNames:
    """The names of resources in an earlier export, by id."""

    types: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)


def walk(session: ReadingSession, selection: Selection, known: KnownNames, progress: Progress) -> Walk:
    """Read what is selected of the tenant.

    Raises:
        VezaError: the tenant cannot be read, or nothing of it is selected. An object that cannot be read by itself is
            in ``left_out``.

    """
    progress("Types", 0, None)
    all_types = sorted(session.snapshot.types(), key=_age)
    progress("Types", len(all_types), len(all_types))
    progress("Profiles", 0, None)
    all_profiles = sorted(session.snapshot.profiles(), key=_age)
    progress("Profiles", len(all_profiles), len(all_profiles))
    type_names = {each["id"]: str(each.get("name") or "") for each in all_types}
    types = [each for each in all_types if selection.has_type(each)]
    profiles = [p for p in all_profiles if selection.has_profile(p, type_names.get(p.get("profile_type") or "", ""))]
    if not selection.everything and not types and not profiles:
        raise RefusedError(
            f"{selection.words()} selects none of the {len(all_types)} types and {len(all_profiles)} profiles that "
            f"this key sees in {session.settings.url}; widen it"
        )
    reader = _Reader(session, known)
    exported_types = reader.types(types, all_types)
    exported = reader.profiles(profiles, all_profiles, all_types)
    if selection.members:
        exported = reader.with_members(exported, progress)
    return Walk(
        session.settings.url,
        exported_types,
        exported,
        all_types,
        all_profiles,
        dict(sorted(reader.people.items())),
        sorted(reader.left_out, key=lambda each: each.what),
    )


def _age(live: Mapping[str, Any]) -> tuple[str, str]:
    return str(live.get("created_at") or ""), live["id"]


class _Reader:
    """Reads objects one after another; collects what is left out, and who is named."""

    def __init__(self, session: ReadingSession, known: KnownNames) -> None:
        self.left_out: list[LeftOut] = []
        self.people: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        self._session = session
        self._known = known

    def types(self, chosen: Sequence[JsonObject], everything: Sequence[JsonObject]) -> list[ExportedType]:
        """Return the chosen ones of the tenant's types as resources."""
        names = unique_names(map(_nameable, chosen), "type", self._known.types)
        shared = _shared(composed(each.get("name") or "") for each in everything)
        found = []
        for live in chosen:
            what = in_words("access profile type", live)
            own_id = {"existing_id": live["id"]} if composed(live.get("name") or "") in shared else {}
            if entry := self._entry(TYPES, live["id"], names[live["id"]], what, defaults=_OF_A_NEW_TYPE, more=own_id):
                found.append(ExportedType(entry, live))
        return found

    def profiles(
        self, chosen: Sequence[JsonObject], everything: Sequence[JsonObject], all_types: Sequence[JsonObject]
    ) -> list[ExportedProfile]:
        """Return the chosen ones of the tenant's profiles as resources, without their members."""
        names = unique_names(map(_nameable, chosen), "profile", self._known.profiles)
        of_type = {each["id"]: each for each in all_types}
        written = {each["id"]: _unprefixed(each, of_type.get(each.get("profile_type") or "")) for each in everything}
        keys = {each["id"]: (each.get("profile_type"), composed(written[each["id"]])) for each in everything}
        shared = _shared(keys.values())
        found = []
        for live in chosen:
            id_, what = live["id"], in_words("access profile", live)
            own_id = {"existing_id": id_} if keys[id_] in shared else {}
            policy = (of_type.get(live.get("profile_type") or "") or {}).get("access_request_policy_id")
            # One that waits for its approval was asked to run.
            state = {"state": RUNNING} if live.get("state") == PENDING else {}
            entry = self._entry(
                PROFILES,
                id_,
                names[id_],
                what,
                live={"name": written[id_], **state},
                defaults={"access_request_policy_id": policy},
                more={**own_id, "on_destroy": "retain"},
            )
            if entry is None:
                continue
            if live.get("current_version") is None:
                self.left_out.append(LeftOut(f"content of {what}", "the API's answer lacks the current version"))
            found.append(ExportedProfile(entry, live))
        return found

    def with_members(self, exported: Sequence[ExportedProfile], progress: Progress) -> list[ExportedProfile]:
        """List the members of each profile, several at a time."""
        progress("Member lists", 0, len(exported))
        lists: dict[int, Mapping[str, LiveMember] | VezaError] = {}
        for place, read in as_answered(lambda place: self._listed(exported[place]), range(len(exported))):
            lists[place] = read
            progress("Member lists", len(lists), len(exported))
        return [self._with_set(each, lists[place]) for place, each in enumerate(exported)]

    def _listed(self, profile: ExportedProfile) -> Mapping[str, LiveMember] | VezaError:
        try:
            outputs = _all_fields(SETS, _set_id(profile.resource.id), profile.resource.name)
        except _OF_ONE_OBJECT as error:
            return error
        return members.members_in(outputs)

    def _with_set(self, profile: ExportedProfile, read: Mapping[str, LiveMember] | VezaError) -> ExportedProfile:
        what = f"members of {in_words('access profile', profile.live)}"
        if isinstance(read, VezaError):
            self.left_out.append(LeftOut(what, str(read)))
            return replace(profile, unread=str(read))
        by_hand = {self._spelled(who): each for who, each in read.items() if BY_MEMBERSHIP in each.sources}
        for who in list(by_hand):
            if at_the_ends(who) or controls_inside(who) or looks_like_email(who):
                del by_hand[who]
                self.left_out.append(LeftOut(f"{who!r} among the {what}", f"{PEOPLE_FILE} cannot hold such an id"))
        others: dict[str, int] = {}
        for member in read.values():
            if BY_MEMBERSHIP not in member.sources:
                source = " and ".join(sorted(each or UNNAMED for each in member.sources))
                others[source] = others.get(source, 0) + 1
        unread = ""
        if unknown := sum(count for source, count in others.items() if source == UNNAMED or source.isdecimal()):
            reason = f"the API does not name the source of {unknown} of them, so who added them is not known"
            self.left_out.append(LeftOut(what, reason))
            unread = "" if by_hand else reason
        entry = None
        if by_hand:
            id_, name = _set_id(profile.resource.id), profile.resource.name
            listed = {"profile_id": profile.resource.id, "identity_ids": list(by_hand), "on_destroy": "retain"}
            entry = self._read(SETS, id_, name, listed, what)
            if entry is not None:
                self.people.update({who: described(each) for who, each in by_hand.items()})
        self._session.members.forget_members(profile.resource.id)
        return replace(profile, members=entry, others=dict(sorted(others.items())), unread=unread)

    def _spelled(self, identity_id: str) -> str:
        """Return an id as the export has it everywhere: ids that differ only in case are one person's."""
        return self._spelling.setdefault(identity_id.casefold(), identity_id)

    def _entry(
        self,
        lifecycle: Lifecycle,
        id_: str,
        name: str,
        what: str,
        *,
        live: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> ResourceEntry | None:
        """Return a type or a profile as a resource; None where it cannot be one.

        Args:
            lifecycle: Of its kind.
            id_: Its id.
            name: The resource's name.
            what: What messages call it.
            live: Fields that the program writes otherwise than the API shows them.
            defaults: Values that the tenant gives a new object by itself.
            more: Options of the provider.

        """
        schema = lifecycle.kind.schema
        try:
            fields = {**_all_fields(lifecycle, id_, name), **(live or {})}
        except _OF_ONE_OBJECT as error:
            self.left_out.append(LeftOut(what, str(error)))
            return None
        chosen = arguments.written(schema, fields, defaults or {})
        for each in [schema[n] for n in chosen]:
            if reasons := list(arguments.problems(each, chosen[each.name])):
                part = what if each.required else f"{each.name} of {what}"
                self.left_out.append(LeftOut(part, "; ".join(reasons)))
                if each.required:
                    return None
                del chosen[each.name]
        return self._read(lifecycle, id_, name, {**chosen, **(more or {})}, what)

    def _read(
        self, lifecycle: Lifecycle, id_: str, name: str, chosen: Mapping[str, Any], what: str
    ) -> ResourceEntry | None:
        """Return the resource with inputs and outputs as the provider keeps them; None where it refuses them."""
        inputs, failures = lifecycle.check({}, {**chosen, NAME_KEY: name})
        found = None
        if not failures:
            try:
                found = lifecycle.read(id_, inputs)
            except _OF_ONE_OBJECT as error:
                self.left_out.append(LeftOut(what, str(error)))
                return None
        reasons = [each.reason for each in failures]
        if found:
            outputs, kept = found
            reasons = [each for field, value in outputs.items() for each in unsendable(field, value)]
        if found is None or kept is None or reasons:
            self.left_out.append(LeftOut(what, "; ".join(reasons) or "the tenant no longer lists it"))
            return None
        # When it was read differs from one export to the next, and decides only between two sets of one version.
        outputs.pop(LISTED_KEY, None)
        program = {field: kept[field] for field in chosen if kept.get(field) is not None}
        return ResourceEntry(lifecycle.kind.name, name, id_, program, kept, outputs)


def in_state(entry: ResourceEntry) -> JsonObject:
    """Return a resource as ``pulumi import --file`` reads it: the engine takes both its halves as they are."""
    reference = next(each for each in KINDS if each.kind().name == entry.kind).provider_in_state()
    return {
        "type": f"{OURS}{entry.kind}",
        "name": entry.name,
        "id": entry.id,
        "inputs": {**entry.inputs, **reference},
        "outputs": {**entry.outputs, **reference},
    }


def _all_fields(lifecycle: Lifecycle, id_: str, name: str) -> JsonObject:
    """Return every field of an object, in state shape, as ``get`` in a program returns it."""
    found = lifecycle.read(id_, {NAME_KEY: name})
    return found[0] if found else {}


def _set_id(profile_id: str) -> str:
    return f"{profile_id}/versions/{CURRENT}/members"


def _nameable(live: Mapping[str, Any]) -> Nameable:
    return Nameable(live["id"], str(live.get("name") or ""), str(live.get("created_at") or ""))


def _shared(values: Iterable[Hashable]) -> set[Hashable]:
    """Return the values that occur more than once."""
    return {each for each, count in Counter(values).items() if count > 1}


def _unprefixed(profile: Mapping[str, Any], profile_type: Mapping[str, Any] | None) -> str:
    """Return a profile's name without the integration that its type puts before it, as a program writes it."""
    name = str(profile.get("name") or "")
    if not (profile_type or {}).get("add_integration_prefix_to_access_profile_names"):
        return name
    for integration in profile.get("integrations") or ():
        found = re.fullmatch(f"{re.escape(str(integration))}{_SEPARATED}", name, re.IGNORECASE | re.DOTALL)
        if found and bears_name(profile, found[1], lambda: profile_type):
            return found[1]
    return name
