"""Every check, made to fail for real: what it finds, and what it says to do."""

from __future__ import annotations

import datetime
import email.utils
import json
import os
import re
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from pulumi_veza.doctor.catalogue import CHECKS
from pulumi_veza.doctor.examination import Status
from tests.doctor.doctors import KEY, Practice
from tests.support.scripted_server import TLS, Handler, ScriptedServer, reply, silence
from tests.support.tenant import P, Tenant
from veza_simulator.routes import DATASOURCES

OURS = "pulumi-python:dynamic/veza:"


def test_where_all_is_well_every_check_says_so_and_nothing_is_changed(at_tenant: Practice, tenant: Tenant) -> None:
    at_tenant.project("config:\n  veza:timeout: 20\n")
    before = sorted(each.name for each in at_tenant.folder.iterdir())
    at_tenant.python(f'exec "{sys.executable}" "$@"')
    visit = at_tenant.visit("--strict", "--stack", "dev")
    assert (visit.code, visit.wrong()) == (0, {})
    assert visit.check("plugin-python")["finding"].startswith("the first python3 on the PATH is Python 3.")
    assert [each["id"] for each in visit.document["checks"]] == [each.id for each in CHECKS]
    assert visit.check("settings")["finding"] == (
        f"{tenant.url}; url from VEZA_URL, api_key from VEZA_API_KEY, timeout from veza:timeout; 7 defaults"
    )
    assert {each["name"]: each["value"] for each in visit.document["settings"]}["api_key"] == "(given, not shown)"
    assert visit.check("read-types")["finding"] == "readable: 3 types"
    assert visit.status("read-identities") == visit.status("response-forms") == visit.status("clock") == "ok"
    assert tenant.requests(mutating=True) == []
    assert sorted(each.name for each in at_tenant.folder.iterdir()) == before


def test_ids_are_stable() -> None:
    assert {each.id for each in CHECKS} >= {
        "python-version",
        "provider-version",
        "sdk-version",
        "package-versions",
        "engine-version",
        "policy-package",
        "simulator-package",
        "plugin-python",
        "stack-configuration",
        "key-in-plain-text",
        "passphrase",
        "variables",
        "settings",
        "addresses",
        "tenant-moved",
        "backend",
        "state-tenant",
        "checkpoints",
        "interrupted-update",
        "proxy",
        "dns",
        "connection",
        "tls",
        "api",
        "redirect",
        "clock",
        "read-types",
        "read-profiles",
        "read-members",
        "read-identities",
        "read-integrations",
        "read-datasources",
        "response-forms",
    }
    assert len({each.id for each in CHECKS}) == len(CHECKS)


def test_a_wrong_key_is_told_with_where_it_comes_from(at_tenant: Practice, tenant: Tenant) -> None:
    tenant.clear_keys()
    visit = at_tenant.visit()
    assert visit.code == 1
    assert set(visit.wrong()) == {"read-types"}
    assert "not tried: the key is not accepted" in visit.check("read-profiles")["finding"]
    found = visit.check("read-types")
    assert found["finding"].startswith("the tenant answers 401, ")
    assert "give it as VEZA_API_KEY" in found["remedy"]


@pytest.mark.parametrize(
    ("path", "id_", "status"),
    [
        (f"^{P}/access_profiles_types$", "read-types", "problem"),
        (f"^{P}/access_profiles$", "read-profiles", "problem"),
        ("/members$", "read-members", "problem"),
        ("/identities/", "read-identities", "warning"),
        (":available_integrations$", "read-integrations", "problem"),
        (f"^{DATASOURCES}$", "read-datasources", "problem"),
    ],
)
def test_each_endpoint_that_the_key_may_not_read_is_told_by_itself(
    at_tenant: Practice, tenant: Tenant, path: str, id_: str, status: str
) -> None:
    tenant.fault(path=path, status=403, count=None)
    visit = at_tenant.visit()
    assert visit.wrong() == {id_: status}
    assert visit.code == (status == "problem")
    assert "Admin" in visit.check(id_)["remedy"]
    assert at_tenant.visit("--strict").code == 1


@pytest.mark.parametrize(
    ("status", "said"), [(404, "Lifecycle Management is enabled"), (429, "rate limit"), (500, "later")]
)
def test_other_refusals_have_remedies_of_their_own(at_tenant: Practice, tenant: Tenant, status: int, said: str) -> None:
    tenant.fault(path=f"^{DATASOURCES}$", status=status, count=None)
    assert said in at_tenant.visit().check("read-datasources")["remedy"]


