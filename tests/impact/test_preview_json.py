"""What the engine writes, whole and broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_veza.errors import PreviewFailedError, UnusableFileError
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.records import HIDDEN, OURS, UNKNOWN, elements
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.reasons import Reason, Why

URN = f"urn:pulumi:dev::test::{OURS}AccessProfile::p"
STATE = {"urn": URN, "type": f"{OURS}AccessProfile", "id": "id-p", "inputs": {"name": "p", "__provider": "..."}}


def step(op: str, old: Any = None, new: Any = None, **more: Any) -> dict[str, Any]:
    return {"op": op, "urn": URN, **({"oldState": old} if old else {}), **({"newState": new} if new else {}), **more}


def preview(*steps: dict[str, Any], **more: Any) -> str:
    return json.dumps({"steps": list(steps), "duration": 1, "changeSummary": {}, **more})


def test_a_step_becomes_a_record() -> None:
    frames = [
        {"sourcePosition": "project:///../venv/lib/python3.11/site-packages/pulumi_veza/dynamic.py#1"},
        {"sourcePosition": "project:///../provider/pulumi_veza/resources/profile.py#2"},
        {},
        {"sourcePosition": "project:///teams/my%20team.py#7,3"},
        {"sourcePosition": "project:///__main__.py#9"},
    ]
    new = {**STATE, "stackTrace": frames, "propertyDependencies": {"name": ["urn:x"]}, "modified": "2030"}
    (record,) = preview_json.preview(preview(step("update", STATE, new)))
    assert (record.kind, record.name, record.stack, record.id, record.op) == (
        "AccessProfile", "p", "test/dev", "id-p", "update"
    )  # fmt: skip
    assert record.new == {"name": "p"}
    assert record.source == Source("__main__.py", 9, Source("teams/my team.py", 7))
    assert record.property_dependencies == {"name": ["urn:x"]}
    assert record.modified == "2030"


PACKAGE = "../venv/lib/python3.11/site-packages/pulumi_veza/provider/shell.py#238"
RUNNER = "../../engine/pulumi-language-python-exec#188"


def placed(*traces: list[str]) -> list[Source | None]:
    """Return where each of some new resources is declared; the innermost frame of each comes first."""
    steps = []
    for number, trace in enumerate(traces):
        frames = [{"sourcePosition": f"project:///{each}"} for each in [PACKAGE, *trace, RUNNER, "loop.py#1"]]
        urn = f"{URN}{number}"
        steps.append({"op": "create", "urn": urn, "newState": {**STATE, "urn": urn, "stackTrace": frames}})
    return [record.source for record in preview_json.preview(preview(*steps))]


def test_what_a_component_declares_is_placed_at_its_call_and_the_line_inside_is_added() -> None:
    inside = "company/teams.py#9"
    assert placed(["__main__.py#6"], [inside, "__main__.py#10", "__main__.py#13"], [inside, "__main__.py#14"]) == [
        Source("__main__.py", 6),
        Source("__main__.py", 13, Source("company/teams.py", 9)),
        Source("__main__.py", 14, Source("company/teams.py", 9)),
    ]


def test_a_component_outside_of_the_project_is_placed_at_its_call_as_well() -> None:
    assert placed(["../shared/teams.py#9", "__main__.py#14"], ["__main__.py#1"]) == [
        Source("__main__.py", 14, Source("../shared/teams.py", 9)),
        Source("__main__.py", 1),
    ]
    assert placed(["../shared/teams.py#9", "../shared/all.py#4"]) == [Source("../shared/teams.py", 9)]


def test_python_and_installed_packages_are_no_places_of_a_program() -> None:
    library = ["../../usr/lib/python3.11/functools.py#909", "../../usr/lib/python3/dist-packages/acme/teams.py#4"]
    assert placed([*library, "venv/lib/python3.12/site-packages/acme.py#3", "__main__.py#8"], ["a.py#1"]) == [
        Source("__main__.py", 8),
        Source("a.py", 1),
    ]


def test_the_call_of_main_that_leads_to_everything_is_no_place() -> None:
    main = ["__main__.py#40"]
    inside = "company/teams.py#9"
    assert placed(["__main__.py#5", *main], ["__main__.py#6", *main], [inside, "__main__.py#7", *main]) == [
        Source("__main__.py", 5),
        Source("__main__.py", 6),
        Source("__main__.py", 7, Source("company/teams.py", 9)),
    ]


def test_the_one_component_of_a_program_is_a_place() -> None:
    component, *declared = placed(["__main__.py#4"], ["teams.py#9", "__main__.py#4"], ["teams.py#14", "__main__.py#4"])
    assert component == Source("__main__.py", 4)
    assert declared == [Source("__main__.py", 4, Source("teams.py", line)) for line in (9, 14)]


def test_a_replacement_is_one_record() -> None:
    new = {**STATE, "id": ""}
    steps = [step("create-replacement", STATE, new), step("replace", STATE, new), step("delete-replaced", STATE)]
    (record,) = preview_json.preview(preview(*steps))
    assert (record.op, record.id, record.stays) == ("replace", "id-p", True)


def test_what_an_earlier_run_left_to_delete_is_a_record_of_its_own() -> None:
    found = preview_json.preview(preview(step("delete", {**STATE, "id": "id-old"}), step("same", STATE, STATE)))
    assert sorted((record.op, record.id) for record in found) == [("delete", "id-old"), ("same", "id-p")]


def test_a_refresh_beside_a_step_is_what_that_step_starts_from() -> None:
    found = preview_json.preview(preview(step("refresh", STATE, STATE), step("update", STATE, STATE)))
    assert [record.op for record in found] == ["update"]


@pytest.mark.parametrize("reason", [{"retainOnDelete": True}, {"deletedWith": "urn:other"}])
def test_what_the_engine_deletes_without_the_provider_is_only_forgotten(reason: dict[str, Any]) -> None:
    (record,) = preview_json.preview(preview(step("delete", {**STATE, **reason})))
    assert (record.op, record.stays) == ("retain", False)


def test_what_is_only_looked_up_is_not_managed() -> None:
    (record,) = preview_json.preview(preview(step("read", None, {**STATE, "external": True, "outputs": {"name": "q"}})))
    assert (record.op, record.stays, record.old["name"]) == ("read", False, "q")


def test_resources_of_other_providers_are_read_and_have_no_kind() -> None:
    other = {"op": "create", "urn": "urn:pulumi:dev::test::aws:s3/bucket:Bucket::b", "newState": {
        "urn": "urn:pulumi:dev::test::aws:s3/bucket:Bucket::b", "type": "aws:s3/bucket:Bucket"}}  # fmt: skip
    found = preview_json.preview(preview(other, step("same", STATE, STATE)))
    assert [record.kind for record in found] == [None, "AccessProfile"]


def test_a_preview_of_nothing_is_empty() -> None:
    assert preview_json.preview(preview()) == []
    assert preview_json.preview(json.dumps({"duration": 1, "changeSummary": {}})) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        (preview(step("same", STATE, STATE))[:-20], "is cut off"),
        ("Previewing update (dev):\n" + preview(), "something else was written into it"),
        ("[]", "is not a JSON object"),
        ("{}", "there are no steps in it"),
        (json.dumps({"version": 3, "deployment": {}}), "this is an exported state"),
        (json.dumps({"sequence": 1, "preludeEvent": {}}), "stream of events"),
        ('{"sequence": 0}\n{"sequence": 1}\n', "stream of events"),
        (json.dumps({"steps": [{"op": "same"}]}), "a step that names no resource"),
        (preview(step("create")), "an engine that is too old"),
        (preview(step("update", STATE)), "an engine that is too old"),
        (
            preview(step("update", STATE, STATE), changeSummary={"same": 3, "update": 1}),
            "leaves out 3 resources that stay the same",
        ),
        (
            preview(diagnostics=[{"severity": "error", "message": "p: no\nsuch type"}]),
            "failed, so what would change is not known: p: no such type",
        ),
    ],
)
def test_what_cannot_be_read_says_why_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UnusableFileError) as raised:
        preview_json.preview(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ran", [True, False])
def test_who_ran_the_preview_is_not_advised_to_run_it(ran: bool) -> None:
    failed = preview(diagnostics=[{"severity": "error", "message": "p: no such type"}])
    with pytest.raises(UnusableFileError) as raised:
        preview_json.read(failed, ran=ran)
    assert "the engine stops at the first error, and more may follow" in str(raised.value)
    assert ("`pulumi-veza impact` without a file" in str(raised.value)) is not ran


def test_a_preview_that_failed_says_of_what_stack_and_why_in_the_programs_or_the_guards_words() -> None:
    def failed(message: str) -> PreviewFailedError:
        summary = {"severity": "error", "message": "error: preview failed\n"}
        with pytest.raises(PreviewFailedError) as raised:
            preview_json.read(preview(diagnostics=[summary, {"urn": URN, "severity": "error", "message": message}]))
        return raised.value

    trace = (
        "error: Program failed with an unhandled exception:\nTraceback (most recent call last):\n  x\nNameError: y\n\n"
    )
    program = failed(trace)
    assert (program.reason, program.refused, program.stacks) == (
        "the program failed: NameError: y",
        False,
        ("test/dev",),
    )
    guard = failed(
        "error: Veza: MembershipSet 's': would remove 2; confirm this one change with allow_removals=\"2-x\""
    )
    assert guard.reason.startswith("MembershipSet 's': would remove 2")
    assert guard.refused
    assert preview_json.read(preview()).records == []


def test_a_preview_that_leaves_out_what_stays_the_same_is_fine_where_nothing_of_ours_changes() -> None:
    assert preview_json.preview(preview(changeSummary={"same": 3})) == []


def exported(*resources: dict[str, Any]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": list(resources)}})


def test_a_state_is_read_as_what_stays_the_same() -> None:
    (record,) = preview_json.state(exported({**STATE, "outputs": {"name": "p", "current_version_number": 1}}))
    assert (record.op, record.old["current_version_number"], record.new) == ("same", 1, {"name": "p"})


def test_what_a_state_has_marked_for_deletion_is_left_out() -> None:
    assert preview_json.state(exported({**STATE, "delete": True})) == []


def test_a_secret_is_hidden_unless_the_state_shows_it() -> None:
    signature = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    hidden = {**STATE, "inputs": {"identity_ids": {**signature, "ciphertext": "v1:..."}}}
    shown = {**STATE, "inputs": {"identity_ids": {**signature, "plaintext": '{"ada":"ada"}'}}}
    assert preview_json.state(exported(hidden))[0].new == {"identity_ids": HIDDEN}
    assert preview_json.state(exported(shown))[0].new == {"identity_ids": {"ada": "ada"}}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": {"resources": [{}]}}', '{"deployment": {"reso'])
def test_a_state_that_cannot_be_read_says_why_in_one_line(text: str) -> None:
    with pytest.raises(UnusableFileError) as raised:
        preview_json.state(text)
    assert "\n" not in str(raised.value)


def test_a_state_is_told_from_a_preview() -> None:
    assert preview_json.is_state(exported())
    assert not preview_json.is_state(preview())
    assert not preview_json.is_state("")


def test_the_elements_of_a_set_are_told_apart() -> None:
    assert elements(None).complete
    assert elements({"a": "a"}).known == {"a": "a"}
    assert (elements({"a": "a", "b": UNKNOWN}).unknown, elements({"x": {"y": UNKNOWN}}).unknown) == (1, 1)
    assert elements(UNKNOWN).reason("labels") == Reason(Why.UNKNOWN_VALUE, field="labels")
    assert elements(HIDDEN).reason("labels", "p") == Reason(Why.SECRET, "p", "labels")
    assert list(elements(["a", "b"]).known.values()) == ["a", "b"]
