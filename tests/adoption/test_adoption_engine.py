"""What exists already: taken over, changed or refused as ``adopt`` says, and never made a second time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resources.test_profiles_engine import A_TYPE, ENTITLEMENTS, patches, profile
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Json, Tenant

SALES: Json = {"id": "t-sales", "name": "Sales", "allow_create_relationships": True, "allow_inherit_entities": True}


def existing(name: str, id_: str, **fields: Any) -> Json:
    return {"id": id_, "name": name, "profile_type": "t-sales", **fields}


def by_resource(result: Result) -> dict[str, str]:
    """Return the error that each resource ended with."""
    assert result.returncode != 0
    assert "Traceback" not in result
    found: dict[str, str] = {}
    name = ""
    for line in result.diagnostics:
        if line.startswith("pulumi"):
            name = line.partition("(")[2].partition(")")[0]
        elif line.startswith("error: Veza: "):
            assert name not in found, "one resource, one error"
            found[name] = line.removeprefix("error: Veza: ")
    return found


def version(variable: str, **arguments: Any) -> str:
    return resource("AccessProfileVersion", variable, **arguments)


@pytest.mark.catalogue(13)
def test_what_is_equal_is_taken_over_and_the_rest_is_patched(veza_stack: Stack, tenant: Tenant) -> None:
    content = {ENTITLEMENTS: [entitlement("00G2"), entitlement("00G1")]}
    tenant.seed(
        types=[SALES, {**SALES, "id": "t-other", "allow_inherit_entities": False}],
        profiles=[
            existing("CRM", "p-crm", state="PAUSED", labels=["b", "a"], description="Not managed here", **content),
            existing("Directory", "p-directory", **content),
        ],
    )
    listed = [entitlement("00G1"), entitlement("00G2")]
    veza_stack.write(
        program(
            A_TYPE,
            profile("crm", name="CRM", labels=["a", "b"], entitlements=listed, datasource_ids=["sf-prod"]),
            profile("directory", name="Directory", on_destroy="retain"),
            version("content", profile_id=Code("directory.id"), entitlements=listed),
            exports={"ids": [Code("sales.id"), Code("crm.id"), Code("directory.id")], "adopted": Code("crm.adopted")},
        )
    )
    tenant.clear_requests()
    told = veza_stack.up(skip_preview=True)
    assert veza_stack.outputs() == {"ids": ["t-sales", "p-crm", "p-directory"], "adopted": True}
    assert patches(tenant) == {"CRM": [{"state": "RUNNING", "datasource_ids": ["sf-prod"]}]}
    for message in (
        "AccessProfileType 'sales': took over the existing access profile type 'Sales' (t-sales)",
        "AccessProfile 'crm': taking over the existing access profile 'CRM' (p-crm); a later destroy pauses it; it was "
        "PAUSED and becomes RUNNING, for whoever is a member already",
        "AccessProfile 'directory': taking over the existing access profile 'Directory' (p-directory); a later destroy "
        "leaves it as it is",
    ):
        assert f"info: {message}\n" in told
    veza_stack.preview("--expect-no-changes")


def test_a_run_about_many_objects_says_each_thing_once(veza_stack: Stack, tenant: Tenant) -> None:
    """What is taken over, what is paused, and a key that is refused: one line each with a count, not one a resource."""
    names = [f"p{number}" for number in range(6)]
    tenant.seed(
        types=[SALES],
        profiles=[existing(name.title(), f"p-{name}", state="RUNNING", members=["ana"]) for name in names],
    )

    def declare(*declared: str) -> None:
        # Somebody is a member already, and who joins one of the profiles is new in it.
        ids = {name: ["ana", "zoe"] if name == "p0" else ["ana"] for name in declared}
        sets = [
            resource("MembershipSet", f"{name}-set", profile_id=Code(f"{name}.id"), identity_ids=ids[name])
            for name in declared
            if name in names[:3]
        ]
        veza_stack.write(program(A_TYPE, *(profile(name, name=name.title()) for name in declared), *sets))

    declare(*names)
    assert sorted(filter(is_told, veza_stack.up(skip_preview=True).diagnostics)) == [
        "info: 6 access profiles that exist are taken over as they are: 'P0' (p-p0), 'P1' (p-p1), 'P2' (p-p2), "
        "'P3' (p-p3), 'P4' (p-p4), 'P5' (p-p5); a later destroy pauses them",
        "info: AccessProfileType 'sales': took over the existing access profile type 'Sales' (t-sales)",
        "info: MembershipSet 'p0-set': 1 person joins: zoe",
    ]
    declare(*names[:3])
    assert list(filter(is_told, veza_stack.up(skip_preview=True).diagnostics)) == [
        "info: the API cannot delete a profile, so 3 access profiles are paused, and still there: 'P3' (p-p3), "
        "'P4' (p-p4), 'P5' (p-p5)"
    ]
    assert [tenant.profile(name.title())["state"] for name in names] == ["RUNNING"] * 3 + ["PAUSED"] * 3
    veza_stack.environment["VEZA_API_KEY"] = "refused"
    errors = [each for each in veza_stack.refresh(check=False, skip_preview=True).diagnostics if "Veza: " in each]
    in_full = [each for each in errors if "create or renew it" in each]
    shorter = "error: Veza: the same error as that of "
    assert len(in_full) == 1
    assert [each.startswith(shorter) for each in errors if each not in in_full] == [True] * 6


def is_told(line: str) -> bool:
    return line.startswith(("info: ", "warning: "))


@pytest.mark.catalogue(13)
def test_what_differs_is_refused_with_the_difference_and_overwritten_only_on_request(
    veza_stack: Stack, tenant: Tenant
) -> None:
    content = {ENTITLEMENTS: [entitlement("00G1"), entitlement("00G2")]}
    others = [("Sales again", "t-again"), ("Twins", "t-twin-1"), ("Twins", "t-twin-2")]
    tenant.seed(
        types=[SALES, *({"id": id_, "name": name} for name, id_ in others)],
        profiles=[
            existing("CRM", "p-crm", description="By hand", labels=["a", "x"], **content),
            existing("Never", "p-never"),
            existing("Twin", "p-twin-1"),
            existing("Twin", "p-twin-2"),
            existing("Directory", "p-directory", **content),
            existing("Filled", "p-filled", **content),
        ],
    )

    def text(adopt: str) -> str:
        return program(
            A_TYPE,
            profile(
                "crm",
                name="CRM",
                description="By Pulumi",
                labels=["a", "b"],
                entitlements=[entitlement("00G2", custom_properties={"x": 1}), entitlement("00G3")],
                adopt=adopt,
            ),
            profile("directory", name="Directory"),
            version("content", profile_id=Code("directory.id"), entitlements=[entitlement("00G3")], adopt=adopt),
            *mistakes,
        )

    mistakes = [
        profile("never", name="Never", adopt="never"),
        profile("twin", name="Twin", adopt="always"),
        version("filled", profile_id="p-filled", entitlements=content[ENTITLEMENTS], adopt="never"),
        resource("AccessProfileType", "known", name="Sales again", adopt="never"),
        resource("AccessProfileType", "twins", name="Twins"),
    ]
    tenant.clear_requests()
    veza_stack.write(text("identical"))
    said = by_resource(veza_stack.up("--continue-on-error", check=False, skip_preview=True))
    assert said == {
        "crm": (
            "access profile 'CRM' (p-crm) exists already and differs in entitlements (- SalesforceGroup sf-prod/00G1, "
            "+ SalesforceGroup sf-prod/00G3, ~ SalesforceGroup sf-prod/00G2), description, labels (- x, + b); write "
            'the same here to take it over, or adopt="always" to take it over and change it, or choose another name'
        ),
        "content": (
            "the current version of access profile 'Directory' (p-directory) has content that differs in entitlements "
            "(- SalesforceGroup sf-prod/00G1, - SalesforceGroup sf-prod/00G2, + SalesforceGroup sf-prod/00G3); write "
            'the same here to take it over, or adopt="always" to overwrite it'
        ),
        "never": (
            "access profile 'Never' (p-never) exists already, and adopt=\"never\" is set; choose another name, or "
            'write adopt="identical" to take it over when it is equal'
        ),
        "twin": (
            "2 access profiles of type t-sales are named 'Twin' (p-twin-1, p-twin-2); write existing_id=\"...\" with "
            "the id of the one to take over, or choose another name"
        ),
        "filled": (
            "the current version of access profile 'Filled' (p-filled) has content already (entitlements), and "
            'adopt="never" is set; write adopt="identical" to take over what is equal, or adopt="always" to overwrite '
            "it"
        ),
        "known": (
            "access profile type 'Sales again' (t-again) exists already and is identical, but adopt=\"never\" is set; "
            'write adopt="identical" to take it over, or choose another name'
        ),
        "twins": (
            "2 identical access profile types are named 'Twins' (t-twin-1, t-twin-2); write existing_id=\"...\" with "
            "the id of the one to take over, or choose another name"
        ),
    }
    assert tenant.requests(mutating=True) == []

    mistakes = []
    veza_stack.write(text("always"))
    told = veza_stack.up(skip_preview=True)
    for message in (
        "info: AccessProfile 'crm': taking over the existing access profile 'CRM' (p-crm) and changing entitlements (- "
        "SalesforceGroup sf-prod/00G1, + SalesforceGroup sf-prod/00G3, ~ SalesforceGroup sf-prod/00G2), description, "
        "labels (- x, + b); a later destroy pauses it\n",
        "warning: AccessProfileVersion 'content': overwriting the content of the current version of access profile "
        "'Directory' (p-directory): entitlements (- SalesforceGroup sf-prod/00G1, - SalesforceGroup sf-prod/00G2, + "
        "SalesforceGroup sf-prod/00G3)\n",
    ):
        assert message in told
    assert set(patches(tenant)) == {"CRM", "CRM+v1", "Directory+v1"}
    veza_stack.preview("--refresh", "--expect-no-changes")


LOST: list[Json] = [{"reset": "after_commit"}, {"status": 500, "status_when": "after_commit"}]


@pytest.mark.parametrize("fault", LOST, ids=["the connection is reset", "the answer is a 500"])
@pytest.mark.catalogue(20)
def test_a_create_whose_answer_is_lost_is_found_again_and_not_repeated(
    veza_stack: Stack, tenant: Tenant, fault: Json
) -> None:
    tenant.fault(method="POST", count=None, **fault)
    veza_stack.write(
        program(
            A_TYPE,
            profile("crm", name="CRM", labels=["b", "a"], entitlements=[entitlement("00G1")]),
            profile("directory", name="Directory", datasource_ids=["sf-prod"]),
        )
    )
    veza_stack.up(skip_preview=True)
    assert [each["name"] for each in tenant.state()["types"]] == ["Sales"]
    assert sorted(each["name"] for each in tenant.profiles()) == ["CRM", "Directory"]
    assert len([each for each in tenant.requests(mutating=True) if each["method"] == "POST"]) == 3
    tenant.clear_requests()
    veza_stack.preview("--refresh", "--expect-no-changes")
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(23)
@pytest.mark.slow
def test_a_create_that_failed_before_it_was_carried_out_says_so_and_the_next_up_creates_it(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.fault(method="POST", path="access_profiles$", status=503, count=1)
    veza_stack.write(program(A_TYPE, profile("crm", name="CRM")))
    said = by_resource(veza_stack.up(check=False, skip_preview=True))
    assert said["crm"].endswith(
        "the tenant's list shows no such access profile, so it was probably not created; run `pulumi up` again, which "
        "looks for it before it creates anything"
    )
    veza_stack.up(skip_preview=True)
    assert [each["name"] for each in tenant.profiles()] == ["CRM"]


def test_two_resources_for_one_object_are_refused_at_preview(veza_stack: Stack, tenant: Tenant) -> None:
    veza_stack.write(
        program(
            A_TYPE,
            profile("crm", name="CRM", profile_type="t-sales"),
            profile("again", name="CRM", profile_type="t-sales", opts=Code("pulumi.ResourceOptions(depends_on=[crm])")),
        )
    )
    refused = veza_stack.preview(check=False)
    assert refused.returncode != 0
    assert (
        "error: pulumi-python:dynamic/veza:AccessProfile resource 'again' has a problem: AccessProfile 'crm' of this "
        "program declares the same object; remove one of the two, name it differently, or, where Veza has two of this "
        "name, write existing_id in both"
    ) in refused
    assert tenant.requests() == []
