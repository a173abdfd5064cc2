"""The modules of the program, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi_veza.export.layout import Layout, type_of
from pulumi_veza.export.objects import ExportedProfile, ExportedType, ResourceEntry, Walk
from pulumi_veza.export.people import PEOPLE_FILE
from pulumi_veza.export.python_code import Call, Code, assignment, comment, statement
from pulumi_veza.export.references import EXISTING, TYPES, ProgramReferences
from pulumi_veza.fields.field_types import FieldType, ListOf, SetOf
from pulumi_veza.fields.schema import Object, Schema
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.rules.identity import PENDING

_FIRST: Final = ("name", "profile_type", "existing_id", "state", "description", "labels")
_LAST: Final = ("entitlements", "inherits_from", "on_destroy")

_IMPORT_VEZA: Final = "import pulumi_veza as veza\n"
_PLAIN: Final = re.compile(r"[\w][\w \-.,&/()+]*")


def modules(walk: Walk, layout: Layout, references: ProgramReferences) -> dict[str, str]:
    """Return the source of each module, by its path."""
    return _one_file(walk, layout, references) if layout.one_file else _several(walk, layout, references)


def members_file(layout: Layout, profile: ExportedProfile) -> str:
    """Return the path of the list of a profile's members."""
    return f"members/{layout.folders[type_of(profile)]}/{profile.resource.name}.yaml"


def _one_file(walk: Walk, layout: Layout, references: ProgramReferences) -> dict[str, str]:
    parts = [f'"""The access profiles of {walk.tenant}."""\n']
    # A tenant without anything uses nothing of it.
    parts += [_IMPORT_VEZA] if layout.types or any(layout.modules.values()) else []
    if any(each.members for each in walk.profiles):
        parts.append(f'people = veza.People("{PEOPLE_FILE}")\n')
    if lookups := references.lookups():
        parts.append("# Looked up: these are not managed here.\n" + "".join(lookups))
    parts += _types(layout.types, layout, references, set())
    for module, profiles in layout.modules.items():
        parts += _profiles(profiles, module, layout, references, set())
    return {"__main__.py": _joined(parts)}


def _several(walk: Walk, layout: Layout, references: ProgramReferences) -> dict[str, str]:
    names = sorted(layout.modules)
    found = {"profiles/__init__.py": '"""The access profiles, a module for each type."""\n'}
    for module, profiles in layout.modules.items():
        imports: set[str] = set()
        body = _profiles(profiles, module, layout, references, imports)
        if any(each.members for each in profiles):
            imports.add("people")
        lines = [f"import {each}\n" if each != "people" else "from people import people\n" for each in sorted(imports)]
        # As isort orders them.
        lines.sort(key=lambda line: line.startswith("from"))
        parts = [_docstring(walk, profiles), _IMPORT_VEZA, *(["".join(lines)] if lines else []), *body]
        found[f"profiles/{module}.py"] = _joined(parts)
    imports = set()
    if layout.types:
        body = _types(layout.types, layout, references, imports)
        needed = ["".join(f"import {each}\n" for each in sorted(imports))] if imports else []
        found[f"{TYPES}.py"] = _joined(['"""The access profile types."""\n', _IMPORT_VEZA, *needed, *body])
    if lookups := references.lookups():
        about = '"""What the program refers to and does not manage: it is looked up."""\n'
        found[f"{EXISTING}.py"] = _joined([about, _IMPORT_VEZA, "".join(lookups)])
    if any(each.members for each in walk.profiles):
        about = f'"""The people, by name: {PEOPLE_FILE} has their ids."""\n'
        found["people.py"] = _joined([about, _IMPORT_VEZA, f'people = veza.People("{PEOPLE_FILE}")\n'])
    found["__main__.py"] = _main(walk, names, with_types=bool(layout.types))
    return found


def _main(walk: Walk, names: Sequence[str], *, with_types: bool) -> str:
    about = (
        f'"""The access profiles of {walk.tenant}.\n\nEach module declares its resources when it is imported.\n"""\n'
    )
    imported = [*([TYPES] if with_types else []), *names]
    lines = [f"import {TYPES}\n"] if with_types else []
    if names:
        lines.append(_import("profiles", names))
    exported = assignment("__all__", sorted(imported)) if imported else ""
    return _joined([about, "".join(lines), exported])


