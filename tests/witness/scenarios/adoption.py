"""What exists already: taken over, changed or refused; conflicts; and what a destroy leaves."""

from __future__ import annotations

from typing import Any

from tests.witness.calls import calls
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Code, Json, entitlement, program, resource

CONTENT = {"entities_to_create_relationships_to": [entitlement("00G1"), entitlement("00G2")]}

TYPE = resource(
    "AccessProfileType", "sales", name="Sales", allow_create_relationships=True, allow_inherit_entities=True
)

_CATALOG = {"name": "x", "description": "", "markdown_description": "", "recommended": False}

FIELDS: dict[str, tuple[Any, Any]] = {
    "description": ("By hand", "By Pulumi"),
    "labels": (["a", "x"], ["a", "b"]),
    "custom_properties": ({"owner": "kay"}, {"owner": "lee"}),
    "datasource_ids": (["sf-prod"], ["ad-corp"]),
    "require_approval_to_start": (True, False),
    "catalog_item_info": (_CATALOG | {"icon": "one"}, _CATALOG | {"icon": "two"}),
    "profile_type_rbac_id": ("r1", "r2"),
    "access_request_policy_id": ("policy-1", "policy-2"),
    "state": ("PAUSED", "RUNNING"),
}
"""Fields of a profile, each with what the tenant holds and what the program says."""


def _existing(name: str, id_: str, **fields: Any) -> Json:
    return {"id": id_, "name": name, "profile_type": "t-sales", **fields}


def _profile(variable: str, **arguments: Any) -> str:
    return resource("AccessProfile", variable, profile_type=Code("sales.id"), **arguments)


def _types(adopt: str) -> list[str]:
    return [
        resource("AccessProfileType", "known", name="Known", adopt=adopt),
        resource("AccessProfileType", "twins", name="Twins", adopt="identical"),
        resource("AccessProfileType", "different", name="Different", description="New", adopt="identical"),
    ]


def _differing(adopt: str) -> list[str]:
    return [_profile(name, name=name, adopt=adopt, **{name: wanted}) for name, (_, wanted) in FIELDS.items()]


@scenario
def taking_over(recorder: Recorder) -> None:
    """Declare what the tenant has already."""
    recorder.tenant.seed(
        integrations=["SALESFORCE"],
        datasources=[{"id": each, "integration": "SALESFORCE"} for each in ("sf-prod", "ad-corp")],
        types=[
            {"id": "t-sales", "name": "Sales", "allow_create_relationships": True, "allow_inherit_entities": True},
            {"id": "t-known", "name": "Known"},
            {"id": "t-twin-1", "name": "Twins"},
            {"id": "t-twin-2", "name": "Twins"},
            {"id": "t-different", "name": "Different", "description": "Old"},
        ],
        profiles=[
            *(_existing(name, f"p-{name}") for name in FIELDS),
            _existing("Equal", "p-equal", labels=["b", "a"], state="PAUSED", **CONTENT),
            _existing("Content", "p-content", **CONTENT),
            _existing("Never", "p-never"),
            _existing("Twin", "p-twin-1"),
            _existing("Twin", "p-twin-2"),
            _existing("Directory", "p-directory", **CONTENT),
            _existing("Filled", "p-filled", **CONTENT),
            _existing("Parent", "p-parent"),
        ],
    )
    for name, (held, _) in FIELDS.items():
        recorder.tenant.edit_profile(name, **{name: held})
    changed = [entitlement("00G2", custom_properties={"x": 1}), entitlement("00G3")]

    def text(adopt: str, *more: str) -> str:
        return program(
            TYPE,
            *_differing(adopt),
            _profile("equal", name="Equal", labels=["a", "b"], entitlements=[entitlement("00G2"), entitlement("00G1")]),
            _profile("content", name="Content", entitlements=changed, inherits_from=["p-parent"], adopt=adopt),
            _profile("directory", name="Directory", on_destroy="retain"),
            resource(
                "AccessProfileVersion",
                "directory",
                profile_id=Code("directory.id"),
                entitlements=[entitlement("00G3")],
                adopt=adopt,
            ),
            *more,
        )

    refused = [
        *_types("never"),
        _profile("never", name="Never", adopt="never"),
        _profile("twin", name="Twin", adopt="always"),
        resource("AccessProfileVersion", "filled", profile_id="p-filled", entitlements=changed, adopt="never"),
    ]
    stack = recorder.stack(text("identical", *refused))
    recorder.cwd = stack.root
    (stack.root / "preview.json").write_text(stack.run("preview", "--json", "--show-sames").stdout)
    recorder.live("impact", "preview.json", "--live")
    recorder.up(stack, "--continue-on-error")

    recorder.section('adopt="always"')
    stack.write(text("always"))
    recorder.up(stack)

    recorder.section("the end")
    recorder.destroy(stack)


