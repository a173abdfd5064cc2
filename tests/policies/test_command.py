"""``pulumi-veza policy check`` and ``policy-pack``: what they print, and how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from pulumi_veza import policies
from pulumi_veza.cli.commands import application
from pulumi_veza.plan.records import Record
from pulumi_veza.policies import RULES, Level
from tests.policies.declared import deployed, gives, members, profile

MISSING = "no-such-file.yaml: No such file or directory; name a file of exceptions"
CREATE = profile("create", description="makes payments", entitlements=[gives("create")])
APPROVE = profile("approve", description="releases payments", entitlements=[gives("approve")])
DUTIES = {
    "separation-of-duties": {"conflicts": [{"name": "paying", "a": ["*/create"], "b": ["*/approve"]}]},
    "entitlement-count": {"max": 0},
}


ACTIVE = sum(rule.level is not Level.DISABLED for rule in RULES)
"""How many rules run unless a configuration says otherwise."""

pytestmark = pytest.mark.usefixtures("folder")


def step(record: Record, line: int = 7) -> dict[str, Any]:
    """Write a resource as a step of a preview."""

    def state(inputs: Any, outputs: Any) -> dict[str, Any]:
        return {
            "urn": record.urn,
            "type": record.type,
            "custom": True,
            "id": record.id,
            "inputs": inputs,
            "outputs": outputs,
            "propertyDependencies": record.property_dependencies,
            "stackTrace": [{"sourcePosition": f"project:///__main__.py#{line}"}],
        }

    written = {"op": record.op, "urn": record.urn, "newState": state(record.new_inputs, record.old_outputs)}
    return written if record.op == "create" else {**written, "oldState": state(record.old_inputs, record.old_outputs)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    create, approve = deployed(CREATE), deployed(APPROVE)
    both = deployed(members("n", approve, "ana"), identity_ids=["ana", "bo"])
    records = [create, approve, deployed(members("m", create, "ana", "bo")), both]
    steps = [step(each) for each in records]
    (tmp_path / "preview.json").write_text(json.dumps({"steps": steps, "changeSummary": {"same": 3, "update": 1}}))
    resources = [each["newState"] for each in steps]
    (tmp_path / "state.json").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    (tmp_path / "config.json").write_text(json.dumps(DUTIES))
    return tmp_path


def run(*arguments: str, input: str | None = None) -> tuple[int, str, str]:  # noqa: A002 - what goes in
    done = CliRunner().invoke(application, ["policy", "check", *arguments], input=input)
    return done.exit_code, done.stdout, done.stderr


def test_nothing_that_stops_ends_with_zero_and_what_stops_with_one(folder: Path) -> None:
    code, printed, _ = run("preview.json")
    assert (code, printed.splitlines()[-1]) == (
        0,
        f"{ACTIVE} rules, 4 resources: 0 stopping, 0 advisory, 0 undecided until up, 0 notes; 0 excepted",
    )
    code, printed, _ = run("preview.json", "--config", "config.json")
    assert code == 1
    assert printed.startswith("stops (1)\n  separation-of-duties __main__.py:7\n")
    assert "1 stopping, 2 advisory, 0 undecided until up, 1 note; 0 excepted" in printed
    assert run("-", "--config", "config.json", input=(folder / "preview.json").read_text())[0] == 1


def test_what_counts_is_chosen(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"entitlement-count": {"max": 0}}))
    ends = {
        each: run("preview.json", "--config", "config.json", "--fail-on", each)[0] for each in ("mandatory", "advisory")
    }
    assert ends == {"mandatory": 0, "advisory": 1}
    (folder / "config.json").write_text(json.dumps({"entitlement-count": {"max": 0, "enforcementLevel": "mandatory"}}))
    assert run("preview.json", "--config", "config.json", "--fail-on", "never")[0] == 0


def test_of_what_is_deployed_every_conflict_is_present() -> None:
    code, printed, _ = run("state.json", "--config", "config.json")
    assert code == 1
    assert "whether it existed before is not known here" in " ".join(printed.split())


def test_exceptions_are_read_from_the_folder_or_as_named_and_are_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = (
        "exceptions: [{rule: separation-of-duties, resource: n, owner: o, reason: r, ticket: T, expires: 2999-01-01}]"
    )
    (folder / "veza-exceptions.yaml").write_text(held)
    code, printed, _ = run("preview.json", "--config", "config.json")
    assert code == 0
    assert "1 excepted (separation-of-duties 1)" in printed
    monkeypatch.setenv("PULUMI_VEZA_EXCEPTIONS", "no-such-file.yaml")
    code, _, said = run("preview.json", "--config", "config.json")
    assert (code, said) == (2, f"could not check: {MISSING}\n")
    (folder / "none.yaml").write_text("exceptions: []")
    assert run("preview.json", "--config", "config.json", "--exceptions", "none.yaml")[0] == 1


def test_junit_has_a_case_for_every_rule_and_finding() -> None:
    code, printed, _ = run("preview.json", "--config", "config.json", "--format", "junit")
    suite = ET.fromstring(printed)[0]  # noqa: S314 - it was written a moment ago
    assert code == 1
    assert suite.attrib["failures"] == "1"
    failed = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert [(case.get("classname"), case.get("name"), case.get("file")) for case in failed] == [
        ("separation-of-duties", "n", "__main__.py")
    ]
    assert len({case.get("classname") for case in suite.iter("testcase")}) == ACTIVE + 1


@pytest.mark.parametrize(("root", "prefix"), [("infra/", "infra/"), (".", "")])
def test_annotations_stand_at_the_lines_what_stops_first_and_end_with_the_totals(root: str, prefix: str) -> None:
    code, printed, _ = run("preview.json", "--config", "config.json", "--format", "annotations", "--source-root", root)
    assert code == 1
    first, advised, resolved, totals = printed.splitlines()
    at = f"file={prefix}__main__.py,line=7,title="
    assert first.startswith(f"::error {at}separation-of-duties%3A n::MembershipSet 'n' ")
    assert advised.startswith(
        f"::warning {at}entitlement-count%3A approve::AccessProfile 'approve' holds 1 entitlement"
    )
    assert advised.endswith(" (and 1 more alike: AccessProfile 'create')")
    assert resolved.startswith(f"::notice {at}separation-of-duties%3A ")
    assert totals == (
        f"::notice title=Policies::{ACTIVE} rules, 4 resources: "
        "1 stopping, 2 advisory, 0 undecided until up, 1 note; 0 excepted. "
        "What the words mean: pulumi-veza glossary"
    )


def test_no_more_annotations_are_written_than_are_shown_and_none_ends_early(folder: Path) -> None:
    many = [step(profile(f"p{n}\n::error::", entitlements=[gives(f"a{n}")]), n) for n in range(20)]
    (folder / "preview.json").write_text(json.dumps({"steps": many, "changeSummary": {"create": 20}}))
    (folder / "config.json").write_text(
        json.dumps({"forbidden-entitlements": {"enforcementLevel": "advisory", "patterns": ["*"]}})
    )
    _, printed, _ = run("preview.json", "--config", "config.json", "--format", "annotations")
    *shown, totals = printed.splitlines()
    assert len(shown) == 10
    assert all(line.startswith("::warning file=") for line in shown)
    assert "40 advisory" in totals
    assert totals.endswith("; 11 more are shown only by --format terminal. What the words mean: pulumi-veza glossary")


def test_findings_of_one_kind_are_one_line_with_their_count_and_every_one_of_them_where_a_machine_reads(
    folder: Path,
) -> None:
    # Their values differ, and what there is to do does not.
    many = [step(profile(f"p{n:02}", description="-" * n, entitlements=[gives("a")])) for n in range(12)]
    (folder / "preview.json").write_text(json.dumps({"steps": many, "changeSummary": {"create": 12}}))
    (folder / "config.json").write_text(
        json.dumps(
            {"entitlement-count": {"max": 0}, "description": {"enforcementLevel": "mandatory", "min_length": 12}}
        )
    )
    arguments = ["preview.json", "--config", "config.json"]
    code, printed, _ = run(*arguments)
    told = (
        "has a description of 0 characters, and 12 are the least; say in description what it is for and who may have it"
    )
    more = "and 11 more alike: AccessProfile 'p01', AccessProfile 'p02', AccessProfile 'p03' and 8 more"
    assert code == 1
    assert " ".join(printed.split()) == (
        f"stops (12) description __main__.py:7 AccessProfile 'p00' {told} {more}; --full lists all 12 to except it: - "
        "{rule: description, resource: p00, owner: ..., reason: ..., ticket: ..., expires: YYYY-MM-DD} "
        "advisory (12) entitlement-count __main__.py:7 AccessProfile 'p00' holds 1 entitlement, and 0 is the most; "
        f"split it into several profiles and let one inherit from them {more}; --full lists all 12 "
        f"{ACTIVE + 1} rules, 12 resources: 12 stopping, 12 advisory, 0 undecided until up, 0 notes; 0 excepted "
        "What the words mean: pulumi-veza glossary"
    )
    assert run(*arguments, "--full")[1].count("AccessProfile 'p") == 24
    stopping, advice, _ = run(*arguments, "--format", "annotations")[1].splitlines()
    assert stopping.endswith(f"{told} ({more}; `pulumi-veza policy check --full` lists all)")
    assert advice.startswith("::warning ")
    assert run(*arguments, "--format", "junit")[1].count('<testcase classname="description"') == 12
    sarif = json.loads(run(*arguments, "--format", "sarif")[1])
    assert len(sarif["runs"][0]["results"]) == 24


def test_of_a_program_like_the_quickstart_nothing_is_said_by_default(folder: Path) -> None:
    plain = [CREATE, APPROVE, profile("none"), members("m", CREATE, "ana")]
    steps = [step(each) for each in plain]
    (folder / "preview.json").write_text(json.dumps({"steps": steps, "changeSummary": {"create": 4}}))
    assert run("preview.json")[1] == (
        f"{ACTIVE} rules, 4 resources: 0 stopping, 0 advisory, 0 undecided until up, 0 notes; 0 excepted\n"
    )


def test_sarif_points_at_the_line_and_suppresses_what_is_excepted(folder: Path) -> None:
    held = (
        "exceptions: [{rule: separation-of-duties, resource: n, owner: o, reason: r, ticket: T, expires: 2999-01-01}]"
    )
    (folder / "veza-exceptions.yaml").write_text(held)
    arguments = ["preview.json", "--config", "config.json", "--format", "sarif", "--source-root", "infra/"]
    _, printed, _ = run(*arguments, "--output", "out.sarif")
    assert printed == ""
    written = (folder / "out.sarif").read_text()
    (excepted,) = [each for each in json.loads(written)["runs"][0]["results"] if "suppressions" in each]
    assert excepted["ruleId"] == "separation-of-duties"
    assert excepted["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/__main__.py"},
        "region": {"startLine": 7},
    }
    assert run(*arguments)[1] == written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.json"], "cannot read none.json"),
        (["config.json"], "is not what `pulumi preview --json` writes"),
        (["preview.json", "--config", "none.json"], "No such file"),
        (["preview.json", "--exceptions", "config.json"], "is not a file of exceptions"),
        (["preview.json", "--output", "none/there"], "cannot write"),
    ],
)
def test_what_cannot_be_checked_ends_with_two_and_one_line(arguments: list[str], said: str) -> None:
    code, printed, error = run(*arguments)
    assert (code, printed) == (2, "")
    assert error.startswith(("could not check: ", "cannot write "))
    assert error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize("arguments", [[], ["preview.json", "--format", "pdf"], ["preview.json", "--fail-on", "rain"]])
def test_a_wrong_command_ends_with_sixty_four(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 64


def test_the_folder_of_the_pack_is_printed() -> None:
    printed = CliRunner().invoke(application, ["policy-pack"]).stdout
    assert (Path(printed.strip()) / "PulumiPolicy.yaml").read_text().startswith("runtime: python")


def test_a_pack_without_the_exceptions_that_are_named_says_so_in_one_line() -> None:
    pack = Path(policies.__file__).parent / "pack"
    environment = {**os.environ, "PULUMI_VEZA_EXCEPTIONS": "no-such-file.yaml"}
    done = subprocess.run([sys.executable, pack], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (1, f"pulumi-veza: {MISSING}\n")
