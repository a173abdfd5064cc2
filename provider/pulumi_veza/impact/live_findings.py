"""What a look at the tenant finds of a change before it is made: what `pulumi up` will fail on, and likely mistakes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref
from pulumi_veza.client.identities import IdentitiesRead
from pulumi_veza.errors import VezaError
from pulumi_veza.impact.document import ConflictImpact, Hint
from pulumi_veza.impact.obstacles import place
from pulumi_veza.plan import records
from pulumi_veza.plan.entries import held
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record, elements, has_unknown
from pulumi_veza.reports.words import listed
from pulumi_veza.rules.identity import same_without_case
from pulumi_veza.rules.type_limits import beyond_type

_NAMED: Final = 5
"""How many ids or names one finding lists."""


@dataclass(frozen=True)
class LiveFindings:
    """What a look at the tenant found."""

    conflicts: Sequence[ConflictImpact] = ()
    """What `pulumi up` will fail on."""
    hints: Sequence[Hint] = ()


NOTHING_FOUND: Final = LiveFindings()


def of_look(ours: Sequence[Record], live: Organisation, planned: Plan, identities: IdentitiesRead) -> LiveFindings:
    """Return what was found, each kind once.

    Args:
        ours: The resources of this provider.
        live: What the tenant holds.
        planned: Their plan, in the tenant.
        identities: The identities of those who join, as far as they were read.

    """
    conflicts = [
        *_absent_datasources(ours, planned.before),
        *_absent_profiles_and_types(ours, planned.before),
        *_beyond_types(ours, planned),
    ]
    hints = [
        *_gone(ours, live),
        *_unused(ours, planned.before),
        *_inactive(planned, identities, ours),
        *_named_alike(ours, planned),
    ]
    refused, doubtful = _absent_identities(ours, planned, identities)
    return LiveFindings((*conflicts, *refused), (*doubtful, *hints))


def datasources_named(ours: Iterable[Record]) -> set[str]:
    """Return the ids of the datasources that changes bring into resources."""
    return {id_ for record in ours for id_ in _new_datasources(record)}


def unreadable_datasources(named: Iterable[str], error: VezaError) -> Hint:
    """Return the hint that nobody knows whether there are these datasources."""
    return Hint(what=listed(named, most=_NAMED), reason=f"whether there are these datasources is not known: {error}")


def _new_datasources(record: Record) -> set[str]:
    return _datasources(record.new) - _datasources(record.old) if record.stays else set()


def _datasources(values: Mapping[str, Any]) -> set[str]:
    nested = [
        each for name in ("entitlements", "create_entitlements") for each in elements(values.get(name)).known.values()
    ]
    named = [each.get("datasource_id") for each in nested if isinstance(each, Mapping)]
    named += [*elements(values.get("datasource_ids")).known.values(), values.get("application_datasource_id")]
    return {each for each in named if isinstance(each, str) and each and not has_unknown(each)}


def _called(concerned: Sequence[Record]) -> str:
    return listed({f"{each.kind} {each.name!r}" for each in concerned}, most=_NAMED)


def _conflict(what: str, concerned: Sequence[Record]) -> ConflictImpact:
    first, *_ = ordered = sorted(concerned, key=lambda each: each.urn)
    return ConflictImpact(
        what=what, urns=[each.urn for each in ordered], refused=True, refused_at="run", source=place(first)
    )


def _absent(what: str, id_: str, naming: Sequence[Record], instead: str) -> ConflictImpact:
    verb = "names" if len(naming) == 1 else "name"
    return _conflict(f"{_called(naming)} {verb} the {what} {id_!r}, which Veza does not have; {instead}", naming)


def _hint(what: Iterable[str], reason: str, concerned: Sequence[Record]) -> Hint:
    ordered = sorted(concerned, key=lambda each: each.urn)
    source = place(ordered[0]) if ordered else None
    return Hint(what=listed(what, most=_NAMED), reason=reason, urns=[each.urn for each in ordered], source=source)


def _absent_datasources(ours: Sequence[Record], live: Organisation) -> Iterator[ConflictImpact]:
    concerned = {id_: [each for each in ours if id_ in _new_datasources(each)] for id_ in live.absent_datasources}
    for id_, naming in sorted(concerned.items()):
        if naming:
            yield _absent("datasource", id_, naming, "write the id of a datasource of Lifecycle Management")


def _absent_profiles_and_types(ours: Sequence[Record], live: Organisation) -> Iterator[ConflictImpact]:
    """Yield the profiles and types that new or changed resources name by an id that the tenant does not list."""
    for fields, what, known in (
        (("profile_id", "inherits_from"), "access profile", live.profiles),
        (("profile_type",), "access profile type", live.types),
    ):
        naming: defaultdict[str, list[Record]] = defaultdict(list)
        for record in ours:
            before = set() if record.is_new else _ids(record.old, fields)
            for id_ in _ids(record.new, fields) - before if record.stays else ():
                if Ref(id_) not in known:
                    naming[id_].append(record)
        for id_, concerned in sorted(naming.items()):
            yield _absent(what, id_, concerned, "write the id of one that exists")


def _ids(values: Mapping[str, Any], fields: Iterable[str]) -> set[str]:
    """Return the ids in fields that hold one, or several."""
    held = [values.get(name) for name in fields]
    found = [id_ for each in held for id_ in ([each] if isinstance(each, str) else elements(each).known.values())]
    return {each for each in found if isinstance(each, str) and each and not has_unknown(each)}


def _beyond_types(ours: Sequence[Record], planned: Plan) -> Iterator[ConflictImpact]:
    writing: defaultdict[Ref, list[Record]] = defaultdict(list)
    for record in ours:
        ref = planned.refs.get(record.urn)
        if ref and record.kind in {records.PROFILE, records.VERSION} and record.op in {"create", "update", "replace"}:
            writing[ref].append(record)
    for ref, concerned in sorted(writing.items()):
        profile = planned.after.profiles.get(ref)
        of_type = planned.after.types.get(profile.profile_type) if profile and profile.profile_type else None
        if profile is None or of_type is None or not of_type.fields.keys() >= _TOLD:
            continue
        datasources = [each.datasource_id for each in profile.entitlements.values()]
        count, inherits = len(profile.entitlements), bool(profile.inherits)
        for beyond in beyond_type(of_type.fields, of_type.name, datasources, count=count, inherits=inherits):
            yield _conflict(f"profile {profile.name} {beyond}", concerned)


_TOLD: Final = frozenset({"allow_create_relationships", "allow_inherit_entities"})
"""The fields of a type without which nothing is known of what it allows."""


def _absent_identities(
    ours: Sequence[Record], planned: Plan, identities: IdentitiesRead
) -> tuple[list[ConflictImpact], list[Hint]]:
    """Return who joins and is no identity: what fails where the set says so, and is a warning of `pulumi up` else."""
    joining = _joining(ours, planned, identities.missing)
    failing = [each for each in joining if each[0].args.get("on_member_failure") == "error"]
    others = [each for each in joining if each not in failing]
    conflicts = [
        _conflict(
            f"the set {record.name!r} lists {listed(who, most=_NAMED)}, and Veza knows no such identity; {_UUID}",
            [record],
        )
        for record, who in failing
    ]
    ids = {id_ for _, who in others for id_ in who}
    sets = listed({repr(record.name) for record, _ in others}, most=_NAMED)
    added = "this person is" if len(ids) == 1 else "these people are"
    reason = f"Veza knows no such identity, so {added} not added ({sets}): {_UUID}"
    return conflicts, [_hint(ids, reason, [record for record, _ in others])] if others else []


_UUID: Final = "write the id that identities have in Lifecycle Management, a UUID"


def _joining(ours: Sequence[Record], planned: Plan, of: Iterable[str]) -> list[tuple[Record, list[str]]]:
    """Return the sets that add somebody of these, with whom they add."""
    wanted, by_urn = set(of), {each.urn: each for each in ours if each.stays}
    found = [(by_urn[each.urn], [who for who in each.added if who in wanted]) for each in planned.sets if each.added]
    return [(record, who) for record, who in found if who]


def _inactive(planned: Plan, identities: IdentitiesRead, ours: Sequence[Record]) -> Iterator[Hint]:
    inactive = {who: each for who, each in identities.known.items() if each.active is False}
    joining = _joining(ours, planned, inactive)
    ids = sorted({who for _, each in joining for who in each})
    if ids:
        names = [f"{inactive[who].entity_name} ({who})" if inactive[who].entity_name else who for who in ids]
        reason = (
            "this person joins and is inactive in Veza"
            if len(ids) == 1
            else "these people join and are inactive in Veza"
        )
        yield _hint(names, reason, [record for record, _ in joining])


def _gone(ours: Sequence[Record], live: Organisation) -> Iterator[Hint]:
    """Yield the profiles and types of the state that the tenant does not list: `pulumi up` does not look for them."""
    gone = [
        each
        for each in ours
        if each.kind in {records.PROFILE, records.TYPE}
        and each.id
        and each.stays
        and not each.is_new
        and each.op != "read"
        if Ref(each.id) not in (live.types if each.kind == records.TYPE else live.profiles)
    ]
    if gone:
        it, one = ("it", "this one") if len(gone) == 1 else ("them", "these")
        reason = (
            f"Veza does not list {one} any more, so what {'it gives' if len(gone) == 1 else 'they give'} is lost "
            f"already: run `pulumi refresh`, and the next `pulumi up` makes {it} anew"
        )
        yield _hint({f"{each.kind} {each.name!r} ({each.id})" for each in gone}, reason, gone)


def _unused(ours: Sequence[Record], live: Organisation) -> Iterator[Hint]:
    """Yield the entities that no profile of the tenant holds so far: a mistyped id looks like this."""
    used = {_entity(each) for profile in live.profiles.values() for each in profile.entitlements.values()}
    concerned, unused = [], set()
    for record in ours if used else ():
        if record.stays and record.kind in {records.PROFILE, records.VERSION}:
            before, now = ({_entity(each) for each in _held(values)} for values in (record.old, record.new))
            strange = {each for each in now - before - used if each[1] not in live.absent_datasources}
            unused |= {f"{entity_type} {datasource}/{entity}" for entity_type, datasource, entity in strange}
            concerned += [record] if strange else []
    if unused:
        one = "no profile of the tenant holds this entitlement so far: make sure that its id is right"
        many = "no profile of the tenant holds these entitlements so far: make sure that their ids are right"
        yield _hint(unused, one if len(unused) == 1 else many, concerned)


def _held(values: Mapping[str, Any]) -> Iterable[HeldEntitlement]:
    return held(elements(values.get("entitlements"))).values()


def _entity(each: HeldEntitlement) -> tuple[str, str, str]:
    return each.entity_type, each.datasource_id, each.entity_id


def _named_alike(ours: Sequence[Record], planned: Plan) -> Iterator[Hint]:
    """Yield what stays under the same name beside a new object."""
    live, kept = planned.before, set(planned.refs.values())
    beside = []
    for record in ours:
        name = record.new.get("name")
        if not record.is_new or record.op != "create" or not isinstance(name, str) or has_unknown(name):
            continue
        if planned.refs[record.urn] == record.urn and record.urn not in planned.refusals:
            known = live.types if record.kind == records.TYPE else live.profiles
            objects = [{"id": str(each.ref), "name": each.name} for each in known.values() if each.ref not in kept]
            if alike := same_without_case(objects, name):
                beside.append((record, f"{name} ({alike[0]['id']})"))
    if beside:
        reason = "one of this name exists already and is not the same, so another one is made beside it"
        yield _hint({what for _, what in beside}, reason, [record for record, _ in beside])
