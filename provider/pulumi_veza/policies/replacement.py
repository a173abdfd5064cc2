"""A rule on changes that leave something behind in Veza for ever."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_veza.plan.records import TYPE, has_unknown
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Stack


class TypeReplacementOptions(Options):
    """`type_replacement` has no options."""


def type_replacement(stack: Stack, options: TypeReplacementOptions) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Check that no change of a type makes a second one of its name: no type can be changed or deleted."""
    for resource in stack.resources(TYPE):
        record = resource.record
        if record.op != "replace":
            continue
        fields = [
            name
            for name in record.schema.changed(record.old_inputs or {}, record.new)
            if record.schema[name].input.replace
        ]
        known = [name for name in fields if not has_unknown(record.new.get(name))]
        old_name = record.old.get("name")
        stays = f"the old one, {old_name!r}{f' ({record.id})' if record.id else ''}, stays in Veza for ever"
        if fields and not known:
            for reason in filter(None, map(resource.unknown, fields)):
                yield resource.undecided(f"{reason}, so whether the type is replaced is not")
        elif "name" in known:
            yield resource.note(
                f"is replaced by a type of another name; {stays}, and profiles of it that this program does not "
                "declare keep it"
            )
        else:
            yield resource.violation(
                f"is replaced, as the API cannot change {', '.join(known) or 'anything'} of a type; {stays}, profiles "
                "of it that this program does not declare keep it, and a lookup by that name finds two, and fails "
                "unless it has id=...; write another name in the same change, or take the change back"
            )
