"""The rules as policies, asked as the engine asks them: over the real servicer, without an engine."""

from __future__ import annotations

import cProfile
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, policy

from pulumi_veza.plan.records import MEMBERS, OURS, PROFILE, UNKNOWN, Record
from pulumi_veza.policies import exceptions
from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.engine import STATE_VARIABLE, policies
from tests.policies.declared import deployed, gives, members, profile

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


class Pack:
    """The pack, in process."""

    def __init__(self, made: Sequence[policy.Policy] | None = None, **config: Any) -> None:
        self.servicer = policy._PolicyAnalyzerServicer("veza", "1", [*(made or policies())], EnforcementLevel.ADVISORY)
        request = proto.ConfigureAnalyzerRequest()
        for name, options in config.items():
            each = request.policyConfig[name.replace("_", "-")]
            given = dict(options)
            each.enforcementLevel = proto.EnforcementLevel.Value(given.pop("level", "MANDATORY"))
            each.properties.update(given)
        self.servicer.Configure(request, None)

    def analyze(self, record: Record) -> list[tuple[str, str]]:
        """Ask about one resource, before it is touched."""
        answer = self.servicer.Analyze(
            proto.AnalyzeRequest(type=record.type, urn=record.urn, properties=_struct(record.new)), None
        )
        return [(each.policyName, each.message) for each in answer.diagnostics]

    def remediate(self, kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Let one resource be corrected; gives the inputs as the engine then has them."""
        answer = self.servicer.Remediate(
            proto.AnalyzeRequest(type=OURS + kind, urn="urn", properties=_struct(inputs)), None
        )
        corrected = inputs
        for each in answer.remediations:
            assert not each.diagnostic
            corrected = json_format.MessageToDict(each.properties)
        return dict(corrected)

    def analyze_stack(self, records: Sequence[Record]) -> list[tuple[str, str]]:
        """Ask about the stack, at the end."""
        request = proto.AnalyzeStackRequest()
        for record in records:
            each = request.resources.add(type=record.type, urn=record.urn, name=record.name)
            each.properties.CopyFrom(_struct(record.new))
            for name, urns in record.property_dependencies.items():
                each.propertyDependencies[name].urns.extend(urns)
        return [(each.policyName, each.message) for each in self.servicer.AnalyzeStack(request, None).diagnostics]


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(dict(values))
    return made


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (STATE_VARIABLE, exceptions.VARIABLE):
        monkeypatch.delenv(name, raising=False)


def test_every_rule_is_a_policy_with_its_options_described() -> None:
    info = Pack().servicer.GetAnalyzerInfo(None, None)
    by_name = {each.name: each for each in info.policies}
    assert {*by_name} == {*(rule.name for rule in RULES), "notes"}
    assert "max" in by_name["entitlement-count"].configSchema.properties
    assert proto.EnforcementLevel.Name(by_name["ownership"].enforcementLevel) == "MANDATORY"


def test_a_rule_about_one_resource_is_asked_before_the_resource_is_touched() -> None:
    pack = Pack(forbidden_entitlements={"patterns": ["*admin*"]})
    said = pack.analyze(profile("p", description="long enough", entitlements=[gives("Admins")]))
    assert [name for name, _ in said] == ["forbidden-entitlements"]
    assert "AccessProfile 'p' gives SalesforceGroup sf-prod/Admins" in said[0][1]


def test_an_unknown_value_neither_crashes_nor_fails_a_rule_and_is_noted_at_the_end() -> None:
    pack = Pack(forbidden_entitlements={"patterns": ["*admin*"]})
    unknown = profile("p", description=UNKNOWN, entitlements=UNKNOWN, labels=UNKNOWN, name=UNKNOWN)
    assert pack.analyze(unknown) == []
    said = pack.analyze_stack([unknown])
    assert {name for name, _ in said} == {"notes"}
    texts = "\n".join(text for _, text in said)
    assert "forbidden-entitlements: undecided until up: AccessProfile 'p': entitlements is not known before" in texts


def test_a_resource_and_a_stack_that_are_shown_again_are_looked_at_again() -> None:
    pack = Pack(forbidden_entitlements={"patterns": ["*admin*"]}, membership={"max_members": 1})
    fine = profile("p", description="long enough", entitlements=[gives("Sellers")])
    forbidden = profile("p", description="long enough", entitlements=[gives("Admins")])
    assert [len(pack.analyze(each)) for each in (fine, forbidden, fine, forbidden)] == [0, 1, 0, 1]
    few, many = members("m", forbidden, "ana"), members("m", forbidden, "ana", "bo")
    asked = [pack.analyze_stack([forbidden, each]) for each in (few, many, few)]
    assert [[name for name, _ in each] for each in asked] == [[], ["membership"], []]


def test_resources_of_other_providers_are_left_alone() -> None:
    pack = Pack(description={"min_length": 500})
    other = Record("urn:pulumi:dev::t::random:index/randomPet:RandomPet::x", "random:index/randomPet:RandomPet")
    assert pack.analyze(other) == []
    assert pack.analyze_stack([other]) == []


def test_remediation_keeps_secrets_secret_and_unknown_values_unknown() -> None:
    pack = Pack(
        labels={"level": "REMEDIATE", "required": ["owner:*"], "add": ["owner:it"]},
        description={"level": "REMEDIATE", "default": "What {name} gives"},
    )
    hidden = {**SECRET, "value": {"eu": "eu"}}
    inputs = {"name": "Sales", "labels": hidden, "profile_type": UNKNOWN, "custom_properties": {**SECRET, "value": {}}}
    corrected = pack.remediate(PROFILE, inputs)
    assert corrected["labels"] == {**SECRET, "value": {"eu": "eu", "owner:it": "owner:it"}}
    assert corrected["custom_properties"] == inputs["custom_properties"]
    assert corrected["profile_type"] == UNKNOWN
    assert corrected["description"] == "What Sales gives"
    secret = {"name": {**SECRET, "value": "Sales"}, "labels": {"owner:it": "owner:it"}, "__secrets": ["name"]}
    assert pack.remediate(PROFILE, secret) == secret
    assert pack.remediate(MEMBERS, {"profile_id": "x"}) == {"profile_id": "x"}


CONFLICT = {"conflicts": [{"name": "paying", "a": ["*/create"], "b": ["*/approve"]}]}
CREATE = profile("create", description="long enough", entitlements=[gives("create")])
APPROVE = profile("approve", description="long enough", entitlements=[gives("approve")])


def shown(record: Record) -> Record:
    """Give a resource that does not change as the engine shows it to a stack policy: with outputs, without its id."""
    return Record(record.urn, record.type, new_inputs=record.old, property_dependencies=record.property_dependencies)


def test_ids_are_found_again_through_the_dependencies_although_no_policy_is_shown_them() -> None:
    create, approve = deployed(CREATE), deployed(APPROVE)
    both = deployed(profile("both", description="long enough", inherits_from=[create, approve]))
    staff = deployed(members("staff", both, "ana"))
    said = Pack(separation_of_duties=CONFLICT).analyze_stack([shown(each) for each in (create, approve, both, staff)])
    assert [name for name, _ in said] == ["separation-of-duties"]
    assert "(by both -> create)" in said[0][1]
    assert "whether it existed before is not known here" in said[0][1]


def test_with_the_state_only_what_the_change_causes_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create, approve = deployed(CREATE), deployed(APPROVE)
    creators, approvers = deployed(members("m", create, "ana", "bo")), deployed(members("n", approve, "ana"))
    exported = {
        "version": 3,
        "deployment": {
            "resources": [
                {
                    "urn": each.urn,
                    "type": each.type,
                    "id": each.id,
                    "custom": True,
                    "inputs": each.old_inputs,
                    "outputs": each.old_outputs,
                    "propertyDependencies": each.property_dependencies,
                }
                for each in (create, approve, creators, approvers)
            ]
        },
    }
    file = tmp_path / "state.json"
    file.write_text(json.dumps(exported))
    monkeypatch.setenv(STATE_VARIABLE, str(file))
    now = [shown(create), shown(approve), shown(creators), members("n", approve, "ana", "bo")]
    said = Pack(separation_of_duties=CONFLICT).analyze_stack(now)
    assert [(name, text.split("\n")[-1].partition("; to except")[0].rpartition("(")[2]) for name, text in said] == [
        ("separation-of-duties", "bo)"),
        ("notes", "ana)"),
    ]
    assert "existed before this change" in said[1][1]


def test_exceptions_are_read_from_the_projects_folder_and_their_total_is_said(tmp_path: Path) -> None:
    def written(*names: str) -> None:
        held = "".join(
            f"- {{rule: description, resource: {name}, owner: o, reason: r, ticket: T-1, expires: 2999-12-31}}\n"
            for name in names
        )
        (tmp_path / "veza-exceptions.yaml").write_text(f"exceptions:\n{held}")

    short = profile("short")
    written("short", "gone")
    pack = Pack(description={})
    assert pack.analyze(short) == []
    said = pack.analyze_stack([short])
    assert [name for name, _ in said] == ["exceptions", "notes"]
    assert "for 'gone' allows nothing, as the program declares no resource of that name" in said[0][1]
    assert said[1][1].endswith("1 excepted (description 1)")


def calls(made: Sequence[policy.Policy], many: Sequence[Record]) -> int:
    """Count the function calls of a run over a stack, which are the same on any machine, unlike its duration."""
    pack = Pack(made)
    with cProfile.Profile() as profiler:
        for each in many:
            assert pack.analyze(each) == []
        assert pack.analyze_stack(many) == []
    return sum(each.callcount for each in profiler.getstats())


def test_the_rules_cost_less_than_it_costs_to_ask_them_and_grow_no_faster_than_the_stack() -> None:
    idle = [type(each)(each.name, each.description, lambda *_: None) for each in policies()]
    many = [
        profile(f"p{number}", description="long enough", entitlements=[gives(f"{number}-{each}") for each in range(3)])
        for number in range(200)
    ]
    ours = calls(policies(), many)
    assert ours < 1.6 * calls(idle, many)
    assert ours < 2.1 * calls(policies(), many[:100])
