"""SARIF 2.1.0, for code scanning: at the line that declares the resource; what is excepted is suppressed."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import Any, Final

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.exceptions import NAME
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rendering.options import Options
from pulumi_veza.policies.rule import Level

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS: Final = {
    Level.MANDATORY: "error",
    Level.REMEDIATE: "error",
    Level.ADVISORY: "warning",
    Level.DISABLED: "none",
}


def render(report: Report, options: Options) -> str:
    """Write one run."""
    rules = [(rule.name, rule.description) for rule in report.rules]
    rules.append((NAME, "Exceptions have not expired, and allow something."))
    order = [name for name, _ in rules]
    run = {
        "tool": {
            "driver": {
                "name": "pulumi-veza policy check",
                "version": version("pulumi-veza"),
                "rules": [
                    {
                        "id": name,
                        "shortDescription": {"text": description},
                        "defaultConfiguration": {"level": _LEVELS[report.settings.level(name)]},
                    }
                    for name, description in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, finding, order.index(finding.rule), options) for finding in report.findings],
        "properties": {"summary": report.summary},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _result(report: Report, finding: Finding, index: int, options: Options) -> dict[str, Any]:
    file, line = options.path(finding.source)
    noted = finding.outcome in {Outcome.UNDECIDED, Outcome.NOTE}
    key = f"{finding.rule} {finding.urn or ''} {finding.message}"
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "kind": {Outcome.UNDECIDED: "open", Outcome.NOTE: "informational"}.get(finding.outcome, "fail"),
        "level": "none" if noted else _LEVELS[report.level(finding)],
        "message": {"text": finding.text},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}}},
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(key.encode()).hexdigest()},
    }
    if finding.urn:
        result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": finding.urn, "kind": "resource"}]
    if finding.excepted_by:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.excepted_by}]
    return result
