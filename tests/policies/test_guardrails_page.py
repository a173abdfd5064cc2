"""docs/guardrails.md says what is so: the table is what the catalogue declares, the files are accepted as written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pulumi_veza.policies import Outcome, Stack, exceptions, settings
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.rule import Rule
from tests.policies.declared import profile

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guardrails.md").read_text()


def block(marker: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, marker
    return found[1]


def table() -> str:
    """Write the table of the rules."""
    lines = ["| Rule | Level | What it holds | Options, with their defaults |", "| --- | --- | --- | --- |"]
    for rule in RULES:
        options = "<br>".join(_option(name, schema) for name, schema in rule.schema().items())
        lines.append(f"| `{rule.name}` | {rule.level.value} | {_holds(rule)} | {options} |")
    return "\n".join(lines)


def _holds(rule: Rule) -> str:
    found = " ".join((rule.check.__doc__ or "").split()).removeprefix("Check that ")
    return found[:1].upper() + found[1:]


def test_the_docstring_of_every_rule_begins_in_one_way() -> None:
    for rule in RULES:
        assert (rule.check.__doc__ or "").startswith("Check that "), rule.check.__qualname__


def _option(name: str, schema: dict[str, Any]) -> str:
    default = schema.get("default", {} if schema.get("type") == "object" else None)
    shown = json.dumps(default).replace("|", "\\|")
    return f"`{name}` (`{shown}`): {schema['description']}"


def test_the_table_is_what_the_rules_declare() -> None:
    found = re.search(r"<!-- begin rules -->\n(.*?)\n?<!-- end rules -->", PAGE, re.DOTALL)
    assert found
    assert found[1] == table(), f"write this between the marks:\n{table()}"


def test_the_files_of_the_page_are_accepted_as_written(tmp_path: Path) -> None:
    for marker in ("configuration", "remediation"):
        settings.parse(json.loads(block(marker)), marker)
    file = tmp_path / "veza-exceptions.yaml"
    file.write_text(block("exceptions"))
    (held,) = exceptions.load(file)
    assert held.people == ("id-karin.holm",)


def test_the_rule_of_the_page_finds_what_it_says() -> None:
    names: dict[str, Any] = {}
    exec(block("own rule"), names)  # noqa: S102 - it is the page's own program
    rule = names["rule"]
    found = list(rule.run(Stack([profile("a"), profile("b", custom_properties={"sponsor": "ana"})])))
    assert [(each.rule, each.outcome, each.text) for each in found] == [
        ("sponsored", Outcome.VIOLATION, "AccessProfile 'a' names no sponsor; add it to custom_properties")
    ]
