"""The policy pack and the example of a company's own, on the real engine."""

from __future__ import annotations

import json

from tests.witness.recorder import REPOSITORY, Recorder, scenario
from tests.witness.supported import Code, Tenant, entitlement, policy_cases, program, resource

EXAMPLES = REPOSITORY / "examples"


@scenario
def policies(recorder: Recorder) -> None:
    """Preview programs that break every rule, or that no rule can decide yet, with the installed pack."""
    recorder.tenant.seed(identities=policy_cases.PEOPLE)
    stack = recorder.stack(policy_cases.broken())
    pack = recorder.command("policy-pack").strip()
    config = stack.root / "policies.json"
    config.write_text(
        json.dumps({n: {**case.config, "enforcementLevel": "mandatory"} for n, case in policy_cases.CASES.items()})
    )
    flags = ["--policy-pack", pack, "--policy-pack-config", str(config)]
    recorder.preview(stack, *flags)
    for program_text in (policy_cases.broken(), policy_cases.undecided()):
        stack.write(program_text)
        (stack.root / "preview.json").write_text(stack.run("preview", "--json", "--show-sames").stdout)
        recorder.cwd = stack.root
        recorder.command("policy", "check", "preview.json", "--config", "policies.json")
    recorder.preview(stack, *flags)

    recorder.section("remediated, with exceptions, and decided by `up`")
    config.write_text(
        json.dumps(
            {
                "labels": {"enforcementLevel": "remediate", "required": ["owner:*"], "add": ["owner:it"]},
                "description": {"enforcementLevel": "remediate", "default": "What {name} gives"},
                "forbidden-entitlements": {"patterns": ["admin-*"]},
                "naming": {"pattern": "[A-Z].*"},
            }
        )
    )
    (stack.project / "veza-exceptions.yaml").write_text(
        "exceptions:\n"
        "- {rule: naming, resource: low, owner: cfo, reason: r, ticket: T-1, expires: 2999-12-31}\n"
        "- {rule: naming, resource: gone, owner: cfo, reason: old, ticket: T-2, expires: 2020-12-31}\n"
        "- {rule: labels, resource: low, owner: cfo, reason: r, ticket: T-3, expires: 2999-12-31}\n"
    )
    stack.write(
        program(
            *policy_cases.TYPES,
            resource("AccessProfile", "low", name="low", profile_type=Code("app.id"), labels=["eu"]),
            resource(
                "AccessProfile",
                "forbidden",
                name="Forbidden",
                profile_type=Code("app.id"),
                entitlements=[entitlement(Code("app.id.apply(lambda id: 'admin-' + id)"))],
            ),
        )
    )
    recorder.up(stack, *flags)

    recorder.section("a type is changed, and an exception names nothing of the program")
    (stack.root / "veza-exceptions.yaml").write_text(
        "exceptions:\n"
        "- {rule: naming, resource: \"AccessProfile 'low'\", owner: cfo, reason: r, ticket: T-4, expires: 2999-12-31}\n"
    )
    several = [resource("AccessProfile", f"p{n}", name=f"p{n}", profile_type=Code("app.id")) for n in range(6)]
    stack.write(program(resource("AccessProfileType", "app", name="App", max_entitlements=5), *several))
    (stack.root / "preview.json").write_text(stack.run("preview", "--json", "--show-sames").stdout)
    (stack.root / "policies.json").write_text(
        json.dumps({"naming": {"pattern": "[A-Z].*"}, "labels": {"required": ["owner:*"]}})
    )
    recorder.command("policy", "check", "preview.json", "--config", "policies.json")
    recorder.command("policy", "check", "preview.json", "--config", "policies.json", "--format", "annotations")


@scenario
def policy_pack_of_a_company(recorder: Recorder) -> None:
    """Preview the quickstart with the example of a company's own pack."""
    with Tenant.start(seed="demo") as recorder.tenant:
        stack = recorder.stack(EXAMPLES / "quickstart")
        recorder.preview(stack, "--policy-pack", str(EXAMPLES / "policy-pack"))
