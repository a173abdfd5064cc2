"""The pack as it is installed, on the real engine: every rule passes, advises, stops, and meets unknown values."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pulumi_veza.policies.catalogue import RULES
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant

PACK = Path(sys.modules["pulumi_veza.policies.catalogue"].__file__ or "").parent / "pack"

CONFIG: dict[str, dict[str, Any]] = {
    "naming": {"pattern": "[A-Z].*", "patterns": {"Role": "Role .*"}},
    "labels": {"required": ["owner:*"]},
    "description": {"min_length": 5},
    "entitlement-count": {"max": 2},
    "forbidden-entitlements": {"patterns": ["*admin*"]},
    "dangerous-options": {},
    "approval": {"labels": ["privileged"]},
    "inheritance": {"max_depth": 1},
    "type-constraints": {},
    "membership": {"max_members": 2},
    "ownership": {},
    "separation-of-duties": {"conflicts": [{"name": "paying", "a": ["*/create"], "b": ["*/approve"]}]},
}

TYPES = [
    resource("AccessProfileType", "app", name="App", description="An application", allow_create_relationships=True),
    resource("AccessProfileType", "role", name="Role", description="A role to have", allow_inherit_entities=True),
]


def profile(variable: str, kind: str = "app", /, **more: Any) -> str:
    """Declare a profile that breaks no rule, but for what ``more`` says."""
    given = {
        "name": variable.title(),
        "profile_type": Code(f"{kind}.id"),
        "description": "Something to have",
        "labels": ["owner:it"],
    }
    return resource("AccessProfile", variable, **{**given, **more})


def members(name: str, of: str, *ids: Any, **more: Any) -> str:
    return resource("MembershipSet", name, profile_id=Code(f"{of}.id"), identity_ids=list(ids), **more)


FINE = [
    *TYPES,
    profile("create", entitlements=[entitlement("create")]),
    profile("approve", entitlements=[entitlement("approve")]),
    profile("clerk", "role", name="Role Clerk", inherits_from=[Code("create.id")]),
    members("clerks", "clerk", "ana", "bo"),
]

BROKEN = [
    *FINE,
    profile("naming", name="lower"),
    profile("labels", labels=["other"]),
    profile("description", description=""),
    profile("count", entitlements=[entitlement(each) for each in "abc"]),
    profile("forbidden", entitlements=[entitlement("00G-Admins")]),
    profile("dangerous", adopt="always"),
    profile("approval", labels=["owner:it", "privileged"]),
    profile("deep", "role", name="Role Deep", inherits_from=[Code("clerk.id")]),
    profile("constrained", inherits_from=[Code("approve.id")]),
    members("many", "approve", "cy", "di", "ed"),
    profile("namesake", name="Create"),
    members("conflict", "create", "cy"),
]

BROKEN_AT = {
    "naming": "AccessProfile 'naming' is named 'lower'",
    "labels": "AccessProfile 'labels' has the labels other",
    "description": "AccessProfile 'description' has a description of 0 characters",
    "entitlement-count": "AccessProfile 'count' holds 3 entitlements, and 2 is the most",
    "forbidden-entitlements": "AccessProfile 'forbidden' gives SalesforceGroup sf-prod/00G-Admins",
    "dangerous-options": "AccessProfile 'dangerous' has adopt='always'",
    "approval": "AccessProfile 'approval' needs an approval because of its label 'privileged'",
    "inheritance": "AccessProfile 'deep' inherits over 2 steps (Role Deep -> Role Clerk -> Create)",
    "type-constraints": "AccessProfile 'constrained' inherits from 'Approve', and its type 'App' allows no inheritance",
    "membership": "MembershipSet 'many' brings 'Approve' to 3 members",
    "ownership": "AccessProfile 'namesake' is named 'Create' and of the same type",
    "separation-of-duties": "keeps apart",
}

UNKNOWN = Code("app.id")
"""A text that nobody knows before the deployment."""

UNDECIDED = [
    *TYPES,
    profile("create", entitlements=[entitlement("create")]),
    profile("approve", entitlements=[entitlement("approve")]),
    profile("naming", name=UNKNOWN),
    profile("labels", labels=[UNKNOWN]),
    profile("description", description=UNKNOWN),
    profile("content", entitlements=Code("app.id.apply(lambda _: [])")),
    profile("forbidden", entitlements=[entitlement(UNKNOWN)]),
    profile("dangerous", adopt=Code("app.id.apply(lambda _: 'identical')")),
    profile("heir", "role", name="Role Heir", inherits_from=Code("app.id.apply(lambda _: [])")),
    members("unknown", "create", UNKNOWN),
    members("known", "approve", "bo"),
    members("guard", "labels", "ana", max_removal_percent=Code("app.id.apply(lambda _: 20)")),
]


def policy_pack(stack: Stack, level: str | None = None) -> list[str]:
    """Give the flags of a preview with the pack, every rule configured and, where it is said, at one level."""
    config = {name: {**options, **({"enforcementLevel": level} if level else {})} for name, options in CONFIG.items()}
    file = stack.root / "policy.json"
    file.write_text(json.dumps(config))
    return ["--policy-pack", str(PACK), "--policy-pack-config", str(file)]


def preview(stack: Stack, *statements: str, level: str | None = None) -> Result:
    stack.write(program(*statements))
    result = stack.preview(*policy_pack(stack, level), check=False)
    assert "Traceback" not in result
    return result


def said(result: Result, level: str) -> dict[str, str]:
    """Give what each policy said at a level, by name."""
    blocks = re.split(r"\n\s+- (?=\[)", f"\n{str(result).partition('Policies:')[2]}")
    found: dict[str, str] = {}
    for block in blocks:
        match = re.match(r"\[(\w+)\]\s+(\S+)", block)
        if match and match[1] == level:
            found[match[2]] = found.get(match[2], "") + block
    return found


@pytest.mark.timeout(600)
def test_every_rule_passes_advises_stops_and_meets_unknown_values(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(identities=["ana", "bo", "cy", "di", "ed"])
    passed = preview(veza_stack, *FINE)
    assert passed.returncode == 0
    assert "[mandatory]" not in passed
    assert "[advisory]" not in passed

    advised = preview(veza_stack, *BROKEN, level="advisory")
    assert advised.returncode == 0
    advice = said(advised, "advisory")
    assert {name: BROKEN_AT[name] in advice.get(name, "") for name in BROKEN_AT} == dict.fromkeys(BROKEN_AT, True)

    stopped = preview(veza_stack, *BROKEN, level="mandatory")
    assert stopped.returncode != 0
    refusals = said(stopped, "mandatory")
    assert {name: BROKEN_AT[name] in refusals.get(name, "") for name in BROKEN_AT} == dict.fromkeys(BROKEN_AT, True)
    assert {*BROKEN_AT} == {rule.name for rule in RULES}

    undecided = preview(veza_stack, *UNDECIDED, level="mandatory")
    assert undecided.returncode == 0
    assert "[mandatory]" not in undecided
    notes = said(undecided, "advisory")["notes"]
    unsure = set(re.findall(r"(\S+): undecided until up: ", notes))
    assert unsure == {rule.name for rule in RULES}
    assert tenant.requests(mutating=True) == []


@pytest.mark.timeout(600)
def test_what_was_undecided_is_decided_by_up_and_stops_before_anything_is_sent_for_the_resource(
    veza_stack: Stack, tenant: Tenant
) -> None:
    veza_stack.write(
        program(
            *TYPES,
            profile("forbidden", entitlements=[entitlement(Code("app.id.apply(lambda id: 'admin-' + id)"))]),
        )
    )
    result = veza_stack.up(*policy_pack(veza_stack), check=False)
    assert result.returncode != 0
    assert "undecided until up: AccessProfile 'forbidden'" in result
    assert "AccessProfile 'forbidden' gives SalesforceGroup sf-prod/admin-" in result
    assert [each["name"] for each in tenant.profiles()] == []


@pytest.mark.timeout(600)
def test_only_a_conflict_that_the_change_causes_stops_and_an_exception_allows_it(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(identities=["ana", "bo", "cy"])
    pair = [*TYPES, *FINE[2:4], members("creators", "create", "ana", "bo")]
    veza_stack.write(program(*pair, members("approvers", "approve", "ana")))
    veza_stack.up(skip_preview=True)
    without = preview(veza_stack, *pair, members("approvers", "approve", "ana"))
    assert "whether it existed before is not known here" in said(without, "mandatory")["separation-of-duties"]

    state = veza_stack.root / "state.json"
    veza_stack.run("stack", "export", "--file", str(state))
    veza_stack.environment["PULUMI_VEZA_STATE"] = str(state)
    same = preview(veza_stack, *pair, members("approvers", "approve", "ana"))
    assert same.returncode == 0
    assert "existed before this change" in said(same, "advisory")["notes"]

    changed = [*pair, members("approvers", "approve", "ana", "bo")]
    caused = preview(veza_stack, *changed)
    assert caused.returncode != 0
    refusal = " ".join(said(caused, "mandatory")["separation-of-duties"].split())
    assert "caused by this change" in refusal
    assert "(bo)" in refusal

    (veza_stack.project / "veza-exceptions.yaml").write_text(
        "exceptions:\n"
        "- {rule: separation-of-duties, resource: creators, owner: cfo, reason: r, ticket: T-1, expires: 2999-12-31}\n"
        "- {rule: naming, resource: gone, owner: cfo, reason: old, ticket: T-2, expires: 2020-12-31}\n"
    )
    allowed = preview(veza_stack, *changed)
    assert allowed.returncode == 0
    assert "1 excepted (separation-of-duties 1)" in allowed
    assert "from naming for 'gone' expired on 2020-12-31" in " ".join(said(allowed, "advisory")["exceptions"].split())


@pytest.mark.timeout(600)
def test_remediation_corrects_labels_and_description_and_keeps_what_is_secret_secret(
    veza_stack: Stack, tenant: Tenant
) -> None:
    config = {
        "labels": {"enforcementLevel": "remediate", "required": ["owner:*"], "add": ["owner:it"]},
        "description": {"enforcementLevel": "remediate", "default": "What {name} gives"},
    }
    (veza_stack.root / "policy.json").write_text(json.dumps(config))
    secret = Code("pulumi.Output.secret(['eu'])")
    veza_stack.write(program(*TYPES, profile("crm", labels=secret, description="")))
    flags = ["--policy-pack", str(PACK), "--policy-pack-config", str(veza_stack.root / "policy.json")]
    veza_stack.up(*flags)
    (crm,) = tenant.profiles()
    assert (crm["labels"], crm["description"]) == (["eu", "owner:it"], "What Crm gives")
    assert "ciphertext" in veza_stack.resources()["crm"]["inputs"]["labels"]
    veza_stack.up("--expect-no-changes", *flags, skip_preview=True)


MANY = 1000

A_THOUSAND = f"""
import pulumi_veza as veza

