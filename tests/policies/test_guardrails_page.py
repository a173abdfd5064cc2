"""docs/guardrails.md says what is so: the table is what the catalogue declares, the files are accepted as written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tools import reference

from pulumi_veza.policies import Outcome, Stack, exceptions, settings
from pulumi_veza.policies.catalogue import RULES
from tests.policies.declared import profile

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guardrails.md").read_text()


def block(marker: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, marker
    return found[1]


def test_the_docstring_of_every_rule_begins_in_one_way() -> None:
    for rule in RULES:
        assert (rule.check.__doc__ or "").startswith("Check that "), rule.check.__qualname__


def test_the_table_is_what_the_rules_declare() -> None:
    assert reference.written(PAGE) == PAGE, "run tools/reference.py"
    for rule in RULES:
        assert f"| `{rule.name}` | {rule.level.value} | {reference.held(rule)} |" in PAGE


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
