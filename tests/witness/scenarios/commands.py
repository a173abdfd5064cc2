"""The command line ``pulumi-veza``: every command, in every format, on one change of one small organisation."""

from __future__ import annotations

import json
from pathlib import Path

from pulumi_veza.cli.commands import COMMANDS
from tests.witness.page import page_text
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Code, Stack, entitlement, program, resource

FORMATS_OF_IMPACT = ("terminal", "markdown", "markdown-plain", "json", "sarif", "annotations")
FORMATS_OF_GRAPH = ("text", "mermaid", "dot", "svg")
FORMATS_OF_REQUESTS = ("terminal", "json")
FORMATS_OF_POLICY = ("terminal", "junit", "sarif", "annotations")

PEOPLE = ["ana", "bob", "carl", "dora", "eve", "finn", "gil"]

REFUSED = (
    "error: Veza: MembershipSet 'sellers' would remove 3 of 5 members of access profile p-seller: ana, bob, carl; "
    "up to 20 % may be removed without a confirmation, so the guard refuses it; if all of them are to lose access, "
    'confirm this one change with allow_removals="3-0123456789" in the set, or with VEZA_ALLOW_REMOVALS=3-0123456789 '
    "in the environment of one run; if not, list them in the set again"
)
"""What the engine writes of a preview that the guard stopped."""

GROUPS = [
    entitlement("00G-sellers"),
    entitlement("00G-quotes"),
    entitlement("00G-admins", condition={"type": "ALWAYS"}),
]


def _company(recorder: Recorder) -> None:
    """Fill the tenant; what the stack is going to take over has ids that are the same in every run."""
    recorder.tenant.seed(
        integrations=["ACTIVE_DIRECTORY", "SALESFORCE"],
        identities=[{"id": each, "name": each.title(), "department": "Sales"} for each in PEOPLE],
        datasources=[
            {"id": "sf-prod", "integration": "SALESFORCE", "name": "Salesforce"},
            {"id": "ad-corp", "integration": "ACTIVE_DIRECTORY", "name": "Directory"},
        ],
        types=[
            {"id": "t-app", "name": "Application", "allow_create_relationships": True},
            {"id": "t-role", "name": "Role", "allow_inherit_entities": True},
        ],
        profiles=[
            {"id": "p-crm", "name": "CRM", "profile_type": "t-app"},
            {"id": "p-directory", "name": "Directory", "profile_type": "t-app"},
            {"id": "p-seller", "name": "Seller", "profile_type": "t-role", "members": ["gil"]},
            {"id": "p-left", "name": "Left alone", "profile_type": "t-role", "members": ["gil"]},
        ],
    )


def _program(*, changed: bool = False) -> str:
    return program(
        resource("AccessProfileType", "app", name="Application", allow_create_relationships=True),
        resource("AccessProfileType", "role", name="Role", allow_inherit_entities=True),
        resource(
            "AccessProfile",
            "crm",
            name="CRM",
            profile_type=Code("app.id"),
            adopt="always",
            labels=["sales"],
            entitlements=GROUPS[1:] if changed else GROUPS,
        ),
        resource("AccessProfile", "directory", name="Directory", profile_type=Code("app.id")),
        resource(
            "AccessProfileVersion",
            "content",
            profile_id=Code("directory.id"),
            entitlements=[
                {"entity_type": "ActiveDirectoryGroup", "datasource_id": "ad-corp", "entity_id": each}
                for each in (["CN=Sales"] if changed else ["CN=Reports", "CN=Sales"])
            ],
        ),
        resource(
            "AccessProfile",
            "seller",
            name="Seller",
            profile_type=Code("role.id"),
            adopt="always",
            inherits_from=[Code("crm.id"), Code("directory.id")] if changed else [Code("crm.id")],
        ),
        resource(
            "MembershipSet",
            "sellers",
            profile_id=Code("seller.id"),
            identity_ids=["ana", "bob", "dora", "eve"] if changed else ["ana", "bob", "carl", "dora"],
            max_removal_percent=30,
        ),
        resource("MembershipSet", "helpers", profile_id=Code("crm.id"), identity_ids=["finn"]),
        *(
            [
                resource("AccessProfile", "desk", name="Desk", profile_type=Code("app.id"), entitlements=GROUPS[:1]),
                resource("MembershipSet", "desk", profile_id=Code("desk.id"), identity_ids=["finn"]),
            ]
            if changed
            else []
        ),
    )


