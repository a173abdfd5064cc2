"""``pulumi-veza simulate`` and ``veza-simulator`` as a user runs them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_veza.cli import missing_package
from tests.support.tenant import Tenant
from veza_simulator.cli import simulate
from veza_simulator.server import kept_port

SIMULATE = (sys.executable, "-m", "pulumi_veza.cli", "simulate")
BY_ITSELF = (sys.executable, "-m", "veza_simulator")

either_command = pytest.mark.parametrize("simulator", [SIMULATE, BY_ITSELF], ids=["pulumi-veza", "veza-simulator"])


def refusal(**options: Any) -> str:
    """Return the line that the command ends with."""
    with pytest.raises(SystemExit) as ended:
        simulate(port=0, **options)
    assert isinstance(ended.value.code, str)
    assert "\n" not in ended.value.code
    return ended.value.code


@either_command
def test_it_says_where_it_is_what_to_export_and_how_to_stop_and_stops_quietly(simulator: tuple[str, ...]) -> None:
    command = [*simulator, "--port", "0", "--token", "a-key"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = process.stdout.readline().strip()
        url = ready.rpartition(" ")[2]
        assert ready == f"Simulated Veza tenant ready at {url}"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        rest, errors = process.stdout.read(), process.stderr.read()
    assert rest.split("\n") == [
        "",
        f"  export VEZA_URL={url}",
        "  export VEZA_API_KEY=a-key",
        "",
        "Stop it with Ctrl-C.",
        "",
    ]
    assert (process.returncode, errors) == (0, "")


def test_quiet_prints_one_line() -> None:
    tenant = Tenant.start()
    process = tenant._process
    assert process is not None
    assert process.stdout is not None
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert process.stdout.read() == ""
    tenant.close()


@either_command
def test_a_port_in_use_is_one_line_that_says_what_to_do(simulator: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [*simulator, "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"Port {port} on 127.0.0.1 is in use: stop what uses it, or choose another with --port (0 takes a free one)\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])  # noqa: S104 - refused
def test_listening_off_this_machine_is_refused(host: str) -> None:
    line = refusal(host=host)
    assert line.startswith(f"{host} can be reached from other machines")
    assert "--allow-remote" in line


def test_listening_off_this_machine_can_be_allowed() -> None:
    with Tenant.start(extra=["--host", "0.0.0.0", "--allow-remote"]) as tenant:  # noqa: S104 - what is tested
        assert tenant.url.startswith("http://0.0.0.0:")
        tenant.url = f"http://127.0.0.1:{tenant.port}"
        assert tenant.control("GET", "health") == {"status": "ok"}


def test_an_address_that_is_not_here_is_one_line() -> None:
    assert refusal(host="192.0.2.1", allow_remote=True).startswith("Cannot listen on 192.0.2.1 port 0: ")


def test_a_database_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    garbage = tmp_path / "notes.txt"
    garbage.write_text("not a database, and longer than a header would be " * 40)
    for database in (garbage, tmp_path / "missing" / "tenant.db"):
        assert refusal(db=database).startswith(f"--db {database}: ")


def test_a_restart_with_a_database_keeps_the_tenant(tmp_path: Path) -> None:
    with Tenant.start(seed="demo", db=tmp_path / "tenant.db") as tenant:
        tenant.seed(types=[{"id": "t", "name": "T"}], profiles=[{"name": "P", "profile_type": "t", "members": ["x"]}])
        tenant.quirks(random_order=True)
        before, url = tenant.state(), tenant.url
        tenant.restart()
        assert (tenant.state(), tenant.url) == (before, url)
        tenant.kill()
        tenant.restart()
        assert tenant.state() == before


def test_a_tenant_in_a_file_keeps_its_address_and_says_so_where_that_is_taken(tmp_path: Path) -> None:
    database = tmp_path / "tenant.db"
    with Tenant.start(db=database) as tenant:
        port = tenant.port
        assert kept_port(database) == port
        tenant.control("POST", "reset")
    command = [*SIMULATE, "--db", str(database), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Simulated Veza tenant ready at http://127.0.0.1:{port}\n"
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        elsewhere = [*command, "--port", "0"]
        third = subprocess.run(elsewhere, capture_output=True, text=True, timeout=30, check=False)
        process.terminate()
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} on 127.0.0.1, the address of this tenant, is in use: stop what uses")
    assert second.stderr.count("\n") == 1
    assert third.returncode == 1
    assert third.stderr == (
        f"--db {database}: another simulator serves this tenant, at port {port}: use that one, or stop it; two on one "
        "file would undo each other's changes\n"
    )
    with Tenant.start(db=database) as moved:
        assert kept_port(database) == moved.port != port
    assert kept_port(tmp_path / "missing.db") is None


def test_the_demo_company_has_people_and_datasources_and_no_profiles() -> None:
    with Tenant.start(seed="demo") as tenant:
        state = tenant.state()
        [ana] = [each for each in state["identities"] if each["id"] == "id-ana.ruiz"]
        assert (ana["name"], ana["title"], ana["department"]) == ("Ana Ruiz", "Engineer", "Engineering")
        assert len({each["id"] for each in state["identities"]}) == 30
        integrations = {each["id"]: each["provider_type"] for each in state["datasources"]}
        assert integrations == {
            "sf-prod": "SALESFORCE",
            "ad-corp": "ACTIVE_DIRECTORY",
            "okta-main": "OKTA",
            "snow-dw": "SNOWFLAKE",
        }
        assert set(integrations.values()) <= set(state["integrations"])
        assert state["types"] == state["profiles"] == []


def test_the_read_only_token_is_an_option() -> None:
    with Tenant.start(read_only_token="reading") as tenant:  # noqa: S106 - opens a simulator
        headers = {"authorization": "Bearer reading"}
        assert tenant.api("GET", "access_profiles", headers=headers).status_code == 200
        assert tenant.api("POST", "access_profiles_types", json={"name": "T"}, headers=headers).status_code == 403


def test_stopping_lets_go_what_is_held() -> None:
    with Tenant.start() as tenant:
        fault = tenant.fault(hold="before_commit")
        with socket.create_connection(("127.0.0.1", tenant.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            fault.wait_until_holding()
            assert tenant.stop() == 0
            assert connection.recv(12) == b"HTTP/1.1 401"


def test_a_missing_package_is_one_line_that_names_the_extra() -> None:
    missing = ModuleNotFoundError("No module named 'pulumi_policy'", name="pulumi_policy")
    line = missing_package(missing, "policy")
    assert line == "This needs the package 'pulumi_policy': pip install '.[policy]', in a checkout of pulumi-veza"
    ours = ModuleNotFoundError("No module named 'pulumi_veza.nothing'", name="pulumi_veza.nothing")
    with pytest.raises(ModuleNotFoundError):
        missing_package(ours)


def without(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``pulumi-veza`` where a package is not installed."""
    program = f"import sys; sys.modules[{package!r}] = None; from pulumi_veza.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


