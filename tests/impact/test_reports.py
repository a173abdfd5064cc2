"""What all reports share: places inside the repository, words, and the limits of annotations."""

from __future__ import annotations

import json

import pytest

from pulumi_veza.reports import sarif, words, workflow
from pulumi_veza.reports.findings import ReportedFinding, ReportedRule, ResultKind, Severity, Source
from pulumi_veza.reports.options import RenderOptions

RULE = ReportedRule("never", "It never happens.", Severity.WARNING, "It never happens")


def finding(severity: Severity, message: str = "it happened", **more: object) -> ReportedFinding:
    return ReportedFinding(RULE, severity, message, message, **more)  # type: ignore[arg-type]


def annotations(*findings: ReportedFinding) -> list[str]:
    return workflow.render("Total", findings, RenderOptions(), lambda left_out: f"{left_out} left out").splitlines()


@pytest.mark.parametrize(
    ("root", "file", "located"),
    [
        ("", "__main__.py", "__main__.py"),
        (".", "__main__.py", "__main__.py"),
        ("infra/veza/", "__main__.py", "infra/veza/__main__.py"),
        ("/infra", "teams/sales.py", "infra/teams/sales.py"),
        ("infra/veza", "../shared/teams.py", "infra/shared/teams.py"),
        ("infra", "../../outside.py", "../outside.py"),
        ("infra", "/usr/lib/teams.py", "/usr/lib/teams.py"),
    ],
)
def test_a_source_is_located_inside_the_repository(root: str, file: str, located: str) -> None:
    assert RenderOptions(source_root=root).locate(Source(file, 7)) == Source(located, 7)


def test_a_finding_without_a_source_is_located_at_the_project_file() -> None:
    assert RenderOptions(source_root="infra").locate(None) == Source("infra/Pulumi.yaml", 1)
    (run,) = json.loads(sarif.render("tool", [RULE], [finding(Severity.WARNING)], RenderOptions(), {}))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "Pulumi.yaml"}, "region": {"startLine": 1}}


def test_people_are_counted_with_their_verb() -> None:
    assert [words.people_who(count, "lose") for count in (1, 2, 2000)] == [
        "1 person loses",
        "2 people lose",
        "2,000 people lose",
    ]


def test_errors_are_annotated_first_and_suppressed_findings_never() -> None:
    suppressed = finding(Severity.ERROR, "excepted", suppression="somebody")
    assert annotations(
        finding(Severity.WARNING), suppressed, finding(Severity.ERROR, "stop", source=Source("a", 2))
    ) == [
        "::error file=a,line=2,title=It never happens::stop",
        "::warning title=It never happens::it happened",
        "::notice title=Total::0 left out",
    ]


def test_an_open_question_is_annotated_with_its_status() -> None:
    asked = finding(Severity.NONE, kind=ResultKind.OPEN, status="undecided")
    assert annotations(asked)[0] == "::notice title=It never happens::undecided: it happened"


def test_each_level_has_as_many_annotations_as_are_shown_the_summary_included() -> None:
    lines = annotations(*[finding(severity) for severity in Severity for _ in range(20)])
    counts = {
        command: sum(line.startswith(f"::{command} ") for line in lines) for command in ("error", "warning", "notice")
    }
    assert counts == dict.fromkeys(counts, workflow.SHOWN)
    assert lines[-1] == "::notice title=Total::51 left out"
