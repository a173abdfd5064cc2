"""The stages of types, profiles and versions: what the provider will write, in the engine's order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulumi_veza.access.organisation import Profile, ProfileType, Ref
from pulumi_veza.fields.schema import SentIn
from pulumi_veza.plan import records
from pulumi_veza.plan.draft import Draft, RefusedCreate
from pulumi_veza.plan.entries import entry, selector_of, target, target_before, texts, with_list
from pulumi_veza.plan.records import Elements, Record, elements, has_unknown, marked, to_api
from pulumi_veza.plan.references import live_fields
from pulumi_veza.rules import adoption
from pulumi_veza.rules.adoption import EXISTING_ID, Action, AdoptionDecision, Refusal
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT, PAUSED, PUBLISHED, is_waiting, writes_content
from pulumi_veza.rules.kept import to_send
from pulumi_veza.rules.reasons import Reason, Why


def write_content(draft: Draft) -> None:
    """Create and update types, profiles and versions in the draft; `destroy_content` deletes."""
    for record in draft.staying(records.TYPE):
        _write_type(draft, record)
    for record in draft.staying(records.PROFILE):
        _write_profile(draft, record)
    for record in draft.staying(records.VERSION):
        _write_version(draft, record)


def destroy_content(draft: Draft) -> None:
    """Empty deleted versions and pause deleted profiles as ``on_destroy`` says, unless another resource owns them."""
    staying = draft.staying(records.PROFILE)
    held = {draft.references.reference_of(record) for record in staying}
    written = {ref for record in draft.staying(records.VERSION) if (ref := draft.target(record))}
    written |= {draft.references.reference_of(record) for record in staying if writes_content(record.new)}
    going = [
        record for record in draft.records if record.op in {"delete", "replace"} and record.urn not in draft.undeleted
    ]
    for record in going:
        if record.kind == records.VERSION:
            _clear(draft, record, written)
    for record in going:
        if record.kind == records.PROFILE and record.op == "delete" and record.id:
            profile = draft.after.profiles.get(Ref(record.id))
            if profile and profile.ref not in held:
                pauses = record.schema.value(record.old, "on_destroy") == "pause"
                state = PAUSED if pauses else profile.state
                draft.after.profiles[profile.ref] = replace(profile, state=state, urn=None)


def _write_type(draft: Draft, record: Record) -> None:
    ref = draft.references.reference_of(record)
    _note_refusal(draft, record, draft.references.decisions.get(record.urn))
    old = draft.before.types.get(ref)
    # The API cannot change a type, so one that stays is as it is, whatever somebody has made of it.
    if old and not record.is_new:
        draft.after.types[ref] = replace(old, urn=record.urn)
        return
    fields = {**(old.fields if old else {}), **to_api(record.schema, record.new, SentIn.CREATE)}
    draft.after.types[ref] = ProfileType(ref, _text(record, "name"), fields, record.urn)


def _write_profile(draft: Draft, record: Record) -> None:
    ref, new, after = draft.references.reference_of(record), record.new, draft.after
    existing, decision = after.profiles.get(ref), draft.references.decisions.get(record.urn)
    _note_refusal(draft, record, decision)
    if existing and decision and (decision.action is Action.REFUSE or not decision.certain):
        after.profiles[ref] = replace(
            existing, urn=record.urn, unknown=(*existing.unknown, *_undecided(decision, existing))
        )
        return
    if decision and decision.refusal is Refusal.ABSENT:
        after.profiles[ref] = Profile(ref, _text(record, "name"), urn=record.urn)
        return
    if existing is None and draft.references.may_exist(record):
        reason = Reason(Why.MAY_EXIST, _text(record, "name"))
        draft.before.unread[ref] = after.unread[ref] = reason
    of_type, sent = draft.references.resolve(record, "profile_type"), _sent(draft, record)
    base = existing or Profile(ref, _text(record, "name"), number=1, complete=True)
    if "profile_type" not in sent:
        of_type = base.profile_type or of_type
    written_labels = texts(elements(new["labels"])) if "labels" in new else _unless_released(record, base)
    profile = replace(
        base,
        name=_text(record, "name") if "name" in sent else base.name,
        profile_type=of_type,
        state=_state(record, base) if "state" in sent else base.state,
        removes_dropped_entitlements=after.removes_dropped_entitlements(of_type),
        labels=written_labels if "labels" in sent else base.labels,
        urn=record.urn,
        taken_over=base.taken_over or decision is not None,
        uncertainty=Reason(Why.STATE_UNKNOWN) if has_unknown(new.get("state")) else base.uncertainty,
        # Only the create of a version looks at them.
        fields=_written(draft, record, base, SentIn.UPDATE | SentIn.CONTENT, sent) if draft.writes_versions else {},
    )
    written = _with_lists(draft, record, profile, sent, created=existing is None)
    if has_unknown(new.get(EXISTING_ID)):
        undecided = Reason(Why.ADOPTION_UNDECIDED, written.name, detail=EXISTING_ID)
        written = replace(written, unknown=(*written.unknown, undecided))
    after.profiles[ref] = written


def _sent(draft: Draft, record: Record) -> frozenset[str]:
    """Return the fields that the provider sends; in any other, what somebody changed by hand stays as it is."""
    schema, old = record.schema, marked(record.old)
    # The preview does not know yet that an id of a resource which is taken over is the one that was there before.
    args = {**draft.references.resolved_args(record), **_type_of(draft, record)}
    if record.is_new or not record.existed:
        return frozenset(schema.fields)
    if record.op == "same":
        return frozenset()
    try:
        sent = {*to_send(schema, old, args), *schema.newly_managed_or_released(old, args)}
    except (AttributeError, TypeError):
        # A value of another type than the field's, which only a file that no engine wrote has: nothing is left out.
        return frozenset(schema.fields)
    if any(schema[name].input.sent & SentIn.CONTENT for name in sent):
        # They are sent with every change of a version's content.
        sent.update(CONTENT_LISTS)
    return frozenset(sent)


def _state(record: Record, base: Profile) -> str:
    """Return the state of a profile after the write; one that waits for the approval to start goes on waiting."""
    wanted = _text(record, "state", str(record.schema.value({}, "state")))
    asked_before = not record.is_new and is_waiting(record.old.get("state"), base.state)
    return base.state if asked_before and is_waiting(wanted, base.state) else wanted


def _undecided(decision: AdoptionDecision, existing: Profile) -> tuple[Reason, ...]:
    """Return the reason why the provider may not write a profile or version; none where it refuses to, or will."""
    if decision.action is Action.REFUSE or decision.certain:
        return ()
    return (Reason(Why.ADOPTION_UNDECIDED, existing.name, detail=", ".join(decision.undecided)),)


def _type_of(draft: Draft, record: Record) -> dict[str, Any]:
    """Return the type of a profile as inputs have it, where it is known."""
    of_type = draft.references.resolve(record, "profile_type") if record.kind == records.PROFILE else None
    return {"profile_type": str(of_type)} if of_type else {}


def _note_refusal(draft: Draft, record: Record, decision: AdoptionDecision | None) -> None:
    if decision and decision.action is Action.REFUSE:
        args = {**draft.references.resolved_args(record), **_type_of(draft, record)}
        draft.refusals[record.urn] = RefusedCreate(decision, args)


def _written(draft: Draft, record: Record, base: Profile, sent_in: SentIn, sent: frozenset[str]) -> dict[str, Any]:
    """Return a profile's fields after the write, without unknown ones; a field that is no longer written is empty."""
    schema = record.schema
    moved = _moved(draft, record, base)
    gone = {name for name in schema.fields if record.old.get(name) is not None and record.new.get(name) is None}
    unknown = {f.api for f in schema if has_unknown(record.new.get(f.name))}
    changed = {name: value for name, value in record.new.items() if name in sent}
    fields = {
        **live_fields(schema, base),
        **schema.to_api({}, sent_in, gone - moved if record.op == "update" else ()),
        **to_api(schema, changed, sent_in),
    }
    return {name: value for name, value in fields.items() if name not in unknown}


