"""JUnit's XML, for build servers: a test case for every finding, and one for every rule without any."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from pulumi_veza.reports import glossary
from pulumi_veza.reports.findings import ReportedFinding, ReportedRule, ResultKind, Severity
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import visible

_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, however it is written."""


def render(
    suite_name: str,
    rules: Sequence[ReportedRule],
    findings: Iterable[ReportedFinding],
    options: RenderOptions,
    summary: str,
) -> str:
    """Render one suite: errors are failures, open and suppressed findings are skipped."""
    by_rule: defaultdict[str, list[ReportedFinding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule.name].append(finding)
    cases: list[ET.Element] = []
    for rule in rules:
        cases += [_case(finding, options) for finding in by_rule[rule.name]] or [_passed(rule)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": suite_name, **counts})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _writable(glossary.pointed(summary))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _passed(rule: ReportedRule) -> ET.Element:
    return ET.Element("testcase", {"classname": rule.name, "name": rule.description})


def _case(finding: ReportedFinding, options: RenderOptions) -> ET.Element:
    at = options.locate(finding.source)
    place = {"file": at.file, "line": str(at.line)}
    case = ET.Element("testcase", {"classname": finding.rule.name, "name": _writable(finding.name), **place})
    message = _writable(finding.message + options.inside(finding.source))
    if finding.suppression:
        reason = f"{finding.status}: {message} [{_writable(finding.suppression)}]"
        ET.SubElement(case, "skipped", {"message": reason})
    elif finding.kind is ResultKind.OPEN:
        ET.SubElement(case, "skipped", {"message": f"{finding.status}: {message}"})
    elif finding.severity is Severity.ERROR:
        ET.SubElement(case, "failure", {"message": message, "type": finding.status})
    else:
        ET.SubElement(case, "system-out").text = f"{finding.status}: {message}"
    return case


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", visible(text))
