"""The creates that the provider refuses, as an object exists already or none does: why, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pulumi_veza.access.organisation import Ref
from pulumi_veza.errors import one_line
from pulumi_veza.fields.field_types import SetOf
from pulumi_veza.fields.schema import Field
from pulumi_veza.impact.document import ConflictImpact
from pulumi_veza.plan import records
from pulumi_veza.plan.draft import RefusedCreate
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.words import listed
from pulumi_veza.rules import wording
from pulumi_veza.rules.adoption import EXISTING_ID, Refusal

_LONGEST_VALUE: Final = 80
"""Characters of one value in the sentence about it."""

_NAMED: Final = 5
"""How many elements of a list one sentence names."""


def refused_creates(everything: Iterable[Record], plan: Plan) -> Iterator[ConflictImpact]:
    """Yield what each refused create meets in the tenant, field by field, and what to write instead."""
    for record in everything:
        if refused := plan.refusals.get(record.urn):
            yield ConflictImpact(
                what=_what(record, refused, plan),
                urns=[record.urn],
                refused=True,
                refused_at="run",
                instead=_instead(record, refused),
                source=record.source,
            )


def _what(record: Record, refused: RefusedCreate, plan: Plan) -> str:
    decision = refused.decision
    called = _called(record, plan)
    if decision.refusal is Refusal.ABSENT:
        return f"Veza has no {_NOUNS[record.kind or '']} with the id {refused.args.get(EXISTING_ID)}"
    if decision.refusal is Refusal.SEVERAL:
        ids = wording.ids(decision.candidates)
        return f"Veza has more than one {called} ({ids}), and the program does not say which is meant"
    if decision.refusal is Refusal.NEVER:
        return f"{called} exists in Veza already, and the program says that it is not to be taken over"
    parts = [_difference(record.schema[name], refused, plan) for name in decision.differences]
    parts += [f"Veza does not say its {_words(name)}" for name in decision.missing]
    return "; ".join([f"{called} exists in Veza already and is not as the program says", *parts])


def _called(record: Record, plan: Plan) -> str:
    if record.kind == records.TYPE:
        return f"type {record.new.get('name', record.name)}"
    profile = f"profile {plan.after.name(plan.refs[record.urn])}"
    return f"the content of {profile}" if record.kind == records.VERSION else profile


_NOUNS: Final = {records.TYPE: "profile type", records.PROFILE: "profile", records.VERSION: "version"}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _difference(field: Field, refused: RefusedCreate, plan: Plan) -> str:
    """Return what the tenant has and what the program says of a field."""
    held = field.type.from_api((refused.decision.found or {}).get(field.api), refused.args.get(field.name))
    wanted = refused.args.get(field.name)
    named: Callable[[str], str] = (
        (lambda key: plan.before.name(Ref(key))) if field.name == "inherits_from" else (lambda key: key)
    )
    if isinstance(field.type, SetOf):
        return f"its {_words(field.name)} differ, {_of_set(held or {}, wanted or {}, named)}"
    return f"its {_words(field.name)} is {_brief(held)} in Veza and {_brief(wanted)} in the program"


def _of_set(held: Mapping[str, Any], wanted: Mapping[str, Any], named: Callable[[str], str]) -> str:
    parts = [
        f"only {where} {'has' if where == 'Veza' else 'lists'} {listed(map(named, keys), most=_NAMED)}"
        for where, keys in (("Veza", held.keys() - wanted.keys()), ("the program", wanted.keys() - held.keys()))
        if keys
    ]
    if not parts:
        parts = [f"in the details of {listed(map(named, (k for k in wanted if wanted[k] != held[k])), most=_NAMED)}"]
    return " and ".join(parts)


def _brief(value: Any) -> str:
    if value in (None, "", [], {}):
        return "empty"
    return one_line(f"'{value}'" if isinstance(value, str) else str(value), longest=_LONGEST_VALUE)


def _instead(record: Record, refused: RefusedCreate) -> str:
    by_id = EXISTING_ID in refused.args
    if refused.decision.refusal is Refusal.ABSENT:
        return f"write {EXISTING_ID} with the id of one that exists, or leave it out to create one"
    if refused.decision.refusal is Refusal.SEVERAL:
        return f"write {EXISTING_ID} with the id of the one to take over, or choose another name"
    if refused.decision.refusal is Refusal.NEVER:
        other = "choose another name" if record.kind != records.VERSION else "leave its content out"
        return f'write adopt="identical" to take it over where it is equal, or {other}'
    if record.kind == records.TYPE:
        return (
            f"write the same as Veza has, which cannot change a type, or leave {EXISTING_ID} out to create another one"
        )
    if record.kind == records.VERSION:
        return 'write the same as Veza has to take it over, or adopt="always" to overwrite it'
    other = f"leave {EXISTING_ID} out to create another one" if by_id else "choose another name"
    return f'write the same as Veza has to take it over, or adopt="always" to take it over and change it, or {other}'
