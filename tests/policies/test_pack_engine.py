"""The pack as it is installed, on the real engine: when it is asked, exceptions, remediation, and what it costs."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.policies.cases import PAIR, TYPES, members, profile
from tests.policies.packs import PACK, configured, policy_pack, preview, said
from tests.support.programs import Code, entitlement, program
from tests.support.stack import Stack
from tests.support.tenant import Tenant


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


@pytest.mark.slow
@pytest.mark.catalogue(35)
@pytest.mark.timeout(600)
def test_only_a_conflict_that_the_change_causes_stops_and_an_exception_allows_it(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(identities=["ana", "bo", "cy"])
    pair = [*TYPES, *PAIR, members("creators", "create", "ana", "bo")]
    there = program(*pair, members("approvers", "approve", "ana"))
    veza_stack.write(there)
    veza_stack.up(skip_preview=True)
    without = preview(veza_stack, there)
    assert "whether it existed before is not known here" in said(without, "mandatory")["separation-of-duties"]

    state = veza_stack.root / "state.json"
    veza_stack.run("stack", "export", "--file", str(state))
    veza_stack.environment["PULUMI_VEZA_STATE"] = str(state)
    same = preview(veza_stack, there)
    assert same.returncode == 0
    assert "existed before this change" in said(same, "advisory")["notes"]

    changed = program(*pair, members("approvers", "approve", "ana", "bo"))
    caused = preview(veza_stack, changed)
    assert caused.returncode != 0
    refusal = " ".join(said(caused, "mandatory")["separation-of-duties"].split())
    assert "caused by this change" in refusal
    assert "(bo)" in refusal

    (veza_stack.project / "veza-exceptions.yaml").write_text(
        "exceptions:\n"
        "- {rule: separation-of-duties, resource: approvers, owner: cfo, reason: r, ticket: T-1, expires: 2999-12-31}\n"
        "- {rule: naming, resource: gone, owner: cfo, reason: old, ticket: T-2, expires: 2020-12-31}\n"
        "- {rule: labels, resource: creators, owner: cfo, reason: r, ticket: T-3, expires: 2999-12-31}\n"
    )
    allowed = preview(veza_stack, changed)
    assert allowed.returncode == 0
    assert "1 excepted (separation-of-duties 1)" in allowed
    findings = " ".join(said(allowed, "advisory")["exceptions"].split())
    assert "from naming for 'gone' expired on 2020-12-31" in findings
    assert "from labels for 'creators' is no longer needed" in findings
    assert "from separation-of-duties" not in findings


@pytest.mark.catalogue(35)
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_remediation_corrects_labels_and_description_and_keeps_what_is_secret_secret(
    veza_stack: Stack, tenant: Tenant
) -> None:
    config = {
        "labels": {"enforcementLevel": "remediate", "required": ["owner:*"], "add": ["owner:it"]},
        "description": {"enforcementLevel": "remediate", "default": "What {name} gives"},
    }
    secret = Code("pulumi.Output.secret(['eu'])")
    veza_stack.write(program(*TYPES, profile("crm", labels=secret, description="")))
    flags = configured(veza_stack, config)
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


DOES_NOTHING = """
from pulumi_policy import PolicyPack, StackValidationPolicy

PolicyPack("nothing", [StackValidationPolicy("nothing", "Finds nothing.", lambda args, report: None)])
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_pack_costs_little_more_than_a_pack_that_does_nothing(veza_stack: Stack, tmp_path: Path) -> None:
    """In CPU time, on a preview of 1,000 resources; what the engine and the SDK spend asking any pack is not ours."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    (nothing / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (nothing / "__main__.py").write_text(DOES_NOTHING)
    veza_stack.write(A_THOUSAND)

    def seconds(*flags: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        veza_stack.run("preview", *flags, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    seconds()
    # Turn and turn about, and the best of each: what else the machine does only ever adds.
    rounds = [
        (seconds(), seconds("--policy-pack", str(nothing)), seconds("--policy-pack", str(PACK))) for _ in range(5)
    ]
    without, asked, ours = (min(each) for each in zip(*rounds, strict=True))
    print(
        f"{MANY} resources: {without:.1f} s of CPU; a pack that does nothing {asked / without:.2f} times that, ours "
        f"{ours / without:.2f} times; ours costs {ours / asked - 1:.0%} more than nothing"
    )
    assert ours < 1.25 * asked, rounds
    assert ours < 1.7 * without, rounds
