"""The document and its renderings: a published schema, valid reports, and one line when all is well."""

from __future__ import annotations

import json
import re
from importlib import resources
from xml.etree import ElementTree as ET

import pytest

from pulumi_veza.drift.document import KIND, DriftDocument
from pulumi_veza.drift.failing import CONDITIONS
from pulumi_veza.drift.rendering import FORMATS
from pulumi_veza.errors import UnknownConditionError, UnusableFileError
from pulumi_veza.policies.drift_rules import DESCRIPTIONS, DriftRule
from pulumi_veza.policies.exceptions import Entry
from pulumi_veza.reports.failing import reasons
from pulumi_veza.reports.options import RenderOptions
from tests.drift import company
from tests.drift.compared import TODAY, of_state
from tests.impact.small_engine import Engine
from tests.support.runs import Runs

PUBLISHED = resources.files("pulumi_veza.drift") / "schema-v1.json"
EVERYTHING_ELSE = [
    Entry(rule=rule, resource="*", owner="ana", reason="agreed", ticket="GOV-1", expires=TODAY)
    for rule in ("unmanaged-profile", "unmanaged-type", "member-added-by-hand")
]


@pytest.fixture
def engine(runs: Runs) -> Engine:
    return company.deployed(runs)


@pytest.fixture
def document(engine: Engine) -> DriftDocument:
    company.changed_by_hand(engine.runs.tenant)
    return of_state(engine, EVERYTHING_ELSE[:1])


def test_one_line_is_all_that_is_said_when_all_is_well(engine: Engine) -> None:
    quiet = of_state(engine, EVERYTHING_ELSE)
    assert FORMATS["terminal"](quiet, RenderOptions()) == (
        "No drift; 8 resources compared, 4 of 6 profiles managed (67 %); 3 findings are ignored by exceptions.\n"
    )
    assert "Ignored by exceptions (3)" in FORMATS["terminal"](quiet, RenderOptions(full=True))
    assert "Role" in FORMATS["terminal"](quiet, RenderOptions(full=True))
    assert FORMATS["annotations"](quiet, RenderOptions()).count("\n") == 1


def test_the_terminal_shows_each_row_with_its_steps_and_what_is_managed(document: DriftDocument) -> None:
    text = FORMATS["terminal"](document, RenderOptions(width=200))
    assert text.startswith(
        "1 object is gone; 2 changes of content were made by hand; 2 people are listed and no member; 4 members were "
        "added by hand; 4 attributes were changed by hand; 1 member is of unknown source; 1 list of content is "
        "unmanaged; 1 type is unmanaged; 1 finding is ignored by exceptions.\nStack test/dev, tenant http://"
    )
    assert "AccessProfile 'crm' ('CRM'): labels: 'vip' was taken out by hand\n    adopt: take 'vip' out of" in text
    assert re.search(r"Role +3 of 3 \(100 %\) +2 of 6 \(33 %\), 1 more by policies", text)
    assert "Hand [made]" not in text


def test_the_published_schema_is_that_of_the_document_and_a_saved_one_renders_alike(document: DriftDocument) -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == KIND.schema()
    for render in FORMATS.values():
        assert render(KIND.load(KIND.dump(document)), RenderOptions()) == render(document, RenderOptions())
    with pytest.raises(UnusableFileError, match="the document is no drift document: write one with `pulumi-veza diff"):
        KIND.load('{"format": "pulumi-veza-impact"}')
    with pytest.raises(UnusableFileError, match="is a drift document of version 2, and this pulumi-veza reads version"):
        KIND.load('{"format": "pulumi-veza-drift", "version": 2}')


def test_sarif_has_a_result_for_each_row_with_a_stable_fingerprint(document: DriftDocument) -> None:
    (run,) = json.loads(FORMATS["sarif"](document, RenderOptions()))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [rule.value for rule in DriftRule] == [rule.value for rule in DESCRIPTIONS]
    results = run["results"]
    assert [each["ruleId"] for each in results] == [row.rule.value for row in document.rows]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in results)
    assert len({each["partialFingerprints"]["finding/v1"] for each in results}) == len(results)
    assert [each["ruleId"] for each in results if "suppressions" in each] == ["unmanaged-profile"]
    assert {each["level"] for each in results} == {"error", "warning", "note"}
    assert all(each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results)


