"""The page about drift shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from pulumi_veza.drift.document import DriftDocument
from pulumi_veza.drift.rendering import FORMATS
from pulumi_veza.policies.drift_rules import DESCRIPTIONS
from pulumi_veza.policies.exceptions import Entry
from pulumi_veza.reports.options import RenderOptions
from tests.drift import company
from tests.drift.compared import TODAY, of_program
from tests.support.runs import Runs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "drift.md"
IGNORED = [
    Entry(rule=rule, resource=resource, owner="ana", reason="agreed", ticket="GOV-1", expires=TODAY)
    for rule, resource in (
        ("unmanaged-type", "By hand"),
        ("member-added-by-hand", "audited"),
    )
]
PROFILES = Entry(
    rule="unmanaged-profile", resource="Hand*", owner="ana", reason="agreed", ticket="GOV-1", expires=TODAY
)


def printed(document: DriftDocument) -> str:
    text = FORMATS["terminal"](document, RenderOptions(width=125))
    return text.replace(document.tenant, "https://acme.vezacloud.com")


def shown(marker: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n```\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found, f"{PAGE.name} has no block {marker!r}"
    return found[1]


def test_the_output_on_the_page_is_real(runs: Runs) -> None:
    engine = company.deployed(runs)
    assert printed(of_program(engine, company.declared(), exceptions=[*IGNORED, PROFILES])) == shown("quiet")
    runs.tenant.edit_profile("CRM", description="By hand")
    runs.tenant.change_members("CRM", add=["dora"])
    runs.tenant.change_members("Desk", remove=["carl"])
    assert printed(of_program(engine, company.declared(), exceptions=IGNORED)) == shown("found")


def test_every_rule_is_on_the_page() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", PAGE.read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert {rule.value for rule in DESCRIPTIONS} <= named