def _saved(stack: Stack, name: str, *arguments: str) -> None:
    (stack.root / name).write_text(stack.run(*arguments).stdout, encoding="utf-8")


@scenario
def commands(recorder: Recorder) -> None:
    """Run every command on one change, in every format."""
    _company(recorder)
    stack = recorder.stack(_program())
    recorder.up(stack)
    _saved(stack, "unchanged.json", "preview", "--json", "--show-sames")
    stack.write(_program(changed=True))
    _saved(stack, "preview.json", "preview", "--json", "--show-sames")
    _saved(stack, "state.json", "stack", "export")
    recorder.cwd = stack.root
    _impact(recorder, stack.root)
    _graph(recorder)
    _policy(recorder, stack.root)
    _requests(recorder)


def _impact(recorder: Recorder, folder: Path) -> None:
    recorder.section("impact")
    preview = "preview.json"
    for each in FORMATS_OF_IMPACT:
        recorder.command("impact", preview, "--format", each, "--source-root", "infra")
    recorder.command("impact", preview, "--full")
    recorder.command("impact", preview, "--format", "html", "--output", "impact.html")
    recorder.note(page_text((folder / "impact.html").read_text(encoding="utf-8")))
    recorder.command("impact", "unchanged.json")
    recorder.command("impact", "unchanged.json", "--format", "markdown")
    recorder.command("impact", preview, "--format", "markdown", "--budget", "1000")

    recorder.section("impact, with the tenant")
    recorder.live("impact", preview, "--live")
    recorder.live("impact", preview, "--live", "--format", "json", "--output", "impact.json")
    recorder.command("impact", "impact.json")

    recorder.section("impact, conditions")
    for condition in ("losses", "gains,any", "conflicts", "unknown", "count>1", "count>90", "percent>10", "percent>99"):
        recorder.command("impact", "impact.json", "--fail-on", condition, "--output", "ignored")

    recorder.section("impact, what was approved")
    recorder.command("impact", "impact.json", "--approved", "impact.json", "--output", "ignored")
    recorder.command("impact", preview, "--format", "json", "--output", "approved.json")
    recorder.command("impact", "impact.json", "--approved", "approved.json", "--output", "ignored")
    recorder.command("impact", "impact.json", "--approved", preview)

    recorder.section("impact, a document and a preview without what stays the same")
    recorder.command("impact", "impact.json", "--live")
    recorder.command("impact", preview, "impact.json")
    whole = json.loads((folder / preview).read_text(encoding="utf-8"))
    whole["steps"] = [step for step in whole["steps"] if step["op"] != "same"]
    (folder / "short.json").write_text(json.dumps(whole), encoding="utf-8")
    recorder.command("impact", "short.json")
    whole["steps"] = [{**step, "oldState": None} for step in whole["steps"]]
    (folder / "old.json").write_text(json.dumps(whole), encoding="utf-8")
    recorder.command("impact", "old.json")

    recorder.section("impact, of two stacks")
    recorder.command("impact", preview, "unchanged.json")

    recorder.section("impact, a newer comment")
    document = json.loads((folder / "impact.json").read_text(encoding="utf-8"))
    for name, valid_at in (("newer.json", "12"), ("older.json", "3")):
        (folder / name).write_text(json.dumps({**document, "valid_at": valid_at}), encoding="utf-8")
    (folder / "comment.md").write_text(recorder.command("impact", "newer.json", "--format", "markdown"))
    recorder.command("impact", "older.json", "--format", "markdown", "--over", "comment.md", "--output", "comment.md")


def _graph(recorder: Recorder) -> None:
    recorder.section("graph")
    for each in FORMATS_OF_GRAPH:
        recorder.command("graph", "preview.json", "--format", each)
    for each in FORMATS_OF_GRAPH:
        recorder.command("graph", "state.json", "--format", each, "--around", "Directory")
    recorder.live("graph", "--live")
    recorder.live("graph", "--live", "--around", "p-crm", "--format", "mermaid")
    recorder.live("graph", "--live", "--around", "nobody")


