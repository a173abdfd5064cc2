"""What a change is predicted to do to people: every reason for certainty, doubt and refusal that a preview can have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.witness.page import page_text
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Code, Json, Stack, entitlement, program, resource

MANY = [f"m{number:02}" for number in range(30)]
PEOPLE = ["ana", "bob", "carl", "dora", "eve", "finn", "gil", "hal"]

FREE = {"max_removal_percent": 100}

PROFILES: dict[str, Json] = {
    "Strict": {"profile_type": "t-strict"},
    "Lax": {"profile_type": "t-lax"},
    "Running": {},
    "Paused": {"state": "PAUSED"},
    "Drafted": {},
    "Idle": {"state": "PAUSED"},
    "Retired": {},
    "Both": {},
    "Parent": {},
    "Heir": {},
    "Leaving": {},
    "Shared": {},
    "Failing": {},
    "Confirmed": {},
    "Going": {},
    "Crowd": {},
    "Vanished": {},
    "Circle A": {},
    "Circle B": {},
    "Alone": {"members": ["gil"]},
    "Different": {"description": "By hand", "members": ["hal"]},
    "Equal": {"state": "PAUSED", "members": ["hal"], "entities_to_create_relationships_to": [entitlement("00G-equal")]},
    "Thrown": {"members": [*PEOPLE]},
}


def _id(name: str) -> str:
    return f"p-{name.lower().replace(' ', '-')}"


def _profile(label: str, /, *ids: str, **more: Any) -> str:
    content = {"entitlements": [entitlement(each) for each in ids]} if ids else {}
    variable = label.lower().replace(" ", "_")
    of_type = {"Strict": "strict.id", "Lax": "lax.id"}.get(label, "open_type.id")
    given = {"name": label, "profile_type": Code(of_type), "adopt": "always", **content, **more}
    return resource("AccessProfile", variable, **given).replace(f"{variable} = ", f"{variable}_profile = ", 1)


def _set(name: str, profile: str, *ids: Any, **more: Any) -> str:
    return resource("MembershipSet", name, profile_id=profile, identity_ids=list(ids), **more)


def _types(**of_open: Any) -> list[str]:
    allowed = {"allow_create_relationships": True, "allow_inherit_entities": True}
    return [
        resource("AccessProfileType", "open-type", name="Open", **allowed, **of_open),
        resource(
            "AccessProfileType", "strict", name="Strict", **allowed, remove_entitlement_on_member_upon_update=True
        ),
        resource("AccessProfileType", "lax", name="Lax", **allowed, remove_entitlement_on_member_upon_update=False),
    ]


BEFORE = [
    *_types(),
    _profile("Strict", "00G-kept", "00G-gone"),
    _profile("Lax", "00G-kept", "00G-gone"),
    _profile("Running", "00G-running"),
    _profile("Paused", "00G-paused", state="PAUSED"),
    _profile("Idle", "00G-idle", state="PAUSED"),
    _profile("Retired"),
    _profile("Drafted"),
    resource("AccessProfileVersion", "live", profile_id=_id("Drafted"), entitlements=[entitlement("00G-live")]),
    resource(
        "AccessProfileVersion", "draft", profile_id=_id("Drafted"), version=2, entitlements=[entitlement("00G-draft")]
    ),
    _profile("Parent", "00G-parent"),
    _profile("Heir", inherits_from=[_id("Parent")]),
    _profile("Leaving", "00G-leaving"),
    _profile("Shared", "00G-shared"),
    _profile("Failing", "00G-failing"),
    _profile("Confirmed", "00G-confirmed"),
    _profile("Going", "00G-going"),
    _profile("Crowd", "00G-crowd"),
    _profile("Vanished", "00G-vanished"),
    _profile("Circle A"),
    _profile("Circle B"),
    *(_set(name, _id(name), "ana", "bob") for name in ("strict", "lax", "running", "paused", "drafted", "heir")),
    _set("leaving", _id("leaving"), "carl"),
    resource("AccessProfileVersion", "retired", profile_id=_id("Retired"), entitlements=[entitlement("00G-retired")]),
    _set("idle", _id("idle"), "ana"),
    _set("retired", _id("retired"), "ana"),
    _set("one", _id("shared"), "ana", "bob", **FREE),
    _set("two", _id("shared"), "carl"),
    _set("failing", _id("failing"), "ana", "zoe"),
    _set("confirmed", _id("confirmed"), "ana", "bob", "carl"),
    _set("going", _id("going"), "dora", "eve"),
    _set("crowd", _id("crowd"), *MANY[:2]),
]
AFTER = [
    _profile("Strict", "00G-kept"),
    _profile("Lax", "00G-kept"),
    _profile("Running", "00G-running", state="PAUSED"),
    _profile("Paused", "00G-paused", state="RUNNING"),
    _profile("Idle", "00G-idle", state="PAUSED"),
    _profile("Retired"),
    _profile("Drafted"),
    resource("AccessProfileVersion", "live", profile_id=_id("Drafted"), entitlements=[entitlement("00G-live")]),
    resource(
        "AccessProfileVersion",
        "draft",
        profile_id=_id("Drafted"),
        version=2,
        entitlements=[entitlement("00G-draft")],
        state="PUBLISHED",
    ),
    _profile("Parent", "00G-parent", "00G-more"),
    _profile("Heir", inherits_from=[]),
    _profile("Shared", "00G-shared"),
    _profile("Failing", "00G-failing"),
    _profile("Confirmed", "00G-confirmed"),
    _profile("Going", "00G-going"),
    _profile("Crowd", "00G-crowd"),
    _profile("Vanished", "00G-vanished", description="Other"),
    _profile("Circle A", inherits_from=[_id("Circle B")]),
    _profile("Circle B", inherits_from=[_id("Circle A")]),
    _profile("Different", description="By Pulumi", adopt="identical"),
    _profile("Equal", "00G-equal", adopt="identical"),
    *(_set(name, _id(name), "ana", "bob") for name in ("strict", "lax", "running", "paused", "drafted", "heir")),
    _set("one", _id("shared"), "ana", "carl", mode="authoritative", **FREE),
    _set("two", _id("shared"), "bob", **FREE),
    _set("failing", _id("failing"), "ana", "zoe"),
    _set("crowd", _id("crowd"), *MANY),
    _set("confirmed", _id("confirmed"), "ana", allow_removals="2-75ff652470"),
    resource(
        "AccessProfileVersion",
        "retired",
        profile_id=_id("Retired"),
        entitlements=[entitlement("00G-retired")],
        state="RETIRED",
    ),
    _set("idle", _id("idle"), "ana", "bob"),
    _set("retired", _id("retired"), "ana"),
    _set("both-1", _id("both"), "ana"),
    _set("both-2", _id("both"), "ana", "bob"),
    resource("AccessProfileType", "empty", name="Empty"),
    _profile("Holding", "00G-held", profile_type=Code("empty.id")),
    _set("alone", _id("alone"), "ana", "gil"),
    _set("thrown", _id("thrown"), "ana", mode="authoritative"),
]
UNKNOWN = [
    resource("AccessProfileType", "fresh", name="Fresh", allow_create_relationships=True),
    "later = lambda value: fresh.id.apply(lambda _: value)",
    _profile("New", profile_type=Code("fresh.id"), state=Code("later('RUNNING')")),
    _profile("Other new", profile_type=Code("fresh.id"), entitlements=Code("later([])"), name=Code("later('x')")),
    _profile("Secretive", entitlements=Code(f"pulumi.Output.secret({[entitlement('00G-secret')]!r})")),
    "either = pulumi.Output.all(new_profile.id, other_new_profile.id).apply(lambda ids: ids[0])",
    resource("AccessProfileVersion", "somewhere", profile_id=Code("either"), entitlements=[]),
    _set("somebody", Code("either"), "ana"),
    _set("running", _id("running"), "ana", Code("later('bob')"), **FREE),
    _set("new-one", Code("new_profile.id"), "ana"),
    _set("unknown", _id("paused"), mode="authoritative", **FREE).replace("identity_ids=[]", "identity_ids=later([])"),
    _set("hidden", _id("lax"), "ana", **FREE).replace(
        "identity_ids=['ana']", "identity_ids=pulumi.Output.secret(['ana'])"
    ),
]


def _seed(recorder: Recorder) -> None:
    tenant = recorder.tenant
    allowed = {"allow_create_relationships": True, "allow_inherit_entities": True}
    tenant.seed(
        identities=[*PEOPLE, *MANY],
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
        types=[
            {"id": "t-open", "name": "Open", **allowed},
            {"id": "t-strict", "name": "Strict", **allowed, "remove_entitlement_on_member_upon_update": True},
            {"id": "t-lax", "name": "Lax", **allowed},
        ],
        profiles=[{"id": _id(name), "name": name, "profile_type": "t-open", **more} for name, more in PROFILES.items()],
    )
    tenant.create_draft("Drafted")


def _preview(stack: Stack, name: str, text: str) -> None:
    stack.write(text)
    (stack.root / name).write_text(stack.run("preview", "--json", "--show-sames").stdout)


def _shown(recorder: Recorder, name: str) -> None:
    recorder.command("impact", name)
    recorder.live("impact", name, "--live")
    recorder.live("impact", name, "--live", "--format", "markdown")
    recorder.command("impact", name, "--format", "annotations")
    for each in ("text", "mermaid", "dot"):
        recorder.command("graph", name, "--format", each)


@scenario
def predictions(recorder: Recorder) -> None:
    """Ask what a change of nearly everything does, with and without the tenant, and what the policies say of it."""
    _seed(recorder)
    stack = recorder.stack(program(*BEFORE))
    recorder.up(stack)
    recorder.cwd = stack.root
    _preview(stack, "changed.json", program(*_types(), *AFTER))
    _preview(stack, "replaced.json", program(*_types(max_entitlements=5), *BEFORE[3:]))
    _preview(stack, "unknown.json", program(*_types(), *BEFORE[3:12], *UNKNOWN))
    _preview(stack, "empty.json", program())
    recorder.tenant.delete_profile("Vanished")
    recorder.tenant.delete_profile("Leaving")
    for name in ("changed", "unknown"):
        recorder.section(name)
        _shown(recorder, f"{name}.json")
    recorder.live("impact", "changed.json", "--live", "--format", "html", "--output", "impact.html")
    recorder.note(page_text((stack.root / "impact.html").read_text(encoding="utf-8")))
    for name in ("replaced", "empty"):
        recorder.section(name)
        recorder.command("impact", f"{name}.json")
        recorder.command("impact", f"{name}.json", "--format", "markdown")
        recorder.live("impact", f"{name}.json", "--live")
    recorder.section("rules with every option")
    config: Mapping[str, Any] = {
        "naming": {"pattern": "[A-Z]{9}", "patterns": {"Open": "Open .*"}, "type_pattern": "[a-z]+"},
        "labels": {"required": ["owner:*"], "allowed": ["x"], "exclusive": [["a", "b"]]},
        "membership": {"max_members": 1, "max_added": 1, "max_removed": 0, "max_removed_percent": 10},
        "ownership": {"several_sets": False},
        "inheritance": {"max_depth": 0, "allowed": {"Open": ["Lax"]}},
        "approval": {"names": ["*"], "approval_to_start": True},
        "dangerous-options": {"states": ["RUNNING"]},
        "forbidden-entitlements": {"patterns": ["*gone"]},
        "separation-of-duties": {"conflicts": [{"name": "both", "a": ["*/00G-kept"], "b": ["*/00G-running"]}]},
    }
    (stack.root / "policies.json").write_text(json.dumps(config))
    for name in ("changed", "unknown", "replaced", "empty"):
        recorder.command("policy", "check", f"{name}.json", "--config", "policies.json")
    recorder.command("policy", "check", "changed.json")
