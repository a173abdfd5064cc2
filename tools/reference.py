"""Generate the tables of the documentation from the declarations in the code.

A table is between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``. Run this after a change of a declared field, a
setting, a policy rule, or a switch of the simulator; ``--check`` only checks whether the pages are up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from pulumi_veza.client.settings import SETTINGS
from pulumi_veza.doctor.catalogue import CHECKS
from pulumi_veza.fields.field_types import Boolean, FieldType, JsonMapping, ListOf, Number, SetOf, String
from pulumi_veza.fields.schema import Field, Object, Schema
from pulumi_veza.fields.selector import Selector
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.rule import Rule
from pulumi_veza.reports.glossary import TERMS
from pulumi_veza.resources import SCHEMAS, inputs
from veza_simulator.faults import FaultRule
from veza_simulator.keys import Key
from veza_simulator.quirks import Quirks

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/doctor.md",
    "docs/glossary.md",
    "docs/guardrails.md",
    "docs/resources.md",
    "docs/simulator.md",
)
NESTED: tuple[type, ...] = (
    inputs.Entitlement,
    inputs.SyncIdentityAction,
    inputs.Condition,
    inputs.CreateEntitlement,
    inputs.AttributeTransformers,
    inputs.AttributeTransformer,
    inputs.CatalogItemInfo,
)
MARKED = re.compile(r"(<!-- begin (?P<name>[\w ]+) -->\n).*?(<!-- end (?P=name) -->)", re.DOTALL)

# A nested schema has no reference to the class that declares it, so its fields identify the class.
_NAMES = {Schema(each).names(): each.__name__ for each in NESTED}


def type_of(node: FieldType) -> str:
    """Return the type of a value in words, as Markdown."""
    simple = {Boolean: "boolean", Number: "whole number", JsonMapping: "mapping", Selector: "text or number"}
    match node:
        case String(choices=choices) if choices:
            return ", ".join(f"`{each}`" for each in choices)
        case String():
            return "text"
        case SetOf(of=of):
            return f"set of {type_of(of)}"
        case ListOf(of=of):
            return f"list of {type_of(of)}"
        case Object(schema=schema):
            name = _NAMES[schema.names()]
            return f"[{name}](#{name.lower()})"
        case _:
            return simple[type(node)]


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    for row in (list(heads), None, *rows):
        cells = ["---" for _ in heads] if row is None else [" ".join(cell.replace("|", "\\|").split()) for cell in row]
        yield f"| {' | '.join(cells)} |"


def arguments(schema: Schema) -> Iterator[str]:
    """Yield the table of a kind's arguments, or of a nested value's fields, required ones first."""
    fields = sorted(schema, key=lambda field: not field.required)
    yield from table(("Argument", "Type", "Default", "Meaning"), (_argument(field) for field in fields))


def _argument(field: Field) -> tuple[str, str, str, str]:
    default = "required" if field.required else code(field.input.default)
    meaning = field.input.doc
    if field.input.api:
        meaning += f" The API's `{field.input.api}`."
    return f"`{field.name}`", type_of(field.type), default, meaning


def code(value: object) -> str:
    """Return a default as code; an empty text for None."""
    if value is None:
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value!r}`".replace("'", '"')


def of_kind(schema: Schema) -> Iterator[str]:
    """Yield the tables of a kind's arguments and outputs."""
    yield from arguments(schema)
    yield ""
    yield from table(("Output", "Meaning"), ((f"`{name}`", out.doc) for name, out in schema.outputs.items()))


def nested() -> Iterator[str]:
    """Yield a heading, a description and a table for every nested value."""
    for each in NESTED:
        yield from (f"### {each.__name__}", "", " ".join((each.__doc__ or "").replace("``", "`").split()), "")
        yield from arguments(Schema(each))
        yield ""


def settings() -> Iterator[str]:
    """Yield the table of the settings."""
    yield from table(
        ("Stack configuration", "Environment", "Default", "Meaning"),
        (
            (
                f"`{each.config_name}`{' (secret)' if each.secret else ''}",
                f"`{each.env_name}`",
                "required" if each.required else code(each.default),
                each.documentation,
            )
            for each in SETTINGS
        ),
    )


