"""JUnit's XML, for build servers: a test case for every finding, and one for every rule without any."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    totals: Mapping[str, str | None] | None = None,
) -> str:
    """Render one suite: what the command fails for are failures, open and suppressed findings are skipped.

    Args:
        suite_name: The name of the suite.
        rules: The rules, each with a case at least.
        findings: The findings, each a case.
        options: The options of the rendering.
        summary: The headline of the whole.
        totals: The conditions of ``--fail-on`` about no finding by itself, each with the reason why it is met or None.

    """
    by_rule: defaultdict[str, list[ReportedFinding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule.name].append(finding)
    cases: list[ET.Element] = []
    for rule in rules:
        cases += [_case(finding, options) for finding in by_rule[rule.name]] or [_passed(rule)]
    cases += [_total(condition, reason) for condition, reason in (totals or {}).items()]
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


def _total(condition: str, reason: str | None) -> ET.Element:
    case = ET.Element("testcase", {"classname": "--fail-on", "name": condition})
    if reason:
        ET.SubElement(case, "failure", {"message": _writable(reason), "type": "--fail-on"})
    return case


def _case(finding: ReportedFinding, options: RenderOptions) -> ET.Element:
    at = options.locate(finding.source)
    place = {"file": at.file, "line": str(at.line)}
    case = ET.Element("testcase", {"classname": finding.rule.name, "name": _writable(finding.name), **place})
    message = _writable(finding.message + options.inside(finding.source))
    if finding.suppression:
        reason = f"{finding.status}: {message} [{_writable(finding.suppression)}]"
        ET.SubElement(case, "skipped", {"message": reason})
    elif finding.fails or (finding.fails is None and finding.severity is Severity.ERROR):
        ET.SubElement(case, "failure", {"message": message, "type": finding.status})
    elif finding.kind is ResultKind.OPEN:
        ET.SubElement(case, "skipped", {"message": f"{finding.status}: {message}"})
    else:
        ET.SubElement(case, "system-out").text = f"{finding.status}: {message}"
    return case


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", visible(text))
