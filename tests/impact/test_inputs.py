"""What `impact`, `policy check` and `graph` make of previews: mixed, empty, cut off, broken, of an old engine."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from pulumi_veza.errors import VezaError
from pulumi_veza.graph.inheritance import graph
from pulumi_veza.graph.text import render
from pulumi_veza.impact import building
from pulumi_veza.impact.document import dump
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.planning import organisations
from pulumi_veza.plan.records import OURS
from pulumi_veza.policies import RULES, Level
from pulumi_veza.policies.checking import check
from pulumi_veza.policies.stack import Stack

COMMANDS = {
    "impact": (["impact"], "could not check: "),
    "policy check": (["policy", "check"], "could not check: "),
    "graph": (["graph"], "could not draw: "),
}
EMPTY = {
    "impact": "No change of access.",
    "policy check": f"{sum(rule.level is not Level.DISABLED for rule in RULES)} rules, 0 resources: 0 stopping",
    "graph": "no profiles",
}

pytestmark = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(name: str, text: str) -> tuple[int, str, str]:
    """Run a command on what comes from the standard input; nothing may be raised but its exit."""
    done = CliRunner().invoke(application, [*COMMANDS[name][0], "-"], input=text)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def state(kind: str, name: str, /, **inputs: Any) -> dict[str, Any]:
    """Write what the engine knows of a resource."""
    named = {"urn": f"urn:pulumi:dev::test::{OURS}{kind}::{name}", "type": f"{OURS}{kind}", "custom": True}
    return {**named, "id": f"id-{name}", "inputs": inputs, "outputs": inputs}


def step(op: str, old: Any, new: Any) -> dict[str, Any]:
    return {"op": op, "urn": (new or old)["urn"], "oldState": old, "newState": new}


def group(name: str) -> dict[str, Any]:
    return {f"Group ds/{name}": {"entity_type": "Group", "datasource_id": "ds", "entity_id": name}}


OPEN = state("AccessProfileType", "open", name="Open", allow_inherit_entities=True, allow_create_relationships=True)
BASE = state("AccessProfile", "base", name="Base", profile_type="id-open", state="RUNNING", entitlements=group("a"))
HEIR = state("AccessProfile", "heir", name="Heir", profile_type="id-open", inherits_from={"id-base": "id-base"})
WHO = {
    **state("MembershipSet", "who", profile_id="id-heir", version="current", identity_ids={"ada": "ada"}),
    "propertyDependencies": {"profile_id": [HEIR["urn"]], "identity_ids": None},
    # Nobody has been a member so far, so emptying the list takes nobody out.
    "outputs": {"profile_id": "id-heir", "version": "current", "identity_ids": {"ada": "ada"}, "members": {}},
    "stackTrace": [{"sourcePosition": "project:///__main__.py#9"}],
    "modified": "2030-01-01T00:00:00Z",
}
NOBODY = {**WHO, "inputs": {**WHO["inputs"], "identity_ids": {}}}
OURS_ALONE = [
    step("same", OPEN, OPEN),
    step("same", BASE, BASE),
    step("update", HEIR, {**HEIR, "inputs": {**HEIR["inputs"], "inherits_from": {}}}),
    step("update", WHO, NOBODY),
]


def others() -> list[dict[str, Any]]:
    """Return steps about resources that are not ours, of every operation: of other providers, and the engine's own."""
    steps = []
    for number, (op, type_) in enumerate(
        [
            ("create", "aws:s3/bucket:Bucket"),
            ("update", "random:index/randomPassword:RandomPassword"),
            ("delete", "kubernetes:core/v1:Secret"),
            ("same", "pulumi:providers:aws"),
            ("same", "pulumi:pulumi:Stack"),
            ("read", "azure-native:resources:ResourceGroup"),
            ("create", "pulumi-python:dynamic:Resource"),
            ("create", "acme:team:Component"),
        ]
    ):
        urn = f"urn:pulumi:dev::test::{type_}::other-{number}"
        known = {"urn": urn, "type": type_, "id": f"o-{number}", "inputs": {"profile_id": "id-heir", "deep": [[{}], 1]}}
        steps.append(
            {
                "op": op,
                "urn": urn,
                **({} if op == "create" else {"oldState": known}),
                **({} if op == "delete" else {"newState": {**known, "outputs": None}}),
            }
        )
    return steps


