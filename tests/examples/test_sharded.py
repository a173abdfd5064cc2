"""The example of one stack for each domain: what belongs where, and how its runs are told."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.examples.test_documentation import block
from tests.examples.test_github_actions import PINNED, steps_of

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "sharded"
MODULES = ("organisation", "sharding", "deploy")


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import modules of the example, as its program does."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in ("PROFILES", "DOMAINS", "MEMBERS"):
        monkeypatch.delenv(f"ORGANISATION_{name}", raising=False)
    yield importlib.import_module
    for name in MODULES:
        sys.modules.pop(name, None)


def where(example: Any) -> dict[str, str]:
    """Return the stack of each team, by the team's name."""
    sharding = example("sharding")
    return {team.name: sharding.stack_of(team) for team in sharding.teams()}


def test_every_team_is_in_one_stack_and_no_other_team_moves_when_one_comes(
    example: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = where(example)
    assert len(before) == 20
    assert set(before.values()) == set(example("sharding").shards()) == {"sales", "engineering", "finance", "support"}
    monkeypatch.setenv("ORGANISATION_PROFILES", "1003")
    after = where(example)
    assert len(after) == 1003
    assert {name: after[name] for name in before} == before
    monkeypatch.setenv("ORGANISATION_DOMAINS", "10")
    spread = where(example)
    assert {name: spread[name] for name in spread if name in after} == {
        name: after[name] for name in spread & after.keys()
    }
    assert "human-resources" in spread.values()
    assert example("sharding").TYPES not in spread.values()


def test_the_rule_takes_ten_lines() -> None:
    text = (EXAMPLE / "sharding.py").read_text()
    rule = text.partition("def stack_of")[2].partition("\n\n\n")[0]
    assert len(rule.splitlines()) <= 10


@pytest.mark.parametrize(("name", "value"), [("PROFILES", "0"), ("DOMAINS", "11"), ("MEMBERS", "-1"), ("MEMBERS", "x")])
def test_a_size_that_cannot_be_is_one_line(
    example: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"ORGANISATION_{name}", value)
    assert example("deploy").main(["up"]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"ORGANISATION_{name} is '{value}': write a number from ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--only", "selling"], "there is no stack selling; the stacks are types, engineering, finance, "),
        (["up", "--parallel", "0"], "--parallel is at least 1"),
        (["down"], "invalid choice"),
    ],
)
def test_a_wrong_command_line_starts_nothing(
    example: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        example("deploy").main(arguments)
    assert said in capsys.readouterr().err


def test_previews_are_not_kept_beside_those_of_stacks_that_are_gone(
    example: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "legal.json").write_text("{}")
    with pytest.raises(SystemExit, match="2"):
        example("deploy").main(["preview", "--save", str(tmp_path)])
    assert "has legal.json, which is of no stack: give an empty folder" in " ".join(capsys.readouterr().err.split())


def test_a_limit_of_requests_is_that_of_all_stacks_together(example: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = example("deploy").settings
    for name in ("PULUMI_SKIP_CHECKPOINTS", "VEZA_REQUESTS_PER_SECOND"):
        monkeypatch.delenv(name, raising=False)
    assert settings("sales", 4, report=False) == {"PULUMI_SKIP_CHECKPOINTS": "true"}
    assert settings("types", 4, report=False) == {}
    monkeypatch.setenv("VEZA_REQUESTS_PER_SECOND", "10")
    monkeypatch.setenv("PULUMI_SKIP_CHECKPOINTS", "false")
    assert settings("sales", 4, report=True) == {
        "PULUMI_SKIP_CHECKPOINTS": "false",
        "VEZA_REQUESTS_PER_SECOND": "2.5",
        "VEZA_GUARD": "report",
    }


def test_a_failure_is_told_by_what_the_engine_says_and_else_by_the_cli(example: Any) -> None:
    reasons = example("deploy").reasons_of
    assert reasons(["Veza: no\n", "error: update failed\n", "Veza: no\n"], "error: other") == ["Veza: no"]
    assert reasons(["error: update failed"], "Updating\nerror: the stack is locked\n  by x") == ["the stack is locked"]
    assert reasons([], "what\never") == ["what ever"]
    assert reasons([], "") == ["the CLI gave no reason"]


# The workflow

WORKFLOW = (EXAMPLE / "veza-sharded.yml").read_text()


def test_the_workflow_runs_every_stack_after_the_types_may_do_little_and_is_pinned(
    example: Any,
) -> None:
    workflow = yaml.safe_load(WORKFLOW)
    jobs = workflow["jobs"]
    shards = example("sharding").shards()
    assert jobs["preview"]["strategy"]["matrix"]["stack"] == ["types", *shards]
    assert jobs["domains"]["strategy"]["matrix"]["stack"] == shards
    assert (jobs["domains"]["needs"], jobs["types"]["env"]["PULUMI_STACK"]) == ("types", "types")
    *before, up = jobs["domains"]["steps"]
    # A type that a killed run has made is not found again on every tenant.
    assert up["env"].pop("PULUMI_SKIP_CHECKPOINTS") == "true"
    assert jobs["types"]["steps"] == [*before, up]
    assert workflow["permissions"] == {}
    for name, job in jobs.items():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 60
        assert job["concurrency"]["cancel-in-progress"] is (name in {"preview", "impact"})
        assert job.get("environment") == (None if name in {"preview", "impact"} else "production")
    used = re.findall(r"uses: (.*)", WORKFLOW)
    assert len(used) == sum("uses" in step for step in steps_of(workflow))
    assert [each for each in used if not re.fullmatch(PINNED, each)] == []
    for step in steps_of(workflow):
        assert "${{" not in step.get("run", "")


def test_the_readme_shows_the_rule_as_it_is() -> None:
    assert block((EXAMPLE / "README.md").read_text(), "rule") in (EXAMPLE / "sharding.py").read_text()


def test_the_page_on_scale_names_the_stacks_of_the_example(example: Any) -> None:
    page = (ROOT / "docs" / "scale.md").read_text()
    (written,) = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    said = yaml.safe_load(written)["spec"]
    organisation, project, stack = said["stack"].split("/")
    assert (organisation, project) == ("organization", yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text())["name"])
    assert stack in example("sharding").shards()
    assert [each["name"] for each in said["prerequisites"]] == [f"veza-{example('sharding').TYPES}"]
    assert set(said["envRefs"]) >= {"VEZA_URL", "VEZA_API_KEY", "PULUMI_CONFIG_PASSPHRASE"}
    assert f"--stack acme/{project}/{stack}" in page