def junit(document: DriftDocument, *fail_on: str) -> tuple[ET.Element, set[str | None]]:
    """Return JUnit's suites, and the classes of the cases that fail."""
    options = RenderOptions(fail_on=CONDITIONS.parse(fail_on))
    suites = ET.fromstring(FORMATS["junit"](document, options))  # noqa: S314 - our own
    failed = [case.get("classname") for case in suites.iter("testcase") if case.find("failure") is not None]
    assert suites.get("failures") == str(len(failed))
    return suites, set(failed)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        (
            "drift",
            {"object-gone", "content-drift", "member-removed-by-hand", "member-added-by-hand", "attribute-drift"},
        ),
        ("unmanaged", {"unmanaged-content", "unmanaged-type"}),
        ("members", {"member-removed-by-hand", "member-added-by-hand", "member-of-unknown-source"}),
        ("not-applied,expired,unreadable,never,count>99", set()),
        ("count>15", {"--fail-on"}),
        ("coverage<70,coverage<1", {"--fail-on"}),
    ],
)
def test_junit_fails_where_the_command_does_and_nowhere_else(
    document: DriftDocument, fail_on: str, failing: set[str]
) -> None:
    _, failed = junit(document, fail_on)
    assert failed == failing
    assert bool(failed) == bool(reasons(document, CONDITIONS.parse([fail_on])))


def test_junit_fails_for_what_could_not_be_read_where_that_is_asked_for(engine: Engine) -> None:
    engine.runs.tenant.key(hidden_profiles=["CRM"])
    document = of_state(engine)
    assert "unreadable" not in junit(document, "any")[1]
    assert junit(document, "unreadable")[1] == {"unreadable"}


def test_junit_skips_what_is_ignored_and_passes_the_rules_without_a_row(document: DriftDocument) -> None:
    suites, failed = junit(document, "any")
    assert {row.rule.value for row in document.counting()} == failed
    assert [case.get("classname") for case in suites.iter("testcase") if case.find("skipped") is not None] == [
        "unmanaged-profile"
    ]
    assert suites.get("failures") == str(document.summary.open)
    assert "change-not-applied" in {case.get("classname") for case in suites.iter("testcase")} - failed


def test_a_name_without_end_takes_no_more_than_a_line_of_a_table_and_leaves_the_message_whole(engine: Engine) -> None:
    engine.runs.tenant.seed(types=[{"id": "t-long", "name": "T" * 1000}])
    engine.runs.tenant.seed(profiles=[{"id": "p-long", "name": "P" * 1000, "profile_type": "t-long"}])
    document = of_state(engine)
    for name in ("terminal", "markdown"):
        text = FORMATS[name](document, RenderOptions(width=200, full=True))
        assert f"{'P' * 60}...' (p-long): no resource manages it (RUNNING, of type '{'T' * 60}...')" in text
        assert "T" * 61 not in text.replace("T" * 200 + "*", "")
    # The next step names it by a pattern, as half a name is none.
    assert f"--name '{'P' * 200}*'`" in FORMATS["terminal"](document, RenderOptions(width=200, full=True))


@pytest.mark.parametrize("name", ["markdown", "markdown-plain"])
def test_markdown_keeps_to_its_budget_with_the_headline_whole(document: DriftDocument, name: str) -> None:
    whole = FORMATS[name](document, RenderOptions())
    assert "  - adopt: `write description='By hand' in AccessProfile 'crm'`" in whole
    assert "| Role | 3 of 3 (100 %) |" in whole
    small = FORMATS[name](document, RenderOptions(budget=1000))
    assert len(small.encode()) <= 1000
    assert small.startswith("### Drift: 1 object is gone; 2 changes of content were made by hand;")
    assert "<" not in FORMATS["markdown-plain"](document, RenderOptions())


def test_each_condition_is_met_by_what_it_names(document: DriftDocument, engine: Engine) -> None:
    def met(document: DriftDocument, *texts: str) -> list[str]:
        return [reason.partition(":")[0] for reason in reasons(document, CONDITIONS.parse(texts))]

    everything = "any,drift,members,unmanaged,not-applied,expired,unreadable,never,count>15,coverage<70"
    assert met(document, everything) == ["any", "drift", "members", "unmanaged", "count>15", "coverage<70"]
    assert met(document, "count>16", "coverage<60") == []
    engine.runs.tenant.key(hidden_profiles=["CRM"])
    assert met(of_state(engine), "unreadable", "not-applied") == ["unreadable"]
    with pytest.raises(UnknownConditionError, match=r"write any, drift, .*, never, count>N or coverage<P"):
        CONDITIONS.parse(["losses"])
    with pytest.raises(UnknownConditionError, match="--fail-on coverage<101: the limit is in percent; write one up to"):
        CONDITIONS.parse(["coverage<101"])