def preview(*steps: dict[str, Any], **more: Any) -> str:
    same = sum(each["op"] == "same" for each in steps)
    return json.dumps({"steps": list(steps), "duration": 1, "changeSummary": {"same": same}, **more})


def test_resources_of_other_providers_change_nothing_of_the_answer(name: str) -> None:
    alone, mixed = run(name, preview(*OURS_ALONE)), run(name, preview(*others(), *OURS_ALONE))
    assert mixed == alone
    assert (alone[0], alone[2]) == (0, "")
    assert "Heir" in alone[1] or name == "policy check"
    only = run(name, preview(*others()))
    assert (only[0], only[2]) == (0, "")
    assert EMPTY[name] in only[1]


@pytest.mark.parametrize("text", [preview(), json.dumps({"duration": 1, "changeSummary": {}})])
def test_an_empty_preview_is_an_empty_answer(name: str, text: str) -> None:
    code, printed, error = run(name, text)
    assert (code, error) == (0, "")
    assert EMPTY[name] in printed


OF_AN_OLD_ENGINE = preview({"op": "update", "urn": HEIR["urn"], "detailedDiff": None})
WHOLE = preview(*OURS_ALONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (WHOLE[:-1], "it is cut off"),
        (WHOLE[: len(WHOLE) // 2], "it is cut off"),
        (f"Previewing update (dev)\n{WHOLE}", "something else was written into it"),
        (OF_AN_OLD_ENGINE, "an engine that is too old"),
        ("[]", "is not a JSON object"),
        ("{}", "there are no steps in it"),
        ('{"sequence": 0}\n{"sequence": 1}\n', "stream of events"),
        (preview(OURS_ALONE[2], changeSummary={"same": 2}), "--show-sames"),
        (preview(diagnostics=[{"severity": "error", "message": "no such type"}]), "failed"),
        (json.dumps({"steps": {"op": "same"}}), ""),
        (json.dumps({"steps": [7]}), ""),
        (preview({**OURS_ALONE[0], "newState": {**OPEN, "inputs": ["name"]}}), ""),
        ('{"deployment": {"resources": 3}}', ""),
        ('{"deployment": {"reso', "it is cut off"),
        ("[" * 100_000, "is not JSON that can be read: it is nested too deeply"),
    ],
)
def test_what_is_no_whole_preview_ends_with_two_and_one_line(name: str, text: str, said: str) -> None:
    code, printed, error = run(name, text)
    assert (code, printed) == (2, "")
    assert error.startswith(f"{COMMANDS[name][1]}the standard input ")
    assert error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize("end", [1, 100, len(WHOLE) // 3, len(WHOLE) - 2])
def test_a_preview_that_is_cut_off_is_never_half_an_answer(name: str, end: int) -> None:
    assert run(name, WHOLE[:end])[:2] == (2, "")


STRANGE: list[Any] = [None, True, 7, -1.5, "", "x", [], ["x"], [[]], {}, {"x": {}}, {"op": "same"}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path to every value inside of one."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*path, key)
        yield from places(each, (*path, key))


def answered(name: str, text: str) -> str:
    """Return what a command answers, without the command line around it."""
    records = preview_json.preview(text)
    if name == "impact":
        return dump(building.build(records))
    if name == "policy check":
        return str(check(Stack(records), None, ()))
    before, after = organisations(records)
    return render(graph(after, before))


def test_a_preview_with_anything_replaced_by_anything_is_an_answer_or_an_error_of_one_line(name: str) -> None:
    whole, answers, refusals = json.loads(WHOLE), list[str](), list[str]()
    for path in places(whole):
        for strange in STRANGE:
            changed = copy.deepcopy(whole)
            inside = changed
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = strange
            try:
                answers.append(answered(name, json.dumps(changed)))
            except VezaError as error:
                refusals.append(str(error))
    assert all(len(each.splitlines()) == 1 for each in refusals)
    assert all(answers)
    assert len(answers) > 200
    assert len(refusals) > 200
