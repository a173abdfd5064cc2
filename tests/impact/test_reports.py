"""What all reports share: places inside the repository, words, and the limits of annotations."""

from __future__ import annotations

import json

import pytest

from pulumi_veza.impact import building, failing
from pulumi_veza.impact.document import Summary
from pulumi_veza.reports import glossary, sarif, words, workflow
from pulumi_veza.reports.failing import reasons
from pulumi_veza.reports.findings import ReportedFinding, ReportedRule, ResultKind, Severity, Source
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.rules import wording
from pulumi_veza.rules.removal_guard import GuardOptions, Removal, judge

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


@pytest.mark.parametrize(("conflicts", "said"), [(1, "there is 1 conflict"), (6, "there are 6 conflicts")])
def test_one_conflict_is_and_several_are(conflicts: int, said: str) -> None:
    summary = Summary.model_validate(dict.fromkeys(Summary.model_fields, 0) | {"rows": {}, "conflicts": conflicts})
    document = building.build([]).model_copy(update={"summary": summary})
    assert reasons(document, failing.CONDITIONS.parse(["conflicts"])) == {"conflicts": said}


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (
            ["ana"],
            "would remove 1 of 1 member of access profile p: ana; nobody may be removed without a confirmation, so the "
            "guard refuses it; if that person is to",
        ),
        (
            ["ana", "bob"],
            "would remove 2 of 2 members of access profile p: ana, bob; nobody may be removed without a confirmation, "
            "so the guard refuses it; if all of",
        ),
    ],
)
def test_one_person_is_not_counted_as_several(people: list[str], said: str) -> None:
    options = GuardOptions(max_removal_percent=100, max_removals=0, allow_emptying=True)
    verdict = judge(Removal("p", frozenset(people), len(people), empties=True), options)
    assert wording.guard_refusal(verdict, {}, "access profile p").startswith(said)


def test_errors_are_annotated_first_and_suppressed_findings_never() -> None:
    suppressed = finding(Severity.ERROR, "excepted", suppression="somebody")
    assert annotations(
        finding(Severity.WARNING), suppressed, finding(Severity.ERROR, "stop", source=Source("a", 2))
    ) == [
        "::error file=a,line=2,title=It never happens::stop",
        "::warning title=It never happens::it happened",
        f"::notice title=Total::0 left out. {glossary.POINTER}",
    ]


def test_findings_at_one_line_are_one_annotation_that_names_all_and_quotes_some() -> None:
    loop = Source("__main__.py", 13, Source("company/teams.py", 9))
    alike = [finding(Severity.WARNING, f"{n} lost", source=loop, name=f"Set '{n}'") for n in range(7)]
    other = finding(Severity.WARNING, "lost", source=Source("__main__.py", 14), name="Set 'x'")
    first, second, total = annotations(*alike[:3], other, *alike[3:])
    head, *quoted, rest = first.split("%0A")
    assert head == (
        "::warning file=__main__.py,line=13,title=It never happens%3A 7 resources::7 findings at this line: "
        "Set '0', Set '1', Set '2', Set '3', Set '4', Set '5', Set '6'"
    )
    assert quoted == [f"{n} lost (declared in company/teams.py:9)" for n in range(5)]
    assert rest == "... and 2 more"
    assert second == "::warning file=__main__.py,line=14,title=It never happens%3A Set 'x'::lost"
    assert total == f"::notice title=Total::2 left out. {glossary.POINTER}"


def test_sarif_adds_the_line_inside_of_a_component() -> None:
    place = Source("__main__.py", 13, Source("teams.py", 9))
    options = RenderOptions(source_root="infra")
    text = sarif.render("tool", [RULE], [finding(Severity.WARNING, source=place)], options, {})
    (result,) = json.loads(text)["runs"][0]["results"]
    (inner,) = result["relatedLocations"]
    uris = [each["physicalLocation"]["artifactLocation"]["uri"] for each in (*result["locations"], inner)]
    assert uris == ["infra/__main__.py", "infra/teams.py"]
    assert inner["message"] == {"text": "declares the resource"}


def test_an_open_question_is_annotated_with_its_status() -> None:
    asked = finding(Severity.NONE, kind=ResultKind.OPEN, status="undecided")
    assert annotations(asked)[0] == "::notice title=It never happens::undecided: it happened"


def test_each_level_has_as_many_annotations_as_are_shown_the_summary_included() -> None:
    lines = annotations(*[finding(severity) for severity in Severity for _ in range(20)])
    counts = {
        command: sum(line.startswith(f"::{command} ") for line in lines) for command in ("error", "warning", "notice")
    }
    assert counts == dict.fromkeys(counts, workflow.SHOWN)
    assert lines[-1] == f"::notice title=Total::51 left out. {glossary.POINTER}"
