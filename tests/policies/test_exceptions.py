"""Exceptions and settings: what is allowed until when, and how strictly the rest is enforced."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from pulumi_veza.errors import UnusableFileError
from pulumi_veza.policies.checking import check
from pulumi_veza.policies.exceptions import Entry, load
from pulumi_veza.policies.findings import Outcome
from pulumi_veza.policies.rule import Level
from pulumi_veza.policies.settings import PackSettings, parse
from pulumi_veza.policies.settings import load as load_settings
from pulumi_veza.policies.stack import Stack
from tests.policies.declared import gives, members, profile

TODAY = datetime.date(2026, 6, 1)
DUTIES = parse(
    {
        "all": "disabled",
        "separation-of-duties": {
            "enforcementLevel": "mandatory",
            "conflicts": [{"name": "paying", "a": ["*/create"], "b": ["*/approve"]}],
        },
        "exceptions": "advisory",
    },
    "the test",
)
CREATE = profile("create", entitlements=[gives("create")])
APPROVE = profile("approve", entitlements=[gives("approve")])
STACK = Stack([CREATE, APPROVE, members("m", CREATE, "ana", "bo"), members("n", APPROVE, "ana", "bo")])


def entry(**more: object) -> Entry:
    given = {
        "rule": "separation-of-duties",
        "resource": "m",
        "owner": "cfo@example.com",
        "reason": "small team",
        "ticket": "GOV-1",
        "expires": TODAY,
    }
    return Entry.model_validate({**given, **more})


def test_an_exception_allows_a_finding_until_the_end_of_its_last_day_and_the_total_is_said() -> None:
    report = check(STACK, DUTIES, [entry()], today=TODAY)
    assert [each.outcome for each in report.findings] == [Outcome.EXCEPTED]
    assert report.findings[0].excepted_by == "cfo@example.com, GOV-1, until 2026-06-01: small team"
    assert report.stopping == []
    assert report.summary.endswith("1 excepted (separation-of-duties 1)")
    assert check(STACK, DUTIES, today=TODAY).summary.endswith("0 excepted")


def test_an_expired_exception_allows_nothing_and_is_a_finding() -> None:
    report = check(STACK, DUTIES, [entry()], today=TODAY + datetime.timedelta(days=1))
    assert [(each.rule, each.outcome) for each in report.findings] == [
        ("separation-of-duties", Outcome.VIOLATION),
        ("exceptions", Outcome.VIOLATION),
    ]
    assert "expired on 2026-06-01, and 1 finding counts again" in report.findings[1].text
    assert [each.rule for each in report.stopping] == ["separation-of-duties"]


def test_an_unused_exception_is_a_finding_unless_its_rule_did_not_look() -> None:
    def unused(**more: object) -> list[str]:
        return [each.text for each in check(STACK, DUTIES, [entry(**more)], today=TODAY).findings if not each.urn]

    assert unused(resource="gone") == [
        "the exception of cfo@example.com (GOV-1) from separation-of-duties for 'gone' allows nothing any more; take "
        "it out"
    ]
    assert unused(rule="naming", resource="gone") == []


def test_an_exception_for_one_person_leaves_the_others() -> None:
    report = check(STACK, DUTIES, [entry(people=["ana"])], today=TODAY)
    assert [(each.outcome, each.people) for each in report.findings] == [
        (Outcome.VIOLATION, ("bo",)),
        (Outcome.EXCEPTED, ("ana",)),
    ]


@pytest.mark.parametrize("resource", ["m", "?", "*::m", STACK.records[2].urn])
def test_a_resource_is_named_by_name_urn_or_pattern(resource: str) -> None:
    assert check(STACK, DUTIES, [entry(resource=resource)], today=TODAY).stopping == []


def test_a_file_of_exceptions_is_read(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(
        "exceptions:\n- {rule: naming, resource: x, owner: a, reason: b, ticket: T-1, expires: 2027-01-31}\n"
    )
    (held,) = load(file)
    assert held.expires == datetime.date(2027, 1, 31)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exceptions: [", "is not YAML: "),
        ("", "is not a file of exceptions: "),
        ("exceptions:\n- {rule: naming, resource: x}\n", "exceptions.0.owner: Field required (and 3 more)"),
        (
            "exceptions:\n- {rule: a, resource: x, owner: a, reason: b, ticket: T, expires: soon}\n",
            "exceptions.0.expires: ",
        ),
        (
            "exceptions:\n- {rule: a, resource: x, owner: a, reason: b, ticket: T, expires: 2027-01-31, until: 1}\n",
            "exceptions.0.until: Extra inputs are not permitted",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_in_one_line_what_to_correct(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)
    with pytest.raises(UnusableFileError) as refused:
        load(file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(UnusableFileError, match="No such file"):
        load(tmp_path / "none.yaml")


def test_levels_and_options_are_read_in_the_engines_format(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"naming": {"enforcementLevel": "mandatory", "pattern": "x"}, "all": "disabled"}))
    settings = load_settings(file)
    assert [rule.name for rule in settings.active] == ["naming"]
    assert PackSettings().level("ownership") is Level.MANDATORY
    report = check(Stack([profile("p")]), settings)
    assert [each.rule for each in report.stopping] == ["naming"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"namign": "advisory"}, "there is no rule 'namign'; did you mean 'naming'?"),
        ({"naming": "strict"}, "'strict' is no enforcementLevel; write one of advisory, mandatory"),
        (
            {"naming": {"patern": "x"}},
            "naming: there is no option 'patern'; did you mean 'pattern'? The options are pattern, ",
        ),
        ({"naming": {"zzz": "x"}}, "naming: there is no option 'zzz'; the options are pattern, "),
        ({"naming": {"pattern": "("}}, "is no regular expression"),
        ({"entitlement-count": {"max": "many"}}, "entitlement-count: max: "),
        ({"notes": {"loud": True}}, "notes has no options"),
    ],
)
def test_settings_that_cannot_be_used_say_what_to_correct(data: dict[str, object], said: str) -> None:
    with pytest.raises(UnusableFileError) as refused:
        parse(data, "the test")  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_settings_of_one_rule_count_wherever_all_stands() -> None:
    for data in ({"all": "advisory", "naming": "mandatory"}, {"naming": "mandatory", "all": "advisory"}):
        settings = parse(data, "the test")
        assert (settings.level("naming"), settings.level("ownership")) == (Level.MANDATORY, Level.ADVISORY)