CHECKOUT = "pip install ./simulator, in a checkout of pulumi-veza"


@pytest.mark.parametrize(
    ("package", "says", "arguments"),
    [
        (
            "typer",
            ", which pulumi-veza was installed without: `pip check` lists what is missing, to be installed by its name",
            [],
        ),
        ("veza_simulator", f": {CHECKOUT}", ["simulate", "--port", "0", "--seed", "demo"]),
        ("starlette", f": {CHECKOUT}", ["simulate", "--port", "0"]),
    ],
)
def test_where_a_package_is_missing_one_line_says_how_to_install_it(
    package: str, says: str, arguments: list[str]
) -> None:
    result = without(package, *arguments)
    # The simulator by itself has no findings whose code this could be.
    assert (result.returncode, result.stdout) == (1 if package == "starlette" else 2, "")
    assert result.stderr == f"This needs the package {package!r}{says}\n"


def test_the_command_is_listed_alike_whether_the_simulator_is_installed_or_not() -> None:
    installed, missing = (without(package, "--help").stdout for package in ("a_package_of_nobody", "veza_simulator"))
    assert "simulate     Run an offline Veza tenant" in installed
    assert missing == installed


def test_the_harness_tells_a_simulator_that_does_not_start(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        Tenant.start(extra=["--no-such-option"])
    assert "--no-such-option" in capfd.readouterr().err


TWIN = {
    "version": 1,
    "copy_of": {
        "tenant": "https://acme.example",
        "types": [{"id": "t", "name": "Role", "max_entitlements": 0}],
        "profiles": [
            {
                "id": "heir",
                "name": "Sellers",
                "profile_type": "t",
                "state": "RUNNING",
                "current_version_number": 4,
                "versions": [
                    {
                        "version_number": 4,
                        "state": "PUBLISHED",
                        "inherit_entities_from_access_profiles": ["later", "missing"],
                        "entities_to_create_relationships_to": [{"entity_type": "Group", "datasource_id": "gone"}],
                        "members": [{"identity_id": "ana"}, {"identity_id": "ana", "created_from": "BIRTHRIGHT"}],
                    }
                ],
            },
            {"id": "later", "name": "Sellers", "profile_type": "no-type", "current_version_number": 1},
        ],
    },
}


def test_a_tenant_from_a_file_is_served_with_its_ids_and_whatever_breaks_a_rule(tmp_path: Path) -> None:
    file, database = tmp_path / "tenant.json", tmp_path / "tenant.db"
    file.write_text(json.dumps(TWIN))
    with Tenant.start(db=database, extra=["--tenant", str(file)]) as tenant:
        heir, later = tenant.profiles()
        assert (heir["id"], heir["current_version_number"], heir["access_profiles_inherited"]) == (
            "heir",
            4,
            ["later", "missing"],
        )
        assert later["access_profiles_inherited_by"] == ["heir"]
        assert [each["created_from"] for each in heir["member_details"]] == ["ACCESS_PROFILE_MEMBERSHIP", "BIRTHRIGHT"]
        change = {"access_profile_id": "heir", "version_number": 4, "type": "ADD", "identity_ids": ["a-stranger"]}
        assert tenant.api("PUT", "access_profiles/heir/versions/4/members", json=change).status_code == 200
        before = tenant.state()
        tenant.restart()
        assert tenant.state() == before


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "it cannot be read: No such file or directory"),
        ("{", "it is not JSON, or is cut off; write it again"),
        ("[]", "it is not a JSON object; write it again"),
        ('{"version": 2}', "version: 2 is not supported, only 1; write it again"),
        ('{"copy_of": {"profiles": [{}]}}', "copy_of.profiles.0.id: Field required; write it again"),
        (
            '{"copy_of": {"profiles": [{"id": "p", "versions": [{}], "stat": 1}]}}',
            "copy_of.profiles.0.versions.0.version_number: Field required (and 1 more); write it again",
        ),
        ('{"ids": []}', "ids: there is no such field; write it again"),
        (
            '{"copy_of": {"types": [{"id": "t"}, {"id": "t"}]}}',
            "there is a type 't' already; correct the file, or write it again",
        ),
    ],
)
def test_a_file_that_is_no_tenant_is_one_line_that_names_the_place(tmp_path: Path, text: str | None, why: str) -> None:
    file = tmp_path / "tenant.json"
    if text is not None:
        file.write_text(text)
    assert refusal(tenant=file).startswith(f"--tenant {file}: {why}")
