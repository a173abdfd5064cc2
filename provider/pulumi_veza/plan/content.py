"""The organisation after the plan: what the provider will do, in the order in which the engine lets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_veza.access.organisation import Organisation, Profile, ProfileType, Ref, type_fields, withdraws
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Elements, Record, elements, has_unknown
from pulumi_veza.plan.references import References, differs
from pulumi_veza.plan.state import LISTS, entry, reason, target, texts, with_list

_STATE_UNKNOWN: Final = "whether it is going to run is not known before `pulumi up`"


class Content:
    """Types, profiles and versions, as the plan leaves them; members are another matter."""

    def __init__(
        self, everything: Sequence[Record], references: References, before: Organisation, after: Organisation
    ) -> None:
        self.before, self.after = before, after
        self.references = references
        self.published: dict[Ref, str] = {}
        """The profiles of which another version becomes the live one, with what that means for their members."""
        self._everything = everything

    def apply(self) -> None:
        """Create and update; what goes is taken away later, by `destroy`."""
        for record in self._staying(records.TYPE):
            ref = self.references.of(record)
            old = self.before.types.get(ref)
            fields = {**(old.fields if old else {}), **type_fields(record.new)}
            self.after.types[ref] = ProfileType(ref, _text(record, "name"), fields, record.urn)
        for record in self._staying(records.PROFILE):
            self._profile(record)
        for record in self._staying(records.VERSION):
            self._version(record)

    def destroy(self) -> None:
        """Do to versions and profiles that go what their ``on_destroy`` says; nothing that another resource holds."""
        held = {self.references.of(record) for record in self._staying(records.PROFILE)}
        written = {ref for record in self._staying(records.VERSION) if (ref := self.target(record))}
        written |= {
            self.references.of(record)
            for record in self._staying(records.PROFILE)
            if any(record.new.get(name) is not None for name in LISTS)
        }
        for record in self._everything:
            if record.kind == records.VERSION and record.op in {"delete", "replace"}:
                self._clear(record, written)
        for record in self._everything:
            if record.kind == records.PROFILE and record.op in {"delete", "replace"} and record.id:
                ref = Ref(record.id)
                profile = self.after.profiles.get(ref)
                if profile and record.op == "delete" and ref not in held:
                    state = "PAUSED" if record.old.get("on_destroy", "pause") == "pause" else profile.state
                    self.after.profiles[ref] = replace(profile, state=state, urn=None)

    def target(self, record: Record) -> Ref | None:
        """Name the version that a resource is about, after the plan; None where that is not known."""
        profile = self.references.one(record, "profile_id")
        return target(self.after, profile, str(record.new.get("version", "current"))) if profile else None

    def _staying(self, kind: str) -> list[Record]:
        return [record for record in self._everything if record.kind == kind and record.stays]

    def _profile(self, record: Record) -> None:
        ref, new = self.references.of(record), record.new
        held = self.after.profiles.get(ref)
        refused = self._refusal(record, held)
        if held and refused:
            self.after.profiles[ref] = replace(held, urn=record.urn, unknown=(*held.unknown, refused))
            return
        of_type = self.references.one(record, "profile_type")
        base = held or Profile(ref, _text(record, "name"), number=1)
        profile = replace(
            base,
            name=_text(record, "name"),
            profile_type=of_type,
            state=_text(record, "state", "RUNNING"),
            withdraws=withdraws(self.after, of_type),
            labels=texts(elements(new["labels"])) if "labels" in new else _unless_taken_out(record, "labels", base),
            urn=record.urn,
            taken_over=base.taken_over or record.urn in self.references.taken_over,
            doubt=_STATE_UNKNOWN if has_unknown(new.get("state")) else base.doubt,
        )
        self.after.profiles[ref] = self._lists(record, profile, created=held is None)

    def _refusal(self, record: Record, held: Profile | None) -> str | None:
        """Say why the provider is going to refuse to take over a profile that exists."""
        if held is None or record.urn not in self.references.taken_over or record.new.get("adopt") == "always":
            return None
        _, parents = self.references.several(record, "inherits_from")
        if record.new.get("adopt") != "never" and not differs(record, held, parents):
            return None
        return reason("entitlements", held.name, "stay as they are: it exists already, so `pulumi up` will refuse")

    def _lists(self, record: Record, profile: Profile, *, created: bool) -> Profile:
        """Set the content that is written; what was written and is no more becomes empty, the rest stays."""
        for name in LISTS:
            if record.new.get(name) is not None:
                listed, parents = self.references.several(record, name) if name == "inherits_from" else (None, None)
                profile = with_list(profile, name, listed or elements(record.new[name]), parents)
            elif created or (record.op == "update" and record.old.get(name) is not None):
                profile = with_list(profile, name, Elements({}))
        return profile

    def _version(self, record: Record) -> None:
        profile = self.references.one(record, "profile_id")
        if profile is None:
            said = f"which profile AccessProfileVersion {record.name!r} belongs to is not known before `pulumi up`"
            self.after.unknown_members[Ref(record.urn)].append(said)
            return
        selector = str(record.new.get("version", "current"))
        ref = target(self.after, profile, selector)
        held = self._lists(record, entry(self.after, ref, profile, selector), created=False)
        state = record.new.get("state")
        if ref == profile:
            self.after.profiles[ref] = replace(held, published=state not in {"RETIRED", "DRAFT"})
        elif state == "PUBLISHED" and record.old.get("state") != "PUBLISHED":
            self._publish(profile, ref, held)
        else:
            self.after.profiles[ref] = held

    def _publish(self, profile: Ref, ref: Ref, held: Profile) -> None:
        """Make a version the live one. What becomes of the members of the one before is not documented."""
        live = self.after.profiles[profile]
        number = int(held.version) if held.version and held.version.isdecimal() else None
        self.after.profiles[profile] = replace(
            live,
            entitlements=held.entitlements,
            inherits=held.inherits,
            unknown=held.unknown,
            number=number,
            draft=None,
        )
        said = (
            f"version {held.version} of {live.name} becomes the live one, and whether members are carried over is not "
            "documented"
        )
        self.published[profile] = said
        members = {who: replace(each, doubt=said) for who, each in self.after.members[profile].items()}
        self.after.members[profile] = {**members, **self.after.members.pop(ref, {})}
        self.after.profiles.pop(ref, None)

    def _clear(self, record: Record, written: set[Ref]) -> None:
        old = record.old
        profile = Ref(str(old.get("profile_id")))
        ref = target(self.after, profile, str(old.get("version", "current")), old.get("version_number"))
        held = self.after.profiles.get(ref)
        if held and old.get("on_destroy") == "clear" and ref not in written:
            for name in LISTS:
                held = with_list(held, name, Elements({}))
            self.after.profiles[ref] = held


def _text(record: Record, name: str, default: str | None = None) -> str:
    value: Any = record.new.get(name)
    return default or record.name if value is None or has_unknown(value) else str(value)


def _unless_taken_out(record: Record, name: str, base: Profile) -> frozenset[str]:
    return frozenset() if record.old.get(name) is not None else base.labels
