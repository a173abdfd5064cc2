"""The API key is nowhere, and what a program marks as secret stays secret, whatever succeeds or fails."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.leaks import leaks, spellings
from tests.support.fixtures import StackFactory
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

KEY = 'vz_K3y/that+must=never&be"shown\\<anywhere>%41'

VERBOSE = ("-v=9", "--logtostderr", "--logflow")

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def tell_all(args, report):
    report(f"{args.name} has {dict(args.props)!r} and {args.provider and dict(args.provider.props)!r}")


PolicyPack(
    "curious",
    enforcement_level=EnforcementLevel.ADVISORY,
    policies=[ResourceValidationPolicy("tell-all", "Tells all it is given.", tell_all)],
)
"""

UNAUTHENTICATED = {"status": 401, "answer": {"code": "Unauthenticated", "message": f"no such key: Bearer {KEY}"}}

ECHOES: dict[str, dict[str, Any]] = {
    "echo-500": {
        "status": 500,
        "answer": f"<html><title>Authorization: Bearer {html.escape(KEY)}</title><pre>{KEY}</pre></html>",
    },
    "echo-400": {
        "status": 400,
        "answer": {"code": KEY, "message": json.dumps({"authorization": KEY}), "details": [KEY], "request_id": KEY},
    },
    "echo-redirect": {"status": 307, "headers": {"location": "http://localhost/?key=vz_K3y/that+must"}, "answer": {}},
    "echo-encodings": {
        "status": 422,
        "answer": {"message": "; ".join(each.decode("latin-1") for each in spellings(KEY).values())},
    },
    "echo-reset": {"reset": "after_commit"},
    "echo-type": {"body_fault": "wrong_content_type"},
}


@pytest.fixture(scope="module")
def keyed_process() -> Iterator[Tenant]:
    with Tenant.start(token=KEY) as running:
        yield running


@pytest.fixture
def keyed(keyed_process: Tenant) -> Tenant:
    """Empty a tenant that accepts only the recognisable key."""
    keyed_process.reset()
    keyed_process.seed(types=[{"name": "Role", "id": "t-role"}], identities=["ana", "bob"])
    return keyed_process


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(PACK)
    return folder


CRM = resource("AccessProfile", "crm", name="CRM", profile_type="t-role", description="of a team")
TEAM = resource("MembershipSet", "team", profile_id=Code("crm.id"), identity_ids=["ana"])


def everything(stack: Stack, tenant: Tenant) -> tuple[Path | str, ...]:
    """Return all that could hold a key: the state with its history and backups, every output, the tenant's log."""
    shown = stack.run("stack", "export", "--show-secrets"), stack.run("stack", "history", "--show-secrets")
    return (stack.root, *map(str, shown), json.dumps(tenant.control("GET", "requests")))


@pytest.mark.catalogue(30)
@pytest.mark.slow
def test_a_key_in_the_environment_is_nowhere_whatever_happens(
    stack_factory: StackFactory,
    keyed: Tenant,
    pack: Path,
) -> None:
    stack = stack_factory(program(CRM, TEAM), environment={**keyed.env(), "VEZA_MAX_RETRIES": "0"})
    told = stack.up(*VERBOSE, "--skip-preview", "--policy-pack", str(pack))
    assert "crm has {" in told
    stack.preview("--diff", "--refresh")

    for name, fault in ECHOES.items():
        keyed.fault(method="POST", body=f'"name":"{name}"', count=None, **fault)
    failing = [resource("AccessProfile", name, name=name, profile_type="t-role") for name in ECHOES]
    stack.write(program(CRM, TEAM, *failing))
    stack.environment["VEZA_DEBUG"] = "1"
    failed = stack.up(*VERBOSE, "--skip-preview", "--continue-on-error", check=False)
    assert failed.returncode != 0
    assert "Traceback" in failed
    for name, fault in ECHOES.items():
        if "status" in fault:
            assert f'"{name}" failed: {fault["status"]}' in failed
        else:  # What was created all the same was found again.
            assert keyed.profile(name)["state"] == "RUNNING"
    assert failed.stdout.count("[API key]") >= 3

    del stack.environment["VEZA_DEBUG"]
    keyed.fault(method="GET", **UNAUTHENTICATED)
    assert "no such key: Bearer [API key]" in stack.refresh(check=False, skip_preview=True)
    stack.environment["VEZA_URL"] = keyed.url.replace("http://", "https://")
    stack.environment["VEZA_TENANT_MOVED"] = f"{keyed.url}={stack.environment['VEZA_URL']}"
    assert "no connection to https://" in stack.refresh(*VERBOSE, check=False, skip_preview=True)
    stack.environment["VEZA_URL"] = keyed.url.replace("http://", f"http://{KEY}@")
    assert "holds a user name or password" in stack.refresh(*VERBOSE, check=False, skip_preview=True)
    stack.environment |= {**keyed.env(), "VEZA_TENANT_MOVED": None}
    stack.destroy(*VERBOSE, skip_preview=True)

    found = leaks(KEY, *everything(stack, keyed))
    assert found == []


