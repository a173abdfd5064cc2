"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from pulumi_veza.reports import glossary
from pulumi_veza.reports.findings import ReportedFinding, ReportedRule, Source
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import visible

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render(
    command: str,
    rules: Sequence[ReportedRule],
    findings: Iterable[ReportedFinding],
    options: RenderOptions,
    properties: Mapping[str, Any],
) -> str:
    """Render one run of a command; ``rules`` lists those of the findings and may list more."""
    run = {
        "tool": {"driver": {"name": command, "version": version("pulumi-veza"), "rules": [*map(_rule, rules)]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule), options) for finding in findings],
        "properties": properties,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: ReportedRule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.description},
        "help": {"text": glossary.pointed(rule.help or rule.description)},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _location(at: Source, message: str = "") -> dict[str, Any]:
    said = {"message": {"text": message}} if message else {}
    return {"physicalLocation": {"artifactLocation": {"uri": at.file}, "region": {"startLine": at.line}}, **said}


def _result(finding: ReportedFinding, index: int, options: RenderOptions) -> dict[str, Any]:
    at = options.locate(finding.source)
    location = _location(at)
    if finding.urn:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.urn, "kind": "resource"}]
    fingerprint = hashlib.sha256(f"{finding.rule.name} {finding.key}".encode()).hexdigest()
    result: dict[str, Any] = {
        "ruleId": finding.rule.name,
        "ruleIndex": index,
        **({"kind": finding.kind.value} if finding.kind else {}),
        "level": finding.severity.value,
        "message": {"text": visible(finding.message)},
        "locations": [location],
        **({"relatedLocations": [_location(at.declared_at, "declares the resource")]} if at.declared_at else {}),
        "partialFingerprints": {"finding/v1": fingerprint},
    }
    if finding.suppression:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.suppression}]
    return result
