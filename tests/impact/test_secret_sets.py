"""Membership sets whose lists are secret: what is not seen is said, and a refusal of it is a conflict all the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from pulumi_veza.impact import building
from pulumi_veza.plan.records import HIDDEN, OURS, Record
from pulumi_veza.rules.wording import WILL_BE_REFUSED
from tests.impact.stacks import members, of_type, profile

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}


def hidden(of: Record) -> Record:
    """Return a set whose list and members are secret."""
    secret = {"identity_ids": HIDDEN, "members": HIDDEN}
    new = {**of.new_inputs, "identity_ids": HIDDEN} if of.new_inputs else None
    return replace(of, old_inputs={**of.old, **secret}, old_outputs={**of.old, **secret}, new_inputs=new)


def test_who_loses_access_by_a_secret_set_that_vanishes_is_not_known() -> None:
    stack = [of_type(), profile("p", {}), hidden(members("p", ["ada"], None, name="sec"))]
    document = building.build(stack)
    (unknown,) = document.unknowns
    assert unknown.what == "p"
    assert unknown.reason == "who loses access is not known: whom MembershipSet 'sec' lists is secret"
    assert building.build([*stack[:2], members("p", [], None, name="sec")]).unknowns == []
    kept = hidden(members("p", ["ada"], None, name="sec", options={"on_destroy": "retain"}))
    assert building.build([*stack[:2], kept]).unknowns == []


def refusal(name: str, value: str) -> str:
    """Return the line of a preview that shows every refusal."""
    words = f"MembershipSet {name!r}"
    text = f'would remove 3 of 5 members of access profile id-p: [secret]; confirm with allow_removals="{value}"'
    return f"warning: {words}: {WILL_BE_REFUSED}{words} {text}\n\n"


def preview(*names: str, said: list[str], secret: bool = True) -> str:
    """Return a preview in which sets shrink to nobody."""
    steps = []
    for name in names:
        ids: Any = {who: who for who in ("ana", "bob", "carl")}
        base = {"urn": f"urn:pulumi:dev::test::{OURS}MembershipSet::{name}", "type": f"{OURS}MembershipSet"}
        inputs = {"profile_id": "id-p", "version": "current", "identity_ids": SECRET if secret else ids}
        persons = {who: {"id": who, "name": who, "source": None, "managed": True} for who in ids}
        outputs = {**inputs, "members": SECRET if secret else persons}
        old = {**base, "id": f"id-p/{name}", "inputs": inputs, "outputs": outputs}
        shrunk = {**inputs, "identity_ids": SECRET if secret else {}}
        steps.append({"op": "update", "urn": base["urn"], "oldState": old, "newState": {**old, "inputs": shrunk}})
    messages = [{"message": each, "severity": "info#err"} for each in said]
    return json.dumps({"steps": steps, "diagnostics": messages, "changeSummary": {"update": len(names)}})


def impact(text: str, tmp_path: Path, *options: str) -> tuple[int, str, str]:
    file = tmp_path / "preview.json"
    file.write_text(text)
    done = CliRunner().invoke(application, ["impact", str(file), "--fail-on", "conflicts", *options])
    return done.exit_code, done.stdout, done.stderr


def test_a_refusal_of_what_is_secret_is_a_conflict(tmp_path: Path) -> None:
    said = [refusal("sec", "3-9e9a94f6a8"), "info: tenant: https://acme.example\n"]
    code, shown, failed = impact(preview("sec", said=said), tmp_path, "--format", "json")
    assert (code, failed) == (1, "--fail-on conflicts: there is 1 conflict\n")
    (conflict,) = json.loads(shown)["conflicts"]
    assert conflict["what"].startswith("MembershipSet 'sec' would remove 3 of 5 members")
    assert conflict["urns"] == [f"urn:pulumi:dev::test::{OURS}MembershipSet::sec"]
    assert impact(preview("sec", said=[]), tmp_path)[0] == 0


@pytest.mark.parametrize("level", ["over", "other"])
def test_a_refusal_of_what_is_seen_is_no_second_finding(level: str, tmp_path: Path) -> None:
    text = preview("open", said=[], secret=False)
    (removal,) = json.loads(impact(text, tmp_path, "--format", "json")[1])["removals"]
    assert removal["level"] == "over"
    value = removal["confirmation"] if level == "over" else "3-0000000000"
    again = json.loads(
        impact(preview("open", said=[refusal("open", value)], secret=False), tmp_path, "--format", "json")[1]
    )
    assert again["conflicts"] == []