def _import(package: str, names: Sequence[str]) -> str:
    line = f"from {package} import {', '.join(names)}\n"
    if len(line) <= 80:  # noqa: PLR2004 - shorter than ruff's lines, whatever is in it
        return line
    return f"from {package} import (\n" + "".join(f"    {each},\n" for each in names) + ")\n"


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(each for each in parts if each)


def _docstring(walk: Walk, profiles: Sequence[ExportedProfile]) -> str:
    live = {each["id"]: each for each in walk.all_types}
    names = sorted({str(live.get(type_of(each), {}).get("name") or "") for each in profiles})
    if not all(_PLAIN.fullmatch(each) for each in names):
        return '"""Access profiles of one type, or of types whose profiles inherit from each other."""\n'
    if len(names) == 1:
        return f'"""Access profiles of the type {names[0]}."""\n'
    listed = "".join(f"\n- {each}" for each in names)
    return f'"""Access profiles of types whose profiles inherit from each other.\n{listed}\n"""\n'


def _types(
    types: Sequence[ExportedType], layout: Layout, references: ProgramReferences, imports: set[str]
) -> list[str]:
    found = []
    declared: dict[str, bool] = {}
    for each in types:
        values = _values(TypeKind.schema, each.resource)
        if "allow_inherited_from_types" in values:
            ids = values["allow_inherited_from_types"]
            values["allow_inherited_from_types"] = [references.type(id_, imports, declared) for id_ in ids]
        call = Call("veza.AccessProfileType", [each.resource.name], values, open=True)
        found.append(assignment(layout.type_variables[each.resource.id], call))
        declared[each.resource.id] = True
    return found


def _profiles(
    profiles: Sequence[ExportedProfile], module: str, layout: Layout, references: ProgramReferences, imports: set[str]
) -> list[str]:
    found = []
    declared: set[str] = set()
    for each in profiles:
        entry, variable = each.resource, layout.profile_variables[each.resource.id]
        values = _values(ProfileKind.schema, entry)
        values["profile_type"] = references.type(values["profile_type"], imports)
        if "inherits_from" in values:
            ids = values["inherits_from"]
            values["inherits_from"] = [references.profile(id_, module, imports, declared) for id_ in ids]
        text = "".join(comment(about) for about in _remarks(each))
        text += assignment(variable, Call("veza.AccessProfile", [entry.name], values, open=True))
        if each.members:
            file = members_file(layout, each)
            listed = {
                "profile_id": Code(f"{variable}.id"),
                "identity_ids": Call("people.members", [file]),
                "on_destroy": each.members.arguments["on_destroy"],
            }
            text += statement(Call("veza.MembershipSet", [each.members.name], listed, open=True))
        found.append(text)
        declared.add(entry.id)
    return found


def _remarks(profile: ExportedProfile) -> Iterable[str]:
    """Yield what the API says of a profile and a program cannot write."""
    live = profile.live
    if draft := live.get("draft_version_number"):
        yield f"Has a draft, version {draft}, which is not exported."
    if live.get("state") == PENDING:
        yield "Waits for the approval to start."
    if live.get("requestable"):
        yield "People can request it."
    if live.get("used_by_workflow"):
        yield "A workflow uses it."
    if profile.others:
        counts = [f"{count:,} by {source}" for source, count in profile.others.items()]
        yield f"Members whom no set lists: {', '.join(counts)}."


def _values(schema: Schema, entry: ResourceEntry) -> dict[str, Any]:
    """Return the arguments as a program writes them, in the order that people read them in."""
    ordered = [*_FIRST, *(each.name for each in schema if each.name not in {*_FIRST, *_LAST}), *_LAST]
    return {n: _program_shape(schema[n].type, entry.arguments[n]) for n in ordered if n in entry.arguments}


def _program_shape(type_: FieldType, value: Any) -> Any:
    if isinstance(type_, SetOf) and isinstance(value, Mapping):
        return [_program_shape(type_.of, each) for _, each in sorted(value.items())]
    if isinstance(type_, ListOf) and isinstance(value, list):
        return [_program_shape(type_.of, each) for each in value]
    if isinstance(type_, Object) and isinstance(value, Mapping):
        inner = type_.schema
        return {each.name: _program_shape(each.type, value[each.name]) for each in inner if each.name in value}
    return value