@pytest.mark.catalogue(30)
def test_a_key_in_the_stacks_configuration_is_in_nothing_that_is_not_encrypted(
    stack_factory: StackFactory,
    keyed: Tenant,
) -> None:
    stack = stack_factory(
        program(CRM, TEAM),
        environment={"VEZA_URL": keyed.url, "VEZA_MAX_RETRIES": "0"},
        secrets={"veza:apiKey": KEY},
    )
    # The engine itself prints decrypted settings in its own log, which is the standard error of the CLI.
    verbose = stack.up(*VERBOSE, "--skip-preview")
    assert leaks(KEY, verbose.stdout) == []
    logs = stack.root / "output" / str(len(stack._started) - 1)

    keyed.fault(method="GET", count=None, **UNAUTHENTICATED)
    refused = stack.refresh(check=False, skip_preview=True)
    assert "the API key (from veza:apiKey) is not valid" in refused
    assert "[API key]" in refused
    keyed.clear_faults()
    stack.preview("--diff", "--refresh")
    stack.destroy(skip_preview=True)

    exported = stack.run("stack", "export"), stack.run("stack", "history")
    log = json.dumps(keyed.control("GET", "requests"))
    found = leaks(KEY, stack.root, *map(str, exported), log, without=(logs / "stderr",))
    assert found == []


HUSH = {
    name: f"hush-hush {name} of 'nobody'"
    for name in ("name", "description", "label", "property", "entitlement", "identity", "leaver", "later", "mode")
}


def secret(name: str) -> Code:
    return Code(f"pulumi.Output.secret({HUSH[name]!r})")


def secret_profile(**more: Any) -> str:
    return resource(
        "AccessProfile",
        "quiet",
        name="Quiet",
        profile_type="t-app",
        **{
            "description": secret("description"),
            "labels": [secret("label"), "in the open"],
            "custom_properties": {"open": "in the open", "deep": [{"closed": secret("property")}]},
            "entitlements": [entitlement(secret("entitlement"))],
            **more,
        },
    )


def secret_members(*identities: str, **more: Any) -> str:
    members = [secret(each) for each in identities]
    return resource("MembershipSet", "few", profile_id=Code("quiet.id"), identity_ids=members, **more)


@pytest.fixture
def discreet(tenant: Tenant) -> Tenant:
    """Seed a tenant with the secret identities."""
    tenant.seed(
        types=[{"name": "App", "id": "t-app", "allow_create_relationships": True}],
        identities=["ana", HUSH["identity"], HUSH["leaver"], HUSH["later"]],
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
    )
    return tenant


@pytest.mark.slow
@pytest.mark.catalogue(31)
def test_secret_arguments_stay_secret_in_states_previews_notes_and_refusals(
    stack_factory: StackFactory,
    discreet: Tenant,
) -> None:
    stack = stack_factory(environment=discreet.env())
    exports = {name: Code(f"quiet.{name}") for name in ("description", "labels", "custom_properties")}
    exports |= {"members": Code("few.members"), "failures": Code("few.failures")}

    # A first change that fails in part: the failure, its note and its output name an identity.
    discreet.fault(method="PUT", count=None, fail_members=[HUSH["leaver"]])
    stack.write(program(secret_profile(), secret_members("identity", "leaver"), exports=exports))
    assert "1 member of access profile" in stack.up("--diff")
    assert stack.outputs() == {**dict.fromkeys(exports, "[secret]")}
    held = stack.resources()
    assert held["few"]["outputs"]["members"].keys() >= {"ciphertext"}
    assert held["quiet"]["outputs"]["custom_properties"]["open"] == "in the open"
    assert discreet.profile("Quiet")["description"] == HUSH["description"]
    discreet.clear_faults()

    # Drift of what is secret, and its way back.
    discreet.edit_profile("Quiet", description=HUSH["later"])
    discreet.change_members("Quiet", add=[HUSH["later"]])
    stack.refresh("--diff")
    stack.up("--diff", "--refresh")
    assert discreet.profile("Quiet")["description"] == HUSH["description"]
    assert stack.preview_json()["changeSummary"] == {"same": 3}

    # Refusals: of the guard, of a check, and of an adoption that lists what differs.
    stack.write(program(secret_profile(), secret_members("identity", max_removal_percent=0), exports=exports))
    guarded = stack.preview(check=False)
    assert "would remove 1 of 2 members of access profile 'Quiet'" in guarded
    assert ": [secret]; nobody may be removed without a confirmation" in guarded
    stack.write(program(secret_profile(), secret_members("identity", "leaver", mode=secret("mode"))))
    assert "mode: must be one of additive, authoritative, audit" in stack.preview(check=False)
    twin = resource(
        "AccessProfile",
        "twin",
        name=secret("name"),
        profile_type="t-app",
        labels=[secret("later")],
        adopt="identical",
    )
    discreet.seed(profiles=[{"name": HUSH["name"], "profile_type": "t-app", "labels": [HUSH["label"]]}])
    stack.write(program(twin))
    refused = stack.up("--skip-preview", "--target", "**twin", check=False)
    assert "exists already" in refused
    assert "differs in labels; write the same" in refused

    found = [each for value in HUSH.values() for each in leaks(value, stack.root, without=(stack.project,))]
    assert found == []


@pytest.mark.slow
@pytest.mark.catalogue(31)
def test_an_argument_that_becomes_secret_later_is_encrypted_from_then_on(
    stack_factory: StackFactory,
    discreet: Tenant,
) -> None:
    stack = stack_factory(environment=discreet.env())
    crm = {"name": "CRM", "profile_type": "t-app"}
    stack.write(program(resource("AccessProfile", "crm", **crm, description="hush-hush")))
    stack.up(skip_preview=True)
    discreet.clear_requests()
    stack.write(program(resource("AccessProfile", "crm", **crm, description=Code("pulumi.Output.secret('hush-hush')"))))
    stack.up(skip_preview=True)
    state = json.dumps(stack.export())
    assert discreet.requests(mutating=True) == []
    assert stack.preview_json()["changeSummary"] == {"same": 2}
    assert "hush-hush" not in state