app = veza.AccessProfileType("app", name="App", description="An application", allow_create_relationships=True)
for number in range({MANY}):
    veza.AccessProfile(
        f"profile-{{number}}", name=f"Profile {{number}}", profile_type=app.id, labels=["owner:it"],
        description="Something to have",
        entitlements=[
            {{"entity_type": "Group", "datasource_id": "ad", "entity_id": f"{{number}}-{{n}}"}} for n in range(3)
        ],
    )
"""

NO_RULES = """
from pulumi_policy import PolicyPack, StackValidationPolicy

PolicyPack("none", [StackValidationPolicy("none", "Finds nothing.", lambda args, report: None)])
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_rules_cost_less_than_a_tenth_of_a_preview_of_a_thousand_resources(
    veza_stack: Stack, tmp_path: Path
) -> None:
    """Measured beside a pack without rules: what the engine spends on asking any pack at all is not the rules'."""
    empty = tmp_path / "none"
    empty.mkdir()
    (empty / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (empty / "__main__.py").write_text(NO_RULES)
    veza_stack.write(A_THOUSAND)

    def seconds(pack: Path) -> float:
        started = time.monotonic()
        veza_stack.run("preview", "--policy-pack", str(pack), timeout=600)
        return time.monotonic() - started

    pairs = [(seconds(PACK), seconds(empty)) for _ in range(3)]
    print(pairs)
    assert min(ours for ours, _ in pairs) < 1.1 * min(theirs for _, theirs in pairs), pairs