def test_a_response_that_this_version_cannot_read_is_told_apart_from_a_missing_permission(
    at_tenant: Practice, tenant: Tenant
) -> None:
    tenant.fault(path=f"^{DATASOURCES}$", status=200, answer={"rows": []}, count=None)
    visit = at_tenant.visit()
    assert visit.wrong() == {"response-forms": "problem"}
    assert "datasources" in visit.check("response-forms")["finding"]
    assert "--bundle" in visit.check("response-forms")["remedy"]


def test_a_closed_port_is_one_problem_and_nothing_more_is_tried(practice: Practice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    practice.set(VEZA_URL=f"http://127.0.0.1:{port}", VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert (visit.code, visit.wrong()) == (1, {"connection": "problem"})
    assert f"127.0.0.1 port {port}" in visit.check("connection")["finding"]
    assert visit.check("read-types")["finding"] == "not tried: the tenant cannot be reached"
    printed = practice.printed()
    assert printed.exit_code == 1
    assert re.search(r"^problem +connection +no connection to 127\.0\.0\.1 port", printed.stdout, re.MULTILINE)
    assert printed.stdout.splitlines()[-1].startswith("1 problem: begin with connection. ")


def test_a_host_that_does_not_exist_is_told(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    # No name server may be asked by a test.
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    practice.set(VEZA_URL="https://acme.invalid", VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert visit.wrong() == {"dns": "problem"}
    assert visit.check("dns")["finding"] == "there is no address of acme.invalid: Name or service not known"


def test_a_tenant_that_never_answers_costs_one_time_out(practice: Practice, server: ScriptedServer) -> None:
    server.script += [silence]
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY, VEZA_TIMEOUT="2", VEZA_MAX_RETRIES="9")
    assert practice.visit().wrong() == {"api": "problem"}
    assert len(server.requests) == 1


def test_a_certificate_that_is_not_trusted_is_told_and_a_bundle_helps(
    practice: Practice, tls_server: ScriptedServer
) -> None:
    practice.set(VEZA_URL=tls_server.url, VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert visit.wrong() == {"tls": "problem"}
    assert "not trusted" in visit.check("tls")["finding"]
    assert "VEZA_CA_BUNDLE" in visit.check("tls")["remedy"]
    assert tls_server.requests == []
    tls_server.script += [reply({"values": [], "has_more": False})] * 20
    practice.set(VEZA_CA_BUNDLE=str(TLS / "certificate.pem"))
    assert practice.visit().status("tls") == "ok"


def test_a_certificate_that_ends_soon_is_a_warning(
    practice: Practice, tls_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_veza.doctor.network.DAYS", 1_000_000)
    tls_server.script += [reply({"values": [], "has_more": False})] * 20
    practice.set(VEZA_URL=tls_server.url, VEZA_API_KEY=KEY, VEZA_CA_BUNDLE=str(TLS / "certificate.pem"))
    visit = practice.visit()
    assert (visit.code, visit.wrong()) == (0, {"tls": "warning"})
    assert "renewed" in visit.check("tls")["remedy"]
    assert practice.visit("--strict").code == 1


def test_what_speaks_no_tls_is_told(practice: Practice, server: ScriptedServer) -> None:
    practice.set(VEZA_URL=server.url.replace("http:", "https:"), VEZA_API_KEY=KEY)
    assert "no usable TLS" in practice.visit().check("tls")["finding"]


def test_an_address_that_redirects_is_told_with_its_target(practice: Practice, server: ScriptedServer) -> None:
    server.script += [reply(status=302, location="https://login.acme.example/start?token=hunter2")]
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert visit.wrong() == {"redirect": "problem"}
    assert "302, a redirect to login.acme.example," in visit.check("redirect")["finding"]
    assert "hunter2" not in json.dumps(visit.document)
    assert len(server.requests) == 1


def test_a_page_in_place_of_the_api_is_told(practice: Practice, server: ScriptedServer) -> None:
    server.script += [reply(body=b"<html><title>Log in</title></html>", content_type="text/html; charset=utf-8")]
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert visit.wrong() == {"api": "problem"}
    assert "text/html" in visit.check("api")["finding"]


@pytest.mark.parametrize(("minutes", "status"), [(0, "ok"), (5, "warning"), (-60, "problem")])
def test_a_clock_that_differs_is_told(practice: Practice, server: ScriptedServer, minutes: int, status: str) -> None:
    body = json.dumps({"values": [], "has_more": False}).encode()

    def dated(handler: Handler) -> None:
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        handler.send_response_only(200)
        handler.send_header("Date", email.utils.format_datetime(moment, usegmt=True))
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    server.script += [dated] * 20
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY)
    visit = practice.visit()
    assert visit.status("clock") == status
    if minutes:
        assert ("behind" if minutes > 0 else "ahead of") in visit.check("clock")["finding"]


def test_a_proxy_is_told_without_its_password(practice: Practice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    practice.set(VEZA_URL="https://acme.example", VEZA_API_KEY=KEY, HTTPS_PROXY=f"http://ana:hunter2@127.0.0.1:{port}")
    visit = practice.visit()
    assert visit.check("proxy")["finding"] == f"the tenant is reached through the proxy 127.0.0.1:{port} (HTTPS_PROXY)"
    assert visit.status("dns") == visit.status("connection") == visit.status("tls") == "skipped"
    assert visit.wrong() == {"api": "problem"}
    assert "hunter2" not in json.dumps(visit.document)


# Settings


def test_without_settings_each_way_to_give_them_is_told(practice: Practice) -> None:
    visit = practice.visit()
    assert visit.wrong() == {"settings": "problem"}
    assert "veza:url is not set" in visit.check("settings")["finding"]
    assert "VEZA_API_KEY" in visit.check("settings")["finding"]


def test_a_key_that_cannot_be_one_is_never_shown(practice: Practice) -> None:
    practice.set(VEZA_URL="https://acme.example", VEZA_API_KEY=f"{KEY} {KEY}")
    assert practice.visit().status("settings") == "problem"


def test_a_key_in_plain_text_in_the_stacks_file_is_told(at_tenant: Practice, tenant: Tenant) -> None:
    at_tenant.project(f"config:\n  veza:url: {tenant.url}\n  veza:apiKey: {KEY}\n")
    visit = at_tenant.visit("--stack", "dev")
    assert visit.wrong() == {"key-in-plain-text": "problem"}
    assert "pulumi config set --secret veza:apiKey" in visit.check("key-in-plain-text")["remedy"]
    assert visit.check("addresses")["finding"] == f"{tenant.url} (from VEZA_URL and veza:url)"


def test_an_encrypted_key_is_not_opened_and_said_to_be_needed_here(practice: Practice) -> None:
    practice.project(
        "encryptionsalt: v1:x\nconfig:\n  veza:url: https://acme.example\n  veza:apiKey:\n    secure: v1:x\n"
    )
    visit = practice.visit("--stack", "dev")
    assert visit.wrong() == {"passphrase": "warning"}
    assert visit.status("settings") == "skipped"
    assert "VEZA_API_KEY" in visit.check("settings")["remedy"]
    practice.set(PULUMI_CONFIG_PASSPHRASE="")
    assert practice.visit("--stack", "dev").wrong() == {}


def test_a_stack_that_does_not_exist_and_a_passphrase_that_opens_nothing_are_told_by_the_engine(
    engine: Path, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = "right", "wrong"
    practice.project()
    practice.set(PULUMI_HOME=str(practice.folder.parent / "home"), PULUMI_CONFIG_PASSPHRASE=right)
    (practice.bin / "pulumi").unlink()
    monkeypatch.setenv("PATH", f"{engine}{os.pathsep}{os.environ['PATH']}")

    def pulumi(*words: str) -> None:
        subprocess.run(["pulumi", *words, "--non-interactive"], cwd=practice.folder, check=True, capture_output=True)

    pulumi("stack", "init", "dev")
    pulumi("config", "set", "--secret", "word", KEY)
    visit = practice.visit("--offline", "--stack", "dev")
    assert visit.check("passphrase")["finding"].endswith("opens the secrets of the stack's configuration")
    assert visit.status("state-tenant") == "ok"
    practice.set(PULUMI_CONFIG_PASSPHRASE=wrong)
    visit = practice.visit("--offline", "--stack", "dev")
    assert visit.check("passphrase")["finding"].endswith(": error: incorrect passphrase")
    visit = practice.visit("--offline", "--stack", "nope")
    assert visit.check("state-tenant")["finding"] == (
        "the state of the stack nope cannot be exported: error: no stack named 'nope' found"
    )


def test_certificates_that_are_not_there_are_told_without_a_connection(practice: Practice, tmp_path: Path) -> None:
    practice.set(VEZA_URL="http://127.0.0.1:1", VEZA_API_KEY=KEY, VEZA_CA_BUNDLE="/nosuch")
    assert "names /nosuch: No such file" in practice.visit("--offline").check("settings")["finding"]
    (tmp_path / "empty.pem").write_text("none")
    practice.set(VEZA_CA_BUNDLE=str(tmp_path / "empty.pem"))
    assert practice.visit("--offline").check("settings")["finding"].endswith(": it holds no PEM certificate")


def test_a_stacks_file_that_cannot_be_read_is_told_once(practice: Practice) -> None:
    practice.project(": [")
    practice.set(VEZA_URL="http://127.0.0.1:1", VEZA_API_KEY=KEY)
    assert practice.visit("--offline", "--stack", "dev").wrong() == {"stack-configuration": "problem"}


@pytest.mark.parametrize(("key", "status"), [("", "problem"), (f"\n  veza:apiKey: {KEY}", "warning")])
def test_two_addresses_are_told_with_the_one_that_is_used(practice: Practice, key: str, status: str) -> None:
    practice.project(f"config:\n  veza:url: https://127.0.0.1:1{key}\n")
    practice.set(VEZA_URL="https://127.0.0.1:2", VEZA_API_KEY=KEY)
    visit = practice.visit("--stack", "dev")
    assert visit.status("addresses") == status
    assert (
        "VEZA_URL names https://127.0.0.1:2 and veza:url names https://127.0.0.1:1"
        in visit.check("addresses")["finding"]
    )


def test_names_that_nothing_reads_are_told_with_what_is_meant(practice: Practice) -> None:
    practice.set(VEZA_APIKEY=KEY, VEZA_DEBUG="1", VEZA_URL="https://127.0.0.1:1")
    practice.project("config:\n  veza:apikey: x\n")
    visit = practice.visit("--stack", "dev")
    assert visit.check("variables")["remedy"] == "write VEZA_API_KEY for VEZA_APIKEY"
    assert "veza:apikey" in visit.check("stack-configuration")["finding"]
    assert "veza:apiKey" in visit.check("stack-configuration")["remedy"]


def test_a_move_that_is_still_confirmed_is_a_warning(at_tenant: Practice, tenant: Tenant) -> None:
    at_tenant.set(VEZA_TENANT_MOVED=f"https://old.example={tenant.url}")
    assert at_tenant.visit().wrong() == {"tenant-moved": "warning"}
    at_tenant.set(VEZA_TENANT_MOVED="nonsense")
    assert at_tenant.visit().wrong() == {"tenant-moved": "problem"}


def test_a_project_that_cannot_be_read_is_told(at_tenant: Practice) -> None:
    at_tenant.project(settings=": [")
    visit = at_tenant.visit()
    assert visit.status("stack-configuration") == "problem"
    assert "Pulumi.yaml cannot be read" in visit.check("stack-configuration")["finding"]
    assert visit.status("read-types") == "ok"


# The engine


def test_a_python_without_the_package_is_told(at_tenant: Practice) -> None:
    at_tenant.python(f'exec "{Path(sys.executable).resolve()}" -I -S "$@"')
    visit = at_tenant.visit()
    assert visit.wrong() == {"plugin-python": "problem"}
    assert "cannot import pulumi_veza: ModuleNotFoundError" in visit.check("plugin-python")["finding"]
    assert "the first python3 on the PATH" in visit.check("plugin-python")["finding"]


def test_a_python_with_another_version_is_told(at_tenant: Practice) -> None:
    at_tenant.python("""echo '{"python": "3.12.1", "version": "0.0.9", "file": "/x/__init__.py"}'""")
    assert "has pulumi-veza 0.0.9, while this is" in at_tenant.visit().check("plugin-python")["finding"]
    at_tenant.python("exit 3")
    assert "does not run: exit code 3" in at_tenant.visit().check("plugin-python")["finding"]


def test_the_python_is_that_of_the_projects_virtual_environment_where_it_has_one(at_tenant: Practice) -> None:
    runtime = "name: test\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n"
    at_tenant.project(settings=runtime)
    assert "venv of the project is not there" in at_tenant.visit().check("plugin-python")["finding"]
    python = at_tenant.folder / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert at_tenant.visit().check("plugin-python")["finding"].startswith("the python of the project's virtual env")


@pytest.mark.parametrize("version", ["v3.100.0", "v2.99.9"])
def test_an_engine_that_is_too_old_or_missing_is_told(at_tenant: Practice, version: str) -> None:
    at_tenant.engine(version=version)
    assert at_tenant.visit().wrong() == {"engine-version": "problem"}
    at_tenant.no_engine()
    assert at_tenant.visit().check("engine-version")["finding"] == "there is no `pulumi` on the PATH"


def test_versions_outside_of_what_is_supported_are_told(at_tenant: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    requires = ["pulumi<4,>=99", "httpx>=0.1; extra == 'x'", "pydantic<1"]
    monkeypatch.setattr("pulumi_veza.doctor.versions.metadata.requires", lambda _: requires)
    visit = at_tenant.visit()
    assert visit.wrong() == {"sdk-version": "problem", "package-versions": "problem"}
    assert ", and <4,>=99 is supported" in visit.check("sdk-version")["finding"]
    # Only what is wrong, by names that are there to be installed: this package itself comes from no index.
    assert visit.check("sdk-version")["remedy"] == "pip install 'pulumi<4,>=99'"
    assert visit.check("package-versions")["remedy"] == "pip install 'pydantic<1'"


def test_this_package_installed_in_another_version_or_not_at_all_is_told(
    at_tenant: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.0.9" if name == "pulumi-veza" else real(name))
    assert at_tenant.visit().wrong() == {"provider-version": "problem"}

    def missing(name: str) -> str:
        if name in {"pulumi-veza", "pulumi-policy", "veza-simulator"}:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", missing)
    visit = at_tenant.visit()
    assert visit.wrong() == {"provider-version": "warning"}
    assert visit.status("policy-package") == visit.status("simulator-package") == "skipped"
    assert "pip install" in visit.check("policy-package")["remedy"]


def test_a_python_that_is_too_old_is_told(at_tenant: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_veza.doctor.versions.OLDEST_PYTHON", (9, 9))
    assert at_tenant.visit().check("python-version")["remedy"] == "use Python 9.9 or later"


def exported(tenant: str, count: int, **inputs: str) -> str:
    resources = [
        {
            "urn": f"urn:pulumi:dev::test::{OURS}AccessProfile::p{index}",
            "type": f"{OURS}AccessProfile",
            "custom": True,
            "id": f"p{index}",
            "inputs": {"name": "P", "profile_type": "t", **inputs},
            "outputs": {"name": "P", "profile_type": "t", "__tenant": tenant},
        }
        for index in range(count)
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def test_a_state_of_another_tenant_and_a_large_one_are_told(at_tenant: Practice, tenant: Tenant) -> None:
    at_tenant.project()
    at_tenant.engine(stack_export=exported("https://other.example", 1), stack_=" dev \n")
    visit = at_tenant.visit()
    assert visit.wrong() == {"state-tenant": "problem"}
    assert visit.check("state-tenant")["finding"] == (
        f"the state is of https://other.example, and the settings name {tenant.url}"
    )
    at_tenant.engine(stack_export=exported(tenant.url, 250), stack_="dev\n")
    visit = at_tenant.visit("--strict")
    assert (visit.code, visit.wrong()) == (0, {})
    assert visit.check("checkpoints")["finding"] == "250 resources"
    assert "PULUMI_SKIP_CHECKPOINTS=true" in visit.check("checkpoints")["remedy"]


@pytest.mark.parametrize(("count", "hint"), [(200, False), (201, True)])
def test_the_fast_mode_is_recommended_above_two_hundred_resources(
    at_tenant: Practice, tenant: Tenant, count: int, hint: bool
) -> None:
    at_tenant.project()
    at_tenant.engine(stack_export=exported(tenant.url, count), stack_="dev\n")
    check = at_tenant.visit().check("checkpoints")
    assert (check["status"], check["finding"], bool(check["remedy"])) == ("ok", f"{count} resources", hint)
    at_tenant.set(PULUMI_SKIP_CHECKPOINTS="true")
    check = at_tenant.visit().check("checkpoints")
    assert (check["status"], check["finding"], check["remedy"]) == ("ok", f"{count} resources in fast mode", "")


def test_the_fast_mode_is_not_recommended_where_a_killed_create_would_not_be_found_again(
    at_tenant: Practice, tenant: Tenant
) -> None:
    at_tenant.project()
    at_tenant.engine(stack_export=exported(tenant.url, 250, adopt="never"), stack_="dev\n")
    assert at_tenant.visit().check("checkpoints")["remedy"] == ""
    at_tenant.set(PULUMI_SKIP_CHECKPOINTS="1")
    visit = at_tenant.visit()
    assert visit.wrong() == {"checkpoints": "warning"}
    assert '250 of them with adopt="never"' in visit.check("checkpoints")["finding"]
    assert "take PULUMI_SKIP_CHECKPOINTS away" in visit.check("checkpoints")["remedy"]


def test_an_update_that_was_killed_is_told(at_tenant: Practice, tenant: Tenant) -> None:
    state = json.loads(exported(tenant.url, 2))
    pending = [{"type": "creating", "resource": each} for each in state["deployment"]["resources"]]
    state["deployment"]["pending_operations"] = pending
    del state["deployment"]["resources"][1]
    at_tenant.project()
    at_tenant.engine(stack_export=json.dumps(state), stack_="dev\n")
    visit = at_tenant.visit()
    assert "`pulumi cancel` first" in visit.check("interrupted-update")["remedy"]
    assert (visit.code, visit.wrong()) == (0, {"interrupted-update": "warning"})
    assert "does not know how 2 operations ended" in visit.check("interrupted-update")["finding"]
    assert at_tenant.visit("--strict").code == 1


def test_an_update_that_was_killed_and_done_again_is_no_warning(at_tenant: Practice, tenant: Tenant) -> None:
    state = json.loads(exported(tenant.url, 2))
    state["deployment"]["pending_operations"] = [
        {"type": "creating", "resource": each} for each in state["deployment"]["resources"]
    ]
    at_tenant.project()
    at_tenant.engine(stack_export=json.dumps(state), stack_="dev\n")
    visit = at_tenant.visit()
    assert (visit.code, visit.wrong()) == (0, {})
    assert "a later one has done what it left open" in visit.check("interrupted-update")["finding"]
    assert "pulumi refresh --clear-pending-creates" in visit.check("interrupted-update")["remedy"]


def test_a_backend_that_is_missing_or_not_logged_in_is_told(at_tenant: Practice, tmp_path: Path) -> None:
    at_tenant.set(PULUMI_BACKEND_URL=(tmp_path / "nowhere").as_uri())
    assert at_tenant.visit().wrong() == {"backend": "problem"}
    at_tenant.set(PULUMI_BACKEND_URL="https://api.pulumi.com")
    assert "nobody is logged in" in at_tenant.visit().check("backend")["finding"]
    at_tenant.engine(whoami="ana\n")
    visit = at_tenant.visit()
    assert visit.check("backend")["finding"] == "the service at api.pulumi.com, logged in"
    at_tenant.set(PULUMI_BACKEND_URL="")
    assert at_tenant.visit().wrong() == {"backend": "warning"}


# What is sent


def test_offline_nothing_leaves_the_machine(practice: Practice, server: ScriptedServer) -> None:
    practice.project()
    practice.set(VEZA_URL=server.url, VEZA_API_KEY=KEY, PULUMI_BACKEND_URL="https://api.pulumi.com")
    visit = practice.visit("--offline")
    assert (visit.code, visit.wrong()) == (0, {})
    assert (server.connections, server.requests) == (0, [])
    online = {each.id for each in CHECKS if each.online}
    assert {each["id"] for each in visit.document["checks"] if "--offline" in each["finding"]} == online
    # The engine is asked for its version alone, which it knows by itself.
    assert set(practice.log.read_text().splitlines()) == {"version --non-interactive"}


def test_every_problem_and_warning_has_a_remedy(practice: Practice) -> None:
    practice.set(VEZA_URL="https://127.0.0.1:1", VEZA_APIKEY="x", PULUMI_BACKEND_URL="")
    for each in practice.visit().document["checks"]:
        if each["status"] in {Status.PROBLEM.value, Status.WARNING.value}:
            assert each["remedy"]