@scenario
def profiles(recorder: Recorder) -> None:
    """Change, move, lose and destroy profiles and their content."""
    tenant = recorder.tenant
    tenant.seed(
        types=[
            {"id": "t-sales", "name": "Sales", "allow_create_relationships": True, "allow_inherit_entities": True},
            {"id": "t-empty", "name": "Empty"},
        ],
        profiles=[
            {"id": f"p-{name.lower()}", "name": name, "profile_type": "t-sales"}
            for name in ("CRM", "Content", "Kept", "Gone", "Prevented", "Old")
        ],
    )

    def declared(variable: str, name: str, **more: Any) -> str:
        return resource("AccessProfile", variable, name=name, profile_type=more.pop("profile_type", "t-sales"), **more)

    def version(variable: str, profile: str, **more: Any) -> str:
        return resource("AccessProfileVersion", variable, profile_id=Code(f"{profile}.id"), **more)

    crm = {"description": "What sellers need", "labels": ["sales"], "entitlements": [entitlement("00G1")]}
    text = program(
        declared("crm", "CRM", adopt="always", **crm),
        declared("content", "Content"),
        version("content-version", "content", entitlements=[entitlement("00G2")], on_destroy="clear"),
        declared("kept", "Kept", on_destroy="retain"),
        version("kept-version", "kept", entitlements=[entitlement("00G3")]),
        declared("gone", "Gone"),
        declared("prevented", "Prevented", on_destroy="prevent"),
        declared("old", "Old"),
        resource("AccessProfileType", "role", name="Role", on_destroy="prevent"),
    )
    stack = recorder.stack(text)
    recorder.up(stack)

    recorder.section("changed, gone, of another type, and a name that is given up")
    tenant.delete_profile("Gone")
    changed = [
        declared("crm", "CRM", adopt="always", description="Other", labels=["sales", "b"], state="PAUSED"),
        declared("content", "Content", entitlements=[entitlement("00G5")]),
        declared("kept", "Kept", on_destroy="retain"),
        version("kept-version", "kept", entitlements=[entitlement("00G4")], access_request_policy_id="policy-1"),
        declared("gone", "Gone", description="Other"),
        declared("prevented", "Prevented", on_destroy="prevent", profile_type="t-empty"),
        resource("AccessProfileType", "role", name="Role", on_destroy="prevent"),
        declared("old", "Old", datasource_ids=["no-such-datasource"]),
    ]
    stack.write(program(*changed))
    recorder.preview(stack, "--diff")
    recorder.up(stack, "--continue-on-error")
    recorder.refresh(stack)

    recorder.section("two resources for one object that exists")
    held = {name: each["outputs"] for name, each in stack.resources().items()}
    of_type = {"profile_type": "t-sales"}
    with calls(recorder) as run:
        inputs = run.check(
            "AccessProfile", "content", held["content"], name="Content", **of_type, inherits_from=["p-crm"]
        )
        run.diff("AccessProfile", "content", "p-content", held["content"], inputs)
        run.check("AccessProfileVersion", "both", profile_id="p-content", entitlements=[])
        run.check("AccessProfile", "crm", held["crm"], name="CRM", **of_type)
        run.check("AccessProfile", "renamed", name="CRM", **of_type)
        run.check("AccessProfile", "newcomer", name="Old", **of_type)
        run.check("AccessProfile", "old", held["old"], name="New", **of_type)
        run.create("AccessProfile", "first", name="Twice", **of_type)
        run.create("AccessProfile", "second", name="Twice", **of_type)
        run.create(
            "AccessProfile", "secret", concealed="description", name="Prevented", description="a-secret", **of_type
        )
        run.delete("AccessProfile", "crm", "p-crm", held["crm"])

    recorder.section("destroyed")
    recorder.destroy(stack, "--continue-on-error")
