"""Which profile or type a resource will be, and which one a value that is not known yet will name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi_veza.access.organisation import Organisation, Profile, Ref, type_fields
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Elements, Record, elements, has_unknown
from pulumi_veza.plan.state import LISTS, texts


class References:
    """What every resource will be called: its id, or its URN where its id is not known yet.

    A resource that is new takes over what exists, as the provider does: an identical type; a profile of the same name
    and type that no other resource manages.
    """

    def __init__(self, everything: Sequence[Record], before: Organisation) -> None:
        self._before = before
        self._by_urn = {record.urn: record for record in everything if record.stays or record.op == "read"}
        self._kept = {
            (record.kind, record.id) for record in self._by_urn.values() if record.id and record.op not in _NEW
        }
        self.taken_over: dict[str, Ref] = {}
        """By the URN of a resource that is new, what it takes over."""
        self._refs: dict[str, Ref] = {}
        for kind in (records.TYPE, records.PROFILE):
            for record in self._by_urn.values():
                if record.kind == kind:
                    self._refs[record.urn] = self._of(record)

    def of(self, record: Record) -> Ref:
        """Name the profile or the type that a resource will be."""
        return self._refs[record.urn]

    def _of(self, record: Record) -> Ref:
        if record.op not in _NEW:
            return Ref(record.id or record.urn)
        found = self._same_type(record) if record.kind == records.TYPE else self._same_profile(record)
        if found is None:
            return Ref(record.urn)
        self._kept.add((record.kind, found))
        self.taken_over[record.urn] = found
        return found

    def _same_type(self, record: Record) -> Ref | None:
        wanted = type_fields(record.new)
        if has_unknown(wanted) or record.new.get("adopt") == "never":
            return None
        beside: dict[int, list[Ref]] = {}
        for ref, each in self._before.types.items():
            held = {name: _canon(value) for name, value in each.fields.items()}
            # A type that loses a field is replaced by another one, not by itself.
            if (
                ref != record.id
                and self._free(record, ref)
                and all(held.get(k) == _canon(v) for k, v in wanted.items())
            ):
                more = sum(value is not None for name, value in held.items() if name not in wanted)
                beside.setdefault(more, []).append(ref)
        plainest = beside[min(beside)] if beside else []
        return plainest[0] if len(plainest) == 1 else None

    def _same_profile(self, record: Record) -> Ref | None:
        of_type = self.one(record, "profile_type")
        for ref, each in self._before.profiles.items():
            same = each.version is None and each.name == record.new.get("name") and each.profile_type == of_type
            if same and self._free(record, ref):
                return ref
        return None

    def _free(self, record: Record, ref: Ref) -> bool:
        # A replacement creates first, and finds what it is about to replace.
        return (record.kind, ref) not in self._kept

    def one(self, record: Record, name: str) -> Ref | None:
        """Tell which profile or type a property names, or None where that is not known."""
        value = record.new.get(name)
        if isinstance(value, str) and not has_unknown(value):
            return Ref(value)
        found = self._sources(record, name)
        return found[0] if len(found) == 1 else None

    def settled(self, record: Record) -> Record:
        """Give what becomes of a replacement that only an unknown id asks for: none, where the id turns out equal."""
        asked_by_id = record.kind in {records.VERSION, records.MEMBERS} and has_unknown(record.new.get("profile_id"))
        if record.op != "replace" or not asked_by_id:
            return record
        wanted = {**record.new, "profile_id": self.one(record, "profile_id")}
        if any(wanted.get(name) != record.old.get(name) for name in ("profile_id", "version")):
            return record
        same = all(value == record.old.get(name) for name, value in wanted.items()) and not record.old.get("failures")
        return replace(record, op="same" if same else "update", new_inputs=wanted)

    def several(self, record: Record, name: str) -> tuple[Elements, list[str]]:
        """Tell which profiles a set names: those that are known, and those that a dependency tells."""
        listed = elements(record.new.get(name))
        found = [str(each) for each in listed.known.values()]
        made = [ref for ref in self._sources(record, name) if ref not in found]
        if listed.reason is None and listed.unknown == len(made):
            return Elements(listed.known), [*found, *made]
        return listed, found

    def depends(self, record: Record, name: str, ref: Ref) -> bool:
        """Tell whether a property's value comes from the resource that is this profile: it is then changed first."""
        urns = record.property_dependencies.get(name, ())
        return any(self._refs.get(urn) == ref or self._profile_of(urn) == ref for urn in urns)

    def _sources(self, record: Record, name: str) -> list[Ref]:
        """Name the profiles, or the types, ids unknown, that a property's value comes from.

        An id of a profile may come by way of a type, as that of one that was looked up does: it is not the type's.
        """
        wanted = records.TYPE if name == "profile_type" else records.PROFILE
        found = []
        for urn in record.property_dependencies.get(name, ()):
            source = self._by_urn.get(urn)
            if source is None or source.op not in _NEW:
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
        return self.one(source, "profile_id")


_NEW = frozenset({"create", "replace"})


def differs(record: Record, held: Profile, parents: Sequence[str]) -> bool:
    """Tell whether a profile that is about to be taken over holds something else than the program says."""
    wanted: Mapping[str, Any] = record.new
    if wanted.get("labels") is not None and texts(elements(wanted["labels"])) != held.labels:
        return True
    if wanted.get(LISTS[0]) is not None and set(elements(wanted[LISTS[0]]).known) != set(held.entitlements):
        return True
    return wanted.get(LISTS[1]) is not None and set(parents) != set(held.inherits)


def _canon(value: Any) -> Any:
    """Give a form in which a set is equal to its list, and everything empty to nothing."""
    if isinstance(value, Mapping):
        if value and all(isinstance(each, str) and key.lstrip("\\") == each for key, each in value.items()):
            return sorted(value.values())
        return {key: _canon(each) for key, each in sorted(value.items()) if _canon(each) is not None} or None
    if isinstance(value, (list, tuple)):
        return sorted((_canon(each) for each in value), key=repr) or None
    return value or None
