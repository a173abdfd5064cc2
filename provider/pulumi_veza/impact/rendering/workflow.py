"""Workflow commands of GitHub Actions: they put a message at a line of the pull request."""

from __future__ import annotations

from collections import Counter

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.findings import RULES, Finding, findings
from pulumi_veza.impact.rendering.options import Options
from pulumi_veza.impact.rendering.wording import headline

SHOWN = 10
"""GitHub shows that many annotations of each level of a step, and drops the rest without a word."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(document: Document, options: Options) -> str:
    """Write one command a line, the gravest first; the last one says it all in a sentence."""
    lines = []
    count: Counter[str] = Counter()
    for finding in findings(document):
        count[finding.level] += 1
        # One place among the notices is kept for the sentence at the end.
        if count[finding.level] <= SHOWN - (finding.level == "note"):
            lines.append(_command(finding, options))
    left_out = sum(max(0, number - SHOWN + (level == "note")) for level, number in count.items())
    said = headline(document) + (f" {left_out} more findings are in the comment." if left_out else "")
    lines.append(f"::notice title=Access impact::{_data(said)}")
    return "\n".join(lines) + "\n"


def _command(finding: Finding, options: Options) -> str:
    title = RULES[finding.rule][1].rstrip(".")
    place = finding.place
    where = f"file={_property(options.path(place))},line={place.line}," if place else ""
    return f"::{_COMMANDS[finding.level]} {where}title={_property(title)}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
