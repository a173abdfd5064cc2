"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import Any

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.findings import RULES, Finding, findings
from pulumi_veza.impact.rendering.options import Options
from pulumi_veza.impact.rendering.wording import headline

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(document: Document, options: Options) -> str:
    """Write one run; what belongs to no line is put at the first line of the project's file."""
    rules = [
        {
            "id": name,
            "shortDescription": {"text": description},
            "defaultConfiguration": {"level": level},
        }
        for name, (level, description) in RULES.items()
    ]
    run = {
        "tool": {"driver": {"name": "pulumi-veza impact", "version": version("pulumi-veza"), "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, options) for each in findings(document)],
        "properties": {"headline": headline(document), "stacks": [stack.name for stack in document.stacks]},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _result(finding: Finding, options: Options) -> dict[str, Any]:
    place = finding.place
    file = options.path(place) if place else "/".join(filter(None, [options.source_root.strip("/"), "Pulumi.yaml"]))
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": place.line if place else 1},
                }
            }
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(f"{finding.rule} {finding.key}".encode()).hexdigest()},
    }