def _with_lists(draft: Draft, record: Record, profile: Profile, sent: frozenset[str], *, created: bool) -> Profile:
    """Return the profile with the written lists; a list that is no longer written is empty, any other is unchanged."""
    moved = _moved(draft, record, profile)
    not_read = {reason.field for reason in profile.unknown}
    for name in CONTENT_LISTS:
        if record.new.get(name) is not None:
            if name not in sent | not_read:
                continue
            inherited = name == "inherits_from"
            listed, parents = draft.references.resolve_all(record, name) if inherited else (None, None)
            profile = with_list(profile, name, listed or elements(record.new[name]), parents)
        elif created or (record.op == "update" and record.old.get(name) is not None and name not in moved):
            profile = with_list(profile, name, Elements({}))
    return profile


def _moved(draft: Draft, record: Record, profile: Profile) -> set[str]:
    """Return the fields that a version of the program writes in place of the profile, which leaves them as they are."""
    released = (name for name in record.schema.fields if name in record.old and name not in record.new)
    if record.kind != records.PROFILE or record.op != "update" or not any(released):
        return set()
    selectors = {CURRENT, str(profile.number)}
    versions = [each for each in draft.staying(records.VERSION) if selector_of(each.new) in selectors]
    return {n for each in versions if draft.references.resolve(each, "profile_id") == profile.ref for n in each.new}