def _policy(recorder: Recorder, folder: Path) -> None:
    recorder.section("policies")
    (folder / "policies.json").write_text(
        json.dumps(
            {
                "naming": {"pattern": "[A-Z]{3,}"},
                "labels": {"required": ["owner:*"]},
                "entitlement-count": {"max": 1, "enforcementLevel": "mandatory"},
                "separation-of-duties": {"conflicts": [{"name": "both", "a": ["*/00G-quotes"], "b": ["*/CN=Sales"]}]},
            }
        ),
        encoding="utf-8",
    )
    for each in FORMATS_OF_POLICY:
        recorder.command(
            "policy", "check", "preview.json", "--config", "policies.json", "--format", each, "--source-root", "infra"
        )
    recorder.command("policy", "check", "state.json", "--config", "policies.json")
    for each in ("advisory", "undecided", "never"):
        recorder.command(
            "policy", "check", "preview.json", "--config", "policies.json", "--fail-on", each, "--output", "ignored"
        )
    recorder.command("policy", "check", "preview.json")
    (folder / "exceptions.yaml").write_text(
        "exceptions:\n"
        "- {rule: naming, resource: directory, owner: cfo, reason: r, ticket: T-1, expires: 2999-12-31}\n"
        "- {rule: naming, resource: gone, owner: cfo, reason: old, ticket: T-2, expires: 2020-12-31}\n"
        "- {rule: labels, resource: nobody, owner: cfo, reason: r, ticket: T-3, expires: 2999-12-31}\n"
    )
    recorder.command("policy", "check", "preview.json", "--config", "policies.json", "--exceptions", "exceptions.yaml")
    recorder.command("policy-pack")


def _requests(recorder: Recorder) -> None:
    recorder.section("access requests")
    # By the person, as the engine creates the sets in any order.
    opened = {each["identity_id"]: each["id"] for each in recorder.tenant.access_requests()}
    recorder.tenant.move_access_request(opened["finn"], state="FAILED", error_message="no such group")
    recorder.tenant.move_access_request(opened["ana"], state="NEEDS_MORE_INFORMATION")
    recorder.tenant.move_access_request(opened["bob"], state="A_STATE_OF_A_LATER_RELEASE")
    for each in FORMATS_OF_REQUESTS:
        recorder.live("requests", "state.json", "--format", each)
    recorder.live("requests", "state.json", "--wait", "--timeout", "0")
    recorder.command("requests", "state.json", VEZA_URL="https://other.vezacloud.com", VEZA_API_KEY="key")
    recorder.command("requests", "state.json")


@scenario
def help_and_usage(recorder: Recorder) -> None:
    """Ask the command line for help, and use it in ways that it does not know."""
    recorder.command("--help")
    for words in (*COMMANDS, "simulate"):
        group, _, _ = words.rpartition(" ")
        if group:
            recorder.command(group, "--help")
        recorder.command(*words.split(), "--help")
    recorder.command("--version")
    recorder.section("wrong commands")
    for wrong in (
        [],
        ["policy"],
        ["no-such-command"],
        ["impact", "--no-such-option"],
        ["impact", "--format", "pdf"],
        ["impact", "--fail-on", "everything"],
        ["impact", "--fail-on", ""],
        ["impact", "--budget", "1"],
        ["impact", "file.json", "--stack", "dev"],
        ["graph", "--format", "png"],
        ["graph", "file.json", "--live"],
        ["policy", "check"],
        ["policy", "check", "file.json", "--format", "pdf"],
        ["policy", "check", "file.json", "--fail-on", "rain"],
        ["requests", "file.json", "--stack", "dev"],
        ["requests", "--format", "pdf"],
        ["simulate", "--port", "70000"],
        ["simulate", "--seed", "rich"],
    ):
        recorder.command(*wrong)


