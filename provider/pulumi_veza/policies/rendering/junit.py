"""JUnit's XML, for build servers: a test case for every rule, and one for every finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.exceptions import NAME
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rendering.options import Options

_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, however it is written."""


def render(report: Report, options: Options) -> str:
    """Write one suite: what stops is a failure; what is undecided or excepted is skipped, with the reason."""
    cases: list[ET.Element] = []
    described = [(rule.name, rule.description) for rule in report.rules]
    described.append((NAME, "Exceptions have not expired, and allow something."))
    for name, description in described:
        findings = [finding for finding in report.findings if finding.rule == name]
        cases += _cases(report, name, description, findings, options)
    skipped = sum(case.find("skipped") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(len(report.stopping)), "errors": "0", "skipped": str(skipped)}
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": "pulumi-veza policies", **counts})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _writable(report.summary)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _cases(
    report: Report, name: str, description: str, findings: Sequence[Finding], options: Options
) -> list[ET.Element]:
    if not findings:
        return [ET.Element("testcase", {"classname": name, "name": description})]
    found = []
    for finding in findings:
        file, line = options.path(finding.source)
        title = _writable(finding.resource or "the stack")
        case = ET.Element("testcase", {"classname": name, "name": title, "file": file, "line": str(line)})
        message = _writable(finding.text)
        if report.stops(finding):
            ET.SubElement(case, "failure", {"message": message, "type": report.level(finding).value})
        elif finding.outcome in {Outcome.UNDECIDED, Outcome.EXCEPTED}:
            reason = f" [{finding.excepted_by}]" if finding.excepted_by else ""
            ET.SubElement(case, "skipped", {"message": f"{finding.outcome.value}: {message}{_writable(reason)}"})
        else:
            ET.SubElement(case, "system-out").text = f"{_said(finding)}: {message}"
        found.append(case)
    return found


def _said(finding: Finding) -> str:
    return "advisory" if finding.outcome is Outcome.VIOLATION else finding.outcome.value


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