def _write_version(draft: Draft, record: Record) -> None:
    after, profile = draft.after, draft.references.resolve(record, "profile_id")
    if profile is None:
        subject = f"{record.kind} {record.name!r}"
        after.unknown_members[Ref(record.urn)].append(Reason(Why.PROFILE_OF_RESOURCE_UNKNOWN, subject))
        return
    selector = selector_of(record.new)
    ref = target(after, profile, selector)
    existing = entry(after, ref, profile, selector)
    if record.is_new:
        decision = _content_decision(draft, record, existing)
        _note_refusal(draft, record, decision)
        if decision.action is Action.REFUSE or not decision.certain:
            after.profiles[ref] = replace(existing, unknown=(*existing.unknown, *_undecided(decision, existing)))
            return
    sent = _sent(draft, record)
    held = _with_lists(draft, record, existing, sent, created=False)
    held = replace(held, fields=_written(draft, record, existing, SentIn.CONTENT, sent))
    state = record.new.get("state")
    if ref == profile:
        published = state not in {"RETIRED", "DRAFT"} if "state" in sent else existing.published
        after.profiles[ref] = replace(held, published=published)
    elif state == PUBLISHED and record.old.get("state") != PUBLISHED:
        _publish(draft, profile, ref, held)
    else:
        after.profiles[ref] = held


def _content_decision(draft: Draft, record: Record, existing: Profile) -> AdoptionDecision:
    """Return the provider's decision about the content; undecided where the version's fields are not all known."""
    args = draft.references.resolved_args(record)
    live = live_fields(record.schema, existing)
    decision = adoption.decide_content(record.schema, args, live)
    if decision.action is Action.REFUSE or existing.complete or record.schema.value(args, "adopt") == "always":
        return decision
    unknown = adoption.missing_from_response(record.schema, live, args, SentIn.CONTENT)
    return replace(decision, undecided=(*decision.undecided, *unknown))


def _publish(draft: Draft, profile: Ref, ref: Ref, held: Profile) -> None:
    """Make a version the live one; its members become uncertain, as it is not documented whether they carry over."""
    after = draft.after
    live = after.profiles[profile]
    after.profiles[profile] = replace(
        live,
        entitlements=held.entitlements,
        inherits=held.inherits,
        unknown=held.unknown,
        number=int(held.version) if held.version and held.version.isdecimal() else None,
        draft=None,
        fields={**live_fields(records.PROFILE_SCHEMA, live), **held.fields},
        complete=live.complete and held.complete,
    )
    reason = Reason(Why.MEMBERS_OF_NEW_VERSION, live.name, detail=str(held.version))
    draft.published[profile] = reason
    members = {who: replace(each, uncertainty=reason) for who, each in after.members[profile].items()}
    after.members[profile] = {**members, **after.members.pop(ref, {})}
    after.profiles.pop(ref, None)


def _clear(draft: Draft, record: Record, written: set[Ref]) -> None:
    ref = target_before(draft.after, record.old)
    held = draft.after.profiles.get(ref)
    if held and record.old.get("on_destroy") == "clear" and ref not in written:
        for name in CONTENT_LISTS:
            held = with_list(held, name, Elements({}))
        draft.after.profiles[ref] = held


def _text(record: Record, name: str, default: str | None = None) -> str:
    value: Any = record.new.get(name)
    return default or record.name if value is None or has_unknown(value) else str(value)


def _unless_released(record: Record, base: Profile) -> frozenset[str]:
    return frozenset() if record.old.get("labels") is not None else base.labels