@scenario
def unusable_files(recorder: Recorder) -> None:
    """Give the commands files that they cannot use."""
    folder = recorder.folder
    texts = {
        "empty.json": "",
        "cut.json": '{"steps": [',
        "list.json": "[]",
        "nothing.json": "{}",
        "state.json": '{"version": 3, "deployment": {"resources": []}}',
        "broken-state.json": '{"version": 3, "deployment": {"resources": 5}}',
        "events.json": '{"sequence": 1, "timestamp": 2, "preludeEvent": {}}',
        "nameless.json": '{"steps": [{"op": "create"}], "changeSummary": {"create": 1}}',
        "failed.json": '{"steps": [], "diagnostics": [{"severity": "error", "message": "it broke"}]}',
        "refused.json": json.dumps({"steps": [], "diagnostics": [{"severity": "error", "message": REFUSED}]}),
        "without-sames.json": '{"steps": [], "changeSummary": {"same": 3}}',
        "document.json": '{"format": "pulumi-veza-impact", "version": 99}',
        "broken-document.json": '{"format": "pulumi-veza-impact", "version": 1, "people": 5}',
        "stream.json": '{"sequence": 1}\n{"sequence": 2}\n',
        "unreadable.json": '{"steps": [{"urn": "urn:x::y", "op": "same", "newState": 5}]}',
        "stateless.json": '{"deployment": null}',
        "whole.json": '{"notes": {"max": 1}}',
        "binary.json": "\udcff",
        "exceptions.yaml": "exceptions: [{rule: naming}]",
        "unknown-rule.yaml": (
            "exceptions: [{rule: raining, resource: n, owner: o, reason: r, ticket: T, expires: 2999-01-01}]"
        ),
        "no-exceptions.yaml": "a: [",
        "unknown-rule.json": '{"raining": {"max": 1}}',
        "wrong-option.json": '{"entitlement-count": {"max": "many"}}',
        "unknown-option.json": '{"entitlement-count": {"maximum": 1}}',
        "wrong-level.json": '{"entitlement-count": {"enforcementLevel": "sometimes"}}',
        "wrong-pattern.json": '{"naming": {"pattern": "["}}',
        "not-an-object.json": "[1]",
        "good.json": '{"steps": [], "changeSummary": {}}',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    previews = [name for name in texts if name.endswith(".json") and "-option" not in name and "rule" not in name]
    for name in [*previews, "none.json"]:
        recorder.command("impact", name)
    for each in ("markdown", "annotations"):
        recorder.command("impact", "failed.json", "--format", each)
        recorder.command("impact", "refused.json", "--format", each)
    (folder / "stopped.json").write_text(recorder.command("impact", "refused.json", "--format", "json"))
    recorder.command("impact", "stopped.json")
    recorder.command("impact", "stopped.json", "--fail-on", "refused")
    recorder.command("impact", "good.json", "--approved", "stopped.json")
    for name in ("empty.json", "broken-state.json", "stateless.json", "nothing.json", "none.json"):
        recorder.command("graph", name)
        recorder.command("policy", "check", name)
    recorder.command("impact", "-", stdin="no json")
    recorder.command("impact", "good.json", "--output", "none/there")
    recorder.command("impact", "good.json", "--over", "none.md")
    recorder.command("graph", "good.json")
    recorder.command("graph", "good.json", "--around", "nobody")
    for name in (
        "unknown-rule",
        "wrong-option",
        "unknown-option",
        "wrong-level",
        "wrong-pattern",
        "not-an-object",
        "whole",
    ):
        recorder.command("policy", "check", "good.json", "--config", f"{name}.json")
    recorder.command("policy", "check", "good.json", "--config", "none.json")
    for name in ("exceptions", "unknown-rule", "no-exceptions", "none"):
        recorder.command("policy", "check", "good.json", "--exceptions", f"{name}.yaml")
    recorder.command("policy", "check", "good.json", PULUMI_VEZA_EXCEPTIONS="none.yaml")

    recorder.section("without an engine, and with one that fails")
    recorder.command("impact", PATH=str(folder))
    recorder.command("graph", PATH=str(folder))
    engine = folder / "pulumi"
    engine.write_text("#!/bin/sh\necho 'error: no stack selected' >&2\nexit 255\n")
    engine.chmod(0o755)
    recorder.command("impact", PATH=f"{folder}:/bin:/usr/bin")
    recorder.command("graph", PATH=f"{folder}:/bin:/usr/bin")
    for package in ("jinja2", "networkx", "rich"):
        program = f"import sys; sys.modules[{package!r}] = None; from pulumi_veza.cli import main; main()"
        recorder.python("-c", program, "impact", "good.json", "--format", "html", shown=f"without {package}")

    recorder.section("the simulator")
    recorder.command("simulate", "--host", "0.0.0.0")  # noqa: S104  # it is refused
    recorder.command("simulate", "--host", "192.0.2.1", "--allow-remote", "--port", "1024")
    recorder.command("simulate", "--db", "none/tenant.db")
    recorder.command("simulate", "--port", str(recorder.tenant.port))
    (folder / "not.db").write_text("not a database, but a text of some length" * 100)
    recorder.command("simulate", "--port", "0", "--db", "not.db")