def switches() -> Iterator[str]:
    """Yield the table of the simulator's switches."""
    yield from table(("Switch", "Default", "When it is on"), _pydantic(Quirks.model_fields))


def keys() -> Iterator[str]:
    """Yield the table of the fields of an API key of the simulator."""
    yield from table(("Field", "Default", "Meaning"), _pydantic(Key.model_fields))


def faults() -> Iterator[str]:
    """Yield the table of the fields of a fault's rule."""
    yield from table(("Field", "Default", "Meaning"), _pydantic(FaultRule.model_fields))


def rules() -> Iterator[str]:
    """Write the policy rules, each with its options."""
    rows = ((f"`{rule.name}`", rule.level.value, held(rule), _options(rule)) for rule in RULES)
    yield from table(("Rule", "Level", "What it holds", "Options, with their defaults"), rows)


def held(rule: Rule) -> str:
    """Return what a rule checks: its docstring without its first words."""
    checked = " ".join((rule.check.__doc__ or "").split()).removeprefix("Check that ")
    return f"{checked[:1].upper()}{checked[1:]}"


def _options(rule: Rule) -> str:
    listed = []
    for name, schema in rule.schema().items():
        default = json.dumps(schema.get("default", {} if schema.get("type") == "object" else None))
        listed.append(f"`{name}` (`{default}`): {schema['description']}")
    return "<br>".join(listed)


def _pydantic(fields: dict[str, FieldInfo]) -> Iterator[tuple[str, str, str]]:
    words: dict[object, str] = {None: "unset", "": "any"}
    for name, field in fields.items():
        default: Any = field.get_default(call_default_factory=True, validated_data={})
        default = list(default) if isinstance(default, tuple) else default
        shown = ("off", "on")[default] if isinstance(default, bool) else code(default)
        if default is None or default == "":
            shown = words[default]
        if field.is_required():
            shown = "required"
        choices = ", ".join(f"`{each}`" for each in _names_in(field.annotation))
        yield f"`{name}`", shown, f"{field.description} {f'One of {choices}.' if choices else ''}"


def _names_in(hint: Any) -> list[str]:
    """Return the values that a hint such as ``Literal["a", "b"] | None`` allows."""
    return [
        str(name) for each in get_args(hint) for name in ([each] if isinstance(each, str | int) else _names_in(each))
    ]


def checks() -> Iterator[str]:
    """Yield the table of the doctor's checks."""
    yield from table(("Check", "What it looks at"), ((f"`{each.id}`", each.looks_at) for each in CHECKS))


def glossary() -> Iterator[str]:
    """Yield the words of the reports."""
    for each in TERMS:
        yield from (f"**{each.word}**: {each.meaning}", "")


BLOCKS: dict[str, Callable[[], Iterator[str]]] = {
    **{name: partial(of_kind, schema) for name, schema in SCHEMAS.items()},
    "nested values": nested,
    "settings": settings,
    "switches": switches,
    "keys": keys,
    "faults": faults,
    "rules": rules,
    "checks": checks,
    "glossary": glossary,
}


def written(text: str) -> str:
    """Return a page with its tables generated anew."""
    return MARKED.sub(lambda found: found[1] + "\n".join(BLOCKS[found["name"]]()).rstrip() + "\n" + found[3], text)


def main() -> int:
    """Write the pages that have changed, or check them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the tables of the documentation from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a page is out of date")
    options = parser.parse_args()
    stale = [page for page in PAGES if written((ROOT / page).read_text()) != (ROOT / page).read_text()]
    if stale and options.check:
        print(f"Out of date: {', '.join(stale)}. Run `.venv/bin/python tools/reference.py`.", file=sys.stderr)
        return 1
    for page in stale:
        (ROOT / page).write_text(written((ROOT / page).read_text()))
        print(f"Written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
