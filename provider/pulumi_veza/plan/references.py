"""The profile or type that each resource is after the plan, and that each reference refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_veza.access.organisation import Organisation, Profile, Ref
from pulumi_veza.fields.field_types import UNKNOWN as UNKNOWN_VALUE
from pulumi_veza.fields.schema import Schema, SentIn
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Elements, Record, elements, has_unknown
from pulumi_veza.rules import adoption
from pulumi_veza.rules.adoption import EXISTING_ID, Action, AdoptionDecision
from pulumi_veza.rules.identity import bears_name, named

_ALLOWED_TYPES: Final = "allow_inherited_from_types"
_INHERITED: Final = "inherits_from"


class References:
    """Assigns a reference to every type and profile: its id, or its URN while the id is unknown.

    A new resource that will adopt an existing object has the object's id, by the same decision as in the provider.
    """

    def __init__(self, everything: Sequence[Record], before: Organisation, *, read: bool) -> None:
        """Assign the references.

        Args:
            everything: The resources.
            before: The organisation before the plan.
            read: Whether it was read from the tenant, so that it has every object with all fields.

        """
        self._before = before
        self._read = read
        self._by_urn = {record.urn: record for record in everything if record.stays or record.op == "read"}
        self._kept = {(record.kind, record.id) for record in self._by_urn.values() if record.id and not record.is_new}
        self.decisions: dict[str, AdoptionDecision] = {}
        """By URN, the decision of a create of a type or a profile, where an existing object matches."""
        self._refs: dict[str, Ref] = {}
        for record in self._in_order():
            self._refs[record.urn] = self._assigned(record)

    def reference_of(self, record: Record) -> Ref:
        """Return the reference of a resource that is a type or a profile."""
        return self._refs[record.urn]

    def _in_order(self) -> list[Record]:
        """Return the types and then the profiles, each after those of its kind whose ids it names."""
        return [*self._after_named(records.TYPE, _ALLOWED_TYPES), *self._after_named(records.PROFILE, _INHERITED)]

    def _after_named(self, kind: str, by: str) -> list[Record]:
        """Return the resources of a kind, each after those whose ids its property ``by`` names."""
        waiting = {urn: record for urn, record in self._by_urn.items() if record.kind == kind}
        found: list[Record] = []

        def visit(urn: str) -> None:
            record = waiting.pop(urn, None)
            if record is None:
                return
            for other in record.property_dependencies.get(by, ()):
                visit(other)
            found.append(record)

        for urn in list(waiting):
            visit(urn)
        return found

    def _assigned(self, record: Record) -> Ref:
        if not record.is_new:
            return Ref(record.id or record.urn)
        decision = self._type_decision(record) if record.kind == records.TYPE else self._profile_decision(record)
        if decision.action is Action.REFUSE:
            self.decisions[record.urn] = decision
        if decision.action is Action.CREATE or decision.found is None:
            return Ref(record.urn)
        ref = Ref(str(decision.found["id"]))
        self._kept.add((record.kind, ref))
        self.decisions[record.urn] = decision
        return ref

    def _type_decision(self, record: Record) -> AdoptionDecision:
        name, args = record.new.get("name"), self._resolved(record, _ALLOWED_TYPES)
        if EXISTING_ID in record.args:
            of_id = [each for ref, each in self._before.types.items() if ref == record.args[EXISTING_ID]]
            found = [{**each.fields, "id": str(each.ref), "name": each.name} for each in of_id]
            decision = adoption.decide_type(record.schema, args, found)
            if decision.action is Action.REFUSE and not decision.differences and not self._read:
                # A state tells only of what it manages.
                return AdoptionDecision(Action.CREATE, undecided=(EXISTING_ID,))
            return self._certain(decision)
        if not isinstance(name, str) or has_unknown(name):
            return AdoptionDecision(Action.CREATE)
        types = ({**each.fields, "id": str(ref), "name": each.name} for ref, each in self._before.types.items())
        meant = named(types, name, alike=lambda live: adoption.is_left_by_a_create(record.schema, live, args))
        # A type that loses a field is replaced by another one, not by itself.
        free = [each for each in meant if each["id"] != record.id and self._free(record, each)]
        return self._certain(adoption.decide_type(record.schema, args, free))

    def _certain(self, decision: AdoptionDecision) -> AdoptionDecision:
        """Return the decision about a type; with unknown fields none matches for certain, so its URN stays its name."""
        return decision if decision.certain else AdoptionDecision(Action.CREATE, undecided=decision.undecided)

    def _profile_decision(self, record: Record) -> AdoptionDecision:
        of_type, name = self.resolve(record, "profile_type"), record.new.get("name")
        if EXISTING_ID in record.args:
            return self._decision_of_id(record, of_type)
        if of_type is None or not isinstance(name, str) or has_unknown(name):
            return AdoptionDecision(Action.CREATE)
        known, before = self._before.types.get(of_type), self._before.profiles
        args = {**self.resolved_args(record), "profile_type": of_type}

        def alike(live: Mapping[str, Any]) -> bool:
            return adoption.is_left_by_a_create(record.schema, live_fields(record.schema, before[live["id"]]), args)

        meant = named(
            (
                {**each.fields, "id": ref, "name": each.name}
                for ref, each in before.items()
                if each.version is None and each.profile_type == of_type
            ),
            name,
            lambda: known.fields if known else None,
            alike,
        )
        same_name = [
            live_fields(record.schema, before[each["id"]], name) for each in meant if self._free(record, each, of_type)
        ]
        if not same_name:
            return AdoptionDecision(Action.CREATE)
        return self._with_doubts(record, args, adoption.decide_profile(record.schema, args, same_name))

    def _decision_of_id(self, record: Record, of_type: Ref | None) -> AdoptionDecision:
        """Return the decision about a profile that ``existing_id`` names."""
        args = {**self.resolved_args(record), "profile_type": of_type or UNKNOWN_VALUE}
        profile = self._before.profiles.get(args[EXISTING_ID])
        if profile is None or profile.version:
            return adoption.decide_profile(record.schema, args, [])
        live, wanted = {**profile.fields, "name": profile.name}, args.get("name")
        known = self._before.types.get(profile.profile_type) if profile.profile_type else None
        borne = isinstance(wanted, str) and bears_name(live, wanted, lambda: known.fields if known else None, ours=True)
        found = live_fields(record.schema, profile, wanted if borne else None)
        return self._with_doubts(record, args, adoption.decide_profile(record.schema, args, [found]))

    def _with_doubts(self, record: Record, args: Mapping[str, Any], decision: AdoptionDecision) -> AdoptionDecision:
        """Return the decision about a profile; undecided by what is not known of the profile."""
        if decision.action is not Action.ADOPT or decision.found is None:
            return decision
        if self._before.profiles[decision.found["id"]].complete or record.schema.value(args, "adopt") == "always":
            return decision
        # The state of an adopted profile lacks the fields that were never managed, which may change the decision.
        unknown = adoption.missing_from_response(record.schema, decision.found, args, SentIn.CREATE)
        return replace(decision, undecided=(*decision.undecided, *unknown))

    def _free(self, record: Record, live: Mapping[str, Any], of_type: Ref | None = None) -> bool:
        """Return whether no other resource has an object, or declares one of exactly its name."""
        # A replacement creates before it deletes, so its create finds the object that it replaces.
        if (record.kind, live["id"]) in self._kept:
            return False
        return not any(
            other.kind == record.kind
            and other.urn != record.urn
            and other.stays
            and other.new.get("name") == live["name"]
            and self.resolve(other, "profile_type") == of_type
            for other in self._by_urn.values()
        )

    def may_exist(self, record: Record) -> bool:
        """Return whether the create of a type or a profile may find an object that nobody has looked for.

        A profile of a type that is certainly new is new as well.
        """
        if self._read or not record.is_new or record.schema.value(record.args, "adopt") == "never":
            return False
        of_type = self.resolve(record, "profile_type")
        made = self._by_urn.get(of_type) if of_type else None
        return made is None or self.may_exist(made)

    def resolve(self, record: Record, name: str) -> Ref | None:
        """Return the profile or type whose id a property is, or None where that is unknown."""
        value = record.new.get(name)
        if isinstance(value, str) and not has_unknown(value):
            return Ref(value)
        found = self._sources(record, name)
        return found[0] if len(found) == 1 else None

    def without_needless_replacement(self, record: Record) -> Record:
        """Return the record of a replacement that only an unknown id causes as an update, where the id stays equal."""
        asked_by_id = record.kind in {records.VERSION, records.MEMBERS} and has_unknown(record.new.get("profile_id"))
        if record.op != "replace" or not asked_by_id:
            return record
        wanted = {**record.new, "profile_id": self.resolve(record, "profile_id")}
        if any(wanted.get(name) != record.old.get(name) for name in ("profile_id", "version")):
            return record
        same = all(value == record.old.get(name) for name, value in wanted.items()) and not record.old.get("failures")
        return replace(record, op="same" if same else "update", new_inputs=wanted)

    def resolve_all(self, record: Record, name: str) -> tuple[Elements, list[str]]:
        """Return the elements of a set of ids with the profiles they resolve to, by value or by dependency."""
        listed = elements(record.new.get(name))
        found = [str(each) for each in listed.known.values()]
        made = [ref for ref in self._sources(record, name) if ref not in found]
        if listed.why is None and listed.unknown == len(made):
            return Elements(listed.known), [*found, *made]
        return listed, found

    def resolved_args(self, record: Record) -> dict[str, Any]:
        """Return the inputs of a profile or version, with the ids that ``inherits_from`` resolves to."""
        return self._resolved(record, _INHERITED)

    def _resolved(self, record: Record, name: str) -> dict[str, Any]:
        """Return the inputs of a resource, with the ids that a set of ids resolves to, where all of them are known."""
        args = dict(record.args)
        if record.new.get(name) is not None:
            listed, found = self.resolve_all(record, name)
            if listed.complete:
                args[name] = {each: each for each in found}
        return args

    def depends(self, record: Record, name: str, ref: Ref) -> bool:
        """Return whether a property's value comes from this profile's resource, which the engine then changes first."""
        urns = record.property_dependencies.get(name, ())
        return any(self._refs.get(urn) == ref or self._profile_of(urn) == ref for urn in urns)

    def _sources(self, record: Record, name: str) -> list[Ref]:
        """Return the profiles or types with unknown ids that a property's value comes from.

        The id of a profile may depend on a type as well (as that of a looked-up profile does), whose id it never is.
        """
        wanted = records.TYPE if name in {"profile_type", _ALLOWED_TYPES} else records.PROFILE
        found = []
        for urn in record.property_dependencies.get(name, ()):
            source = self._by_urn.get(urn)
            if source is None or not source.is_new:
                continue
            ref = self._refs.get(urn) if source.kind == wanted else None
            if wanted == records.PROFILE:
                ref = ref or self._profile_of(urn)
            if ref:
                found.append(ref)
        return list(dict.fromkeys(found))

    def _profile_of(self, urn: str) -> Ref | None:
        source = self._by_urn.get(urn)
        if source is None or source.kind not in {records.VERSION, records.MEMBERS}:
            return None
        return self.resolve(source, "profile_id")


def live_fields(schema: Schema, profile: Profile, name: str | None = None) -> dict[str, Any]:
    """Return a profile's fields under the API's names, for a comparison with inputs.

    ``name`` replaces the profile's name, where that differs only by the prefix that its type adds.
    """
    content = profile.fields.get("current_version")
    found = adoption.profile_fields(schema, profile.fields, profile.fields if content is None else content)
    if content is None and profile.complete:
        found = {**{f.api: f.type.to_api(None) for f in schema if f.input.sent}, **found}
    return {**found, "id": str(profile.ref), **({"name": name} if name else {})}
